/* dense_rules.c: few values, many rules. */
#include "dense_rules.h"

#include "random_rules.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CATEGORIES = 3, SEGMENTS = 5, RULES = 8, PRODUCTS = 6, TOP = 10, NAMES = 128 };
enum { A, B, M, T, F, D, E, OWNED };

static const oe_attribute attributes[] = {
    {.name = "a", .type = OE_INTEGER, .minimum = 0, .maximum = TOP},
    {.name = "b", .type = OE_INTEGER, .minimum = 0, .maximum = TOP, .nullable = true},
    {.name = "m", .type = OE_MONEY, .minimum = -2, .maximum = TOP},
    {.name = "t", .type = OE_TEXT, .minimum = -HUGE_VAL, .maximum = HUGE_VAL, .optional = true},
    {.name = "f", .type = OE_FLAG, .minimum = 0, .maximum = 1, .optional = true},
    {.name = "d", .type = OE_INTEGER, .minimum = 0, .maximum = TOP, .derived = true},
    {.name = "e", .type = OE_INTEGER, .minimum = 0, .maximum = TOP, .derived = true},
    {.name = "owned", .type = OE_PRODUCT_SET, .minimum = -HUGE_VAL, .maximum = HUGE_VAL},
};
static const char *const texts[] = {"x", "y", "z", "elsewhere"};

typedef struct making {
    oe_builder *builder;
    uint64_t state;
    uint32_t functions;
    uint32_t segments; /* that conditions may ask for */
    int line;
    char names[NAMES][8];
    size_t name_count;
} making;

static uint32_t below(making *of, uint32_t limit)
{
    return random_below(&of->state, limit);
}

static bool one_in(making *of, uint32_t n)
{
    return below(of, n) == 0;
}

static const char *named(making *of, const char *prefix, uint32_t number)
{
    char *name = of->names[of->name_count++ % NAMES];
    snprintf(name, sizeof of->names[0], "%s%u", prefix, (unsigned)number);
    return name;
}

/* Every declaration has a line of its own. */
static oe_where next_line(making *of)
{
    return (oe_where){"dense.lua", ++of->line};
}

/* ---- conditions ---- */

static oe_condition add(making *of, const oe_test *test)
{
    oe_test placed = *test;
    placed.where = next_line(of);
    return oe_builder_condition(of->builder, &placed);
}

static oe_condition number_leaf(making *of)
{
    static const oe_operator operators[] = {OE_AT_LEAST, OE_AT_MOST, OE_ABOVE,  OE_BELOW,
                                            OE_BETWEEN,  OE_EQUALS,  OE_NONE_OF};
    double low = below(of, TOP + 1), high = low + below(of, (uint32_t)(TOP + 1 - low));
    oe_value values[] = {{low, NULL}, {high, NULL}};
    static const int numbers[] = {A, B, M, A, B, M, D, E};
    oe_test test = {.op = operators[below(of, 7)],
                    .attribute = attributes[numbers[below(of, 8)]].name,
                    .low = low,
                    .high = high};
    if (test.op >= OE_EQUALS) {
        test.values = values;
        test.value_count = test.op == OE_EQUALS ? 1 : 2;
    }
    if ((test.op == OE_ABOVE && low == TOP) || (test.op == OE_BELOW && high == 0))
        test.op = OE_BETWEEN; /* out of the range is an error */
    return add(of, &test);
}

