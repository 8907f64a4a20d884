/* rows.c: profiles as rows of a CSV. The codec writes them. */
#include "rows.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "codec/profile_csv.h"
#include "failure.h"
#include "profile.h"
#include "ruleset.h"

/* Pushes what is in the ruleset's buffer. */
static int push_text(lua_State *L, oe_lua_ruleset *self)
{
    if (self->text.failed) {
        oe__buffer_free(&self->text);
        return luaL_error(L, "csv: out of memory");
    }
    lua_pushlstring(L, self->text.data, self->text.length);
    return 1;
}

int oe_lua_csv_header(lua_State *L)
{
    oe_lua_ruleset *self = oe_lua_check_ruleset(L, 1);
    self->text.length = 0;
    oe__profile_write_csv_header(&self->text, self->ruleset);
    return push_text(L, self);
}

/* Pushes the refusal of the first id in the list on top that a CSV would split, if any. */
static int refuse_split(lua_State *L, const char *attribute)
{
    for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++, lua_pop(L, 1)) {
        size_t length = 0;
        const char *id = lua_tolstring(L, -1, &length);
        if (id == NULL || memchr(id, '|', length) == NULL)
            continue;
        char text[256];
        (void)snprintf(text, sizeof text,
                       "%s %lld: the id holds '|', which parts ids in a CSV; --format ndjson "
                       "takes it",
                       attribute, (long long)i);
        return oe_lua_fail_text(L, OE_E_INVALID, text);
    }
    lua_pop(L, 1);
    return 0;
}

/* Ids are joined by '|': one that holds it would be read back as two. */
static int check_ids(lua_State *L, const oe_lua_ruleset *self)
{
    oe_lua_push_profile_table(L, self->scratch);
    for (size_t i = 0; i < oe_ruleset_count(self->ruleset, OE_ATTRIBUTES); i++) {
        const oe_attribute *attribute = oe_ruleset_attribute(self->ruleset, i);
        int refused = 0;
        if (attribute->type == OE_PRODUCT_SET &&
            lua_getfield(L, -1, attribute->name) == LUA_TTABLE)
            refused = refuse_split(L, attribute->name);
        if (refused > 0)
            return refused;
        lua_settop(L, 3);
    }
    return 0;
}

int oe_lua_csv_row(lua_State *L)
{
    oe_lua_ruleset *self = oe_lua_check_ruleset(L, 1);
    size_t length = 0;
    const char *json = luaL_checklstring(L, 2, &length);
    oe_read_report report = {0};
    oe_error error = {0};
    if (oe_profile_read(self->scratch, json, length, &report, &error) != OE_OK)
        return report.fault_count > 0 ? oe_lua_fail_faults(L, "profile", &report)
                                      : oe_lua_fail(L, &error);
    lua_settop(L, 2);
    bool may_split = memchr(json, '|', length) != NULL || memchr(json, '\\', length) != NULL;
    int refused = may_split ? check_ids(L, self) : 0;
    if (refused > 0)
        return refused;
    self->text.length = 0;
    oe__profile_write_csv(&self->text, self->scratch);
    return push_text(L, self);
}
