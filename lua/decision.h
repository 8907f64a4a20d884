/* decision.h: deciding and explaining for one customer. Methods of the ruleset userdata. */
#ifndef OE_LUA_DECISION_H
#define OE_LUA_DECISION_H

#include <lua.h>

#include "offerengine.h"

/* Of `limit`, wherever one is given. */
enum { OE_LUA_LIMIT_MAX = 10000 };
#include "ruleset.h"

int oe_lua_decide(lua_State *L);        /* ruleset:decide(profile, options) */
int oe_lua_decide_bytes(lua_State *L);  /* ruleset:decide_json(profile, options) */
int oe_lua_explain(lua_State *L);       /* ruleset:explain(profile, options, product) */
int oe_lua_explain_bytes(lua_State *L); /* ruleset:explain_json(profile, options, product) */

/* Fills `options` from the table at `index` (none or nil: the defaults, and now). Raises on a
 * wrong key or type. Returns 0, or the number of values pushed when a time or a category is at
 * fault. */
int oe_lua_to_options(lua_State *L, const oe_ruleset *ruleset, int index, oe_options *options);

#endif