static oe_condition other_leaf(making *of)
{
    oe_value values[] = {{0, texts[below(of, 3)]}, {0, texts[below(of, 3)]}};
    oe_value flag = {below(of, 2), NULL};
    switch (below(of, 8)) {
    case 0:
        return add(of, &(oe_test){.op = one_in(of, 2) ? OE_ONE_OF : OE_NONE_OF,
                                  .attribute = "t",
                                  .values = values,
                                  .value_count = 2});
    case 1:
        return add(
            of,
            &(oe_test){.op = OE_EQUALS, .attribute = "f", .values = &flag, .value_count = 1});
    case 2:
        return add(of, &(oe_test){.op = one_in(of, 2) ? OE_KNOWN : OE_UNKNOWN,
                                  .attribute = attributes[below(of, OWNED)].name});
    case 3:
        return add(of, &(oe_test){.op = one_in(of, 2) ? OE_OWNS : OE_LACKS,
                                  .name = named(of, "p", below(of, PRODUCTS))});
    case 4:
        return add(of, &(oe_test){.op = OE_LACKS_CATEGORY,
                                  .name = named(of, "c", below(of, CATEGORIES))});
    case 5:
        if (one_in(of, 3))
            return add(of, &(oe_test){.op = OE_CALL, .name = "f", .function = of->functions++});
        return number_leaf(of);
    case 6:
        if (of->segments > 0)
            return add(of, &(oe_test){.op = OE_IN_SEGMENT,
                                      .name = named(of, "s", below(of, of->segments))});
        return number_leaf(of);
    default:
        return number_leaf(of);
    }
}

static oe_condition tree(making *of, int depth)
{
    if (depth == 0 || one_in(of, 3))
        return one_in(of, 2) ? number_leaf(of) : other_leaf(of);
    oe_condition parts[2] = {tree(of, depth - 1), tree(of, depth - 1)};
    uint32_t pick = below(of, 5);
    oe_test test = {.op = pick < 2   ? OE_ALL
                          : pick < 4 ? OE_ANY
                                     : OE_NOT,
                    .parts = parts,
                    .part_count = pick == 4 ? 1 : 2};
    return add(of, &test);
}

/* ---- declarations ---- */

/* d by a table of a few values of a, e by a function. */
static void declare_derived(making *of)
{
    oe_value keys[] = {{1, NULL}, {4, NULL}, {6, NULL}};
    oe_value values[] = {{below(of, 5), NULL}, {(double)NAN, NULL}, {5 + below(of, 5), NULL}};
    oe_derivation lookup = {.attribute = "d",
                            .key = "a",
                            .keys = keys,
                            .values = values,
                            .row_count = 3,
                            .otherwise = {one_in(of, 2) ? 9 : (double)NAN, NULL},
                            .where = next_line(of)};
    oe_derivation computed = {
        .attribute = "e", .function = of->functions++, .where = next_line(of)};
    oe_builder_derive(of->builder, &lookup);
    oe_builder_derive(of->builder, &computed);
}

static void declare_segments(making *of)
{
    for (uint32_t i = 0; i < SEGMENTS; i++) {
        of->segments = i;
        bool interval = one_in(of, 2);
        oe_boost boosts[] = {
            {false, named(of, "p", below(of, PRODUCTS)), (double)below(of, 30) - 10, {0}},
            {true, named(of, "c", below(of, CATEGORIES)), (double)below(of, 30) / 3, {0}}};
        boosts[0].where = next_line(of);
        boosts[1].where = next_line(of);
        oe_segment segment = {.id = named(of, "s", i),
                              .condition = interval ? number_leaf(of) : tree(of, 2),
                              .boosts = boosts,
                              .boost_count = 2,
                              .where = next_line(of)};
        oe_builder_segment(of->builder, &segment);
        if (one_in(of, 3))
            oe_builder_threshold(of->builder, OE_LEVEL_SEGMENT, named(of, "s", i),
                                 below(of, 90), next_line(of));
    }
    of->segments = SEGMENTS;
}

static void declare_rules(making *of)
{
    static const int64_t froms[] = {INT64_MIN, INT64_MIN, 1000};
    static const int64_t untils[] = {INT64_MAX, INT64_MAX, 2000};
    for (uint32_t i = 0; i < RULES; i++) {
        const char *category = named(of, "c", below(of, CATEGORIES));
        const char *product = named(of, "p", below(of, PRODUCTS));
        oe_rule rule = {.id = named(of, "r", i),
                        .scope = {&category, below(of, 2), &product, below(of, 2)},
                        .points = (double)below(of, 60) / 3 - 8,
                        .excludes = one_in(of, 2),
                        .unknown_excludes = one_in(of, 2),
                        .from_ms = froms[below(of, 3)],
                        .until_ms = untils[below(of, 3)]};
        oe_test by_product = {.op = OE_LACKS_CATEGORY};
        rule.condition = one_in(of, 8) ? add(of, &by_product) : tree(of, 2);
        rule.where = next_line(of);
        oe_builder_rule(of->builder, &rule);
    }
}

