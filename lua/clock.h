/* clock.h: the only place of the Lua face that reads a clock, and times as people write them.
 */
#ifndef OE_LUA_CLOCK_H
#define OE_LUA_CLOCK_H

#include "offerengine.h"

enum { OE_LUA_TIME_MAX = 32 };

/* Milliseconds UTC since 1970. */
int64_t oe_lua_now_ms(void);

/* Reads "2026-11-22" (00:00 UTC), "2026-11-22T10:30", "2026-11-22T10:30:00.250Z" or with an
 * offset such as
 * "+05:30" instead of Z. Without either the time is UTC. false: not such a text, or no such
 * day. */
bool oe_lua_time_parse(const char *text, size_t length, int64_t *at_ms);

/* Writes "2026-11-22" for whole days, else "2026-11-22T10:30:00Z" (milliseconds only where
 * there are any). Returns the length. */
size_t oe_lua_time_write(int64_t at_ms, char out[OE_LUA_TIME_MAX]);

#endif
