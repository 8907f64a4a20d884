/* campaign.h: campaigns as reports see them: those that rules name, and the runs of a store. */
#ifndef OE_LUA_CAMPAIGN_H
#define OE_LUA_CAMPAIGN_H

#include <lua.h>

#include "store/store.h"

/* ruleset:campaigns() -> list of names: the declared ones, then those that policies speak of,
 * which may repeat. */
int oe_lua_campaigns(lua_State *L);

/* Pushes the list of the texts of all runs, oldest first, or nil, message, code. Returns how
 * many were pushed. */
int oe_lua_push_runs(lua_State *L, oe_store *store);

/* store:runs() */
int oe_lua_runs(lua_State *L);

#endif
