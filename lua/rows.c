/* rows.c: profiles as rows of a CSV. The codec writes them. */
#include "rows.h"

#include <lauxlib.h>

#include "codec/profile_csv.h"
#include "failure.h"
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
    self->text.length = 0;
    oe__profile_write_csv(&self->text, self->scratch);
    return push_text(L, self);
}
