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

/* Sets a number (a flag: 0 or 1) or counts the fault that it is. */
void oe__fault_or_number(oe_profile *profile, size_t attribute, double value, oe__place place,
                         oe_read_report *report);

/* Sets a text (UTF-8) or counts the fault that it is. false: out of memory. */
bool oe__fault_or_text(oe_profile *profile, size_t attribute, const char *text, size_t length,
                       oe__place place, oe_read_report *report);

/* Sets the customer's id or counts the fault that it is. */
void oe__fault_or_id(oe_profile *profile, const char *id, size_t length, oe__place place,
                     oe_read_report *report);

/* Adds an owned product, the one at place.entry (counted from 0), or counts the fault that it
 * is; notes an id that the catalogue does not know. false: out of memory. */
bool oe__fault_or_product(oe_profile *profile, const char *id, size_t length, oe__place place,
                          oe_read_report *report);

/* OE_OK without faults, else OE_E_INVALID: "profile: age: must be at least 0 (and 2 more
 * faults)". */
oe_status oe__fault_status(const oe_read_report *report, oe_error *error);

/* Empties a report without touching the faults kept in it. */
void oe__report_begin(oe_read_report *report);

#endif
