/* summary.c: counting decisions. */
#include "summary.h"

#include <lauxlib.h>
#include <stdlib.h>

#include "engine/decide.h"

bool oe_lua_summary_begin(oe_lua_summary *summary, const oe_ruleset *ruleset)
{
    size_t products = oe_ruleset_count(ruleset, OE_PRODUCTS);
    size_t segments = oe_ruleset_count(ruleset, OE_SEGMENTS);
    *summary = (oe_lua_summary){.ruleset = ruleset};
    summary->products = calloc(products + 1, sizeof *summary->products);
    summary->first = calloc(products + 1, sizeof *summary->first);
    summary->segments = calloc(segments + 1, sizeof *summary->segments);
    return summary->products != NULL && summary->first != NULL && summary->segments != NULL;
}

void oe_lua_summary_free(oe_lua_summary *summary)
{
    free(summary->products);
    free(summary->first);
    free(summary->segments);
    *summary = (oe_lua_summary){0};
}

static void add_to_segment(oe_lua_segment_tally *tally, uint64_t offers)
{
    tally->customers++;
    tally->offers += offers;
    tally->without_offer += offers == 0 ? 1 : 0;
}

static bool add_reasons(oe_lua_summary *summary, const oe_lua_decided *decided)
{
    size_t products = oe_ruleset_count(summary->ruleset, OE_PRODUCTS);
    oe_stage furthest = OE_STAGE_OFFERED;
    for (size_t i = 0; i < products; i++) {
        const oe_explanation *explanation =
            oe_explain(decided->decider, decided->profile, decided->options, i);
        if (explanation == NULL)
            return false;
        if (decided->decider->decision.degraded_count > 0)
            summary->stopped = decided->decider->decision.degraded[0];
        oe_stage stage = explanation->stage;
        if (stage > furthest)
            furthest = stage;
        for (size_t f = 0; f < explanation->failure_count; f++) {
            const oe_failure *failure = &explanation->failures[f];
            if (failure->stage == stage)
                summary->refusals[stage][failure->cause]++;
        }
    }
    summary->furthest[furthest]++;
    return true;
}

bool oe_lua_summary_add(oe_lua_summary *summary, const oe_decision *decision,
                        const oe_lua_decided *decided)
{
    summary->customers++;
    summary->offers += decision->offer_count;
    for (size_t i = 0; i < decision->offer_count; i++)
        summary->products[decision->offers[i].product]++;
    if (decision->offer_count > 0)
        summary->first[decision->offers[0].product]++;
    for (size_t i = 0; i < decision->segment_count; i++)
        add_to_segment(&summary->segments[decision->segments[i]], decision->offer_count);
    if (decision->segment_count == 0) {
        size_t none = oe_ruleset_count(summary->ruleset, OE_SEGMENTS);
        add_to_segment(&summary->segments[none], decision->offer_count);
    }
    if (decision->offer_count > 0)
        return true;
    summary->without_offer++;
    return add_reasons(summary, decided);
}

void oe_lua_summary_merge(oe_lua_summary *summary, const oe_lua_summary *other)
{
    summary->customers += other->customers;
    summary->offers += other->offers;
    summary->without_offer += other->without_offer;
    for (size_t i = 0; i < oe_ruleset_count(summary->ruleset, OE_PRODUCTS); i++) {
        summary->products[i] += other->products[i];
        summary->first[i] += other->first[i];
    }
    for (size_t i = 0; i <= oe_ruleset_count(summary->ruleset, OE_SEGMENTS); i++) {
        summary->segments[i].customers += other->segments[i].customers;
        summary->segments[i].offers += other->segments[i].offers;
        summary->segments[i].without_offer += other->segments[i].without_offer;
    }
    for (size_t stage = 0; stage < OE_STAGE_COUNT; stage++) {
        summary->furthest[stage] += other->furthest[stage];
        for (size_t cause = 0; cause < OE_CAUSE_COUNT; cause++)
            summary->refusals[stage][cause] += other->refusals[stage][cause];
    }
}

/* ---- As a table ---- */

static void set_text(lua_State *L, const char *key, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, key);
}

static void set_count(lua_State *L, const char *key, uint64_t count)
{
    lua_pushinteger(L, (lua_Integer)count);
    lua_setfield(L, -2, key);
}

/* The table on top becomes the next item of the list below it. */
static void append(lua_State *L)
{
    lua_rawseti(L, -2, luaL_len(L, -2) + 1);
}

static void push_products(lua_State *L, const oe_lua_summary *summary)
{
    lua_newtable(L);
    for (size_t i = 0; i < oe_ruleset_count(summary->ruleset, OE_PRODUCTS); i++) {
        const oe_product *product = oe_ruleset_product(summary->ruleset, i);
        lua_createtable(L, 0, 4);
        set_text(L, "product_id", product->id);
        set_text(L, "name", product->name);
        set_count(L, "offers", summary->products[i]);
        set_count(L, "best_offers", summary->first[i]);
        append(L);
    }
}

static void push_segments(lua_State *L, const oe_lua_summary *summary)
{
    size_t count = oe_ruleset_count(summary->ruleset, OE_SEGMENTS);
    lua_newtable(L);
    for (size_t i = 0; i <= count; i++) {
        lua_createtable(L, 0, 5);
        if (i < count) {
            set_text(L, "segment", oe_ruleset_segment(summary->ruleset, i)->id);
            set_text(L, "name", oe_ruleset_segment(summary->ruleset, i)->name);
        } else {
            set_text(L, "name", "in no segment");
        }
        set_count(L, "customers", summary->segments[i].customers);
        set_count(L, "offers", summary->segments[i].offers);
        set_count(L, "without_offer", summary->segments[i].without_offer);
        append(L);
    }
}

static void push_stages(lua_State *L, const oe_lua_summary *summary)
{
    lua_newtable(L);
    for (size_t stage = 0; stage < OE_STAGE_COUNT; stage++) {
        if (summary->furthest[stage] == 0)
            continue;
        lua_createtable(L, 0, 2);
        set_text(L, "stage", oe_stage_name((oe_stage)stage));
        set_count(L, "customers", summary->furthest[stage]);
        append(L);
    }
}

static void push_refusals(lua_State *L, const oe_lua_summary *summary)
{
    lua_newtable(L);
    for (size_t stage = 0; stage < OE_STAGE_COUNT; stage++) {
        for (size_t cause = 0; cause < OE_CAUSE_COUNT; cause++) {
            if (summary->refusals[stage][cause] == 0)
                continue;
            lua_createtable(L, 0, 3);
            set_text(L, "stage", oe_stage_name((oe_stage)stage));
            set_text(L, "cause", oe_cause_name((oe_cause)cause));
            set_count(L, "refusals", summary->refusals[stage][cause]);
            append(L);
        }
    }
}

void oe_lua_summary_push(lua_State *L, const oe_lua_summary *summary)
{
    lua_createtable(L, 0, 7);
    set_count(L, "customers", summary->customers);
    set_count(L, "offers", summary->offers);
    set_count(L, "without_offer", summary->without_offer);
    push_products(L, summary);
    lua_setfield(L, -2, "products");
    push_segments(L, summary);
    lua_setfield(L, -2, "segments");
    push_stages(L, summary);
    lua_setfield(L, -2, "without_offer_by_stage");
    push_refusals(L, summary);
    lua_setfield(L, -2, "refusals");
}
