/* seal_spec.c: every finding of sealing, beside the nearest declaration that is lawful. */
#include "finding_cases.h"

#include <float.h>

static void add_product(oe_builder *builder, const oe_product *product)
{
    oe_builder_product(builder, product);
}

static void plain(oe_builder *builder, const char *id)
{
    oe_product product = small_product(id, "saving");
    add_product(builder, &product);
}

static void gated(oe_builder *builder, oe_condition condition)
{
    oe_product product = small_product("gated", "saving");
    oe_gate gate = {"requires", condition, small_where()};
    product.gates = &gate;
    product.gate_count = 1;
    add_product(builder, &product);
}

static void adjusting(oe_builder *builder, oe_condition condition)
{
    oe_rule rule = small_rule("rule", 5);
    rule.condition = condition;
    oe_builder_rule(builder, &rule);
}

static void boosting(oe_builder *builder, bool is_category, const char *target, double points)
{
    oe_boost boost = {is_category, target, points, small_where()};
    oe_segment segment =
        small_segment("segment", small_compare(builder, OE_AT_LEAST, "income", 1));
    segment.boosts = &boost;
    segment.boost_count = 1;
    oe_builder_segment(builder, &segment);
}

/* ---- references ---- */

static void product_category(oe_builder *b, bool lawful)
{
    oe_product product = small_product("p", lawful ? "saving" : "savng");
    add_product(b, &product);
}

static void product_without_category(oe_builder *b, bool lawful)
{
    oe_product product = small_product("p", lawful ? "travel" : NULL);
    add_product(b, &product);
}

static void scope_category(oe_builder *b, bool lawful)
{
    const char *categories[] = {lawful ? "travel" : "tarvel"};
    oe_rule rule = small_rule("rule", 5);
    rule.scope = (oe_scope){.categories = categories, .category_count = 1};
    oe_builder_rule(b, &rule);
}

static void boost_category(oe_builder *b, bool lawful)
{
    boosting(b, true, lawful ? "credit" : "creditt", 5);
}

static void threshold_category(oe_builder *b, bool lawful)
{
    oe_builder_threshold(b, OE_LEVEL_CATEGORY, lawful ? "credit" : "credti", 40, small_where());
}

static void limit_category(oe_builder *b, bool lawful)
{
    oe_builder_limit(b, OE_LEVEL_CATEGORY, lawful ? "travel" : "cruises", 2, small_where());
}

static void lacks_category(oe_builder *b, bool lawful)
{
    gated(b, small_named(b, OE_LACKS_CATEGORY, lawful ? "saving" : "savings"));
}

static void after_product(oe_builder *b, bool lawful)
{
    const char *after[] = {lawful ? "card" : "crad"};
    oe_product product = small_product("p", "saving");
    product.after = after;
    product.after_count = 1;
    plain(b, "card");
    add_product(b, &product);
}

static void not_with_product(oe_builder *b, bool lawful)
{
    const char *not_with[] = {lawful ? "card" : "cart"};
    oe_product product = small_product("p", "saving");
    product.not_with = not_with;
    product.not_with_count = 1;
    plain(b, "card");
    add_product(b, &product);
}

static void owns_product(oe_builder *b, bool lawful)
{
    plain(b, "card");
    gated(b, small_named(b, OE_OWNS, lawful ? "card" : "carb"));
}

static void lacks_product(oe_builder *b, bool lawful)
{
    plain(b, "card");
    gated(b, small_named(b, OE_LACKS, lawful ? "card" : NULL));
}

static void fallback_product(oe_builder *b, bool lawful)
{
    plain(b, "card");
    oe_builder_fallback(b, lawful ? "card" : "ca", small_where());
}

static void boost_product(oe_builder *b, bool lawful)
{
    plain(b, "card");
    boosting(b, false, lawful ? "card" : "saving", 5);
}

static void boost_nothing(oe_builder *b, bool lawful)
{
    plain(b, "card");
    boosting(b, false, lawful ? "card" : NULL, 5);
}