static void declare_product(making *of, uint32_t number)
{
    double low = below(of, TOP), steps = below(of, 5);
    oe_bound bounds[] = {
        {"a", low, one_in(of, 2) ? HUGE_VAL : low + below(of, 4), next_line(of)},
        {"b", one_in(of, 2) ? below(of, TOP) : -HUGE_VAL, TOP, next_line(of)},
        {"m", -HUGE_VAL, below(of, TOP + 1), next_line(of)}};
    oe_product_curve curves[] = {
        {"m", {.kind = OE_CURVE_BAND, .x = {0, 2, 3, 3 + steps}}, next_line(of)},
        {"b",
         {.kind = OE_CURVE_STEPS, .x = {1, 4 + steps / 2}, .y = {0.7, 0.3}, .point_count = 2},
         next_line(of)}};
    if (one_in(of, 4))
        curves[0].curve = (oe_curve){
            .kind = OE_CURVE_CALL, .function = of->functions++, .where = curves[0].where};
    oe_gate gates[] = {{"requires", tree(of, 1), {0}}, {"when", tree(of, 2), {0}}};
    gates[0].where = next_line(of);
    gates[1].where = next_line(of);
    const char *after = named(of, "p", (number + 1 + below(of, PRODUCTS - 1)) % PRODUCTS);
    const char *not_with = named(of, "p", (number + 1 + below(of, PRODUCTS - 1)) % PRODUCTS);
    oe_product product = {.id = named(of, "p", number),
                          .category = named(of, "c", below(of, CATEGORIES)),
                          .group = one_in(of, 3) ? "g" : NULL,
                          .bounds = bounds,
                          .bound_count = below(of, 4),
                          .curves = curves,
                          .curve_count = below(of, 3),
                          .gates = gates,
                          .gate_count = below(of, 3),
                          .after = &after,
                          .after_count = one_in(of, 4),
                          .not_with = &not_with,
                          .not_with_count = one_in(of, 4),
                          .from_ms = one_in(of, 4) ? 1000 : INT64_MIN,
                          .until_ms = one_in(of, 4) ? 2000 : INT64_MAX,
                          .value = 1,
                          .lever = 1,
                          .off = one_in(of, 20)};
    product.where = next_line(of);
    oe_builder_product(of->builder, &product);
}

static void declare_limits(making *of)
{
    oe_builder_threshold(of->builder, OE_LEVEL_DEFAULT, NULL, below(of, 80), next_line(of));
    oe_builder_threshold(of->builder, OE_LEVEL_CATEGORY, "c1", below(of, 101), next_line(of));
    oe_builder_threshold(of->builder, OE_LEVEL_PRODUCT, "p0", below(of, 101), next_line(of));
    oe_builder_limit(of->builder, OE_LEVEL_CATEGORY, "c0", 1 + below(of, 3), next_line(of));
    oe_builder_fallback(of->builder, "p1", next_line(of));
    oe_builder_fallback(of->builder, "p2", next_line(of));
    oe_step steps[] = {{"p3", next_line(of)}, {"p4", next_line(of)}, {"p5", next_line(of)}};
    oe_ladder ladder = {.id = "up", .steps = steps, .step_count = 3, .where = next_line(of)};
    oe_builder_ladder(of->builder, &ladder);
}

