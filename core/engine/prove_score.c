/* prove_score.c: how good or bad a confidence can get, and thresholds that decide nothing.
 *
 * Bounds are made by the same operations in the same order as the confidence itself (cell.h),
 * each of which is monotonic under rounding, so that they hold to the last bit. */
#include "engine/prove.h"

#include "engine/cell.h"

#include <math.h>
#include <string.h>

/* ---- sub-scores ---- */

typedef struct span {
    double low, high;
} span;

static span linear_span(const oe__term *term, double low, double high)
{
    double at_low = oe__cell_linear(low, term->low, term->high, term->base);
    double at_high = oe__cell_linear(high, term->low, term->high, term->base);
    return (span){fmin(at_low, at_high), fmax(at_low, at_high)};
}

static span band_span(const double *x, double low, double high)
{
    double at_low = oe__cell_band(low, x), at_high = oe__cell_band(high, x);
    bool reaches_top = low <= x[2] && high >= x[1];
    return (span){fmin(at_low, at_high), reaches_top ? 1 : fmax(at_low, at_high)};
}

static span steps_span(const oe_curve *curve, double low, double high)
{
    double first = oe__cell_steps(low, curve);
    span found = {first, first};
    for (size_t i = 0; i < curve->point_count; i++)
        if (curve->x[i] > low && curve->x[i] <= high) {
            found.low = fmin(found.low, curve->y[i]);
            found.high = fmax(found.high, curve->y[i]);
        }
    return found;
}

static span subscore_span(const oe__term *term, const oe__values *values)
{
    span found = {0, 1}; /* whatever shape it is */
    if (!values->known)
        return (span){0, 0};
    if (term->shape == OE__LINEAR)
        found = linear_span(term, values->low, values->high);
    else if (term->shape == OE__BAND)
        found = band_span(term->curve->x, values->low, values->high);
    else if (term->shape == OE__STEPS)
        found = steps_span(term->curve, values->low, values->high);
    else if (term->shape == OE__PASS)
        found.low = 1;
    if (values->unknown)
        found.low = fmin(found.low, 0);
    return found;
}

/* ---- adjustments ---- */

static bool may_apply(oe__region *region, const oe__grant *grant)
{
    return grant->from_ms <= region->last_ms && grant->until_ms > region->first_ms &&
           (grant->condition == OE_NO_CONDITION ||
            oe__region_may(region, grant->condition, OE__IS_TRUE));
}

static bool must_apply(oe__region *region, const oe__grant *grant)
{
    return grant->from_ms <= region->first_ms &&
           (grant->until_ms > region->last_ms || grant->until_ms == INT64_MAX) &&
           (grant->condition == OE_NO_CONDITION ||
            !oe__region_may(region, grant->condition, OE__NOT_TRUE));
}

static span adjustments_span(oe__region *region, const oe__compiled *product)
{
    span sum = {0, 0};
    for (size_t i = 0; i < product->grant_count; i++) {
        const oe__grant *grant = &product->grants[i];
        if (!may_apply(region, grant))
            continue;
        bool must = must_apply(region, grant);
        if (must || grant->points > 0)
            sum.high += grant->points;
        if (must || grant->points < 0)
            sum.low += grant->points;
    }
    return sum;
}

/* ---- thresholds ---- */

/* Of several segments the highest counts, of none the default. */
static span threshold_span(oe__region *region, const oe__compiled *product)
{
    const oe_ruleset *ruleset = region->ruleset;
    double surest = -1;
    span found = {product->threshold, product->threshold};
    for (size_t i = 0; !product->threshold_fixed && i < ruleset->segment_threshold_count; i++) {
        const oe__segment_threshold *threshold = &ruleset->segment_thresholds[i];
        oe_condition condition = oe__segment(ruleset, threshold->segment)->condition;
        if (!oe__region_may(region, condition, OE__IS_TRUE))
            continue;
        found.low = fmin(found.low, threshold->value);
        found.high = fmax(found.high, threshold->value);
        if (!oe__region_may(region, condition, OE__NOT_TRUE))
            surest = fmax(surest, threshold->value);
    }
    if (surest >= 0)
        found.low = surest;
    return found;
}

