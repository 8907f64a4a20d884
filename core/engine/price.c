/* price.c: what moving one gate of one product would change, at several of its values at once.
 * A customer is decided once for the rules as they are; where the gate alone matters, offers
 * are selected again for each value. */
#include "engine/price.h"

#include "engine/population.h"
#include "engine/status.h"

#include <stdlib.h>
#include <string.h>

#define NOBODY UINT32_MAX /* as the best offer of a customer without any */

/* ---- Life ---- */

oe_status oe__price_new(const oe_ruleset *ruleset, const oe__price_question *question,
                        oe__price **price, oe_error *error)
{
    *price = NULL;
    if (question->product >= ruleset->declared.products.count ||
        question->attribute >= ruleset->declared.attributes.count)
        return oe__fail(error, OE_E_ARGUMENT, "price: no such product or attribute");
    oe__price *made = calloc(1, sizeof *made);
    if (made == NULL)
        return oe__fail(error, OE_E_MEMORY, "price: out of memory");
    made->ruleset = ruleset;
    made->question = *question;
    oe_status status = oe__price_prepare(made, error);
    if (status == OE_OK)
        *price = made;
    else
        oe__price_free(made);
    return status;
}

void oe__price_free(oe__price *price)
{
    if (price == NULL)
        return;
    oe__arena_free(&price->bench.arena);
    free(price);
}

/* ---- One customer ---- */

typedef struct pricing {
    oe__price *price;
    oe_decider *decider;
    const oe_options *options;
    const char *stopped; /* the rule whose function was */
    size_t other_count;
    double adjustments, threshold;
} pricing;

/* What a customer gets. */
typedef struct outcome {
    bool offered;  /* the product */
    uint32_t best; /* product, or NOBODY */
} outcome;

static outcome outcome_of(const pricing *self)
{
    const oe_decision *decision = &self->decider->decision;
    outcome found = {false, decision->offer_count > 0 ? decision->offers[0].product : NOBODY};
    for (size_t i = 0; i < decision->offer_count; i++)
        found.offered |= decision->offers[i].product == self->price->question.product;
    return found;
}

static bool is_lawful(const oe__price *price, size_t point)
{
    return price->points[point].refused == NULL;
}

static bool passes_gate(const pricing *self, size_t point)
{
    const oe__range *range = &self->price->variants[point].ranges[self->price->range];
    double value = self->decider->decided.values[range->attribute];
    return is_lawful(self->price, point) && oe__cell_bound(value, range->low, range->high);
}

/* Whether the customer passes the gate at any point, and every other check before the score. */
static bool depends_on_gate(const pricing *self)
{
    const oe__price *price = self->price;
    const oe__compiled *product = oe__price_product(price);
    const oe_decider *decider = self->decider;
    bool passes = false;
    for (size_t i = 0; i < price->point_count && !passes; i++)
        passes = passes_gate(self, i);
    for (size_t i = 0; i < product->range_count && passes; i++) {
        const oe__range *range = &product->ranges[i];
        if (i != price->range)
            passes = oe__cell_bound(decider->decided.values[range->attribute], range->low,
                                    range->high);
    }
    return passes && oe__is_open(product, &decider->decided, self->options);
}

/* The same with functions, and what gives points. false: the product is refused, or a function
 * was stopped. */
static bool ask_functions(pricing *self)
{
    oe_decider *decider = self->decider;
    const oe__compiled *product = oe__price_product(self->price);
    if (decider->ruleset->function_count == 0)
        return true;
    bool is_open = oe__calls_open(decider, product, self->options->at_ms) &&
                   oe__calls_curves(decider, product, decider->decided.values);
    if (is_open)
        oe__calls_grants(decider, product, self->options->at_ms);
    oe__calls_degraded(decider);
    if (decider->decision.degraded_count > 0)
        self->stopped = decider->decision.degraded[0];
    return is_open && self->stopped == NULL;
}

/* The product as a candidate when the gate is at a point; false: it is none. */
static bool candidate_at(const pricing *self, size_t point, oe__candidate *candidate)
{
    const oe__compiled *product = &self->price->variants[point];
    const oe__subject *subject = &self->decider->decided;
    if (!passes_gate(self, point))
        return false;
    double confidence = oe__cell_confidence(
        oe__score(product, subject->values, subject->shares), self->adjustments);
    bool above = oe__cell_above(confidence, self->threshold);
    *candidate = (oe__candidate){(uint32_t)self->price->question.product, above, confidence,
                                 oe__cell_priority(confidence, product->factor)};
    return above || product->is_fallback;
}

static void keep_others(pricing *self)
{
    const oe_decider *decider = self->decider;
    self->other_count = 0;
    for (size_t i = 0; i < decider->candidate_count; i++)
        if (decider->candidates[i].product != self->price->question.product)
            self->price->others[self->other_count++] = decider->candidates[i];
}

static outcome select_with(const pricing *self, const oe__candidate *candidate)
{
    oe_decider *decider = self->decider;
    size_t count = self->other_count;
    memcpy(decider->candidates, self->price->others, count * sizeof *decider->candidates);
    if (candidate != NULL)
        decider->candidates[count++] = *candidate;
    oe__select(decider, count, self->options);
    return outcome_of(self);
}

