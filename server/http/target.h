/* target.h: percent-decoding of path segments and query strings. Pure. */
#ifndef OE_SERVER_HTTP_TARGET_H
#define OE_SERVER_HTTP_TARGET_H

#include "server/http/errors.h"
#include "server/http/span.h"

enum { OE_QUERY_PAIRS_MAX = 32, OE_QUERY_BYTES_MAX = 4096 };

/* Decodes `raw` once into `out` (at least raw.length bytes). Returns OE_HTTP_ESCAPE for a bad
 * escape, OE_HTTP_PATH_TEXT when the result is no UTF-8 or holds control characters. `plus`
 * makes '+' a blank. */
oe_http_error oe__target_decode(oe_span raw, bool plus, char *out, size_t *length);

/* A parsed query string; names and values are decoded. */
typedef struct oe_query {
    size_t count;
    struct {
        oe_span name, value; /* "a" and "a=" both have an empty value */
        bool is_repeat;      /* the name was given before */
    } pairs[OE_QUERY_PAIRS_MAX];
    char bytes[OE_QUERY_BYTES_MAX];
} oe_query;

/* Parses a raw query (without '?'). Refuses bad escapes, unlawful text, an empty name with a
 * value, and more than 32 pairs; marks names that were given before. Empty pairs ("a=1&&b=2")
 * are skipped. */
oe_http_error oe_query_parse(oe_query *query, oe_span raw);

/* The value of `name`; data NULL when it was not given. */
oe_span oe_query_get(const oe_query *query, const char *name);

/* The first name that is not among the `count` known ones; data NULL when all are. */
oe_span oe_query_unknown(const oe_query *query, const char *const *known, size_t count);

#endif
