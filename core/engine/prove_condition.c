/* prove_condition.c: conditions that say the same of everybody, and gates that add nothing. */
#include "engine/prove.h"

#include <string.h>

static bool never(oe__proving *proving, oe_condition condition, oe__mode mode)
{
    return !oe__region_may(&proving->everybody, condition, mode);
}

static const char *text_of(const oe__proving *proving, oe_condition condition)
{
    return oe_ruleset_condition_text(proving->ruleset, condition);
}

static bool is_attribute_test(const oe__node *node)
{
    return node->op <= OE_NONE_OF;
}

/* Something that holds a condition: what it is, and where it stands. */
typedef struct holder {
    const char *what, *id;
    oe_where where;
} holder;

/* Whether a test names every text that rules may ask for. Customers may have others. */
static bool names_every_text(const oe_ruleset *ruleset, const oe__node *node)
{
    const oe_attribute *attribute = oe__attribute(ruleset, (size_t)node->subject);
    for (size_t i = 0; i < attribute->value_count; i++) {
        bool named = false;
        for (size_t j = 0; j < node->value_count; j++)
            named |= node->values[j].text != NULL &&
                     strcmp(node->values[j].text, attribute->values[i]) == 0;
        if (!named)
            return false;
    }
    return attribute->value_count > 0;
}

/* Whether a test says the same of every value. */
static bool report_known(oe__proving *proving, oe_condition condition, oe_where where)
{
    const oe__node *node = &oe__nodes(proving->ruleset)[condition];
    if (!is_attribute_test(node))
        return false;
    bool every_text = names_every_text(proving->ruleset, node);
    if (!every_text && !never(proving, condition, OE__IS_FALSE))
        return false;
    oe__buffer message = {0};
    oe__prove_write(&message, "condition: ");
    oe__buffer_add_text(&message, text_of(proving, condition));
    oe__prove_write(&message, " holds for %s %s that %s",
                    every_text && node->op == OE_NONE_OF ? "no" : "every", node->attribute,
                    every_text ? "the schema names" : "is on file");
    oe__prove_report_text(proving, "N105", where, &message);
    return true;
}

static void prove_parts(oe__proving *proving, oe_condition condition, bool *seen);

/* What is wrong with a segment is told at the segment. */
static void prove_part(oe__proving *proving, oe_condition condition, bool *seen)
{
    const oe__node *node = &oe__nodes(proving->ruleset)[condition];
    if (seen[condition] || node->op == OE_IN_SEGMENT)
        return;
    seen[condition] = true;
    bool is_never = never(proving, condition, OE__IS_TRUE);
    if (!is_never && !never(proving, condition, OE__NOT_TRUE)) {
        if (!report_known(proving, condition, node->where))
            prove_parts(proving, condition, seen);
        return;
    }
    oe__buffer message = {0};
    oe__prove_write(&message, "condition: its part ");
    oe__buffer_add_text(&message, text_of(proving, condition));
    oe__buffer_add_text(&message, is_never ? " is never true" : " is always true");
    oe__prove_report_text(proving, is_never ? "W107" : "W108", node->where, &message);
}

static void prove_parts(oe__proving *proving, oe_condition condition, bool *seen)
{
    const oe__node *node = &oe__nodes(proving->ruleset)[condition];
    for (size_t i = 0; i < node->part_count; i++)
        prove_part(proving, node->parts[i], seen);
}

/* What is in the way of a condition that nobody meets: of several parts those that contradict
 * each other. */
static void write_never(oe__proving *proving, oe_condition condition, oe__buffer *out)
{
    const oe__node *nodes = oe__nodes(proving->ruleset), *node = &nodes[condition];
    if (node->op != OE_ALL) {
        oe__buffer_add_text(out, text_of(proving, condition));
        oe__buffer_add_text(out, " holds for nobody");
        return;
    }
    for (size_t i = 0; i < node->part_count; i++)
        proving->demands[i] = (oe__demand){
            .kind = OE__DEMAND_CONDITION, .mode = OE__IS_TRUE, .subject = node->parts[i]};
    oe__prove_core(proving, proving->demands, node->part_count);
    size_t written = 0;
    for (size_t i = 0; i < node->part_count; i++) {
        if (!proving->needed[i])
            continue;
        oe__buffer_add_text(out, written++ > 0 ? " and " : "");
        oe__buffer_add_text(out, text_of(proving, node->parts[i]));
    }
    oe__buffer_add_text(out, written == 1 ? " holds for nobody" : " cannot hold together");
}

static void report_never(oe__proving *proving, const char *code, const holder *of,
                         oe_condition condition)
{
    oe__buffer message = {0};
    oe__prove_write(&message, "%s \"%s\": ", of->what, of->id);
    oe__buffer_add_text(&message,
                        code[3] == '5' ? "nobody can be in it: " : "it never applies: ");
    write_never(proving, condition, &message);
    oe__prove_report_text(proving, code, of->where, &message);
}

static void report_always(oe__proving *proving, const holder *of, oe_condition condition)
{
    oe__buffer message = {0};
    oe__prove_write(&message, "%s \"%s\": its condition is always true: ", of->what, of->id);
    oe__buffer_add_text(&message, text_of(proving, condition));
    oe__prove_report_text(proving, "W108", of->where, &message);
}

