/* catalog.c: what a ruleset holds, as fresh Lua tables with the words of the rule language. */
#include "catalog.h"

#include <lauxlib.h>
#include <math.h>

#include "clock.h"
#include "decision.h"
#include "engine/ruleset.h"
#include "failure.h"
#include "profile.h"

const char *oe_lua_type_name(oe_type type)
{
    static const char *const names[OE_TYPE_COUNT] = {
        "number", "integer", "money", "text", "flag", "product_set",
    };
    return names[type];
}

static void set_text(lua_State *L, const char *key, const char *text)
{
    if (text == NULL)
        return;
    lua_pushstring(L, text);
    lua_setfield(L, -2, key);
}

/* Whole numbers show as integers. */
static void push_number(lua_State *L, double value)
{
    lua_Integer whole = 0;
    if (lua_numbertointeger(value, &whole) && (double)whole == value)
        lua_pushinteger(L, whole);
    else
        lua_pushnumber(L, value);
}

/* What is open stays out. */
static void set_number(lua_State *L, const char *key, double value)
{
    if (!isfinite(value))
        return;
    push_number(L, value);
    lua_setfield(L, -2, key);
}

static void set_flag(lua_State *L, const char *key, bool value)
{
    lua_pushboolean(L, value);
    lua_setfield(L, -2, key);
}

