/* canonical.c: a sealed ruleset as bytes that are equal when it means the same. Places and
 * hashes of texts are left out. Order is kept where answers show it (attributes, categories,
 * segments, dimensions, ladders, parts of a condition, words); everything else is sorted by its
 * bytes. Every field is named and every text has its length before it, so that nothing runs
 * into what follows. */
#include "engine/canonical.h"
#include "engine/campaign.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- conditions ---- */

static void write_value(oe__writer *to, const void *item)
{
    oe__put_value(to, "value", item);
}

/* A part that stands twice is written once. What a function does is in the programs. */
static void write_node(oe__writer *to, oe_condition condition, uint32_t *count)
{
    const oe__node *node = &oe__nodes(to->ruleset)[condition];
    if (to->seen[condition] > 0) {
        oe__put_count(to, "again", to->seen[condition]);
        return;
    }
    oe__put_count(to, "op", (size_t)node->op);
    oe__put_text(to, "attribute", node->attribute);
    oe__put_text(to, "name", node->name);
    oe__put_number(to, "low", node->low);
    oe__put_number(to, "high", node->high);
    oe__put_items(to, "values",
                  oe__kept_items(node->values, node->value_count, sizeof *node->values),
                  write_value);
    oe__put_count(to, "parts", node->part_count);
    for (size_t i = 0; i < node->part_count; i++)
        write_node(to, node->parts[i], count);
    to->seen[condition] = ++*count;
}

static void forget_node(oe__writer *to, oe_condition condition)
{
    const oe__node *node = &oe__nodes(to->ruleset)[condition];
    if (to->seen[condition] == 0)
        return;
    to->seen[condition] = 0;
    for (size_t i = 0; i < node->part_count; i++)
        forget_node(to, node->parts[i]);
}

static void put_condition(oe__writer *to, oe_condition condition)
{
    uint32_t count = 0;
    oe__put_flag(to, "when", condition != OE_NO_CONDITION);
    if (condition == OE_NO_CONDITION)
        return;
    write_node(to, condition, &count);
    forget_node(to, condition);
}

/* ---- declarations ---- */

static void write_group_bound(oe__writer *to, const void *item)
{
    const double *bound = item;
    oe__put_number(to, "bound", *bound);
}

static void write_attribute(oe__writer *to, const void *item)
{
    const oe_attribute *attribute = item;
    oe__put_text(to, "name", attribute->name);
    oe__put_count(to, "type", (size_t)attribute->type);
    oe__put_text(to, "unit", attribute->unit);
    oe__put_text(to, "label", attribute->label);
    oe__put_number(to, "minimum", attribute->minimum);
    oe__put_number(to, "maximum", attribute->maximum);
    oe__put_number(to, "step", attribute->step);
    oe__put_flag(to, "optional", attribute->optional);
    oe__put_flag(to, "nullable", attribute->nullable);
    oe__put_flag(to, "protected", attribute->is_protected);
    oe__put_flag(to, "immutable", attribute->immutable);
    oe__put_flag(to, "derived", attribute->derived);
    oe__put_items(
        to, "groups",
        oe__kept_items(attribute->groups, attribute->group_count, sizeof *attribute->groups),
        write_group_bound);
    oe__put_items(
        to, "words",
        oe__kept_items(attribute->words, attribute->word_count, sizeof *attribute->words),
        oe__write_name);
}

typedef struct row {
    const oe_value *key, *value;
    size_t share;
} row;

static void write_row(oe__writer *to, const void *item)
{
    const row *given = item;
    if (given->key != NULL)
        oe__put_value(to, "key", given->key);
    else
        oe__put_count(to, "share", given->share);
    oe__put_value(to, "value", given->value);
}