static void prove_segment(oe__proving *proving, size_t index, bool *seen)
{
    const oe_segment *segment = oe__segment(proving->ruleset, index);
    holder of = {"segment", segment->id, segment->where};
    if (never(proving, segment->condition, OE__IS_TRUE))
        report_never(proving, "W105", &of, segment->condition);
    else if (never(proving, segment->condition, OE__NOT_TRUE))
        report_always(proving, &of, segment->condition);
    else if (!report_known(proving, segment->condition, segment->where))
        prove_parts(proving, segment->condition, seen);
}

/* An exclude that refuses everybody shows at its products, and is meant for its days if it has
 * some. */
static void prove_rule(oe__proving *proving, size_t index, bool *seen)
{
    const oe_rule *rule = oe__rule(proving->ruleset, index);
    holder of = {rule->excludes ? "exclude" : "adjust", rule->id, rule->where};
    if (rule->condition == OE_NO_CONDITION)
        return;
    bool unknown_counts = rule->excludes && rule->unknown_excludes;
    if (never(proving, rule->condition, unknown_counts ? OE__NOT_FALSE : OE__IS_TRUE))
        report_never(proving, "W106", &of, rule->condition);
    else if (never(proving, rule->condition, OE__NOT_TRUE)) {
        if (!rule->excludes)
            report_always(proving, &of, rule->condition);
    } else if (!report_known(proving, rule->condition, rule->where))
        prove_parts(proving, rule->condition, seen);
}

/* ---- gates ---- */

static void prove_gate(oe__proving *proving, size_t product, const oe__guard *gate, bool *seen)
{
    if (never(proving, gate->condition, OE__IS_TRUE))
        return; /* the product has its finding */
    if (never(proving, gate->condition, OE__NOT_TRUE)) {
        oe__buffer message = {0};
        oe__prove_write(&message, "product \"%s\": %s is always true: ",
                        oe__product(proving->ruleset, product)->id, gate->rule);
        oe__buffer_add_text(&message, text_of(proving, gate->condition));
        oe__prove_report_text(proving, "W108", gate->where, &message);
    } else if (!report_known(proving, gate->condition, gate->where)) {
        prove_parts(proving, gate->condition, seen);
    }
}

static void report_covered(oe__proving *proving, size_t product, size_t index, size_t count)
{
    oe_where where = {0};
    oe__buffer message = {0};
    oe__prove_write(&message, "product \"%s\": ", oe__product(proving->ruleset, product)->id);
    where = oe__prove_write_demand(&message, proving->ruleset, product, index);
    oe__buffer_add_text(&message, " adds nothing to ");
    for (size_t i = 0, written = 0; i < count; i++) {
        if (i == index || !proving->needed[i])
            continue;
        oe__buffer_add_text(&message, written++ > 0 ? " and " : "");
        oe_where other = oe__prove_write_demand(&message, proving->ruleset, product, i);
        oe__prove_write_place(&message, other, where);
    }
    oe__prove_report_text(proving, "N104", where, &message);
}

/* Gates that the limits and other gates of their product imply, from the last one on, so that
 * of two equal ones the first one stays. */
static void prove_covered(oe__proving *proving, size_t product)
{
    const oe_ruleset *ruleset = proving->ruleset;
    const oe__compiled *compiled = &ruleset->compiled[product];
    size_t count = oe__prove_demands(ruleset, product, proving->demands) -
                   (compiled->guard_count - compiled->gate_count);
    for (size_t i = compiled->range_count + compiled->gate_count;
         i-- > compiled->range_count;) {
        oe__demand *gate = &proving->demands[i];
        if (never(proving, gate->subject, OE__NOT_TRUE))
            continue;
        gate->mode = OE__NOT_TRUE;
        if (oe__region_find(&proving->everybody, proving->demands, count, NULL)) {
            gate->mode = OE__IS_TRUE;
            continue;
        }
        oe__prove_core(proving, proving->demands, count);
        report_covered(proving, product, i, count);
        *gate =
            (oe__demand){.kind = OE__DEMAND_TIME, .from_ms = INT64_MIN, .until_ms = INT64_MAX};
    }
}

void oe__prove_conditions(oe__proving *proving)
{
    const oe_ruleset *ruleset = proving->ruleset;
    bool *seen = oe__arena_array(&proving->arena, ruleset->declared.nodes.count + 1, 1);
    if (seen == NULL) {
        proving->failed = true;
        return;
    }
    for (size_t i = 0; i < ruleset->declared.segments.count; i++)
        prove_segment(proving, i, seen);
    for (size_t i = 0; i < ruleset->declared.rules.count; i++)
        prove_rule(proving, i, seen);
    for (size_t p = 0; p < ruleset->declared.products.count; p++) {
        for (size_t i = 0; i < ruleset->compiled[p].gate_count; i++)
            prove_gate(proving, p, &ruleset->compiled[p].guards[i], seen);
        if (!proving->closed[p])
            prove_covered(proving, p);
    }
}
