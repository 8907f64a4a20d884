/* seal_run_spec.c: one run of sealing as a whole, and what it makes of scores, reasons,
 * thresholds, windows and categories. */
#include "check.h"
#include "engine/decide.h"
#include "small_rules.h"

typedef struct book {
    oe_dictionary *dictionary;
    oe_builder *builder;
    oe_ruleset *ruleset;
    oe_decider *decider;
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
    if (!CHECK(opened->ruleset != NULL))
        return false;
    opened->decider = oe_decider_new(opened->ruleset);
    opened->profile = oe_profile_new(opened->ruleset);
    return CHECK(opened->decider != NULL && opened->profile != NULL);
}

static void close_book(book *opened)
{
    oe_decider_free(opened->decider);
    oe_profile_free(opened->profile);
    oe_ruleset_free(opened->ruleset);
    oe_dictionary_free(opened->dictionary);
}

static const oe_decision *decide_at(const book *opened, int64_t at_ms)
{
    oe_options options = {.at_ms = at_ms, .category = -1};
    return oe_decide(opened->decider, opened->profile, &options);
}

static bool offers(const book *opened, int64_t at_ms, const char *id)
{
    const oe_decision *decision = decide_at(opened, at_ms);
    for (size_t i = 0; i < decision->offer_count; i++)
        if (strcmp(oe_ruleset_product(opened->ruleset, decision->offers[i].product)->id, id) ==
            0)
            return true;
    return false;
}

/* ---- one run ---- */

static void declare_faults(oe_builder *builder)
{
    static const struct {
        const char *id, *category, *file;
        int line;
    } products[] = {{"e", "nothing", "z.lua", 3}, {"d", "nothing", "b.lua", 12},
                    {"c", "nothing", "b.lua", 2}, {"b", "nothing", "b.lua", 2},
                    {"a", "nothing", "a.lua", 2}, {"f", "nothing", NULL, 0}};
    for (size_t i = 0; i < sizeof products / sizeof *products; i++) {
        oe_product product = small_product(products[i].id, products[i].category);
        product.where = (oe_where){products[i].file, products[i].line};
        product.lever = strcmp(products[i].id, "d") == 0 ? 0 : 1;
        oe_builder_product(builder, &product);
    }
}

static void it_reports_all_findings_in_order(void)
{
    static const struct {
        const char *code, *file;
        int line;
    } expected[] = {{"E010", NULL, 0},     {"E010", "a.lua", 2},  {"E010", "b.lua", 2},
                    {"E010", "b.lua", 12}, {"E078", "b.lua", 12}, {"W001", "b.lua", 13},
                    {"E010", "z.lua", 3}};
    book opened = open_book();
    declare_faults(opened.builder);
    oe_builder_report(opened.builder,
                      &(oe_finding){OE_WARNING, "W001", {"b.lua", 13}, "warned", "hint"});
    oe_error error;
    CHECK_INT(oe_builder_seal(opened.builder, &opened.ruleset, &error), OE_E_INVALID);
    CHECK_TEXT(error.message, "rules: 6 errors");
    CHECK(opened.ruleset == NULL);
    size_t count = oe_builder_finding_count(opened.builder);
    CHECK_INT(count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < count && i < sizeof expected / sizeof *expected; i++) {
        const oe_finding *finding = oe_builder_finding_get(opened.builder, i);
        CHECK_TEXT(finding->code, expected[i].code);
        CHECK_TEXT(finding->where.file, expected[i].file);
        CHECK_INT(finding->where.line, expected[i].line);
    }
    CHECK(oe_builder_finding_get(opened.builder, count) == NULL);
    oe_builder_free(opened.builder);
    close_book(&opened);
}

/* Nothing is declared that anything could be found in. */
static void it_reports_rules_without_a_vocabulary(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_builder *builder = oe_builder_new(dictionary);
    oe_product product = small_product("p", "saving");
    oe_rule rule = small_rule("r", 5);
    oe_ruleset *ruleset = NULL;
    rule.condition = small_named(builder, OE_LACKS_CATEGORY, NULL);
    oe_builder_product(builder, &product);
    oe_builder_rule(builder, &rule);
    CHECK_INT(oe_builder_seal(builder, &ruleset, NULL), OE_E_INVALID);
    static const char *const codes[] = {"E010", "E012"};
    if (CHECK_INT(oe_builder_finding_count(builder), 2))
        for (size_t i = 0; i < 2; i++)
            CHECK_TEXT(oe_builder_finding_get(builder, i)->code, codes[i]);
    oe_builder_free(builder);
    oe_dictionary_free(dictionary);
}

