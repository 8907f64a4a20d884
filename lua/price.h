/* price.h: what moving one gate of one product would change for a book. */
#ifndef OE_LUA_PRICE_H
#define OE_LUA_PRICE_H

#include <lua.h>

/* core.price(ruleset, population, question, options) -> table; question: {product =,
 * attribute = "income", "min_income" or "max_age", to =, steps =, workers =}. "not_found": no
 * such product or gate. "invalid": `to`, or a function of the rules was stopped. */
int oe_lua_price(lua_State *L);

#endif
