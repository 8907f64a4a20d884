/* vm.c: memory limit, instruction budget and the environment of the language's own modules. */
#include "vm.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

#include "functions.h"
#include "guard.h"

enum {
    HOOK_INTERVAL = 1000,      /* instructions between two looks at the budget */
    MEMORY_RESERVE = 512 << 10 /* what rules leave to the language, to report on them */
};

struct oe_vm {
    lua_State *L;
    const oe_vm_source *sources;
    size_t source_count;
    size_t used, limit, peak;
    oe_guard guard; /* its decisions are the files */
    int load_ticks; /* left for the whole load */
    int64_t load_instructions;
    int64_t file_instructions; /* left for the running file */
    bool stopped;              /* the running code was ended */
    int error_line;            /* where the last guarded call failed, or was last seen */
};

static const char environment_key = 0;

static oe_vm *vm_of(lua_State *L)
{
    void *vm = NULL;
    lua_getallocf(L, &vm);
    return vm;
}

/* Lua says what kind of object it makes in `old_size` when there is no old block. Long texts
 * have a limit of their own: comparing two that consist of zero bytes takes one instruction and
 * 20 ns for each byte. */
static void *take_memory(void *context, void *block, size_t old_size, size_t new_size)
{
    oe_vm *vm = context;
    size_t old = block != NULL ? old_size : 0;
    if (new_size == 0) {
        free(block);
        vm->used -= old;
        return NULL;
    }
    if (block == NULL && old_size == LUA_TSTRING && new_size > OE_VM_TEXT_MAX)
        return NULL;
    if (new_size > old && (vm->used > vm->limit || new_size - old > vm->limit - vm->used))
        return NULL;
    void *moved = realloc(block, new_size);
    if (moved != NULL)
        vm->used = vm->used - old + new_size;
    if (vm->used > vm->peak)
        vm->peak = vm->used;
    return moved;
}

int oe__vm_rule_line(lua_State *L)
{
    lua_Debug frame;
    for (int level = 0; lua_getstack(L, level, &frame); level++)
        if (lua_getinfo(L, "Sl", &frame) && frame.source[0] == '@')
            return frame.currentline > 0 ? frame.currentline : 0;
    return 0;
}

/* The hook is taken off before raising, so that nothing on the way out is ended a second time.
 * Running out of memory leaves no chance to look for the line. */
static void stop(lua_State *L, lua_Debug *frame)
{
    (void)frame;
    oe_vm *vm = vm_of(L);
    vm->error_line = oe__vm_rule_line(L);
    vm->stopped = true;
    lua_sethook(L, NULL, 0, 0);
    luaL_error(L, "ended");
}

static void count_instructions(lua_State *L, lua_Debug *frame)
{
    oe_vm *vm = vm_of(L);
    vm->error_line = oe__vm_rule_line(L);
    vm->file_instructions -= HOOK_INTERVAL;
    vm->load_instructions -= HOOK_INTERVAL;
    if (vm->file_instructions <= 0 || vm->load_instructions <= 0)
        stop(L, frame);
}

static int note_line(lua_State *L)
{
    vm_of(L)->error_line = oe__vm_rule_line(L);
    return 1;
}

void oe__vm_begin_file(oe_vm *vm, size_t bytes)
{
    int ticks = OE_VM_FILE_TICKS + (int)(bytes / OE_VM_TICK_BYTES);
    vm->load_ticks -= (int)vm->guard.decision_ticks;
    if (ticks > vm->load_ticks)
        ticks = vm->load_ticks > 0 ? vm->load_ticks : 1;
    vm->guard.decision_ticks = 0;
    vm->guard.decision_most = ticks;
    vm->file_instructions = OE_VM_FILE_INSTRUCTIONS + (int64_t)bytes * OE_VM_BYTE_INSTRUCTIONS;
}

static void begin_guard(oe_vm *vm, bool is_call)
{
    vm->stopped = false;
    vm->error_line = 0;
    vm->limit = OE_VM_MEMORY_MAX - MEMORY_RESERVE;
    vm->guard.call_most = is_call ? OE_VM_CALL_TICKS : vm->guard.decision_most;
    vm->guard.end = stop;
    lua_sethook(vm->L, count_instructions, LUA_MASKCOUNT, HOOK_INTERVAL);
    oe__guard_enter(&vm->guard, vm->L);
}

static void end_guard(oe_vm *vm)
{
    (void)oe__guard_leave(&vm->guard);
    lua_sethook(vm->L, NULL, 0, 0);
    vm->limit = OE_VM_MEMORY_MAX;
}

static const char *failure_kind(const oe_vm *vm, int status)
{
    if (vm->stopped)
        return "stopped";
    return status == LUA_ERRMEM ? "memory" : "error";
}

/* guarded(function [, is_call]): true; or false, kind, message, line. kind: "error", "memory",
 * "stopped". */
