/* explanation_spec.c: explanations as JSON, member by member. */
#include "check.h"
#include "codec/answer.h"
#include "codec/json.h"
#include "engine/profile.h"
#include "random_rules.h"
#include "sample_rules.h"

#include <stdlib.h>

enum { RULESETS = 12, PROFILES = 25 };

typedef struct desk {
    oe_dictionary *dictionary;
    oe_ruleset *ruleset;
    oe_decider *decider;
    oe_profile *profile;
    oe_options options;
    oe__buffer text;
} desk;

static desk desk_of(oe_dictionary *dictionary, oe_ruleset *ruleset)
{
    if (!CHECK(ruleset != NULL))
        exit(1);
    return (desk){dictionary,
                  ruleset,
                  oe_decider_new(ruleset),
                  oe_profile_new(ruleset),
                  {.at_ms = 2000, .category = -1},
                  {0}};
}

static desk open_sample(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    desk on = desk_of(dictionary, sample_rules(dictionary));
    sample_customer(on.profile);
    return on;
}

static void close_desk(desk *on)
{
    oe__buffer_free(&on->text);
    oe_decider_free(on->decider);
    oe_profile_free(on->profile);
    oe_ruleset_free(on->ruleset);
    oe_dictionary_free(on->dictionary);
}

/* The explanation of one product, "" for all. */
static const char *explained(desk *on, const char *product)
{
    on->text.length = 0;
    oe__explanation_write(&on->text, on->decider, on->profile, &on->options,
                          oe_ruleset_find(on->ruleset, OE_PRODUCTS, product, strlen(product)));
    CHECK_INT(oe__json_validate(on->text.data, on->text.length, NULL), OE_OK);
    oe__buffer_add_char(&on->text, '\0');
    return on->text.data;
}

static void check_holds(const char *text, const char *part)
{
    if (!CHECK(strstr(text, part) != NULL))
        printf("  %s\n  is not in %s\n", part, text);
}

static void check_lacks(const char *text, const char *part)
{
    if (!CHECK(strstr(text, part) == NULL))
        printf("  %s\n  is in %s\n", part, text);
}

/* ---- the sample ---- */

static void it_explains_an_offer(void)
{
    desk on = open_sample();
    CHECK_TEXT(
        explained(&on, "personal_loan"),
        "{\"customer_id\":\"C001\",\"products\":[{\"product_id\":\"personal_loan\","
        "\"product_name\":\"Personal Loan\",\"category\":\"loan\",\"outcome\":"
        "\"offered\",\"confidence_score\":84.6,\"score\":79.6,\"threshold\":30.0,"
        "\"contributions\":[{\"dimension\":\"income\",\"attribute\":\"income\",\"value\":"
        "95000,\"weight\":40,\"subscore\":0.9375,\"points\":37.5},{\"dimension\":"
        "\"credit_score\",\"attribute\":\"credit_score\",\"value\":735,\"weight\":30,"
        "\"subscore\":0.6953,\"points\":20.9},{\"dimension\":\"balance\",\"attribute\":"
        "\"avg_account_balance\",\"value\":28000,\"weight\":20,\"subscore\":0.56,"
        "\"points\":11.2},{\"dimension\":\"age\",\"attribute\":\"age\",\"value\":35,"
        "\"weight\":10,\"subscore\":1,\"points\":10.0}],\"adjustments\":[{\"rule\":"
        "\"gap_bonus\",\"reason\":\"Rounds off your portfolio\",\"points\":5.0,\"file\":"
        "\"policies.lua\",\"line\":15}],\"failures\":[]}],\"segments\":[],"
        "\"portfolio_gaps\":[\"credit\",\"loan\",\"commercial_loan\",\"investment\","
        "\"retirement\",\"deposit\",\"insurance\"],\"ruleset\":\"abcdef012345\"}");
    close_desk(&on);
}

