/* campaign.c: names and texts alone; what a text of a run says is not known here. Texts are
 * gathered in C first, so that nothing raises while the store is read. */
#include "campaign.h"

#include <lauxlib.h>
#include <string.h>

#include "buffer.h"
#include "engine/campaign.h"
#include "failure.h"
#include "ruleset.h"
#include "store.h"

static void push_item(lua_State *L, const char *name, lua_Integer *count)
{
    lua_pushstring(L, name);
    lua_rawseti(L, -2, ++*count);
}

int oe_lua_campaigns(lua_State *L)
{
    const oe_ruleset *ruleset = oe_lua_check_ruleset(L, 1)->ruleset;
    lua_Integer count = 0;
    lua_newtable(L);
    for (size_t i = 0; i < oe_ruleset_count(ruleset, OE_CAMPAIGNS); i++)
        push_item(L, oe__ruleset_campaign(ruleset, i)->id, &count);
    for (size_t i = 0; i < oe_ruleset_count(ruleset, OE_POLICIES); i++) {
        const oe_policy *policy = oe_ruleset_policy(ruleset, i);
        for (size_t c = 0; c < policy->campaign_count; c++)
            push_item(L, policy->campaigns[c], &count);
    }
    return 1;
}

/* ---- Runs ---- */

static bool gather(void *context, const oe_store_run *run)
{
    oe__buffer *texts = context;
    oe__buffer_add(texts, (const char *)&run->text.length, sizeof run->text.length);
    oe__buffer_add(texts, run->text.data, run->text.length);
    return !texts->failed;
}

int oe_lua_push_runs(lua_State *L, oe_store *store)
{
    oe_error error = {0};
    oe__buffer *texts = oe_lua_new_buffer(L);
    if (oe_store_run_scan(store, gather, texts, &error) != OE_OK)
        return oe_lua_fail(L, &error);
    if (texts->failed)
        return luaL_error(L, "store: out of memory");
    lua_newtable(L);
    size_t at = 0;
    for (lua_Integer i = 1; at < texts->length; i++) {
        size_t length;
        memcpy(&length, texts->data + at, sizeof length);
        at += sizeof length;
        lua_pushlstring(L, texts->data + at, length);
        lua_rawseti(L, -2, i);
        at += length;
    }
    return 1;
}

int oe_lua_runs(lua_State *L)
{
    return oe_lua_push_runs(L, oe_lua_check_open_store(L, 1));
}
