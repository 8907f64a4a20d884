/* json.h: JSON text to Lua values. The strict reader of core/codec does the reading. */
#ifndef OE_LUA_JSON_H
#define OE_LUA_JSON_H

#include <lua.h>

#include "offerengine.h"

/* Pushes the value of one JSON text. Objects and arrays become tables, null becomes `null`
 * inside arrays and nothing inside objects; a number without fraction and exponent becomes an
 * integer, any other a float. On failure nothing is pushed and `error` is filled, as
 * core/codec/json.h says. */
oe_status oe_lua_push_json(lua_State *L, const char *text, size_t length, oe_error *error);

/* core.decode_json(text [, keeps_null]): value, or nil, message, code. With keeps_null null
 * stays null in objects, too. */
int oe_lua_decode_json(lua_State *L);

#endif
