/* book.c: fills a population from a CSV or NDJSON stream. */
#include "book.h"

#include <lauxlib.h>
#include <string.h>
#include <unistd.h>

#include "failure.h"
#include "pass.h"
#include "population.h"
#include "records.h"
#include "scoped.h"

static const char book_type[] = "offerengine.book";

enum { BAD_KEPT = 20, CHUNKS_AT_ONCE = 64 };

/* All that must be released, also when something raises in between. */
typedef struct book_reading {
    oe_lua_map *map;
    oe_lua_stream *stream;
    oe_lua_chunk chunk;
    oe_lua_reading reading;
    oe__buffer bad_rows; /* a line each */
    uint64_t customers, bad, undeclared, unknown_products;
} book_reading;

unsigned oe_lua_workers(lua_State *L, int index)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    lua_Integer workers = luaL_optinteger(L, index, cores < 1 ? 1 : (lua_Integer)cores);
    luaL_argcheck(L, workers >= 1 && workers <= OE_LUA_WORKERS_MAX, index,
                  "workers must be 1 to 256");
    return (unsigned)workers;
}

static int free_book(lua_State *L)
{
    book_reading *self = luaL_checkudata(L, 1, book_type);
    oe_lua_stream_close(self->stream);
    oe_lua_map_free(self->map);
    oe_lua_chunk_free(&self->chunk);
    oe_lua_reading_free(&self->reading);
    oe__buffer_free(&self->bad_rows);
    memset(self, 0, sizeof *self);
    return 0;
}

static bool note_bad(book_reading *self, int64_t row)
{
    if (self->bad++ >= BAD_KEPT)
        return true;
    oe_lua_reading_explain(&self->reading, row, &self->bad_rows);
    oe__buffer_add_char(&self->bad_rows, '\n');
    return !self->bad_rows.failed;
}

static oe_status take_record(book_reading *self, size_t index, oe_population *population,
                             oe_error *error)
{
    oe_status status = oe_lua_record_read(self->stream, &self->chunk, index, &self->reading);
    if (status == OE_OK) {
        self->customers++;
        self->undeclared += self->reading.report.undeclared;
        self->unknown_products += self->reading.report.unknown_products;
        return oe_population_put(population, self->reading.profile, NULL, error);
    }
    if (status == OE_E_MEMORY || !note_bad(self, self->chunk.records[index].row)) {
        *error = (oe_error){OE_E_MEMORY, -1, "population: out of memory"};
        return OE_E_MEMORY;
    }
    return OE_OK;
}

/* Several chunks in one write; *more: the stream goes on. */
static oe_status read_some(book_reading *self, oe_population *population, bool *more,
                           oe_error *error)
{
    oe_status status = OE_OK;
    oe_population_begin(population);
    for (int chunks = 0; status == OE_OK && *more && chunks < CHUNKS_AT_ONCE; chunks++) {
        status = oe_lua_stream_next(self->stream, &self->chunk, error);
        for (size_t i = 0; status == OE_OK && i < self->chunk.count; i++)
            status = take_record(self, i, population, error);
        *more = self->chunk.count > 0;
    }
    oe_population_commit(population);
    return status;
}

/* Between two writes the function at `progress`, if any, is told how far it is. */
static oe_status read_all(lua_State *L, book_reading *self, oe_population *population,
                          int progress, oe_error *error)
{
    oe_status status = OE_OK;
    bool more = true;
    while (status == OE_OK && more) {
        status = read_some(self, population, &more, error);
        if (lua_isnil(L, progress))
            continue;
        lua_pushvalue(L, progress);
        lua_pushinteger(L, (lua_Integer)oe_lua_stream_position(self->stream));
        lua_pushinteger(L, (lua_Integer)oe_lua_stream_size(self->stream));
        lua_call(L, 2, 0);
    }
    return status;
}

static void set_count(lua_State *L, const char *key, uint64_t count)
{
    lua_pushinteger(L, (lua_Integer)count);
    lua_setfield(L, -2, key);
}

static void push_result(lua_State *L, const book_reading *self)
{
    lua_createtable(L, 0, 6);
    set_count(L, "customers", self->customers);
    set_count(L, "bad", self->bad);
    set_count(L, "undeclared", self->undeclared);
    set_count(L, "unknown_products", self->unknown_products);
    lua_pushlstring(L, self->bad_rows.length > 0 ? self->bad_rows.data : "",
                    self->bad_rows.length);
    lua_setfield(L, -2, "bad_rows");
    lua_newtable(L);
    const char *const *names = oe_lua_stream_undeclared(self->stream);
    for (lua_Integer i = 0; names[i] != NULL; i++) {
        lua_pushstring(L, names[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_setfield(L, -2, "undeclared_columns");
}

int oe_lua_read_book(lua_State *L)
{
    static const char *const formats[] = {"csv", "ndjson", "auto", NULL};
    const oe_lua_ruleset *ruleset = oe_lua_population_ruleset(L, 1);
    oe_population *population = oe_lua_population_of(L, 1, ruleset);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    lua_getfield(L, 2, "path");
    lua_getfield(L, 2, "format");
    lua_getfield(L, 2, "map");
    lua_getfield(L, 2, "progress");
    oe_lua_stream_options options = {.path = luaL_checkstring(L, 3),
                                     .format =
                                         (oe_lua_format)luaL_checkoption(L, 4, "auto", formats),
                                     .ruleset = ruleset->ruleset};
    const char *map = luaL_optstring(L, 5, NULL);
    book_reading *self = oe_lua_push_scoped(L, sizeof(book_reading), book_type, free_book);
    oe_error error = {0};
    oe_status status = map != NULL ? oe_lua_map_read(map, &self->map, &error) : OE_OK;
    options.map = self->map;
    self->reading.profile = oe_profile_new(ruleset->ruleset);
    if (self->reading.profile == NULL)
        return luaL_error(L, "population: out of memory");
    if (status == OE_OK)
        status = oe_lua_stream_open(&options, &self->stream, &error);
    if (status == OE_OK)
        status = read_all(L, self, population, 6, &error);
    if (status != OE_OK)
        return oe_lua_fail(L, &error);
    push_result(L, self);
    return 1;
}
