/* canonical_spec.c: bytes that are equal when rules mean the same: every field of every
 * declaration counts, places and the order of what has none do not. */
#include "check.h"
#include "engine/ruleset.h"
#include "engine/text.h"
#include "small_rules.h"

#include <stdlib.h>

/* One of each declaration on top of the small vocabulary. */
typedef struct parts {
    oe_attribute attribute;
    oe_category category;
    oe_product product;
    oe_segment segment;
    oe_dimension dimension;
    oe_rule rule;
    oe_ladder ladder;
    oe_test test; /* the condition of the segment */
    oe_attribute derived;
    oe_derivation derivation;
    const char *tier, *currency, *program, *fallback, *message;
    double raise, threshold;
    uint32_t limit;
    oe_policy policy;
    int64_t reservation_ms;
    bool owns_accepted, products_reversed, segments_reversed;
    int line; /* of everything */
} parts;

static const char *const words[] = {"extra", "more"}, *const swapped[] = {"more", "extra"};
static const char *const others[] = {"other", "third"}, *const srehto[] = {"third", "other"};
static oe_bound bounds[] = {{"income", 10000, 90000, {NULL, 0}},
                            {"balance", 5, 500, {NULL, 0}}},
                sdnuob[] = {{"balance", 5, 500, {NULL, 0}},
                            {"income", 10000, 90000, {NULL, 0}}},
                low[] = {{"income", 10001, 90000, {NULL, 0}}, {"balance", 5, 500, {NULL, 0}}},
                high[] = {{"income", 10000, 90001, {NULL, 0}}, {"balance", 5, 500, {NULL, 0}}};
static oe_ideal ideals[] = {{"income", 50000, {NULL, 0}}},
                ideal[] = {{"income", 50001, {NULL, 0}}};
static oe_product_curve
    curves[] = {{.attribute = "balance", .curve = {.kind = OE_CURVE_RAMP, .x = {0, 5}}}},
    curve[] = {{.attribute = "balance", .curve = {.kind = OE_CURVE_RAMP, .x = {0, 6}}}},
    call[] = {{.attribute = "balance", .curve = {.kind = OE_CURVE_CALL}}},
    steps[] =
        {{.attribute = "balance",
          .curve = {.kind = OE_CURVE_STEPS, .x = {0, 5}, .y = {0.5, 1}, .point_count = 2}}},
    step[] = {
        {.attribute = "balance",
         .curve = {.kind = OE_CURVE_STEPS, .x = {0, 5}, .y = {0.25, 1}, .point_count = 2}}};
static const double bands[] = {40, 62}, older[] = {40, 63};
static const oe_value keys[] = {{0, "north"}, {0, "south"}},
                      syek[] = {{0, "south"}, {0, "north"}}, numbers[] = {{5, NULL}, {6, NULL}},
                      srebmun[] = {{6, NULL}, {5, NULL}};
static oe_boost boosts[] = {{true, "saving", 5, {NULL, 0}}, {false, "other", 6, {NULL, 0}}},
                stsoob[] = {{false, "other", 6, {NULL, 0}}, {true, "saving", 5, {NULL, 0}}},
                boost[] = {{true, "saving", 5, {NULL, 0}}, {false, "other", 7, {NULL, 0}}},
                target[] = {{true, "travel", 5, {NULL, 0}}, {false, "other", 6, {NULL, 0}}};
static oe_step ladder_steps[] = {{"card", {NULL, 0}}, {"other", {NULL, 0}}},
               spets[] = {{"other", {NULL, 0}}, {"card", {NULL, 0}}};
static oe_value values[] = {{0, "north"}, {0, "south"}}, value[] = {{0, "north"}, {0, "west"}};

