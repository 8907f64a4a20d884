/* lua_handler.c: calls handlers in Lua: request in; status, body, headers out, or nil, the code
 * of an error, its faults; or "job", the name of a report, its arguments. One state per worker,
 * entered by that worker only. */
#include "server/lua_handler.h"

#include <lauxlib.h>
#include <stdlib.h>

#include "engine/status.h"
#include "server/arguments.h"
#include "server/body.h"
#include "server/handlers.h"
#include "server/log.h"
#include "server/lua_service.h"
#include "server/modules.h"
#include "server/report_job.h"
#include "server/routes.h"

/* In the registry of the state. */
static const char at_service[] = "offerengine.service";
static const char at_handlers[] = "offerengine.handlers"; /* by index of the route */
static const char at_header[] = "offerengine.header";     /* request.header */
static const char at_kept[] = "offerengine.kept";         /* what the last response borrows */

/* The request at hand. */
typedef struct handling {
    oe_desk *desk;
    const oe_request *request;
    oe_response *response;
    const oe_query *query;
} handling;

/* request.header(name) -> value or nil; name in lower case */
static int find_header(lua_State *L)
{
    const oe_desk *desk = lua_touserdata(L, lua_upvalueindex(1));
    const char *name = luaL_checkstring(L, 1);
    if (desk->lua_request == NULL)
        return luaL_error(L, "request: is over");
    oe_span value = oe_request_header(desk->lua_request, name);
    if (value.data == NULL)
        return 0;
    lua_pushlstring(L, value.data, value.length);
    return 1;
}

static int add_trace(lua_State *L)
{
    luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
    return 1;
}

/* ---- Opening ---- */

static void load_handlers(lua_State *L, const oe_route_table *routes)
{
    lua_newtable(L);
    for (size_t i = 0; i < oe__routes_count(routes); i++) {
        const oe_route_note *note = oe__routes_note(routes, i);
        if (!note->is_lua)
            continue;
        lua_getglobal(L, "require");
        lua_pushfstring(L, "server.handlers.%s", note->handler);
        lua_call(L, 1, 1);
        if (!lua_isfunction(L, -1))
            luaL_error(L, "handlers: '%s' returns no function", note->handler);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, LUA_REGISTRYINDEX, at_handlers);
}

/* Lua: (desk) */
static int open_state(lua_State *L)
{
    oe_desk *desk = lua_touserdata(L, 1);
    oe__modules_install(L);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "offerengine.core"); /* brings the ruleset's methods */
    lua_call(L, 1, 0);
    oe__lua_push_service(L, desk);
    lua_setfield(L, LUA_REGISTRYINDEX, at_service);
    lua_pushlightuserdata(L, desk);
    lua_pushcclosure(L, find_header, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, at_header);
    lua_newtable(L);
    lua_setfield(L, LUA_REGISTRYINDEX, at_kept);
    load_handlers(L, desk->service->routes);
    return 0;
}

oe_status oe__lua_open(oe_desk *desk, oe_error *error)
{
    desk->L = luaL_newstate();
    if (desk->L == NULL)
        return oe__fail(error, OE_E_MEMORY, "handlers: out of memory");
    lua_pushcfunction(desk->L, open_state);
    lua_pushlightuserdata(desk->L, desk);
    if (lua_pcall(desk->L, 1, 0, 0) != LUA_OK)
        return oe__fail(error, OE_E_IO, "handlers: %s", lua_tostring(desk->L, -1));
    return OE_OK;
}

/* Lua: (generation). Collects at once: the rules that are no longer in force are large, and the
 * collector does not know that. */
static int adopt(lua_State *L)
{
    const oe_generation *generation = lua_touserdata(L, 1);
    lua_getfield(L, LUA_REGISTRYINDEX, at_service);
    oe__lua_set_rules(L, generation);
    lua_settop(L, 0);
    (void)lua_gc(L, LUA_GCCOLLECT, 0);
    return 0;
}

