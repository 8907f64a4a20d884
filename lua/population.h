/* population.h: many profiles in memory as a userdata. */
#ifndef OE_LUA_POPULATION_H
#define OE_LUA_POPULATION_H

#include <lua.h>

#include "ruleset.h"

int oe_lua_new_population(lua_State *L); /* core.population(ruleset) */
void oe_lua_open_population(lua_State *L);

/* Pushes one that is another's, who keeps it as long as the userdata lives. It decides by the
 * ruleset at that index, which shares its dictionary. */
void oe_lua_push_population(lua_State *L, oe_population *population, int ruleset);

/* The ruleset that the population at `index` was made of; raises when it is something else. */
oe_lua_ruleset *oe_lua_population_ruleset(lua_State *L, int index);

/* The population at `index`; raises when it is something else, or of other rules. */
oe_population *oe_lua_population_of(lua_State *L, int index, const oe_lua_ruleset *ruleset);
/* Walks that begin (1) and end (-1): a population that is closed meanwhile waits for their end.
 */
void oe_lua_count_walks(lua_State *L, int index, int change);

#endif
