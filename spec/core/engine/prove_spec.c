/* prove_spec.c: what is proved at the edges: functions, values that are not on file, searches
 * that take too long, products that wait for each other. */
#include "check.h"
#include "engine/prove.h"
#include "small_rules.h"

#include <math.h>
#include <stdio.h>

typedef struct found {
    size_t count;
    char first[1024];
} found;

static bool take(void *context, const oe_finding *finding)
{
    found *all = context;
    if (all->count++ == 0)
        snprintf(all->first, sizeof all->first, "%s %s", finding->code, finding->message);
    return true;
}

/* Declares rules of which something can be proved, or their nearest neighbour. */
typedef void (*declaration)(oe_builder *builder, bool guilty);

typedef struct proof_case {
    const char *title, *finding; /* code and message of the guilty one */
    declaration declare;
} proof_case;

static void prove(const proof_case *expected, bool guilty)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_builder *builder = small_rules(dictionary);
    expected->declare(builder, guilty);
    oe_ruleset *ruleset = small_seal(builder);
    found all = {0};
    bool ok = CHECK(ruleset != NULL);
    if (ok) {
        ok = CHECK_INT(oe__ruleset_prove(ruleset, (oe__finding_sink){take, &all}), OE_OK);
        ok &= CHECK_INT(all.count, guilty ? 1 : 0);
        ok &= CHECK_TEXT(all.first, guilty ? expected->finding : "");
    }
    if (!ok)
        printf("  in: %s (%s)\n", expected->title, guilty ? "guilty" : "innocent");
    oe_ruleset_free(ruleset);
    oe_dictionary_free(dictionary);
}

static oe_condition call(oe_builder *builder, uint32_t function)
{
    return oe_builder_condition(builder, &(oe_test){.op = OE_CALL,
                                                    .name = "rule",
                                                    .function = function,
                                                    .where = small_where()});
}

static void add_product(oe_builder *builder, const char *id, oe_condition when)
{
    oe_gate gate = {"when", when, small_where()};
    oe_product product = small_product(id, "saving");
    product.gates = &gate;
    product.gate_count = 1;
    oe_builder_product(builder, &product);
}

static void add_exclude(oe_builder *builder, const char *id, oe_condition condition)
{
    oe_rule rule = small_rule(id, 0);
    rule.excludes = true;
    rule.condition = condition;
    oe_builder_rule(builder, &rule);
}

/* ---- functions ---- */

static void declare_never(oe_builder *builder, bool guilty)
{
    oe_condition low = small_compare(builder, OE_AT_MOST, "income", 5000);
    if (!guilty)
        low = small_both(builder, OE_ANY, low, call(builder, 0));
    add_product(builder, "card", low);
}

/* Where the balance is not on file and the function is stopped, nobody can say whether both
 * hold; an exclude refuses then, which the other one does not. */
static void declare_shadow(oe_builder *builder, bool guilty)
{
    oe_condition positive = small_compare(builder, OE_ABOVE, "balance", 0);
    oe_condition narrow =
        small_both(builder, OE_ALL, positive,
                   guilty ? small_compare(builder, OE_ABOVE, "age", 30) : call(builder, 0));
    oe_product product = small_product("card", "saving");
    oe_builder_product(builder, &product);
    add_exclude(builder, "wide", positive);
    add_exclude(builder, "narrow", narrow);
}

/* ---- values that are not on file ---- */

static void declare_threshold(oe_builder *builder, bool guilty)
{
    oe_product product = small_product("card", "saving");
    oe_product_curve curve = {guilty ? "income" : "credit_score",
                              {.kind = OE_CURVE_STEPS, .x = {0}, .y = {1}, .point_count = 1},
                              small_where()};
    product.bound_count = 0;
    product.curves = &curve;
    product.curve_count = 1;
    oe_builder_product(builder, &product);
    oe_builder_threshold(builder, OE_LEVEL_PRODUCT, "card", 60, small_where());
}

static void declare_divided(oe_builder *builder, bool guilty)
{
    const char *attribute = guilty ? "income" : "balance";
    add_product(builder, "card",
                small_both(builder, OE_ANY, small_compare(builder, OE_BELOW, attribute, 20000),
                           small_compare(builder, OE_AT_LEAST, attribute, 20000)));
}

/* ---- searches that take too long ---- */

static oe_condition owns_new(oe_builder *builder, size_t number)
{
    char id[8];
    snprintf(id, sizeof id, "p%zu", number);
    oe_product other = small_product(id, "saving");
    oe_builder_product(builder, &other);
    return small_named(builder, OE_OWNS, id);
}

/* One of two products for each of many gates, and then gates that contradict each other. */
static void declare_alternatives(oe_builder *builder, bool guilty)
{
    size_t count = guilty ? 8 : 18;
    oe_gate gates[20];
    for (size_t i = 0; i < count; i++)
        gates[i] = (oe_gate){
            "when",
            small_both(builder, OE_ANY, owns_new(builder, 2 * i), owns_new(builder, 2 * i + 1)),
            small_where()};
    gates[count] =
        (oe_gate){"when", small_compare(builder, OE_AT_LEAST, "age", 50), small_where()};
    gates[count + 1] =
        (oe_gate){"when", small_compare(builder, OE_BELOW, "age", 50), small_where()};
    oe_product product = small_product("card", "saving");
    product.gates = gates;
    product.gate_count = count + 2;
    oe_builder_product(builder, &product);
}

