/* seal_values_spec.c: findings about names, numbers, scores and what is regulated. */
#include "finding_cases.h"

#include <float.h>

static void add(oe_builder *builder, oe_product product)
{
    oe_builder_product(builder, &product);
}

/* ---- names and attributes ---- */

static const char longest[] =
    "12345678901234567890123456789012345678901234567890123456789012345"
    "678901234567890123456789012345678901234567890123456789012345678";
static const char too_long[] =
    "1234567890123456789012345678901234567890123456789012345678901234"
    "56789012345678901234567890123456789012345678901234567890123456789";

static void attribute_name(oe_builder *b, bool lawful)
{
    oe_attribute attribute = small_attribute(lawful ? longest : too_long, OE_NUMBER);
    oe_builder_attribute(b, &attribute);
}

static void attribute_without_name(oe_builder *b, bool lawful)
{
    oe_attribute attribute = small_attribute(lawful ? "x" : NULL, OE_NUMBER);
    oe_builder_attribute(b, &attribute);
}

static void category_name(oe_builder *b, bool lawful)
{
    oe_category category = {.id = lawful ? "a b" : "a\nb", .where = small_where()};
    oe_builder_category(b, &category);
}

static void category_without_id(oe_builder *b, bool lawful)
{
    oe_category category = {.id = lawful ? "x" : NULL, .where = small_where()};
    oe_builder_category(b, &category);
}

static void product_name(oe_builder *b, bool lawful)
{
    add(b, small_product(lawful ? "\xC3\xA9" : "\xC3", "saving"));
}

static void product_without_id(oe_builder *b, bool lawful)
{
    oe_rule rule = small_rule("rule", 1);
    const char *products[] = {"p"};
    rule.scope = (oe_scope){.products = products, .product_count = 1};
    add(b, small_product("p", "saving"));
    add(b, small_product(lawful ? "q" : NULL, "saving"));
    oe_builder_rule(b, &rule);
}

static void segment_name(oe_builder *b, bool lawful)
{
    oe_segment segment = small_segment(lawful ? "s" : "", small_compare(b, OE_KNOWN, "age", 0));
    oe_builder_segment(b, &segment);
}

static void dimension_name(oe_builder *b, bool lawful)
{
    oe_dimension dimension = small_dimension(lawful ? "d" : "\x7F", "age");
    oe_builder_dimension(b, &dimension);
}

static void rule_name(oe_builder *b, bool lawful)
{
    oe_rule one = small_rule("one", 1), two = small_rule(lawful ? "two" : NULL, 2);
    add(b, small_product("p", "saving"));
    oe_builder_rule(b, &one);
    oe_builder_rule(b, &two);
}

static void attribute_twice(oe_builder *b, bool lawful)
{
    oe_attribute attribute = small_attribute(lawful ? "Balance" : "balance", OE_NUMBER);
    oe_builder_attribute(b, &attribute);
}

static void category_twice(oe_builder *b, bool lawful)
{
    oe_category category = {.id = lawful ? "credits" : "credit", .where = small_where()};
    oe_builder_category(b, &category);
}

static void product_twice(oe_builder *b, bool lawful)
{
    add(b, small_product("p", "saving"));
    add(b, small_product(lawful ? "q" : "p", "travel"));
}

static void segment_twice(oe_builder *b, bool lawful)
{
    oe_condition condition = small_compare(b, OE_KNOWN, "age", 0);
    oe_segment one = small_segment("s", condition);
    oe_segment two = small_segment(lawful ? "t" : "s", condition);
    oe_builder_segment(b, &one);
    oe_builder_segment(b, &two);
}

static void dimension_twice(oe_builder *b, bool lawful)
{
    oe_dimension dimension = small_dimension(lawful ? "income2" : "income", "income");
    oe_builder_dimension(b, &dimension);
}

