/* seal_score.c: what each product is scored by, which points it can be given, and whether its
 * reason is true. */
#include "engine/seal.h"

#include "engine/cell.h"
#include "engine/spoken.h"

#include <stdlib.h>
#include <string.h>

static bool is_regulated(const oe_ruleset *ruleset, size_t product)
{
    uint32_t category = ruleset->compiled[product].category;
    return category != OE__NO_CATEGORY && oe__category(ruleset, category)->regulated_credit;
}

/* ---- terms ---- */

static const oe_ideal *ideal_of(const oe_product *product, const char *attribute)
{
    for (size_t i = 0; i < product->ideal_count; i++)
        if (strcmp(product->ideals[i].attribute, attribute) == 0)
            return &product->ideals[i];
    return NULL;
}

static const oe_product_curve *curve_of(const oe_product *product, const char *attribute)
{
    for (size_t i = 0; i < product->curve_count; i++)
        if (strcmp(product->curves[i].attribute, attribute) == 0)
            return &product->curves[i];
    return NULL;
}

/* The effective minimum, -HUGE_VAL when there is none. */
static double minimum_of(const oe__compiled *compiled, uint32_t attribute)
{
    double minimum = -HUGE_VAL;
    for (size_t i = 0; i < compiled->range_count; i++)
        if (compiled->ranges[i].attribute == attribute)
            minimum = fmax(minimum, compiled->ranges[i].low);
    return minimum;
}

static bool rises(const double *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(x[i]) || (i > 0 && x[i] < x[i - 1]))
            return false;
    return true;
}

static const char *curve_fault(const oe_curve *curve)
{
    if ((unsigned)curve->kind > OE_CURVE_CALL)
        return "there is no such curve";
    if (curve->kind == OE_CURVE_CALL && curve->function >= OE__FUNCTIONS_MAX)
        return "there are too many functions";
    if (curve->kind == OE_CURVE_RAMP && (!isfinite(curve->x[0]) || !isfinite(curve->x[1])))
        return "ramp(lo, hi) needs two finite numbers";
    if (curve->kind == OE_CURVE_RAMP && curve->x[0] == curve->x[1])
        return "ramp(lo, hi) needs two different numbers";
    if (curve->kind == OE_CURVE_BAND && !rises(curve->x, 4))
        return "band(lo, a, b, hi) needs four numbers that do not fall";
    if (curve->kind != OE_CURVE_STEPS)
        return NULL;
    if (curve->point_count == 0 || curve->point_count > OE_CURVE_POINTS_MAX)
        return "steps needs 1 to 16 points";
    for (size_t i = 0; i < curve->point_count; i++)
        if (!(curve->y[i] >= 0 && curve->y[i] <= 1))
            return "each step must give 0 to 1";
    return rises(curve->x, curve->point_count) ? NULL : "the points of steps must not fall";
}

static void shape_default(oe__sealing *sealing, size_t product, size_t dimension,
                          oe__term *term)
{
    const oe_product *declared = oe__product(sealing->ruleset, product);
    const oe_dimension *scored = oe__dimension(sealing->ruleset, dimension);
    const oe_attribute *attribute = oe__attribute(sealing->ruleset, term->attribute);
    const oe_ideal *ideal = ideal_of(declared, attribute->name);
    double minimum = minimum_of(&sealing->ruleset->compiled[product], term->attribute);
    bool has_minimum = isfinite(minimum);
    term->shape = OE__LINEAR;
    term->base = has_minimum ? 0.25 : 0;
    term->low = has_minimum ? minimum : isfinite(attribute->minimum) ? attribute->minimum : 0;
    term->high = ideal ? ideal->value : scored->ideal;
    if (ideal != NULL)
        oe__seal_within(sealing, attribute,
                        &(oe_bound){attribute->name, ideal->value, ideal->value, ideal->where},
                        declared->id);
    if (minimum > attribute->maximum)
        return; /* a finding already */
    if (!(term->high > term->low))
        term->high =
            term->low > 0 ? fmin(1.5 * term->low, attribute->maximum) : attribute->maximum;
    if (ideal != NULL && !(ideal->value > term->low))
        oe__builder_error(sealing->builder, "E070", ideal->where, NULL,
                          "product \"%s\": ideal_%s must lie above the minimum", declared->id,
                          attribute->name);
    else if (!(term->high > term->low) || isinf(term->high))
        oe__builder_error(sealing->builder, "E071", declared->where, NULL,
                          "product \"%s\": \"%s\" has no ideal to score towards; add ideal_%s",
                          declared->id, scored->name, attribute->name);
}

