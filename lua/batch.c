/* batch.c: core.batch: its options and its result. The work is pipeline.c. */
#include "batch.h"

#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "book.h"
#include "decision.h"
#include "failure.h"
#include "pipeline.h"
#include "ruleset.h"

static const char batch_type[] = "offerengine.batch";

enum { PATH_MAX_BYTES = 4096 };

/* All that must be released, also when something raises in between. */
typedef struct batch_run {
    oe_lua_map *map;
    oe_lua_stream *stream;
    oe_lua_summary summary;
    oe_lua_pipeline_result result;
    int output;
    char part[PATH_MAX_BYTES]; /* the file being written, "" when there is none */
} batch_run;

static int free_batch(lua_State *L)
{
    batch_run *run = luaL_checkudata(L, 1, batch_type);
    if (run->output > STDERR_FILENO)
        (void)close(run->output);
    run->output = -1;
    if (run->part[0] != '\0')
        (void)unlink(run->part);
    run->part[0] = '\0';
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
    batch_run *run = lua_newuserdatauv(L, sizeof *run, 0);
    memset(run, 0, sizeof *run);
    run->output = -1;
    if (luaL_newmetatable(L, batch_type)) {
        lua_pushcfunction(L, free_batch);
        lua_setfield(L, -2, "__gc");
        lua_pushcfunction(L, free_batch);
        lua_setfield(L, -2, "__close");
    }
    lua_setmetatable(L, -2);
    lua_toclose(L, -1);
    return run;
}

static oe_status io_failed(oe_error *error, const char *path)
{
    error->status = OE_E_IO;
    error->position = -1;
    (void)snprintf(error->message, sizeof error->message, "output: '%s': %s", path,
                   strerror(errno));
    return OE_E_IO;
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

/* A pipe or device, which is written to and not replaced. */
static bool is_special(const char *path)
{
    struct stat found;
    return stat(path, &found) == 0 && !S_ISREG(found.st_mode);
}

/* Standard output, a pipe or device, or FILE.part beside the file that is to be. */
static oe_status open_output(batch_run *run, const char *path, oe_error *error)
{
    if (path == NULL)
        return OE_OK;
    if (strcmp(path, "-") == 0) {
        run->output = STDOUT_FILENO;
        return OE_OK;
    }
    if (is_special(path)) {
        run->output = open(path, O_WRONLY | O_CLOEXEC);
        return run->output >= 0 ? OE_OK : io_failed(error, path);
    }
    errno = ENAMETOOLONG;
    int length = snprintf(run->part, sizeof run->part, "%s.part", path);
    bool fits = length > 0 && (size_t)length < sizeof run->part;
    run->output = fits ? open(run->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644) : -1;
    if (run->output >= 0)
        return OE_OK;
    run->part[0] = '\0';
    return io_failed(error, path);
}

static oe_status finish_output(batch_run *run, const char *path, oe_error *error)
{
    bool in_place = run->part[0] == '\0';
    if (in_place && (run->output < 0 || run->output == STDOUT_FILENO))
        return OE_OK;
    int descriptor = run->output;
    run->output = -1;
    if (close(descriptor) != 0 || (!in_place && rename(run->part, path) != 0))
        return io_failed(error, path);
    run->part[0] = '\0';
    return OE_OK;
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
        status = open_output(run, output, &error);
    pipeline.stream = run->stream;
    pipeline.output = run->output;
    if (status == OE_OK)
        status = oe_lua_pipeline_run(&pipeline, &run->result, &error);
    if (status == OE_OK && (run->result.bad == 0 || pipeline.skip_bad))
        status = finish_output(run, output, &error);
    if (status != OE_OK)
        return oe_lua_fail(L, &error);
    push_result(L, run, with_summary);
    return 1;
}
