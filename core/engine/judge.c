/* judge.c: fairness counted, judged: rates, ratios, what makes the gap, and what would close
 * it. */
#include "engine/fairness.h"

#include <stdlib.h>

typedef struct judging {
    const oe__comparison *comparison;
    oe__fairness *fairness;
    const oe__audit *audit;
    const oe__compiled *product;
    size_t index; /* the product in the new rules */
    size_t audit_index;
    const oe__fair_limits *limits;
    oe__judgement *judgement;
} judging;

static double rate_of(uint64_t offered, uint64_t customers)
{
    return customers > 0 ? (double)offered / (double)customers : (double)NAN;
}

static bool is_judged(const judging *state, size_t group)
{
    return group + 1 < state->judgement->group_count &&
           state->judgement->groups[group].customers >= state->limits->customers &&
           state->judgement->groups[group].customers > 0;
}

static void fill_groups(judging *state, size_t common)
{
    const oe__fairness *fairness = state->fairness;
    size_t first = state->audit->first;
    for (size_t g = 0; g < state->audit->group_count; g++) {
        oe__fair_group *group = &state->judgement->groups[g];
        group->customers = fairness->customers[first + g];
        for (int side = OE__BASE; side <= OE__NEW; side++) {
            group->offered[side] =
                fairness->offered[side][common * fairness->width + first + g];
            group->rate[side] = rate_of(group->offered[side], group->customers);
        }
    }
}

typedef struct share {
    uint64_t offered, customers;
} share;

/* The share of the group that is offered it most often; the first one of equals. */
static share highest_share(const judging *state, int side, const uint64_t *more,
                           size_t *highest)
{
    share most = {0, 0};
    *highest = state->judgement->group_count;
    for (size_t g = 0; g < state->judgement->group_count; g++) {
        const oe__fair_group *group = &state->judgement->groups[g];
        share own = {group->offered[side] + more[g], group->customers};
        if (!is_judged(state, g) || (most.customers > 0 && own.offered * most.customers <=
                                                               most.offered * own.customers))
            continue;
        most = own;
        *highest = g;
    }
    return most;
}

/* One division of whole numbers, so that 64 of 100 to 80 of 100 is 0.8. A product that nobody
 * is offered treats all alike. */
static double ratio_of(share own, share highest)
{
    if (own.customers == 0 || highest.customers == 0)
        return (double)NAN;
    return highest.offered == 0 ? 1
                                : (double)(own.offered * highest.customers) /
                                      (double)(own.customers * highest.offered);
}

static void fill_verdicts(judging *state)
{
    oe__judgement *judgement = state->judgement;
    static const uint64_t none[OE__GROUPS_MAX + 2] = {0};
    size_t ignored, judged = 0;
    share most[2] = {highest_share(state, OE__BASE, none, &ignored),
                     highest_share(state, OE__NEW, none, &judgement->highest)};
    judgement->worst = judgement->group_count;
    for (size_t g = 0; g < judgement->group_count; g++) {
        oe__fair_group *group = &judgement->groups[g];
        for (int side = OE__BASE; side <= OE__NEW; side++)
            group->ratio[side] =
                ratio_of((share){group->offered[side], group->customers}, most[side]);
        group->verdict = OE__TOO_FEW;
        if (!is_judged(state, g))
            continue;
        judged++;
        group->verdict =
            group->ratio[OE__NEW] >= state->limits->ratio ? OE__PASS_RATIO : OE__FAIL_RATIO;
        if (group->verdict == OE__FAIL_RATIO &&
            (judgement->worst == judgement->group_count ||
             group->ratio[OE__NEW] < judgement->groups[judgement->worst].ratio[OE__NEW]))
            judgement->worst = g;
    }
    judgement->verdict = judged < 2                                  ? OE__TOO_FEW
                         : judgement->worst < judgement->group_count ? OE__FAIL_RATIO
                                                                     : OE__PASS_RATIO;
}

/* ---- what makes the gap ---- */

/* Of the group's customers, the share that this check refuses, whatever else does. */
static double refused_share(const judging *state, size_t check, size_t group)
{
    const oe__fairness *fairness = state->fairness;
    size_t first = state->comparison->checks[state->index] + check;
    return rate_of(fairness->refused[first * fairness->width + state->audit->first + group],
                   state->judgement->groups[group].customers);
}

static void find_check(judging *state)
{
    oe__judgement *judgement = state->judgement;
    double largest = 0;
    judgement->check = SIZE_MAX;
    for (size_t check = 0; check < oe__check_count(state->product); check++) {
        double worst = refused_share(state, check, judgement->worst);
        double highest = refused_share(state, check, judgement->highest);
        if (!(worst - highest > largest))
            continue;
        largest = worst - highest;
        judgement->check = check;
        judgement->share[0] = worst;
        judgement->share[1] = highest;
    }
}

/* ---- what would close it ---- */

static int by_value(const void *left, const void *right)
{
    const oe__lone *a = left, *b = right;
    return (a->value > b->value) - (a->value < b->value);
}

static bool passes(const judging *state, const uint64_t *more)
{
    const oe__judgement *judgement = state->judgement;
    const oe__fair_group *worst = &judgement->groups[judgement->worst];
    size_t ignored;
    share most = highest_share(state, OE__NEW, more, &ignored);
    share own = {worst->offered[OE__NEW] + more[judgement->worst], worst->customers};
    return ratio_of(own, most) >= state->limits->ratio;
}

/* The end is moved over one value after the other, outwards; who has that value joins. */
static void find_relief(judging *state)
{
    oe__judgement *judgement = state->judgement;
    size_t check = judgement->check;
    if (check >= 2 * state->product->range_count)
        return;
    oe__list *list = &state->fairness->lone[state->comparison->checks[state->index] + check];
    oe__lone *lone = list->items;
    uint64_t more[OE__GROUPS_MAX + 2] = {0};
    bool low = check % 2 == 0;
    judgement->relief = state->fairness->overflow ? OE__RELIEF_UNKNOWN : OE__RELIEF_NONE;
    if (list->count == 0 || state->fairness->overflow)
        return;
    qsort(lone, list->count, sizeof *lone, by_value);
    for (size_t i = 0; i < list->count; i++) {
        const oe__lone *next = &lone[low ? list->count - 1 - i : i];
        more[next->groups[state->audit_index]]++;
        bool last = i + 1 == list->count;
        const oe__lone *then = last ? NULL : &lone[low ? list->count - 2 - i : i + 1];
        if ((then != NULL && then->value == next->value) || !passes(state, more))
            continue;
        judgement->relief = OE__RELIEF_VALUE;
        judgement->relief_value = next->value;
        return;
    }
}

void oe__fairness_judge(const oe__comparison *comparison, oe__fairness *fairness,
                        oe__case asked, const oe__fair_limits *limits, oe__judgement *judgement)
{
    int32_t own = comparison->own[OE__NEW][asked.product];
    judging state = {.comparison = comparison,
                     .fairness = fairness,
                     .audit = &comparison->audits[asked.audit],
                     .product = &comparison->rules[OE__NEW]->compiled[own],
                     .index = (size_t)own,
                     .audit_index = asked.audit,
                     .limits = limits,
                     .judgement = judgement};
    *judgement = (oe__judgement){.group_count = state.audit->group_count, .check = SIZE_MAX};
    fill_groups(&state, asked.product);
    fill_verdicts(&state);
    if (judgement->verdict != OE__FAIL_RATIO)
        return;
    find_check(&state);
    if (judgement->check != SIZE_MAX)
        find_relief(&state);
}
