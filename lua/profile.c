/* profile.c: profiles: a userdata that keeps one, and tables on their way in. A table is
 * written as JSON and read by the codec, so that it meets the same checks, in the same words,
 * as the body of a request. */
#include "profile.h"

#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "buffer.h"
#include "codec/json.h"
#include "codec/number.h"
#include "codec/profile.h"
#include "engine/profile.h"
#include "failure.h"
#include "json.h"

static const char profile_type[] = "offerengine.profile";

enum { NESTING_MAX = 8 };

typedef struct lua_profile {
    oe_profile *profile;
    const oe_ruleset *ruleset; /* alive as user value 1 */
} lua_profile;

/* ---- Tables on their way in ---- */

/* A table being written. What JSON cannot say becomes a fault here. */
typedef struct profile_writer {
    oe__buffer *out;
    const char *member;
    oe_read_report *report;
} profile_writer;

static void add_fault(profile_writer *writer, const char *type, const char *message)
{
    if (writer->report->fault_count < OE_FAULTS_MAX) {
        oe_fault *fault = &writer->report->faults[writer->report->fault_count];
        (void)snprintf(fault->location, sizeof fault->location, "\"%.*s\"", OE_ID_MAX,
                       writer->member);
        fault->type = type;
        (void)snprintf(fault->message, sizeof fault->message, "%s", message);
    }
    writer->report->fault_count++;
    oe__buffer_add_text(writer->out, "null");
}

static void write_number(lua_State *L, int index, profile_writer *writer)
{
    char digits[OE_NUMBER_TEXT_MAX];
    int length = 0;
    if (lua_isinteger(L, index)) {
        length = snprintf(digits, sizeof digits, LUA_INTEGER_FMT, lua_tointeger(L, index));
    } else if (isfinite(lua_tonumber(L, index))) {
        length = (int)oe__number_write(lua_tonumber(L, index), digits);
    } else {
        add_fault(writer, "finite_number", "must be a finite number");
        return;
    }
    oe__buffer_add(writer->out, digits, (size_t)length);
}

static void write_text(lua_State *L, int index, profile_writer *writer)
{
    size_t length = 0;
    const char *text = lua_tolstring(L, index, &length);
    if (memchr(text, '\0', length) != NULL || !oe__text_is_utf8(text, length))
        add_fault(writer, "string_unicode", "must be UTF-8 text without zero bytes");
    else
        oe__json_write_string(writer->out, text, length);
}

static void write_value(lua_State *L, int index, profile_writer *writer, int depth);

static void write_list(lua_State *L, int index, profile_writer *writer, int depth)
{
    lua_Unsigned count = lua_rawlen(L, index);
    lua_Unsigned found = 0;
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1))
        found++;
    if (found != count || depth >= NESTING_MAX) {
        add_fault(writer, "list_type", "must be a plain list without holes");
        return;
    }
    luaL_checkstack(L, 4, "profile");
    oe__buffer_add_char(writer->out, '[');
    for (lua_Unsigned i = 1; i <= count; i++) {
        if (i > 1)
            oe__buffer_add_char(writer->out, ',');
        lua_rawgeti(L, index, (lua_Integer)i);
        write_value(L, lua_gettop(L), writer, depth + 1);
        lua_pop(L, 1);
    }
    oe__buffer_add_char(writer->out, ']');
}

static void write_value(lua_State *L, int index, profile_writer *writer, int depth)
{
    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
        write_number(L, index, writer);
        break;
    case LUA_TSTRING:
        write_text(L, index, writer);
        break;
    case LUA_TBOOLEAN:
        oe__buffer_add_text(writer->out, lua_toboolean(L, index) ? "true" : "false");
        break;
    case LUA_TTABLE:
        write_list(L, index, writer, depth);
        break;
    case LUA_TNIL:
    case LUA_TLIGHTUSERDATA:
        oe__buffer_add_text(writer->out, "null");
        break;
    default:
        luaL_error(L, "profile: '%s' must not be a %s", writer->member,
                   luaL_typename(L, index));
    }
}

/* nil and null mean "not on file": null where the schema takes it, otherwise the member is left
 * out. */
static void write_member(lua_State *L, int index, profile_writer *writer, bool takes_null)
{
    int type = lua_getfield(L, index, writer->member);
    bool is_null =
        type == LUA_TNIL || (type == LUA_TLIGHTUSERDATA && lua_touserdata(L, -1) == NULL);
    if (!is_null || takes_null) {
        if (writer->out->length > 1)
            oe__buffer_add_char(writer->out, ',');
        oe__json_write_string(writer->out, writer->member, strlen(writer->member));
        oe__buffer_add_char(writer->out, ':');
        write_value(L, lua_gettop(L), writer, 0);
    }
    lua_pop(L, 1);
}