static void rule_twice(oe_builder *b, bool lawful)
{
    oe_rule one = small_rule("r", 1), two = small_rule(lawful ? "R" : "r", 2);
    oe_builder_rule(b, &one);
    oe_builder_rule(b, &two);
}

static void attribute_type(oe_builder *b, bool lawful)
{
    oe_attribute attribute = small_attribute("x", lawful ? OE_FLAG : OE_TYPE_COUNT);
    oe_builder_attribute(b, &attribute);
}

static void attribute_range(oe_builder *b, bool lawful)
{
    oe_attribute attribute = small_attribute("x", OE_NUMBER);
    attribute.minimum = lawful ? 5 : nextafter(5, 6);
    attribute.maximum = 5;
    oe_builder_attribute(b, &attribute);
}

static void attribute_range_of_nothing(oe_builder *b, bool lawful)
{
    oe_attribute attribute = small_attribute("x", OE_NUMBER);
    attribute.maximum = lawful ? HUGE_VAL : (double)NAN;
    oe_builder_attribute(b, &attribute);
}

static void attribute_step(oe_builder *b, bool lawful)
{
    oe_attribute attribute = small_attribute("x", OE_NUMBER);
    attribute.step = lawful ? 0 : -DBL_MIN;
    oe_builder_attribute(b, &attribute);
}

static void attribute_step_infinite(oe_builder *b, bool lawful)
{
    oe_attribute attribute = small_attribute("x", OE_NUMBER);
    attribute.step = lawful ? DBL_MAX : HUGE_VAL;
    oe_builder_attribute(b, &attribute);
}

static void product_set_twice(oe_builder *b, bool lawful)
{
    oe_attribute attribute = small_attribute("x", lawful ? OE_TEXT : OE_PRODUCT_SET);
    oe_builder_attribute(b, &attribute);
}

/* ---- numbers ---- */

static void tier_points(oe_builder *b, bool lawful)
{
    oe_builder_tier(b, "premium", "income", lawful ? -5 : HUGE_VAL, small_where());
}

static void rule_points(oe_builder *b, bool lawful)
{
    oe_rule rule = small_rule("r", lawful ? DBL_MAX : (double)NAN);
    oe_builder_rule(b, &rule);
}

static void boost_points(oe_builder *b, bool lawful)
{
    oe_boost boost = {true, "saving", lawful ? -1e6 : -HUGE_VAL, {"case.lua", 7}};
    oe_segment segment = small_segment("s", small_compare(b, OE_KNOWN, "age", 0));
    segment.boosts = &boost;
    segment.boost_count = 1;
    oe_builder_segment(b, &segment);
}

static void product_window(oe_builder *b, bool lawful)
{
    oe_product product = small_product("p", "saving");
    product.from_ms = 1000;
    product.until_ms = lawful ? 1001 : 1000;
    add(b, product);
}

static void rule_window(oe_builder *b, bool lawful)
{
    oe_rule rule = small_rule("r", 1);
    rule.from_ms = lawful ? INT64_MAX - 1 : INT64_MAX;
    oe_builder_rule(b, &rule);
}

static void after_itself(oe_builder *b, bool lawful)
{
    const char *after[] = {lawful ? "q" : "p"};
    oe_product product = small_product("p", "saving");
    product.after = after;
    product.after_count = 1;
    add(b, product);
    add(b, small_product("q", "saving"));
}

static void not_with_itself(oe_builder *b, bool lawful)
{
    const char *not_with[] = {lawful ? "q" : "p"};
    oe_product product = small_product("p", "saving");
    product.not_with = not_with;
    product.not_with_count = 1;
    add(b, product);
    add(b, small_product("q", "saving"));
}

static void bound_falling(oe_builder *b, bool lawful)
{
    oe_bound bound = {"income", lawful ? 9e3 : nextafter(9e3, 1e4), 9e3, {"case.lua", 7}};
    oe_product product = small_product("p", "saving");
    product.bounds = &bound;
    add(b, product);
}

