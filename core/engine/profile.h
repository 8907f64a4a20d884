/* profile.h: one customer's values in the ruleset's numbering. */
#ifndef OE_ENGINE_PROFILE_H
#define OE_ENGINE_PROFILE_H

#include "engine/ruleset.h"

/* Texts and unknown product ids, one after the other: a head, then the bytes. This is also how
 * populations store them. */
typedef struct oe__extra {
    uint16_t attribute; /* dictionary number, or OE__UNKNOWN_PRODUCT */
    uint16_t length;
} oe__extra;

enum { OE__UNKNOWN_PRODUCT = 0xFFFF };

/* A text value that no rule compares with. */
#define OE__OTHER_TEXT (-1.0)

struct oe_profile {
    const oe_ruleset *ruleset;
    char id[OE_ID_MAX + 1];
    size_t id_length;
    double
        *values; /* by attribute; NAN: not on file; text: dictionary code or OE__OTHER_TEXT */
    uint64_t *owned;   /* by dictionary product number, ruleset->word_count words */
    oe__buffer extras; /* oe__extra records */
    size_t unknown_products;
};

/* The next record at *offset; its bytes in *bytes. false at the end. */
bool oe__extra_next(const char *extras, size_t length, size_t *offset, oe__extra *extra,
                    const char **bytes);

/* Why an attribute cannot have this number: a stable fault type ("finite_number",
 * "int_from_float", "greater_than_equal", "less_than_equal", "bool_type") with words in
 * `message`, or NULL when it can. */
const char *oe__attribute_fault(const oe_attribute *attribute, double value, char *message,
                                size_t size);

/* The attribute that a customer record may hold under a name; -1: none, or one that is derived.
 */
int32_t oe__profile_attribute(const oe_ruleset *ruleset, const char *name, size_t length);

/* Everything of `source`, of the same ruleset. false: out of memory. */
bool oe__profile_copy(oe_profile *copy, const oe_profile *source);

/* Sets a text or product without repeating the checks; false: out of memory. */
bool oe__profile_put_text(oe_profile *profile, size_t attribute, const char *text,
                          size_t length);
bool oe__profile_put_product(oe_profile *profile, const char *id, size_t length, bool *known);

static inline bool oe__owns(const uint64_t *owned, uint32_t number)
{
    return (owned[number / 64] >> number % 64 & 1U) != 0;
}

#endif
