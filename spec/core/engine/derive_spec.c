/* derive_spec.c: derived attributes: looked up and asked for, for one customer and for pages.
 */
#include "check.h"
#include "codec/answer.h"
#include "engine/decide.h"
#include "small_customer.h"

#include <math.h>

enum { TREND = SMALL_HOLDINGS + 1, OUTLOOK, ROWS = 3 };

static const oe_value regions[ROWS] = {{0, "west"}, {0, "north"}, {0, "east"}};
static const oe_value trends[ROWS] = {{-2, NULL}, {3.5, NULL}, {(double)NAN, NULL}};
static const oe_value outlooks[ROWS] = {{0, "falling"}, {0, "rising"}, {(double)NAN, NULL}};

static oe_derivation lookup(const char *attribute, const char *key, const oe_value *values)
{
    return (oe_derivation){.attribute = attribute,
                           .key = key,
                           .keys = regions,
                           .values = values,
                           .row_count = ROWS,
                           .otherwise = {(double)NAN, NULL},
                           .where = small_where()};
}

static void add_derived(oe_builder *builder, const oe_derivation *derivation, oe_type type)
{
    oe_attribute attribute = small_attribute(derivation->attribute, type);
    attribute.derived = true;
    if (type == OE_NUMBER) {
        attribute.minimum = -100;
        attribute.maximum = 100;
    }
    CHECK_INT(oe_builder_attribute(builder, &attribute), OE_OK);
    CHECK_INT(oe_builder_derive(builder, derivation), OE_OK);
}

static void add_products(oe_builder *builder)
{
    oe_product rising = small_product("rising", "saving");
    oe_bound bound = {"trend", 3, HUGE_VAL, small_where()};
    rising.bounds = &bound;
    rising.bound_count = 1;
    oe_ideal ideal = {"income", 90000, small_where()};
    rising.ideals = &ideal;
    rising.ideal_count = 1;
    CHECK_INT(oe_builder_product(builder, &rising), OE_OK);
    oe_product plain = small_product("plain", "travel");
    plain.message = "The outlook is {outlook}, the trend {trend}.";
    CHECK_INT(oe_builder_product(builder, &plain), OE_OK);
    oe_rule rule = small_rule("falling", -5);
    rule.condition = small_text(builder, OE_EQUALS, "outlook", "falling");
    CHECK_INT(oe_builder_rule(builder, &rule), OE_OK);
}

/* Stands in for the Lua of the rules: says what the lookups say, or what `says` is. */
typedef struct answering {
    oe_said says;
    double number;
    const oe_profile *profile;
} answering;

static void begin(void *context, const oe_profile *profile, bool again)
{
    (void)again;
    ((answering *)context)->profile = profile;
}

static oe_said condition(void *context, uint32_t function)
{
    (void)context;
    (void)function;
    return OE_SAID_UNKNOWN;
}

static oe_said derive(void *context, uint32_t function, size_t attribute, oe_value *value)
{
    const answering *self = context;
    CHECK_INT(attribute, TREND + function);
    if (self->says != OE_SAID_TRUE || !isnan(self->number)) {
        *value = (oe_value){self->number, NULL};
        return self->says;
    }
    size_t length = 0;
    const char *region = oe_profile_text(self->profile, SMALL_REGION, &length);
    if (function == 1) /* sees what was derived before it */
        CHECK(isnan(oe_profile_number(self->profile, TREND)) ==
              (region == NULL ||
               (memcmp(region, "west", 4) != 0 && memcmp(region, "north", 4) != 0)));
    for (size_t i = 0; region != NULL && i < ROWS; i++)
        if (strlen(regions[i].text) == length && memcmp(region, regions[i].text, length) == 0) {
            *value = function == 0 ? trends[i] : outlooks[i];
            return value->text != NULL || !isnan(value->number) ? OE_SAID_TRUE
                                                                : OE_SAID_UNKNOWN;
        }
    return OE_SAID_UNKNOWN;
}

typedef struct book {
    small_customer one;
    answering answers;
} book;

