/* call.c: conditions that ask functions of the rules: when they are asked, and what a stop
 * does. Who answers is the caller's business (oe_calls). */
#include "engine/decide.h"
#include "engine/status.h"

#include <string.h>

void oe_decider_calls(oe_decider *decider, const oe_calls *calls)
{
    decider->calls = calls != NULL ? *calls : (oe_calls){0};
}

void oe__calls_begin(oe_decider *decider, const oe_profile *profile, bool again)
{
    if (decider->calls.begin != NULL)
        decider->calls.begin(decider->calls.context, profile, again);
}

static uint8_t ask(const oe_decider *decider, uint32_t function)
{
    if (decider->calls.condition == NULL)
        return OE__STOPPED;
    switch (decider->calls.condition(decider->calls.context, function)) {
    case OE_SAID_TRUE:
        return OE__TRUE;
    case OE_SAID_FALSE:
        return OE__FALSE;
    case OE_SAID_UNKNOWN:
        return OE__UNKNOWN;
    case OE_SAID_STOPPED:
    default:
        return OE__STOPPED;
    }
}

/* Parts that are known come first: one of them may settle it. */
static uint8_t combine(oe_decider *decider, const oe__node *node)
{
    bool is_all = node->op == OE_ALL;
    uint8_t settled = is_all ? OE__FALSE : OE__TRUE, truth = is_all ? OE__TRUE : OE__FALSE;
    for (size_t i = 0; i < node->part_count; i++) {
        uint8_t part = decider->truth[node->parts[i]];
        if (part != OE__PENDING)
            truth = is_all ? oe__cell_and(truth, part) : oe__cell_or(truth, part);
    }
    for (size_t i = 0; i < node->part_count && truth != settled; i++) {
        uint8_t part = oe__calls_truth(decider, node->parts[i]);
        truth = is_all ? oe__cell_and(truth, part) : oe__cell_or(truth, part);
    }
    return truth;
}

static uint8_t find_truth(oe_decider *decider, const oe__node *node)
{
    const oe_ruleset *ruleset = decider->ruleset;
    switch ((int)node->op) {
    case OE_CALL:
        return ask(decider, node->function);
    case OE_NOT:
        return oe__cell_not(oe__calls_truth(decider, node->parts[0]));
    case OE_IN_SEGMENT:
        return oe__cell_member(
            oe__calls_truth(decider, oe__segment(ruleset, (size_t)node->subject)->condition));
    default:
        return combine(decider, node);
    }
}

uint8_t oe__calls_truth(oe_decider *decider, oe_condition condition)
{
    if (decider->truth[condition] == OE__PENDING)
        decider->truth[condition] =
            find_truth(decider, &oe__nodes(decider->ruleset)[condition]);
    return decider->truth[condition];
}

void oe__calls_segments(oe_decider *decider)
{
    const oe_ruleset *ruleset = decider->ruleset;
    for (size_t i = 0; i < ruleset->declared.segments.count; i++)
        (void)oe__calls_truth(decider, oe__segment(ruleset, i)->condition);
}

bool oe__calls_open(oe_decider *decider, const oe__compiled *product, int64_t at_ms)
{
    for (size_t i = 0; i < product->guard_count; i++) {
        const oe__guard *guard = &product->guards[i];
        if (guard->condition != OE_NO_CONDITION &&
            oe__cell_window(at_ms, guard->from_ms, guard->until_ms) &&
            !oe__cell_guard(oe__calls_truth(decider, guard->condition), guard->refuses))
            return false;
    }
    return true;
}

void oe__calls_grants(oe_decider *decider, const oe__compiled *product, int64_t at_ms)
{
    for (size_t i = 0; i < product->grant_count; i++) {
        const oe__grant *grant = &product->grants[i];
        if (grant->condition != OE_NO_CONDITION &&
            oe__cell_window(at_ms, grant->from_ms, grant->until_ms))
            (void)oe__calls_truth(decider, grant->condition);
    }
}

/* A rule with several functions is named once. */
static bool is_listed(const oe_decider *decider, const char *rule)
{
    for (size_t i = 0; i < decider->decision.degraded_count; i++)
        if (strcmp(decider->degraded[i], rule) == 0)
            return true;
    return false;
}

void oe__calls_degraded(oe_decider *decider)
{
    const oe_ruleset *ruleset = decider->ruleset;
    const oe__node *nodes = oe__nodes(ruleset);
    oe_decision *decision = &decider->decision;
    decision->degraded = decider->degraded;
    for (size_t i = 0; i < ruleset->function_count; i++) {
        oe_condition condition = ruleset->functions[i];
        if (condition != OE_NO_CONDITION && decider->truth[condition] == OE__STOPPED &&
            !is_listed(decider, nodes[condition].name))
            decider->degraded[decision->degraded_count++] = nodes[condition].name;
    }
}

oe_status oe__fail_stopped(const oe_ruleset *ruleset, const char *rule, oe_error *error)
{
    oe_where where = {NULL, 0};
    for (size_t i = 0; i < ruleset->function_count; i++) {
        const char *name = oe_ruleset_function(ruleset, i, &where);
        if (name != NULL && strcmp(name, rule) == 0)
            break;
    }
    return oe__fail(error, OE_E_INVALID,
                    "%s:%d: the function of \"%s\" took too long or too much memory and was "
                    "stopped",
                    where.file != NULL ? where.file : "rules", where.line, rule);
}
