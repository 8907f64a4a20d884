/* seal_policies.c: contact policies: which products they hold for and what they count by. */
#include "engine/seal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 128, MINUTES_OF_DAY = 1440, OFFSET_MAX = 1080, WEEKDAYS = 0x7f };

static const int64_t minute_ms = 60000, hour_ms = 3600000, day_ms = 86400000;

/* ---- checks ---- */

static void refuse(oe__sealing *sealing, const oe_policy *policy, const char *what)
{
    oe__builder_error(sealing->builder, "E082", policy->where, NULL,
                      "contact policy \"%s\": %s", policy->id, what);
}

static bool is_minute(int32_t minute)
{
    return minute >= 0 && minute < MINUTES_OF_DAY;
}

static void check_numbers(oe__sealing *sealing, const oe_policy *policy)
{
    bool is_quiet = policy->kind == OE_POLICY_QUIET;
    if ((unsigned)policy->kind >= OE_POLICY_KIND_COUNT ||
        (unsigned)policy->each > OE_EACH_PRODUCT) {
        refuse(sealing, policy, "there is no such kind of policy");
        return;
    }
    if (policy->from_ms >= policy->until_ms)
        oe__builder_error(sealing->builder, "E063", policy->where, NULL,
                          "contact policy \"%s\": from must lie before until", policy->id);
    if (policy->kind == OE_POLICY_CAP && policy->at_most < 1)
        refuse(sealing, policy, "at_most must be a whole number from 1");
    if (!is_quiet && (policy->window_ms < minute_ms || policy->window_ms > 400 * day_ms))
        refuse(sealing, policy, "its time must lie between 1 minute and 400 days");
    if (is_quiet && (!is_minute(policy->from_minute) || !is_minute(policy->until_minute)))
        refuse(sealing, policy, "a time of the day lies between 00:00 and 23:59");
    if (is_quiet &&
        (policy->offset_minutes < -OFFSET_MAX || policy->offset_minutes > OFFSET_MAX))
        refuse(sealing, policy, "a day begins at most 18 hours from UTC");
    if (is_quiet && (policy->weekdays & ~(uint32_t)WEEKDAYS) != 0)
        refuse(sealing, policy, "a week has seven days");
}

static void check_names(oe__sealing *sealing, const oe_policy *policy)
{
    for (size_t i = 0; i < policy->scope.category_count; i++)
        oe__seal_find(sealing, OE_CATEGORIES, policy->scope.categories[i], policy->where);
    for (size_t i = 0; i < policy->scope.product_count; i++)
        oe__seal_find(sealing, OE_PRODUCTS, policy->scope.products[i], policy->where);
    for (size_t i = 0; i < policy->channel_count; i++)
        if (!oe__text_is_id(policy->channels[i], strlen(policy->channels[i])))
            refuse(sealing, policy, "a channel must be 1 to 128 bytes of text");
    for (size_t i = 0; i < policy->campaign_count; i++)
        if (!oe__text_is_id(policy->campaigns[i], strlen(policy->campaigns[i])))
            refuse(sealing, policy, "a campaign must be 1 to 128 bytes of text");
}

static void check_reservation(oe__sealing *sealing)
{
    const oe__declared *declared = &sealing->ruleset->declared;
    if (declared->has_reservation &&
        (declared->reservation_ms < minute_ms || declared->reservation_ms > day_ms))
        oe__builder_error(sealing->builder, "E082", (oe_where){NULL, 0}, NULL,
                          "a reservation must last between 1 minute and 1 day");
}

/* ---- words ---- */

static void write_time(char *text, size_t size, int64_t ms)
{
    int64_t unit_ms = ms % day_ms == 0 ? day_ms : ms % hour_ms == 0 ? hour_ms : minute_ms;
    const char *unit = unit_ms == day_ms ? "day" : unit_ms == hour_ms ? "hour" : "minute";
    int64_t count = ms / unit_ms;
    (void)snprintf(text, size, "%" PRId64 " %s%s", count, unit, count == 1 ? "" : "s");
}

static const char *policy_text(oe__sealing *sealing, const oe_policy *policy)
{
    char time[TEXT_MAX / 2], text[TEXT_MAX];
    if (policy->reason != NULL)
        return policy->reason;
    write_time(time, sizeof time, policy->window_ms);
    if (policy->kind == OE_POLICY_CAP)
        (void)snprintf(text, sizeof text, "at most %" PRIu32 " in %s", policy->at_most, time);
    else if (policy->kind == OE_POLICY_COOL_DOWN)
        (void)snprintf(text, sizeof text, "none for %s after one was declined", time);
    else
        (void)snprintf(text, sizeof text, "none from %02d:%02d to %02d:%02d",
                       (int)policy->from_minute / 60, (int)policy->from_minute % 60,
                       (int)policy->until_minute / 60, (int)policy->until_minute % 60);
    char *copy = oe__seal_array(sealing, strlen(text) + 1, 1);
    return copy == NULL ? NULL : memcpy(copy, text, strlen(text));
}

/* ---- names ---- */

static const uint64_t *hash_names(oe__sealing *sealing, const char *const *names, size_t count)
{
    uint64_t *hashes = oe__seal_array(sealing, count, sizeof *hashes);
    for (size_t i = 0; hashes != NULL && i < count; i++)
        hashes[i] = oe_contact_name(names[i], strlen(names[i]));
    return hashes;
}

