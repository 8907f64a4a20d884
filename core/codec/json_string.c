/* json_string.c: scanning, unescaping, hashing and comparing the inside of JSON strings. */
#include "codec/json_string.h"

#include "codec/json.h"
#include "engine/text.h"

#include <string.h>

enum { WORD = 8, ESCAPE_LENGTH = 6 }; /* \u00e9 */

/* The first byte of memory becomes the lowest of the word on every machine; compilers make one
 * load of it. */
static uint64_t load_word(const char *bytes)
{
    const unsigned char *at = (const unsigned char *)bytes;
    return (uint64_t)at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 |
           (uint64_t)at[3] << 24 | (uint64_t)at[4] << 32 | (uint64_t)at[5] << 40 |
           (uint64_t)at[6] << 48 | (uint64_t)at[7] << 56;
}

/* Sets the top bit of every byte that is not plain. Bytes above the lowest one found may be set
 * wrongly. */
static uint64_t special_bytes(uint64_t word, bool any_utf8)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t quote = word ^ (ones * '"'), backslash = word ^ (ones * '\\');
    uint64_t found = ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) |
                     ((word - ones * 0x20) & ~word) | (any_utf8 ? 0 : word);
    return found & (ones * 0x80);
}

size_t oe__json_plain_run(const char *bytes, size_t length, bool any_utf8)
{
    size_t at = 0;
    for (; length - at >= WORD; at += WORD) {
        uint64_t found = special_bytes(load_word(bytes + at), any_utf8);
        if (found != 0)
            return at + (size_t)__builtin_ctzll(found) / 8;
    }
    for (; at < length; at++) {
        unsigned char byte = (unsigned char)bytes[at];
        if (byte < 0x20 || byte == '"' || byte == '\\' || (byte >= 0x80 && !any_utf8))
            break;
    }
    return at;
}

