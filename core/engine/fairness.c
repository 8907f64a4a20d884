/* fairness.c: counting offers and refusals by the groups of protected attributes. */
#include "engine/fairness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is counted ---- */

size_t oe__check_count(const oe__compiled *product)
{
    return 2 * product->range_count + product->guard_count + OE__CHECKS_COMMON;
}

static size_t groups_of(const oe_attribute *attribute)
{
    if (oe__type_is_numeric(attribute->type))
        return (attribute->group_count < OE__GROUPS_MAX ? attribute->group_count
                                                        : OE__GROUPS_MAX - 1) +
               2;
    return attribute->type == OE_FLAG ? 3 : OE__GROUPS_MAX + 2;
}

/* A number without groups has nothing to compare. */
static bool is_audited(const oe_attribute *attribute)
{
    return attribute->is_protected && attribute->type != OE_PRODUCT_SET &&
           (attribute->group_count > 0 || !oe__type_is_numeric(attribute->type));
}

bool oe__audits_find(oe__comparison *comparison)
{
    const oe_ruleset *ruleset = comparison->rules[OE__NEW];
    size_t products = ruleset->declared.products.count, width = 0;
    oe__audit *audits = oe__arena_array(&comparison->arena, OE__AUDITS_MAX, sizeof *audits);
    comparison->checks = oe__arena_array(&comparison->arena, products + 1, sizeof(uint32_t));
    if (audits == NULL || comparison->checks == NULL)
        return false;
    for (size_t i = 0; i < ruleset->declared.attributes.count; i++) {
        const oe_attribute *attribute = oe__attribute(ruleset, i);
        if (!is_audited(attribute) || comparison->audit_count == OE__AUDITS_MAX)
            continue;
        oe__audit *audit = &audits[comparison->audit_count++];
        *audit = (oe__audit){(uint32_t)i, attribute->type, groups_of(attribute), width};
        width += audit->group_count;
    }
    comparison->audits = audits;
    for (size_t p = 0; p < products; p++)
        comparison->checks[p + 1] =
            comparison->checks[p] + (uint32_t)oe__check_count(&ruleset->compiled[p]);
    return true;
}

oe__fairness *oe__fairness_new(const oe__comparison *comparison)
{
    oe__fairness *fairness = calloc(1, sizeof *fairness);
    if (fairness == NULL)
        return NULL;
    size_t products = comparison->product_count;
    size_t checks = comparison->checks[comparison->rules[OE__NEW]->declared.products.count];
    for (size_t i = 0; i < comparison->audit_count; i++)
        fairness->width += comparison->audits[i].group_count;
    size_t width = fairness->width + 1;
    fairness->customers = calloc(width, sizeof(uint64_t));
    fairness->refused = calloc(checks * width + 1, sizeof(uint64_t));
    fairness->lone = calloc(checks + 1, sizeof *fairness->lone);
    for (int side = OE__BASE; side <= OE__NEW; side++)
        fairness->offered[side] = calloc(products * width + 1, sizeof(uint64_t));
    if (fairness->customers && fairness->refused && fairness->lone &&
        fairness->offered[OE__BASE] && fairness->offered[OE__NEW])
        return fairness;
    oe__fairness_free(comparison, fairness);
    return NULL;
}

void oe__fairness_free(const oe__comparison *comparison, oe__fairness *fairness)
{
    if (fairness == NULL)
        return;
    size_t checks = comparison->checks[comparison->rules[OE__NEW]->declared.products.count];
    for (size_t i = 0; fairness->lone != NULL && i < checks; i++)
        free(fairness->lone[i].items);
    for (size_t i = 0; i < OE__AUDITS_MAX; i++)
        oe__names_free(&fairness->texts[i]);
    free(fairness->customers);
    free(fairness->offered[OE__BASE]);
    free(fairness->offered[OE__NEW]);
    free(fairness->refused);
    free(fairness->lone);
    free(fairness);
}

/* ---- groups ---- */

