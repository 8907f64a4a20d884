/* mapped.h: profiles as JSON with product ids of another house. Knows nothing of files or Lua.
 */
#ifndef OE_LUA_MAPPED_H
#define OE_LUA_MAPPED_H

#include "records.h"

/* Appends a profile's JSON text with its owned products (the member `owned`) translated. Text
 * that is no such profile goes out as it is. */
void oe__line_write_mapped(const char *line, size_t length, const char *owned,
                           const oe_lua_map *map, oe__buffer *out);

#endif
