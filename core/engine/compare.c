/* compare.c: every customer of a page decided under both rulesets, and what comes of it. */
#include "engine/block.h"
#include "engine/fairness.h"

#include <stdlib.h>
#include <string.h>

/* ---- the comparison ---- */

static bool number_products(oe__comparison *comparison)
{
    oe__arena *arena = &comparison->arena;
    size_t counts[2], most = 0;
    for (int side = OE__BASE; side <= OE__NEW; side++) {
        counts[side] = comparison->rules[side]->declared.products.count;
        most += counts[side];
    }
    for (int side = OE__BASE; side <= OE__NEW; side++) {
        comparison->common[side] = oe__arena_array(arena, counts[side] + 1, sizeof(uint32_t));
        comparison->own[side] = oe__arena_array(arena, most + 1, sizeof(int32_t));
        if (comparison->common[side] == NULL || comparison->own[side] == NULL)
            return false;
        for (size_t i = 0; i < most; i++)
            comparison->own[side][i] = -1;
    }
    for (int side = OE__NEW; side >= OE__BASE; side--)
        for (size_t i = 0; i < counts[side]; i++) {
            const char *id = oe__product(comparison->rules[side], i)->id;
            int32_t other = side == OE__BASE ? oe_ruleset_find(comparison->rules[OE__NEW],
                                                               OE_PRODUCTS, id, strlen(id))
                                             : -1;
            size_t common = other >= 0 ? (size_t)other : comparison->product_count++;
            comparison->common[side][i] = (uint32_t)common;
            comparison->own[side][common] = (int32_t)i;
        }
    return true;
}

oe__comparison *oe__comparison_new(const oe_ruleset *base, const oe_ruleset *candidate,
                                   const oe_options *options)
{
    oe__comparison *comparison = calloc(1, sizeof *comparison);
    if (comparison == NULL)
        return NULL;
    comparison->rules[OE__BASE] = base;
    comparison->rules[OE__NEW] = candidate;
    comparison->options = *options;
    comparison->options.category = -1; /* numbers of categories differ between rulesets */
    oe__edits_find(base, candidate, &comparison->edits);
    if (!comparison->edits.failed && number_products(comparison) && oe__audits_find(comparison))
        return comparison;
    oe__comparison_free(comparison);
    return NULL;
}

void oe__comparison_free(oe__comparison *comparison)
{
    if (comparison == NULL)
        return;
    free(comparison->edits.list.items);
    oe__arena_free(&comparison->arena);
    free(comparison);
}

const oe_product *oe__compared_product(const oe__comparison *comparison, size_t common)
{
    int side = comparison->own[OE__NEW][common] >= 0 ? OE__NEW : OE__BASE;
    return oe__product(comparison->rules[side], (size_t)comparison->own[side][common]);
}

/* ---- a thread ---- */

oe__comparer *oe__comparer_new(const oe__comparison *comparison)
{
    oe__comparer *comparer = calloc(1, sizeof *comparer);
    if (comparer == NULL)
        return NULL;
    comparer->comparison = comparison;
    bool room = oe__compare_counts_begin(comparison, &comparer->counts);
    comparer->seen = calloc(comparison->product_count + 1, sizeof *comparer->seen);
    for (int side = OE__BASE; side <= OE__NEW; side++) {
        comparer->deciders[side] = oe_decider_new(comparison->rules[side]);
        comparer->profiles[side] = oe_profile_new(comparison->rules[side]);
        room = room && comparer->deciders[side] != NULL && comparer->profiles[side] != NULL;
        if (comparer->deciders[side] != NULL)
            comparer->deciders[side]->bare = true;
    }
    if (room && comparer->seen != NULL)
        return comparer;
    oe__comparer_free(comparer);
    return NULL;
}

