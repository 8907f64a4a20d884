/* routes.c: runs server/routes.lua in a Lua state of its own and keeps what the router needs of
 * it. */
#include "server/routes.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "engine/arena.h"
#include "engine/status.h"
#include "server/handlers.h"
#include "server/modules.h"

enum { ROUTES_MAX = 256 };

struct oe_route_table {
    oe__arena arena;
    oe_router *router;
    size_t count;
    oe_route routes[ROUTES_MAX];
    oe_route_note notes[ROUTES_MAX];
};

/* The handlers in C, by the names that routes.lua uses. */
static oe_handler *find_handler(const char *name)
{
    static const struct {
        const char *name;
        oe_handler *handler;
    } known[] = {
        {"recommend_stored", oe__recommend_stored},
        {"recommend_given", oe__recommend_given},
        {"recommend_batch", oe__recommend_batch},
        {"explain", oe__explain_stored},
        {"customers_list", oe__customers_list},
        {"customer_get", oe__customer_get},
        {"customer_put", oe__customer_put},
        {"customer_patch", oe__customer_patch},
        {"customer_delete", oe__customer_delete},
        {"consent_put", oe__consent_put},
        {"consent_get", oe__consent_get},
        {"consent_delete", oe__consent_delete},
        {"outcomes", oe__outcomes_take},
        {"campaigns_list", oe__campaigns_list},
        {"campaign_runs_begin", oe__campaign_runs_begin},
        {"campaign_runs_list", oe__campaign_runs_list},
        {"campaign_run_get", oe__campaign_run_get},
        {"campaign_run_cancel", oe__campaign_run_cancel},
        {"campaign_run_targets", oe__campaign_run_targets},
        {"import_customers", oe__import_customers},
        {"rules_reload", oe__rules_reload},
        {"rules_rollback", oe__rules_rollback},
        {"rules_history", oe__rules_history},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(known[i].name, name) == 0)
            return known[i].handler;
    return NULL;
}

/* A text member of the route on top of the stack. */
static const char *take_text(lua_State *L, oe_route_table *table, const char *key)
{
    size_t length = 0;
    lua_getfield(L, -1, key);
    const char *text = lua_tolstring(L, -1, &length);
    if (text == NULL)
        luaL_error(L, "routes: route %d has no %s", (int)table->count + 1, key);
    const char *copy = oe__arena_text(&table->arena, text, length);
    if (copy == NULL)
        luaL_error(L, "routes: out of memory");
    lua_pop(L, 1);
    return copy;
}

static oe_method take_method(lua_State *L, oe_route_table *table)
{
    const char *name = take_text(L, table, "method");
    for (int method = 0; method < OE_METHOD_COUNT; method++)
        if (strcmp(oe_method_name((oe_method)method), name) == 0)
            return (oe_method)method;
    return (oe_method)luaL_error(L, "routes: route %d has the unknown method '%s'",
                                 (int)table->count + 1, name);
}

/* The names within braces of a pattern. */
static void take_captures(lua_State *L, oe_route_table *table, const char *pattern,
                          oe_route_note *note)
{
    size_t count = 0;
    for (const char *at = strchr(pattern, '{'); at != NULL && count < OE_CAPTURES_MAX;
         at = strchr(at, '{')) {
        size_t length = strcspn(++at, "}");
        note->captures[count] = oe__arena_text(&table->arena, at, length);
        if (note->captures[count++] == NULL)
            luaL_error(L, "routes: out of memory");
    }
}

static void take_route(lua_State *L, oe_route_table *table)
{
    oe_route *route = &table->routes[table->count];
    oe_route_note *note = &table->notes[table->count];
    luaL_checktype(L, -1, LUA_TTABLE);
    route->method = take_method(L, table);
    route->pattern = take_text(L, table, "path");
    note->index = table->count;
    note->handler = take_text(L, table, "handler");
    take_captures(L, table, route->pattern, note);
    oe_handler *native = find_handler(note->handler);
    note->is_lua = native == NULL;
    route->handler = native != NULL ? native : oe__lua_handle;
    route->data = note;
    lua_getfield(L, -1, "bulk");
    bool is_bulk = lua_toboolean(L, -1) != 0;
    lua_getfield(L, -2, "body_max");
    route->body_max = (uint64_t)lua_tointeger(L, -1);
    lua_pop(L, 2);
    route->flags = is_bulk ? OE_ROUTE_BULK : 0;
    if (is_bulk && route->body_max == 0)
        route->body_max = UINT64_MAX;
}

/* Lua: (table) */
static int read_routes(lua_State *L)
{
    oe_route_table *table = lua_touserdata(L, 1);
    oe__modules_install(L);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "server.routes");
    lua_call(L, 1, 1);
    luaL_checktype(L, -1, LUA_TTABLE);
    lua_Integer count = luaL_len(L, -1);
    if (count < 1 || count > ROUTES_MAX)
        return luaL_error(L, "routes: must be 1 to %d", ROUTES_MAX);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, i);
        take_route(L, table);
        table->count++;
        lua_pop(L, 1);
    }
    return 0;
}

static oe_status run_file(oe_route_table *table, oe_error *error)
{
    lua_State *L = luaL_newstate();
    if (L == NULL)
        return oe__fail(error, OE_E_MEMORY, "routes: out of memory");
    oe_status status = OE_OK;
    lua_pushcfunction(L, read_routes);
    lua_pushlightuserdata(L, table);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK)
        status = oe__fail(error, OE_E_INVALID, "%s", lua_tostring(L, -1));
    lua_close(L);
    return status;
}

oe_status oe__routes_new(oe_route_table **table, oe_error *error)
{
    oe_route_table *made = calloc(1, sizeof *made);
    if (made == NULL)
        return oe__fail(error, OE_E_MEMORY, "routes: out of memory");
    oe_status status = run_file(made, error);
    if (status == OE_OK)
        status = oe_router_new(made->routes, made->count, &made->router, error);
    if (status == OE_OK)
        *table = made;
    else
        oe__routes_free(made);
    return status;
}

void oe__routes_free(oe_route_table *table)
{
    if (table == NULL)
        return;
    oe_router_free(table->router);
    oe__arena_free(&table->arena);
    free(table);
}

const oe_router *oe__routes_router(const oe_route_table *table)
{
    return table->router;
}

size_t oe__routes_count(const oe_route_table *table)
{
    return table->count;
}

const oe_route_note *oe__routes_note(const oe_route_table *table, size_t index)
{
    return &table->notes[index];
}