static void open_book(book *self, bool by_function)
{
    *self = (book){.answers = {.says = OE_SAID_TRUE, .number = (double)NAN}};
    oe_builder *builder = small_customer_begin(&self->one);
    const oe_derivation looked[] = {lookup("trend", "region", trends),
                                    lookup("outlook", "region", outlooks)};
    const oe_derivation asked[] = {
        {.attribute = "trend", .function = 0, .where = small_where()},
        {.attribute = "outlook", .function = 1, .where = small_where()}};
    add_derived(builder, by_function ? &asked[0] : &looked[0], OE_NUMBER);
    add_derived(builder, by_function ? &asked[1] : &looked[1], OE_TEXT);
    add_products(builder);
    small_customer_seal(&self->one, builder,
                        &(oe_calls){.context = &self->answers,
                                    .begin = begin,
                                    .condition = condition,
                                    .derive = derive});
}

static void set_region(book *self, const char *region)
{
    if (region != NULL)
        oe_profile_set_text(self->one.profile, SMALL_REGION, region, strlen(region), NULL);
    else
        oe_profile_set_unknown(self->one.profile, SMALL_REGION);
}

/* ---- lookups ---- */

static void it_looks_up(void)
{
    static const struct {
        const char *region;
        size_t offers;
        const char *message;
    } cases[] = {{"north", 2, "The outlook is rising, the trend 3.5."},
                 {"west", 1, "The outlook is falling, the trend -2."},
                 {"east", 1, NULL},
                 {"nort", 1, NULL},
                 {NULL, 1, NULL}};
    book self;
    char text[4096];
    open_book(&self, false);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        set_region(&self, cases[i].region);
        const oe_decision *decision =
            oe_decide(self.one.decider, self.one.profile, &self.one.options);
        CHECK_INT(decision->offer_count, cases[i].offers);
        text[oe_decision_write(decision, text, sizeof text - 1)] = '\0';
        CHECK((strstr(text, "\"message\"") != NULL) == (cases[i].message != NULL));
        CHECK(cases[i].message == NULL || strstr(text, cases[i].message) != NULL);
        CHECK(isnan(oe_profile_number(self.one.profile, TREND)));
    }
    small_customer_close(&self.one);
}

static void it_is_never_set_or_stored(void)
{
    book self;
    oe_error error;
    oe_read_report report;
    char text[1024];
    open_book(&self, false);
    CHECK_INT(oe_profile_set_number(self.one.profile, TREND, 1, &error), OE_E_ARGUMENT);
    CHECK_INT(oe_profile_set_text(self.one.profile, OUTLOOK, "x", 1, &error), OE_E_ARGUMENT);
    static const char body[] = "{\"customer_id\":\"C1\",\"income\":50000,\"credit_score\":700,"
                               "\"holdings\":[],\"trend\":50,\"outlook\":\"rising\"}";
    oe_status status =
        oe_profile_read(self.one.profile, body, sizeof body - 1, &report, &error);
    if (status != OE_OK)
        CHECK_TEXT(error.message, "");
    CHECK_INT(report.undeclared, 2);
    CHECK_INT(oe_profile_check(self.one.profile, &error), OE_OK);
    text[oe_profile_write(self.one.profile, text, sizeof text - 1)] = '\0';
    CHECK(strstr(text, "trend") == NULL && strstr(text, "outlook") == NULL);
    small_customer_close(&self.one);
}

/* ---- pages ---- */

static bool collect(void *context, const oe_decision *decision)
{
    oe__buffer *out = context;
    oe__answer_write(out, decision);
    oe__buffer_add_char(out, '\n');
    return true;
}

/* All answers, page by page and one by one. */
static void decide_all(book *self, oe__buffer *pages, oe__buffer *singles)
{
    static const char *const names[] = {"north", "east", "west", "nowhere", NULL};
    oe_population *population = oe_population_new(self->one.dictionary);
    oe_population_begin(population);
    for (int i = 0; i < 700; i++) {
        char id[16];
        int length = snprintf(id, sizeof id, "C%d", i);
        oe_profile_clear(self->one.profile);
        oe_profile_set_id(self->one.profile, id, (size_t)length, NULL);
        oe_profile_set_number(self->one.profile, SMALL_INCOME, i * 150, NULL);
        oe_profile_set_number(self->one.profile, SMALL_CREDIT_SCORE, 300 + i % 500, NULL);
        set_region(self, names[i % 5]);
        CHECK_INT(oe_population_put(population, self->one.profile, NULL, NULL), OE_OK);
        collect(singles, oe_decide(self->one.decider, self->one.profile, &self->one.options));
    }
    oe_population_commit(population);
    oe_snapshot *snapshot = oe_snapshot_new(population);
    for (size_t page = 0; page < oe_snapshot_pages(snapshot); page++)
        oe_decide_page(self->one.decider, snapshot, page, &self->one.options,
                       (oe_decision_sink){collect, pages});
    oe_snapshot_free(snapshot);
    oe_population_free(population);
}

