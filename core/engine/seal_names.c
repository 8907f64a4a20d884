/* seal_names.c: every name gets its number; references are looked up here. */
#include "engine/campaign.h"
#include "engine/seal.h"

#include "engine/profile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct named {
    const char *name;
    oe_where where;
} named;

static const char *const nouns[OE_KIND_COUNT] = {"attribute", "category", "product", "segment",
                                                 "dimension", "rule",     "policy"};
/* Nothing refers to dimensions, rules and policies by name. */
static const char *const unknown_codes[OE_KIND_COUNT] = {"E012", "E010", "E011", "E013",
                                                         "",     "",     ""};

static named item_name(const oe_ruleset *ruleset, oe_kind kind, size_t index)
{
    switch (kind) {
    case OE_ATTRIBUTES:
        return (named){oe__attribute(ruleset, index)->name,
                       oe__attribute(ruleset, index)->where};
    case OE_CATEGORIES:
        return (named){oe__category(ruleset, index)->id, oe__category(ruleset, index)->where};
    case OE_PRODUCTS:
        return (named){oe__product(ruleset, index)->id, oe__product(ruleset, index)->where};
    case OE_SEGMENTS:
        return (named){oe__segment(ruleset, index)->id, oe__segment(ruleset, index)->where};
    case OE_DIMENSIONS:
        return (named){oe__dimension(ruleset, index)->name,
                       oe__dimension(ruleset, index)->where};
    case OE_RULES:
        return (named){oe__rule(ruleset, index)->id, oe__rule(ruleset, index)->where};
    case OE_CAMPAIGNS:
        return (named){oe__campaign_at(ruleset, index)->id,
                       oe__campaign_at(ruleset, index)->where};
    case OE_POLICIES:
    default:
        return (named){oe__policy(ruleset, index)->id, oe__policy(ruleset, index)->where};
    }
}

static void number_names(oe__sealing *sealing, oe_kind kind)
{
    oe_ruleset *ruleset = sealing->ruleset;
    oe__names *table = &ruleset->index[kind];
    size_t count = oe_ruleset_count(ruleset, kind);
    for (size_t i = 0; i < count; i++) {
        named item = item_name(ruleset, kind, i);
        if (item.name == NULL || !oe__text_is_id(item.name, strlen(item.name)))
            oe__builder_error(
                sealing->builder, "E050", item.where, NULL,
                "%s: a name must be 1 to 128 bytes of text without control characters",
                nouns[kind]);
        size_t before = table->count;
        const char *name = item.name ? item.name : "";
        if (oe__names_add(table, name, strlen(name)) < 0) {
            sealing->builder->failed = true;
            return;
        }
        if (table->count == before) {
            int32_t first = oe__names_find(table, name, strlen(name));
            oe_where where = item_name(ruleset, kind, (size_t)first).where;
            oe__builder_error(sealing->builder, "E051", item.where, NULL,
                              "%s: \"%s\" is declared twice, first at %s:%d", nouns[kind], name,
                              where.file ? where.file : "?", where.line);
        }
    }
}

const char *oe__seal_nearest(const oe__names *table, const char *name)
{
    const char **words = malloc((table->count + 1) * sizeof *words);
    if (words == NULL)
        return NULL;
    for (size_t i = 0; i < table->count; i++)
        words[i] = table->names[i].text;
    const char *found = oe_suggest(name, words, table->count);
    free(words);
    return found;
}

int32_t oe__seal_find(oe__sealing *sealing, oe_kind kind, const char *name, oe_where where)
{
    const oe__names *table = &sealing->ruleset->index[kind];
    int32_t number = name ? oe__names_find(table, name, strlen(name)) : -1;
    if (number < 0)
        oe__builder_error(sealing->builder, unknown_codes[kind], where,
                          name ? oe__seal_nearest(table, name) : NULL, "unknown %s \"%s\"",
                          nouns[kind], name ? name : "");
    return number;
}

static void check_attribute(oe__sealing *sealing, const oe_attribute *attribute)
{
    oe_builder *builder = sealing->builder;
    if ((unsigned)attribute->type >= OE_TYPE_COUNT)
        oe__builder_error(builder, "E052", attribute->where, NULL,
                          "attribute \"%s\": unknown type", attribute->name);
    if (isnan(attribute->minimum) || isnan(attribute->maximum) ||
        attribute->minimum > attribute->maximum)
        oe__builder_error(builder, "E053", attribute->where, NULL,
                          "attribute \"%s\": range must rise from its lower to its upper end",
                          attribute->name);
    if (!(attribute->step >= 0) || isinf(attribute->step))
        oe__builder_error(builder, "E053", attribute->where, NULL,
                          "attribute \"%s\": step must be a number above 0", attribute->name);
}

static void report_other_type(oe__sealing *sealing, const oe_attribute *attribute)
{
    oe__builder_error(sealing->builder, "E054", attribute->where, NULL,
                      "attribute \"%s\": its type differs from the one that customers are "
                      "stored with; give the new one another name",
                      attribute->name);
}

