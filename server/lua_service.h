/* lua_service.h: the table `service` that handlers in Lua are given. */
#ifndef OE_SERVER_LUA_SERVICE_H
#define OE_SERVER_LUA_SERVICE_H

#include "server/desk.h"

/* Pushes {ruleset, generation, started_ms, address, workers, customers(), skipped(), metrics(),
 * store_stats(), loads(), last_load(), asset(name), sha256(text)}. Raises when memory is out.
 */
void oe__lua_push_service(lua_State *L, oe_desk *desk);

/* Sets ruleset and generation of the service table on top. Raises when memory is out. */
void oe__lua_set_rules(lua_State *L, const oe_generation *generation);

#endif
