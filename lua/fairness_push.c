/* fairness_push.c: judgements of fairness as tables. */
#include "compare.h"

#include <lauxlib.h>
#include <stdio.h>

static void set_text(lua_State *L, const char *key, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, key);
}

static void set_count(lua_State *L, const char *key, uint64_t count)
{
    lua_pushinteger(L, (lua_Integer)count);
    lua_setfield(L, -2, key);
}

static void set_number(lua_State *L, const char *key, double number)
{
    if (!(number == number))
        return;
    lua_pushnumber(L, number);
    lua_setfield(L, -2, key);
}

static void append(lua_State *L)
{
    lua_rawseti(L, -2, luaL_len(L, -2) + 1);
}

/* ---- Groups ---- */

/* "under 40", "40 to 61" (integers) or "40 to under 62", "62 and over". */
static void push_range(lua_State *L, const oe_attribute *attribute, size_t group, size_t ranges)
{
    char text[96];
    double low = group > 0 ? attribute->groups[group - 1] : 0;
    double high = group + 1 < ranges ? attribute->groups[group] : 0;
    if (group == 0)
        (void)snprintf(text, sizeof text, "under %.15g", high);
    else if (group + 1 == ranges)
        (void)snprintf(text, sizeof text, "%.15g and over", low);
    else if (attribute->type == OE_INTEGER)
        (void)snprintf(text, sizeof text, "%.15g to %.15g", low, high - 1);
    else
        (void)snprintf(text, sizeof text, "%.15g to under %.15g", low, high);
    lua_pushstring(L, text);
}

static void push_group_name(lua_State *L, const oe__comparison *comparison,
                            const oe__fairness *fairness, size_t audit, size_t group)
{
    const oe__audit *own = &comparison->audits[audit];
    const oe_attribute *attribute =
        oe_ruleset_attribute(comparison->rules[OE__NEW], own->attribute);
    if (group + 1 == own->group_count)
        lua_pushstring(L, "not on file");
    else if (own->type == OE_FLAG)
        lua_pushstring(L, group == 0 ? "yes" : "no");
    else if (own->type != OE_TEXT)
        push_range(L, attribute, group, own->group_count - 1);
    else if (group < fairness->texts[audit].count)
        lua_pushlstring(L, fairness->texts[audit].names[group].text,
                        fairness->texts[audit].names[group].length);
    else
        lua_pushstring(L, "all others");
}

static void push_groups(lua_State *L, const oe__comparison *comparison,
                        const oe__fairness *fairness, size_t audit,
                        const oe__judgement *judgement)
{
    static const char *const verdicts[] = {"pass", "fail", "too few"};
    lua_newtable(L);
    for (size_t g = 0; g < judgement->group_count; g++) {
        const oe__fair_group *group = &judgement->groups[g];
        if (group->customers == 0)
            continue;
        lua_createtable(L, 0, 10);
        push_group_name(L, comparison, fairness, audit, g);
        lua_setfield(L, -2, "group");
        set_count(L, "customers", group->customers);
        set_count(L, "offered_before", group->offered[OE__BASE]);
        set_count(L, "offered_after", group->offered[OE__NEW]);
        set_number(L, "rate_before", group->rate[OE__BASE]);
        set_number(L, "rate_after", group->rate[OE__NEW]);
        set_number(L, "ratio_before", group->ratio[OE__BASE]);
        set_number(L, "ratio_after", group->ratio[OE__NEW]);
        bool unknown = g + 1 == judgement->group_count;
        set_text(L, "verdict", unknown ? "not judged" : verdicts[group->verdict]);
        append(L);
    }
}

/* ---- What makes the gap ---- */

static void set_where(lua_State *L, oe_where where)
{
    set_text(L, "file", where.file);
    if (where.line > 0)
        set_count(L, "line", (uint64_t)where.line);
}

static void set_range(lua_State *L, const oe_ruleset *ruleset, const oe__range *range, bool low)
{
    lua_pushfstring(L, "%s%s", low ? "min_" : "max_",
                    oe_ruleset_attribute(ruleset, range->attribute)->name);
    lua_setfield(L, -2, "check");
    set_number(L, "value", low ? range->low : range->high);
    set_where(L, range->where);
}

