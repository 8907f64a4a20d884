/* dense_rules.h: random rulesets over so few values that many of their rules contradict or
 * cover each other, and profiles that try these values out. The same for the same seed
 * everywhere. */
#ifndef OE_SPEC_DENSE_RULES_H
#define OE_SPEC_DENSE_RULES_H

#include "offerengine.h"

/* With windows around the moments 1000 and 2000, and functions that dense_calls answers. NULL:
 * a finding was printed. */
oe_ruleset *dense_rules(oe_dictionary *dictionary, uint64_t seed);
void dense_profile(oe_profile *profile, const oe_ruleset *ruleset, uint64_t *state);
/* One of the moments that matter. */
int64_t dense_moment(uint64_t *state);
/* Answers functions at random, each once per profile; `state` lasts as long as they are asked.
 */
oe_calls dense_calls(uint64_t *state);

#endif
