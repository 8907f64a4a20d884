/* rank.c: stages 8 and 9 of a decision: order, limits, fallback; then segments, gaps and
 * contributions. */
#include "engine/campaign.h"

#include <string.h>

static bool ranks_before(const oe_ruleset *ruleset, const oe__candidate *a,
                         const oe__candidate *b)
{
    if (a->priority != b->priority)
        return a->priority > b->priority;
    return ruleset->compiled[a->product].id_rank < ruleset->compiled[b->product].id_rank;
}

/* Shell sort: no allocation, no recursion, and the order is total, so it need not be stable. */
static void sort_candidates(const oe_ruleset *ruleset, oe__candidate *candidates, size_t count)
{
    static const size_t gaps[] = {8858, 3937, 1750, 701, 301, 132, 57, 23, 10, 4, 1};
    for (size_t g = 0; g < sizeof gaps / sizeof *gaps; g++) {
        size_t gap = gaps[g];
        for (size_t i = gap; i < count; i++) {
            oe__candidate moving = candidates[i];
            size_t at = i;
            for (; at >= gap && ranks_before(ruleset, &moving, &candidates[at - gap]);
                 at -= gap)
                candidates[at] = candidates[at - gap];
            candidates[at] = moving;
        }
    }
}

static bool has_failed(const oe__term *term, double value, const double *shares)
{
    return term->shape == OE__CALLED && value == value && shares[term->curve->function] < 0;
}

void oe__contributions(const oe__compiled *product, const double *values, const double *shares,
                       oe_contribution *contributions)
{
    for (size_t i = 0; i < product->term_count; i++) {
        const oe__term *term = &product->terms[i];
        double value = values[term->attribute];
        double subscore = oe__cell_subscore(term, value, shares);
        contributions[i] = (oe_contribution){
            .dimension = term->dimension,
            .not_on_file = !(value == value),
            .failed = has_failed(term, value, shares),
            .value = value,
            .weight = term->weight,
            .subscore = subscore,
            .points = 100 * (term->weight * subscore / product->weight_sum),
        };
    }
}

size_t oe__applied(const oe__compiled *product, const uint8_t *truth, int64_t at_ms,
                   oe_adjustment *adjustments)
{
    size_t count = 0;
    for (size_t i = 0; i < product->grant_count; i++) {
        const oe__grant *grant = &product->grants[i];
        bool holds = grant->condition == OE_NO_CONDITION || truth[grant->condition] == OE__TRUE;
        if (holds && oe__cell_window(at_ms, grant->from_ms, grant->until_ms))
            adjustments[count++] =
                (oe_adjustment){grant->rule, grant->reason, grant->points, grant->where};
    }
    return count;
}

static bool reason_holds(const oe_ruleset *ruleset, uint32_t product,
                         const oe_contribution *contributions)
{
    const oe__compiled *compiled = &ruleset->compiled[product];
    for (size_t i = 0; i < compiled->term_count; i++)
        if ((compiled->reason_terms >> i & 1U) && !(contributions[i].subscore >= 0.5))
            return false;
    return oe__product(ruleset, product)->reason != NULL;
}

static bool within_limits(const oe_decider *decider, const oe__compiled *product)
{
    const oe_ruleset *ruleset = decider->ruleset;
    return decider->category_counts[product->category] <
               ruleset->category_limits[product->category] &&
           (product->group == OE__NO_GROUP ||
            decider->group_counts[product->group] < ruleset->group_limits[product->group]);
}

static void add_offer(oe_decider *decider, const oe__candidate *candidate)
{
    const oe__compiled *product = &decider->ruleset->compiled[candidate->product];
    oe_offer *offer = &decider->offers[decider->decision.offer_count++];
    offer->product = candidate->product;
    offer->fallback = !candidate->above;
    offer->confidence = candidate->confidence;
    offer->priority = candidate->priority;
    decider->category_counts[product->category]++;
    if (product->group != OE__NO_GROUP)
        decider->group_counts[product->group]++;
}

/* The lowest of those that are set. */
static uint32_t limit_of(const oe_ruleset *ruleset, const oe_options *options)
{
    uint32_t limit = ruleset->default_limit, own = 0;
    if (options->limit != 0 && options->limit < limit)
        limit = options->limit;
    if (options->campaign != 0)
        own = oe__campaign_at(ruleset, options->campaign - 1)->per_customer;
    return own != 0 && own < limit ? own : limit;
}

