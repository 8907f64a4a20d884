/* condition_spec.c: three-valued truth, sharing of equal conditions, and their words. */
#include "check.h"
#include "engine/decide.h"
#include "small_rules.h"

#include <float.h>

typedef struct book {
    oe_dictionary *dictionary;
    oe_builder *builder;
    oe_ruleset *ruleset;
    oe_profile *profile;
} book;

static book open_book(void)
{
    book opened = {.dictionary = oe_dictionary_new()};
    opened.builder = small_rules(opened.dictionary);
    return opened;
}

static bool seal(book *opened)
{
    opened->ruleset = small_seal(opened->builder);
    opened->profile = opened->ruleset ? oe_profile_new(opened->ruleset) : NULL;
    return CHECK(opened->profile != NULL);
}

static void close_book(book *opened)
{
    oe_profile_free(opened->profile);
    oe_ruleset_free(opened->ruleset);
    oe_dictionary_free(opened->dictionary);
}

static uint8_t truth_of(const book *opened, oe_condition condition)
{
    uint8_t truth[64] = {0};
    oe__evaluate(opened->ruleset, opened->profile->values, opened->profile->owned, truth);
    return truth[condition];
}

enum { U = OE__UNKNOWN, T = OE__TRUE, F = OE__FALSE };

/* ---- Kleene ---- */

static void set_flag(book *opened, size_t attribute, uint8_t truth)
{
    oe_profile_set_unknown(opened->profile, attribute);
    if (truth != U)
        oe_profile_set_number(opened->profile, attribute, truth == T, NULL);
}

static void it_joins_truths_as_kleene_does(void)
{
    static const struct {
        uint8_t a, b, all, any, not_a;
    } cases[] = {{F, F, F, F, T}, {F, U, F, U, T}, {F, T, F, T, T},
                 {U, F, F, U, U}, {U, U, U, U, U}, {U, T, U, T, U},
                 {T, F, F, T, F}, {T, U, U, T, F}, {T, T, T, T, F}};
    book opened = open_book();
    oe_attribute other = small_attribute("other", OE_FLAG);
    oe_builder_attribute(opened.builder, &other);
    oe_condition a = small_compare(opened.builder, OE_EQUALS, "member", 1);
    oe_condition b = small_compare(opened.builder, OE_EQUALS, "other", 1);
    oe_condition all = small_both(opened.builder, OE_ALL, a, b);
    oe_condition any = small_both(opened.builder, OE_ANY, a, b);
    oe_condition not_a = small_not(opened.builder, a);
    oe_condition not_all = small_not(opened.builder, all);
    oe_condition any_not =
        small_both(opened.builder, OE_ANY, not_a, small_not(opened.builder, b));
    bool sealed = seal(&opened);
    for (size_t i = 0; sealed && i < sizeof cases / sizeof *cases; i++) {
        set_flag(&opened, SMALL_MEMBER, cases[i].a);
        set_flag(&opened, SMALL_HOLDINGS + 1, cases[i].b);
        CHECK_INT(truth_of(&opened, all), cases[i].all);
        CHECK_INT(truth_of(&opened, any), cases[i].any);
        CHECK_INT(truth_of(&opened, not_a), cases[i].not_a);
        CHECK_INT(truth_of(&opened, any_not), truth_of(&opened, not_all)); /* De Morgan */
    }
    close_book(&opened);
}

static void it_knows_all_and_any_of_nothing(void)
{
    book opened = open_book();
    oe_condition all = oe_builder_condition(opened.builder, &(oe_test){.op = OE_ALL});
    oe_condition any = oe_builder_condition(opened.builder, &(oe_test){.op = OE_ANY});
    if (seal(&opened)) {
        CHECK_INT(truth_of(&opened, all), T);
        CHECK_INT(truth_of(&opened, any), F);
        CHECK_TEXT(oe_ruleset_condition_text(opened.ruleset, all), "always");
        CHECK_TEXT(oe_ruleset_condition_text(opened.ruleset, any), "never");
    }
    close_book(&opened);
}

/* ---- numbers ---- */

static const double bounds[] = {0, 1, -1, 0.1, 40000, 1e15, DBL_MIN, DBL_MAX, -DBL_MAX};
enum { BOUND_COUNT = sizeof bounds / sizeof *bounds };

/* The truth just below, at and just above the bound. */
typedef struct comparison {
    oe_operator op;
    uint8_t below, at, above;
} comparison;

