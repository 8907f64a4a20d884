/* serve.c: options in, exit code out. Everything that may raise happens before anything is
 * held. */
#include "server/serve.h"

#include <lauxlib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "lua/ruleset.h"
#include "server/service.h"

enum { EXIT_OK = 0, EXIT_FINDINGS = 1, EXIT_USAGE = 2, EXIT_SYSTEM = 3 };

/* The texts stay on the stack. */
static const char *take_text(lua_State *L, const char *key)
{
    lua_getfield(L, 1, key);
    return luaL_checkstring(L, -1);
}

/* The list and its texts stay on the stack. */
static void take_origins(lua_State *L, oe_service_config *config)
{
    lua_getfield(L, 1, "cors");
    if (lua_isnil(L, -1))
        return;
    lua_Integer count = luaL_len(L, -1);
    const char **origins = lua_newuserdatauv(L, (size_t)count * sizeof *origins + 1, 0);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_geti(L, -2, i);
        origins[i - 1] = luaL_checkstring(L, -1);
        lua_pop(L, 1); /* the list keeps it */
    }
    config->cors_origins = origins;
    config->cors_origin_count = (size_t)count;
}

static void take_options(lua_State *L, oe_service_config *config)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    config->rules = take_text(L, "rules");
    config->db = take_text(L, "db");
    config->host = take_text(L, "host");
    take_origins(L, config);
    if (strcmp(config->host, "localhost") == 0)
        config->host = "127.0.0.1";
    lua_getfield(L, 1, "port");
    config->port = (int)luaL_checkinteger(L, -1);
    lua_getfield(L, 1, "workers");
    config->workers = (unsigned)luaL_optinteger(L, -1, (lua_Integer)uv_available_parallelism());
    if (config->workers > OE_WORKERS_MAX)
        config->workers = OE_WORKERS_MAX;
    lua_getfield(L, 1, "samples");
    config->samples = lua_toboolean(L, -1) != 0;
    lua_getfield(L, 1, "watch");
    config->watch = lua_toboolean(L, -1) != 0;
    lua_getfield(L, 1, "journal");
    config->journal = lua_toboolean(L, -1) != 0;
    lua_getfield(L, 1, "journal_sync");
    config->journal_sync = lua_toboolean(L, -1) != 0;
    lua_getfield(L, 1, "keep_ms");
    config->keep_ms = (int64_t)luaL_optinteger(L, -1, 0);
    lua_getfield(L, 1, "outcome_ms");
    config->outcome_ms = (int64_t)luaL_checkinteger(L, -1);
    lua_pop(L, 8);
}

/* The ruleset of the folder and its texts, left on the stack. Raises what the command line
 * catches when the rules hold mistakes. */
static const oe_lua_ruleset *load_rules(lua_State *L, const char *folder)
{
    lua_getglobal(L, "require");
    lua_pushliteral(L, "offerengine.cli.rules");
    lua_call(L, 1, 1);
    lua_getfield(L, -1, "load");
    lua_createtable(L, 0, 1);
    lua_pushstring(L, folder);
    lua_setfield(L, -2, "rules");
    lua_call(L, 1, 2);
    return oe_lua_check_ruleset(L, -2);
}

static int exit_code(oe_status status)
{
    switch (status) {
    case OE_OK:
        return EXIT_OK;
    case OE_E_INVALID:
    case OE_E_SYNTAX:
    case OE_E_CONFLICT:
        return EXIT_FINDINGS;
    default:
        return EXIT_SYSTEM;
    }
}

static void do_nothing(uv_work_t *work)
{
    (void)work;
}

/* libuv starts its threads with the first work, and ends the process when it cannot: that must
 * not happen while requests are served. */
static void start_threads(void)
{
    uv_loop_t loop;
    uv_work_t work;
    if (uv_loop_init(&loop) != 0)
        return;
    if (uv_queue_work(&loop, &work, do_nothing, NULL) == 0)
        (void)uv_run(&loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&loop);
}

static int serve(oe_service *service, oe_store_bytes texts)
{
    oe_error error = {0};
    (void)signal(SIGPIPE, SIG_IGN);
    start_threads();
    oe_status status = oe__service_check(&service->config, &error);
    int code = status == OE_E_INVALID ? EXIT_USAGE : exit_code(status);
    if (status == OE_OK) {
        status = oe__service_open(service, texts, &error);
        if (status == OE_OK)
            status = oe__service_listen(service, &error);
        if (status == OE_OK)
            status = oe__service_run(service, &error);
        code = exit_code(status);
    }
    if (status != OE_OK)
        (void)fprintf(stderr, "offerengine serve: %s\n", error.message);
    oe__service_close(service);
    return code;
}

int oe_serve(lua_State *L)
{
    oe_service service = {0};
    take_options(L, &service.config);
    const oe_lua_ruleset *loaded = load_rules(L, service.config.rules);
    oe_store_bytes texts = {.data = luaL_checklstring(L, -1, &texts.length)};
    service.current = oe__generation_new(loaded->ruleset, loaded->dictionary, 1);
    if (service.current == NULL || uv_mutex_init(&service.lock) != 0 ||
        uv_cond_init(&service.adopted) != 0)
        return luaL_error(L, "service: out of memory");
    lua_pushinteger(L, serve(&service, texts));
    return 1;
}
