/* seal_conditions.c: resolves condition nodes, orders them and follows protected attributes
 * through them. */
#include "engine/campaign.h"
#include "engine/seal.h"

#include <math.h>
#include <string.h>

enum { WHITE, GREY, BLACK };

static oe__node *node_at(oe__sealing *sealing, oe_condition condition)
{
    return (oe__node *)sealing->ruleset->declared.nodes.items + condition;
}

static bool is_interval(oe_operator op)
{
    return op <= OE_BETWEEN;
}

static bool is_attribute_test(oe_operator op)
{
    return op <= OE_NONE_OF || op == OE_KNOWN || op == OE_UNKNOWN;
}

static void resolve_interval(oe__sealing *sealing, oe__node *node,
                             const oe_attribute *attribute)
{
    bool has_low = node->op == OE_AT_LEAST || node->op == OE_ABOVE || node->op == OE_BETWEEN;
    bool has_high = node->op == OE_AT_MOST || node->op == OE_BELOW || node->op == OE_BETWEEN;
    if (!oe__type_is_numeric(attribute->type))
        oe__builder_error(
            sealing->builder, "E056", node->where, NULL,
            "attribute \"%s\" is no number; compare it with equals, one_of or none_of",
            attribute->name);
    if ((has_low && !isfinite(node->low)) || (has_high && !isfinite(node->high)))
        oe__builder_error(sealing->builder, "E057", node->where, NULL,
                          "condition on \"%s\": the number must be finite", attribute->name);
    if (node->op == OE_BETWEEN && node->low > node->high)
        oe__builder_error(sealing->builder, "E058", node->where, NULL,
                          "condition on \"%s\": between(low, high) needs low <= high",
                          attribute->name);
    double low = has_low ? node->low : -HUGE_VAL, high = has_high ? node->high : HUGE_VAL;
    oe__seal_within(sealing, attribute, &(oe_bound){attribute->name, low, high, node->where},
                    "condition");
    node->range_low = node->op == OE_ABOVE ? nextafter(low, HUGE_VAL) : low;
    node->range_high = node->op == OE_BELOW ? nextafter(high, -HUGE_VAL) : high;
}

static const char *kind_of_value(oe_type type)
{
    return type == OE_TEXT ? "a text" : type == OE_FLAG ? "true or false" : "a number";
}

static bool is_allowed(const oe_attribute *attribute, const char *text)
{
    for (size_t i = 0; i < attribute->value_count; i++)
        if (strcmp(attribute->values[i], text) == 0)
            return true;
    return attribute->value_count == 0;
}

static void resolve_values(oe__sealing *sealing, oe__node *node, const oe_attribute *attribute)
{
    double *codes = oe__seal_array(sealing, node->value_count, sizeof *codes);
    if (codes == NULL)
        return;
    if (node->value_count == 0)
        oe__builder_error(sealing->builder, "E059", node->where, NULL,
                          "condition on \"%s\": names no value", attribute->name);
    for (size_t i = 0; i < node->value_count; i++) {
        const oe_value *value = &node->values[i];
        bool fits = (attribute->type == OE_TEXT) == (value->text != NULL) &&
                    (value->text != NULL || isfinite(value->number)) &&
                    (attribute->type != OE_FLAG || value->number == 0 || value->number == 1);
        if (!fits)
            oe__builder_error(sealing->builder, "E056", node->where, NULL,
                              "condition on \"%s\": each value must be %s", attribute->name,
                              kind_of_value(attribute->type));
        else if (value->text != NULL && !is_allowed(attribute, value->text))
            oe__builder_error(
                sealing->builder, "E105", node->where,
                oe_suggest(value->text, attribute->values, attribute->value_count),
                "attribute \"%s\" is never \"%s\"", attribute->name, value->text);
        else
            codes[i] = value->text ? oe__seal_text(sealing, value->text) : value->number;
    }
    node->codes = codes;
}

