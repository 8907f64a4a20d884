/* compare_effect.c: points of one product under two rulesets, element by element. What an
 * element did is what the score of the winning side would lose by it alone. */
#include "engine/compare_effect.h"

#include <string.h>

void oe__suspect_add(oe__suspect *suspect, uint32_t edit, double effect)
{
    if (edit == OE__NO_EDIT || !(effect > suspect->effect))
        return;
    suspect->edit = edit;
    suspect->effect = effect;
}

const oe_product *oe__declared_of(const oe__side *side)
{
    return oe__product(side->ruleset, (size_t)(side->product - side->ruleset->compiled));
}

static double score_of(const oe__side *side)
{
    (void)oe__calls_curves(side->decider, side->product, side->values);
    return oe__score(side->product, side->values, side->decider->shares);
}

static double confidence_of(const oe__side *side, int64_t at_ms)
{
    oe__calls_grants(side->decider, side->product, at_ms);
    return oe__cell_confidence(score_of(side),
                               oe__adjustments(side->product, side->decider->truth, at_ms));
}

bool oe__is_above(const oe__side *side, int64_t at_ms)
{
    return oe__cell_above(confidence_of(side, at_ms),
                          oe__threshold(side->ruleset, side->product, side->decider->truth));
}

/* ---- which edit stands behind ---- */

static uint32_t own_edit(const oe__blaming *blaming, const char *key, const char *part)
{
    return oe__edit_find(blaming->edits, OE__ON_PRODUCT, blaming->id, key, part);
}

uint32_t oe__tier_edit(const oe__blaming *blaming, const char *attribute)
{
    uint32_t edit = own_edit(blaming, "tier", "");
    for (int side = OE__BASE; side <= OE__NEW && edit == OE__NO_EDIT; side++) {
        if (blaming->sides[side].product == NULL)
            continue;
        const char *tier = oe__declared_of(&blaming->sides[side])->tier;
        if (tier != NULL)
            edit = oe__edit_find(blaming->edits, OE__ON_TIER, tier, "", attribute);
    }
    return edit;
}

uint32_t oe__rule_edit(const oe__blaming *blaming, const char *rule)
{
    return oe__edit_find(blaming->edits, OE__ON_RULE, rule, NULL, "");
}

uint32_t oe__nested_edit(const oe__blaming *blaming, int side, oe_condition condition)
{
    if (condition == OE_NO_CONDITION)
        return OE__NO_EDIT;
    const oe_ruleset *ruleset = blaming->sides[side].ruleset;
    const oe__node *node = &oe__nodes(ruleset)[condition];
    uint32_t edit = OE__NO_EDIT;
    if (node->attribute != NULL)
        edit = oe__edit_find(blaming->edits, OE__ON_ATTRIBUTE, node->attribute, "value", "");
    if (node->op == OE_IN_SEGMENT) {
        edit = oe__edit_find(blaming->edits, OE__ON_SEGMENT, node->name, "when", "");
        if (edit == OE__NO_EDIT)
            edit = oe__nested_edit(blaming, side,
                                   oe__segment(ruleset, (size_t)node->subject)->condition);
    }
    for (size_t i = 0; i < node->part_count && edit == OE__NO_EDIT; i++)
        edit = oe__nested_edit(blaming, side, node->parts[i]);
    return edit;
}

/* ---- dimensions ---- */

static const oe__term *term_of(const oe__side *side, const char *dimension)
{
    for (size_t i = 0; i < side->product->term_count; i++) {
        const oe__term *term = &side->product->terms[i];
        if (strcmp(oe__dimension(side->ruleset, term->dimension)->name, dimension) == 0)
            return term;
    }
    return NULL;
}

static double subscore_of(const oe__side *side, const oe__term *term)
{
    return oe__cell_subscore(term, side->values[term->attribute], side->decider->shares);
}

/* Keys of the product, then of the dimension, that shape the curve of an attribute. */
static uint32_t shape_edit(const oe__blaming *blaming, const char *dimension,
                           const char *attribute)
{
    static const char *const own[] = {"curve.", "min_", "ideal_"};
    static const char *const general[] = {"curve", "ideal", "of"};
    uint32_t edit = OE__NO_EDIT;
    for (size_t i = 0; i < 3 && edit == OE__NO_EDIT; i++)
        edit = own_edit(blaming, own[i], attribute);
    if (edit == OE__NO_EDIT)
        edit = oe__tier_edit(blaming, attribute);
    for (size_t i = 0; i < 3 && edit == OE__NO_EDIT; i++)
        edit = oe__edit_find(blaming->edits, OE__ON_DIMENSION, dimension, general[i], "");
    if (edit == OE__NO_EDIT)
        edit = oe__edit_find(blaming->edits, OE__ON_ATTRIBUTE, attribute, NULL, "");
    return edit;
}