static void scope_product(oe_builder *b, bool lawful)
{
    const char *products[] = {lawful ? "card" : "cards"};
    oe_rule rule = small_rule("rule", 5);
    plain(b, "card");
    rule.scope = (oe_scope){.products = products, .product_count = 1};
    oe_builder_rule(b, &rule);
}

static void threshold_product(oe_builder *b, bool lawful)
{
    plain(b, "card");
    oe_builder_threshold(b, OE_LEVEL_PRODUCT, lawful ? "card" : "xcard", 40, small_where());
}

static void bound_attribute(oe_builder *b, bool lawful)
{
    oe_bound bounds[] = {{lawful ? "income" : "incme", 1, 2, {"case.lua", 7}},
                         {"balance", 1, HUGE_VAL, {"case.lua", 7}}};
    oe_product product = small_product("p", "saving");
    product.bounds = bounds;
    product.bound_count = 2;
    add_product(b, &product);
}

static void condition_attribute(oe_builder *b, bool lawful)
{
    gated(b, small_compare(b, OE_AT_LEAST, lawful ? "balance" : "ballance", 1));
}

static void condition_on_nothing(oe_builder *b, bool lawful)
{
    gated(b, small_compare(b, OE_KNOWN, lawful ? "balance" : NULL, 1));
}

static void dimension_attribute(oe_builder *b, bool lawful)
{
    oe_dimension dimension = small_dimension("d", lawful ? "region_income" : "region_incomes");
    oe_attribute attribute = small_attribute("region_income", OE_NUMBER);
    oe_builder_attribute(b, &attribute);
    oe_builder_dimension(b, &dimension);
}

static void dimension_of_nothing(oe_builder *b, bool lawful)
{
    oe_dimension dimension = small_dimension("d", lawful ? "income" : NULL);
    dimension.ideal = 5e6;
    plain(b, "card");
    oe_builder_dimension(b, &dimension);
}

static void ideal_attribute(oe_builder *b, bool lawful)
{
    oe_ideal ideal = {lawful ? "balance" : "balanse", 9e4, {"case.lua", 7}};
    oe_product product = small_product("p", "saving");
    product.ideals = &ideal;
    product.ideal_count = 1;
    add_product(b, &product);
}

static void ideal_of_nothing(oe_builder *b, bool lawful)
{
    oe_ideal ideal = {lawful ? "balance" : NULL, 9e4, {"case.lua", 7}};
    oe_product product = small_product("p", "saving");
    product.ideals = &ideal;
    product.ideal_count = 1;
    add_product(b, &product);
}

static void curve_attribute(oe_builder *b, bool lawful)
{
    oe_product_curve curve = {
        lawful ? "balance" : "balence", {.kind = OE_CURVE_RAMP, .x = {0, 10}}, {"case.lua", 7}};
    oe_product product = small_product("p", "saving");
    product.curves = &curve;
    product.curve_count = 1;
    add_product(b, &product);
}

static void tier_attribute(oe_builder *b, bool lawful)
{
    oe_builder_tier(b, "premium", lawful ? "credit_score" : "credit_scor", 40, small_where());
}

static void tier_of_nothing(oe_builder *b, bool lawful)
{
    oe_product product = small_product("p", "saving");
    product.tier = "premium";
    oe_builder_tier(b, "premium", "income", 1, small_where());
    oe_builder_tier(b, lawful ? "premium" : NULL, lawful ? "income" : NULL, 1, small_where());
    add_product(b, &product);
}

static void in_segment(oe_builder *b, bool lawful)
{
    boosting(b, true, "credit", 5);
    gated(b, small_named(b, OE_IN_SEGMENT, lawful ? "segment" : "sgement"));
}

static void minimum_out_of_range(oe_builder *b, bool lawful)
{
    oe_product card = small_product("card", "credit");
    oe_bound bound = {"age", lawful ? 130 : 131, HUGE_VAL, small_where()};
    card.bounds = &bound;
    card.bound_count = 1;
    oe_builder_product(b, &card);
}

