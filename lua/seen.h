/* seen.h: which conditions and limits customers have put to the test. */
#ifndef OE_LUA_SEEN_H
#define OE_LUA_SEEN_H

#include <lua.h>

/* ruleset:seen(profiles [, options]): of each condition and each minimum and maximum a
 * table {text =, file =, line =, held =, failed =}: whether it held for one of the profiles and
 * whether it failed for one. A whole whose parts are one-sided is left out, and so is
 * lacks_category(), which asks each product something else. Or nil, message,
 * code for a profile that is none. */
int oe_lua_seen(lua_State *L);

#endif
