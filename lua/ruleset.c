/* ruleset.c: the sealed ruleset as a userdata: its life and its list of methods. What it holds
 * is listed by catalog.c, deciding is decision.c. */
#include "ruleset.h"

#include <lauxlib.h>

#include "campaign.h"
#include "catalog.h"
#include "check.h"
#include "decision.h"
#include "edges.h"
#include "experiment.h"
#include "outcome.h"
#include "profile.h"
#include "program.h"
#include "replay.h"
#include "seen.h"
#include "store/hash.h"

static const char ruleset_type[] = "offerengine.ruleset";

/* What lua_newuserdatauv may raise over. */
typedef struct handover {
    oe_ruleset *ruleset;
    oe_dictionary *dictionary;
} handover;

static int push_guarded(lua_State *L)
{
    handover *given = lua_touserdata(L, 1);
    oe_lua_ruleset *self = lua_newuserdatauv(L, sizeof *self, 0);
    *self = (oe_lua_ruleset){0};
    luaL_setmetatable(L, ruleset_type);
    self->ruleset = given->ruleset;
    self->dictionary = given->dictionary;
    *given = (handover){0};
    self->decider = oe_decider_new(self->ruleset);
    self->scratch = oe_profile_new(self->ruleset);
    if (self->decider == NULL || self->scratch == NULL ||
        !oe__caller_attach(&self->caller, self->ruleset, self->decider))
        return luaL_error(L, "ruleset: out of memory");
    return 1;
}

void oe_lua_push_ruleset(lua_State *L, oe_ruleset *ruleset, oe_dictionary *dictionary)
{
    handover given = {ruleset, dictionary};
    lua_pushcfunction(L, push_guarded);
    lua_pushlightuserdata(L, &given);
    if (lua_pcall(L, 1, 1, 0) == LUA_OK)
        return;
    oe_ruleset_free(given.ruleset);
    oe_dictionary_free(given.dictionary);
    lua_error(L);
}

oe_lua_ruleset *oe_lua_check_ruleset(lua_State *L, int index)
{
    return luaL_checkudata(L, index, ruleset_type);
}

oe_lua_ruleset *oe_lua_test_ruleset(lua_State *L, int index)
{
    return luaL_testudata(L, index, ruleset_type);
}

/* Runs only when nothing that was made from the ruleset is left: they all hold it as a user
 * value. */
static int free_ruleset(lua_State *L)
{
    oe_lua_ruleset *self = oe_lua_check_ruleset(L, 1);
    oe__caller_free(self->caller);
    oe_decider_free(self->decider);
    oe_profile_free(self->scratch);
    oe_ruleset_free(self->ruleset);
    oe_dictionary_free(self->dictionary);
    oe__buffer_free(&self->text);
    *self = (oe_lua_ruleset){0};
    return 0;
}

static int ruleset_hash(lua_State *L)
{
    lua_pushstring(L, oe_ruleset_source(oe_lua_check_ruleset(L, 1)->ruleset));
    return 1;
}

static int ruleset_meaning(lua_State *L)
{
    char meaning[OE__MEANING_SIZE];
    if (oe__hash_meaning(oe_lua_check_ruleset(L, 1)->ruleset, meaning) != OE_OK)
        return luaL_error(L, "ruleset: out of memory");
    lua_pushstring(L, meaning);
    return 1;
}

static int ruleset_text(lua_State *L)
{
    oe_lua_ruleset *self = oe_lua_check_ruleset(L, 1);
    lua_pushfstring(L, "offerengine.ruleset %s (%d products)", oe_ruleset_source(self->ruleset),
                    (int)oe_ruleset_count(self->ruleset, OE_PRODUCTS));
    return 1;
}

void oe_lua_open_ruleset(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"decide", oe_lua_decide},
        {"decide_json", oe_lua_decide_bytes},
        {"explain", oe_lua_explain},
        {"explain_json", oe_lua_explain_bytes},
        {"profile", oe_lua_make_profile},
        {"profile_json", oe_lua_read_profile},
        {"segments", oe_lua_segments},
        {"products", oe_lua_products},
        {"product", oe_lua_product},
        {"rules", oe_lua_rules},
        {"release", oe_lua_release},
        {"attributes", oe_lua_attributes},
        {"categories", oe_lua_categories},
        {"ladders", oe_lua_ladders},
        {"experiments", oe_lua_experiments},
        {"campaigns", oe_lua_campaigns},
        {"dimensions", oe_lua_dimensions},
        {"functions", oe_lua_functions},
        {"check", oe_lua_check},
        {"seen", oe_lua_seen},
        {"derived", oe_lua_derived},
        {"edges", oe_lua_edges},
        {"outcome", oe_lua_outcome},
        {"hash", ruleset_hash},
        {"meaning", ruleset_meaning},
        {"replay", oe_lua_replay},
        {"replay_trace", oe_lua_replay_trace},
        {NULL, NULL},
    };
    luaL_newmetatable(L, ruleset_type);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, free_ruleset);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, ruleset_text);
    lua_setfield(L, -2, "__tostring");
    lua_pushstring(L, ruleset_type);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}
