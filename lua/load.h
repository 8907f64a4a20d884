/* load.h: a rules folder becomes a sealed ruleset or a list of findings. Needs no Lua state of
 * the caller, so any thread may load. It must not know the language, which is Lua source that
 * it is given. */
#ifndef OE_LUA_LOAD_H
#define OE_LUA_LOAD_H

#include <lua.h>

#include "bind.h"
#include "files.h"
#include "findings.h"
#include "offerengine.h"
#include "vm.h"

typedef struct oe_load {
    oe_rule_files files;
    oe_builder *builder; /* owns the texts of the findings */
    oe_places places;
    oe_finding *findings; /* in order of file and line */
    size_t finding_count;
    oe_dictionary *dictionary; /* a new one unless given before; one reference is the load's */
    oe_ruleset *ruleset;       /* NULL when there is an error among the findings */
    char source[13];           /* hash of the rule files */
    bool check;                /* set before: findings of sound rules hold their proofs, too */
    size_t peak_bytes;         /* the most that the rule VM held */
    oe__buffer cases;          /* of test files: JSON objects, one a line */
} oe_load;

/* Loads `folder`, or the files that `load` has already when that is NULL. The module
 * "offerengine.language" must be among the sources. Zero-initialise `load`, set `dictionary` to
 * share one (the reference passes to the load), and call oe__load_free in any case.
 * OE_E_NOT_FOUND, OE_E_IO, OE_E_LIMIT: the folder. OE_E_INVALID: there are errors among the
 * findings. OE_E_MEMORY. */
oe_status oe__load_rules(oe_load *load, const char *folder, const oe_vm_source *sources,
                         size_t source_count, oe_error *error);
/* Runs the test files of `folder` (none: there is nothing to run) with the language's module
 * "offerengine.language.test", which fills load->cases. OE_E_IO, OE_E_LIMIT, OE_E_MEMORY. */
oe_status oe__load_tests(oe_load *load, const char *folder, const oe_vm_source *sources,
                         size_t source_count, oe_error *error);
void oe__load_free(oe_load *load);

/* A VM in which the rules of a ruleset with functions ran once more, the language at index 1 of
 * its stack. `bind` must stay where it is as long as the VM lives. NULL: out of memory. */
oe_vm *oe__load_functions(const oe_ruleset *ruleset, oe_bind *bind);

/* core.load(folder, sources [, options]): ruleset, findings, texts, bytes; or nil, message,
 * code, findings, bytes. The texts are all files as lua/pack.h has them, the bytes what the
 * rule VM held at most. `sources` maps the names of the language's modules to their text. A
 * finding is a table {severity, code, file, line, message, suggestion, source_line}.
 * options.ruleset: share the dictionary of that ruleset. options.texts: load these instead of
 * the folder. options.check: prove what can be proved, too. */
int oe_lua_load_rules(lua_State *L);

/* core.load_tests(folder, sources): the cases of its test files as JSON objects, one a line,
 * and the findings; or nil, message, code. */
int oe_lua_load_tests(lua_State *L);

#endif
