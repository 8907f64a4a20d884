/* explain_spec.c: the trace of a product: each cause once, every point, and where it left. */
#include "check.h"
#include "small_rules.h"

#include <math.h>

typedef struct book {
    oe_dictionary *dictionary;
    oe_builder *builder;
    oe_ruleset *ruleset;
    oe_decider *decider;
    oe_profile *profile;
    oe_options options;
} book;

static book open_book(void)
{
    book opened = {.dictionary = oe_dictionary_new(),
                   .options = {.at_ms = 5000, .category = -1}};
    opened.builder = small_rules(opened.dictionary);
    return opened;
}

static void seal(book *opened)
{
    opened->ruleset = small_seal(opened->builder);
    opened->decider = opened->ruleset ? oe_decider_new(opened->ruleset) : NULL;
    opened->profile = opened->ruleset ? oe_profile_new(opened->ruleset) : NULL;
    if (CHECK(opened->profile != NULL))
        oe_profile_set_number(opened->profile, SMALL_INCOME, 55000, NULL);
}

static void close_book(book *opened)
{
    oe_decider_free(opened->decider);
    oe_profile_free(opened->profile);
    oe_ruleset_free(opened->ruleset);
    oe_dictionary_free(opened->dictionary);
}

static void add(book *opened, oe_product product)
{
    oe_builder_product(opened->builder, &product);
}

static const oe_explanation *explain(book *opened, const char *id)
{
    int32_t product = oe_ruleset_find(opened->ruleset, OE_PRODUCTS, id, strlen(id));
    return oe_explain(opened->decider, opened->profile, &opened->options, (size_t)product);
}

static bool is_same(double actual, double expected)
{
    return isnan(expected) ? isnan(actual) : actual == expected;
}

static void check_failure(const oe_failure *actual, const oe_failure *expected)
{
    CHECK_TEXT(oe_stage_name(actual->stage), oe_stage_name(expected->stage));
    CHECK_TEXT(oe_cause_name(actual->cause), oe_cause_name(expected->cause));
    CHECK_INT(actual->attribute, expected->attribute);
    CHECK(is_same(actual->needed, expected->needed));
    CHECK(is_same(actual->actual, expected->actual));
    CHECK(is_same(actual->gap, expected->gap));
    CHECK_INT(actual->date_ms, expected->date_ms);
    CHECK_TEXT(actual->rule, expected->rule);
    CHECK_TEXT(actual->other, expected->other);
    CHECK_TEXT(actual->text, expected->text);
    CHECK_TEXT(actual->where.file, "rules.lua");
    CHECK_INT(actual->where.line, expected->where.line);
}

#define NONE (double)NAN

/* The only failure of product "p". */
static void check_only(book *opened, oe_failure expected)
{
    const oe_explanation *explanation = explain(opened, "p");
    if (CHECK(explanation != NULL) && CHECK_INT(explanation->failure_count, 1)) {
        CHECK_INT(explanation->stage, expected.stage);
        check_failure(&explanation->failures[0], &expected);
    }
}

static oe_failure failure_of_p(oe_stage stage, oe_cause cause)
{
    return (oe_failure){.stage = stage,
                        .cause = cause,
                        .attribute = -1,
                        .needed = NONE,
                        .actual = NONE,
                        .gap = NONE,
                        .date_ms = INT64_MIN,
                        .rule = "p",
                        .where = {"rules.lua", 20}};
}

static oe_product product_p(void)
{
    oe_product product = small_product("p", "saving");
    product.where = (oe_where){"rules.lua", 20};
    return product;
}

/* ---- availability and ownership ---- */

