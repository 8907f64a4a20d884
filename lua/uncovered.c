/* uncovered.c: the nearest product of a customer without an offer, and groups of customers by
 * what keeps it from them. */
#include "uncovered.h"

#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- The nearest product ---- */

/* How large a change is beside what it changes, 0 to 2; a text or a value that is not on file
 * counts as a whole one. */
static double effort_of(const oe_change *change)
{
    double larger = fmax(fabs(change->from), fabs(change->to));
    if (change->text != NULL || isnan(change->from) || larger == 0)
        return 1;
    return fabs(change->to - change->from) / larger;
}

static oe_lua_nearest candidate_of(const oe_explanation *explanation)
{
    const oe_failure *first = &explanation->failures[0];
    oe_lua_nearest candidate = {.found = true,
                                .possible = explanation->change_possible,
                                .stage = explanation->stage,
                                .cause = first->cause,
                                .attribute = first->attribute,
                                .product = explanation->product,
                                .steps = explanation->failure_count};
    if (!explanation->change_possible)
        return candidate;
    const oe_change *change = &explanation->changes[0];
    candidate.steps = explanation->change_count;
    for (size_t i = 0; i < explanation->change_count; i++)
        candidate.effort += effort_of(&explanation->changes[i]);
    if (explanation->change_count != 1)
        return candidate;
    if (candidate.attribute < 0)
        candidate.attribute = (int32_t)change->attribute;
    candidate.has_change = change->text == NULL && !isnan(change->from);
    candidate.change = fabs(change->to - change->from);
    return candidate;
}

static bool is_nearer(const oe_lua_nearest *a, const oe_lua_nearest *b)
{
    if (!b->found || a->possible != b->possible)
        return !b->found || a->possible;
    if (!a->possible && a->stage != b->stage)
        return a->stage > b->stage;
    return a->steps != b->steps ? a->steps < b->steps : a->effort < b->effort;
}

void oe_lua_nearest_take(oe_lua_nearest *nearest, const oe_explanation *explanation)
{
    if (explanation->failure_count == 0)
        return;
    oe_lua_nearest candidate = candidate_of(explanation);
    if (is_nearer(&candidate, nearest))
        *nearest = candidate;
}

/* ---- Groups ---- */

void oe_lua_uncovered_free(oe_lua_uncovered *uncovered)
{
    for (size_t i = 0; i < uncovered->count; i++) {
        free(uncovered->obstacles[i].products);
        free(uncovered->obstacles[i].changes);
    }
    free(uncovered->obstacles);
    *uncovered = (oe_lua_uncovered){0};
}

static oe_lua_obstacle *add_obstacle(oe_lua_uncovered *uncovered)
{
    if (uncovered->count == uncovered->capacity) {
        size_t capacity = uncovered->capacity == 0 ? 16 : uncovered->capacity * 2;
        oe_lua_obstacle *grown =
            realloc(uncovered->obstacles, capacity * sizeof *uncovered->obstacles);
        if (grown == NULL)
            return NULL;
        uncovered->obstacles = grown;
        uncovered->capacity = capacity;
    }
    size_t products = oe_ruleset_count(uncovered->ruleset, OE_PRODUCTS);
    oe_lua_obstacle *added = &uncovered->obstacles[uncovered->count];
    *added = (oe_lua_obstacle){.products = calloc(products + 1, sizeof *added->products)};
    if (added->products == NULL)
        return NULL;
    uncovered->count++;
    return added;
}

static oe_lua_obstacle *obstacle_of(oe_lua_uncovered *uncovered, oe_stage stage, oe_cause cause,
                                    int32_t attribute)
{
    for (size_t i = 0; i < uncovered->count; i++) {
        oe_lua_obstacle *known = &uncovered->obstacles[i];
        if (known->stage == stage && known->cause == cause && known->attribute == attribute)
            return known;
    }
    oe_lua_obstacle *added = add_obstacle(uncovered);
    if (added == NULL)
        return NULL;
    added->stage = stage;
    added->cause = cause;
    added->attribute = attribute;
    return added;
}

static bool add_changes(oe_lua_obstacle *obstacle, const double *changes, size_t count)
{
    size_t needed = obstacle->change_count + count;
    if (needed > obstacle->change_capacity) {
        size_t capacity = needed < 64 ? 64 : needed * 2;
        double *grown = realloc(obstacle->changes, capacity * sizeof *grown);
        if (grown == NULL)
            return false;
        obstacle->changes = grown;
        obstacle->change_capacity = capacity;
    }
    for (size_t i = 0; i < count; i++)
        obstacle->changes[obstacle->change_count++] = changes[i];
    return true;
}

