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

/* change.c: fills change_possible, change_cause and changes of a product that was refused.
 * Decides again with the decider, so it comes last. false: out of memory. */
bool oe__smallest_change(oe__explaining *explaining);

#endif
