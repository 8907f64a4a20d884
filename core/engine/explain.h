/* explain.h: what explain.c and change.c share. */
#ifndef OE_ENGINE_EXPLAIN_H
#define OE_ENGINE_EXPLAIN_H

#include "engine/decide.h"

typedef struct oe__explaining {
    oe_decider *decider;
    const oe_profile *profile;
    const oe_options *options;
    uint32_t product;
    oe_explanation *explanation; /* in decider->trace */
    oe_failure *failures;        /* explanation->failures while they are collected */
} oe__explaining;

/* Explains a product when the decider's last decision is of this profile with these options,
 * and leaves it so. */
const oe_explanation *oe__explain_decided(oe_decider *decider, const oe_profile *profile,
                                          const oe_options *options, size_t product);

/* Where a product leaves when the decider's last decision is of this profile with these
 * options: the stage of oe__explain_decided, without looking for what would bring it back.
 * OE_STAGE_COUNT: out of memory. */
oe_stage oe__stage_decided(oe_decider *decider, const oe_profile *profile,
                           const oe_options *options, size_t product);

/* explain_contact.c: the contact policies that refuse a product (stage 4). */
void oe__explain_contacts(oe__explaining *explaining);
/* Of a product that was a candidate: the policy that had nothing left when its turn came (stage
 * 9). false: none. */
bool oe__explain_cut(oe__explaining *explaining);

/* change.c: fills change_possible, change_cause and changes of a product that was refused. The
 * decider's decision stays. false: out of memory. */
bool oe__smallest_change(oe__explaining *explaining);

/* The profile that was explained last, with its derived values; `profile` was given for it. */
const oe_profile *oe__explained(const oe_decider *decider, const oe_profile *profile);

#endif
