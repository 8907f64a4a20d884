/* seal_limits.c: thresholds, limits, exclusion groups and fallbacks. */
#include "engine/seal.h"

#include <math.h>
#include <string.h>

enum { DEFAULT_THRESHOLD = 30 };

static const oe__setting *settings(const oe__list *list)
{
    return list->items;
}

static bool same_place(const oe__setting *a, const oe__setting *b)
{
    return a->level == b->level &&
           (a->name == NULL || b->name == NULL ? a->name == b->name
                                               : strcmp(a->name, b->name) == 0);
}

static void check_twice(oe__sealing *sealing, const oe__list *list, const char *word)
{
    for (size_t i = 1; i < list->count; i++)
        for (size_t j = 0; j < i; j++) {
            const oe__setting *first = &settings(list)[j], *again = &settings(list)[i];
            if (!same_place(first, again))
                continue;
            oe__builder_error(sealing->builder, "E051", again->where, NULL,
                              "%s: \"%s\" is declared twice, first at %s:%d", word,
                              again->level == OE_LEVEL_DEFAULT ? "default" : again->name,
                              first->where.file ? first->where.file : "?", first->where.line);
            break;
        }
}

/* ---- thresholds ---- */

static bool reads_protected(const oe_ruleset *ruleset, size_t segment)
{
    oe_condition condition = oe__segment(ruleset, segment)->condition;
    return condition != OE_NO_CONDITION && oe__nodes(ruleset)[condition].is_protected;
}

/* A threshold that hangs on a protected attribute would grade credit by it. */
static void check_segment_threshold(oe__sealing *sealing, const oe__setting *setting)
{
    const oe_ruleset *ruleset = sealing->ruleset;
    int32_t segment =
        oe_ruleset_find(ruleset, OE_SEGMENTS, setting->name, strlen(setting->name));
    if (segment < 0 || !reads_protected(ruleset, (size_t)segment))
        return;
    for (size_t p = 0; p < ruleset->declared.products.count; p++) {
        const oe__compiled *compiled = &ruleset->compiled[p];
        if (compiled->threshold_fixed || compiled->category == OE__NO_CATEGORY ||
            !oe__category(ruleset, compiled->category)->regulated_credit)
            continue;
        oe__builder_error(
            sealing->builder, "E072", setting->where, NULL,
            "threshold of segment \"%s\" hangs on a protected attribute; in category "
            "\"%s\", which is regulated credit, that may only be a gate: give the "
            "category a threshold of its own",
            setting->name, oe__product(ruleset, p)->category);
    }
}

static void apply_threshold(oe__sealing *sealing, const oe__setting *setting)
{
    oe_ruleset *ruleset = sealing->ruleset;
    if (setting->level == OE_LEVEL_DEFAULT) {
        ruleset->default_threshold = setting->value;
        return;
    }
    oe_kind kind = setting->level == OE_LEVEL_SEGMENT    ? OE_SEGMENTS
                   : setting->level == OE_LEVEL_CATEGORY ? OE_CATEGORIES
                                                         : OE_PRODUCTS;
    int32_t number = oe__seal_find(sealing, kind, setting->name, setting->where);
    if (number < 0)
        return;
    if (kind == OE_SEGMENTS)
        ruleset->segment_thresholds[ruleset->segment_threshold_count++] =
            (oe__segment_threshold){(uint32_t)number, setting->value};
    for (size_t p = 0; kind != OE_SEGMENTS && p < ruleset->declared.products.count; p++) {
        oe__compiled *compiled = &ruleset->compiled[p];
        uint32_t own = kind == OE_CATEGORIES ? compiled->category : (uint32_t)p;
        if (own != (uint32_t)number)
            continue;
        compiled->threshold = setting->value;
        compiled->threshold_fixed = true;
    }
}

