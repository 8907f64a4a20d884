/* sample_rules.c: the sample catalogue as data for the builder. */
#include "sample_rules.h"

#include "random_rules.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static oe_where at_line(const char *file, size_t line)
{
    return (oe_where){file, (int)line};
}

static const char *const age_words[] = {"age"};
static const char *const income_words[] = {"income", "earning"};
static const char *const credit_words[] = {"credit score"};
static const char *const balance_words[] = {"balance"};

static const oe_attribute attributes[SAMPLE_ATTRIBUTE_COUNT] = {
    {.name = "age",
     .type = OE_INTEGER,
     .unit = "years",
     .minimum = 0,
     .maximum = 130,
     .is_protected = true,
     .immutable = true,
     .words = age_words,
     .word_count = 1},
    {.name = "income",
     .type = OE_MONEY,
     .unit = "per year",
     .minimum = 0,
     .maximum = HUGE_VAL,
     .words = income_words,
     .word_count = 2},
    {.name = "existing_products",
     .type = OE_PRODUCT_SET,
     .minimum = -HUGE_VAL,
     .maximum = HUGE_VAL},
    {.name = "credit_score",
     .type = OE_INTEGER,
     .minimum = 300,
     .maximum = 850,
     .nullable = true,
     .words = credit_words,
     .word_count = 1},
    {.name = "avg_account_balance",
     .type = OE_MONEY,
     .label = "average account balance",
     .minimum = -HUGE_VAL,
     .maximum = HUGE_VAL,
     .words = balance_words,
     .word_count = 1},
    {.name = "savings_rate",
     .type = OE_NUMBER,
     .minimum = -1,
     .maximum = 1,
     .step = 0.01,
     .optional = true},
    {.name = "transactions_90d",
     .type = OE_INTEGER,
     .minimum = 0,
     .maximum = HUGE_VAL,
     .optional = true},
    {.name = "region",
     .type = OE_TEXT,
     .minimum = -HUGE_VAL,
     .maximum = HUGE_VAL,
     .optional = true},
    {.name = "risk_tolerance",
     .type = OE_TEXT,
     .label = "risk tolerance",
     .minimum = -HUGE_VAL,
     .maximum = HUGE_VAL,
     .optional = true},
    {.name = "staff", .type = OE_FLAG, .minimum = 0, .maximum = 1, .optional = true},
};

static const oe_category categories[] = {
    {.id = "credit", .name = "Credit", .regulated_credit = true},
    {.id = "loan", .name = "Loan", .regulated_credit = true},
    {.id = "commercial_loan", .name = "Commercial loan", .regulated_credit = true},
    {.id = "investment", .name = "Investment"},
    {.id = "retirement", .name = "Retirement"},
    {.id = "savings", .name = "Savings"},
    {.id = "deposit", .name = "Deposit"},
    {.id = "insurance", .name = "Insurance"},
    {.id = "account", .name = "Account"},
};

typedef struct offer_line {
    const char *id, *name, *category, *tier, *group, *reason;
    double income, ideal_income, credit_score, age, balance, ideal_balance; /* 0: none */
    const char *not_with;
    const char *risk; /* which condition on risk_tolerance: "any" or "bold" */
} offer_line;

