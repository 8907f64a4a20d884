/* scoped.h: what a call of the Lua face holds until it returns or raises. */
#ifndef OE_LUA_SCOPED_H
#define OE_LUA_SCOPED_H

#include <lua.h>

/* Pushes a userdata of `size` bytes, all zero, with one user value, that `release` gives back
 * when the calling function returns or raises; collecting it does so again, so `release` must
 * bear a second call. Nothing can raise between here and the caller's first own line. */
void *oe_lua_push_scoped(lua_State *L, size_t size, const char *type, lua_CFunction release);

#endif