static void ideal_out_of_range(oe_builder *b, bool lawful)
{
    oe_product card = small_product("card", "credit");
    oe_ideal ideal = {"credit_score", lawful ? 850 : 851, small_where()};
    card.ideals = &ideal;
    card.ideal_count = 1;
    oe_builder_product(b, &card);
}

static void condition_out_of_range(oe_builder *b, bool lawful)
{
    small_compare(b, OE_AT_MOST, "credit_score", lawful ? 300 : 299);
}

static void threshold_twice(oe_builder *b, bool lawful)
{
    oe_builder_threshold(b, OE_LEVEL_CATEGORY, "credit", 40, small_where());
    oe_builder_threshold(b, OE_LEVEL_CATEGORY, lawful ? "saving" : "credit", 50, small_where());
}

static void threshold_default_twice(oe_builder *b, bool lawful)
{
    oe_builder_threshold(b, OE_LEVEL_DEFAULT, NULL, 40, small_where());
    oe_builder_threshold(b, lawful ? OE_LEVEL_CATEGORY : OE_LEVEL_DEFAULT,
                         lawful ? "saving" : NULL, 50, small_where());
}

static void limit_twice(oe_builder *b, bool lawful)
{
    oe_builder_limit(b, OE_LEVEL_CATEGORY, "credit", 1, small_where());
    oe_builder_limit(b, OE_LEVEL_CATEGORY, lawful ? "saving" : "credit", 2, small_where());
}

/* A higher bar for the old is a grade by age, unless the category has a bar of its own. */
static void threshold_by_age(oe_builder *b, bool lawful)
{
    oe_product card = small_product("card", "credit");
    oe_segment old = small_segment("old", small_compare(b, OE_AT_LEAST, "age", 60));
    oe_builder_product(b, &card);
    oe_builder_segment(b, &old);
    oe_builder_threshold(b, OE_LEVEL_SEGMENT, "old", 60, small_where());
    if (lawful)
        oe_builder_threshold(b, OE_LEVEL_CATEGORY, "credit", 40, small_where());
}

static void threshold_segment(oe_builder *b, bool lawful)
{
    boosting(b, true, "credit", 5);
    oe_builder_threshold(b, OE_LEVEL_SEGMENT, lawful ? "segment" : "segmentx", 40,
                         small_where());
}

static void tier_name(oe_builder *b, bool lawful)
{
    oe_product product = small_product("p", "saving");
    product.tier = lawful ? "premium" : "premum";
    oe_builder_tier(b, "premium", "income", 40, small_where());
    add_product(b, &product);
}

static void limit_group(oe_builder *b, bool lawful)
{
    oe_product product = small_product("p", "saving");
    product.group = "cards";
    add_product(b, &product);
    oe_builder_limit(b, OE_LEVEL_GROUP, lawful ? "cards" : "card", 2, small_where());
}

static void limit_no_group(oe_builder *b, bool lawful)
{
    oe_product product = small_product("p", "saving");
    product.group = "cards";
    add_product(b, &product);
    oe_builder_limit(b, OE_LEVEL_GROUP, lawful ? "cards" : NULL, 2, small_where());
}

/* ---- conditions ---- */

static void interval_of_text(oe_builder *b, bool lawful)
{
    gated(b, lawful ? small_text(b, OE_EQUALS, "region", "north")
                    : small_compare(b, OE_AT_LEAST, "region", 1));
}

static void number_for_text(oe_builder *b, bool lawful)
{
    gated(b, lawful ? small_text(b, OE_ONE_OF, "region", "1")
                    : small_compare(b, OE_ONE_OF, "region", 1));
}

static void text_never_had(oe_builder *b, bool lawful)
{
    oe_attribute attribute = small_attribute("colour", OE_TEXT);
    attribute.optional = true;
    attribute.values = (const char *const[]){"red", "green"};
    attribute.value_count = 2;
    oe_builder_attribute(b, &attribute);
    gated(b, small_text(b, OE_ONE_OF, "colour", lawful ? "green" : "grean"));
}