bool oe__lua_adopt(oe_desk *desk, oe_generation *generation)
{
    lua_State *L = desk->L;
    lua_pushcfunction(L, adopt);
    lua_pushlightuserdata(L, generation);
    if (lua_pcall(L, 1, 0, 0) == LUA_OK)
        return true;
    oe__log_message(OE_LOG_ERROR, "rules_not_adopted", lua_tostring(L, -1));
    lua_settop(L, 0);
    return false;
}

/* ---- Request ---- */

static void set_span(lua_State *L, const char *key, oe_span value)
{
    if (value.data == NULL)
        return;
    lua_pushlstring(L, value.data, value.length);
    lua_setfield(L, -2, key);
}

static void push_captures(lua_State *L, const oe_request *request)
{
    const oe_route_note *note = request->route->data;
    lua_createtable(L, 0, (int)request->capture_count);
    for (size_t i = 0; i < request->capture_count; i++)
        set_span(L, note->captures[i], request->captures[i]);
}

static void push_query(lua_State *L, const oe_query *query)
{
    lua_createtable(L, 0, (int)query->count);
    for (size_t i = 0; i < query->count; i++) {
        if (query->pairs[i].is_repeat)
            continue;
        lua_pushlstring(L, query->pairs[i].name.data, query->pairs[i].name.length);
        lua_pushlstring(L, query->pairs[i].value.data, query->pairs[i].value.length);
        lua_rawset(L, -3);
    }
}

/* Names that were given more than once, each once for every repetition. */
static void push_repeated(lua_State *L, const oe_query *query)
{
    lua_Integer count = 0;
    lua_newtable(L);
    for (size_t i = 0; i < query->count; i++)
        if (query->pairs[i].is_repeat) {
            lua_pushlstring(L, query->pairs[i].name.data, query->pairs[i].name.length);
            lua_rawseti(L, -2, ++count);
        }
}

static void push_request(lua_State *L, const handling *self)
{
    const oe_request *request = self->request;
    lua_createtable(L, 0, 7);
    lua_pushstring(L, oe_method_name(request->method));
    lua_setfield(L, -2, "method");
    set_span(L, "path", request->path);
    set_span(L, "body", request->body);
    push_captures(L, request);
    lua_setfield(L, -2, "captures");
    push_query(L, self->query);
    lua_setfield(L, -2, "query");
    push_repeated(L, self->query);
    lua_setfield(L, -2, "repeated");
    lua_getfield(L, LUA_REGISTRYINDEX, at_header);
    lua_setfield(L, -2, "header");
}

/* ---- Answer: status, body and headers at 2, 3 and 4 ---- */

/* The text at `index`, kept until the next request: the response borrows it. */
static const char *keep(lua_State *L, int index, const char *key, size_t *length)
{
    const char *text = lua_tolstring(L, index, length);
    lua_pushvalue(L, index);
    lua_getfield(L, LUA_REGISTRYINDEX, at_kept);
    lua_insert(L, -2);
    lua_setfield(L, -2, key);
    lua_pop(L, 1);
    return text;
}

static void take_headers(lua_State *L, oe_response *response)
{
    luaL_checktype(L, 4, LUA_TTABLE);
    for (lua_pushnil(L); lua_next(L, 4) != 0; lua_pop(L, 1)) {
        size_t length = 0;
        if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING)
            luaL_error(L, "answer: names and values of headers must be text");
        int value = lua_gettop(L);
        const char *name = lua_tostring(L, -2);
        if (strcmp(name, "Content-Type") == 0) {
            oe_response_type(response, keep(L, value, "type", &length));
        } else {
            const char *text = lua_tolstring(L, value, &length);
            oe_response_header(response, name, text, length);
        }
    }
}

static void encode_body(lua_State *L)
{
    lua_getglobal(L, "require");
    lua_pushliteral(L, "offerengine.json");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "encode");
    lua_pushvalue(L, 3);
    lua_call(L, 1, 1);
    lua_replace(L, 3);
    lua_settop(L, 4);
}