/* Only rules without an error claim the types of their attributes. What is derived is never
 * stored: its number lies above those of the dictionary. */
void oe__seal_attributes(oe__sealing *sealing)
{
    oe_ruleset *ruleset = sealing->ruleset;
    size_t count = oe_ruleset_count(ruleset, OE_ATTRIBUTES);
    ruleset->attribute_numbers = oe__seal_array(sealing, count, sizeof(int32_t));
    for (size_t i = 0; i < count && !sealing->builder->failed; i++) {
        const oe_attribute *attribute = oe__attribute(ruleset, i);
        int32_t number =
            attribute->derived
                ? OE__UNKNOWN_PRODUCT - 1 - (int32_t)i
                : oe__dictionary_claim(ruleset->dictionary, attribute->name, attribute->type);
        ruleset->attribute_numbers[i] = number;
        ruleset->numbered = i + 1;
        sealing->builder->failed = number == -1;
        if (number == -2)
            report_other_type(sealing, attribute);
    }
}

static void check_attributes(oe__sealing *sealing)
{
    oe_ruleset *ruleset = sealing->ruleset;
    size_t count = oe_ruleset_count(ruleset, OE_ATTRIBUTES);
    ruleset->product_set = -1;
    for (size_t i = 0; i < count; i++) {
        const oe_attribute *attribute = oe__attribute(ruleset, i);
        check_attribute(sealing, attribute);
        if (!attribute->derived &&
            oe__dictionary_differs(ruleset->dictionary, attribute->name, attribute->type))
            report_other_type(sealing, attribute);
        if (attribute->type != OE_PRODUCT_SET)
            continue;
        if (ruleset->product_set >= 0)
            oe__builder_error(
                sealing->builder, "E055", attribute->where, NULL,
                "attribute \"%s\": \"%s\" is the product set already; there can be "
                "only one",
                attribute->name, oe__attribute(ruleset, (size_t)ruleset->product_set)->name);
        else
            ruleset->product_set = (int32_t)i;
    }
}

static void number_products(oe__sealing *sealing)
{
    oe_ruleset *ruleset = sealing->ruleset;
    size_t count = oe_ruleset_count(ruleset, OE_PRODUCTS);
    ruleset->compiled = oe__seal_array(sealing, count, sizeof *ruleset->compiled);
    for (size_t i = 0; i < count && !sealing->builder->failed; i++) {
        const char *id = oe__product(ruleset, i)->id;
        int32_t number =
            oe__dictionary_product(ruleset->dictionary, id ? id : "", id ? strlen(id) : 0);
        if (number < 0)
            sealing->builder->failed = true;
        else
            ruleset->compiled[i].number = (uint32_t)number;
    }
    if (sealing->builder->failed)
        return;
    size_t all = oe__dictionary_products(ruleset->dictionary, NULL, 0);
    ruleset->product_names = oe__seal_array(sealing, all, sizeof *ruleset->product_names);
    ruleset->product_of = oe__seal_array(sealing, all, sizeof *ruleset->product_of);
    if (sealing->builder->failed)
        return;
    oe__dictionary_products(ruleset->dictionary, ruleset->product_names, all);
    ruleset->product_name_count = all;
    ruleset->word_count = (all + 63) / 64;
    for (size_t i = 0; i < all; i++)
        ruleset->product_of[i] = -1;
    for (size_t i = 0; i < count; i++)
        ruleset->product_of[ruleset->compiled[i].number] = (int32_t)i;
}

typedef struct ranked {
    const char *id;
    size_t product;
} ranked;

static int compare_ids(const void *left, const void *right)
{
    return strcmp(((const ranked *)left)->id, ((const ranked *)right)->id);
}

static void rank_ids(oe__sealing *sealing)
{
    oe_ruleset *ruleset = sealing->ruleset;
    size_t count = oe_ruleset_count(ruleset, OE_PRODUCTS);
    ranked *order = oe__seal_array(sealing, count, sizeof *order);
    if (order == NULL)
        return;
    for (size_t i = 0; i < count; i++)
        order[i] = (ranked){oe__product(ruleset, i)->id ? oe__product(ruleset, i)->id : "", i};
    qsort(order, count, sizeof *order, compare_ids);
    for (size_t i = 0; i < count; i++)
        ruleset->compiled[order[i].product].id_rank = (uint32_t)i;
}

void oe__seal_names(oe__sealing *sealing)
{
    for (int kind = 0; kind < OE_KIND_COUNT && !sealing->builder->failed; kind++)
        number_names(sealing, (oe_kind)kind);
    if (!sealing->builder->failed)
        check_attributes(sealing);
    if (!sealing->builder->failed)
        number_products(sealing);
    if (!sealing->builder->failed)
        rank_ids(sealing);
}
