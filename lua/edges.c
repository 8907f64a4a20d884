/* edges.c: collects them from the compiled ruleset. */
#include "edges.h"

#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "engine/ruleset.h"
#include "ruleset.h"

/* A growing array in a userdata, so that an error frees it. */
typedef struct edge_list {
    lua_State *L;
    int slot; /* of the userdata */
    double *values;
    size_t count, capacity;
    const oe_attribute *attribute;
} edge_list;

static void add(edge_list *edges, double value)
{
    if (!isfinite(value) || value < edges->attribute->minimum ||
        value > edges->attribute->maximum)
        return;
    if (edges->count == edges->capacity) {
        size_t capacity = 2 * edges->capacity + 16;
        double *grown = lua_newuserdatauv(edges->L, capacity * sizeof *grown, 0);
        for (size_t i = 0; i < edges->count; i++)
            grown[i] = edges->values[i];
        lua_replace(edges->L, edges->slot);
        edges->values = grown;
        edges->capacity = capacity;
    }
    edges->values[edges->count++] = value;
}

static void add_term(edge_list *edges, const oe__term *term)
{
    if (term->shape == OE__LINEAR) {
        add(edges, term->low);
        add(edges, term->high);
    } else if (term->shape == OE__BAND) {
        for (size_t i = 0; i < 4; i++)
            add(edges, term->curve->x[i]);
    } else if (term->shape == OE__STEPS) {
        for (size_t i = 0; i < term->curve->point_count; i++)
            add(edges, term->curve->x[i]);
    }
}

static void add_product(edge_list *edges, const oe__compiled *product, uint32_t attribute)
{
    for (size_t i = 0; i < product->range_count; i++)
        if (product->ranges[i].attribute == attribute) {
            add(edges, product->ranges[i].low);
            add(edges, product->ranges[i].high);
        }
    for (size_t i = 0; i < product->term_count; i++)
        if (product->terms[i].attribute == attribute)
            add_term(edges, &product->terms[i]);
}

static void add_node(edge_list *edges, const oe__node *node)
{
    if (node->op <= OE_BETWEEN) {
        add(edges, node->low);
        add(edges, node->high);
    } else if (node->op <= OE_NONE_OF) {
        for (size_t i = 0; i < node->value_count; i++)
            add(edges, node->codes[i]);
    }
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void push_list(lua_State *L, edge_list *edges)
{
    if (edges->count > 0)
        qsort(edges->values, edges->count, sizeof *edges->values, compare);
    lua_newtable(L);
    lua_Integer listed = 0;
    for (size_t i = 0; i < edges->count; i++) {
        if (i > 0 && edges->values[i] == edges->values[i - 1])
            continue;
        lua_pushnumber(L, edges->values[i]);
        lua_rawseti(L, -2, ++listed);
    }
}

static void push_edges(lua_State *L, const oe_ruleset *ruleset, size_t attribute)
{
    lua_pushnil(L);
    edge_list edges = {L, lua_gettop(L), NULL, 0, 0, oe__attribute(ruleset, attribute)};
    add(&edges, edges.attribute->minimum);
    add(&edges, edges.attribute->maximum);
    for (size_t i = 0; i < ruleset->declared.products.count; i++)
        add_product(&edges, &ruleset->compiled[i], (uint32_t)attribute);
    for (size_t i = 0; i < ruleset->declared.nodes.count; i++) {
        const oe__node *node = &oe__nodes(ruleset)[i];
        if (node->op <= OE_NONE_OF && node->subject == (int32_t)attribute)
            add_node(&edges, node);
    }
    push_list(L, &edges);
    lua_remove(L, edges.slot);
}

/* Adds texts to the list below the set of those that it has, which is on top. */
static void add_texts(lua_State *L, const oe_value *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (lua_getfield(L, -1, values[i].text) == LUA_TNIL) {
            lua_pushstring(L, values[i].text);
            lua_rawseti(L, -4, luaL_len(L, -4) + 1);
            lua_pushboolean(L, 1);
            lua_setfield(L, -3, values[i].text);
        }
        lua_pop(L, 1);
    }
}

/* The texts that conditions ask for and those that lookups know, each once. */
static void push_texts(lua_State *L, const oe_ruleset *ruleset, size_t attribute)
{
    lua_newtable(L);
    lua_newtable(L);
    for (size_t i = 0; i < ruleset->declared.nodes.count; i++) {
        const oe__node *node = &oe__nodes(ruleset)[i];
        if (node->op >= OE_EQUALS && node->op <= OE_NONE_OF &&
            node->subject == (int32_t)attribute)
            add_texts(L, node->values, node->value_count);
    }
    const oe_derivation *derivations = ruleset->declared.derivations.items;
    for (size_t i = 0; i < ruleset->declared.derivations.count; i++)
        if (derivations[i].key != NULL &&
            strcmp(derivations[i].key, oe__attribute(ruleset, attribute)->name) == 0)
            add_texts(L, derivations[i].keys, derivations[i].row_count);
    lua_pop(L, 1);
}

int oe_lua_edges(lua_State *L)
{
    const oe_ruleset *ruleset = oe_lua_check_ruleset(L, 1)->ruleset;
    lua_newtable(L);
    for (size_t i = 0; i < ruleset->declared.attributes.count; i++) {
        const oe_attribute *attribute = oe__attribute(ruleset, i);
        if (oe__type_is_numeric(attribute->type))
            push_edges(L, ruleset, i);
        else if (attribute->type == OE_TEXT)
            push_texts(L, ruleset, i);
        else
            continue;
        lua_setfield(L, -2, attribute->name);
    }
    return 1;
}