static void text_for_number(oe_builder *b, bool lawful)
{
    gated(b, lawful ? small_compare(b, OE_NONE_OF, "income", 1)
                    : small_text(b, OE_NONE_OF, "income", "1"));
}

static void flag_of_two(oe_builder *b, bool lawful)
{
    gated(b, small_compare(b, OE_EQUALS, "member", lawful ? 1 : 2));
}

static void product_set_compared(oe_builder *b, bool lawful)
{
    gated(b, small_compare(b, OE_KNOWN, lawful ? "member" : "holdings", 0));
}

static void bound_of_text(oe_builder *b, bool lawful)
{
    oe_bound bounds[] = {{"income", 1, HUGE_VAL, {"case.lua", 7}},
                         {lawful ? "age" : "region", 1, HUGE_VAL, {"case.lua", 7}}};
    oe_product product = small_product("p", "saving");
    product.bounds = bounds;
    product.bound_count = 2;
    add_product(b, &product);
}

static void dimension_of_flag(oe_builder *b, bool lawful)
{
    oe_dimension dimension = small_dimension("d", lawful ? "age" : "member");
    oe_builder_dimension(b, &dimension);
}

static void infinite_bound(oe_builder *b, bool lawful)
{
    gated(b, small_compare(b, OE_ABOVE, "income", lawful ? DBL_MAX : HUGE_VAL));
}

static void no_number(oe_builder *b, bool lawful)
{
    gated(b, small_between(b, "income", 1, lawful ? 1 : (double)NAN));
}

static void between_falling(oe_builder *b, bool lawful)
{
    gated(b, small_between(b, "income", lawful ? 2 : nextafter(2, 3), 2));
}

static void one_of_nothing(oe_builder *b, bool lawful)
{
    oe_value value = {5, NULL};
    gated(b, oe_builder_condition(b, &(oe_test){.op = OE_ONE_OF,
                                                .attribute = "income",
                                                .values = &value,
                                                .value_count = lawful,
                                                .where = small_where()}));
}

static void segment_cycle(oe_builder *b, bool lawful)
{
    oe_segment one = small_segment("one", small_named(b, OE_IN_SEGMENT, "two"));
    oe_segment two =
        small_segment("two", small_not(b, lawful ? small_compare(b, OE_KNOWN, "age", 0)
                                                 : small_named(b, OE_IN_SEGMENT, "one")));
    oe_builder_segment(b, &one);
    oe_builder_segment(b, &two);
}

static void segment_of_itself(oe_builder *b, bool lawful)
{
    oe_condition self = lawful ? small_named(b, OE_LACKS_CATEGORY, "saving")
                               : small_named(b, OE_IN_SEGMENT, "one");
    oe_segment one =
        small_segment("one", small_both(b, OE_ANY, small_compare(b, OE_KNOWN, "age", 0), self));
    oe_builder_segment(b, &one);
}

static void segment_without_condition(oe_builder *b, bool lawful)
{
    oe_segment one =
        small_segment("one", lawful ? small_compare(b, OE_KNOWN, "age", 0) : OE_NO_CONDITION);
    oe_builder_segment(b, &one);
}

static void gate_without_condition(oe_builder *b, bool lawful)
{
    gated(b, lawful ? small_compare(b, OE_KNOWN, "age", 0) : OE_NO_CONDITION);
}

static void segment_lacks_own_category(oe_builder *b, bool lawful)
{
    oe_segment one = small_segment(
        "one", small_not(b, small_named(b, OE_LACKS_CATEGORY, lawful ? "saving" : NULL)));
    oe_builder_segment(b, &one);
}

static void unknown_operator(oe_builder *b, bool lawful)
{
    oe_condition made = small_compare(b, lawful ? OE_KNOWN : OE_OPERATOR_COUNT, "age", 0);
    CHECK_INT(made == OE_NO_CONDITION, !lawful);
}

