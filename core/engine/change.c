/* change.c: the smallest change that would bring a refused product back: each failed gate moved
 * to its nearest passing value; then, if the score is still too low, the one scored attribute
 * that has to move least. Everything is tried by deciding again. Values move on the grid of
 * their attribute's step. */
#include "engine/change.h"

#include "engine/derive.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS_MAX = 128 };

/* ---- trying ---- */

static const oe__compiled *product_of(const oe__explaining *explaining)
{
    return &explaining->decider->ruleset->compiled[explaining->product];
}

static bool within_bounds(const oe__compiled *product, const double *values)
{
    for (size_t i = 0; i < product->range_count; i++) {
        const oe__range *range = &product->ranges[i];
        if (!oe__cell_bound(values[range->attribute], range->low, range->high))
            return false;
    }
    return true;
}

static bool has_functions(const oe__explaining *explaining)
{
    return explaining->decider->ruleset->function_count > 0;
}

/* Whether the changed profile gets past every gate. With functions, which are asked as deciding
 * asks them, its truths are the decider's then, else they are in trial_truth. */
static bool is_open(const oe__explaining *explaining)
{
    oe_decider *decider = explaining->decider;
    oe_profile *changed = decider->changed;
    const oe__compiled *product = product_of(explaining);
    bool asks = has_functions(explaining);
    if (!oe__has_derivations(decider->ruleset) && !within_bounds(product, changed->values))
        return false; /* spares the functions */
    if (asks) {
        (void)oe__decide(decider, changed, explaining->options, true);
        oe__take_derived(decider, changed);
    } else {
        oe__derive(decider, changed, explaining->options->at_ms);
        oe__evaluate(decider->ruleset, changed->values, changed->owned, decider->trial_truth);
    }
    const oe__subject subject = {.values = changed->values,
                                 .owned = changed->owned,
                                 .truth = asks ? decider->truth : decider->trial_truth,
                                 .id = changed->id,
                                 .id_length = changed->id_length};
    return within_bounds(product, changed->values) &&
           oe__is_open(product, &subject, explaining->options) &&
           (!asks || (oe__calls_open(decider, product, explaining->options->at_ms) &&
                      oe__calls_curves(decider, product, changed->values)));
}

/* Whether the changed profile brings the product above its threshold; selection aside. */
static bool passes(const oe__explaining *explaining)
{
    const oe_decider *decider = explaining->decider;
    const oe__compiled *product = product_of(explaining);
    if (!is_open(explaining))
        return false;
    const uint8_t *truth = has_functions(explaining) ? decider->truth : decider->trial_truth;
    if (has_functions(explaining))
        oe__calls_grants(explaining->decider, product, explaining->options->at_ms);
    double adjustments = oe__adjustments(product, truth, explaining->options->at_ms);
    double confidence = oe__cell_confidence(
        oe__score(product, decider->changed->values, decider->shares), adjustments);
    return oe__cell_above(confidence, oe__threshold(decider->ruleset, product, truth));
}

static bool can_be_cut(const oe__explaining *explaining)
{
    const oe_ruleset *ruleset = explaining->decider->ruleset;
    const oe__compiled *product = product_of(explaining);
    return explaining->options->contacts != NULL || explaining->options->limit != 0 ||
           explaining->options->campaign != 0 || ruleset->default_limit != UINT32_MAX ||
           product->group != OE__NO_GROUP ||
           ruleset->category_limits[product->category] != UINT32_MAX;
}

/* NULL when selection lets it through as well: decided whole, then as it was. */
static const char *selection_cause(const oe__explaining *explaining)
{
    const oe_decider *decider = explaining->decider;
    if (!can_be_cut(explaining))
        return NULL;
    const oe_decision *decision = oe__decide(explaining->decider, explaining->decider->changed,
                                             explaining->options, true);
    bool selected = false;
    for (size_t i = 0; i < decision->offer_count; i++)
        selected |= decision->offers[i].product == explaining->product;
    bool is_spent = explaining->options->contacts != NULL &&
                    decider->contacting.cut[explaining->product] != 0;
    (void)oe__decide(explaining->decider, explaining->profile, explaining->options, true);
    return selected ? NULL : is_spent ? "contact_policy" : "selection";
}

static bool try_value(const oe__explaining *explaining, uint32_t attribute, double value)
{
    oe__changed_values(explaining)[attribute] = value;
    return passes(explaining);
}

/* ---- score ---- */

