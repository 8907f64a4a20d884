/* contacts.c: what a customer was shown and said, from plain tables. Knows what a contact is
 * made of, and nothing of how contacts count. */
#include "contacts.h"

#include <lauxlib.h>
#include <string.h>

#include "clock.h"

static uint64_t read_name(lua_State *L, int table, const char *key, const char *what)
{
    size_t length = 0;
    int type = lua_getfield(L, table, key);
    if (type != LUA_TNIL && type != LUA_TSTRING)
        luaL_error(L, "%s: '%s' must be text, got %s", what, key, luaL_typename(L, -1));
    const char *name = type == LUA_TNIL ? "" : lua_tolstring(L, -1, &length);
    uint64_t hash = oe_contact_name(name, length);
    lua_pop(L, 1);
    return hash;
}

/* Milliseconds, or a day or time as text; `none` when nil. */
static int64_t read_time(lua_State *L, int table, const char *key, int64_t none)
{
    int whole = 0, type = lua_getfield(L, table, key);
    int64_t at_ms = none;
    size_t length = 0;
    if (type == LUA_TSTRING) {
        const char *text = lua_tolstring(L, -1, &length);
        whole = oe_lua_time_parse(text, length, &at_ms);
    } else if (type == LUA_TNUMBER) {
        at_ms = lua_tointegerx(L, -1, &whole);
    } else {
        whole = type == LUA_TNIL;
    }
    if (!whole)
        luaL_error(L, "contacts: '%s' must be whole milliseconds or a time as text", key);
    lua_pop(L, 1);
    return at_ms;
}

static void check_keys(lua_State *L, int table)
{
    static const char *const keys[] = {"kind",     "product", "category", "channel",
                                       "campaign", "at_ms",   "unit_ms"};
    for (lua_pushnil(L); lua_next(L, table) != 0; lua_pop(L, 1)) {
        bool known = false;
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            known |= strcmp(key, keys[i]) == 0;
        if (!known)
            luaL_error(L,
                       "contacts: unknown key '%s'; allowed are kind, product, category, "
                       "channel, campaign, at_ms and unit_ms",
                       key);
    }
}

static oe_contact read_contact(lua_State *L, int table, int64_t now_ms)
{
    static const char *const kinds[] = {"reserved", "shown", "declined", "opt_out", NULL};
    luaL_checktype(L, table, LUA_TTABLE);
    check_keys(L, table);
    lua_getfield(L, table, "kind");
    oe_contact contact = {.kind = (oe_contact_kind)luaL_checkoption(L, -1, NULL, kinds)};
    lua_pop(L, 1);
    bool opts_out = contact.kind == OE_CONTACT_OPT_OUT;
    contact.product = read_name(L, table, opts_out ? "category" : "product", "contacts");
    contact.channel = read_name(L, table, "channel", "contacts");
    contact.campaign = read_name(L, table, "campaign", "contacts");
    contact.at_ms = read_time(L, table, "at_ms", now_ms);
    contact.unit_ms = read_time(L, table, "unit_ms", contact.at_ms);
    if (!opts_out && contact.product == 0)
        luaL_error(L, "contacts: a contact needs a product");
    return contact;
}

bool oe_lua_to_contacts(lua_State *L, int index, oe_decider *decider, int64_t now_ms,
                        oe_contacts *contacts)
{
    contacts->channel = read_name(L, index, "channel", "options");
    contacts->campaign = read_name(L, index, "campaign", "options");
    int type = lua_getfield(L, index, "contacts");
    if (type == LUA_TNIL) {
        lua_pop(L, 1);
        return false;
    }
    if (type != LUA_TTABLE)
        luaL_error(L, "options: 'contacts' must be a list, got %s", luaL_typename(L, -1));
    size_t count = lua_rawlen(L, -1);
    oe_contact *history = lua_newuserdatauv(L, (count + 1) * sizeof *history, 0);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, -2, (lua_Integer)i + 1);
        history[i] = read_contact(L, lua_gettop(L), now_ms);
        lua_pop(L, 1);
    }
    oe_decider_contacts(decider, history, count, now_ms, contacts);
    lua_pop(L, 2);
    return true;
}
