/* summary.h: what a batch comes to: offers per product and segment, and why customers got none.
 * Counts only. Knows nothing of files or threads; the last function alone knows Lua. */
#ifndef OE_LUA_SUMMARY_H
#define OE_LUA_SUMMARY_H

#include <lua.h>

#include "offerengine.h"
#include "uncovered.h"

typedef struct oe_lua_segment_tally {
    uint64_t customers, offers, without_offer;
} oe_lua_segment_tally;

/* Customers who own nothing in a category and are offered nothing in it; of those, the ones who
 * are offered nothing at all. */
typedef struct oe_lua_category_tally {
    uint64_t gaps, without_offer;
} oe_lua_category_tally;

typedef struct oe_lua_summary {
    const oe_ruleset *ruleset;
    uint32_t *category_of; /* by product */
    uint64_t customers, offers, without_offer;
    uint64_t *products;             /* offers of each */
    uint64_t *first;                /* how often each is the best offer */
    oe_lua_segment_tally *segments; /* one more at the end: customers in none */
    oe_lua_category_tally *categories;
    /* Customers without an offer, by the furthest stage that any product reached for them, and
     * the refusals of their products. */
    uint64_t furthest[OE_STAGE_COUNT];
    uint64_t refusals[OE_STAGE_COUNT][OE_CAUSE_COUNT];
    /* Customers by the stage at which a product left, its category's furthest product, and of
     * all products the furthest one: by product, then by category, then one for all. NULL: not
     * asked for. */
    uint64_t (*left)[OE_STAGE_COUNT];
    oe_stage *furthest_of;      /* by category, of one customer */
    oe_lua_uncovered uncovered; /* and by what keeps the nearest product from them */
    const char *stopped; /* a rule whose function was stopped while reasons were asked for */
} oe_lua_summary;

/* false: out of memory. oe_lua_summary_free in any case. */
bool oe_lua_summary_begin(oe_lua_summary *summary, const oe_ruleset *ruleset);
void oe_lua_summary_free(oe_lua_summary *summary);

void oe_lua_summary_add(oe_lua_summary *summary, const oe_decision *decision);

/* Why a customer whose decision was added gets nothing. false: out of memory. */
bool oe_lua_summary_explain(oe_lua_summary *summary, oe_decider *decider,
                            const oe_profile *profile, const oe_options *options);

/* Begins to count stages. false: out of memory. */
bool oe_lua_summary_begin_stages(oe_lua_summary *summary);
/* Where the products leave for a customer whose decision was added. false: out of memory. */
bool oe_lua_summary_add_stages(oe_lua_summary *summary, oe_decider *decider,
                               const oe_profile *profile, const oe_options *options);

/* Adds the counts of `other`, of the same ruleset. false: out of memory. */
bool oe_lua_summary_merge(oe_lua_summary *summary, const oe_lua_summary *other);

/* Pushes the counts as a table. */
void oe_lua_summary_push(lua_State *L, oe_lua_summary *summary);

#endif
