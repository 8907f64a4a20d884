/* explain.c: the trace of one product for one customer: every failed check, every point. */
#include "engine/explain.h"

#include "engine/campaign.h"

#include "engine/derive.h"

#include <math.h>

static const oe__compiled *compiled_of(const oe__explaining *explaining)
{
    return &explaining->decider->ruleset->compiled[explaining->product];
}

static const oe_product *declared_of(const oe__explaining *explaining)
{
    return oe__product(explaining->decider->ruleset, explaining->product);
}

static oe_failure *add_failure(oe__explaining *explaining, oe_stage stage, oe_cause cause)
{
    oe_failure *failure = &explaining->failures[explaining->explanation->failure_count++];
    const oe_product *declared = declared_of(explaining);
    *failure = (oe_failure){.stage = stage,
                            .cause = cause,
                            .attribute = -1,
                            .needed = (double)NAN,
                            .actual = (double)NAN,
                            .gap = (double)NAN,
                            .date_ms = INT64_MIN,
                            .rule = declared->id,
                            .where = declared->where};
    return failure;
}

static const char *product_id(const oe__explaining *explaining, uint32_t number)
{
    return explaining->decider->ruleset->product_names[number].text;
}

static oe_failure *add_campaign(oe__explaining *explaining, oe_cause cause)
{
    const oe__campaign *campaign =
        oe__campaign_at(explaining->decider->ruleset, explaining->options->campaign - 1);
    oe_failure *failure = add_failure(explaining, OE_STAGE_AVAILABILITY, cause);
    failure->rule = campaign->id;
    failure->where = campaign->where;
    return failure;
}

static void check_campaign(oe__explaining *explaining)
{
    oe_decider *decider = explaining->decider;
    const oe_options *options = explaining->options;
    const oe__campaign *campaign = oe__campaign_at(decider->ruleset, options->campaign - 1);
    if (options->at_ms < campaign->from_ms)
        add_campaign(explaining, OE_CAUSE_NOT_YET)->date_ms = campaign->from_ms;
    else if (options->at_ms >= campaign->until_ms)
        add_campaign(explaining, OE_CAUSE_ENDED)->date_ms = campaign->until_ms;
    else if (!oe__campaign_targets(decider, options))
        add_campaign(explaining, OE_CAUSE_NOT_TARGETED)->text =
            oe_ruleset_condition_text(decider->ruleset, campaign->condition);
    if (!oe__campaign_covers(decider->ruleset, options->campaign, explaining->product))
        (void)add_campaign(explaining, OE_CAUSE_OTHER_CAMPAIGN);
}

static void check_availability(oe__explaining *explaining)
{
    const oe__compiled *product = compiled_of(explaining);
    int64_t at_ms = explaining->options->at_ms;
    int32_t category = explaining->options->category;
    if (product->off)
        add_failure(explaining, OE_STAGE_AVAILABILITY, OE_CAUSE_OFF);
    if (at_ms < product->from_ms)
        add_failure(explaining, OE_STAGE_AVAILABILITY, OE_CAUSE_NOT_YET)->date_ms =
            product->from_ms;
    if (at_ms >= product->until_ms)
        add_failure(explaining, OE_STAGE_AVAILABILITY, OE_CAUSE_ENDED)->date_ms =
            product->until_ms;
    if (category >= 0 && (uint32_t)category != product->category)
        add_failure(explaining, OE_STAGE_AVAILABILITY, OE_CAUSE_OTHER_CATEGORY);
    if (explaining->options->campaign != 0)
        check_campaign(explaining);
}

static void check_ownership(oe__explaining *explaining)
{
    const oe__compiled *product = compiled_of(explaining);
    const uint64_t *owned = explaining->profile->owned;
    if (oe__owns(owned, product->number))
        add_failure(explaining, OE_STAGE_OWNERSHIP, OE_CAUSE_OWNED);
    for (size_t i = 0; i < product->after_count; i++)
        if (!oe__owns(owned, product->after[i]))
            add_failure(explaining, OE_STAGE_OWNERSHIP, OE_CAUSE_NEEDS_PRODUCT)->other =
                product_id(explaining, product->after[i]);
    for (size_t i = 0; i < product->not_with_count; i++)
        if (oe__owns(owned, product->not_with[i]))
            add_failure(explaining, OE_STAGE_OWNERSHIP, OE_CAUSE_EXCLUDED_BY_PRODUCT)->other =
                product_id(explaining, product->not_with[i]);
}

