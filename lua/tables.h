/* tables.h: the tables of lookups as the language sees them. */
#ifndef OE_LUA_TABLES_H
#define OE_LUA_TABLES_H

#include <lua.h>

/* builder.table(name): the file `name` of the folder tables as {path =, columns = {name, ...},
 * rows =
 * {{line =, cell, ...}, ...}, faults = {{line =, message =}, ...}}, all cells as texts; or nil,
 * what is wrong with it, and the name that was probably meant. Upvalue: the oe_bind. */
int oe__bind_table(lua_State *L);

/* builder.number(text): the number that a cell holds, nil when it is none. */
int oe__bind_cell_number(lua_State *L);

#endif
