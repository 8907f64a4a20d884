/* outcome.h: what became of an offer, as clients report it: one JSON object per event. Knows
 * nothing of decisions that were made or of where events are kept. */
#ifndef OE_CODEC_OUTCOME_H
#define OE_CODEC_OUTCOME_H

#include "engine/text.h"

enum { OE_DECISION_ID_SIZE = 16 }; /* OE_RECORD_ID_SIZE of codec/record.h */

/* Stored by number: only ever add to the end. */
typedef enum oe_outcome {
    OE_OUTCOME_SHOWN,
    OE_OUTCOME_CLICKED,
    OE_OUTCOME_ACCEPTED,
    OE_OUTCOME_DECLINED,
    OE_OUTCOME_CONVERTED,
    OE_OUTCOME_COUNT
} oe_outcome;

const char *oe__outcome_name(oe_outcome outcome);

/* One event as it was sent. */
typedef struct oe__outcome {
    unsigned char decision[OE_DECISION_ID_SIZE];
    char product[OE_ID_MAX], channel[OE_ID_MAX];
    size_t product_length, channel_length; /* channel 0: not given */
    oe_outcome outcome;
    int64_t at_ms; /* UTC; 0: not given */
    double value;
    bool has_value;
} oe__outcome;

/* Reads {"decision_id", "product_id", "outcome", "at"?, "channel"?, "value"?}; other members
 * are counted in report->undeclared and ignored. OE_E_SYNTAX, OE_E_LIMIT: as of json.h.
 * OE_E_INVALID: report->faults lists every fault. */
oe_status oe__outcome_read(const char *json, size_t length, oe__outcome *outcome,
                           oe_read_report *report, oe_error *error);

/* Milliseconds UTC of "2026-12-03T10:15:30.250Z"; the fraction may be absent, the zone also
 * "+05:30". false: not such a text. */
bool oe__time_read(const char *text, size_t length, int64_t *at_ms);

typedef struct oe__owning {
    const char *member, *product;
    size_t member_length, product_length;
} oe__owning;

/* Adds a product to the set owning->member of a customer's stored JSON text. *is_changed is
 * false when it is in there already, or when there is no such member. OE_E_CORRUPT: not such a
 * text. OE_E_MEMORY. */
oe_status oe__outcome_own(oe__buffer *out, const char *body, size_t length,
                          const oe__owning *owning, bool *is_changed);

#endif
