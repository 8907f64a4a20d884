/* bind_policy.c: the builder's words for what stands around the products: tiers, thresholds,
 * limits, fallbacks, ladders, settings, release gates, contact policies. */
#include "bind_policy.h"

#include <math.h>

#include "bind_read.h"
#include "engine/campaign.h"

static int bind_tier(lua_State *L)
{
    oe_bind *bind = oe__bind_open(L);
    return oe__bind_close(L, oe_builder_tier(bind->builder, oe__bind_needed_text(L, 1, "tier"),
                                             oe__bind_needed_text(L, 1, "attribute"),
                                             oe__bind_number(L, 1, "points", 0),
                                             oe__bind_where(L, 1, bind)));
}

static oe_level read_level(lua_State *L)
{
    static const char *const levels[] = {"default", "segment", "category",
                                         "product", "group",   NULL};
    lua_getfield(L, 1, "level");
    return (oe_level)luaL_checkoption(L, -1, NULL, levels);
}

static int bind_threshold(lua_State *L)
{
    oe_bind *bind = oe__bind_open(L);
    oe_level level = read_level(L);
    return oe__bind_close(
        L, oe_builder_threshold(bind->builder, level, oe__bind_text(L, 1, "name"),
                                oe__bind_number(L, 1, "value", 0), oe__bind_where(L, 1, bind)));
}

static int bind_limit(lua_State *L)
{
    oe_bind *bind = oe__bind_open(L);
    oe_level level = read_level(L);
    return oe__bind_close(L, oe_builder_limit(bind->builder, level, oe__bind_text(L, 1, "name"),
                                              (uint32_t)oe__bind_number(L, 1, "value", 0),
                                              oe__bind_where(L, 1, bind)));
}

static int bind_fallback(lua_State *L)
{
    oe_bind *bind = oe__bind_open(L);
    return oe__bind_close(L, oe_builder_fallback(bind->builder,
                                                 oe__bind_needed_text(L, 1, "product"),
                                                 oe__bind_where(L, 1, bind)));
}

static int bind_ladder(lua_State *L)
{
    oe_bind *bind = oe__bind_open(L);
    oe_ladder ladder = {.id = oe__bind_needed_text(L, 1, "id"),
                        .where = oe__bind_where(L, 1, bind)};
    oe_step *steps = oe__bind_array(L, 1, "steps", sizeof *steps, &ladder.step_count);
    for (size_t i = 0; i < ladder.step_count; i++) {
        lua_rawgeti(L, -2, (lua_Integer)i + 1);
        int item = lua_gettop(L);
        steps[i] =
            (oe_step){oe__bind_needed_text(L, item, "product"), oe__bind_where(L, item, bind)};
        lua_pop(L, 1);
    }
    ladder.steps = steps;
    return oe__bind_close(L, oe_builder_ladder(bind->builder, &ladder));
}

static int bind_release(lua_State *L)
{
    oe_bind *bind = oe__bind_open(L);
    const double none = (double)NAN;
    oe_release release = {.max_lost = oe__bind_number(L, 1, "max_lost", none),
                          .max_lost_only = oe__bind_number(L, 1, "max_lost_only", none),
                          .max_best_changed = oe__bind_number(L, 1, "max_best_changed", none),
                          .min_ratio = oe__bind_number(L, 1, "min_ratio", none),
                          .min_group = (uint32_t)oe__bind_number(L, 1, "min_group", 30),
                          .where = oe__bind_where(L, 1, bind)};
    return oe__bind_close(L, oe_builder_release(bind->builder, &release));
}

static int bind_settings(lua_State *L)
{
    oe_bind *bind = oe__bind_open(L);
    int64_t reservation_ms = oe__bind_time(L, 1, "reservation_ms", 0);
    oe_status status = oe_builder_currency(bind->builder, oe__bind_text(L, 1, "currency"));
    if (status == OE_OK && reservation_ms != 0)
        status = oe_builder_reservation(bind->builder, reservation_ms);
    return oe__bind_close(L, status);
}

