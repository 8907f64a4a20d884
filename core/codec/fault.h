/* fault.h: the faults of profiles, named alike whatever text they came in. Types are those that
 * pydantic v2 uses. Messages and locations never hold a value that was sent. */
#ifndef OE_CODEC_FAULT_H
#define OE_CODEC_FAULT_H

#include "offerengine.h"

/* Where a fault lies. */
typedef struct oe__place {
    const char *member; /* NULL: the whole */
    int64_t entry;      /* 0-based in a list, -1: not in one */
} oe__place;

/* Counts a fault and keeps it while there is room. `type` must last. */
void oe__fault_add(oe_read_report *report, oe__place place, const char *type,
                   const char *message);

/* Why the bytes (UTF-8) are no lawful id: "string_too_short", "string_too_long" or
 * "string_pattern_mismatch" with words in *message; NULL when they are one. */
const char *oe__id_fault(const char *bytes, size_t length, const char **message);

/* The fault of a value that has not the attribute's type, with its words. */
const char *oe__type_fault(oe_type type, const char **message);

/* A profile being filled, and where its next value stands. */
typedef struct oe__filling {
    oe_profile *profile;
    oe_read_report *report;
    oe__place place;
} oe__filling;

/* Each sets a value or counts the fault that it is. Texts are UTF-8; a flag's value is 0 or 1.
 * A product is the one at place.entry (counted from 0), noted when the catalogue does not know
 * it. false: out of memory. */
void oe__fill_id(const oe__filling *filling, const char *id, size_t length);
void oe__fill_number(const oe__filling *filling, size_t attribute, double value);
bool oe__fill_text(const oe__filling *filling, size_t attribute, const char *text,
                   size_t length);
bool oe__fill_product(const oe__filling *filling, const char *id, size_t length);

/* OE_OK without faults, else OE_E_INVALID: "profile: age: must be at least 0 (and 2 more
 * faults)". */
oe_status oe__fault_status(const oe_read_report *report, oe_error *error);

/* Empties a report without touching the faults kept in it. */
void oe__report_begin(oe_read_report *report);

#endif
