/* profile.h: one customer's values as a userdata, and profiles given as Lua tables. */
#ifndef OE_LUA_PROFILE_H
#define OE_LUA_PROFILE_H

#include <lua.h>

#include "offerengine.h"
#include "ruleset.h"

int oe_lua_make_profile(lua_State *L); /* ruleset:profile(table) */
int oe_lua_read_profile(lua_State *L); /* ruleset:profile_json(text) */

/* The profile at `index`: a profile userdata of `self`, or a table, which is read into the
 * ruleset's scratch profile. Raises when it is neither. NULL when its content is at fault: then
 * nil, message, code and faults have been pushed (4 values). */
const oe_profile *oe_lua_to_profile(lua_State *L, oe_lua_ruleset *self, int index);

/* Appends the JSON text of a profile to `out`; raises when memory is out. */
void oe_lua_write_profile(lua_State *L, const oe_profile *profile, oe__buffer *out);

/* Pushes the profile as a table of what is on file, with the members of its JSON text. */
void oe_lua_push_profile_table(lua_State *L, const oe_profile *profile);

/* The profile userdata at `index`, NULL when it is something else. */
const oe_profile *oe_lua_test_profile(lua_State *L, int index);

void oe_lua_open_profile(lua_State *L);

#endif
