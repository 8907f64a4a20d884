/* fairness_page.c: counting one page's offers and refusals by the groups of protected
 * attributes: check by check over all lanes, as block.c decides. */
#include "engine/block.h"
#include "engine/fairness.h"

#include <string.h>

enum { WORDS = OE__PAGE / 8 };

/* A byte of 0 or 1 for each lane. */
typedef union lanes {
    uint8_t bytes[OE__PAGE];
    uint64_t words[WORDS];
} lanes;

typedef struct auditing {
    const oe__comparer *comparer;
    oe__fairness *fairness;
    const oe__page *page;
    uint8_t groups[OE__AUDITS_MAX][OE__PAGE];
    lanes members[OE__AUDITS_MAX][OE__GROUPS_MAX + 2];
    lanes refused;               /* by the check at hand */
    uint16_t failed[OE__PAGE];   /* checks of the product at hand */
    uint16_t last_end[OE__PAGE]; /* of those the last end of a range, plus one */
} auditing;

static const oe_ruleset *rules_of(const auditing *state)
{
    return state->comparer->comparison->rules[OE__NEW];
}

static struct oe__page_memory *memory_of(const auditing *state)
{
    return state->comparer->deciders[OE__NEW]->page;
}

/* ---- groups ---- */

int32_t oe__text_group(oe__names *texts, const char *text, size_t length)
{
    int32_t group = oe__names_find(texts, text, length);
    if (group == OE__NO_NAME && texts->count < OE__GROUPS_MAX)
        group = oe__names_add(texts, text, length);
    else if (group == OE__NO_NAME)
        group = OE__GROUPS_MAX;
    return group;
}

static int32_t group_by_text(const auditing *state, size_t audit, uint32_t lane)
{
    const oe__audit *own = &state->comparer->comparison->audits[audit];
    const oe__record *record = state->page->records[lane];
    uint16_t wanted = (uint16_t)rules_of(state)->attribute_numbers[own->attribute];
    oe__extra extra;
    const char *bytes, *extras = oe__record_extras(record);
    for (size_t offset = 0;
         oe__extra_next(extras, record->extras_length, &offset, &extra, &bytes);)
        if (extra.attribute == wanted)
            return oe__text_group(&state->fairness->texts[audit], bytes, extra.length);
    return (int32_t)own->group_count - 1;
}

/* -1: out of memory. */
static int32_t group_of(const auditing *state, size_t audit, uint32_t lane)
{
    const oe__audit *own = &state->comparer->comparison->audits[audit];
    const oe_attribute *attribute = oe__attribute(rules_of(state), own->attribute);
    double value = memory_of(state)->columns[own->attribute][lane];
    if (!(value == value))
        return (int32_t)own->group_count - 1;
    if (own->type == OE_TEXT)
        return group_by_text(state, audit, lane);
    if (own->type == OE_FLAG)
        return value == 0;
    int32_t group = 0;
    while ((size_t)group < own->group_count - 2 && value >= attribute->groups[group])
        group++;
    return group;
}

static bool find_members(auditing *state, size_t audit)
{
    const oe__comparer *comparer = state->comparer;
    const oe__audit *own = &comparer->comparison->audits[audit];
    memset(state->members[audit], 0, own->group_count * sizeof(lanes));
    for (size_t row = 0; row < comparer->row; row++) {
        uint32_t lane = comparer->rows[row].lane;
        int32_t group = group_of(state, audit, lane);
        if (group < 0)
            return false;
        state->groups[audit][lane] = (uint8_t)group;
        state->members[audit][group].bytes[lane] = 1;
        state->fairness->customers[own->first + (size_t)group]++;
    }
    return true;
}

/* ---- offers ---- */

static void count_offers(auditing *state, int side)
{
    const oe__comparer *comparer = state->comparer;
    const oe__comparison *comparison = comparer->comparison;
    const oe__kept_offer *offers = comparer->offers[side].items;
    for (size_t row = 0; row < comparer->row; row++) {
        const oe__kept_row *kept = &comparer->rows[row];
        for (size_t i = 0; i < kept->count[side]; i++) {
            uint32_t product = offers[kept->first[side] + i].product;
            uint64_t *offered =
                state->fairness->offered[side] + product * state->fairness->width;
            for (size_t a = 0; a < comparison->audit_count; a++)
                offered[comparison->audits[a].first + state->groups[a][kept->lane]]++;
            if (side == OE__NEW) /* whose products come first, in their own order */
                state->fairness->taken[(size_t)product * OE__PAGE + kept->lane] = 1;
        }
    }
}

/* ---- checks ---- */

static bool any_lane(const lanes *flags)
{
    uint64_t any = 0;
    for (size_t w = 0; w < WORDS; w++)
        any |= flags->words[w];
    return any != 0;
}

