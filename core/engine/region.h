/* region.h: which customers can meet several demands at once, found by intervals. It over-
 * estimates: where it finds nobody there is nobody; where it finds somebody there may still be
 * nobody. It must not know what the demands are for.
 *
 * Every attribute is on its own: an interval of values when on file, and whether it may be not
 * on file, which only optional and nullable ones may. Functions may say anything. */
#ifndef OE_ENGINE_REGION_H
#define OE_ENGINE_REGION_H

#include "engine/ruleset.h"

/* What is demanded of a condition's truth. A stopped function is neither true nor false. */
typedef enum oe__mode { OE__IS_TRUE, OE__IS_FALSE, OE__NOT_TRUE, OE__NOT_FALSE } oe__mode;

typedef enum oe__demand_kind {
    OE__DEMAND_CONDITION, /* subject: a node; mode */
    OE__DEMAND_WITHIN,    /* subject: an attribute; on file and low..high */
    OE__DEMAND_OUTSIDE,   /* the opposite: not on file, below low or above high */
    OE__DEMAND_OWNED,     /* subject: a product of the ruleset */
    OE__DEMAND_LACKED,
    OE__DEMAND_TIME, /* from_ms <= moment < until_ms */
    OE__DEMAND_GUARD /* not the time, or the condition (OE_NO_CONDITION: none) has the mode */
} oe__demand_kind;

typedef struct oe__demand {
    oe__demand_kind kind;
    oe__mode mode;
    uint32_t subject;
    double low, high;
    int64_t from_ms, until_ms;
} oe__demand;

/* What an attribute may be: low..high where it may be known. */
typedef struct oe__values {
    double low, high;
    bool known, unknown;
} oe__values;

enum { OE__MAY_LACK = 1, OE__MAY_OWN = 2 };

/* Some customers at some moments. */
typedef struct oe__region {
    const oe_ruleset *ruleset;
    oe__values *values;         /* by attribute */
    uint8_t *ownership;         /* by product: OE__MAY_LACK | OE__MAY_OWN */
    int64_t first_ms, last_ms;  /* both inclusive */
    size_t steps, depth, finds; /* of the search: steps left, how deep, how many within each
                                   other */
} oe__region;

/* Everybody at any moment. false: out of memory. The ruleset must outlive it. */
bool oe__region_init(oe__region *region, const oe_ruleset *ruleset);
void oe__region_free(oe__region *region);

/* Shown each part of the region that may meet the demands; true ends the search. During the
 * call the region is narrowed to that part. NULL: the first part ends it. */
typedef struct oe__region_visitor {
    bool (*visit)(void *context, oe__region *region);
    void *context;
} oe__region_visitor;

/* Whether a visitor ended the search, or the search was given up because it takes too many
 * steps: "perhaps". false: nobody, for sure. Visitors may search within their part. */
bool oe__region_find(oe__region *region, const oe__demand *demands, size_t count,
                     const oe__region_visitor *visitor);

/* Whether a condition may have the mode for somebody in the region. */
bool oe__region_may(oe__region *region, oe_condition condition, oe__mode mode);

#endif
