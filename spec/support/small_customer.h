/* small_customer.h: one customer to decide for under small_rules and what a spec adds to them,
 * for specs of the engine. */
#ifndef OE_SPEC_SMALL_CUSTOMER_H
#define OE_SPEC_SMALL_CUSTOMER_H

#include "small_rules.h"

typedef struct small_customer {
    oe_dictionary *dictionary;
    oe_ruleset *ruleset;
    oe_decider *decider;
    oe_profile *profile; /* C1, an income of 90000 */
    oe_options options;  /* at 1000 ms, every category */
} small_customer;

/* A builder to declare more with. */
oe_builder *small_customer_begin(small_customer *made);
/* Seals and frees it; `calls` answer for functions. Ends the program when the rules have errors
 * or memory is out. */
void small_customer_seal(small_customer *made, oe_builder *builder, const oe_calls *calls);
void small_customer_close(small_customer *made);

#endif
