/* place.h: files and folders as commands change them: what is where, and writing that leaves
 * either the old text or the new one. It must not know what files say. */
#ifndef OE_LUA_PLACE_H
#define OE_LUA_PLACE_H

#include <lua.h>

/* core.kind(path): "file", "folder", "link" or "other"; nil when nothing is there. A link is
 * not followed. */
int oe_lua_place_kind(lua_State *L);

/* core.names(folder): the names in it but hidden ones, in no order; or nil, message, code. */
int oe_lua_place_names(lua_State *L);

/* core.replace(path, text): true once a regular file durably holds the text, its mode kept; or
 * nil, message, code, and the file is as it was. */
int oe_lua_place_replace(lua_State *L);

/* core.create(path, text): true once a new file durably holds the text; its folder is made when
 * it is missing. nil, message, code; "conflict" when something is there already. */
int oe_lua_place_create(lua_State *L);

#endif
