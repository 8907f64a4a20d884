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
                         &declared->messages,   &declared->programs,   &declared->nodes,
                         &declared->derivations};
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

static void *checked(oe_builder *builder, void *memory)
{
    if (memory == NULL)
        builder->failed = true;
    return memory;
}

static const char *copy_text(oe_builder *builder, const char *text)
{
    return text == NULL
               ? NULL
               : checked(builder, oe__arena_text(&builder->declared.arena, text, strlen(text)));
}

/* A name that must be there; a missing one becomes "", which no declaration can have. */
static const char *copy_name(oe_builder *builder, const char *name)
{
    return copy_text(builder, name ? name : "");
}

static void *copy_array(oe_builder *builder, const void *items, size_t count, size_t size)
{
    if (count == 0)
        return NULL;
    void *copy = checked(builder, oe__arena_array(&builder->declared.arena, count, size));
    return copy == NULL ? NULL : memcpy(copy, items, count * size);
}

static oe_where copy_where(oe_builder *builder, oe_where where)
{
    return (oe_where){copy_text(builder, where.file), where.line};
}

static const char *const *copy_texts(oe_builder *builder, const char *const *texts,
                                     size_t count)
{
    const char **copies = copy_array(builder, texts, count, sizeof *texts);
    for (size_t i = 0; copies != NULL && i < count; i++)
        copies[i] = copy_name(builder, copies[i]);
    return copies;
}

static const oe_key *copy_keys(oe_builder *builder, const oe_key *keys, size_t count)
{
    oe_key *copies = copy_array(builder, keys, count, sizeof *copies);
    for (size_t i = 0; copies != NULL && i < count; i++)
        copies[i].name = copy_name(builder, copies[i].name);
    return copies;
}

static oe_scope copy_scope(oe_builder *builder, const oe_scope *scope)
{
    oe_scope copy = *scope;
    copy.categories = copy_texts(builder, scope->categories, scope->category_count);
    copy.products = copy_texts(builder, scope->products, scope->product_count);
    return copy;
}

static oe_status done(const oe_builder *builder)
{
    return builder->failed ? OE_E_MEMORY : OE_OK;
}

