/* random_rules.c: random rules through the public builder. Numbers are small multiples of 1000,
 * so that values hit bounds exactly about as often as they miss them. */
#include "random_rules.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CATEGORIES = 5, SEGMENTS = 6, RULES = 8 };

static const oe_attribute attributes[] = {
    {.name = "age",
     .type = OE_INTEGER,
     .minimum = 0,
     .maximum = 130,
     .is_protected = true,
     .immutable = true},
    {.name = "income", .type = OE_MONEY, .minimum = 0, .maximum = HUGE_VAL},
    {.name = "existing_products",
     .type = OE_PRODUCT_SET,
     .minimum = -HUGE_VAL,
     .maximum = HUGE_VAL},
    {.name = "credit_score",
     .type = OE_INTEGER,
     .minimum = 300,
     .maximum = 850,
     .nullable = true},
    {.name = "balance", .type = OE_MONEY, .minimum = -HUGE_VAL, .maximum = HUGE_VAL},
    {.name = "tenure",
     .type = OE_NUMBER,
     .minimum = 0,
     .maximum = 600,
     .step = 0.5,
     .optional = true},
    {.name = "region",
     .type = OE_TEXT,
     .minimum = -HUGE_VAL,
     .maximum = HUGE_VAL,
     .optional = true},
    {.name = "staff", .type = OE_FLAG, .minimum = 0, .maximum = 1, .optional = true},
};
enum { AGE, INCOME, OWNED, CREDIT, BALANCE, TENURE, REGION, STAFF };

static const char *const regions[] = {"north", "south", "west", "east"};

uint64_t random_next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545F4914F6CDD1DU;
}

uint32_t random_below(uint64_t *state, uint32_t below)
{
    return (uint32_t)((random_next(state) >> 32) % below);
}

static bool one_in(uint64_t *state, uint32_t n)
{
    return random_below(state, n) == 0;
}

static double thousands(uint64_t *state, uint32_t below)
{
    return 1000.0 * random_below(state, below);
}

typedef struct generating {
    oe_builder *builder;
    uint64_t state;
    size_t products;
    bool smooth;
    char names[64][24];
    size_t name_count;
} generating;

/* A name such as "p12" that lasts until 64 others were asked for. */
static const char *named(generating *making, const char *prefix, size_t number)
{
    char *name = making->names[making->name_count++ % 64];
    snprintf(name, 24, "%s%zu", prefix, number);
    return name;
}

static oe_where at_line(size_t line)
{
    return (oe_where){"rules/random.lua", (int)line};
}

/* ---- conditions ---- */

static oe_condition leaf(generating *making)
{
    uint64_t *state = &making->state;
    oe_test test = {.where = at_line(1)};
    double low = thousands(state, 100);
    switch (random_below(state, 9)) {
    case 0:
        test = (oe_test){.op = OE_AT_LEAST, .attribute = "income", .low = low};
        break;
    case 1:
        test =
            (oe_test){.op = OE_BETWEEN, .attribute = "income", .low = low, .high = low + 20000};
        break;
    case 2:
        test = (oe_test){.op = OE_BELOW,
                         .attribute = "credit_score",
                         .high = 300 + random_below(state, 500)};
        break;
    case 3:
        test = (oe_test){
            .op = OE_ABOVE, .attribute = "balance", .low = thousands(state, 60) - 5000};
        break;
    case 4: {
        oe_value values[] = {{0, regions[random_below(state, 3)]}, {0, "far"}};
        test = (oe_test){
            .op = OE_ONE_OF, .attribute = "region", .values = values, .value_count = 2};
        return oe_builder_condition(making->builder, &test);
    }
    case 5:
        test = (oe_test){.op = one_in(state, 2) ? OE_KNOWN : OE_UNKNOWN,
                         .attribute = "credit_score"};
        break;
    case 6: {
        oe_value yes = {1, NULL};
        test =
            (oe_test){.op = OE_EQUALS, .attribute = "staff", .values = &yes, .value_count = 1};
        return oe_builder_condition(making->builder, &test);
    }
    case 7:
        test = (oe_test){
            .op = one_in(state, 2) ? OE_OWNS : OE_LACKS,
            .name = named(making, "p", random_below(state, (uint32_t)making->products))};
        break;
    default:
        test = (oe_test){.op = OE_LACKS_CATEGORY,
                         .name = named(making, "c", random_below(state, CATEGORIES))};
    }
    return oe_builder_condition(making->builder, &test);
}

static oe_condition tree(generating *making, int depth)
{
    if (depth == 0 || one_in(&making->state, 2))
        return leaf(making);
    oe_condition parts[2] = {tree(making, depth - 1), tree(making, depth - 1)};
    uint32_t pick = random_below(&making->state, 3);
    oe_test test = {.op = pick == 0   ? OE_ALL
                          : pick == 1 ? OE_ANY
                                      : OE_NOT,
                    .parts = parts,
                    .part_count = pick == 2 ? 1 : 2};
    return oe_builder_condition(making->builder, &test);
}

