/* bytecode.h: what a function of a rule file would do when it is called, read from its compiled
 * form. Knows Lua 5.4's dump format and opcodes, nothing of the rules. */
#ifndef OE_LUA_BYTECODE_H
#define OE_LUA_BYTECODE_H

#include <lua.h>

/* scan_function(f): {names = {text = true, ...}, writes = {{line =, target =}, ...}}, where
 * target is "upvalue", "global" or "argument"; functions within are included. nil for a
 * function that no rule file holds, false when the compiled form is not understood. */
int oe_lua_scan_function(lua_State *L);

#endif
