/* change_gates.c: the nearest values that get past a product's gates. */
#include "engine/change.h"

#include <string.h>

/* The cause that forbids a change of this attribute, or NULL. */
static const char *move_into(const oe__explaining *explaining, uint32_t attribute, double low,
                             double high)
{
    const oe_attribute *declared = oe__attribute(explaining->decider->ruleset, attribute);
    double *value = &oe__changed_values(explaining)[attribute];
    if (*value >= low && *value <= high)
        return NULL;
    if (declared->immutable || declared->derived)
        return declared->derived ? "condition" : "immutable";
    oe__grid on = oe__grid_of(declared);
    bool from_below = isfinite(low) && !(*value > high);
    *value = from_below ? oe__grid_up(on, low) : oe__grid_down(on, high);
    bool allowed = *value >= low && *value <= high && *value >= declared->minimum &&
                   *value <= declared->maximum;
    return allowed ? NULL : "conflict";
}

static double nearest_code(const oe__node *node, double value)
{
    double nearest = node->codes[0];
    for (size_t i = 1; i < node->value_count; i++)
        if (fabs(node->codes[i] - value) < fabs(nearest - value))
            nearest = node->codes[i];
    return nearest;
}

static const char *move_to_value(const oe__explaining *explaining, const oe__node *node)
{
    const oe_attribute *declared =
        oe__attribute(explaining->decider->ruleset, (size_t)node->subject);
    if (declared->immutable || declared->derived)
        return declared->derived ? "condition" : "immutable";
    size_t attribute = (size_t)node->subject;
    if (declared->type == OE_TEXT) {
        const char *text = node->values[0].text;
        bool put = text != NULL && oe__profile_put_text(explaining->decider->changed, attribute,
                                                        text, strlen(text));
        return put ? NULL : "conflict";
    }
    oe__changed_values(explaining)[attribute] =
        nearest_code(node, explaining->profile->values[attribute]);
    return NULL;
}

static const char *satisfy(const oe__explaining *explaining, oe_condition condition);

/* How far values were moved: the sum of |change| over the attribute's range, or over the value
 * where it is open. */
static double effort_of(const oe__explaining *explaining, const double *before)
{
    const oe_ruleset *ruleset = explaining->decider->ruleset;
    double effort = 0;
    for (size_t i = 0; i < ruleset->declared.attributes.count; i++) {
        const oe_attribute *declared = oe__attribute(ruleset, i);
        double from = before[i], to = oe__changed_values(explaining)[i];
        double span = declared->maximum - declared->minimum;
        if (from == to || (isnan(from) && isnan(to)))
            continue;
        if (!isfinite(span) || !(span > 0))
            span = fmax(fabs(from), 1);
        effort += isnan(from) || isnan(to) ? 1 : fabs(to - from) / span;
    }
    return effort;
}

/* The part that takes the least; a part that asks for a text is only taken when it is the
 * first. */
static const char *satisfy_any(const oe__explaining *explaining, const oe__node *node)
{
    size_t count = explaining->decider->ruleset->declared.attributes.count;
    double *values = oe__changed_values(explaining), best = HUGE_VAL;
    double *before = oe__arena_array(&explaining->decider->trace, count, sizeof *before);
    double *chosen = oe__arena_array(&explaining->decider->trace, count, sizeof *chosen);
    const char *cause = "condition";
    if (before == NULL || chosen == NULL)
        return cause;
    memcpy(before, values, count * sizeof *before);
    for (size_t i = 0; i < node->part_count; i++) {
        const oe__node *part = &oe__nodes(explaining->decider->ruleset)[node->parts[i]];
        bool asks_text =
            part->attribute != NULL && part->value_count > 0 && part->values[0].text != NULL;
        if (asks_text && i > 0)
            continue;
        const char *refused = satisfy(explaining, node->parts[i]);
        double effort = effort_of(explaining, before);
        if (refused == NULL && asks_text)
            return NULL;
        if (refused == NULL && effort < best) {
            best = effort;
            memcpy(chosen, values, count * sizeof *chosen);
            cause = NULL;
        }
        memcpy(values, before, count * sizeof *before);
    }
    if (cause == NULL)
        memcpy(values, chosen, count * sizeof *chosen);
    return cause;
}

static const char *satisfy(const oe__explaining *explaining, oe_condition condition)
{
    const oe__node *node = &oe__nodes(explaining->decider->ruleset)[condition];
    const char *cause = NULL;
    if (oe__calls_truth(explaining->decider, condition) == OE__TRUE)
        return NULL;
    switch (node->op) {
    case OE_AT_LEAST:
    case OE_AT_MOST:
    case OE_ABOVE:
    case OE_BELOW:
    case OE_BETWEEN:
        return move_into(explaining, (uint32_t)node->subject, node->range_low,
                         node->range_high);
    case OE_EQUALS:
    case OE_ONE_OF:
        return move_to_value(explaining, node);
    case OE_ALL:
        for (size_t i = 0; i < node->part_count && cause == NULL; i++)
            cause = satisfy(explaining, node->parts[i]);
        return cause;
    case OE_ANY:
        return satisfy_any(explaining, node);
    case OE_OWNS:
    case OE_LACKS:
    case OE_LACKS_CATEGORY:
        return "ownership";
    default:
        return "condition";
    }
}

const char *oe__change_gates(const oe__explaining *explaining)
{
    const oe_ruleset *ruleset = explaining->decider->ruleset;
    const oe__compiled *product = &ruleset->compiled[explaining->product];
    const char *cause = NULL;
    for (size_t i = 0; i < product->range_count && cause == NULL; i++)
        cause = move_into(explaining, product->ranges[i].attribute, product->ranges[i].low,
                          product->ranges[i].high);
    for (size_t i = 0; i < product->gate_count && cause == NULL; i++)
        cause = satisfy(explaining, product->guards[i].condition);
    return cause;
}
