/* customers.h: many customers on their way from a file into a store, as a userdata. */
#ifndef OE_LUA_CUSTOMERS_H
#define OE_LUA_CUSTOMERS_H

#include <lua.h>

/* core.customers(ruleset, {path =, format =, map =}): a list to be filled by :read(), or nil,
 * message, code. */
int oe_lua_new_customers(lua_State *L);
void oe_lua_open_customers(lua_State *L);

#endif
