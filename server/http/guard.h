/* guard.h: looks at every header block of the stream before the parser does, and refuses what
 * could be read in two ways. Pure: bytes in, verdict out; knows no connection, route or parser.
 *
 * Grammar: RFC 9112 sections 2 to 6, narrowed: lines end in CR LF only, no folding, origin-form
 * targets (or
 * '*' for OPTIONS), versions 1.0 and 1.1, one framing of the body. */
#ifndef OE_SERVER_HTTP_GUARD_H
#define OE_SERVER_HTTP_GUARD_H

#include "server/http/errors.h"
#include "server/http/span.h"

enum {
    OE_GUARD_REQUEST_LINE_MAX = 4096, /* bytes without the line end */
    OE_GUARD_HEADERS_BYTES_MAX =
        16384, /* from behind the request line to the end of the empty line */
    OE_GUARD_HEADERS_MAX = 64,
    /* The longest block that is accepted: an empty line before it, the request line, the
       headers. */
    OE_GUARD_BLOCK_MAX = 2 + OE_GUARD_REQUEST_LINE_MAX + 2 + OE_GUARD_HEADERS_BYTES_MAX
};

typedef enum oe_method {
    OE_METHOD_GET,
    OE_METHOD_HEAD,
    OE_METHOD_POST,
    OE_METHOD_PUT,
    OE_METHOD_PATCH,
    OE_METHOD_DELETE,
    OE_METHOD_OPTIONS,
    OE_METHOD_COUNT
} oe_method;

/* The method's name, e.g. "GET"; "-" for OE_METHOD_COUNT, a method that is not known. */
const char *oe_method_name(oe_method method);

typedef enum oe__guard_verdict {
    OE_GUARD_MORE,    /* everything so far is lawful, the block is not complete */
    OE_GUARD_PASSED,  /* the block is complete: `offset` bytes long */
    OE_GUARD_REFUSED, /* `error` says why */
} oe__guard_verdict;

/* Offsets count from the first byte of the block. */
typedef struct oe__guard_field {
    uint16_t name_at, name_length, value_at, value_length;
} oe__guard_field;

typedef struct oe__guard {
    uint8_t state;
    uint8_t method;        /* oe_method, once past it */
    uint8_t version_minor; /* of HTTP/1.x */
    bool has_length, is_chunked, has_host, wants_close, wants_keep_alive;
    bool expects_continue, expects_other;
    uint16_t offset; /* scanned so far; the block's length once passed */
    uint16_t line_at, target_at, target_length, headers_at, token_at;
    uint16_t field_count;
    uint8_t accept_field, origin_field,
        trace_field; /* 1 + index of the first of that name, 0: none */
    oe_http_error error;
    uint64_t content_length;
    oe__guard_field fields[OE_GUARD_HEADERS_MAX];
} oe__guard;

/* Starts a new block; cheap, does not clear the field table. */
void oe__guard_reset(oe__guard *guard);

/* Goes on where the last call stopped. `block` holds all bytes since the block's start,
 * `length` of them, no fewer than in the last call (they may have moved). Nothing is looked at
 * twice; the verdict does not depend on how the bytes were cut. After PASSED or REFUSED call
 * reset first. */
oe__guard_verdict oe__guard_scan(oe__guard *guard, const char *block, size_t length);

/* The value of the first field of that name (given in lower case), data NULL when there is
 * none. */
oe_span oe__guard_find(const oe__guard *guard, const char *block, const char *lower_name);

/* The value of the field with that 1-based index; data NULL for 0. */
oe_span oe__guard_value(const oe__guard *guard, const char *block, unsigned field);

/* Whether the connection is to stay open behind this request. */
bool oe__guard_keeps_alive(const oe__guard *guard);

/* Takes the meaning of a field that the service acts on out of its value; anything else is
 * fine. For guard.c; in fields.c. */
oe_http_error oe__guard_take_field(oe__guard *guard, oe_span name, oe_span value);

/* What can only be judged once all fields are known. For guard.c; in fields.c. */
oe_http_error oe__guard_check_fields(const oe__guard *guard);

#endif
