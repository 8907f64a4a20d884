/* sample_rules.h: a catalogue like the one in rules/, made through the public builder, for C
 * specs that need real names and numbers without a rule language. */
#ifndef OE_SPEC_SAMPLE_RULES_H
#define OE_SPEC_SAMPLE_RULES_H

#include "offerengine.h"

/* The attributes of the sample schema, in its order. */
enum {
    SAMPLE_AGE,
    SAMPLE_INCOME,
    SAMPLE_OWNED,
    SAMPLE_CREDIT_SCORE,
    SAMPLE_BALANCE,
    SAMPLE_SAVINGS_RATE,
    SAMPLE_TRANSACTIONS,
    SAMPLE_REGION,
    SAMPLE_RISK_TOLERANCE,
    SAMPLE_STAFF,
    SAMPLE_ATTRIBUTE_COUNT
};

/* 15 products in 9 categories, 5 segments, 4 dimensions, 3 rules; source "abcdef012345". NULL
 * (the findings were printed) never happens in a correct engine. */
oe_ruleset *sample_rules(oe_dictionary *dictionary);

/* The same into a builder that is not sealed yet, for specs that add to it. */
void sample_build(oe_builder *builder);

/* Seals, printing findings when that fails; frees the builder. */
oe_ruleset *sample_seal(oe_builder *builder);

/* C001 of the samples: age 35, income 95000, owns savings_account and debit_card, credit score
 * 735, balance 28000. */
void sample_customer(oe_profile *profile);

/* Lawful random values of every attribute, some of the optional ones not on file, some owned
 * ids unknown to the catalogue; the id is "R" and the number. */
void sample_random(oe_profile *profile, uint64_t *state, uint32_t number);

#endif
