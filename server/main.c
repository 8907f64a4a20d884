/* main.c: the executable. Opens a Lua state whose modules are the embedded files and runs the
 * command line in lua/offerengine/cli. Owns the process: arguments, exit code. It must
 * not know any command. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/embed.h"

int luaopen_offerengine_core(lua_State *L);

/* The service: a table of options in, the exit code out. Absent from a build without it. */
int oe_serve(lua_State *L) __attribute__((weak));

enum { EXIT_SYSTEM = 3, NAME_MAX_BYTES = 256 };

/* The embedded file of a Lua module, as the search path of a plain Lua would find it. */
static const oe_embedded_file *find_module(const char *name)
{
    static const char *const endings[] = {".lua", "/init.lua"};
    char path[NAME_MAX_BYTES];
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        int length = snprintf(path, sizeof path, "lua/%s", name);
        if (length < 0 || (size_t)length + 16 > sizeof path)
            return NULL;
        for (char *at = path; *at != '\0'; at++) {
            if (*at == '.')
                *at = '/';
        }
        (void)snprintf(path + length, sizeof path - (size_t)length, "%s", endings[i]);
        const oe_embedded_file *file = oe_embedded_find(path);
        if (file != NULL)
            return file;
    }
    return NULL;
}

/* The only searcher behind package.preload: the program looks at no file outside itself. */
static int search_embedded(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    const oe_embedded_file *file = find_module(name);
    if (file == NULL) {
        lua_pushfstring(L, "no embedded module '%s'", name);
        return 1;
    }
    const char *chunk = lua_pushfstring(L, "@%s", file->name);
    if (luaL_loadbufferx(L, (const char *)file->data, file->length, chunk, "t") != LUA_OK)
        return lua_error(L);
    lua_pushstring(L, file->name);
    return 2;
}

/* The text of an embedded file, "lua/offerengine/init.lua", or nil. */
static int embedded_text(lua_State *L)
{
    const oe_embedded_file *file = oe_embedded_find(luaL_checkstring(L, 1));
    if (file == NULL)
        return 0;
    lua_pushlstring(L, (const char *)file->data, file->length);
    return 1;
}

static int open_serve(lua_State *L)
{
    lua_pushcfunction(L, oe_serve);
    return 1;
}

static void install_modules(lua_State *L)
{
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    lua_pushcfunction(L, luaopen_offerengine_core);
    lua_setfield(L, -2, "offerengine.core");
    if (oe_serve != NULL) {
        lua_pushcfunction(L, open_serve);
        lua_setfield(L, -2, "offerengine.serve");
    }
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_pushcfunction(L, embedded_text);
    lua_setfield(L, -2, "offerengine.embedded");
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "searchers");
    lua_pushcfunction(L, search_embedded);
    lua_rawseti(L, -2, 2);
    lua_pushnil(L);
    lua_rawseti(L, -2, 3);
    lua_pushnil(L);
    lua_rawseti(L, -2, 4);
    lua_pop(L, 4);
}

/* The words of the command line, a list, as argument; the exit code as result. */
static int run(lua_State *L)
{
    int count = (int)lua_tointeger(L, 1);
    char **words = lua_touserdata(L, 2);
    luaL_openlibs(L);
    install_modules(L);
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
    if (fflush(stdout) != 0 || ferror(stdout))
        code = code == 0 ? EXIT_SYSTEM : code;
    return code;
}