static void resolve_attribute(oe__sealing *sealing, oe__node *node)
{
    node->subject = oe__seal_find(sealing, OE_ATTRIBUTES, node->attribute, node->where);
    if (node->subject < 0)
        return;
    const oe_attribute *attribute = oe__attribute(sealing->ruleset, (size_t)node->subject);
    node->is_protected = attribute->is_protected;
    if (attribute->type == OE_PRODUCT_SET)
        oe__builder_error(
            sealing->builder, "E056", node->where, NULL,
            "attribute \"%s\" is the set of owned products; ask with owns, lacks or "
            "lacks_category",
            attribute->name);
    else if (is_interval(node->op))
        resolve_interval(sealing, node, attribute);
    else if (node->op != OE_KNOWN && node->op != OE_UNKNOWN)
        resolve_values(sealing, node, attribute);
}

static void resolve_parts(oe__sealing *sealing, oe__node *node)
{
    for (size_t i = 0; i < node->part_count; i++) {
        const oe__node *part = node_at(sealing, node->parts[i]);
        node->is_protected |= part->is_protected;
        node->by_product |= part->by_product;
        node->calls |= part->calls;
    }
}

static void resolve(oe__sealing *sealing, oe__node *node)
{
    node->subject = -1;
    if (is_attribute_test(node->op))
        resolve_attribute(sealing, node);
    else if (node->op == OE_OWNS || node->op == OE_LACKS)
        node->subject = oe__seal_find(sealing, OE_PRODUCTS, node->name, node->where);
    else if (node->op == OE_IN_SEGMENT)
        node->subject = oe__seal_find(sealing, OE_SEGMENTS, node->name, node->where);
    else if (node->op == OE_LACKS_CATEGORY && node->name != NULL)
        node->subject = oe__seal_find(sealing, OE_CATEGORIES, node->name, node->where);
    else if (node->op == OE_CALL)
        return;
    else if (node->op == OE_LACKS_CATEGORY)
        node->by_product = true;
    else
        resolve_parts(sealing, node);
}

oe_condition oe__seal_for_category(oe__sealing *sealing, oe_condition condition,
                                   uint32_t category)
{
    if (condition == OE_NO_CONDITION || category == OE__NO_CATEGORY ||
        !node_at(sealing, condition)->by_product)
        return condition;
    oe__node copy = *node_at(sealing, condition);
    if (copy.op == OE_LACKS_CATEGORY)
        copy.name = oe__category(sealing->ruleset, category)->id;
    oe_condition *parts = oe__seal_array(sealing, copy.part_count, sizeof *parts);
    if (parts == NULL)
        return OE_NO_CONDITION;
    for (size_t i = 0; i < copy.part_count; i++)
        parts[i] = oe__seal_for_category(sealing, copy.parts[i], category);
    copy.parts = copy.part_count ? parts : NULL;
    copy.by_product = false;
    size_t before = sealing->ruleset->declared.nodes.count;
    oe_condition made = oe__condition_intern(&sealing->ruleset->declared, &copy);
    if (made == OE_NO_CONDITION)
        sealing->builder->failed = true;
    else if (made >= before)
        resolve(sealing, node_at(sealing, made));
    return made;
}

typedef struct walk {
    oe__sealing *sealing;
    unsigned char *colours;
    uint32_t *order, *pending;
    size_t count, pending_count;
    const oe_segment *segment; /* whose condition is being followed */
} walk;

static void visit(walk *walking, oe_condition condition);

static void visit_segment(walk *walking, oe__node *node)
{
    const oe_segment *segment = oe__segment(walking->sealing->ruleset, (size_t)node->subject);
    if (segment->condition == OE_NO_CONDITION)
        return;
    const oe_segment *outer = walking->segment;
    walking->segment = segment;
    visit(walking, segment->condition);
    walking->segment = outer;
    node->is_protected |= node_at(walking->sealing, segment->condition)->is_protected;
    node->calls |= node_at(walking->sealing, segment->condition)->calls;
}

/* Depth is bounded by the nesting that the language allows and the number of segments. */
static void visit(walk *walking, oe_condition condition)
{
    if (walking->colours[condition] == GREY && walking->segment != NULL)
        oe__builder_error(walking->sealing->builder, "E060", walking->segment->where, NULL,
                          "segment \"%s\": its condition leads back to itself",
                          walking->segment->id);
    if (walking->colours[condition] != WHITE)
        return;
    walking->colours[condition] = GREY;
    oe__node *node = node_at(walking->sealing, condition);
    for (size_t i = 0; i < node->part_count; i++) {
        visit(walking, node->parts[i]);
        node->is_protected |= node_at(walking->sealing, node->parts[i])->is_protected;
        node->calls |= node_at(walking->sealing, node->parts[i])->calls;
    }
    if (node->op == OE_IN_SEGMENT && node->subject >= 0)
        visit_segment(walking, node);
    walking->colours[condition] = BLACK;
    if (node->calls && !node->by_product)
        walking->pending[walking->pending_count++] = condition;
    else if (!node->by_product)
        walking->order[walking->count++] = condition;
}

