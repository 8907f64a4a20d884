/* change.c: the smallest change that would bring a refused product back: each failed gate moved
 * to its nearest passing value; then, if the score is still too low, the one scored attribute
 * that has to move least. Everything is tried by deciding again. Values move on the grid of
 * their attribute's step. */
#include "engine/explain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS_MAX = 128 };

/* ---- grid ---- */

typedef struct grid {
    double step, per_unit; /* per_unit: steps per 1, a whole number for steps below 1 */
} grid;

static grid grid_of(const oe_attribute *attribute)
{
    double step = oe__attribute_step(attribute);
    return (grid){step, step < 1 ? round(1 / step) : 0};
}

static double place_of(grid on, double value)
{
    return on.per_unit > 0 ? value * on.per_unit : value / on.step;
}

static double value_at(grid on, double place)
{
    return on.per_unit > 0 ? place / on.per_unit : place * on.step;
}

/* The lowest grid value not below, and the highest not above `value`. Where doubles are wider
 * apart than the step, the value itself. */
static double grid_up(grid on, double value)
{
    double place = floor(place_of(on, value));
    for (int i = 0; i < 3; i++)
        if (value_at(on, place + i) >= value)
            return value_at(on, place + i);
    return value;
}

static double grid_down(grid on, double value)
{
    double place = ceil(place_of(on, value));
    for (int i = 0; i < 3; i++)
        if (value_at(on, place - i) <= value)
            return value_at(on, place - i);
    return value;
}

/* ---- trying ---- */

static double *changed_values(const oe__explaining *explaining)
{
    return explaining->decider->changed->values;
}

static bool copy_profile(const oe__explaining *explaining)
{
    const oe_profile *source = explaining->profile;
    oe_profile *copy = explaining->decider->changed;
    oe_profile_clear(copy);
    memcpy(copy->id, source->id, sizeof copy->id);
    copy->id_length = source->id_length;
    memcpy(copy->values, source->values,
           source->ruleset->declared.attributes.count * sizeof *copy->values);
    memcpy(copy->owned, source->owned, source->ruleset->word_count * sizeof *copy->owned);
    oe__buffer_add(&copy->extras, source->extras.data, source->extras.length);
    return !copy->extras.failed;
}

static bool is_offered(const oe__explaining *explaining)
{
    const oe_decision *decision = oe__decide(explaining->decider, explaining->decider->changed,
                                             explaining->options, true);
    for (size_t i = 0; i < decision->offer_count; i++)
        if (decision->offers[i].product == explaining->product)
            return !decision->offers[i].fallback;
    return false;
}

static bool try_value(const oe__explaining *explaining, uint32_t attribute, double value)
{
    changed_values(explaining)[attribute] = value;
    return is_offered(explaining);
}

/* ---- gates ---- */

/* The cause that forbids a change of this attribute, or NULL. */
static const char *move_into(const oe__explaining *explaining, uint32_t attribute, double low,
                             double high)
{
    const oe_attribute *declared = oe__attribute(explaining->decider->ruleset, attribute);
    double *value = &changed_values(explaining)[attribute];
    if (*value >= low && *value <= high)
        return NULL;
    if (declared->immutable)
        return "immutable";
    grid on = grid_of(declared);
    bool from_below = isfinite(low) && !(*value > high);
    *value = from_below ? grid_up(on, low) : grid_down(on, high);
    bool allowed = *value >= low && *value <= high && *value >= declared->minimum &&
                   *value <= declared->maximum;
    return allowed ? NULL : "conflict";
}

static double nearest_code(const oe__node *node, double value)
{
    double nearest = node->codes[0];
    for (size_t i = 1; i < node->value_count; i++)
        if (fabs(node->codes[i] - value) < fabs(nearest - value))
            nearest = node->codes[i];
    return nearest;
}

static const char *move_to_value(const oe__explaining *explaining, const oe__node *node)
{
    const oe_attribute *declared =
        oe__attribute(explaining->decider->ruleset, (size_t)node->subject);
    if (declared->immutable)
        return "immutable";
    size_t attribute = (size_t)node->subject;
    if (declared->type == OE_TEXT) {
        const char *text = node->values[0].text;
        bool put =
            oe__profile_put_text(explaining->decider->changed, attribute, text, strlen(text));
        return put ? NULL : "conflict";
    }
    changed_values(explaining)[attribute] =
        nearest_code(node, explaining->profile->values[attribute]);
    return NULL;
}

static const char *satisfy(const oe__explaining *explaining, oe_condition condition)
{
    const oe__node *node = &oe__nodes(explaining->decider->ruleset)[condition];
    const char *cause = NULL;
    if (oe__calls_truth(explaining->decider, condition) == OE__TRUE)
        return NULL;
    switch (node->op) {
    case OE_AT_LEAST:
    case OE_AT_MOST:
    case OE_ABOVE:
    case OE_BELOW:
    case OE_BETWEEN:
        return move_into(explaining, (uint32_t)node->subject, node->range_low,
                         node->range_high);
    case OE_EQUALS:
    case OE_ONE_OF:
        return move_to_value(explaining, node);
    case OE_ALL:
        for (size_t i = 0; i < node->part_count && cause == NULL; i++)
            cause = satisfy(explaining, node->parts[i]);
        return cause;
    case OE_OWNS:
    case OE_LACKS:
    case OE_LACKS_CATEGORY:
        return "ownership";
    default:
        return "condition";
    }
}

