/* seal_gates.c: availability, ownership and gates of every product. */
#include "engine/seal.h"

#include "engine/cell.h"

#include <math.h>
#include <string.h>

static oe_product *product_at(oe__sealing *sealing, size_t product)
{
    return (oe_product *)sealing->ruleset->declared.products.items + product;
}

bool oe__seal_covers(const oe_ruleset *ruleset, const oe_scope *scope, size_t product)
{
    const oe_product *declared = oe__product(ruleset, product);
    for (size_t i = 0; i < scope->category_count; i++)
        if (declared->category != NULL && strcmp(scope->categories[i], declared->category) == 0)
            return true;
    for (size_t i = 0; i < scope->product_count; i++)
        if (strcmp(scope->products[i], declared->id) == 0)
            return true;
    return scope->category_count == 0 && scope->product_count == 0;
}

static void seal_category(oe__sealing *sealing, size_t product)
{
    const oe_product *declared = product_at(sealing, product);
    oe__compiled *compiled = &sealing->ruleset->compiled[product];
    int32_t category =
        oe__seal_find(sealing, OE_CATEGORIES, declared->category, declared->where);
    compiled->category = OE__NO_CATEGORY;
    if (category < 0)
        return;
    compiled->category = (uint32_t)category;
    uint64_t *words = sealing->ruleset->category_words[category];
    words[compiled->number / 64] |= UINT64_C(1) << compiled->number % 64;
    if (!declared->off)
        sealing->ruleset->category_available[category] = true;
}

static void seal_window(oe__sealing *sealing, size_t product)
{
    const oe_product *declared = product_at(sealing, product);
    oe__compiled *compiled = &sealing->ruleset->compiled[product];
    compiled->off = declared->off;
    compiled->from_ms = declared->from_ms;
    compiled->until_ms = declared->until_ms;
    if (declared->from_ms >= declared->until_ms)
        oe__builder_error(sealing->builder, "E063", declared->where, NULL,
                          "product \"%s\": from must lie before until", declared->id);
    if (declared->from_ms != INT64_MIN || declared->until_ms != INT64_MAX)
        sealing->ruleset->has_windows = true;
}

static const uint32_t *seal_owned(oe__sealing *sealing, size_t product, const char *const *ids,
                                  size_t count)
{
    uint32_t *numbers = oe__seal_array(sealing, count, sizeof *numbers);
    for (size_t i = 0; numbers != NULL && i < count; i++) {
        oe_where where = product_at(sealing, product)->where;
        int32_t other = oe__seal_find(sealing, OE_PRODUCTS, ids[i], where);
        if (other == (int32_t)product)
            oe__builder_error(sealing->builder, "E064", where, NULL,
                              "product \"%s\": names itself in after or not_with", ids[i]);
        if (other >= 0)
            numbers[i] = sealing->ruleset->compiled[other].number;
    }
    return numbers;
}

/* ---- bounds and tiers ---- */

static void seal_bounds(oe__sealing *sealing, size_t product)
{
    oe_product *declared = product_at(sealing, product);
    oe__compiled *compiled = &sealing->ruleset->compiled[product];
    oe__range *ranges = oe__seal_array(sealing, declared->bound_count, sizeof *ranges);
    for (size_t i = 0; ranges != NULL && i < declared->bound_count; i++) {
        const oe_bound *bound = &declared->bounds[i];
        int32_t attribute =
            oe__seal_find(sealing, OE_ATTRIBUTES, bound->attribute, bound->where);
        if (attribute < 0)
            continue;
        if (!oe__type_is_numeric(oe__attribute(sealing->ruleset, (size_t)attribute)->type))
            oe__builder_error(
                sealing->builder, "E056", bound->where, NULL,
                "product \"%s\": \"%s\" is no number, so it has no minimum or maximum",
                declared->id, bound->attribute);
        if (isnan(bound->low) || isnan(bound->high) || bound->low > bound->high)
            oe__builder_error(sealing->builder, "E065", bound->where, NULL,
                              "product \"%s\": the minimum of \"%s\" lies above its maximum",
                              declared->id, bound->attribute);
        else
            oe__seal_within(sealing, oe__attribute(sealing->ruleset, (size_t)attribute), bound,
                            declared->id);
        ranges[compiled->range_count++] =
            (oe__range){(uint32_t)attribute, bound->low, bound->high, bound->low, bound->where};
    }
    compiled->ranges = ranges;
}

static double maximum_of(const oe__compiled *compiled, uint32_t attribute)
{
    double maximum = HUGE_VAL;
    for (size_t i = 0; i < compiled->range_count; i++)
        if (compiled->ranges[i].attribute == attribute)
            maximum = fmin(maximum, compiled->ranges[i].high);
    return maximum;
}