static void bound_of_no_number(oe_builder *b, bool lawful)
{
    oe_bound bound = {"income", 9e3, lawful ? HUGE_VAL : (double)NAN, {"case.lua", 7}};
    oe_product product = small_product("p", "saving");
    product.bounds = &bound;
    add(b, product);
}

static void tier_above_maximum(oe_builder *b, bool lawful)
{
    oe_bound bound = {"income", 9e3, 1e4, {"case.lua", 7}};
    oe_product product = small_product("p", "saving");
    product.tier = "premium";
    product.bounds = &bound;
    oe_builder_tier(b, "premium", "income", lawful ? 1000 : 1001, small_where());
    add(b, product);
}

static void tier_without_minimum(oe_builder *b, bool lawful)
{
    oe_product product = small_product("p", "saving");
    product.tier = "premium";
    oe_builder_tier(b, "premium", lawful ? "income" : "credit_score", 40, small_where());
    add(b, product);
}

static void value_of_nothing(oe_builder *b, bool lawful)
{
    oe_product product = small_product("p", "saving");
    product.value = lawful ? DBL_MIN : 0;
    add(b, product);
}

static void lever_infinite(oe_builder *b, bool lawful)
{
    oe_product product = small_product("p", "saving");
    product.lever = product.value = lawful ? 1e154 : 1e155;
    add(b, product);
}

static void threshold_low(oe_builder *b, bool lawful)
{
    oe_builder_threshold(b, OE_LEVEL_DEFAULT, NULL, lawful ? 0 : -DBL_MIN, small_where());
}

static void threshold_high(oe_builder *b, bool lawful)
{
    oe_builder_threshold(b, OE_LEVEL_CATEGORY, "credit", lawful ? 100 : nextafter(100, 101),
                         small_where());
}

static void threshold_of_nothing(oe_builder *b, bool lawful)
{
    oe_builder_threshold(b, OE_LEVEL_DEFAULT, NULL, lawful ? 50 : (double)NAN, small_where());
}

static void limit_of_nothing(oe_builder *b, bool lawful)
{
    oe_builder_limit(b, OE_LEVEL_DEFAULT, NULL, lawful, small_where());
}

/* ---- scores ---- */

static void with_ideal(oe_builder *b, const char *attribute, double value)
{
    oe_ideal ideal = {attribute, value, {"case.lua", 7}};
    oe_product product = small_product("p", "saving");
    product.ideals = &ideal;
    product.ideal_count = 1;
    add(b, product);
}

static void with_curve(oe_builder *b, const char *category, oe_curve curve)
{
    oe_product_curve own = {"age", curve, {"case.lua", 7}};
    oe_product product = small_product("p", category);
    product.curves = &own;
    product.curve_count = 1;
    add(b, product);
}

static void ideal_at_minimum(oe_builder *b, bool lawful)
{
    with_ideal(b, "income", lawful ? nextafter(10000, 20000) : 10000);
}

static void ideal_below_range(oe_builder *b, bool lawful)
{
    with_ideal(b, "credit_score", lawful ? 301 : 300);
}

/* A minimum of -1 has no 1.5-fold above it; only an end of the range helps. */
static void no_ideal(oe_builder *b, bool lawful)
{
    oe_attribute attribute = small_attribute("x", OE_NUMBER);
    attribute.maximum = lawful ? 0 : HUGE_VAL;
    oe_dimension dimension = small_dimension("x", "x");
    oe_bound bound = {"x", -1, HUGE_VAL, {"case.lua", 7}};
    oe_product product = small_product("p", "saving");
    product.bounds = &bound;
    oe_builder_attribute(b, &attribute);
    oe_builder_dimension(b, &dimension);
    add(b, product);
}

static void no_room_in_range(oe_builder *b, bool lawful)
{
    oe_bound bound = {"credit_score", lawful ? 849 : 850, HUGE_VAL, {"case.lua", 7}};
    oe_product product = small_product("p", "saving");
    product.bounds = &bound;
    add(b, product);
}