static void shape_curve(oe__term *term, const oe_curve *curve)
{
    term->curve = curve;
    switch (curve->kind) {
    case OE_CURVE_RAMP:
        term->shape = OE__LINEAR;
        term->low = curve->x[0];
        term->high = curve->x[1];
        break;
    case OE_CURVE_BAND:
        term->shape = OE__BAND;
        break;
    case OE_CURVE_STEPS:
        term->shape = OE__STEPS;
        break;
    case OE_CURVE_CALL:
        term->shape = OE__CALLED;
        break;
    case OE_CURVE_GATE:
    case OE_CURVE_DEFAULT:
    default:
        term->shape = OE__PASS;
    }
}

static void check_protected(oe__sealing *sealing, size_t product, const oe__term *term,
                            oe_where where)
{
    const oe_attribute *attribute = oe__attribute(sealing->ruleset, term->attribute);
    if (attribute->is_protected && term->shape != OE__PASS &&
        is_regulated(sealing->ruleset, product))
        oe__builder_error(
            sealing->builder, "E072", where, NULL,
            "\"%s\" is protected and may only be a gate in category \"%s\", which is "
            "regulated credit; it may not be graded: write curve = gate",
            attribute->name, oe__product(sealing->ruleset, product)->category);
}

static bool applies(const oe__compiled *compiled, const oe_product *product,
                    const oe_dimension *dimension, uint32_t attribute)
{
    return dimension->every || isfinite(minimum_of(compiled, attribute)) ||
           ideal_of(product, dimension->attribute) != NULL ||
           curve_of(product, dimension->attribute) != NULL;
}

static void seal_term(oe__sealing *sealing, size_t product, size_t dimension, oe__term *terms)
{
    const oe_dimension *scored = oe__dimension(sealing->ruleset, dimension);
    const oe_product *declared = oe__product(sealing->ruleset, product);
    oe__compiled *compiled = &sealing->ruleset->compiled[product];
    int32_t attribute = oe__names_find(&sealing->ruleset->index[OE_ATTRIBUTES],
                                       scored->attribute, strlen(scored->attribute));
    if (attribute < 0 || !applies(compiled, declared, scored, (uint32_t)attribute) ||
        compiled->term_count == OE__TERMS_MAX)
        return;
    oe__term *term = &terms[compiled->term_count++];
    *term = (oe__term){.dimension = (uint32_t)dimension,
                       .attribute = (uint32_t)attribute,
                       .weight = scored->weight};
    const oe_product_curve *own = curve_of(declared, scored->attribute);
    oe_where where = own ? own->where : scored->where;
    const oe_curve *curve = own ? &own->curve : &scored->curve;
    if (curve->kind == OE_CURVE_DEFAULT)
        shape_default(sealing, product, dimension, term);
    else
        shape_curve(term, curve);
    check_protected(sealing, product, term, where);
    compiled->weight_sum += term->weight;
}

static bool is_unknown(const oe_ruleset *ruleset, const char *attribute)
{
    return oe__names_find(&ruleset->index[OE_ATTRIBUTES], attribute, strlen(attribute)) < 0;
}

/* Whether a name that is misspelt, which is reported elsewhere, may be all that it lacks. */
static bool names_unknown(const oe_ruleset *ruleset, const oe_product *declared)
{
    bool found = false;
    for (size_t i = 0; i < declared->bound_count; i++)
        found |= is_unknown(ruleset, declared->bounds[i].attribute);
    for (size_t i = 0; i < declared->ideal_count; i++)
        found |= is_unknown(ruleset, declared->ideals[i].attribute);
    for (size_t i = 0; i < declared->curve_count; i++)
        found |= is_unknown(ruleset, declared->curves[i].attribute);
    return found;
}

void oe__seal_terms(oe__sealing *sealing, size_t product)
{
    oe_ruleset *ruleset = sealing->ruleset;
    const oe_product *declared = oe__product(ruleset, product);
    oe__compiled *compiled = &ruleset->compiled[product];
    size_t count = ruleset->declared.dimensions.count;
    oe__term *terms = oe__seal_array(sealing, count, sizeof *terms);
    for (size_t d = 0; terms != NULL && d < count; d++)
        seal_term(sealing, product, d, terms);
    compiled->terms = terms;
    if (!(compiled->weight_sum > 0) && !names_unknown(ruleset, declared))
        oe__builder_error(
            sealing->builder, "E073", declared->where, NULL,
            "product \"%s\": no dimension scores it; give it a min_ or ideal_ of a "
            "scored attribute",
            declared->id);
    if (compiled->term_count > ruleset->term_total_max)
        ruleset->term_total_max = compiled->term_count;
}