static const offer_line products[] = {
    {"premium_credit_card", "Premium Credit Card", "credit", "premium", "card",
     "High income and good credit score", 75000, 150000, 700, 21, 0, 0, "credit_card", NULL},
    {"credit_card", "Credit Card", "credit", NULL, "card",
     "Steady income and a sound credit score", 25000, 75000, 620, 18, 0, 0,
     "premium_credit_card", NULL},
    {"secured_credit_card", "Secured Credit Card", "credit", NULL, "card",
     "Helps to build a credit history on a steady income", 12000, 40000, 0, 18, 0, 0,
     "credit_card", NULL},
    {"business_loan", "Business Expansion Loan", "commercial_loan", NULL, NULL,
     "Strong income and credit score for business growth", 80000, 0, 680, 25, 0, 0, NULL, NULL},
    {"personal_loan", "Personal Loan", "loan", NULL, NULL, "Steady income supports repayment",
     40000, 0, 640, 21, 0, 0, NULL, NULL},
    {"home_loan", "Home Loan", "loan", NULL, NULL, "Income and credit score fit a mortgage",
     90000, 160000, 700, 25, 0, 0, NULL, NULL},
    {"gold_loan", "Gold Loan", "loan", NULL, NULL, NULL, 18000, 60000, 0, 21, 0, 0, NULL, NULL},
    {"savings_account", "High-Yield Savings Account", "savings", NULL, NULL,
     "Earns interest on your balance from the first day", 0, 0, 0, 16, 0, 10000, NULL, NULL},
    {"debit_card", "Debit Card", "account", NULL, NULL, NULL, 0, 0, 0, 16, 0, 5000, NULL, NULL},
    {"fixed_deposit", "Fixed Deposit", "deposit", NULL, NULL,
     "Idle balance can earn a fixed rate", 0, 0, 0, 18, 5000, 0, NULL, NULL},
    {"life_insurance", "Term Life Insurance", "insurance", NULL, NULL,
     "Protects those who depend on your income", 25000, 0, 0, 21, 0, 0, NULL, NULL},
    {"basic_investment", "Basic Investment Plan", "investment", NULL, NULL,
     "Your income leaves room for a monthly plan", 30000, 80000, 0, 18, 0, 0, NULL, "any"},
    {"investment_account", "Investment Account", "investment", NULL, NULL,
     "Income and balance are enough to invest broadly", 60000, 120000, 0, 18, 0, 0, NULL,
     "bold"},
    {"wealth_management", "Wealth Management", "investment", NULL, NULL,
     "High income and balance that deserve an adviser of your own", 180000, 400000, 0, 25,
     100000, 500000, NULL, "bold"},
    {"retirement_account", "Retirement Account", "retirement", NULL, NULL,
     "Turns part of your income into a pension", 20000, 90000, 0, 18, 0, 0, NULL, NULL},
};

/* ---- products ---- */

static oe_condition suitable(oe_builder *builder, const char *risk, oe_where where)
{
    static const oe_value levels[] = {{0, "low"}, {0, "medium"}, {0, "high"}};
    size_t first = strcmp(risk, "bold") == 0;
    oe_test on_file = {.op = OE_UNKNOWN, .attribute = "risk_tolerance", .where = where};
    oe_test fits = {.op = OE_ONE_OF,
                    .attribute = "risk_tolerance",
                    .values = levels + first,
                    .value_count = COUNT(levels) - first,
                    .where = where};
    oe_condition parts[] = {oe_builder_condition(builder, &on_file),
                            oe_builder_condition(builder, &fits)};
    oe_test either = {.op = OE_ANY, .parts = parts, .part_count = 2, .where = where};
    return oe_builder_condition(builder, &either);
}

static size_t bounds_of(const offer_line *line, oe_where where, oe_bound *bounds)
{
    const struct {
        const char *attribute;
        double low;
    } minima[] = {{"income", line->income},
                  {"credit_score", line->credit_score},
                  {"age", line->age},
                  {"avg_account_balance", line->balance}};
    size_t count = 0;
    for (size_t i = 0; i < COUNT(minima); i++)
        if (minima[i].low > 0)
            bounds[count++] = (oe_bound){minima[i].attribute, minima[i].low, HUGE_VAL, where};
    return count;
}

