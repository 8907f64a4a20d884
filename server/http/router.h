/* router.h: method and path to route. Immutable once made, shared by all workers. */
#ifndef OE_SERVER_HTTP_ROUTER_H
#define OE_SERVER_HTTP_ROUTER_H

#include "server/http/handler.h"

typedef struct oe_router oe_router;

/* Reads a table; patterns are copied, routes are copied. Of several routes that fit, the first
 * in the table wins, so literals stand before captures. Fails with OE_E_INVALID on a pattern
 * that does not start with '/', has too many segments (8) or captures (4), or stands twice for
 * one method. */
oe_status oe_router_new(const oe_route *routes, size_t count, oe_router **router,
                        oe_error *error);
void oe_router_free(oe_router *router);

typedef struct oe__match {
    const oe_route *route; /* NULL: none */
    size_t capture_count;
    oe_span raw[OE_CAPTURES_MAX];   /* raw segments */
    oe_span names[OE_CAPTURES_MAX]; /* "id" */
    unsigned allowed; /* bits 1 << method of everything this path takes; 0: no such path */
} oe__match;

/* Matches a raw path by its raw segments. A HEAD without a route of its own falls back to GET.
 * A capture takes no empty segment. */
void oe__router_match(const oe_router *router, oe_method method, oe_span path,
                      oe__match *match);

/* Writes "GET, HEAD, OPTIONS" for the bits; returns its length. `out` holds 64 bytes. */
size_t oe__router_allow(unsigned allowed, char *out);

#endif