static void write_derivation(oe__writer *to, const void *item)
{
    const oe_derivation *derivation = item;
    row *rows = calloc(derivation->row_count + 1, sizeof *rows);
    to->failed |= rows == NULL;
    oe__put_text(to, "attribute", derivation->attribute);
    oe__put_text(to, "key", derivation->key);
    oe__put_value(to, "otherwise", &derivation->otherwise);
    if (derivation->salt != NULL) {
        oe__put_text(to, "salt", derivation->salt);
        oe__put_time(to, "from", derivation->from_ms);
        oe__put_time(to, "until", derivation->until_ms);
    }
    for (size_t i = 0; rows != NULL && i < derivation->row_count; i++)
        rows[i] = derivation->salt != NULL
                      ? (row){NULL, &derivation->values[i], derivation->shares[i]}
                      : (row){&derivation->keys[i], &derivation->values[i], 0};
    if (rows != NULL) /* who draws what goes by the order of a lot's values */
        oe__put_items(
            to, "rows",
            (oe__items){rows, derivation->row_count, sizeof *rows, derivation->salt != NULL},
            write_row);
    free(rows);
}

static void write_category(oe__writer *to, const void *item)
{
    const oe_category *category = item;
    oe__put_text(to, "id", category->id);
    oe__put_text(to, "name", category->name);
    oe__put_flag(to, "credit", category->regulated_credit);
}

static void put_curve(oe__writer *to, const oe_curve *curve)
{
    size_t count = curve->kind == OE_CURVE_STEPS  ? curve->point_count
                   : curve->kind == OE_CURVE_BAND ? 4
                   : curve->kind == OE_CURVE_RAMP ? 2
                                                  : 0;
    oe__put_count(to, "curve", (size_t)curve->kind);
    oe__put_count(to, "points", count);
    for (size_t i = 0; i < count; i++) {
        oe__put_number(to, "x", curve->x[i]);
        oe__put_number(to, "y", curve->kind == OE_CURVE_STEPS ? curve->y[i] : 0);
    }
}

static void write_bound(oe__writer *to, const void *item)
{
    const oe_bound *bound = item;
    oe__put_text(to, "attribute", bound->attribute);
    oe__put_number(to, "low", bound->low);
    oe__put_number(to, "high", bound->high);
}

static void write_ideal(oe__writer *to, const void *item)
{
    const oe_ideal *ideal = item;
    oe__put_text(to, "attribute", ideal->attribute);
    oe__put_number(to, "value", ideal->value);
}

static void write_product_curve(oe__writer *to, const void *item)
{
    const oe_product_curve *curve = item;
    oe__put_text(to, "attribute", curve->attribute);
    put_curve(to, &curve->curve);
}

static void write_gate(oe__writer *to, const void *item)
{
    const oe_gate *gate = item;
    oe__put_text(to, "name", gate->name);
    put_condition(to, gate->condition);
}

static void put_product_lists(oe__writer *to, const oe_product *product)
{
    oe__put_items(
        to, "bounds",
        oe__sorted_items(product->bounds, product->bound_count, sizeof *product->bounds),
        write_bound);
    oe__put_items(
        to, "ideals",
        oe__sorted_items(product->ideals, product->ideal_count, sizeof *product->ideals),
        write_ideal);
    oe__put_items(
        to, "curves",
        oe__sorted_items(product->curves, product->curve_count, sizeof *product->curves),
        write_product_curve);
    oe__put_items(to, "gates",
                  oe__sorted_items(product->gates, product->gate_count, sizeof *product->gates),
                  write_gate);
    oe__put_names(to, "after", product->after, product->after_count);
    oe__put_names(to, "not_with", product->not_with, product->not_with_count);
}

static void write_product(oe__writer *to, const void *item)
{
    const oe_product *product = item;
    oe__put_text(to, "id", product->id);
    oe__put_text(to, "name", product->name);
    oe__put_text(to, "category", product->category);
    oe__put_text(to, "tier", product->tier);
    oe__put_text(to, "reason", product->reason);
    oe__put_text(to, "group", product->group);
    oe__put_text(to, "message", product->message);
    oe__put_time(to, "from", product->from_ms);
    oe__put_time(to, "until", product->until_ms);
    oe__put_number(to, "value", product->value);
    oe__put_number(to, "lever", product->lever);
    oe__put_flag(to, "off", product->off);
    put_product_lists(to, product);
}

static void write_boost(oe__writer *to, const void *item)
{
    const oe_boost *boost = item;
    oe__put_flag(to, "category", boost->is_category);
    oe__put_text(to, "target", boost->target);
    oe__put_number(to, "points", boost->points);
}