void oe__seal_order(oe__sealing *sealing)
{
    size_t count = sealing->ruleset->declared.nodes.count;
    walk walking = {.sealing = sealing,
                    .colours = oe__seal_array(sealing, count, 1),
                    .order = oe__seal_array(sealing, count, sizeof(uint32_t)),
                    .pending = oe__seal_array(sealing, count, sizeof(uint32_t))};
    if (sealing->builder->failed)
        return;
    for (size_t i = 0; i < count; i++)
        visit(&walking, (oe_condition)i);
    sealing->ruleset->order = walking.order;
    sealing->ruleset->order_count = walking.count;
    sealing->ruleset->pending = walking.pending;
    sealing->ruleset->pending_count = walking.pending_count;
}

static void check_use(oe__sealing *sealing, oe_condition *condition, oe_where where)
{
    if (*condition == OE_NO_CONDITION || *condition < sealing->ruleset->declared.nodes.count)
        return;
    *condition = OE_NO_CONDITION;
    oe__builder_error(sealing->builder, "E067", where, NULL,
                      "condition: it was not made by this builder");
}

static void check_uses(oe__sealing *sealing)
{
    oe__declared *declared = &sealing->ruleset->declared;
    for (size_t i = 0; i < declared->segments.count; i++) {
        oe_segment *segment = (oe_segment *)declared->segments.items + i;
        check_use(sealing, &segment->condition, segment->where);
    }
    for (size_t i = 0; i < declared->rules.count; i++) {
        oe_rule *rule = (oe_rule *)declared->rules.items + i;
        check_use(sealing, &rule->condition, rule->where);
    }
    for (size_t i = 0; i < declared->campaigns.count; i++) {
        oe__campaign *campaign = (oe__campaign *)declared->campaigns.items + i;
        check_use(sealing, &campaign->condition, campaign->where);
    }
    for (size_t i = 0; i < declared->products.count; i++) {
        const oe_product *product = oe__product(sealing->ruleset, i);
        oe_gate *gates = (oe_gate *)(uintptr_t)product->gates;
        for (size_t j = 0; j < product->gate_count; j++)
            check_use(sealing, &gates[j].condition, gates[j].where);
    }
}

static void check_segments(oe__sealing *sealing)
{
    oe_ruleset *ruleset = sealing->ruleset;
    for (size_t i = 0; i < ruleset->declared.segments.count; i++) {
        oe_condition condition = oe__segment(ruleset, i)->condition;
        if (condition == OE_NO_CONDITION)
            oe__builder_error(sealing->builder, "E061", oe__segment(ruleset, i)->where, NULL,
                              "segment \"%s\": has no condition; say when = ...",
                              oe__segment(ruleset, i)->id);
        else if (node_at(sealing, condition)->by_product)
            oe__builder_error(sealing->builder, "E062", oe__segment(ruleset, i)->where, NULL,
                              "segment \"%s\": lacks_category() must name a category here",
                              oe__segment(ruleset, i)->id);
    }
}

void oe__seal_conditions(oe__sealing *sealing)
{
    size_t count = sealing->ruleset->declared.nodes.count;
    for (size_t i = 0; i < count && !sealing->builder->failed; i++)
        resolve(sealing, node_at(sealing, (oe_condition)i));
    if (sealing->builder->failed)
        return;
    check_uses(sealing);
    check_segments(sealing);
    oe__seal_order(
        sealing); /* finds cycles and what is protected before gates and scores ask */
    oe_ruleset *ruleset = sealing->ruleset;
    ruleset->text_codes = oe__seal_array(sealing, ruleset->texts.count, sizeof(uint32_t));
    for (size_t i = 0; i < ruleset->texts.count && !sealing->builder->failed; i++) {
        const oe__name *text = &ruleset->texts.names[i];
        ruleset->text_codes[i] =
            (uint32_t)oe__dictionary_find_text(ruleset->dictionary, text->text, text->length);
    }
}