static void check_comparison(const comparison *expected, double bound)
{
    book opened = open_book();
    oe_condition condition = small_compare(opened.builder, expected->op, "balance", bound);
    if (seal(&opened)) {
        const double values[] = {nextafter(bound, -HUGE_VAL), bound,
                                 nextafter(bound, HUGE_VAL)};
        const uint8_t truths[] = {expected->below, expected->at, expected->above};
        CHECK_INT(truth_of(&opened, condition), expected->op == OE_KNOWN     ? F
                                                : expected->op == OE_UNKNOWN ? T
                                                                             : U);
        for (size_t i = 0; i < 3; i++) {
            if (isinf(values[i]))
                continue;
            CHECK_INT(oe_profile_set_number(opened.profile, SMALL_BALANCE, values[i], NULL),
                      OE_OK);
            if (!CHECK_INT(truth_of(&opened, condition), truths[i]))
                printf("  operator %d, bound %g, value %zu\n", expected->op, bound, i);
        }
        oe_profile_set_unknown(opened.profile, SMALL_BALANCE);
        CHECK(truth_of(&opened, condition) != (expected->op == OE_UNKNOWN ? F : T));
    }
    close_book(&opened);
}

static void it_compares_at_the_last_bit(void)
{
    static const comparison comparisons[] = {
        {OE_AT_LEAST, F, T, T}, {OE_AT_MOST, T, T, F}, {OE_ABOVE, F, F, T},
        {OE_BELOW, T, F, F},    {OE_BETWEEN, F, T, F}, {OE_EQUALS, F, T, F},
        {OE_ONE_OF, F, T, F},   {OE_NONE_OF, T, F, T}, {OE_KNOWN, T, T, T},
        {OE_UNKNOWN, F, F, F},
    };
    for (size_t i = 0; i < sizeof comparisons / sizeof *comparisons; i++)
        for (size_t b = 0; b < BOUND_COUNT; b++)
            check_comparison(&comparisons[i], bounds[b]);
}

static void it_includes_both_ends_of_between(void)
{
    static const struct {
        double value;
        uint8_t truth;
    } cases[] = {{21.999999999999996, F}, {22, T}, {25, T}, {30, T}, {30.000000000000004, F}};
    book opened = open_book();
    oe_condition condition = small_between(opened.builder, "balance", 22, 30);
    if (seal(&opened))
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            oe_profile_set_number(opened.profile, SMALL_BALANCE, cases[i].value, NULL);
            CHECK_INT(truth_of(&opened, condition), cases[i].truth);
        }
    close_book(&opened);
}

/* ---- texts, flags, products, segments ---- */

static void it_compares_texts(void)
{
    static const oe_value values[] = {{0, "north"}, {0, "west"}};
    static const struct {
        const char *text; /* NULL: not on file */
        uint8_t equals, one_of, none_of;
    } cases[] = {{"north", T, T, F}, {"west", F, T, F}, {"North", F, F, T}, {"nort", F, F, T},
                 {"south", F, F, T}, {"", F, F, T},     {NULL, U, U, U}};
    book opened = open_book();
    oe_test test = {.op = OE_ONE_OF, .attribute = "region", .values = values, .value_count = 2};
    oe_condition one_of = oe_builder_condition(opened.builder, &test);
    test.op = OE_NONE_OF;
    oe_condition none_of = oe_builder_condition(opened.builder, &test);
    oe_condition equals = small_text(opened.builder, OE_EQUALS, "region", "north");
    oe_condition known = small_compare(opened.builder, OE_KNOWN, "region", 0);
    if (seal(&opened))
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            const char *text = cases[i].text;
            oe_profile_set_unknown(opened.profile, SMALL_REGION);
            if (text != NULL)
                oe_profile_set_text(opened.profile, SMALL_REGION, text, strlen(text), NULL);
            CHECK_INT(truth_of(&opened, equals), cases[i].equals);
            CHECK_INT(truth_of(&opened, one_of), cases[i].one_of);
            CHECK_INT(truth_of(&opened, none_of), cases[i].none_of);
            CHECK_INT(truth_of(&opened, known), text != NULL ? T : F);
        }
    close_book(&opened);
}

static void it_compares_flags(void)
{
    book opened = open_book();
    oe_condition yes = small_compare(opened.builder, OE_EQUALS, "member", 1);
    oe_condition no = small_compare(opened.builder, OE_EQUALS, "member", 0);
    if (seal(&opened)) {
        CHECK_INT(truth_of(&opened, yes), U);
        CHECK_INT(truth_of(&opened, no), U);
        for (int member = 0; member < 2; member++) {
            oe_profile_set_number(opened.profile, SMALL_MEMBER, member, NULL);
            CHECK_INT(truth_of(&opened, yes), member ? T : F);
            CHECK_INT(truth_of(&opened, no), member ? F : T);
        }
    }
    close_book(&opened);
}

