/* summary.c: counting decisions. */
#include "summary.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "engine/explain.h"

bool oe_lua_summary_begin(oe_lua_summary *summary, const oe_ruleset *ruleset)
{
    size_t products = oe_ruleset_count(ruleset, OE_PRODUCTS);
    size_t segments = oe_ruleset_count(ruleset, OE_SEGMENTS);
    size_t categories = oe_ruleset_count(ruleset, OE_CATEGORIES);
    *summary = (oe_lua_summary){.ruleset = ruleset, .uncovered = {.ruleset = ruleset}};
    summary->products = calloc(products + 1, sizeof *summary->products);
    summary->first = calloc(products + 1, sizeof *summary->first);
    summary->category_of = calloc(products + 1, sizeof *summary->category_of);
    summary->segments = calloc(segments + 1, sizeof *summary->segments);
    summary->categories = calloc(categories + 1, sizeof *summary->categories);
    if (!summary->products || !summary->first || !summary->category_of || !summary->segments ||
        !summary->categories)
        return false;
    for (size_t i = 0; i < products; i++) {
        const char *category = oe_ruleset_product(ruleset, i)->category;
        summary->category_of[i] =
            (uint32_t)oe_ruleset_find(ruleset, OE_CATEGORIES, category, strlen(category));
    }
    return true;
}

void oe_lua_summary_free(oe_lua_summary *summary)
{
    free(summary->products);
    free(summary->first);
    free(summary->category_of);
    free(summary->segments);
    free(summary->categories);
    free(summary->left);
    free(summary->furthest_of);
    oe_lua_uncovered_free(&summary->uncovered);
    *summary = (oe_lua_summary){0};
}

static void add_to_segment(oe_lua_segment_tally *tally, uint64_t offers)
{
    tally->customers++;
    tally->offers += offers;
    tally->without_offer += offers == 0 ? 1 : 0;
}

static bool is_offered_in(const oe_lua_summary *summary, const oe_decision *decision,
                          uint32_t category)
{
    for (size_t i = 0; i < decision->offer_count; i++)
        if (summary->category_of[decision->offers[i].product] == category)
            return true;
    return false;
}

static void add_gaps(oe_lua_summary *summary, const oe_decision *decision)
{
    for (size_t i = 0; i < decision->gap_count; i++) {
        oe_lua_category_tally *tally = &summary->categories[decision->gaps[i]];
        tally->gaps += !is_offered_in(summary, decision, decision->gaps[i]);
        tally->without_offer += decision->offer_count == 0;
    }
}

void oe_lua_summary_add(oe_lua_summary *summary, const oe_decision *decision)
{
    summary->customers++;
    summary->offers += decision->offer_count;
    summary->without_offer += decision->offer_count == 0;
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
    add_gaps(summary, decision);
}

bool oe_lua_summary_explain(oe_lua_summary *summary, oe_decider *decider,
                            const oe_profile *profile, const oe_options *options)
{
    size_t products = oe_ruleset_count(summary->ruleset, OE_PRODUCTS);
    oe_stage furthest = OE_STAGE_OFFERED;
    oe_lua_nearest nearest = {.attribute = -1};
    (void)oe_decide(decider, profile, options);
    for (size_t i = 0; i < products; i++) {
        const oe_explanation *explanation = oe__explain_decided(decider, profile, options, i);
        if (explanation == NULL)
            return false;
        if (decider->decision.degraded_count > 0)
            summary->stopped = decider->decision.degraded[0];
        oe_stage stage = explanation->stage;
        if (stage > furthest)
            furthest = stage;
        for (size_t f = 0; f < explanation->failure_count; f++) {
            const oe_failure *failure = &explanation->failures[f];
            if (failure->stage == stage)
                summary->refusals[stage][failure->cause]++;
        }
        oe_lua_nearest_take(&nearest, explanation);
    }
    summary->furthest[furthest]++;
    return oe_lua_uncovered_add(&summary->uncovered, &nearest);
}

/* ---- Stages ---- */

static size_t stage_rows(const oe_lua_summary *summary)
{
    return oe_ruleset_count(summary->ruleset, OE_PRODUCTS) +
           oe_ruleset_count(summary->ruleset, OE_CATEGORIES) + 1;
}

bool oe_lua_summary_begin_stages(oe_lua_summary *summary)
{
    size_t categories = oe_ruleset_count(summary->ruleset, OE_CATEGORIES);
    summary->left = calloc(stage_rows(summary), sizeof *summary->left);
    summary->furthest_of = calloc(categories + 1, sizeof *summary->furthest_of);
    return summary->left != NULL && summary->furthest_of != NULL;
}

