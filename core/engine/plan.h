/* plan.h: what is to be added up for each product of a ruleset, in the kernel's terms. */
#ifndef OE_ENGINE_PLAN_H
#define OE_ENGINE_PLAN_H

#include "engine/block.h"
#include "engine/kernel.h"

enum { OE__SLOTS = 8, OE__NO_SLOT = OE__SLOTS };

typedef struct oe__plan_term {
    const oe__term *term;
    oe__line line;
    double at, points;     /* of a step */
    bool is_line, is_step; /* neither: the cells themselves */
    uint32_t slot;         /* whose points are those of other products too; OE__NO_SLOT: none */
} oe__plan_term;

static inline bool oe__is_pair(const oe__plan_term *a, const oe__plan_term *b)
{
    return a->is_line && b->is_line && a->slot == OE__NO_SLOT && b->slot == OE__NO_SLOT &&
           a->line.base == 0 && b->line.base == 0;
}

typedef struct oe__plan_product {
    uint32_t product;
    bool is_plain;     /* refused for ownership and by one threshold alone, given no points */
    bool is_divisible; /* its sum may be divided as the kernel does */
    const oe__plan_term *terms;
    size_t term_count;
    oe__finish finish; /* but for what the page at hand gives */
} oe__plan_product;

typedef struct oe__plan {
    const oe_ruleset *ruleset;
    bool by_lanes;    /* else customer by customer: there are limits, a fallback or functions */
    bool is_factored; /* a priority differs from its confidence */
    oe__plan_product *products; /* in order of ids */
    oe__plan_term *terms;
    const oe__plan_term *slots[OE__SLOTS];
    size_t slot_count;
    bool *lined; /* by attribute: a line reads it */
    const oe__kernel *kernel, *exact;
    _Alignas(64) oe__numbers points[OE__SLOTS]; /* by slot: of the page at hand */
    oe__numbers none, sum, adjustments, thresholds;
    oe__lanes keys[OE__KEYS];
    oe__lanes confidence[OE__BEST]; /* where priorities are others */
} oe__plan;

oe__plan *oe__plan_new(const oe_ruleset *ruleset); /* NULL: out of memory */
void oe__plan_free(oe__plan *plan);

#endif
