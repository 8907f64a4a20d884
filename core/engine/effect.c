/* effect.c: puts the causes of a refusal in order of effect. */
#include "engine/effect.h"

#include "engine/ruleset.h"

#include <math.h>

/* Lower is stronger; the stages are in their order. */
static int class_of(const oe_failure *failure)
{
    bool further = failure->stage > OE_STAGE_GATES || failure->cause == OE_CAUSE_CONDITION ||
                   failure->cause == OE_CAUSE_EXCLUDED;
    return (int)failure->stage + (further ? 1 : 0);
}

static double span_of(const oe_ruleset *ruleset, uint32_t product, const oe_failure *failure)
{
    const oe__compiled *compiled = &ruleset->compiled[product];
    const oe_attribute *attribute = oe__attribute(ruleset, (size_t)failure->attribute);
    if (isfinite(attribute->maximum - attribute->minimum))
        return attribute->maximum - attribute->minimum;
    for (size_t i = 0; i < compiled->term_count; i++)
        if (compiled->terms[i].attribute == (uint32_t)failure->attribute &&
            compiled->terms[i].shape == OE__LINEAR)
            return fabs(compiled->terms[i].high - compiled->terms[i].low);
    return fabs(failure->needed);
}

/* 0 for what is no distance. */
static double distance_of(const oe_ruleset *ruleset, uint32_t product,
                          const oe_failure *failure)
{
    if (failure->cause == OE_CAUSE_NOT_ON_FILE)
        return 1;
    if (failure->attribute < 0 || !isfinite(failure->gap))
        return 0;
    double span = span_of(ruleset, product, failure);
    return span > 0 ? fabs(failure->gap) / span : 1;
}

static bool is_taken(const oe_cause *causes, size_t count, oe_cause cause)
{
    for (size_t i = 0; i < count; i++)
        if (causes[i] == cause)
            return true;
    return false;
}

/* The strongest of those whose cause is not among the `count` taken, NULL when none is left. */
static const oe_failure *strongest(const oe_ruleset *ruleset, const oe_explanation *explanation,
                                   const oe_cause *causes, size_t count)
{
    const oe_failure *best = NULL;
    double best_distance = 0;
    for (size_t i = 0; i < explanation->failure_count; i++) {
        const oe_failure *failure = &explanation->failures[i];
        if (is_taken(causes, count, failure->cause))
            continue;
        double distance = distance_of(ruleset, explanation->product, failure);
        if (best == NULL || class_of(failure) < class_of(best) ||
            (class_of(failure) == class_of(best) && distance > best_distance)) {
            best = failure;
            best_distance = distance;
        }
    }
    return best;
}

size_t oe__principal_causes(const oe_ruleset *ruleset, const oe_explanation *explanation,
                            oe_cause causes[OE__PRINCIPAL_MAX])
{
    size_t count = 0;
    while (count < OE__PRINCIPAL_MAX) {
        const oe_failure *next = strongest(ruleset, explanation, causes, count);
        if (next == NULL)
            break;
        causes[count++] = next->cause;
    }
    return count;
}