static void it_gives_the_same_bytes_in_every_way(void)
{
    book looked, asked;
    oe__buffer out[4] = {{0}, {0}, {0}, {0}};
    open_book(&looked, false);
    open_book(&asked, true);
    decide_all(&looked, &out[0], &out[1]);
    decide_all(&asked, &out[2], &out[3]);
    for (int i = 1; i < 4; i++)
        CHECK(out[0].length > 0 && out[0].length == out[i].length &&
              memcmp(out[0].data, out[i].data, out[0].length) == 0);
    for (int i = 0; i < 4; i++)
        oe__buffer_free(&out[i]);
    small_customer_close(&looked.one);
    small_customer_close(&asked.one);
}

/* ---- functions ---- */

static void it_takes_from_functions_what_the_attribute_may_have(void)
{
    static const struct {
        oe_said says;
        double number;
        size_t offers, degraded;
    } cases[] = {{OE_SAID_TRUE, 3, 2, 0},        {OE_SAID_TRUE, 2.5, 1, 0},
                 {OE_SAID_TRUE, 100, 2, 0},      {OE_SAID_TRUE, 100.5, 1, 0},
                 {OE_SAID_TRUE, HUGE_VAL, 1, 0}, {OE_SAID_UNKNOWN, 3, 1, 0},
                 {OE_SAID_FALSE, 3, 1, 0},       {OE_SAID_STOPPED, 3, 1, 2}};
    book self;
    oe_where where;
    open_book(&self, true);
    CHECK_INT(oe_ruleset_function_count(self.one.ruleset), 2);
    CHECK_TEXT(oe_ruleset_function(self.one.ruleset, 1, &where), "outlook");
    CHECK_INT(where.line, 7);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        self.answers.says = cases[i].says;
        self.answers.number = cases[i].number;
        const oe_decision *decision =
            oe_decide(self.one.decider, self.one.profile, &self.one.options);
        CHECK_INT(decision->offer_count, cases[i].offers);
        CHECK_INT(decision->degraded_count, cases[i].degraded);
    }
    oe_decider_calls(self.one.decider, NULL);
    const oe_decision *decision =
        oe_decide(self.one.decider, self.one.profile, &self.one.options);
    CHECK_INT(decision->degraded_count, 2);
    CHECK_TEXT(decision->degraded[0], "trend");
    small_customer_close(&self.one);
}

/* ---- explanations ---- */

static void it_explains(void)
{
    book self;
    open_book(&self, false);
    set_region(&self, "west");
    const oe_explanation *explanation =
        oe_explain(self.one.decider, self.one.profile, &self.one.options, 0);
    CHECK_INT(explanation->failure_count, 1);
    CHECK_INT(explanation->failures[0].attribute, TREND);
    CHECK_NEAR(explanation->failures[0].actual, -2, 0);
    CHECK_NEAR(explanation->failures[0].gap, 5, 0);
    CHECK(!explanation->change_possible);
    CHECK_TEXT(explanation->change_cause, "condition");
    small_customer_close(&self.one);
}

/* A gate on the balance and one on what is looked up by it: advice on the one is computed
 * through to the other. */
