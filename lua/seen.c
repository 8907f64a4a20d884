/* seen.c: decides for each profile and notes every truth. */
#include "seen.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

#include "decision.h"
#include "engine/decide.h"
#include "profile.h"
#include "ruleset.h"

/* Bits of what was seen: OE__TRUE and OE__FALSE. */
typedef struct seen_truths {
    const oe_ruleset *ruleset;
    uint8_t *nodes;
    uint8_t *bounds; /* two for each range of each product: minimum, maximum */
} seen_truths;

static size_t bound_total(const oe_ruleset *ruleset)
{
    size_t total = 0;
    for (size_t p = 0; p < ruleset->declared.products.count; p++)
        total += 2 * ruleset->compiled[p].range_count;
    return total;
}

static void note_bounds(seen_truths *seen, const oe_profile *profile)
{
    uint8_t *bound = seen->bounds;
    for (size_t p = 0; p < seen->ruleset->declared.products.count; p++) {
        const oe__compiled *product = &seen->ruleset->compiled[p];
        for (size_t i = 0; i < product->range_count; i++, bound += 2) {
            const oe__range *range = &product->ranges[i];
            double value = profile->values[range->attribute];
            bound[0] |= oe__cell_truth(value >= range->low);
            bound[1] |= oe__cell_truth(value <= range->high);
        }
    }
}

static void note(seen_truths *seen, oe_decider *decider, const oe_profile *profile,
                 const oe_options *options)
{
    (void)oe_decide(decider, profile, options);
    for (size_t i = 0; i < seen->ruleset->declared.nodes.count; i++) {
        uint8_t truth = oe__calls_truth(decider, (oe_condition)i);
        seen->nodes[i] |= truth == OE__TRUE ? OE__TRUE : OE__FALSE;
    }
    note_bounds(seen, profile);
}

/* ---- As a table ---- */

/* Adds to the list below the text on top, which it takes off. */
static void add_seen(lua_State *L, oe_where where, uint8_t truths)
{
    lua_createtable(L, 0, 5);
    lua_insert(L, -2);
    lua_setfield(L, -2, "text");
    lua_pushstring(L, where.file);
    lua_setfield(L, -2, "file");
    lua_pushinteger(L, where.line);
    lua_setfield(L, -2, "line");
    lua_pushboolean(L, (truths & OE__TRUE) != 0);
    lua_setfield(L, -2, "held");
    lua_pushboolean(L, (truths & OE__FALSE) != 0);
    lua_setfield(L, -2, "failed");
    lua_rawseti(L, -2, luaL_len(L, -2) + 1);
}

/* Whether the parts say it already. */
static bool is_explained(const seen_truths *seen, const oe__node *node)
{
    for (size_t i = 0; i < node->part_count; i++)
        if (seen->nodes[node->parts[i]] != (OE__TRUE | OE__FALSE))
            return true;
    return false;
}

static void push_bounds(lua_State *L, const seen_truths *seen)
{
    const uint8_t *bound = seen->bounds;
    for (size_t p = 0; p < seen->ruleset->declared.products.count; p++) {
        const oe__compiled *product = &seen->ruleset->compiled[p];
        const char *id = oe__product(seen->ruleset, p)->id;
        for (size_t i = 0; i < product->range_count; i++, bound += 2) {
            const oe__range *range = &product->ranges[i];
            const char *name = oe__attribute(seen->ruleset, range->attribute)->name;
            if (isfinite(range->low)) {
                lua_pushfstring(L, "min_%s of product \"%s\"", name, id);
                add_seen(L, range->where, bound[0]);
            }
            if (isfinite(range->high)) {
                lua_pushfstring(L, "max_%s of product \"%s\"", name, id);
                add_seen(L, range->where, bound[1]);
            }
        }
    }
}

static int push_all(lua_State *L, const seen_truths *seen)
{
    lua_newtable(L);
    size_t count = seen->ruleset->declared.nodes.count;
    for (size_t i = 0; i < count; i++) {
        const oe__node *node = &oe__nodes(seen->ruleset)[i];
        if (node->by_product || is_explained(seen, node))
            continue;
        lua_pushstring(L, oe_ruleset_condition_text(seen->ruleset, (oe_condition)i));
        add_seen(L, node->where, seen->nodes[i]);
    }
    push_bounds(L, seen);
    return 1;
}

static uint8_t *push_zeroes(lua_State *L, size_t count)
{
    uint8_t *zeroes = lua_newuserdatauv(L, count + 1, 0);
    memset(zeroes, 0, count + 1);
    return zeroes;
}

int oe_lua_seen(lua_State *L)
{
    oe_lua_ruleset *self = oe_lua_check_ruleset(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 3);
    oe_options options;
    int refused = oe_lua_to_options(L, self->ruleset, 3, &options);
    if (refused > 0)
        return refused;
    seen_truths seen = {.ruleset = self->ruleset};
    seen.nodes = push_zeroes(L, self->ruleset->declared.nodes.count);
    seen.bounds = push_zeroes(L, bound_total(self->ruleset));
    lua_Integer count = luaL_len(L, 2);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_geti(L, 2, i);
        const oe_profile *profile = oe_lua_to_profile(L, self, lua_gettop(L));
        if (profile == NULL)
            return 4;
        note(&seen, self->decider, profile, &options);
        lua_settop(L, 5);
    }
    return push_all(L, &seen);
}
