/* json_write.c: the pieces that answers are joined from. */
#include "codec/json.h"
#include "codec/json_string.h"
#include "codec/number.h"

#include <string.h>

enum { ESCAPED_MAX = 6 }; /* \u001f */

static char *put_escaped(char byte, char *out)
{
    static const char hex[] = "0123456789abcdef";
    static const char letters[] = "\"\\\b\f\n\r\t";
    static const char escapes[] = "\"\\bfnrt";
    *out++ = '\\';
    const char *letter = memchr(letters, byte, sizeof letters - 1);
    if (letter != NULL) {
        *out++ = escapes[letter - letters];
        return out;
    }
    memcpy(out, "u00", 3);
    out[3] = hex[(unsigned char)byte >> 4];
    out[4] = hex[byte & 15];
    return out + 5;
}

void oe__json_write_string(oe__buffer *buffer, const char *bytes, size_t length)
{
    oe__buffer_add_char(buffer, '"');
    while (length > 0) {
        size_t plain = oe__json_plain_run(bytes, length, true);
        oe__buffer_add(buffer, bytes, plain);
        if (plain < length) {
            char *out = oe__buffer_reserve(buffer, ESCAPED_MAX);
            if (out != NULL)
                buffer->length += (size_t)(put_escaped(bytes[plain], out) - out);
            plain++;
        }
        bytes += plain;
        length -= plain;
    }
    oe__buffer_add_char(buffer, '"');
}

char *oe__json_put_inside(char *out, const char *bytes, size_t length)
{
    while (length > 0) {
        size_t plain = oe__json_plain_run(bytes, length, true);
        memcpy(out, bytes, plain);
        out += plain;
        if (plain < length)
            out = put_escaped(bytes[plain++], out);
        bytes += plain;
        length -= plain;
    }
    return out;
}

void oe__json_write_number(oe__buffer *buffer, double value)
{
    char *out = oe__buffer_reserve(buffer, OE_NUMBER_TEXT_MAX);
    if (out != NULL)
        buffer->length += oe__number_write(value, out);
}

void oe__json_write_tenths(oe__buffer *buffer, double value)
{
    char *out = oe__buffer_reserve(buffer, OE_NUMBER_TEXT_MAX);
    if (out != NULL)
        buffer->length += oe__number_write_tenths(value, out);
}
