/* price_points.c: the values that a gate is moved to, and the product compiled anew for each by
 * the passes that sealed it. */
#include "engine/builder.h"
#include "engine/change.h"
#include "engine/price.h"
#include "engine/seal.h"
#include "engine/status.h"

#include <string.h>

enum { STEPS_MAX = 1000 };

/* ---- The gate ---- */

static bool find_range(oe__price *price)
{
    const oe__compiled *product = oe__price_product(price);
    for (size_t i = 0; i < product->range_count; i++) {
        const oe__range *range = &product->ranges[i];
        price->range = i;
        if (range->attribute == price->question.attribute &&
            isfinite(price->question.is_maximum ? range->high : range->low))
            return true;
    }
    return false;
}

static oe_status refuse_gate(const oe__price *price, oe_error *error)
{
    const oe__compiled *product = oe__price_product(price);
    oe__buffer gates = {0};
    for (size_t i = 0; i < product->range_count; i++) {
        const oe__range *range = &product->ranges[i];
        oe__buffer_add_text(&gates, gates.length > 0 ? ", " : "");
        oe__buffer_add_text(&gates, isfinite(range->low) ? "min_" : "max_");
        oe__buffer_add_text(&gates, oe__attribute(price->ruleset, range->attribute)->name);
    }
    (void)oe__fail(error, OE_E_NOT_FOUND,
                   "price: product \"%s\" has no %s_%s; its gates with a number: %.*s",
                   oe__product(price->ruleset, price->question.product)->id,
                   price->question.is_maximum ? "max" : "min",
                   oe__attribute(price->ruleset, price->question.attribute)->name,
                   gates.length > 0 ? (int)gates.length : 4,
                   gates.length > 0 ? gates.data : "none");
    oe__buffer_free(&gates);
    return OE_E_NOT_FOUND;
}

static double gate_of(const oe__price *price)
{
    const oe__range *range = &oe__price_product(price)->ranges[price->range];
    return price->question.is_maximum ? range->high : range->declared_low;
}

/* As loose as the attribute's range allows; where that is open, 0 or twice the gate. */
static double loosest(const oe__price *price)
{
    const oe_attribute *attribute = oe__attribute(price->ruleset, price->question.attribute);
    double gate = gate_of(price);
    if (!price->question.is_maximum)
        return isfinite(attribute->minimum) ? attribute->minimum : fmin(gate, 0);
    return isfinite(attribute->maximum) ? attribute->maximum : fmax(2 * gate, 0);
}

static oe_status check_end(oe__price *price, oe_error *error)
{
    const oe_attribute *attribute = oe__attribute(price->ruleset, price->question.attribute);
    double gate = gate_of(price);
    bool is_given = !isnan(price->question.to);
    if (!is_given)
        price->question.to = loosest(price);
    if (price->question.steps < 1 || price->question.steps > STEPS_MAX)
        return oe__fail(error, OE_E_LIMIT, "price: steps must be 1 to %d", STEPS_MAX);
    if (!(price->question.to >= attribute->minimum &&
          price->question.to <= attribute->maximum && isfinite(price->question.to)))
        return oe__fail(error, OE_E_INVALID,
                        "price: the gate can be moved to %.15g to %.15g, which \"%s\" may be",
                        attribute->minimum, attribute->maximum, attribute->name);
    if (price->question.to == gate)
        return oe__fail(error, OE_E_INVALID,
                        "price: the gate is %.15g already%s; give another value to move it to",
                        gate, is_given ? "" : ", as loose as can be");
    return OE_OK;
}

/* ---- Compiling ---- */

static void *take(oe__price *price, size_t count, size_t size)
{
    return oe__arena_array(&price->bench.arena, count, size);
}

static bool set_bench(oe__price *price)
{
    const oe_ruleset *ruleset = price->ruleset;
    size_t count = ruleset->declared.products.count, index = price->question.product;
    oe_product *products = take(price, count, sizeof *products);
    oe__compiled *compiled = take(price, count, sizeof *compiled);
    price->bounds = take(price, oe__product(ruleset, index)->bound_count, sizeof(oe_bound));
    if (products == NULL || compiled == NULL || price->bounds == NULL)
        return false;
    memcpy(products, ruleset->declared.products.items, count * sizeof *products);
    memcpy(compiled, ruleset->compiled, count * sizeof *compiled);
    memcpy(price->bench.index, ruleset->index, sizeof price->bench.index);
    products[index].bounds = price->bounds;
    price->bench.declared = ruleset->declared;
    price->bench.declared.products.items = products;
    price->bench.compiled = compiled;
    return true;
}

