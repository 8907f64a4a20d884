/* policy.c: contact policies in a decision: which hold now, which products they refuse (stage
 * 4), and what offers take from them (stage 9). Knows what is left of them from contacts, and
 * nothing of how that was counted. */
#include "engine/decide.h"

#include <string.h>

enum { IDLE, COUNTS, REFUSES };
enum { DAYS_OF_WEEK = 7, FIRST_WEEKDAY = 3 }; /* 1970-01-01 was a Thursday */

static const int64_t minute_ms = 60000, day_ms = 86400000;

/* ---- which hold ---- */

static bool is_among(uint64_t name, const uint64_t *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (names[i] == name)
            return true;
    return count == 0;
}

bool oe__policy_holds(const oe_ruleset *ruleset, size_t policy, const oe_contacts *contacts,
                      int64_t at_ms)
{
    const oe_policy *declared = oe__policy(ruleset, policy);
    const oe__sealed_policy *sealed = &ruleset->policies[policy];
    return oe__cell_window(at_ms, declared->from_ms, declared->until_ms) &&
           is_among(contacts->channel, sealed->channels, declared->channel_count) &&
           is_among(contacts->campaign, sealed->campaigns, declared->campaign_count);
}

static int64_t floor_divide(int64_t value, int64_t by)
{
    int64_t whole = value / by;
    return whole - (value % by < 0);
}

/* The end of the period that began on `day`, 0: none did, or `local_ms` is not in it. */
static int64_t period_end(const oe_policy *policy, int64_t day, int64_t local_ms)
{
    int64_t weekday = (day + FIRST_WEEKDAY) % DAYS_OF_WEEK;
    weekday += weekday < 0 ? DAYS_OF_WEEK : 0;
    if (policy->weekdays != 0 && (policy->weekdays >> weekday & 1U) == 0)
        return INT64_MIN;
    int64_t start = day * day_ms + policy->from_minute * minute_ms;
    int64_t end = day * day_ms + policy->until_minute * minute_ms;
    if (policy->until_minute <= policy->from_minute)
        end += day_ms;
    return local_ms >= start && local_ms < end ? end : INT64_MIN;
}

bool oe__policy_quiet(const oe_policy *policy, int64_t at_ms, int64_t *end_ms)
{
    int64_t offset_ms = policy->offset_minutes * minute_ms, local_ms = at_ms + offset_ms;
    bool is_quiet = false;
    /* One period may end where the next begins. */
    for (int period = 0; period <= DAYS_OF_WEEK; period++) {
        int64_t day = floor_divide(local_ms, day_ms);
        int64_t today = period_end(policy, day, local_ms);
        int64_t before = period_end(policy, day - 1, local_ms);
        int64_t end = today > before ? today : before;
        *end_ms = local_ms - offset_ms;
        if (end == INT64_MIN)
            return is_quiet;
        is_quiet = true;
        local_ms = end;
    }
    *end_ms = INT64_MAX;
    return true;
}

static uint8_t holding(const oe_ruleset *ruleset, size_t policy, const oe_options *options)
{
    const oe_policy *declared = oe__policy(ruleset, policy);
    int64_t end_ms = 0;
    if (!oe__policy_holds(ruleset, policy, options->contacts, options->at_ms))
        return IDLE;
    if (declared->kind != OE_POLICY_QUIET)
        return COUNTS;
    return oe__policy_quiet(declared, options->at_ms, &end_ms) ? REFUSES : IDLE;
}

/* ---- what is left ---- */

const oe__hold *oe__policy_hold(const oe_ruleset *ruleset, uint32_t product, size_t policy)
{
    const oe__compiled *compiled = &ruleset->compiled[product];
    for (size_t i = 0; i < compiled->hold_count; i++)
        if (compiled->holds[i].policy == policy)
            return &compiled->holds[i];
    return NULL;
}

int32_t oe__policy_unit(const oe_ruleset *ruleset, size_t policy, uint32_t product)
{
    switch (oe__policy(ruleset, policy)->each) {
    case OE_EACH_CATEGORY:
        return (int32_t)ruleset->compiled[product].category;
    case OE_EACH_PRODUCT:
        return (int32_t)product;
    default:
        return -1;
    }
}

/* The slot that an allowance is about; SIZE_MAX: these rules have none. */
static size_t slot_of(const oe_ruleset *ruleset, const oe_allowance *allowance)
{
    size_t unit = (size_t)allowance->unit + 1, categories = ruleset->declared.categories.count;
    if (allowance->policy == OE_OPTED_OUT)
        return unit <= categories ? unit : SIZE_MAX;
    if (allowance->policy >= ruleset->declared.policies.count)
        return SIZE_MAX;
    const oe_policy *policy = oe__policy(ruleset, allowance->policy);
    size_t first = ruleset->policies[allowance->policy].first_slot;
    if (policy->each == OE_EACH_SCOPE)
        return first;
    if (policy->each == OE_EACH_CATEGORY)
        return unit >= 1 && unit <= categories ? first + unit - 1 : SIZE_MAX;
    if (unit < 1 || unit > ruleset->declared.products.count)
        return SIZE_MAX;
    const oe__hold *hold = oe__policy_hold(ruleset, (uint32_t)unit - 1, allowance->policy);
    return hold == NULL ? SIZE_MAX : hold->slot;
}

