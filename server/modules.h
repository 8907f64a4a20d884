/* modules.h: a Lua state whose modules are the embedded files, so that the program looks at no
 * file outside itself. It must not know what any module does. */
#ifndef OE_SERVER_MODULES_H
#define OE_SERVER_MODULES_H

#include <lua.h>

/* Opens the standard libraries and makes require find the embedded files: "offerengine.x" is
 * lua/offerengine/x.lua, "server.x" is server/x.lua, either may be a folder with init.lua.
 * Raises when memory is out. */
void oe__modules_install(lua_State *L);

#endif