static int read_choice(lua_State *L, const char *key, const char *none,
                       const char *const *choices)
{
    lua_getfield(L, 1, key);
    int choice = luaL_checkoption(L, -1, none, choices);
    lua_pop(L, 1);
    return choice;
}

static int bind_contact(lua_State *L)
{
    static const char *const kinds[] = {"cap", "cool_down", "quiet", NULL};
    static const char *const each[] = {"scope", "category", "product", NULL};
    oe_bind *bind = oe__bind_open(L);
    oe_policy policy = {
        .kind = (oe_policy_kind)read_choice(L, "kind", NULL, kinds),
        .id = oe__bind_needed_text(L, 1, "id"),
        .reason = oe__bind_text(L, 1, "reason"),
        .each = (oe_policy_each)read_choice(L, "each", "scope", each),
        .at_most = (uint32_t)oe__bind_number(L, 1, "at_most", 0),
        .window_ms = oe__bind_time(L, 1, "window_ms", 0),
        .from_minute = (int32_t)oe__bind_number(L, 1, "from_minute", 0),
        .until_minute = (int32_t)oe__bind_number(L, 1, "until_minute", 0),
        .offset_minutes = (int32_t)oe__bind_number(L, 1, "offset_minutes", 0),
        .weekdays = (uint32_t)oe__bind_number(L, 1, "weekdays", 0),
        .from_ms = oe__bind_time(L, 1, "from_ms", INT64_MIN),
        .until_ms = oe__bind_time(L, 1, "until_ms", INT64_MAX),
        .where = oe__bind_where(L, 1, bind),
    };
    policy.scope.categories = oe__bind_texts(L, 1, "categories", &policy.scope.category_count);
    policy.scope.products = oe__bind_texts(L, 1, "products", &policy.scope.product_count);
    policy.channels = oe__bind_texts(L, 1, "channels", &policy.channel_count);
    policy.campaigns = oe__bind_texts(L, 1, "campaigns", &policy.campaign_count);
    policy.keys = oe__bind_keys(L, 1, &policy.key_count);
    return oe__bind_close(L, oe_builder_policy(bind->builder, &policy));
}

static int bind_campaign(lua_State *L)
{
    oe_bind *bind = oe__bind_open(L);
    oe__campaign campaign = {
        .id = oe__bind_needed_text(L, 1, "id"),
        .name = oe__bind_text(L, 1, "name"),
        .condition = oe__bind_condition(L, 1, "condition"),
        .channel = oe__bind_text(L, 1, "channel"),
        .message = oe__bind_text(L, 1, "message"),
        .per_customer = (uint32_t)oe__bind_number(L, 1, "per_customer", 0),
        .quota = (uint64_t)oe__bind_number(L, 1, "quota", 0),
        .from_ms = oe__bind_time(L, 1, "from_ms", INT64_MIN),
        .until_ms = oe__bind_time(L, 1, "until_ms", INT64_MAX),
        .where = oe__bind_where(L, 1, bind),
    };
    campaign.message_where = campaign.where;
    campaign.message_where.line = (int)oe__bind_number(L, 1, "message_line", 0);
    campaign.scope.categories =
        oe__bind_texts(L, 1, "categories", &campaign.scope.category_count);
    campaign.scope.products = oe__bind_texts(L, 1, "products", &campaign.scope.product_count);
    campaign.keys = oe__bind_keys(L, 1, &campaign.key_count);
    return oe__bind_close(L, oe__builder_campaign(bind->builder, &campaign));
}

static int bind_on_accept(lua_State *L)
{
    oe_bind *bind = oe__bind_open(L);
    return oe__bind_close(L,
                          oe_builder_own_accepted(bind->builder, oe__bind_flag(L, 1, "own")));
}

const luaL_Reg oe__bind_policy_words[] = {{"tier", bind_tier},
                                          {"threshold", bind_threshold},
                                          {"limit", bind_limit},
                                          {"fallback", bind_fallback},
                                          {"ladder", bind_ladder},
                                          {"release", bind_release},
                                          {"settings", bind_settings},
                                          {"on_accept", bind_on_accept},
                                          {"policy", bind_contact},
                                          {"campaign", bind_campaign},
                                          {NULL, NULL}};
