/* coverage.c: a summary of every customer of a population. A page is decided as a whole; those
 * without an offer are then read one by one, to be explained. */
#include "coverage.h"

#include <lauxlib.h>
#include <stdlib.h>

#include "book.h"
#include "decision.h"
#include "engine/decide.h"
#include "engine/status.h"
#include "failure.h"
#include "pass.h"
#include "population.h"
#include "scoped.h"
#include "summary.h"

static const char coverage_type[] = "offerengine.coverage";

enum { PAGE_ROWS = 256 };

typedef struct coverage_run {
    oe_ruleset *ruleset;
    oe_snapshot *snapshot;
    oe_options options;
    oe_lua_summary summary;
    bool stages; /* of every customer */
    bool failed; /* memory ran out while parts were added up */
} coverage_run;

struct oe_lua_part {
    const coverage_run *run;
    oe_lua_summary summary;
    oe_profile *profile;
    oe_decider *decider;
    bool is_empty[PAGE_ROWS]; /* customer of the page: gets nothing */
    size_t rows;
    const char *stopped;
};

/* ---- One page ---- */

static bool take_decision(void *context, const oe_decision *decision)
{
    oe_lua_part *part = context;
    if (decision->degraded_count > 0) {
        part->stopped = decision->degraded[0];
        return false;
    }
    oe_lua_summary_add(&part->summary, decision);
    part->is_empty[part->rows++] = decision->offer_count == 0;
    return true;
}

static bool explain_row(void *context, const oe_profile *profile)
{
    oe_lua_part *part = context;
    if (part->run->stages &&
        !oe_lua_summary_add_stages(&part->summary, part->decider, profile, &part->run->options))
        return false;
    return !part->is_empty[part->rows++] ||
           oe_lua_summary_explain(&part->summary, part->decider, profile, &part->run->options);
}

static oe_status take_page(oe_lua_part *part, oe_decider *decider, size_t page, oe_error *error)
{
    const coverage_run *run = part->run;
    part->decider = decider;
    part->rows = 0;
    if (!oe_decide_page(decider, run->snapshot, page, &run->options,
                        (oe_decision_sink){take_decision, part}))
        return oe__fail_stopped(run->ruleset, part->stopped, error);
    part->rows = 0;
    if (!oe_snapshot_read(run->snapshot, page, part->profile,
                          (oe_profile_sink){explain_row, part}))
        return oe__fail(error, OE_E_MEMORY, "coverage: out of memory");
    return part->summary.stopped == NULL
               ? OE_OK
               : oe__fail_stopped(run->ruleset, part->summary.stopped, error);
}

static void free_part(oe_lua_part *part)
{
    oe_lua_summary_free(&part->summary);
    oe_profile_free(part->profile);
    free(part);
}

static bool begin_summary(const coverage_run *run, oe_lua_summary *summary)
{
    return oe_lua_summary_begin(summary, run->ruleset) &&
           (!run->stages || oe_lua_summary_begin_stages(summary));
}

static oe_status begin_part(void *context, oe_lua_part **part, oe_error *error)
{
    coverage_run *run = context;
    oe_lua_part *made = calloc(1, sizeof *made);
    if (made == NULL)
        return oe__fail(error, OE_E_MEMORY, "coverage: out of memory");
    made->run = run;
    made->profile = oe_profile_new(run->ruleset);
    if (begin_summary(run, &made->summary) && made->profile != NULL) {
        *part = made;
        return OE_OK;
    }
    free_part(made);
    return oe__fail(error, OE_E_MEMORY, "coverage: out of memory");
}

static void end_part(void *context, oe_lua_part *part, bool is_whole)
{
    coverage_run *run = context;
    if (is_whole && !oe_lua_summary_merge(&run->summary, &part->summary))
        run->failed = true;
    free_part(part);
}

/* ---- Lua ---- */

static int free_run(lua_State *L)
{
    coverage_run *run = luaL_checkudata(L, 1, coverage_type);
    oe_snapshot_free(run->snapshot);
    run->snapshot = NULL;
    oe_lua_summary_free(&run->summary);
    return 0;
}

int oe_lua_coverage(lua_State *L)
{
    const oe_lua_ruleset *ruleset = oe_lua_check_ruleset(L, 1);
    bool stages = lua_toboolean(L, 5) != 0;
    oe_population *population = oe_lua_population_of(L, 2, ruleset);
    unsigned workers = oe_lua_workers(L, 4);
    oe_options options;
    int refused = oe_lua_to_options(L, ruleset->ruleset, 3, &options);
    if (refused > 0)
        return refused;
    coverage_run *run = oe_lua_push_scoped(L, sizeof(coverage_run), coverage_type, free_run);
    oe_error error = {0};
    run->ruleset = ruleset->ruleset;
    run->options = options;
    run->stages = stages;
    run->snapshot = oe_snapshot_new(population);
    if (run->snapshot == NULL || !begin_summary(run, &run->summary))
        return luaL_error(L, "coverage: out of memory, or too many walks at a time");
    oe_lua_pass pass = {.ruleset = run->ruleset,
                        .snapshot = run->snapshot,
                        .workers = workers,
                        .begin = begin_part,
                        .take = take_page,
                        .end = end_part,
                        .context = run};
    oe_status status = oe_lua_pass_run(&pass, &error);
    if (status == OE_OK && run->failed)
        status = oe__fail(&error, OE_E_MEMORY, "coverage: out of memory");
    if (status != OE_OK)
        return oe_lua_fail(L, &error);
    oe_lua_summary_push(L, &run->summary);
    return 1;
}
