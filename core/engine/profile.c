/* profile.c: building and reading one customer's values. */
#include "engine/derive.h"

#include "engine/status.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

oe_profile *oe_profile_new(const oe_ruleset *ruleset)
{
    oe_profile *profile = calloc(1, sizeof *profile);
    if (profile == NULL)
        return NULL;
    profile->ruleset = ruleset;
    profile->values = calloc(ruleset->declared.attributes.count + 1, sizeof *profile->values);
    profile->owned = calloc(ruleset->word_count + 1, sizeof *profile->owned);
    if (profile->values == NULL || profile->owned == NULL) {
        oe_profile_free(profile);
        return NULL;
    }
    oe_profile_clear(profile);
    return profile;
}

void oe_profile_free(oe_profile *profile)
{
    if (profile == NULL)
        return;
    free(profile->values);
    free(profile->owned);
    oe__buffer_free(&profile->extras);
    free(profile);
}

void oe_profile_clear(oe_profile *profile)
{
    profile->id[0] = '\0';
    profile->id_length = 0;
    for (size_t i = 0; i < profile->ruleset->declared.attributes.count; i++)
        profile->values[i] = (double)NAN;
    for (size_t i = 0; i < profile->ruleset->word_count; i++)
        profile->owned[i] = 0;
    profile->extras.length = 0;
    profile->extras.failed = false;
    profile->unknown_products = 0;
}

oe_status oe_profile_set_id(oe_profile *profile, const char *id, size_t length, oe_error *error)
{
    if (!oe__text_is_id(id, length))
        return oe__fail(
            error, OE_E_INVALID,
            "customer_id: must be 1 to 128 bytes of UTF-8 without control characters");
    memcpy(profile->id, id, length);
    profile->id[length] = '\0';
    profile->id_length = length;
    return OE_OK;
}

int32_t oe__profile_attribute(const oe_ruleset *ruleset, const char *name, size_t length)
{
    int32_t attribute = oe__names_find(&ruleset->index[OE_ATTRIBUTES], name, length);
    return attribute >= 0 && oe__attribute(ruleset, (size_t)attribute)->derived ? -1
                                                                                : attribute;
}

bool oe__profile_copy(oe_profile *copy, const oe_profile *source)
{
    const oe_ruleset *ruleset = source->ruleset;
    oe_profile_clear(copy);
    memcpy(copy->id, source->id, sizeof copy->id);
    copy->id_length = source->id_length;
    memcpy(copy->values, source->values,
           ruleset->declared.attributes.count * sizeof *copy->values);
    memcpy(copy->owned, source->owned, ruleset->word_count * sizeof *copy->owned);
    if (source->extras.length > 0)
        oe__buffer_add(&copy->extras, source->extras.data, source->extras.length);
    return !copy->extras.failed;
}

static const char *fault(char *message, size_t size, const char *type, const char *words)
{
    snprintf(message, size, "%s", words);
    return type;
}

static void write_bound(char *message, size_t size, const char *words, double bound)
{
    snprintf(message, size, "%s %.15g", words, bound);
    char *point = strchr(message, ','); /* the process may run under a locale */
    if (point != NULL)
        *point = '.';
}

const char *oe__attribute_fault(const oe_attribute *attribute, double value, char *message,
                                size_t size)
{
    if (!isfinite(value))
        return fault(message, size, "finite_number", "must be a finite number");
    if (attribute->type == OE_FLAG)
        return value == 0 || value == 1
                   ? NULL
                   : fault(message, size, "bool_type", "must be true or false");
    if (attribute->type == OE_INTEGER && (value != floor(value) || fabs(value) > 0x1p53))
        return fault(message, size, "int_from_float", "must be a whole number");
    if (value < attribute->minimum) {
        write_bound(message, size, "must be at least", attribute->minimum);
        return "greater_than_equal";
    }
    if (value > attribute->maximum) {
        write_bound(message, size, "must be at most", attribute->maximum);
        return "less_than_equal";
    }
    return NULL;
}

static oe_status check_type(const oe_profile *profile, size_t attribute, bool is_text,
                            oe_error *error)
{
    if (attribute >= profile->ruleset->declared.attributes.count)
        return oe__fail(error, OE_E_ARGUMENT, "profile: there is no attribute %zu", attribute);
    const oe_attribute *declared = oe__attribute(profile->ruleset, attribute);
    if (declared->type == OE_PRODUCT_SET)
        return oe__fail(error, OE_E_ARGUMENT,
                        "%s: is the set of owned products; add to it by owning",
                        declared->name);
    if (declared->derived)
        return oe__fail(error, OE_E_ARGUMENT, "%s: is computed by the rules, not set",
                        declared->name);
    if ((declared->type == OE_TEXT) != is_text)
        return oe__fail(error, OE_E_INVALID, "%s: must be a %s", declared->name,
                        declared->type == OE_TEXT ? "text" : "number");
    return OE_OK;
}