static int32_t text_group(oe__names *texts, const char *text, size_t length)
{
    int32_t group = oe__names_find(texts, text, length);
    if (group == OE__NO_NAME && texts->count < OE__GROUPS_MAX)
        group = oe__names_add(texts, text, length);
    else if (group == OE__NO_NAME)
        group = OE__GROUPS_MAX; /* all others */
    return group;
}

static int32_t group_by_text(const oe_ruleset *ruleset, const oe__audit *audit,
                             oe__names *texts, const oe__subject *subject)
{
    uint16_t wanted = (uint16_t)ruleset->attribute_numbers[audit->attribute];
    oe__extra extra;
    const char *bytes;
    for (size_t offset = 0;
         oe__extra_next(subject->extras, subject->extras_length, &offset, &extra, &bytes);)
        if (extra.attribute == wanted)
            return text_group(texts, bytes, extra.length);
    return (int32_t)audit->group_count - 1;
}

/* -1: out of memory. */
static int32_t group_of(const oe_ruleset *ruleset, const oe__audit *audit, oe__names *texts,
                        const oe__subject *subject)
{
    double value = subject->values[audit->attribute];
    const oe_attribute *attribute = oe__attribute(ruleset, audit->attribute);
    if (!(value == value))
        return (int32_t)audit->group_count - 1;
    if (audit->type == OE_TEXT)
        return group_by_text(ruleset, audit, texts, subject);
    if (audit->type == OE_FLAG)
        return value == 0;
    int32_t group = 0;
    while ((size_t)group < audit->group_count - 2 && value >= attribute->groups[group])
        group++;
    return group;
}

/* ---- checks ---- */

typedef struct refusals {
    const oe__comparison *comparison;
    oe__fairness *fairness;
    const oe__fair_row *row;
    const oe__subject *subject;
    uint8_t groups[OE__AUDITS_MAX];
    size_t failed, last; /* checks of the product at hand */
} refusals;

static void refuse(refusals *state, uint32_t first, size_t check)
{
    const oe__comparison *comparison = state->comparison;
    uint64_t *refused = state->fairness->refused + (first + check) * state->fairness->width;
    for (size_t a = 0; a < comparison->audit_count; a++)
        refused[comparison->audits[a].first + state->groups[a]]++;
    state->failed++;
    state->last = check;
}

static void refuse_ranges(refusals *state, const oe__compiled *product, uint32_t first)
{
    for (size_t i = 0; i < product->range_count; i++) {
        const oe__range *range = &product->ranges[i];
        double value = state->subject->values[range->attribute];
        if (oe__cell_bound(value, range->low, range->high))
            continue;
        bool low = value == value ? value < range->low : range->low > -HUGE_VAL;
        refuse(state, first, 2 * i + (low ? 0 : 1));
    }
}

static void refuse_guards(refusals *state, const oe__compiled *product, uint32_t first)
{
    int64_t at_ms = state->comparison->options.at_ms;
    bool calls = state->comparison->rules[OE__NEW]->function_count > 0;
    for (size_t i = 0; i < product->guard_count; i++) {
        const oe__guard *guard = &product->guards[i];
        uint8_t truth = guard->condition == OE_NO_CONDITION ? OE__TRUE
                        : calls ? oe__calls_truth(state->row->decider, guard->condition)
                                : state->subject->truth[guard->condition];
        if (!oe__cell_guard(truth, guard->refuses) &&
            oe__cell_window(at_ms, guard->from_ms, guard->until_ms))
            refuse(state, first, 2 * product->range_count + i);
    }
}

static void refuse_owned(refusals *state, const oe__compiled *product, uint32_t first)
{
    const uint64_t *owned = state->subject->owned;
    size_t common = 2 * product->range_count + product->guard_count;
    int64_t at_ms = state->comparison->options.at_ms;
    bool lacks = false, excluded = false;
    for (size_t i = 0; i < product->after_count; i++)
        lacks |= !oe__owns(owned, product->after[i]);
    for (size_t i = 0; i < product->not_with_count; i++)
        excluded |= oe__owns(owned, product->not_with[i]);
    if (product->off || !oe__cell_window(at_ms, product->from_ms, product->until_ms))
        refuse(state, first, common + OE__CHECK_AVAILABLE);
    if (oe__owns(owned, product->number))
        refuse(state, first, common + OE__CHECK_OWNED);
    if (lacks)
        refuse(state, first, common + OE__CHECK_AFTER);
    if (excluded)
        refuse(state, first, common + OE__CHECK_NOT_WITH);
}

