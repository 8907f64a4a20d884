/* pack.h: rule files as one run of bytes, as history keeps them: path NUL length NUL bytes of
 * every file, sorted by path. It is what the source hash is made of. */
#ifndef OE_LUA_PACK_H
#define OE_LUA_PACK_H

#include <lua.h>

#include "engine/text.h"
#include "files.h"

/* Appends the files; `packed` tells by its flag when memory is out. */
void oe__rule_files_pack(const oe_rule_files *files, oe__buffer *packed);

/* The files of such bytes, as oe__rule_files_read would give them. Zero-initialise;
 * oe__rule_files_free in any case. OE_E_CORRUPT: they are none. OE_E_MEMORY. */
oe_status oe__rule_files_unpack(oe_rule_files *files, const char *bytes, size_t length,
                                oe_error *error);

/* core.source(folder): the hash that a ruleset of this folder would have, whether or not it can
 * be loaded; or nil, message, code. */
int oe_lua_source(lua_State *L);

#endif
