/* http.h: one request to a server of ours, for commands that must go through the owner of a
 * database. */
#ifndef OE_LUA_HTTP_H
#define OE_LUA_HTTP_H

#include <lua.h>

/* core.http_post(address, path, type, body): status number, answer's body; or nil, message,
 * code. `address` is what the owner published, e.g. "http://127.0.0.1:8000". Waits at most a
 * minute for each step. */
int oe_lua_http_post(lua_State *L);

#endif
