/* activity.h: how often what happened, as rows for reports. */
#ifndef OE_LUA_ACTIVITY_H
#define OE_LUA_ACTIVITY_H

#include <lua.h>

#include "store/store.h"

/* With `by` (bits of OE_STORE_BY_...), first and last day on the stack from `at` on: pushes the
 * list of rows {day=, generation=, channel=, campaign=, product=, step=, count=}, or nil,
 * message, code. Members that were not asked for are left out. Returns how many were pushed. */
int oe_lua_push_activity(lua_State *L, oe_store *store, int at);

/* store:activity(by, from_day, until_day) */
int oe_lua_activity(lua_State *L);

#endif
