/* varint.h: whole numbers in as few bytes as they need: seven bits a byte, the low ones first,
 * the high bit on all but the last. Signed ones are folded so that small ones stay short. */
#ifndef OE_CODEC_VARINT_H
#define OE_CODEC_VARINT_H

#include <stdbool.h>
#include <stdint.h>

enum { OE_VARINT_MAX = 10 };

static inline uint64_t oe__varint_fold(int64_t value)
{
    return ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);
}

static inline int64_t oe__varint_unfold(uint64_t folded)
{
    return (int64_t)(folded >> 1 ^ (0 - (folded & 1)));
}

/* Returns where it ends; there must be room for OE_VARINT_MAX bytes. */
static inline char *oe__varint_put(char *at, uint64_t value)
{
    while (value >= 0x80) {
        *at++ = (char)(unsigned char)(value | 0x80);
        value >>= 7;
    }
    *at++ = (char)(unsigned char)value;
    return at;
}

static inline bool oe__varint_get_long(const char **at, const char *end, uint64_t *value)
{
    uint64_t sum = 0;
    for (unsigned shift = 0; shift < 64 && *at < end; shift += 7) {
        unsigned char byte = (unsigned char)*(*at)++;
        if (shift == 63 && byte > 1)
            return false;
        sum |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) != 0)
            continue;
        *value = sum;
        return byte != 0 || shift == 0;
    }
    return false;
}

/* Reads one at *at, which advances. false: it does not end before `end`, is longer than it need
 * be, or needs more than 64 bits. Most have one byte or two. */
static inline bool oe__varint_get(const char **at, const char *end, uint64_t *value)
{
    const char *place = *at;
    if (end - place < 2)
        return oe__varint_get_long(at, end, value);
    unsigned first = (unsigned char)place[0], second = (unsigned char)place[1];
    if (first < 0x80) {
        *value = first;
        *at = place + 1;
        return true;
    }
    if (second >= 0x80)
        return oe__varint_get_long(at, end, value);
    *value = (first & 0x7f) | second << 7;
    *at = place + 2;
    return second != 0;
}

#endif
