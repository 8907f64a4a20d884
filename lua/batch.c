/* batch.c: core.batch: its options and its result. The work is pipeline.c. */
#include "batch.h"

#include <lauxlib.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "book.h"
#include "decision.h"
#include "failure.h"
#include "output.h"
#include "pipeline.h"
#include "ruleset.h"
#include "scoped.h"

static const char batch_type[] = "offerengine.batch";

/* All that must be released, also when something raises in between. */
typedef struct batch_run {
    oe_lua_map *map;
    oe_lua_stream *stream;
    oe_lua_summary summary;
    oe_lua_pipeline_result result;
    oe_lua_output output;
} batch_run;

static int free_batch(lua_State *L)
{
    batch_run *run = luaL_checkudata(L, 1, batch_type);
    oe_lua_output_drop(&run->output);
    oe_lua_stream_close(run->stream);
    run->stream = NULL;
    oe_lua_map_free(run->map);
    run->map = NULL;
    oe_lua_summary_free(&run->summary);
    oe__buffer_free(&run->result.bad_rows);
    return 0;
}

static batch_run *push_run(lua_State *L)
{
    batch_run *run = oe_lua_push_scoped(L, sizeof(batch_run), batch_type, free_batch);
    run->output.descriptor = -1;
    return run;
}

/* Writing would replace what is read, whatever the two are called. */
static oe_status check_apart(const char *input, const char *output, oe_error *error)
{
    struct stat from, to;
    if (output == NULL || stat(input, &from) != 0 || stat(output, &to) != 0 ||
        !S_ISREG(to.st_mode) || from.st_dev != to.st_dev || from.st_ino != to.st_ino)
        return OE_OK;
    error->status = OE_E_INVALID;
    error->position = -1;
    (void)snprintf(error->message, sizeof error->message,
                   "output: '%s' is the file that is read; name another", output);
    return OE_E_INVALID;
}

static void set_count(lua_State *L, const char *key, uint64_t count)
{
    lua_pushinteger(L, (lua_Integer)count);
    lua_setfield(L, -2, key);
}

static void push_result(lua_State *L, batch_run *run, bool with_summary)
{
    const oe_lua_pipeline_result *result = &run->result;
    lua_createtable(L, 0, 8);
    set_count(L, "customers", result->customers);
    set_count(L, "offers", result->offers);
    set_count(L, "bad", result->bad);
    set_count(L, "undeclared", result->undeclared);
    set_count(L, "unknown_products", result->unknown_products);
    lua_pushlstring(L, result->bad_rows.length > 0 ? result->bad_rows.data : "",
                    result->bad_rows.length);
    lua_setfield(L, -2, "bad_rows");
    lua_newtable(L);
    const char *const *names = oe_lua_stream_undeclared(run->stream);
    for (lua_Integer i = 0; names[i] != NULL; i++) {
        lua_pushstring(L, names[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "undeclared_columns");
    if (with_summary) {
        oe_lua_summary_push(L, &run->summary);
        lua_setfield(L, -2, "summary");
    }
}

/* The option `key` of the table at index 2, kept on the stack. */
static int option(lua_State *L, const char *key)
{
    lua_getfield(L, 2, key);
    return lua_gettop(L);
}

static oe_status open_input(lua_State *L, batch_run *run, const oe_ruleset *ruleset,
                            oe_error *error)
{
    static const char *const formats[] = {"csv", "ndjson", "auto", NULL};
    const char *map = luaL_optstring(L, option(L, "map"), NULL);
    if (map != NULL) {
        oe_status status = oe_lua_map_read(map, &run->map, error);
        if (status != OE_OK)
            return status;
    }
    oe_lua_stream_options options = {
        .path = luaL_checkstring(L, option(L, "input")),
        .format =
            (oe_lua_format)luaL_checkoption(L, option(L, "input_format"), "auto", formats),
        .ruleset = ruleset,
        .map = run->map,
    };
    return oe_lua_stream_open(&options, &run->stream, error);
}

int oe_lua_batch(lua_State *L)
{
    static const char *const formats[] = {"csv", "ndjson", NULL};
    const oe_ruleset *ruleset = oe_lua_check_ruleset(L, 1)->ruleset;
    luaL_checktype(L, 2, LUA_TTABLE);
    oe_lua_pipeline pipeline = {.ruleset = ruleset};
    int refused = oe_lua_to_options(L, ruleset, 3, &pipeline.options);
    if (refused > 0)
        return refused;
    lua_settop(L, 3);
    pipeline.format =
        (oe_lua_format)luaL_checkoption(L, option(L, "format"), "ndjson", formats);
    pipeline.workers = oe_lua_workers(L, option(L, "workers"));
    pipeline.skip_bad = lua_toboolean(L, option(L, "skip_bad"));
    bool with_summary = lua_toboolean(L, option(L, "summary"));
    const char *output = luaL_optstring(L, option(L, "output"), NULL);
    batch_run *run = push_run(L);
    oe_error error = {0};
    if (with_summary && !oe_lua_summary_begin(&run->summary, ruleset))
        return luaL_error(L, "batch: out of memory");
    pipeline.summary = with_summary ? &run->summary : NULL;
    oe_status status = open_input(L, run, ruleset, &error);
    if (status == OE_OK)
        status = check_apart(lua_tostring(L, option(L, "input")), output, &error);
    if (status == OE_OK)
        status = oe_lua_output_open(&run->output, output, &error);
    pipeline.stream = run->stream;
    pipeline.output = run->output.descriptor;
    if (status == OE_OK)
        status = oe_lua_pipeline_run(&pipeline, &run->result, &error);
    if (status == OE_OK && (run->result.bad == 0 || pipeline.skip_bad))
        status = oe_lua_output_finish(&run->output, output, &error);
    if (status != OE_OK)
        return oe_lua_fail(L, &error);
    push_result(L, run, with_summary);
    return 1;
}
