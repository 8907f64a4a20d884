/* digest.c: the only user of libxxhash, whose functions are taken from its header. */
#include "store/digest.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

void oe__digest(const void *bytes, size_t length, int64_t at_ms,
                unsigned char digest[OE__DIGEST_SIZE])
{
    XXH128_canonical_t canonical;
    /* A seed for all of the bytes would cost half as much again. */
    XXH128_hash_t plain = XXH3_128bits(bytes, length);
    uint64_t whole[] = {plain.low64, plain.high64, (uint64_t)at_ms};
    XXH128_canonicalFromHash(&canonical, XXH3_128bits(whole, sizeof whole));
    memcpy(digest, canonical.digest, OE__DIGEST_SIZE);
}
