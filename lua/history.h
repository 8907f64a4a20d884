/* history.h: the rules that served, as a store remembers them. */
#ifndef OE_LUA_HISTORY_H
#define OE_LUA_HISTORY_H

#include <lua.h>

/* store:generations([limit]) -> list of {generation, ruleset, at_ms, author, note}, newest
 * first; or nil, message, code. limit: 1 to 1,000, 100 unless given. */
int oe_lua_generations(lua_State *L);

/* store:generation([number]) -> {generation, ruleset, at_ms, author, note, texts}, the newest
 * unless a number is given; or nil, message, code. */
int oe_lua_generation(lua_State *L);

#endif
