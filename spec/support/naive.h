/* naive.h: a second scorer, for specs alone: decides for one customer, one product after the
 * other, straight from what was declared, the way the meaning of a decision is written down.
 * Looks everything up by its name, is slow, and shares no code with the engine's cells. Knows
 * no functions, no derived attributes and no contact policies. */
#ifndef OE_SPEC_NAIVE_H
#define OE_SPEC_NAIVE_H

#include "offerengine.h"

/* Whether it can decide by these rules at all. */
bool naive_can(const oe_ruleset *ruleset);

/* Whether it decides the same: offers with confidence and priority to the last bit, segments
 * and gaps. Prints the first difference to stderr. */
bool naive_agrees(const oe_decision *decision, const oe_profile *profile,
                  const oe_options *options);

#endif
