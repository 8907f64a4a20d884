/* explain_contact.c: what contact policies had against a product. */
#include "engine/explain.h"

#include <math.h>

static oe_failure *add_failure(oe__explaining *explaining, oe_cause cause)
{
    oe_failure *failure = &explaining->failures[explaining->explanation->failure_count++];
    *failure = (oe_failure){.stage = OE_STAGE_CONTACT_POLICY,
                            .cause = cause,
                            .attribute = -1,
                            .needed = (double)NAN,
                            .actual = (double)NAN,
                            .gap = (double)NAN,
                            .date_ms = INT64_MIN};
    return failure;
}

static void add_refusal(oe__explaining *explaining, size_t policy, oe_cause cause,
                        int64_t until_ms)
{
    const oe_ruleset *ruleset = explaining->decider->ruleset;
    oe_failure *failure = add_failure(explaining, cause);
    failure->rule = oe__policy(ruleset, policy)->id;
    failure->where = oe__policy(ruleset, policy)->where;
    failure->text = ruleset->policies[policy].text;
    failure->date_ms = until_ms == INT64_MAX ? INT64_MIN : until_ms;
}

static void check_opt_outs(oe__explaining *explaining)
{
    const oe_contacts *contacts = explaining->options->contacts;
    uint32_t category = explaining->decider->ruleset->compiled[explaining->product].category;
    for (size_t i = 0; i < contacts->allowance_count; i++) {
        const oe_allowance *one = &contacts->allowances[i];
        if (one->policy != OE_OPTED_OUT || (one->unit >= 0 && (uint32_t)one->unit != category))
            continue;
        (void)add_failure(explaining, OE_CAUSE_OPTED_OUT);
        return;
    }
}

static void check_policy(oe__explaining *explaining, size_t policy)
{
    const oe_options *options = explaining->options;
    const oe_policy *declared = oe__policy(explaining->decider->ruleset, policy);
    int64_t end_ms = 0;
    if (!oe__policy_holds(explaining->decider->ruleset, policy, options->contacts,
                          options->at_ms))
        return;
    if (declared->kind == OE_POLICY_QUIET) {
        if (oe__policy_quiet(declared, options->at_ms, &end_ms))
            add_refusal(explaining, policy, OE_CAUSE_QUIET, end_ms);
        return;
    }
    const oe_allowance *left =
        oe__policy_allowance(explaining->decider, policy, explaining->product);
    if (left == NULL || left->left > 0)
        return;
    if (declared->kind == OE_POLICY_COOL_DOWN)
        add_refusal(explaining, policy, OE_CAUSE_COOLING_DOWN, left->until_ms);
    else if (!oe__contacts_hold(explaining->decider, explaining->product))
        add_refusal(explaining, policy, OE_CAUSE_CAPPED, left->until_ms);
}

void oe__explain_contacts(oe__explaining *explaining)
{
    const oe__compiled *product = &explaining->decider->ruleset->compiled[explaining->product];
    if (explaining->options->contacts == NULL)
        return;
    check_opt_outs(explaining);
    for (size_t i = 0; i < product->hold_count; i++)
        check_policy(explaining, product->holds[i].policy);
}

/* The last offer that took from what was left. */
static const char *taken_by(const oe__explaining *explaining, size_t policy)
{
    const oe_decider *decider = explaining->decider;
    const oe_ruleset *ruleset = decider->ruleset;
    int32_t unit = oe__policy_unit(ruleset, policy, explaining->product);
    for (size_t i = decider->decision.offer_count; i-- > 0;) {
        uint32_t product = decider->decision.offers[i].product;
        if (oe__policy_hold(ruleset, product, policy) != NULL &&
            oe__policy_unit(ruleset, policy, product) == unit &&
            !oe__contacts_hold(decider, product))
            return oe__product(ruleset, product)->id;
    }
    return NULL;
}

bool oe__explain_cut(oe__explaining *explaining)
{
    const oe_decider *decider = explaining->decider;
    const oe_options *options = explaining->options;
    uint32_t cut = options->contacts == NULL ? 0 : decider->contacting.cut[explaining->product];
    if (cut == 0)
        return false;
    /* The offers before it are held for as long as this, even when nobody sees them. */
    int64_t until_ms = options->at_ms + oe_ruleset_reservation_ms(decider->ruleset);
    const oe_allowance *left = oe__policy_allowance(decider, cut - 1, explaining->product);
    if (left != NULL && left->until_ms < until_ms)
        until_ms = left->until_ms;
    add_refusal(explaining, cut - 1, OE_CAUSE_CAPPED, until_ms);
    explaining->failures[explaining->explanation->failure_count - 1].other =
        taken_by(explaining, cut - 1);
    return true;
}
