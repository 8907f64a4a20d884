/* compare.h: core.compare: two rulesets over a population, as a table. */
#ifndef OE_LUA_COMPARE_H
#define OE_LUA_COMPARE_H

#include <lua.h>

#include "compare_run.h"

/* core.compare(base, new, population [, options]): a table, or nil, message, code.
 * options: at, limit as for deciding; workers; output (a CSV of all flips); progress(done,
 * all); ratio, group: what fairness asks for. */
int oe_lua_compare(lua_State *L);

/* compare_push.c: pushes the table of counts. */
void oe_lua_push_comparison(lua_State *L, const oe__comparison *comparison,
                            oe__compare_counts *counts, const oe__fair_limits *limits);
/* fairness_push.c: pushes the list of judgements. */
void oe_lua_push_fairness(lua_State *L, const oe__comparison *comparison,
                          oe__fairness *fairness, const oe__fair_limits *limits);

#endif
