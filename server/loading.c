/* loading.c: decides whether there is something to load, loads it, keeps it. */
#include "server/loading.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

enum { NUMBERS_TRIED = 16 };

#include "engine/dictionary.h"
#include "engine/status.h"
#include "lua/population.h"
#include "lua/ruleset.h"
#include "server/contact_load.h"
#include "server/modules.h"

/* ---- Lua ---- */

static int open_state(lua_State *L)
{
    oe__modules_install(L);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "server.reloading");
    lua_call(L, 1, 1);
    return 1;
}

lua_State *oe__loading_open(oe_error *error)
{
    lua_State *L = luaL_newstate();
    if (L == NULL) {
        (void)oe__fail(error, OE_E_MEMORY, "loader: out of memory");
        return NULL;
    }
    lua_pushcfunction(L, open_state);
    if (lua_pcall(L, 0, 1, 0) == LUA_OK)
        return L;
    (void)oe__fail(error, OE_E_IO, "loader: %s", lua_tostring(L, -1));
    lua_close(L);
    return NULL;
}

static void copy_text(char *to, size_t size, const char *text)
{
    (void)snprintf(to, size, "%s", text != NULL ? text : "");
}

/* Lua: (reloading, loading) -> hash of the folder or nil */
static int ask_folder(lua_State *L)
{
    const oe_loading *self = lua_touserdata(L, 2);
    lua_getfield(L, 1, "source");
    lua_pushstring(L, self->folder);
    lua_call(L, 1, 1);
    return 1;
}

typedef struct texts_given {
    oe_loading *self;
    const oe_generation *serving;
    const oe_kept_rules *kept; /* NULL: the folder */
} texts_given;

/* Lua: (reloading, texts_given) -> as reloading.load */
static int load_texts(lua_State *L)
{
    const texts_given *given = lua_touserdata(L, 2);
    lua_getfield(L, 1, "load");
    lua_pushstring(L, given->self->folder);
    oe_lua_push_ruleset(L, oe_ruleset_hold(given->serving->ruleset),
                        oe__dictionary_hold(given->serving->dictionary));
    int serving = lua_gettop(L);
    if (given->kept != NULL)
        lua_pushlstring(L, given->kept->texts.data, given->kept->texts.length);
    else
        lua_pushnil(L);
    oe_lua_push_population(L, given->self->service->population, serving);
    lua_call(L, 4, 4);
    return 4;
}

static void fail(oe_loading *self, oe_http_error error, const char *summary)
{
    self->result = OE_LOAD_FAILED;
    self->error = error;
    copy_text(self->summary, sizeof self->summary, summary);
}

/* Calls `function` with server/reloading.lua and `data`; its results are left behind index 1.
 */
static bool call(oe_loading *self, lua_CFunction function, void *data, int results)
{
    lua_State *L = self->L;
    lua_settop(L, 1);
    lua_pushcfunction(L, function);
    lua_pushvalue(L, 1);
    lua_pushlightuserdata(L, data);
    if (lua_pcall(L, 2, results, 0) == LUA_OK)
        return true;
    fail(self, OE_HTTP_INTERNAL, lua_tostring(L, -1));
    return false;
}

/* ---- One load ---- */

/* Under a number that nothing has: one that was kept and then never came to serve keeps its. */
static oe_status put(const oe_loading *self, oe_store_generation *generation, oe_error *error)
{
    oe_status status = oe__history_put(self->port, generation, error);
    for (int tries = 0; status == OE_E_CONFLICT && tries < NUMBERS_TRIED; tries++) {
        generation->number++;
        status = oe__history_put(self->port, generation, error);
    }
    return status;
}

/* Keeps what was loaded, so that it may serve. The texts are at index 4. */
static bool keep(oe_loading *self, const oe_lua_ruleset *loaded)
{
    oe_error error = {0};
    const char *hash = oe_ruleset_source(loaded->ruleset);
    oe_store_generation generation = {.number = self->made->number,
                                      .at_ms = oe__service_now_ms(),
                                      .hash = {hash, strlen(hash)},
                                      .author = {self->author, strlen(self->author)},
                                      .note = {self->note, strlen(self->note)}};
    generation.texts.data = lua_tolstring(self->L, 4, &generation.texts.length);
    oe_status status = oe_population_refresh(self->service->population, &error);
    if (status == OE_OK)
        status = oe__history_name(self->port, loaded->ruleset, &error);
    if (status == OE_OK)
        status = put(self, &generation, &error);
    self->made->number = generation.number;
    if (status != OE_OK)
        fail(self, status == OE_E_MEMORY ? OE_HTTP_UNAVAILABLE : OE_HTTP_STORAGE,
             error.message);
    return status == OE_OK;
}

