/* bind.c: one function per declaration of the builder. */
#include "bind.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

#include "bind_policy.h"
#include "bind_read.h"
#include "clock.h"
#include "encode.h"
#include "engine/text.h"
#include "tables.h"

static int bind_attribute(lua_State *L)
{
    static const char *const types[] = {"number", "integer",     "money", "text",
                                        "flag",   "product_set", NULL};
    oe_bind *bind = oe__bind_open(L);
    oe_attribute attribute = {
        .name = oe__bind_needed_text(L, 1, "name"),
        .unit = oe__bind_text(L, 1, "unit"),
        .label = oe__bind_text(L, 1, "label"),
        .minimum = oe__bind_number(L, 1, "minimum", -(double)INFINITY),
        .maximum = oe__bind_number(L, 1, "maximum", (double)INFINITY),
        .step = oe__bind_number(L, 1, "step", 0),
        .optional = oe__bind_flag(L, 1, "optional"),
        .nullable = oe__bind_flag(L, 1, "nullable"),
        .is_protected = oe__bind_flag(L, 1, "protected"),
        .immutable = oe__bind_flag(L, 1, "immutable"),
        .derived = oe__bind_flag(L, 1, "derived"),
        .where = oe__bind_where(L, 1, bind),
    };
    lua_getfield(L, 1, "type");
    attribute.type = (oe_type)luaL_checkoption(L, -1, NULL, types);
    attribute.words = oe__bind_texts(L, 1, "words", &attribute.word_count);
    attribute.values = oe__bind_texts(L, 1, "values", &attribute.value_count);
    attribute.keys = oe__bind_keys(L, 1, &attribute.key_count);
    attribute.groups = oe__bind_numbers(L, 1, "groups", &attribute.group_count);
    return oe__bind_close(L, oe_builder_attribute(bind->builder, &attribute));
}

/* The value on top of the stack: a text, a number or a flag. */
static oe_value read_value(lua_State *L)
{
    int type = lua_type(L, -1);
    if (type == LUA_TSTRING)
        return (oe_value){.text = lua_tostring(L, -1)};
    return (oe_value){.number = type == LUA_TBOOLEAN ? lua_toboolean(L, -1)
                                                     : luaL_checknumber(L, -1)};
}

static const oe_value *read_list(lua_State *L, const char *key, size_t *count)
{
    oe_value *values = oe__bind_array(L, 1, key, sizeof *values, count);
    for (size_t i = 0; i < *count; i++) {
        lua_rawgeti(L, -2, (lua_Integer)i + 1);
        values[i] = read_value(L);
        lua_pop(L, 1);
    }
    return values;
}

/* The shares of a lot; leaves an array for as long as the arguments stand. */
static const uint32_t *read_shares(lua_State *L, size_t row_count)
{
    size_t count = 0;
    uint32_t *shares = oe__bind_array(L, 1, "shares", sizeof *shares, &count);
    if (count == 0)
        return NULL;
    if (count != row_count) {
        luaL_error(L, "language: a lot needs as many shares as values");
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, -2, (lua_Integer)i + 1);
        shares[i] = (uint32_t)luaL_checkinteger(L, -1);
        lua_pop(L, 1);
    }
    return shares;
}

/* derive{attribute=, key=, keys=, values=, otherwise=}, derive{attribute=, function=} or
 * derive{attribute=, salt=, values=, shares=, from_ms=, until_ms=}. */
static int bind_derive(lua_State *L)
{
    oe_bind *bind = oe__bind_open(L);
    size_t value_count = 0;
    oe_derivation derivation = {
        .attribute = oe__bind_needed_text(L, 1, "attribute"),
        .key = oe__bind_text(L, 1, "key"),
        .salt = oe__bind_text(L, 1, "salt"),
        .from_ms = oe__bind_time(L, 1, "from_ms", INT64_MIN),
        .until_ms = oe__bind_time(L, 1, "until_ms", INT64_MAX),
        .otherwise = {.number = (double)NAN},
        .function = (uint32_t)oe__bind_number(L, 1, "function", 0),
        .digest = (uint64_t)oe__bind_time(L, 1, "digest", 0),
        .where = oe__bind_where(L, 1, bind),
    };
    derivation.keys = read_list(L, "keys", &derivation.row_count);
    derivation.values = read_list(L, "values", &value_count);
    if (derivation.salt != NULL) {
        derivation.row_count = value_count;
        derivation.shares = read_shares(L, value_count);
    }
    if (value_count != derivation.row_count)
        return luaL_error(L, "language: a derivation needs as many values as keys");
    if (lua_getfield(L, 1, "otherwise") != LUA_TNIL)
        derivation.otherwise = read_value(L);
    return oe__bind_close(L, oe_builder_derive(bind->builder, &derivation));
}

