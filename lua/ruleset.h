/* ruleset.h: the sealed ruleset as a userdata, and how the other userdata types reach it. */
#ifndef OE_LUA_RULESET_H
#define OE_LUA_RULESET_H

#include <lua.h>

#include "caller.h"
#include "engine/text.h"
#include "offerengine.h"

/* What belongs to one ruleset in one Lua state: it is not shared by threads, the ruleset within
 * is. */
typedef struct oe_lua_ruleset {
    oe_ruleset *ruleset;
    oe_dictionary *dictionary;
    oe_decider *decider;
    oe_caller *caller;   /* NULL: the rules have no functions */
    oe_profile *scratch; /* profiles given as tables are read into it */
    oe__buffer text;     /* reused for answers and for profiles on their way in */
} oe_lua_ruleset;

/* Pushes a ruleset userdata. Takes over both references, also when memory is out and it raises.
 */
void oe_lua_push_ruleset(lua_State *L, oe_ruleset *ruleset, oe_dictionary *dictionary);

/* The ruleset at `index`; raises when it is something else. */
oe_lua_ruleset *oe_lua_check_ruleset(lua_State *L, int index);

/* NULL when the value at `index` is no ruleset. */
oe_lua_ruleset *oe_lua_test_ruleset(lua_State *L, int index);

/* Makes the metatable; called once when the module is opened. */
void oe_lua_open_ruleset(lua_State *L);

#endif