static bool raise_minimum(oe__sealing *sealing, size_t product, const oe__tier_raise *raise)
{
    oe_product *declared = product_at(sealing, product);
    oe__compiled *compiled = &sealing->ruleset->compiled[product];
    oe_bound *bounds = (oe_bound *)(uintptr_t)declared->bounds;
    oe__range *ranges = (oe__range *)(uintptr_t)compiled->ranges;
    bool raised = false;
    for (size_t i = 0; i < compiled->range_count; i++) {
        const char *attribute = oe__attribute(sealing->ruleset, ranges[i].attribute)->name;
        if (strcmp(attribute, raise->attribute) != 0 || !isfinite(ranges[i].low))
            continue;
        ranges[i].low += raise->points;
        bounds[i].low = ranges[i].low;
        raised = true;
        if (ranges[i].low > maximum_of(compiled, ranges[i].attribute))
            oe__builder_error(sealing->builder, "E065", ranges[i].where, NULL,
                              "product \"%s\": tier \"%s\" raises the minimum of \"%s\" "
                              "above its maximum",
                              declared->id, raise->tier, attribute);
    }
    return raised;
}

static const char *nearest_tier(oe__sealing *sealing, const char *name)
{
    const oe__list *list = &sealing->ruleset->declared.tiers;
    const char **words = oe__seal_array(sealing, list->count, sizeof *words);
    for (size_t i = 0; words != NULL && i < list->count; i++)
        words[i] = ((const oe__tier_raise *)list->items)[i].tier;
    return words ? oe_suggest(name, words, list->count) : NULL;
}

static void seal_tier(oe__sealing *sealing, size_t product)
{
    const oe_product *declared = product_at(sealing, product);
    const oe__list *list = &sealing->ruleset->declared.tiers;
    bool known = false;
    for (size_t i = 0; declared->tier != NULL && i < list->count; i++) {
        const oe__tier_raise *raise = (const oe__tier_raise *)list->items + i;
        if (strcmp(raise->tier, declared->tier) != 0)
            continue;
        known = true;
        if (!raise_minimum(sealing, product, raise))
            oe__builder_error(
                sealing->builder, "E066", declared->where, NULL,
                "product \"%s\": tier \"%s\" raises the minimum of \"%s\", but the "
                "product has none; add min_%s",
                declared->id, declared->tier, raise->attribute, raise->attribute);
    }
    if (declared->tier != NULL && !known)
        oe__builder_error(sealing->builder, "E014", declared->where,
                          nearest_tier(sealing, declared->tier), "unknown tier \"%s\"",
                          declared->tier);
}

void oe__seal_bounds(oe__sealing *sealing, size_t product)
{
    seal_bounds(sealing, product);
    if (!sealing->builder->failed)
        seal_tier(sealing, product);
}

static void check_tiers(oe__sealing *sealing)
{
    const oe__list *list = &sealing->ruleset->declared.tiers;
    for (size_t i = 0; i < list->count; i++) {
        const oe__tier_raise *raise = (const oe__tier_raise *)list->items + i;
        oe__seal_find(sealing, OE_ATTRIBUTES, raise->attribute, raise->where);
        if (!isfinite(raise->points))
            oe__builder_error(sealing->builder, "E057", raise->where, NULL,
                              "tier \"%s\": the raise of \"%s\" must be a finite number",
                              raise->tier, raise->attribute);
    }
}

/* ---- guards ---- */

static void seal_excludes(oe__sealing *sealing, size_t product, oe__guard *guards)
{
    oe__compiled *compiled = &sealing->ruleset->compiled[product];
    for (size_t i = 0; i < sealing->ruleset->declared.rules.count; i++) {
        const oe_rule *rule = oe__rule(sealing->ruleset, i);
        if (!rule->excludes || !oe__seal_covers(sealing->ruleset, &rule->scope, product))
            continue;
        guards[compiled->guard_count++] =
            (oe__guard){oe__seal_for_category(sealing, rule->condition, compiled->category),
                        OE__REFUSES_TRUE | OE__REFUSES_STOPPED |
                            (rule->unknown_excludes ? OE__REFUSES_UNKNOWN : 0),
                        rule->from_ms,
                        rule->until_ms,
                        rule->id,
                        rule->reason,
                        rule->where};
    }
}