static void set_guard(lua_State *L, const oe_ruleset *ruleset, const oe__guard *guard)
{
    set_text(L, "check", guard->rule);
    if (guard->condition != OE_NO_CONDITION)
        set_text(L, "condition", oe_ruleset_condition_text(ruleset, guard->condition));
    set_where(L, guard->where);
}

static void push_check(lua_State *L, const oe__comparison *comparison, size_t product,
                       const oe__judgement *judgement)
{
    static const char *const common[] = {"availability", "owned",     "after",
                                         "not_with",     "threshold", "selection"};
    const oe_ruleset *ruleset = comparison->rules[OE__NEW];
    size_t own = (size_t)comparison->own[OE__NEW][product], check = judgement->check;
    const oe__compiled *compiled = &ruleset->compiled[own];
    lua_createtable(L, 0, 8);
    if (check < 2 * compiled->range_count) {
        set_range(L, ruleset, &compiled->ranges[check / 2], check % 2 == 0);
    } else if (check < 2 * compiled->range_count + compiled->guard_count) {
        set_guard(L, ruleset, &compiled->guards[check - 2 * compiled->range_count]);
    } else {
        set_text(L, "check", common[check - 2 * compiled->range_count - compiled->guard_count]);
        set_where(L, oe_ruleset_product(ruleset, own)->where);
    }
    set_number(L, "share", judgement->share[0]);
    set_number(L, "share_of_highest", judgement->share[1]);
    set_text(L, "relief",
             judgement->relief == OE__RELIEF_VALUE     ? "value"
             : judgement->relief == OE__RELIEF_UNKNOWN ? "unknown"
                                                       : "none");
    if (judgement->relief == OE__RELIEF_VALUE)
        set_number(L, "relief_value", judgement->relief_value);
}

/* ---- The list ---- */

static void push_judgement(lua_State *L, const oe__comparison *comparison,
                           oe__fairness *fairness, oe__case asked,
                           const oe__fair_limits *limits)
{
    static const char *const verdicts[] = {"pass", "fail", "too few"};
    oe__judgement judgement;
    oe__fairness_judge(comparison, fairness, asked, limits, &judgement);
    const oe_attribute *attribute = oe_ruleset_attribute(
        comparison->rules[OE__NEW], comparison->audits[asked.audit].attribute);
    lua_createtable(L, 0, 8);
    set_text(L, "product_id", oe__compared_product(comparison, asked.product)->id);
    set_text(L, "name", oe__compared_product(comparison, asked.product)->name);
    set_text(L, "attribute", attribute->name);
    set_text(L, "verdict", verdicts[judgement.verdict]);
    push_groups(L, comparison, fairness, asked.audit, &judgement);
    lua_setfield(L, -2, "groups");
    if (judgement.highest < judgement.group_count) {
        push_group_name(L, comparison, fairness, asked.audit, judgement.highest);
        lua_setfield(L, -2, "highest");
    }
    if (judgement.worst < judgement.group_count) {
        push_group_name(L, comparison, fairness, asked.audit, judgement.worst);
        lua_setfield(L, -2, "worst");
        set_number(L, "ratio", judgement.groups[judgement.worst].ratio[OE__NEW]);
    }
    if (judgement.check == SIZE_MAX)
        return;
    push_check(L, comparison, asked.product, &judgement);
    lua_setfield(L, -2, "criterion");
}

void oe_lua_push_fairness(lua_State *L, const oe__comparison *comparison,
                          oe__fairness *fairness, const oe__fair_limits *limits)
{
    lua_newtable(L);
    for (size_t p = 0; p < comparison->product_count; p++)
        for (size_t a = 0; a < comparison->audit_count && comparison->own[OE__NEW][p] >= 0;
             a++) {
            push_judgement(L, comparison, fairness, (oe__case){p, a}, limits);
            append(L);
        }
}
