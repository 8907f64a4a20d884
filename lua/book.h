/* book.h: a file of customers into a population, and what passes over a book have in common. */
#ifndef OE_LUA_BOOK_H
#define OE_LUA_BOOK_H

#include <lua.h>

/* population:read{path =, format =, map =, progress = function(bytes, of)} -> {customers =, bad
 * =, bad_rows =, undeclared =, undeclared_columns =, unknown_products =}: good rows are in, of
 * equal ids the last. */
int oe_lua_read_book(lua_State *L);

/* The number of threads at `index`, nil: one per core. Raises when it is none. */
unsigned oe_lua_workers(lua_State *L, int index);

#endif
