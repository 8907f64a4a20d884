/* compare.c: core.compare: its options, and the run below them. */
#include "compare.h"

#include <lauxlib.h>

#include "book.h"
#include "decision.h"
#include "failure.h"
#include "output.h"
#include "population.h"
#include "scoped.h"

static const char compare_type[] = "offerengine.compare";

/* All that must be released, also when something raises in between. */
typedef struct compare_job {
    lua_State *L;
    oe__comparison *comparison;
    oe__compare_counts counts;
    oe_snapshot *snapshot;
    oe_lua_output output;
    oe_error error;
    int progress; /* its place on the stack, 0: none or it raised */
    bool raised;  /* what it raised is on the stack */
    bool walks;   /* counted in the population's user value */
} compare_job;

static int free_compare(lua_State *L)
{
    compare_job *self = luaL_checkudata(L, 1, compare_type);
    oe_lua_output_drop(&self->output);
    if (self->comparison != NULL)
        oe__compare_counts_free(self->comparison, &self->counts);
    oe__comparison_free(self->comparison);
    self->comparison = NULL;
    oe_snapshot_free(self->snapshot);
    self->snapshot = NULL;
    if (self->walks) {
        self->walks = false;
        lua_getiuservalue(L, 1, 1);
        oe_lua_count_walks(L, lua_gettop(L), -1);
    }
    return 0;
}

static compare_job *push_compare(lua_State *L)
{
    compare_job *self = oe_lua_push_scoped(L, sizeof(compare_job), compare_type, free_compare);
    self->L = L;
    self->output.descriptor = -1;
    lua_pushvalue(L, 3);
    lua_setiuservalue(L, -2, 1);
    oe_lua_count_walks(L, 3, 1);
    self->walks = true;
    return self;
}

/* ---- While it runs ---- */

static bool write_lines(void *context, const char *lines, size_t length)
{
    compare_job *self = context;
    return oe_lua_output_write(&self->output, lines, length, &self->error) == OE_OK;
}

/* What it raises waits until the threads are gone. */
static void show_progress(void *context, size_t done, size_t all)
{
    compare_job *self = context;
    if (self->progress == 0)
        return;
    lua_pushvalue(self->L, self->progress);
    lua_pushinteger(self->L, (lua_Integer)done);
    lua_pushinteger(self->L, (lua_Integer)all);
    self->raised = lua_pcall(self->L, 2, 0, 0) != LUA_OK;
    if (self->raised)
        self->progress = 0;
}

/* ---- Options ---- */

static int option(lua_State *L, const char *key)
{
    lua_getfield(L, 4, key);
    return lua_gettop(L);
}

static oe__fair_limits fair_limits(lua_State *L)
{
    oe__fair_limits limits = {luaL_optnumber(L, option(L, "ratio"), 0.8), 0};
    lua_Integer group = luaL_optinteger(L, option(L, "group"), 30);
    luaL_argcheck(L, limits.ratio > 0 && limits.ratio <= 1, 4, "ratio must lie above 0, to 1");
    luaL_argcheck(L, group >= 1, 4, "group must be at least 1");
    limits.customers = (uint64_t)group;
    return limits;
}

/* at and limit, as deciding takes them; 0, or how many values were pushed. */
static int decide_options(lua_State *L, const oe_ruleset *ruleset, oe_options *options)
{
    lua_createtable(L, 0, 2);
    lua_getfield(L, 4, "at");
    lua_setfield(L, -2, "at");
    lua_getfield(L, 4, "limit");
    lua_setfield(L, -2, "limit");
    return oe_lua_to_options(L, ruleset, lua_gettop(L), options);
}

static oe_status run_compare(lua_State *L, compare_job *self, oe_population *population,
                             const char *output)
{
    static const char header[] = OE_FLIPS_CSV_HEADER;
    oe_compare_run run = {.comparison = self->comparison,
                          .workers = oe_lua_workers(L, option(L, "workers")),
                          .take = output != NULL ? write_lines : NULL,
                          .progress = show_progress,
                          .context = self};
    self->progress = lua_isfunction(L, option(L, "progress")) ? lua_gettop(L) : 0;
    /* It may have been filled before the new rules were there. */
    if (oe_population_refresh(population, &self->error) != OE_OK)
        return self->error.status;
    self->snapshot = oe_snapshot_new(population);
    if (self->snapshot == NULL)
        luaL_error(L, "diff: out of memory, or too many walks at a time");
    run.snapshot = self->snapshot;
    oe_status status = oe_lua_output_open(&self->output, output, &self->error);
    if (status == OE_OK && output != NULL)
        status = oe_lua_output_write(&self->output, header, sizeof header - 1, &self->error);
    oe_error error = {0};
    if (status == OE_OK)
        status = oe__compare_run(&run, &self->counts, &error);
    if (status != OE_OK && self->error.status == OE_OK)
        self->error = error;
    if (status == OE_OK)
        status = oe_lua_output_finish(&self->output, output, &self->error);
    if (self->raised)
        lua_error(L);
    return status;
}

int oe_lua_compare(lua_State *L)
{
    const oe_lua_ruleset *own = oe_lua_check_ruleset(L, 1);
    const oe_ruleset *base = own->ruleset;
    const oe_ruleset *candidate = oe_lua_check_ruleset(L, 2)->ruleset;
    oe_population *population = oe_lua_population_of(L, 3, own);
    luaL_argcheck(L, oe_ruleset_dictionary(base) == oe_ruleset_dictionary(candidate), 2,
                  "was loaded without options.ruleset of the base");
    lua_settop(L, 4);
    if (lua_isnil(L, 4)) {
        lua_newtable(L);
        lua_replace(L, 4);
    }
    luaL_checktype(L, 4, LUA_TTABLE);
    oe_options options;
    int refused = decide_options(L, candidate, &options);
    if (refused > 0)
        return refused;
    oe__fair_limits limits = fair_limits(L);
    const char *output = luaL_optstring(L, option(L, "output"), NULL);
    compare_job *self = push_compare(L);
    self->comparison = oe__comparison_new(base, candidate, &options);
    if (self->comparison == NULL || !oe__compare_counts_begin(self->comparison, &self->counts))
        return luaL_error(L, "diff: out of memory");
    if (run_compare(L, self, population, output) != OE_OK)
        return oe_lua_fail(L, &self->error);
    oe_lua_push_comparison(L, self->comparison, &self->counts, &limits);
    lua_pushinteger(L, options.at_ms);
    lua_setfield(L, -2, "at_ms");
    return 1;
}
