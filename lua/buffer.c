/* buffer.c: a byte buffer as a userdata. Never seen by Lua code. */
#include "buffer.h"

#include <lauxlib.h>

static const char buffer_type[] = "offerengine.buffer";

static int free_buffer(lua_State *L)
{
    oe__buffer_free(luaL_checkudata(L, 1, buffer_type));
    return 0;
}

oe__buffer *oe_lua_new_buffer(lua_State *L)
{
    oe__buffer *buffer = lua_newuserdatauv(L, sizeof *buffer, 0);
    *buffer = (oe__buffer){0};
    if (luaL_newmetatable(L, buffer_type)) {
        lua_pushcfunction(L, free_buffer);
        lua_setfield(L, -2, "__gc");
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
    }
    lua_setmetatable(L, -2);
    return buffer;
}
