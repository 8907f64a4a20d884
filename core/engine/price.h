/* price.h: what moving one gate would change, for all customers at once. */
#ifndef OE_ENGINE_PRICE_H
#define OE_ENGINE_PRICE_H

#include "engine/decide.h"

/* How many customers, of those read so far, differ from now when the gate is at one value. */
typedef struct oe__price_point {
    double gate, effective; /* as a rule declares it, and with what the tier adds */
    const char *refused; /* rules that say so would not load: why, and all else is 0; or NULL */
    uint64_t customers;  /* read so far */
    uint64_t offered, without_offer; /* who get the product, and who get nothing, then */
    uint64_t gained, lost;     /* who get the product then and not now, now and not then */
    uint64_t reached, emptied; /* who get nothing now and something then, and the reverse */
    uint64_t displaced;        /* whose best offer of now is not their best one then, by ... */
    const uint64_t *displaced_products; /* ... the product that it is now */
    /* Of gained and lost, by segment; one more for customers in none. */
    const uint64_t *gained_segments, *lost_segments;
} oe__price_point;

typedef struct oe__price_question {
    size_t product, attribute;
    bool is_maximum; /* the max_ gate of the attribute; else its min_ gate */
    double to;       /* the last value; NAN: as loose as the attribute allows */
    uint32_t steps;  /* points between the gate as it is, the first one, and `to`: 1..1000 */
    oe_options options;
} oe__price_question;

/* One thread's. The ruleset must outlive it. OE_E_NOT_FOUND: the product has no such gate.
 * OE_E_INVALID: `to` is no value that the gate could be moved to. OE_E_LIMIT: too many steps.
 */
typedef struct oe__price oe__price;
oe_status oe__price_new(const oe_ruleset *ruleset, const oe__price_question *question,
                        oe__price **price, oe_error *error);
void oe__price_free(oe__price *price);
/* Adds the customers of a page, each decided at every point. OE_E_INVALID: a function of the
 * rules was stopped, and `error` names it. */
oe_status oe__price_page(oe__price *price, oe_decider *decider, const oe_snapshot *snapshot,
                         size_t page, oe_error *error);
/* Adds what `other`, of the same question, has read. */
void oe__price_merge(oe__price *price, const oe__price *other);
/* Where the gate stands in the rules, and the points, steps that fall together being one. */
const oe__price_point *oe__price_points(oe__price *price, size_t *count, oe_where *where);

/* ---- What price.c and price_points.c share ---- */

typedef struct oe__price_tally {
    uint64_t gained, lost, reached, emptied, displaced;
    uint64_t *displaced_products, *gained_segments, *lost_segments;
} oe__price_tally;

struct oe__price {
    const oe_ruleset *ruleset;
    oe__price_question question;
    oe_ruleset bench;       /* what the passes of sealing need, copied where they write to it */
    oe_bound *bounds;       /* of the product on the bench */
    size_t range;           /* of the product: the gate */
    uint64_t customers;     /* read so far, and of those ... */
    uint64_t offered;       /* ... who get the product now */
    uint64_t with_offers;   /* ... who get anything now */
    oe__compiled *variants; /* by point: the product */
    oe__price_tally *tallies;
    oe__price_point *points;
    size_t point_count;
    oe__candidate *others; /* of the customer at hand, but the product */
};

static inline const oe__compiled *oe__price_product(const oe__price *price)
{
    return &price->ruleset->compiled[price->question.product];
}

/* price_points.c: finds the gate and compiles the product for each point, with its tally.
 * Failures are those of oe__price_new. */
oe_status oe__price_prepare(oe__price *price, oe_error *error);

#endif
