/* small_rules.c: see small_rules.h. */
#include "small_rules.h"

#include <math.h>
#include <stdio.h>

oe_where small_where(void)
{
    return (oe_where){"case.lua", 7};
}

oe_attribute small_attribute(const char *name, oe_type type)
{
    return (oe_attribute){.name = name,
                          .type = type,
                          .minimum = -HUGE_VAL,
                          .maximum = HUGE_VAL,
                          .optional = true,
                          .where = small_where()};
}

oe_product small_product(const char *id, const char *category)
{
    static const oe_bound min_income = {"income", 10000, HUGE_VAL, {"case.lua", 7}};
    return (oe_product){.id = id,
                        .category = category,
                        .bounds = &min_income,
                        .bound_count = 1,
                        .from_ms = INT64_MIN,
                        .until_ms = INT64_MAX,
                        .value = 1,
                        .lever = 1,
                        .where = small_where()};
}

oe_segment small_segment(const char *id, oe_condition condition)
{
    return (oe_segment){.id = id, .condition = condition, .where = small_where()};
}

oe_dimension small_dimension(const char *name, const char *attribute)
{
    return (oe_dimension){.name = name,
                          .attribute = attribute,
                          .weight = 10,
                          .ideal = (double)NAN,
                          .where = small_where()};
}

oe_rule small_rule(const char *id, double points)
{
    return (oe_rule){.id = id,
                     .condition = OE_NO_CONDITION,
                     .points = points,
                     .from_ms = INT64_MIN,
                     .until_ms = INT64_MAX,
                     .where = small_where()};
}

static void add_attributes(oe_builder *builder)
{
    static const char *const income[] = {"income", "earning"}, *const age[] = {"age"};
    oe_attribute attributes[] = {
        small_attribute("income", OE_MONEY),
        small_attribute("credit_score", OE_INTEGER),
        small_attribute("balance", OE_NUMBER),
        small_attribute("age", OE_INTEGER),
        small_attribute("region", OE_TEXT),
        small_attribute("member", OE_FLAG),
        small_attribute("holdings", OE_PRODUCT_SET),
    };
    attributes[SMALL_INCOME].minimum = 0;
    attributes[SMALL_INCOME].optional = false;
    attributes[SMALL_INCOME].words = income;
    attributes[SMALL_INCOME].word_count = 2;
    attributes[SMALL_CREDIT_SCORE].minimum = 300;
    attributes[SMALL_CREDIT_SCORE].maximum = 850;
    attributes[SMALL_CREDIT_SCORE].optional = false;
    attributes[SMALL_CREDIT_SCORE].nullable = true;
    attributes[SMALL_AGE].minimum = 0;
    attributes[SMALL_AGE].maximum = 130;
    attributes[SMALL_AGE].is_protected = attributes[SMALL_AGE].immutable = true;
    attributes[SMALL_AGE].words = age;
    attributes[SMALL_AGE].word_count = 1;
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
        attributes[i].where = (oe_where){"schema.lua", (int)i + 1};
        oe_builder_attribute(builder, &attributes[i]);
    }
}

oe_builder *small_rules(oe_dictionary *dictionary)
{
    static const oe_category categories[] = {
        {"credit", "Credit", true, {"schema.lua", 11}},
        {"saving", "Saving", false, {"schema.lua", 12}},
        {"travel", "Travel", false, {"schema.lua", 13}},
    };
    static const oe_dimension dimensions[] = {
        {.name = "income", .attribute = "income", .weight = 40, .ideal = 100000},
        {.name = "credit", .attribute = "credit_score", .weight = 30, .ideal = 800},
        {.name = "balance", .attribute = "balance", .weight = 20, .ideal = 50000},
        {.name = "age", .attribute = "age", .weight = 10, .curve = {.kind = OE_CURVE_GATE}},
    };
    oe_builder *builder = oe_builder_new(dictionary);
    add_attributes(builder);
    for (size_t i = 0; i < sizeof categories / sizeof *categories; i++)
        oe_builder_category(builder, &categories[i]);
    for (size_t i = 0; i < sizeof dimensions / sizeof *dimensions; i++)
        oe_builder_dimension(builder, &dimensions[i]);
    return builder;
}

oe_condition small_compare(oe_builder *builder, oe_operator op, const char *attribute,
                           double bound)
{
    oe_value value = {bound, NULL};
    bool by_value = op == OE_EQUALS || op == OE_ONE_OF || op == OE_NONE_OF;
    return oe_builder_condition(builder, &(oe_test){.op = op,
                                                    .attribute = attribute,
                                                    .low = bound,
                                                    .high = bound,
                                                    .values = &value,
                                                    .value_count = by_value,
                                                    .where = small_where()});
}

oe_condition small_between(oe_builder *builder, const char *attribute, double low, double high)
{
    return oe_builder_condition(builder, &(oe_test){.op = OE_BETWEEN,
                                                    .attribute = attribute,
                                                    .low = low,
                                                    .high = high,
                                                    .where = small_where()});
}

oe_condition small_text(oe_builder *builder, oe_operator op, const char *attribute,
                        const char *text)
{
    oe_value value = {0, text};
    return oe_builder_condition(builder, &(oe_test){.op = op,
                                                    .attribute = attribute,
                                                    .values = &value,
                                                    .value_count = 1,
                                                    .where = small_where()});
}

oe_condition small_named(oe_builder *builder, oe_operator op, const char *name)
{
    return oe_builder_condition(builder,
                                &(oe_test){.op = op, .name = name, .where = small_where()});
}

oe_condition small_not(oe_builder *builder, oe_condition part)
{
    return oe_builder_condition(
        builder,
        &(oe_test){.op = OE_NOT, .parts = &part, .part_count = 1, .where = small_where()});
}

oe_condition small_both(oe_builder *builder, oe_operator op, oe_condition a, oe_condition b)
{
    oe_condition parts[] = {a, b};
    return oe_builder_condition(
        builder, &(oe_test){.op = op, .parts = parts, .part_count = 2, .where = small_where()});
}

oe_ruleset *small_seal(oe_builder *builder)
{
    oe_ruleset *ruleset = NULL;
    oe_builder_seal(builder, &ruleset, NULL);
    for (size_t i = 0; i < oe_builder_finding_count(builder); i++) {
        const oe_finding *finding = oe_builder_finding_get(builder, i);
        printf("  %s:%d: %s %s\n", finding->where.file ? finding->where.file : "?",
               finding->where.line, finding->code, finding->message);
    }
    oe_builder_free(builder);
    return ruleset;
}
