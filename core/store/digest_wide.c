/* digest_wide.c: the same hash, compiled for processors with AVX2: an answer of some kilobytes
 * takes them half the time. Nobody else may be compiled so. */
#include "store/digest.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

void oe__digest_wide(const void *bytes, size_t length, uint64_t halves[2])
{
    XXH128_hash_t hash = XXH3_128bits(bytes, length);
    halves[0] = hash.low64;
    halves[1] = hash.high64;
}
