/* contact_desk.h: rules with contact policies over six products that one customer gets all of,
 * two in each category of small_rules.h, for specs of contact policies. */
#ifndef OE_SPEC_CONTACT_DESK_H
#define OE_SPEC_CONTACT_DESK_H

#include "small_rules.h"

enum { CONTACT_PRODUCTS = 6, CONTACT_MINUTE = 60000, CONTACT_DAY = 86400000 };
#define CONTACT_NOW INT64_C(1795305600000) /* Sunday 2026-11-22, 00:00 UTC */

/* card_a, card_b; save_a, save_b; trip_a, trip_b. */
extern const char *const contact_ids[CONTACT_PRODUCTS];
extern const char *const contact_categories[CONTACT_PRODUCTS / 2];

typedef struct contact_desk {
    oe_dictionary *dictionary;
    oe_ruleset *ruleset;
    oe_decider *decider;
    oe_profile *profile;
    oe_contacts contacts;
    oe_options options;
} contact_desk;

/* One in 30 days, as far as it counts. */
oe_policy contact_policy(oe_policy_kind kind, const char *id);
void contact_products(oe_builder *builder);

/* Ends the program when the policies are unlawful. */
contact_desk contact_open(const oe_policy *policies, size_t count);
void contact_close(contact_desk *on);

/* 0 for NULL. */
uint64_t contact_name(const char *text);

/* Decides with what the history leaves, for the desk's channel and campaign. */
const oe_decision *contact_decide(contact_desk *on, const oe_contact *history, size_t count);

#endif
