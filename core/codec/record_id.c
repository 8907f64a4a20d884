/* record_id.c: the ids of decisions. */
#include "codec/record.h"

#include <string.h>

void oe__record_make_id(unsigned char id[OE_RECORD_ID_SIZE], int64_t at_ms, uint32_t sequence,
                        uint64_t random)
{
    uint64_t time = (uint64_t)at_ms & UINT64_C(0xffffffffffff);
    uint64_t high = time << 16 | 0x7000 | (sequence >> 14 & 0xfff);
    uint64_t low = UINT64_C(2) << 62 | (uint64_t)(sequence & 0x3fff) << 48 |
                   (random & UINT64_C(0xffffffffffff));
    for (unsigned i = 0; i < 8; i++) {
        id[i] = (unsigned char)(high >> (56 - 8 * i) & 0xff);
        id[8 + i] = (unsigned char)(low >> (56 - 8 * i) & 0xff);
    }
}

int64_t oe__record_id_ms(const unsigned char id[OE_RECORD_ID_SIZE])
{
    uint64_t high =
        (uint64_t)id[0] << 24 | (uint64_t)id[1] << 16 | (uint64_t)id[2] << 8 | id[3];
    return (int64_t)(high << 16 | (uint64_t)id[4] << 8 | id[5]);
}

void oe__record_id_write(const unsigned char id[OE_RECORD_ID_SIZE],
                         char text[OE_RECORD_ID_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < OE_RECORD_ID_SIZE; i++) {
        text[2 * i] = digits[id[i] >> 4];
        text[2 * i + 1] = digits[id[i] & 15];
    }
}

static int digit_of(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    char lower = (char)(byte | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool oe__record_id_read(const char *text, size_t length, unsigned char id[OE_RECORD_ID_SIZE])
{
    size_t digits = 0;
    bool is_dashed = length == OE_RECORD_ID_TEXT + 4;
    if (!is_dashed && length != OE_RECORD_ID_TEXT)
        return false;
    memset(id, 0, OE_RECORD_ID_SIZE);
    for (size_t i = 0; i < length; i++) {
        if (is_dashed && (i == 8 || i == 13 || i == 18 || i == 23)) {
            if (text[i] != '-')
                return false;
            continue;
        }
        int digit = digit_of(text[i]);
        if (digit < 0)
            return false;
        id[digits / 2] = (unsigned char)(id[digits / 2] << 4 | digit);
        digits++;
    }
    return true;
}