/* ---- declarations ---- */

static void declare_scoring(generating *making)
{
    static const oe_curve plain = {.kind = OE_CURVE_DEFAULT}, gate = {.kind = OE_CURVE_GATE};
    const oe_dimension dimensions[] = {
        {"income", "income", 40, 100000, false, plain, at_line(2), NULL, 0},
        {"credit_score", "credit_score", 30, 800, false, plain, at_line(3), NULL, 0},
        {"balance", "balance", 20, 50000, true, plain, at_line(4), NULL, 0},
        {"age", "age", 10, (double)NAN, true, gate, at_line(5), NULL, 0},
        {"tenure", "tenure", 7.5, 120, false, plain, at_line(6), NULL, 0},
    };
    for (size_t i = 0; i < sizeof dimensions / sizeof *dimensions; i++)
        oe_builder_dimension(making->builder, &dimensions[i]);
}

static void declare_segments(generating *making)
{
    for (size_t i = 0; i < SEGMENTS; i++) {
        oe_boost boosts[2] = {
            {false,
             named(making, "p", random_below(&making->state, (uint32_t)making->products)),
             (double)random_below(&making->state, 40) - 15, at_line(20 + i)},
            {true, named(making, "c", random_below(&making->state, CATEGORIES)), 3.3,
             at_line(20 + i)}};
        oe_segment segment = {.id = named(making, "s", i),
                              .condition = tree(making, 3),
                              .boosts = boosts,
                              .boost_count = making->smooth ? 0 : 2,
                              .where = at_line(20 + i)};
        oe_builder_segment(making->builder, &segment);
        if (one_in(&making->state, 3))
            oe_builder_threshold(making->builder, OE_LEVEL_SEGMENT, named(making, "s", i),
                                 random_below(&making->state, 60), at_line(20 + i));
    }
}

static void declare_rules(generating *making)
{
    oe_test gap = {.op = OE_LACKS_CATEGORY};
    oe_rule bonus = {.id = "gap_bonus",
                     .condition = oe_builder_condition(making->builder, &gap),
                     .points = 5,
                     .from_ms = INT64_MIN,
                     .until_ms = INT64_MAX,
                     .where = at_line(30)};
    oe_builder_rule(making->builder, &bonus);
    for (size_t i = 0; i < RULES; i++) {
        const char *category = named(making, "c", random_below(&making->state, CATEGORIES));
        bool excludes = one_in(&making->state, 3);
        oe_rule rule = {.id = named(making, "r", i),
                        .condition = tree(making, 2),
                        .excludes = excludes,
                        .points = (double)random_below(&making->state, 60) / 7 - 4,
                        .unknown_excludes = one_in(&making->state, 2),
                        .from_ms = INT64_MIN,
                        .until_ms = one_in(&making->state, 4) ? 1000 : INT64_MAX,
                        .where = at_line(31 + i)};
        rule.scope.categories = &category;
        rule.scope.category_count = one_in(&making->state, 5) ? 0 : 1;
        if (!making->smooth || excludes)
            oe_builder_rule(making->builder, &rule);
    }
}

static void declare_product(generating *making, size_t number)
{
    uint64_t *state = &making->state;
    oe_bound bounds[3] = {
        {"income", thousands(state, 90), HUGE_VAL, at_line(100 + number)},
        {"credit_score", 300 + 10 * random_below(state, 45), HUGE_VAL, at_line(100 + number)},
        {"age", 18 + random_below(state, 20), HUGE_VAL, at_line(100 + number)}};
    if (!making->smooth && one_in(state, 4))
        bounds[0].high = bounds[0].low + 40000;
    if (!making->smooth && one_in(state, 4))
        bounds[2].high = 65;
    oe_ideal ideals[1] = {{"tenure", 24 + random_below(state, 100), at_line(100 + number)}};
    oe_product_curve curves[1] = {{"balance",
                                   {.kind = OE_CURVE_BAND, .x = {0, 10000, 30000, 60000}},
                                   at_line(100 + number)}};
    oe_gate gates[1] = {{"when", tree(making, 2), at_line(100 + number)}};
    const char *after[1] = {named(making, "p", (number + 1) % making->products)};
    const char *not_with[1] = {named(making, "p", (number + 2) % making->products)};
    oe_product product = {.id = named(making, "p", number),
                          .name = "Product",
                          .category = named(making, "c", random_below(state, CATEGORIES)),
                          .reason = "Good income",
                          .bounds = bounds,
                          .bound_count = 1 + random_below(state, 3),
                          .ideals = ideals,
                          .ideal_count = random_below(state, 2),
                          .curves = curves,
                          .curve_count = making->smooth ? 0 : one_in(state, 4),
                          .gates = gates,
                          .gate_count = one_in(state, 4),
                          .after = after,
                          .after_count = one_in(state, 8),
                          .not_with = not_with,
                          .not_with_count = one_in(state, 6),
                          .from_ms = one_in(state, 10) ? 1000 : INT64_MIN,
                          .until_ms = INT64_MAX,
                          .value = one_in(state, 3) ? 1.5 : 1,
                          .lever = one_in(state, 5) ? 0.8 : 1,
                          .group = one_in(state, 4) ? "g" : NULL,
                          .off = one_in(state, 20),
                          .where = at_line(100 + number)};
    oe_builder_product(making->builder, &product);
}

