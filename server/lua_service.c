/* lua_service.c: facts about the service as Lua sees them. */
#include "server/lua_service.h"

#include <lauxlib.h>

#include "engine/dictionary.h"
#include "lua/buffer.h"
#include "lua/ruleset.h"
#include "server/embed.h"
#include "server/ledger.h"
#include "server/loader.h"
#include "store/hash.h"

static oe_desk *desk_of(lua_State *L)
{
    return lua_touserdata(L, lua_upvalueindex(1));
}

/* service.customers() -> how many there are */
static int count_customers(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)oe_population_count(desk_of(L)->service->population));
    return 1;
}

/* service.skipped() -> stored customers that the schema does not take */
static int count_skipped(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)atomic_load(&desk_of(L)->service->skipped));
    return 1;
}

/* service.asset(name) -> bytes of an embedded file, or nil; made into a string once */
static int find_asset(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    if (lua_getfield(L, lua_upvalueindex(2), name) != LUA_TNIL)
        return 1;
    const oe_embedded_file *file = oe_embedded_find(name);
    if (file == NULL)
        return 0;
    lua_pushlstring(L, (const char *)file->data, file->length);
    lua_pushvalue(L, -1);
    lua_setfield(L, lua_upvalueindex(2), name);
    return 1;
}

/* service.sha256(text) -> 64 hexadecimal digits */
static int hash_text(lua_State *L)
{
    size_t length = 0;
    const char *text = luaL_checklstring(L, 1, &length);
    char hex[OE__SHA256_HEX_SIZE];
    if (oe__sha256_hex(text, length, hex) != OE_OK)
        return luaL_error(L, "sha256: out of memory");
    lua_pushstring(L, hex);
    return 1;
}

static void set_number(lua_State *L, const char *key, uint64_t value)
{
    lua_pushinteger(L, (lua_Integer)value);
    lua_setfield(L, -2, key);
}

/* service.store_stats() -> {reads, writes, transactions, failed_transactions} */
static int store_stats(lua_State *L)
{
    oe_store_stats stats;
    oe_store_stats_get(desk_of(L)->service->store, &stats);
    lua_createtable(L, 0, 4);
    set_number(L, "reads", stats.reads);
    set_number(L, "writes", stats.writes);
    set_number(L, "transactions", stats.transactions);
    set_number(L, "failed_transactions", stats.failed_transactions);
    return 1;
}

/* service.contacts() -> {customers, reservations, contacts, opt_outs} that the ledger holds */
static int count_contacts(lua_State *L)
{
    oe_ledger_counts counts = oe__ledger_count(desk_of(L)->service->ledger);
    lua_createtable(L, 0, 4);
    set_number(L, "customers", counts.customers);
    set_number(L, "reservations", counts.reservations);
    set_number(L, "contacts", counts.contacts);
    set_number(L, "opt_outs", counts.opt_outs);
    return 1;
}

/* service.loads() -> {[result] = how many loads had it} */
static int count_loads(lua_State *L)
{
    lua_createtable(L, 0, OE_LOAD_RESULTS);
    for (int i = 0; i < OE_LOAD_RESULTS; i++)
        set_number(L, oe__load_result_name((oe_load_result)i),
                   oe__loader_count(desk_of(L)->service, (oe_load_result)i));
    return 1;
}

/* service.last_load() -> JSON text of what it came to, JSON text of its findings */
static int last_load(lua_State *L)
{
    oe__buffer *members = oe_lua_new_buffer(L), *findings = oe_lua_new_buffer(L);
    oe__loader_report(desk_of(L)->service, members, findings);
    if (members->failed || findings->failed)
        return luaL_error(L, "service: out of memory");
    lua_pushlstring(L, members->data, members->length);
    lua_pushlstring(L, findings->data, findings->length);
    return 2;
}

/* ---- Counters, summed over workers ---- */

typedef const atomic_uint_fast64_t *counter_of(const oe_desk *desk, size_t index);

static uint64_t sum(const oe_service *service, counter_of *find, size_t index)
{
    uint64_t total = 0;
    for (unsigned i = 0; i < service->desk_count; i++)
        total += atomic_load_explicit(find(service->desks[i], index), memory_order_relaxed);
    return total;
}

static const atomic_uint_fast64_t *answer_counter(const oe_desk *desk, size_t index)
{
    return &oe_worker_count(desk->worker)->answers[index];
}

