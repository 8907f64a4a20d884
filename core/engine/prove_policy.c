/* prove_policy.c: contact policies that never refuse anything. */
#include "engine/prove.h"

#include <string.h>

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* Whether every name of b is one of a; none stands for all. */
static bool covers_names(const char *const *a, size_t a_count, const char *const *b,
                         size_t b_count)
{
    for (size_t i = 0; i < b_count; i++)
        if (a_count > 0 && !is_among(b[i], a, a_count))
            return false;
    return a_count == 0 || b_count > 0;
}

static bool holds(const oe__compiled *product, size_t policy)
{
    for (size_t i = 0; i < product->hold_count; i++)
        if (product->holds[i].policy == policy)
            return true;
    return false;
}

static bool covers_products(const oe_ruleset *ruleset, size_t a, size_t b)
{
    if (ruleset->policies[b].is_everywhere && !ruleset->policies[a].is_everywhere)
        return false; /* products that were withdrawn count there, too */
    for (size_t p = 0; p < ruleset->declared.products.count; p++)
        if (holds(&ruleset->compiled[p], b) && !holds(&ruleset->compiled[p], a))
            return false;
    return true;
}

/* Whether cap `a` holds wherever `b` does, counts all that it counts, and allows no more. */
static bool outdoes(const oe_ruleset *ruleset, size_t a, size_t b)
{
    const oe_policy *one = oe__policy(ruleset, a), *other = oe__policy(ruleset, b);
    return one->kind == OE_POLICY_CAP && one->at_most <= other->at_most &&
           one->window_ms >= other->window_ms && one->each <= other->each &&
           one->from_ms <= other->from_ms && one->until_ms >= other->until_ms &&
           covers_names(one->channels, one->channel_count, other->channels,
                        other->channel_count) &&
           covers_names(one->campaigns, one->campaign_count, other->campaigns,
                        other->campaign_count) &&
           covers_products(ruleset, a, b);
}

/* Of two that say the same the later one is told. */
static bool find_outdoing(const oe_ruleset *ruleset, size_t policy, size_t *found)
{
    if (oe__policy(ruleset, policy)->kind != OE_POLICY_CAP)
        return false;
    for (size_t i = 0; i < ruleset->declared.policies.count; i++) {
        if (i == policy || !outdoes(ruleset, i, policy) ||
            (i > policy && outdoes(ruleset, policy, i)))
            continue;
        *found = i;
        return true;
    }
    return false;
}

static bool is_about_any(const oe__proving *proving, size_t policy)
{
    for (size_t p = 0; p < proving->ruleset->declared.products.count; p++)
        if (!proving->closed[p] && holds(&proving->ruleset->compiled[p], policy))
            return true;
    return false;
}

void oe__prove_policies(oe__proving *proving)
{
    const oe_ruleset *ruleset = proving->ruleset;
    for (size_t i = 0; i < ruleset->declared.policies.count; i++) {
        const oe_policy *policy = oe__policy(ruleset, i);
        size_t other = 0;
        if (!is_about_any(proving, i)) {
            oe__prove_report(proving, "N110", policy->where,
                             "contact policy \"%s\": it never binds, as none of its products "
                             "can be offered",
                             policy->id);
        } else if (find_outdoing(ruleset, i, &other)) {
            oe__buffer message = {0};
            oe__prove_write(&message,
                            "contact policy \"%s\": it never binds, as \"%s\" allows no more",
                            policy->id, oe__policy(ruleset, other)->id);
            oe__prove_write_place(&message, oe__policy(ruleset, other)->where, policy->where);
            oe__prove_report_text(proving, "N110", policy->where, &message);
        }
    }
}