static parts make_parts(void)
{
    parts all = {
        .attribute = small_attribute("extra", OE_NUMBER),
        .category = {.id = "shelf", .name = "Shelf"},
        .product = small_product("card", "saving"),
        .segment = small_segment("group", OE_NO_CONDITION),
        .dimension = small_dimension("extra", "extra"),
        .rule = small_rule("bonus", 5),
        .ladder = {.id = "way", .steps = ladder_steps, .step_count = 2},
        .test = {.op = OE_ONE_OF, .attribute = "region", .values = values, .value_count = 2},
        .derived = small_attribute("computed", OE_NUMBER),
        .derivation = {.attribute = "computed",
                       .key = "region",
                       .keys = keys,
                       .values = numbers,
                       .row_count = 2},
        .tier = "gold",
        .fallback = "card",
        .raise = 7,
        .threshold = 30,
        .limit = 5,
        .policy = {.kind = OE_POLICY_CAP,
                   .id = "three",
                   .at_most = 3,
                   .window_ms = 86400000,
                   .until_ms = INT64_MAX},
        .line = 1};
    all.policy.channels = others;
    all.policy.channel_count = 2;
    all.derived.derived = true;
    all.attribute.words = words;
    all.attribute.word_count = 2;
    all.attribute.groups = bands;
    all.attribute.group_count = 2;
    all.dimension.weight = 5;
    all.dimension.ideal = 8;
    all.product.tier = "gold";
    all.product.bounds = bounds;
    all.product.bound_count = 2;
    all.product.ideals = ideals;
    all.product.ideal_count = 1;
    all.product.curves = curves;
    all.product.curve_count = 1;
    all.product.not_with = others;
    all.product.not_with_count = 2;
    all.segment.boosts = boosts;
    all.segment.boost_count = 2;
    all.rule.scope.products = others;
    all.rule.scope.product_count = 2;
    return all;
}

static void add_products(oe_builder *builder, const parts *all)
{
    oe_product other = small_product("other", "saving"),
               third = small_product("third", "saving");
    other.where.line = third.where.line = all->line;
    if (!all->products_reversed)
        oe_builder_product(builder, &all->product);
    oe_builder_product(builder, all->products_reversed ? &third : &other);
    oe_builder_product(builder, all->products_reversed ? &other : &third);
    if (all->products_reversed)
        oe_builder_product(builder, &all->product);
}

static void add_segments(oe_builder *builder, const parts *all)
{
    oe_condition old = small_compare(builder, OE_AT_LEAST, "balance", 60);
    oe_segment segment = all->segment, second = small_segment("second", old);
    segment.condition = oe_builder_condition(builder, &all->test);
    oe_builder_segment(builder, all->segments_reversed ? &second : &segment);
    oe_builder_segment(builder, all->segments_reversed ? &segment : &second);
}

static void take(void *context, const char *bytes, size_t length)
{
    oe__buffer_add(context, bytes, length);
}

/* The canonical bytes, terminated; to be freed. */
static char *canonical(const parts *all)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_builder *builder = small_rules(dictionary);
    oe_where where = {"parts.lua", all->line};
    oe_builder_attribute(builder, &all->attribute);
    oe_builder_attribute(builder, &all->derived);
    oe_builder_derive(builder, &all->derivation);
    oe_builder_category(builder, &all->category);
    add_products(builder, all);
    add_segments(builder, all);
    oe_builder_dimension(builder, &all->dimension);
    oe_builder_rule(builder, &all->rule);
    oe_builder_ladder(builder, &all->ladder);
    oe_builder_tier(builder, all->tier, "income", all->raise, where);
    oe_builder_threshold(builder, OE_LEVEL_CATEGORY, "saving", all->threshold, where);
    oe_builder_limit(builder, OE_LEVEL_DEFAULT, NULL, all->limit, where);
    oe_builder_fallback(builder, all->fallback, where);
    oe_builder_own_accepted(builder, all->owns_accepted);
    oe_builder_policy(builder, &all->policy);
    if (all->reservation_ms != 0)
        oe_builder_reservation(builder, all->reservation_ms);
    if (all->currency != NULL)
        oe_builder_currency(builder, all->currency);
    if (all->message != NULL)
        oe_builder_message(builder, all->message, 0, NULL, where);
    if (all->program != NULL)
        oe_builder_program(builder, all->program);
    oe_ruleset *ruleset = small_seal(builder);
    oe__buffer bytes = {0};
    if (CHECK(ruleset != NULL))
        CHECK_INT(oe__ruleset_canonical(ruleset, (oe__byte_sink){take, &bytes}), OE_OK);
    oe__buffer_add_char(&bytes, '\0');
    oe_ruleset_free(ruleset);
    oe_dictionary_free(dictionary);
    return bytes.data;
}

/* ---- one change each; returns how many ---- */

