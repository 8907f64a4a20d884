/* decision.c: one customer decided or explained, as bytes or as a table read from the same
 * bytes. */
#include "decision.h"

#include <lauxlib.h>
#include <string.h>

#include "clock.h"
#include "codec/answer.h"
#include "contacts.h"
#include "engine/campaign.h"
#include "failure.h"
#include "json.h"
#include "profile.h"

/* ---- Options ---- */

/* The first three are those of every decision; the others are about one customer. */
static const char *const keys[] = {"at",       "limit",    "category",
                                   "campaign", "contacts", "channel"};
enum { COMMON_KEYS = 4, ALL_KEYS = 6 };

static bool is_among(const char *key, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

static void check_keys(lua_State *L, int index, size_t count)
{
    for (lua_pushnil(L); lua_next(L, index) != 0; lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            luaL_error(L, "options: a key must be text, got %s", luaL_typename(L, -2));
        const char *key = lua_tostring(L, -2);
        if (is_among(key, count))
            continue;
        const char *near = oe_suggest(key, keys, count);
        if (near != NULL)
            luaL_error(L, "options: unknown key '%s'; did you mean '%s'?", key, near);
        luaL_error(L, "options: unknown key '%s'; allowed are at, limit%s", key,
                   count == COMMON_KEYS ? ", category and campaign"
                                        : ", category, campaign, contacts and channel");
    }
}

static int read_at(lua_State *L, int index, int64_t *at_ms)
{
    int type = lua_getfield(L, index, "at");
    int whole = 0;
    if (type == LUA_TNIL) {
        *at_ms = oe_lua_now_ms();
    } else if (type == LUA_TNUMBER) {
        *at_ms = lua_tointegerx(L, -1, &whole);
        if (!whole)
            return luaL_error(L, "options: 'at' must be whole milliseconds");
    } else if (type == LUA_TSTRING) {
        size_t length = 0;
        const char *text = lua_tolstring(L, -1, &length);
        if (!oe_lua_time_parse(text, length, at_ms))
            return oe_lua_fail_text(
                L, OE_E_INVALID,
                "time: must be a day or time such as 2026-11-22 or 2026-11-22T10:30:00Z");
    } else {
        return luaL_error(L, "options: 'at' must be milliseconds or a time as text, got %s",
                          luaL_typename(L, -1));
    }
    lua_pop(L, 1);
    return 0;
}

static void read_limit(lua_State *L, int index, uint32_t *limit)
{
    if (lua_getfield(L, index, "limit") != LUA_TNIL) {
        int whole = 0;
        lua_Integer value = lua_type(L, -1) == LUA_TNUMBER ? lua_tointegerx(L, -1, &whole) : 0;
        if (!whole || value < 1 || value > OE_LUA_LIMIT_MAX)
            luaL_error(L, "options: 'limit' must be a whole number from 1 to %d",
                       OE_LUA_LIMIT_MAX);
        *limit = (uint32_t)value;
    }
    lua_pop(L, 1);
}

static int read_category(lua_State *L, const oe_ruleset *ruleset, int index, int32_t *category)
{
    int type = lua_getfield(L, index, "category");
    if (type == LUA_TSTRING) {
        size_t length = 0;
        const char *id = lua_tolstring(L, -1, &length);
        *category = oe_ruleset_find(ruleset, OE_CATEGORIES, id, length);
        if (*category < 0)
            return oe_lua_fail_unknown(L, ruleset, OE_CATEGORIES, id);
    } else if (type != LUA_TNIL) {
        return luaL_error(L, "options: 'category' must be a category id, got %s",
                          luaL_typename(L, -1));
    }
    lua_pop(L, 1);
    return 0;
}

static int read_campaign(lua_State *L, const oe_ruleset *ruleset, int index, uint32_t *campaign)
{
    int type = lua_getfield(L, index, "campaign");
    if (type == LUA_TSTRING) {
        size_t length = 0;
        const char *id = lua_tolstring(L, -1, &length);
        if (!oe__campaign_find(ruleset, id, length, campaign))
            return oe_lua_fail_unknown(L, ruleset, OE_CAMPAIGNS, id);
    } else if (type != LUA_TNIL) {
        return luaL_error(L, "options: 'campaign' must be the id of a campaign, got %s",
                          luaL_typename(L, -1));
    }
    lua_pop(L, 1);
    return 0;
}

static int read_options(lua_State *L, const oe_ruleset *ruleset, int index, size_t key_count,
                        oe_options *options)
{
    *options = (oe_options){.category = -1};
    if (lua_isnoneornil(L, index)) {
        options->at_ms = oe_lua_now_ms();
        return 0;
    }
    luaL_checktype(L, index, LUA_TTABLE);
    check_keys(L, index, key_count);
    int refused = read_at(L, index, &options->at_ms);
    if (refused > 0)
        return refused;
    read_limit(L, index, &options->limit);
    refused = read_category(L, ruleset, index, &options->category);
    return refused > 0 ? refused : read_campaign(L, ruleset, index, &options->campaign);
}

int oe_lua_to_options(lua_State *L, const oe_ruleset *ruleset, int index, oe_options *options)
{
    return read_options(L, ruleset, index, COMMON_KEYS, options);
}

/* ---- Answers ---- */

/* One customer and where what is said about them goes. */
typedef struct question {
    oe_decider *decider;
    const oe_profile *profile;
    oe_options options;
    oe_contacts contacts;
    int32_t product; /* the only one to be explained, -1: all */
    oe__buffer *out;
} question;

typedef void (*answer_writer)(const question *asked);

static void write_decision(const question *asked)
{
    oe__answer_write(asked->out, oe_decide(asked->decider, asked->profile, &asked->options));
}

static void write_explanation(const question *asked)
{
    oe__explanation_write(asked->out, asked->decider, asked->profile, &asked->options,
                          asked->product);
}

/* The product named at index 4, -1 when there is none. Returns 0, or the number of values
 * pushed. */
static int read_product(lua_State *L, const oe_ruleset *ruleset, int32_t *product)
{
    *product = -1;
    if (lua_isnoneornil(L, 4))
        return 0;
    size_t length = 0;
    const char *id = luaL_checklstring(L, 4, &length);
    *product = oe_ruleset_find(ruleset, OE_PRODUCTS, id, length);
    return *product >= 0 ? 0 : oe_lua_fail_unknown(L, ruleset, OE_PRODUCTS, id);
}

/* Leaves the answer in the ruleset's buffer. Returns 0, or the number of values pushed. */
static int answer(lua_State *L, answer_writer write)
{
    oe_lua_ruleset *self = oe_lua_check_ruleset(L, 1);
    question asked = {.decider = self->decider, .out = &self->text};
    int refused = read_options(L, self->ruleset, 3, ALL_KEYS, &asked.options);
    if (refused == 0 && lua_istable(L, 3) &&
        oe_lua_to_contacts(L, 3, self->decider, asked.options.at_ms, &asked.contacts))
        asked.options.contacts = &asked.contacts;
    if (refused == 0)
        refused = read_product(L, self->ruleset, &asked.product);
    if (refused > 0)
        return refused;
    asked.profile = oe_lua_to_profile(L, self, 2);
    if (asked.profile == NULL)
        return 4;
    self->text.length = 0;
    write(&asked);
    if (self->text.failed) {
        oe__buffer_free(&self->text);
        return luaL_error(L, "decision: out of memory");
    }
    return 0;
}

static int answer_bytes(lua_State *L, answer_writer write)
{
    int refused = answer(L, write);
    if (refused > 0)
        return refused;
    const oe_lua_ruleset *self = oe_lua_check_ruleset(L, 1);
    lua_pushlstring(L, self->text.data, self->text.length);
    return 1;
}

static int answer_table(lua_State *L, answer_writer write)
{
    int refused = answer(L, write);
    if (refused > 0)
        return refused;
    const oe_lua_ruleset *self = oe_lua_check_ruleset(L, 1);
    oe_error error = {0};
    if (oe_lua_push_json(L, self->text.data, self->text.length, &error) != OE_OK)
        return luaL_error(L, "decision: %s", error.message);
    return 1;
}

int oe_lua_decide(lua_State *L)
{
    return answer_table(L, write_decision);
}

int oe_lua_decide_bytes(lua_State *L)
{
    return answer_bytes(L, write_decision);
}

int oe_lua_explain(lua_State *L)
{
    return answer_table(L, write_explanation);
}

int oe_lua_explain_bytes(lua_State *L)
{
    return answer_bytes(L, write_explanation);
}