static int call_guarded(lua_State *L)
{
    oe_vm *vm = vm_of(L);
    bool is_call = lua_toboolean(L, 2);
    if (!oe__guard_ready(&vm->guard))
        return luaL_error(L, "rules: the system has no timer left that would end them");
    lua_settop(L, 1);
    lua_pushcfunction(L, note_line);
    lua_insert(L, 1);
    begin_guard(vm, is_call);
    int status = lua_pcall(L, 0, 0, 1);
    end_guard(vm);
    lua_pushboolean(L, status == LUA_OK);
    if (status == LUA_OK)
        return 1;
    lua_pushstring(L, failure_kind(vm, status));
    lua_pushvalue(L, -3);
    lua_pushinteger(L, vm->error_line);
    return 4;
}

/* compile(text, chunk_name, environment): function, or nil and a message. Text chunks only. */
static int compile_text(lua_State *L)
{
    size_t length = 0;
    const char *text = luaL_checklstring(L, 1, &length);
    const char *name = luaL_checkstring(L, 2);
    luaL_checktype(L, 3, LUA_TTABLE);
    if (luaL_loadbufferx(L, text, length, name, "t") != LUA_OK) {
        lua_pushnil(L);
        lua_insert(L, -2);
        return 2;
    }
    lua_pushvalue(L, 3);
    lua_setupvalue(L, -2, 1);
    return 1;
}

static int rule_line(lua_State *L)
{
    lua_pushinteger(L, oe__vm_rule_line(L));
    return 1;
}

static const oe_vm_source *find_source(const oe_vm *vm, const char *name)
{
    for (size_t i = 0; i < vm->source_count; i++)
        if (strcmp(vm->sources[i].name, name) == 0)
            return &vm->sources[i];
    return NULL;
}

/* use(name): what the language's module of that name returns; it runs once. Upvalue: the
 * modules so far. */
static int use_module(lua_State *L)
{
    const char *name = luaL_checkstring(L, 1);
    if (lua_getfield(L, lua_upvalueindex(1), name) != LUA_TNIL)
        return 1;
    const oe_vm_source *source = find_source(vm_of(L), name);
    if (source == NULL)
        return luaL_error(L, "language: there is no module '%s'", name);
    const char *chunk = lua_pushfstring(L, "=%s", name);
    if (luaL_loadbufferx(L, source->text, source->length, chunk, "t") != LUA_OK)
        return lua_error(L);
    oe__vm_push_environment(L);
    lua_setupvalue(L, -2, 1);
    lua_call(L, 0, 1);
    lua_pushvalue(L, -1);
    lua_setfield(L, lua_upvalueindex(1), name);
    return 1;
}

void oe__vm_push_environment(lua_State *L)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &environment_key);
}

static void open_library(lua_State *L, lua_CFunction open, const char *name)
{
    lua_pushcfunction(L, open);
    lua_pushstring(L, name);
    lua_call(L, 1, 1);
    lua_setfield(L, -2, name);
}

/* Nothing lies in the globals of this state: trusted modules and rule files each get an
 * environment. */
static int make_environment(lua_State *L)
{
    static const char *const base_words[] = {
        "assert", "error",  "getmetatable", "ipairs",       "next",     "pairs",    "pcall",
        "rawget", "rawset", "select",       "setmetatable", "tonumber", "tostring", "type"};
    lua_newtable(L);
    lua_pushcfunction(L, luaopen_base);
    lua_call(L, 0, 1);
    for (size_t i = 0; i < sizeof base_words / sizeof *base_words; i++) {
        lua_getfield(L, -1, base_words[i]);
        lua_setfield(L, -3, base_words[i]);
    }
    lua_pop(L, 1);
    open_library(L, luaopen_string, LUA_STRLIBNAME);
    open_library(L, luaopen_table, LUA_TABLIBNAME);
    open_library(L, luaopen_math, LUA_MATHLIBNAME);
    static const luaL_Reg own[] = {{"guarded", call_guarded},
                                   {"compile", compile_text},
                                   {"rule_line", rule_line},
                                   {NULL, NULL}};
    luaL_setfuncs(L, own, 0);
    oe__functions_open(L);
    lua_newtable(L);
    lua_pushcclosure(L, use_module, 1);
    lua_setfield(L, -2, "use");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &environment_key);
    lua_newtable(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    return 0;
}

oe_vm *oe__vm_new(const oe_vm_source *sources, size_t count)
{
    oe_vm *vm = calloc(1, sizeof *vm);
    if (vm == NULL)
        return NULL;
    vm->sources = sources;
    vm->source_count = count;
    vm->limit = OE_VM_MEMORY_MAX;
    vm->load_instructions = OE_VM_LOAD_INSTRUCTIONS;
    vm->load_ticks = OE_VM_LOAD_TICKS;
    vm->L = lua_newstate(take_memory, vm);
    if (vm->L != NULL) {
        lua_pushcfunction(vm->L, make_environment);
        if (lua_pcall(vm->L, 0, 0, 0) == LUA_OK)
            return vm;
    }
    oe__vm_free(vm);
    return NULL;
}

void oe__vm_end_load(oe_vm *vm)
{
    oe__guard_free(&vm->guard);
}

size_t oe__vm_peak(const oe_vm *vm)
{
    return vm->peak;
}

void oe__vm_free(oe_vm *vm)
{
    if (vm == NULL)
        return;
    oe__guard_free(&vm->guard);
    if (vm->L != NULL)
        lua_close(vm->L);
    free(vm);
}

lua_State *oe__vm_state(oe_vm *vm)
{
    return vm->L;
}
