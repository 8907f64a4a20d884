/* failure.c: nil, message, code. Knows the shapes of errors and nothing of what failed. */
#include "failure.h"

#include <lauxlib.h>

#include "engine/campaign.h"

int oe_lua_fail_text(lua_State *L, oe_status status, const char *message)
{
    lua_pushnil(L);
    lua_pushstring(L, message);
    lua_pushstring(L, oe_status_name(status));
    return 3;
}

int oe_lua_fail(lua_State *L, const oe_error *error)
{
    return oe_lua_fail_text(L, error->status, error->message);
}

/* A location as a person reads it: "existing_products",3 becomes existing_products[3]. */
static void add_location(luaL_Buffer *text, const char *location)
{
    bool in_index = false;
    for (const char *at = location; *at != '\0'; at++) {
        if (*at == ',') {
            luaL_addchar(text, '[');
            in_index = true;
        } else if (*at != '"') {
            luaL_addchar(text, *at);
        }
    }
    if (in_index)
        luaL_addchar(text, ']');
}

static size_t kept_faults(const oe_read_report *report)
{
    return report->fault_count < OE_FAULTS_MAX ? report->fault_count : OE_FAULTS_MAX;
}

static void push_faults(lua_State *L, const oe_read_report *report)
{
    size_t count = kept_faults(report);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        const oe_fault *fault = &report->faults[i];
        lua_createtable(L, 0, 3);
        luaL_Buffer location;
        luaL_buffinit(L, &location);
        add_location(&location, fault->location);
        luaL_pushresult(&location);
        lua_setfield(L, -2, "location");
        lua_pushstring(L, fault->message);
        lua_setfield(L, -2, "message");
        lua_pushstring(L, fault->type);
        lua_setfield(L, -2, "type");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

int oe_lua_fail_faults(lua_State *L, const char *subject, const oe_read_report *report)
{
    lua_pushnil(L);
    luaL_Buffer message;
    luaL_buffinit(L, &message);
    luaL_addstring(&message, subject);
    size_t count = kept_faults(report);
    for (size_t i = 0; i < count; i++) {
        luaL_addstring(&message, i == 0 ? ": " : "; ");
        if (report->faults[i].location[0] != '\0') {
            add_location(&message, report->faults[i].location);
            luaL_addstring(&message, ": ");
        }
        luaL_addstring(&message, report->faults[i].message);
    }
    luaL_pushresult(&message);
    lua_pushstring(L, oe_status_name(OE_E_INVALID));
    push_faults(L, report);
    return 4;
}

static const char *name_of(const oe_ruleset *ruleset, oe_kind kind, size_t index)
{
    switch (kind) {
    case OE_ATTRIBUTES:
        return oe_ruleset_attribute(ruleset, index)->name;
    case OE_CATEGORIES:
        return oe_ruleset_category(ruleset, index)->id;
    case OE_PRODUCTS:
        return oe_ruleset_product(ruleset, index)->id;
    case OE_SEGMENTS:
        return oe_ruleset_segment(ruleset, index)->id;
    case OE_DIMENSIONS:
        return oe_ruleset_dimension(ruleset, index)->name;
    case OE_POLICIES:
        return oe_ruleset_policy(ruleset, index)->id;
    case OE_CAMPAIGNS:
        return oe__ruleset_campaign(ruleset, index)->id;
    default:
        return oe_ruleset_rule(ruleset, index)->id;
    }
}

int oe_lua_fail_unknown(lua_State *L, const oe_ruleset *ruleset, oe_kind kind, const char *name)
{
    static const char *const subjects[OE_KIND_COUNT] = {
        "attribute", "category", "product", "segment",
        "dimension", "rule",     "policy",  "campaign",
    };
    size_t count = oe_ruleset_count(ruleset, kind);
    const char **names = lua_newuserdatauv(L, (count + 1) * sizeof *names, 0);
    for (size_t i = 0; i < count; i++)
        names[i] = name_of(ruleset, kind, i);
    const char *near = oe_suggest(name, names, count);
    lua_pushnil(L);
    if (near != NULL)
        lua_pushfstring(L, "%s: unknown '%s'; did you mean '%s'?", subjects[kind], name, near);
    else
        lua_pushfstring(L, "%s: unknown '%s'", subjects[kind], name);
    lua_pushstring(L, oe_status_name(OE_E_NOT_FOUND));
    return 3;
}

int oe_lua_suggest(lua_State *L)
{
    const char *word = luaL_checkstring(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    size_t count = (size_t)luaL_len(L, 2);
    luaL_checkstack(L, 4, "suggest");
    const char **words = lua_newuserdatauv(L, (count + 1) * sizeof *words, 0);
    size_t kept = 0;
    for (size_t i = 1; i <= count; i++) {
        if (lua_geti(L, 2, (lua_Integer)i) == LUA_TSTRING) /* the list keeps the text alive */
            words[kept++] = lua_tostring(L, -1);
        lua_pop(L, 1);
    }
    lua_pushstring(L, oe_suggest(word, words, kept));
    return 1;
}
