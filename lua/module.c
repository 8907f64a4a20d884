/* module.c: opens offerengine.core, the C half of the module. lua/offerengine/init.lua is what
 * users see. */
#include <lauxlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "batch.h"
#include "clock.h"
#include "compare.h"
#include "coverage.h"
#include "csv.h"
#include "customers.h"
#include "encode.h"
#include "experiment.h"
#include "failure.h"
#include "http.h"
#include "json.h"
#include "load.h"
#include "pack.h"
#include "place.h"
#include "population.h"
#include "price.h"
#include "profile.h"
#include "replay.h"
#include "rows.h"
#include "ruleset.h"
#include "store.h"

/* core.is_special(path): whether it is there and no regular file: a pipe or device, which must
 * be written to and not replaced */
static int is_special(lua_State *L)
{
    struct stat found;
    lua_pushboolean(L, stat(luaL_checkstring(L, 1), &found) == 0 && !S_ISREG(found.st_mode));
    return 1;
}

int luaopen_offerengine_core(lua_State *L);

/* core.now(): milliseconds UTC */
static int now(lua_State *L)
{
    lua_pushinteger(L, oe_lua_now_ms());
    return 1;
}

/* core.sleep(ms) */
static int sleep_for(lua_State *L)
{
    lua_Integer ms = luaL_checkinteger(L, 1);
    struct timespec span = {.tv_sec = (time_t)(ms / 1000),
                            .tv_nsec = (long)(ms % 1000) * 1000000};
    luaL_argcheck(L, ms >= 0, 1, "must not be negative");
    (void)nanosleep(&span, NULL);
    return 0;
}

/* core.time(text): milliseconds UTC, or nil, message, code */
static int read_time(lua_State *L)
{
    size_t length = 0;
    const char *text = luaL_checklstring(L, 1, &length);
    int64_t at_ms = 0;
    if (!oe_lua_time_parse(text, length, &at_ms))
        return oe_lua_fail_text(
            L, OE_E_INVALID,
            "time: must be a day or time such as 2026-11-22 or 2026-11-22T10:30:00Z");
    lua_pushinteger(L, at_ms);
    return 1;
}

/* core.is_terminal(descriptor) */
static int is_terminal(lua_State *L)
{
    lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)) == 1);
    return 1;
}

int luaopen_offerengine_core(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"load", oe_lua_load_rules},
        {"load_tests", oe_lua_load_tests},
        {"source", oe_lua_source},
        {"population", oe_lua_new_population},
        {"open", oe_lua_open_store_file},
        {"owner", oe_lua_store_owner},
        {"customers", oe_lua_new_customers},
        {"batch", oe_lua_batch},
        {"compare", oe_lua_compare},
        {"price", oe_lua_price},
        {"coverage", oe_lua_coverage},
        {"csv_header", oe_lua_csv_header},
        {"csv_row", oe_lua_csv_row},
        {"csv_records", oe_lua_csv_records},
        {"csv_line", oe_lua_csv_line},
        {"http_post", oe_lua_http_post},
        {"http_get", oe_lua_http_get},
        {"http_delete", oe_lua_http_delete},
        {"decode_json", oe_lua_decode_json},
        {"encode_json", oe_lua_encode_json},
        {"suggest", oe_lua_suggest},
        {"rate", oe_lua_rate},
        {"difference", oe_lua_difference},
        {"sample_ratio", oe_lua_sample_ratio},
        {"record", oe_lua_read_record},
        {"sleep", sleep_for},
        {"now", now},
        {"time", read_time},
        {"is_terminal", is_terminal},
        {"is_special", is_special},
        {"kind", oe_lua_place_kind},
        {"names", oe_lua_place_names},
        {"replace", oe_lua_place_replace},
        {"create", oe_lua_place_create},
        {NULL, NULL},
    };
    oe_lua_open_ruleset(L);
    oe_lua_open_profile(L);
    oe_lua_open_population(L);
    oe_lua_open_store(L);
    oe_lua_open_customers(L);
    oe_lua_open_encode(L);
    luaL_newlib(L, functions);
    lua_pushstring(L, oe_version());
    lua_setfield(L, -2, "version");
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
    return 1;
}
