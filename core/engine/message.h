/* message.h: a product's message, taken apart when the rules are sealed: texts, and what is
 * filled in for each customer. Knows nothing of how a number is written. */
#ifndef OE_ENGINE_MESSAGE_H
#define OE_ENGINE_MESSAGE_H

#include "offerengine.h"

typedef enum oe__message_kind {
    OE__MESSAGE_WORDS,      /* text of the template */
    OE__MESSAGE_NAME,       /* {name}: the product's */
    OE__MESSAGE_CATEGORY,   /* {category}: the name of the product's */
    OE__MESSAGE_CUSTOMER,   /* {customer_id} */
    OE__MESSAGE_CONFIDENCE, /* {confidence}: one decimal, as confidence_score */
    OE__MESSAGE_MONEY,      /* the rest are values of an attribute */
    OE__MESSAGE_NUMBER,
    OE__MESSAGE_INTEGER,
    OE__MESSAGE_PERCENT,
    OE__MESSAGE_FLAG,
    OE__MESSAGE_TEXT
} oe__message_kind;

typedef struct oe__message_part {
    oe__message_kind kind;
    uint32_t attribute; /* of the ruleset, for values */
    const char *words;  /* OE__MESSAGE_WORDS, {{ and }} read already */
} oe__message_part;

#endif
