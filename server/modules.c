/* modules.c: require on top of the embedded files. */
#include "server/modules.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <string.h>

#include "server/embed.h"

int luaopen_offerengine_core(lua_State *L);

enum { PATH_BYTES = 256, ENDING_BYTES = 16 };

/* The embedded file of a Lua module, as the search path of a plain Lua would find it. */
static const oe_embedded_file *find_module(const char *name)
{
    static const char *const endings[] = {".lua", "/init.lua"};
    const char *top = strncmp(name, "server.", sizeof "server." - 1) == 0 ? "" : "lua/";
    char path[PATH_BYTES];
    int length = snprintf(path, sizeof path, "%s%s", top, name);
    if (length < 0 || (size_t)length + ENDING_BYTES > sizeof path)
        return NULL;
    for (char *at = path; *at != '\0'; at++) {
        if (*at == '.')
            *at = '/';
    }
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        (void)snprintf(path + length, sizeof path - (size_t)length, "%s", endings[i]);
        const oe_embedded_file *file = oe_embedded_find(path);
        if (file != NULL)
            return file;
    }
    return NULL;
}

/* The only searcher behind package.preload. */
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

void oe__modules_install(lua_State *L)
{
    luaL_openlibs(L);
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    lua_pushcfunction(L, luaopen_offerengine_core);
    lua_setfield(L, -2, "offerengine.core");
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
