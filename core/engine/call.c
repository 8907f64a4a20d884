/* call.c: conditions, curves, messages and derived attributes that ask functions of the rules:
 * when they are asked, and what a stop does. Who answers is the caller's business (oe_calls).
 */
#include "engine/decide.h"
#include "engine/spoken.h"
#include "engine/status.h"

#include <string.h>

void oe_decider_calls(oe_decider *decider, const oe_calls *calls)
{
    decider->calls = calls != NULL ? *calls : (oe_calls){0};
}

void oe__calls_begin(oe_decider *decider, const oe_profile *profile, bool again)
{
    size_t count = decider->ruleset->function_count;
    for (size_t i = 0; i < count; i++)
        decider->shares[i] = (double)NAN;
    if (!again)
        memset(decider->stopped, 0, count * sizeof *decider->stopped);
    if (decider->calls.begin != NULL)
        decider->calls.begin(decider->calls.context, profile, again);
}

/* ---- conditions ---- */

/* One that was stopped is not asked again before the next question. */
static oe_said note(oe_decider *decider, uint32_t function, oe_said said)
{
    decider->stopped[function] |= said == OE_SAID_STOPPED;
    return said;
}

static oe_said ask_condition(const oe_decider *decider, uint32_t function)
{
    return decider->stopped[function] || decider->calls.condition == NULL
               ? OE_SAID_STOPPED
               : decider->calls.condition(decider->calls.context, function);
}

static uint8_t ask(oe_decider *decider, uint32_t function)
{
    switch (note(decider, function, ask_condition(decider, function))) {
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

/* ---- curves ---- */

static double ask_share(oe_decider *decider, const oe__term *term)
{
    uint32_t function = term->curve->function;
    double share = 0;
    oe_said said =
        decider->stopped[function] || decider->calls.curve == NULL
            ? OE_SAID_STOPPED
            : decider->calls.curve(decider->calls.context, function, term->attribute, &share);
    if (note(decider, function, said) == OE_SAID_STOPPED)
        return OE__SHARE_STOPPED;
    return said == OE_SAID_TRUE && share >= 0 && share <= 1 ? share : OE__SHARE_FAILED;
}

bool oe__calls_curves(oe_decider *decider, const oe__compiled *product, const double *values)
{
    for (size_t i = 0; i < product->term_count; i++) {
        const oe__term *term = &product->terms[i];
        if (term->shape != OE__CALLED || isnan(values[term->attribute]))
            continue;
        double *share = &decider->shares[term->curve->function];
        if (isnan(*share))
            *share = ask_share(decider, term);
        if (*share == OE__SHARE_STOPPED)
            return false;
    }
    return true;
}

/* ---- derived attributes ---- */

oe_said oe__calls_derive(oe_decider *decider, const oe__derivation *derivation, oe_value *value)
{
    uint32_t function = derivation->declared->function;
    oe_said said = decider->stopped[function] || decider->calls.derive == NULL
                       ? OE_SAID_STOPPED
                       : decider->calls.derive(decider->calls.context, function,
                                               derivation->attribute, value);
    return note(decider, function, said);
}

/* ---- messages ---- */

static bool earned_half(const oe_offer *offer, size_t dimension)
{
    for (size_t i = 0; i < offer->contribution_count; i++)
        if (offer->contributions[i].dimension == dimension)
            return offer->contributions[i].subscore >= 0.5;
    return false;
}

/* What it speaks of must have earned this customer at least half its weight. */
static bool is_true(const oe_ruleset *ruleset, const oe_offer *offer, const char *text)
{
    for (size_t d = 0; d < ruleset->declared.dimensions.count; d++) {
        const char *name = oe__dimension(ruleset, d)->attribute;
        int32_t attribute = oe__names_find(&ruleset->index[OE_ATTRIBUTES], name, strlen(name));
        if (oe__speaks_of(text, oe__attribute(ruleset, (size_t)attribute)) &&
            !earned_half(offer, d))
            return false;
    }
    return true;
}

static void ask_message(oe_decider *decider, oe_offer *offer, uint32_t function)
{
    size_t slot = decider->ruleset->functions[function].slot, length = 0;
    char *text = decider->texts + slot * (OE_MESSAGE_MAX + 1);
    oe_said said =
        decider->stopped[function] || decider->calls.message == NULL
            ? OE_SAID_STOPPED
            : decider->calls.message(decider->calls.context, function, text, &length);
    if (note(decider, function, said) != OE_SAID_TRUE || length > OE_MESSAGE_MAX)
        return;
    text[length] = '\0';
    if (!is_true(decider->ruleset, offer, text))
        return;
    offer->message = text;
    offer->message_length = length;
}

void oe__calls_messages(oe_decider *decider)
{
    uint32_t campaign = decider->decision.campaign;
    if (campaign != 0 && decider->ruleset->campaigns[campaign - 1].messages != NULL)
        return;
    for (size_t i = 0; i < decider->decision.offer_count; i++) {
        oe_offer *offer = &decider->offers[i];
        uint32_t function = decider->ruleset->compiled[offer->product].message_function;
        if (function != OE__NO_FUNCTION)
            ask_message(decider, offer, function);
    }
}

/* ---- what was stopped ---- */

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
    oe_decision *decision = &decider->decision;
    decision->degraded = decider->degraded;
    decision->degraded_count = 0;
    for (size_t i = 0; i < ruleset->function_count; i++) {
        const char *rule = ruleset->functions[i].rule;
        if (decider->stopped[i] && rule != NULL && !is_listed(decider, rule))
            decider->degraded[decision->degraded_count++] = rule;
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
