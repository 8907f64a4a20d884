/* price.h: what price.c and price_points.c share. */
#ifndef OE_ENGINE_PRICE_H
#define OE_ENGINE_PRICE_H

#include "engine/decide.h"

typedef struct oe__price_tally {
    uint64_t gained, lost, reached, emptied, displaced;
    uint64_t *displaced_products, *gained_segments, *lost_segments;
} oe__price_tally;

struct oe_price {
    const oe_ruleset *ruleset;
    oe_price_question question;
    oe_ruleset bench;       /* what the passes of sealing need, copied where they write to it */
    oe_bound *bounds;       /* of the product on the bench */
    size_t range;           /* of the product: the gate */
    uint64_t customers;     /* read so far, and of those ... */
    uint64_t offered;       /* ... who get the product now */
    uint64_t with_offers;   /* ... who get anything now */
    oe__compiled *variants; /* by point: the product */
    oe__price_tally *tallies;
    oe_price_point *points;
    size_t point_count;
    oe__candidate *others; /* of the customer at hand, but the product */
};

static inline const oe__compiled *oe__price_product(const oe_price *price)
{
    return &price->ruleset->compiled[price->question.product];
}

/* price_points.c: finds the gate and compiles the product for each point, with its tally.
 * Failures are those of oe_price_new. */
oe_status oe__price_prepare(oe_price *price, oe_error *error);

#endif
