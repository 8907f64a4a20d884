/* ruleset.c: reading a sealed ruleset. */
#include "engine/ruleset.h"

#include <string.h>

const char *oe_ruleset_source(const oe_ruleset *ruleset)
{
    return ruleset->declared.source;
}

bool oe_ruleset_owns_accepted(const oe_ruleset *ruleset)
{
    return ruleset->declared.owns_accepted;
}

oe_dictionary *oe_ruleset_dictionary(const oe_ruleset *ruleset)
{
    return ruleset->dictionary;
}

size_t oe_ruleset_count(const oe_ruleset *ruleset, oe_kind kind)
{
    const oe__declared *declared = &ruleset->declared;
    const oe__list *lists[OE_KIND_COUNT] = {
        [OE_ATTRIBUTES] = &declared->attributes, [OE_CATEGORIES] = &declared->categories,
        [OE_PRODUCTS] = &declared->products,     [OE_SEGMENTS] = &declared->segments,
        [OE_DIMENSIONS] = &declared->dimensions, [OE_RULES] = &declared->rules,
        [OE_POLICIES] = &declared->policies,     [OE_CAMPAIGNS] = &declared->campaigns,
    };
    return (unsigned)kind < OE_KIND_COUNT ? lists[kind]->count : 0;
}

int32_t oe_ruleset_find(const oe_ruleset *ruleset, oe_kind kind, const char *name,
                        size_t length)
{
    return (unsigned)kind < OE_KIND_COUNT ? oe__names_find(&ruleset->index[kind], name, length)
                                          : -1;
}

const oe_attribute *oe_ruleset_attribute(const oe_ruleset *ruleset, size_t index)
{
    return index < oe_ruleset_count(ruleset, OE_ATTRIBUTES) ? oe__attribute(ruleset, index)
                                                            : NULL;
}

const oe_category *oe_ruleset_category(const oe_ruleset *ruleset, size_t index)
{
    return index < oe_ruleset_count(ruleset, OE_CATEGORIES) ? oe__category(ruleset, index)
                                                            : NULL;
}

const oe_product *oe_ruleset_product(const oe_ruleset *ruleset, size_t index)
{
    return index < oe_ruleset_count(ruleset, OE_PRODUCTS) ? oe__product(ruleset, index) : NULL;
}

const oe_segment *oe_ruleset_segment(const oe_ruleset *ruleset, size_t index)
{
    return index < oe_ruleset_count(ruleset, OE_SEGMENTS) ? oe__segment(ruleset, index) : NULL;
}

const oe_dimension *oe_ruleset_dimension(const oe_ruleset *ruleset, size_t index)
{
    return index < oe_ruleset_count(ruleset, OE_DIMENSIONS) ? oe__dimension(ruleset, index)
                                                            : NULL;
}

const oe_rule *oe_ruleset_rule(const oe_ruleset *ruleset, size_t index)
{
    return index < oe_ruleset_count(ruleset, OE_RULES) ? oe__rule(ruleset, index) : NULL;
}

double oe_ruleset_bound_declared(const oe_ruleset *ruleset, size_t product, size_t bound)
{
    return ruleset->compiled[product].ranges[bound].declared_low;
}

double oe_ruleset_threshold(const oe_ruleset *ruleset, size_t product)
{
    return ruleset->compiled[product].threshold;
}

const char *oe_ruleset_condition_text(const oe_ruleset *ruleset, oe_condition condition)
{
    return condition < ruleset->declared.nodes.count ? ruleset->condition_texts[condition]
                                                     : NULL;
}

size_t oe_ruleset_function_count(const oe_ruleset *ruleset)
{
    return ruleset->function_count;
}

const char *oe_ruleset_function(const oe_ruleset *ruleset, size_t function, oe_where *where)
{
    if (function >= ruleset->function_count)
        return NULL;
    *where = ruleset->functions[function].where;
    return ruleset->functions[function].rule;
}

const char *oe_stage_name(oe_stage stage)
{
    static const char *const names[OE_STAGE_COUNT] = {"offered",  "availability",   "ownership",
                                                      "gates",    "contact_policy", "threshold",
                                                      "selection"};
    return (unsigned)stage < OE_STAGE_COUNT ? names[stage] : "unknown";
}

const char *oe_cause_name(oe_cause cause)
{
    static const char *const names[OE_CAUSE_COUNT] = {
        [OE_CAUSE_OFF] = "switched_off",
        [OE_CAUSE_NOT_YET] = "not_yet_available",
        [OE_CAUSE_ENDED] = "no_longer_available",
        [OE_CAUSE_OWNED] = "already_owned",
        [OE_CAUSE_NEEDS_PRODUCT] = "needs_product",
        [OE_CAUSE_EXCLUDED_BY_PRODUCT] = "excluded_by_product",
        [OE_CAUSE_BELOW_MINIMUM] = "below_minimum",
        [OE_CAUSE_ABOVE_MAXIMUM] = "above_maximum",
        [OE_CAUSE_NOT_ON_FILE] = "not_on_file",
        [OE_CAUSE_CONDITION] = "condition_not_met",
        [OE_CAUSE_EXCLUDED] = "excluded",
        [OE_CAUSE_OTHER_CATEGORY] = "other_category",
        [OE_CAUSE_NOT_TARGETED] = "not_targeted",
        [OE_CAUSE_OTHER_CAMPAIGN] = "not_in_campaign",
        [OE_CAUSE_CAPPED] = "capped",
        [OE_CAUSE_COOLING_DOWN] = "cooling_down",
        [OE_CAUSE_QUIET] = "quiet",
        [OE_CAUSE_OPTED_OUT] = "opted_out",
        [OE_CAUSE_BELOW_THRESHOLD] = "below_threshold",
        [OE_CAUSE_OUTRANKED] = "outranked",
    };
    return (unsigned)cause < OE_CAUSE_COUNT ? names[cause] : "unknown";
}

const oe_release *oe_ruleset_release(const oe_ruleset *ruleset)
{
    return &ruleset->declared.release;
}
