/* naive.c: the stages of a decision in their order. */
#include "naive.h"

#include "engine/ruleset.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum truth { NO, MAYBE, YES } truth; /* in this order, all is min and any is max */

typedef struct person {
    const oe_ruleset *rules;
    const oe_profile *profile;
    const oe_options *options;
} person;

typedef struct naive_offer {
    const oe_product *product;
    size_t number;
    bool is_above;
    double confidence, priority;
} naive_offer;

static bool same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static bool is_within(int64_t at_ms, int64_t from_ms, int64_t until_ms)
{
    return from_ms <= at_ms && at_ms < until_ms;
}

/* ---- The customer ------------------------------------------------------------------------ */

static size_t attribute_number(const person *who, const char *name)
{
    return (size_t)oe_ruleset_find(who->rules, OE_ATTRIBUTES, name, strlen(name));
}

static double number_of(const person *who, const char *attribute)
{
    return oe_profile_number(who->profile, attribute_number(who, attribute));
}

typedef struct search {
    const char *product;
    bool found;
} search;

static void look(void *context, const char *id, size_t length)
{
    search *wanted = context;
    wanted->found |=
        strlen(wanted->product) == length && memcmp(wanted->product, id, length) == 0;
}

static bool owns(const person *who, const char *product)
{
    search wanted = {product, false};
    oe_profile_owned(who->profile, look, &wanted);
    return wanted.found;
}

static bool owns_in(const person *who, const char *category)
{
    for (size_t i = 0; i < oe_ruleset_count(who->rules, OE_PRODUCTS); i++) {
        const oe_product *product = oe_ruleset_product(who->rules, i);
        if (same(product->category, category) && owns(who, product->id))
            return true;
    }
    return false;
}

/* ---- Conditions -------------------------------------------------------------------------- */

static truth holds(const person *who, oe_condition condition, const char *category);

static truth is_member(const person *who, const char *segment)
{
    int32_t number = oe_ruleset_find(who->rules, OE_SEGMENTS, segment, strlen(segment));
    oe_condition condition = oe_ruleset_segment(who->rules, (size_t)number)->condition;
    return holds(who, condition, NULL) == YES ? YES : NO;
}

static bool is_value(const person *who, const oe__node *test, const oe_value *value)
{
    size_t length = 0, attribute = attribute_number(who, test->attribute);
    const char *text = oe_profile_text(who->profile, attribute, &length);
    if (oe_ruleset_attribute(who->rules, attribute)->type != OE_TEXT)
        return oe_profile_number(who->profile, attribute) == value->number;
    return strlen(value->text) == length && memcmp(text, value->text, length) == 0;
}

static bool is_on_file(const person *who, const char *name)
{
    size_t length = 0, attribute = attribute_number(who, name);
    if (oe_ruleset_attribute(who->rules, attribute)->type == OE_TEXT)
        return oe_profile_text(who->profile, attribute, &length) != NULL;
    return !isnan(oe_profile_number(who->profile, attribute));
}

static bool compares(const person *who, const oe__node *test)
{
    double value = number_of(who, test->attribute);
    bool is_one = false;
    for (size_t i = 0; i < test->value_count; i++)
        is_one |= is_value(who, test, &test->values[i]);
    switch (test->op) {
    case OE_AT_LEAST:
        return value >= test->low;
    case OE_AT_MOST:
        return value <= test->high;
    case OE_ABOVE:
        return value > test->low;
    case OE_BELOW:
        return value < test->high;
    case OE_BETWEEN:
        return value >= test->low && value <= test->high;
    case OE_NONE_OF:
        return !is_one;
    default:
        return is_one;
    }
}

static truth combines(const person *who, const oe__node *test, const char *category)
{
    truth all = YES, any = NO;
    for (size_t i = 0; i < test->part_count; i++) {
        truth part = holds(who, test->parts[i], category);
        all = part < all ? part : all;
        any = part > any ? part : any;
    }
    return test->op == OE_ALL ? all : any;
}

