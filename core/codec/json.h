/* json.h: strict JSON (RFC 8259), read in one pass without allocation, and the pieces answers
 * are written with. Knows the grammar and nothing of profiles or decisions.
 *
 * Accepted is one JSON text in UTF-8 without a byte order mark, nested at most
 * OE_JSON_DEPTH_MAX deep, with no member twice in an object (names compared after unescaping),
 * no \u0000, no lone surrogate, and every number within the range of a double. The members of
 * all objects that are open at one time may be at most OE_JSON_NAMES_MAX; that bounds the
 * search for doubles to as many comparisons of integers per member.
 *
 * Failures, for validator and reader alike; error.position is the offset of the first offending
 * byte, and the length of the text when it ends too early:
 * - OE_E_SYNTAX: not such a text, "json: expected ',' or '}' at byte 17";
 * - OE_E_INVALID: a number beyond the range of a double (at its first byte);
 * - OE_E_LIMIT: too deep (at the bracket), too many members (at the name), 4 GiB or more.
 *
 * Malformed UTF-8 is reported at the first byte of the character, \u0000 and half of a
 * surrogate pair at the backslash (a first half with no escape behind it at what stands there
 * instead), a repeated name at its opening quote. Messages never quote the text. */
#ifndef OE_CODEC_JSON_H
#define OE_CODEC_JSON_H

#include "engine/text.h"
#include "offerengine.h"

enum { OE_JSON_DEPTH_MAX = 16, OE_JSON_NAMES_MAX = 512, OE_JSON_NAME_CHAINS = 128 };

typedef enum oe__json_type {
    OE_JSON_END, /* the text is complete; nothing follows */
    OE_JSON_OBJECT,
    OE_JSON_OBJECT_END,
    OE_JSON_ARRAY,
    OE_JSON_ARRAY_END,
    OE_JSON_NAME, /* of a member, its colon already read; the value comes next */
    OE_JSON_STRING,
    OE_JSON_NUMBER,
    OE_JSON_TRUE,
    OE_JSON_FALSE,
    OE_JSON_NULL
} oe__json_type;

typedef struct oe__json_token {
    oe__json_type type;
    bool escaped;  /* NAME, STRING: the slice holds escapes, oe__json_unescape makes the text */
    size_t offset; /* of the token's first byte, the opening quote of a string */
    const char *bytes; /* the token's slice of the text, without the quotes of a string */
    size_t length;
    double number; /* NUMBER: its value, correctly rounded */
} oe__json_token;

/* A member name of an object that is still open. */
typedef struct oe__json_name {
    uint32_t hash, start, length;
    uint16_t older; /* the next older name of the same chain, as index + 1; 0 ends the chain */
    bool escaped;
} oe__json_name;

/* About 9 KiB, meant for the stack. Fields are private. The text must outlive the reader. */
typedef struct oe__json_reader {
    const char *bytes;
    size_t length, at;
    const char *fault; /* what was wrong, once something was */
    oe_status status;
    int expect;
    int depth;
    uint32_t objects; /* bit d: the container at depth d is an object */
    uint32_t name_count;
    uint16_t first_name[OE_JSON_DEPTH_MAX]; /* of the object at that depth */
    uint16_t chains[OE_JSON_NAME_CHAINS];   /* newest name of each chain, as index + 1 */
    oe__json_name names[OE_JSON_NAMES_MAX];
} oe__json_reader;

void oe__json_reader_begin(oe__json_reader *reader, const char *bytes, size_t length);

/* The next token. Only when OE_JSON_END has come is the text known to be valid. After a failure
 * every further call reports the same one. */
oe_status oe__json_next(oe__json_reader *reader, oe__json_token *token, oe_error *error);

/* Passes over the value that `token`, the last one read, begins or announces: after OBJECT or
 * ARRAY up to its end, after NAME the member's value, otherwise nothing. As strict as reading
 * it. Overwrites *token. */
oe_status oe__json_skip(oe__json_reader *reader, oe__json_token *token, oe_error *error);

/* Whether the bytes are one valid JSON text: the reader run to its end. */
oe_status oe__json_validate(const char *bytes, size_t length, oe_error *error);

/* Writes the text of a NAME's or STRING's slice to `out` (not terminated) and returns its
 * length, which is never more than that of the slice. What is beyond `capacity` is counted but
 * not written. */
size_t oe__json_unescape(const char *bytes, size_t length, char *out, size_t capacity);

/* Appends a quoted string. The bytes must be UTF-8; all but `"`, `\` and U+0000..U+001F go out
 * as they are. */
void oe__json_write_string(oe__buffer *buffer, const char *bytes, size_t length);
/* The same without the quotes, to where room for 6 bytes per byte is reserved. Returns the end.
 */
char *oe__json_put_inside(char *out, const char *bytes, size_t length);

/* Append a number as oe__number_write and oe__number_write_tenths print it. */
void oe__json_write_number(oe__buffer *buffer, double value);
void oe__json_write_tenths(oe__buffer *buffer, double value);

#endif