static void it_asks_for_products(void)
{
    static const struct {
        const char *owned[2];
        uint8_t owns, lacks, lacks_saving, lacks_travel, lacks_credit;
    } cases[] = {{{NULL, NULL}, F, T, T, T, T},    {{"one", NULL}, T, F, F, T, T},
                 {{"two", NULL}, F, T, F, T, T},   {{"trip", NULL}, F, T, T, F, T},
                 {{"one", "trip"}, T, F, F, F, T}, {{"elsewhere", NULL}, F, T, T, T, T}};
    book opened = open_book();
    oe_product products[] = {small_product("one", "saving"), small_product("two", "saving"),
                             small_product("trip", "travel")};
    for (size_t i = 0; i < 3; i++)
        oe_builder_product(opened.builder, &products[i]);
    oe_condition owns = small_named(opened.builder, OE_OWNS, "one");
    oe_condition lacks = small_named(opened.builder, OE_LACKS, "one");
    oe_condition saving = small_named(opened.builder, OE_LACKS_CATEGORY, "saving");
    oe_condition travel = small_named(opened.builder, OE_LACKS_CATEGORY, "travel");
    oe_condition credit = small_named(opened.builder, OE_LACKS_CATEGORY, "credit");
    if (seal(&opened))
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            oe_profile_clear(opened.profile);
            for (size_t j = 0; j < 2 && cases[i].owned[j] != NULL; j++)
                oe_profile_own(opened.profile, cases[i].owned[j], strlen(cases[i].owned[j]),
                               NULL, NULL);
            CHECK_INT(truth_of(&opened, owns), cases[i].owns);
            CHECK_INT(truth_of(&opened, lacks), cases[i].lacks);
            CHECK_INT(truth_of(&opened, saving), cases[i].lacks_saving);
            CHECK_INT(truth_of(&opened, travel), cases[i].lacks_travel);
            CHECK_INT(truth_of(&opened, credit), cases[i].lacks_credit);
        }
    close_book(&opened);
}

/* Declared before the segment and after it: the order of evaluation must not matter. */
static void it_knows_membership_for_sure(void)
{
    static const struct {
        double balance;
        uint8_t condition, member;
    } cases[] = {{(double)NAN, U, F}, {9, F, F}, {10, T, T}};
    book opened = open_book();
    oe_condition early = small_named(opened.builder, OE_IN_SEGMENT, "rich");
    oe_condition through = small_named(opened.builder, OE_IN_SEGMENT, "outer");
    oe_condition strangers = small_not(opened.builder, early);
    oe_condition rich = small_compare(opened.builder, OE_AT_LEAST, "balance", 10);
    oe_segment outer = small_segment("outer", early), inner = small_segment("rich", rich);
    oe_builder_segment(opened.builder, &outer);
    oe_builder_segment(opened.builder, &inner);
    if (seal(&opened))
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            oe_profile_clear(opened.profile);
            if (!isnan(cases[i].balance))
                oe_profile_set_number(opened.profile, SMALL_BALANCE, cases[i].balance, NULL);
            CHECK_INT(truth_of(&opened, rich), cases[i].condition);
            CHECK_INT(truth_of(&opened, early), cases[i].member);
            CHECK_INT(truth_of(&opened, through), cases[i].member);
            CHECK_INT(truth_of(&opened, strangers), cases[i].member == T ? F : T);
        }
    close_book(&opened);
}

/* ---- sharing and words ---- */

static void it_shares_equal_conditions(void)
{
    book opened = open_book();
    oe_builder *b = opened.builder;
    oe_condition first = small_compare(b, OE_AT_LEAST, "income", 40000);
    CHECK_INT(small_compare(b, OE_AT_LEAST, "income", 40000), first);
    CHECK(small_compare(b, OE_AT_LEAST, "income", 40001) != first);
    CHECK(small_compare(b, OE_AT_LEAST, "balance", 40000) != first);
    CHECK(small_compare(b, OE_ABOVE, "income", 40000) != first);
    oe_condition text = small_text(b, OE_EQUALS, "region", "north");
    CHECK_INT(small_text(b, OE_EQUALS, "region", "north"), text);
    CHECK(small_text(b, OE_EQUALS, "region", "west") != text);
    CHECK(small_text(b, OE_ONE_OF, "region", "north") != text);
    oe_condition both = small_both(b, OE_ALL, first, text);
    CHECK_INT(small_both(b, OE_ALL, first, text), both);
    CHECK(small_both(b, OE_ALL, text, first) != both);
    CHECK(small_both(b, OE_ANY, first, text) != both);
    oe_condition gap = small_named(b, OE_LACKS_CATEGORY, NULL);
    CHECK_INT(small_named(b, OE_LACKS_CATEGORY, NULL), gap);
    CHECK(small_named(b, OE_LACKS_CATEGORY, "saving") != gap);
    CHECK_INT(oe_builder_condition(b, &(oe_test){.op = OE_NOT,
                                                 .parts = &(oe_condition){OE_NO_CONDITION},
                                                 .part_count = 1}) == OE_NO_CONDITION,
              true);
    CHECK(seal(&opened));
    close_book(&opened);
}

