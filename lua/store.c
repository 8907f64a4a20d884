/* store.c: a database of customers as a userdata. Each call submits one operation to the port
 * and waits on its descriptor. Completions run below C only, so they copy and never touch Lua.
 */
#include "store.h"
#include "activity.h"

#include <lauxlib.h>
#include <string.h>

#include "buffer.h"
#include "campaign.h"
#include "clock.h"
#include "experiment.h"
#include "failure.h"
#include "history.h"
#include "journal.h"
#include "json.h"
#include "profile.h"

static const char store_type[] = "offerengine.store";
static const char scan_type[] = "offerengine.store_scan";

enum { SCAN_ROWS = 256 };

typedef struct lua_store {
    oe_store *store;
    oe_store_port *port;
} lua_store;

/* What a completion leaves for the caller. */
typedef struct store_answer {
    bool done, no_memory;
    oe_status status;
    oe_error error;
    uint64_t created, replaced, deleted, count;
    bool ever_held, more;
    oe__buffer *text; /* ids and bodies, one behind the other; NULL: not wanted */
    size_t id_ends[SCAN_ROWS], ends[SCAN_ROWS];
    size_t rows;
    char last_id[OE_STORE_ID_MAX];
    size_t last_id_length;
} store_answer;

/* A scan that is under way. */
typedef struct store_scan {
    oe__buffer text;
    store_answer page;
    size_t row;
    size_t limit, given; /* limit 0: all */
    bool as_text;        /* give profiles as JSON text */
    bool closed;
} store_scan;

/* ---- Life ---- */

static int close_store(lua_State *L)
{
    lua_store *self = luaL_checkudata(L, 1, store_type);
    oe_store_port *port = self->port;
    oe_store *store = self->store;
    *self = (lua_store){0};
    if (store != NULL)
        oe_store_close(store);
    if (port != NULL)
        oe_store_port_free(port);
    return 0;
}

static lua_store *check_store(lua_State *L, int index)
{
    lua_store *self = luaL_checkudata(L, index, store_type);
    if (self->store == NULL)
        luaL_error(L, "store: closed");
    return self;
}

oe_store_port *oe_lua_check_port(lua_State *L, int index)
{
    return check_store(L, index)->port;
}

oe_store *oe_lua_check_open_store(lua_State *L, int index)
{
    return check_store(L, index)->store;
}

static void check_open_options(lua_State *L, int index)
{
    luaL_checktype(L, index, LUA_TTABLE);
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
        if (strcmp(key, "read_only") != 0)
            luaL_error(L, "open: unknown option '%s'; allowed is read_only", key);
        if (!lua_isboolean(L, -1))
            luaL_error(L, "open: 'read_only' must be true or false");
    }
}

int oe_lua_open_store_file(lua_State *L)
{
    oe_store_options options = {.url = luaL_checkstring(L, 1)};
    if (!lua_isnoneornil(L, 2)) {
        check_open_options(L, 2);
        lua_getfield(L, 2, "read_only");
        options.read_only = lua_toboolean(L, -1);
    }
    lua_store *self = lua_newuserdatauv(L, sizeof *self, 0);
    *self = (lua_store){0};
    luaL_setmetatable(L, store_type);
    oe_error error = {0};
    if (oe_store_open(&options, &self->store, &error) != OE_OK)
        return oe_lua_fail(L, &error);
    self->port = oe_store_port_new(self->store);
    if (self->port == NULL)
        return oe_lua_fail_text(L, OE_E_MEMORY, "store: out of memory or descriptors");
    return 1;
}

int oe_lua_store_owner(lua_State *L)
{
    oe_store_owner owner = {0};
    oe_error error = {0};
    if (oe_store_owner_address(luaL_checkstring(L, 1), &owner, &error) != OE_OK)
        return oe_lua_fail(L, &error);
    lua_createtable(L, 0, 2);
    lua_pushinteger(L, owner.pid);
    lua_setfield(L, -2, "pid");
    if (owner.address[0] != '\0') {
        lua_pushstring(L, owner.address);
        lua_setfield(L, -2, "address");
    }
    return 1;
}

/* ---- One operation ---- */

static void keep_customers(store_answer *answer, const oe_store_result *result)
{
    for (size_t i = 0; i < result->customer_count && i < SCAN_ROWS; i++) {
        const oe_store_customer *customer = &result->customers[i];
        oe__buffer_add(answer->text, customer->id.data, customer->id.length);
        answer->id_ends[i] = answer->text->length;
        oe__buffer_add(answer->text, customer->body.data, customer->body.length);
        answer->ends[i] = answer->text->length;
        answer->rows = i + 1;
        answer->last_id_length = customer->id.length;
        memcpy(answer->last_id, customer->id.data, customer->id.length);
    }
    answer->no_memory = answer->text->failed;
}