static void add_product(oe_builder *builder, const offer_line *line, oe_where where)
{
    oe_bound bounds[4];
    oe_ideal ideals[2];
    oe_product product = {.id = line->id,
                          .name = line->name,
                          .category = line->category,
                          .tier = line->tier,
                          .reason = line->reason,
                          .group = line->group,
                          .bounds = bounds,
                          .bound_count = bounds_of(line, where, bounds),
                          .ideals = ideals,
                          .from_ms = INT64_MIN,
                          .until_ms = INT64_MAX,
                          .value = 1,
                          .lever = 1,
                          .where = where};
    if (line->ideal_income > 0)
        ideals[product.ideal_count++] = (oe_ideal){"income", line->ideal_income, where};
    if (line->ideal_balance > 0)
        ideals[product.ideal_count++] =
            (oe_ideal){"avg_account_balance", line->ideal_balance, where};
    if (line->not_with != NULL) {
        product.not_with = &line->not_with;
        product.not_with_count = 1;
    }
    oe_gate gate = {.name = "when", .where = where};
    if (line->risk != NULL) {
        gate.condition = suitable(builder, line->risk, where);
        product.gates = &gate;
        product.gate_count = 1;
    }
    oe_builder_product(builder, &product);
}

/* ---- segments, scoring, policies ---- */

static oe_condition both(oe_builder *builder, oe_test first, oe_test second)
{
    oe_condition parts[] = {oe_builder_condition(builder, &first),
                            oe_builder_condition(builder, &second)};
    oe_test all = {.op = OE_ALL, .parts = parts, .part_count = 2, .where = first.where};
    return oe_builder_condition(builder, &all);
}

static oe_test between(const char *attribute, double low, double high)
{
    return (oe_test){.op = OE_BETWEEN, .attribute = attribute, .low = low, .high = high};
}

static oe_test at_least(const char *attribute, double low)
{
    return (oe_test){.op = OE_AT_LEAST, .attribute = attribute, .low = low};
}

static oe_test below(const char *attribute, double high)
{
    return (oe_test){.op = OE_BELOW, .attribute = attribute, .high = high};
}

static oe_condition owns_nothing(oe_builder *builder)
{
    oe_condition parts[COUNT(categories)];
    for (size_t i = 0; i < COUNT(categories); i++)
        parts[i] = oe_builder_condition(
            builder, &(oe_test){.op = OE_LACKS_CATEGORY, .name = categories[i].id});
    oe_test all = {.op = OE_ALL, .parts = parts, .part_count = COUNT(categories)};
    return oe_builder_condition(builder, &all);
}

static void add_segments(oe_builder *builder)
{
    static const char file[] = "segments.lua";
    static const oe_boost young[] = {{false, "basic_investment", 8, {file, 8}},
                                     {false, "savings_account", 5, {file, 8}},
                                     {true, "retirement", 3, {file, 8}}};
    static const oe_boost affluent[] = {{false, "wealth_management", 10, {file, 14}},
                                        {false, "premium_credit_card", 5, {file, 14}},
                                        {true, "investment", 5, {file, 14}}};
    static const oe_boost planners[] = {{false, "retirement_account", 10, {file, 20}},
                                        {false, "fixed_deposit", 5, {file, 20}},
                                        {true, "insurance", 3, {file, 20}}};
    static const oe_boost builders[] = {{false, "secured_credit_card", 10, {file, 26}},
                                        {false, "savings_account", 3, {file, 26}}};
    static const oe_boost starters[] = {{false, "savings_account", 10, {file, 37}},
                                        {false, "debit_card", 10, {file, 37}},
                                        {false, "secured_credit_card", 5, {file, 37}}};
    oe_condition conditions[] = {
        both(builder, between("age", 22, 30), between("income", 40000, 70000)),
        both(builder, at_least("income", 100000), at_least("avg_account_balance", 50000)),
        oe_builder_condition(builder,
                             &(oe_test){.op = OE_AT_LEAST, .attribute = "age", .low = 45}),
        both(builder, below("credit_score", 640), at_least("income", 20000)),
        owns_nothing(builder),
    };
    const oe_segment segments[] = {
        {"young_professionals",
         "Young Professionals",
         conditions[0],
         young,
         3,
         {file, 5},
         NULL,
         0},
        {"affluent", "Affluent", conditions[1], affluent, 3, {file, 11}, NULL, 0},
        {"retirement_planners",
         "Retirement Planners",
         conditions[2],
         planners,
         3,
         {file, 17},
         NULL,
         0},
        {"credit_builders", "Credit Builders", conditions[3], builders, 2, {file, 23}, NULL, 0},
        {"new_to_bank", "New to the Bank", conditions[4], starters, 3, {file, 29}, NULL, 0},
    };
    for (size_t i = 0; i < COUNT(segments); i++)
        oe_builder_segment(builder, &segments[i]);
}

