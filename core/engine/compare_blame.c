/* compare_blame.c: which edit of the rules made a product flip for a customer. The first check
 * that refuses on the losing side and whose rule was edited did it; of points and ranks the
 * edit with the largest effect. */
#include "engine/compare.h"

#include "engine/compare_effect.h"

#include <string.h>

/* ---- availability, ownership, gates ---- */

static uint32_t own_edit(const oe__blaming *blaming, const char *key)
{
    return oe__edit_find(blaming->edits, OE__ON_PRODUCT, blaming->id, key, "");
}

/* Remembers the first check that refuses, and the first that an edit explains. */
static void refuse(oe__refusal *refusal, oe_stage stage, oe_cause cause, uint32_t edit)
{
    if (refusal->stage == OE_STAGE_OFFERED) {
        refusal->stage = stage;
        refusal->cause = cause;
    }
    if (refusal->edit == OE__NO_EDIT)
        refusal->edit = edit;
}

static void refuse_availability(const oe__blaming *blaming, oe__refusal *refusal)
{
    const oe__compiled *product = blaming->sides[blaming->losing].product;
    int64_t at_ms = blaming->at_ms;
    if (product->off)
        refuse(refusal, OE_STAGE_AVAILABILITY, OE_CAUSE_OFF, own_edit(blaming, "off"));
    if (at_ms < product->from_ms)
        refuse(refusal, OE_STAGE_AVAILABILITY, OE_CAUSE_NOT_YET, own_edit(blaming, "from"));
    if (at_ms >= product->until_ms)
        refuse(refusal, OE_STAGE_AVAILABILITY, OE_CAUSE_ENDED, own_edit(blaming, "until"));
}

static void refuse_ownership(const oe__blaming *blaming, oe__refusal *refusal)
{
    const oe__side *side = &blaming->sides[blaming->losing];
    const oe__compiled *product = side->product;
    for (size_t i = 0; i < product->after_count; i++)
        if (!oe__owns(side->owned, product->after[i]))
            refuse(refusal, OE_STAGE_OWNERSHIP, OE_CAUSE_NEEDS_PRODUCT,
                   own_edit(blaming, "after"));
    for (size_t i = 0; i < product->not_with_count; i++)
        if (oe__owns(side->owned, product->not_with[i]))
            refuse(refusal, OE_STAGE_OWNERSHIP, OE_CAUSE_EXCLUDED_BY_PRODUCT,
                   own_edit(blaming, "not_with"));
}

static void refuse_range(const oe__blaming *blaming, const oe__range *range,
                         oe__refusal *refusal)
{
    const oe__side *side = &blaming->sides[blaming->losing];
    double value = side->values[range->attribute];
    if (oe__cell_bound(value, range->low, range->high))
        return;
    const char *attribute = oe__attribute(side->ruleset, range->attribute)->name;
    bool known = value == value, low = known ? value < range->low : range->low > -HUGE_VAL;
    uint32_t edit = oe__edit_find(blaming->edits, OE__ON_PRODUCT, blaming->id,
                                  low ? "min_" : "max_", attribute);
    if (edit == OE__NO_EDIT && low)
        edit = oe__tier_edit(blaming, attribute);
    if (edit == OE__NO_EDIT)
        edit = oe__edit_find(blaming->edits, OE__ON_ATTRIBUTE, attribute, "value", "");
    refuse(refusal, OE_STAGE_GATES,
           !known ? OE_CAUSE_NOT_ON_FILE
           : low  ? OE_CAUSE_BELOW_MINIMUM
                  : OE_CAUSE_ABOVE_MAXIMUM,
           edit);
}

static uint32_t gate_edit(const oe__blaming *blaming, size_t gate)
{
    const oe__edits *edits = blaming->edits;
    for (size_t i = edits->first[OE__ON_PRODUCT]; i < edits->first[OE__ON_PRODUCT + 1]; i++) {
        const oe__edit *edit = oe__edit_at(edits, (uint32_t)i);
        if (edit->gate[blaming->losing] == gate && strcmp(edit->id, blaming->id) == 0)
            return (uint32_t)i;
    }
    return OE__NO_EDIT;
}

static void refuse_guard(const oe__blaming *blaming, size_t index, oe__refusal *refusal)
{
    const oe__side *side = &blaming->sides[blaming->losing];
    const oe__guard *guard = &side->product->guards[index];
    bool excludes = index >= side->product->gate_count;
    uint8_t truth = guard->condition == OE_NO_CONDITION
                        ? OE__TRUE
                        : oe__calls_truth(side->decider, guard->condition);
    if (oe__cell_guard(truth, guard->refuses) ||
        !oe__cell_window(blaming->at_ms, guard->from_ms, guard->until_ms))
        return;
    uint32_t edit = excludes ? oe__rule_edit(blaming, guard->rule) : gate_edit(blaming, index);
    if (edit == OE__NO_EDIT)
        edit = oe__nested_edit(blaming, blaming->losing, guard->condition);
    if (edit == OE__NO_EDIT && excludes)
        edit = own_edit(blaming, "category");
    refuse(refusal, OE_STAGE_GATES, excludes ? OE_CAUSE_EXCLUDED : OE_CAUSE_CONDITION, edit);
}

