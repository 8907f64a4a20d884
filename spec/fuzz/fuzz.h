/* fuzz.h: what the fuzz targets share. Included by one file per program. Each target is one
 * function that libFuzzer calls with random bytes; it fails by ending the program. */
#ifndef OE_SPEC_FUZZ_H
#define OE_SPEC_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__GNUC__)
#define FUZZ__MAYBE_UNUSED __attribute__((unused))
#else
#define FUZZ__MAYBE_UNUSED
#endif

/* What must hold for every input. */
#define FUZZ_CHECK(condition)                                                                  \
    do {                                                                                       \
        if (!(condition)) {                                                                    \
            fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition);     \
            abort();                                                                           \
        }                                                                                      \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length);

/* A copy of exactly these bytes and `extra` zeros, so that a read behind its end is found. The
 * caller frees. */
FUZZ__MAYBE_UNUSED static char *fuzz_copy(const uint8_t *data, size_t length, size_t extra)
{
    char *copy = malloc(length + extra > 0 ? length + extra : 1);
    if (copy == NULL)
        exit(0);
    if (length > 0)
        memcpy(copy, data, length);
    memset(copy + length, 0, extra);
    return copy;
}

/* A random sequence that the input decides; never 0 as a state. */
FUZZ__MAYBE_UNUSED static uint64_t fuzz_seed(const uint8_t *data, size_t length)
{
    uint64_t hash = 0xcbf29ce484222325U;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ data[i]) * 0x100000001b3U;
    return hash | 1U;
}

FUZZ__MAYBE_UNUSED static size_t fuzz_below(uint64_t *state, size_t below)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (size_t)((*state * 0x2545F4914F6CDD1DU) >> 33) % below;
}

#endif