static void take_answer(void *context, const oe_store_result *result)
{
    store_answer *answer = context;
    answer->status = result->status;
    answer->error = result->error;
    answer->created = result->created;
    answer->replaced = result->replaced;
    answer->deleted = result->deleted;
    answer->count = result->count;
    answer->ever_held = result->ever_held;
    answer->more = result->more;
    if (answer->text != NULL && result->status == OE_OK)
        keep_customers(answer, result);
    answer->done = true;
}

/* Submits and waits. Returns 0, or the 3 values of a failure that were pushed. */
static int run(lua_State *L, lua_store *self, oe_store_submission *submission,
               store_answer *answer)
{
    char operation[OE_STORE_OPERATION_ID_SIZE];
    oe_port_operation_id(self->port, operation);
    submission->operation_id = (oe_store_bytes){operation, sizeof operation};
    submission->completion = take_answer;
    submission->context = answer;
    oe_error error = {0};
    if (oe_port_submit(self->port, submission, &error) != OE_OK)
        return oe_lua_fail(L, &error);
    while (!answer->done)
        (void)oe_port_wait(self->port, -1);
    if (answer->no_memory)
        return luaL_error(L, "store: out of memory");
    return answer->status == OE_OK ? 0 : oe_lua_fail(L, &answer->error);
}

/* store:put(profile) -> "created" or "replaced" */
static int store_put(lua_State *L)
{
    lua_store *self = check_store(L, 1);
    const oe_profile *profile = oe_lua_test_profile(L, 2);
    if (profile == NULL)
        return luaL_typeerror(L, 2, "profile (made by ruleset:profile)");
    oe__buffer *body = oe_lua_new_buffer(L);
    oe_lua_write_profile(L, profile, body);
    size_t length = 0;
    const char *id = oe_profile_id(profile, &length);
    oe_store_submission submission = {
        .operation = OE_STORE_CUSTOMER_PUT,
        .at_ms = oe_lua_now_ms(),
        .id = {id, length},
        .body = {body->data, body->length},
    };
    store_answer answer = {0};
    int refused = run(L, self, &submission, &answer);
    if (refused > 0)
        return refused;
    lua_pushstring(L, answer.replaced > 0 ? "replaced" : "created");
    return 1;
}

/* store:delete(id) -> whether it was there */
static int store_delete(lua_State *L)
{
    lua_store *self = check_store(L, 1);
    oe_store_submission submission = {.operation = OE_STORE_CUSTOMER_DELETE};
    submission.id.data = luaL_checklstring(L, 2, &submission.id.length);
    store_answer answer = {0};
    int refused = run(L, self, &submission, &answer);
    if (refused > 0)
        return refused;
    lua_pushboolean(L, answer.deleted > 0);
    return 1;
}

/* Finds the stored text of the customer, kept by a buffer on top. Returns 0, or the number of
 * values pushed. */
static int fetch(lua_State *L, oe_store_bytes *body)
{
    lua_store *self = check_store(L, 1);
    oe_store_submission submission = {.operation = OE_STORE_CUSTOMER_GET};
    submission.id.data = luaL_checklstring(L, 2, &submission.id.length);
    if (!lua_isnoneornil(L, 3)) {
        submission.operation = OE_STORE_CUSTOMER_AS_OF;
        submission.at_ms = luaL_checkinteger(L, 3);
    }
    oe__buffer *text = oe_lua_new_buffer(L);
    store_answer answer = {.text = text};
    int refused = run(L, self, &submission, &answer);
    if (refused == 0)
        *body =
            (oe_store_bytes){text->data + answer.id_ends[0], text->length - answer.id_ends[0]};
    return refused;
}

/* store:get(id) -> table of the profile */
static int store_get(lua_State *L)
{
    oe_store_bytes body = {NULL, 0};
    int refused = fetch(L, &body);
    if (refused > 0)
        return refused;
    oe_error error = {0};
    if (oe_lua_push_json(L, body.data, body.length, &error) != OE_OK)
        return oe_lua_fail_text(L, OE_E_CORRUPT, error.message);
    return 1;
}

/* store:get_json(id [, at_ms]) -> JSON text of the profile, as it was then */
static int store_get_json(lua_State *L)
{
    oe_store_bytes body = {NULL, 0};
    int refused = fetch(L, &body);
    if (refused > 0)
        return refused;
    lua_pushlstring(L, body.data, body.length);
    return 1;
}

/* store:count() -> customers now, whether there ever was one */
static int store_count(lua_State *L)
{
    lua_store *self = check_store(L, 1);
    oe_store_submission submission = {.operation = OE_STORE_CUSTOMER_COUNT};
    store_answer answer = {0};
    int refused = run(L, self, &submission, &answer);
    if (refused > 0)
        return refused;
    lua_pushinteger(L, (lua_Integer)answer.count);
    lua_pushboolean(L, answer.ever_held);
    return 2;
}

/* ---- Scans ---- */

static int close_scan(lua_State *L)
{
    store_scan *scan = luaL_checkudata(L, 1, scan_type);
    oe__buffer_free(&scan->text);
    scan->closed = true;
    return 0;
}

