/* call_spec.c: conditions that ask functions: when they are asked, what their answers do. */
#include "check.h"
#include "codec/answer.h"
#include "engine/decide.h"
#include "small_customer.h"

#include <math.h>

enum { FUNCTIONS = 4 };

/* Stands in for the Lua of the rules: function n says says[n], or compares the income. */
typedef struct answering {
    oe_said says[FUNCTIONS];
    bool by_income; /* true when the income is at least 50000 */
    int asked[FUNCTIONS];
    int begun, begun_again;
    const oe_profile *profile;
} answering;

static void begin(void *context, const oe_profile *profile, bool again)
{
    answering *self = context;
    self->profile = profile;
    self->begun += !again;
    self->begun_again += again;
    memset(self->asked, 0, sizeof self->asked);
}

static oe_said condition(void *context, uint32_t function)
{
    answering *self = context;
    self->asked[function]++;
    if (!self->by_income)
        return self->says[function];
    double income = oe_profile_number(self->profile, SMALL_INCOME);
    return isnan(income) ? OE_SAID_UNKNOWN : income >= 50000 ? OE_SAID_TRUE : OE_SAID_FALSE;
}

typedef struct book {
    small_customer one;
    answering answers;
    char text[4096];
} book;

typedef void (*rules_of)(oe_builder *builder);

static oe_condition call(oe_builder *builder, uint32_t function, const char *rule)
{
    return oe_builder_condition(
        builder,
        &(oe_test){.op = OE_CALL, .name = rule, .function = function, .where = small_where()});
}

static void add_product(oe_builder *builder, const char *id, const char *category,
                        oe_condition when)
{
    oe_product product = small_product(id, category);
    oe_gate gate = {"when", when, small_where()};
    product.gates = &gate;
    product.gate_count = when != OE_NO_CONDITION;
    CHECK_INT(oe_builder_product(builder, &product), OE_OK);
}

static void add_rule(oe_builder *builder, const char *id, oe_condition when, bool excludes)
{
    oe_rule rule = small_rule(id, 5);
    rule.condition = when;
    rule.excludes = excludes;
    CHECK_INT(oe_builder_rule(builder, &rule), OE_OK);
}

static void open_book(book *self, rules_of declare)
{
    *self = (book){.text = ""};
    oe_builder *builder = small_customer_begin(&self->one);
    declare(builder);
    small_customer_seal(&self->one, builder,
                        &(oe_calls){&self->answers, begin, condition, NULL, NULL, NULL});
}

static size_t offers(book *self)
{
    return oe_decide(self->one.decider, self->one.profile, &self->one.options)->offer_count;
}

static const char *written(book *self)
{
    size_t length =
        oe_decision_write(oe_decide(self->one.decider, self->one.profile, &self->one.options),
                          self->text, sizeof self->text - 1);
    self->text[length < sizeof self->text ? length : 0] = '\0';
    return self->text;
}

/* ---- gates ---- */

static void gated(oe_builder *builder)
{
    add_product(builder, "p", "saving", call(builder, 0, "p"));
}

static void it_gates(void)
{
    static const struct {
        oe_said says;
        size_t offers;
    } cases[] = {
        {OE_SAID_TRUE, 1}, {OE_SAID_FALSE, 0}, {OE_SAID_UNKNOWN, 0}, {OE_SAID_STOPPED, 0}};
    book self;
    open_book(&self, gated);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        self.answers.says[0] = cases[i].says;
        CHECK_INT(offers(&self), cases[i].offers);
        CHECK_INT(self.answers.asked[0], 1);
        CHECK_INT(self.one.decider->decision.degraded_count, cases[i].says == OE_SAID_STOPPED);
    }
    CHECK_INT(self.answers.begun, 4);
    oe_profile_set_number(self.one.profile, SMALL_INCOME, 9999, NULL);
    CHECK_INT(offers(&self), 0);
    CHECK_INT(self.answers.asked[0], 0); /* the minimum was cheaper */
    small_customer_close(&self.one);
}

/* ---- the parts of a condition ---- */

