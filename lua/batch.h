/* batch.h: a file of customers in, decisions out. */
#ifndef OE_LUA_BATCH_H
#define OE_LUA_BATCH_H

#include <lua.h>

/* core.batch(ruleset, {input =, output =, format =, input_format =, map =, workers =, skip_bad
 * =, summary =}, decide options): {customers, offers, bad, bad_rows, undeclared_columns,
 * undeclared, unknown_products, summary}, or nil, message, code. `output` "-" is standard
 * output, nil none. A file appears under its name only when all went well. */
int oe_lua_batch(lua_State *L);

#endif
