/* canonical.c: a sealed ruleset as bytes that are equal when it means the same. Places and
 * hashes of texts are left out. Order is kept where answers show it (attributes, categories,
 * segments, dimensions, ladders, parts of a condition, words); everything else is sorted by its
 * bytes. Every field is named and every text has its length before it, so that nothing runs
 * into what follows. */
#include "engine/ruleset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct writer {
    const oe_ruleset *ruleset;
    oe__buffer *out;
    uint32_t *seen; /* by condition node: its number in the condition being written, from 1 */
    bool failed;
} writer;

typedef void (*write_item)(writer *to, const void *item);

/* ---- fields ---- */

static void put_time(writer *to, const char *key, int64_t at_ms)
{
    char text[32];
    (void)snprintf(text, sizeof text, "=%lld;", (long long)at_ms);
    oe__buffer_add_text(to->out, key);
    oe__buffer_add_text(to->out, text);
}

static void put_count(writer *to, const char *key, size_t count)
{
    put_time(to, key, (int64_t)count);
}

static void put_bytes(writer *to, const char *bytes, size_t length)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%zu:", length);
    oe__buffer_add_text(to->out, text);
    oe__buffer_add(to->out, bytes, length);
}

static void put_text(writer *to, const char *key, const char *text)
{
    oe__buffer_add_text(to->out, key);
    oe__buffer_add_char(to->out, text != NULL ? '=' : '-');
    if (text != NULL)
        put_bytes(to, text, strlen(text));
    oe__buffer_add_char(to->out, ';');
}

/* The bits of the double; the two zeros and all NaNs are one each. */
static void put_number(writer *to, const char *key, double value)
{
    uint64_t bits = 0;
    char text[32] = "=nan;";
    value += 0.0;
    memcpy(&bits, &value, sizeof bits);
    if (value == value)
        (void)snprintf(text, sizeof text, "=%016llx;", (unsigned long long)bits);
    oe__buffer_add_text(to->out, key);
    oe__buffer_add_text(to->out, text);
}

static void put_value(writer *to, const char *key, const oe_value *value)
{
    put_text(to, key, value->text);
    if (value->text == NULL)
        put_number(to, key, value->number);
}

static void put_flag(writer *to, const char *key, bool value)
{
    oe__buffer_add_text(to->out, key);
    oe__buffer_add_text(to->out, value ? "=1;" : "=0;");
}

/* ---- lists ---- */

static int compare_pieces(const void *left, const void *right)
{
    const oe__buffer *a = left, *b = right;
    return oe__text_compare(a->data ? a->data : "", a->length, b->data ? b->data : "",
                            b->length);
}

static void write_piece(writer *to, oe__buffer *piece, const void *item, write_item write)
{
    oe__buffer *out = to->out;
    to->out = piece;
    write(to, item);
    to->out = out;
    to->failed |= piece->failed;
}

typedef struct items {
    const void *first;
    size_t count, size;
    bool in_order; /* their order is part of the meaning */
} items;

static void put_items(writer *to, const char *key, items list, write_item write)
{
    oe__buffer *pieces = calloc(list.count + 1, sizeof *pieces);
    to->failed |= pieces == NULL;
    for (size_t i = 0; pieces != NULL && i < list.count; i++)
        write_piece(to, &pieces[i], (const char *)list.first + i * list.size, write);
    if (pieces != NULL && !list.in_order && list.count > 1)
        qsort(pieces, list.count, sizeof *pieces, compare_pieces);
    put_count(to, key, list.count);
    for (size_t i = 0; pieces != NULL && i < list.count; i++) {
        put_bytes(to, pieces[i].data ? pieces[i].data : "", pieces[i].length);
        oe__buffer_free(&pieces[i]);
    }
    oe__buffer_add_char(to->out, '\n');
    free(pieces);
}

static items sorted(const void *first, size_t count, size_t size)
{
    return (items){first, count, size, false};
}

static items kept(const void *first, size_t count, size_t size)
{
    return (items){first, count, size, true};
}

static void write_name(writer *to, const void *item)
{
    const char *const *name = item;
    put_text(to, "name", *name);
}

static void put_names(writer *to, const char *key, const char *const *names, size_t count)
{
    put_items(to, key, sorted(names, count, sizeof *names), write_name);
}

/* ---- conditions ---- */

static void write_value(writer *to, const void *item)
{
    put_value(to, "value", item);
}