static void combined(oe_builder *builder)
{
    oe_condition rich = small_compare(builder, OE_AT_LEAST, "income", 80000);
    add_product(builder, "all", "saving",
                small_both(builder, OE_ALL, call(builder, 0, "all"), rich));
    add_product(builder, "any", "saving",
                small_both(builder, OE_ANY, call(builder, 1, "any"), rich));
    add_product(builder, "not", "saving", small_not(builder, call(builder, 2, "not")));
    add_product(builder, "two", "saving",
                small_both(builder, OE_ALL, call(builder, 3, "two"), call(builder, 0, "all")));
}

static bool is_offered(const book *self, const char *id)
{
    const oe_decision *decision = &self->one.decider->decision;
    for (size_t i = 0; i < decision->offer_count; i++)
        if (strcmp(oe_ruleset_product(self->one.ruleset, decision->offers[i].product)->id,
                   id) == 0)
            return true;
    return false;
}

static void it_asks_only_what_matters(void)
{
    book self;
    open_book(&self, combined);
    self.answers =
        (answering){.says = {OE_SAID_TRUE, OE_SAID_FALSE, OE_SAID_FALSE, OE_SAID_TRUE}};
    CHECK_INT(offers(&self), 4);
    CHECK_INT(self.answers.asked[0], 1); /* two products, one question */
    CHECK_INT(self.answers.asked[1], 0);
    CHECK_INT(self.answers.asked[2], 1);
    oe_profile_set_number(self.one.profile, SMALL_INCOME, 20000, NULL);
    self.answers.says[3] = OE_SAID_FALSE;
    CHECK_INT(offers(&self), 1);
    CHECK(is_offered(&self, "not"));
    CHECK_INT(self.answers.asked[0], 0);
    CHECK_INT(self.answers.asked[1], 1);
    small_customer_close(&self.one);
}

static void it_keeps_a_stop_through_parts(void)
{
    book self;
    open_book(&self, combined);
    self.answers =
        (answering){.says = {OE_SAID_STOPPED, OE_SAID_STOPPED, OE_SAID_STOPPED, OE_SAID_FALSE}};
    CHECK_INT(offers(&self), 1);
    CHECK(is_offered(&self, "any")); /* true whatever the function would have said */
    CHECK_INT(self.one.decider->decision.degraded_count, 2);
    CHECK_TEXT(self.one.decider->decision.degraded[0], "all");
    CHECK_TEXT(self.one.decider->decision.degraded[1], "not");
    small_customer_close(&self.one);
}

/* ---- segments, adjustments, exclusions ---- */

static void ruled(oe_builder *builder)
{
    add_product(builder, "p", "saving", OE_NO_CONDITION);
    oe_segment segment = small_segment("s", call(builder, 0, "s"));
    CHECK_INT(oe_builder_segment(builder, &segment), OE_OK);
    add_rule(builder, "a", call(builder, 1, "a"), false);
    add_rule(builder, "x", call(builder, 2, "x"), true);
    add_rule(builder, "y", small_named(builder, OE_IN_SEGMENT, "s"), true);
    add_rule(builder, "z", small_not(builder, call(builder, 3, "z")), true);
}

static void it_serves_every_kind_of_rule(void)
{
    static const struct {
        oe_said segment, adjust, exclude;
        size_t offers, segments, adjustments, degraded;
    } cases[] = {
        {OE_SAID_FALSE, OE_SAID_FALSE, OE_SAID_FALSE, 1, 0, 0, 0},
        {OE_SAID_FALSE, OE_SAID_TRUE, OE_SAID_FALSE, 1, 0, 1, 0},
        {OE_SAID_FALSE, OE_SAID_STOPPED, OE_SAID_FALSE, 1, 0, 0, 1},
        {OE_SAID_FALSE, OE_SAID_TRUE, OE_SAID_UNKNOWN, 1, 0, 1, 0},
        {OE_SAID_FALSE, OE_SAID_TRUE, OE_SAID_TRUE, 0, 0, 0, 0},
        {OE_SAID_FALSE, OE_SAID_TRUE, OE_SAID_STOPPED, 0, 0, 0, 1},
        {OE_SAID_TRUE, OE_SAID_TRUE, OE_SAID_FALSE, 0, 1, 0, 0},
        {OE_SAID_STOPPED, OE_SAID_TRUE, OE_SAID_FALSE, 0, 0, 0, 1},
        {OE_SAID_UNKNOWN, OE_SAID_TRUE, OE_SAID_FALSE, 1, 0, 1, 0},
    };
    book self;
    open_book(&self, ruled);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        self.answers.says[0] = cases[i].segment;
        self.answers.says[1] = cases[i].adjust;
        self.answers.says[2] = cases[i].exclude;
        CHECK_INT(offers(&self), cases[i].offers);
        const oe_decision *decision = &self.one.decider->decision;
        CHECK_INT(decision->segment_count, cases[i].segments);
        CHECK_INT(decision->degraded_count, cases[i].degraded);
        if (decision->offer_count > 0)
            CHECK_INT(decision->offers[0].adjustment_count, cases[i].adjustments);
        CHECK_INT(self.answers.asked[0], 1);
        CHECK(self.answers.asked[1] <= 1 && self.answers.asked[2] <= 1);
    }
    small_customer_close(&self.one);
}

