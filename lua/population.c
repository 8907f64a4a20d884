/* population.c: many profiles in memory: add, get, remove, walk, decide for all. Callbacks into
 * Lua happen only between two pages, never below a call of the engine, so that an error in them
 * unwinds nothing of C. */
#include "population.h"

#include <lauxlib.h>
#include <string.h>

#include "book.h"
#include "codec/answer.h"
#include "codec/profile.h"
#include "decision.h"
#include "failure.h"
#include "json.h"
#include "profile.h"
#include "ruleset.h"

static const char population_type[] = "offerengine.population";
static const char walk_type[] = "offerengine.population_walk";

enum { PAGE_ROWS = 256 };

typedef struct lua_population {
    oe_population *population;
    bool is_borrowed; /* whose life is somebody else's */
    oe_reader *reader;
    oe_profile *scratch;     /* what is read back; the ruleset's own holds what comes in */
    oe_lua_ruleset *ruleset; /* alive as user value 1 */
    size_t walks;            /* open ones: they use the population's pages */
    bool closed;
} lua_population;

/* A walk over one moment's customers, page by page: their answers or profiles as JSON. */
typedef struct population_walk {
    oe_snapshot *snapshot;
    lua_population *population; /* alive as user value 1 */
    oe_profile *scratch;
    oe__buffer text;
    size_t ends[PAGE_ROWS]; /* where each text of the page ends */
    size_t rows, row, page;
} population_walk;

/* ---- Life ---- */

/* Frees once nothing walks any more. */
static void release_population(lua_population *self)
{
    if (!self->closed || self->walks > 0)
        return;
    oe_reader_free(self->reader);
    if (!self->is_borrowed)
        oe_population_free(self->population);
    oe_profile_free(self->scratch);
    self->reader = NULL;
    self->population = NULL;
    self->scratch = NULL;
}

static int close_population(lua_State *L)
{
    lua_population *self = luaL_checkudata(L, 1, population_type);
    self->closed = true;
    release_population(self);
    return 0;
}

static lua_population *check_population(lua_State *L)
{
    lua_population *self = luaL_checkudata(L, 1, population_type);
    if (self->closed)
        luaL_error(L, "population: closed");
    return self;
}

void oe_lua_count_walks(lua_State *L, int index, int change)
{
    lua_population *self = luaL_checkudata(L, index, population_type);
    self->walks = change > 0 ? self->walks + 1 : self->walks - 1;
    release_population(self);
}

/* Pushes a userdata that decides by the ruleset at `index`. */
static lua_population *push_population(lua_State *L, int index)
{
    oe_lua_ruleset *ruleset = oe_lua_check_ruleset(L, index);
    lua_population *self = lua_newuserdatauv(L, sizeof *self, 1);
    *self = (lua_population){.ruleset = ruleset};
    luaL_setmetatable(L, population_type);
    lua_pushvalue(L, index);
    lua_setiuservalue(L, -2, 1);
    self->scratch = oe_profile_new(ruleset->ruleset);
    return self;
}

static void open_reader(lua_State *L, lua_population *self)
{
    if (self->population != NULL)
        self->reader = oe_reader_new(self->population);
    if (self->reader == NULL || self->scratch == NULL)
        luaL_error(L, "population: out of memory");
}

int oe_lua_new_population(lua_State *L)
{
    lua_population *self = push_population(L, 1);
    self->population = oe_population_new(self->ruleset->dictionary);
    open_reader(L, self);
    return 1;
}

void oe_lua_push_population(lua_State *L, oe_population *population, int ruleset)
{
    lua_population *self = push_population(L, ruleset);
    self->population = population;
    self->is_borrowed = true;
    open_reader(L, self);
}

oe_lua_ruleset *oe_lua_population_ruleset(lua_State *L, int index)
{
    return ((lua_population *)luaL_checkudata(L, index, population_type))->ruleset;
}