static int bind_category(lua_State *L)
{
    oe_bind *bind = oe__bind_open(L);
    oe_category category = {
        .id = oe__bind_needed_text(L, 1, "id"),
        .name = oe__bind_needed_text(L, 1, "name"),
        .regulated_credit = oe__bind_flag(L, 1, "regulated_credit"),
        .where = oe__bind_where(L, 1, bind),
    };
    return oe__bind_close(L, oe_builder_category(bind->builder, &category));
}

static const oe_bound *read_bounds(lua_State *L, const oe_bind *bind, size_t *count)
{
    oe_bound *bounds = oe__bind_array(L, 1, "bounds", sizeof *bounds, count);
    for (size_t i = 0; i < *count; i++) {
        lua_rawgeti(L, -2, (lua_Integer)i + 1);
        int item = lua_gettop(L);
        bounds[i] = (oe_bound){oe__bind_needed_text(L, item, "attribute"),
                               oe__bind_number(L, item, "low", -(double)INFINITY),
                               oe__bind_number(L, item, "high", (double)INFINITY),
                               oe__bind_where(L, item, bind)};
        lua_pop(L, 1);
    }
    return bounds;
}

static const oe_ideal *read_ideals(lua_State *L, const oe_bind *bind, size_t *count)
{
    oe_ideal *ideals = oe__bind_array(L, 1, "ideals", sizeof *ideals, count);
    for (size_t i = 0; i < *count; i++) {
        lua_rawgeti(L, -2, (lua_Integer)i + 1);
        int item = lua_gettop(L);
        ideals[i] =
            (oe_ideal){oe__bind_needed_text(L, item, "attribute"),
                       oe__bind_number(L, item, "value", 0), oe__bind_where(L, item, bind)};
        lua_pop(L, 1);
    }
    return ideals;
}

static const oe_product_curve *read_curves(lua_State *L, const oe_bind *bind, size_t *count)
{
    oe_product_curve *curves = oe__bind_array(L, 1, "curves", sizeof *curves, count);
    for (size_t i = 0; i < *count; i++) {
        lua_rawgeti(L, -2, (lua_Integer)i + 1);
        int item = lua_gettop(L);
        curves[i].attribute = oe__bind_needed_text(L, item, "attribute");
        curves[i].where = oe__bind_where(L, item, bind);
        oe__bind_curve(L, item, bind, &curves[i].curve);
        lua_pop(L, 1);
    }
    return curves;
}

static const oe_gate *read_gates(lua_State *L, const oe_bind *bind, size_t *count)
{
    oe_gate *gates = oe__bind_array(L, 1, "gates", sizeof *gates, count);
    for (size_t i = 0; i < *count; i++) {
        lua_rawgeti(L, -2, (lua_Integer)i + 1);
        int item = lua_gettop(L);
        gates[i] =
            (oe_gate){oe__bind_needed_text(L, item, "name"),
                      oe__bind_condition(L, item, "condition"), oe__bind_where(L, item, bind)};
        lua_pop(L, 1);
    }
    return gates;
}

static int bind_product(lua_State *L)
{
    oe_bind *bind = oe__bind_open(L);
    oe_product product = {
        .id = oe__bind_needed_text(L, 1, "id"),
        .name = oe__bind_text(L, 1, "name"),
        .category = oe__bind_text(L, 1, "category"),
        .tier = oe__bind_text(L, 1, "tier"),
        .reason = oe__bind_text(L, 1, "reason"),
        .group = oe__bind_text(L, 1, "group"),
        .from_ms = oe__bind_time(L, 1, "from_ms", INT64_MIN),
        .until_ms = oe__bind_time(L, 1, "until_ms", INT64_MAX),
        .value = oe__bind_number(L, 1, "value", 1),
        .lever = oe__bind_number(L, 1, "lever", 1),
        .off = oe__bind_flag(L, 1, "off"),
        .message = oe__bind_text(L, 1, "message"),
        .message_where = {bind->file, (int)oe__bind_number(L, 1, "message_line", 0)},
        .reason_where = {bind->file, (int)oe__bind_number(L, 1, "reason_line", 0)},
        .where = oe__bind_where(L, 1, bind),
    };
    product.bounds = read_bounds(L, bind, &product.bound_count);
    product.ideals = read_ideals(L, bind, &product.ideal_count);
    product.curves = read_curves(L, bind, &product.curve_count);
    product.gates = read_gates(L, bind, &product.gate_count);
    product.after = oe__bind_texts(L, 1, "after", &product.after_count);
    product.not_with = oe__bind_texts(L, 1, "not_with", &product.not_with_count);
    product.keys = oe__bind_keys(L, 1, &product.key_count);
    return oe__bind_close(L, oe_builder_product(bind->builder, &product));
}

