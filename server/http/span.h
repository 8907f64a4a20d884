/* span.h: borrowed bytes of a request. Nothing here owns memory or is terminated. */
#ifndef OE_SERVER_HTTP_SPAN_H
#define OE_SERVER_HTTP_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct oe_span {
    const char *data; /* NULL: absent; a present but empty text has a pointer and length 0 */
    size_t length;
} oe_span;

/* Whether the span is exactly the terminated text. */
static inline bool oe__span_is(oe_span span, const char *text)
{
    size_t length = strlen(text);
    return span.data != NULL && span.length == length && memcmp(span.data, text, length) == 0;
}

/* The ASCII letter in lower case, any other byte unchanged. */
static inline char oe__span_lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
}

/* Whether the span is the terminated text, ASCII letters of either case; `lower` is in lower
 * case. */
static inline bool oe__span_is_word(oe_span span, const char *lower)
{
    size_t i = 0;
    if (span.data == NULL)
        return false;
    for (; i < span.length && lower[i] != '\0'; i++)
        if (oe__span_lower(span.data[i]) != lower[i])
            return false;
    return i == span.length && lower[i] == '\0';
}

/* Takes the next member of a comma-separated field value out of `rest`, blanks around it cut
 * off. False at the end. Empty members are yielded as empty spans. */
static inline bool oe__span_next_member(oe_span *rest, oe_span *member)
{
    if (rest->data == NULL)
        return false;
    const char *comma = rest->length == 0 ? NULL : memchr(rest->data, ',', rest->length);
    const char *start = rest->data;
    const char *end = comma != NULL ? comma : rest->data + rest->length;
    if (comma != NULL)
        *rest = (oe_span){comma + 1, (size_t)(rest->data + rest->length - comma - 1)};
    else
        *rest = (oe_span){NULL, 0};
    while (start < end && (*start == ' ' || *start == '\t'))
        start++;
    while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    *member = (oe_span){start, (size_t)(end - start)};
    return true;
}

#endif
