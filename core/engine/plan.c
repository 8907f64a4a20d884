/* plan.c: makes the plan of a ruleset: who is plain, and which points are those of several
 * products. */
#include "engine/plan.h"

#include <stdlib.h>

void oe__plan_free(oe__plan *plan)
{
    if (plan == NULL)
        return;
    free(plan->products);
    free(plan->terms);
    free(plan->lined);
    free(plan);
}

/* ---- terms ---- */

static bool same_numbers(const double *a, const double *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

static bool same_curve(const oe__term *a, const oe__term *b)
{
    if (a->shape == OE__LINEAR)
        return a->low == b->low && a->high == b->high && a->base == b->base;
    if (a->shape == OE__PASS)
        return true;
    if (a->shape == OE__BAND)
        return same_numbers(a->curve->x, b->curve->x, 4);
    size_t count = a->curve->point_count;
    return count == b->curve->point_count && same_numbers(a->curve->x, b->curve->x, count) &&
           same_numbers(a->curve->y, b->curve->y, count);
}

static bool same_points(const oe__term *a, const oe__term *b)
{
    return a->attribute == b->attribute && a->weight == b->weight && a->shape == b->shape &&
           same_curve(a, b);
}

/* A line is worth a slot when the product before has the same; anything else always. */
static uint32_t find_slot(oe__plan *plan, const oe__plan_term *term)
{
    for (size_t i = 0; i < plan->slot_count; i++)
        if (same_points(plan->slots[i]->term, term->term))
            return (uint32_t)i;
    if (plan->slot_count == OE__SLOTS)
        return OE__NO_SLOT;
    plan->slots[plan->slot_count] = term;
    return (uint32_t)plan->slot_count++;
}

static bool is_usual(const oe__term *term)
{
    if (term->shape == OE__PASS)
        return true;
    if (term->shape != OE__STEPS)
        return false;
    for (size_t i = 0; i < term->curve->point_count; i++)
        if (term->curve->y[i] != 0 && term->curve->y[i] < 0x1p-60)
            return false;
    return true;
}

/* Full points from a value on, or from any. */
static void plan_step(oe__plan_term *planned, const oe__term *term)
{
    bool is_steps = term->shape == OE__STEPS && term->curve->point_count == 1;
    planned->is_step = term->shape == OE__PASS || is_steps;
    planned->at = is_steps ? term->curve->x[0] : -HUGE_VAL;
    planned->points = term->weight * (is_steps ? term->curve->y[0] : 1);
}

/* Whether what the term gives may be divided again. */
static bool plan_term(oe__plan *plan, oe__plan_term *planned, const oe__term *term)
{
    *planned = (oe__plan_term){.term = term, .slot = OE__NO_SLOT};
    planned->line.base = term->base;
    planned->line.weight = term->weight;
    planned->is_line =
        term->shape == OE__LINEAR && oe__line_set(&planned->line, term->low, term->high);
    plan_step(planned, term);
    if (planned->is_line)
        plan->lined[term->attribute] = true;
    return planned->is_line || is_usual(term);
}

/* ---- products ---- */

static bool is_plain(const oe_ruleset *ruleset, const oe__compiled *product)
{
    return product->after_count + product->not_with_count + product->range_count +
                   product->guard_count + product->grant_count ==
               0 &&
           (product->threshold_fixed || ruleset->segment_threshold_count == 0);
}

static oe__plan_term *plan_product(oe__plan *plan, size_t index, oe__plan_term *terms)
{
    const oe__compiled *product = &plan->ruleset->compiled[index];
    oe__plan_product *planned = &plan->products[product->id_rank];
    *planned = (oe__plan_product){.product = (uint32_t)index,
                                  .is_plain = is_plain(plan->ruleset, product),
                                  .terms = terms,
                                  .term_count = product->term_count,
                                  .finish = {.bit = UINT64_C(1) << product->number % 64,
                                             .threshold = product->threshold,
                                             .factor = product->factor}};
    planned->is_divisible = oe__divisor_set(&planned->finish.weights, product->weight_sum);
    for (size_t i = 0; i < product->term_count; i++)
        planned->is_divisible &= plan_term(plan, &terms[i], &product->terms[i]);
    plan->is_factored |= product->factor != 1;
    return terms + product->term_count;
}

static bool is_shared(const oe__plan *plan, const oe__plan_term *term, size_t product)
{
    const oe_ruleset *ruleset = plan->ruleset;
    size_t next = product + 1 < ruleset->declared.products.count ? product + 1 : 0;
    const oe__plan_product *other = &plan->products[next];
    for (size_t i = 0; i < other->term_count; i++)
        if (next != product && same_points(other->terms[i].term, term->term))
            return true;
    return !term->is_line;
}

static void share_terms(oe__plan *plan)
{
    oe__plan_term *term = plan->terms;
    for (size_t p = 0; p < plan->ruleset->declared.products.count; p++) {
        oe__plan_product *planned = &plan->products[p];
        size_t first = (size_t)(planned->terms - plan->terms);
        for (size_t i = 0; i < planned->term_count; i++)
            if (is_shared(plan, &term[first + i], p))
                term[first + i].slot = find_slot(plan, &term[first + i]);
    }
}

static bool has_limits(const oe_ruleset *ruleset)
{
    if (ruleset->has_fallback || ruleset->function_count > 0)
        return true;
    for (size_t i = 0; i < ruleset->declared.categories.count; i++)
        if (ruleset->category_limits[i] < OE__BEST)
            return true;
    for (size_t i = 0; i < ruleset->group_count; i++)
        if (ruleset->group_limits[i] < OE__BEST)
            return true;
    return false;
}

oe__plan *oe__plan_new(const oe_ruleset *ruleset)
{
    size_t count = ruleset->declared.products.count;
    oe__plan *plan = oe__lanes_new(sizeof *plan);
    if (plan == NULL)
        return NULL;
    plan->ruleset = ruleset;
    plan->by_lanes = !has_limits(ruleset);
    plan->kernel = plan->exact = oe__kernel_get(0);
    for (size_t i = 0; oe__kernel_get(i) != NULL; i++)
        plan->exact = oe__kernel_get(i);
    plan->products = calloc(count + 1, sizeof *plan->products);
    plan->terms = calloc(count * ruleset->term_total_max + 1, sizeof *plan->terms);
    plan->lined = calloc(ruleset->declared.attributes.count + 1, sizeof *plan->lined);
    if (!plan->products || !plan->terms || !plan->lined) {
        oe__plan_free(plan);
        return NULL;
    }
    oe__plan_term *terms = plan->terms;
    for (size_t i = 0; plan->by_lanes && i < count; i++)
        terms = plan_product(plan, i, terms);
    if (plan->by_lanes)
        share_terms(plan);
    return plan;
}