static int bind_segment(lua_State *L)
{
    oe_bind *bind = oe__bind_open(L);
    oe_segment segment = {
        .id = oe__bind_needed_text(L, 1, "id"),
        .name = oe__bind_needed_text(L, 1, "name"),
        .condition = oe__bind_condition(L, 1, "condition"),
        .where = oe__bind_where(L, 1, bind),
    };
    oe_boost *boosts = oe__bind_array(L, 1, "boosts", sizeof *boosts, &segment.boost_count);
    for (size_t i = 0; i < segment.boost_count; i++) {
        lua_rawgeti(L, -2, (lua_Integer)i + 1);
        int item = lua_gettop(L);
        boosts[i] = (oe_boost){
            oe__bind_flag(L, item, "is_category"), oe__bind_needed_text(L, item, "target"),
            oe__bind_number(L, item, "points", 0), oe__bind_where(L, item, bind)};
        lua_pop(L, 1);
    }
    segment.boosts = boosts;
    segment.keys = oe__bind_keys(L, 1, &segment.key_count);
    return oe__bind_close(L, oe_builder_segment(bind->builder, &segment));
}

static int bind_dimension(lua_State *L)
{
    oe_bind *bind = oe__bind_open(L);
    oe_dimension dimension = {
        .name = oe__bind_needed_text(L, 1, "name"),
        .attribute = oe__bind_needed_text(L, 1, "attribute"),
        .weight = oe__bind_number(L, 1, "weight", 0),
        .ideal = oe__bind_number(L, 1, "ideal", (double)NAN),
        .every = oe__bind_flag(L, 1, "every"),
        .where = oe__bind_where(L, 1, bind),
    };
    if (lua_getfield(L, 1, "curve") == LUA_TTABLE)
        oe__bind_curve(L, -1, bind, &dimension.curve);
    dimension.keys = oe__bind_keys(L, 1, &dimension.key_count);
    return oe__bind_close(L, oe_builder_dimension(bind->builder, &dimension));
}

static int bind_rule(lua_State *L)
{
    oe_bind *bind = oe__bind_open(L);
    oe_rule rule = {
        .id = oe__bind_needed_text(L, 1, "id"),
        .reason = oe__bind_text(L, 1, "reason"),
        .condition = oe__bind_condition(L, 1, "condition"),
        .points = oe__bind_number(L, 1, "points", 0),
        .excludes = oe__bind_flag(L, 1, "excludes"),
        .unknown_excludes = oe__bind_flag(L, 1, "unknown_excludes"),
        .from_ms = oe__bind_time(L, 1, "from_ms", INT64_MIN),
        .until_ms = oe__bind_time(L, 1, "until_ms", INT64_MAX),
        .where = oe__bind_where(L, 1, bind),
    };
    rule.scope.categories = oe__bind_texts(L, 1, "categories", &rule.scope.category_count);
    rule.scope.products = oe__bind_texts(L, 1, "products", &rule.scope.product_count);
    rule.keys = oe__bind_keys(L, 1, &rule.key_count);
    return oe__bind_close(L, oe_builder_rule(bind->builder, &rule));
}

/* condition(table): its number, or nil when it was not lawful. */
static int bind_condition(lua_State *L)
{
    static const char *const operators[] = {"at_least",   "at_most", "above",  "below",
                                            "between",    "equals",  "one_of", "none_of",
                                            "all",        "any",     "not",    "known",
                                            "unknown",    "owns",    "lacks",  "lacks_category",
                                            "in_segment", "call",    NULL};
    oe_bind *bind = oe__bind_open(L);
    oe_test test = {
        .attribute = oe__bind_text(L, 1, "attribute"),
        .low = oe__bind_number(L, 1, "low", -(double)INFINITY),
        .high = oe__bind_number(L, 1, "high", (double)INFINITY),
        .name = oe__bind_text(L, 1, "name"),
        .where = oe__bind_where(L, 1, bind),
    };
    lua_getfield(L, 1, "op");
    test.op = (oe_operator)luaL_checkoption(L, -1, NULL, operators);
    test.function = (uint32_t)oe__bind_number(L, 1, "function", 0);
    test.digest = (uint64_t)oe__bind_time(L, 1, "digest", 0);
    test.values = read_list(L, "values", &test.value_count);
    oe_condition *parts = oe__bind_array(L, 1, "parts", sizeof *parts, &test.part_count);
    for (size_t i = 0; i < test.part_count; i++) {
        lua_rawgeti(L, -2, (lua_Integer)i + 1);
        parts[i] = (oe_condition)luaL_checkinteger(L, -1);
        lua_pop(L, 1);
    }
    test.parts = parts;
    oe_condition condition = oe_builder_condition(bind->builder, &test);
    if (condition == OE_NO_CONDITION)
        lua_pushnil(L);
    else
        lua_pushinteger(L, (lua_Integer)condition);
    return 1;
}