/* Offered is further than every stage at which a product leaves. */
static oe_stage further(oe_stage a, oe_stage b)
{
    return a == OE_STAGE_OFFERED || b == OE_STAGE_OFFERED ? OE_STAGE_OFFERED : a > b ? a : b;
}

static void add_furthest(oe_lua_summary *summary, size_t products)
{
    size_t categories = oe_ruleset_count(summary->ruleset, OE_CATEGORIES);
    oe_stage all = OE_STAGE_AVAILABILITY;
    for (size_t i = 0; i < categories; i++) {
        summary->left[products + i][summary->furthest_of[i]]++;
        all = further(all, summary->furthest_of[i]);
    }
    summary->left[products + categories][all]++;
}

bool oe_lua_summary_add_stages(oe_lua_summary *summary, oe_decider *decider,
                               const oe_profile *profile, const oe_options *options)
{
    size_t products = oe_ruleset_count(summary->ruleset, OE_PRODUCTS);
    for (size_t i = 0; i < oe_ruleset_count(summary->ruleset, OE_CATEGORIES); i++)
        summary->furthest_of[i] = OE_STAGE_AVAILABILITY;
    (void)oe_decide(decider, profile, options);
    for (size_t i = 0; i < products; i++) {
        oe_stage stage = oe__stage_decided(decider, profile, options, i);
        if (stage == OE_STAGE_COUNT)
            return false;
        if (decider->decision.degraded_count > 0)
            summary->stopped = decider->decision.degraded[0];
        oe_stage *furthest = &summary->furthest_of[summary->category_of[i]];
        *furthest = further(*furthest, stage);
        summary->left[i][stage]++;
    }
    add_furthest(summary, products);
    return true;
}

static void merge_stages(oe_lua_summary *summary, const oe_lua_summary *other)
{
    if (summary->left == NULL)
        return;
    for (size_t row = 0; row < stage_rows(summary); row++)
        for (size_t stage = 0; stage < OE_STAGE_COUNT; stage++)
            summary->left[row][stage] += other->left[row][stage];
}

bool oe_lua_summary_merge(oe_lua_summary *summary, const oe_lua_summary *other)
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
    for (size_t i = 0; i < oe_ruleset_count(summary->ruleset, OE_CATEGORIES); i++) {
        summary->categories[i].gaps += other->categories[i].gaps;
        summary->categories[i].without_offer += other->categories[i].without_offer;
    }
    merge_stages(summary, other);
    return oe_lua_uncovered_merge(&summary->uncovered, &other->uncovered);
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

/* Sets the field `left` of the table on top, if stages were counted. */
static void set_left(lua_State *L, const oe_lua_summary *summary, size_t row)
{
    if (summary->left == NULL)
        return;
    lua_createtable(L, 0, OE_STAGE_COUNT);
    for (size_t stage = 0; stage < OE_STAGE_COUNT; stage++)
        set_count(L, oe_stage_name((oe_stage)stage), summary->left[row][stage]);
    lua_setfield(L, -2, "left");
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
        set_left(L, summary, i);
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

static void push_categories(lua_State *L, const oe_lua_summary *summary)
{
    lua_newtable(L);
    for (size_t i = 0; i < oe_ruleset_count(summary->ruleset, OE_CATEGORIES); i++) {
        lua_createtable(L, 0, 4);
        set_text(L, "category", oe_ruleset_category(summary->ruleset, i)->id);
        set_text(L, "name", oe_ruleset_category(summary->ruleset, i)->name);
        set_count(L, "gaps", summary->categories[i].gaps);
        set_count(L, "without_offer", summary->categories[i].without_offer);
        set_left(L, summary, oe_ruleset_count(summary->ruleset, OE_PRODUCTS) + i);
        append(L);
    }
}

void oe_lua_summary_push(lua_State *L, oe_lua_summary *summary)
{
    lua_createtable(L, 0, 9);
    set_count(L, "customers", summary->customers);
    set_count(L, "offers", summary->offers);
    set_count(L, "without_offer", summary->without_offer);
    set_left(L, summary, stage_rows(summary) - 1);
    push_products(L, summary);
    lua_setfield(L, -2, "products");
    push_segments(L, summary);
    lua_setfield(L, -2, "segments");
    push_stages(L, summary);
    lua_setfield(L, -2, "without_offer_by_stage");
    push_refusals(L, summary);
    lua_setfield(L, -2, "refusals");
    push_categories(L, summary);
    lua_setfield(L, -2, "categories");
    oe_lua_uncovered_push(L, &summary->uncovered);
    lua_setfield(L, -2, "obstacles");
}
