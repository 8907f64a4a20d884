/* fault.c: one set of checks and words for every value of a profile. */
#include "codec/fault.h"

#include "engine/profile.h"
#include "engine/status.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { UNKNOWN_KEPT = sizeof((oe_read_report *)0)->unknown_at / sizeof(uint32_t) };

void oe__report_begin(oe_read_report *report)
{
    report->fault_count = 0;
    report->undeclared = 0;
    report->unknown_products = 0;
}

/* ---- location ---- */

enum { ENTRY_MAX = 8 }; /* closing quote, comma, four digits, terminator */

/* The member's name as a JSON string, cut at a character where it does not fit. */
static size_t write_member(const char *member, char *out, size_t size)
{
    size_t at = 0, end = size - ENTRY_MAX;
    out[at++] = '"';
    for (; *member != '\0' && at + 2 <= end; member++) {
        if (*member == '"' || *member == '\\')
            out[at++] = '\\';
        out[at++] = *member;
    }
    while (at > 1 && ((unsigned char)*member & 0xC0U) == 0x80U) {
        member--;
        at--;
    }
    out[at++] = '"';
    out[at] = '\0';
    return at;
}

static void write_location(oe_fault *fault, oe__place place)
{
    fault->location[0] = '\0';
    if (place.member == NULL)
        return;
    size_t at = write_member(place.member, fault->location, sizeof fault->location);
    if (place.entry >= 0)
        snprintf(fault->location + at, sizeof fault->location - at, ",%d", (int)place.entry);
}

void oe__fault_add(oe_read_report *report, oe__place place, const char *type,
                   const char *message)
{
    if (report->fault_count < OE_FAULTS_MAX) {
        oe_fault *fault = &report->faults[report->fault_count];
        write_location(fault, place);
        fault->type = type;
        snprintf(fault->message, sizeof fault->message, "%s", message);
    }
    report->fault_count++;
}

oe_status oe__fault_status(const oe_read_report *report, oe_error *error)
{
    if (report->fault_count == 0)
        return OE_OK;
    const oe_fault *first = &report->faults[0];
    size_t length = strlen(first->location);
    const char *open = length > 0 ? " " : "", *close = length > 0 ? ":" : "";
    size_t more = report->fault_count - 1;
    if (more == 0)
        return oe__fail(error, OE_E_INVALID, "profile:%s%s%s %s", open, first->location, close,
                        first->message);
    return oe__fail(error, OE_E_INVALID, "profile:%s%s%s %s (and %zu more fault%s)", open,
                    first->location, close, first->message, more, more == 1 ? "" : "s");
}

/* ---- values ---- */

const char *oe__id_fault(const char *bytes, size_t length, const char **message)
{
    if (length == 0) {
        *message = "must have at least 1 byte";
        return "string_too_short";
    }
    if (length > OE_ID_MAX) {
        *message = "must have at most 128 bytes";
        return "string_too_long";
    }
    *message = "must be text without control characters";
    return oe__text_is_id(bytes, length) ? NULL : "string_pattern_mismatch";
}

const char *oe__type_fault(oe_type type, const char **message)
{
    static const struct {
        const char *type, *message;
    } faults[OE_TYPE_COUNT] = {
        [OE_NUMBER] = {"float_type", "must be a number"},
        [OE_INTEGER] = {"int_type", "must be a whole number"},
        [OE_MONEY] = {"float_type", "must be a number"},
        [OE_TEXT] = {"string_type", "must be a text"},
        [OE_FLAG] = {"bool_type", "must be true or false"},
        [OE_PRODUCT_SET] = {"list_type", "must be a list of product ids"},
    };
    *message = faults[type].message;
    return faults[type].type;
}

static void refuse(const oe__filling *filling, const char *type, const char *message)
{
    oe__fault_add(filling->report, filling->place, type, message);
}

void oe__fill_number(const oe__filling *filling, size_t attribute, double value)
{
    char message[sizeof filling->report->faults[0].message];
    oe_profile *profile = filling->profile;
    const oe_attribute *declared = oe__attribute(profile->ruleset, attribute);
    const char *type = oe__attribute_fault(declared, value, message, sizeof message);
    if (type != NULL)
        refuse(filling, type, message);
    else
        profile->values[attribute] = value + 0.0; /* no negative zero */
}

bool oe__fill_text(const oe__filling *filling, size_t attribute, const char *text,
                   size_t length)
{
    if (length <= OE_TEXT_MAX)
        return oe__profile_put_text(filling->profile, attribute, text, length);
    refuse(filling, "string_too_long", "must have at most 256 bytes");
    return true;
}

void oe__fill_id(const oe__filling *filling, const char *id, size_t length)
{
    const char *message, *type = oe__id_fault(id, length, &message);
    if (type != NULL)
        refuse(filling, type, message);
    else
        oe_profile_set_id(filling->profile, id, length, NULL);
}

bool oe__fill_product(const oe__filling *filling, const char *id, size_t length)
{
    bool known = false;
    oe_read_report *report = filling->report;
    const char *message, *type = oe__id_fault(id, length, &message);
    if (type != NULL) {
        refuse(filling, type, message);
        return true;
    }
    if (!oe__profile_put_product(filling->profile, id, length, &known))
        return false;
    if (!known && report->unknown_products++ < UNKNOWN_KEPT)
        report->unknown_at[report->unknown_products - 1] = (uint32_t)filling->place.entry;
    return true;
}
