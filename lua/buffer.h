/* buffer.h: a byte buffer that the Lua collector owns, so that an error in between frees it. */
#ifndef OE_LUA_BUFFER_H
#define OE_LUA_BUFFER_H

#include <lua.h>

#include "engine/text.h"

/* Pushes a userdata that holds an empty buffer and returns the buffer. Freed by the collector,
 * or earlier by oe__buffer_free. */
oe__buffer *oe_lua_new_buffer(lua_State *L);

#endif