static void declare_limits(generating *making)
{
    oe_builder_threshold(making->builder, OE_LEVEL_DEFAULT, NULL, 30, at_line(40));
    oe_builder_threshold(making->builder, OE_LEVEL_CATEGORY, "c1", 45, at_line(41));
    oe_builder_threshold(making->builder, OE_LEVEL_PRODUCT, "p0", 10, at_line(42));
    if (one_in(&making->state, 2))
        oe_builder_limit(making->builder, OE_LEVEL_CATEGORY, "c0", 1, at_line(43));
    if (one_in(&making->state, 3))
        oe_builder_limit(making->builder, OE_LEVEL_DEFAULT, NULL, 4, at_line(44));
    oe_builder_fallback(making->builder, "p0", at_line(45));
}

static oe_ruleset *sealed(generating *making)
{
    oe_ruleset *ruleset = NULL;
    oe_error error;
    if (oe_builder_seal(making->builder, &ruleset, &error) != OE_OK)
        for (size_t i = 0; i < oe_builder_finding_count(making->builder); i++) {
            const oe_finding *finding = oe_builder_finding_get(making->builder, i);
            fprintf(stderr, "%s:%d: %s %s\n", finding->where.file, finding->where.line,
                    finding->code, finding->message);
        }
    return ruleset;
}

oe_ruleset *random_rules(oe_dictionary *dictionary, uint64_t seed, size_t products, bool smooth)
{
    generating making = {oe_builder_new(dictionary), seed * 2 + 1, products, smooth, {{0}}, 0};
    if (making.builder == NULL)
        return NULL;
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        oe_builder_attribute(making.builder, &attributes[i]);
    for (size_t i = 0; i < CATEGORIES; i++) {
        oe_category category = {.id = named(&making, "c", i), .where = at_line(10 + i)};
        oe_builder_category(making.builder, &category);
    }
    declare_scoring(&making);
    declare_segments(&making);
    declare_rules(&making);
    for (size_t i = 0; i < products; i++)
        declare_product(&making, i);
    declare_limits(&making);
    oe_ruleset *ruleset = sealed(&making);
    oe_builder_free(making.builder);
    return ruleset;
}

void random_profile(oe_profile *profile, const oe_ruleset *ruleset, uint64_t *state,
                    uint32_t id)
{
    char name[24];
    oe_profile_clear(profile);
    int length = snprintf(name, sizeof name, "R%u", (unsigned)id);
    oe_profile_set_id(profile, name, (size_t)length, NULL);
    oe_profile_set_number(profile, AGE, 15 + random_below(state, 60), NULL);
    oe_profile_set_number(profile, INCOME,
                          thousands(state, 130) + (one_in(state, 3) ? 0.25 : 0), NULL);
    oe_profile_set_number(profile, BALANCE, thousands(state, 80) - 10000, NULL);
    if (!one_in(state, 5))
        oe_profile_set_number(profile, CREDIT, 300 + 5 * random_below(state, 111), NULL);
    if (one_in(state, 2))
        oe_profile_set_number(profile, TENURE, random_below(state, 200) / 2.0, NULL);
    if (one_in(state, 2)) {
        const char *region = regions[random_below(state, 4)];
        oe_profile_set_text(profile, REGION, region, strlen(region), NULL);
    }
    if (one_in(state, 3))
        oe_profile_set_number(profile, STAFF, random_below(state, 2), NULL);
    size_t products = oe_ruleset_count(ruleset, OE_PRODUCTS);
    for (uint32_t owned = random_below(state, 4); owned > 0; owned--) {
        const oe_product *product =
            oe_ruleset_product(ruleset, random_below(state, (uint32_t)products));
        oe_profile_own(profile, product->id, strlen(product->id), NULL, NULL);
    }
    if (one_in(state, 6))
        oe_profile_own(profile, "elsewhere", 9, NULL, NULL);
}
