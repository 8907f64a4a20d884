/* outcome.c: asks the engine for the explanation of one product. */
#include "outcome.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

#include "decision.h"
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