static truth holds(const person *who, oe_condition condition, const char *category)
{
    if (condition == OE_NO_CONDITION)
        return YES;
    const oe__node *test = &oe__nodes(who->rules)[condition];
    switch (test->op) {
    case OE_ALL:
    case OE_ANY:
        return combines(who, test, category);
    case OE_NOT: {
        truth part = holds(who, test->parts[0], category);
        return part == MAYBE ? MAYBE : part == YES ? NO : YES;
    }
    case OE_KNOWN:
    case OE_UNKNOWN:
        return is_on_file(who, test->attribute) == (test->op == OE_KNOWN) ? YES : NO;
    case OE_OWNS:
    case OE_LACKS:
        return owns(who, test->name) == (test->op == OE_OWNS) ? YES : NO;
    case OE_LACKS_CATEGORY:
        return owns_in(who, test->name != NULL ? test->name : category) ? NO : YES;
    case OE_IN_SEGMENT:
        return is_member(who, test->name);
    default:
        if (!is_on_file(who, test->attribute))
            return MAYBE;
        return compares(who, test) ? YES : NO;
    }
}

static bool is_covered(const oe_scope *scope, const oe_product *product)
{
    bool covered = scope->category_count == 0 && scope->product_count == 0;
    for (size_t i = 0; i < scope->category_count; i++)
        covered |= same(scope->categories[i], product->category);
    for (size_t i = 0; i < scope->product_count; i++)
        covered |= same(scope->products[i], product->id);
    return covered;
}

/* ---- Stages 1 to 3 ----------------------------------------------------------------------- */

static bool is_available(const person *who, const oe_product *product)
{
    return !product->off && is_within(who->options->at_ms, product->from_ms, product->until_ms);
}

static bool may_own(const person *who, const oe_product *product)
{
    for (size_t i = 0; i < product->after_count; i++)
        if (!owns(who, product->after[i]))
            return false;
    for (size_t i = 0; i < product->not_with_count; i++)
        if (owns(who, product->not_with[i]))
            return false;
    return !owns(who, product->id);
}

/* Its declared minimum, and what its tier adds. */
static double minimum_of(const person *who, size_t number, size_t bound)
{
    const oe_product *product = oe_ruleset_product(who->rules, number);
    const oe__tier_raise *raises = who->rules->declared.tiers.items;
    double minimum = oe_ruleset_bound_declared(who->rules, number, bound);
    for (size_t i = 0; i < who->rules->declared.tiers.count; i++)
        if (same(raises[i].tier, product->tier) &&
            same(raises[i].attribute, product->bounds[bound].attribute) && isfinite(minimum))
            minimum += raises[i].points;
    return minimum;
}

static bool passes_gates(const person *who, size_t number)
{
    const oe_product *product = oe_ruleset_product(who->rules, number);
    for (size_t i = 0; i < product->bound_count; i++) {
        double value = number_of(who, product->bounds[i].attribute);
        if (isnan(value) || value < minimum_of(who, number, i) ||
            value > product->bounds[i].high)
            return false;
    }
    for (size_t i = 0; i < product->gate_count; i++)
        if (holds(who, product->gates[i].condition, product->category) != YES)
            return false;
    for (size_t i = 0; i < oe_ruleset_count(who->rules, OE_RULES); i++) {
        const oe_rule *rule = oe_ruleset_rule(who->rules, i);
        if (!rule->excludes || !is_covered(&rule->scope, product) ||
            !is_within(who->options->at_ms, rule->from_ms, rule->until_ms))
            continue;
        truth told = holds(who, rule->condition, product->category);
        if (told == YES || (told == MAYBE && rule->unknown_excludes))
            return false;
    }
    return true;
}

/* ---- Stages 5 and 6 ---------------------------------------------------------------------- */

static double clamped(double value)
{
    return value < 0 ? 0 : value > 1 ? 1 : value;
}