static void refuse_gates(const oe__blaming *blaming, oe__refusal *refusal)
{
    const oe__compiled *product = blaming->sides[blaming->losing].product;
    refuse_availability(blaming, refusal);
    refuse_ownership(blaming, refusal);
    for (size_t i = 0; i < product->range_count; i++)
        refuse_range(blaming, &product->ranges[i], refusal);
    for (size_t i = 0; i < product->guard_count; i++)
        refuse_guard(blaming, i, refusal);
}

/* ---- selection ---- */

static const oe_offer *offer_of(const oe_decision *decision, const oe__compiled *product)
{
    for (size_t i = 0; product != NULL && i < decision->offer_count; i++)
        if (&decision->ruleset->compiled[decision->offers[i].product] == product)
            return &decision->offers[i];
    return NULL;
}

static oe__blaming blame_other(const oe__blaming *blaming, uint32_t product, int losing)
{
    oe__blaming other = *blaming;
    const oe__comparison *comparison = blaming->comparer->comparison;
    other.product = product;
    other.losing = losing;
    other.id = oe__compared_product(comparison, product)->id;
    for (int side = OE__BASE; side <= OE__NEW; side++) {
        int32_t own = comparison->own[side][product];
        other.sides[side].product = own < 0 ? NULL : &comparison->rules[side]->compiled[own];
    }
    return other;
}

/* Why a product that displaced this one was not there, or weaker, on the other side. */
static void displace(const oe__blaming *blaming, uint32_t product, oe__suspect *suspect)
{
    int winning = 1 - blaming->losing;
    oe__blaming other = blame_other(blaming, product, winning);
    oe__refusal refusal = {OE_STAGE_OFFERED, OE_CAUSE_COUNT, OE__NO_EDIT};
    if (other.sides[winning].product == NULL) {
        oe__suspect_add(suspect, own_edit(&other, ""), HUGE_VAL);
        return;
    }
    refuse_gates(&other, &refusal);
    if (refusal.stage != OE_STAGE_OFFERED) {
        oe__suspect_add(suspect, refusal.edit, HUGE_VAL);
        return;
    }
    oe__effects(&other, suspect);
    if (oe__is_above(&other.sides[winning], blaming->at_ms))
        oe__weights(&other, suspect);
    else
        oe__threshold_effect(&other, suspect);
}

/* What left no place for the product on the losing side, in the order in which it is tried. */
typedef enum limiting { BY_GROUP, BY_CATEGORY, BY_ALL } limiting;

static limiting limiting_of(const oe__blaming *blaming)
{
    const oe__side *side = &blaming->sides[blaming->losing];
    const oe__compiled *product = side->product;
    if (product->group != OE__NO_GROUP && side->decider->group_counts[product->group] >=
                                              side->ruleset->group_limits[product->group])
        return BY_GROUP;
    return side->decider->category_counts[product->category] >=
                   side->ruleset->category_limits[product->category]
               ? BY_CATEGORY
               : BY_ALL;
}

static bool competes(const oe__compiled *product, const oe__compiled *other, limiting by)
{
    return by == BY_ALL || (by == BY_GROUP ? other->group == product->group
                                           : other->category == product->category);
}

/* A rival that shares no group with the product on the other side: one of them changed it. */
static uint32_t group_edit(const oe__blaming *blaming, const oe__blaming *rival)
{
    const oe__compiled *own = blaming->sides[1 - blaming->losing].product;
    const oe__compiled *other = rival->sides[1 - blaming->losing].product;
    if (other == NULL || (own->group == other->group && own->category == other->category))
        return OE__NO_EDIT;
    uint32_t edit = own_edit(rival, "group");
    return edit != OE__NO_EDIT ? edit : own_edit(rival, "category");
}

static uint32_t limit_of(const oe__side *side, limiting by)
{
    const oe_ruleset *ruleset = side->ruleset;
    const oe__compiled *product = side->product;
    if (by == BY_GROUP)
        return product->group == OE__NO_GROUP ? UINT32_MAX
                                              : ruleset->group_limits[product->group];
    return by == BY_CATEGORY ? ruleset->category_limits[product->category]
                             : ruleset->default_limit;
}

/* The limit that is tighter on the losing side, or what put the product under it. */
static uint32_t limit_edit(const oe__blaming *blaming, limiting by)
{
    const oe__side *side = &blaming->sides[blaming->losing];
    if (limit_of(side, by) >= limit_of(&blaming->sides[1 - blaming->losing], by))
        return by == BY_GROUP ? own_edit(blaming, "group") : OE__NO_EDIT;
    const oe_product *declared = oe__declared_of(side);
    uint32_t edit = by == BY_GROUP      ? own_edit(blaming, "group")
                    : by == BY_CATEGORY ? own_edit(blaming, "category")
                                        : OE__NO_EDIT;
    if (edit != OE__NO_EDIT)
        return edit;
    return oe__edit_find(blaming->edits, OE__ON_LIMIT, "",
                         by == BY_GROUP      ? "group."
                         : by == BY_CATEGORY ? "category."
                                             : "default",
                         by == BY_GROUP      ? declared->group
                         : by == BY_CATEGORY ? declared->category
                                             : "");
}

