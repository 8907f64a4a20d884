/* csv.h: a small CSV as a table. */
#ifndef OE_LUA_CSV_H
#define OE_LUA_CSV_H

#include <lua.h>

enum { OE_LUA_CSV_FIELDS_MAX = 256, OE_LUA_CSV_RECORD_MAX = 65536 };

/* core.csv_records(text): a list of records, each a list of texts with the member `line`; or
 * nil, message, code. */
int oe_lua_csv_records(lua_State *L);

/* core.csv_line(list): the texts of a list as one line of a CSV, with its end. */
int oe_lua_csv_line(lua_State *L);

#endif