/* ---- whether one passed check would be enough ---- */

static bool is_above(const refusals *state, const oe__compiled *product)
{
    const oe_ruleset *ruleset = state->comparison->rules[OE__NEW];
    int64_t at_ms = state->comparison->options.at_ms;
    if (ruleset->function_count > 0)
        oe__calls_grants(state->row->decider, product, at_ms);
    double confidence =
        oe__cell_confidence(oe__score(product, state->subject->values),
                            oe__adjustments(product, state->subject->truth, at_ms));
    return oe__cell_above(confidence, oe__threshold(ruleset, product, state->subject->truth));
}

/* A product takes nothing from those that rank before it, so those alone decide whether there
 * is a place for it. */
static bool has_place(const refusals *state, const oe__compiled *product)
{
    const oe_ruleset *ruleset = state->comparison->rules[OE__NEW];
    const oe_decision *decision = state->row->decision;
    double confidence = oe__cell_confidence(
        oe__score(product, state->subject->values),
        oe__adjustments(product, state->subject->truth, state->comparison->options.at_ms));
    double priority = oe__cell_priority(confidence, product->factor);
    uint32_t all = 0, of_category = 0, of_group = 0;
    for (size_t i = 0; i < decision->offer_count; i++) {
        const oe_offer *offer = &decision->offers[i];
        const oe__compiled *other = &ruleset->compiled[offer->product];
        if (offer->fallback || offer->priority < priority ||
            (offer->priority == priority && other->id_rank > product->id_rank))
            continue;
        all++;
        of_category += other->category == product->category;
        of_group += product->group != OE__NO_GROUP && other->group == product->group;
    }
    uint32_t limit = ruleset->default_limit, asked = state->comparison->options.limit;
    limit = asked != 0 && asked < limit ? asked : limit;
    return all < limit && of_category < ruleset->category_limits[product->category] &&
           (product->group == OE__NO_GROUP || of_group < ruleset->group_limits[product->group]);
}

static bool keep_lone(refusals *state, const oe__compiled *product, uint32_t first)
{
    double value = state->subject->values[product->ranges[state->last / 2].attribute];
    oe__fairness *fairness = state->fairness;
    if (!(value == value) || !has_place(state, product))
        return true;
    if (fairness->lone_count == OE__LONE_MAX) {
        fairness->overflow = true;
        return true;
    }
    oe__lone *lone = oe__list_add(&fairness->lone[first + state->last], sizeof *lone);
    if (lone == NULL)
        return false;
    fairness->lone_count++;
    lone->value = value;
    memcpy(lone->groups, state->groups, sizeof lone->groups);
    return true;
}

static bool count_refused(refusals *state, size_t index)
{
    const oe__compiled *product = &state->comparison->rules[OE__NEW]->compiled[index];
    uint32_t first = state->comparison->checks[index];
    size_t common = 2 * product->range_count + product->guard_count;
    state->failed = 0;
    refuse_ranges(state, product, first);
    refuse_guards(state, product, first);
    refuse_owned(state, product, first);
    if (state->failed > 1 || (state->failed == 1 && state->last >= 2 * product->range_count))
        return true;
    bool above = is_above(state, product);
    if (state->failed == 1)
        return !above || keep_lone(state, product, first);
    refuse(state, first, common + (above ? OE__CHECK_SELECTION : OE__CHECK_THRESHOLD));
    return true;
}

/* ---- one customer ---- */

static void count_offer(const refusals *state, int side, uint32_t product)
{
    const oe__comparison *comparison = state->comparison;
    uint64_t *offered = state->fairness->offered[side] + product * state->fairness->width;
    for (size_t a = 0; a < comparison->audit_count; a++)
        offered[comparison->audits[a].first + state->groups[a]]++;
}