static void no_dimension(oe_builder *b, bool lawful)
{
    oe_bound bound = {"income", lawful ? 0 : -HUGE_VAL, 1e6, {"case.lua", 7}};
    oe_product product = small_product("p", "saving");
    product.bounds = &bound;
    add(b, product);
}

static void weight_of_nothing(oe_builder *b, bool lawful)
{
    oe_dimension dimension = small_dimension("x", "age");
    dimension.weight = lawful ? DBL_MIN : 0;
    oe_builder_dimension(b, &dimension);
}

static void weight_infinite(oe_builder *b, bool lawful)
{
    oe_dimension dimension = small_dimension("x", "age");
    dimension.weight = lawful ? DBL_MAX : HUGE_VAL;
    oe_builder_dimension(b, &dimension);
}

static void ramp_upright(oe_builder *b, bool lawful)
{
    with_curve(b, "saving", (oe_curve){.kind = OE_CURVE_RAMP, .x = {5, lawful ? 4 : 5}});
}

static void ramp_infinite(oe_builder *b, bool lawful)
{
    with_curve(b, "saving",
               (oe_curve){.kind = OE_CURVE_RAMP, .x = {lawful ? 1e300 : HUGE_VAL, 5}});
}

static void band_falling(oe_builder *b, bool lawful)
{
    with_curve(b, "saving",
               (oe_curve){.kind = OE_CURVE_BAND, .x = {1, 2, 2, lawful ? 2 : 1.9}});
}

static void steps_of_nothing(oe_builder *b, bool lawful)
{
    with_curve(b, "saving",
               (oe_curve){.kind = OE_CURVE_STEPS, .x = {1}, .y = {1}, .point_count = lawful});
}

static void steps_too_many(oe_builder *b, bool lawful)
{
    with_curve(b, "saving",
               (oe_curve){.kind = OE_CURVE_STEPS, .point_count = lawful ? 16 : 17});
}

static void steps_too_high(oe_builder *b, bool lawful)
{
    with_curve(b, "saving",
               (oe_curve){.kind = OE_CURVE_STEPS,
                          .x = {1, 2},
                          .y = {0, lawful ? 1 : nextafter(1, 2)},
                          .point_count = 2});
}

static void steps_falling(oe_builder *b, bool lawful)
{
    with_curve(
        b, "saving",
        (oe_curve){
            .kind = OE_CURVE_STEPS, .x = {2, lawful ? 3 : 1}, .y = {1, 0}, .point_count = 2});
}

static void curve_unknown(oe_builder *b, bool lawful)
{
    with_curve(b, "saving",
               (oe_curve){.kind = lawful ? OE_CURVE_GATE : (oe_curve_kind)(OE_CURVE_CALL + 1)});
}

static void dimension_curve(oe_builder *b, bool lawful)
{
    oe_dimension dimension = small_dimension("x", "balance");
    dimension.curve = (oe_curve){.kind = OE_CURVE_RAMP, .x = {lawful, 0}};
    oe_builder_dimension(b, &dimension);
}

static void dimensions_too_many(oe_builder *b, bool lawful)
{
    char name[16];
    for (int i = 5; i <= (lawful ? 64 : 65); i++) { /* four are there */
        snprintf(name, sizeof name, "d%d", i);
        oe_dimension dimension = small_dimension(name, "balance");
        oe_builder_dimension(b, &dimension);
    }
}

static void unscored_ideal(oe_builder *b, bool lawful)
{
    oe_attribute attribute = small_attribute("x", OE_NUMBER);
    oe_builder_attribute(b, &attribute);
    with_ideal(b, lawful ? "balance" : "x", 10);
}

static void reason_of_nothing(oe_builder *b, bool lawful)
{
    oe_product product = small_product("p", "saving");
    product.reason = lawful ? "Your earning power" : "Good credit score";
    add(b, product);
}

/* ---- what is regulated ---- */

