/* digest.c: the digest with what every machine of the architecture can do, and the choice. It
 * and digest_wide.c are the only users of libxxhash, whose functions are taken from its header.
 */
#include "store/digest.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

void oe__digest_plain(const void *bytes, size_t length, uint64_t halves[2])
{
    XXH128_hash_t hash = XXH3_128bits(bytes, length);
    halves[0] = hash.low64;
    halves[1] = hash.high64;
}

#if defined(__x86_64__)
bool oe__digest_is_wide(void)
{
    return __builtin_cpu_supports("avx2") != 0;
}
#else
bool oe__digest_is_wide(void)
{
    return false;
}
#endif

void oe__digest(const void *bytes, size_t length, int64_t at_ms,
                unsigned char digest[OE__DIGEST_SIZE])
{
    XXH128_canonical_t canonical;
    /* A seed for all of the bytes would cost half as much again. */
    uint64_t whole[] = {0, 0, (uint64_t)at_ms};
    if (length > OE__DIGEST_SHORT && oe__digest_is_wide())
        oe__digest_wide(bytes, length, whole);
    else
        oe__digest_plain(bytes, length, whole);
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(whole, sizeof whole));
    memcpy(digest, canonical.digest, OE__DIGEST_SIZE);
}
