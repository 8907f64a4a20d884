/* prove_product.c: products that nobody can get, and what stands against what. */
#include "engine/prove.h"

#include "engine/cell.h"

#include <math.h>
#include <string.h>

/* ---- what a customer must meet ---- */

static size_t add_ownership(const oe_ruleset *ruleset, size_t product, oe__demand *demands)
{
    const oe__compiled *compiled = &ruleset->compiled[product];
    size_t count = 0;
    demands[count++] = (oe__demand){.kind = OE__DEMAND_LACKED, .subject = (uint32_t)product};
    for (size_t i = 0; i < compiled->after_count; i++)
        demands[count++] =
            (oe__demand){.kind = OE__DEMAND_OWNED,
                         .subject = (uint32_t)ruleset->product_of[compiled->after[i]]};
    for (size_t i = 0; i < compiled->not_with_count; i++)
        demands[count++] =
            (oe__demand){.kind = OE__DEMAND_LACKED,
                         .subject = (uint32_t)ruleset->product_of[compiled->not_with[i]]};
    return count;
}

static oe__demand demand_of_guard(const oe__guard *guard, bool is_gate)
{
    if (is_gate)
        return (oe__demand){
            .kind = OE__DEMAND_CONDITION, .mode = OE__IS_TRUE, .subject = guard->condition};
    bool unknown_refuses = (guard->refuses & OE__REFUSES_UNKNOWN) != 0;
    return (oe__demand){.kind = OE__DEMAND_GUARD,
                        .mode = unknown_refuses ? OE__IS_FALSE : OE__NOT_TRUE,
                        .subject = guard->condition,
                        .from_ms = guard->from_ms,
                        .until_ms = guard->until_ms};
}

size_t oe__prove_demands(const oe_ruleset *ruleset, size_t product, oe__demand *demands)
{
    const oe__compiled *compiled = &ruleset->compiled[product];
    size_t count = 0;
    for (size_t i = 0; i < compiled->range_count; i++)
        demands[count++] = (oe__demand){.kind = OE__DEMAND_WITHIN,
                                        .subject = compiled->ranges[i].attribute,
                                        .low = compiled->ranges[i].low,
                                        .high = compiled->ranges[i].high};
    for (size_t i = 0; i < compiled->gate_count; i++)
        demands[count++] = demand_of_guard(&compiled->guards[i], true);
    count += add_ownership(ruleset, product, demands + count);
    demands[count++] = (oe__demand){
        .kind = OE__DEMAND_TIME, .from_ms = compiled->from_ms, .until_ms = compiled->until_ms};
    for (size_t i = compiled->gate_count; i < compiled->guard_count; i++)
        demands[count++] = demand_of_guard(&compiled->guards[i], false);
    return count;
}

void oe__prove_core(oe__proving *proving, const oe__demand *demands, size_t count)
{
    for (size_t i = 0; i < count; i++)
        proving->needed[i] = true;
    for (size_t i = count; i-- > 0;) {
        size_t left = 0;
        for (size_t j = 0; j < count; j++)
            if (j != i && proving->needed[j])
                proving->some[left++] = demands[j];
        proving->needed[i] = oe__region_find(&proving->everybody, proving->some, left, NULL);
    }
}

/* ---- in words ---- */

static const oe__tier_raise *raise_of(const oe_ruleset *ruleset, size_t product,
                                      const char *attribute)
{
    const char *tier = oe__product(ruleset, product)->tier;
    const oe__tier_raise *raises = ruleset->declared.tiers.items;
    for (size_t i = 0; tier != NULL && i < ruleset->declared.tiers.count; i++)
        if (strcmp(raises[i].tier, tier) == 0 && strcmp(raises[i].attribute, attribute) == 0)
            return &raises[i];
    return NULL;
}

static void write_range(oe__buffer *out, const oe_ruleset *ruleset, size_t product,
                        const oe__range *range)
{
    const char *attribute = oe__attribute(ruleset, range->attribute)->name;
    const oe__tier_raise *raise = raise_of(ruleset, product, attribute);
    if (isfinite(range->low))
        oe__prove_write(out, "min_%s = %.15g", attribute, range->declared_low);
    if (isfinite(range->low) && raise != NULL) {
        oe__prove_write(out, ", raised to %.15g by tier \"%s\"", range->low, raise->tier);
        oe__prove_write_place(out, raise->where, range->where);
    }
    if (isfinite(range->low) && isfinite(range->high))
        oe__buffer_add_text(out, ", ");
    if (isfinite(range->high))
        oe__prove_write(out, "max_%s = %.15g", attribute, range->high);
}