static oe_http_error find_error(lua_State *L, const char *code)
{
    for (int error = OE_HTTP_OK + 1; error < OE_HTTP_ERROR_COUNT; error++)
        if (strcmp(oe_http_error_get((oe_http_error)error)->code, code) == 0)
            return (oe_http_error)error;
    return (oe_http_error)luaL_error(L, "answer: unknown error '%s'", code);
}

/* nil, code and perhaps a list of faults at 2, 3 and 4. */
static void take_error(lua_State *L, oe_response *response)
{
    oe_http_error error = find_error(L, luaL_checkstring(L, 3));
    if (lua_isnil(L, 4)) {
        oe_response_error(response, error);
        return;
    }
    size_t length = 0;
    lua_pushvalue(L, 4);
    lua_replace(L, 3);
    encode_body(L);
    const char *list = luaL_checklstring(L, 3, &length);
    oe_response_error_list(response, error, list, length);
}

static void take_answer(lua_State *L, oe_response *response)
{
    size_t length = 0;
    if (lua_isnil(L, 2)) {
        take_error(L, response);
        return;
    }
    int status = (int)luaL_checkinteger(L, 2);
    if (lua_istable(L, 3))
        encode_body(L);
    if (!lua_isnil(L, 3))
        luaL_checktype(L, 3, LUA_TSTRING);
    if (!lua_isnil(L, 4))
        take_headers(L, response);
    oe_response_status(response, status);
    if (lua_isnil(L, 3))
        return;
    const char *body = keep(L, 3, "body", &length);
    oe_response_borrow(response, body, length);
}

/* "job", name and arguments at 2, 3 and 4. */
static void start_report(lua_State *L, const handling *self)
{
    size_t length = 0;
    const char *name = luaL_checkstring(L, 3);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "offerengine.json");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "encode");
    lua_pushvalue(L, 4);
    lua_call(L, 1, 1);
    const char *arguments = luaL_checklstring(L, -1, &length);
    oe__report_start(self->desk, self->response, name, (oe_span){arguments, length});
}

/* Lua: (handling) */
static int handle(lua_State *L)
{
    const handling *self = lua_touserdata(L, 1);
    const oe_route_note *note = self->request->route->data;
    lua_getfield(L, LUA_REGISTRYINDEX, at_handlers);
    lua_rawgeti(L, -1, (lua_Integer)note->index + 1);
    lua_replace(L, 2);
    push_request(L, self);
    lua_getfield(L, LUA_REGISTRYINDEX, at_service);
    lua_call(L, 2, 3);
    if (lua_type(L, 2) == LUA_TSTRING)
        start_report(L, self);
    else
        take_answer(L, self->response);
    return 0;
}

void oe__lua_handle(const oe_request *request, oe_response *response)
{
    oe_query query;
    oe_desk *desk = oe_worker_data(request->worker);
    lua_State *L = desk->L;
    handling self = {desk, request, response, &query};
    query.count = 0;
    if (request->query.data != NULL && !oe__arguments_parse(request, response, &query))
        return;
    if (request->method == OE_METHOD_POST && !oe__body_is(request, response, OE_MEDIA_JSON))
        return;
    desk->lua_request = request;
    lua_pushcfunction(L, add_trace);
    lua_pushcfunction(L, handle);
    lua_pushlightuserdata(L, &self);
    int outcome = lua_pcall(L, 1, 0, -3);
    if (outcome != LUA_OK) {
        const char *message = lua_tostring(L, -1);
        oe__log_message(OE_LOG_ERROR, "lua_error", message != NULL ? message : "not a text");
        oe__desk_count(&desk->counters.lua_errors, 1);
        oe_response_error(response,
                          outcome == LUA_ERRMEM ? OE_HTTP_UNAVAILABLE : OE_HTTP_INTERNAL);
    }
    desk->lua_request = NULL;
    lua_settop(L, 0);
}
