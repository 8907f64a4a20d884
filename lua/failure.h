/* failure.h: how the Lua face reports that data or the world is at fault: nil, message, code.
 * Misuse raises and never comes here. */
#ifndef OE_LUA_FAILURE_H
#define OE_LUA_FAILURE_H

#include <lua.h>

#include "offerengine.h"

/* Pushes nil, error->message and the name of error->status; returns 3. */
int oe_lua_fail(lua_State *L, const oe_error *error);

/* The same with a message of the caller's own. */
int oe_lua_fail_text(lua_State *L, oe_status status, const char *message);

/* Pushes nil, message, code and the list of faults {location=, message=, type=}; returns 4. The
 * message holds every fault that the report kept. `subject` begins it, e.g. "profile". */
int oe_lua_fail_faults(lua_State *L, const char *subject, const oe_read_report *report);

/* Pushes nil, "product: unknown 'x'; did you mean 'y'?" and "not_found"; returns 3. `name` is
 * terminated. */
int oe_lua_fail_unknown(lua_State *L, const oe_ruleset *ruleset, oe_kind kind,
                        const char *name);

/* core.suggest(word, words): the nearest word of a list, or nil. */
int oe_lua_suggest(lua_State *L);

#endif