static void graded_curve(oe_builder *b, bool lawful)
{
    with_curve(b, lawful ? "saving" : "credit",
               (oe_curve){.kind = OE_CURVE_RAMP, .x = {18, 60}});
}

/* What is in no category is in no regulated one. */
static void graded_in_no_category(oe_builder *b, bool lawful)
{
    with_curve(b, lawful ? "travel" : "travels",
               (oe_curve){.kind = OE_CURVE_RAMP, .x = {18, 60}});
}

static void graded_or_gate(oe_builder *b, bool lawful)
{
    with_curve(b, "credit",
               lawful ? (oe_curve){.kind = OE_CURVE_GATE}
                      : (oe_curve){.kind = OE_CURVE_BAND, .x = {1, 2, 3, 4}});
}

static void graded_dimension(oe_builder *b, bool lawful)
{
    oe_dimension dimension = small_dimension("x", "age");
    dimension.every = true;
    add(b, small_product("p", lawful ? "travel" : "credit"));
    oe_builder_dimension(b, &dimension);
}

static void boosted(oe_builder *b, const char *category, oe_condition condition)
{
    oe_boost boost = {false, "p", 5, {"case.lua", 7}};
    oe_segment segment = small_segment("s", condition);
    segment.boosts = &boost;
    segment.boost_count = 1;
    add(b, small_product("p", category));
    oe_builder_segment(b, &segment);
}

static void boost_by_age(oe_builder *b, bool lawful)
{
    boosted(b, "credit", small_compare(b, OE_AT_LEAST, lawful ? "balance" : "age", 40));
}

static void boost_elsewhere(oe_builder *b, bool lawful)
{
    boosted(b, lawful ? "saving" : "credit", small_compare(b, OE_KNOWN, "age", 0));
}

static void adjusted(oe_builder *b, const char *category, oe_condition condition)
{
    oe_rule rule = small_rule("r", 5);
    rule.condition = condition;
    add(b, small_product("p", category));
    oe_builder_rule(b, &rule);
}

static void adjust_by_nested_age(oe_builder *b, bool lawful)
{
    oe_condition age = small_compare(b, OE_BELOW, lawful ? "income" : "age", 40);
    oe_condition other = small_compare(b, OE_KNOWN, "balance", 0);
    adjusted(b, "credit",
             small_not(b, small_both(b, OE_ANY, other,
                                     small_both(b, OE_ALL, other, small_not(b, age)))));
}

/* The rule names a segment that is declared later, which names another. */
static void adjust_by_segment_of_age(oe_builder *b, bool lawful)
{
    oe_condition first = small_named(b, OE_IN_SEGMENT, "outer");
    adjusted(b, "credit", small_not(b, first));
    oe_segment outer = small_segment("outer", small_named(b, OE_IN_SEGMENT, "inner"));
    oe_segment inner = small_segment(
        "inner", small_compare(b, OE_AT_MOST, lawful ? "credit_score" : "age", 600));
    oe_builder_segment(b, &outer);
    oe_builder_segment(b, &inner);
}

/* lacks_category() is specialised per category; what is protected must not get lost. */
static void adjust_by_age_and_category(oe_builder *b, bool lawful)
{
    oe_condition age = small_compare(b, OE_BELOW, lawful ? "income" : "age", 40);
    adjusted(b, "credit", small_both(b, OE_ALL, age, small_named(b, OE_LACKS_CATEGORY, NULL)));
}

static void exclude_by_age(oe_builder *b, bool lawful)
{
    oe_rule rule = small_rule("r", 5);
    rule.excludes = lawful; /* a gate may */
    rule.condition = small_compare(b, OE_BELOW, "age", 18);
    add(b, small_product("p", "credit"));
    oe_builder_rule(b, &rule);
}

