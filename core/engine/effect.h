/* effect.h: the principal reasons of a refusal. */
#ifndef OE_ENGINE_EFFECT_H
#define OE_ENGINE_EFFECT_H

#include "offerengine.h"

enum { OE__PRINCIPAL_MAX = 4 };

/* The different causes of a refusal in order of effect, at most OE__PRINCIPAL_MAX into
 * `causes`: what no value changes (availability, then ownership), then minimums and maximums by
 * how far the customer is away, then conditions and excludes, then the threshold, then
 * selection. Returns how many.
 *
 * How far: |gap| / the attribute's range, else / the span in which the product scores it, else
 * / the limit; a value that is not on file is away by the whole. */
size_t oe__principal_causes(const oe_ruleset *ruleset, const oe_explanation *explanation,
                            oe_cause causes[OE__PRINCIPAL_MAX]);

#endif