static bool is_offered(const oe_decision *decision, size_t product)
{
    for (size_t i = 0; i < decision->offer_count; i++)
        if (decision->offers[i].product == product)
            return true;
    return false;
}

bool oe__fairness_count(const oe__comparison *comparison, oe__fairness *fairness,
                        const oe__fair_row *row)
{
    const oe_ruleset *ruleset = comparison->rules[OE__NEW];
    const oe_decision *decision = row->decision;
    refusals state = {comparison, fairness, row, decision->subject, {0}, 0, 0};
    for (size_t a = 0; a < comparison->audit_count; a++) {
        int32_t group =
            group_of(ruleset, &comparison->audits[a], &fairness->texts[a], decision->subject);
        if (group < 0)
            return false;
        state.groups[a] = (uint8_t)group;
        fairness->customers[comparison->audits[a].first + (size_t)group]++;
    }
    for (size_t i = 0; i < row->base_count; i++)
        count_offer(&state, OE__BASE, row->base[i].product);
    for (size_t i = 0; i < decision->offer_count; i++)
        count_offer(&state, OE__NEW, comparison->common[OE__NEW][decision->offers[i].product]);
    for (size_t p = 0; p < ruleset->declared.products.count; p++)
        if (!is_offered(decision, p) && !count_refused(&state, p))
            return false;
    return true;
}

/* ---- adding up ---- */

/* Groups of texts are numbered as they came: `into` number by number of `from`. */
static void map_groups(const oe__audit *audit, oe__names *into, const oe__names *from,
                       uint8_t map[OE__GROUPS_MAX + 2])
{
    for (size_t g = 0; g < audit->group_count; g++)
        map[g] = (uint8_t)g;
    for (size_t g = 0; audit->type == OE_TEXT && g < from->count; g++) {
        int32_t group = text_group(into, from->names[g].text, from->names[g].length);
        map[g] = (uint8_t)(group < 0 ? OE__GROUPS_MAX : group);
    }
}

static void add_counters(const oe__comparison *comparison,
                         uint8_t maps[OE__AUDITS_MAX][OE__GROUPS_MAX + 2], uint64_t *into,
                         const uint64_t *from)
{
    for (size_t a = 0; a < comparison->audit_count; a++) {
        const oe__audit *audit = &comparison->audits[a];
        for (size_t g = 0; g < audit->group_count; g++)
            into[audit->first + maps[a][g]] += from[audit->first + g];
    }
}

static bool add_lone(const oe__comparison *comparison,
                     uint8_t maps[OE__AUDITS_MAX][OE__GROUPS_MAX + 2], oe__list *into,
                     const oe__list *from)
{
    const oe__lone *items = from->items;
    for (size_t i = 0; i < from->count; i++) {
        oe__lone *lone = oe__list_add(into, sizeof *lone);
        if (lone == NULL)
            return false;
        *lone = items[i];
        for (size_t a = 0; a < comparison->audit_count; a++)
            lone->groups[a] = maps[a][items[i].groups[a]];
    }
    return true;
}

bool oe__fairness_add(const oe__comparison *comparison, oe__fairness *into,
                      const oe__fairness *from)
{
    uint8_t maps[OE__AUDITS_MAX][OE__GROUPS_MAX + 2];
    size_t checks = comparison->checks[comparison->rules[OE__NEW]->declared.products.count];
    for (size_t a = 0; a < comparison->audit_count; a++)
        map_groups(&comparison->audits[a], &into->texts[a], &from->texts[a], maps[a]);
    add_counters(comparison, maps, into->customers, from->customers);
    for (int side = OE__BASE; side <= OE__NEW; side++)
        for (size_t p = 0; p < comparison->product_count; p++)
            add_counters(comparison, maps, into->offered[side] + p * into->width,
                         from->offered[side] + p * into->width);
    bool room = true;
    for (size_t c = 0; c < checks; c++) {
        add_counters(comparison, maps, into->refused + c * into->width,
                     from->refused + c * into->width);
        room = add_lone(comparison, maps, &into->lone[c], &from->lone[c]) && room;
    }
    into->overflow |= from->overflow;
    return room;
}