static void it_explains_a_refusal(void)
{
    desk on = open_sample();
    oe_profile_set_unknown(on.profile, SAMPLE_CREDIT_SCORE);
    oe_profile_set_number(on.profile, SAMPLE_INCOME, 79999.9, NULL);
    const char *text = explained(&on, "business_loan");
    check_holds(text, "\"outcome\":\"gates\",\"confidence_score\":null,\"score\":");
    check_holds(text, "\"threshold\":45.0,\"contributions\":[");
    check_holds(text,
                "{\"dimension\":\"credit_score\",\"attribute\":\"credit_score\",\"value\":"
                "null,\"not_on_file\":true,\"weight\":30,\"subscore\":0,\"points\":0.0}");
    check_holds(
        text,
        "\"failures\":[{\"stage\":\"gates\",\"code\":\"below_minimum\",\"attribute\":"
        "\"income\","
        "\"needed\":80000,\"actual\":79999.9,\"gap\":0.1,\"rule\":\"business_loan\",\"file\":"
        "\"products.lua\",\"line\":40},{\"stage\":\"gates\",\"code\":\"not_on_file\","
        "\"attribute\":\"credit_score\",\"needed\":680,\"rule\":\"business_loan\",\"file\":"
        "\"products.lua\",\"line\":40}],\"reason_codes\":[\"not_on_file\",\"below_minimum\"],"
        "\"smallest_change\":{\"possible\":true,\"changes\":[");
    check_holds(text, "{\"attribute\":\"income\",\"from\":79999.9,\"to\":80866.67}");
    check_holds(text, "{\"attribute\":\"credit_score\",\"from\":null,\"to\":680}");
    close_desk(&on);
}

static void it_names_products_and_rules(void)
{
    desk on = open_sample();
    const char *owned = explained(&on, "debit_card");
    check_holds(owned, "\"outcome\":\"ownership\"");
    check_holds(owned, "\"failures\":[{\"stage\":\"ownership\",\"code\":\"already_owned\","
                       "\"rule\":\"debit_card\",\"file\":\"products.lua\",\"line\":90}],"
                       "\"reason_codes\":[\"already_owned\"],\"smallest_change\":{\"possible\":"
                       "false,\"cause\":\"ownership\"}}");
    const char *outranked = explained(&on, "credit_card");
    check_holds(outranked, "{\"stage\":\"selection\",\"code\":\"outranked\",\"rule\":"
                           "\"credit_card\",\"outranked_by\":\"secured_credit_card\",");
    check_holds(outranked, "\"confidence_score\":88.1,");
    oe_profile_set_number(on.profile, SAMPLE_BALANCE, -1, NULL);
    check_holds(explained(&on, "personal_loan"),
                "{\"stage\":\"gates\",\"code\":\"excluded\",\"attribute\":"
                "\"avg_account_balance\",\"actual\":-1,\"rule\":\"overdrawn\",\"text\":\"The "
                "account is overdrawn\",\"file\":\"policies.lua\",\"line\":8}");
    close_desk(&on);
}

static void it_gives_each_reason_code_once(void)
{
    desk on = open_sample();
    oe_profile_clear(on.profile);
    oe_profile_own(on.profile, "home_loan", 9, NULL, NULL);
    oe_profile_set_number(on.profile, SAMPLE_BALANCE, -1, NULL);
    const char *text = explained(&on, "home_loan");
    check_holds(text, "\"code\":\"excluded\"");
    check_holds(text, "\"reason_codes\":[\"already_owned\",\"not_on_file\",\"excluded\"]");
    close_desk(&on);
}

/* ---- flags, texts, clamps, thresholds ---- */

