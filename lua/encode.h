/* encode.h: Lua values to JSON text, by cJSON. For text of the size of a configuration;
 * decisions, profiles and explanations are written by core/codec. */
#ifndef OE_LUA_ENCODE_H
#define OE_LUA_ENCODE_H

#include <lua.h>

/* core.encode_json(value [, first]): text. What a table becomes is said by the field `json` of
 * its metatable: "object"  {names, values}: the members in this order, those without a value
 * left out "list"    its items "raw"     {text}: JSON already and without one: a list when it
 * has an item [1], else an object whose members stand in order of their names, those listed in
 * `first` before the others. nil, functions, the light userdata NULL and numbers that are not
 * finite become null. Raises on nesting deeper than 64 and when memory is out. */
int oe_lua_encode_json(lua_State *L);

/* Makes the metatable of what holds a tree while it grows; called once when the module is
 * opened. */
void oe_lua_open_encode(lua_State *L);

#endif
