/* load.c: files, VM, builder and sealing, one after the other. */
#include "load.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "buffer.h"
#include "check.h"
#include "engine/dictionary.h"
#include "engine/status.h"
#include "failure.h"
#include "pack.h"
#include "program.h"
#include "ruleset.h"

typedef struct loading {
    oe_load *load;
    oe_vm *vm;
    oe_bind *bind;
} rule_loading;

/* In the VM: language = use("offerengine.language"), or its test files' side; it finds
 * `builder` in its environment. */
static int open_language(lua_State *L)
{
    oe_bind *bind = lua_touserdata(L, 1);
    oe__vm_push_environment(L);
    oe__bind_push(L, bind);
    lua_setfield(L, -2, "builder");
    lua_getfield(L, -1, "use");
    lua_pushstring(L,
                   bind->cases != NULL ? "offerengine.language.test" : "offerengine.language");
    lua_call(L, 1, 1);
    return 1;
}

/* In the VM: language, file, at last -> language.read(path, text, at last), or
 * language.refuse(path, problem). */
static int read_file(lua_State *L)
{
    const oe_rule_file *file = lua_touserdata(L, 2);
    lua_getfield(L, 1, file->problem != NULL ? "refuse" : "read");
    lua_pushstring(L, file->path);
    if (file->problem != NULL)
        lua_pushstring(L, file->problem);
    else
        lua_pushlstring(L, file->bytes, file->length);
    lua_pushvalue(L, 3);
    lua_call(L, 3, 1);
    return 1;
}

/* A fault of the language itself must not look like sound rules. */
static oe_status report_fault(rule_loading *loading)
{
    const char *message = lua_tostring(oe__vm_state(loading->vm), -1);
    oe_finding finding = {.code = "E040",
                          .where = {loading->bind->file, 0},
                          .message = message != NULL ? message : "language: failed"};
    oe_status status = oe_builder_report(loading->load->builder, &finding);
    lua_pop(oe__vm_state(loading->vm), 1);
    return status;
}

/* Whether the file has run; it waits while it includes one that has not, unless `at_last`. The
 * language stays at index 1 of the VM's stack. */
static oe_status run_file(rule_loading *loading, const oe_rule_file *file, bool at_last,
                          bool *has_run)
{
    lua_State *L = oe__vm_state(loading->vm);
    *has_run = oe__rule_file_is_table(file);
    if (*has_run)
        return OE_OK;
    loading->bind->file = file->path;
    oe__vm_begin_file(loading->vm, file->length);
    lua_pushcfunction(L, read_file);
    lua_pushvalue(L, 1);
    lua_pushlightuserdata(L, (void *)(uintptr_t)file);
    lua_pushboolean(L, at_last);
    bool done = lua_pcall(L, 3, 1, 0) == LUA_OK;
    *has_run = !done || lua_isnil(L, -1) || lua_toboolean(L, -1);
    if (!done)
        return report_fault(loading);
    lua_pop(L, 1);
    return OE_OK;
}

/* Round after round, until a round runs none; what waits then waits for ever, and is told. */
static oe_status run_rounds(rule_loading *loading, bool *has_run)
{
    const oe_rule_files *files = &loading->load->files;
    oe_status status = OE_OK;
    bool at_last = false, is_moving = true;
    for (size_t left = files->count; left > 0 && status == OE_OK; at_last = !is_moving) {
        is_moving = false;
        for (size_t i = 0; i < files->count && status == OE_OK; i++) {
            if (has_run[i])
                continue;
            status = run_file(loading, &files->items[i], at_last, &has_run[i]);
            is_moving |= has_run[i];
            left -= has_run[i];
        }
    }
    loading->bind->file = NULL;
    return status;
}

static oe_status run_files(rule_loading *loading)
{
    bool *has_run = calloc(loading->load->files.count + 1, sizeof *has_run);
    oe_status status = has_run != NULL ? run_rounds(loading, has_run) : OE_E_MEMORY;
    free(has_run);
    return status;
}