oe__extent oe__prove_extent(oe__region *region, size_t number)
{
    const oe__compiled *product = &region->ruleset->compiled[number];
    span sum = {0, 0};
    for (size_t i = 0; i < product->term_count; i++) {
        const oe__term *term = &product->terms[i];
        span subscore = subscore_span(term, &region->values[term->attribute]);
        sum.low = oe__cell_weigh(sum.low, term, subscore.low);
        sum.high = oe__cell_weigh(sum.high, term, subscore.high);
    }
    span points = adjustments_span(region, product);
    span threshold = threshold_span(region, product);
    return (oe__extent){
        oe__cell_confidence(oe__cell_score(sum.low, product->weight_sum), points.low),
        oe__cell_confidence(oe__cell_score(sum.high, product->weight_sum), points.high),
        threshold.low, threshold.high};
}

static bool may_miss(void *context, oe__region *region)
{
    const size_t *product = context;
    oe__extent extent = oe__prove_extent(region, *product);
    return extent.confidence_low <= extent.threshold_high;
}

bool oe__prove_misses(oe__proving *proving, size_t product, const oe__demand *demands,
                      size_t count)
{
    oe__region_visitor visitor = {may_miss, &product};
    return oe__region_find(&proving->everybody, demands, count, &visitor);
}

/* ---- thresholds that decide nothing ---- */

/* Whether a setting says the threshold of a product. */
static bool governs(const oe_ruleset *ruleset, const oe__setting *setting, size_t product)
{
    const oe_product *declared = oe__product(ruleset, product);
    const oe__setting *own = oe__prove_threshold(ruleset, product);
    if (setting->level == OE_LEVEL_SEGMENT)
        return !ruleset->compiled[product].threshold_fixed;
    return setting == own ||
           (setting->level == OE_LEVEL_PRODUCT && strcmp(setting->name, declared->id) == 0);
}

const oe__setting *oe__prove_threshold(const oe_ruleset *ruleset, size_t product)
{
    const oe_product *declared = oe__product(ruleset, product);
    const oe__setting *settings = ruleset->declared.thresholds.items, *found = NULL;
    for (size_t i = 0; i < ruleset->declared.thresholds.count; i++) {
        const oe__setting *setting = &settings[i];
        bool applies =
            setting->level == OE_LEVEL_DEFAULT ||
            (setting->level == OE_LEVEL_CATEGORY &&
             strcmp(setting->name, declared->category) == 0) ||
            (setting->level == OE_LEVEL_PRODUCT && strcmp(setting->name, declared->id) == 0);
        if (applies && (found == NULL || setting->level > found->level))
            found = setting;
    }
    return found;
}

static const char *level_word(oe_level level)
{
    return level == OE_LEVEL_SEGMENT    ? "segment "
           : level == OE_LEVEL_CATEGORY ? "category "
           : level == OE_LEVEL_PRODUCT  ? "product "
                                        : "";
}

static void report_threshold(oe__proving *proving, const oe__setting *setting, const char *code,
                             const char *why)
{
    bool is_default = setting->level == OE_LEVEL_DEFAULT;
    oe__prove_report(proving, code, setting->where,
                     is_default ? "threshold %.15g of %s%s: %s"
                                : "threshold %.15g of %s\"%s\": %s",
                     setting->value, level_word(setting->level),
                     is_default ? "default" : setting->name, why);
}

static void prove_threshold(oe__proving *proving, const oe__setting *setting)
{
    const oe_ruleset *ruleset = proving->ruleset;
    size_t governed = 0, open = 0, missed = 0;
    for (size_t p = 0; p < ruleset->declared.products.count; p++) {
        if (!governs(ruleset, setting, p))
            continue;
        governed++;
        if (ruleset->compiled[p].off)
            continue;
        open += !proving->closed[p];
        size_t count = oe__prove_demands(ruleset, p, proving->demands);
        missed += oe__prove_misses(proving, p, proving->demands, count);
    }
    if (governed == 0)
        report_threshold(proving, setting, "W112", "no product goes by it");
    else if (open > 0 && missed == 0 && setting->value > 0 &&
             setting->level != OE_LEVEL_SEGMENT)
        report_threshold(proving, setting, "N106",
                         "it decides nothing; who passes the limits exceeds it");
}

void oe__prove_thresholds(oe__proving *proving)
{
    const oe__setting *settings = proving->ruleset->declared.thresholds.items;
    for (size_t i = 0; i < proving->ruleset->declared.thresholds.count; i++)
        prove_threshold(proving, &settings[i]);
}
