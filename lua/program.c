/* program.c: copies of the rule text and the counts of each function. */
#include "program.h"

#include <lauxlib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "engine/ruleset.h"
#include "ruleset.h"

typedef struct function_state {
    atomic_uint_fast64_t errors, stops;
    atomic_bool quarantined;
    int64_t recent_ms[OE_QUARANTINE_STOPS]; /* of the last stops, below the mutex */
} function_state;

struct oe_program {
    oe_rule_files files;
    oe_vm_source *sources;
    size_t source_count;
    function_state *functions;
    size_t function_count;
    pthread_mutex_t mutex;
    atomic_bool quarantines;
    atomic_size_t bytes;
};

static void free_program(void *context)
{
    oe_program *program = context;
    for (size_t i = 0; program->sources != NULL && i < program->source_count; i++) {
        free((char *)(uintptr_t)program->sources[i].name);
        free((char *)(uintptr_t)program->sources[i].text);
    }
    free(program->sources);
    oe__rule_files_free(&program->files);
    free(program->functions);
    (void)pthread_mutex_destroy(&program->mutex);
    free(program);
}

static char *copy_bytes(const char *bytes, size_t length)
{
    char *copy = malloc(length + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

static bool copy_files(oe_program *program, const oe_rule_files *files)
{
    program->files.items = calloc(files->count + 1, sizeof *program->files.items);
    program->files.capacity = files->count + 1;
    for (size_t i = 0; program->files.items != NULL && i < files->count; i++) {
        oe_rule_file *copy = &program->files.items[i];
        *copy = (oe_rule_file){
            .path = copy_bytes(files->items[i].path, strlen(files->items[i].path)),
            .bytes = copy_bytes(files->items[i].bytes, files->items[i].length),
            .length = files->items[i].length};
        program->files.count = i + 1;
        if (copy->path == NULL || copy->bytes == NULL)
            return false;
    }
    return program->files.items != NULL;
}

static bool copy_sources(oe_program *program, const oe_vm_source *sources, size_t count)
{
    program->sources = calloc(count + 1, sizeof *program->sources);
    for (size_t i = 0; program->sources != NULL && i < count; i++) {
        oe_vm_source *copy = &program->sources[i];
        *copy =
            (oe_vm_source){copy_bytes(sources[i].name, strlen(sources[i].name)),
                           copy_bytes(sources[i].text, sources[i].length), sources[i].length};
        program->source_count = i + 1;
        if (copy->name == NULL || copy->text == NULL)
            return false;
    }
    return program->sources != NULL;
}

oe_status oe__program_attach(oe_ruleset *ruleset, const oe_rule_files *files,
                             const oe_vm_source *sources, size_t source_count)
{
    size_t count = oe_ruleset_function_count(ruleset);
    if (count == 0)
        return OE_OK;
    oe_program *program = calloc(1, sizeof *program);
    if (program == NULL)
        return OE_E_MEMORY;
    (void)pthread_mutex_init(&program->mutex, NULL);
    program->function_count = count;
    program->functions = calloc(count, sizeof *program->functions);
    if (program->functions == NULL || !copy_files(program, files) ||
        !copy_sources(program, sources, source_count)) {
        free_program(program);
        return OE_E_MEMORY;
    }
    ruleset->program = program;
    ruleset->program_free = free_program;
    return OE_OK;
}

oe_program *oe__program_of(const oe_ruleset *ruleset)
{
    return ruleset->program;
}

const oe_rule_files *oe__program_files(const oe_program *program)
{
    return &program->files;
}

const oe_vm_source *oe__program_sources(const oe_program *program, size_t *count)
{
    *count = program->source_count;
    return program->sources;
}

size_t oe__program_functions(const oe_program *program)
{
    return program->function_count;
}

void oe__program_quarantine(oe_program *program)
{
    atomic_store(&program->quarantines, true);
}

void oe__program_count_error(oe_program *program, size_t function)
{
    atomic_fetch_add_explicit(&program->functions[function].errors, 1, memory_order_relaxed);
}

void oe__program_count_stop(oe_program *program, size_t function, int64_t at_ms)
{
    function_state *state = &program->functions[function];
    (void)pthread_mutex_lock(&program->mutex);
    uint64_t before = atomic_fetch_add_explicit(&state->stops, 1, memory_order_relaxed);
    state->recent_ms[before % OE_QUARANTINE_STOPS] = at_ms;
    int64_t oldest_ms = state->recent_ms[(before + 1) % OE_QUARANTINE_STOPS];
    if (before + 1 >= OE_QUARANTINE_STOPS && at_ms - oldest_ms <= OE_QUARANTINE_MS &&
        atomic_load(&program->quarantines))
        atomic_store_explicit(&state->quarantined, true, memory_order_relaxed);
    (void)pthread_mutex_unlock(&program->mutex);
}

void oe__program_note_bytes(oe_program *program, size_t bytes)
{
    size_t most = atomic_load_explicit(&program->bytes, memory_order_relaxed);
    while (bytes > most && !atomic_compare_exchange_weak(&program->bytes, &most, bytes))
        continue;
}

bool oe__program_is_quarantined(const oe_program *program, size_t function)
{
    return atomic_load_explicit(&program->functions[function].quarantined,
                                memory_order_relaxed);
}

static void set_count(lua_State *L, const char *key, const atomic_uint_fast64_t *count)
{
    lua_pushinteger(L, (lua_Integer)atomic_load_explicit(count, memory_order_relaxed));
    lua_setfield(L, -2, key);
}

int oe_lua_functions(lua_State *L)
{
    const oe_ruleset *ruleset = oe_lua_check_ruleset(L, 1)->ruleset;
    const oe_program *program = oe__program_of(ruleset);
    lua_newtable(L);
    lua_Integer listed = 0;
    for (size_t i = 0; program != NULL && i < program->function_count; i++) {
        oe_where where = {NULL, 0};
        const char *rule = oe_ruleset_function(ruleset, i, &where);
        if (rule == NULL)
            continue;
        lua_createtable(L, 0, 6);
        lua_pushstring(L, rule);
        lua_setfield(L, -2, "rule");
        lua_pushstring(L, where.file);
        lua_setfield(L, -2, "file");
        lua_pushinteger(L, where.line);
        lua_setfield(L, -2, "line");
        set_count(L, "errors", &program->functions[i].errors);
        set_count(L, "stops", &program->functions[i].stops);
        lua_pushboolean(L, oe__program_is_quarantined(program, i));
        lua_setfield(L, -2, "quarantined");
        lua_rawseti(L, -2, ++listed);
    }
    lua_pushinteger(L, program != NULL ? (lua_Integer)atomic_load(&program->bytes) : 0);
    return 2;
}