static const char *cause_of(double value_at_two)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_builder *builder = small_rules(dictionary);
    const oe_value keys[] = {{1, NULL}, {2, NULL}};
    const oe_value values[] = {{5, NULL}, {value_at_two, NULL}};
    oe_derivation derivation = lookup("trend", "balance", values);
    derivation.keys = keys;
    derivation.row_count = 2;
    add_derived(builder, &derivation, OE_NUMBER);
    oe_product product = small_product("p", "saving");
    oe_bound bounds[] = {{"income", 10000, HUGE_VAL, small_where()},
                         {"balance", 2, HUGE_VAL, small_where()},
                         {"trend", 5, HUGE_VAL, small_where()}};
    product.bounds = bounds;
    product.bound_count = 3;
    CHECK_INT(oe_builder_product(builder, &product), OE_OK);
    oe_ruleset *ruleset = small_seal(builder);
    oe_decider *decider = oe_decider_new(ruleset);
    oe_profile *profile = oe_profile_new(ruleset);
    oe_profile_set_id(profile, "C1", 2, NULL);
    oe_profile_set_number(profile, SMALL_INCOME, 90000, NULL);
    oe_profile_set_number(profile, SMALL_BALANCE, 1, NULL);
    oe_options options = {.at_ms = 1000, .category = -1};
    const oe_explanation *explanation = oe_explain(decider, profile, &options, 0);
    const char *cause = explanation->change_cause;
    CHECK_INT(explanation->failure_count, 1);
    CHECK_INT(explanation->change_count, cause == NULL);
    CHECK(cause != NULL || explanation->changes[0].attribute == SMALL_BALANCE);
    oe_decider_free(decider);
    oe_profile_free(profile);
    oe_ruleset_free(ruleset);
    oe_dictionary_free(dictionary);
    return cause != NULL ? cause : "";
}

static void it_derives_again_for_advice(void)
{
    CHECK_TEXT(cause_of(5), "");
    CHECK_TEXT(cause_of(4), "conflict");
}

/* ---- what is refused ---- */

static const char *code_of(const oe_derivation *derivation, oe_type type)
{
    static char code[8];
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_builder *builder = small_rules(dictionary);
    oe_ruleset *ruleset = NULL;
    add_derived(builder, derivation, type);
    oe_product product = small_product("p", "saving");
    CHECK_INT(oe_builder_product(builder, &product), OE_OK);
    (void)oe_builder_seal(builder, &ruleset, NULL);
    const oe_finding *finding = oe_builder_finding_get(builder, 0);
    (void)snprintf(code, sizeof code, "%s", finding != NULL ? finding->code : "");
    oe_builder_free(builder);
    oe_ruleset_free(ruleset);
    oe_dictionary_free(dictionary);
    return code;
}

static void it_refuses(void)
{
    static const oe_value twice[ROWS] = {{0, "west"}, {0, "north"}, {0, "west"}};
    static const oe_value numbers[ROWS] = {{1, NULL}, {2, NULL}, {3, NULL}};
    static const oe_value beyond[ROWS] = {{1, NULL}, {2, NULL}, {100.5, NULL}};
    oe_derivation sound = lookup("trend", "region", trends);
    CHECK_TEXT(code_of(&sound, OE_NUMBER), "");
    CHECK_TEXT(code_of(&sound, OE_TEXT), "E104");
    CHECK_TEXT(code_of(&sound, OE_PRODUCT_SET), "E055");
    struct {
        oe_derivation derivation;
        const char *code;
    } cases[] = {{lookup("trend", "regoin", trends), "E012"},
                 {lookup("trend", "holdings", trends), "E104"},
                 {lookup("trend", "member", trends), "E104"},
                 {lookup("trend", "trend", trends), "E104"},
                 {lookup("trend", "income", trends), "E104"},
                 {lookup("trend", "region", beyond), "E104"},
                 {sound, "E104"},
                 {sound, "E104"},
                 {sound, "E104"}};
    cases[6].derivation.keys = twice;
    cases[7].derivation.keys = numbers;
    cases[8].derivation.otherwise.number = 100.5;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_TEXT(code_of(&cases[i].derivation, OE_NUMBER), cases[i].code);
}

int main(void)
{
    RUN("a lookup gives the value of the row, and nothing without one", it_looks_up);
    RUN("what is derived is never set, read or stored", it_is_never_set_or_stored);
    RUN("lookups and functions, pages and single decisions give the same bytes",
        it_gives_the_same_bytes_in_every_way);
    RUN("a function says what the attribute may have, or it is not on file",
        it_takes_from_functions_what_the_attribute_may_have);
    RUN("a refusal names the derived attribute, and no advice changes it", it_explains);
    RUN("advice on one attribute is computed through to what derives from it",
        it_derives_again_for_advice);
    RUN("an unlawful derivation is refused", it_refuses);
    return check_report();
}