/* How many lanes are set in both. A byte of the sum holds 32 at most. */
static uint64_t count_both(const lanes *a, const lanes *b)
{
    const uint64_t even = UINT64_C(0x00FF00FF00FF00FF);
    uint64_t sum = 0;
    for (size_t w = 0; w < WORDS; w++)
        sum += a->words[w] & b->words[w];
    sum = (sum & even) + ((sum >> 8) & even);
    return sum * UINT64_C(0x0001000100010001) >> 48;
}

/* Counts state->refused for a check. */
static void count_refused(auditing *state, uint32_t check)
{
    const oe__comparison *comparison = state->comparer->comparison;
    uint64_t *refused = state->fairness->refused + check * state->fairness->width;
    for (size_t a = 0; a < comparison->audit_count; a++) {
        const oe__audit *audit = &comparison->audits[a];
        for (size_t g = 0; g < audit->group_count; g++)
            refused[audit->first + g] += count_both(&state->refused, &state->members[a][g]);
    }
}

static void note_refused(auditing *state, uint32_t check)
{
    if (!any_lane(&state->refused))
        return;
    for (size_t l = 0; l < OE__PAGE; l++)
        state->failed[l] = (uint16_t)(state->failed[l] + state->refused.bytes[l]);
    count_refused(state, check);
}

static void refuse_end(auditing *state, const oe__range *range, bool low)
{
    const double *values = memory_of(state)->columns[range->attribute];
    bool unknown = low == (range->low > -HUGE_VAL); /* to which end a missing value counts */
    uint8_t *refused = state->refused.bytes;
    for (size_t l = 0; l < OE__PAGE; l++)
        refused[l] = (uint8_t)(low ? values[l] < range->low : values[l] > range->high);
    for (size_t l = 0; l < OE__PAGE && unknown; l++)
        refused[l] |= (uint8_t)(values[l] != values[l]);
}

static void refuse_ranges(auditing *state, const oe__compiled *product, uint32_t first)
{
    for (uint32_t end = 0; end < 2 * product->range_count; end++) {
        refuse_end(state, &product->ranges[end / 2], end % 2 == 0);
        note_refused(state, first + end);
        for (size_t l = 0; l < OE__PAGE; l++)
            state->last_end[l] =
                state->refused.bytes[l] != 0 ? (uint16_t)(end + 1) : state->last_end[l];
    }
}

static void refuse_guards(auditing *state, const oe__compiled *product, uint32_t first)
{
    int64_t at_ms = state->comparer->comparison->options.at_ms;
    for (size_t i = 0; i < product->guard_count; i++) {
        const oe__guard *guard = &product->guards[i];
        if (!oe__cell_window(at_ms, guard->from_ms, guard->until_ms))
            continue;
        bool always = guard->condition == OE_NO_CONDITION;
        const uint8_t *truth = always ? NULL : memory_of(state)->truth[guard->condition];
        for (size_t l = 0; l < OE__PAGE; l++)
            state->refused.bytes[l] =
                !oe__cell_guard(always ? OE__TRUE : truth[l], guard->refuses);
        note_refused(state, first + (uint32_t)(2 * product->range_count + i));
    }
}

static void mark_owned(auditing *state, uint32_t number, bool owned)
{
    const uint64_t *words = memory_of(state)->words[number / 64];
    for (size_t l = 0; l < OE__PAGE; l++)
        state->refused.bytes[l] |= (uint8_t)((words[l] >> number % 64 & 1U) == owned);
}

static void refuse_owned(auditing *state, const oe__compiled *product, uint32_t first)
{
    int64_t at_ms = state->comparer->comparison->options.at_ms;
    bool closed = product->off || !oe__cell_window(at_ms, product->from_ms, product->until_ms);
    memset(&state->refused, closed, sizeof state->refused);
    note_refused(state, first + OE__CHECK_AVAILABLE);
    memset(&state->refused, 0, sizeof state->refused);
    mark_owned(state, product->number, true);
    note_refused(state, first + OE__CHECK_OWNED);
    memset(&state->refused, 0, sizeof state->refused);
    for (size_t i = 0; i < product->after_count; i++)
        mark_owned(state, product->after[i], false);
    note_refused(state, first + OE__CHECK_AFTER);
    memset(&state->refused, 0, sizeof state->refused);
    for (size_t i = 0; i < product->not_with_count; i++)
        mark_owned(state, product->not_with[i], true);
    note_refused(state, first + OE__CHECK_NOT_WITH);
}

/* ---- who would be offered it but for one end of a range ---- */

/* A product takes nothing from those that rank before it, so those alone decide whether there
 * is a place for it. */