oe_status oe_profile_set_number(oe_profile *profile, size_t attribute, double value,
                                oe_error *error)
{
    char message[128];
    oe_status status = check_type(profile, attribute, false, error);
    if (status != OE_OK)
        return status;
    const oe_attribute *declared = oe__attribute(profile->ruleset, attribute);
    if (oe__attribute_fault(declared, value, message, sizeof message) != NULL)
        return oe__fail(error, OE_E_INVALID, "%s: %s", declared->name, message);
    profile->values[attribute] = value + 0.0; /* no negative zero */
    return OE_OK;
}

/* ---- extras ---- */

bool oe__extra_next(const char *extras, size_t length, size_t *offset, oe__extra *extra,
                    const char **bytes)
{
    if (length - *offset < sizeof *extra)
        return false;
    memcpy(extra, extras + *offset, sizeof *extra);
    *bytes = extras + *offset + sizeof *extra;
    *offset += sizeof *extra + extra->length;
    return *offset <= length;
}

static bool find_extra(const oe_profile *profile, uint16_t attribute, oe__extra *extra,
                       const char **bytes)
{
    const oe__buffer *extras = &profile->extras;
    for (size_t offset = 0;
         oe__extra_next(extras->data, extras->length, &offset, extra, bytes);)
        if (extra->attribute == attribute)
            return true;
    return false;
}

static bool add_extra(oe_profile *profile, uint16_t attribute, const char *bytes, size_t length)
{
    oe__extra extra = {attribute, (uint16_t)length};
    if (oe__buffer_reserve(&profile->extras, sizeof extra + length) == NULL) {
        profile->extras.failed = false; /* the profile stays usable without it */
        return false;
    }
    oe__buffer_add(&profile->extras, (const char *)&extra, sizeof extra);
    oe__buffer_add(&profile->extras, bytes, length);
    return true;
}

static void drop_extra(oe_profile *profile, uint16_t attribute)
{
    oe__extra extra;
    const char *bytes;
    if (!find_extra(profile, attribute, &extra, &bytes))
        return;
    char *start = profile->extras.data + (bytes - profile->extras.data) - sizeof extra;
    size_t size = sizeof extra + extra.length;
    size_t after = profile->extras.length - (size_t)(start - profile->extras.data) - size;
    memmove(start, start + size, after);
    profile->extras.length -= size;
}

static uint16_t number_of(const oe_profile *profile, size_t attribute)
{
    return (uint16_t)profile->ruleset->attribute_numbers[attribute];
}

bool oe__profile_put_text(oe_profile *profile, size_t attribute, const char *text,
                          size_t length)
{
    drop_extra(profile, number_of(profile, attribute));
    profile->values[attribute] = (double)NAN;
    if (!add_extra(profile, number_of(profile, attribute), text, length))
        return false;
    int32_t local = oe__names_find(&profile->ruleset->texts, text, length);
    profile->values[attribute] =
        local < 0 ? OE__OTHER_TEXT : profile->ruleset->text_codes[local];
    return true;
}

oe_status oe_profile_set_text(oe_profile *profile, size_t attribute, const char *text,
                              size_t length, oe_error *error)
{
    oe_status status = check_type(profile, attribute, true, error);
    if (status != OE_OK)
        return status;
    const char *name = oe__attribute(profile->ruleset, attribute)->name;
    if (length > OE_TEXT_MAX || !oe__text_is_utf8(text, length))
        return oe__fail(error, OE_E_INVALID, "%s: must be at most 256 bytes of UTF-8", name);
    if (!oe__profile_put_text(profile, attribute, text, length))
        return oe__fail(error, OE_E_MEMORY, "%s: out of memory", name);
    return OE_OK;
}

void oe_profile_set_unknown(oe_profile *profile, size_t attribute)
{
    if (attribute >= profile->ruleset->declared.attributes.count)
        return;
    drop_extra(profile, number_of(profile, attribute));
    profile->values[attribute] = (double)NAN;
}

/* ---- products ---- */