static void write_guard(oe__buffer *out, const oe_ruleset *ruleset, const oe__guard *guard,
                        bool is_gate)
{
    const char *text = oe_ruleset_condition_text(ruleset, guard->condition);
    oe__prove_write(out, is_gate ? "%s: " : "exclude \"%s\": ", guard->rule);
    oe__buffer_add_text(out, text != NULL ? text : "always");
}

oe_where oe__prove_write_demand(oe__buffer *out, const oe_ruleset *ruleset, size_t product,
                                size_t index)
{
    const oe__compiled *compiled = &ruleset->compiled[product];
    const oe_product *declared = oe__product(ruleset, product);
    if (index < compiled->range_count) {
        write_range(out, ruleset, product, &compiled->ranges[index]);
        return compiled->ranges[index].where;
    }
    index -= compiled->range_count;
    if (index < compiled->gate_count) {
        write_guard(out, ruleset, &compiled->guards[index], true);
        return compiled->guards[index].where;
    }
    index -= compiled->gate_count;
    if (index == 0)
        oe__buffer_add_text(out, "it is not owned yet");
    else if (index <= compiled->after_count)
        oe__prove_write(out, "after \"%s\"", declared->after[index - 1]);
    else if (index <= compiled->after_count + compiled->not_with_count)
        oe__prove_write(out, "not_with \"%s\"",
                        declared->not_with[index - 1 - compiled->after_count]);
    else if (index == compiled->after_count + compiled->not_with_count + 1)
        oe__buffer_add_text(out, "its days from and until");
    else {
        index -= compiled->after_count + compiled->not_with_count + 2;
        const oe__guard *guard = &compiled->guards[compiled->gate_count + index];
        write_guard(out, ruleset, guard, false);
        return guard->where;
    }
    return declared->where;
}

/* Where the first needed demand stands, and how many there are. */
static oe_where first_needed(const oe__proving *proving, size_t product, size_t count,
                             size_t *needed)
{
    oe__buffer ignored = {0};
    oe_where first = oe__product(proving->ruleset, product)->where;
    *needed = 0;
    for (size_t i = 0; i < count; i++) {
        if (!proving->needed[i])
            continue;
        oe_where where = oe__prove_write_demand(&ignored, proving->ruleset, product, i);
        if ((*needed)++ == 0)
            first = where;
    }
    oe__buffer_free(&ignored);
    return first;
}

static void report_core(oe__proving *proving, size_t product, size_t count)
{
    const oe_ruleset *ruleset = proving->ruleset;
    const oe__compiled *compiled = &ruleset->compiled[product];
    size_t needed = 0, excludes = count - (compiled->guard_count - compiled->gate_count);
    bool excluded = false;
    for (size_t i = excludes; i < count; i++)
        excluded |= proving->needed[i];
    oe_where here = first_needed(proving, product, count, &needed);
    if (excluded)
        here = oe__product(ruleset, product)->where;
    oe__buffer message = {0};
    oe__prove_write(&message,
                    "product \"%s\": nobody can get it: ", oe__product(ruleset, product)->id);
    for (size_t i = 0, written = 0; i < count; i++) {
        if (!proving->needed[i])
            continue;
        if (written++ > 0)
            oe__buffer_add_text(&message, written == needed ? " and " : ", ");
        oe_where where = oe__prove_write_demand(&message, ruleset, product, i);
        oe__prove_write_place(&message, where, here);
    }
    oe__buffer_add_text(&message, excluded
                                      ? needed == 1 ? " refuses everybody" : " leave nobody"
                                  : needed == 1 ? " holds for nobody"
                                                : " cannot hold together");
    oe__prove_report_text(proving, excluded ? "W102" : "W101", here, &message);
}

/* ---- score ---- */

typedef struct best {
    size_t product;
    double confidence;
} best;

static bool may_exceed(void *context, oe__region *region)
{
    best *found = context;
    oe__extent extent = oe__prove_extent(region, found->product);
    found->confidence = fmax(found->confidence, extent.confidence_high);
    return extent.confidence_high > extent.threshold_low;
}

