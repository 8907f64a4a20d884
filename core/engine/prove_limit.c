/* prove_limit.c: weights, limits, fallbacks and ladders. */
#include "engine/prove.h"

#include <math.h>
#include <string.h>

static void prove_weights(oe__proving *proving)
{
    const oe_ruleset *ruleset = proving->ruleset;
    double sum = 0;
    for (size_t d = 0; d < ruleset->declared.dimensions.count; d++)
        sum += oe__dimension(ruleset, d)->weight;
    if (ruleset->declared.dimensions.count > 0 && fabs(sum - 100) > 1e-9)
        oe__prove_report(proving, "N101", oe__dimension(ruleset, 0)->where,
                         "scoring: the weights add up to %.15g, not to 100", sum);
}

/* ---- limits ---- */

static bool is_limited(const oe_ruleset *ruleset, const oe__setting *setting, size_t product)
{
    const oe_product *declared = oe__product(ruleset, product);
    const char *name = setting->level == OE_LEVEL_CATEGORY ? declared->category
                       : setting->level == OE_LEVEL_GROUP  ? declared->group
                                                           : setting->name;
    return setting->level == OE_LEVEL_DEFAULT ||
           (name != NULL && strcmp(name, setting->name) == 0);
}

static void prove_limit(oe__proving *proving, const oe__setting *setting)
{
    const oe_ruleset *ruleset = proving->ruleset;
    size_t count = 0;
    for (size_t p = 0; p < ruleset->declared.products.count; p++)
        count += !proving->closed[p] && is_limited(ruleset, setting, p);
    if ((double)count > setting->value)
        return;
    oe__buffer message = {0};
    oe__prove_write(&message, "limit of %s",
                    setting->level == OE_LEVEL_CATEGORY ? "category "
                    : setting->level == OE_LEVEL_GROUP  ? "group "
                                                        : "all offers");
    if (setting->level != OE_LEVEL_DEFAULT)
        oe__prove_write(&message, "\"%s\"", setting->name);
    oe__prove_write(&message, ": %.15g is never exceeded, as %zu product%s can be offered",
                    setting->value, count, count == 1 ? "" : "s");
    oe__prove_report_text(proving, "N107", setting->where, &message);
}

/* ---- fallbacks ---- */

static void prove_fallback(oe__proving *proving, const oe__fallback *fallback)
{
    const oe_ruleset *ruleset = proving->ruleset;
    size_t product = (size_t)oe_ruleset_find(ruleset, OE_PRODUCTS, fallback->product,
                                             strlen(fallback->product));
    if (proving->closed[product]) {
        oe__prove_report(proving, "W114", fallback->where,
                         "fallback \"%s\": it is never offered, as %s", fallback->product,
                         ruleset->compiled[product].off ? "it is switched off"
                                                        : "nobody can get it");
        return;
    }
    size_t count = oe__prove_demands(ruleset, product, proving->demands);
    if (!oe__prove_misses(proving, product, proving->demands, count))
        oe__prove_report(
            proving, "N108", fallback->where,
            "fallback \"%s\": it is never needed; who passes its limits exceeds its "
            "threshold and is offered it anyway",
            fallback->product);
}

/* ---- ladders ---- */

/* Whether somebody on step `step` - 1 may be offered step `step`. */
static bool is_taken(oe__proving *proving, const uint32_t *numbers, size_t step, size_t steps)
{
    const oe_ruleset *ruleset = proving->ruleset;
    size_t product = (size_t)ruleset->product_of[numbers[step]];
    size_t count = oe__prove_demands(ruleset, product, proving->demands);
    if (step > 0)
        proving->demands[count++] =
            (oe__demand){.kind = OE__DEMAND_OWNED,
                         .subject = (uint32_t)ruleset->product_of[numbers[step - 1]]};
    for (size_t i = step + 1; i < steps; i++)
        proving->demands[count++] = (oe__demand){
            .kind = OE__DEMAND_LACKED, .subject = (uint32_t)ruleset->product_of[numbers[i]]};
    return oe__region_find(&proving->everybody, proving->demands, count, NULL);
}

static void prove_ladder(oe__proving *proving, size_t index)
{
    const oe_ruleset *ruleset = proving->ruleset;
    const oe_ladder *ladder = oe__ladder(ruleset, index);
    for (size_t i = 0; i < ladder->step_count; i++) {
        const oe_step *step = &ladder->steps[i];
        size_t product = (size_t)ruleset->product_of[ruleset->ladder_steps[index][i]];
        const char *why =
            ruleset->compiled[product].off ? "it is switched off"
            : proving->closed[product]     ? "nobody can get it"
            : is_taken(proving, ruleset->ladder_steps[index], i, ladder->step_count) ? NULL
            : i > 0 ? "who owns the step before cannot get it"
                    : "who owns no step cannot get it";
        if (why != NULL)
            oe__prove_report(proving, "W113", step->where,
                             "ladder \"%s\": step \"%s\" is never taken, as %s", ladder->id,
                             step->product, why);
    }
}

void oe__prove_limits(oe__proving *proving)
{
    const oe__declared *declared = &proving->ruleset->declared;
    const oe__setting *limits = declared->limits.items;
    const oe__fallback *fallbacks = declared->fallbacks.items;
    prove_weights(proving);
    for (size_t i = 0; i < declared->limits.count; i++)
        prove_limit(proving, &limits[i]);
    for (size_t i = 0; i < declared->fallbacks.count; i++)
        prove_fallback(proving, &fallbacks[i]);
    for (size_t i = 0; i < declared->ladders.count; i++)
        prove_ladder(proving, i);
}
