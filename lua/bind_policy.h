/* bind_policy.h: a part of the words of bind.h; each takes the oe_bind as its upvalue. */
#ifndef OE_LUA_BIND_POLICY_H
#define OE_LUA_BIND_POLICY_H

#include <lauxlib.h>

extern const luaL_Reg oe__bind_policy_words[];

#endif
