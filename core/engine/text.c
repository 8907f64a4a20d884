/* text.c: byte buffer, UTF-8 and id checks. */
#include "engine/text.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 256, ID_MAX = 128 };

void oe__buffer_free(oe__buffer *buffer)
{
    free(buffer->data);
    *buffer = (oe__buffer){0};
}

static bool grow(oe__buffer *buffer, size_t needed)
{
    size_t capacity = buffer->capacity ? buffer->capacity : FIRST_CAPACITY;
    while (capacity < needed) {
        if (capacity > SIZE_MAX / 2)
            return false;
        capacity *= 2;
    }
    char *data = realloc(buffer->data, capacity);
    if (data == NULL)
        return false;
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

char *oe__buffer_reserve(oe__buffer *buffer, size_t extra)
{
    if (buffer->failed)
        return NULL;
    if (extra > buffer->capacity - buffer->length &&
        (extra > SIZE_MAX - buffer->length || !grow(buffer, buffer->length + extra))) {
        buffer->failed = true;
        return NULL;
    }
    return buffer->data + buffer->length;
}

void oe__buffer_add(oe__buffer *buffer, const char *bytes, size_t length)
{
    if (length == 0)
        return;
    char *end = oe__buffer_reserve(buffer, length);
    if (end == NULL)
        return;
    memcpy(end, bytes, length);
    buffer->length += length;
}

void oe__buffer_add_text(oe__buffer *buffer, const char *terminated)
{
    oe__buffer_add(buffer, terminated, strlen(terminated));
}

void oe__buffer_add_char(oe__buffer *buffer, char byte)
{
    oe__buffer_add(buffer, &byte, 1);
}

/* The length of the well-formed character at `at`, 0 if there is none. Table 3-7 of the Unicode
 * standard. */
static size_t character_length(const unsigned char *at, size_t left)
{
    unsigned char first = at[0];
    if (first < 0x80)
        return 1;
    if (first < 0xC2 || first > 0xF4)
        return 0;
    size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (left < length)
        return 0;
    unsigned char low = 0x80, high = 0xBF;
    if (first == 0xE0)
        low = 0xA0;
    else if (first == 0xED)
        high = 0x9F;
    else if (first == 0xF0)
        low = 0x90;
    else if (first == 0xF4)
        high = 0x8F;
    if (at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (at[i] < 0x80 || at[i] > 0xBF)
            return 0;
    return length;
}

bool oe__text_is_utf8(const char *bytes, size_t length)
{
    const unsigned char *at = (const unsigned char *)bytes;
    for (size_t i = 0; i < length;) {
        size_t step = character_length(at + i, length - i);
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

static bool is_control(const unsigned char *at)
{
    return at[0] < 0x20 || at[0] == 0x7F || (at[0] == 0xC2 && at[1] < 0xA0);
}

bool oe__text_is_id(const char *bytes, size_t length)
{
    if (length == 0 || length > ID_MAX)
        return false;
    const unsigned char *at = (const unsigned char *)bytes;
    for (size_t i = 0; i < length;) {
        bool is_plain = at[i] >= ' ' && at[i] <= '~';
        size_t step = is_plain ? 1 : character_length(at + i, length - i);
        if (step == 0 || (!is_plain && is_control(at + i)))
            return false;
        i += step;
    }
    return true;
}

int oe__text_compare(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t shorter = a_length < b_length ? a_length : b_length;
    int order = shorter ? memcmp(a, b, shorter) : 0;
    if (order != 0)
        return order;
    return a_length < b_length ? -1 : a_length > b_length;
}
