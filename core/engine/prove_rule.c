/* prove_rule.c: excludes, adjustments and boosts that change nothing. */
#include "engine/prove.h"

#include "engine/seal.h"

#include <string.h>

/* ---- excludes ---- */

/* The moments and customers that an exclude refuses. What a stopped function refuses nobody can
 * say, so that such a condition refuses anybody. */
static size_t add_refused(const oe_ruleset *ruleset, const oe_rule *rule,
                          oe_condition condition, oe__demand *demands)
{
    size_t count = 0;
    demands[count++] = (oe__demand){
        .kind = OE__DEMAND_TIME, .from_ms = rule->from_ms, .until_ms = rule->until_ms};
    if (condition != OE_NO_CONDITION && !oe__nodes(ruleset)[condition].calls)
        demands[count++] =
            (oe__demand){.kind = OE__DEMAND_CONDITION,
                         .mode = rule->unknown_excludes ? OE__NOT_FALSE : OE__IS_TRUE,
                         .subject = condition};
    return count;
}

static bool covers_scope(const oe_ruleset *ruleset, const oe_rule *wide, const oe_rule *narrow)
{
    for (size_t p = 0; p < ruleset->declared.products.count; p++)
        if (oe__seal_covers(ruleset, &narrow->scope, p) &&
            !oe__seal_covers(ruleset, &wide->scope, p))
            return false;
    return true;
}

static bool refuses_all_of(oe__proving *proving, const oe_rule *wide, const oe_rule *narrow)
{
    oe__demand demands[3];
    size_t count = add_refused(proving->ruleset, narrow, narrow->condition, demands);
    demands[count++] =
        (oe__demand){.kind = OE__DEMAND_GUARD,
                     .mode = wide->unknown_excludes ? OE__IS_FALSE : OE__NOT_TRUE,
                     .subject = wide->condition,
                     .from_ms = wide->from_ms,
                     .until_ms = wide->until_ms};
    return !oe__region_find(&proving->everybody, demands, count, NULL);
}

static bool is_shadowed(oe__proving *proving, size_t index)
{
    const oe_ruleset *ruleset = proving->ruleset;
    const oe_rule *rule = oe__rule(ruleset, index);
    for (size_t i = 0; i < ruleset->declared.rules.count; i++) {
        const oe_rule *other = oe__rule(ruleset, i);
        if (i == index || !other->excludes || proving->idle[i] ||
            !covers_scope(ruleset, other, rule) || !refuses_all_of(proving, other, rule))
            continue;
        oe__buffer message = {0};
        oe__prove_write(&message, "exclude \"%s\": all that it refuses, \"%s\"", rule->id,
                        other->id);
        oe__prove_write_place(&message, other->where, rule->where);
        oe__prove_write(&message, " refuses as well");
        oe__prove_report_text(proving, "W109", rule->where, &message);
        return true;
    }
    return false;
}

static bool is_idle(const oe__proving *proving, const oe__guard *guard)
{
    for (size_t i = 0; i < proving->ruleset->declared.rules.count; i++)
        if (oe__rule(proving->ruleset, i)->id == guard->rule)
            return proving->idle[i];
    return false;
}

/* Whether a rule refuses a product to somebody whom nothing else refuses it. */
static bool matters_to(oe__proving *proving, const oe_rule *rule, size_t product)
{
    const oe__compiled *compiled = &proving->ruleset->compiled[product];
    size_t count = oe__prove_demands(proving->ruleset, product, proving->demands);
    size_t first = count - (compiled->guard_count - compiled->gate_count), left = first;
    oe_condition condition = OE_NO_CONDITION;
    for (size_t i = first; i < count; i++) {
        const oe__guard *guard = &compiled->guards[compiled->gate_count + i - first];
        if (guard->rule == rule->id)
            condition = guard->condition;
        else if (!is_idle(proving, guard))
            proving->demands[left++] = proving->demands[i];
    }
    left += add_refused(proving->ruleset, rule, condition, proving->demands + left);
    return oe__region_find(&proving->everybody, proving->demands, left, NULL);
}

static bool is_needless(oe__proving *proving, size_t index)
{
    const oe_ruleset *ruleset = proving->ruleset;
    const oe_rule *rule = oe__rule(ruleset, index);
    size_t covered = 0;
    for (size_t p = 0; p < ruleset->declared.products.count; p++) {
        if (ruleset->compiled[p].off || !oe__seal_covers(ruleset, &rule->scope, p))
            continue;
        covered++;
        if (matters_to(proving, rule, p))
            return false;
    }
    oe__prove_report(proving, "W110", rule->where, "exclude \"%s\": %s", rule->id,
                     covered == 0 ? "it covers no product that is offered"
                                  : "it refuses nobody whom limits and other rules do not "
                                    "refuse already");
    return true;
}

