/* population.h: many profiles in memory as a userdata. */
#ifndef OE_LUA_POPULATION_H
#define OE_LUA_POPULATION_H

#include <lua.h>

#include "offerengine.h"

int oe_lua_new_population(lua_State *L); /* core.population(ruleset) */
void oe_lua_open_population(lua_State *L);

/* The population at `index`, which is not closed and has the dictionary of `ruleset`; raises
 * otherwise. */
oe_population *oe_lua_to_population(lua_State *L, int index, const oe_ruleset *ruleset);
/* Walks that begin (1) and end (-1): a population that is closed meanwhile waits for their end.
 */
void oe_lua_count_walks(lua_State *L, int index, int change);

#endif
