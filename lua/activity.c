/* activity.c: rows are gathered in C first, so that nothing raises while the store is read. */
#include "activity.h"

#include <lauxlib.h>
#include <string.h>

#include "buffer.h"
#include "failure.h"
#include "store.h"

/* Before the texts of a row. */
typedef struct row_head {
    int64_t day;
    uint64_t generation, count;
    size_t channel, campaign, product; /* lengths */
    oe_store_step step;
} row_head;

static bool gather(void *context, const oe_store_activity *activity)
{
    oe__buffer *rows = context;
    row_head head = {.day = activity->day,
                     .generation = activity->generation,
                     .count = activity->count,
                     .channel = activity->channel.length,
                     .campaign = activity->campaign.length,
                     .product = activity->product.length,
                     .step = activity->step};
    oe__buffer_add(rows, (const char *)&head, sizeof head);
    oe__buffer_add(rows, activity->channel.data, head.channel);
    oe__buffer_add(rows, activity->campaign.data, head.campaign);
    oe__buffer_add(rows, activity->product.data, head.product);
    return !rows->failed;
}

static const char *step_name(oe_store_step step)
{
    static const char *const names[OE_STORE_STEP_OUTCOME] = {
        [OE_STORE_STEP_DECIDED] = "decided",
        [OE_STORE_STEP_WITHOUT_OFFER] = "without_offer",
        [OE_STORE_STEP_OFFERED] = "offered"};
    if (step < OE_STORE_STEP_OUTCOME)
        return names[step];
    return oe__outcome_name((oe_outcome)(step - OE_STORE_STEP_OUTCOME));
}

static void set_number(lua_State *L, const char *key, lua_Integer value)
{
    lua_pushinteger(L, value);
    lua_setfield(L, -2, key);
}

static const char *set_text(lua_State *L, const char *key, const char *text, size_t length)
{
    lua_pushlstring(L, text, length);
    lua_setfield(L, -2, key);
    return text + length;
}

/* Pushes the row at `at`; returns where the next one is. */
static const char *push_row(lua_State *L, const char *at, unsigned by)
{
    row_head head;
    memcpy(&head, at, sizeof head);
    at += sizeof head;
    lua_createtable(L, 0, 4);
    if ((by & OE_STORE_BY_DAY) != 0)
        set_number(L, "day", (lua_Integer)head.day);
    if ((by & OE_STORE_BY_GENERATION) != 0)
        set_number(L, "generation", (lua_Integer)head.generation);
    if ((by & OE_STORE_BY_CHANNEL) != 0)
        (void)set_text(L, "channel", at, head.channel);
    at += head.channel;
    if ((by & OE_STORE_BY_CAMPAIGN) != 0)
        (void)set_text(L, "campaign", at, head.campaign);
    at += head.campaign;
    if ((by & OE_STORE_BY_PRODUCT) != 0 && head.product > 0)
        (void)set_text(L, "product", at, head.product);
    lua_pushstring(L, step_name(head.step));
    lua_setfield(L, -2, "step");
    set_number(L, "count", (lua_Integer)head.count);
    return at + head.product;
}

int oe_lua_push_activity(lua_State *L, oe_store *store, int at)
{
    oe_error error = {0};
    oe_store_activity_range range = {.by = (unsigned)luaL_checkinteger(L, at),
                                     .from_day = luaL_checkinteger(L, at + 1),
                                     .until_day = luaL_checkinteger(L, at + 2),
                                     .activity = gather};
    oe__buffer *rows = oe_lua_new_buffer(L);
    range.context = rows;
    oe_status status = oe_store_activity_scan(store, &range, &error);
    if (status != OE_OK)
        return oe_lua_fail(L, &error);
    if (rows->failed)
        return luaL_error(L, "store: out of memory");
    lua_newtable(L);
    const char *end = rows->data + rows->length, *row = rows->data;
    for (lua_Integer i = 1; row != NULL && row < end; i++) {
        row = push_row(L, row, range.by);
        lua_rawseti(L, -2, i);
    }
    return 1;
}

int oe_lua_activity(lua_State *L)
{
    return oe_lua_push_activity(L, oe_lua_check_open_store(L, 1), 2);
}
