/* vm.h: the rule VM: a Lua state of its own in which rule files run. It has its own memory with
 * a hard limit, takes text chunks only, and ends code that runs too long. It must not know what
 * the rules mean: the language is Lua source that it is given, and the words that reach C come
 * from bind.h. */
#ifndef OE_LUA_VM_H
#define OE_LUA_VM_H

#include <lua.h>

#include "offerengine.h"

enum {
    OE_VM_MEMORY_MAX = 8 << 20,          /* bytes that rules may hold at any time */
    OE_VM_FILE_INSTRUCTIONS = 10000000,  /* VM instructions that one rule file may run */
    OE_VM_LOAD_INSTRUCTIONS = 200000000, /* and all files of one load together */
    OE_VM_FILE_CPU_MS = 1000,            /* CPU time of one file, whatever it calls */
    OE_VM_LOAD_CPU_MS = 10000            /* and of all files of one load */
};

/* One module of the language: the text that `use(name)` runs. Borrowed. */
typedef struct oe_vm_source {
    const char *name;
    const char *text;
    size_t length;
} oe_vm_source;

typedef struct oe_vm oe_vm;

/* NULL: out of memory. `sources` is borrowed until oe__vm_free. */
oe_vm *oe__vm_new(const oe_vm_source *sources, size_t count);
void oe__vm_free(oe_vm *vm);

/* Nothing is reported any more: the reserve that the language has for it is gone. */
void oe__vm_end_load(oe_vm *vm);

/* The state inside. Everything that may raise must run below lua_pcall. */
lua_State *oe__vm_state(oe_vm *vm);

/* Pushes the environment in which the language's own modules run (base words, string, table,
 * math, `use`, `guarded`, `compile`, `rule_line`). Raises when memory is out. */
void oe__vm_push_environment(lua_State *L);

/* The line in the innermost running function of a rule file, 0 when none runs. */
int oe__vm_rule_line(lua_State *L);

#endif
