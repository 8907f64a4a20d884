/* derive.h: the values of derived attributes, by the same cells for one customer and a page. */
#ifndef OE_ENGINE_DERIVE_H
#define OE_ENGINE_DERIVE_H

#include "engine/decide.h"

static inline bool oe__has_derivations(const oe_ruleset *ruleset)
{
    return ruleset->derivation_count > 0;
}

/* The value that falls to a customer: of total = the sum of the shares, ticket number
 * (high 32 bits of H) x total / 2^32, where H is FNV-1a (64 bits) over the salt, a zero byte
 * and the id, finished as splitmix64 finishes its numbers. The first value has the first
 * tickets. NAN: the time is not within the lot's. */
double oe__lot_draw(const oe__derivation *lot, const char *id, size_t length, int64_t at_ms);
uint64_t oe__lot_seed(const char *salt);

/* Fills the derived values of a profile in place. Where functions are asked, `profile` is the
 * one that oe_calls.begin was given. */
void oe__derive(oe_decider *decider, oe_profile *profile, int64_t at_ms);

/* The decider's copy of a profile, which is derived into; the profile itself when nothing is
 * derived or memory is out. */
const oe_profile *oe__derivable(oe_decider *decider, const oe_profile *profile);

/* Takes over the derived values of the customer who was decided last. */
void oe__take_derived(const oe_decider *decider, oe_profile *profile);

/* The text of a value that was looked up or drawn, NULL when there is none. */
const char *oe__derived_text(const oe_ruleset *ruleset, size_t attribute, double code,
                             size_t *length);

#endif