static void write_table(lua_State *L, int index, const oe_ruleset *ruleset,
                        profile_writer *writer)
{
    writer->out->length = 0;
    oe__buffer_add_char(writer->out, '{');
    writer->member = "customer_id";
    write_member(L, index, writer, false);
    size_t count = oe_ruleset_count(ruleset, OE_ATTRIBUTES);
    for (size_t i = 0; i < count; i++) {
        const oe_attribute *attribute = oe_ruleset_attribute(ruleset, i);
        if (attribute->derived)
            continue;
        writer->member = attribute->name;
        write_member(L, index, writer, attribute->nullable);
    }
    oe__buffer_add_char(writer->out, '}');
}

/* Reads the table at `index` into `profile`. Returns 0, or the 4 values that were pushed. */
static int read_table(lua_State *L, oe_lua_ruleset *self, int index, oe_profile *profile,
                      oe_read_report *report)
{
    *report = (oe_read_report){0};
    profile_writer writer = {.out = &self->text, .report = report};
    write_table(L, index, self->ruleset, &writer);
    if (self->text.failed) {
        oe__buffer_free(&self->text);
        return luaL_error(L, "profile: out of memory");
    }
    if (report->fault_count > 0)
        return oe_lua_fail_faults(L, "profile", report);
    oe_error error = {0};
    *report = (oe_read_report){0};
    oe_status status =
        oe_profile_read(profile, self->text.data, self->text.length, report, &error);
    if (status == OE_OK)
        return 0;
    if (report->fault_count > 0)
        return oe_lua_fail_faults(L, "profile", report);
    (void)oe_lua_fail(L, &error);
    lua_newtable(L);
    return 4;
}

/* ---- The userdata ---- */

static lua_profile *check_profile(lua_State *L, int index)
{
    lua_profile *self = luaL_checkudata(L, index, profile_type);
    if (self->profile == NULL)
        luaL_error(L, "profile: closed");
    return self;
}

const oe_profile *oe_lua_test_profile(lua_State *L, int index)
{
    if (luaL_testudata(L, index, profile_type) == NULL)
        return NULL;
    return check_profile(L, index)->profile;
}

static int free_profile(lua_State *L)
{
    lua_profile *self = luaL_checkudata(L, 1, profile_type);
    oe_profile_free(self->profile);
    self->profile = NULL;
    return 0;
}

/* Pushes an empty profile of the ruleset at stack index 1. */
static lua_profile *push_profile(lua_State *L, oe_lua_ruleset *ruleset)
{
    lua_profile *self = lua_newuserdatauv(L, sizeof *self, 1);
    *self = (lua_profile){.ruleset = ruleset->ruleset};
    luaL_setmetatable(L, profile_type);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    self->profile = oe_profile_new(ruleset->ruleset);
    if (self->profile == NULL)
        luaL_error(L, "profile: out of memory");
    return self;
}

const oe_profile *oe_lua_to_profile(lua_State *L, oe_lua_ruleset *self, int index)
{
    if (luaL_testudata(L, index, profile_type) != NULL) {
        lua_profile *given = check_profile(L, index);
        if (given->ruleset != self->ruleset)
            luaL_argerror(L, index, "profile: belongs to another ruleset");
        return given->profile;
    }
    if (!lua_istable(L, index))
        luaL_typeerror(L, index, "profile or table");
    oe_read_report report;
    return read_table(L, self, index, self->scratch, &report) == 0 ? self->scratch : NULL;
}

/* The names in the table at index 2 that the schema does not know, in no order. */
static void push_undeclared(lua_State *L, const oe_ruleset *ruleset)
{
    lua_newtable(L);
    lua_Integer count = 0;
    for (lua_pushnil(L); lua_next(L, 2) != 0; lua_pop(L, 1)) {
        size_t length = 0;
        if (lua_type(L, -2) != LUA_TSTRING)
            luaL_error(L, "profile: a member name must be text, got %s", luaL_typename(L, -2));
        const char *name = lua_tolstring(L, -2, &length);
        if (strcmp(name, "customer_id") == 0 ||
            oe__profile_attribute(ruleset, name, length) >= 0)
            continue;
        lua_pushvalue(L, -2);
        lua_rawseti(L, -4, ++count);
    }
}

/* {undeclared = names or count, unknown_products = positions} or nil. `names` is the index of
 * the list of names, 0 where only their number is known. */