/* In the VM: language.finish(). */
static int finish_language(lua_State *L)
{
    lua_getfield(L, 1, "finish");
    lua_call(L, 0, 0);
    return 0;
}

static oe_status finish_files(rule_loading *loading)
{
    lua_State *L = oe__vm_state(loading->vm);
    lua_pushcfunction(L, finish_language);
    lua_pushvalue(L, 1);
    return lua_pcall(L, 1, 0, 0) == LUA_OK ? OE_OK : report_fault(loading);
}

static oe_status run_language(rule_loading *loading)
{
    lua_State *L = oe__vm_state(loading->vm);
    lua_pushcfunction(L, open_language);
    lua_pushlightuserdata(L, loading->bind);
    if (lua_pcall(L, 1, 1, 0) != LUA_OK)
        return report_fault(loading);
    oe_status status = run_files(loading);
    return status == OE_OK ? finish_files(loading) : status;
}

static oe_status report_empty(oe_load *load)
{
    oe_finding finding = {.code = "E023", .message = "rules: the folder holds no *.lua file"};
    for (size_t i = 0; i < load->files.count; i++)
        if (!oe__rule_file_is_table(&load->files.items[i]))
            return OE_OK;
    return oe_builder_report(load->builder, &finding);
}

/* Vocabulary may stand in any file, but where rules are wrong and schema.lua is not there, that
 * explains the rest. Without a place it comes first. */
static oe_status report_schema(oe_load *load, oe_error *error)
{
    oe_builder *builder = load->builder;
    const oe_rule_files *files = &load->files;
    oe_finding finding = {
        .code = "E023",
        .message = "rules: schema.lua is missing; it declares the attributes and categories"};
    bool is_there = files->count == 0 || strcmp(files->items[0].path, "schema.lua") == 0;
    size_t errors = 0;
    if (is_there)
        return OE_E_INVALID;
    if (oe_builder_report(builder, &finding) != OE_OK)
        return oe__fail(error, OE_E_MEMORY, "rules: out of memory");
    for (size_t i = 0; i < oe_builder_finding_count(builder); i++)
        errors += oe_builder_finding_get(builder, i)->severity == OE_ERROR;
    return oe__fail(error, OE_E_INVALID, "rules: %zu errors", errors);
}

static oe_status build(rule_loading *loading, const oe_vm_source *sources, size_t count)
{
    oe_load *load = loading->load;
    if (load->dictionary == NULL)
        load->dictionary = oe_dictionary_new();
    if (load->dictionary != NULL)
        load->builder = oe_builder_new(load->dictionary);
    loading->vm = oe__vm_new(sources, count);
    if (load->builder == NULL || loading->vm == NULL)
        return OE_E_MEMORY;
    loading->bind->builder = load->builder;
    loading->bind->places = &load->places;
    loading->bind->files = &load->files;
    oe_status status = oe__rule_files_hash(&load->files, load->source);
    if (status == OE_OK)
        status = oe_builder_source(load->builder, load->source);
    if (status == OE_OK)
        status = report_empty(load);
    return status == OE_OK ? run_language(loading) : status;
}

oe_status oe__load_rules(oe_load *load, const char *folder, const oe_vm_source *sources,
                         size_t source_count, oe_error *error)
{
    oe_status status =
        folder != NULL ? oe__rule_files_read(&load->files, folder, error) : OE_OK;
    if (status != OE_OK)
        return status;
    oe_bind bind = {0};
    rule_loading loading = {.load = load, .bind = &bind};
    status = build(&loading, sources, source_count);
    load->peak_bytes = loading.vm != NULL ? oe__vm_peak(loading.vm) : 0;
    oe__vm_free(loading.vm);
    if (status != OE_OK)
        return oe__fail(error, status, "rules: out of memory");
    status = oe_builder_seal(load->builder, &load->ruleset, error);
    if (status == OE_E_INVALID)
        status = report_schema(load, error);
    if (status == OE_OK &&
        oe__program_attach(load->ruleset, &load->files, sources, source_count) != OE_OK)
        status = oe__fail(error, OE_E_MEMORY, "rules: out of memory");
    if (status == OE_OK && load->check &&
        oe__check_report(load->ruleset, load->builder) != OE_OK)
        status = oe__fail(error, OE_E_MEMORY, "rules: out of memory");
    load->findings = oe__findings_of(load->builder, &load->places, &load->finding_count);
    if (load->findings == NULL && load->finding_count > 0)
        return oe__fail(error, OE_E_MEMORY, "rules: out of memory");
    return status;
}

