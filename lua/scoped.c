/* scoped.c: a userdata that is closed with the function that made it. */
#include "scoped.h"

#include <lauxlib.h>
#include <string.h>

void *oe_lua_push_scoped(lua_State *L, size_t size, const char *type, lua_CFunction release)
{
    void *made = lua_newuserdatauv(L, size, 1);
    memset(made, 0, size);
    if (luaL_newmetatable(L, type)) {
        lua_pushcfunction(L, release);
        lua_setfield(L, -2, "__gc");
        lua_pushcfunction(L, release);
        lua_setfield(L, -2, "__close");
    }
    lua_setmetatable(L, -2);
    lua_toclose(L, -1);
    return made;
}
