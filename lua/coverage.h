/* coverage.h: who of a book gets what, and what stands in the way of those who get nothing. */
#ifndef OE_LUA_COVERAGE_H
#define OE_LUA_COVERAGE_H

#include <lua.h>

/* core.coverage(ruleset, population, options, workers, stages) -> what batch gives as
 * `summary`; with `stages` every customer's products are looked at, and it, its products and
 * its categories have `left`: customers by the stage at which the (furthest) product left.
 * OE_E_INVALID: a function of the rules was stopped. */
int oe_lua_coverage(lua_State *L);

#endif