/* What makes a dimension count, or by how much. */
static uint32_t weight_edit(const oe__blaming *blaming, const char *dimension,
                            const char *attribute, bool both)
{
    uint32_t edit = oe__edit_find(blaming->edits, OE__ON_DIMENSION, dimension, "weight", "");
    if (both || edit != OE__NO_EDIT)
        return edit;
    edit = oe__edit_find(blaming->edits, OE__ON_DIMENSION, dimension, "every", "");
    return edit != OE__NO_EDIT ? edit : shape_edit(blaming, dimension, attribute);
}

/* The score of the winning side if one term had another weight and subscore. */
static double score_with(const oe__side *side, const oe__term *own, double weight,
                         double subscore)
{
    double sum = 0, weights = 0;
    for (size_t i = 0; i < side->product->term_count; i++) {
        const oe__term *term = &side->product->terms[i];
        if (term == own)
            continue;
        sum += term->weight * subscore_of(side, term);
        weights += term->weight;
    }
    sum += weight * subscore;
    weights += weight;
    return weights > 0 ? 100 * (sum / weights) : 0;
}

static void add_dimension(const oe__blaming *blaming, const oe__term *terms[2],
                          const char *dimension, oe__suspect *suspect)
{
    const oe__side *winner = &blaming->sides[1 - blaming->losing];
    const oe__side *loser = &blaming->sides[blaming->losing];
    const oe__term *now = terms[1 - blaming->losing], *then = terms[blaming->losing];
    const oe__side *side = now != NULL ? winner : loser;
    const oe__term *term = now != NULL ? now : then;
    if (term == NULL)
        return;
    const char *attribute = oe__attribute(side->ruleset, term->attribute)->name;
    double score = score_of(winner), subscore = subscore_of(side, term);
    double weight = then != NULL ? then->weight : 0;
    oe__suspect_add(suspect,
                    weight_edit(blaming, dimension, attribute, now != NULL && then != NULL),
                    score - score_with(winner, now, weight, subscore));
    if (now != NULL && then != NULL)
        oe__suspect_add(suspect, shape_edit(blaming, dimension, attribute),
                        score - score_with(winner, now, now->weight, subscore_of(loser, then)));
}

static void add_dimensions(const oe__blaming *blaming, oe__suspect *suspect)
{
    (void)score_of(&blaming->sides[blaming->losing]); /* asks what its curves give */
    for (int side = OE__BASE; side <= OE__NEW; side++) {
        const oe__side *own = &blaming->sides[side];
        for (size_t i = 0; i < own->product->term_count; i++) {
            const oe__term *terms[2] = {NULL, NULL};
            terms[side] = &own->product->terms[i];
            const char *name = oe__dimension(own->ruleset, terms[side]->dimension)->name;
            terms[1 - side] = term_of(&blaming->sides[1 - side], name);
            if (side == OE__BASE || terms[OE__BASE] == NULL)
                add_dimension(blaming, terms, name, suspect);
        }
    }
}

/* ---- adjustments ---- */

static double granted(const oe__side *side, const char *rule, int64_t at_ms)
{
    double points = 0;
    for (size_t i = 0; i < side->product->grant_count; i++) {
        const oe__grant *grant = &side->product->grants[i];
        uint8_t truth = grant->condition == OE_NO_CONDITION
                            ? OE__TRUE
                            : oe__calls_truth(side->decider, grant->condition);
        if (strcmp(grant->rule, rule) == 0 &&
            oe__cell_window(at_ms, grant->from_ms, grant->until_ms))
            points = oe__cell_grant(points, truth, grant->points);
    }
    return points;
}