static void check_dimensions(oe__sealing *sealing)
{
    for (size_t d = 0; d < sealing->ruleset->declared.dimensions.count; d++) {
        const oe_dimension *dimension = oe__dimension(sealing->ruleset, d);
        int32_t attribute =
            oe__seal_find(sealing, OE_ATTRIBUTES, dimension->attribute, dimension->where);
        if (attribute >= 0 &&
            !oe__type_is_numeric(oe__attribute(sealing->ruleset, (size_t)attribute)->type))
            oe__builder_error(sealing->builder, "E056", dimension->where, NULL,
                              "scoring \"%s\": \"%s\" is no number and cannot be scored",
                              dimension->name, dimension->attribute);
        if (!(dimension->weight > 0) || isinf(dimension->weight))
            oe__builder_error(sealing->builder, "E074", dimension->where, NULL,
                              "scoring \"%s\": weight must be a number above 0",
                              dimension->name);
        const char *fault = curve_fault(&dimension->curve);
        if (fault != NULL)
            oe__builder_error(sealing->builder, "E075", dimension->where, NULL,
                              "scoring \"%s\": %s", dimension->name, fault);
    }
    if (sealing->ruleset->declared.dimensions.count > OE__TERMS_MAX)
        oe__builder_error(sealing->builder, "E076",
                          oe__dimension(sealing->ruleset, OE__TERMS_MAX)->where, NULL,
                          "scoring: at most 64 dimensions are allowed");
}

static bool is_scored(const oe_ruleset *ruleset, const char *attribute)
{
    for (size_t d = 0; d < ruleset->declared.dimensions.count; d++)
        if (strcmp(oe__dimension(ruleset, d)->attribute, attribute) == 0)
            return true;
    return false;
}

static void check_named(oe__sealing *sealing, size_t product, const char *attribute,
                        oe_where where)
{
    if (oe__seal_find(sealing, OE_ATTRIBUTES, attribute, where) >= 0 &&
        !is_scored(sealing->ruleset, attribute))
        oe__builder_error(sealing->builder, "E077", where, NULL,
                          "product \"%s\": scoring has no dimension for \"%s\"",
                          oe__product(sealing->ruleset, product)->id, attribute);
}

static void check_product(oe__sealing *sealing, size_t product)
{
    const oe_product *declared = oe__product(sealing->ruleset, product);
    for (size_t i = 0; i < declared->ideal_count; i++)
        check_named(sealing, product, declared->ideals[i].attribute, declared->ideals[i].where);
    for (size_t i = 0; i < declared->curve_count; i++) {
        check_named(sealing, product, declared->curves[i].attribute, declared->curves[i].where);
        const char *fault = curve_fault(&declared->curves[i].curve);
        if (fault != NULL)
            oe__builder_error(sealing->builder, "E075", declared->curves[i].where, NULL,
                              "product \"%s\": %s", declared->id, fault);
    }
    sealing->ruleset->compiled[product].factor = declared->value * declared->lever;
    if (!(declared->value > 0) || !(declared->lever > 0) ||
        !isfinite(declared->value * declared->lever))
        oe__builder_error(sealing->builder, "E078", declared->where, NULL,
                          "product \"%s\": value and lever must be numbers above 0",
                          declared->id);
}

/* ---- grants ---- */

static void add_grant(oe__sealing *sealing, size_t product, oe__grant *grants,
                      const oe__grant *grant)
{
    oe__compiled *compiled = &sealing->ruleset->compiled[product];
    oe__grant *added = &grants[compiled->grant_count++];
    *added = *grant;
    bool is_protected =
        grant->condition != OE_NO_CONDITION &&
        ((const oe__node *)sealing->ruleset->declared.nodes.items)[grant->condition]
            .is_protected;
    if (is_protected && is_regulated(sealing->ruleset, product))
        oe__builder_error(
            sealing->builder, "E072", grant->where, NULL,
            "\"%s\" gives points by a protected attribute; in category \"%s\", which "
            "is regulated credit, that may only be a gate",
            grant->rule, oe__product(sealing->ruleset, product)->category);
    added->condition = oe__seal_for_category(sealing, grant->condition, compiled->category);
}