static void write_segment(oe__writer *to, const void *item)
{
    const oe_segment *segment = item;
    oe__put_text(to, "id", segment->id);
    oe__put_text(to, "name", segment->name);
    put_condition(to, segment->condition);
    oe__put_items(
        to, "boosts",
        oe__sorted_items(segment->boosts, segment->boost_count, sizeof *segment->boosts),
        write_boost);
}

static void write_dimension(oe__writer *to, const void *item)
{
    const oe_dimension *dimension = item;
    oe__put_text(to, "name", dimension->name);
    oe__put_text(to, "attribute", dimension->attribute);
    oe__put_number(to, "weight", dimension->weight);
    oe__put_number(to, "ideal", dimension->ideal);
    oe__put_flag(to, "every", dimension->every);
    put_curve(to, &dimension->curve);
}

static void put_scope(oe__writer *to, const oe_scope *scope)
{
    oe__put_names(to, "categories", scope->categories, scope->category_count);
    oe__put_names(to, "products", scope->products, scope->product_count);
}

static void write_rule(oe__writer *to, const void *item)
{
    const oe_rule *rule = item;
    oe__put_text(to, "id", rule->id);
    oe__put_flag(to, "excludes", rule->excludes);
    oe__put_flag(to, "unknown", rule->unknown_excludes);
    oe__put_text(to, "reason", rule->reason);
    oe__put_number(to, "points", rule->points);
    oe__put_time(to, "from", rule->from_ms);
    oe__put_time(to, "until", rule->until_ms);
    put_condition(to, rule->condition);
    put_scope(to, &rule->scope);
}

static void write_policy(oe__writer *to, const void *item)
{
    const oe_policy *policy = item;
    oe__put_text(to, "id", policy->id);
    oe__put_time(to, "kind", policy->kind);
    oe__put_text(to, "reason", policy->reason);
    put_scope(to, &policy->scope);
    oe__put_names(to, "channels", policy->channels, policy->channel_count);
    oe__put_names(to, "campaigns", policy->campaigns, policy->campaign_count);
    oe__put_count(to, "each", (size_t)policy->each);
    oe__put_count(to, "at_most", policy->at_most);
    oe__put_time(to, "window", policy->window_ms);
    oe__put_time(to, "begins", policy->from_minute);
    oe__put_time(to, "ends", policy->until_minute);
    oe__put_time(to, "offset", policy->offset_minutes);
    oe__put_count(to, "weekdays", policy->weekdays);
    oe__put_time(to, "from", policy->from_ms);
    oe__put_time(to, "until", policy->until_ms);
}

static void write_campaign(oe__writer *to, const void *item)
{
    const oe__campaign *campaign = item;
    oe__put_text(to, "id", campaign->id);
    oe__put_text(to, "name", campaign->name);
    put_scope(to, &campaign->scope);
    put_condition(to, campaign->condition);
    oe__put_text(to, "channel", campaign->channel);
    oe__put_text(to, "message", campaign->message);
    oe__put_count(to, "per_customer", campaign->per_customer);
    oe__put_count(to, "quota", campaign->quota);
    oe__put_time(to, "from", campaign->from_ms);
    oe__put_time(to, "until", campaign->until_ms);
}

static void write_step(oe__writer *to, const void *item)
{
    const oe_step *step = item;
    oe__put_text(to, "product", step->product);
}

static void write_ladder(oe__writer *to, const void *item)
{
    const oe_ladder *ladder = item;
    oe__put_text(to, "id", ladder->id);
    oe__put_items(to, "steps",
                  oe__kept_items(ladder->steps, ladder->step_count, sizeof *ladder->steps),
                  write_step);
}

static void write_tier(oe__writer *to, const void *item)
{
    const oe__tier_raise *raise = item;
    oe__put_text(to, "tier", raise->tier);
    oe__put_text(to, "attribute", raise->attribute);
    oe__put_number(to, "points", raise->points);
}

static void write_setting(oe__writer *to, const void *item)
{
    const oe__setting *setting = item;
    oe__put_count(to, "level", (size_t)setting->level);
    oe__put_text(to, "name", setting->name);
    oe__put_number(to, "value", setting->value);
}

