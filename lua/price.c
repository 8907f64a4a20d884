/* price.c: the question read, a pass over the book, the points as a table. */
#include "price.h"

#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "book.h"
#include "decision.h"
#include "engine/price.h"
#include "engine/status.h"
#include "failure.h"
#include "pass.h"
#include "population.h"
#include "scoped.h"

static const char price_type[] = "offerengine.price";

enum { STEPS_DEFAULT = 20 };

typedef struct price_run {
    oe_ruleset *ruleset;
    oe_snapshot *snapshot;
    oe__price_question question;
    oe__price *price;
} price_run;

/* A part is a price of its own. */
struct oe_lua_part {
    const price_run *run;
    oe__price *price;
};

/* ---- The pass ---- */

static oe_status take_page(oe_lua_part *part, oe_decider *decider, size_t page, oe_error *error)
{
    return oe__price_page(part->price, decider, part->run->snapshot, page, error);
}

static oe_status begin_part(void *context, oe_lua_part **part, oe_error *error)
{
    price_run *run = context;
    oe_lua_part *made = calloc(1, sizeof *made);
    if (made == NULL)
        return oe__fail(error, OE_E_MEMORY, "price: out of memory");
    made->run = run;
    oe_status status = oe__price_new(run->ruleset, &run->question, &made->price, error);
    if (status == OE_OK)
        *part = made;
    else
        free(made);
    return status;
}

static void end_part(void *context, oe_lua_part *part, bool is_whole)
{
    price_run *run = context;
    if (is_whole)
        oe__price_merge(run->price, part->price);
    oe__price_free(part->price);
    free(part);
}

/* ---- The question ---- */

static bool has_gate(const oe_product *product, const char *attribute, bool is_maximum)
{
    for (size_t i = 0; i < product->bound_count; i++)
        if (strcmp(product->bounds[i].attribute, attribute) == 0 &&
            isfinite(is_maximum ? product->bounds[i].high : product->bounds[i].low))
            return true;
    return false;
}

/* "income", "min_income", "max_income". Returns 0, or the number of values pushed. */
static int find_gate(lua_State *L, price_run *run, const char *name)
{
    const oe_product *product = oe_ruleset_product(run->ruleset, run->question.product);
    bool is_minimum = strncmp(name, "min_", 4) == 0, is_maximum = strncmp(name, "max_", 4) == 0;
    int32_t attribute = oe_ruleset_find(run->ruleset, OE_ATTRIBUTES, name, strlen(name));
    bool is_bare = attribute >= 0;
    if (!is_bare && (is_minimum || is_maximum))
        attribute = oe_ruleset_find(run->ruleset, OE_ATTRIBUTES, name + 4, strlen(name + 4));
    if (attribute < 0)
        return oe_lua_fail_unknown(L, run->ruleset, OE_ATTRIBUTES,
                                   is_minimum || is_maximum ? name + 4 : name);
    run->question.attribute = (size_t)attribute;
    run->question.is_maximum =
        is_bare ? !has_gate(product, name, false) && has_gate(product, name, true) : is_maximum;
    if (is_bare && has_gate(product, name, false) && has_gate(product, name, true)) {
        oe_error error = {0};
        (void)oe__fail(&error, OE_E_INVALID,
                       "price: product \"%s\" has both min_%s and max_%s; name one of them",
                       product->id, name, name);
        return oe_lua_fail(L, &error);
    }
    return 0;
}

static int read_question(lua_State *L, price_run *run)
{
    luaL_checktype(L, 3, LUA_TTABLE);
    lua_getfield(L, 3, "product");
    lua_getfield(L, 3, "attribute");
    lua_getfield(L, 3, "to");
    lua_getfield(L, 3, "steps");
    size_t length = 0;
    const char *id = luaL_checklstring(L, -4, &length);
    const char *name = luaL_checkstring(L, -3);
    double to = luaL_optnumber(L, -2, (lua_Number)NAN);
    lua_Integer steps = luaL_optinteger(L, -1, STEPS_DEFAULT);
    int32_t product = oe_ruleset_find(run->ruleset, OE_PRODUCTS, id, length);
    if (product < 0)
        return oe_lua_fail_unknown(L, run->ruleset, OE_PRODUCTS, id);
    run->question =
        (oe__price_question){.product = (size_t)product,
                             .to = to,
                             .steps = steps < 0 || steps > INT32_MAX ? 0 : (uint32_t)steps};
    return find_gate(L, run, name);
}

/* ---- The answer ---- */

static void set_count(lua_State *L, const char *key, uint64_t count)
{
    lua_pushinteger(L, (lua_Integer)count);
    lua_setfield(L, -2, key);
}

static void set_text(lua_State *L, const char *key, const char *text)
{
    if (text == NULL)
        return;
    lua_pushstring(L, text);
    lua_setfield(L, -2, key);
}

/* Whole numbers as such. */
static void set_number(lua_State *L, const char *key, double number)
{
    lua_Integer whole = 0;
    if (lua_numbertointeger(number, &whole) && (double)whole == number)
        lua_pushinteger(L, whole);
    else
        lua_pushnumber(L, number);
    lua_setfield(L, -2, key);
}

