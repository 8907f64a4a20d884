/* vm.h: the rule VM: a Lua state of its own in which rule files run. It has its own memory with
 * a hard limit, takes text chunks only, and ends code that runs too long. It must not know what
 * the rules mean: the language is Lua source that it is given, and the words that reach C come
 * from bind.h. */
#ifndef OE_LUA_VM_H
#define OE_LUA_VM_H

#include <lua.h>

#include "offerengine.h"

/* Limits of code in rule files. The instructions are the same on every machine; time is for
 * what a single instruction may ask of C, and sanitizers make everything slower. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { OE_VM_SLOWNESS = 10 };
#else
enum { OE_VM_SLOWNESS = 1 };
#endif
enum {
    OE_VM_MEMORY_MAX = 8 << 20,          /* bytes of one VM at any time */
    OE_VM_TEXT_MAX = 128 << 10,          /* bytes of one text, which one instruction may walk */
    OE_VM_FILE_INSTRUCTIONS = 2000000,   /* VM instructions that one rule file may take, */
    OE_VM_BYTE_INSTRUCTIONS = 32,        /* for each of its bytes some more, */
    OE_VM_LOAD_INSTRUCTIONS = 200000000, /* and all files of one load together */
    OE_VM_FILE_TICKS = 5 * OE_VM_SLOWNESS,         /* CPU time of one file: 25 ms, */
    OE_VM_TICK_BYTES = (5 << 10) / OE_VM_SLOWNESS, /* 1 ms more for each KiB of it, */
    OE_VM_CALL_TICKS = 4 * OE_VM_SLOWNESS,         /* 20 ms for one call of a function in it, */
    OE_VM_LOAD_TICKS = 2000 * OE_VM_SLOWNESS       /* and 10 s for all files of one load */
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

/* The limits of a file of so many bytes apply to what is guarded from here on. */
void oe__vm_begin_file(oe_vm *vm, size_t bytes);

/* Nothing is loaded any more. On the thread that loaded. */
void oe__vm_end_load(oe_vm *vm);

/* The most bytes that the VM held so far. */
size_t oe__vm_peak(const oe_vm *vm);

/* The state inside. Everything that may raise must run below lua_pcall. */
lua_State *oe__vm_state(oe_vm *vm);

/* Pushes the environment in which the language's own modules run (base words, string, table,
 * math, `use`, `guarded`, `compile`, `rule_line`). Raises when memory is out. */
void oe__vm_push_environment(lua_State *L);

/* The line in the innermost running function of a rule file, 0 when none runs. */
int oe__vm_rule_line(lua_State *L);

#endif
