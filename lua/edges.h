/* edges.h: the values of an attribute at which the rules change their mind. */
#ifndef OE_LUA_EDGES_H
#define OE_LUA_EDGES_H

#include <lua.h>

/* ruleset:edges(): { [attribute] = rising list of numbers }: effective minima and maxima,
 * ideals, corners of curves and the numbers in conditions, within the attribute's range, with
 * the ends of the range; of a text attribute the texts that conditions and
 * lookups know. */
int oe_lua_edges(lua_State *L);

#endif