void oe__comparer_free(oe__comparer *comparer)
{
    if (comparer == NULL)
        return;
    oe__compare_counts_free(comparer->comparison, &comparer->counts);
    for (int side = OE__BASE; side <= OE__NEW; side++) {
        oe_decider_free(comparer->deciders[side]);
        oe_profile_free(comparer->profiles[side]);
    }
    free(comparer->offers[OE__BASE].items);
    free(comparer->offers[OE__NEW].items);
    free(comparer->segments.items);
    free(comparer->flips.items);
    free(comparer->seen);
    free(comparer);
}

static bool fail(oe__comparer *comparer)
{
    comparer->counts.failed = true;
    return false;
}

/* ---- the base's side of a page ---- */

static bool note_stop(oe__comparer *comparer, const oe_decision *decision)
{
    if (decision->degraded_count > 0)
        comparer->counts.stopped = decision->degraded[0];
    return decision->degraded_count == 0;
}

static bool keep_offers(oe__comparer *comparer, int side, oe__kept_row *row,
                        const oe_decision *decision)
{
    row->first[side] = comparer->offers[side].count;
    row->count[side] = decision->offer_count;
    for (size_t i = 0; i < decision->offer_count; i++) {
        const oe_offer *offer = &decision->offers[i];
        oe__kept_offer *kept = oe__list_add(&comparer->offers[side], sizeof *kept);
        if (kept == NULL)
            return fail(comparer);
        *kept = (oe__kept_offer){comparer->comparison->common[side][offer->product],
                                 offer->fallback, offer->confidence, offer->priority};
    }
    return true;
}

static bool keep_row(void *context, const oe_decision *decision)
{
    oe__comparer *comparer = context;
    oe__kept_row *row = &comparer->rows[comparer->row++];
    row->segment = comparer->segments.count;
    row->segment_count = decision->segment_count;
    if (!keep_offers(comparer, OE__BASE, row, decision))
        return false;
    for (size_t i = 0; i < decision->segment_count; i++) {
        uint32_t *kept = oe__list_add(&comparer->segments, sizeof *kept);
        if (kept == NULL)
            return fail(comparer);
        *kept = decision->segments[i];
    }
    return note_stop(comparer, decision);
}

/* ---- the new rules' side, and the difference ---- */

typedef struct difference {
    oe__comparer *comparer;
    const oe__kept_row *row;
    const oe__kept_offer *base;
    const oe_decision *decision;
    oe__example customer;
    uint32_t best[2];
    bool gains, loses;
} difference;

static uint32_t offered(const difference *found, size_t index)
{
    return found->comparer->comparison->common[OE__NEW][found->decision->offers[index].product];
}

static bool add_flip(difference *found, uint32_t product, bool gained, double confidence)
{
    oe__comparer *comparer = found->comparer;
    oe__flip *flip = oe__list_add(&comparer->flips, sizeof *flip);
    oe__product_counts *counts = &comparer->counts.products[product];
    int direction = gained ? OE__GAINED : OE__LOST;
    counts->flips[direction]++;
    found->gains |= gained;
    found->loses |= !gained;
    if (flip == NULL || !oe__examples_add(&counts->examples[direction], &found->customer))
        return fail(comparer);
    *flip = (oe__flip){.customer = found->customer,
                       .product = product,
                       .gained = gained,
                       .edit = OE__NO_EDIT,
                       .stage = OE_STAGE_OFFERED,
                       .cause = OE_CAUSE_COUNT,
                       .confidence = confidence,
                       .best = {found->best[OE__BASE], found->best[OE__NEW]}};
    return true;
}

/* Stamps what the base offers, then what the new rules offer: what has another stamp flips. */
static bool find_flips(difference *found)
{
    oe__comparer *comparer = found->comparer;
    uint32_t before = ++comparer->stamp, both = ++comparer->stamp;
    for (size_t i = 0; i < found->row->count[OE__BASE]; i++)
        comparer->seen[found->base[i].product] = before;
    for (size_t i = 0; i < found->decision->offer_count; i++) {
        uint32_t product = offered(found, i);
        if (comparer->seen[product] != before &&
            !add_flip(found, product, true, found->decision->offers[i].confidence))
            return false;
        comparer->seen[product] = both;
    }
    for (size_t i = 0; i < found->row->count[OE__BASE]; i++)
        if (comparer->seen[found->base[i].product] == before &&
            !add_flip(found, found->base[i].product, false, found->base[i].confidence))
            return false;
    return true;
}

