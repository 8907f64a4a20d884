/* consent.h: what a customer asked not to be sent, as clients say it and as it is stored:
 * {"opt_out": [{"channel": "email"}, {"category": "credit"}, {"channel": "sms", "category":
 * "loan"}, {}]}; an empty entry is everything. Knows nothing of customers. */
#ifndef OE_CODEC_CONSENT_H
#define OE_CODEC_CONSENT_H

#include "engine/text.h"

enum { OE_OPT_OUTS_MAX = 64 };

typedef struct oe__opt_out {
    char channel[OE_ID_MAX], category[OE_ID_MAX];
    size_t channel_length, category_length; /* 0: all */
} oe__opt_out;

typedef struct oe__consent {
    const oe_ruleset *ruleset; /* given: whose categories are known; NULL: any is fine */
    size_t count;
    oe__opt_out opt_outs[OE_OPT_OUTS_MAX];
} oe__consent;

/* Strict: nothing else may be in there. OE_E_SYNTAX, OE_E_LIMIT: as of json.h. OE_E_INVALID:
 * report->faults lists every fault. */
oe_status oe__consent_read(const char *json, size_t length, oe__consent *consent,
                           oe_read_report *report, oe_error *error);

/* Appends the text that is stored and answered. */
void oe__consent_write(oe__buffer *buffer, const oe__consent *consent);

#endif