static void declare(making *of)
{
    static const oe_curve plain = {.kind = OE_CURVE_DEFAULT}, gate = {.kind = OE_CURVE_GATE};
    const oe_dimension dimensions[] = {
        {.name = "a",
         .attribute = "a",
         .weight = 40,
         .ideal = 8,
         .every = true,
         .curve = plain},
        {.name = "b", .attribute = "b", .weight = 25.3, .ideal = 9, .curve = plain},
        {.name = "m", .attribute = "m", .weight = 20, .ideal = 7, .curve = plain},
        {.name = "seen", .attribute = "b", .weight = 10, .ideal = (double)NAN, .curve = gate}};
    of->line = 10;
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        oe_builder_attribute(of->builder, &attributes[i]);
    for (uint32_t i = 0; i < CATEGORIES; i++)
        oe_builder_category(of->builder, &(oe_category){.id = named(of, "c", i)});
    for (size_t i = 0; i < sizeof dimensions / sizeof *dimensions; i++)
        oe_builder_dimension(of->builder, &dimensions[i]);
    declare_derived(of);
    declare_segments(of);
    declare_rules(of);
    for (uint32_t i = 0; i < PRODUCTS; i++)
        declare_product(of, i);
    declare_limits(of);
}

oe_ruleset *dense_rules(oe_dictionary *dictionary, uint64_t seed)
{
    making of = {.builder = oe_builder_new(dictionary), .state = seed * 2 + 1};
    oe_ruleset *ruleset = NULL;
    if (of.builder == NULL)
        return NULL;
    for (int i = 0; i < 5; i++)
        random_next(&of.state);
    declare(&of);
    if (oe_builder_seal(of.builder, &ruleset, NULL) != OE_OK)
        for (size_t i = 0; i < oe_builder_finding_count(of.builder); i++)
            fprintf(stderr, "%s %s\n", oe_builder_finding_get(of.builder, i)->code,
                    oe_builder_finding_get(of.builder, i)->message);
    oe_builder_free(of.builder);
    return ruleset;
}

/* ---- customers ---- */

void dense_profile(oe_profile *profile, const oe_ruleset *ruleset, uint64_t *state)
{
    oe_profile_clear(profile);
    oe_profile_set_id(profile, "D", 1, NULL);
    oe_profile_set_number(profile, A, random_below(state, TOP + 1), NULL);
    if (random_below(state, 4) > 0)
        oe_profile_set_number(profile, B, random_below(state, TOP + 1), NULL);
    oe_profile_set_number(profile, M, random_below(state, 2 * TOP + 5) / 2.0 - 2, NULL);
    const char *text = texts[random_below(state, 4)];
    if (random_below(state, 4) > 0)
        oe_profile_set_text(profile, T, text, strlen(text), NULL);
    if (random_below(state, 3) > 0)
        oe_profile_set_number(profile, F, random_below(state, 2), NULL);
    uint64_t owned = random_next(state);
    owned &= random_next(state);
    for (size_t p = 0; p < PRODUCTS; p++) {
        const char *id = oe_ruleset_product(ruleset, p)->id;
        if (owned >> (p + 20) & 1U)
            oe_profile_own(profile, id, strlen(id), NULL, NULL);
    }
}

int64_t dense_moment(uint64_t *state)
{
    static const int64_t moments[] = {0, 999, 1000, 1999, 2000, 3000};
    return moments[random_below(state, 6)];
}

static void begin(void *context, const oe_profile *profile, bool again)
{
    (void)profile;
    if (!again)
        random_next(context);
}

static oe_said answer(void *context, uint32_t function)
{
    static const oe_said said[] = {OE_SAID_UNKNOWN, OE_SAID_TRUE,  OE_SAID_TRUE,
                                   OE_SAID_FALSE,   OE_SAID_FALSE, OE_SAID_STOPPED};
    const uint64_t *state = context;
    uint64_t own = *state ^ (function + 1) * 0x9E3779B97F4A7C15U;
    random_next(&own);
    return said[random_below(&own, 6)];
}

static oe_said share(void *context, uint32_t function, uint32_t attribute, double *given)
{
    (void)attribute;
    *given = (double)(function % 5) / 4;
    return answer(context, function);
}

static oe_said derive(void *context, uint32_t function, size_t attribute, oe_value *value)
{
    (void)attribute;
    uint64_t own = *(const uint64_t *)context + function;
    *value = (oe_value){random_below(&own, TOP + 3), NULL};
    return answer(context, function);
}

oe_calls dense_calls(uint64_t *state)
{
    return (oe_calls){.context = state,
                      .begin = begin,
                      .condition = answer,
                      .curve = share,
                      .derive = derive};
}