/* The value at which a term earns most, going from `value`. */
static double best_value(const oe__term *term, double value)
{
    if (term->shape == OE__LINEAR)
        return term->high;
    if (term->shape == OE__BAND)
        return value > term->curve->x[2] ? term->curve->x[2] : term->curve->x[1];
    double best = value, highest = -1;
    for (size_t i = 0; term->shape == OE__STEPS && i < term->curve->point_count; i++)
        if (term->curve->y[i] > highest) {
            highest = term->curve->y[i];
            best = term->curve->x[i];
        }
    return best;
}

typedef struct points {
    double at[POINTS_MAX];
    size_t count;
} points;

static void add_point(points *list, double value, double from, double to)
{
    bool between = from < to ? value > from && value <= to : value < from && value >= to;
    if (between && list->count < POINTS_MAX)
        list->at[list->count++] = value;
}

static int compare_rising(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Where the answer can turn between `from` and `to`: the edges of every condition on the
 * attribute, and `to`. */
static void find_points(const oe_ruleset *ruleset, uint32_t attribute, double from, double to,
                        points *list)
{
    oe__grid on = oe__grid_of(oe__attribute(ruleset, attribute));
    const oe__node *nodes = oe__nodes(ruleset);
    add_point(list, to, from, to);
    for (size_t i = 0; i < ruleset->declared.nodes.count; i++) {
        if (nodes[i].op > OE_BETWEEN || nodes[i].subject != (int32_t)attribute)
            continue;
        if (isfinite(nodes[i].range_low))
            add_point(list, oe__grid_up(on, nodes[i].range_low), from, to);
        if (isfinite(nodes[i].range_high))
            add_point(list, oe__grid_down(on, nodes[i].range_high), from, to);
    }
    qsort(list->at, list->count, sizeof *list->at, compare_rising);
}

/* Between `fails` and `passes` the grid value that passes while its neighbour towards `fails`
 * does not. */
static double bisect(const oe__explaining *explaining, uint32_t attribute, double fails,
                     double passes)
{
    oe__grid on = oe__grid_of(oe__attribute(explaining->decider->ruleset, attribute));
    double low = oe__grid_place(on, fails), high = round(oe__grid_place(on, passes));
    low = passes > fails ? floor(low) : ceil(low);
    while (fabs(high - low) > 1) {
        double middle = low + trunc((high - low) / 2);
        if (try_value(explaining, attribute, oe__grid_value(on, middle)))
            high = middle;
        else
            low = middle;
    }
    return oe__grid_value(on, high);
}

static double limit_to(const oe__compiled *product, const oe_attribute *declared,
                       uint32_t attribute, double value)
{
    double low = declared->minimum, high = declared->maximum;
    for (size_t i = 0; i < product->range_count; i++)
        if (product->ranges[i].attribute == attribute) {
            low = fmax(low, product->ranges[i].low);
            high = fmin(high, product->ranges[i].high);
        }
    return fmin(fmax(value, low), high);
}

/* What a function makes of a value is known only where it is asked: no way leads uphill. */
static bool is_called(const oe__compiled *product, uint32_t attribute)
{
    for (size_t i = 0; i < product->term_count; i++)
        if (product->terms[i].attribute == attribute && product->terms[i].shape == OE__CALLED)
            return true;
    return false;
}

/* The nearest value of a term's attribute that brings the product back, NAN when none does. */
static double find_value(const oe__explaining *explaining, const oe__term *term)
{
    const oe_ruleset *ruleset = explaining->decider->ruleset;
    const oe_attribute *declared = oe__attribute(ruleset, term->attribute);
    double *value = &oe__changed_values(explaining)[term->attribute], start = *value;
    if (declared->immutable || declared->derived || term->shape == OE__PASS ||
        is_called(product_of(explaining), term->attribute))
        return (double)NAN;
    oe__grid on = oe__grid_of(declared);
    double from = start == start ? start : isfinite(declared->minimum) ? declared->minimum : 0;
    double best = limit_to(&ruleset->compiled[explaining->product], declared, term->attribute,
                           best_value(term, from));
    best = best > from ? oe__grid_up(on, best) : oe__grid_down(on, best);
    points list = {.count = 0};
    find_points(ruleset, term->attribute, from, best, &list);
    double fails = from, found = (double)NAN;
    for (size_t i = 0; i < list.count && isnan(found); i++) {
        double point = best > from ? list.at[i] : list.at[list.count - 1 - i];
        if (try_value(explaining, term->attribute, point))
            found = bisect(explaining, term->attribute, fails, point);
        fails = point;
    }
    *value = start;
    return found;
}

static double span_of(const oe__term *term)
{
    if (term->shape == OE__LINEAR)
        return fabs(term->high - term->low);
    size_t last = term->shape == OE__BAND ? 3 : term->curve->point_count - 1;
    double span = term->curve->x[last] - term->curve->x[0];
    return span > 0 ? span : 1;
}

static bool raise_score(const oe__explaining *explaining)
{
    const oe__compiled *product = &explaining->decider->ruleset->compiled[explaining->product];
    const oe__term *chosen = NULL;
    double best = HUGE_VAL, to = (double)NAN;
    for (size_t i = 0; i < product->term_count; i++) {
        const oe__term *term = &product->terms[i];
        double found = find_value(explaining, term);
        if (isnan(found))
            continue;
        double from = oe__changed_values(explaining)[term->attribute];
        double effort = fabs(found - (isnan(from) ? term->low : from)) / span_of(term);
        if (effort < best) {
            best = effort;
            chosen = term;
            to = found;
        }
    }
    return chosen != NULL && try_value(explaining, chosen->attribute, to);
}

/* ---- result ---- */

static const char *blocking_cause(const oe_explanation *explanation)
{
    for (size_t i = 0; i < explanation->failure_count; i++)
        switch (explanation->failures[i].cause) {
        case OE_CAUSE_OFF:
            return "switched_off";
        case OE_CAUSE_NOT_YET:
        case OE_CAUSE_ENDED:
            return "date";
        case OE_CAUSE_OTHER_CATEGORY:
            return "other_category";
        case OE_CAUSE_NOT_TARGETED:
        case OE_CAUSE_OTHER_CAMPAIGN:
            return "campaign";
        case OE_CAUSE_OWNED:
        case OE_CAUSE_NEEDS_PRODUCT:
        case OE_CAUSE_EXCLUDED_BY_PRODUCT:
            return "ownership";
        case OE_CAUSE_EXCLUDED:
            return "exclusion";
        case OE_CAUSE_CAPPED:
        case OE_CAUSE_COOLING_DOWN:
        case OE_CAUSE_QUIET:
        case OE_CAUSE_OPTED_OUT:
            return "contact_policy";
        case OE_CAUSE_OUTRANKED:
            return "selection";
        default:
            break;
        }
    return NULL;
}

/* The cause that is left after gates were satisfied, or NULL when the product is back. */
static const char *settle(const oe__explaining *explaining)
{
    if (!passes(explaining)) {
        if (!is_open(explaining))
            return "conflict";
        if (!raise_score(explaining))
            return "score";
    }
    return selection_cause(explaining);
}

static bool same_value(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static bool write_changes(oe__explaining *explaining)
{
    const oe_ruleset *ruleset = explaining->decider->ruleset;
    size_t count = ruleset->declared.attributes.count;
    oe_change *changes = oe__arena_array(&explaining->decider->trace, count, sizeof *changes);
    oe_explanation *explanation = explaining->explanation;
    if (changes == NULL)
        return false;
    explanation->changes = changes;
    explanation->change_possible = true;
    for (uint32_t i = 0; i < count; i++) {
        double from = explaining->profile->values[i], to = oe__changed_values(explaining)[i];
        if (same_value(from, to) || oe__attribute(ruleset, i)->derived)
            continue;
        oe_change *change = &changes[explanation->change_count++];
        *change = (oe_change){i, from, to, NULL};
        size_t length = 0;
        if (oe__attribute(ruleset, i)->type == OE_TEXT)
            change->text = oe_profile_text(explaining->decider->changed, i, &length);
        if (change->text != NULL &&
            (change->text =
                 oe__arena_text(&explaining->decider->trace, change->text, length)) == NULL)
            return false;
    }
    return true;
}

bool oe__smallest_change(oe__explaining *explaining)
{
    oe_explanation *explanation = explaining->explanation;
    explanation->change_cause = blocking_cause(explanation);
    if (explanation->change_cause == NULL &&
        !oe__calls_curves(explaining->decider, product_of(explaining),
                          explaining->profile->values))
        explanation->change_cause = "condition";
    if (explanation->change_cause != NULL)
        return true;
    if (!oe__profile_copy(explaining->decider->changed, explaining->profile))
        return false;
    explanation->change_cause = oe__change_gates(explaining);
    if (explanation->change_cause == NULL)
        explanation->change_cause = settle(explaining);
    if (has_functions(explaining))
        (void)oe__decide(explaining->decider, explaining->profile, explaining->options, true);
    return explanation->change_cause != NULL || write_changes(explaining);
}