oe_population *oe_lua_population_of(lua_State *L, int index, const oe_lua_ruleset *ruleset)
{
    lua_population *self = luaL_checkudata(L, index, population_type);
    if (self->closed)
        luaL_error(L, "population: closed");
    if (self->ruleset->dictionary != ruleset->dictionary)
        luaL_error(L,
                   "population: belongs to other rules; make it of this ruleset, or load the "
                   "rules with options.ruleset");
    return self->population;
}

/* ---- One customer ---- */

/* population:add(profile) -> "created" or "replaced" */
static int population_add(lua_State *L)
{
    lua_population *self = check_population(L);
    const oe_profile *profile = oe_lua_to_profile(L, self->ruleset, 2);
    if (profile == NULL)
        return 4;
    bool replaced = false;
    oe_error error = {0};
    oe_population_begin(self->population);
    oe_status status = oe_population_put(self->population, profile, &replaced, &error);
    oe_population_commit(self->population);
    if (status != OE_OK)
        return oe_lua_fail(L, &error);
    lua_pushstring(L, replaced ? "replaced" : "created");
    return 1;
}

/* population:get(id) -> table of the profile, nil when there is none */
static int population_get(lua_State *L)
{
    lua_population *self = check_population(L);
    size_t length = 0;
    const char *id = luaL_checklstring(L, 2, &length);
    oe_reader_enter(self->reader);
    bool found = oe_reader_get(self->reader, id, length, self->scratch);
    oe_reader_leave(self->reader);
    if (!found)
        return oe_lua_fail_text(L, OE_E_NOT_FOUND, "population: customer not found");
    oe_lua_push_profile_table(L, self->scratch);
    return 1;
}

/* population:remove(id) -> whether it was there */
static int population_remove(lua_State *L)
{
    lua_population *self = check_population(L);
    size_t length = 0;
    const char *id = luaL_checklstring(L, 2, &length);
    oe_population_begin(self->population);
    bool removed = oe_population_remove(self->population, id, length);
    oe_population_commit(self->population);
    lua_pushboolean(L, removed);
    return 1;
}

static int population_count(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)oe_population_count(check_population(L)->population));
    return 1;
}

/* ---- Walks ---- */

static int close_walk(lua_State *L)
{
    population_walk *walk = luaL_checkudata(L, 1, walk_type);
    if (walk->snapshot != NULL) {
        oe_snapshot_free(walk->snapshot);
        walk->population->walks--;
        release_population(walk->population);
    }
    walk->snapshot = NULL;
    oe_profile_free(walk->scratch);
    walk->scratch = NULL;
    oe__buffer_free(&walk->text);
    walk->rows = 0;
    walk->row = 0;
    return 0;
}

/* Pushes a walk over the population at stack index 1 as it is now. */
static population_walk *push_walk(lua_State *L, lua_population *population)
{
    population_walk *walk = lua_newuserdatauv(L, sizeof *walk, 1);
    memset(walk, 0, sizeof *walk);
    luaL_setmetatable(L, walk_type);
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    walk->population = population;
    walk->scratch = oe_profile_new(population->ruleset->ruleset);
    walk->snapshot = oe_snapshot_new(population->population);
    if (walk->snapshot != NULL)
        population->walks++;
    if (walk->snapshot == NULL || walk->scratch == NULL)
        luaL_error(L, "population: out of memory, or too many walks at a time");
    return walk;
}

static bool end_row(population_walk *walk)
{
    walk->ends[walk->rows++] = walk->text.length;
    return !walk->text.failed;
}

static bool add_profile(void *context, const oe_profile *profile)
{
    population_walk *walk = context;
    oe__profile_write(&walk->text, profile);
    return end_row(walk);
}

static bool add_decision(void *context, const oe_decision *decision)
{
    population_walk *walk = context;
    oe__answer_write(&walk->text, decision);
    return end_row(walk);
}

/* Fills the walk with its next page that holds customers. `options` NULL: profiles, else
 * decisions. false: no more. */
