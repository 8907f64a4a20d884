/* digest.c: the only user of libxxhash, whose functions are taken from its header. */
#include "store/digest.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

void oe__digest(const void *bytes, size_t length, int64_t at_ms,
                unsigned char digest[OE__DIGEST_SIZE])
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical,
                             XXH3_128bits_withSeed(bytes, length, (XXH64_hash_t)at_ms));
    memcpy(digest, canonical.digest, OE__DIGEST_SIZE);
}
