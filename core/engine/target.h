/* target.h: what those who contact a target group must know of its campaign, without the inside
 * of rulesets. */
#ifndef OE_ENGINE_TARGET_H
#define OE_ENGINE_TARGET_H

#include "offerengine.h"

/* Borrowed from the ruleset. */
typedef struct oe__target {
    const char *id, *name, *channel; /* the last two may be NULL */
    uint64_t quota;                  /* of customers with an offer; 0: none */
    int64_t from_ms, until_ms;       /* from <= clock < until */
} oe__target;

/* `index` below the number of OE_CAMPAIGNS. */
oe__target oe__target_at(const oe_ruleset *ruleset, size_t index);

/* Whether the customer of the decision that was just made for a campaign is one of its group.
 */
bool oe__target_was_met(oe_decider *decider, const oe_options *options);

#endif