/* Whether both sides offer the same in order; then whether the confidences are the same. */
static bool is_same_list(const difference *found, bool *same_confidence)
{
    *same_confidence = true;
    if (found->row->count[OE__BASE] != found->decision->offer_count)
        return false;
    for (size_t i = 0; i < found->row->count[OE__BASE]; i++) {
        if (found->base[i].product != offered(found, i))
            return false;
        *same_confidence &= found->base[i].confidence == found->decision->offers[i].confidence;
    }
    return true;
}

static void count_offers(difference *found)
{
    oe__compare_counts *counts = &found->comparer->counts;
    for (size_t i = 0; i < found->row->count[OE__BASE]; i++)
        counts->products[found->base[i].product].offers[OE__BASE]++;
    for (size_t i = 0; i < found->decision->offer_count; i++)
        counts->products[offered(found, i)].offers[OE__NEW]++;
    counts->customers++;
    counts->offers[OE__BASE] += found->row->count[OE__BASE];
    counts->offers[OE__NEW] += found->decision->offer_count;
    counts->without[OE__BASE] += found->row->count[OE__BASE] == 0;
    counts->without[OE__NEW] += found->decision->offer_count == 0;
    counts->products[found->best[OE__BASE]].best[OE__BASE]++;
    counts->products[found->best[OE__NEW]].best[OE__NEW]++;
}

static void count_segments(const difference *found, bool best_changed, bool lost_only)
{
    const oe__comparer *comparer = found->comparer;
    const uint32_t *members = (const uint32_t *)comparer->segments.items + found->row->segment;
    uint32_t none = (uint32_t)comparer->comparison->rules[OE__BASE]->declared.segments.count;
    size_t count = found->row->segment_count;
    for (size_t i = 0; i < (count > 0 ? count : 1); i++) {
        oe__segment_counts *segment = &comparer->counts.segments[count > 0 ? members[i] : none];
        segment->customers++;
        segment->gaining += found->gains;
        segment->losing += found->loses;
        segment->best_changed += best_changed;
        segment->lost_only += lost_only;
    }
}

static bool count_difference(difference *found, bool same_list, bool same_confidence)
{
    oe__compare_counts *counts = &found->comparer->counts;
    bool best_changed = found->best[OE__BASE] != found->best[OE__NEW];
    bool lost_only = found->row->count[OE__BASE] > 0 && found->decision->offer_count == 0;
    counts->gaining += found->gains;
    counts->losing += found->loses;
    counts->lost_only += lost_only;
    counts->best_changed += best_changed;
    counts->first_offer += found->row->count[OE__BASE] == 0 && found->decision->offer_count > 0;
    counts->reordered += !same_list && !found->gains && !found->loses;
    counts->confidence_only += same_list && !same_confidence;
    count_segments(found, best_changed, lost_only);
    if ((best_changed && (!oe__tally_add(&counts->products[found->best[OE__BASE]].best_to,
                                         found->best[OE__NEW], 1, 0) ||
                          !oe__examples_add(&counts->best_examples, &found->customer))) ||
        (lost_only && !oe__examples_add(&counts->lost_only_examples, &found->customer)))
        return fail(found->comparer);
    return true;
}