/* A part that stands twice is written once. What a function does is in the programs. */
static void write_node(writer *to, oe_condition condition, uint32_t *count)
{
    const oe__node *node = &oe__nodes(to->ruleset)[condition];
    if (to->seen[condition] > 0) {
        put_count(to, "again", to->seen[condition]);
        return;
    }
    put_count(to, "op", (size_t)node->op);
    put_text(to, "attribute", node->attribute);
    put_text(to, "name", node->name);
    put_number(to, "low", node->low);
    put_number(to, "high", node->high);
    put_items(to, "values", kept(node->values, node->value_count, sizeof *node->values),
              write_value);
    put_count(to, "parts", node->part_count);
    for (size_t i = 0; i < node->part_count; i++)
        write_node(to, node->parts[i], count);
    to->seen[condition] = ++*count;
}

static void forget_node(writer *to, oe_condition condition)
{
    const oe__node *node = &oe__nodes(to->ruleset)[condition];
    if (to->seen[condition] == 0)
        return;
    to->seen[condition] = 0;
    for (size_t i = 0; i < node->part_count; i++)
        forget_node(to, node->parts[i]);
}

static void put_condition(writer *to, oe_condition condition)
{
    uint32_t count = 0;
    put_flag(to, "when", condition != OE_NO_CONDITION);
    if (condition == OE_NO_CONDITION)
        return;
    write_node(to, condition, &count);
    forget_node(to, condition);
}

/* ---- declarations ---- */

static void write_group_bound(writer *to, const void *item)
{
    const double *bound = item;
    put_number(to, "bound", *bound);
}

static void write_attribute(writer *to, const void *item)
{
    const oe_attribute *attribute = item;
    put_text(to, "name", attribute->name);
    put_count(to, "type", (size_t)attribute->type);
    put_text(to, "unit", attribute->unit);
    put_text(to, "label", attribute->label);
    put_number(to, "minimum", attribute->minimum);
    put_number(to, "maximum", attribute->maximum);
    put_number(to, "step", attribute->step);
    put_flag(to, "optional", attribute->optional);
    put_flag(to, "nullable", attribute->nullable);
    put_flag(to, "protected", attribute->is_protected);
    put_flag(to, "immutable", attribute->immutable);
    put_flag(to, "derived", attribute->derived);
    put_items(to, "groups",
              kept(attribute->groups, attribute->group_count, sizeof *attribute->groups),
              write_group_bound);
    put_items(to, "words",
              kept(attribute->words, attribute->word_count, sizeof *attribute->words),
              write_name);
}

typedef struct row {
    const oe_value *key, *value;
    size_t share;
} row;

static void write_row(writer *to, const void *item)
{
    const row *given = item;
    if (given->key != NULL)
        put_value(to, "key", given->key);
    else
        put_count(to, "share", given->share);
    put_value(to, "value", given->value);
}

static void write_derivation(writer *to, const void *item)
{
    const oe_derivation *derivation = item;
    row *rows = calloc(derivation->row_count + 1, sizeof *rows);
    to->failed |= rows == NULL;
    put_text(to, "attribute", derivation->attribute);
    put_text(to, "key", derivation->key);
    put_value(to, "otherwise", &derivation->otherwise);
    if (derivation->salt != NULL) {
        put_text(to, "salt", derivation->salt);
        put_time(to, "from", derivation->from_ms);
        put_time(to, "until", derivation->until_ms);
    }
    for (size_t i = 0; rows != NULL && i < derivation->row_count; i++)
        rows[i] = derivation->salt != NULL
                      ? (row){NULL, &derivation->values[i], derivation->shares[i]}
                      : (row){&derivation->keys[i], &derivation->values[i], 0};
    if (rows != NULL) /* who draws what goes by the order of a lot's values */
        put_items(to, "rows",
                  (items){rows, derivation->row_count, sizeof *rows, derivation->salt != NULL},
                  write_row);
    free(rows);
}

static void write_category(writer *to, const void *item)
{
    const oe_category *category = item;
    put_text(to, "id", category->id);
    put_text(to, "name", category->name);
    put_flag(to, "credit", category->regulated_credit);
}

static void put_curve(writer *to, const oe_curve *curve)
{
    size_t count = curve->kind == OE_CURVE_STEPS  ? curve->point_count
                   : curve->kind == OE_CURVE_BAND ? 4
                   : curve->kind == OE_CURVE_RAMP ? 2
                                                  : 0;
    put_count(to, "curve", (size_t)curve->kind);
    put_count(to, "points", count);
    for (size_t i = 0; i < count; i++) {
        put_number(to, "x", curve->x[i]);
        put_number(to, "y", curve->kind == OE_CURVE_STEPS ? curve->y[i] : 0);
    }
}