/* The bounds as the rules declare them, but the gate. */
static void declare(const oe__price *price, double gate)
{
    const oe_product *declared = oe__product(price->ruleset, price->question.product);
    const oe__compiled *product = oe__price_product(price);
    memcpy(price->bounds, declared->bounds, declared->bound_count * sizeof *price->bounds);
    for (size_t i = 0; i < product->range_count; i++)
        price->bounds[i].low = product->ranges[i].declared_low;
    if (price->question.is_maximum)
        price->bounds[price->range].high = gate;
    else
        price->bounds[price->range].low = gate;
}

/* false: out of memory. */
static bool compile_point(oe__price *price, size_t point, double gate)
{
    size_t index = price->question.product;
    oe__compiled *product = &price->bench.compiled[index];
    oe_builder *builder = oe_builder_new(price->ruleset->dictionary);
    if (builder == NULL)
        return false;
    oe__sealing sealing = {builder, &price->bench};
    *product = *oe__price_product(price);
    product->range_count = product->term_count = 0;
    product->weight_sum = 0;
    declare(price, gate);
    oe__seal_bounds(&sealing, index);
    if (!builder->failed)
        oe__seal_terms(&sealing, index);
    bool failed = builder->failed;
    if (!failed && oe_builder_finding_count(builder) > 0) {
        const char *message = oe_builder_finding_get(builder, 0)->message;
        price->points[point].refused =
            oe__arena_text(&price->bench.arena, message, strlen(message));
        failed = price->points[point].refused == NULL;
    }
    price->variants[point] = *product;
    oe_builder_free(builder);
    return !failed;
}

static bool take_tally(oe__price *price, oe__price_tally *counts)
{
    size_t products = price->ruleset->declared.products.count;
    size_t segments = price->ruleset->declared.segments.count + 1;
    counts->displaced_products = take(price, products, sizeof(uint64_t));
    counts->gained_segments = take(price, segments, sizeof(uint64_t));
    counts->lost_segments = take(price, segments, sizeof(uint64_t));
    return counts->displaced_products && counts->gained_segments && counts->lost_segments;
}

static bool add_point(oe__price *price, double gate)
{
    size_t point = price->point_count;
    if (point > 0 && price->points[point - 1].gate == gate)
        return true;
    price->point_count++;
    price->points[point].gate = gate;
    if (!take_tally(price, &price->tallies[point]) || !compile_point(price, point, gate))
        return false;
    const oe__range *range = &price->variants[point].ranges[price->range];
    price->points[point].effective = price->question.is_maximum ? range->high : range->low;
    return true;
}

static bool make_points(oe__price *price)
{
    const oe__price_question *question = &price->question;
    size_t count = question->steps + 1U;
    price->points = take(price, count, sizeof *price->points);
    price->tallies = take(price, count, sizeof *price->tallies);
    price->variants = take(price, count, sizeof *price->variants);
    price->others = take(price, price->ruleset->declared.products.count, sizeof *price->others);
    if (!price->points || !price->tallies || !price->variants || !price->others ||
        !set_bench(price))
        return false;
    oe__grid on = oe__grid_of(oe__attribute(price->ruleset, question->attribute));
    double gate = gate_of(price);
    bool made = add_point(price, gate);
    for (uint32_t i = 1; i <= question->steps && made; i++) {
        double value = gate + (question->to - gate) * i / question->steps;
        made = add_point(price, oe__grid_value(on, round(oe__grid_place(on, value))));
    }
    return made;
}

oe_status oe__price_prepare(oe__price *price, oe_error *error)
{
    oe_status status = find_range(price) ? check_end(price, error) : refuse_gate(price, error);
    if (status == OE_OK && !make_points(price))
        status = oe__fail(error, OE_E_MEMORY, "price: out of memory");
    return status;
}