static void add_boosts(oe__sealing *sealing, size_t product, oe__grant *grants)
{
    const oe_product *declared = oe__product(sealing->ruleset, product);
    for (size_t s = 0; s < sealing->ruleset->declared.segments.count; s++) {
        const oe_segment *segment = oe__segment(sealing->ruleset, s);
        for (size_t i = 0; i < segment->boost_count; i++) {
            const oe_boost *boost = &segment->boosts[i];
            const char *own = boost->is_category ? declared->category : declared->id;
            if (own != NULL && strcmp(boost->target, own) == 0)
                add_grant(sealing, product, grants,
                          &(oe__grant){segment->condition, boost->points, INT64_MIN, INT64_MAX,
                                       segment->id, segment->name, boost->where});
        }
    }
}

static int compare_grants(const void *left, const void *right)
{
    const oe__grant *a = left, *b = right;
    int order = strcmp(a->rule, b->rule);
    if (order == 0)
        order = (a->condition > b->condition) - (a->condition < b->condition);
    return order != 0 ? order : (a->points > b->points) - (a->points < b->points);
}

static void seal_grants(oe__sealing *sealing, size_t product, size_t most)
{
    oe_ruleset *ruleset = sealing->ruleset;
    oe__compiled *compiled = &ruleset->compiled[product];
    oe__grant *grants = oe__seal_array(sealing, most, sizeof *grants);
    if (grants == NULL)
        return;
    add_boosts(sealing, product, grants);
    for (size_t i = 0; i < ruleset->declared.rules.count; i++) {
        const oe_rule *rule = oe__rule(ruleset, i);
        if (!rule->excludes && oe__seal_covers(ruleset, &rule->scope, product))
            add_grant(sealing, product, grants,
                      &(oe__grant){rule->condition, rule->points, rule->from_ms, rule->until_ms,
                                   rule->id, rule->reason, rule->where});
    }
    qsort(grants, compiled->grant_count, sizeof *grants, compare_grants);
    compiled->grants = grants;
    if (compiled->grant_count > ruleset->grant_total_max)
        ruleset->grant_total_max = compiled->grant_count;
}

static size_t check_boosts(oe__sealing *sealing)
{
    size_t most = sealing->ruleset->declared.rules.count;
    for (size_t s = 0; s < sealing->ruleset->declared.segments.count; s++) {
        const oe_segment *segment = oe__segment(sealing->ruleset, s);
        most += segment->boost_count;
        for (size_t i = 0; i < segment->boost_count; i++) {
            const oe_boost *boost = &segment->boosts[i];
            oe__seal_find(sealing, boost->is_category ? OE_CATEGORIES : OE_PRODUCTS,
                          boost->target, boost->where);
            if (!isfinite(boost->points))
                oe__builder_error(sealing->builder, "E057", boost->where, NULL,
                                  "segment \"%s\": boost of \"%s\" must be a finite number",
                                  segment->id, boost->target);
        }
    }
    return most;
}

/* ---- reasons ---- */

uint64_t oe__seal_term_bit(const oe__compiled *compiled, size_t dimension)
{
    for (size_t i = 0; i < compiled->term_count; i++)
        if (compiled->terms[i].dimension == dimension)
            return UINT64_C(1) << i;
    return 0;
}

static void seal_reason(oe__sealing *sealing, size_t product)
{
    const oe_product *declared = oe__product(sealing->ruleset, product);
    oe__compiled *compiled = &sealing->ruleset->compiled[product];
    for (size_t d = 0; declared->reason && d < sealing->ruleset->declared.dimensions.count;
         d++) {
        const oe_dimension *dimension = oe__dimension(sealing->ruleset, d);
        int32_t attribute = oe__names_find(&sealing->ruleset->index[OE_ATTRIBUTES],
                                           dimension->attribute, strlen(dimension->attribute));
        if (attribute < 0 || !oe__speaks_of(declared->reason,
                                            oe__attribute(sealing->ruleset, (size_t)attribute)))
            continue;
        uint64_t bit = oe__seal_term_bit(compiled, d);
        compiled->reason_terms |= bit;
        if (bit == 0 && !names_unknown(sealing->ruleset, declared))
            oe__builder_error(
                sealing->builder, "E079", declared->reason_where, NULL,
                "product \"%s\": its reason speaks of \"%s\", which does not score it; "
                "add min_%s or change the reason",
                declared->id, dimension->attribute, dimension->attribute);
    }
}

void oe__seal_score(oe__sealing *sealing)
{
    check_dimensions(sealing);
    size_t most = check_boosts(sealing);
    for (size_t p = 0; p < sealing->ruleset->declared.products.count; p++) {
        if (sealing->builder->failed)
            return;
        check_product(sealing, p);
        oe__seal_terms(sealing, p);
        seal_grants(sealing, p, most);
        seal_reason(sealing, p);
    }
}
