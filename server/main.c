/* main.c: the executable. Opens a Lua state whose modules are the embedded files and runs the
 * command line in lua/offerengine/cli. Owns the process: arguments, exit code. It must not know
 * any command but that one of them serves. */
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>

#include "server/modules.h"
#include "server/serve.h"

enum { EXIT_SYSTEM = 3 };

static int open_serve(lua_State *L)
{
    lua_pushcfunction(L, oe_serve);
    return 1;
}

/* The words of the command line, a list, as argument; the exit code as result. */
static int run(lua_State *L)
{
    int count = (int)lua_tointeger(L, 1);
    char **words = lua_touserdata(L, 2);
    oe__modules_install(L);
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    lua_pushcfunction(L, open_serve);
    lua_setfield(L, -2, "offerengine.serve");
    lua_getglobal(L, "require");
    lua_pushstring(L, "offerengine.cli");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "run");
    lua_createtable(L, count, 0);
    for (int i = 1; i < count; i++) {
        lua_pushstring(L, words[i]);
        lua_rawseti(L, -2, i);
    }
    lua_call(L, 1, 1);
    return 1;
}

int main(int count, char **words)
{
    lua_State *L = luaL_newstate();
    int code = EXIT_SYSTEM;
    if (L == NULL) {
        (void)fputs("offerengine: out of memory\n", stderr);
        return code;
    }
    lua_pushcfunction(L, run);
    lua_pushinteger(L, count);
    lua_pushlightuserdata(L, words);
    if (lua_pcall(L, 2, 1, 0) == LUA_OK)
        code = (int)lua_tointeger(L, -1);
    else
        (void)fprintf(stderr, "offerengine: %s\n", lua_tostring(L, -1));
    lua_close(L);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        (void)fputs("offerengine: the output could not be written\n", stderr);
        code = EXIT_SYSTEM;
    }
    return code;
}
