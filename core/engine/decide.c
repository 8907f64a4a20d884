/* decide.c: one customer against all products. */
#include "engine/campaign.h"
#include "engine/derive.h"

#include <stdlib.h>
#include <string.h>

/* ---- conditions ---- */

static uint8_t one_of(const oe__node *node, double value)
{
    uint8_t truth = oe__cell_equals(value, node->codes[0]);
    for (size_t i = 1; i < node->value_count; i++)
        truth = oe__cell_or(truth, oe__cell_equals(value, node->codes[i]));
    return truth;
}

static uint8_t all_parts(const oe__node *node, const uint8_t *truth)
{
    uint8_t all = OE__TRUE;
    for (size_t i = 0; i < node->part_count; i++)
        all = oe__cell_and(all, truth[node->parts[i]]);
    return all;
}

static uint8_t any_part(const oe__node *node, const uint8_t *truth)
{
    uint8_t any = OE__FALSE;
    for (size_t i = 0; i < node->part_count; i++)
        any = oe__cell_or(any, truth[node->parts[i]]);
    return any;
}

static bool lacks_all(const uint64_t *owned, const uint64_t *words, size_t count)
{
    uint64_t common = 0;
    for (size_t i = 0; i < count; i++)
        common |= owned[i] & words[i];
    return common == 0;
}

static bool is_known(double value)
{
    return value == value;
}

static uint8_t node_truth(const oe_ruleset *ruleset, const oe__node *node, const double *values,
                          const uint64_t *owned, const uint8_t *truth)
{
    switch (node->op) {
    case OE_ALL:
        return all_parts(node, truth);
    case OE_ANY:
        return any_part(node, truth);
    case OE_NOT:
        return oe__cell_not(truth[node->parts[0]]);
    case OE_EQUALS:
    case OE_ONE_OF:
        return one_of(node, values[node->subject]);
    case OE_NONE_OF:
        return oe__cell_not(one_of(node, values[node->subject]));
    case OE_KNOWN:
        return oe__cell_truth(is_known(values[node->subject]));
    case OE_UNKNOWN:
        return oe__cell_truth(!is_known(values[node->subject]));
    case OE_OWNS:
        return oe__cell_truth(oe__owns(owned, ruleset->compiled[node->subject].number));
    case OE_LACKS:
        return oe__cell_truth(!oe__owns(owned, ruleset->compiled[node->subject].number));
    case OE_LACKS_CATEGORY:
        return oe__cell_truth(
            lacks_all(owned, ruleset->category_words[node->subject], ruleset->word_count));
    case OE_IN_SEGMENT:
        return oe__cell_member(truth[oe__segment(ruleset, (size_t)node->subject)->condition]);
    default:
        return oe__cell_within(values[node->subject], node->range_low, node->range_high);
    }
}

void oe__evaluate(const oe_ruleset *ruleset, const double *values, const uint64_t *owned,
                  uint8_t *truth)
{
    const oe__node *nodes = oe__nodes(ruleset);
    for (size_t i = 0; i < ruleset->pending_count; i++)
        truth[ruleset->pending[i]] = OE__PENDING;
    for (size_t i = 0; i < ruleset->order_count; i++) {
        uint32_t number = ruleset->order[i];
        truth[number] = node_truth(ruleset, &nodes[number], values, owned, truth);
    }
}

/* ---- gates ---- */

static bool owns_any(const uint64_t *owned, const uint32_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (oe__owns(owned, numbers[i]))
            return true;
    return false;
}

static bool owns_every(const uint64_t *owned, const uint32_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!oe__owns(owned, numbers[i]))
            return false;
    return true;
}

static bool passes_guards(const oe__compiled *product, const uint8_t *truth, int64_t at_ms)
{
    for (size_t i = 0; i < product->guard_count; i++) {
        const oe__guard *guard = &product->guards[i];
        uint8_t holds =
            guard->condition == OE_NO_CONDITION ? OE__TRUE : truth[guard->condition];
        if (!oe__cell_guard(holds, guard->refuses) &&
            oe__cell_window(at_ms, guard->from_ms, guard->until_ms))
            return false;
    }
    return true;
}

bool oe__is_open(const oe__compiled *product, const oe__subject *subject,
                 const oe_options *options)
{
    const uint64_t *owned = subject->owned;
    return !product->off &&
           oe__cell_window(options->at_ms, product->from_ms, product->until_ms) &&
           (options->category < 0 || (uint32_t)options->category == product->category) &&
           !oe__owns(owned, product->number) &&
           owns_every(owned, product->after, product->after_count) &&
           !owns_any(owned, product->not_with, product->not_with_count) &&
           passes_guards(product, subject->truth, options->at_ms);
}

