/* derive.h: the values of derived attributes, by the same cells for one customer and a page. */
#ifndef OE_ENGINE_DERIVE_H
#define OE_ENGINE_DERIVE_H

#include "engine/decide.h"

static inline bool oe__has_derivations(const oe_ruleset *ruleset)
{
    return ruleset->derivation_count > 0;
}

/* Fills the derived values of a profile in place. Where functions are asked, `profile` is the
 * one that oe_calls.begin was given. */
void oe__derive(oe_decider *decider, oe_profile *profile);

/* The decider's copy of a profile, which is derived into; the profile itself when nothing is
 * derived or memory is out. */
const oe_profile *oe__derivable(oe_decider *decider, const oe_profile *profile);

/* Takes over the derived values of the customer who was decided last. */
void oe__take_derived(const oe_decider *decider, oe_profile *profile);

/* The text of a looked up value, NULL when there is none. */
const char *oe__derived_text(const oe_ruleset *ruleset, size_t attribute, double code,
                             size_t *length);

#endif
