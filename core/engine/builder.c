/* builder.c: copies what it is told. Everything is judged when the builder is sealed. */
#include "engine/builder.h"

#include "engine/dictionary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ITEMS = 16 };

void *oe__list_add(oe__list *list, size_t size)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : FIRST_ITEMS;
        void *items = realloc(list->items, capacity * size);
        if (items == NULL)
            return NULL;
        list->items = items;
        list->capacity = capacity;
    }
    return memset((char *)list->items + list->count++ * size, 0, size);
}

void oe__declared_free(oe__declared *declared)
{
    oe__list *lists[] = {&declared->attributes, &declared->categories, &declared->products,
                         &declared->segments,   &declared->dimensions, &declared->rules,
                         &declared->tiers,      &declared->thresholds, &declared->limits,
                         &declared->fallbacks,  &declared->ladders,    &declared->policies,
                         &declared->campaigns,  &declared->messages,   &declared->programs,
                         &declared->nodes,      &declared->derivations};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        free(lists[i]->items);
    oe__arena_free(&declared->arena);
    *declared = (oe__declared){0};
}

oe_builder *oe_builder_new(oe_dictionary *dictionary)
{
    oe_builder *builder = calloc(1, sizeof *builder);
    const double none = (double)NAN;
    if (builder == NULL)
        return NULL;
    builder->dictionary = oe__dictionary_hold(dictionary);
    builder->declared.release = (oe_release){none, none, none, none, 0, {NULL, 0}};
    return builder;
}

void oe_builder_free(oe_builder *builder)
{
    if (builder == NULL)
        return;
    oe__declared_free(&builder->declared);
    oe__arena_free(&builder->finding_arena);
    free(builder->findings.items);
    oe_dictionary_free(builder->dictionary);
    free(builder);
}

/* ---- copying ---- */

void *oe__builder_took(oe_builder *builder, void *memory)
{
    if (memory == NULL)
        builder->failed = true;
    return memory;
}

const char *oe__builder_copy_text(oe_builder *builder, const char *text)
{
    return text == NULL ? NULL
                        : oe__builder_took(builder, oe__arena_text(&builder->declared.arena,
                                                                   text, strlen(text)));
}

/* A name that must be there; a missing one becomes "", which no declaration can have. */
const char *oe__builder_copy_name(oe_builder *builder, const char *name)
{
    return oe__builder_copy_text(builder, name ? name : "");
}

void *oe__builder_copy_array(oe_builder *builder, const void *items, size_t count, size_t size)
{
    if (count == 0)
        return NULL;
    void *copy =
        oe__builder_took(builder, oe__arena_array(&builder->declared.arena, count, size));
    return copy == NULL ? NULL : memcpy(copy, items, count * size);
}

oe_where oe__builder_copy_where(oe_builder *builder, oe_where where)
{
    return (oe_where){oe__builder_copy_text(builder, where.file), where.line};
}

const char *const *oe__builder_copy_texts(oe_builder *builder, const char *const *texts,
                                          size_t count)
{
    const char **copies = oe__builder_copy_array(builder, texts, count, sizeof *texts);
    for (size_t i = 0; copies != NULL && i < count; i++)
        copies[i] = oe__builder_copy_name(builder, copies[i]);
    return copies;
}

const oe_key *oe__builder_copy_keys(oe_builder *builder, const oe_key *keys, size_t count)
{
    oe_key *copies = oe__builder_copy_array(builder, keys, count, sizeof *copies);
    for (size_t i = 0; copies != NULL && i < count; i++)
        copies[i].name = oe__builder_copy_name(builder, copies[i].name);
    return copies;
}

oe_scope oe__builder_copy_scope(oe_builder *builder, const oe_scope *scope)
{
    oe_scope copy = *scope;
    copy.categories = oe__builder_copy_texts(builder, scope->categories, scope->category_count);
    copy.products = oe__builder_copy_texts(builder, scope->products, scope->product_count);
    return copy;
}

oe_status oe__builder_done(const oe_builder *builder)
{
    return builder->failed ? OE_E_MEMORY : OE_OK;
}

