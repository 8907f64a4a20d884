/* customers.c: reads a file of customers, keeps what is good as the store wants it and what is
 * bad as text, and hands the good ones to a store in batches as large as it takes. Who calls in
 * between shows progress. */
#include "customers.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "codec/profile.h"
#include "failure.h"
#include "records.h"
#include "ruleset.h"
#include "store.h"

static const char customers_type[] = "offerengine.customers";

enum { BAD_KEPT = 20, BATCH_BYTES_MAX = 48 * 1024 * 1024 };

typedef struct customer_row {
    size_t id_end, body_end; /* in `ids` and `bodies` */
} customer_row;

typedef struct lua_customers {
    oe_lua_map *map;
    oe_lua_stream *stream;
    oe_lua_chunk chunk;
    oe_lua_reading reading;
    oe__buffer ids, bodies;
    customer_row *rows;
    size_t count, capacity;
    oe__buffer bad; /* messages, each ended by a line feed */
    size_t bad_count;
    uint64_t undeclared;       /* members of NDJSON lines */
    uint64_t unknown_products; /* owned ids outside the catalogue */
} lua_customers;

static int free_customers(lua_State *L)
{
    lua_customers *self = luaL_checkudata(L, 1, customers_type);
    oe_lua_stream_close(self->stream);
    oe_lua_map_free(self->map);
    oe_lua_chunk_free(&self->chunk);
    oe_lua_reading_free(&self->reading);
    oe__buffer_free(&self->ids);
    oe__buffer_free(&self->bodies);
    oe__buffer_free(&self->bad);
    free(self->rows);
    memset(self, 0, sizeof *self);
    return 0;
}

static lua_customers *check_customers(lua_State *L)
{
    lua_customers *self = luaL_checkudata(L, 1, customers_type);
    if (self->stream == NULL)
        luaL_error(L, "customers: closed");
    return self;
}