static bool has_unknown_product(const oe_profile *profile, const char *id, size_t length)
{
    oe__extra extra;
    const char *bytes;
    const oe__buffer *extras = &profile->extras;
    for (size_t offset = 0;
         oe__extra_next(extras->data, extras->length, &offset, &extra, &bytes);)
        if (extra.attribute == OE__UNKNOWN_PRODUCT && extra.length == length &&
            memcmp(bytes, id, length) == 0)
            return true;
    return false;
}

bool oe__profile_put_product(oe_profile *profile, const char *id, size_t length, bool *known)
{
    const oe_ruleset *ruleset = profile->ruleset;
    int32_t product = oe__names_find(&ruleset->index[OE_PRODUCTS], id, length);
    *known = product >= 0;
    if (*known) {
        uint32_t number = ruleset->compiled[product].number;
        profile->owned[number / 64] |= UINT64_C(1) << number % 64;
        return true;
    }
    if (has_unknown_product(profile, id, length))
        return true;
    if (!add_extra(profile, OE__UNKNOWN_PRODUCT, id, length))
        return false;
    profile->unknown_products++;
    return true;
}

oe_status oe_profile_own(oe_profile *profile, const char *product, size_t length, bool *known,
                         oe_error *error)
{
    bool is_known = false;
    if (!oe__text_is_id(product, length))
        return oe__fail(
            error, OE_E_INVALID,
            "product id: must be 1 to 128 bytes of UTF-8 without control characters");
    if (profile->unknown_products >= OE_PRODUCTS_OWNED_MAX &&
        oe__names_find(&profile->ruleset->index[OE_PRODUCTS], product, length) < 0 &&
        !has_unknown_product(profile, product, length))
        return oe__fail(error, OE_E_LIMIT,
                        "profile: at most %d owned products that the catalogue does "
                        "not know are kept",
                        (int)OE_PRODUCTS_OWNED_MAX);
    if (!oe__profile_put_product(profile, product, length, &is_known))
        return oe__fail(error, OE_E_MEMORY, "profile: out of memory");
    if (known != NULL)
        *known = is_known;
    return OE_OK;
}

void oe_profile_owned(const oe_profile *profile, oe_owned_visitor visitor, void *context)
{
    const oe_ruleset *ruleset = profile->ruleset;
    for (size_t p = 0; p < ruleset->declared.products.count; p++) {
        uint32_t number = ruleset->compiled[p].number;
        const oe__name *name = &ruleset->product_names[number];
        if (oe__owns(profile->owned, number))
            visitor(context, name->text, name->length);
    }
    for (size_t n = 0; n < ruleset->product_name_count; n++)
        if (ruleset->product_of[n] < 0 && oe__owns(profile->owned, (uint32_t)n))
            visitor(context, ruleset->product_names[n].text, ruleset->product_names[n].length);
    oe__extra extra;
    const char *bytes;
    const oe__buffer *extras = &profile->extras;
    for (size_t offset = 0;
         oe__extra_next(extras->data, extras->length, &offset, &extra, &bytes);)
        if (extra.attribute == OE__UNKNOWN_PRODUCT)
            visitor(context, bytes, extra.length);
}

/* ---- reading ---- */

const char *oe_profile_id(const oe_profile *profile, size_t *length)
{
    if (length != NULL)
        *length = profile->id_length;
    return profile->id;
}

double oe_profile_number(const oe_profile *profile, size_t attribute)
{
    return attribute < profile->ruleset->declared.attributes.count ? profile->values[attribute]
                                                                   : (double)NAN;
}

const char *oe_profile_text(const oe_profile *profile, size_t attribute, size_t *length)
{
    oe__extra extra;
    const char *bytes;
    if (attribute >= profile->ruleset->declared.attributes.count)
        return NULL;
    if (!find_extra(profile, number_of(profile, attribute), &extra, &bytes))
        return oe__derived_text(profile->ruleset, attribute, profile->values[attribute],
                                length);
    *length = extra.length;
    return bytes;
}

oe_status oe_profile_check(const oe_profile *profile, oe_error *error)
{
    if (profile->id_length == 0)
        return oe__fail(error, OE_E_INVALID, "customer_id: is missing");
    for (size_t i = 0; i < profile->ruleset->declared.attributes.count; i++) {
        const oe_attribute *attribute = oe__attribute(profile->ruleset, i);
        if (oe__is_needed(attribute) && attribute->type != OE_PRODUCT_SET &&
            !attribute->nullable && isnan(profile->values[i]))
            return oe__fail(error, OE_E_INVALID, "%s: is missing", attribute->name);
    }
    return OE_OK;
}
