/* derive.c: computes derived attributes, in the order in which they were declared. Who answers
 * for functions is the caller's business (oe_calls). */
#include "engine/derive.h"

#include "engine/text.h"

#include <math.h>
#include <string.h>

/* ---- lots ---- */

/* FNV-1a, 64 bits. */
static uint64_t hash_bytes(uint64_t hash, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
    return hash;
}

uint64_t oe__lot_seed(const char *salt)
{
    return hash_bytes(UINT64_C(14695981039346656037), salt, strlen(salt) + 1);
}

/* The finalizer of splitmix64: FNV leaves the high bits of short ids alike. */
static uint64_t mix(uint64_t hash)
{
    hash = (hash ^ (hash >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    hash = (hash ^ (hash >> 27)) * UINT64_C(0x94D049BB133111EB);
    return hash ^ (hash >> 31);
}

double oe__lot_draw(const oe__derivation *lot, const char *id, size_t length, int64_t at_ms)
{
    if (!oe__cell_window(at_ms, lot->declared->from_ms, lot->declared->until_ms))
        return (double)NAN;
    uint64_t total = (uint64_t)lot->rows[lot->row_count - 1].key;
    double ticket = (double)((mix(hash_bytes(lot->seed, id, length)) >> 32) * total >> 32);
    size_t row = 0;
    while (ticket >= lot->rows[row].key)
        row++;
    return lot->rows[row].value;
}

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

void oe__derive(oe_decider *decider, oe_profile *profile, int64_t at_ms)
{
    const oe_ruleset *ruleset = decider->ruleset;
    for (size_t i = 0; i < ruleset->derivation_count; i++)
        oe_profile_set_unknown(profile, ruleset->derivations[i].attribute);
    for (size_t i = 0; i < ruleset->derivation_count; i++) {
        const oe__derivation *derivation = &ruleset->derivations[i];
        oe_value value = {0};
        if (derivation->by_lot)
            profile->values[derivation->attribute] =
                oe__lot_draw(derivation, profile->id, profile->id_length, at_ms);
        else if (derivation->key >= 0)
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
        if (derivation->attribute != attribute || (derivation->key < 0 && !derivation->by_lot))
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
