/* text.h: borrowed text and a growing byte buffer. Knows nothing of what the bytes mean. */
#ifndef OE_ENGINE_TEXT_H
#define OE_ENGINE_TEXT_H

#include "offerengine.h"

/* A growing byte buffer that answers are joined in. Zero-initialise; oe__buffer_free releases.
 * After the first failed allocation `failed` is set and every further append does nothing, so
 * that a writer checks once at its end. */
typedef struct oe__buffer {
    char *data;
    size_t length;
    size_t capacity;
    bool failed;
} oe__buffer;

void oe__buffer_free(oe__buffer *buffer);

/* Room for `extra` more bytes: the write position, or NULL (failed is set). The caller adds to
 * length. */
char *oe__buffer_reserve(oe__buffer *buffer, size_t extra);

void oe__buffer_add(oe__buffer *buffer, const char *bytes, size_t length);
void oe__buffer_add_text(oe__buffer *buffer, const char *terminated);
void oe__buffer_add_char(oe__buffer *buffer, char byte);

/* Whether the bytes are well-formed UTF-8 (no overlong forms, surrogates or values above
 * U+10FFFF). */
bool oe__text_is_utf8(const char *bytes, size_t length);

/* Whether the bytes are a lawful id: 1 to 128 bytes of UTF-8 without control characters
 * (U+0000..U+001F, U+007F..U+009F). */
bool oe__text_is_id(const char *bytes, size_t length);

/* Bytewise order, shorter first on equal prefixes: <0, 0, >0. */
int oe__text_compare(const char *a, size_t a_length, const char *b, size_t b_length);

#endif
