/* functions.c: keeping functions, and reading and replacing what they hold. */
#include "functions.h"

#include <lauxlib.h>

#include "bytecode.h"

static const char functions_key = 0;

/* keep(f): its number. */
static int keep(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_Integer number = (lua_Integer)oe__functions_push(L);
    lua_pushvalue(L, 1);
    lua_rawseti(L, -2, number + 1);
    lua_pushinteger(L, number);
    return 1;
}

/* upvalue(f, n): whether there is one, and its value. */
static int get_upvalue(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    if (lua_getupvalue(L, 1, (int)luaL_checkinteger(L, 2)) == NULL)
        return 0;
    lua_pushboolean(L, 1);
    lua_insert(L, -2);
    return 2;
}

/* set_upvalue(f, n, value) */
static int set_upvalue(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 3);
    (void)lua_setupvalue(L, 1, (int)luaL_checkinteger(L, 2));
    return 0;
}

void oe__functions_open(lua_State *L)
{
    static const luaL_Reg words[] = {{"keep", keep},
                                     {"upvalue", get_upvalue},
                                     {"set_upvalue", set_upvalue},
                                     {"scan_function", oe_lua_scan_function},
                                     {NULL, NULL}};
    luaL_setfuncs(L, words, 0);
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &functions_key);
}

size_t oe__functions_push(lua_State *L)
{
    (void)lua_rawgetp(L, LUA_REGISTRYINDEX, &functions_key);
    return lua_rawlen(L, -1);
}