static bool next_page(lua_State *L, population_walk *walk, const oe_options *options)
{
    while (walk->snapshot != NULL && walk->page < oe_snapshot_pages(walk->snapshot)) {
        walk->rows = 0;
        walk->row = 0;
        walk->text.length = 0;
        size_t page = walk->page++;
        oe_decider *decider = walk->population->ruleset->decider;
        bool whole = options == NULL ? oe_snapshot_read(walk->snapshot, page, walk->scratch,
                                                        (oe_profile_sink){add_profile, walk})
                                     : oe_decide_page(decider, walk->snapshot, page, options,
                                                      (oe_decision_sink){add_decision, walk});
        if (!whole)
            luaL_error(L, "population: out of memory");
        if (walk->rows > 0)
            return true;
    }
    return false;
}

/* The next text of the page. */
static const char *next_row(population_walk *walk, size_t *length)
{
    size_t start = walk->row > 0 ? walk->ends[walk->row - 1] : 0;
    *length = walk->ends[walk->row++] - start;
    return walk->text.data + start;
}

static void push_row(lua_State *L, population_walk *walk)
{
    size_t length = 0;
    const char *text = next_row(walk, &length);
    oe_error error = {0};
    if (oe_lua_push_json(L, text, length, &error) != OE_OK)
        luaL_error(L, "population: %s", error.message);
}

/* The iterator of each(): id, profile. */
static int step_walk(lua_State *L)
{
    population_walk *walk = luaL_checkudata(L, 1, walk_type);
    if (walk->row >= walk->rows && !next_page(L, walk, NULL)) {
        lua_pushnil(L);
        return 1;
    }
    push_row(L, walk);
    lua_getfield(L, -1, "customer_id");
    lua_insert(L, -2);
    return 2;
}

/* population:each() -> iterator, walk, nil, walk (closed at the end of the loop) */
static int population_each(lua_State *L)
{
    lua_population *self = check_population(L);
    lua_pushcfunction(L, step_walk);
    push_walk(L, self);
    lua_pushnil(L);
    lua_pushvalue(L, -2);
    return 4;
}

/* population:decide_all(options, visit) -> number of customers. visit(answer) may return false
 * to end. */
static int population_decide_all(lua_State *L)
{
    lua_population *self = check_population(L);
    luaL_checktype(L, 3, LUA_TFUNCTION);
    lua_settop(L, 3);
    oe_options options;
    int refused = oe_lua_to_options(L, self->ruleset->ruleset, 2, &options);
    if (refused > 0)
        return refused;
    population_walk *walk = push_walk(L, self);
    lua_toclose(L, 4);
    lua_Integer visited = 0;
    bool go_on = true;
    while (go_on && next_page(L, walk, &options)) {
        while (go_on && walk->row < walk->rows) {
            lua_pushvalue(L, 3);
            push_row(L, walk);
            lua_call(L, 1, 1);
            go_on = lua_isnil(L, -1) || lua_toboolean(L, -1);
            lua_pop(L, 1);
            visited++;
        }
    }
    lua_pushinteger(L, visited);
    return 1;
}

/* ---- Two rulesets ---- */

/* What each customer of a page is answered, as one number. */
typedef struct page_prints {
    uint64_t rows[PAGE_ROWS];
    size_t count;
    char id[OE_ID_MAX + 1]; /* of row `wanted` */
    size_t wanted;
} page_prints;

/* FNV-1a. */
static uint64_t print_bytes(uint64_t print, const void *bytes, size_t length)
{
    for (const unsigned char *at = bytes, *end = at + length; at < end; at++)
        print = (print ^ *at) * 0x100000001b3U;
    return print;
}

static uint64_t print_text(uint64_t print, const char *text)
{
    return print_bytes(print, text, strlen(text) + 1);
}

/* A difference that twelve digits do not show is none. */
static uint64_t print_points(uint64_t print, double points)
{
    int64_t parts = (int64_t)(points * 1e8);
    return print_bytes(print, &parts, sizeof parts);
}

static uint64_t print_decision(const oe_decision *decision)
{
    uint64_t print = 0xcbf29ce484222325U;
    for (size_t i = 0; i < decision->offer_count; i++) {
        const oe_offer *offer = &decision->offers[i];
        print = print_text(print, oe_ruleset_product(decision->ruleset, offer->product)->id);
        print = print_points(print, offer->confidence);
        print = print_points(print, offer->priority);
        print = print_bytes(print, &offer->fallback, sizeof offer->fallback);
    }
    for (size_t i = 0; i < decision->segment_count; i++)
        print =
            print_text(print, oe_ruleset_segment(decision->ruleset, decision->segments[i])->id);
    return print;
}