static void not_of_two(oe_builder *b, bool lawful)
{
    oe_condition part = small_compare(b, OE_KNOWN, "age", 0);
    oe_condition parts[] = {part, part};
    oe_condition made = oe_builder_condition(b, &(oe_test){.op = OE_NOT,
                                                           .parts = parts,
                                                           .part_count = lawful ? 1 : 2,
                                                           .where = small_where()});
    CHECK_INT(made == OE_NO_CONDITION, !lawful);
}

static void not_of_nothing(oe_builder *b, bool lawful)
{
    oe_condition part = small_compare(b, OE_KNOWN, "age", 0);
    oe_builder_condition(
        b,
        &(oe_test){.op = OE_NOT, .parts = &part, .part_count = lawful, .where = small_where()});
}

static void part_from_elsewhere(oe_builder *b, bool lawful)
{
    oe_condition part = small_compare(b, OE_KNOWN, "age", 0);
    oe_condition made = small_not(b, lawful ? part : part + 1);
    CHECK_INT(made == OE_NO_CONDITION, !lawful);
}

static void gate_from_elsewhere(oe_builder *b, bool lawful)
{
    oe_condition condition = small_compare(b, OE_KNOWN, "age", 0);
    adjusting(b, lawful ? condition : condition + 1);
}

/* ---- the table ---- */