static bool never_applies(oe__proving *proving, const oe_rule *rule)
{
    oe__demand demands[2];
    size_t count = add_refused(proving->ruleset, rule, rule->condition, demands);
    return !oe__region_find(&proving->everybody, demands, count, NULL);
}

/* From the last one on, so that of two equal ones the first one stays. */
static void prove_excludes(oe__proving *proving)
{
    for (size_t i = proving->ruleset->declared.rules.count; i-- > 0;) {
        const oe_rule *rule = oe__rule(proving->ruleset, i);
        if (rule->excludes)
            proving->idle[i] = never_applies(proving, rule) || is_shadowed(proving, i);
    }
    for (size_t i = proving->ruleset->declared.rules.count; i-- > 0;)
        if (oe__rule(proving->ruleset, i)->excludes && !proving->idle[i])
            proving->idle[i] = is_needless(proving, i);
}

/* ---- adjustments and boosts ---- */

/* Whether somebody who can get a product may get these points for it. */
static bool may_give(oe__proving *proving, size_t product, const oe__grant *grant)
{
    size_t count = oe__prove_demands(proving->ruleset, product, proving->demands);
    proving->demands[count++] = (oe__demand){
        .kind = OE__DEMAND_TIME, .from_ms = grant->from_ms, .until_ms = grant->until_ms};
    if (grant->condition != OE_NO_CONDITION)
        proving->demands[count++] = (oe__demand){
            .kind = OE__DEMAND_CONDITION, .mode = OE__IS_TRUE, .subject = grant->condition};
    return oe__region_find(&proving->everybody, proving->demands, count, NULL);
}

static bool adjust_gives(oe__proving *proving, const oe_rule *rule)
{
    const oe_ruleset *ruleset = proving->ruleset;
    for (size_t p = 0; p < ruleset->declared.products.count; p++) {
        const oe__compiled *compiled = &ruleset->compiled[p];
        for (size_t i = 0; !proving->closed[p] && i < compiled->grant_count; i++)
            if (compiled->grants[i].rule == rule->id &&
                may_give(proving, p, &compiled->grants[i]))
                return true;
    }
    return false;
}

static bool boost_gives(oe__proving *proving, const oe_segment *segment, const oe_boost *boost)
{
    const oe_ruleset *ruleset = proving->ruleset;
    const oe__grant grant = {
        .condition = segment->condition, .from_ms = INT64_MIN, .until_ms = INT64_MAX};
    for (size_t p = 0; p < ruleset->declared.products.count; p++) {
        const oe_product *product = oe__product(ruleset, p);
        const char *target = boost->is_category ? product->category : product->id;
        if (!proving->closed[p] && strcmp(target, boost->target) == 0 &&
            may_give(proving, p, &grant))
            return true;
    }
    return false;
}

static bool may_apply(oe__proving *proving, oe_condition condition)
{
    return condition == OE_NO_CONDITION ||
           oe__region_may(&proving->everybody, condition, OE__IS_TRUE);
}

static void prove_adjusts(oe__proving *proving)
{
    for (size_t i = 0; i < proving->ruleset->declared.rules.count; i++) {
        const oe_rule *rule = oe__rule(proving->ruleset, i);
        if (!rule->excludes && may_apply(proving, rule->condition) &&
            !adjust_gives(proving, rule))
            oe__prove_report(proving, "W111", rule->where,
                             "adjust \"%s\": nobody who can get one of its products gets its "
                             "points",
                             rule->id);
    }
}

static void prove_boosts(oe__proving *proving, const oe_segment *segment)
{
    for (size_t i = 0; i < segment->boost_count; i++) {
        const oe_boost *boost = &segment->boosts[i];
        if (!boost_gives(proving, segment, boost))
            oe__prove_report(proving, "W111", boost->where,
                             "segment \"%s\": nobody in it can get %s\"%s\", so that the boost "
                             "gives no points",
                             segment->id, boost->is_category ? "products of " : "",
                             boost->target);
    }
}

void oe__prove_rules(oe__proving *proving)
{
    prove_excludes(proving);
    prove_adjusts(proving);
    for (size_t s = 0; s < proving->ruleset->declared.segments.count; s++) {
        const oe_segment *segment = oe__segment(proving->ruleset, s);
        if (may_apply(proving, segment->condition))
            prove_boosts(proving, segment);
    }
}