static size_t page_limit(const store_scan *scan)
{
    size_t left = scan->limit - scan->given;
    return scan->limit == 0 || left > SCAN_ROWS ? SCAN_ROWS : left;
}

/* Fetches the next page. Raises when the database fails: an iterator has no other way to say
 * so. */
static void next_page(lua_State *L, lua_store *store, store_scan *scan)
{
    char after[OE_STORE_ID_MAX];
    size_t after_length = scan->page.last_id_length;
    memcpy(after, scan->page.last_id, after_length);
    scan->text.length = 0;
    scan->row = 0;
    scan->page = (store_answer){.text = &scan->text, .last_id_length = after_length};
    memcpy(scan->page.last_id, after, after_length); /* should the next page hold nothing */
    oe_store_submission submission = {
        .operation = OE_STORE_CUSTOMER_SCAN,
        .after = {after, after_length},
        .limit = page_limit(scan),
    };
    if (run(L, store, &submission, &scan->page) > 0) {
        lua_pushvalue(L, -2);
        lua_error(L);
    }
}

/* The iterator: id, profile. Its state is the scan, whose user value is the store. */
static int step_scan(lua_State *L)
{
    store_scan *scan = luaL_checkudata(L, 1, scan_type);
    if (scan->closed || (scan->limit > 0 && scan->given >= scan->limit))
        return 0;
    while (scan->row >= scan->page.rows) {
        if (!scan->page.more)
            return 0;
        lua_getiuservalue(L, 1, 1);
        next_page(L, check_store(L, -1), scan);
    }
    size_t start = scan->row > 0 ? scan->page.ends[scan->row - 1] : 0;
    size_t body = scan->page.id_ends[scan->row];
    size_t length = scan->page.ends[scan->row++] - body;
    scan->given++;
    lua_pushlstring(L, scan->text.data + start, body - start);
    oe_error error = {0};
    if (scan->as_text)
        lua_pushlstring(L, scan->text.data + body, length);
    else if (oe_lua_push_json(L, scan->text.data + body, length, &error) != OE_OK)
        return luaL_error(L, "store: %s", error.message);
    return 2;
}

static void read_scan_options(lua_State *L, int index, store_scan *scan)
{
    luaL_checktype(L, index, LUA_TTABLE);
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
        size_t length = 0;
        if (strcmp(key, "limit") == 0) {
            lua_Integer limit = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
            if (limit < 1)
                luaL_error(L, "scan: 'limit' must be a whole number from 1 on");
            scan->limit = (size_t)limit;
        } else if (strcmp(key, "after") == 0 && lua_type(L, -1) == LUA_TSTRING) {
            const char *after = lua_tolstring(L, -1, &length);
            if (length > OE_STORE_ID_MAX)
                luaL_error(L, "scan: 'after' must be a customer id");
            memcpy(scan->page.last_id, after, length);
            scan->page.last_id_length = length;
        } else if (strcmp(key, "json") == 0 && lua_isboolean(L, -1)) {
            scan->as_text = lua_toboolean(L, -1);
        } else {
            luaL_error(L,
                       "scan: unknown option '%s' or wrong type; allowed are after (an id), "
                       "limit and json (true or false)",
                       key);
        }
    }
}

/* store:scan([{after =, limit =, json =}]) -> iterator over id, profile in bytewise order of
 * the ids */
static int store_scan_open(lua_State *L)
{
    check_store(L, 1);
    lua_settop(L, 2);
    lua_pushcfunction(L, step_scan);
    store_scan *scan = lua_newuserdatauv(L, sizeof *scan, 1);
    memset(scan, 0, sizeof *scan);
    luaL_setmetatable(L, scan_type);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    scan->page.more = true;
    if (!lua_isnil(L, 2))
        read_scan_options(L, 2, scan);
    lua_pushnil(L);
    lua_pushvalue(L, -2);
    return 4;
}

static void make_type(lua_State *L, const char *type, lua_CFunction close)
{
    luaL_newmetatable(L, type);
    lua_pushcfunction(L, close);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, close);
    lua_setfield(L, -2, "__close");
    lua_pushstring(L, type);
    lua_setfield(L, -2, "__metatable");
}

void oe_lua_open_store(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"put", store_put},
        {"get", store_get},
        {"get_json", store_get_json},
        {"delete", store_delete},
        {"count", store_count},
        {"scan", store_scan_open},
        {"close", close_store},
        {"generations", oe_lua_generations},
        {"generation", oe_lua_generation},
        {"decision", oe_lua_decision_record},
        {"decisions", oe_lua_decision_records},
        {"trial", oe_lua_trial},
        {"verify", oe_lua_verify},
        {"activity", oe_lua_activity},
        {"runs", oe_lua_runs},
        {NULL, NULL},
    };
    make_type(L, scan_type, close_scan);
    lua_pop(L, 1);
    make_type(L, store_type, close_store);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 1);
}
