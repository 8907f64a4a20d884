/* call_curve_spec.c: curves and messages that ask functions: when they are asked, what their
 * answers do. */
#include "check.h"
#include "codec/answer.h"
#include "engine/decide.h"
#include "small_customer.h"

#include <math.h>

enum { CURVE, MESSAGE, FUNCTIONS };

/* Stands in for the Lua of the rules. */
typedef struct answering {
    oe_said says[FUNCTIONS];
    double share;
    const char *text;
    size_t text_length;
    int asked[FUNCTIONS];
    uint32_t attribute;
} answering;

static oe_said curve(void *context, uint32_t function, uint32_t attribute, double *share)
{
    answering *self = context;
    self->asked[function]++;
    self->attribute = attribute;
    *share = self->share;
    return self->says[function];
}

static oe_said message(void *context, uint32_t function, char *text, size_t *length)
{
    answering *self = context;
    self->asked[function]++;
    *length = self->text_length;
    if (*length <= OE_MESSAGE_MAX)
        memcpy(text, self->text, *length);
    return self->says[function];
}

typedef struct book {
    small_customer one;
    answering answers;
} book;

/* Product p, its income scored by a function, its message said by one; product q like any. */
static void declare(oe_builder *builder)
{
    const oe_product_curve own = {
        "income",
        {.kind = OE_CURVE_CALL, .function = CURVE, .where = {"case.lua", 9}},
        small_where()};
    oe_product product = small_product("p", "saving");
    product.curves = &own;
    product.curve_count = 1;
    const oe_ideal ideal = {"credit_score", 800, small_where()};
    product.ideals = &ideal;
    product.ideal_count = 1;
    CHECK_INT(oe_builder_product(builder, &product), OE_OK);
    CHECK_INT(oe_builder_message(builder, "p", MESSAGE, "Hello\nthere", small_where()), OE_OK);
    product = small_product("q", "saving");
    CHECK_INT(oe_builder_product(builder, &product), OE_OK);
}

static void open_book(book *self)
{
    *self =
        (book){.answers = {.says = {OE_SAID_TRUE, OE_SAID_TRUE}, .share = 1, .text = "Hello"}};
    self->answers.text_length = 5;
    oe_builder *builder = small_customer_begin(&self->one);
    declare(builder);
    small_customer_seal(&self->one, builder,
                        &(oe_calls){&self->answers, NULL, NULL, curve, message, NULL});
}

/* Decides anew; NULL: p is not offered. */
static const oe_offer *decided(book *self)
{
    memset(self->answers.asked, 0, sizeof self->answers.asked);
    const oe_decision *decision =
        oe_decide(self->one.decider, self->one.profile, &self->one.options);
    for (size_t i = 0; i < decision->offer_count; i++)
        if (decision->offers[i].product == 0)
            return &decision->offers[i];
    return NULL;
}

static const oe_contribution *income_of(const oe_offer *offer)
{
    return &offer->contributions[0];
}

static void it_scores(void)
{
    static const struct {
        double share, subscore;
        bool failed;
    } cases[] = {{0.75, 0.75, false},
                 {1, 1, false},
                 {0, 0, false},
                 {1.0000000000000002, 0, true},
                 {-1e-9, 0, true},
                 {(double)NAN, 0, true},
                 {(double)INFINITY, 0, true},
                 {-(double)INFINITY, 0, true}};
    book self;
    open_book(&self);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        self.answers.share = cases[i].share;
        (void)decided(&self);
        const oe_explanation *explanation =
            oe_explain(self.one.decider, self.one.profile, &self.one.options, 0);
        CHECK_NEAR(explanation->contributions[0].subscore, cases[i].subscore, 0);
        CHECK_INT(explanation->contributions[0].failed, cases[i].failed);
        CHECK_INT(self.one.decider->decision.degraded_count, 0);
    }
    self.answers.says[CURVE] = OE_SAID_UNKNOWN;
    self.answers.share = 1;
    CHECK(oe_explain(self.one.decider, self.one.profile, &self.one.options, 0)
              ->contributions[0]
              .failed);
    small_customer_close(&self.one);
}

static void it_asks_once_and_only_what_matters(void)
{
    book self;
    open_book(&self);
    CHECK(decided(&self) != NULL);
    CHECK_INT(self.answers.asked[CURVE], 1);
    CHECK_INT(self.answers.asked[MESSAGE], 1);
    CHECK_INT(self.answers.attribute, SMALL_INCOME);
    self.answers.share = 0;
    CHECK(decided(&self) == NULL);
    CHECK_INT(self.answers.asked[MESSAGE], 0);
    oe_profile_set_number(self.one.profile, SMALL_INCOME, 9999, NULL);
    CHECK(decided(&self) == NULL);
    CHECK_INT(self.answers.asked[CURVE], 0); /* the minimum was cheaper */
    oe_profile_set_unknown(self.one.profile, SMALL_INCOME);
    const oe_explanation *explanation =
        oe_explain(self.one.decider, self.one.profile, &self.one.options, 0);
    CHECK(explanation->contributions[0].not_on_file && !explanation->contributions[0].failed);
    small_customer_close(&self.one);
}