bool oe_lua_uncovered_add(oe_lua_uncovered *uncovered, const oe_lua_nearest *nearest)
{
    oe_lua_obstacle *obstacle =
        obstacle_of(uncovered, nearest->stage, nearest->cause, nearest->attribute);
    if (obstacle == NULL)
        return false;
    obstacle->customers++;
    obstacle->winnable += nearest->possible;
    obstacle->products[nearest->product]++;
    return !nearest->has_change || add_changes(obstacle, &nearest->change, 1);
}

bool oe_lua_uncovered_merge(oe_lua_uncovered *uncovered, const oe_lua_uncovered *other)
{
    size_t products = oe_ruleset_count(uncovered->ruleset, OE_PRODUCTS);
    for (size_t i = 0; i < other->count; i++) {
        const oe_lua_obstacle *from = &other->obstacles[i];
        oe_lua_obstacle *into =
            obstacle_of(uncovered, from->stage, from->cause, from->attribute);
        if (into == NULL || !add_changes(into, from->changes, from->change_count))
            return false;
        into->customers += from->customers;
        into->winnable += from->winnable;
        for (size_t p = 0; p < products; p++)
            into->products[p] += from->products[p];
    }
    return true;
}

/* ---- As a table ---- */

static void set_count(lua_State *L, const char *key, uint64_t count)
{
    lua_pushinteger(L, (lua_Integer)count);
    lua_setfield(L, -2, key);
}

static void set_text(lua_State *L, const char *key, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, key);
}

static int compare_changes(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* How many are won by a change of at most so much: a quarter of them, half, three quarters,
 * all.
 */
static void push_changes(lua_State *L, oe_lua_obstacle *obstacle)
{
    size_t count = obstacle->change_count;
    lua_newtable(L);
    if (count == 0)
        return;
    qsort(obstacle->changes, count, sizeof *obstacle->changes, compare_changes);
    for (size_t quarter = 1; quarter <= 4; quarter++) {
        double most = obstacle->changes[(count * quarter + 3) / 4 - 1];
        size_t won = (count * quarter + 3) / 4;
        while (won < count && obstacle->changes[won] <= most)
            won++;
        lua_createtable(L, 0, 2);
        lua_pushnumber(L, most);
        lua_setfield(L, -2, "at_most");
        set_count(L, "customers", won);
        lua_rawseti(L, -2, (lua_Integer)quarter);
    }
}

static void push_products(lua_State *L, const oe_ruleset *ruleset,
                          const oe_lua_obstacle *obstacle)
{
    lua_newtable(L);
    for (size_t p = 0; p < oe_ruleset_count(ruleset, OE_PRODUCTS); p++) {
        if (obstacle->products[p] == 0)
            continue;
        lua_createtable(L, 0, 3);
        set_text(L, "product_id", oe_ruleset_product(ruleset, p)->id);
        set_text(L, "name", oe_ruleset_product(ruleset, p)->name);
        set_count(L, "customers", obstacle->products[p]);
        lua_rawseti(L, -2, luaL_len(L, -2) + 1);
    }
}

/* Threads meet obstacles in any order, so that ties are settled by what they are. */
static int compare_obstacles(const void *left, const void *right)
{
    const oe_lua_obstacle *a = left, *b = right;
    if (a->customers != b->customers)
        return a->customers < b->customers ? 1 : -1;
    if (a->stage != b->stage)
        return (int)a->stage - (int)b->stage;
    return a->cause != b->cause ? (int)a->cause - (int)b->cause : a->attribute - b->attribute;
}

void oe_lua_uncovered_push(lua_State *L, oe_lua_uncovered *uncovered)
{
    const oe_ruleset *ruleset = uncovered->ruleset;
    if (uncovered->count > 0)
        qsort(uncovered->obstacles, uncovered->count, sizeof *uncovered->obstacles,
              compare_obstacles);
    lua_newtable(L);
    for (size_t i = 0; i < uncovered->count; i++) {
        oe_lua_obstacle *obstacle = &uncovered->obstacles[i];
        lua_createtable(L, 0, 7);
        set_text(L, "stage", oe_stage_name(obstacle->stage));
        set_text(L, "cause", oe_cause_name(obstacle->cause));
        if (obstacle->attribute >= 0)
            set_text(L, "attribute",
                     oe_ruleset_attribute(ruleset, (size_t)obstacle->attribute)->name);
        set_count(L, "customers", obstacle->customers);
        set_count(L, "winnable", obstacle->winnable);
        push_products(L, ruleset, obstacle);
        lua_setfield(L, -2, "products");
        push_changes(L, obstacle);
        lua_setfield(L, -2, "changes");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}