static size_t change_attribute(parts *list)
{
    size_t n = 0;
    list[n++].attribute.unit = "points";
    list[n++].attribute.label = "Extra";
    list[n++].attribute.minimum = -5;
    list[n++].attribute.maximum = 1e6;
    list[n++].attribute.step = 2;
    list[n++].attribute.optional = false;
    list[n++].attribute.nullable = true;
    list[n++].attribute.is_protected = true;
    list[n++].attribute.immutable = true;
    list[n++].attribute.words = swapped;
    list[n++].attribute.word_count = 1;
    list[n++].attribute.groups = older;
    list[n++].attribute.group_count = 1;
    list[n++].attribute.type = OE_MONEY;
    return n;
}

static size_t change_product(parts *list)
{
    size_t n = 0;
    list[n++].product.name = "Card";
    list[n++].product.category = "travel";
    list[n++].product.tier = NULL;
    list[n++].product.reason = "A good one";
    list[n++].product.group = "cards";
    list[n++].product.bounds = low;
    list[n++].product.bounds = high;
    list[n++].product.ideals = ideal;
    list[n++].product.curves = curve;
    list[n++].product.curves = steps;
    list[n++].product.curves = step;
    list[n++].product.curves = call;
    list[n++].product.not_with_count = 1;
    list[n].product.after = others;
    list[n].product.after_count = 2;
    list[n++].product.not_with_count = 0;
    list[n++].product.from_ms = 86400000;
    list[n++].product.until_ms = 86400000;
    list[n++].product.value = 2;
    list[n++].product.lever = 2;
    list[n++].product.off = true;
    list[n++].product.message = "Our {name}.";
    return n;
}

static size_t change_segment(parts *list)
{
    size_t n = 0;
    list[n++].segment.name = "Group";
    list[n++].segment.boosts = boost;
    list[n++].segment.boosts = target;
    list[n++].segment.boost_count = 1;
    list[n++].test.op = OE_NONE_OF;
    list[n++].test.values = value;
    list[n++].test.value_count = 1;
    list[n++].test = (oe_test){.op = OE_AT_LEAST, .attribute = "balance", .low = 5};
    list[n++].test = (oe_test){.op = OE_AT_LEAST, .attribute = "balance", .low = 6};
    list[n++].test = (oe_test){.op = OE_AT_LEAST, .attribute = "income", .low = 5};
    list[n++].test = (oe_test){.op = OE_AT_MOST, .attribute = "balance", .high = 5};
    list[n++].test = (oe_test){.op = OE_OWNS, .name = "other"};
    list[n++].test = (oe_test){.op = OE_OWNS, .name = "third"};
    list[n++].test = (oe_test){.op = OE_CALL, .name = "group"};
    list[n++].segments_reversed = true;
    return n;
}

static size_t change_rest(parts *list)
{
    size_t n = 0;
    list[n++].category.name = "Board";
    list[n++].category.regulated_credit = true;
    list[n++].dimension.weight = 6;
    list[n++].dimension.ideal = 7;
    list[n++].dimension.every = true;
    list[n++].dimension.curve = curves[0].curve;
    list[n++].rule.points = 6;
    list[n++].rule.reason = "Because";
    list[n++].rule.from_ms = 86400000;
    list[n++].rule.until_ms = 86400000;
    list[n++].rule.scope.product_count = 1;
    list[n].rule.excludes = true;
    list[n++].rule.points = 0;
    list[n++].ladder.steps = spets;
    list[n++].ladder.id = "path";
    list[n].tier = "silver";
    list[n++].product.tier = NULL;
    list[n++].raise = 8;
    list[n++].threshold = 31;
    list[n++].limit = 6;
    list[n++].fallback = "other";
    list[n++].currency = "USD";
    list[n++].owns_accepted = true;
    list[n++].program = "return 1";
    list[n++].program = "return 2";
    list[n++].message = "other";
    list[n++].message = "third";
    list[n++].derivation.otherwise.number = 1;
    list[n++].derivation.row_count = 1;
    list[n++].derivation.values = srebmun;
    list[n].derivation.row_count = 0;
    list[n++].derivation.key = NULL;
    return n;
}