static void write_bound(writer *to, const void *item)
{
    const oe_bound *bound = item;
    put_text(to, "attribute", bound->attribute);
    put_number(to, "low", bound->low);
    put_number(to, "high", bound->high);
}

static void write_ideal(writer *to, const void *item)
{
    const oe_ideal *ideal = item;
    put_text(to, "attribute", ideal->attribute);
    put_number(to, "value", ideal->value);
}

static void write_product_curve(writer *to, const void *item)
{
    const oe_product_curve *curve = item;
    put_text(to, "attribute", curve->attribute);
    put_curve(to, &curve->curve);
}

static void write_gate(writer *to, const void *item)
{
    const oe_gate *gate = item;
    put_text(to, "name", gate->name);
    put_condition(to, gate->condition);
}

static void put_product_lists(writer *to, const oe_product *product)
{
    put_items(to, "bounds",
              sorted(product->bounds, product->bound_count, sizeof *product->bounds),
              write_bound);
    put_items(to, "ideals",
              sorted(product->ideals, product->ideal_count, sizeof *product->ideals),
              write_ideal);
    put_items(to, "curves",
              sorted(product->curves, product->curve_count, sizeof *product->curves),
              write_product_curve);
    put_items(to, "gates", sorted(product->gates, product->gate_count, sizeof *product->gates),
              write_gate);
    put_names(to, "after", product->after, product->after_count);
    put_names(to, "not_with", product->not_with, product->not_with_count);
}

static void write_product(writer *to, const void *item)
{
    const oe_product *product = item;
    put_text(to, "id", product->id);
    put_text(to, "name", product->name);
    put_text(to, "category", product->category);
    put_text(to, "tier", product->tier);
    put_text(to, "reason", product->reason);
    put_text(to, "group", product->group);
    put_text(to, "message", product->message);
    put_time(to, "from", product->from_ms);
    put_time(to, "until", product->until_ms);
    put_number(to, "value", product->value);
    put_number(to, "lever", product->lever);
    put_flag(to, "off", product->off);
    put_product_lists(to, product);
}

static void write_boost(writer *to, const void *item)
{
    const oe_boost *boost = item;
    put_flag(to, "category", boost->is_category);
    put_text(to, "target", boost->target);
    put_number(to, "points", boost->points);
}

static void write_segment(writer *to, const void *item)
{
    const oe_segment *segment = item;
    put_text(to, "id", segment->id);
    put_text(to, "name", segment->name);
    put_condition(to, segment->condition);
    put_items(to, "boosts",
              sorted(segment->boosts, segment->boost_count, sizeof *segment->boosts),
              write_boost);
}

static void write_dimension(writer *to, const void *item)
{
    const oe_dimension *dimension = item;
    put_text(to, "name", dimension->name);
    put_text(to, "attribute", dimension->attribute);
    put_number(to, "weight", dimension->weight);
    put_number(to, "ideal", dimension->ideal);
    put_flag(to, "every", dimension->every);
    put_curve(to, &dimension->curve);
}

static void put_scope(writer *to, const oe_scope *scope)
{
    put_names(to, "categories", scope->categories, scope->category_count);
    put_names(to, "products", scope->products, scope->product_count);
}

static void write_rule(writer *to, const void *item)
{
    const oe_rule *rule = item;
    put_text(to, "id", rule->id);
    put_flag(to, "excludes", rule->excludes);
    put_flag(to, "unknown", rule->unknown_excludes);
    put_text(to, "reason", rule->reason);
    put_number(to, "points", rule->points);
    put_time(to, "from", rule->from_ms);
    put_time(to, "until", rule->until_ms);
    put_condition(to, rule->condition);
    put_scope(to, &rule->scope);
}

static void write_policy(writer *to, const void *item)
{
    const oe_policy *policy = item;
    put_text(to, "id", policy->id);
    put_time(to, "kind", policy->kind);
    put_text(to, "reason", policy->reason);
    put_scope(to, &policy->scope);
    put_names(to, "channels", policy->channels, policy->channel_count);
    put_names(to, "campaigns", policy->campaigns, policy->campaign_count);
    put_count(to, "each", (size_t)policy->each);
    put_count(to, "at_most", policy->at_most);
    put_time(to, "window", policy->window_ms);
    put_time(to, "begins", policy->from_minute);
    put_time(to, "ends", policy->until_minute);
    put_time(to, "offset", policy->offset_minutes);
    put_count(to, "weekdays", policy->weekdays);
    put_time(to, "from", policy->from_ms);
    put_time(to, "until", policy->until_ms);
}

