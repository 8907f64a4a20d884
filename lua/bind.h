/* bind.h: the words by which the language, inside the rule VM, speaks to an oe_builder. What
 * arrives here has been checked by the language; a wrong shape raises and is a fault of ours.
 */
#ifndef OE_LUA_BIND_H
#define OE_LUA_BIND_H

#include <lua.h>

#include "engine/text.h"
#include "files.h"
#include "findings.h"
#include "offerengine.h"

typedef struct oe_bind {
    oe_builder *builder;        /* NULL: rules are not read any more, and every word raises */
    oe_places *places;          /* lines of names within declarations */
    const oe_rule_files *files; /* with the tables for lookups */
    const char *file;           /* the rule file that runs, named in every oe_where */
    oe__buffer *cases; /* tests: where their cases go, one JSON object a line; else NULL */
} oe_bind;

/* Pushes the table of builder words. `bind` is borrowed as long as the state lives. */
void oe__bind_push(lua_State *L, oe_bind *bind);

#endif