static void pass_bounds(const oe_ruleset *ruleset, const double *values, uint8_t *pass)
{
    size_t count = ruleset->declared.products.count;
    memset(pass, 1, count);
    for (size_t c = 0; c < ruleset->column_count; c++) {
        const oe__column *column = &ruleset->columns[c];
        double value = values[column->attribute];
        for (size_t p = 0; p < count; p++)
            pass[p] &= (uint8_t)oe__cell_bound(value, column->low[p], column->high[p]);
    }
}

/* ---- score ---- */

double oe__score(const oe__compiled *product, const double *values, const double *shares)
{
    double sum = 0;
    for (size_t i = 0; i < product->term_count; i++) {
        const oe__term *term = &product->terms[i];
        sum =
            oe__cell_weigh(sum, term, oe__cell_subscore(term, values[term->attribute], shares));
    }
    return oe__cell_score(sum, product->weight_sum);
}

double oe__adjustments(const oe__compiled *product, const uint8_t *truth, int64_t at_ms)
{
    double sum = 0;
    for (size_t i = 0; i < product->grant_count; i++) {
        const oe__grant *grant = &product->grants[i];
        uint8_t holds =
            grant->condition == OE_NO_CONDITION ? OE__TRUE : truth[grant->condition];
        if (oe__cell_window(at_ms, grant->from_ms, grant->until_ms))
            sum = oe__cell_grant(sum, holds, grant->points);
    }
    return sum;
}

double oe__threshold(const oe_ruleset *ruleset, const oe__compiled *product,
                     const uint8_t *truth)
{
    if (product->threshold_fixed)
        return product->threshold;
    double highest = -1;
    for (size_t i = 0; i < ruleset->segment_threshold_count; i++) {
        const oe__segment_threshold *threshold = &ruleset->segment_thresholds[i];
        oe_condition condition = oe__segment(ruleset, threshold->segment)->condition;
        if (truth[condition] == OE__TRUE && threshold->value > highest)
            highest = threshold->value;
    }
    return highest < 0 ? product->threshold : highest;
}

/* ---- decision ---- */

static size_t find_candidates(oe_decider *decider, const oe__subject *subject,
                              const oe_options *options)
{
    const oe_ruleset *ruleset = decider->ruleset;
    size_t found = 0;
    if (options->campaign != 0 && !oe__campaign_targets(decider, options))
        return 0;
    for (size_t p = 0; p < ruleset->declared.products.count; p++) {
        const oe__compiled *product = &ruleset->compiled[p];
        if (!decider->pass[p] ||
            (options->campaign != 0 && !oe__campaign_covers(ruleset, options->campaign, p)) ||
            !oe__is_open(product, subject, options) ||
            (options->contacts != NULL && !oe__contacts_allow(decider, (uint32_t)p)))
            continue;
        if (ruleset->function_count > 0) {
            if (!oe__calls_open(decider, product, options->at_ms) ||
                !oe__calls_curves(decider, product, subject->values))
                continue;
            oe__calls_grants(decider, product, options->at_ms);
        }
        double confidence =
            oe__cell_confidence(oe__score(product, subject->values, subject->shares),
                                oe__adjustments(product, subject->truth, options->at_ms));
        bool above =
            oe__cell_above(confidence, oe__threshold(ruleset, product, subject->truth));
        if (above || product->is_fallback)
            decider->candidates[found++] = (oe__candidate){
                (uint32_t)p, above, confidence, oe__cell_priority(confidence, product->factor)};
    }
    return found;
}

const oe_decision *oe_decide(oe_decider *decider, const oe_profile *profile,
                             const oe_options *options)
{
    return oe__decide(decider, profile, options, false);
}

const oe_decision *oe__decide(oe_decider *decider, const oe_profile *given,
                              const oe_options *options, bool again)
{
    const oe_profile *profile = oe__derivable(decider, given);
    bool has_functions = decider->ruleset->function_count > 0;
    if (has_functions)
        oe__calls_begin(decider, profile, again);
    if (profile != given)
        oe__derive(decider, decider->derived, options->at_ms);
    oe__evaluate(decider->ruleset, profile->values, profile->owned, decider->truth);
    if (options->contacts != NULL)
        oe__contacts_begin(decider, options);
    if (has_functions)
        oe__calls_segments(decider);
    pass_bounds(decider->ruleset, profile->values, decider->pass);
    oe__subject subject = {
        profile->values,    profile->owned,       decider->truth,         profile->id,
        profile->id_length, profile->extras.data, profile->extras.length, decider->shares};
    size_t count = find_candidates(decider, &subject, options);
    (void)oe__rank(decider, &subject, count, options);
    if (has_functions) {
        if (!again && !decider->bare)
            oe__calls_messages(decider);
        oe__calls_degraded(decider);
    }
    return &decider->decision;
}

