/* contact.c: what contact policies leave for a customer: a history of contacts in, allowances
 * and held units out. Knows nothing of deciding. */
#include "engine/decide.h"

#include <stdlib.h>
#include <string.h>

enum { RESERVATION_MS = 1800000 };

uint64_t oe_contact_name(const char *text, size_t length)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    if (length == 0)
        return 0;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
    return hash != 0 ? hash : 1;
}

const oe_policy *oe_ruleset_policy(const oe_ruleset *ruleset, size_t index)
{
    return index < ruleset->declared.policies.count ? oe__policy(ruleset, index) : NULL;
}

int64_t oe_ruleset_reservation_ms(const oe_ruleset *ruleset)
{
    return ruleset->declared.has_reservation ? ruleset->declared.reservation_ms
                                             : RESERVATION_MS;
}

int64_t oe_ruleset_contact_window_ms(const oe_ruleset *ruleset)
{
    int64_t longest = 0;
    for (size_t i = 0; i < ruleset->declared.policies.count; i++)
        if (oe__policy(ruleset, i)->window_ms > longest)
            longest = oe__policy(ruleset, i)->window_ms;
    return longest;
}

/* ---- the history in order ---- */

/* A contact with the number of its product in these rules. Those of one unit stand together. */
typedef struct entry {
    oe_contact contact;
    uint32_t product; /* UINT32_MAX: not of these rules */
    bool is_held;     /* of the first one of a unit */
} entry;

/* Something that counts until a moment. */
typedef struct use {
    int32_t unit;
    int64_t until_ms;
} use;

/* What is asked of one policy. */
typedef struct counting {
    oe_decider *decider;
    const oe_contacts *contacts;
    int64_t at_ms;
    size_t policy;
    const oe_policy *declared;
} counting;

static int64_t number_of(const oe__contact_number *numbers, size_t count, uint64_t name)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (numbers[middle].name < name)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && numbers[low].name == name ? (int64_t)numbers[low].number : -1;
}