static oe_ruleset *small_rules(oe_dictionary *dictionary)
{
    oe_builder *builder = oe_builder_new(dictionary);
    const oe_attribute attributes[] = {
        {.name = "income", .type = OE_MONEY, .maximum = HUGE_VAL},
        {.name = "staff", .type = OE_FLAG, .maximum = 1, .optional = true},
        {.name = "region",
         .type = OE_TEXT,
         .minimum = -HUGE_VAL,
         .maximum = HUGE_VAL,
         .optional = true},
    };
    for (size_t i = 0; i < 3; i++)
        oe_builder_attribute(builder, &attributes[i]);
    oe_builder_category(builder, &(oe_category){.id = "c"});
    const oe_value yes = {1, NULL}, regions[] = {{0, "no\"rth"}, {0, "west"}};
    oe_test is_staff = {
        .op = OE_EQUALS, .attribute = "staff", .values = &yes, .value_count = 1};
    oe_test is_near = {
        .op = OE_ONE_OF, .attribute = "region", .values = regions, .value_count = 2};
    oe_gate gates[] = {{"requires", oe_builder_condition(builder, &is_staff), {"p.lua", 3}},
                       {"requires", oe_builder_condition(builder, &is_near), {"p.lua", 4}}};
    oe_product product = {.id = "gated",
                          .category = "c",
                          .gates = gates,
                          .gate_count = 2,
                          .from_ms = INT64_MIN,
                          .until_ms = INT64_MAX,
                          .value = 1,
                          .lever = 1};
    oe_builder_product(builder, &product);
    product.id = "open";
    product.gate_count = 0;
    product.value = 2;
    oe_builder_product(builder, &product);
    oe_dimension dimension = {
        .name = "income", .attribute = "income", .weight = 1, .ideal = 300, .every = true};
    oe_builder_dimension(builder, &dimension);
    oe_rule rule = {.id = "bonus",
                    .condition = OE_NO_CONDITION,
                    .points = 25,
                    .from_ms = INT64_MIN,
                    .until_ms = INT64_MAX};
    oe_builder_rule(builder, &rule);
    oe_builder_threshold(builder, OE_LEVEL_DEFAULT, NULL, 50, (oe_where){NULL, 0});
    return sample_seal(builder);
}

static void it_writes_values_as_their_attribute_says(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    desk on = desk_of(dictionary, small_rules(dictionary));
    oe_profile_set_number(on.profile, 0, 300, NULL);
    const char *unknown = explained(&on, "gated");
    check_holds(unknown, "{\"attribute\":\"staff\",\"from\":null,\"to\":true}");
    check_holds(unknown, "{\"attribute\":\"region\",\"from\":null,\"to\":\"no\\\"rth\"}");
    oe_profile_set_number(on.profile, 1, 0, NULL);
    oe_profile_set_text(on.profile, 2, "south", 5, NULL);
    const char *known = explained(&on, "gated");
    check_holds(known, "\"attribute\":\"staff\",\"actual\":false,\"rule\":\"gated\",\"text\":");
    check_holds(known, "{\"attribute\":\"staff\",\"from\":false,\"to\":true}");
    check_holds(known, "{\"attribute\":\"region\",\"from\":\"south\",\"to\":\"no\\\"rth\"}");
    close_desk(&on);
}

static void it_shows_clamps_priorities_and_thresholds_only_where_they_matter(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    desk on = desk_of(dictionary, small_rules(dictionary));
    oe_profile_set_number(on.profile, 0, 300, NULL);
    check_holds(
        explained(&on, "open"),
        "\"confidence_score\":100.0,\"score\":100.0,\"clamped\":25.0,\"threshold\":50.0,"
        "\"priority\":200.0,");
    oe_profile_set_number(on.profile, 0, 200, NULL);
    const char *text = explained(&on, "open");
    check_holds(text,
                "\"confidence_score\":91.7,\"score\":66.7,\"threshold\":50.0,\"priority\":"
                "183.3,");
    check_holds(text, "\"subscore\":0.6667,");
    check_holds(text, "\"adjustments\":[{\"rule\":\"bonus\",\"points\":25.0}]");
    oe_profile_set_number(on.profile, 0, 75, NULL);
    check_holds(
        explained(&on, "open"),
        "\"failures\":[{\"stage\":\"threshold\",\"code\":\"below_threshold\",\"needed\":"
        "50.0,\"actual\":50.0,\"gap\":0.0,\"rule\":\"open\"}]");
    oe_profile_set_number(on.profile, 0, 76, NULL);
    check_lacks(explained(&on, "open"), "below_threshold");
    close_desk(&on);
}

/* ---- for all ---- */

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *at = strstr(text, part); at != NULL; at = strstr(at + 1, part))
        count++;
    return count;
}