static void it_says_what_is_not_available(void)
{
    static const struct {
        bool off;
        int64_t from_ms, until_ms;
        int32_t category;
        oe_cause cause; /* OE_CAUSE_COUNT: offered */
    } cases[] = {
        {false, INT64_MIN, INT64_MAX, -1, OE_CAUSE_COUNT},
        {true, INT64_MIN, INT64_MAX, -1, OE_CAUSE_OFF},
        {false, 5000, INT64_MAX, -1, OE_CAUSE_COUNT},
        {false, 5001, INT64_MAX, -1, OE_CAUSE_NOT_YET},
        {false, INT64_MIN, 5001, -1, OE_CAUSE_COUNT},
        {false, INT64_MIN, 5000, -1, OE_CAUSE_ENDED},
        {false, INT64_MIN, INT64_MAX, 1, OE_CAUSE_COUNT},
        {false, INT64_MIN, INT64_MAX, 0, OE_CAUSE_OTHER_CATEGORY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        book opened = open_book();
        oe_product product = product_p();
        product.off = cases[i].off;
        product.from_ms = cases[i].from_ms;
        product.until_ms = cases[i].until_ms;
        opened.options.category = cases[i].category;
        add(&opened, product);
        seal(&opened);
        oe_failure expected = failure_of_p(OE_STAGE_AVAILABILITY, cases[i].cause);
        if (cases[i].cause == OE_CAUSE_NOT_YET)
            expected.date_ms = cases[i].from_ms;
        else if (cases[i].cause == OE_CAUSE_ENDED)
            expected.date_ms = cases[i].until_ms;
        if (cases[i].cause == OE_CAUSE_COUNT)
            CHECK_INT(explain(&opened, "p")->stage, OE_STAGE_OFFERED);
        else
            check_only(&opened, expected);
        close_book(&opened);
    }
}

static void it_says_what_ownership_hinders(void)
{
    static const char *const base[] = {"base"}, *const rival[] = {"rival"};
    static const struct {
        const char *owned;
        oe_cause cause;
        const char *other;
    } cases[] = {{"p", OE_CAUSE_OWNED, NULL},
                 {NULL, OE_CAUSE_NEEDS_PRODUCT, "base"},
                 {"rival", OE_CAUSE_EXCLUDED_BY_PRODUCT, "rival"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        book opened = open_book();
        oe_product product = product_p();
        product.after = base;
        product.after_count = 1;
        product.not_with = rival;
        product.not_with_count = 1;
        add(&opened, small_product("base", "travel"));
        add(&opened, product);
        add(&opened, small_product("rival", "travel"));
        seal(&opened);
        if (cases[i].owned != NULL)
            oe_profile_own(opened.profile, cases[i].owned, strlen(cases[i].owned), NULL, NULL);
        if (cases[i].cause != OE_CAUSE_NEEDS_PRODUCT)
            oe_profile_own(opened.profile, "base", 4, NULL, NULL);
        oe_failure expected = failure_of_p(OE_STAGE_OWNERSHIP, cases[i].cause);
        expected.other = cases[i].other;
        check_only(&opened, expected);
        close_book(&opened);
    }
}

/* ---- gates ---- */

static void it_says_how_far_a_bound_is(void)
{
    static const struct {
        double low, high, value;
        oe_cause cause; /* OE_CAUSE_COUNT: passes */
        double needed, gap;
    } cases[] = {
        {700, HUGE_VAL, 700, OE_CAUSE_COUNT, 0, 0},
        {700, HUGE_VAL, 699, OE_CAUSE_BELOW_MINIMUM, 700, 1},
        {-HUGE_VAL, 700, 700, OE_CAUSE_COUNT, 0, 0},
        {-HUGE_VAL, 700, 720, OE_CAUSE_ABOVE_MAXIMUM, 700, -20},
        {600, 700, 599, OE_CAUSE_BELOW_MINIMUM, 600, 1},
        {600, 700, 701, OE_CAUSE_ABOVE_MAXIMUM, 700, -1},
        {600, 700, (double)NAN, OE_CAUSE_NOT_ON_FILE, 600, (double)NAN},
        {-HUGE_VAL, 700, (double)NAN, OE_CAUSE_NOT_ON_FILE, 700, (double)NAN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        book opened = open_book();
        oe_bound bounds[] = {{"income", 10000, HUGE_VAL, {"rules.lua", 21}},
                             {"credit_score", cases[i].low, cases[i].high, {"rules.lua", 22}}};
        oe_product product = product_p();
        product.bounds = bounds;
        product.bound_count = 2;
        add(&opened, product);
        seal(&opened);
        if (!isnan(cases[i].value))
            oe_profile_set_number(opened.profile, SMALL_CREDIT_SCORE, cases[i].value, NULL);
        oe_failure expected = failure_of_p(OE_STAGE_GATES, cases[i].cause);
        expected.attribute = SMALL_CREDIT_SCORE;
        expected.needed = cases[i].needed;
        expected.actual = cases[i].value;
        expected.gap = cases[i].gap;
        expected.where.line = 22;
        if (cases[i].cause == OE_CAUSE_COUNT)
            CHECK_INT(explain(&opened, "p")->stage, OE_STAGE_OFFERED);
        else
            check_only(&opened, expected);
        close_book(&opened);
    }
}

static void it_raises_what_is_needed_by_tier(void)
{
    book opened = open_book();
    oe_product product = product_p();
    product.tier = "premium";
    oe_bound bound = {"income", 50000, HUGE_VAL, {"rules.lua", 21}};
    product.bounds = &bound;
    oe_builder_tier(opened.builder, "premium", "income", 6000, small_where());
    add(&opened, product);
    seal(&opened);
    oe_failure expected = failure_of_p(OE_STAGE_GATES, OE_CAUSE_BELOW_MINIMUM);
    expected.attribute = SMALL_INCOME;
    expected.needed = 56000;
    expected.actual = 55000;
    expected.gap = 1000;
    expected.where.line = 21;
    check_only(&opened, expected);
    close_book(&opened);
}

static void it_says_which_condition_fails(void)
{
    for (int unknown = 0; unknown < 2; unknown++) {
        book opened = open_book();
        oe_gate gates[] = {
            {"requires",
             small_compare(opened.builder, OE_KNOWN, "income", 0),
             {"rules.lua", 1}},
            {"when",
             small_compare(opened.builder, OE_ABOVE, "balance", 100),
             {"rules.lua", 23}},
        };
        oe_product product = product_p();
        product.gates = gates;
        product.gate_count = 2;
        add(&opened, product);
        seal(&opened);
        if (!unknown)
            oe_profile_set_number(opened.profile, SMALL_BALANCE, 100, NULL);
        oe_failure expected =
            failure_of_p(OE_STAGE_GATES, unknown ? OE_CAUSE_NOT_ON_FILE : OE_CAUSE_CONDITION);
        expected.attribute = SMALL_BALANCE;
        expected.needed = 100;
        expected.actual = unknown ? NONE : 100;
        expected.gap = unknown ? NONE : 0;
        expected.text = "balance > 100";
        expected.where.line = 23;
        check_only(&opened, expected);
        oe_profile_set_number(opened.profile, SMALL_BALANCE, 100.5, NULL);
        CHECK_INT(explain(&opened, "p")->stage, OE_STAGE_OFFERED);
        close_book(&opened);
    }
}

static void it_says_which_rule_excludes(void)
{
    static const struct {
        bool unknown_excludes, is_always, excluded;
        double balance;
        const char *reason, *text;
    } cases[] = {
        {false, false, false, 10, NULL, NULL},
        {false, false, true, 11, NULL, "balance > 10"},
        {false, false, true, 11, "Too rich", "Too rich"},
        {false, false, false, (double)NAN, NULL, NULL},
        {true, false, true, (double)NAN, NULL, "balance > 10"},
        {true, false, false, 10, NULL, NULL},
        {false, true, true, 10, "Never", "Never"},
        {false, true, true, 10, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        book opened = open_book();
        oe_rule rule = small_rule("rich", 0);
        rule.excludes = true;
        rule.unknown_excludes = cases[i].unknown_excludes;
        rule.reason = cases[i].reason;
        rule.where = (oe_where){"rules.lua", 24};
        if (!cases[i].is_always)
            rule.condition = small_compare(opened.builder, OE_ABOVE, "balance", 10);
        oe_builder_rule(opened.builder, &rule);
        add(&opened, product_p());
        seal(&opened);
        if (!isnan(cases[i].balance))
            oe_profile_set_number(opened.profile, SMALL_BALANCE, cases[i].balance, NULL);
        oe_failure expected = failure_of_p(OE_STAGE_GATES, OE_CAUSE_EXCLUDED);
        expected.rule = "rich";
        expected.text = cases[i].text;
        expected.where.line = 24;
        expected.attribute = cases[i].is_always ? -1 : SMALL_BALANCE;
        expected.actual = cases[i].is_always ? NONE : cases[i].balance;
        if (cases[i].excluded)
            check_only(&opened, expected);
        else
            CHECK_INT(explain(&opened, "p")->stage, OE_STAGE_OFFERED);
        close_book(&opened);
    }
}

static void it_lists_every_failure_in_stage_order(void)
{
    static const char *const base[] = {"base"};
    book opened = open_book();
    oe_bound bounds[] = {{"income", 60000, HUGE_VAL, {"rules.lua", 21}},
                         {"age", 18, 65, {"rules.lua", 22}}};
    oe_product product = product_p();
    product.off = true;
    product.until_ms = 4000;
    product.after = base;
    product.after_count = 1;
    product.bounds = bounds;
    product.bound_count = 2;
    oe_rule rule = small_rule("rule", 0);
    rule.excludes = true;
    oe_builder_rule(opened.builder, &rule);
    opened.options.category = 0;
    add(&opened, small_product("base", "travel"));
    add(&opened, product);
    seal(&opened);
    static const oe_cause causes[] = {
        OE_CAUSE_OFF,           OE_CAUSE_ENDED,         OE_CAUSE_OTHER_CATEGORY,
        OE_CAUSE_NEEDS_PRODUCT, OE_CAUSE_BELOW_MINIMUM, OE_CAUSE_NOT_ON_FILE,
        OE_CAUSE_EXCLUDED};
    const oe_explanation *explanation = explain(&opened, "p");
    CHECK_INT(explanation->stage, OE_STAGE_AVAILABILITY);
    CHECK(isnan(explanation->confidence) && isnan(explanation->priority));
    CHECK(!isnan(explanation->score));
    if (CHECK_INT(explanation->failure_count, sizeof causes / sizeof *causes))
        for (size_t i = 0; i < explanation->failure_count; i++)
            CHECK_TEXT(oe_cause_name(explanation->failures[i].cause), oe_cause_name(causes[i]));
    CHECK(oe_explain(opened.decider, opened.profile, &opened.options, 2) == NULL);
    close_book(&opened);
}

/* ---- points ---- */

static double sum_of(const oe_explanation *explanation)
{
    double sum = 0;
    for (size_t i = 0; i < explanation->contribution_count; i++)
        sum += explanation->contributions[i].points;
    return sum;
}

/* income 10000..100000, credit score 600..800, age gate: 40, 30 and 10 of 80. */
static void it_adds_contributions_up_to_the_score(void)
{
    static const struct {
        double income, score, age;
        double income_points, score_points, age_points;
    } cases[] = {
        {55000, 700, 40, 31.25, 23.4375, 12.5}, /* 0.625 of 50 and of 37.5 */
        {100000, 800, 40, 50, 37.5, 12.5},
        {10000, 600, 18, 12.5, 9.375, 12.5},
        {250000, 850, 18, 50, 37.5, 12.5},
        {55000, 700, 17, 31.25, 23.4375, 0},      /* withdrawn: its gate fails */
        {55000, (double)NAN, 40, 31.25, 0, 12.5}, /* not on file: no points, full weight */
        {55000, 700, (double)NAN, 31.25, 23.4375, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        book opened = open_book();
        oe_bound bounds[] = {{"income", 10000, HUGE_VAL, {"rules.lua", 21}},
                             {"credit_score", 600, HUGE_VAL, {"rules.lua", 22}},
                             {"age", 18, HUGE_VAL, {"rules.lua", 23}}};
        oe_product product = product_p();
        product.bounds = bounds;
        product.bound_count = 3;
        add(&opened, product);
        seal(&opened);
        oe_profile_set_number(opened.profile, SMALL_INCOME, cases[i].income, NULL);
        if (!isnan(cases[i].score))
            oe_profile_set_number(opened.profile, SMALL_CREDIT_SCORE, cases[i].score, NULL);
        if (!isnan(cases[i].age))
            oe_profile_set_number(opened.profile, SMALL_AGE, cases[i].age, NULL);
        const oe_explanation *explanation = explain(&opened, "p");
        if (CHECK_INT(explanation->contribution_count, 3)) {
            const oe_contribution *given = explanation->contributions;
            CHECK_NEAR(given[0].points, cases[i].income_points, 1e-12);
            CHECK_NEAR(given[1].points, cases[i].score_points, 1e-12);
            CHECK_NEAR(given[2].points, cases[i].age_points, 1e-12);
            CHECK_INT(given[1].not_on_file, isnan(cases[i].score));
            CHECK(is_same(given[1].value, cases[i].score));
            CHECK_INT(given[2].dimension, 3); /* balance does not apply */
            CHECK_NEAR(given[0].weight, 40, 0);
        }
        CHECK_NEAR(explanation->score, sum_of(explanation), 1e-9);
        close_book(&opened);
    }
}

static void it_shows_what_the_clamp_took(void)
{
    static const struct {
        double boost, adjust, confidence, clamped;
    } cases[] = {
        {0, 0, 62.5, 0},        {5, -7.5, 60, 0}, {30, 7.5, 100, 0},   {30, 8, 100, 0.5},
        {100, 100, 100, 162.5}, {-62, 0, 0.5, 0}, {-60, -10, 0, -7.5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        book opened = open_book();
        oe_boost boost = {true, "saving", cases[i].boost, {"rules.lua", 31}};
        oe_segment segment =
            small_segment("zz", small_compare(opened.builder, OE_KNOWN, "income", 0));
        segment.boosts = &boost;
        segment.boost_count = 1;
        oe_rule rule = small_rule("aa", cases[i].adjust), other = small_rule("mm", 50);
        rule.reason = "Because";
        rule.where = (oe_where){"rules.lua", 32};
        other.condition = small_compare(opened.builder, OE_KNOWN, "balance", 0);
        oe_builder_segment(opened.builder, &segment);
        oe_builder_rule(opened.builder, &other);
        oe_builder_rule(opened.builder, &rule);
        oe_builder_threshold(opened.builder, OE_LEVEL_DEFAULT, NULL, 0, small_where());
        add(&opened, product_p());
        seal(&opened);
        const oe_explanation *explanation = explain(&opened, "p");
        CHECK_NEAR(explanation->score, 62.5, 1e-12);
        CHECK_NEAR(explanation->confidence, cases[i].confidence, 1e-12);
        CHECK_NEAR(explanation->clamped, cases[i].clamped, 1e-12);
        if (CHECK_INT(explanation->adjustment_count, 2)) { /* "mm" is not true */
            const oe_adjustment *given = explanation->adjustments;
            CHECK_TEXT(given[0].rule, "aa");
            CHECK_TEXT(given[0].reason, "Because");
            CHECK_NEAR(given[0].points, cases[i].adjust, 0);
            CHECK_INT(given[0].where.line, 32);
            CHECK_TEXT(given[1].rule, "zz");
            CHECK_NEAR(given[1].points, cases[i].boost, 0);
            CHECK_INT(given[1].where.line, 31);
        }
        close_book(&opened);
    }
}

/* ---- threshold and selection ---- */

static void it_needs_more_than_the_threshold(void)
{
    static const struct {
        double threshold;
        bool offered;
    } cases[] = {{62.4, true}, {62.5, false}, {62.6, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        book opened = open_book();
        oe_product product = product_p();
        product.value = 2;
        product.lever = 1.5;
        oe_builder_threshold(opened.builder, OE_LEVEL_DEFAULT, NULL, cases[i].threshold,
                             small_where());
        add(&opened, product);
        seal(&opened);
        const oe_explanation *explanation = explain(&opened, "p");
        CHECK_NEAR(explanation->threshold, cases[i].threshold, 0);
        CHECK_NEAR(explanation->priority, 187.5, 0);
        CHECK_INT(explanation->stage, cases[i].offered ? OE_STAGE_OFFERED : OE_STAGE_THRESHOLD);
        oe_failure expected = failure_of_p(OE_STAGE_THRESHOLD, OE_CAUSE_BELOW_THRESHOLD);
        expected.needed = cases[i].threshold;
        expected.actual = 62.5;
        expected.gap = cases[i].threshold - 62.5;
        if (!cases[i].offered)
            check_only(&opened, expected);
        close_book(&opened);
    }
}

static void it_offers_a_fallback_below_the_threshold(void)
{
    for (int others = 0; others < 2; others++) {
        book opened = open_book();
        oe_builder_threshold(opened.builder, OE_LEVEL_PRODUCT, "p", 100, small_where());
        oe_builder_fallback(opened.builder, "p", small_where());
        oe_product other = small_product("q", "travel");
        other.off = !others;
        add(&opened, product_p());
        add(&opened, other);
        seal(&opened);
        const oe_explanation *explanation = explain(&opened, "p");
        CHECK_INT(explanation->stage, others ? OE_STAGE_THRESHOLD : OE_STAGE_OFFERED);
        CHECK_INT(explanation->fallback, !others);
        close_book(&opened);
    }
}

/* "p" ranks last of four; what is full decides who outranks it. */
static void it_says_who_outranks(void)
{
    static const struct {
        oe_level level;
        const char *name;
        uint32_t count, asked;
        const char *others[3];
    } cases[] = {
        {OE_LEVEL_CATEGORY, "saving", 1, 0, {"a", NULL, NULL}},
        {OE_LEVEL_CATEGORY, "saving", 2, 0, {"a", "c", NULL}},
        {OE_LEVEL_GROUP, "cards", 1, 0, {"b", NULL, NULL}},
        {OE_LEVEL_DEFAULT, NULL, 3, 0, {"c", NULL, NULL}}, /* the last that was offered */
        {OE_LEVEL_DEFAULT, NULL, 9, 1, {"a", NULL, NULL}}, /* the request's own limit */
        {OE_LEVEL_DEFAULT, NULL, 9, 3, {"c", NULL, NULL}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        book opened = open_book();
        static const char *const ids[] = {"a", "b", "c"};
        for (size_t j = 0; j < 3; j++) {
            oe_product other = small_product(ids[j], j == 1 ? "travel" : "saving");
            other.lever = 4.0 - (double)j;
            other.group = j == 1 && cases[i].level == OE_LEVEL_GROUP ? "cards" : NULL;
            add(&opened, other);
        }
        oe_product product = product_p();
        product.group = cases[i].level == OE_LEVEL_GROUP ? "cards" : NULL;
        add(&opened, product);
        oe_builder_limit(opened.builder, cases[i].level, cases[i].name, cases[i].count,
                         small_where());
        opened.options.limit = cases[i].asked;
        seal(&opened);
        const oe_explanation *explanation = explain(&opened, "p");
        CHECK_INT(explanation->stage, OE_STAGE_SELECTION);
        CHECK_NEAR(explanation->confidence, 62.5, 0);
        size_t count = 0;
        while (count < 3 && cases[i].others[count] != NULL)
            count++;
        if (!CHECK_INT(explanation->failure_count, count))
            printf("  case %zu\n", i);
        for (size_t j = 0; j < count && j < explanation->failure_count; j++) {
            oe_failure expected = failure_of_p(OE_STAGE_SELECTION, OE_CAUSE_OUTRANKED);
            expected.other = cases[i].others[j];
            check_failure(&explanation->failures[j], &expected);
        }
        close_book(&opened);
    }
}

static void it_says_of_an_offer_what_the_decision_says(void)
{
    book opened = open_book();
    add(&opened, product_p());
    seal(&opened);
    oe_offer offer = oe_decide(opened.decider, opened.profile, &opened.options)->offers[0];
    const oe_explanation *explanation = explain(&opened, "p");
    CHECK_INT(explanation->failure_count, 0);
    CHECK_INT(explanation->product, offer.product);
    CHECK_NEAR(explanation->confidence, offer.confidence, 0);
    CHECK_NEAR(explanation->priority, offer.priority, 0);
    CHECK_INT(explanation->contribution_count, offer.contribution_count);
    CHECK(!explanation->change_possible && explanation->change_count == 0);
    CHECK_TEXT(explanation->change_cause, NULL);
    close_book(&opened);
}

int main(void)
{
    RUN("availability: off, not yet, ended, another category", it_says_what_is_not_available);
    RUN("ownership: owned, needs a product, excluded by a product",
        it_says_what_ownership_hinders);
    RUN("a bound says what is needed, what is there and the gap", it_says_how_far_a_bound_is);
    RUN("a tier's raise is in what is needed", it_raises_what_is_needed_by_tier);
    RUN("a condition that fails or is unknown is said in words", it_says_which_condition_fails);
    RUN("an exclusion names its rule and reason, and unknown only if it says so",
        it_says_which_rule_excludes);
    RUN("every failure is listed, in the order of the stages",
        it_lists_every_failure_in_stage_order);
    RUN("contributions add up to the score", it_adds_contributions_up_to_the_score);
    RUN("adjustments come in rule order with what the clamp took",
        it_shows_what_the_clamp_took);
    RUN("a confidence must be above its threshold", it_needs_more_than_the_threshold);
    RUN("a fallback is offered only when nothing else is",
        it_offers_a_fallback_below_the_threshold);
    RUN("selection names who took the place", it_says_who_outranks);
    RUN("an offer's explanation agrees with the decision",
        it_says_of_an_offer_what_the_decision_says);
    return check_report();
}
