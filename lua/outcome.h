/* outcome.h: what became of one product for one customer, in few words and unrounded. */
#ifndef OE_LUA_OUTCOME_H
#define OE_LUA_OUTCOME_H

#include <lua.h>

/* ruleset:outcome(profile, options, product): "offered", "fallback" or the principal reason
 * code; the confidence and the priority, nil where a gate or an earlier stage refused. Or nil,
 * message, code. */
int oe_lua_outcome(lua_State *L);

/* ruleset:derived(profile [, options]): the values of the derived attributes by name; what is
 * not on file is nil. Or nil, message, code. */
int oe_lua_derived(lua_State *L);

#endif
