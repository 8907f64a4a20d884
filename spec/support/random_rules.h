/* random_rules.h: lawful random rulesets and profiles for property specs, the same for the same
 * seed everywhere. */
#ifndef OE_SPEC_RANDOM_RULES_H
#define OE_SPEC_RANDOM_RULES_H

#include "offerengine.h"

/* xorshift64*; the state must not be 0. */
uint64_t random_next(uint64_t *state);
/* 0 <= result < below. */
uint32_t random_below(uint64_t *state, uint32_t below);

/* A ruleset with every feature of the engine used somewhere; NULL (a finding was printed) never
 * happens in a correct engine. `smooth`: only rising curves, no maxima and no adjustments by
 * value, so that more never scores less. */
oe_ruleset *random_rules(oe_dictionary *dictionary, uint64_t seed, size_t products,
                         bool smooth);

/* Fills a profile with values in and around the bounds of the rules, some not on file. */
void random_profile(oe_profile *profile, const oe_ruleset *ruleset, uint64_t *state,
                    uint32_t id);

#endif
