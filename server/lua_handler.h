/* lua_handler.h: the Lua state in which a worker's handlers of server/handlers run. */
#ifndef OE_SERVER_LUA_HANDLER_H
#define OE_SERVER_LUA_HANDLER_H

#include "server/desk.h"

/* Opens desk->L and loads every handler that the routes name. OE_E_INVALID: a handler does not
 * load. */
oe_status oe__lua_open(oe_desk *desk, oe_error *error);

/* Shows other rules to the handlers. false: out of memory, logged; nothing has changed. */
bool oe__lua_adopt(oe_desk *desk, oe_generation *generation);

#endif