static double on_curve(const oe_curve *curve, double value)
{
    const double *x = curve->x;
    double step = 0;
    switch (curve->kind) {
    case OE_CURVE_RAMP:
        return clamped((value - x[0]) / (x[1] - x[0]));
    case OE_CURVE_BAND: {
        double up = x[1] > x[0] ? clamped((value - x[0]) / (x[1] - x[0])) : value >= x[0];
        double down = x[3] > x[2] ? clamped((value - x[3]) / (x[2] - x[3])) : value <= x[2];
        return up < down ? up : down;
    }
    case OE_CURVE_STEPS:
        for (size_t i = 0; i < curve->point_count; i++)
            step = value >= x[i] ? curve->y[i] : step;
        return step;
    default:
        return 1; /* gate: it has passed */
    }
}

typedef struct scored {
    double minimum, ideal; /* NAN: none */
    const oe_curve *curve; /* the product's own */
} scored;

static scored find_scored(const person *who, size_t number, const char *attribute)
{
    const oe_product *product = oe_ruleset_product(who->rules, number);
    scored found = {(double)NAN, (double)NAN, NULL};
    for (size_t i = 0; i < product->bound_count; i++) {
        double minimum = minimum_of(who, number, i);
        if (same(product->bounds[i].attribute, attribute) && isfinite(minimum))
            found.minimum = fmax(found.minimum, minimum);
    }
    for (size_t i = product->ideal_count; i > 0; i--)
        if (same(product->ideals[i - 1].attribute, attribute))
            found.ideal = product->ideals[i - 1].value;
    for (size_t i = product->curve_count; i > 0; i--)
        if (same(product->curves[i - 1].attribute, attribute))
            found.curve = &product->curves[i - 1].curve;
    return found;
}

static double default_share(const person *who, const oe_dimension *dimension, scored by,
                            double value)
{
    const oe_attribute *attribute =
        oe_ruleset_attribute(who->rules, attribute_number(who, dimension->attribute));
    double low = !isnan(by.minimum)             ? by.minimum
                 : isfinite(attribute->minimum) ? attribute->minimum
                                                : 0;
    double high = !isnan(by.ideal) ? by.ideal : dimension->ideal;
    if (isnan(high) || high <= low)
        high = low > 0 ? fmin(1.5 * low, attribute->maximum) : attribute->maximum;
    double share = clamped((value - low) / (high - low));
    return isnan(by.minimum) ? share : 0.25 + 0.75 * share;
}

static double score_of(const person *who, size_t number)
{
    double earned = 0, weights = 0;
    for (size_t i = 0; i < oe_ruleset_count(who->rules, OE_DIMENSIONS); i++) {
        const oe_dimension *dimension = oe_ruleset_dimension(who->rules, i);
        scored by = find_scored(who, number, dimension->attribute);
        if (!dimension->every && isnan(by.minimum) && isnan(by.ideal) && by.curve == NULL)
            continue;
        const oe_curve *curve = by.curve != NULL ? by.curve : &dimension->curve;
        double value = number_of(who, dimension->attribute), share = 0;
        if (!isnan(value))
            share = curve->kind == OE_CURVE_DEFAULT ? default_share(who, dimension, by, value)
                                                    : on_curve(curve, value);
        earned += dimension->weight * share;
        weights += dimension->weight;
    }
    return 100 * (earned / weights);
}

typedef struct given {
    const char *id;
    double points;
} given;

static int by_id(const void *left, const void *right)
{
    const given *a = left, *b = right;
    int order = strcmp(a->id, b->id);
    return order != 0 ? order : (a->points > b->points) - (a->points < b->points);
}

static size_t collect_boosts(const person *who, const oe_product *product, given *gifts)
{
    size_t count = 0;
    for (size_t i = 0; i < oe_ruleset_count(who->rules, OE_SEGMENTS); i++) {
        const oe_segment *segment = oe_ruleset_segment(who->rules, i);
        for (size_t b = 0; b < segment->boost_count; b++) {
            const oe_boost *boost = &segment->boosts[b];
            if (same(boost->target, boost->is_category ? product->category : product->id) &&
                is_member(who, segment->id) == YES)
                gifts[count++] = (given){segment->id, boost->points};
        }
    }
    return count;
}