static bool compare_row(void *context, const oe_decision *decision)
{
    oe__comparer *comparer = context;
    oe__kept_row *row = &comparer->rows[comparer->row++];
    uint32_t none = (uint32_t)comparer->comparison->product_count;
    difference found = {.comparer = comparer, .row = row, .decision = decision};
    found.base =
        (const oe__kept_offer *)comparer->offers[OE__BASE].items + row->first[OE__BASE];
    found.customer.page = comparer->page;
    found.customer.lane = (uint8_t)row->lane;
    found.customer.id_length = (uint8_t)decision->customer_id_length;
    memcpy(found.customer.id, decision->customer_id, decision->customer_id_length);
    found.best[OE__BASE] = row->count[OE__BASE] > 0 ? found.base[0].product : none;
    found.best[OE__NEW] = decision->offer_count > 0 ? offered(&found, 0) : none;
    bool same_confidence = true;
    bool same = is_same_list(&found, &same_confidence);
    count_offers(&found);
    if ((!same && !find_flips(&found)) || !count_difference(&found, same, same_confidence))
        return false;
    if (comparer->comparison->audit_count > 0 && !keep_offers(comparer, OE__NEW, row, decision))
        return false;
    if (comparer->comparison->audit_count > 0 && decision->ruleset->function_count > 0)
        oe__page_keep(comparer->deciders[OE__NEW], row->lane,
                      comparer->comparison->options.at_ms);
    return note_stop(comparer, decision);
}

/* ---- flips ---- */

static void trace_flips(oe__comparer *comparer, const oe__page *page)
{
    oe__flip *flips = comparer->flips.items;
    const oe__comparison *comparison = comparer->comparison;
    for (size_t i = 0; i < comparer->flips.count; i++) {
        uint8_t lane = flips[i].customer.lane;
        for (int side = OE__BASE;
             side <= OE__NEW && (i == 0 || flips[i - 1].customer.lane != lane); side++) {
            oe__page_load(page, lane, comparer->profiles[side]);
            const oe_decision *decision = oe_decide(
                comparer->deciders[side], comparer->profiles[side], &comparison->options);
            (void)note_stop(comparer, decision);
        }
        oe__blame(comparer, &flips[i]);
    }
}

static bool end_flips(oe__comparer *comparer, oe__flip_sink sink)
{
    oe__flip *flips = comparer->flips.items;
    bool alone = comparer->comparison->edits.list.count == 1;
    for (size_t i = 0; i < comparer->flips.count; i++) {
        oe__flip *flip = &flips[i];
        if (alone)
            flip->edit = 0;
        if (!oe__tally_add(&comparer->counts.products[flip->product].blamed, flip->edit,
                           flip->gained, !flip->gained))
            return fail(comparer);
        if (sink.take != NULL && !sink.take(sink.context, flip))
            return false;
    }
    return true;
}

bool oe__compare_page(oe__comparer *comparer, const oe_snapshot *snapshot, size_t page,
                      oe__flip_sink sink)
{
    const oe__comparison *comparison = comparer->comparison;
    const oe__page *held = snapshot->pages[page];
    if (held == NULL)
        return true;
    comparer->offers[OE__BASE].count = comparer->offers[OE__NEW].count = 0;
    comparer->segments.count = comparer->flips.count = 0;
    comparer->page = (uint32_t)page;
    comparer->row = 0;
    for (uint32_t lane = 0, row = 0; lane < OE__PAGE; lane++)
        if (held->records[lane] != NULL)
            comparer->rows[row++].lane = lane;
    if (comparer->stamp > UINT32_MAX - 2 * OE__PAGE - 2) {
        memset(comparer->seen, 0, comparison->product_count * sizeof *comparer->seen);
        comparer->stamp = 0;
    }
    if (!oe_decide_page(comparer->deciders[OE__BASE], snapshot, page, &comparison->options,
                        (oe_decision_sink){keep_row, comparer}))
        return false;
    comparer->row = 0;
    if (!oe_decide_page(comparer->deciders[OE__NEW], snapshot, page, &comparison->options,
                        (oe_decision_sink){compare_row, comparer}))
        return false;
    if (comparison->audit_count > 0 && !oe__fairness_page(comparer, held))
        return fail(comparer);
    if (sink.take != NULL || comparison->edits.list.count != 1)
        trace_flips(comparer, held);
    return end_flips(comparer, sink) && comparer->counts.stopped == NULL;
}