static int hex_value(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    int letter = byte | 0x20;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* The code unit of a complete \uXXXX at the start, -1 if there is none. */
static int32_t code_unit(const char *bytes, size_t length)
{
    if (length < ESCAPE_LENGTH || bytes[0] != '\\' || bytes[1] != 'u')
        return -1;
    int32_t unit = 0;
    for (size_t i = 2; i < ESCAPE_LENGTH; i++) {
        int digit = hex_value(bytes[i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static bool is_high_surrogate(int32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}
static bool is_low_surrogate(int32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* From the backslash of a \u, which may be missing behind a first half. NULL with *at behind
 * it, or the fault with *at at the first byte that does not fit. */
static const char *scan_code_unit(const char *bytes, size_t length, size_t *at)
{
    for (const char *fixed = "\\u"; *fixed != '\0'; fixed++, ++*at)
        if (*at == length || bytes[*at] != *fixed)
            return "expected the second half of a surrogate pair";
    for (size_t end = *at + 4; *at < end; ++*at)
        if (*at == length || hex_value(bytes[*at]) < 0)
            return "expected a hexadecimal digit";
    return NULL;
}

static const char *scan_unicode_escape(const char *bytes, size_t length, size_t *at)
{
    size_t start = *at;
    const char *fault = scan_code_unit(bytes, length, at);
    if (fault != NULL)
        return fault;
    int32_t unit = code_unit(bytes + start, *at - start);
    if (is_high_surrogate(unit)) {
        size_t second = *at;
        fault = scan_code_unit(bytes, length, at);
        if (fault != NULL || is_low_surrogate(code_unit(bytes + second, *at - second)))
            return fault;
        fault = "first half of a surrogate pair without the second";
    } else if (is_low_surrogate(unit)) {
        fault = "second half of a surrogate pair without the first";
    } else if (unit == 0) {
        fault = "escape of U+0000";
    }
    if (fault != NULL)
        *at = start;
    return fault;
}

/* From the backslash. NULL with *at behind the escape, or the fault with *at at the offending
 * byte. */
static const char *scan_escape(const char *bytes, size_t length, size_t *at)
{
    size_t letter = *at + 1;
    if (letter < length && bytes[letter] == 'u')
        return scan_unicode_escape(bytes, length, at);
    *at = letter;
    if (letter == length || memchr("\"\\/bfnrt", bytes[letter], 8) == NULL)
        return "expected one of \" \\ / b f n r t u";
    *at = letter + 1;
    return NULL;
}

/* A run of bytes above ASCII; *at moves behind it or to the first malformed character. */
static const char *scan_utf8(const char *bytes, size_t length, size_t *at)
{
    size_t end = *at;
    while (end < length && (unsigned char)bytes[end] >= 0x80)
        end++;
    if (oe__text_is_utf8(bytes + *at, end - *at)) {
        *at = end;
        return NULL;
    }
    for (;;) {
        unsigned char first = (unsigned char)bytes[*at];
        size_t step = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        if (step > end - *at || !oe__text_is_utf8(bytes + *at, step))
            return "malformed UTF-8";
        *at += step;
    }
}

const char *oe__json_scan_string(const char *bytes, size_t length, size_t *at, bool *escaped)
{
    for (;;) {
        *at += oe__json_plain_run(bytes + *at, length - *at, false);
        if (*at == length)
            return "expected the closing quote of a string";
        const char *fault = NULL;
        if (bytes[*at] == '"')
            return NULL;
        if (bytes[*at] == '\\') {
            *escaped = true;
            fault = scan_escape(bytes, length, at);
        } else if ((unsigned char)bytes[*at] >= 0x80) {
            fault = scan_utf8(bytes, length, at);
        } else {
            fault = "unescaped control character in a string";
        }
        if (fault != NULL)
            return fault;
    }
}

static size_t put_utf8(uint32_t character, char out[4])
{
    if (character < 0x80) {
        out[0] = (char)character;
        return 1;
    }
    size_t length = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    static const unsigned char lead[5] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (character & 0x3F));
        character >>= 6;
    }
    out[0] = (char)(lead[length] | character);
    return length;
}

static char short_escape(char letter)
{
    switch (letter) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return letter;
    }
}

/* One byte or one escape of a slice that the scanner let through. Returns how many bytes it
 * stands for. */
static size_t next_text(const char *bytes, size_t length, size_t *at, char out[4])
{
    const char *from = bytes + *at;
    size_t left = length - *at;
    if (from[0] != '\\' || left < 2) {
        out[0] = from[0];
        *at += 1;
        return 1;
    }
    int32_t unit = code_unit(from, left);
    if (unit < 0) {
        out[0] = short_escape(from[1]);
        *at += 2;
        return 1;
    }
    *at += ESCAPE_LENGTH;
    uint32_t character = (uint32_t)unit;
    if (is_high_surrogate(unit)) {
        int32_t low = code_unit(from + ESCAPE_LENGTH, left - ESCAPE_LENGTH);
        *at += low < 0 ? 0 : ESCAPE_LENGTH;
        character = 0x10000 + ((character & 0x3FF) << 10) + ((uint32_t)low & 0x3FF);
    }
    return put_utf8(character, out);
}

size_t oe__json_unescape(const char *bytes, size_t length, char *out, size_t capacity)
{
    size_t written = 0;
    for (size_t at = 0; at < length;) {
        char piece[4];
        size_t count = next_text(bytes, length, &at, piece);
        for (size_t i = 0; i < count; i++, written++)
            if (written < capacity)
                out[written] = piece[i];
    }
    return written;
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 32;
}

/* Words of eight bytes of text. What has no escapes is loaded, what has some is gathered byte
 * by byte. */
uint32_t oe__json_text_hash(const char *bytes, size_t length, bool escaped)
{
    uint64_t hash = 0, word = 0;
    size_t at = 0;
    if (!escaped)
        for (; length - at >= WORD; at += WORD)
            hash = mix(hash, load_word(bytes + at));
    size_t count = at; /* of text */
    while (at < length) {
        char piece[4] = {bytes[at]};
        size_t pieces = 1;
        if (escaped)
            pieces = next_text(bytes, length, &at, piece);
        else
            at++;
        for (size_t i = 0; i < pieces; i++) {
            word |= (uint64_t)(unsigned char)piece[i] << (count % WORD * 8);
            if (++count % WORD == 0) {
                hash = mix(hash, word);
                word = 0;
            }
        }
    }
    return (uint32_t)mix(mix(hash, word), count);
}

bool oe__json_text_same(const char *a, size_t a_length, const char *b, size_t b_length,
                        bool escaped)
{
    if (!escaped)
        return a_length == b_length && memcmp(a, b, a_length) == 0;
    size_t a_at = 0, b_at = 0, a_count = 0, b_count = 0, a_used = 0, b_used = 0;
    char a_piece[4], b_piece[4];
    for (;;) {
        if (a_used == a_count) {
            a_count = a_at < a_length ? next_text(a, a_length, &a_at, a_piece) : 0;
            a_used = 0;
        }
        if (b_used == b_count) {
            b_count = b_at < b_length ? next_text(b, b_length, &b_at, b_piece) : 0;
            b_used = 0;
        }
        if (a_used == a_count || b_used == b_count)
            return a_used == a_count && b_used == b_count;
        if (a_piece[a_used++] != b_piece[b_used++])
            return false;
    }
}