static void it_seals_with_warnings(void)
{
    book opened = open_book();
    oe_ruleset *ruleset = NULL;
    oe_finding finding = {OE_WARNING, "W001", {NULL, 0}, "warned", NULL};
    CHECK_INT(oe_builder_report(opened.builder, &finding), OE_OK);
    finding.severity = OE_NOTE;
    finding.code = finding.message = NULL;
    CHECK_INT(oe_builder_report(opened.builder, &finding), OE_OK);
    CHECK_INT(oe_builder_seal(opened.builder, &ruleset, NULL), OE_OK);
    CHECK_INT(oe_builder_finding_count(opened.builder), 2);
    CHECK_TEXT(oe_builder_finding_get(opened.builder, 0)->code, "");
    CHECK_TEXT(oe_builder_finding_get(opened.builder, 1)->message, "warned");
    oe_ruleset_free(ruleset);
    oe_builder_free(opened.builder);
    close_book(&opened);
}

static void it_seals_once(void)
{
    for (int lawful = 0; lawful < 2; lawful++) {
        book opened = open_book();
        oe_ruleset *first = NULL, *second = NULL;
        oe_product product = small_product("p", lawful ? "saving" : "nothing");
        oe_builder_product(opened.builder, &product);
        CHECK_INT(oe_builder_seal(opened.builder, &first, NULL), lawful ? OE_OK : OE_E_INVALID);
        second = first;
        oe_error error;
        CHECK_INT(oe_builder_seal(opened.builder, &second, &error), OE_E_ARGUMENT);
        CHECK_TEXT(error.message, "rules: this builder was sealed before");
        CHECK(second == NULL);
        CHECK_INT(oe_builder_finding_count(opened.builder), !lawful);
        oe_builder_free(opened.builder); /* the ruleset is independent of it */
        CHECK_INT(first != NULL && oe_ruleset_count(first, OE_PRODUCTS) == 1, lawful);
        oe_ruleset_free(first);
        close_book(&opened);
    }
}

static void it_seals_nothing_without_memory(void)
{
    book opened = open_book();
    static const oe_condition part = 0;
    oe_test test = {.op = OE_ALL, .parts = &part, .part_count = SIZE_MAX / 2};
    oe_condition made = oe_builder_condition(opened.builder, &test);
    CHECK(made == OE_NO_CONDITION);
    oe_category category = {.id = "late"};
    CHECK_INT(oe_builder_category(opened.builder, &category), OE_E_MEMORY);
    oe_error error;
    CHECK_INT(oe_builder_seal(opened.builder, &opened.ruleset, &error), OE_E_MEMORY);
    CHECK_TEXT(error.message, "rules: out of memory");
    CHECK(opened.ruleset == NULL);
    oe_builder_free(opened.builder);
    close_book(&opened);
}

/* NULL: refused, for the attribute's type unless the category is wrong as well. */
static oe_ruleset *seal_attribute(oe_dictionary *dictionary, oe_type type, const char *category)
{
    oe_builder *builder = small_rules(dictionary);
    oe_attribute attribute = small_attribute("extra", type);
    oe_product product = small_product("p", category);
    oe_ruleset *ruleset = NULL;
    oe_builder_attribute(builder, &attribute);
    oe_builder_product(builder, &product);
    oe_status status = oe_builder_seal(builder, &ruleset, NULL);
    CHECK_INT(status, ruleset != NULL ? OE_OK : OE_E_INVALID);
    if (ruleset == NULL && strcmp(category, "saving") == 0)
        CHECK_TEXT(oe_builder_finding_get(builder, 0)->code, "E054");
    oe_builder_free(builder);
    return ruleset;
}

static void it_keeps_an_attributes_type(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    CHECK(seal_attribute(dictionary, OE_NUMBER, "nothing") == NULL);
    oe_ruleset *first = seal_attribute(dictionary, OE_TEXT, "saving"); /* nothing was sealed */
    oe_ruleset *second = seal_attribute(dictionary, OE_TEXT, "saving");
    CHECK(first != NULL && second != NULL);
    CHECK(seal_attribute(dictionary, OE_NUMBER, "saving") == NULL);
    oe_ruleset_free(first);
    CHECK(seal_attribute(dictionary, OE_NUMBER, "saving") == NULL);
    oe_ruleset_free(second);
    oe_ruleset *other = seal_attribute(dictionary, OE_NUMBER, "saving");
    CHECK(other != NULL);
    oe_ruleset_free(other);
    oe_dictionary_free(dictionary);
}