static void seal_guards(oe__sealing *sealing, size_t product)
{
    const oe_product *declared = product_at(sealing, product);
    oe__compiled *compiled = &sealing->ruleset->compiled[product];
    size_t most = declared->gate_count + sealing->ruleset->declared.rules.count;
    oe__guard *guards = oe__seal_array(sealing, most, sizeof *guards);
    if (guards == NULL)
        return;
    for (size_t i = 0; i < declared->gate_count; i++) {
        const oe_gate *gate = &declared->gates[i];
        if (gate->condition == OE_NO_CONDITION) {
            oe__builder_error(sealing->builder, "E061", gate->where, NULL,
                              "product \"%s\": a gate has no condition", declared->id);
            continue;
        }
        guards[compiled->guard_count++] =
            (oe__guard){oe__seal_for_category(sealing, gate->condition, compiled->category),
                        OE__REFUSES_FALSE | OE__REFUSES_UNKNOWN | OE__REFUSES_STOPPED,
                        INT64_MIN,
                        INT64_MAX,
                        gate->name,
                        NULL,
                        gate->where};
    }
    compiled->gate_count = compiled->guard_count;
    seal_excludes(sealing, product, guards);
    compiled->guards = guards;
}

static void check_scopes(oe__sealing *sealing)
{
    for (size_t i = 0; i < sealing->ruleset->declared.rules.count; i++) {
        const oe_rule *rule = oe__rule(sealing->ruleset, i);
        for (size_t j = 0; j < rule->scope.category_count; j++)
            oe__seal_find(sealing, OE_CATEGORIES, rule->scope.categories[j], rule->where);
        for (size_t j = 0; j < rule->scope.product_count; j++)
            oe__seal_find(sealing, OE_PRODUCTS, rule->scope.products[j], rule->where);
        if (rule->from_ms >= rule->until_ms)
            oe__builder_error(sealing->builder, "E063", rule->where, NULL,
                              "rule \"%s\": from must lie before until", rule->id);
        if (!rule->excludes && !isfinite(rule->points))
            oe__builder_error(sealing->builder, "E057", rule->where, NULL,
                              "rule \"%s\": points must be a finite number", rule->id);
    }
}

/* ---- columns ---- */

static oe__column *column_of(oe__sealing *sealing, uint32_t attribute)
{
    oe_ruleset *ruleset = sealing->ruleset;
    for (size_t i = 0; i < ruleset->column_count; i++)
        if (ruleset->columns[i].attribute == attribute)
            return &ruleset->columns[i];
    size_t count = ruleset->declared.products.count;
    oe__column *column = &ruleset->columns[ruleset->column_count++];
    *column = (oe__column){attribute, oe__seal_array(sealing, count, sizeof(double)),
                           oe__seal_array(sealing, count, sizeof(double))};
    for (size_t i = 0; !sealing->builder->failed && i < count; i++) {
        column->low[i] = OE__NO_MINIMUM;
        column->high[i] = OE__NO_MAXIMUM;
    }
    return column;
}

static void seal_columns(oe__sealing *sealing)
{
    oe_ruleset *ruleset = sealing->ruleset;
    ruleset->columns =
        oe__seal_array(sealing, ruleset->declared.attributes.count, sizeof *ruleset->columns);
    for (size_t p = 0; p < ruleset->declared.products.count; p++) {
        const oe__compiled *compiled = &ruleset->compiled[p];
        for (size_t i = 0; i < compiled->range_count && !sealing->builder->failed; i++) {
            const oe__range *range = &compiled->ranges[i];
            oe__column *column = column_of(sealing, range->attribute);
            if (sealing->builder->failed)
                return;
            column->low[p] = fmax(column->low[p], range->low);
            column->high[p] = fmin(column->high[p], range->high);
        }
    }
}

static void seal_categories(oe__sealing *sealing)
{
    oe_ruleset *ruleset = sealing->ruleset;
    size_t count = ruleset->declared.categories.count;
    ruleset->category_words = oe__seal_array(sealing, count, sizeof *ruleset->category_words);
    ruleset->category_available = oe__seal_array(sealing, count, sizeof(bool));
    for (size_t i = 0; i < count && !sealing->builder->failed; i++)
        ruleset->category_words[i] =
            oe__seal_array(sealing, ruleset->word_count, sizeof(uint64_t));
}

void oe__seal_gates(oe__sealing *sealing)
{
    seal_categories(sealing);
    check_tiers(sealing);
    check_scopes(sealing);
    for (size_t p = 0; p < sealing->ruleset->declared.products.count; p++) {
        if (sealing->builder->failed)
            return;
        const oe_product *declared = product_at(sealing, p);
        oe__compiled *compiled = &sealing->ruleset->compiled[p];
        seal_category(sealing, p);
        seal_window(sealing, p);
        compiled->after = seal_owned(sealing, p, declared->after, declared->after_count);
        compiled->after_count = declared->after_count;
        compiled->not_with =
            seal_owned(sealing, p, declared->not_with, declared->not_with_count);
        compiled->not_with_count = declared->not_with_count;
        oe__seal_bounds(sealing, p);
        if (!sealing->builder->failed)
            seal_guards(sealing, p);
    }
    if (!sealing->builder->failed)
        seal_columns(sealing);
}