static void seal_thresholds(oe__sealing *sealing)
{
    static const oe_level order[] = {OE_LEVEL_DEFAULT, OE_LEVEL_SEGMENT, OE_LEVEL_CATEGORY,
                                     OE_LEVEL_PRODUCT};
    oe_ruleset *ruleset = sealing->ruleset;
    const oe__list *list = &ruleset->declared.thresholds;
    ruleset->default_threshold = DEFAULT_THRESHOLD;
    ruleset->segment_thresholds =
        oe__seal_array(sealing, list->count, sizeof *ruleset->segment_thresholds);
    if (sealing->builder->failed)
        return;
    for (size_t level = 0; level < sizeof order / sizeof *order; level++)
        for (size_t i = 0; i < list->count; i++) {
            const oe__setting *setting = &settings(list)[i];
            if (setting->level != order[level])
                continue;
            if (!(setting->value >= 0 && setting->value <= 100))
                oe__builder_error(sealing->builder, "E080", setting->where, NULL,
                                  "threshold: must lie between 0 and 100");
            apply_threshold(sealing, setting);
        }
    for (size_t p = 0; p < ruleset->declared.products.count; p++)
        if (!ruleset->compiled[p].threshold_fixed)
            ruleset->compiled[p].threshold = ruleset->default_threshold;
    for (size_t i = 0; i < list->count; i++)
        if (settings(list)[i].level == OE_LEVEL_SEGMENT)
            check_segment_threshold(sealing, &settings(list)[i]);
}

/* ---- limits ---- */

static void seal_groups(oe__sealing *sealing, oe__names *groups)
{
    oe_ruleset *ruleset = sealing->ruleset;
    for (size_t p = 0; p < ruleset->declared.products.count; p++) {
        const char *group = oe__product(ruleset, p)->group;
        int32_t number = group ? oe__names_add(groups, group, strlen(group)) : -1;
        if (group != NULL && number < 0)
            sealing->builder->failed = true;
        ruleset->compiled[p].group = number < 0 ? OE__NO_GROUP : (uint32_t)number;
    }
    ruleset->group_count = groups->count;
    ruleset->group_limits = oe__seal_array(sealing, groups->count, sizeof(uint32_t));
    for (size_t i = 0; !sealing->builder->failed && i < groups->count; i++)
        ruleset->group_limits[i] = 1;
}

static void apply_limit(oe__sealing *sealing, const oe__setting *setting,
                        const oe__names *groups)
{
    oe_ruleset *ruleset = sealing->ruleset;
    uint32_t count = (uint32_t)setting->value;
    if (setting->level == OE_LEVEL_DEFAULT) {
        ruleset->default_limit = count;
    } else if (setting->level == OE_LEVEL_CATEGORY) {
        int32_t category = oe__seal_find(sealing, OE_CATEGORIES, setting->name, setting->where);
        if (category >= 0)
            ruleset->category_limits[category] = count;
    } else {
        int32_t group = oe__names_find(groups, setting->name, strlen(setting->name));
        if (group >= 0)
            ruleset->group_limits[group] = count;
        else
            oe__builder_error(sealing->builder, "E017", setting->where,
                              oe__seal_nearest(groups, setting->name),
                              "limit: no product has group = \"%s\"", setting->name);
    }
}

static void seal_limits(oe__sealing *sealing)
{
    oe_ruleset *ruleset = sealing->ruleset;
    size_t categories = ruleset->declared.categories.count;
    ruleset->category_limits = oe__seal_array(sealing, categories, sizeof(uint32_t));
    ruleset->default_limit = UINT32_MAX;
    for (size_t i = 0; !sealing->builder->failed && i < categories; i++)
        ruleset->category_limits[i] = UINT32_MAX;
    oe__names groups = {0};
    seal_groups(sealing, &groups);
    const oe__list *list = &ruleset->declared.limits;
    for (size_t i = 0; !sealing->builder->failed && i < list->count; i++) {
        if (!(settings(list)[i].value >= 1))
            oe__builder_error(sealing->builder, "E081", settings(list)[i].where, NULL,
                              "limit: must be a whole number from 1");
        apply_limit(sealing, &settings(list)[i], &groups);
    }
    oe__names_free(&groups);
}

static void seal_fallbacks(oe__sealing *sealing)
{
    oe_ruleset *ruleset = sealing->ruleset;
    const oe__fallback *fallbacks = ruleset->declared.fallbacks.items;
    for (size_t i = 0; i < ruleset->declared.fallbacks.count; i++) {
        int32_t product =
            oe__seal_find(sealing, OE_PRODUCTS, fallbacks[i].product, fallbacks[i].where);
        if (product < 0)
            continue;
        ruleset->compiled[product].is_fallback = true;
        ruleset->has_fallback = true;
    }
}

void oe__seal_limits(oe__sealing *sealing)
{
    check_twice(sealing, &sealing->ruleset->declared.thresholds, "threshold");
    check_twice(sealing, &sealing->ruleset->declared.limits, "limit");
    seal_thresholds(sealing);
    if (!sealing->builder->failed)
        seal_limits(sealing);
    if (!sealing->builder->failed)
        seal_fallbacks(sealing);
}
