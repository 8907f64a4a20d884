/* derive.c: computes derived attributes, in the order in which they were declared. Who answers
 * for functions is the caller's business (oe_calls). */
#include "engine/derive.h"

#include "engine/text.h"

#include <string.h>

/* ---- functions ---- */

static void put_value(oe_profile *profile, uint32_t attribute, oe_value value)
{
    const oe_attribute *declared = oe__attribute(profile->ruleset, attribute);
    char message[128];
    size_t length = value.text != NULL ? strlen(value.text) : 0;
    if (declared->type == OE_TEXT && value.text != NULL) {
        if (length <= OE_TEXT_MAX && oe__text_is_utf8(value.text, length))
            (void)oe__profile_put_text(profile, attribute, value.text, length);
    } else if (declared->type != OE_TEXT && value.text == NULL &&
               oe__attribute_fault(declared, value.number, message, sizeof message) == NULL) {
        profile->values[attribute] = value.number + 0.0; /* no negative zero */
    }
}

/* ---- one customer ---- */

void oe__derive(oe_decider *decider, oe_profile *profile)
{
    const oe_ruleset *ruleset = decider->ruleset;
    for (size_t i = 0; i < ruleset->derivation_count; i++)
        oe_profile_set_unknown(profile, ruleset->derivations[i].attribute);
    for (size_t i = 0; i < ruleset->derivation_count; i++) {
        const oe__derivation *derivation = &ruleset->derivations[i];
        oe_value value = {0};
        if (derivation->key >= 0)
            profile->values[derivation->attribute] =
                oe__cell_lookup(derivation, profile->values[derivation->key]);
        else if (oe__calls_derive(decider, derivation, &value) == OE_SAID_TRUE)
            put_value(profile, derivation->attribute, value);
    }
}

const oe_profile *oe__derivable(oe_decider *decider, const oe_profile *profile)
{
    if (!oe__has_derivations(decider->ruleset) || profile == decider->derived)
        return profile;
    return oe__profile_copy(decider->derived, profile) ? decider->derived : profile;
}

void oe__take_derived(const oe_decider *decider, oe_profile *profile)
{
    const oe_ruleset *ruleset = decider->ruleset;
    for (size_t i = 0; i < ruleset->derivation_count; i++) {
        uint32_t attribute = ruleset->derivations[i].attribute;
        profile->values[attribute] = decider->derived->values[attribute];
    }
}

/* ---- texts ---- */

const char *oe__derived_text(const oe_ruleset *ruleset, size_t attribute, double code,
                             size_t *length)
{
    for (size_t i = 0; i < ruleset->derivation_count; i++) {
        const oe__derivation *derivation = &ruleset->derivations[i];
        if (derivation->attribute != attribute || derivation->key < 0)
            continue;
        const char *text =
            code == derivation->otherwise ? derivation->declared->otherwise.text : NULL;
        for (size_t row = 0; text == NULL && row < derivation->row_count; row++)
            if (derivation->rows[row].value == code)
                text = derivation->rows[row].text;
        if (text != NULL)
            *length = strlen(text);
        return text;
    }
    return NULL;
}