oe_status oe_builder_attribute(oe_builder *builder, const oe_attribute *attribute)
{
    oe_attribute *copy =
        checked(builder, oe__list_add(&builder->declared.attributes, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = *attribute;
    copy->name = copy_name(builder, attribute->name);
    copy->unit = copy_text(builder, attribute->unit);
    copy->label = copy_text(builder, attribute->label);
    copy->words = copy_texts(builder, attribute->words, attribute->word_count);
    copy->values = copy_texts(builder, attribute->values, attribute->value_count);
    copy->keys = copy_keys(builder, attribute->keys, attribute->key_count);
    copy->groups = copy_array(builder, attribute->groups, attribute->group_count,
                              sizeof *attribute->groups);
    copy->where = copy_where(builder, attribute->where);
    return done(builder);
}

static oe_value copy_value(oe_builder *builder, oe_value value)
{
    return (oe_value){value.number, copy_text(builder, value.text)};
}

oe_status oe_builder_derive(oe_builder *builder, const oe_derivation *derivation)
{
    oe_derivation *copy =
        checked(builder, oe__list_add(&builder->declared.derivations, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = *derivation;
    copy->attribute = copy_name(builder, derivation->attribute);
    copy->key = copy_text(builder, derivation->key);
    copy->salt = copy_text(builder, derivation->salt);
    copy->shares =
        derivation->shares == NULL
            ? NULL
            : copy_array(builder, derivation->shares, derivation->row_count, sizeof(uint32_t));
    copy->otherwise = copy_value(builder, derivation->otherwise);
    copy->where = copy_where(builder, derivation->where);
    bool is_lookup = derivation->keys != NULL;
    oe_value *keys =
        is_lookup ? copy_array(builder, derivation->keys, derivation->row_count, sizeof *keys)
                  : NULL;
    oe_value *values =
        copy_array(builder, derivation->values, derivation->row_count, sizeof *values);
    for (size_t i = 0; values != NULL && i < derivation->row_count; i++) {
        if (keys != NULL)
            keys[i] = copy_value(builder, keys[i]);
        values[i] = copy_value(builder, values[i]);
    }
    copy->keys = keys;
    copy->values = values;
    return done(builder);
}

oe_status oe_builder_category(oe_builder *builder, const oe_category *category)
{
    oe_category *copy =
        checked(builder, oe__list_add(&builder->declared.categories, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = *category;
    copy->id = copy_name(builder, category->id);
    copy->name = copy_text(builder, category->name ? category->name : category->id);
    copy->where = copy_where(builder, category->where);
    return done(builder);
}

static void copy_product_arrays(oe_builder *builder, oe_product *copy,
                                const oe_product *product)
{
    oe_bound *bounds =
        copy_array(builder, product->bounds, product->bound_count, sizeof *bounds);
    for (size_t i = 0; bounds != NULL && i < product->bound_count; i++) {
        bounds[i].attribute = copy_name(builder, bounds[i].attribute);
        bounds[i].where = copy_where(builder, bounds[i].where);
    }
    oe_ideal *ideals =
        copy_array(builder, product->ideals, product->ideal_count, sizeof *ideals);
    for (size_t i = 0; ideals != NULL && i < product->ideal_count; i++) {
        ideals[i].attribute = copy_name(builder, ideals[i].attribute);
        ideals[i].where = copy_where(builder, ideals[i].where);
    }
    oe_product_curve *curves =
        copy_array(builder, product->curves, product->curve_count, sizeof *curves);
    for (size_t i = 0; curves != NULL && i < product->curve_count; i++) {
        curves[i].attribute = copy_name(builder, curves[i].attribute);
        curves[i].where = copy_where(builder, curves[i].where);
    }
    for (size_t i = 0; curves != NULL && i < product->curve_count; i++)
        curves[i].curve.where = copy_where(builder, curves[i].curve.where);
    oe_gate *gates = copy_array(builder, product->gates, product->gate_count, sizeof *gates);
    for (size_t i = 0; gates != NULL && i < product->gate_count; i++) {
        gates[i].name = copy_text(builder, gates[i].name);
        gates[i].where = copy_where(builder, gates[i].where);
    }
    copy->bounds = bounds;
    copy->ideals = ideals;
    copy->curves = curves;
    copy->gates = gates;
    copy->after = copy_texts(builder, product->after, product->after_count);
    copy->not_with = copy_texts(builder, product->not_with, product->not_with_count);
    copy->keys = copy_keys(builder, product->keys, product->key_count);
}

oe_status oe_builder_product(oe_builder *builder, const oe_product *product)
{
    oe_product *copy =
        checked(builder, oe__list_add(&builder->declared.products, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = *product;
    copy->id = copy_name(builder, product->id);
    copy->name = copy_text(builder, product->name ? product->name : product->id);
    copy->category = copy_name(builder, product->category);
    copy->tier = copy_text(builder, product->tier);
    copy->reason = copy_text(builder, product->reason);
    copy->group = copy_text(builder, product->group);
    copy->message = copy_text(builder, product->message);
    copy->message_where = copy_where(
        builder, product->message_where.line ? product->message_where : product->where);
    copy->reason_where = copy_where(builder, product->reason_where.line ? product->reason_where
                                                                        : product->where);
    copy->where = copy_where(builder, product->where);
    copy_product_arrays(builder, copy, product);
    return done(builder);
}

oe_status oe_builder_segment(oe_builder *builder, const oe_segment *segment)
{
    oe_segment *copy =
        checked(builder, oe__list_add(&builder->declared.segments, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = *segment;
    copy->id = copy_name(builder, segment->id);
    copy->name = copy_text(builder, segment->name ? segment->name : segment->id);
    copy->where = copy_where(builder, segment->where);
    oe_boost *boosts =
        copy_array(builder, segment->boosts, segment->boost_count, sizeof *boosts);
    for (size_t i = 0; boosts != NULL && i < segment->boost_count; i++) {
        boosts[i].target = copy_name(builder, boosts[i].target);
        boosts[i].where = copy_where(builder, boosts[i].where);
    }
    copy->boosts = boosts;
    copy->keys = copy_keys(builder, segment->keys, segment->key_count);
    return done(builder);
}

oe_status oe_builder_dimension(oe_builder *builder, const oe_dimension *dimension)
{
    oe_dimension *copy =
        checked(builder, oe__list_add(&builder->declared.dimensions, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = *dimension;
    copy->name = copy_name(builder, dimension->name);
    copy->attribute = copy_name(builder, dimension->attribute);
    copy->keys = copy_keys(builder, dimension->keys, dimension->key_count);
    copy->curve.where = copy_where(builder, dimension->curve.where);
    copy->where = copy_where(builder, dimension->where);
    return done(builder);
}

oe_status oe_builder_rule(oe_builder *builder, const oe_rule *rule)
{
    oe_rule *copy = checked(builder, oe__list_add(&builder->declared.rules, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = *rule;
    copy->id = copy_name(builder, rule->id);
    copy->reason = copy_text(builder, rule->reason);
    copy->scope = copy_scope(builder, &rule->scope);
    copy->keys = copy_keys(builder, rule->keys, rule->key_count);
    copy->where = copy_where(builder, rule->where);
    return done(builder);
}

oe_status oe_builder_policy(oe_builder *builder, const oe_policy *policy)
{
    oe_policy *copy = checked(builder, oe__list_add(&builder->declared.policies, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = *policy;
    copy->id = copy_name(builder, policy->id);
    copy->reason = copy_text(builder, policy->reason);
    copy->scope = copy_scope(builder, &policy->scope);
    copy->channels = copy_texts(builder, policy->channels, policy->channel_count);
    copy->campaigns = copy_texts(builder, policy->campaigns, policy->campaign_count);
    copy->keys = copy_keys(builder, policy->keys, policy->key_count);
    copy->where = copy_where(builder, policy->where);
    return done(builder);
}

oe_status oe_builder_ladder(oe_builder *builder, const oe_ladder *ladder)
{
    oe_ladder *copy = checked(builder, oe__list_add(&builder->declared.ladders, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = *ladder;
    copy->id = copy_name(builder, ladder->id);
    copy->where = copy_where(builder, ladder->where);
    oe_step *steps = copy_array(builder, ladder->steps, ladder->step_count, sizeof *steps);
    for (size_t i = 0; steps != NULL && i < ladder->step_count; i++) {
        steps[i].product = copy_name(builder, steps[i].product);
        steps[i].where = copy_where(builder, steps[i].where);
    }
    copy->steps = steps;
    return done(builder);
}

oe_status oe_builder_tier(oe_builder *builder, const char *tier, const char *attribute,
                          double points, oe_where where)
{
    oe__tier_raise *raise =
        checked(builder, oe__list_add(&builder->declared.tiers, sizeof *raise));
    if (raise == NULL)
        return OE_E_MEMORY;
    *raise = (oe__tier_raise){copy_name(builder, tier), copy_name(builder, attribute), points,
                              copy_where(builder, where)};
    return done(builder);
}

static oe_status add_setting(oe_builder *builder, oe__list *list, const oe__setting *setting)
{
    oe__setting *copy = checked(builder, oe__list_add(list, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = *setting;
    copy->name = copy_name(builder, setting->name);
    copy->where = copy_where(builder, setting->where);
    return done(builder);
}

oe_status oe_builder_threshold(oe_builder *builder, oe_level level, const char *name,
                               double value, oe_where where)
{
    oe__setting setting = {level, name, value, where};
    return add_setting(builder, &builder->declared.thresholds, &setting);
}

oe_status oe_builder_limit(oe_builder *builder, oe_level level, const char *name,
                           uint32_t count, oe_where where)
{
    oe__setting setting = {level, name, (double)count, where};
    return add_setting(builder, &builder->declared.limits, &setting);
}

oe_status oe_builder_fallback(oe_builder *builder, const char *product, oe_where where)
{
    oe__fallback *copy =
        checked(builder, oe__list_add(&builder->declared.fallbacks, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = (oe__fallback){copy_name(builder, product), copy_where(builder, where)};
    return done(builder);
}

oe_status oe_builder_release(oe_builder *builder, const oe_release *release)
{
    builder->declared.release = *release;
    builder->declared.release.where = copy_where(builder, release->where);
    return done(builder);
}

oe_status oe_builder_reservation(oe_builder *builder, int64_t ms)
{
    builder->declared.reservation_ms = ms;
    builder->declared.has_reservation = true;
    return done(builder);
}

oe_status oe_builder_own_accepted(oe_builder *builder, bool own)
{
    builder->declared.owns_accepted = own;
    return done(builder);
}

oe_status oe_builder_currency(oe_builder *builder, const char *currency)
{
    builder->declared.currency = copy_text(builder, currency);
    return done(builder);
}

oe_status oe_builder_program(oe_builder *builder, const char *text)
{
    const char **copy =
        checked(builder, oe__list_add(&builder->declared.programs, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = copy_name(builder, text);
    return done(builder);
}

oe_status oe_builder_source(oe_builder *builder, const char *source)
{
    builder->declared.source = copy_text(builder, source);
    return done(builder);
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
    node.attribute = copy_text(builder, test->attribute);
    node.name = copy_text(builder, test->name);
    node.parts = copy_array(builder, test->parts, test->part_count, sizeof *test->parts);
    node.part_count = test->part_count;
    node.value_count = test->value_count;
    node.where = copy_where(builder, test->where);
    oe_value *values =
        copy_array(builder, test->values, test->value_count, sizeof *test->values);
    for (size_t i = 0; values != NULL && i < test->value_count; i++)
        values[i].text = copy_text(builder, values[i].text);
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
        checked(builder, oe__list_add(&builder->declared.messages, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = (oe__message_call){copy_name(builder, product), copy_name(builder, texts), function,
                               copy_where(builder, where)};
    return done(builder);
}

void oe_builder_protect(oe_builder *builder, oe_condition condition)
{
    if (condition < builder->declared.nodes.count)
        ((oe__node *)builder->declared.nodes.items)[condition].is_protected = true;
}