/* ---- gates ---- */

static void check_range(oe__explaining *explaining, const oe__range *range)
{
    double value = explaining->profile->values[range->attribute];
    if (oe__cell_bound(value, range->low, range->high))
        return;
    bool known = value == value;
    oe_failure *failure = add_failure(explaining, OE_STAGE_GATES,
                                      !known               ? OE_CAUSE_NOT_ON_FILE
                                      : value < range->low ? OE_CAUSE_BELOW_MINIMUM
                                                           : OE_CAUSE_ABOVE_MAXIMUM);
    bool above = known ? value > range->high : isinf(range->low);
    failure->attribute = (int32_t)range->attribute;
    failure->needed = above ? range->high : range->low;
    failure->actual = value;
    failure->gap = failure->needed - value;
    failure->where = range->where;
}

/* What a condition on one attribute needed, as far as one number says it. */
static void fill_needed(const oe__explaining *explaining, const oe__node *node,
                        oe_failure *failure)
{
    size_t subject = (size_t)node->subject;
    double value = explaining->profile->values[subject];
    failure->attribute = node->subject;
    if (failure->cause == OE_CAUSE_CONDITION && !(value == value))
        failure->cause = OE_CAUSE_NOT_ON_FILE;
    if (oe__attribute(explaining->decider->ruleset, subject)->type == OE_TEXT)
        return;
    failure->actual = value;
    if (node->op > OE_BETWEEN || failure->cause == OE_CAUSE_EXCLUDED)
        return;
    bool above = isinf(node->range_low) || value > node->range_high;
    failure->needed = above ? node->high : node->low;
    failure->gap = failure->needed - value;
}

static void check_guard(oe__explaining *explaining, const oe__guard *guard, bool excludes)
{
    const oe_ruleset *ruleset = explaining->decider->ruleset;
    bool always = guard->condition == OE_NO_CONDITION;
    uint8_t truth = always ? OE__TRUE : oe__calls_truth(explaining->decider, guard->condition);
    if (oe__cell_guard(truth, guard->refuses) ||
        !oe__cell_window(explaining->options->at_ms, guard->from_ms, guard->until_ms))
        return;
    oe_failure *failure = add_failure(explaining, OE_STAGE_GATES,
                                      excludes ? OE_CAUSE_EXCLUDED : OE_CAUSE_CONDITION);
    failure->where = guard->where;
    failure->text = guard->reason;
    if (excludes)
        failure->rule = guard->rule;
    if (always)
        return;
    const oe__node *node = &oe__nodes(ruleset)[guard->condition];
    if (failure->text == NULL)
        failure->text = ruleset->condition_texts[guard->condition];
    if (node->attribute != NULL)
        fill_needed(explaining, node, failure);
}

static void check_gates(oe__explaining *explaining)
{
    const oe__compiled *product = compiled_of(explaining);
    for (size_t i = 0; i < product->range_count; i++)
        check_range(explaining, &product->ranges[i]);
    for (size_t i = 0; i < product->guard_count; i++)
        check_guard(explaining, &product->guards[i], i >= product->gate_count);
}

/* A curve whose function was stopped: nobody can say what the product would earn. */
static void check_curves(oe__explaining *explaining)
{
    const oe__compiled *product = compiled_of(explaining);
    const oe_ruleset *ruleset = explaining->decider->ruleset;
    for (size_t i = 0; i < product->term_count; i++) {
        const oe__term *term = &product->terms[i];
        if (term->shape != OE__CALLED ||
            explaining->decider->shares[term->curve->function] != OE__SHARE_STOPPED)
            continue;
        oe_failure *failure = add_failure(explaining, OE_STAGE_GATES, OE_CAUSE_CONDITION);
        failure->attribute = (int32_t)term->attribute;
        failure->actual = explaining->profile->values[term->attribute];
        failure->rule = ruleset->functions[term->curve->function].rule;
        failure->where = ruleset->functions[term->curve->function].where;
        failure->text = "a curve whose function was stopped";
    }
}

/* ---- threshold and selection ---- */

