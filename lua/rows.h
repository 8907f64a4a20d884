/* rows.h: profiles as rows of a CSV, for export. */
#ifndef OE_LUA_ROWS_H
#define OE_LUA_ROWS_H

#include <lua.h>

/* core.csv_header(ruleset): the header row with its line end. */
int oe_lua_csv_header(lua_State *L);

/* core.csv_row(ruleset, json): a profile's JSON text as a row with its line end; or nil,
 * message, code when it is no profile by this ruleset. */
int oe_lua_csv_row(lua_State *L);

#endif