static double adjustments_of(const person *who, const oe_product *product)
{
    size_t room = oe_ruleset_count(who->rules, OE_RULES), count = 0;
    for (size_t i = 0; i < oe_ruleset_count(who->rules, OE_SEGMENTS); i++)
        room += oe_ruleset_segment(who->rules, i)->boost_count;
    given *gifts = calloc(room + 1, sizeof *gifts);
    if (gifts == NULL)
        abort();
    count = collect_boosts(who, product, gifts);
    for (size_t i = 0; i < oe_ruleset_count(who->rules, OE_RULES); i++) {
        const oe_rule *rule = oe_ruleset_rule(who->rules, i);
        if (!rule->excludes && is_covered(&rule->scope, product) &&
            is_within(who->options->at_ms, rule->from_ms, rule->until_ms) &&
            holds(who, rule->condition, product->category) == YES)
            gifts[count++] = (given){rule->id, rule->points};
    }
    qsort(gifts, count, sizeof *gifts, by_id);
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += gifts[i].points;
    free(gifts);
    return sum;
}

/* ---- Stages 7 to 9 ----------------------------------------------------------------------- */

static double threshold_of(const person *who, const oe_product *product)
{
    const oe__setting *settings = who->rules->declared.thresholds.items;
    double by_level[OE_LEVEL_GROUP + 1] = {30, -1, -1, -1, -1};
    for (size_t i = 0; i < who->rules->declared.thresholds.count; i++) {
        const oe__setting *at = &settings[i];
        bool counts = at->level == OE_LEVEL_DEFAULT ||
                      (at->level == OE_LEVEL_CATEGORY && same(at->name, product->category)) ||
                      (at->level == OE_LEVEL_PRODUCT && same(at->name, product->id));
        if (at->level == OE_LEVEL_SEGMENT)
            counts = is_member(who, at->name) == YES && at->value > by_level[at->level];
        if (counts)
            by_level[at->level] = at->value;
    }
    static const oe_level order[] = {OE_LEVEL_PRODUCT, OE_LEVEL_CATEGORY, OE_LEVEL_SEGMENT};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (by_level[order[i]] >= 0)
            return by_level[order[i]];
    return by_level[OE_LEVEL_DEFAULT];
}

static int by_rank(const void *left, const void *right)
{
    const naive_offer *a = left, *b = right;
    if (a->priority < b->priority || a->priority > b->priority)
        return a->priority < b->priority ? 1 : -1;
    return strcmp(a->product->id, b->product->id);
}

static size_t limit_of(const person *who, oe_level level, const char *name, size_t otherwise)
{
    const oe__setting *settings = who->rules->declared.limits.items;
    size_t limit = otherwise;
    for (size_t i = 0; i < who->rules->declared.limits.count; i++)
        if (settings[i].level == level && (name == NULL || same(settings[i].name, name)))
            limit = (size_t)settings[i].value;
    return limit;
}

static bool has_room(const person *who, const naive_offer *taken, size_t count,
                     const oe_product *product)
{
    size_t in_category = 0, in_group = 0;
    for (size_t i = 0; i < count; i++) {
        in_category += same(taken[i].product->category, product->category);
        in_group += same(taken[i].product->group, product->group);
    }
    return in_category < limit_of(who, OE_LEVEL_CATEGORY, product->category, SIZE_MAX) &&
           (product->group == NULL ||
            in_group < limit_of(who, OE_LEVEL_GROUP, product->group, 1));
}

/* Moves those that are taken to the front. */
static size_t take(const person *who, naive_offer *offers, size_t count, bool are_above)
{
    size_t limit = limit_of(who, OE_LEVEL_DEFAULT, NULL, SIZE_MAX), taken = 0;
    if (who->options->limit > 0 && who->options->limit < limit)
        limit = who->options->limit;
    naive_offer *chosen = calloc(count + 1, sizeof *chosen);
    if (chosen == NULL)
        abort();
    for (size_t i = 0; i < count && taken < limit; i++)
        if (offers[i].is_above == are_above && has_room(who, chosen, taken, offers[i].product))
            chosen[taken++] = offers[i];
    if (taken > 0)
        memcpy(offers, chosen, taken * sizeof *offers);
    free(chosen);
    return taken;
}

