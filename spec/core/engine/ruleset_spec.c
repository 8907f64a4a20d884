/* ruleset_spec.c: reading a sealed ruleset. */
#include "check.h"
#include "small_rules.h"

static oe_ruleset *sample(oe_dictionary *dictionary)
{
    oe_builder *builder = small_rules(dictionary);
    oe_product product = small_product("card", "credit");
    oe_rule rule = small_rule("bonus", 5);
    oe_segment segment =
        small_segment("rich", small_compare(builder, OE_AT_LEAST, "income", 1e6));
    oe_builder_product(builder, &product);
    oe_builder_rule(builder, &rule);
    oe_builder_segment(builder, &segment);
    oe_builder_source(builder, "0123456789ab");
    return small_seal(builder);
}

static void it_counts_and_finds(void)
{
    static const struct {
        oe_kind kind;
        size_t count;
        const char *last;
    } cases[] = {{OE_ATTRIBUTES, 7, "holdings"}, {OE_CATEGORIES, 3, "travel"},
                 {OE_PRODUCTS, 1, "card"},       {OE_SEGMENTS, 1, "rich"},
                 {OE_DIMENSIONS, 4, "age"},      {OE_RULES, 1, "bonus"}};
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_ruleset *ruleset = sample(dictionary);
    for (size_t i = 0; CHECK(ruleset != NULL) && i < sizeof cases / sizeof *cases; i++) {
        const char *name = cases[i].last;
        CHECK_INT(oe_ruleset_count(ruleset, cases[i].kind), cases[i].count);
        CHECK_INT(oe_ruleset_find(ruleset, cases[i].kind, name, strlen(name)),
                  cases[i].count - 1);
        CHECK_INT(oe_ruleset_find(ruleset, cases[i].kind, name, strlen(name) - 1), -1);
        CHECK_INT(oe_ruleset_find(ruleset, cases[i].kind, "", 0), -1);
    }
    CHECK_INT(oe_ruleset_count(ruleset, OE_KIND_COUNT), 0);
    CHECK_INT(oe_ruleset_find(ruleset, OE_KIND_COUNT, "card", 4), -1);
    oe_ruleset_free(ruleset);
    oe_dictionary_free(dictionary);
}

static void it_gives_what_was_declared(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_ruleset *ruleset = sample(dictionary);
    if (CHECK(ruleset != NULL)) {
        CHECK_TEXT(oe_ruleset_source(ruleset), "0123456789ab");
        CHECK(oe_ruleset_dictionary(ruleset) == dictionary);
        CHECK_TEXT(oe_ruleset_attribute(ruleset, SMALL_AGE)->name, "age");
        CHECK_INT(oe_ruleset_attribute(ruleset, SMALL_AGE)->where.line, SMALL_AGE + 1);
        CHECK_TEXT(oe_ruleset_category(ruleset, 0)->name, "Credit");
        CHECK_TEXT(oe_ruleset_product(ruleset, 0)->name, "card"); /* the id for want of one */
        CHECK_TEXT(oe_ruleset_segment(ruleset, 0)->name, "rich");
        CHECK_NEAR(oe_ruleset_dimension(ruleset, 0)->weight, 40, 0);
        CHECK_NEAR(oe_ruleset_rule(ruleset, 0)->points, 5, 0);
        CHECK(oe_ruleset_attribute(ruleset, 7) == NULL);
        CHECK(oe_ruleset_category(ruleset, 3) == NULL);
        CHECK(oe_ruleset_product(ruleset, 1) == NULL);
        CHECK(oe_ruleset_segment(ruleset, 1) == NULL);
        CHECK(oe_ruleset_dimension(ruleset, 4) == NULL);
        CHECK(oe_ruleset_rule(ruleset, SIZE_MAX) == NULL);
    }
    oe_ruleset_free(ruleset);
    oe_dictionary_free(dictionary);
}

static void it_lives_as_long_as_somebody_holds_it(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_ruleset *ruleset = sample(dictionary);
    oe_dictionary_free(dictionary); /* the ruleset holds its own reference */
    CHECK(oe_ruleset_hold(ruleset) == ruleset);
    oe_ruleset_free(ruleset);
    CHECK_INT(oe_ruleset_count(ruleset, OE_PRODUCTS), 1);
    oe_ruleset_free(ruleset);
    oe_ruleset_free(NULL);
}

static void it_has_a_source_without_one(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_ruleset *ruleset = small_seal(small_rules(dictionary));
    CHECK_TEXT(ruleset ? oe_ruleset_source(ruleset) : NULL, "000000000000");
    oe_ruleset_free(ruleset);
    oe_dictionary_free(dictionary);
}

static void it_names_stages_and_causes(void)
{
    static const char *const stages[] = {"offered",        "availability", "ownership", "gates",
                                         "contact_policy", "threshold",    "selection"};
    static const char *const causes[] = {"switched_off",
                                         "not_yet_available",
                                         "no_longer_available",
                                         "already_owned",
                                         "needs_product",
                                         "excluded_by_product",
                                         "below_minimum",
                                         "above_maximum",
                                         "not_on_file",
                                         "condition_not_met",
                                         "excluded",
                                         "other_category",
                                         "not_targeted",
                                         "not_in_campaign",
                                         "capped",
                                         "cooling_down",
                                         "quiet",
                                         "opted_out",
                                         "below_threshold",
                                         "outranked"};
    CHECK_INT(sizeof stages / sizeof *stages, OE_STAGE_COUNT);
    CHECK_INT(sizeof causes / sizeof *causes, OE_CAUSE_COUNT);
    for (int i = 0; i < OE_STAGE_COUNT; i++)
        CHECK_TEXT(oe_stage_name((oe_stage)i), stages[i]);
    for (int i = 0; i < OE_CAUSE_COUNT; i++)
        CHECK_TEXT(oe_cause_name((oe_cause)i), causes[i]);
    CHECK_TEXT(oe_stage_name(OE_STAGE_COUNT), "unknown");
    CHECK_TEXT(oe_cause_name(OE_CAUSE_COUNT), "unknown");
}

int main(void)
{
    RUN("items are counted and found by name", it_counts_and_finds);
    RUN("items are given as declared, NULL beyond the last", it_gives_what_was_declared);
    RUN("a ruleset is freed with its last reference", it_lives_as_long_as_somebody_holds_it);
    RUN("rules without a source hash say so in twelve digits", it_has_a_source_without_one);
    RUN("stages and causes have stable names", it_names_stages_and_causes);
    return check_report();
}