static void declare_nothing(oe_builder *builder, bool guilty)
{
    if (guilty) {
        oe_dimension more = small_dimension("more", "balance");
        more.weight = 5;
        oe_builder_dimension(builder, &more);
    }
}

static const proof_case cases[] = {
    {"a function may say anything",
     "W101 product \"card\": nobody can get it: min_income = 10000 and when: income <= 5000 "
     "cannot hold together",
     declare_never},
    {"a stopped function refuses where its condition would not",
     "W109 exclude \"narrow\": all that it refuses, \"wide\" refuses as well", declare_shadow},
    {"a value that is not on file earns nothing",
     "N106 threshold 60 of product \"card\": it decides nothing; who passes the limits exceeds "
     "it",
     declare_threshold},
    {"a value that is not on file is on neither side",
     "W108 product \"card\": when is always true: (income < 20000 or income >= 20000)",
     declare_divided},
    {"what takes too many steps is not told",
     "W101 product \"card\": nobody can get it: when: age >= 50 and when: age < 50 cannot hold "
     "together",
     declare_alternatives},
    {"rules without products are fine", "N101 scoring: the weights add up to 105, not to 100",
     declare_nothing},
};

static void it_tells_the_guilty(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        prove(&cases[i], true);
}

static void it_spares_the_innocent(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        prove(&cases[i], false);
}

/* ---- members after a stop ---- */

/* Nobody is in the segment, but after a stop nobody can say so, and then its opposite does not
 * hold either. */
static void it_does_not_trust_a_stop(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_builder *builder = small_rules(dictionary);
    oe_condition never =
        small_both(builder, OE_ALL, small_compare(builder, OE_ABOVE, "balance", 0),
                   small_compare(builder, OE_UNKNOWN, "balance", 0));
    oe_segment segment =
        small_segment("people", small_both(builder, OE_ALL, never, call(builder, 0)));
    oe_builder_segment(builder, &segment);
    add_product(builder, "card",
                small_not(builder, small_named(builder, OE_IN_SEGMENT, "people")));
    oe_ruleset *ruleset = small_seal(builder);
    found all = {0};
    CHECK_INT(oe__ruleset_prove(ruleset, (oe__finding_sink){take, &all}), OE_OK);
    CHECK_INT(all.count, 1);
    CHECK(strncmp(all.first, "W105 segment \"people\"", 21) == 0);
    oe_ruleset_free(ruleset);
    oe_dictionary_free(dictionary);
}

/* ---- products that wait for each other ---- */

static void declare_circle(oe_builder *builder)
{
    static const char *const ids[] = {"a", "b", "c", "d"};
    static const char *const after[] = {"b", "c", "a", "a"};
    for (size_t i = 0; i < 4; i++) {
        oe_product product = small_product(ids[i], "saving");
        product.after = &after[i];
        product.after_count = 1;
        oe_builder_product(builder, &product);
    }
    oe_product free_one = small_product("e", "saving");
    oe_builder_product(builder, &free_one);
}

/* Buys what is offered until there is nothing more. */
static size_t buy_everything(const oe_ruleset *ruleset)
{
    oe_profile *profile = oe_profile_new(ruleset);
    oe_decider *decider = oe_decider_new(ruleset);
    oe_options options = {.category = -1};
    oe_profile_set_id(profile, "C", 1, NULL);
    oe_profile_set_number(profile, SMALL_INCOME, 100000, NULL);
    size_t bought = 0;
    for (;;) {
        const oe_decision *decision = oe_decide(decider, profile, &options);
        if (decision->offer_count == 0)
            break;
        const char *id = oe_ruleset_product(ruleset, decision->offers[0].product)->id;
        oe_profile_own(profile, id, strlen(id), NULL, NULL);
        bought++;
    }
    oe_decider_free(decider);
    oe_profile_free(profile);
    return bought;
}

static void it_tells_a_circle_once(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_builder *builder = small_rules(dictionary);
    declare_circle(builder);
    oe_ruleset *ruleset = small_seal(builder);
    found all = {0};
    CHECK_INT(oe__ruleset_prove(ruleset, (oe__finding_sink){take, &all}), OE_OK);
    CHECK_INT(all.count, 1);
    CHECK_TEXT(all.first, "W104 product \"a\": it comes after \"b\", which in the end comes "
                          "after \"a\": who owns none of them cannot begin");
    CHECK_INT(buy_everything(ruleset), 1); /* only the one outside */
    oe_ruleset_free(ruleset);
    oe_dictionary_free(dictionary);
}

int main(void)
{
    RUN("what can be proved is told with all that it rests on", it_tells_the_guilty);
    RUN("what cannot be proved is not told", it_spares_the_innocent);
    RUN("a segment without members is not left out after a stop", it_does_not_trust_a_stop);
    RUN("a circle of products is told once, and nobody gets into it", it_tells_a_circle_once);
    return check_report();
}
