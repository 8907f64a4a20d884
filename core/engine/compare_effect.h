/* compare_effect.h: how much each edit moved the points of one product for one customer. */
#ifndef OE_ENGINE_COMPARE_EFFECT_H
#define OE_ENGINE_COMPARE_EFFECT_H

#include "engine/compare.h"

/* One side of a question: the rules, what they made of the product, and the customer. */
typedef struct oe__side {
    const oe_ruleset *ruleset;
    const oe__compiled *product; /* NULL: not in these rules */
    oe_decider *decider;         /* has decided for the customer */
    const double *values;
    const uint64_t *owned;
} oe__side;

/* Why one side, the losing one, gives a product less than the other. */
typedef struct oe__blaming {
    oe__comparer *comparer;
    const oe__edits *edits;
    oe__side sides[2];
    int64_t at_ms;
    uint32_t product; /* common number */
    const char *id;
    int losing;
} oe__blaming;

typedef struct oe__refusal {
    oe_stage stage;
    oe_cause cause;
    uint32_t edit;
} oe__refusal;

/* The edit with the largest effect so far. */
typedef struct oe__suspect {
    uint32_t edit;
    double effect;
} oe__suspect;

/* Effects of 0 and below, and OE__NO_EDIT, are no suspects. */
void oe__suspect_add(oe__suspect *suspect, uint32_t edit, double effect);

const oe_product *oe__declared_of(const oe__side *side);
bool oe__is_above(const oe__side *side, int64_t at_ms);

/* Edits of: the tier by which a minimum is raised; a rule; a segment or derived attribute that
 * a condition asks for. */
uint32_t oe__tier_edit(const oe__blaming *blaming, const char *attribute);
uint32_t oe__rule_edit(const oe__blaming *blaming, const char *rule);
uint32_t oe__nested_edit(const oe__blaming *blaming, int side, oe_condition condition);

/* What took points from the product on the losing side: dimensions and adjustments; the
 * threshold; value and lever. In points of confidence. */
void oe__effects(const oe__blaming *blaming, oe__suspect *suspect);
void oe__threshold_effect(const oe__blaming *blaming, oe__suspect *suspect);
void oe__weights(const oe__blaming *blaming, oe__suspect *suspect);

#endif
