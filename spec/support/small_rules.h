/* small_rules.h: a small lawful vocabulary to hang one declaration on, for specs of the engine.
 *
 * attributes  income      money, from 0, required, words "income", "earning"
 *             credit_score integer 300..850, nullable
 *             balance     number, open, optional
 *             age         integer 0..130, optional, protected, immutable, word "age"
 *             region      text, optional
 *             member      flag, optional
 *             holdings    product set
 * categories  credit (regulated), saving, travel
 * dimensions  income 40 to 100000, credit_score 30 to 800, balance 20 to 50000, age 10 gate */
#ifndef OE_SPEC_SMALL_RULES_H
#define OE_SPEC_SMALL_RULES_H

#include "offerengine.h"

enum {
    SMALL_INCOME,
    SMALL_CREDIT_SCORE,
    SMALL_BALANCE,
    SMALL_AGE,
    SMALL_REGION,
    SMALL_MEMBER,
    SMALL_HOLDINGS
};

/* A builder that knows the vocabulary and no product. */
oe_builder *small_rules(oe_dictionary *dictionary);

/* Declarations that are lawful as they are; every place is "case.lua":7. */
oe_attribute small_attribute(const char *name, oe_type type);
/* min_income = 10000. */
oe_product small_product(const char *id, const char *category);
oe_segment small_segment(const char *id, oe_condition condition);
oe_dimension small_dimension(const char *name, const char *attribute);
/* An adjust rule for every product. */
oe_rule small_rule(const char *id, double points);
oe_where small_where(void);

/* Conditions. A comparison's bound is both low and high. */
oe_condition small_compare(oe_builder *builder, oe_operator op, const char *attribute,
                           double bound);
oe_condition small_between(oe_builder *builder, const char *attribute, double low, double high);
oe_condition small_text(oe_builder *builder, oe_operator op, const char *attribute,
                        const char *text);
/* owns, lacks, lacks_category, in_segment. */
oe_condition small_named(oe_builder *builder, oe_operator op, const char *name);
oe_condition small_not(oe_builder *builder, oe_condition part);
oe_condition small_both(oe_builder *builder, oe_operator op, oe_condition a, oe_condition b);

/* Seals and frees the builder; prints the findings and gives NULL when there are any errors. */
oe_ruleset *small_seal(oe_builder *builder);

#endif
