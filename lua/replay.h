/* replay.h: a decision made again from its record. */
#ifndef OE_LUA_REPLAY_H
#define OE_LUA_REPLAY_H

#include <lua.h>

int oe_lua_read_record(lua_State *L); /* core.record(bytes) -> what the record says, a table */
int oe_lua_replay(lua_State *L);      /* ruleset:replay(bytes) -> what came of it, a table */
int oe_lua_replay_trace(
    lua_State *L); /* ruleset:replay_trace(bytes) -> decision, explanation */

#endif
