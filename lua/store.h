/* store.h: a database of customers as a userdata. */
#ifndef OE_LUA_STORE_H
#define OE_LUA_STORE_H

#include <lua.h>

#include "store/store.h"

int oe_lua_open_store_file(lua_State *L); /* core.open(path [, {read_only =}]) */
int oe_lua_store_owner(
    lua_State *L); /* core.owner(path) -> {pid =, address =} or nil, message, code */
void oe_lua_open_store(lua_State *L);

/* The open store at `index` and this state's port to it; raises when it is closed or something
 * else. */
oe_store_port *oe_lua_check_port(lua_State *L, int index);

/* The open store itself; raises likewise. */
oe_store *oe_lua_check_open_store(lua_State *L, int index);

#endif