/* Good enough on both sides, but others took its place: a tighter limit, its own points, or
 * theirs. */
static uint32_t blame_selection(const oe__blaming *blaming)
{
    const oe__side *side = &blaming->sides[blaming->losing];
    const oe_decision *decision = &side->decider->decision;
    const oe_decision *other = &blaming->sides[1 - blaming->losing].decider->decision;
    limiting by = limiting_of(blaming);
    oe__suspect suspect = {OE__NO_EDIT, 0};
    oe__suspect_add(&suspect, limit_edit(blaming, by), HUGE_VAL);
    for (size_t i = 0; i < decision->offer_count && suspect.effect < HUGE_VAL; i++) {
        uint32_t own = decision->offers[i].product;
        uint32_t product = blaming->comparer->comparison->common[blaming->losing][own];
        oe__blaming rival = blame_other(blaming, product, 1 - blaming->losing);
        if (!competes(side->product, &side->ruleset->compiled[own], by))
            continue;
        oe__suspect_add(&suspect, group_edit(blaming, &rival), HUGE_VAL);
        if (offer_of(other, rival.sides[1 - blaming->losing].product) == NULL)
            displace(blaming, product, &suspect);
    }
    if (suspect.effect == HUGE_VAL)
        return suspect.edit;
    oe__effects(blaming, &suspect);
    oe__weights(blaming, &suspect);
    return suspect.edit;
}

/* Offered as the fallback on one side: the other has something better, or no such fallback. */
static uint32_t blame_fallback(const oe__blaming *blaming)
{
    const oe__side *side = &blaming->sides[blaming->losing];
    const oe_decision *decision = &side->decider->decision;
    oe__suspect suspect = {OE__NO_EDIT, 0};
    if (!side->product->is_fallback)
        return oe__edit_find(blaming->edits, OE__ON_FALLBACK, "", "", blaming->id);
    for (size_t i = 0; i < decision->offer_count; i++)
        displace(
            blaming,
            blaming->comparer->comparison->common[blaming->losing][decision->offers[i].product],
            &suspect);
    return suspect.edit != OE__NO_EDIT ? suspect.edit : blame_selection(blaming);
}

/* ---- one flip ---- */

static void blame_points(const oe__blaming *blaming, oe__refusal *refusal)
{
    const oe__side *side = &blaming->sides[blaming->losing];
    const oe__side *other = &blaming->sides[1 - blaming->losing];
    const oe_offer *offer = offer_of(&other->decider->decision, other->product);
    oe__suspect suspect = {OE__NO_EDIT, 0};
    if (oe__is_above(side, blaming->at_ms)) {
        refuse(refusal, OE_STAGE_SELECTION, OE_CAUSE_OUTRANKED, blame_selection(blaming));
    } else if (offer != NULL && offer->fallback) {
        refuse(refusal, OE_STAGE_THRESHOLD, OE_CAUSE_BELOW_THRESHOLD, blame_fallback(blaming));
    } else {
        oe__effects(blaming, &suspect);
        oe__threshold_effect(blaming, &suspect);
        refuse(refusal, OE_STAGE_THRESHOLD, OE_CAUSE_BELOW_THRESHOLD, suspect.edit);
    }
}

void oe__blame(oe__comparer *comparer, oe__flip *flip)
{
    const oe__comparison *comparison = comparer->comparison;
    oe__blaming blaming = {
        .comparer = comparer, .edits = &comparison->edits, .at_ms = comparison->options.at_ms};
    for (int side = OE__BASE; side <= OE__NEW; side++)
        blaming.sides[side] = (oe__side){.ruleset = comparison->rules[side],
                                         .decider = comparer->deciders[side],
                                         .values = comparer->deciders[side]->decided.values,
                                         .owned = comparer->deciders[side]->decided.owned};
    blaming = blame_other(&blaming, flip->product, flip->gained ? OE__BASE : OE__NEW);
    oe__refusal refusal = {OE_STAGE_OFFERED, OE_CAUSE_COUNT, OE__NO_EDIT};
    if (blaming.sides[blaming.losing].product == NULL) {
        refuse(&refusal, OE_STAGE_AVAILABILITY, OE_CAUSE_OFF, own_edit(&blaming, ""));
    } else {
        refuse_gates(&blaming, &refusal);
        if (refusal.stage == OE_STAGE_OFFERED)
            blame_points(&blaming, &refusal);
    }
    flip->edit = refusal.edit;
    flip->stage = refusal.stage;
    flip->cause = refusal.cause;
}