static void add_scoring(oe_builder *builder)
{
    static const char file[] = "scoring.lua";
    const oe_dimension dimensions[] = {
        {.name = "income", .attribute = "income", .weight = 40, .ideal = 100000},
        {.name = "credit_score", .attribute = "credit_score", .weight = 30, .ideal = 800},
        {.name = "balance",
         .attribute = "avg_account_balance",
         .weight = 20,
         .ideal = 50000,
         .every = true},
        {.name = "age",
         .attribute = "age",
         .weight = 10,
         .ideal = (double)NAN,
         .every = true,
         .curve = {.kind = OE_CURVE_GATE}},
    };
    for (size_t i = 0; i < COUNT(dimensions); i++) {
        oe_dimension dimension = dimensions[i];
        dimension.where = at_line(file, 7 + i);
        oe_builder_dimension(builder, &dimension);
    }
    oe_builder_threshold(builder, OE_LEVEL_DEFAULT, NULL, 30, at_line(file, 14));
    oe_builder_threshold(builder, OE_LEVEL_CATEGORY, "commercial_loan", 45, at_line(file, 14));
}

static void add_policies(oe_builder *builder)
{
    static const char file[] = "policies.lua";
    static const char *const lending[] = {"credit", "loan", "commercial_loan"};
    static const char *const investing[] = {"investment"};
    oe_test overdrawn = below("avg_account_balance", 0);
    oe_test lacks = {.op = OE_LACKS_CATEGORY};
    const oe_rule rules[] = {
        {.id = "overdrawn",
         .reason = "The account is overdrawn",
         .scope = {lending, 3, NULL, 0},
         .condition = oe_builder_condition(builder, &overdrawn),
         .excludes = true},
        {.id = "gap_bonus",
         .reason = "Rounds off your portfolio",
         .condition = oe_builder_condition(builder, &lacks),
         .points = 5},
        {.id = "regular_savers",
         .reason = "You save regularly",
         .scope = {investing, 1, NULL, 0},
         .condition =
             both(builder, at_least("savings_rate", 0.1), at_least("transactions_90d", 10)),
         .points = 6},
    };
    for (size_t i = 0; i < COUNT(rules); i++) {
        oe_rule rule = rules[i];
        rule.from_ms = INT64_MIN;
        rule.until_ms = INT64_MAX;
        rule.where = at_line(file, 8 + 7 * i);
        oe_builder_rule(builder, &rule);
    }
    oe_builder_tier(builder, "premium", "credit_score", 20, at_line(file, 4));
    oe_builder_limit(builder, OE_LEVEL_GROUP, "card", 1, at_line(file, 30));
    oe_builder_fallback(builder, "savings_account", at_line(file, 33));
    oe_builder_fallback(builder, "debit_card", at_line(file, 33));
}

/* ---- the whole ---- */

void sample_build(oe_builder *builder)
{
    for (size_t i = 0; i < COUNT(attributes); i++) {
        oe_attribute attribute = attributes[i];
        attribute.where = at_line("schema.lua", i + 1);
        oe_builder_attribute(builder, &attribute);
    }
    for (size_t i = 0; i < COUNT(categories); i++)
        oe_builder_category(builder, &categories[i]);
    for (size_t i = 0; i < COUNT(products); i++)
        add_product(builder, &products[i], at_line("products.lua", 10 * (i + 1)));
    add_segments(builder);
    add_scoring(builder);
    add_policies(builder);
    oe_builder_source(builder, "abcdef012345");
}