static bool is_fallback(const person *who, const oe_product *product)
{
    const oe__fallback *fallbacks = who->rules->declared.fallbacks.items;
    for (size_t i = 0; i < who->rules->declared.fallbacks.count; i++)
        if (same(fallbacks[i].product, product->id))
            return true;
    return false;
}

static size_t decide(const person *who, naive_offer *offers)
{
    size_t count = 0;
    const char *category =
        who->options->category >= 0
            ? oe_ruleset_category(who->rules, (size_t)who->options->category)->id
            : NULL;
    for (size_t i = 0; i < oe_ruleset_count(who->rules, OE_PRODUCTS); i++) {
        const oe_product *product = oe_ruleset_product(who->rules, i);
        if (!is_available(who, product) || !may_own(who, product) || !passes_gates(who, i) ||
            (category != NULL && !same(category, product->category)))
            continue;
        double confidence = score_of(who, i) + adjustments_of(who, product);
        confidence = confidence < 0 ? 0 : confidence > 100 ? 100 : confidence;
        bool is_above = confidence > threshold_of(who, product);
        if (is_above || is_fallback(who, product))
            offers[count++] = (naive_offer){product, i, is_above, confidence,
                                            confidence * (product->value * product->lever)};
    }
    qsort(offers, count, sizeof *offers, by_rank);
    size_t taken = take(who, offers, count, true);
    return taken > 0 ? taken : take(who, offers, count, false);
}

/* ---- Comparing --------------------------------------------------------------------------- */

static bool differs(const person *who, const char *what, size_t at)
{
    size_t length = 0;
    const char *id = oe_profile_id(who->profile, &length);
    fprintf(stderr, "naive: customer %.*s: %s %zu differs\n", (int)length, id, what, at);
    return false;
}

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static bool same_offers(const person *who, const oe_decision *decision)
{
    size_t products = oe_ruleset_count(who->rules, OE_PRODUCTS), i = 0;
    naive_offer *offers = calloc(products + 1, sizeof *offers);
    if (offers == NULL)
        abort();
    size_t count = decide(who, offers);
    for (; i < count && i < decision->offer_count; i++) {
        const oe_offer *offer = &decision->offers[i];
        if (offer->product != offers[i].number || offer->fallback == offers[i].is_above ||
            !same_bits(offer->confidence, offers[i].confidence) ||
            !same_bits(offer->priority, offers[i].priority))
            break;
    }
    free(offers);
    return (i == count && i == decision->offer_count) || differs(who, "offer", i);
}

static bool same_segments(const person *who, const oe_decision *decision)
{
    size_t found = 0;
    for (size_t i = 0; i < oe_ruleset_count(who->rules, OE_SEGMENTS); i++) {
        if (is_member(who, oe_ruleset_segment(who->rules, i)->id) != YES)
            continue;
        if (found >= decision->segment_count || decision->segments[found] != i)
            return differs(who, "segment", i);
        found++;
    }
    return found == decision->segment_count || differs(who, "segment", found);
}

static bool same_gaps(const person *who, const oe_decision *decision)
{
    size_t found = 0;
    for (size_t i = 0; i < oe_ruleset_count(who->rules, OE_CATEGORIES); i++) {
        const char *category = oe_ruleset_category(who->rules, i)->id;
        bool has_any = false;
        for (size_t p = 0; p < oe_ruleset_count(who->rules, OE_PRODUCTS); p++) {
            const oe_product *product = oe_ruleset_product(who->rules, p);
            has_any |= same(product->category, category) && is_available(who, product);
        }
        if (!has_any || owns_in(who, category))
            continue;
        if (found >= decision->gap_count || decision->gaps[found] != i)
            return differs(who, "gap", i);
        found++;
    }
    return found == decision->gap_count || differs(who, "gap", found);
}

bool naive_can(const oe_ruleset *ruleset)
{
    return oe_ruleset_function_count(ruleset) == 0 && ruleset->derivation_count == 0;
}

bool naive_agrees(const oe_decision *decision, const oe_profile *profile,
                  const oe_options *options)
{
    const person who = {decision->ruleset, profile, options};
    return same_offers(&who, decision) && same_segments(&who, decision) &&
           same_gaps(&who, decision);
}