static const finding_case cases[] = {
    {"a product's category", "E010", "unknown category \"savng\"", "saving", product_category},
    {"a product without category", "E010", "unknown category \"\"", NULL,
     product_without_category},
    {"a rule's category", "E010", "unknown category \"tarvel\"", "travel", scope_category},
    {"a boost's category", "E010", "unknown category \"creditt\"", "credit", boost_category},
    {"a threshold's category", "E010", "unknown category \"credti\"", "credit",
     threshold_category},
    {"a limit's category", "E010", "unknown category \"cruises\"", NULL, limit_category},
    {"lacks_category", "E010", "unknown category \"savings\"", "saving", lacks_category},
    {"after", "E011", "unknown product \"crad\"", "card", after_product},
    {"not_with", "E011", "unknown product \"cart\"", "card", not_with_product},
    {"owns", "E011", "unknown product \"carb\"", "card", owns_product},
    {"lacks without a name", "E011", "unknown product \"\"", NULL, lacks_product},
    {"a fallback", "E011", "unknown product \"ca\"", NULL, fallback_product},
    {"a boost of a category as a product", "E011", "unknown product \"saving\"", NULL,
     boost_product},
    {"a boost of nothing", "E011", "unknown product \"\"", NULL, boost_nothing},
    {"a rule's product", "E011", "unknown product \"cards\"", "card", scope_product},
    {"a threshold's product", "E011", "unknown product \"xcard\"", "card", threshold_product},
    {"a bound's attribute", "E012", "unknown attribute \"incme\"", "income", bound_attribute},
    {"a condition's attribute", "E012", "unknown attribute \"ballance\"", "balance",
     condition_attribute},
    {"a condition without attribute", "E012", "unknown attribute \"\"", NULL,
     condition_on_nothing},
    {"a dimension's attribute", "E012", "unknown attribute \"region_incomes\"", "region_income",
     dimension_attribute},
    {"a dimension without attribute", "E012", "unknown attribute \"\"", NULL,
     dimension_of_nothing},
    {"an ideal's attribute", "E012", "unknown attribute \"balanse\"", "balance",
     ideal_attribute},
    {"an ideal without attribute", "E012", "unknown attribute \"\"", NULL, ideal_of_nothing},
    {"a curve's attribute", "E012", "unknown attribute \"balence\"", "balance",
     curve_attribute},
    {"a tier's attribute", "E012", "unknown attribute \"credit_scor\"", "credit_score",
     tier_attribute},
    {"a tier of nothing", "E012", "unknown attribute \"\"", NULL, tier_of_nothing},
    {"in_segment", "E013", "unknown segment \"sgement\"", "segment", in_segment},
    {"a condition that nobody can meet", "E068", "condition: no customer can have this", NULL,
     condition_out_of_range},
    {"a minimum that nobody can have", "E068",
     "card: no customer can have this \"age\"; it lies", NULL, minimum_out_of_range},
    {"an ideal that nobody can have", "E068", "card: no customer can have this", NULL,
     ideal_out_of_range},
    {"a threshold declared twice", "E051", "threshold: \"credit\" is declared twice", NULL,
     threshold_twice},
    {"a default threshold declared twice", "E051", "threshold: \"default\" is declared twice",
     NULL, threshold_default_twice},
    {"a limit declared twice", "E051", "limit: \"credit\" is declared twice", NULL,
     limit_twice},
    {"a credit threshold by age", "E072", "threshold of segment \"old\" hangs on", NULL,
     threshold_by_age},
    {"a threshold's segment", "E013", "unknown segment \"segmentx\"", "segment",
     threshold_segment},
    {"a product's tier", "E014", "unknown tier \"premum\"", "premium", tier_name},
    {"a limit's group", "E017", "limit: no product has group = \"card\"", "cards", limit_group},
    {"a limit without group", "E017", "limit: no product has group = \"\"", NULL,
     limit_no_group},
    {"an interval of text", "E056", "attribute \"region\" is no number", NULL,
     interval_of_text},
    {"a number for text", "E056", "condition on \"region\": each value must be a text", NULL,
     number_for_text},
    {"a text for a number", "E056", "condition on \"income\": each value must be a number",
     NULL, text_for_number},
    {"a text that the attribute never is", "E105", "attribute \"colour\" is never \"grean\"",
     "green", text_never_had},
    {"a flag of two", "E056", "condition on \"member\": each value must be true or false", NULL,
     flag_of_two},
    {"the product set compared", "E056", "attribute \"holdings\" is the set of owned products",
     NULL, product_set_compared},
    {"a bound of text", "E056", "product \"p\": \"region\" is no number", NULL, bound_of_text},
    {"a dimension of a flag", "E056", "scoring \"d\": \"member\" is no number", NULL,
     dimension_of_flag},
    {"an infinite comparison", "E057", "condition on \"income\": the number must be finite",
     NULL, infinite_bound},
    {"a comparison with no number", "E057", "condition on \"income\": the number must be", NULL,
     no_number},
    {"a falling interval", "E058", "condition on \"income\": between(low, high) needs", NULL,
     between_falling},
    {"one of nothing", "E059", "condition on \"income\": names no value", NULL, one_of_nothing},
    {"segments in a circle", "E060", "segment \"one\": its condition leads back to itself",
     NULL, segment_cycle},
    {"a segment of itself", "E060", "segment \"one\": its condition leads back to itself", NULL,
     segment_of_itself},
    {"a segment without condition", "E061", "segment \"one\": has no condition", NULL,
     segment_without_condition},
    {"a gate without condition", "E061", "product \"gated\": a gate has no condition", NULL,
     gate_without_condition},
    {"a segment that lacks its product's category", "E062",
     "segment \"one\": lacks_category() must name a category", NULL,
     segment_lacks_own_category},
    {"an unknown test", "E067", "condition: there is no such test", NULL, unknown_operator},
    {"not with two parts", "E067", "condition: not needs exactly one part", NULL, not_of_two},
    {"not without a part", "E067", "condition: not needs exactly one part", NULL,
     not_of_nothing},
    {"a part that is not there", "E067", "condition: there is no such part", NULL,
     part_from_elsewhere},
    {"a condition of another builder", "E067", "condition: it was not made by this builder",
     NULL, gate_from_elsewhere},
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
    RUN("a wrong reference or condition is one finding with code, place and suggestion",
        it_reports_each_fault);
    RUN("its nearest lawful neighbour is sealed without a finding",
        it_seals_the_nearest_lawful_declaration);
    return check_report();
}