/* A boost of the product or its category, else who is in the segment. */
static uint32_t boost_edit(const oe__blaming *blaming, const oe__side *side,
                           const oe__grant *grant)
{
    const oe_product *declared = oe__declared_of(side);
    uint32_t edit =
        oe__edit_find(blaming->edits, OE__ON_SEGMENT, grant->rule, "boost.", declared->id);
    if (edit == OE__NO_EDIT)
        edit = oe__edit_find(blaming->edits, OE__ON_SEGMENT, grant->rule, "boost.category.",
                             declared->category);
    if (edit == OE__NO_EDIT)
        edit = oe__edit_find(blaming->edits, OE__ON_SEGMENT, grant->rule, "when", "");
    return edit;
}

static void add_grants(const oe__blaming *blaming, int side, oe__suspect *suspect)
{
    const oe__side *own = &blaming->sides[side];
    for (size_t i = 0; i < own->product->grant_count; i++) {
        const oe__grant *grant = &own->product->grants[i];
        double lost =
            granted(&blaming->sides[1 - blaming->losing], grant->rule, blaming->at_ms) -
            granted(&blaming->sides[blaming->losing], grant->rule, blaming->at_ms);
        if (!(lost > suspect->effect))
            continue;
        uint32_t edit = oe__rule_edit(blaming, grant->rule);
        if (edit == OE__NO_EDIT)
            edit = boost_edit(blaming, own, grant);
        if (edit == OE__NO_EDIT)
            edit = oe__nested_edit(blaming, side, grant->condition);
        if (edit == OE__NO_EDIT)
            edit = own_edit(blaming, "category", "");
        oe__suspect_add(suspect, edit, lost);
    }
}

void oe__effects(const oe__blaming *blaming, oe__suspect *suspect)
{
    add_dimensions(blaming, suspect);
    add_grants(blaming, OE__BASE, suspect);
    add_grants(blaming, OE__NEW, suspect);
}

/* ---- threshold and rank ---- */

static uint32_t segment_threshold_edit(const oe__blaming *blaming, int side)
{
    const oe__side *own = &blaming->sides[side];
    for (size_t i = 0; i < own->ruleset->segment_threshold_count; i++) {
        const oe_segment *segment =
            oe__segment(own->ruleset, own->ruleset->segment_thresholds[i].segment);
        uint32_t edit =
            oe__edit_find(blaming->edits, OE__ON_THRESHOLD, "", "segment.", segment->id);
        if (edit == OE__NO_EDIT)
            edit = oe__edit_find(blaming->edits, OE__ON_SEGMENT, segment->id, "when", "");
        if (edit != OE__NO_EDIT && own->decider->truth[segment->condition] == OE__TRUE)
            return edit;
    }
    return OE__NO_EDIT;
}

static uint32_t threshold_edit(const oe__blaming *blaming)
{
    uint32_t edit =
        oe__edit_find(blaming->edits, OE__ON_THRESHOLD, "", "product.", blaming->id);
    for (int side = OE__BASE; side <= OE__NEW && edit == OE__NO_EDIT; side++)
        edit = oe__edit_find(blaming->edits, OE__ON_THRESHOLD, "", "category.",
                             oe__declared_of(&blaming->sides[side])->category);
    if (edit == OE__NO_EDIT)
        edit = own_edit(blaming, "category", "");
    for (int side = OE__BASE; side <= OE__NEW && edit == OE__NO_EDIT; side++)
        edit = segment_threshold_edit(blaming, side);
    if (edit == OE__NO_EDIT)
        edit = oe__edit_find(blaming->edits, OE__ON_THRESHOLD, "", "default", "");
    return edit;
}

static double threshold_of(const oe__side *side)
{
    return oe__threshold(side->ruleset, side->product, side->decider->truth);
}

void oe__threshold_effect(const oe__blaming *blaming, oe__suspect *suspect)
{
    oe__suspect_add(suspect, threshold_edit(blaming),
                    threshold_of(&blaming->sides[blaming->losing]) -
                        threshold_of(&blaming->sides[1 - blaming->losing]));
}

void oe__weights(const oe__blaming *blaming, oe__suspect *suspect)
{
    const oe__side *winner = &blaming->sides[1 - blaming->losing];
    const oe__side *loser = &blaming->sides[blaming->losing];
    uint32_t edit = own_edit(blaming, "lever", "");
    if (edit == OE__NO_EDIT)
        edit = own_edit(blaming, "value", "");
    oe__suspect_add(suspect, edit,
                    (winner->product->factor - loser->product->factor) *
                        confidence_of(winner, blaming->at_ms));
}