static bool has_place(const auditing *state, const oe__compiled *product,
                      const oe__kept_row *row)
{
    const oe_ruleset *ruleset = rules_of(state);
    const oe__kept_offer *offers = state->comparer->offers[OE__NEW].items;
    size_t index = (size_t)(product - ruleset->compiled);
    double priority =
        oe__cell_priority(memory_of(state)->confidence[index][row->lane], product->factor);
    uint32_t all = 0, of_category = 0, of_group = 0;
    for (size_t i = 0; i < row->count[OE__NEW]; i++) {
        const oe__kept_offer *offer = &offers[row->first[OE__NEW] + i];
        const oe__compiled *other = &ruleset->compiled[offer->product];
        if (offer->fallback || offer->priority < priority ||
            (offer->priority == priority && other->id_rank > product->id_rank))
            continue;
        all++;
        of_category += other->category == product->category;
        of_group += product->group != OE__NO_GROUP && other->group == product->group;
    }
    uint32_t limit = ruleset->default_limit;
    uint32_t asked = state->comparer->comparison->options.limit;
    limit = asked != 0 && asked < limit ? asked : limit;
    return all < limit && of_category < ruleset->category_limits[product->category] &&
           (product->group == OE__NO_GROUP || of_group < ruleset->group_limits[product->group]);
}

static bool keep_lone(auditing *state, const oe__compiled *product, const oe__kept_row *row,
                      uint32_t first)
{
    oe__fairness *fairness = state->fairness;
    size_t end = (size_t)state->last_end[row->lane] - 1;
    double value = memory_of(state)->columns[product->ranges[end / 2].attribute][row->lane];
    if (!(value == value) || !has_place(state, product, row))
        return true;
    if (fairness->lone_count == OE__LONE_MAX) {
        fairness->overflow = true;
        return true;
    }
    oe__lone *lone = oe__list_add(&fairness->lone[first + end], sizeof *lone);
    if (lone == NULL)
        return false;
    fairness->lone_count++;
    lone->value = value;
    for (size_t a = 0; a < state->comparer->comparison->audit_count; a++)
        lone->groups[a] = state->groups[a][row->lane];
    return true;
}

/* Those whom no check or one alone refuses so far: threshold and selection. */
static bool refuse_scored(auditing *state, size_t index, uint32_t first)
{
    const oe__comparer *comparer = state->comparer;
    const oe__compiled *product = &rules_of(state)->compiled[index];
    uint32_t common = first + (uint32_t)(2 * product->range_count + product->guard_count);
    const uint8_t *taken = state->fairness->taken + index * OE__PAGE;
    const uint8_t *above = memory_of(state)->above[index];
    lanes below = {{0}}, outranked = {{0}};
    if (!memory_of(state)->considered[index])
        oe__page_score(comparer->deciders[OE__NEW], index, comparer->comparison->options.at_ms);
    for (size_t row = 0; row < comparer->row; row++) {
        uint32_t lane = comparer->rows[row].lane;
        bool is_lone = state->failed[lane] == 1 && state->last_end[lane] != 0;
        below.bytes[lane] = state->failed[lane] == 0 && !taken[lane] && !above[lane];
        outranked.bytes[lane] = state->failed[lane] == 0 && !taken[lane] && above[lane];
        if (is_lone && above[lane] && !keep_lone(state, product, &comparer->rows[row], first))
            return false;
    }
    state->refused = below;
    count_refused(state, common + OE__CHECK_THRESHOLD);
    state->refused = outranked;
    count_refused(state, common + OE__CHECK_SELECTION);
    return true;
}

static bool audit_product(auditing *state, size_t index)
{
    const oe__compiled *product = &rules_of(state)->compiled[index];
    uint32_t first = state->comparer->comparison->checks[index];
    memset(state->failed, 0, sizeof state->failed);
    memset(state->last_end, 0, sizeof state->last_end);
    refuse_ranges(state, product, first);
    refuse_guards(state, product, first);
    refuse_owned(state, product,
                 first + (uint32_t)(2 * product->range_count + product->guard_count));
    return refuse_scored(state, index, first);
}

bool oe__fairness_page(oe__comparer *comparer, const oe__page *page)
{
    const oe__comparison *comparison = comparer->comparison;
    size_t products = comparison->rules[OE__NEW]->declared.products.count;
    auditing state;
    state.comparer = comparer;
    state.fairness = comparer->counts.fairness;
    state.page = page;
    oe__page_bind(comparer->deciders[OE__NEW], page, comparison->options.at_ms);
    memset(state.fairness->taken, 0, products * OE__PAGE);
    bool room = true;
    for (size_t a = 0; a < comparison->audit_count && room; a++)
        room = find_members(&state, a);
    if (room) {
        count_offers(&state, OE__BASE);
        count_offers(&state, OE__NEW);
    }
    for (size_t p = 0; p < products && room; p++)
        room = audit_product(&state, p);
    return room;
}