static void count_segments(const pricing *self, uint64_t *counts)
{
    const oe_decision *decision = &self->decider->decision;
    for (size_t i = 0; i < decision->segment_count; i++)
        counts[decision->segments[i]]++;
    if (decision->segment_count == 0)
        counts[self->price->ruleset->declared.segments.count]++;
}

static void count_change(const pricing *self, size_t point, outcome now, outcome then)
{
    oe__price_tally *counts = &self->price->tallies[point];
    if (then.offered && !now.offered) {
        counts->gained++;
        count_segments(self, counts->gained_segments);
    }
    if (now.offered && !then.offered) {
        counts->lost++;
        count_segments(self, counts->lost_segments);
    }
    counts->reached += now.best == NOBODY && then.best != NOBODY;
    counts->emptied += now.best != NOBODY && then.best == NOBODY;
    if (now.best != NOBODY && now.best != then.best) {
        counts->displaced++;
        counts->displaced_products[now.best]++;
    }
}

static bool same_candidate(const oe__candidate *a, const oe__candidate *b)
{
    return a->above == b->above && a->confidence == b->confidence;
}

/* Points in turn: the outcome changes only where the candidate does. */
static void price_customer(pricing *self, outcome now)
{
    const oe__price *price = self->price;
    oe__candidate candidate = {0}, last = {0};
    bool was = false, decided = false;
    outcome then = now;
    for (size_t i = 0; i < price->point_count; i++) {
        if (!is_lawful(price, i))
            continue;
        bool is = candidate_at(self, i, &candidate);
        if (!decided || is != was || (is && !same_candidate(&candidate, &last)))
            then = select_with(self, is ? &candidate : NULL);
        decided = true;
        was = is;
        last = candidate;
        count_change(self, i, now, then);
    }
}

static bool take_customer(void *context, const oe_decision *decision)
{
    pricing *self = context;
    oe__price *price = self->price;
    const oe_decider *decider = self->decider;
    if (decision->degraded_count > 0) {
        self->stopped = decision->degraded[0];
        return false;
    }
    outcome now = outcome_of(self);
    price->customers++;
    price->offered += now.offered;
    price->with_offers += now.best != NOBODY;
    if (!depends_on_gate(self) || !ask_functions(self))
        return self->stopped == NULL;
    const oe__compiled *product = oe__price_product(price);
    self->adjustments = oe__adjustments(product, decider->decided.truth, self->options->at_ms);
    self->threshold = oe__threshold(price->ruleset, product, decider->decided.truth);
    keep_others(self);
    price_customer(self, now);
    return true;
}

/* ---- The whole ---- */

oe_status oe__price_page(oe__price *price, oe_decider *decider, const oe_snapshot *snapshot,
                         size_t page, oe_error *error)
{
    const oe_options *options = &price->question.options;
    pricing self = {.price = price, .decider = decider, .options = options};
    if (oe_decide_page(decider, snapshot, page, options,
                       (oe_decision_sink){take_customer, &self}))
        return OE_OK;
    return oe__fail_stopped(price->ruleset, self.stopped, error);
}

static void add_all(uint64_t *into, const uint64_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        into[i] += from[i];
}

void oe__price_merge(oe__price *price, const oe__price *other)
{
    size_t products = price->ruleset->declared.products.count;
    size_t segments = price->ruleset->declared.segments.count + 1;
    price->customers += other->customers;
    price->offered += other->offered;
    price->with_offers += other->with_offers;
    for (size_t i = 0; i < price->point_count; i++) {
        oe__price_tally *into = &price->tallies[i];
        const oe__price_tally *from = &other->tallies[i];
        into->gained += from->gained;
        into->lost += from->lost;
        into->reached += from->reached;
        into->emptied += from->emptied;
        into->displaced += from->displaced;
        add_all(into->displaced_products, from->displaced_products, products);
        add_all(into->gained_segments, from->gained_segments, segments);
        add_all(into->lost_segments, from->lost_segments, segments);
    }
}

const oe__price_point *oe__price_points(oe__price *price, size_t *count, oe_where *where)
{
    for (size_t i = 0; i < price->point_count; i++) {
        const oe__price_tally *counts = &price->tallies[i];
        oe__price_point *point = &price->points[i];
        bool lawful = is_lawful(price, i);
        *point = (oe__price_point){
            .gate = point->gate,
            .effective = point->effective,
            .refused = point->refused,
            .customers = lawful ? price->customers : 0,
            .offered = lawful ? price->offered + counts->gained - counts->lost : 0,
            .without_offer = lawful ? price->customers - price->with_offers - counts->reached +
                                          counts->emptied
                                    : 0,
            .gained = counts->gained,
            .lost = counts->lost,
            .reached = counts->reached,
            .emptied = counts->emptied,
            .displaced = counts->displaced,
            .displaced_products = counts->displaced_products,
            .gained_segments = counts->gained_segments,
            .lost_segments = counts->lost_segments};
    }
    *where = oe__price_product(price)->ranges[price->range].where;
    *count = price->point_count;
    return price->points;
}
