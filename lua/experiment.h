/* experiment.h: experiments as programs see them: who draws what, what became of each arm's
 * customers, and what that says. */
#ifndef OE_LUA_EXPERIMENT_H
#define OE_LUA_EXPERIMENT_H

#include <lua.h>

/* ruleset:experiments() -> list of {name =, salt =, from_ms =, until_ms =, arms = list of
 * {name =, share =}}; a time that is open is nil. */
int oe_lua_experiments(lua_State *L);

/* store:trial(ruleset, name, since_ms, outcome) -> list of {arm =, customers =, converted =},
 * arms as above; or nil, message, code. Customers for whom something was decided since then,
 * within the days of the experiment; converted: one of their offers from then on had the
 * outcome. Erased decisions do not count. */
int oe_lua_trial(lua_State *L);

/* core.rate({customers =, converted =} [, alpha]) -> {value =, low =, high =}; nil: too few. */
int oe_lua_rate(lua_State *L);
/* core.difference(control, arm [, alpha]) -> {value =, low =, high =, decided =}; nil: too few.
 */
int oe_lua_difference(lua_State *L);
/* core.sample_ratio(customers, shares [, alpha]), two lists -> {broken =, evidence =}; nil: too
 * few. */
int oe_lua_sample_ratio(lua_State *L);

#endif