static const atomic_uint_fast64_t *error_counter(const oe_desk *desk, size_t index)
{
    return &oe_worker_count(desk->worker)->errors[index];
}

static const atomic_uint_fast64_t *outcome_counter(const oe_desk *desk, size_t index)
{
    return &desk->counters.outcomes[index];
}

/* The names of what is counted one by one, in the order of named_counter. */
static const char *const counter_names[] = {
    "connections_opened",  "connections_closed",
    "connections_refused", "bytes_read",
    "bytes_written",       "timeouts",
    "decisions",           "offers",
    "no_offers",           "explanations",
    "customer_writes",     "customer_write_failures",
    "imported_customers",  "batch_lines",
    "batch_errors",        "lua_errors",
    "journalled",          "journal_blocks",
    "late_shown",
};

enum { COUNTERS = sizeof counter_names / sizeof counter_names[0] };

static const atomic_uint_fast64_t *named_counter(const oe_desk *desk, size_t index)
{
    const oe_worker_counters *http = oe_worker_count(desk->worker);
    const oe_desk_counters *own = &desk->counters;
    const atomic_uint_fast64_t *const all[COUNTERS] = {
        &http->connections_opened,
        &http->connections_closed,
        &http->connections_refused,
        &http->bytes_read,
        &http->bytes_written,
        &http->timeouts,
        &own->decisions,
        &own->offers,
        &own->no_offers,
        &own->explanations,
        &own->customer_writes,
        &own->customer_write_failures,
        &own->imported_customers,
        &own->batch_lines,
        &own->batch_errors,
        &own->lua_errors,
        &own->journalled,
        &own->journal_blocks,
        &own->late_shown,
    };
    return all[index];
}

/* service.metrics() -> the counters by name, connections_open, answers = {["2xx"] = n, ...},
 * errors = {[code] = n, ...}, outcomes = {[result] = n, ...} */
static int read_metrics(lua_State *L)
{
    static const char *const classes[] = {"1xx", "2xx", "3xx", "4xx", "5xx"};
    const oe_service *service = desk_of(L)->service;
    lua_createtable(L, 0, COUNTERS + 4);
    for (size_t i = 0; i < COUNTERS; i++)
        set_number(L, counter_names[i], sum(service, named_counter, i));
    set_number(L, "connections_open",
               atomic_load_explicit(&service->connections, memory_order_relaxed));
    lua_createtable(L, 0, 5);
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        set_number(L, classes[i], sum(service, answer_counter, i + 1));
    lua_setfield(L, -2, "answers");
    lua_createtable(L, 0, OE_HTTP_ERROR_COUNT);
    for (size_t i = 1; i < OE_HTTP_ERROR_COUNT; i++)
        set_number(L, oe_http_error_get((oe_http_error)i)->code,
                   sum(service, error_counter, i));
    lua_setfield(L, -2, "errors");
    lua_createtable(L, 0, OE_OUTCOME_RESULTS);
    for (size_t i = 0; i < OE_OUTCOME_RESULTS; i++)
        set_number(L, oe__outcome_result_name((oe_outcome_result)i),
                   sum(service, outcome_counter, i));
    lua_setfield(L, -2, "outcomes");
    return 1;
}

void oe__lua_set_rules(lua_State *L, const oe_generation *generation)
{
    oe_lua_push_ruleset(L, oe_ruleset_hold(generation->ruleset),
                        oe__dictionary_hold(generation->dictionary));
    lua_setfield(L, -2, "ruleset");
    set_number(L, "generation", generation->number);
}

void oe__lua_push_service(lua_State *L, oe_desk *desk)
{
    static const luaL_Reg functions[] = {
        {"customers", count_customers}, {"skipped", count_skipped},
        {"metrics", read_metrics},      {"store_stats", store_stats},
        {"loads", count_loads},         {"last_load", last_load},
        {"sha256", hash_text},          {"asset", find_asset},
        {"contacts", count_contacts},   {NULL, NULL},
    };
    const oe_service *service = desk->service;
    lua_createtable(L, 0, 13);
    lua_pushlightuserdata(L, desk);
    lua_newtable(L);
    luaL_setfuncs(L, functions, 2);
    oe__lua_set_rules(L, desk->generation);
    set_number(L, "started_ms", (uint64_t)service->started_ms);
    set_number(L, "workers", service->config.workers);
}
