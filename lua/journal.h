/* journal.h: the journal of a database: methods of the store userdata. */
#ifndef OE_LUA_JOURNAL_H
#define OE_LUA_JOURNAL_H

#include <lua.h>

/* store:decision(id) -> the record's bytes */
int oe_lua_decision_record(lua_State *L);

/* store:decisions(from_ms, until_ms, visit): visit(bytes, state, block, place) for each record;
 * state is "sound", "erased" or "damaged". -> true */
int oe_lua_decision_records(lua_State *L);

/* store:verify([progress]) -> what was proved, a table; progress(done, all) */
int oe_lua_verify(lua_State *L);

#endif
