/* kept_rules.c: a Lua state that loads texts and is closed again. */
#include "server/kept_rules.h"

#include <lauxlib.h>
#include <string.h>

#include "engine/status.h"
#include "lua/ruleset.h"
#include "server/history.h"
#include "server/modules.h"

typedef struct loading {
    const oe_kept_rules *kept;
    uint64_t number;
    oe_generation *made;
} loading;

/* Lua: (loading) */
static int load_texts(lua_State *L)
{
    loading *self = lua_touserdata(L, 1);
    oe__modules_install(L);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "offerengine.loader");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "load");
    lua_pushliteral(L, "");
    lua_createtable(L, 0, 1);
    lua_pushlstring(L, self->kept->texts.data, self->kept->texts.length);
    lua_setfield(L, -2, "texts");
    lua_call(L, 2, 1);
    const oe_lua_ruleset *loaded = oe_lua_test_ruleset(L, -1);
    if (loaded == NULL || strcmp(oe_ruleset_source(loaded->ruleset), self->kept->hash) != 0)
        return 0;
    self->made = oe__generation_new(loaded->ruleset, loaded->dictionary, self->number);
    return 0;
}

static oe_status load(loading *self, oe_error *error)
{
    lua_State *L = luaL_newstate();
    oe_status status = OE_OK;
    if (L == NULL)
        return oe__fail(error, OE_E_MEMORY, "rules: out of memory");
    lua_pushcfunction(L, load_texts);
    lua_pushlightuserdata(L, self);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK)
        status = oe__fail(error, OE_E_CORRUPT, "rules: generation %llu: %s",
                          (unsigned long long)self->number, lua_tostring(L, -1));
    else if (self->made == NULL)
        status = oe__fail(error, OE_E_CORRUPT,
                          "rules: generation %llu is not what it was, or cannot be loaded",
                          (unsigned long long)self->number);
    lua_close(L);
    return status;
}

oe_status oe__kept_rules(oe_service *service, uint64_t number, oe_generation **rules,
                         oe_error *error)
{
    oe_kept_rules kept = {0};
    loading self = {.kept = &kept, .number = number};
    *rules = oe__service_generation(service);
    if ((*rules)->number == number)
        return OE_OK;
    oe__generation_free(*rules);
    *rules = NULL;
    oe_store_port *port = oe_store_port_new(service->store);
    if (port == NULL)
        return oe__fail(error, OE_E_MEMORY, "rules: out of memory");
    oe_status status = oe__history_get(port, number, &kept, error);
    oe_store_port_free(port);
    if (status == OE_OK)
        status = load(&self, error);
    oe__buffer_free(&kept.texts);
    *rules = self.made;
    return status;
}