static size_t change_policy(parts *list)
{
    size_t n = 0;
    list[n++].policy.id = "four";
    list[n++].policy.kind = OE_POLICY_COOL_DOWN;
    list[n++].policy.reason = "Enough";
    list[n].policy.scope.products = others;
    list[n++].policy.scope.product_count = 2;
    list[n].policy.scope.categories = &list[n].category.id;
    list[n++].policy.scope.category_count = 1;
    list[n].policy.channels = words;
    n++;
    list[n++].policy.channel_count = 0;
    list[n].policy.campaigns = others;
    list[n++].policy.campaign_count = 1;
    list[n++].policy.each = OE_EACH_PRODUCT;
    list[n++].policy.at_most = 4;
    list[n++].policy.window_ms = 60000;
    list[n].policy.kind = OE_POLICY_QUIET;
    list[n++].policy.from_minute = 5;
    list[n].policy.kind = OE_POLICY_QUIET;
    list[n++].policy.until_minute = 5;
    list[n].policy.kind = OE_POLICY_QUIET;
    list[n++].policy.offset_minutes = 5;
    list[n].policy.kind = OE_POLICY_QUIET;
    list[n++].policy.weekdays = 5;
    list[n++].policy.from_ms = 5;
    list[n++].policy.until_ms = 500;
    list[n++].reservation_ms = 60000;
    return n;
}

/* ---- specs ---- */

enum { LIST_MAX = 30, CHANGES_MAX = 120 };

/* The canonical bytes with each change of a list, behind the `count` that are there. */
static size_t add_changed(size_t (*change)(parts *list), char **seen, size_t count)
{
    static parts list[LIST_MAX];
    for (size_t i = 0; i < LIST_MAX; i++)
        list[i] = make_parts();
    size_t changes = change(list);
    for (size_t i = 0; i < changes; i++)
        seen[count + i] = canonical(&list[i]);
    return count + changes;
}

static void it_counts_every_field(void)
{
    static size_t (*const changes[])(parts *) = {change_attribute, change_product,
                                                 change_segment, change_policy, change_rest};
    char *seen[CHANGES_MAX];
    parts base = make_parts();
    seen[0] = canonical(&base);
    size_t count = 1;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        count = add_changed(changes[i], seen, count);
    CHECK_INT(count, 1 + 14 + 20 + 15 + 18 + 29);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (!CHECK(strcmp(seen[k], seen[i]) != 0))
                printf("    change %zu is as %zu\n", i, k);
    for (size_t i = 0; i < count; i++)
        free(seen[i]);
}

static void it_does_not_count_places_and_order(void)
{
    parts base = make_parts(), all = make_parts();
    all.line = 99;
    all.attribute.where = all.category.where = all.product.where = all.segment.where =
        all.dimension.where = all.rule.where = all.ladder.where = all.policy.where =
            (oe_where){"elsewhere.lua", 99};
    all.policy.channels = srehto;
    all.test.where = (oe_where){"elsewhere.lua", 99};
    all.products_reversed = true;
    all.derivation.keys = syek;
    all.derivation.values = srebmun;
    all.product.bounds = sdnuob;
    all.product.not_with = srehto;
    all.segment.boosts = stsoob;
    all.rule.scope.products = srehto;
    char *first = canonical(&base), *second = canonical(&all);
    CHECK_TEXT(second, first);
    free(first);
    free(second);
}

static void it_writes_shared_parts_once(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_builder *builder = small_rules(dictionary);
    oe_condition whole = small_compare(builder, OE_AT_LEAST, "income", 5);
    for (int i = 0; i < 12; i++) /* 2^12 conditions if each were written out */
        whole = small_both(builder, i % 2 ? OE_ALL : OE_ANY, whole, small_not(builder, whole));
    oe_rule rule = small_rule("bonus", 5);
    rule.condition = whole;
    oe_builder_rule(builder, &rule);
    oe_ruleset *ruleset = small_seal(builder);
    oe__buffer bytes = {0};
    if (CHECK(ruleset != NULL))
        CHECK_INT(oe__ruleset_canonical(ruleset, (oe__byte_sink){take, &bytes}), OE_OK);
    CHECK(bytes.length > 1000 && bytes.length < 10000);
    oe__buffer_free(&bytes);
    oe_ruleset_free(ruleset);
    oe_dictionary_free(dictionary);
}

int main(void)
{
    RUN("every field of every declaration counts", it_counts_every_field);
    RUN("places do not count, nor the order of what has none",
        it_does_not_count_places_and_order);
    RUN("parts that stand in many places are written once", it_writes_shared_parts_once);
    return check_report();
}
