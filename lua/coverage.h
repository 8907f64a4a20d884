/* coverage.h: who of a book gets what, and what stands in the way of those who get nothing. */
#ifndef OE_LUA_COVERAGE_H
#define OE_LUA_COVERAGE_H

#include <lua.h>

/* core.coverage(ruleset, population, options, workers) -> what batch gives as `summary`.
 * OE_E_INVALID: a function of the rules was stopped. */
int oe_lua_coverage(lua_State *L);

#endif