/* message{product=, function=, texts=}: a function says it. */
static int bind_message(lua_State *L)
{
    oe_bind *bind = oe__bind_open(L);
    return oe__bind_close(
        L, oe_builder_message(bind->builder, oe__bind_needed_text(L, 1, "product"),
                              (uint32_t)oe__bind_number(L, 1, "function", 0),
                              oe__bind_text(L, 1, "texts"), oe__bind_where(L, 1, bind)));
}

/* protect{condition=}: it reads a protected attribute. */
static int bind_protect(lua_State *L)
{
    oe_bind *bind = oe__bind_open(L);
    oe_builder_protect(bind->builder, oe__bind_condition(L, 1, "condition"));
    return 0;
}

static int bind_program(lua_State *L)
{
    oe_bind *bind = oe__bind_open(L);
    return oe__bind_close(
        L, oe_builder_program(bind->builder, oe__bind_needed_text(L, 1, "text")));
}

static int bind_report(lua_State *L)
{
    static const char *const severities[] = {"error", "warning", "note", NULL};
    oe_bind *bind = oe__bind_open(L);
    oe_finding finding = {
        .code = oe__bind_needed_text(L, 1, "code"),
        .where = oe__bind_where(L, 1, bind),
        .message = oe__bind_needed_text(L, 1, "message"),
        .suggestion = oe__bind_text(L, 1, "suggestion"),
    };
    lua_getfield(L, 1, "severity");
    finding.severity = (oe_severity)luaL_checkoption(L, -1, "error", severities);
    return oe__bind_close(L, oe_builder_report(bind->builder, &finding));
}

/* place{name=, declared=, line=}: on which line a name of the declaration stands. */
static int bind_place(lua_State *L)
{
    oe_bind *bind = oe__bind_open(L);
    const char *name = oe__bind_needed_text(L, 1, "name");
    oe_place place = {NULL, bind->file, (int)oe__bind_number(L, 1, "declared", 0),
                      (int)oe__bind_number(L, 1, "line", 0)};
    if (place.declared == place.line)
        return 0;
    return oe__bind_close(L, oe__places_note(bind->places, name, &place));
}

/* suggest(word, list): the nearest word or nil. */
static int suggest_word(lua_State *L)
{
    const char *word = luaL_checkstring(L, 1);
    lua_createtable(L, 0, 1);
    lua_pushvalue(L, 2);
    lua_setfield(L, -2, "words");
    size_t count = 0;
    const char *const *words = oe__bind_texts(L, lua_gettop(L), "words", &count);
    lua_pushstring(L, oe_suggest(word, words, count));
    return 1;
}

/* time(text): milliseconds UTC, or nil. */
static int read_time(lua_State *L)
{
    size_t length = 0;
    const char *text = luaL_checklstring(L, 1, &length);
    int64_t at_ms = 0;
    if (!oe_lua_time_parse(text, length, &at_ms))
        return 0;
    lua_pushinteger(L, at_ms);
    return 1;
}

static int is_utf8(lua_State *L)
{
    size_t length = 0;
    const char *text = luaL_checklstring(L, 1, &length);
    lua_pushboolean(L, oe__text_is_utf8(text, length));
    return 1;
}

/* test{...}: one case of a test file, as it is. */
static int bind_test(lua_State *L)
{
    oe_bind *bind = oe__bind_open(L);
    lua_pushcfunction(L, oe_lua_encode_json);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    size_t length = 0;
    const char *text = lua_tolstring(L, -1, &length);
    oe__buffer_add(bind->cases, text, length);
    oe__buffer_add_char(bind->cases, '\n');
    return 0;
}

void oe__bind_push(lua_State *L, oe_bind *bind)
{
    static const luaL_Reg words[] = {
        {"attribute", bind_attribute},
        {"category", bind_category},
        {"product", bind_product},
        {"segment", bind_segment},
        {"dimension", bind_dimension},
        {"rule", bind_rule},
        {"condition", bind_condition},
        {"protect", bind_protect},
        {"report", bind_report},
        {"suggest", suggest_word},
        {"time", read_time},
        {"place", bind_place},
        {"is_utf8", is_utf8},
        {"program", bind_program},
        {"message", bind_message},
        {"derive", bind_derive},
        {"table", oe__bind_table},
        {"number", oe__bind_cell_number},
        {NULL, NULL},
    };
    luaL_newlibtable(L, words);
    lua_pushlightuserdata(L, bind);
    luaL_setfuncs(L, words, 1);
    lua_pushlightuserdata(L, bind);
    luaL_setfuncs(L, oe__bind_policy_words, 1);
    if (bind->cases != NULL) {
        oe_lua_open_encode(L);
        lua_pushlightuserdata(L, bind);
        lua_pushcclosure(L, bind_test, 1);
        lua_setfield(L, -2, "test");
    }
}