oe_vm *oe__load_functions(const oe_ruleset *ruleset, oe_bind *bind)
{
    const oe_program *program = oe__program_of(ruleset);
    size_t count = 0;
    const oe_vm_source *sources = oe__program_sources(program, &count);
    oe_load load = {.files = *oe__program_files(program),
                    .builder = oe_builder_new(oe_ruleset_dictionary(ruleset))};
    *bind = (oe_bind){.builder = load.builder, .places = &load.places, .files = &load.files};
    rule_loading loading = {&load, oe__vm_new(sources, count), bind};
    bool done = load.builder != NULL && loading.vm != NULL && run_language(&loading) == OE_OK;
    *bind = (oe_bind){0};
    oe__places_free(&load.places);
    oe_builder_free(load.builder);
    if (!done) {
        oe__vm_free(loading.vm);
        return NULL;
    }
    oe__vm_end_load(loading.vm);
    return loading.vm;
}

/* Findings name the files as the rules folder sees them. */
static bool name_tests(oe_rule_files *files)
{
    static const char folder[] = "tests/";
    for (size_t i = 0; i < files->count; i++) {
        size_t length = strlen(files->items[i].path) + 1;
        char *path = malloc(sizeof folder - 1 + length);
        if (path == NULL)
            return false;
        memcpy(path, folder, sizeof folder - 1);
        memcpy(path + sizeof folder - 1, files->items[i].path, length);
        free(files->items[i].path);
        files->items[i].path = path;
    }
    return true;
}

oe_status oe__load_tests(oe_load *load, const char *folder, const oe_vm_source *sources,
                         size_t source_count, oe_error *error)
{
    oe_status status = oe__rule_files_read(&load->files, folder, error);
    if (status != OE_OK)
        return status == OE_E_NOT_FOUND ? OE_OK : status;
    oe_bind bind = {.cases = &load->cases, .places = &load->places};
    load->dictionary = oe_dictionary_new();
    if (load->dictionary != NULL)
        load->builder = oe_builder_new(load->dictionary);
    bind.builder = load->builder;
    rule_loading loading = {load, oe__vm_new(sources, source_count), &bind};
    status = OE_E_MEMORY;
    if (loading.vm != NULL && load->builder != NULL && name_tests(&load->files))
        status = run_language(&loading);
    oe__vm_free(loading.vm);
    if (status == OE_OK)
        load->findings = oe__findings_of(load->builder, &load->places, &load->finding_count);
    if (status != OE_OK || load->cases.failed)
        return oe__fail(error, OE_E_MEMORY, "tests: out of memory");
    return OE_OK;
}

void oe__load_free(oe_load *load)
{
    oe__buffer_free(&load->cases);
    oe_ruleset_free(load->ruleset);
    free(load->findings);
    oe__places_free(&load->places);
    oe_builder_free(load->builder);
    oe_dictionary_free(load->dictionary);
    oe__rule_files_free(&load->files);
    *load = (oe_load){0};
}

/* ---- core.load ---- */

static const char load_type[] = "offerengine.load";

static int free_load(lua_State *L)
{
    oe__load_free(lua_touserdata(L, 1));
    return 0;
}

