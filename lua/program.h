/* program.h: what a sealed ruleset with functions keeps of its source: the files and the
 * language, from which every thread makes its own rule VM, and what happened to the functions
 * so far. Shared by threads. */
#ifndef OE_LUA_PROGRAM_H
#define OE_LUA_PROGRAM_H

#include <lua.h>

#include "files.h"
#include "vm.h"

typedef struct oe_program oe_program;

enum { OE_QUARANTINE_STOPS = 3, OE_QUARANTINE_MS = 60000 };

/* Gives the ruleset a program of copies. Before the ruleset is shared. OE_E_MEMORY. */
oe_status oe__program_attach(oe_ruleset *ruleset, const oe_rule_files *files,
                             const oe_vm_source *sources, size_t source_count);

/* NULL: the rules have no functions. */
oe_program *oe__program_of(const oe_ruleset *ruleset);
const oe_rule_files *oe__program_files(const oe_program *program);
const oe_vm_source *oe__program_sources(const oe_program *program, size_t *count);
size_t oe__program_functions(const oe_program *program);

/* From now on a function that was stopped OE_QUARANTINE_STOPS times within OE_QUARANTINE_MS is
 * not called any more. For services; whoever must be able to repeat a run stops instead. */
void oe__program_quarantine(oe_program *program);

void oe__program_count_error(oe_program *program, size_t function);
/* `at_ms`: any clock in milliseconds. */
void oe__program_count_stop(oe_program *program, size_t function, int64_t at_ms);
/* A VM of the rules held so many bytes at most. */
void oe__program_note_bytes(oe_program *program, size_t bytes);
bool oe__program_is_quarantined(const oe_program *program, size_t function);

/* ruleset:functions(): a list of {rule =, file =, line =, errors =, stops =, quarantined =},
 * and how many bytes any rule VM that is gone had held at most. */
int oe_lua_functions(lua_State *L);

#endif