static int compare_numbers(const void *left, const void *right)
{
    uint64_t a = ((const oe__contact_number *)left)->name;
    uint64_t b = ((const oe__contact_number *)right)->name;
    return (a > b) - (a < b);
}

static oe__contact_number *number_names(oe__sealing *sealing, oe_kind kind)
{
    const oe__names *names = &sealing->ruleset->index[kind];
    oe__contact_number *numbers = oe__seal_array(sealing, names->count, sizeof *numbers);
    for (size_t i = 0; numbers != NULL && i < names->count; i++)
        numbers[i] = (oe__contact_number){
            oe_contact_name(names->names[i].text, names->names[i].length), (uint32_t)i};
    if (numbers != NULL && names->count > 1)
        qsort(numbers, names->count, sizeof *numbers, compare_numbers);
    return numbers;
}

/* ---- slots ---- */

static uint32_t slot_of(oe_ruleset *ruleset, size_t policy, size_t product)
{
    uint32_t first = ruleset->policies[policy].first_slot;
    switch (oe__policy(ruleset, policy)->each) {
    case OE_EACH_CATEGORY:
        return first + ruleset->compiled[product].category;
    case OE_EACH_PRODUCT:
        return (uint32_t)ruleset->slot_count++;
    default:
        return first;
    }
}

static void seal_policy(oe__sealing *sealing, size_t index)
{
    oe_ruleset *ruleset = sealing->ruleset;
    const oe_policy *policy = oe__policy(ruleset, index);
    oe__sealed_policy *sealed = &ruleset->policies[index];
    sealed->channels = hash_names(sealing, policy->channels, policy->channel_count);
    sealed->campaigns = hash_names(sealing, policy->campaigns, policy->campaign_count);
    sealed->is_everywhere = policy->scope.category_count + policy->scope.product_count == 0;
    sealed->text = policy_text(sealing, policy);
    sealed->first_slot = (uint32_t)ruleset->slot_count;
    if (policy->each != OE_EACH_PRODUCT)
        ruleset->slot_count +=
            policy->each == OE_EACH_CATEGORY ? ruleset->declared.categories.count : 1;
    for (size_t p = 0; p < ruleset->declared.products.count; p++) {
        oe__compiled *compiled = &ruleset->compiled[p];
        if (!oe__seal_covers(ruleset, &policy->scope, p) ||
            compiled->category == OE__NO_CATEGORY)
            continue;
        oe__hold *hold = &compiled->holds[compiled->hold_count++];
        *hold = (oe__hold){(uint32_t)index, slot_of(ruleset, index, p)};
    }
}

static void fill_lefts(oe__sealing *sealing)
{
    oe_ruleset *ruleset = sealing->ruleset;
    ruleset->slot_lefts =
        oe__seal_array(sealing, ruleset->slot_count, sizeof *ruleset->slot_lefts);
    if (ruleset->slot_lefts == NULL)
        return;
    memset(ruleset->slot_lefts, 0xff, ruleset->slot_count * sizeof *ruleset->slot_lefts);
    for (size_t i = 0; i < ruleset->declared.policies.count; i++) {
        const oe_policy *policy = oe__policy(ruleset, i);
        size_t slot = ruleset->policies[i].first_slot;
        size_t end = i + 1 < ruleset->declared.policies.count
                         ? ruleset->policies[i + 1].first_slot
                         : ruleset->slot_count;
        for (; policy->kind == OE_POLICY_CAP && slot < end; slot++)
            ruleset->slot_lefts[slot] = policy->at_most;
    }
}

/* Room for every policy at every product would be too much where there are many of both. */
static void take_holds(oe__sealing *sealing, size_t product)
{
    oe_ruleset *ruleset = sealing->ruleset;
    size_t count = 0;
    for (size_t i = 0; i < ruleset->declared.policies.count; i++)
        count += oe__seal_covers(ruleset, &oe__policy(ruleset, i)->scope, product);
    ruleset->compiled[product].holds =
        count == 0 ? NULL : oe__seal_array(sealing, count, sizeof(oe__hold));
}

void oe__seal_policies(oe__sealing *sealing)
{
    oe_ruleset *ruleset = sealing->ruleset;
    size_t count = ruleset->declared.policies.count;
    check_reservation(sealing);
    for (size_t i = 0; i < count; i++) {
        check_numbers(sealing, oe__policy(ruleset, i));
        check_names(sealing, oe__policy(ruleset, i));
    }
    ruleset->policies = oe__seal_array(sealing, count, sizeof *ruleset->policies);
    ruleset->contact_products = number_names(sealing, OE_PRODUCTS);
    ruleset->contact_categories = number_names(sealing, OE_CATEGORIES);
    ruleset->slot_count = 1 + ruleset->declared.categories.count;
    for (size_t p = 0;
         count > 0 && p < ruleset->declared.products.count && !sealing->builder->failed; p++)
        take_holds(sealing, p);
    for (size_t i = 0; i < count && !sealing->builder->failed; i++)
        seal_policy(sealing, i);
    if (!sealing->builder->failed)
        fill_lefts(sealing);
}
