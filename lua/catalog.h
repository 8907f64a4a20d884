/* catalog.h: what a ruleset holds, as Lua tables. Methods of the ruleset userdata. */
#ifndef OE_LUA_CATALOG_H
#define OE_LUA_CATALOG_H

#include <lua.h>

#include "offerengine.h"

int oe_lua_products(lua_State *L); /* ruleset:products() */
int oe_lua_product(
    lua_State *L); /* ruleset:product(id): nil, message, "not_found" when unknown */
int oe_lua_segments(lua_State *L);   /* ruleset:segments([profile [, options]]) */
int oe_lua_rules(lua_State *L);      /* ruleset:rules() */
int oe_lua_attributes(lua_State *L); /* ruleset:attributes() */
int oe_lua_categories(lua_State *L); /* ruleset:categories() */
int oe_lua_ladders(lua_State *L);    /* ruleset:ladders() */
int oe_lua_dimensions(lua_State *L); /* ruleset:dimensions() */

/* The stable name of an attribute type, e.g. "money". */
const char *oe_lua_type_name(oe_type type);

/* ruleset:release(): the gates that are closed, {max_lost =, ..., file =, line =}, or nothing.
 */
int oe_lua_release(lua_State *L);

#endif