static const finding_case cases[] = {
    {"an attribute of 129 bytes", "E050", "attribute: a name must be 1 to 128 bytes", NULL,
     attribute_name},
    {"an attribute without name", "E050", "attribute: a name must be", NULL,
     attribute_without_name},
    {"a category with a control character", "E050", "category: a name must be", NULL,
     category_name},
    {"a category without id", "E050", "category: a name must be", NULL, category_without_id},
    {"a product that is no UTF-8", "E050", "product: a name must be", NULL, product_name},
    {"a product without id", "E050", "product: a name must be", NULL, product_without_id},
    {"a segment without id", "E050", "segment: a name must be", NULL, segment_name},
    {"a dimension's name", "E050", "dimension: a name must be", NULL, dimension_name},
    {"a rule without id", "E050", "rule: a name must be", NULL, rule_name},
    {"an attribute twice", "E051",
     "attribute: \"balance\" is declared twice, first at schema.lua:3", NULL, attribute_twice},
    {"a category twice", "E051",
     "category: \"credit\" is declared twice, first at schema.lua:11", NULL, category_twice},
    {"a product twice", "E051", "product: \"p\" is declared twice, first at case.lua:7", NULL,
     product_twice},
    {"a segment twice", "E051", "segment: \"s\" is declared twice", NULL, segment_twice},
    {"a dimension twice", "E051", "dimension: \"income\" is declared twice, first at ?:0", NULL,
     dimension_twice},
    {"a rule twice", "E051", "rule: \"r\" is declared twice", NULL, rule_twice},
    {"an unknown type", "E052", "attribute \"x\": unknown type", NULL, attribute_type},
    {"a falling range", "E053", "attribute \"x\": range must rise", NULL, attribute_range},
    {"a range of no number", "E053", "attribute \"x\": range must rise", NULL,
     attribute_range_of_nothing},
    {"a negative step", "E053", "attribute \"x\": step must be", NULL, attribute_step},
    {"an infinite step", "E053", "attribute \"x\": step must be", NULL,
     attribute_step_infinite},
    {"two product sets", "E055", "attribute \"x\": \"holdings\" is the product set already",
     NULL, product_set_twice},
    {"a tier's points", "E057",
     "tier \"premium\": the raise of \"income\" must be a finite number", NULL, tier_points},
    {"a rule's points", "E057", "rule \"r\": points must be a finite number", NULL,
     rule_points},
    {"a boost's points", "E057", "segment \"s\": boost of \"saving\" must be a finite", NULL,
     boost_points},
    {"a product's window", "E063", "product \"p\": from must lie before until", NULL,
     product_window},
    {"a rule's window", "E063", "rule \"r\": from must lie before until", NULL, rule_window},
    {"a product after itself", "E064", "product \"p\": names itself", NULL, after_itself},
    {"a product not with itself", "E064", "product \"p\": names itself", NULL, not_with_itself},
    {"a minimum above the maximum", "E065", "product \"p\": the minimum of \"income\" lies",
     NULL, bound_falling},
    {"a maximum of no number", "E065", "product \"p\": the minimum of \"income\" lies", NULL,
     bound_of_no_number},
    {"a tier above the maximum", "E065", "product \"p\": tier \"premium\" raises the minimum",
     NULL, tier_above_maximum},
    {"a tier without minimum", "E066",
     "product \"p\": tier \"premium\" raises the minimum of \"credit_score\"", NULL,
     tier_without_minimum},
    {"an ideal at the minimum", "E070", "product \"p\": ideal_income must lie above", NULL,
     ideal_at_minimum},
    {"an ideal at the range's end", "E070", "product \"p\": ideal_credit_score must lie above",
     NULL, ideal_below_range},
    {"no ideal", "E071", "product \"p\": \"x\" has no ideal to score towards; add ideal_x",
     NULL, no_ideal},
    {"no room in the range", "E071", "product \"p\": \"credit\" has no ideal", NULL,
     no_room_in_range},
    {"a graded protected attribute", "E072", "\"age\" is protected and may only be a gate",
     NULL, graded_curve},
    {"a graded curve in no category", "E010", "unknown category \"travels\"", "travel",
     graded_in_no_category},
    {"a graded curve instead of a gate", "E072", "\"age\" is protected", NULL, graded_or_gate},
    {"a graded dimension", "E072", "\"age\" is protected", NULL, graded_dimension},
    {"a boost by age", "E072", "\"s\" gives points by a protected attribute", NULL,
     boost_by_age},
    {"a boost by age in a regulated category", "E072", "\"s\" gives points by", NULL,
     boost_elsewhere},
    {"an adjustment by nested age", "E072", "\"r\" gives points by", NULL,
     adjust_by_nested_age},
    {"an adjustment by a segment of age", "E072", "\"r\" gives points by", NULL,
     adjust_by_segment_of_age},
    {"an adjustment by age and category", "E072", "\"r\" gives points by", NULL,
     adjust_by_age_and_category},
    {"points instead of an exclusion by age", "E072", "\"r\" gives points by", NULL,
     exclude_by_age},
    {"no dimension", "E073", "product \"p\": no dimension scores it", NULL, no_dimension},
    {"no weight", "E074", "scoring \"x\": weight must be a number above 0", NULL,
     weight_of_nothing},
    {"an infinite weight", "E074", "scoring \"x\": weight must be", NULL, weight_infinite},
    {"an upright ramp", "E075", "product \"p\": ramp(lo, hi) needs two different numbers", NULL,
     ramp_upright},
    {"an infinite ramp", "E075", "product \"p\": ramp(lo, hi) needs two finite numbers", NULL,
     ramp_infinite},
    {"a falling band", "E075", "product \"p\": band(lo, a, b, hi) needs four numbers", NULL,
     band_falling},
    {"no steps", "E075", "product \"p\": steps needs 1 to 16 points", NULL, steps_of_nothing},
    {"17 steps", "E075", "product \"p\": steps needs 1 to 16 points", NULL, steps_too_many},
    {"a step above 1", "E075", "product \"p\": each step must give 0 to 1", NULL,
     steps_too_high},
    {"falling steps", "E075", "product \"p\": the points of steps must not fall", NULL,
     steps_falling},
    {"an unknown curve", "E075", "product \"p\": there is no such curve", NULL, curve_unknown},
    {"a dimension's curve", "E075", "scoring \"x\": ramp(lo, hi)", NULL, dimension_curve},
    {"65 dimensions", "E076", "scoring: at most 64 dimensions", NULL, dimensions_too_many},
    {"an ideal that nothing scores", "E077",
     "product \"p\": scoring has no dimension for \"x\"", NULL, unscored_ideal},
    {"a value of nothing", "E078", "product \"p\": value and lever must be", NULL,
     value_of_nothing},
    {"an infinite lever", "E078", "product \"p\": value and lever must be", NULL,
     lever_infinite},
    {"a reason that is not true", "E079",
     "product \"p\": its reason speaks of \"credit_score\"", NULL, reason_of_nothing},
    {"a threshold below 0", "E080", "threshold: must lie between 0 and 100", NULL,
     threshold_low},
    {"a threshold above 100", "E080", "threshold: must lie between 0 and 100", NULL,
     threshold_high},
    {"a threshold of no number", "E080", "threshold: must lie", NULL, threshold_of_nothing},
    {"a limit of nothing", "E081", "limit: must be a whole number from 1", NULL,
     limit_of_nothing},
};

static void it_reports_each_fault(void)
{
    check_unlawful(cases, sizeof cases / sizeof *cases);
}

static void it_seals_the_nearest_lawful_declaration(void)
{
    check_lawful(cases, sizeof cases / sizeof *cases);
}

int main(void)
{
    RUN("a wrong name, number, score or regulated rule is one finding", it_reports_each_fault);
    RUN("its nearest lawful neighbour is sealed without a finding",
        it_seals_the_nearest_lawful_declaration);
    return check_report();
}