static bool take_print(void *context, const oe_decision *decision)
{
    page_prints *page = context;
    if (page->count == page->wanted) {
        memcpy(page->id, decision->customer_id, decision->customer_id_length);
        page->id[decision->customer_id_length] = '\0';
    }
    page->rows[page->count++] = print_decision(decision);
    return true;
}

/* The row of a page that the two decide differently, SIZE_MAX when there is none. */
static size_t differing_row(const oe_snapshot *snapshot, size_t page, oe_decider *deciders[2],
                            const oe_options *options)
{
    page_prints prints[2] = {{.wanted = SIZE_MAX}, {.wanted = SIZE_MAX}};
    for (int i = 0; i < 2; i++)
        (void)oe_decide_page(deciders[i], snapshot, page, options,
                             (oe_decision_sink){take_print, &prints[i]});
    for (size_t row = 0; row < prints[0].count; row++)
        if (prints[0].rows[row] != prints[1].rows[row])
            return row;
    return SIZE_MAX;
}

/* population:first_difference(ruleset [, options]): the id of the first customer whose offers,
 * confidences or priorities (beyond 1e-8) or segments are others under `ruleset`, which shares
 * the population's names (load's options.ruleset); nil when there is none */
static int population_first_difference(lua_State *L)
{
    lua_population *self = check_population(L);
    const oe_lua_ruleset *other = oe_lua_check_ruleset(L, 2);
    lua_settop(L, 3);
    oe_options options;
    int refused = oe_lua_to_options(L, self->ruleset->ruleset, 3, &options);
    if (refused > 0)
        return refused;
    if (other->dictionary != self->ruleset->dictionary)
        return luaL_argerror(L, 2, "rules that were loaded for this population expected");
    const population_walk *walk = push_walk(L, self);
    lua_toclose(L, 4);
    oe_decider *deciders[2] = {self->ruleset->decider, other->decider};
    for (size_t page = 0; page < oe_snapshot_pages(walk->snapshot); page++) {
        size_t row = differing_row(walk->snapshot, page, deciders, &options);
        if (row == SIZE_MAX)
            continue;
        page_prints found = {.wanted = row};
        (void)oe_decide_page(deciders[0], walk->snapshot, page, &options,
                             (oe_decision_sink){take_print, &found});
        lua_pushstring(L, found.id);
        return 1;
    }
    return 0;
}

static int population_text(lua_State *L)
{
    lua_population *self = luaL_checkudata(L, 1, population_type);
    if (self->closed)
        lua_pushstring(L, "offerengine.population (closed)");
    else
        lua_pushfstring(L, "offerengine.population (%d customers)",
                        (int)oe_population_count(self->population));
    return 1;
}

static void make_type(lua_State *L, const char *type, lua_CFunction close)
{
    luaL_newmetatable(L, type);
    lua_pushcfunction(L, close);
    lua_setfield(L, -2, "__gc");
    lua_pushcfunction(L, close);
    lua_setfield(L, -2, "__close");
    lua_pushstring(L, type);
    lua_setfield(L, -2, "__metatable");
}

void oe_lua_open_population(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"add", population_add},
        {"get", population_get},
        {"remove", population_remove},
        {"count", population_count},
        {"each", population_each},
        {"decide_all", population_decide_all},
        {"read", oe_lua_read_book},
        {"close", close_population},
        {"first_difference", population_first_difference},
        {NULL, NULL},
    };
    make_type(L, walk_type, close_walk);
    lua_pop(L, 1);
    make_type(L, population_type, close_population);
    luaL_newlib(L, methods);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, population_count);
    lua_setfield(L, -2, "__len");
    lua_pushcfunction(L, population_text);
    lua_setfield(L, -2, "__tostring");
    lua_pop(L, 1);
}
