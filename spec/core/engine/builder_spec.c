/* builder_spec.c: what a builder is told is its own copy. */
#include "check.h"
#include "small_rules.h"

/* Every text and array lies in here and is overwritten before sealing. */
typedef struct caller {
    char id[8], category[8], attribute[8], tier[8], reason[8], group[8], file[8], word[8];
    const char *words[1], *others[1];
    oe_bound bounds[1];
    oe_ideal ideals[1];
    oe_product_curve curves[1];
    oe_gate gates[1];
    oe_boost boosts[1];
} caller;

static void tell(oe_builder *builder, caller *told)
{
    *told = (caller){"card",  "saving", "worth",   "prime",      "reason",
                     "group", "mine",   "fortune", {told->word}, {"other"},
                     {{0}},   {{0}},    {{0}},     {{0}},        {{0}}};
    oe_where where = {told->file, 3};
    oe_attribute attribute = small_attribute(told->attribute, OE_NUMBER);
    attribute.words = told->words;
    attribute.word_count = 1;
    oe_dimension dimension = small_dimension("worth", told->attribute);
    dimension.ideal = 100;
    told->bounds[0] = (oe_bound){told->attribute, 1, 50, where};
    told->ideals[0] = (oe_ideal){told->attribute, 60, where};
    told->curves[0] = (oe_product_curve){told->attribute, {.kind = OE_CURVE_GATE}, where};
    told->gates[0] =
        (oe_gate){"when", small_compare(builder, OE_KNOWN, told->attribute, 0), where};
    told->boosts[0] = (oe_boost){false, told->id, 5, where};
    oe_product product = small_product(told->id, told->category);
    product.tier = told->tier;
    product.reason = told->reason;
    product.group = told->group;
    product.bounds = told->bounds;
    product.ideals = told->ideals; /* one bound is counted already */
    product.curves = told->curves;
    product.gates = told->gates;
    product.ideal_count = product.curve_count = product.gate_count = 1;
    product.after = told->others;
    product.after_count = 1;
    product.where = where;
    oe_segment segment = small_segment("segment", told->gates[0].condition);
    segment.boosts = told->boosts;
    segment.boost_count = 1;
    oe_builder_attribute(builder, &attribute);
    oe_builder_dimension(builder, &dimension);
    oe_builder_product(builder, &product);
    oe_builder_segment(builder, &segment);
    oe_builder_tier(builder, told->tier, told->attribute, 2, where);
    oe_builder_limit(builder, OE_LEVEL_GROUP, told->group, 1, where);
    oe_builder_threshold(builder, OE_LEVEL_CATEGORY, told->category, 10, where);
    oe_builder_fallback(builder, told->id, where);
    oe_builder_source(builder, told->file);
}

static void it_copies_everything(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_builder *builder = small_rules(dictionary);
    oe_product other = small_product("other", "saving");
    caller told;
    oe_builder_product(builder, &other);
    tell(builder, &told);
    memset(&told, 'X', sizeof told);
    oe_ruleset *ruleset = small_seal(builder);
    if (CHECK(ruleset != NULL)) {
        const oe_product *product = oe_ruleset_product(ruleset, 1);
        CHECK_TEXT(product->id, "card");
        CHECK_TEXT(product->category, "saving");
        CHECK_TEXT(product->tier, "prime");
        CHECK_TEXT(product->reason, "reason");
        CHECK_TEXT(product->group, "group");
        CHECK_TEXT(product->after[0], "other");
        CHECK_TEXT(product->where.file, "mine");
        CHECK_TEXT(product->bounds[0].attribute, "worth");
        CHECK_NEAR(product->bounds[0].low, 3, 0);
        CHECK_NEAR(product->ideals[0].value, 60, 0);
        CHECK_TEXT(product->ideals[0].where.file, "mine");
        CHECK_TEXT(product->curves[0].attribute, "worth");
        CHECK_TEXT(product->gates[0].name, "when");
        CHECK_TEXT(oe_ruleset_condition_text(ruleset, product->gates[0].condition),
                   "worth is on file");
        CHECK_TEXT(oe_ruleset_segment(ruleset, 0)->boosts[0].target, "card");
        CHECK_TEXT(oe_ruleset_attribute(ruleset, 7)->words[0], "fortune");
        CHECK_TEXT(oe_ruleset_source(ruleset), "mine");
        CHECK_NEAR(oe_ruleset_threshold(ruleset, 1), 10, 0);
    }
    oe_ruleset_free(ruleset);
    oe_dictionary_free(dictionary);
}

static void it_copies_findings(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_builder *builder = oe_builder_new(dictionary);
    char text[] = "E001";
    oe_finding finding = {OE_ERROR, text, {text, 4}, text, text};
    CHECK_INT(oe_builder_finding_count(builder), 0);
    CHECK(oe_builder_finding_get(builder, 0) == NULL);
    CHECK_INT(oe_builder_report(builder, &finding), OE_OK);
    CHECK_INT(oe_builder_report(builder, &finding),
              OE_OK); /* the caller's own are not judged */
    memset(text, 'X', 4);
    CHECK_INT(oe_builder_finding_count(builder), 2);
    const oe_finding *copy = oe_builder_finding_get(builder, 0);
    CHECK_TEXT(copy->code, "E001");
    CHECK_TEXT(copy->message, "E001");
    CHECK_TEXT(copy->suggestion, "E001");
    CHECK_TEXT(copy->where.file, "E001");
    CHECK_INT(copy->where.line, 4);
    oe_ruleset *ruleset;
    CHECK_INT(oe_builder_seal(builder, &ruleset, NULL), OE_E_INVALID);
    oe_builder_free(builder);
    oe_builder_free(NULL);
    oe_dictionary_free(dictionary);
}

/* More of each than the first allocation holds. */
static void it_takes_many(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_builder *builder = small_rules(dictionary);
    char id[16];
    for (int i = 0; i < 300; i++) {
        snprintf(id, sizeof id, "p%d", i);
        oe_product product = small_product(id, "saving");
        oe_rule rule = small_rule(id, i);
        oe_builder_product(builder, &product);
        oe_builder_rule(builder, &rule);
        CHECK_INT(small_compare(builder, OE_AT_LEAST, "income", i), i);
    }
    oe_ruleset *ruleset = small_seal(builder);
    if (CHECK(ruleset != NULL)) {
        CHECK_INT(oe_ruleset_count(ruleset, OE_PRODUCTS), 300);
        CHECK_INT(oe_ruleset_find(ruleset, OE_PRODUCTS, "p299", 4), 299);
        CHECK_TEXT(oe_ruleset_product(ruleset, 17)->id, "p17");
        CHECK_NEAR(oe_ruleset_rule(ruleset, 299)->points, 299, 0);
        CHECK_TEXT(oe_ruleset_condition_text(ruleset, 299), "income >= 299");
    }
    oe_ruleset_free(ruleset);
    oe_dictionary_free(dictionary);
}

int main(void)
{
    RUN("everything that a builder is told is copied", it_copies_everything);
    RUN("findings are copied, and an error of the caller's own hinders sealing",
        it_copies_findings);
    RUN("a builder takes as many declarations as come", it_takes_many);
    return check_report();
}
