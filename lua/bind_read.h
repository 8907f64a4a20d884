/* bind_read.h: reads fields of the plain tables that the language hands to the builder. Texts
 * are borrowed from the table: it must stay on the stack. Arrays are userdata pushed onto the
 * stack. A wrong type raises. */
#ifndef OE_LUA_BIND_READ_H
#define OE_LUA_BIND_READ_H

#include <lua.h>

#include "bind.h"

/* A word begins: its one argument is a table, the oe_bind its upvalue. It ends: the number of
 * its results. */
oe_bind *oe__bind_open(lua_State *L);
int oe__bind_close(lua_State *L, oe_status status);

const char *oe__bind_text(lua_State *L, int table, const char *key); /* NULL when nil */
const char *oe__bind_needed_text(lua_State *L, int table,
                                 const char *key); /* raises when nil */
double oe__bind_number(lua_State *L, int table, const char *key,
                       double none);                          /* `none` when nil */
bool oe__bind_flag(lua_State *L, int table, const char *key); /* false when nil */
/* Milliseconds UTC. */
int64_t oe__bind_time(lua_State *L, int table, const char *key, int64_t none);
/* Fields `line`, and `file` where it is not the rule file that runs. */
oe_where oe__bind_where(lua_State *L, int table, const oe_bind *bind);
oe_condition oe__bind_condition(lua_State *L, int table, const char *key);

/* Pushes the list at `key` (an empty one when nil) and an array of `size` bytes per item;
 * returns the array and sets *count. NULL and two nils when there are none. */
void *oe__bind_array(lua_State *L, int table, const char *key, size_t size, size_t *count);
/* The same for a list of texts. */
const char *const *oe__bind_texts(lua_State *L, int table, const char *key, size_t *count);

/* The same for a list of numbers. */
const double *oe__bind_numbers(lua_State *L, int table, const char *key, size_t *count);
/* The list "keys": {name=, line=} each. */
const oe_key *oe__bind_keys(lua_State *L, int table, size_t *count);

/* Fills a curve from the table {kind=, x={}, y={}, function=, line=}. */
void oe__bind_curve(lua_State *L, int table, const oe_bind *bind, oe_curve *curve);

#endif