oe_status oe_builder_attribute(oe_builder *builder, const oe_attribute *attribute)
{
    oe_attribute *copy =
        oe__builder_took(builder, oe__list_add(&builder->declared.attributes, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = *attribute;
    copy->name = oe__builder_copy_name(builder, attribute->name);
    copy->unit = oe__builder_copy_text(builder, attribute->unit);
    copy->label = oe__builder_copy_text(builder, attribute->label);
    copy->words = oe__builder_copy_texts(builder, attribute->words, attribute->word_count);
    copy->values = oe__builder_copy_texts(builder, attribute->values, attribute->value_count);
    copy->keys = oe__builder_copy_keys(builder, attribute->keys, attribute->key_count);
    copy->groups = oe__builder_copy_array(builder, attribute->groups, attribute->group_count,
                                          sizeof *attribute->groups);
    copy->where = oe__builder_copy_where(builder, attribute->where);
    return oe__builder_done(builder);
}

static oe_value copy_value(oe_builder *builder, oe_value value)
{
    return (oe_value){value.number, oe__builder_copy_text(builder, value.text)};
}

oe_status oe_builder_derive(oe_builder *builder, const oe_derivation *derivation)
{
    oe_derivation *copy =
        oe__builder_took(builder, oe__list_add(&builder->declared.derivations, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = *derivation;
    copy->attribute = oe__builder_copy_name(builder, derivation->attribute);
    copy->key = oe__builder_copy_text(builder, derivation->key);
    copy->salt = oe__builder_copy_text(builder, derivation->salt);
    copy->shares = derivation->shares == NULL
                       ? NULL
                       : oe__builder_copy_array(builder, derivation->shares,
                                                derivation->row_count, sizeof(uint32_t));
    copy->otherwise = copy_value(builder, derivation->otherwise);
    copy->where = oe__builder_copy_where(builder, derivation->where);
    bool is_lookup = derivation->keys != NULL;
    oe_value *keys = is_lookup ? oe__builder_copy_array(builder, derivation->keys,
                                                        derivation->row_count, sizeof *keys)
                               : NULL;
    oe_value *values = oe__builder_copy_array(builder, derivation->values,
                                              derivation->row_count, sizeof *values);
    for (size_t i = 0; values != NULL && i < derivation->row_count; i++) {
        if (keys != NULL)
            keys[i] = copy_value(builder, keys[i]);
        values[i] = copy_value(builder, values[i]);
    }
    copy->keys = keys;
    copy->values = values;
    return oe__builder_done(builder);
}

oe_status oe_builder_category(oe_builder *builder, const oe_category *category)
{
    oe_category *copy =
        oe__builder_took(builder, oe__list_add(&builder->declared.categories, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = *category;
    copy->id = oe__builder_copy_name(builder, category->id);
    copy->name = oe__builder_copy_text(builder, category->name ? category->name : category->id);
    copy->where = oe__builder_copy_where(builder, category->where);
    return oe__builder_done(builder);
}

static void copy_product_arrays(oe_builder *builder, oe_product *copy,
                                const oe_product *product)
{
    oe_bound *bounds =
        oe__builder_copy_array(builder, product->bounds, product->bound_count, sizeof *bounds);
    for (size_t i = 0; bounds != NULL && i < product->bound_count; i++) {
        bounds[i].attribute = oe__builder_copy_name(builder, bounds[i].attribute);
        bounds[i].where = oe__builder_copy_where(builder, bounds[i].where);
    }
    oe_ideal *ideals =
        oe__builder_copy_array(builder, product->ideals, product->ideal_count, sizeof *ideals);
    for (size_t i = 0; ideals != NULL && i < product->ideal_count; i++) {
        ideals[i].attribute = oe__builder_copy_name(builder, ideals[i].attribute);
        ideals[i].where = oe__builder_copy_where(builder, ideals[i].where);
    }
    oe_product_curve *curves =
        oe__builder_copy_array(builder, product->curves, product->curve_count, sizeof *curves);
    for (size_t i = 0; curves != NULL && i < product->curve_count; i++) {
        curves[i].attribute = oe__builder_copy_name(builder, curves[i].attribute);
        curves[i].where = oe__builder_copy_where(builder, curves[i].where);
    }
    for (size_t i = 0; curves != NULL && i < product->curve_count; i++)
        curves[i].curve.where = oe__builder_copy_where(builder, curves[i].curve.where);
    oe_gate *gates =
        oe__builder_copy_array(builder, product->gates, product->gate_count, sizeof *gates);
    for (size_t i = 0; gates != NULL && i < product->gate_count; i++) {
        gates[i].name = oe__builder_copy_text(builder, gates[i].name);
        gates[i].where = oe__builder_copy_where(builder, gates[i].where);
    }
    copy->bounds = bounds;
    copy->ideals = ideals;
    copy->curves = curves;
    copy->gates = gates;
    copy->after = oe__builder_copy_texts(builder, product->after, product->after_count);
    copy->not_with =
        oe__builder_copy_texts(builder, product->not_with, product->not_with_count);
    copy->keys = oe__builder_copy_keys(builder, product->keys, product->key_count);
}

oe_status oe_builder_product(oe_builder *builder, const oe_product *product)
{
    oe_product *copy =
        oe__builder_took(builder, oe__list_add(&builder->declared.products, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = *product;
    copy->id = oe__builder_copy_name(builder, product->id);
    copy->name = oe__builder_copy_text(builder, product->name ? product->name : product->id);
    copy->category = oe__builder_copy_name(builder, product->category);
    copy->tier = oe__builder_copy_text(builder, product->tier);
    copy->reason = oe__builder_copy_text(builder, product->reason);
    copy->group = oe__builder_copy_text(builder, product->group);
    copy->message = oe__builder_copy_text(builder, product->message);
    copy->message_where = oe__builder_copy_where(
        builder, product->message_where.line ? product->message_where : product->where);
    copy->reason_where = oe__builder_copy_where(
        builder, product->reason_where.line ? product->reason_where : product->where);
    copy->where = oe__builder_copy_where(builder, product->where);
    copy_product_arrays(builder, copy, product);
    return oe__builder_done(builder);
}

oe_status oe_builder_segment(oe_builder *builder, const oe_segment *segment)
{
    oe_segment *copy =
        oe__builder_took(builder, oe__list_add(&builder->declared.segments, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = *segment;
    copy->id = oe__builder_copy_name(builder, segment->id);
    copy->name = oe__builder_copy_text(builder, segment->name ? segment->name : segment->id);
    copy->where = oe__builder_copy_where(builder, segment->where);
    oe_boost *boosts =
        oe__builder_copy_array(builder, segment->boosts, segment->boost_count, sizeof *boosts);
    for (size_t i = 0; boosts != NULL && i < segment->boost_count; i++) {
        boosts[i].target = oe__builder_copy_name(builder, boosts[i].target);
        boosts[i].where = oe__builder_copy_where(builder, boosts[i].where);
    }
    copy->boosts = boosts;
    copy->keys = oe__builder_copy_keys(builder, segment->keys, segment->key_count);
    return oe__builder_done(builder);
}

oe_status oe_builder_dimension(oe_builder *builder, const oe_dimension *dimension)
{
    oe_dimension *copy =
        oe__builder_took(builder, oe__list_add(&builder->declared.dimensions, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = *dimension;
    copy->name = oe__builder_copy_name(builder, dimension->name);
    copy->attribute = oe__builder_copy_name(builder, dimension->attribute);
    copy->keys = oe__builder_copy_keys(builder, dimension->keys, dimension->key_count);
    copy->curve.where = oe__builder_copy_where(builder, dimension->curve.where);
    copy->where = oe__builder_copy_where(builder, dimension->where);
    return oe__builder_done(builder);
}

oe_status oe_builder_program(oe_builder *builder, const char *text)
{
    const char **copy =
        oe__builder_took(builder, oe__list_add(&builder->declared.programs, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = oe__builder_copy_name(builder, text);
    return oe__builder_done(builder);
}

oe_status oe_builder_source(oe_builder *builder, const char *source)
{
    builder->declared.source = oe__builder_copy_text(builder, source);
    return oe__builder_done(builder);
}

/* A part that was refused itself has its finding already. */
static bool is_lawful(oe_builder *builder, const oe__node *node)
{
    const char *fault = NULL;
    if ((unsigned)node->op >= OE_OPERATOR_COUNT)
        fault = "there is no such test";
    else if (node->op == OE_NOT && node->part_count != 1)
        fault = "not needs exactly one part";
    else if (node->op == OE_CALL && node->name == NULL)
        fault = "a function needs its rule's id";
    else if (node->op == OE_CALL && node->function >= OE__FUNCTIONS_MAX)
        fault = "there are too many functions";
    bool refused = false;
    for (size_t i = 0; fault == NULL && i < node->part_count; i++) {
        refused |= node->parts[i] == OE_NO_CONDITION;
        if (node->parts[i] != OE_NO_CONDITION &&
            node->parts[i] >= builder->declared.nodes.count)
            fault = "there is no such part";
    }
    if (fault != NULL)
        oe__builder_error(builder, "E067", node->where, NULL, "condition: %s", fault);
    return fault == NULL && !refused;
}

oe_condition oe_builder_condition(oe_builder *builder, const oe_test *test)
{
    oe__node node = {.op = test->op, .low = test->low, .high = test->high, .subject = -1};
    node.function = test->op == OE_CALL ? test->function : 0;
    node.calls = test->op == OE_CALL;
    node.digest = test->digest;
    node.attribute = oe__builder_copy_text(builder, test->attribute);
    node.name = oe__builder_copy_text(builder, test->name);
    node.parts =
        oe__builder_copy_array(builder, test->parts, test->part_count, sizeof *test->parts);
    node.part_count = test->part_count;
    node.value_count = test->value_count;
    node.where = oe__builder_copy_where(builder, test->where);
    oe_value *values =
        oe__builder_copy_array(builder, test->values, test->value_count, sizeof *test->values);
    for (size_t i = 0; values != NULL && i < test->value_count; i++)
        values[i].text = oe__builder_copy_text(builder, values[i].text);
    node.values = values;
    if (builder->failed || !is_lawful(builder, &node))
        return OE_NO_CONDITION;
    oe_condition condition = oe__condition_intern(&builder->declared, &node);
    builder->failed = condition == OE_NO_CONDITION;
    return condition;
}

oe_status oe_builder_message(oe_builder *builder, const char *product, uint32_t function,
                             const char *texts, oe_where where)
{
    oe__message_call *copy =
        oe__builder_took(builder, oe__list_add(&builder->declared.messages, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = (oe__message_call){oe__builder_copy_name(builder, product),
                               oe__builder_copy_name(builder, texts), function,
                               oe__builder_copy_where(builder, where)};
    return oe__builder_done(builder);
}

void oe_builder_protect(oe_builder *builder, oe_condition condition)
{
    if (condition < builder->declared.nodes.count)
        ((oe__node *)builder->declared.nodes.items)[condition].is_protected = true;
}