static void set_names(lua_State *L, const char *key, const char *const *names, size_t count)
{
    if (count == 0)
        return;
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_pushstring(L, names[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, key);
}

static void set_numbers(lua_State *L, const char *key, const double *numbers, size_t count)
{
    if (count == 0)
        return;
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        push_number(L, numbers[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, key);
}

static void set_where(lua_State *L, oe_where where)
{
    set_text(L, "file", where.file);
    if (where.line > 0)
        set_number(L, "line", where.line);
}

static void set_period(lua_State *L, int64_t from_ms, int64_t until_ms)
{
    char text[OE_LUA_TIME_MAX];
    if (from_ms != INT64_MIN) {
        oe_lua_time_write(from_ms, text);
        set_text(L, "from", text);
    }
    if (until_ms !=
        INT64_MAX) { /* `until` names the last day, the engine the moment after it */
        oe_lua_time_write(until_ms - 86400000, text);
        set_text(L, "until", text);
    }
}

static void set_condition(lua_State *L, const oe_ruleset *ruleset, const char *key,
                          oe_condition condition)
{
    if (condition != OE_NO_CONDITION)
        set_text(L, key, oe_ruleset_condition_text(ruleset, condition));
}

/* Sets PREFIX_ATTRIBUTE = value, e.g. min_income = 75000, in the table on top. */
static void set_attribute(lua_State *L, const char *prefix, const char *attribute, double value)
{
    const char *key = lua_pushfstring(L, "%s_%s", prefix, attribute);
    lua_insert(L, -2);
    set_number(L, key, value);
    lua_remove(L, -2);
}

/* The bounds as they hold; `declared` has the rule's own minimum where a tier changed it. */
static void set_bounds(lua_State *L, const oe_ruleset *ruleset, size_t index)
{
    const oe_product *product = oe_ruleset_product(ruleset, index);
    for (size_t i = 0; i < product->bound_count; i++) {
        set_attribute(L, "min", product->bounds[i].attribute, product->bounds[i].low);
        set_attribute(L, "max", product->bounds[i].attribute, product->bounds[i].high);
    }
    lua_newtable(L);
    for (size_t i = 0; i < product->bound_count; i++) {
        double declared = oe_ruleset_bound_declared(ruleset, index, i);
        if (declared < product->bounds[i].low || declared > product->bounds[i].low)
            set_attribute(L, "min", product->bounds[i].attribute, declared);
    }
    lua_setfield(L, -2, "declared");
}

/* `lines`: where each number of the product stands, e.g. min_income = 10, in its file. */
static void set_lines(lua_State *L, const oe_product *product)
{
    lua_newtable(L);
    for (size_t i = 0; i < product->bound_count; i++)
        set_attribute(L, isfinite(product->bounds[i].low) ? "min" : "max",
                      product->bounds[i].attribute, product->bounds[i].where.line);
    for (size_t i = 0; i < product->ideal_count; i++)
        set_attribute(L, "ideal", product->ideals[i].attribute, product->ideals[i].where.line);
    for (size_t i = 0; i < product->curve_count; i++)
        set_attribute(L, "curve", product->curves[i].attribute, product->curves[i].where.line);
    lua_setfield(L, -2, "lines");
}

static void set_gates(lua_State *L, const oe_ruleset *ruleset, const oe_product *product)
{
    if (product->gate_count == 0)
        return;
    lua_createtable(L, (int)product->gate_count, 0);
    for (size_t i = 0; i < product->gate_count; i++) {
        lua_createtable(L, 0, 4);
        set_text(L, "name", product->gates[i].name);
        set_condition(L, ruleset, "condition", product->gates[i].condition);
        set_where(L, product->gates[i].where);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "gates");
}

/* A template, or where the function stands that says it. */
static void set_message(lua_State *L, const oe_ruleset *ruleset, size_t product)
{
    uint32_t function = ruleset->compiled[product].message_function;
    if (function == OE__NO_FUNCTION) {
        set_text(L, "message", oe_ruleset_product(ruleset, product)->message);
        return;
    }
    const oe_where *where = &ruleset->functions[function].where;
    lua_pushfstring(L, "function at %s:%d", where->file ? where->file : "rules", where->line);
    lua_setfield(L, -2, "message");
}

static void push_product(lua_State *L, const oe_ruleset *ruleset, size_t index)
{
    const oe_product *product = oe_ruleset_product(ruleset, index);
    lua_newtable(L);
    set_text(L, "id", product->id);
    set_text(L, "name", product->name);
    set_text(L, "category", product->category);
    set_text(L, "tier", product->tier);
    set_text(L, "reason", product->reason);
    set_message(L, ruleset, index);
    set_text(L, "group", product->group);
    set_bounds(L, ruleset, index);
    for (size_t i = 0; i < product->ideal_count; i++)
        set_attribute(L, "ideal", product->ideals[i].attribute, product->ideals[i].value);
    set_lines(L, product);
    set_gates(L, ruleset, product);
    set_names(L, "after", product->after, product->after_count);
    set_names(L, "not_with", product->not_with, product->not_with_count);
    set_period(L, product->from_ms, product->until_ms);
    set_number(L, "threshold", oe_ruleset_threshold(ruleset, index));
    set_number(L, "value", product->value);
    set_number(L, "lever", product->lever);
    set_flag(L, "off", product->off);
    set_where(L, product->where);
}

static void set_boosts(lua_State *L, const oe_segment *segment)
{
    lua_createtable(L, (int)segment->boost_count, 0);
    for (size_t i = 0; i < segment->boost_count; i++) {
        const oe_boost *boost = &segment->boosts[i];
        lua_createtable(L, 0, 2);
        set_text(L, boost->is_category ? "category" : "product", boost->target);
        set_number(L, "points", boost->points);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "boosts");
}

static void push_segment(lua_State *L, const oe_ruleset *ruleset, size_t index)
{
    const oe_segment *segment = oe_ruleset_segment(ruleset, index);
    lua_newtable(L);
    set_text(L, "id", segment->id);
    set_text(L, "name", segment->name);
    set_condition(L, ruleset, "condition", segment->condition);
    set_boosts(L, segment);
    set_where(L, segment->where);
}

static void push_rule(lua_State *L, const oe_ruleset *ruleset, size_t index)
{
    const oe_rule *rule = oe_ruleset_rule(ruleset, index);
    lua_newtable(L);
    set_text(L, "id", rule->id);
    set_text(L, "kind", rule->excludes ? "exclude" : "adjust");
    set_text(L, "reason", rule->reason);
    set_names(L, "categories", rule->scope.categories, rule->scope.category_count);
    set_names(L, "products", rule->scope.products, rule->scope.product_count);
    set_condition(L, ruleset, "condition", rule->condition);
    if (rule->excludes)
        set_flag(L, "unknown_excludes", rule->unknown_excludes);
    else
        set_number(L, "points", rule->points);
    set_period(L, rule->from_ms, rule->until_ms);
    set_where(L, rule->where);
}

static void push_attribute(lua_State *L, const oe_ruleset *ruleset, size_t index)
{
    const oe_attribute *attribute = oe_ruleset_attribute(ruleset, index);
    lua_newtable(L);
    set_text(L, "name", attribute->name);
    set_text(L, "type", oe_lua_type_name(attribute->type));
    set_text(L, "unit", attribute->unit);
    set_text(L, "label", attribute->label);
    set_number(L, "minimum", attribute->minimum);
    set_number(L, "maximum", attribute->maximum);
    set_number(L, "step", attribute->step);
    set_flag(L, "optional", attribute->optional);
    set_flag(L, "nullable", attribute->nullable);
    set_flag(L, "protected", attribute->is_protected);
    set_flag(L, "immutable", attribute->immutable);
    set_flag(L, "derived", attribute->derived);
    set_numbers(L, "groups", attribute->groups, attribute->group_count);
    set_names(L, "words", attribute->words, attribute->word_count);
    set_where(L, attribute->where);
}

static void push_category(lua_State *L, const oe_ruleset *ruleset, size_t index)
{
    const oe_category *category = oe_ruleset_category(ruleset, index);
    lua_newtable(L);
    set_text(L, "id", category->id);
    set_text(L, "name", category->name);
    if (category->regulated_credit)
        set_text(L, "regulated", "credit");
    set_where(L, category->where);
}

static void push_dimension(lua_State *L, const oe_ruleset *ruleset, size_t index)
{
    const oe_dimension *dimension = oe_ruleset_dimension(ruleset, index);
    lua_newtable(L);
    set_text(L, "name", dimension->name);
    set_text(L, "attribute", dimension->attribute);
    set_number(L, "weight", dimension->weight);
    set_number(L, "ideal", dimension->ideal);
    set_flag(L, "every", dimension->every);
    set_where(L, dimension->where);
}

static void push_ladder(lua_State *L, const oe_ruleset *ruleset, size_t index)
{
    const oe_ladder *ladder = oe_ruleset_ladder(ruleset, index);
    lua_newtable(L);
    set_text(L, "id", ladder->id);
    lua_createtable(L, (int)ladder->step_count, 0);
    for (size_t i = 0; i < ladder->step_count; i++) {
        lua_pushstring(L, ladder->steps[i].product);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "steps");
    set_where(L, ladder->where);
}

int oe_lua_ladders(lua_State *L)
{
    const oe_ruleset *ruleset = oe_lua_check_ruleset(L, 1)->ruleset;
    size_t count = oe_ruleset_ladder_count(ruleset);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        push_ladder(L, ruleset, i);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

typedef void (*push_item)(lua_State *L, const oe_ruleset *ruleset, size_t index);

static int push_list(lua_State *L, oe_kind kind, push_item push)
{
    const oe_ruleset *ruleset = oe_lua_check_ruleset(L, 1)->ruleset;
    size_t count = oe_ruleset_count(ruleset, kind);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        push(L, ruleset, i);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

int oe_lua_products(lua_State *L)
{
    return push_list(L, OE_PRODUCTS, push_product);
}

int oe_lua_rules(lua_State *L)
{
    return push_list(L, OE_RULES, push_rule);
}

int oe_lua_attributes(lua_State *L)
{
    return push_list(L, OE_ATTRIBUTES, push_attribute);
}

int oe_lua_categories(lua_State *L)
{
    return push_list(L, OE_CATEGORIES, push_category);
}

int oe_lua_dimensions(lua_State *L)
{
    return push_list(L, OE_DIMENSIONS, push_dimension);
}

int oe_lua_product(lua_State *L)
{
    const oe_ruleset *ruleset = oe_lua_check_ruleset(L, 1)->ruleset;
    size_t length = 0;
    const char *id = luaL_checklstring(L, 2, &length);
    int32_t index = oe_ruleset_find(ruleset, OE_PRODUCTS, id, length);
    if (index < 0)
        return oe_lua_fail_unknown(L, ruleset, OE_PRODUCTS, id);
    push_product(L, ruleset, (size_t)index);
    return 1;
}

int oe_lua_segments(lua_State *L)
{
    oe_lua_ruleset *self = oe_lua_check_ruleset(L, 1);
    if (lua_isnoneornil(L, 2))
        return push_list(L, OE_SEGMENTS, push_segment);
    oe_options options;
    int refused = oe_lua_to_options(L, self->ruleset, 3, &options);
    if (refused > 0)
        return refused;
    const oe_profile *profile = oe_lua_to_profile(L, self, 2);
    if (profile == NULL)
        return 4;
    const oe_decision *decision = oe_decide(self->decider, profile, &options);
    lua_createtable(L, (int)decision->segment_count, 0);
    for (size_t i = 0; i < decision->segment_count; i++) {
        push_segment(L, self->ruleset, decision->segments[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* A gate that is not closed stays out. */
static void set_gate(lua_State *L, const char *key, double value)
{
    if (!isnan(value))
        set_number(L, key, value);
}

int oe_lua_release(lua_State *L)
{
    const oe_release *release = oe_ruleset_release(oe_lua_check_ruleset(L, 1)->ruleset);
    if (release->where.file == NULL)
        return 0;
    lua_createtable(L, 0, 7);
    set_gate(L, "max_lost", release->max_lost);
    set_gate(L, "max_lost_only", release->max_lost_only);
    set_gate(L, "max_best_changed", release->max_best_changed);
    set_gate(L, "min_ratio", release->min_ratio);
    set_number(L, "min_group", release->min_group);
    set_where(L, release->where);
    return 1;
}
