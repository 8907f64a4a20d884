/* pass.h: every page of a book once, by several threads with a decider each. Knows nothing of
 * Lua, nor of what is counted. */
#ifndef OE_LUA_PASS_H
#define OE_LUA_PASS_H

#include "offerengine.h"

enum { OE_LUA_WORKERS_MAX = 256 };

/* What one thread counts. */
typedef struct oe_lua_part oe_lua_part;

typedef struct oe_lua_pass {
    const oe_ruleset *ruleset;
    const oe_snapshot *snapshot;
    unsigned workers; /* 1..OE_LUA_WORKERS_MAX; not more than pages are used */
    /* A part for one thread; *part stays NULL on failure. */
    oe_status (*begin)(void *context, oe_lua_part **part, oe_error *error);
    oe_status (*take)(oe_lua_part *part, oe_decider *decider, size_t page, oe_error *error);
    /* Adds the part to what the context holds, if the pass went well, and frees it. One after
     * the other. */
    void (*end)(void *context, oe_lua_part *part, bool is_whole);
    void *context;
} oe_lua_pass;

/* What the functions above fail with; OE_E_MEMORY. */
oe_status oe_lua_pass_run(const oe_lua_pass *pass, oe_error *error);

#endif
