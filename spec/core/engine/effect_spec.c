/* effect_spec.c: the principal reasons of a refusal stand in order of effect, at most four,
 * each once. */
#include "check.h"
#include "engine/effect.h"
#include "small_rules.h"

#include <math.h>

enum { CASE_FAILURES = 6 };

typedef struct effect_case {
    const char *title;
    oe_failure failures[CASE_FAILURES];
    size_t count;
    oe_cause expected[OE__PRINCIPAL_MAX];
    size_t expected_count;
} effect_case;

static oe_failure of(oe_stage stage, oe_cause cause)
{
    return (oe_failure){.stage = stage,
                        .cause = cause,
                        .attribute = -1,
                        .needed = (double)NAN,
                        .actual = (double)NAN,
                        .gap = (double)NAN};
}

static oe_failure gap(oe_cause cause, int32_t attribute, double needed, double by)
{
    oe_failure failure = of(OE_STAGE_GATES, cause);
    failure.attribute = attribute;
    failure.needed = needed;
    failure.gap = by;
    failure.actual = needed - by;
    return failure;
}

static void check_case(const oe_ruleset *ruleset, const effect_case *one)
{
    oe_explanation explanation = {.failures = one->failures, .failure_count = one->count};
    oe_cause causes[OE__PRINCIPAL_MAX];
    size_t count = oe__principal_causes(ruleset, &explanation, causes);
    bool ok = CHECK_INT(count, one->expected_count);
    for (size_t i = 0; i < count && i < one->expected_count; i++)
        ok &= CHECK_TEXT(oe_cause_name(causes[i]), oe_cause_name(one->expected[i]));
    if (!ok)
        printf("  in: %s\n", one->title);
}

/* Scored by income from 10000 to 100000; credit_score has the range 300 to 850. */
static void it_orders_by_effect(void)
{
    const oe_failure off = of(OE_STAGE_AVAILABILITY, OE_CAUSE_OFF);
    const oe_failure owned = of(OE_STAGE_OWNERSHIP, OE_CAUSE_OWNED);
    const oe_failure condition = of(OE_STAGE_GATES, OE_CAUSE_CONDITION);
    const oe_failure excluded = of(OE_STAGE_GATES, OE_CAUSE_EXCLUDED);
    const oe_failure threshold = of(OE_STAGE_THRESHOLD, OE_CAUSE_BELOW_THRESHOLD);
    const oe_failure unknown = gap(OE_CAUSE_NOT_ON_FILE, SMALL_CREDIT_SCORE, 600, (double)NAN);
    const oe_failure near = gap(OE_CAUSE_BELOW_MINIMUM, SMALL_CREDIT_SCORE, 600, 54);
    const oe_failure far = gap(OE_CAUSE_BELOW_MINIMUM, SMALL_CREDIT_SCORE, 600, 56);
    const oe_failure above = gap(OE_CAUSE_ABOVE_MAXIMUM, SMALL_INCOME, 50000, -9000);
    const oe_failure visits = gap(OE_CAUSE_ABOVE_MAXIMUM, SMALL_BALANCE, 100, -11);
    const effect_case cases[] = {
        {"nothing", {{0}}, 0, {0}, 0},
        {"one", {threshold}, 1, {OE_CAUSE_BELOW_THRESHOLD}, 1},
        {"54 of 550 is less than 9000 of 90000",
         {near, above},
         2,
         {OE_CAUSE_ABOVE_MAXIMUM, OE_CAUSE_BELOW_MINIMUM},
         2},
        {"56 of 550 is more than 9000 of 90000",
         {above, far},
         2,
         {OE_CAUSE_BELOW_MINIMUM, OE_CAUSE_ABOVE_MAXIMUM},
         2},
        {"an attribute that is not scored counts by its limit",
         {far, visits},
         2,
         {OE_CAUSE_ABOVE_MAXIMUM, OE_CAUSE_BELOW_MINIMUM},
         2},
        {"not on file is away by the whole",
         {above, far, unknown},
         3,
         {OE_CAUSE_NOT_ON_FILE, OE_CAUSE_BELOW_MINIMUM, OE_CAUSE_ABOVE_MAXIMUM},
         3},
        {"limits come before conditions and what is owned before limits",
         {excluded, condition, above, owned},
         4,
         {OE_CAUSE_OWNED, OE_CAUSE_ABOVE_MAXIMUM, OE_CAUSE_EXCLUDED, OE_CAUSE_CONDITION},
         4},
        {"each once, four at most",
         {off, owned, near, far, above, condition},
         6,
         {OE_CAUSE_OFF, OE_CAUSE_OWNED, OE_CAUSE_BELOW_MINIMUM, OE_CAUSE_ABOVE_MAXIMUM},
         4},
    };
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_builder *builder = small_rules(dictionary);
    oe_product product = small_product("p", "saving");
    oe_builder_product(builder, &product);
    oe_ruleset *ruleset = small_seal(builder);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_case(ruleset, &cases[i]);
    oe_ruleset_free(ruleset);
    oe_dictionary_free(dictionary);
}

int main(void)
{
    RUN("principal reasons stand in order of effect", it_orders_by_effect);
    return check_report();
}