static void write_fallback(oe__writer *to, const void *item)
{
    const oe__fallback *fallback = item;
    oe__put_text(to, "product", fallback->product);
}

static void write_message_call(oe__writer *to, const void *item)
{
    const oe__message_call *message = item;
    oe__put_text(to, "product", message->product);
}

/* ---- all of it ---- */

static void put_list(oe__writer *to, const char *key, const oe__list *list, oe__items shape,
                     oe__write_item write)
{
    oe__put_items(to, key, (oe__items){list->items, list->count, shape.size, shape.in_order},
                  write);
}

/* Gates that are all open say nothing, as if they were not there. */
static void write_release(oe__writer *to, const oe_release *release)
{
    if (isnan(release->max_lost) && isnan(release->max_lost_only) &&
        isnan(release->max_best_changed) && isnan(release->min_ratio))
        return;
    oe__put_number(to, "max_lost", release->max_lost);
    oe__put_number(to, "max_lost_only", release->max_lost_only);
    oe__put_number(to, "max_best_changed", release->max_best_changed);
    oe__put_number(to, "min_ratio", release->min_ratio);
    oe__put_count(to, "min_group", release->min_group);
}

static void write_ruleset(oe__writer *to)
{
    const oe__declared *all = &to->ruleset->declared;
    oe__put_text(to, "currency", all->currency);
    if (all->owns_accepted) /* rules without it mean what they meant before */
        oe__put_flag(to, "owns_accepted", true);
    if (all->has_reservation)
        oe__put_time(to, "reservation", all->reservation_ms);
    if (all->campaigns.count > 0)
        put_list(to, "campaigns", &all->campaigns,
                 oe__sorted_items(NULL, 0, sizeof(oe__campaign)), write_campaign);
    if (all->policies.count > 0)
        put_list(to, "policies", &all->policies, oe__sorted_items(NULL, 0, sizeof(oe_policy)),
                 write_policy);
    put_list(to, "attributes", &all->attributes, oe__kept_items(NULL, 0, sizeof(oe_attribute)),
             write_attribute);
    put_list(to, "derivations", &all->derivations,
             oe__kept_items(NULL, 0, sizeof(oe_derivation)), write_derivation);
    put_list(to, "categories", &all->categories, oe__kept_items(NULL, 0, sizeof(oe_category)),
             write_category);
    put_list(to, "products", &all->products, oe__sorted_items(NULL, 0, sizeof(oe_product)),
             write_product);
    put_list(to, "segments", &all->segments, oe__kept_items(NULL, 0, sizeof(oe_segment)),
             write_segment);
    put_list(to, "dimensions", &all->dimensions, oe__kept_items(NULL, 0, sizeof(oe_dimension)),
             write_dimension);
    put_list(to, "rules", &all->rules, oe__sorted_items(NULL, 0, sizeof(oe_rule)), write_rule);
    put_list(to, "ladders", &all->ladders, oe__kept_items(NULL, 0, sizeof(oe_ladder)),
             write_ladder);
    put_list(to, "tiers", &all->tiers, oe__sorted_items(NULL, 0, sizeof(oe__tier_raise)),
             write_tier);
    put_list(to, "thresholds", &all->thresholds, oe__sorted_items(NULL, 0, sizeof(oe__setting)),
             write_setting);
    put_list(to, "limits", &all->limits, oe__sorted_items(NULL, 0, sizeof(oe__setting)),
             write_setting);
    put_list(to, "fallbacks", &all->fallbacks, oe__sorted_items(NULL, 0, sizeof(oe__fallback)),
             write_fallback);
    put_list(to, "messages", &all->messages,
             oe__sorted_items(NULL, 0, sizeof(oe__message_call)), write_message_call);
    put_list(to, "programs", &all->programs, oe__sorted_items(NULL, 0, sizeof(char *)),
             oe__write_name);
    write_release(to, &all->release);
}

oe_status oe__ruleset_canonical(const oe_ruleset *ruleset, oe__byte_sink sink)
{
    oe__buffer bytes = {0};
    oe__writer to = {.ruleset = ruleset, .out = &bytes};
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