static void take_offers(oe_decider *decider, size_t candidate_count, const oe_options *options,
                        bool above)
{
    uint32_t limit = limit_of(decider->ruleset, options);
    for (size_t i = 0; i < candidate_count && decider->decision.offer_count < limit; i++) {
        const oe__candidate *candidate = &decider->candidates[i];
        if (candidate->above == above &&
            within_limits(decider, &decider->ruleset->compiled[candidate->product]) &&
            (options->contacts == NULL || oe__contacts_take(decider, candidate->product)))
            add_offer(decider, candidate);
    }
}

void oe__select(oe_decider *decider, size_t candidate_count, const oe_options *options)
{
    const oe_ruleset *ruleset = decider->ruleset;
    decider->candidate_count = candidate_count;
    decider->decision.offer_count = 0;
    memset(decider->category_counts, 0, ruleset->declared.categories.count * sizeof(uint32_t));
    memset(decider->group_counts, 0, ruleset->group_count * sizeof(uint32_t));
    sort_candidates(ruleset, decider->candidates, candidate_count);
    if (options->contacts != NULL)
        oe__contacts_select(decider);
    take_offers(decider, candidate_count, options, true);
    if (ruleset->has_fallback && decider->decision.offer_count == 0)
        take_offers(decider, candidate_count, options, false);
}

/* What each offer is made of; every member that selecting leaves as it was. */
static void fill_offers(oe_decider *decider, const oe__subject *subject,
                        const oe_options *options)
{
    oe_contribution *contributions = decider->contributions;
    oe_adjustment *adjustments = decider->adjustments;
    for (size_t i = 0; i < decider->decision.offer_count; i++) {
        oe_offer *offer = &decider->offers[i];
        const oe__compiled *product = &decider->ruleset->compiled[offer->product];
        oe__contributions(product, subject->values, subject->shares, contributions);
        offer->reason_holds = reason_holds(decider->ruleset, offer->product, contributions);
        offer->contributions = contributions;
        offer->contribution_count = product->term_count;
        contributions += product->term_count;
        offer->adjustments = adjustments;
        offer->adjustment_count =
            oe__applied(product, subject->truth, options->at_ms, adjustments);
        adjustments += offer->adjustment_count;
        offer->message = NULL;
        offer->message_length = 0;
        offer->unit_ms = options->contacts == NULL
                             ? 0
                             : oe__contacts_unit(decider, offer->product, options->at_ms);
    }
}

static void fill_segments(oe_decider *decider, const oe__subject *subject)
{
    const oe_ruleset *ruleset = decider->ruleset;
    size_t count = 0;
    for (size_t s = 0; s < ruleset->declared.segments.count; s++)
        if (subject->truth[oe__segment(ruleset, s)->condition] == OE__TRUE)
            decider->segments[count++] = (uint32_t)s;
    decider->decision.segments = decider->segments;
    decider->decision.segment_count = count;
}

static bool owns_in(const oe_ruleset *ruleset, const uint64_t *owned, size_t category)
{
    for (size_t w = 0; w < ruleset->word_count; w++)
        if (owned[w] & ruleset->category_words[category][w])
            return true;
    return false;
}

static bool is_available(const oe_ruleset *ruleset, size_t category, int64_t at_ms)
{
    if (!ruleset->has_windows || !ruleset->category_available[category])
        return ruleset->category_available[category];
    for (size_t p = 0; p < ruleset->declared.products.count; p++) {
        const oe__compiled *product = &ruleset->compiled[p];
        if (product->category == category && !product->off &&
            oe__cell_window(at_ms, product->from_ms, product->until_ms))
            return true;
    }
    return false;
}

static void fill_gaps(oe_decider *decider, const oe__subject *subject, int64_t at_ms)
{
    const oe_ruleset *ruleset = decider->ruleset;
    size_t count = 0;
    for (size_t c = 0; c < ruleset->declared.categories.count; c++)
        if (!owns_in(ruleset, subject->owned, c) && is_available(ruleset, c, at_ms))
            decider->gaps[count++] = (uint32_t)c;
    decider->decision.gaps = decider->gaps;
    decider->decision.gap_count = count;
}

const oe_decision *oe__rank(oe_decider *decider, const oe__subject *subject,
                            size_t candidate_count, const oe_options *options)
{
    decider->decision = (oe_decision){.ruleset = decider->ruleset,
                                      .customer_id = subject->id,
                                      .customer_id_length = subject->id_length,
                                      .offers = decider->offers,
                                      .campaign = options->campaign,
                                      .subject = &decider->decided};
    decider->decided = *subject;
    oe__select(decider, candidate_count, options);
    fill_segments(decider, subject);
    if (decider->bare)
        return &decider->decision;
    fill_offers(decider, subject, options);
    fill_gaps(decider, subject, options->at_ms);
    return &decider->decision;
}