static void it_refuses_by_the_opposite_of_a_stop(void)
{
    book self;
    open_book(&self, ruled);
    CHECK_INT(offers(&self), 1);
    self.answers.says[3] = OE_SAID_FALSE;
    CHECK_INT(offers(&self), 0);
    self.answers.says[3] = OE_SAID_STOPPED;
    CHECK_INT(offers(&self), 0);
    CHECK_TEXT(self.one.decider->decision.degraded[0], "z");
    small_customer_close(&self.one);
}

/* ---- answers ---- */

static void it_tells_of_stops(void)
{
    book self;
    open_book(&self, ruled);
    self.answers.says[1] = OE_SAID_FALSE;
    CHECK(strstr(written(&self), "degraded") == NULL);
    self.answers.says[1] = self.answers.says[2] = OE_SAID_STOPPED;
    const char *text = written(&self);
    CHECK(strstr(text, "\"recommended_products\":[]") != NULL);
    CHECK_TEXT(strstr(text, ",\"degraded\""), ",\"degraded\":[\"x\"]}");
    oe_decider_calls(self.one.decider, NULL);
    CHECK_TEXT(strstr(written(&self), ",\"degraded\""), ",\"degraded\":[\"s\",\"x\"]}");
    small_customer_close(&self.one);
}

static void it_names_functions(void)
{
    book self;
    oe_where where = {NULL, 0};
    open_book(&self, ruled);
    CHECK_INT(oe_ruleset_function_count(self.one.ruleset), 4);
    CHECK_TEXT(oe_ruleset_function(self.one.ruleset, 1, &where), "a");
    CHECK_TEXT(where.file, "case.lua");
    CHECK_INT(where.line, 7);
    CHECK(oe_ruleset_function(self.one.ruleset, 4, &where) == NULL);
    small_customer_close(&self.one);
}

/* ---- explanations ---- */

static void it_explains(void)
{
    book self;
    open_book(&self, gated);
    self.answers.says[0] = OE_SAID_FALSE;
    const oe_explanation *explanation =
        oe_explain(self.one.decider, self.one.profile, &self.one.options, 0);
    CHECK_INT(explanation->failure_count, 1);
    CHECK_INT(explanation->failures[0].cause, OE_CAUSE_CONDITION);
    CHECK_TEXT(explanation->failures[0].text, "the function of p");
    CHECK(!explanation->change_possible);
    CHECK_TEXT(explanation->change_cause, "condition");
    oe_profile_set_number(self.one.profile, SMALL_INCOME, 9999, NULL);
    CHECK_INT(
        oe_explain(self.one.decider, self.one.profile, &self.one.options, 0)->failure_count, 2);
    self.answers.says[0] = OE_SAID_TRUE;
    self.answers.begun = self.answers.begun_again = 0;
    explanation = oe_explain(self.one.decider, self.one.profile, &self.one.options, 0);
    CHECK_INT(explanation->failure_count, 1);
    CHECK(explanation->change_possible);
    CHECK_INT(self.answers.begun, 1);
    CHECK(self.answers.begun_again > 0);
    small_customer_close(&self.one);
}