static void push_segments(lua_State *L, const oe_ruleset *ruleset, const uint64_t *counts)
{
    size_t count = oe_ruleset_count(ruleset, OE_SEGMENTS);
    lua_newtable(L);
    for (size_t i = 0; i <= count; i++) {
        if (counts[i] == 0)
            continue;
        lua_createtable(L, 0, 3);
        set_text(L, "segment", i < count ? oe_ruleset_segment(ruleset, i)->id : NULL);
        set_text(L, "name", i < count ? oe_ruleset_segment(ruleset, i)->name : "in no segment");
        set_count(L, "customers", counts[i]);
        lua_rawseti(L, -2, luaL_len(L, -2) + 1);
    }
}

static void push_products(lua_State *L, const oe_ruleset *ruleset, const uint64_t *counts)
{
    lua_newtable(L);
    for (size_t i = 0; i < oe_ruleset_count(ruleset, OE_PRODUCTS); i++) {
        if (counts[i] == 0)
            continue;
        lua_createtable(L, 0, 3);
        set_text(L, "product_id", oe_ruleset_product(ruleset, i)->id);
        set_text(L, "name", oe_ruleset_product(ruleset, i)->name);
        set_count(L, "customers", counts[i]);
        lua_rawseti(L, -2, luaL_len(L, -2) + 1);
    }
}

static void push_point(lua_State *L, const oe_ruleset *ruleset, const oe__price_point *point)
{
    lua_createtable(L, 0, 12);
    set_number(L, "gate", point->gate);
    set_number(L, "effective", point->effective);
    set_text(L, "refused", point->refused);
    if (point->refused != NULL)
        return;
    set_count(L, "offered", point->offered);
    set_count(L, "without_offer", point->without_offer);
    set_count(L, "gained", point->gained);
    set_count(L, "lost", point->lost);
    set_count(L, "reached", point->reached);
    set_count(L, "emptied", point->emptied);
    set_count(L, "displaced", point->displaced);
    push_products(L, ruleset, point->displaced_products);
    lua_setfield(L, -2, "displaced_products");
    push_segments(L, ruleset, point->gained_segments);
    lua_setfield(L, -2, "gained_segments");
    push_segments(L, ruleset, point->lost_segments);
    lua_setfield(L, -2, "lost_segments");
}

static void push_answer(lua_State *L, const price_run *run)
{
    const oe_product *product = oe_ruleset_product(run->ruleset, run->question.product);
    const oe_attribute *attribute = oe_ruleset_attribute(run->ruleset, run->question.attribute);
    size_t count = 0;
    oe_where where = {NULL, 0};
    const oe__price_point *points = oe__price_points(run->price, &count, &where);
    lua_createtable(L, 0, 10);
    set_text(L, "product_id", product->id);
    set_text(L, "product_name", product->name);
    lua_pushfstring(L, "%s_%s", run->question.is_maximum ? "max" : "min", attribute->name);
    lua_setfield(L, -2, "gate");
    set_text(L, "attribute", attribute->name);
    set_text(L, "unit", attribute->unit);
    set_text(L, "file", where.file);
    if (where.line > 0)
        set_count(L, "line", (uint64_t)where.line);
    set_count(L, "customers", points[0].customers);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        push_point(L, run->ruleset, &points[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "points");
}

/* ---- Lua ---- */

static int free_run(lua_State *L)
{
    price_run *run = luaL_checkudata(L, 1, price_type);
    oe_snapshot_free(run->snapshot);
    run->snapshot = NULL;
    oe__price_free(run->price);
    run->price = NULL;
    return 0;
}

int oe_lua_price(lua_State *L)
{
    const oe_lua_ruleset *ruleset = oe_lua_check_ruleset(L, 1);
    oe_population *population = oe_lua_population_of(L, 2, ruleset);
    lua_settop(L, 4);
    price_run *run = oe_lua_push_scoped(L, sizeof(price_run), price_type, free_run);
    run->ruleset = ruleset->ruleset;
    int refused = read_question(L, run);
    if (refused == 0)
        refused = oe_lua_to_options(L, run->ruleset, 4, &run->question.options);
    if (refused > 0)
        return refused;
    lua_getfield(L, 3, "workers");
    oe_lua_pass pass = {.ruleset = run->ruleset,
                        .workers = oe_lua_workers(L, lua_gettop(L)),
                        .begin = begin_part,
                        .take = take_page,
                        .end = end_part,
                        .context = run};
    oe_error error = {0};
    oe_status status = oe__price_new(run->ruleset, &run->question, &run->price, &error);
    run->snapshot = status == OE_OK ? oe_snapshot_new(population) : NULL;
    if (status == OE_OK && run->snapshot == NULL)
        return luaL_error(L, "price: out of memory, or too many walks at a time");
    pass.snapshot = run->snapshot;
    if (status == OE_OK)
        status = oe_lua_pass_run(&pass, &error);
    if (status != OE_OK)
        return oe_lua_fail(L, &error);
    push_answer(L, run);
    return 1;
}