static const oe_offer *offer_of(const oe_decision *decision, uint32_t product)
{
    for (size_t i = 0; i < decision->offer_count; i++)
        if (decision->offers[i].product == product)
            return &decision->offers[i];
    return NULL;
}

/* Those whose place it would have taken: in its group or category where that is full, else the
 * last that was offered. */
static void check_selection(oe__explaining *explaining)
{
    const oe_ruleset *ruleset = explaining->decider->ruleset;
    const oe_decision *decision = &explaining->decider->decision;
    const oe__compiled *product = compiled_of(explaining);
    size_t before = explaining->explanation->failure_count;
    for (size_t i = 0; i < decision->offer_count; i++) {
        const oe__compiled *other = &ruleset->compiled[decision->offers[i].product];
        bool group = product->group != OE__NO_GROUP && other->group == product->group &&
                     explaining->decider->group_counts[product->group] >=
                         ruleset->group_limits[product->group];
        bool category = other->category == product->category &&
                        explaining->decider->category_counts[product->category] >=
                            ruleset->category_limits[product->category];
        if (group || category)
            add_failure(explaining, OE_STAGE_SELECTION, OE_CAUSE_OUTRANKED)->other =
                product_id(explaining, other->number);
    }
    if (explaining->explanation->failure_count > before)
        return;
    oe_failure *failure = add_failure(explaining, OE_STAGE_SELECTION, OE_CAUSE_OUTRANKED);
    if (decision->offer_count > 0)
        failure->other = product_id(
            explaining,
            ruleset->compiled[decision->offers[decision->offer_count - 1].product].number);
}

static void check_rank(oe__explaining *explaining)
{
    oe_explanation *explanation = explaining->explanation;
    if (explanation->failure_count > 0 ||
        offer_of(&explaining->decider->decision, explaining->product) != NULL)
        return;
    bool above = oe__cell_above(explanation->confidence, explanation->threshold);
    if ((above || compiled_of(explaining)->is_fallback) && oe__explain_cut(explaining))
        return;
    if (above) {
        check_selection(explaining);
        return;
    }
    oe_failure *failure = add_failure(explaining, OE_STAGE_THRESHOLD, OE_CAUSE_BELOW_THRESHOLD);
    failure->needed = explanation->threshold;
    failure->actual = explanation->confidence;
    failure->gap = explanation->threshold - explanation->confidence;
}

/* ---- points ---- */

static bool passes_ranges(const oe__compiled *product, uint32_t attribute, double value)
{
    for (size_t i = 0; i < product->range_count; i++)
        if (product->ranges[i].attribute == attribute &&
            !oe__cell_bound(value, product->ranges[i].low, product->ranges[i].high))
            return false;
    return true;
}

/* A gate that fails earns nothing; a product that is scored has passed all of its gates. */
static void withdraw_gates(const oe__compiled *product, oe_contribution *contributions)
{
    for (size_t i = 0; i < product->term_count; i++)
        if (product->terms[i].shape == OE__PASS &&
            !passes_ranges(product, product->terms[i].attribute, contributions[i].value))
            contributions[i].subscore = contributions[i].points = 0;
}

static double score_of(const oe__compiled *product, const oe_contribution *contributions)
{
    double sum = 0;
    for (size_t i = 0; i < product->term_count; i++)
        sum = oe__cell_weigh(sum, &product->terms[i], contributions[i].subscore);
    return oe__cell_score(sum, product->weight_sum);
}

static bool fill_points(oe__explaining *explaining)
{
    oe_decider *decider = explaining->decider;
    const oe__compiled *product = compiled_of(explaining);
    oe_explanation *explanation = explaining->explanation;
    oe_contribution *contributions =
        oe__arena_array(&decider->trace, product->term_count, sizeof *contributions);
    oe_adjustment *adjustments =
        oe__arena_array(&decider->trace, product->grant_count, sizeof *adjustments);
    if (contributions == NULL || adjustments == NULL)
        return false;
    int64_t at_ms = explaining->options->at_ms;
    (void)oe__calls_curves(decider, product, explaining->profile->values);
    oe__contributions(product, explaining->profile->values, decider->shares, contributions);
    oe__calls_grants(decider, product, at_ms);
    withdraw_gates(product, contributions);
    explanation->contributions = contributions;
    explanation->contribution_count = product->term_count;
    explanation->adjustments = adjustments;
    explanation->adjustment_count = oe__applied(product, decider->truth, at_ms, adjustments);
    explanation->score = score_of(product, contributions);
    explanation->threshold = oe__threshold(decider->ruleset, product, decider->truth);
    explanation->confidence = explanation->priority = (double)NAN;
    return true;
}