static const char *satisfy_gates(const oe__explaining *explaining)
{
    const oe_ruleset *ruleset = explaining->decider->ruleset;
    const oe__compiled *product = &ruleset->compiled[explaining->product];
    const char *cause = NULL;
    for (size_t i = 0; i < product->range_count && cause == NULL; i++)
        cause = move_into(explaining, product->ranges[i].attribute, product->ranges[i].low,
                          product->ranges[i].high);
    for (size_t i = 0; i < product->gate_count && cause == NULL; i++)
        cause = satisfy(explaining, product->guards[i].condition);
    return cause;
}

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
        case OE_CAUSE_OWNED:
        case OE_CAUSE_NEEDS_PRODUCT:
        case OE_CAUSE_EXCLUDED_BY_PRODUCT:
            return "ownership";
        case OE_CAUSE_EXCLUDED:
            return "exclusion";
        case OE_CAUSE_OUTRANKED:
            return "selection";
        default:
            break;
        }
    return NULL;
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
    grid on = grid_of(oe__attribute(ruleset, attribute));
    const oe__node *nodes = oe__nodes(ruleset);
    add_point(list, to, from, to);
    for (size_t i = 0; i < ruleset->declared.nodes.count; i++) {
        if (nodes[i].op > OE_BETWEEN || nodes[i].subject != (int32_t)attribute)
            continue;
        if (isfinite(nodes[i].range_low))
            add_point(list, grid_up(on, nodes[i].range_low), from, to);
        if (isfinite(nodes[i].range_high))
            add_point(list, grid_down(on, nodes[i].range_high), from, to);
    }
    qsort(list->at, list->count, sizeof *list->at, compare_rising);
}

/* Between `fails` and `passes` the grid value that passes while its neighbour towards `fails`
 * does not. */
static double bisect(const oe__explaining *explaining, uint32_t attribute, double fails,
                     double passes)
{
    grid on = grid_of(oe__attribute(explaining->decider->ruleset, attribute));
    double low = place_of(on, fails), high = round(place_of(on, passes));
    low = passes > fails ? floor(low) : ceil(low);
    while (fabs(high - low) > 1) {
        double middle = low + trunc((high - low) / 2);
        if (try_value(explaining, attribute, value_at(on, middle)))
            high = middle;
        else
            low = middle;
    }
    return value_at(on, high);
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

/* The nearest value of a term's attribute that brings the product back, NAN when none does. */
static double find_value(const oe__explaining *explaining, const oe__term *term)
{
    const oe_ruleset *ruleset = explaining->decider->ruleset;
    const oe_attribute *declared = oe__attribute(ruleset, term->attribute);
    double *value = &changed_values(explaining)[term->attribute], start = *value;
    if (declared->immutable || term->shape == OE__PASS)
        return (double)NAN;
    grid on = grid_of(declared);
    double from = start == start ? start : isfinite(declared->minimum) ? declared->minimum : 0;
    double best = limit_to(&ruleset->compiled[explaining->product], declared, term->attribute,
                           best_value(term, from));
    best = best > from ? grid_up(on, best) : grid_down(on, best);
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
        double from = changed_values(explaining)[term->attribute];
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

static bool is_above(const oe__explaining *explaining)
{
    const oe_decider *decider = explaining->decider;
    const oe__compiled *product = &decider->ruleset->compiled[explaining->product];
    double adjustments = oe__adjustments(product, decider->truth, explaining->options->at_ms);
    double confidence =
        oe__cell_confidence(oe__score(product, decider->changed->values), adjustments);
    return oe__cell_above(confidence, oe__threshold(decider->ruleset, product, decider->truth));
}

static bool is_open_now(const oe__explaining *explaining)
{
    const oe_decider *decider = explaining->decider;
    const oe_profile *changed = decider->changed;
    const oe__subject subject = {changed->values, changed->owned, decider->truth, changed->id,
                                 changed->id_length};
    return decider->pass[explaining->product] &&
           oe__is_open(&decider->ruleset->compiled[explaining->product], &subject,
                       explaining->options);
}

/* The cause that is left after gates were satisfied, or NULL when the product is back. */
static const char *settle(const oe__explaining *explaining)
{
    if (is_offered(explaining))
        return NULL;
    if (!is_open_now(explaining))
        return "conflict";
    if (is_above(explaining))
        return "selection";
    return raise_score(explaining) ? NULL : "score";
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
        double from = explaining->profile->values[i], to = changed_values(explaining)[i];
        if (same_value(from, to))
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
    if (explanation->change_cause != NULL)
        return true;
    if (!copy_profile(explaining))
        return false;
    explanation->change_cause = satisfy_gates(explaining);
    if (explanation->change_cause == NULL)
        explanation->change_cause = settle(explaining);
    return explanation->change_cause != NULL || write_changes(explaining);
}