static void write_step(writer *to, const void *item)
{
    const oe_step *step = item;
    put_text(to, "product", step->product);
}

static void write_ladder(writer *to, const void *item)
{
    const oe_ladder *ladder = item;
    put_text(to, "id", ladder->id);
    put_items(to, "steps", kept(ladder->steps, ladder->step_count, sizeof *ladder->steps),
              write_step);
}

static void write_tier(writer *to, const void *item)
{
    const oe__tier_raise *raise = item;
    put_text(to, "tier", raise->tier);
    put_text(to, "attribute", raise->attribute);
    put_number(to, "points", raise->points);
}

static void write_setting(writer *to, const void *item)
{
    const oe__setting *setting = item;
    put_count(to, "level", (size_t)setting->level);
    put_text(to, "name", setting->name);
    put_number(to, "value", setting->value);
}

static void write_fallback(writer *to, const void *item)
{
    const oe__fallback *fallback = item;
    put_text(to, "product", fallback->product);
}

static void write_message_call(writer *to, const void *item)
{
    const oe__message_call *message = item;
    put_text(to, "product", message->product);
}

/* ---- all of it ---- */

static void put_list(writer *to, const char *key, const oe__list *list, items shape,
                     write_item write)
{
    put_items(to, key, (items){list->items, list->count, shape.size, shape.in_order}, write);
}

static void write_ruleset(writer *to)
{
    const oe__declared *all = &to->ruleset->declared;
    put_text(to, "currency", all->currency);
    if (all->owns_accepted) /* rules without it mean what they meant before */
        put_flag(to, "owns_accepted", true);
    if (all->has_reservation)
        put_time(to, "reservation", all->reservation_ms);
    if (all->policies.count > 0)
        put_list(to, "policies", &all->policies, sorted(NULL, 0, sizeof(oe_policy)),
                 write_policy);
    put_list(to, "attributes", &all->attributes, kept(NULL, 0, sizeof(oe_attribute)),
             write_attribute);
    put_list(to, "derivations", &all->derivations, kept(NULL, 0, sizeof(oe_derivation)),
             write_derivation);
    put_list(to, "categories", &all->categories, kept(NULL, 0, sizeof(oe_category)),
             write_category);
    put_list(to, "products", &all->products, sorted(NULL, 0, sizeof(oe_product)),
             write_product);
    put_list(to, "segments", &all->segments, kept(NULL, 0, sizeof(oe_segment)), write_segment);
    put_list(to, "dimensions", &all->dimensions, kept(NULL, 0, sizeof(oe_dimension)),
             write_dimension);
    put_list(to, "rules", &all->rules, sorted(NULL, 0, sizeof(oe_rule)), write_rule);
    put_list(to, "ladders", &all->ladders, kept(NULL, 0, sizeof(oe_ladder)), write_ladder);
    put_list(to, "tiers", &all->tiers, sorted(NULL, 0, sizeof(oe__tier_raise)), write_tier);
    put_list(to, "thresholds", &all->thresholds, sorted(NULL, 0, sizeof(oe__setting)),
             write_setting);
    put_list(to, "limits", &all->limits, sorted(NULL, 0, sizeof(oe__setting)), write_setting);
    put_list(to, "fallbacks", &all->fallbacks, sorted(NULL, 0, sizeof(oe__fallback)),
             write_fallback);
    put_list(to, "messages", &all->messages, sorted(NULL, 0, sizeof(oe__message_call)),
             write_message_call);
    put_list(to, "programs", &all->programs, sorted(NULL, 0, sizeof(char *)), write_name);
}

oe_status oe__ruleset_canonical(const oe_ruleset *ruleset, oe__byte_sink sink)
{
    oe__buffer bytes = {0};
    writer to = {.ruleset = ruleset, .out = &bytes};
    to.seen = calloc(ruleset->declared.nodes.count + 1, sizeof *to.seen);
    if (to.seen != NULL)
        write_ruleset(&to);
    bool failed = to.seen == NULL || to.failed || bytes.failed;
    if (!failed)
        sink.take(sink.context, bytes.data, bytes.length);
    oe__buffer_free(&bytes);
    free(to.seen);
    return failed ? OE_E_MEMORY : OE_OK;
}