static void fill_confidence(oe__explaining *explaining)
{
    oe_explanation *explanation = explaining->explanation;
    const oe__compiled *product = compiled_of(explaining);
    if (explanation->failure_count > 0)
        return;
    double adjustments =
        oe__adjustments(product, explaining->decider->truth, explaining->options->at_ms);
    explanation->confidence = oe__cell_confidence(explanation->score, adjustments);
    explanation->clamped = explanation->score + adjustments - explanation->confidence;
    explanation->priority = oe__cell_priority(explanation->confidence, product->factor);
}

static bool begin(oe__explaining *explaining)
{
    oe_decider *decider = explaining->decider;
    const oe__compiled *product = compiled_of(explaining);
    oe__arena_reset(&decider->trace);
    size_t most = 7 + product->after_count + product->not_with_count + product->range_count +
                  product->guard_count + product->term_count + product->hold_count + 1 +
                  decider->ruleset->declared.products.count;
    explaining->explanation = oe__arena_take(&decider->trace, sizeof *explaining->explanation);
    explaining->failures = oe__arena_array(&decider->trace, most, sizeof *explaining->failures);
    return explaining->explanation != NULL && explaining->failures != NULL;
}

const oe_profile *oe__explained(const oe_decider *decider, const oe_profile *profile)
{
    return oe__has_derivations(decider->ruleset) ? decider->explained : profile;
}

const oe_explanation *oe_explain(oe_decider *decider, const oe_profile *profile,
                                 const oe_options *options, size_t product)
{
    oe_decide(decider, profile, options);
    return oe__explain_decided(decider, profile, options, product);
}

/* All but the smallest change; NULL: out of memory, or there is no such product. */
static oe_explanation *explain_refusals(oe__explaining *explaining)
{
    oe_decider *decider = explaining->decider;
    uint32_t product = explaining->product;
    if (oe__has_derivations(decider->ruleset) &&
        !oe__profile_copy(decider->explained, decider->derived))
        return NULL;
    explaining->profile = oe__explained(decider, explaining->profile);
    if (product >= decider->ruleset->declared.products.count || !begin(explaining))
        return NULL;
    oe_explanation *explanation = explaining->explanation;
    explanation->product = product;
    explanation->failures = explaining->failures;
    if (!fill_points(explaining))
        return NULL;
    check_availability(explaining);
    check_ownership(explaining);
    check_gates(explaining);
    check_curves(explaining);
    oe__explain_contacts(explaining);
    fill_confidence(explaining);
    check_rank(explaining);
    const oe_offer *offer = offer_of(&decider->decision, product);
    explanation->fallback = offer != NULL && offer->fallback;
    explanation->stage =
        explanation->failure_count > 0 ? explanation->failures[0].stage : OE_STAGE_OFFERED;
    return explanation;
}

const oe_explanation *oe__explain_decided(oe_decider *decider, const oe_profile *profile,
                                          const oe_options *options, size_t product)
{
    oe__explaining explaining = {.decider = decider,
                                 .profile = profile,
                                 .options = options,
                                 .product = (uint32_t)product};
    const oe_explanation *explanation = explain_refusals(&explaining);
    if (explanation == NULL)
        return NULL;
    if (explanation->stage != OE_STAGE_OFFERED && !oe__smallest_change(&explaining))
        return NULL;
    if (decider->ruleset->function_count > 0)
        oe__calls_degraded(decider); /* it asked more than the decision did */
    return explanation;
}

oe_stage oe__stage_decided(oe_decider *decider, const oe_profile *profile,
                           const oe_options *options, size_t product)
{
    oe__explaining explaining = {.decider = decider,
                                 .profile = profile,
                                 .options = options,
                                 .product = (uint32_t)product};
    const oe_explanation *explanation = explain_refusals(&explaining);
    if (explanation != NULL && decider->ruleset->function_count > 0)
        oe__calls_degraded(decider);
    return explanation == NULL ? OE_STAGE_COUNT : explanation->stage;
}
