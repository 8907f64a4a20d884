/* outcome.c: asks the engine for the explanation of one product. */
#include "outcome.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

#include "decision.h"
#include "engine/decide.h"
#include "engine/effect.h"
#include "failure.h"
#include "profile.h"
#include "ruleset.h"

static const char *word_of(const oe_ruleset *ruleset, const oe_explanation *explanation)
{
    oe_cause causes[OE__PRINCIPAL_MAX];
    if (explanation->fallback)
        return "fallback";
    if (explanation->stage == OE_STAGE_OFFERED)
        return "offered";
    size_t count = oe__principal_causes(ruleset, explanation, causes);
    return count > 0 ? oe_cause_name(causes[0]) : oe_stage_name(explanation->stage);
}

static void push_known(lua_State *L, double value)
{
    if (isnan(value))
        lua_pushnil(L);
    else
        lua_pushnumber(L, value);
}

int oe_lua_outcome(lua_State *L)
{
    oe_lua_ruleset *self = oe_lua_check_ruleset(L, 1);
    const char *id = luaL_checkstring(L, 4);
    int32_t product = oe_ruleset_find(self->ruleset, OE_PRODUCTS, id, strlen(id));
    if (product < 0)
        return oe_lua_fail_unknown(L, self->ruleset, OE_PRODUCTS, id);
    oe_options options;
    int refused = oe_lua_to_options(L, self->ruleset, 3, &options);
    if (refused > 0)
        return refused;
    const oe_profile *profile = oe_lua_to_profile(L, self, 2);
    if (profile == NULL)
        return 4;
    const oe_explanation *explanation =
        oe_explain(self->decider, profile, &options, (size_t)product);
    if (explanation == NULL)
        return luaL_error(L, "outcome: out of memory");
    lua_pushstring(L, word_of(self->ruleset, explanation));
    push_known(L, explanation->confidence);
    push_known(L, explanation->priority);
    return 3;
}

static void push_derived(lua_State *L, const oe_ruleset *ruleset, const oe_profile *made,
                         size_t attribute)
{
    size_t length = 0;
    double value = made->values[attribute];
    const char *text = NULL;
    if (oe__attribute(ruleset, attribute)->type == OE_TEXT)
        text = oe_profile_text(made, attribute, &length);
    if (text != NULL)
        lua_pushlstring(L, text, length);
    else
        push_known(L, value);
}

int oe_lua_derived(lua_State *L)
{
    oe_lua_ruleset *self = oe_lua_check_ruleset(L, 1);
    oe_options options;
    int refused = oe_lua_to_options(L, self->ruleset, 3, &options);
    if (refused > 0)
        return refused;
    const oe_profile *profile = oe_lua_to_profile(L, self, 2);
    if (profile == NULL)
        return 4;
    (void)oe_decide(self->decider, profile, &options);
    lua_newtable(L);
    for (size_t i = 0; i < oe_ruleset_count(self->ruleset, OE_ATTRIBUTES); i++) {
        if (!oe__attribute(self->ruleset, i)->derived)
            continue;
        push_derived(L, self->ruleset, self->decider->derived, i);
        lua_setfield(L, -2, oe__attribute(self->ruleset, i)->name);
    }
    return 1;
}
