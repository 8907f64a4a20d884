/* routes.h: server/routes.lua as the router wants it. Read once at start, shared by all
 * workers. */
#ifndef OE_SERVER_ROUTES_H
#define OE_SERVER_ROUTES_H

#include "server/http/router.h"

/* What a route's `data` points at. */
typedef struct oe_route_note {
    size_t index;                          /* in the table */
    const char *handler;                   /* name in routes.lua */
    bool is_lua;                           /* a module in server/handlers */
    const char *captures[OE_CAPTURES_MAX]; /* names, in order; NULL behind the last */
} oe_route_note;

typedef struct oe_route_table oe_route_table;

/* OE_E_INVALID names the route and what is wrong with it. */
oe_status oe__routes_new(oe_route_table **table, oe_error *error);
void oe__routes_free(oe_route_table *table);

const oe_router *oe__routes_router(const oe_route_table *table);
size_t oe__routes_count(const oe_route_table *table);
const oe_route_note *oe__routes_note(const oe_route_table *table, size_t index);

#endif
