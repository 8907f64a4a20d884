/* functions.h: the functions of the rules inside one rule VM: numbers in order of appearance,
 * and the words by which the language looks into them. */
#ifndef OE_LUA_FUNCTIONS_H
#define OE_LUA_FUNCTIONS_H

#include <lua.h>

/* Adds `keep`, `upvalue`, `set_upvalue` and `scan_function` to the table on top. */
void oe__functions_open(lua_State *L);

/* Pushes the list of kept functions; function n is item n + 1. Returns how many. */
size_t oe__functions_push(lua_State *L);

#endif