int oe_lua_new_customers(lua_State *L)
{
    static const char *const formats[] = {"csv", "ndjson", "auto", NULL};
    const oe_lua_ruleset *ruleset = oe_lua_check_ruleset(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    lua_getfield(L, 2, "path");
    lua_getfield(L, 2, "format");
    lua_getfield(L, 2, "map");
    oe_lua_stream_options options = {
        .path = luaL_checkstring(L, 3),
        .format = (oe_lua_format)luaL_checkoption(L, 4, "auto", formats),
        .ruleset = ruleset->ruleset,
    };
    const char *map = luaL_optstring(L, 5, NULL);
    lua_customers *self = lua_newuserdatauv(L, sizeof *self, 1);
    memset(self, 0, sizeof *self);
    luaL_setmetatable(L, customers_type);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    oe_error error = {0};
    if (map != NULL && oe_lua_map_read(map, &self->map, &error) != OE_OK)
        return oe_lua_fail(L, &error);
    options.map = self->map;
    self->reading.profile = oe_profile_new(options.ruleset);
    if (self->reading.profile == NULL)
        return luaL_error(L, "customers: out of memory");
    if (oe_lua_stream_open(&options, &self->stream, &error) != OE_OK)
        return oe_lua_fail(L, &error);
    return 1;
}

/* ---- Reading ---- */

static bool grow_rows(lua_customers *self)
{
    if (self->count < self->capacity)
        return true;
    size_t capacity = self->capacity == 0 ? 1024 : self->capacity * 2;
    customer_row *rows = realloc(self->rows, capacity * sizeof *rows);
    if (rows == NULL)
        return false;
    self->rows = rows;
    self->capacity = capacity;
    return true;
}

static bool keep_good(lua_customers *self)
{
    size_t length = 0;
    const char *id = oe_profile_id(self->reading.profile, &length);
    oe__buffer_add(&self->ids, id, length);
    oe__profile_write(&self->bodies, self->reading.profile);
    if (self->ids.failed || self->bodies.failed || !grow_rows(self))
        return false;
    self->rows[self->count++] = (customer_row){self->ids.length, self->bodies.length};
    self->undeclared += self->reading.report.undeclared;
    self->unknown_products += self->reading.report.unknown_products;
    return true;
}

static bool keep_bad(lua_customers *self, int64_t row)
{
    if (self->bad_count++ >= BAD_KEPT)
        return true;
    oe_lua_reading_explain(&self->reading, row, &self->bad);
    oe__buffer_add_char(&self->bad, '\n');
    return !self->bad.failed;
}

static bool read_chunk(lua_customers *self)
{
    for (size_t i = 0; i < self->chunk.count; i++) {
        oe_status status = oe_lua_record_read(self->stream, &self->chunk, i, &self->reading);
        if (status == OE_E_MEMORY)
            return false;
        bool kept =
            status == OE_OK ? keep_good(self) : keep_bad(self, self->chunk.records[i].row);
        if (!kept)
            return false;
    }
    return true;
}

/* customers:read() -> whether there may be more, bytes read, bytes in all (nil: not known) */
static int customers_read(lua_State *L)
{
    lua_customers *self = check_customers(L);
    oe_error error = {0};
    if (oe_lua_stream_next(self->stream, &self->chunk, &error) != OE_OK)
        return oe_lua_fail(L, &error);
    if (!read_chunk(self))
        return oe_lua_fail_text(L, OE_E_MEMORY, "customers: out of memory");
    lua_pushboolean(L, self->chunk.count > 0);
    lua_pushinteger(L, oe_lua_stream_position(self->stream));
    if (oe_lua_stream_size(self->stream) < 0)
        return 2;
    lua_pushinteger(L, oe_lua_stream_size(self->stream));
    return 3;
}

/* ---- What was read ---- */

/* customers:count() -> good rows, bad rows */
static int customers_count(lua_State *L)
{
    const lua_customers *self = check_customers(L);
    lua_pushinteger(L, (lua_Integer)self->count);
    lua_pushinteger(L, (lua_Integer)self->bad_count);
    return 2;
}

/* customers:bad() -> text of the first bad rows, a line each */
static int customers_bad(lua_State *L)
{
    const lua_customers *self = check_customers(L);
    lua_pushlstring(L, self->bad.length > 0 ? self->bad.data : "", self->bad.length);
    return 1;
}

/* customers:warnings() -> names of undeclared columns, undeclared members of lines, unknown
 * owned products */
static int customers_warnings(lua_State *L)
{
    const lua_customers *self = check_customers(L);
    lua_newtable(L);
    const char *const *names = oe_lua_stream_undeclared(self->stream);
    for (lua_Integer i = 0; names[i] != NULL; i++) {
        lua_pushstring(L, names[i]);
        lua_rawseti(L, -2, i + 1);
    }
    lua_pushinteger(L, (lua_Integer)self->undeclared);
    lua_pushinteger(L, (lua_Integer)self->unknown_products);
    return 3;
}

static oe_store_bytes piece(const oe__buffer *buffer, size_t start, size_t end)
{
    return (oe_store_bytes){buffer->data + start, end - start};
}

static oe_store_bytes body_of(const lua_customers *self, size_t row)
{
    size_t start = row > 0 ? self->rows[row - 1].body_end : 0;
    return piece(&self->bodies, start, self->rows[row].body_end);
}

static oe_store_bytes id_of(const lua_customers *self, size_t row)
{
    size_t start = row > 0 ? self->rows[row - 1].id_end : 0;
    return piece(&self->ids, start, self->rows[row].id_end);
}

/* customers:each() -> iterator over the JSON texts of the good rows */
static int step_customers(lua_State *L)
{
    const lua_customers *self = check_customers(L);
    size_t row = (size_t)luaL_checkinteger(L, 2);
    if (row >= self->count)
        return 0;
    lua_pushinteger(L, (lua_Integer)row + 1);
    oe_store_bytes body = body_of(self, row);
    lua_pushlstring(L, body.data, body.length);
    return 2;
}

static int customers_each(lua_State *L)
{
    check_customers(L);
    lua_pushcfunction(L, step_customers);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

/* customers:find(id) -> JSON text of the last row with that id, or nil */
static int customers_find(lua_State *L)
{
    const lua_customers *self = check_customers(L);
    size_t length = 0;
    const char *wanted = luaL_checklstring(L, 2, &length);
    for (size_t row = self->count; row-- > 0;) {
        oe_store_bytes id = id_of(self, row);
        if (id.length != length || memcmp(id.data, wanted, length) != 0)
            continue;
        oe_store_bytes body = body_of(self, row);
        lua_pushlstring(L, body.data, body.length);
        return 1;
    }
    return 0;
}

/* ---- Into a store ---- */

typedef struct batch_answer {
    bool done;
    oe_status status;
    oe_error error;
    uint64_t created, replaced;
} batch_answer;

static void take_answer(void *context, const oe_store_result *result)
{
    batch_answer *answer = context;
    *answer =
        (batch_answer){true, result->status, result->error, result->created, result->replaced};
}

/* How many rows from `first` on fit one batch. */
static size_t batch_rows(const lua_customers *self, size_t first)
{
    size_t start = first > 0 ? self->rows[first - 1].body_end : 0;
    size_t end = first;
    while (end < self->count && end - first < OE_STORE_BATCH_MAX &&
           (end == first || self->rows[end].body_end - start <= BATCH_BYTES_MAX))
        end++;
    return end - first;
}

/* customers:store(store, first) -> next first (0: all done), created, replaced; or nil,
 * message, code */
static int customers_store(lua_State *L)
{
    const lua_customers *self = check_customers(L);
    oe_store_port *port = oe_lua_check_port(L, 2);
    lua_Integer given = luaL_checkinteger(L, 3);
    luaL_argcheck(L, given >= 1 && (size_t)given <= self->count, 3, "no such row");
    size_t first = (size_t)given - 1;
    size_t count = batch_rows(self, first);
    oe_store_customer *customers = lua_newuserdatauv(L, count * sizeof *customers, 0);
    for (size_t i = 0; i < count; i++)
        customers[i] = (oe_store_customer){id_of(self, first + i), body_of(self, first + i), 0};
    char operation[OE_STORE_OPERATION_ID_SIZE];
    oe_port_operation_id(port, operation);
    batch_answer answer = {0};
    oe_store_submission submission = {
        .operation = OE_STORE_CUSTOMER_BATCH,
        .at_ms = oe_lua_now_ms(),
        .completion = take_answer,
        .context = &answer,
        .operation_id = {operation, sizeof operation},
        .customers = customers,
        .customer_count = count,
    };
    oe_error error = {0};
    if (oe_port_submit(port, &submission, &error) != OE_OK)
        return oe_lua_fail(L, &error);
    while (!answer.done)
        (void)oe_port_wait(port, -1);
    if (answer.status != OE_OK)
        return oe_lua_fail(L, &answer.error);
    lua_pushinteger(L, first + count < self->count ? (lua_Integer)(first + count) + 1 : 0);
    lua_pushinteger(L, (lua_Integer)answer.created);
    lua_pushinteger(L, (lua_Integer)answer.replaced);
    return 3;
}

/* customers:ndjson() -> all good rows as one text */
static int customers_ndjson(lua_State *L)
{
    const lua_customers *self = check_customers(L);
    luaL_Buffer text;
    luaL_buffinit(L, &text);
    for (size_t row = 0; row < self->count; row++) {
        oe_store_bytes body = body_of(self, row);
        luaL_addlstring(&text, body.data, body.length);
        luaL_addchar(&text, '\n');
    }
    luaL_pushresult(&text);
    return 1;
}

void oe_lua_open_customers(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"read", customers_read},   {"count", customers_count},
        {"bad", customers_bad},     {"each", customers_each},
        {"find", customers_find},   {"warnings", customers_warnings},
        {"store", customers_store}, {"ndjson", customers_ndjson},
        {"close", free_customers},  {NULL, NULL},
    };
    luaL_newmetatable(L, customers_type);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, free_customers);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, free_customers);
    lua_setfield(L, -2, "__close");
    lua_pushstring(L, customers_type);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}