static oe_load *push_load(lua_State *L)
{
    oe_load *load = lua_newuserdatauv(L, sizeof *load, 0);
    *load = (oe_load){0};
    if (luaL_newmetatable(L, load_type)) {
        lua_pushcfunction(L, free_load);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return load;
}

static void push_findings(lua_State *L, const oe_load *load)
{
    size_t count = load->findings != NULL ? load->finding_count : 0;
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        oe_lua_push_finding(L, &load->findings[i], &load->files);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

/* Pushes an array of the texts in the table at `index`; they stay there. */
static oe_vm_source *push_sources(lua_State *L, int index, size_t *count)
{
    *count = 0;
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1))
        ++*count;
    oe_vm_source *sources = lua_newuserdatauv(L, (*count + 1) * sizeof *sources, 0);
    size_t at = 0;
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING)
            luaL_argerror(L, index, "names and texts of modules expected");
        oe_vm_source *source = &sources[at++];
        source->name = lua_tostring(L, -2);
        source->text = lua_tolstring(L, -1, &source->length);
    }
    return sources;
}

static oe_dictionary *shared_dictionary(lua_State *L, int index)
{
    if (lua_isnoneornil(L, index))
        return NULL;
    luaL_checktype(L, index, LUA_TTABLE);
    oe_dictionary *dictionary = NULL;
    if (lua_getfield(L, index, "ruleset") != LUA_TNIL)
        dictionary = oe__dictionary_hold(oe_lua_check_ruleset(L, -1)->dictionary);
    lua_pop(L, 1);
    return dictionary;
}

/* Whether options.texts gave the files instead of the folder. */
static bool take_texts(lua_State *L, int index, oe_load *load)
{
    oe_error error = {0};
    size_t length = 0;
    if (lua_isnoneornil(L, index) || lua_getfield(L, index, "texts") == LUA_TNIL)
        return false;
    const char *texts = luaL_checklstring(L, -1, &length);
    if (oe__rule_files_unpack(&load->files, texts, length, &error) != OE_OK)
        luaL_error(L, "%s", error.message);
    return true;
}

static bool wants_check(lua_State *L, int index)
{
    if (lua_isnoneornil(L, index))
        return false;
    lua_getfield(L, index, "check");
    bool wanted = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return wanted;
}

static void push_texts(lua_State *L, const oe_load *load)
{
    oe__buffer *packed = oe_lua_new_buffer(L);
    oe__rule_files_pack(&load->files, packed);
    if (packed->failed)
        luaL_error(L, "rules: out of memory");
    lua_pushlstring(L, packed->data, packed->length);
    oe__buffer_free(packed);
    lua_remove(L, -2);
}

int oe_lua_load_rules(lua_State *L)
{
    const char *folder = luaL_checkstring(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    size_t count = 0;
    const oe_vm_source *sources = push_sources(L, 2, &count);
    oe_load *load = push_load(L);
    load->dictionary = shared_dictionary(L, 3);
    load->check = wants_check(L, 3);
    if (take_texts(L, 3, load))
        folder = NULL;
    oe_error error;
    oe_status status = oe__load_rules(load, folder, sources, count, &error);
    if (status != OE_OK) {
        int values = oe_lua_fail(L, &error);
        push_findings(L, load);
        lua_pushinteger(L, (lua_Integer)load->peak_bytes);
        return values + 2;
    }
    oe_ruleset *ruleset = load->ruleset;
    oe_dictionary *dictionary = load->dictionary;
    load->ruleset = NULL;
    load->dictionary = NULL;
    oe_lua_push_ruleset(L, ruleset, dictionary);
    push_findings(L, load);
    push_texts(L, load);
    lua_pushinteger(L, (lua_Integer)load->peak_bytes);
    return 4;
}

int oe_lua_load_tests(lua_State *L)
{
    const char *folder = luaL_checkstring(L, 1);
    luaL_checktype(L, 2, LUA_TTABLE);
    size_t count = 0;
    const oe_vm_source *sources = push_sources(L, 2, &count);
    oe_load *load = push_load(L);
    oe_error error;
    if (oe__load_tests(load, folder, sources, count, &error) != OE_OK)
        return oe_lua_fail(L, &error);
    lua_pushlstring(L, load->cases.data, load->cases.length);
    push_findings(L, load);
    return 2;
}
