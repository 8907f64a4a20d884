/* uncovered.h: what stands in the way of customers without an offer: for each the product that
 * is nearest to being offered, and what it would take. Counts only; knows nothing of files or
 * threads; the last function alone knows Lua. */
#ifndef OE_LUA_UNCOVERED_H
#define OE_LUA_UNCOVERED_H

#include <lua.h>

#include "offerengine.h"

/* Customers whose nearest product was refused for one cause, on account of one attribute. */
typedef struct oe_lua_obstacle {
    oe_stage stage;
    oe_cause cause;
    int32_t attribute; /* -1: none, or several */
    uint64_t customers;
    uint64_t winnable;  /* would be offered the product after some change */
    uint64_t *products; /* the nearest one of each */
    double *changes;    /* by how much one number would have to move, where one is enough */
    size_t change_count, change_capacity;
} oe_lua_obstacle;

typedef struct oe_lua_uncovered {
    const oe_ruleset *ruleset;
    oe_lua_obstacle *obstacles; /* in the order in which they were met */
    size_t count, capacity;
} oe_lua_uncovered;

/* One customer's products explained, the nearest so far. Zero-initialise. */
typedef struct oe_lua_nearest {
    bool found, possible, has_change;
    oe_stage stage;
    oe_cause cause;
    int32_t attribute;
    uint32_t product;
    size_t steps; /* attributes to change, or failed checks when no change is possible */
    double effort, change;
} oe_lua_nearest;

void oe_lua_nearest_take(oe_lua_nearest *nearest, const oe_explanation *explanation);

void oe_lua_uncovered_free(oe_lua_uncovered *uncovered);
/* false: out of memory. */
bool oe_lua_uncovered_add(oe_lua_uncovered *uncovered, const oe_lua_nearest *nearest);
bool oe_lua_uncovered_merge(oe_lua_uncovered *uncovered, const oe_lua_uncovered *other);

/* Pushes the obstacles as a list, those of most customers first. */
void oe_lua_uncovered_push(lua_State *L, oe_lua_uncovered *uncovered);

#endif