static void set_left(oe_decider *decider, size_t slot, uint32_t left)
{
    oe__contacting *contacting = &decider->contacting;
    if (contacting->left[slot] == decider->ruleset->slot_lefts[slot])
        contacting->touched[contacting->touched_count++] = (uint32_t)slot;
    contacting->left[slot] = left;
}

static void forget_touched(oe_decider *decider)
{
    oe__contacting *contacting = &decider->contacting;
    for (size_t i = 0; i < contacting->touched_count; i++) {
        uint32_t slot = contacting->touched[i];
        contacting->left[slot] = decider->ruleset->slot_lefts[slot];
    }
    contacting->touched_count = 0;
}

void oe__contacts_begin(oe_decider *decider, const oe_options *options)
{
    const oe_ruleset *ruleset = decider->ruleset;
    const oe_contacts *contacts = options->contacts;
    forget_touched(decider);
    decider->contacting.contacts = contacts;
    for (size_t i = 0; i < ruleset->declared.policies.count; i++)
        decider->contacting.holding[i] = holding(ruleset, i, options);
    for (size_t i = 0; i < contacts->allowance_count; i++) {
        const oe_allowance *allowance = &contacts->allowances[i];
        size_t slot = slot_of(ruleset, allowance);
        if (slot != SIZE_MAX && allowance->left < decider->contacting.left[slot])
            set_left(decider, slot, allowance->left);
    }
}

const oe_allowance *oe__policy_allowance(const oe_decider *decider, size_t policy,
                                         uint32_t product)
{
    const oe_contacts *contacts = decider->contacting.contacts;
    int32_t unit = oe__policy_unit(decider->ruleset, policy, product);
    for (size_t i = 0; i < contacts->allowance_count; i++)
        if (contacts->allowances[i].policy == policy && contacts->allowances[i].unit == unit)
            return &contacts->allowances[i];
    return NULL;
}

/* ---- held units ---- */

static const oe_held *held_unit(const oe_decider *decider, uint32_t product)
{
    const oe_contacts *contacts = decider->contacting.contacts;
    size_t low = 0, high = contacts->held_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (contacts->held[middle].product < product)
            low = middle + 1;
        else
            high = middle;
    }
    return low < contacts->held_count && contacts->held[low].product == product
               ? &contacts->held[low]
               : NULL;
}

bool oe__contacts_hold(const oe_decider *decider, uint32_t product)
{
    return held_unit(decider, product) != NULL;
}

int64_t oe__contacts_unit(const oe_decider *decider, uint32_t product, int64_t at_ms)
{
    const oe_held *held = held_unit(decider, product);
    return held != NULL ? held->unit_ms : at_ms;
}

/* ---- stages 4 and 9 ---- */

static bool is_cap(const oe_ruleset *ruleset, const oe__hold *hold)
{
    return oe__policy(ruleset, hold->policy)->kind == OE_POLICY_CAP;
}

bool oe__contacts_allow(const oe_decider *decider, uint32_t product)
{
    const oe_ruleset *ruleset = decider->ruleset;
    const oe__contacting *contacting = &decider->contacting;
    const oe__compiled *compiled = &ruleset->compiled[product];
    if (contacting->left[0] == 0 || contacting->left[1 + compiled->category] == 0)
        return false;
    for (size_t i = 0; i < compiled->hold_count; i++) {
        const oe__hold *hold = &compiled->holds[i];
        uint8_t holds = contacting->holding[hold->policy];
        if (holds == REFUSES)
            return false;
        if (holds == COUNTS && contacting->left[hold->slot] == 0 &&
            !(is_cap(ruleset, hold) && oe__contacts_hold(decider, product)))
            return false;
    }
    return true;
}

void oe__contacts_select(oe_decider *decider)
{
    for (size_t i = 0; i < decider->candidate_count; i++)
        decider->contacting.cut[decider->candidates[i].product] = 0;
}

bool oe__contacts_take(oe_decider *decider, uint32_t product)
{
    const oe_ruleset *ruleset = decider->ruleset;
    oe__contacting *contacting = &decider->contacting;
    const oe__compiled *compiled = &ruleset->compiled[product];
    if (compiled->hold_count == 0 || oe__contacts_hold(decider, product))
        return true;
    for (size_t i = 0; i < compiled->hold_count; i++) {
        const oe__hold *hold = &compiled->holds[i];
        if (contacting->holding[hold->policy] == COUNTS && contacting->left[hold->slot] == 0) {
            contacting->cut[product] = 1 + hold->policy;
            return false;
        }
    }
    for (size_t i = 0; i < compiled->hold_count; i++) {
        const oe__hold *hold = &compiled->holds[i];
        if (contacting->holding[hold->policy] == COUNTS && is_cap(ruleset, hold))
            set_left(decider, hold->slot, contacting->left[hold->slot] - 1);
    }
    return true;
}