/* ---- working memory ---- */

static bool take_contacts(oe_decider *decider)
{
    const oe_ruleset *ruleset = decider->ruleset;
    oe__contacting *contacting = &decider->contacting;
    size_t slots = ruleset->slot_count, policies = ruleset->declared.policies.count;
    contacting->holding = oe__arena_array(&decider->arena, policies, 1);
    contacting->left = oe__arena_array(&decider->arena, slots, sizeof(uint32_t));
    contacting->touched = oe__arena_array(&decider->arena, slots, sizeof(uint32_t));
    contacting->cut =
        oe__arena_array(&decider->arena, ruleset->declared.products.count, sizeof(uint32_t));
    if (!contacting->holding || !contacting->left || !contacting->touched || !contacting->cut)
        return false;
    memcpy(contacting->left, ruleset->slot_lefts, slots * sizeof(uint32_t));
    return true;
}

static bool take_memory(oe_decider *decider)
{
    const oe_ruleset *ruleset = decider->ruleset;
    oe__arena *arena = &decider->arena;
    size_t products = ruleset->declared.products.count;
    size_t categories = ruleset->declared.categories.count;
    decider->truth = oe__arena_array(arena, ruleset->declared.nodes.count, 1);
    decider->trial_truth = oe__arena_array(arena, ruleset->declared.nodes.count, 1);
    decider->pass = oe__arena_array(arena, products, 1);
    decider->candidates = oe__arena_array(arena, products, sizeof *decider->candidates);
    decider->offers = oe__arena_array(arena, products, sizeof *decider->offers);
    decider->contributions = oe__arena_array(arena, products * ruleset->term_total_max,
                                             sizeof *decider->contributions);
    decider->adjustments = oe__arena_array(arena, products * ruleset->grant_total_max,
                                           sizeof *decider->adjustments);
    decider->segments =
        oe__arena_array(arena, ruleset->declared.segments.count, sizeof(uint32_t));
    decider->gaps = oe__arena_array(arena, categories, sizeof(uint32_t));
    decider->category_counts = oe__arena_array(arena, categories, sizeof(uint32_t));
    decider->group_counts = oe__arena_array(arena, ruleset->group_count, sizeof(uint32_t));
    decider->page = oe__page_memory_new(ruleset);
    decider->changed = oe_profile_new(ruleset);
    decider->row = oe_profile_new(ruleset);
    decider->derived = oe_profile_new(ruleset);
    decider->explained = oe_profile_new(ruleset);
    decider->degraded =
        oe__arena_array(arena, ruleset->function_count, sizeof *decider->degraded);
    decider->shares = oe__arena_array(arena, ruleset->function_count, sizeof(double));
    decider->stopped = oe__arena_array(arena, ruleset->function_count, sizeof(bool));
    decider->texts = oe__arena_array(arena, ruleset->spoken_count, OE_MESSAGE_MAX + 1);
    return take_contacts(decider) && decider->truth && decider->trial_truth && decider->pass &&
           decider->candidates && decider->offers && decider->contributions &&
           decider->adjustments && decider->segments && decider->gaps &&
           decider->category_counts && decider->group_counts && decider->page &&
           decider->changed && decider->row && decider->derived && decider->explained &&
           decider->degraded && decider->shares && decider->stopped && decider->texts;
}

oe_decider *oe_decider_new(const oe_ruleset *ruleset)
{
    oe_decider *decider = calloc(1, sizeof *decider);
    if (decider == NULL)
        return NULL;
    decider->ruleset = ruleset;
    if (take_memory(decider))
        return decider;
    oe_decider_free(decider);
    return NULL;
}

void oe_decider_free(oe_decider *decider)
{
    if (decider == NULL)
        return;
    oe__page_memory_free(decider->page);
    oe_profile_free(decider->changed);
    oe_profile_free(decider->row);
    oe_profile_free(decider->derived);
    oe_profile_free(decider->explained);
    free(decider->contacting.entries.items);
    free(decider->contacting.uses.items);
    free(decider->contacting.allowances.items);
    free(decider->contacting.held.items);
    oe__arena_free(&decider->arena);
    oe__arena_free(&decider->trace);
    free(decider);
}
