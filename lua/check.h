/* check.h: findings as Lua tables, and what can be proved about a ruleset. */
#ifndef OE_LUA_CHECK_H
#define OE_LUA_CHECK_H

#include <lua.h>

#include "files.h"
#include "offerengine.h"

/* Pushes {severity, code, file, line, message, suggestion, source_line}; the last one only when
 * `files` has the line, which may be NULL. */
void oe_lua_push_finding(lua_State *L, const oe_finding *finding, const oe_rule_files *files);

/* Adds what can be proved to the builder's findings. OE_E_MEMORY. */
oe_status oe__check_report(const oe_ruleset *ruleset, oe_builder *builder);

/* ruleset:check(): the list of what can be proved, without source lines. */
int oe_lua_check(lua_State *L);

#endif