/* ---- the same as a declared condition ---- */

static void compared(oe_builder *builder)
{
    oe_condition rich = small_compare(builder, OE_AT_LEAST, "income", 50000);
    add_product(builder, "p1", "saving", rich);
    add_product(builder, "p2", "travel", OE_NO_CONDITION);
    add_rule(builder, "a", rich, false);
    add_rule(
        builder, "x",
        small_both(builder, OE_ALL, rich, small_compare(builder, OE_BELOW, "balance", 100)),
        true);
}

static void compared_by_call(oe_builder *builder)
{
    oe_condition rich = call(builder, 0, "f");
    add_product(builder, "p1", "saving", rich);
    add_product(builder, "p2", "travel", OE_NO_CONDITION);
    add_rule(builder, "a", rich, false);
    add_rule(
        builder, "x",
        small_both(builder, OE_ALL, rich, small_compare(builder, OE_BELOW, "balance", 100)),
        true);
}

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
    oe_population *population = oe_population_new(self->one.dictionary);
    self->answers.by_income = true;
    oe_population_begin(population);
    for (int i = 0; i < 1000; i++) {
        char id[16];
        int length = snprintf(id, sizeof id, "C%d", i);
        oe_profile_clear(self->one.profile);
        oe_profile_set_id(self->one.profile, id, (size_t)length, NULL);
        oe_profile_set_number(self->one.profile, SMALL_INCOME, i * 100, NULL);
        if (i % 3 != 0)
            oe_profile_set_number(self->one.profile, SMALL_BALANCE, i % 300, NULL);
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

static bool same_bytes(const oe__buffer *a, const oe__buffer *b)
{
    return a->length > 0 && a->length == b->length && memcmp(a->data, b->data, a->length) == 0;
}

static void it_equals_the_declared_condition(void)
{
    book declared, asked;
    oe__buffer out[4] = {{0}, {0}, {0}, {0}};
    open_book(&declared, compared);
    open_book(&asked, compared_by_call);
    decide_all(&declared, &out[0], &out[1]);
    decide_all(&asked, &out[2], &out[3]);
    for (int i = 1; i < 4; i++)
        CHECK(same_bytes(&out[0], &out[i]));
    for (int i = 0; i < 4; i++)
        oe__buffer_free(&out[i]);
    small_customer_close(&declared.one);
    small_customer_close(&asked.one);
}

/* ---- protected attributes ---- */

static void it_refuses_points_by_a_protected_attribute(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_builder *builder = small_rules(dictionary);
    oe_ruleset *ruleset = NULL;
    oe_condition read = call(builder, 0, "a");
    oe_builder_protect(builder, read);
    oe_builder_protect(builder, OE_NO_CONDITION);
    add_product(builder, "p", "credit", read); /* a gate may */
    add_rule(builder, "a", small_not(builder, read), false);
    CHECK_INT(oe_builder_seal(builder, &ruleset, NULL), OE_E_INVALID);
    CHECK_INT(oe_builder_finding_count(builder), 1);
    CHECK_TEXT(oe_builder_finding_get(builder, 0)->code, "E072");
    oe_builder_free(builder);
    oe_dictionary_free(dictionary);
}

int main(void)
{
    RUN("a product whose function says anything but true is not offered", it_gates);
    RUN("a function is asked once, and only when its answer matters",
        it_asks_only_what_matters);
    RUN("a stop stays a stop in all, any and not", it_keeps_a_stop_through_parts);
    RUN("a stop refuses in exclude and does nothing in segment and adjust",
        it_serves_every_kind_of_rule);
    RUN("an exclude rule refuses by the opposite of a stopped function as well",
        it_refuses_by_the_opposite_of_a_stop);
    RUN("an answer tells of stops, and of nobody to ask", it_tells_of_stops);
    RUN("a function has a rule and a place", it_names_functions);
    RUN("an explanation asks what the decision left out", it_explains);
    RUN("a function decides the same bytes as the declared condition",
        it_equals_the_declared_condition);
    RUN("a function that reads a protected attribute gives no points in regulated credit",
        it_refuses_points_by_a_protected_attribute);
    return check_report();
}
