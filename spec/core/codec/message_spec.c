/* message_spec.c: messages of offers: what is filled in, in which format, and when there is
 * none. */
#include "check.h"
#include "codec/message.h"
#include "engine/message.h"
#include "engine/profile.h"
#include "small_rules.h"

#include <math.h>
#include <stdlib.h>

typedef struct amount {
    double value;
    int kind;
    const char *currency, *shown;
} amount;

static void it_writes_amounts(void)
{
    static const amount cases[] = {
        {0, OE__MESSAGE_MONEY, "USD", "USD 0"},
        {999, OE__MESSAGE_MONEY, "USD", "USD 999"},
        {1000, OE__MESSAGE_MONEY, "USD", "USD 1,000"},
        {95000, OE__MESSAGE_MONEY, "USD", "USD 95,000"},
        {1234567, OE__MESSAGE_MONEY, NULL, "1,234,567"},
        {999999.99, OE__MESSAGE_MONEY, "EUR", "EUR 999,999.99"},
        {999999.995, OE__MESSAGE_MONEY, "EUR", "EUR 1,000,000"},
        {28000.5, OE__MESSAGE_MONEY, "USD", "USD 28,000.50"},
        {28000.504, OE__MESSAGE_MONEY, "USD", "USD 28,000.50"},
        {28000.004, OE__MESSAGE_MONEY, "USD", "USD 28,000"},
        {0.05, OE__MESSAGE_MONEY, "USD", "USD 0.05"},
        {-1234.5, OE__MESSAGE_MONEY, "USD", "USD -1,234.50"},
        {-0.004, OE__MESSAGE_MONEY, "USD", "USD 0"},
        {1e300, OE__MESSAGE_MONEY, "USD", "USD 1e+300"},
        {9007199254740992.0, OE__MESSAGE_MONEY, "USD", "USD 9,007,199,254,740,992"},
        {735, OE__MESSAGE_INTEGER, "USD", "735"},
        {1234.5, OE__MESSAGE_INTEGER, NULL, "1,235"},
        {1234.4, OE__MESSAGE_INTEGER, NULL, "1,234"},
        {-0.5, OE__MESSAGE_INTEGER, NULL, "-1"},
        {-0.4, OE__MESSAGE_INTEGER, NULL, "0"},
        {1234.25, OE__MESSAGE_NUMBER, NULL, "1,234.25"},
        {-1234.25, OE__MESSAGE_NUMBER, NULL, "-1,234.25"},
        {0.125, OE__MESSAGE_PERCENT, NULL, "12.5%"},
        {0.1, OE__MESSAGE_PERCENT, NULL, "10%"},
        {-0.03, OE__MESSAGE_PERCENT, NULL, "-3%"},
        {12, OE__MESSAGE_PERCENT, NULL, "1,200%"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[OE_AMOUNT_TEXT_MAX + 1];
        size_t length =
            oe__amount_write(cases[i].value, cases[i].kind, cases[i].currency, text);
        CHECK(length <= OE_AMOUNT_TEXT_MAX);
        text[length] = '\0';
        CHECK_TEXT(text, cases[i].shown);
    }
}

typedef struct desk {
    oe_dictionary *dictionary;
    oe_ruleset *ruleset;
    oe_decider *decider;
    oe_profile *profile;
} desk;

static oe_ruleset *seal_with(oe_dictionary *dictionary, const char *message)
{
    oe_builder *builder = small_rules(dictionary);
    oe_attribute visits = small_attribute("visits", OE_INTEGER); /* of nobody on file */
    oe_builder_attribute(builder, &visits);
    oe_product product = small_product("p", "saving");
    product.name = "A \"plain\" plan";
    product.ideals = &(oe_ideal){"balance", 50000, small_where()};
    product.ideal_count = 1;
    product.message = message;
    product.message_where = small_where();
    oe_builder_product(builder, &product);
    oe_builder_currency(builder, "USD");
    return small_seal(builder);
}

static desk open_desk(const char *message)
{
    desk on = {.dictionary = oe_dictionary_new()};
    on.ruleset = seal_with(on.dictionary, message);
    if (!CHECK(on.ruleset != NULL))
        exit(1);
    on.decider = oe_decider_new(on.ruleset);
    on.profile = oe_profile_new(on.ruleset);
    oe_error error;
    CHECK_INT(oe_profile_set_id(on.profile, "C\"1", 3, &error), OE_OK);
    CHECK_INT(oe_profile_set_number(on.profile, SMALL_INCOME, 95000, &error), OE_OK);
    CHECK_INT(oe_profile_set_number(on.profile, SMALL_BALANCE, 0.5, &error), OE_OK);
    CHECK_INT(oe_profile_set_number(on.profile, SMALL_MEMBER, 1, &error), OE_OK);
    CHECK_INT(oe_profile_set_text(on.profile, SMALL_REGION, "the \\ north", 11, &error), OE_OK);
    return on;
}

static void close_desk(desk *on)
{
    oe_decider_free(on->decider);
    oe_profile_free(on->profile);
    oe_ruleset_free(on->ruleset);
    oe_dictionary_free(on->dictionary);
}

/* The answer's message with its quotes, "" when there is none. */
static const char *message_of(const oe_decision *decision)
{
    static char text[8192], found[4096];
    size_t length = oe_decision_write(decision, text, sizeof text - 1);
    text[length < sizeof text ? length : 0] = '\0';
    CHECK_INT(decision->offer_count, 1);
    const char *start = strstr(text, "],\"message\":"), *end = strstr(text, "\"}],\"total");
    found[0] = '\0';
    if (start != NULL && CHECK(end != NULL))
        snprintf(found, sizeof found, "%.*s", (int)(end + 1 - start - 12), start + 12);
    return found;
}

typedef struct filled {
    const char *message, *shown;
} filled;

static void it_fills_in_what_is_on_file(void)
{
    static const filled cases[] = {
        {"plain words", "\"plain words\""},
        {"{income}", "\"USD 95,000\""},
        {"With {income:money} a year, {name}.",
         "\"With USD 95,000 a year, A \\\"plain\\\" plan.\""},
        {"{income:number}{income:integer}", "\"95,00095,000\""},
        {"{balance} and {balance:percent}", "\"0.5 and 50%\""},
        {"{category}, {customer_id}: {member} {region}",
         "\"Saving, C\\\"1: yes the \\\\ north\""},
        {"{{{income:integer}}} of {confidence} \"points\"",
         "\"{95,000} of 63.9 \\\"points\\\"\""},
        {"{{}}", "\"{}\""},
        {"{visits:number} visits", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        desk on = open_desk(cases[i].message);
        oe_options options = {.at_ms = 0, .category = -1};
        CHECK_TEXT(message_of(oe_decide(on.decider, on.profile, &options)), cases[i].shown);
        close_desk(&on);
    }
}

static bool take_message(void *context, const oe_decision *decision)
{
    snprintf(context, 256, "%s", message_of(decision));
    return true;
}

static void it_says_the_same_for_a_page(void)
{
    desk on = open_desk("{region}, {income}, {customer_id}");
    oe_options options = {.at_ms = 0, .category = -1};
    oe_population *population = oe_population_new(on.dictionary);
    oe_error error;
    bool replaced = false;
    oe_population_begin(population);
    CHECK_INT(oe_population_put(population, on.profile, &replaced, &error), OE_OK);
    oe_population_commit(population);
    oe_snapshot *snapshot = oe_snapshot_new(population);
    char found[256] = "";
    CHECK(oe_decide_page(on.decider, snapshot, 0, &options,
                         (oe_decision_sink){take_message, found}));
    CHECK_TEXT(found, "\"the \\\\ north, USD 95,000, C\\\"1\"");
    CHECK_TEXT(message_of(oe_decide(on.decider, on.profile, &options)), found);
    oe_snapshot_free(snapshot);
    oe_population_free(population);
    close_desk(&on);
}

static void it_is_silent_where_its_words_are_not_true(void)
{
    static const double incomes[] = {39000, 41000};
    static const char *const shown[] = {"", "\"Your income suits you\""};
    desk on = open_desk("Your income suits you");
    oe_options options = {.at_ms = 0, .category = -1};
    oe_error error;
    for (size_t i = 0; i < 2; i++) {
        CHECK_INT(oe_profile_set_number(on.profile, SMALL_INCOME, incomes[i], &error), OE_OK);
        CHECK_TEXT(message_of(oe_decide(on.decider, on.profile, &options)), shown[i]);
    }
    close_desk(&on);
}

int main(void)
{
    RUN("amounts are written as people read them", it_writes_amounts);
    RUN("what is on file is filled in, and half a sentence is never said",
        it_fills_in_what_is_on_file);
    RUN("a page says what a single decision says", it_says_the_same_for_a_page);
    RUN("words that name a dimension need half its weight",
        it_is_silent_where_its_words_are_not_true);
    return check_report();
}
