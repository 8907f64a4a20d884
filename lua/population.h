/* population.h: many profiles in memory as a userdata. */
#ifndef OE_LUA_POPULATION_H
#define OE_LUA_POPULATION_H

#include <lua.h>

int oe_lua_new_population(lua_State *L); /* core.population(ruleset) */
void oe_lua_open_population(lua_State *L);

#endif