/* A fallback may be offered below its threshold. */
static bool is_beyond_reach(oe__proving *proving, size_t product, size_t count)
{
    best found = {product, 0};
    oe__region_visitor visitor = {may_exceed, &found};
    if (proving->ruleset->compiled[product].is_fallback ||
        oe__region_find(&proving->everybody, proving->demands, count, &visitor))
        return false;
    const oe_product *declared = oe__product(proving->ruleset, product);
    const oe__setting *setting = oe__prove_threshold(proving->ruleset, product);
    oe__buffer message = {0};
    oe__prove_write(&message, "product \"%s\": nobody can get it: the confidence must exceed",
                    declared->id);
    oe__prove_write(&message, " the threshold of %.15g",
                    proving->ruleset->compiled[product].threshold);
    if (setting != NULL)
        oe__prove_write_place(&message, setting->where, declared->where);
    oe__prove_write(&message, " and is %.4g at best", found.confidence);
    oe__prove_report_text(proving, "W103", declared->where, &message);
    return true;
}

static void prove_product(oe__proving *proving, size_t product)
{
    size_t count = oe__prove_demands(proving->ruleset, product, proving->demands);
    if (!oe__region_find(&proving->everybody, proving->demands, count, NULL)) {
        oe__prove_core(proving, proving->demands, count);
        report_core(proving, product, count);
        proving->closed[product] = true;
    } else {
        proving->closed[product] = is_beyond_reach(proving, product, count);
    }
}

/* ---- after ---- */

/* Follows `after` from a product past all that were not seen: the first one of a way that leads
 * back to `start`, else -1. */
static int32_t next_in_circle(const oe_ruleset *ruleset, size_t product, size_t start,
                              bool *seen)
{
    const oe__compiled *compiled = &ruleset->compiled[product];
    seen[product] = true;
    for (size_t i = 0; i < compiled->after_count; i++) {
        size_t other = (size_t)ruleset->product_of[compiled->after[i]];
        if (other == start ||
            (!seen[other] && next_in_circle(ruleset, other, start, seen) >= 0))
            return (int32_t)other;
    }
    return -1;
}

/* A circle is told once, at the product that is declared first. */
static void prove_circle(oe__proving *proving, size_t product, bool *seen)
{
    const oe_ruleset *ruleset = proving->ruleset;
    if (ruleset->compiled[product].after_count == 0)
        return;
    for (size_t p = 0; p < ruleset->declared.products.count; p++)
        seen[p] = p < product;
    int32_t next = next_in_circle(ruleset, product, product, seen);
    if (next < 0)
        return;
    const oe_product *declared = oe__product(ruleset, product);
    oe__prove_report(proving, "W104", declared->where,
                     "product \"%s\": it comes after \"%s\", which in the end comes after "
                     "\"%s\": who owns none of them cannot begin",
                     declared->id, oe__product(ruleset, (size_t)next)->id, declared->id);
}

static void prove_windows(oe__proving *proving, size_t product)
{
    const oe_ruleset *ruleset = proving->ruleset;
    const oe__compiled *compiled = &ruleset->compiled[product];
    for (size_t i = 0; i < compiled->after_count; i++) {
        size_t other = (size_t)ruleset->product_of[compiled->after[i]];
        if (compiled->until_ms <= ruleset->compiled[other].from_ms)
            oe__prove_report(proving, "N109", oe__product(ruleset, product)->where,
                             "product \"%s\": it ends before \"%s\" begins, which must be "
                             "owned first",
                             oe__product(ruleset, product)->id,
                             oe__product(ruleset, other)->id);
    }
}

void oe__prove_products(oe__proving *proving)
{
    const oe_ruleset *ruleset = proving->ruleset;
    size_t count = ruleset->declared.products.count;
    bool *seen = oe__arena_array(&proving->arena, count + 1, sizeof *seen);
    if (seen == NULL)
        proving->failed = true;
    for (size_t p = 0; seen != NULL && p < count; p++) {
        if (ruleset->compiled[p].off) {
            proving->closed[p] = true;
            continue;
        }
        prove_product(proving, p);
        prove_circle(proving, p, seen);
        prove_windows(proving, p);
    }
}
