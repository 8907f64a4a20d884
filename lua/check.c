/* check.c: findings as Lua tables, and proofs on their way into lists. */
#include "check.h"

#include <lauxlib.h>

#include "engine/prove.h"
#include "ruleset.h"

static void set_text(lua_State *L, const char *key, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, key);
}

void oe_lua_push_finding(lua_State *L, const oe_finding *finding, const oe_rule_files *files)
{
    static const char *const severities[] = {"error", "warning", "note"};
    lua_createtable(L, 0, 7);
    set_text(L, "severity", severities[finding->severity]);
    set_text(L, "code", finding->code);
    set_text(L, "file", finding->where.file);
    set_text(L, "message", finding->message);
    set_text(L, "suggestion", finding->suggestion);
    if (finding->where.file == NULL || finding->where.line <= 0)
        return;
    lua_pushinteger(L, finding->where.line);
    lua_setfield(L, -2, "line");
    size_t length = 0;
    const char *line = files == NULL ? NULL
                                     : oe__rule_files_line(files, finding->where.file,
                                                           finding->where.line, &length);
    if (line != NULL) {
        lua_pushlstring(L, line, length);
        lua_setfield(L, -2, "source_line");
    }
}

typedef struct reporting {
    oe_builder *builder;
    oe_status status;
} reporting;

static bool report(void *context, const oe_finding *finding)
{
    reporting *into = context;
    into->status = oe_builder_report(into->builder, finding);
    return into->status == OE_OK;
}

oe_status oe__check_report(const oe_ruleset *ruleset, oe_builder *builder)
{
    reporting into = {builder, OE_OK};
    oe_status status = oe__ruleset_prove(ruleset, (oe__finding_sink){report, &into});
    return status == OE_OK ? into.status : status;
}

static int push_findings(lua_State *L)
{
    const oe_builder *builder = lua_touserdata(L, 1);
    size_t count = oe_builder_finding_count(builder);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        oe_lua_push_finding(L, oe_builder_finding_get(builder, i), NULL);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

int oe_lua_check(lua_State *L)
{
    const oe_ruleset *ruleset = oe_lua_check_ruleset(L, 1)->ruleset;
    luaL_checkstack(L, 5, NULL);
    lua_pushcfunction(L, push_findings);
    oe_builder *builder = oe_builder_new(oe_ruleset_dictionary(ruleset));
    oe_status status = builder ? oe__check_report(ruleset, builder) : OE_E_MEMORY;
    lua_pushlightuserdata(L, builder);
    int failed = status == OE_OK ? lua_pcall(L, 1, 1, 0) : LUA_ERRMEM;
    oe_builder_free(builder);
    if (status != OE_OK)
        return luaL_error(L, "ruleset: out of memory");
    return failed == LUA_OK ? 1 : lua_error(L);
}
