/* json_string.h: the inside of JSON strings, for the reader and the writer next door. */
#ifndef OE_CODEC_JSON_STRING_H
#define OE_CODEC_JSON_STRING_H

#include "offerengine.h"

/* How many bytes from the start are neither `"` nor `\` nor below U+0020 nor, unless
 * `any_utf8`, above ASCII. */
size_t oe__json_plain_run(const char *bytes, size_t length, bool any_utf8);

/* From behind the opening quote (*at) to the closing one. NULL with *at at the closing quote,
 * or what is wrong with *at at the offending byte. *escaped is set when there are escapes. */
const char *oe__json_scan_string(const char *bytes, size_t length, size_t *at, bool *escaped);

/* A hash of the text that the slice stands for, the same however it is escaped. */
uint32_t oe__json_text_hash(const char *bytes, size_t length, bool escaped);

/* Whether two slices stand for the same text; `escaped` if either holds escapes. */
bool oe__json_text_same(const char *a, size_t a_length, const char *b, size_t b_length,
                        bool escaped);

#endif