static void push_warnings(lua_State *L, const oe_read_report *report, int names)
{
    size_t undeclared = names != 0 ? lua_rawlen(L, names) : report->undeclared;
    if (undeclared == 0 && report->unknown_products == 0) {
        lua_pushnil(L);
        return;
    }
    lua_createtable(L, 0, 2);
    if (names != 0)
        lua_pushvalue(L, names);
    else
        lua_pushinteger(L, (lua_Integer)undeclared);
    lua_setfield(L, -2, "undeclared");
    size_t kept = sizeof report->unknown_at / sizeof report->unknown_at[0];
    if (report->unknown_products < kept)
        kept = report->unknown_products;
    lua_createtable(L, (int)kept, 0);
    for (size_t i = 0; i < kept; i++) {
        lua_pushinteger(L, (lua_Integer)report->unknown_at[i] + 1);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "unknown_products");
}

int oe_lua_make_profile(lua_State *L)
{
    oe_lua_ruleset *ruleset = oe_lua_check_ruleset(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_settop(L, 2);
    push_undeclared(L, ruleset->ruleset);
    lua_profile *self = push_profile(L, ruleset);
    oe_read_report report;
    int refused = read_table(L, ruleset, 2, self->profile, &report);
    if (refused > 0)
        return refused;
    push_warnings(L, &report, 3);
    return 2;
}

int oe_lua_read_profile(lua_State *L)
{
    oe_lua_ruleset *ruleset = oe_lua_check_ruleset(L, 1);
    size_t length = 0;
    const char *text = luaL_checklstring(L, 2, &length);
    lua_profile *self = push_profile(L, ruleset);
    oe_read_report report = {0};
    oe_error error = {0};
    if (oe_profile_read(self->profile, text, length, &report, &error) != OE_OK)
        return report.fault_count > 0 ? oe_lua_fail_faults(L, "profile", &report)
                                      : oe_lua_fail(L, &error);
    push_warnings(L, &report, 0);
    return 2;
}

/* ---- Methods ---- */

static int profile_id(lua_State *L)
{
    size_t length = 0;
    const char *id = oe_profile_id(check_profile(L, 1)->profile, &length);
    lua_pushlstring(L, id, length);
    return 1;
}

void oe_lua_push_profile_table(lua_State *L, const oe_profile *profile)
{
    oe__buffer *text = oe_lua_new_buffer(L);
    oe_lua_write_profile(L, profile, text);
    oe_error error = {0};
    if (oe_lua_push_json(L, text->data, text->length, &error) != OE_OK)
        luaL_error(L, "profile: %s", error.message);
    oe__buffer_free(text);
    lua_remove(L, -2);
}

static int profile_table(lua_State *L)
{
    oe_lua_push_profile_table(L, check_profile(L, 1)->profile);
    return 1;
}

static int profile_json(lua_State *L)
{
    const oe_profile *profile = check_profile(L, 1)->profile;
    oe__buffer *text = oe_lua_new_buffer(L);
    oe_lua_write_profile(L, profile, text);
    lua_pushlstring(L, text->data, text->length);
    oe__buffer_free(text);
    return 1;
}

static int profile_get(lua_State *L)
{
    lua_profile *self = check_profile(L, 1);
    size_t length = 0;
    const char *name = luaL_checklstring(L, 2, &length);
    if (strcmp(name, "customer_id") == 0)
        return profile_id(L);
    if (oe_ruleset_find(self->ruleset, OE_ATTRIBUTES, name, length) < 0) {
        (void)oe_lua_fail_unknown(L, self->ruleset, OE_ATTRIBUTES, name);
        return luaL_argerror(L, 2, lua_tostring(L, -2));
    }
    oe_lua_push_profile_table(L, self->profile);
    lua_getfield(L, -1, name);
    return 1;
}

static int profile_text(lua_State *L)
{
    size_t length = 0;
    const char *id = oe_profile_id(check_profile(L, 1)->profile, &length);
    luaL_Buffer text;
    luaL_buffinit(L, &text);
    luaL_addstring(&text, "offerengine.profile ");
    luaL_addlstring(&text, id, length);
    luaL_pushresult(&text);
    return 1;
}

void oe_lua_write_profile(lua_State *L, const oe_profile *profile, oe__buffer *out)
{
    oe__profile_write(out, profile);
    if (out->failed)
        luaL_error(L, "profile: out of memory");
}

void oe_lua_open_profile(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"id", profile_id},     {"get", profile_get}, {"table", profile_table},
        {"json", profile_json}, {NULL, NULL},
    };
    luaL_newmetatable(L, profile_type);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, free_profile);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, free_profile);
    lua_setfield(L, -2, "__close");
    lua_pushcfunction(L, profile_text);
    lua_setfield(L, -2, "__tostring");
    lua_pushstring(L, profile_type);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}