static void it_refuses_after_a_stop(void)
{
    book self;
    open_book(&self);
    oe_profile_set_number(self.one.profile, SMALL_CREDIT_SCORE, 800, NULL);
    self.answers.share = 0;
    CHECK(decided(&self) != NULL); /* without the curve's points as well */
    self.answers.says[CURVE] = OE_SAID_STOPPED;
    CHECK(decided(&self) == NULL);
    CHECK_INT(self.one.decider->decision.offer_count, 1);
    CHECK_TEXT(self.one.decider->decision.degraded[0], "p");
    const oe_explanation *explanation =
        oe_explain(self.one.decider, self.one.profile, &self.one.options, 0);
    CHECK_INT(self.answers.asked[CURVE], 2); /* by each question once, whatever is tried */
    CHECK_INT(explanation->failures[0].cause, OE_CAUSE_CONDITION);
    CHECK_INT(explanation->failures[0].where.line, 9);
    CHECK_TEXT(explanation->change_cause, "condition");
    self.answers.says[CURVE] = OE_SAID_TRUE;
    CHECK(decided(&self) != NULL);
    CHECK_INT(self.one.decider->decision.degraded_count, 0);
    oe_decider_calls(self.one.decider, NULL);
    CHECK(decided(&self) == NULL);
    CHECK_INT(self.one.decider->decision.degraded_count, 1);
    small_customer_close(&self.one);
}

static void it_says_messages(void)
{
    static char longest[OE_MESSAGE_MAX + 1];
    static const struct {
        oe_said says;
        const char *text;
        size_t length;
        bool is_said;
        size_t degraded;
    } cases[] = {
        {OE_SAID_TRUE, "Hello", 5, true, 0},
        {OE_SAID_TRUE, "Hello", 1, true, 0},
        {OE_SAID_TRUE, longest, OE_MESSAGE_MAX, true, 0},
        {OE_SAID_TRUE, longest, OE_MESSAGE_MAX + 1, false, 0},
        {OE_SAID_TRUE, "Your income", 11, true, 0},
        {OE_SAID_TRUE, "Your balance", 12, false, 0}, /* does not score it */
        {OE_SAID_FALSE, "Hello", 5, false, 0},
        {OE_SAID_UNKNOWN, "Hello", 5, false, 0},
        {OE_SAID_STOPPED, "Hello", 5, false, 1},
    };
    book self;
    open_book(&self);
    memset(longest, '"', sizeof longest);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        self.answers.says[MESSAGE] = cases[i].says;
        self.answers.text = cases[i].text;
        self.answers.text_length = cases[i].length;
        const oe_offer *offer = decided(&self);
        char text[8192];
        size_t length = oe_decision_write(&self.one.decider->decision, text, sizeof text - 1);
        text[length] = '\0';
        CHECK_INT(self.one.decider->decision.degraded_count, cases[i].degraded);
        CHECK_INT(offer->message != NULL, cases[i].is_said);
        CHECK_INT(strstr(text, "\"message\":\"") != NULL, cases[i].is_said);
    }
    small_customer_close(&self.one);
}

static void it_says_what_the_customer_earned(void)
{
    book self;
    open_book(&self);
    oe_profile_set_number(self.one.profile, SMALL_CREDIT_SCORE, 800, NULL);
    self.answers.text = "Your income";
    self.answers.text_length = 11;
    self.answers.share = 0.5;
    CHECK(decided(&self)->message != NULL);
    self.answers.share = 0.49;
    CHECK(decided(&self)->message == NULL);
    CHECK_NEAR(income_of(decided(&self))->subscore, 0.49, 0);
    small_customer_close(&self.one);
}

static void it_names_functions(void)
{
    book self;
    oe_where where = {NULL, 0};
    open_book(&self);
    CHECK_INT(oe_ruleset_function_count(self.one.ruleset), 2);
    CHECK_TEXT(oe_ruleset_function(self.one.ruleset, CURVE, &where), "p");
    CHECK_INT(where.line, 9);
    CHECK_TEXT(oe_ruleset_function(self.one.ruleset, MESSAGE, &where), "p");
    CHECK_INT(where.line, 7);
    small_customer_close(&self.one);
}

int main(void)
{
    RUN("a share from 0 to 1 scores, anything else earns nothing", it_scores);
    RUN("a function is asked once, and only when it matters",
        it_asks_once_and_only_what_matters);
    RUN("a stopped curve refuses its product", it_refuses_after_a_stop);
    RUN("a message is what its function says, as far as it may", it_says_messages);
    RUN("a message speaks of what the customer earned", it_says_what_the_customer_earned);
    RUN("each function has a rule and a place", it_names_functions);
    return check_report();
}