oe_ruleset *sample_seal(oe_builder *builder)
{
    oe_ruleset *ruleset = NULL;
    if (oe_builder_seal(builder, &ruleset, NULL) != OE_OK)
        for (size_t i = 0; i < oe_builder_finding_count(builder); i++) {
            const oe_finding *finding = oe_builder_finding_get(builder, i);
            printf("%s:%d: %s: %s\n", finding->where.file ? finding->where.file : "?",
                   finding->where.line, finding->code, finding->message);
        }
    oe_builder_free(builder);
    return ruleset;
}

oe_ruleset *sample_rules(oe_dictionary *dictionary)
{
    oe_builder *builder = oe_builder_new(dictionary);
    if (builder == NULL)
        return NULL;
    sample_build(builder);
    return sample_seal(builder);
}

/* ---- customers ---- */

static void own(oe_profile *profile, const char *id)
{
    oe_profile_own(profile, id, strlen(id), NULL, NULL);
}

void sample_customer(oe_profile *profile)
{
    oe_profile_clear(profile);
    oe_profile_set_id(profile, "C001", 4, NULL);
    oe_profile_set_number(profile, SAMPLE_AGE, 35, NULL);
    oe_profile_set_number(profile, SAMPLE_INCOME, 95000, NULL);
    oe_profile_set_number(profile, SAMPLE_CREDIT_SCORE, 735, NULL);
    oe_profile_set_number(profile, SAMPLE_BALANCE, 28000, NULL);
    own(profile, "savings_account");
    own(profile, "debit_card");
}

static bool one_in(uint64_t *state, uint32_t n)
{
    return random_below(state, n) == 0;
}

static double cents(uint64_t *state, uint32_t units)
{
    return one_in(state, 2) ? random_below(state, units)
                            : random_below(state, 100 * units) / 100.0;
}

static void random_text(oe_profile *profile, size_t attribute, uint64_t *state)
{
    static const char *const texts[] = {"low",    "medium", "high",
                                        "none",   "",       "\"q\"\\",
                                        "a\nb\t", "zürich", "\x01 \x1f \x7f 語"};
    const char *text = texts[random_below(state, COUNT(texts))];
    if (!one_in(state, 3))
        oe_profile_set_text(profile, attribute, text, strlen(text), NULL);
}

static void random_owned(oe_profile *profile, uint64_t *state)
{
    static const char *const strangers[] = {"checking", "say \"hi\"", "brokerage/é"};
    for (size_t i = 0; i < COUNT(products); i++)
        if (one_in(state, 5))
            own(profile, products[i].id);
    for (size_t i = 0; i < COUNT(strangers); i++)
        if (one_in(state, 6))
            own(profile, strangers[random_below(state, COUNT(strangers))]);
}

void sample_random(oe_profile *profile, uint64_t *state, uint32_t number)
{
    char id[16];
    oe_profile_clear(profile);
    int length = snprintf(id, sizeof id, "R%u", (unsigned)number);
    oe_profile_set_id(profile, id, (size_t)length, NULL);
    oe_profile_set_number(profile, SAMPLE_AGE, random_below(state, 131), NULL);
    oe_profile_set_number(profile, SAMPLE_INCOME, cents(state, 300000), NULL);
    oe_profile_set_number(profile, SAMPLE_BALANCE, cents(state, 600000) - 20000, NULL);
    if (!one_in(state, 4))
        oe_profile_set_number(profile, SAMPLE_CREDIT_SCORE, 300 + random_below(state, 551),
                              NULL);
    if (!one_in(state, 3))
        oe_profile_set_number(profile, SAMPLE_SAVINGS_RATE,
                              random_below(state, 2001) / 1000.0 - 1, NULL);
    if (!one_in(state, 3))
        oe_profile_set_number(profile, SAMPLE_TRANSACTIONS, random_below(state, 100), NULL);
    if (one_in(state, 3))
        oe_profile_set_number(profile, SAMPLE_STAFF, one_in(state, 2), NULL);
    random_text(profile, SAMPLE_REGION, state);
    random_text(profile, SAMPLE_RISK_TOLERANCE, state);
    random_owned(profile, state);
}