/* Whether the service can count what the policies of the rules count. */
static bool can_count(oe_loading *self, const oe_ruleset *ruleset)
{
    if (self->service->config.journal || oe_ruleset_count(ruleset, OE_POLICIES) == 0)
        return true;
    fail(self, OE_HTTP_JOURNAL_NEEDED, oe_http_error_get(OE_HTTP_JOURNAL_NEEDED)->detail);
    self->result = OE_LOAD_REFUSED;
    self->folder_hash[0] = '\0';
    return false;
}

static bool widen(oe_loading *self, const oe_ruleset *ruleset)
{
    oe_error error = {0};
    if (oe__contact_widen(self->service, ruleset, &error) == OE_OK)
        return true;
    fail(self, OE_HTTP_STORAGE, error.message);
    return false;
}

/* The results of reloading.load lie at 2 to 5. */
static void take_loaded(oe_loading *self, const oe_generation *serving)
{
    size_t length = 0;
    const char *findings = lua_tolstring(self->L, 3, &length);
    oe__buffer_add(&self->findings, findings, length);
    const char *author = self->request->author;
    const oe_lua_ruleset *loaded = oe_lua_test_ruleset(self->L, 2);
    copy_text(self->author, sizeof self->author,
              author[0] != '\0' ? author : lua_tostring(self->L, 5));
    if (loaded == NULL) {
        self->folder_hash[0] = '\0'; /* a test that is mended makes the same texts good */
        self->result = OE_LOAD_REFUSED;
        self->error = OE_HTTP_RULES_INVALID;
        copy_text(self->summary, sizeof self->summary, lua_tostring(self->L, 4));
        return;
    }
    if (strcmp(oe_ruleset_source(loaded->ruleset), oe_ruleset_source(serving->ruleset)) == 0 ||
        !can_count(self, loaded->ruleset) || !widen(self, loaded->ruleset))
        return;
    self->made = oe__generation_new(loaded->ruleset, loaded->dictionary, serving->number + 1);
    if (self->made == NULL) {
        fail(self, OE_HTTP_UNAVAILABLE, "loader: out of memory");
    } else if (keep(self, loaded)) {
        self->result = OE_LOAD_LOADED;
    } else {
        oe__generation_free(self->made);
        self->made = NULL;
    }
}

static void load(oe_loading *self, const oe_generation *serving, const oe_kept_rules *kept)
{
    texts_given given = {self, serving, kept};
    if (call(self, load_texts, &given, 4))
        take_loaded(self, serving);
}

/* ---- What there is to load ---- */

static void load_folder(oe_loading *self, const oe_generation *serving, const char *hash)
{
    bool is_same = strcmp(hash, self->folder_hash) == 0;
    copy_text(self->folder_hash, OE_LOAD_HASH_SIZE, hash);
    if (self->request->source == OE_LOAD_CHANGE && is_same) {
        self->is_idle = true;
        return;
    }
    if (strcmp(hash, oe_ruleset_source(serving->ruleset)) != 0)
        load(self, serving, NULL);
}

static void load_kept(oe_loading *self, const oe_generation *serving, const char *hash)
{
    oe_kept_rules kept = {0};
    oe_error error = {0};
    uint64_t number = self->request->number;
    if (number == 0)
        number = serving->number - 1;
    /* Number 0 would be the newest. */
    oe_status status =
        number == 0 ? OE_E_NOT_FOUND : oe__history_get(self->port, number, &kept, &error);
    copy_text(self->folder_hash, OE_LOAD_HASH_SIZE, hash);
    self->rolled_back_to = number;
    if (self->note[0] == '\0')
        (void)snprintf(self->note, sizeof self->note, "back to generation %llu",
                       (unsigned long long)number);
    if (status == OE_E_NOT_FOUND)
        fail(self, OE_HTTP_GENERATION_NOT_FOUND, "no such generation");
    else if (status != OE_OK)
        fail(self, OE_HTTP_STORAGE, error.message);
    else {
        self->folder_differs = strcmp(kept.hash, hash) != 0;
        if (strcmp(kept.hash, oe_ruleset_source(serving->ruleset)) != 0)
            load(self, serving, &kept);
    }
    oe__buffer_free(&kept.texts);
}

void oe__loading_run(oe_loading *self)
{
    oe_generation *serving = oe__service_generation(self->service);
    self->result = OE_LOAD_UNCHANGED;
    copy_text(self->note, sizeof self->note, self->request->note);
    if (call(self, ask_folder, self, 1)) {
        char hash[OE_LOAD_HASH_SIZE];
        copy_text(hash, sizeof hash, lua_tostring(self->L, 2));
        if (self->request->source == OE_LOAD_KEPT)
            load_kept(self, serving, hash);
        else
            load_folder(self, serving, hash);
    }
    oe__generation_free(serving);
    lua_settop(self->L, 1);
    (void)lua_gc(self->L, LUA_GCCOLLECT, 0);
}

void oe__loading_free(oe_loading *self)
{
    oe__generation_free(self->made);
    oe__buffer_free(&self->findings);
}