static int compare_times(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int compare_entries(const void *left, const void *right)
{
    const entry *a = left, *b = right;
    if (a->contact.product != b->contact.product)
        return a->contact.product < b->contact.product ? -1 : 1;
    return compare_times(a->contact.unit_ms, b->contact.unit_ms);
}

/* Declines and opt-outs have no unit and stand alone. A contact that names none is its own. */
static bool take_entries(oe_decider *decider, const oe_contact *history, size_t count)
{
    const oe_ruleset *ruleset = decider->ruleset;
    oe__list *entries = &decider->contacting.entries;
    entries->count = 0;
    for (size_t i = 0; i < count; i++) {
        entry *taken = oe__list_add(entries, sizeof *taken);
        if (taken == NULL)
            return false;
        taken->contact = history[i];
        if (history[i].unit_ms == 0)
            taken->contact.unit_ms = history[i].at_ms;
        int64_t product = number_of(ruleset->contact_products, ruleset->declared.products.count,
                                    history[i].product);
        taken->product = product < 0 ? UINT32_MAX : (uint32_t)product;
    }
    if (count > 1)
        qsort(entries->items, count, sizeof(entry), compare_entries);
    return true;
}

static entry *entry_at(const oe_decider *decider, size_t index)
{
    return (entry *)decider->contacting.entries.items + index;
}

static bool is_offer(const entry *of)
{
    return of->contact.kind == OE_CONTACT_RESERVED || of->contact.kind == OE_CONTACT_SHOWN;
}

/* Where the entries of the next unit begin. */
static size_t next_unit(const oe_decider *decider, size_t first)
{
    size_t next = first + 1;
    while (next < decider->contacting.entries.count &&
           compare_entries(entry_at(decider, first), entry_at(decider, next)) == 0)
        next++;
    return next;
}

/* ---- what counts ---- */

static bool is_among(uint64_t name, const uint64_t *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (names[i] == name)
            return true;
    return count == 0;
}

static bool covers(const counting *of, uint32_t product)
{
    const oe_ruleset *ruleset = of->decider->ruleset;
    if (product == UINT32_MAX)
        return ruleset->policies[of->policy].is_everywhere &&
               of->declared->each == OE_EACH_SCOPE;
    return oe__policy_hold(ruleset, product, of->policy) != NULL;
}

static bool went_through(const counting *of, const oe_contact *contact)
{
    const oe__sealed_policy *sealed = &of->decider->ruleset->policies[of->policy];
    return is_among(contact->channel, sealed->channels, of->declared->channel_count) &&
           is_among(contact->campaign, sealed->campaigns, of->declared->campaign_count);
}

/* In (at - window, at]. */
static bool is_within(const counting *of, int64_t when_ms)
{
    return when_ms <= of->at_ms &&
           (uint64_t)of->at_ms - (uint64_t)when_ms < (uint64_t)of->declared->window_ms;
}

static int64_t later(int64_t at_ms, int64_t by_ms)
{
    return at_ms > INT64_MAX - by_ms ? INT64_MAX : at_ms + by_ms;
}

static int64_t reserved_until(const counting *of, const entry *first)
{
    return later(first->contact.unit_ms, oe_ruleset_reservation_ms(of->decider->ruleset));
}

/* Until when a unit counts; INT64_MIN: it does not. Once it was shown that alone matters: what
 * is only said to be shown in times to come is as good as reserved. */
static int64_t unit_until(const counting *of, size_t first, size_t end)
{
    int64_t until_ms = INT64_MIN;
    bool is_reserved = false, is_shown = false;
    for (size_t i = first; i < end; i++) {
        const entry *one = entry_at(of->decider, i);
        if (!is_offer(one) || !went_through(of, &one->contact))
            continue;
        bool shown = one->contact.kind == OE_CONTACT_SHOWN && one->contact.at_ms <= of->at_ms;
        is_shown |= shown;
        is_reserved |= !shown;
        if (shown && is_within(of, one->contact.at_ms) &&
            later(one->contact.at_ms, of->declared->window_ms) > until_ms)
            until_ms = later(one->contact.at_ms, of->declared->window_ms);
    }
    if (!is_reserved || is_shown)
        return until_ms;
    int64_t end_ms = reserved_until(of, entry_at(of->decider, first));
    return of->at_ms < end_ms ? end_ms : INT64_MIN;
}

static bool add_use(const counting *of, uint32_t product, int64_t until_ms)
{
    use *added = oe__list_add(&of->decider->contacting.uses, sizeof *added);
    if (added == NULL)
        return false;
    added->unit =
        product == UINT32_MAX ? -1 : oe__policy_unit(of->decider->ruleset, of->policy, product);
    added->until_ms = until_ms;
    return true;
}

/* A unit that a cap does not count is a new one for it, and so for all. */
static bool count_units(const counting *of)
{
    size_t count = of->decider->contacting.entries.count;
    for (size_t first = 0, end; first < count; first = end) {
        entry *unit = entry_at(of->decider, first);
        end = next_unit(of->decider, first);
        if (!covers(of, unit->product))
            continue;
        int64_t until_ms = unit_until(of, first, end);
        if (until_ms == INT64_MIN)
            unit->is_held = false;
        else if (!add_use(of, unit->product, until_ms))
            return false;
    }
    return true;
}

static bool count_declines(const counting *of)
{
    for (size_t i = 0; i < of->decider->contacting.entries.count; i++) {
        const entry *one = entry_at(of->decider, i);
        if (one->contact.kind == OE_CONTACT_DECLINED && covers(of, one->product) &&
            went_through(of, &one->contact) && is_within(of, one->contact.at_ms) &&
            !add_use(of, one->product, later(one->contact.at_ms, of->declared->window_ms)))
            return false;
    }
    return true;
}

/* ---- allowances ---- */

static bool add_allowance(oe_decider *decider, const oe_allowance *allowance)
{
    oe_allowance *added = oe__list_add(&decider->contacting.allowances, sizeof *added);
    if (added == NULL)
        return false;
    *added = *allowance;
    return true;
}

static int compare_uses(const void *left, const void *right)
{
    const use *a = left, *b = right;
    return a->unit != b->unit ? (a->unit < b->unit ? -1 : 1)
                              : compare_times(a->until_ms, b->until_ms);
}

/* There is more again when as many ended as are too many; of a cool-down when the last did. */
static bool add_left(const counting *of, const use *uses, size_t count)
{
    size_t most = of->declared->kind == OE_POLICY_CAP ? of->declared->at_most : 1;
    int64_t until_ms = uses[count >= most ? count - most : 0].until_ms;
    if (until_ms > of->declared->until_ms)
        until_ms = of->declared->until_ms;
    uint32_t left = count >= most ? 0 : (uint32_t)(most - count);
    return add_allowance(of->decider,
                         &(oe_allowance){(uint32_t)of->policy, uses->unit, left, until_ms});
}

static bool count_policy(const counting *of)
{
    oe__list *uses = &of->decider->contacting.uses;
    uses->count = 0;
    if (!(of->declared->kind == OE_POLICY_CAP ? count_units(of) : count_declines(of)))
        return false;
    if (uses->count > 1)
        qsort(uses->items, uses->count, sizeof(use), compare_uses);
    const use *items = uses->items;
    for (size_t first = 0, end; first < uses->count; first = end) {
        for (end = first; end < uses->count && items[end].unit == items[first].unit;)
            end++;
        if (!add_left(of, &items[first], end - first))
            return false;
    }
    return true;
}

/* By category, each once; -1, everything, comes first. */
static bool add_opt_out(oe_decider *decider, int32_t category)
{
    return add_allowance(decider, &(oe_allowance){OE_OPTED_OUT, category, 0, INT64_MAX});
}

static bool opted_out(const oe_decider *decider, const oe_contacts *contacts, uint64_t category)
{
    for (size_t i = 0; i < decider->contacting.entries.count; i++) {
        const oe_contact *contact = &entry_at(decider, i)->contact;
        if (contact->kind == OE_CONTACT_OPT_OUT && contact->product == category &&
            (contact->channel == 0 || contact->channel == contacts->channel))
            return true;
    }
    return false;
}

static bool count_opt_outs(oe_decider *decider, const oe_contacts *contacts)
{
    const oe_ruleset *ruleset = decider->ruleset;
    bool any = false;
    for (size_t i = 0; i < decider->contacting.entries.count; i++)
        any |= entry_at(decider, i)->contact.kind == OE_CONTACT_OPT_OUT;
    if (!any)
        return true;
    if (opted_out(decider, contacts, 0) && !add_opt_out(decider, -1))
        return false;
    for (size_t c = 0; c < ruleset->declared.categories.count; c++) {
        const char *id = oe__category(ruleset, c)->id;
        if (opted_out(decider, contacts, oe_contact_name(id, strlen(id))) &&
            !add_opt_out(decider, (int32_t)c))
            return false;
    }
    return true;
}

/* ---- held units ---- */

static void mark_held(const counting *of)
{
    size_t count = of->decider->contacting.entries.count;
    for (size_t first = 0, end; first < count; first = end) {
        entry *unit = entry_at(of->decider, first);
        end = next_unit(of->decider, first);
        bool any = false;
        for (size_t i = first; i < end; i++)
            any |= is_offer(entry_at(of->decider, i));
        unit->is_held =
            any && unit->product != UINT32_MAX && of->at_ms < reserved_until(of, unit);
    }
}

static int compare_held(const void *left, const void *right)
{
    const oe_held *a = left, *b = right;
    return a->product != b->product ? (a->product < b->product ? -1 : 1)
                                    : compare_times(a->unit_ms, b->unit_ms);
}

/* Entries of a product stand together by unit: of several the last one counts. */
static bool list_held(oe_decider *decider)
{
    oe__list *held = &decider->contacting.held;
    held->count = 0;
    for (size_t i = 0; i < decider->contacting.entries.count; i++) {
        const entry *unit = entry_at(decider, i);
        if (!unit->is_held)
            continue;
        oe_held *last = held->count == 0 ? NULL : (oe_held *)held->items + held->count - 1;
        if (last == NULL || last->product != unit->product)
            last = oe__list_add(held, sizeof *last);
        if (last == NULL)
            return false;
        *last = (oe_held){unit->product, unit->contact.unit_ms};
    }
    if (held->count > 1)
        qsort(held->items, held->count, sizeof(oe_held), compare_held);
    return true;
}

static bool count_all(oe_decider *decider, const oe_contact *history, size_t count,
                      counting *of)
{
    const oe_ruleset *ruleset = decider->ruleset;
    decider->contacting.allowances.count = 0;
    if (!take_entries(decider, history, count))
        return false;
    mark_held(of);
    for (size_t i = 0; i < ruleset->declared.policies.count; i++) {
        of->policy = i;
        of->declared = oe__policy(ruleset, i);
        if (of->declared->kind != OE_POLICY_QUIET &&
            oe__policy_holds(ruleset, i, of->contacts, of->at_ms) && !count_policy(of))
            return false;
    }
    return count_opt_outs(decider, of->contacts) && list_held(decider);
}

/* Without memory nobody knows what is left: then it is nothing. */
void oe_decider_contacts(oe_decider *decider, const oe_contact *history, size_t count,
                         int64_t at_ms, oe_contacts *contacts)
{
    static const oe_allowance nothing = {OE_OPTED_OUT, -1, 0, INT64_MAX};
    counting of = {.decider = decider, .contacts = contacts, .at_ms = at_ms};
    bool is_whole = count_all(decider, history, count, &of);
    contacts->allowances = is_whole ? decider->contacting.allowances.items : &nothing;
    contacts->allowance_count = is_whole ? decider->contacting.allowances.count : 1;
    contacts->held = is_whole ? decider->contacting.held.items : NULL;
    contacts->held_count = is_whole ? decider->contacting.held.count : 0;
}