/* Without the income, which is required, nobody is stored. */
static void store_customer(oe_population *population, const oe_ruleset *ruleset, bool is_whole)
{
    oe_profile *profile = oe_profile_new(ruleset);
    oe_profile_set_id(profile, "C1", 2, NULL);
    if (is_whole)
        oe_profile_set_number(profile, SMALL_INCOME, 20000, NULL);
    oe_population_begin(population);
    CHECK_INT(oe_population_put(population, profile, NULL, NULL) == OE_OK, is_whole);
    oe_population_commit(population);
    oe_profile_free(profile);
}

static void it_keeps_the_types_of_what_is_stored(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_population *population = oe_population_new(dictionary);
    oe_ruleset *ruleset = seal_attribute(dictionary, OE_TEXT, "saving");
    store_customer(population, ruleset, false);
    oe_ruleset_free(ruleset);
    ruleset = seal_attribute(dictionary, OE_NUMBER, "saving");
    CHECK(ruleset != NULL);
    store_customer(population, ruleset, true);
    oe_ruleset_free(ruleset);
    CHECK(seal_attribute(dictionary, OE_TEXT, "saving") == NULL);
    ruleset = seal_attribute(dictionary, OE_NUMBER, "saving");
    CHECK(ruleset != NULL);
    oe_ruleset_free(ruleset);
    oe_population_free(population);
    oe_dictionary_free(dictionary);
}

/* ---- scores ---- */