static void it_says_conditions_in_words(void)
{
    static const oe_value regions[] = {{0, "north"}, {0, "west"}};
    static const oe_value numbers[] = {{0.5, NULL}, {-3, NULL}};
    book opened = open_book();
    oe_builder *b = opened.builder;
    oe_product product = small_product("card", "saving");
    oe_segment segment = small_segment("rich", small_compare(b, OE_ABOVE, "balance", 1e6));
    oe_builder_product(b, &product);
    oe_builder_segment(b, &segment);
    oe_condition income = small_compare(b, OE_AT_LEAST, "income", 40000);
    oe_condition owns = small_named(b, OE_OWNS, "card");
    oe_condition both = small_both(b, OE_ALL, income, owns);
    const struct {
        oe_condition condition;
        const char *words;
    } cases[] = {
        {income, "income >= 40000"},
        {small_compare(b, OE_AT_MOST, "income", 0.1), "income <= 0.1"},
        {small_compare(b, OE_ABOVE, "balance", 1e6), "balance > 1000000"},
        {small_compare(b, OE_BELOW, "balance", -2.5), "balance < -2.5"},
        {small_between(b, "age", 22, 30), "age between 22 and 30"},
        {small_text(b, OE_EQUALS, "region", "north"), "region is north"},
        {oe_builder_condition(b, &(oe_test){.op = OE_ONE_OF,
                                            .attribute = "region",
                                            .values = regions,
                                            .value_count = 2}),
         "region is one of north, west"},
        {oe_builder_condition(b, &(oe_test){.op = OE_NONE_OF,
                                            .attribute = "balance",
                                            .values = numbers,
                                            .value_count = 2}),
         "balance is none of 0.5, -3"},
        {small_compare(b, OE_KNOWN, "age", 0), "age is on file"},
        {small_compare(b, OE_UNKNOWN, "age", 0), "age is not on file"},
        {owns, "owns card"},
        {small_named(b, OE_LACKS, "card"), "does not own card"},
        {small_named(b, OE_LACKS_CATEGORY, "saving"), "owns nothing in saving"},
        {small_named(b, OE_LACKS_CATEGORY, NULL), "owns nothing in the product's category"},
        {small_named(b, OE_IN_SEGMENT, "rich"), "is in segment rich"},
        {both, "(income >= 40000 and owns card)"},
        {small_both(b, OE_ANY, both, owns), "((income >= 40000 and owns card) or owns card)"},
        {small_not(b, both), "not (income >= 40000 and owns card)"},
        {small_not(b, owns), "not owns card"},
        {oe_builder_condition(b, &(oe_test){.op = OE_ALL, .parts = &owns, .part_count = 1}),
         "owns card"},
    };
    if (seal(&opened)) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
            CHECK_TEXT(oe_ruleset_condition_text(opened.ruleset, cases[i].condition),
                       cases[i].words);
        CHECK(oe_ruleset_condition_text(opened.ruleset, 1000) == NULL);
        CHECK(oe_ruleset_condition_text(opened.ruleset, OE_NO_CONDITION) == NULL);
    }
    close_book(&opened);
}

int main(void)
{
    RUN("all, any and not follow Kleene's tables", it_joins_truths_as_kleene_does);
    RUN("all of nothing is true, any of nothing false", it_knows_all_and_any_of_nothing);
    RUN("every comparison turns at the last bit, and an unknown value stays unknown",
        it_compares_at_the_last_bit);
    RUN("between includes both ends", it_includes_both_ends_of_between);
    RUN("texts are equal byte for byte, also those that no rule knows", it_compares_texts);
    RUN("a flag is true, false or unknown", it_compares_flags);
    RUN("ownership is never unknown", it_asks_for_products);
    RUN("membership of a segment is true or false, never unknown",
        it_knows_membership_for_sure);
    RUN("equal conditions share a number", it_shares_equal_conditions);
    RUN("a condition says itself in words", it_says_conditions_in_words);
    return check_report();
}
