/* lua.c: lua5.4 for specs, an interpreter that runs one script. Built with the sanitizers of
 * its build folder, so that it can load a module built with them without a preloaded runtime
 * that every child process would inherit. usage: lua5.4 [-e CHUNK | -l MODULE]... SCRIPT
 * [ARGUMENT...] */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <string.h>

static int with_traceback(lua_State *L)
{
    luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
    return 1;
}

/* arg[0] is the script, as in the stock interpreter. */
static void set_arguments(lua_State *L, int count, char **words, int script)
{
    lua_createtable(L, count - script, script);
    for (int i = 0; i < count; i++) {
        lua_pushstring(L, words[i]);
        lua_rawseti(L, -2, i - script);
    }
    lua_setglobal(L, "arg");
}

static int call(lua_State *L, int arguments)
{
    int handler = lua_gettop(L) - arguments;
    lua_pushcfunction(L, with_traceback);
    lua_insert(L, handler);
    return lua_pcall(L, arguments, 0, handler);
}

/* Runs one leading option; LUA_OK or an error whose message is on the stack. */
static int run_option(lua_State *L, const char *option, const char *value)
{
    if (strcmp(option, "-l") == 0) {
        lua_getglobal(L, "require");
        lua_pushstring(L, value);
        return call(L, 1);
    }
    int status = luaL_loadstring(L, value);
    return status == LUA_OK ? call(L, 0) : status;
}

static int run_script(lua_State *L, int count, char **words, int script)
{
    set_arguments(L, count, words, script);
    int status = luaL_loadfile(L, words[script]);
    if (status != LUA_OK)
        return status;
    for (int i = script + 1; i < count; i++)
        lua_pushstring(L, words[i]);
    return call(L, count - script - 1);
}

int main(int count, char **words)
{
    lua_State *L = luaL_newstate();
    if (L == NULL)
        return 1;
    luaL_openlibs(L);
    int status = LUA_OK;
    int at = 1;
    for (; status == LUA_OK && at + 1 < count && words[at][0] == '-'; at += 2)
        status = run_option(L, words[at], words[at + 1]);
    if (status == LUA_OK && at < count)
        status = run_script(L, count, words, at);
    if (status != LUA_OK)
        fprintf(stderr, "lua: %s\n", lua_tostring(L, -1));
    lua_close(L);
    return status == LUA_OK ? 0 : 1;
}