static void it_finds_the_ends_of_a_score(void)
{
    const double none = (double)NAN, open = -HUGE_VAL;
    const struct {
        double minimum, maximum;            /* of the attribute's range */
        double bound, raise, ideal, scored; /* of product, tier, product, dimension */
        double low, high, base;
    } cases[] = {
        {0, HUGE_VAL, 75000, 0, 150000, 100000, 75000, 150000, 0.25},
        {0, HUGE_VAL, 75000, 0, none, 100000, 75000, 100000, 0.25},
        {0, HUGE_VAL, 99999, 0, none, 100000, 99999, 100000, 0.25},
        {0, HUGE_VAL, 100000, 0, none, 100000, 100000, 150000, 0.25}, /* 1.5 lo */
        {0, HUGE_VAL, 80000, 20000, none, 100000, 100000, 150000, 0.25},
        {0, HUGE_VAL, 80000, 20000, 100001, none, 100000, 100001, 0.25},
        {0, HUGE_VAL, 80000, -20000, none, 60000, 60000, 90000, 0.25},
        {300, 850, 700, 0, none, 800, 700, 800, 0.25},
        {300, 850, 800, 0, none, 800, 800, 850, 0.25}, /* the range's upper end */
        {300, 850, 500, 0, none, 500, 500, 750, 0.25},
        {300, 850, 760, 40, none, 800, 800, 850, 0.25},
        {300, 850, open, 0, none, 800, 300, 800, 0},
        {open, HUGE_VAL, open, 0, 5000, none, 0, 5000, 0},
        {open, 70, open, 0, none, none, 0, 70, 0}, /* lo is not above 0 */
        {-100, 70, -50, 0, none, -60, -50, 70, 0.25},
        {10, HUGE_VAL, open, 0, none, none, 10, 15, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        book opened = open_book();
        oe_attribute attribute = small_attribute("x", OE_NUMBER);
        attribute.minimum = cases[i].minimum;
        attribute.maximum = cases[i].maximum;
        oe_dimension dimension = small_dimension("x", "x");
        dimension.ideal = cases[i].scored;
        dimension.every = true;
        oe_bound bounds[] = {{"x", cases[i].bound, HUGE_VAL, small_where()}};
        oe_ideal ideals[] = {{"x", cases[i].ideal, small_where()}};
        oe_product product = small_product("p", "saving");
        product.bounds = bounds;
        product.bound_count = isfinite(cases[i].bound) ? 1 : 0;
        product.ideals = ideals;
        product.ideal_count = isfinite(cases[i].ideal) ? 1 : 0;
        product.tier = cases[i].raise != 0 ? "premium" : NULL;
        oe_builder_attribute(opened.builder, &attribute);
        oe_builder_dimension(opened.builder, &dimension);
        oe_builder_tier(opened.builder, "premium", "x", cases[i].raise, small_where());
        oe_builder_product(opened.builder, &product);
        if (seal(&opened)) {
            const oe__compiled *compiled = &opened.ruleset->compiled[0];
            const oe__term *term = &compiled->terms[0];
            CHECK_INT(compiled->term_count, 1);
            if (!CHECK_NEAR(term->low, cases[i].low, 0) ||
                !CHECK_NEAR(term->high, cases[i].high, 0) ||
                !CHECK_NEAR(term->base, cases[i].base, 0))
                printf("  case %zu\n", i);
        }
        close_book(&opened);
    }
}

static void it_raises_declared_minima(void)
{
    book opened = open_book();
    oe_bound bounds[] = {{"income", -HUGE_VAL, 9e5, small_where()},
                         {"credit_score", 700, 850, small_where()},
                         {"income", 10000, HUGE_VAL, small_where()}};
    oe_product product = small_product("p", "saving"), other = small_product("q", "saving");
    product.bounds = bounds;
    product.bound_count = 3;
    product.tier = "premium";
    oe_builder_tier(opened.builder, "premium", "credit_score", 40, small_where());
    oe_builder_tier(opened.builder, "premium", "income", 5000, small_where());
    oe_builder_tier(opened.builder, "other", "income", 7777, small_where());
    oe_builder_product(opened.builder, &product);
    oe_builder_product(opened.builder, &other);
    if (seal(&opened)) {
        const oe_product *sealed = oe_ruleset_product(opened.ruleset, 0);
        CHECK(isinf(sealed->bounds[0].low));
        CHECK_NEAR(sealed->bounds[1].low, 740, 0);
        CHECK_NEAR(sealed->bounds[1].high, 850, 0);
        CHECK_NEAR(sealed->bounds[2].low, 15000, 0);
        CHECK_NEAR(oe_ruleset_bound_declared(opened.ruleset, 0, 1), 700, 0);
        CHECK_NEAR(oe_ruleset_bound_declared(opened.ruleset, 0, 2), 10000, 0);
        CHECK_NEAR(oe_ruleset_product(opened.ruleset, 1)->bounds[0].low, 10000, 0);
    }
    CHECK_NEAR(bounds[1].low, 700, 0); /* the caller's own */
    close_book(&opened);
}

/* ---- reasons ---- */

static bool reason_is_true(const char *reason, const char *label)
{
    book opened = open_book();
    static const char *const balance_words[] = {"savings", "net fortune"};
    oe_attribute words = small_attribute("a", OE_NUMBER), labelled = small_attribute("b_c", 0);
    words.words = balance_words;
    words.word_count = 2;
    labelled.label = label;
    oe_dimension one = small_dimension("one", "a"), two = small_dimension("two", "b_c");
    oe_product product = small_product("p", "saving");
    product.reason = reason;
    oe_builder_attribute(opened.builder, &words);
    oe_builder_attribute(opened.builder, &labelled);
    oe_builder_dimension(opened.builder, &one);
    oe_builder_dimension(opened.builder, &two);
    oe_builder_product(opened.builder, &product);
    oe_ruleset *ruleset = NULL;
    bool sealed = oe_builder_seal(opened.builder, &ruleset, NULL) == OE_OK;
    oe_builder_free(opened.builder);
    oe_ruleset_free(ruleset);
    close_book(&opened);
    return sealed;
}

/* Only income scores the product, so that naming anything else is refused. */
static void it_finds_words_in_reasons(void)
{
    static const struct {
        const char *reason, *label;
        bool is_true;
    } cases[] = {
        {"High income", NULL, true},
        {"Anything at all", NULL, true},
        {"Any age is welcome", NULL, false},
        {"AGE", NULL, false},
        {"At your ages", NULL, false},
        {"A mortgage for you", NULL, true},
        {"Agenda", NULL, true},
        {"Manage your teenage", NULL, true},
        {"ages2", NULL, false}, /* a digit ends a word */
        {"(age)", NULL, false},
        {"\xC3\xA9"
         "age",
         NULL, true}, /* a letter stands before it */
        {"age\xC3\xA9", NULL, true},
        {"Your savings grow", NULL, false},
        {"Your saving grows", NULL, true},
        {"Net  fortune", NULL, true}, /* two spaces: not the words */
        {"Good Net Fortunes", NULL, false},
        {"For a", NULL, true}, /* the name does not count beside words */
        {"For b_c", NULL, false},
        {"For b c", NULL, false},
        {"For b-c", NULL, true},
        {"For b c", "worth", true},
        {"Net worth", "worth", false},
        {"Credit score", NULL, false},
        {"Credit scored", NULL, true},
        {"", NULL, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (!CHECK_INT(reason_is_true(cases[i].reason, cases[i].label), cases[i].is_true))
            printf("  reason: %s\n", cases[i].reason);
}

static void it_tells_whether_a_reason_holds(void)
{
    static const struct {
        const char *reason;
        double income;
        bool holds;
    } cases[] = {{"Incomes like yours", 40000, true}, /* 0.25 + 0.75 / 3 */
                 {"Incomes like yours", 39999, false},
                 {"Just for you", 20000, true},
                 {NULL, 100000, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        book opened = open_book();
        oe_product product = small_product("p", "saving");
        product.reason = cases[i].reason;
        oe_builder_product(opened.builder, &product);
        oe_builder_threshold(opened.builder, OE_LEVEL_DEFAULT, NULL, 0, small_where());
        if (seal(&opened)) {
            oe_profile_set_number(opened.profile, SMALL_INCOME, cases[i].income, NULL);
            const oe_decision *decision = decide_at(&opened, 0);
            if (CHECK_INT(decision->offer_count, 1))
                CHECK_INT(decision->offers[0].reason_holds, cases[i].holds);
        }
        close_book(&opened);
    }
}

/* ---- thresholds ---- */

typedef struct threshold_case {
    double standard, low_segment, high_segment, category, product; /* -1: not declared */
    double of_member, of_stranger;
} threshold_case;

static void declare_thresholds(oe_builder *builder, const threshold_case *declared)
{
    const struct {
        oe_level level;
        const char *name;
        double value;
    } all[] = {{OE_LEVEL_PRODUCT, "p", declared->product},
               {OE_LEVEL_SEGMENT, "low", declared->low_segment},
               {OE_LEVEL_CATEGORY, "saving", declared->category},
               {OE_LEVEL_SEGMENT, "high", declared->high_segment},
               {OE_LEVEL_DEFAULT, NULL, declared->standard}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].value >= 0)
            oe_builder_threshold(builder, all[i].level, all[i].name, all[i].value,
                                 small_where());
}

static void it_takes_the_nearest_threshold(void)
{
    static const threshold_case cases[] = {
        {-1, -1, -1, -1, -1, 30, 30}, {50, -1, -1, -1, -1, 50, 50},
        {50, 20, -1, -1, -1, 20, 50}, {50, 20, 40, -1, -1, 40, 50},
        {50, 60, 40, -1, -1, 60, 50}, {50, 0, -1, -1, -1, 0, 50},
        {50, 60, 70, 10, -1, 10, 10}, {50, 60, 70, 10, 5, 5, 5},
        {-1, 60, -1, -1, 90, 90, 90},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        book opened = open_book();
        oe_product product = small_product("p", "saving"), other = small_product("q", "travel");
        oe_condition is_member = small_compare(opened.builder, OE_EQUALS, "member", 1);
        oe_segment low = small_segment("low", is_member),
                   high = small_segment("high", is_member);
        oe_builder_product(opened.builder, &other);
        oe_builder_product(opened.builder, &product);
        oe_builder_segment(opened.builder, &low);
        oe_builder_segment(opened.builder, &high);
        declare_thresholds(opened.builder, &cases[i]);
        if (seal(&opened)) {
            oe_options options = {.category = -1};
            CHECK_NEAR(oe_ruleset_threshold(opened.ruleset, 1), cases[i].of_stranger, 0);
            CHECK_NEAR(oe_explain(opened.decider, opened.profile, &options, 1)->threshold,
                       cases[i].of_stranger, 0);
            oe_profile_set_number(opened.profile, SMALL_MEMBER, 1, NULL);
            CHECK_NEAR(oe_explain(opened.decider, opened.profile, &options, 1)->threshold,
                       cases[i].of_member, 0);
        }
        close_book(&opened);
    }
}

/* ---- windows and categories ---- */

static void it_opens_and_closes_windows(void)
{
    static const struct {
        int64_t at_ms;
        bool product, rule;
    } cases[] = {{999, false, false}, {1000, true, false}, {1499, true, false},
                 {1500, true, true},  {1599, true, true},  {1600, true, false},
                 {1999, true, false}, {2000, false, false}};
    book opened = open_book();
    oe_product product = small_product("p", "saving"), always = small_product("q", "saving");
    product.from_ms = 1000;
    product.until_ms = 2000;
    oe_rule rule = small_rule("bonus", 1);
    rule.from_ms = 1500;
    rule.until_ms = 1600;
    oe_builder_product(opened.builder, &product);
    oe_builder_product(opened.builder, &always);
    oe_builder_rule(opened.builder, &rule);
    if (seal(&opened)) {
        oe_profile_set_number(opened.profile, SMALL_INCOME, 90000, NULL);
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            CHECK_INT(offers(&opened, cases[i].at_ms, "p"), cases[i].product);
            CHECK(offers(&opened, cases[i].at_ms, "q"));
            CHECK_INT(decide_at(&opened, cases[i].at_ms)->offers[0].adjustment_count,
                      cases[i].rule);
        }
    }
    close_book(&opened);
}

static bool is_adjusted(const book *opened, size_t product)
{
    oe_options options = {.category = -1};
    return oe_explain(opened->decider, opened->profile, &options, product)->adjustment_count >
           0;
}

static void it_asks_for_each_products_own_category(void)
{
    book opened = open_book();
    oe_product products[] = {small_product("a", "saving"), small_product("b", "travel"),
                             small_product("c", "saving")};
    oe_rule gap = small_rule("gap", 5), nested = small_rule("nested", 5);
    gap.condition = small_named(opened.builder, OE_LACKS_CATEGORY, NULL);
    nested.excludes = true; /* who has something in the category and is no member */
    nested.condition = small_both(
        opened.builder, OE_ALL, small_not(opened.builder, gap.condition),
        small_not(opened.builder, small_compare(opened.builder, OE_EQUALS, "member", 1)));
    for (size_t i = 0; i < 3; i++)
        oe_builder_product(opened.builder, &products[i]);
    oe_builder_rule(opened.builder, &gap);
    oe_builder_rule(opened.builder, &nested);
    if (seal(&opened)) {
        oe_profile_set_number(opened.profile, SMALL_INCOME, 90000, NULL);
        oe_profile_set_number(opened.profile, SMALL_MEMBER, 0, NULL);
        CHECK(is_adjusted(&opened, 0) && is_adjusted(&opened, 1) && is_adjusted(&opened, 2));
        oe_profile_own(opened.profile, "a", 1, NULL, NULL);
        CHECK(!is_adjusted(&opened, 0) && is_adjusted(&opened, 1) && !is_adjusted(&opened, 2));
        CHECK(offers(&opened, 0, "b") && !offers(&opened, 0, "c"));
        oe_profile_set_number(opened.profile, SMALL_MEMBER, 1, NULL);
        CHECK(offers(&opened, 0, "b") && offers(&opened, 0, "c"));
    }
    close_book(&opened);
}

int main(void)
{
    RUN("all findings of a run come at once, by file and line, none twice",
        it_reports_all_findings_in_order);
    RUN("rules without a vocabulary are reported", it_reports_rules_without_a_vocabulary);
    RUN("warnings and notes hinder nothing", it_seals_with_warnings);
    RUN("a builder is sealed once", it_seals_once);
    RUN("a builder whose memory failed seals nothing", it_seals_nothing_without_memory);
    RUN("an attribute keeps its type as long as rules with it live",
        it_keeps_an_attributes_type);
    RUN("attributes keep their types for good once a customer was stored under their rules",
        it_keeps_the_types_of_what_is_stored);
    RUN("a score runs from the effective minimum to the ideal", it_finds_the_ends_of_a_score);
    RUN("a tier raises the minima it names and keeps what was declared",
        it_raises_declared_minima);
    RUN("a reason names an attribute by whole words in any case", it_finds_words_in_reasons);
    RUN("a reason holds when what it names earned half its weight",
        it_tells_whether_a_reason_holds);
    RUN("a product's threshold goes before its category's, a segment's and the default",
        it_takes_the_nearest_threshold);
    RUN("windows hold from their start to before their end", it_opens_and_closes_windows);
    RUN("lacks_category() asks for each product's own category, however deep",
        it_asks_for_each_products_own_category);
    return check_report();
}