static void check_whole(desk *on)
{
    const char *text = explained(on, "");
    size_t products = oe_ruleset_count(on->ruleset, OE_PRODUCTS);
    size_t refused = count_of(text, "\"smallest_change\":");
    CHECK_INT(count_of(text, "{\"product_id\":"), products);
    CHECK_INT(count_of(text, "\"outcome\":\"offered\""), products - refused);
    CHECK_INT(count_of(text, "\"reason_codes\":"), refused);
    const oe_decision *decision = oe_decide(on->decider, on->profile, &on->options);
    oe__buffer end = {0};
    CHECK_INT(decision->offer_count, products - refused);
    oe__answer_write_end(&end, decision);
    CHECK(memcmp(text + strlen(text) - end.length, end.data, end.length) == 0);
    oe__buffer_free(&end);
}

static void it_explains_every_product_of_any_rules(void)
{
    for (uint64_t seed = 1; seed <= RULESETS; seed++) {
        oe_dictionary *dictionary = oe_dictionary_new();
        desk on = desk_of(dictionary, random_rules(dictionary, seed, 4 + seed, false));
        uint64_t state = seed * 5 + 3;
        for (uint32_t i = 0; i < PROFILES; i++) {
            random_profile(on.profile, on.ruleset, &state, i);
            check_whole(&on);
        }
        close_desk(&on);
    }
}

static void it_fills_any_buffer(void)
{
    desk on = open_sample();
    oe__buffer whole = {0};
    oe__explanation_write(&whole, on.decider, on.profile, &on.options, -1);
    for (size_t capacity = 0; capacity <= whole.length + 1; capacity += 61) {
        char *out = malloc(capacity + 1);
        if (out == NULL)
            exit(1);
        size_t kept = capacity < whole.length ? capacity : whole.length;
        out[capacity] = '~';
        CHECK_INT(oe_explanation_write(on.decider, on.profile, &on.options, out, capacity),
                  (intmax_t)whole.length);
        CHECK(memcmp(out, whole.data, kept) == 0 && out[capacity] == '~');
        free(out);
    }
    oe__buffer_free(&whole);
    close_desk(&on);
}

static void it_writes_dates(void)
{
    static const struct {
        int64_t from_s;
        const char *shown; /* NULL: no date that is written */
    } cases[] = {
        {4107542400, "\"from\":\"2100-03-01T00:00:00Z\""}, /* no leap year */
        {4107542399, "\"from\":\"2100-02-28T23:59:59Z\""},
        {951782400, "\"from\":\"2000-02-29T00:00:00Z\""},
        {1735689599, "\"from\":\"2024-12-31T23:59:59Z\""},
        {253402300799, "\"from\":\"9999-12-31T23:59:59Z\""},
        {253402300800, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        oe_dictionary *dictionary = oe_dictionary_new();
        oe_builder *builder = oe_builder_new(dictionary);
        sample_build(builder);
        oe_product later = {.id = "later",
                            .category = "savings",
                            .from_ms = cases[i].from_s * 1000,
                            .until_ms = INT64_MAX,
                            .value = 1,
                            .lever = 1};
        oe_builder_product(builder, &later);
        desk on = desk_of(dictionary, sample_seal(builder));
        sample_customer(on.profile);
        const char *text = explained(&on, "later");
        check_holds(text, "\"code\":\"not_yet_available\"");
        if (cases[i].shown != NULL)
            check_holds(text, cases[i].shown);
        else
            check_lacks(text, "\"from\":");
        close_desk(&on);
    }
}

int main(void)
{
    RUN("a product that begins later says when", it_writes_dates);
    RUN("an offer shows where its points came from", it_explains_an_offer);
    RUN("a refusal shows what was needed, what there was, and the smallest change",
        it_explains_a_refusal);
    RUN("a refusal names the products and rules concerned", it_names_products_and_rules);
    RUN("the reason codes are the principal ones, each once", it_gives_each_reason_code_once);
    RUN("flags and texts are written as such", it_writes_values_as_their_attribute_says);
    RUN("clamp and priority are shown only where they matter",
        it_shows_clamps_priorities_and_thresholds_only_where_they_matter);
    RUN("for random rules every product is explained and the end is the answer's",
        it_explains_every_product_of_any_rules);
    RUN("a short buffer gets a prefix and the full length", it_fills_any_buffer);
    return check_report();
}
