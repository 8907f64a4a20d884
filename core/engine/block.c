/* block.c: a page of 256 customers, product by product. The same cells as decide.c in the other
 * loop order. */
#include "engine/block.h"
#include "engine/derive.h"
#include "engine/population.h"

#include <stdlib.h>
#include <string.h>

void oe__page_memory_free(struct oe__page_memory *memory)
{
    if (memory == NULL)
        return;
    free(memory->truth);
    free(memory->above);
    free(memory->open);
    free(memory->confidence);
    free(memory->considered);
    free(memory->columns);
    free(memory->words);
    free(memory->derived);
    free(memory->row_truth);
    free(memory->row_values);
    free(memory->row_owned);
    free(memory);
}

/* calloc, so that what no batch touches never becomes resident. */
struct oe__page_memory *oe__page_memory_new(const oe_ruleset *ruleset)
{
    struct oe__page_memory *memory = calloc(1, sizeof *memory);
    if (memory == NULL)
        return NULL;
    size_t nodes = ruleset->declared.nodes.count + 1;
    size_t products = ruleset->declared.products.count + 1;
    size_t attributes = ruleset->declared.attributes.count + 1;
    memory->truth = calloc(nodes, sizeof *memory->truth);
    memory->above = calloc(products, sizeof *memory->above);
    memory->open = calloc(products, sizeof *memory->open);
    memory->confidence = calloc(products, sizeof *memory->confidence);
    memory->considered = calloc(products, sizeof *memory->considered);
    memory->columns = calloc(attributes, sizeof *memory->columns);
    memory->words = calloc(ruleset->word_count + 1, sizeof *memory->words);
    memory->derived = calloc(ruleset->derivation_count + 1, sizeof *memory->derived);
    memory->row_truth = calloc(nodes, 1);
    memory->row_values = calloc(attributes, sizeof *memory->row_values);
    memory->row_owned = calloc(ruleset->word_count + 1, sizeof *memory->row_owned);
    for (size_t i = 0; i < OE__PAGE; i++)
        memory->unknown[i] = (double)NAN;
    if (memory->truth && memory->above && memory->open && memory->confidence &&
        memory->considered && memory->columns && memory->words && memory->derived &&
        memory->row_truth && memory->row_values && memory->row_owned)
        return memory;
    oe__page_memory_free(memory);
    return NULL;
}

static void lookup_lanes(const double *keys, const oe__derivation *lookup, double *values)
{
    for (size_t l = 0; l < OE__PAGE; l++)
        values[l] = oe__cell_lookup(lookup, keys[l]);
}

static void draw_lanes(const oe__page *page, const oe__derivation *lot, int64_t at_ms,
                       double *values)
{
    for (size_t l = 0; l < OE__PAGE; l++) {
        const oe__record *record = page->records[l];
        values[l] = record != NULL ? oe__lot_draw(lot, record->bytes, record->id_length, at_ms)
                                   : (double)NAN;
    }
}

/* Derivations that ask functions never come here. */
static void derive_lanes(const oe_ruleset *ruleset, struct oe__page_memory *memory,
                         const oe__page *page, int64_t at_ms)
{
    for (size_t i = 0; i < ruleset->derivation_count; i++) {
        const oe__derivation *derivation = &ruleset->derivations[i];
        if (derivation->by_lot)
            draw_lanes(page, derivation, at_ms, memory->derived[i]);
        else
            lookup_lanes(memory->columns[derivation->key], derivation, memory->derived[i]);
        memory->columns[derivation->attribute] = memory->derived[i];
    }
}

static void bind_columns(const oe_ruleset *ruleset, struct oe__page_memory *memory,
                         const oe__page *page)
{
    for (size_t i = 0; i < ruleset->declared.attributes.count; i++) {
        uint32_t number = (uint32_t)ruleset->attribute_numbers[i];
        bool filled = number < page->column_count && page->columns[number] != NULL;
        memory->columns[i] = filled ? page->columns[number] : memory->unknown;
    }
    for (size_t i = 0; i < ruleset->word_count; i++) {
        bool filled = i < page->word_count && page->words[i] != NULL;
        memory->words[i] = filled ? page->words[i] : memory->none;
    }
}

static void bind_page(const oe_ruleset *ruleset, struct oe__page_memory *memory,
                      const oe__page *page, int64_t at_ms)
{
    bind_columns(ruleset, memory, page);
    derive_lanes(ruleset, memory, page, at_ms);
}

/* ---- conditions ---- */

static void within_lanes(const double *values, double low, double high, uint8_t *truth)
{
    for (size_t l = 0; l < OE__PAGE; l++)
        truth[l] = oe__cell_within(values[l], low, high);
}

static void one_of_lanes(const double *values, const oe__node *node, uint8_t *truth)
{
    within_lanes(values, node->codes[0], node->codes[0], truth);
    for (size_t i = 1; i < node->value_count; i++)
        for (size_t l = 0; l < OE__PAGE; l++)
            truth[l] = oe__cell_or(truth[l], oe__cell_equals(values[l], node->codes[i]));
}

static void not_lanes(const uint8_t *part, uint8_t *truth)
{
    for (size_t l = 0; l < OE__PAGE; l++)
        truth[l] = oe__cell_not(part[l]);
}

static void known_lanes(const double *values, bool known, uint8_t *truth)
{
    for (size_t l = 0; l < OE__PAGE; l++)
        truth[l] = oe__cell_truth((values[l] == values[l]) == known);
}

static void owns_lanes(const uint64_t *words, uint32_t number, bool owns, uint8_t *truth)
{
    for (size_t l = 0; l < OE__PAGE; l++)
        truth[l] = oe__cell_truth((words[l] >> number % 64 & 1U) == owns);
}

static void lacks_lanes(uint64_t *const *words, const uint64_t *category, size_t count,
                        uint8_t *truth)
{
    for (size_t l = 0; l < OE__PAGE; l++) {
        uint64_t common = 0;
        for (size_t w = 0; w < count; w++)
            common |= words[w][l] & category[w];
        truth[l] = oe__cell_truth(common == 0);
    }
}

static void parts_lanes(oe__truths *all, const oe__node *node, uint8_t *truth)
{
    bool is_all = node->op == OE_ALL;
    memset(truth, is_all ? OE__TRUE : OE__FALSE, OE__PAGE);
    for (size_t i = 0; i < node->part_count; i++) {
        const uint8_t *part = all[node->parts[i]];
        for (size_t l = 0; l < OE__PAGE; l++)
            truth[l] =
                is_all ? oe__cell_and(truth[l], part[l]) : oe__cell_or(truth[l], part[l]);
    }
}

static void member_lanes(const uint8_t *condition, uint8_t *truth)
{
    for (size_t l = 0; l < OE__PAGE; l++)
        truth[l] = oe__cell_member(condition[l]);
}

static void node_lanes(const oe_ruleset *ruleset, struct oe__page_memory *memory,
                       const oe__node *node, uint8_t *truth)
{
    switch (node->op) {
    case OE_ALL:
    case OE_ANY:
        parts_lanes(memory->truth, node, truth);
        break;
    case OE_NOT:
        not_lanes(memory->truth[node->parts[0]], truth);
        break;
    case OE_EQUALS:
    case OE_ONE_OF:
        one_of_lanes(memory->columns[node->subject], node, truth);
        break;
    case OE_NONE_OF:
        one_of_lanes(memory->columns[node->subject], node, truth);
        not_lanes(truth, truth);
        break;
    case OE_KNOWN:
    case OE_UNKNOWN:
        known_lanes(memory->columns[node->subject], node->op == OE_KNOWN, truth);
        break;
    case OE_OWNS:
    case OE_LACKS: {
        uint32_t number = ruleset->compiled[node->subject].number;
        owns_lanes(memory->words[number / 64], number, node->op == OE_OWNS, truth);
        break;
    }
    case OE_LACKS_CATEGORY:
        lacks_lanes(memory->words, ruleset->category_words[node->subject], ruleset->word_count,
                    truth);
        break;
    case OE_IN_SEGMENT:
        member_lanes(memory->truth[oe__segment(ruleset, (size_t)node->subject)->condition],
                     truth);
        break;
    default:
        within_lanes(memory->columns[node->subject], node->range_low, node->range_high, truth);
    }
}

void oe__page_conditions(oe_decider *decider)
{
    const oe_ruleset *ruleset = decider->ruleset;
    struct oe__page_memory *memory = decider->page;
    const oe__node *nodes = oe__nodes(ruleset);
    for (size_t i = 0; i < ruleset->order_count; i++) {
        uint32_t number = ruleset->order[i];
        node_lanes(ruleset, memory, &nodes[number], memory->truth[number]);
    }
}

/* ---- gates ---- */

static void close_owned(const uint64_t *words, uint32_t number, bool owned, uint8_t *open)
{
    for (size_t l = 0; l < OE__PAGE; l++)
        open[l] &= (uint8_t)((words[l] >> number % 64 & 1U) != owned);
}

static void close_bounds(const double *values, const oe__range *range, uint8_t *open)
{
    for (size_t l = 0; l < OE__PAGE; l++)
        open[l] &= (uint8_t)oe__cell_bound(values[l], range->low, range->high);
}

static void close_guarded(const uint8_t *truth, uint32_t refuses, uint8_t *open)
{
    for (size_t l = 0; l < OE__PAGE; l++)
        open[l] &= (uint8_t)oe__cell_guard(truth[l], refuses);
}

static void close_guards(const struct oe__page_memory *memory, const oe__compiled *product,
                         int64_t at_ms, uint8_t *open)
{
    for (size_t i = 0; i < product->guard_count; i++) {
        const oe__guard *guard = &product->guards[i];
        if (!oe__cell_window(at_ms, guard->from_ms, guard->until_ms))
            continue;
        if (guard->condition != OE_NO_CONDITION)
            close_guarded(memory->truth[guard->condition], guard->refuses, open);
        else if (!oe__cell_guard(OE__TRUE, guard->refuses))
            memset(open, 0, OE__PAGE);
    }
}

static bool any_lane(const uint8_t *open)
{
    uint8_t any = 0;
    for (size_t l = 0; l < OE__PAGE; l++)
        any |= open[l];
    return any != 0;
}

/* Whether anybody on the page gets past ownership and gates; who, in memory->open. */
bool oe__page_open(oe_decider *decider, size_t index, const oe_options *options)
{
    struct oe__page_memory *memory = decider->page;
    const oe__compiled *product = &decider->ruleset->compiled[index];
    if (product->off || !oe__cell_window(options->at_ms, product->from_ms, product->until_ms) ||
        (options->category >= 0 && (uint32_t)options->category != product->category))
        return false;
    uint8_t *open = memory->open[index];
    memset(open, 1, OE__PAGE);
    close_owned(memory->words[product->number / 64], product->number, true, open);
    for (size_t i = 0; i < product->after_count; i++)
        close_owned(memory->words[product->after[i] / 64], product->after[i], false, open);
    for (size_t i = 0; i < product->not_with_count; i++)
        close_owned(memory->words[product->not_with[i] / 64], product->not_with[i], true, open);
    for (size_t i = 0; i < product->range_count; i++)
        close_bounds(memory->columns[product->ranges[i].attribute], &product->ranges[i], open);
    close_guards(memory, product, options->at_ms, open);
    return any_lane(open);
}

/* ---- score ---- */

void oe__page_weigh(const oe__term *term, const double *values, double *sum)
{
    if (term->shape == OE__LINEAR) {
        const oe__term linear = {.shape = OE__LINEAR,
                                 .weight = term->weight,
                                 .low = term->low,
                                 .high = term->high,
                                 .base = term->base};
        for (size_t l = 0; l < OE__PAGE; l++)
            sum[l] = oe__cell_weigh(sum[l], &linear, oe__cell_declared(&linear, values[l]));
        return;
    }
    for (size_t l = 0; l < OE__PAGE; l++)
        sum[l] = oe__cell_weigh(sum[l], term, oe__cell_declared(term, values[l]));
}

void oe__page_grants(const oe_decider *decider, const oe__compiled *product, int64_t at_ms,
                     double *sum)
{
    const struct oe__page_memory *memory = decider->page;
    memset(sum, 0, sizeof(oe__numbers));
    for (size_t i = 0; i < product->grant_count; i++) {
        const oe__grant *grant = &product->grants[i];
        if (!oe__cell_window(at_ms, grant->from_ms, grant->until_ms))
            continue;
        bool always = grant->condition == OE_NO_CONDITION;
        for (size_t l = 0; l < OE__PAGE; l++)
            sum[l] = oe__cell_grant(
                sum[l], always ? OE__TRUE : memory->truth[grant->condition][l], grant->points);
    }
}

void oe__page_thresholds(const oe_decider *decider, const oe__compiled *product,
                         double *thresholds)
{
    const oe_ruleset *ruleset = decider->ruleset;
    const struct oe__page_memory *memory = decider->page;
    for (size_t l = 0; l < OE__PAGE; l++)
        thresholds[l] = -1;
    for (size_t i = 0; !product->threshold_fixed && i < ruleset->segment_threshold_count; i++) {
        const oe__segment_threshold *threshold = &ruleset->segment_thresholds[i];
        const uint8_t *truth =
            memory->truth[oe__segment(ruleset, threshold->segment)->condition];
        for (size_t l = 0; l < OE__PAGE; l++)
            if (truth[l] == OE__TRUE && threshold->value > thresholds[l])
                thresholds[l] = threshold->value;
    }
    for (size_t l = 0; l < OE__PAGE; l++)
        thresholds[l] = thresholds[l] < 0 ? product->threshold : thresholds[l];
}

void oe__page_score(oe_decider *decider, size_t index, int64_t at_ms)
{
    struct oe__page_memory *memory = decider->page;
    const oe__compiled *product = &decider->ruleset->compiled[index];
    double *confidence = memory->confidence[index];
    oe__numbers adjustments, thresholds;
    memset(confidence, 0, sizeof(oe__numbers));
    for (size_t i = 0; i < product->term_count; i++)
        oe__page_weigh(&product->terms[i], memory->columns[product->terms[i].attribute],
                       confidence);
    oe__page_grants(decider, product, at_ms, adjustments);
    oe__page_thresholds(decider, product, thresholds);
    for (size_t l = 0; l < OE__PAGE; l++) {
        confidence[l] = oe__cell_confidence(oe__cell_score(confidence[l], product->weight_sum),
                                            adjustments[l]);
        memory->above[index][l] = (uint8_t)oe__cell_above(confidence[l], thresholds[l]);
    }
}

void oe__page_bind(oe_decider *decider, const oe__page *page, int64_t at_ms)
{
    const oe_ruleset *ruleset = decider->ruleset;
    struct oe__page_memory *memory = decider->page;
    if (ruleset->function_count == 0) {
        bind_page(ruleset, memory, page, at_ms);
        return;
    }
    bind_columns(ruleset, memory, page);
    for (size_t i = 0; i < ruleset->derivation_count; i++)
        memory->columns[ruleset->derivations[i].attribute] = memory->derived[i];
}

void oe__page_keep(oe_decider *decider, size_t lane, int64_t at_ms)
{
    const oe_ruleset *ruleset = decider->ruleset;
    struct oe__page_memory *memory = decider->page;
    const oe__subject *subject = &decider->decided;
    for (size_t i = 0; i < ruleset->declared.nodes.count; i++)
        memory->truth[i][lane] = oe__calls_truth(decider, (oe_condition)i);
    for (size_t i = 0; i < ruleset->derivation_count; i++)
        memory->derived[i][lane] = subject->values[ruleset->derivations[i].attribute];
    for (size_t p = 0; p < ruleset->declared.products.count; p++) {
        const oe__compiled *product = &ruleset->compiled[p];
        (void)oe__calls_curves(decider, product, subject->values);
        double confidence =
            oe__cell_confidence(oe__score(product, subject->values, subject->shares),
                                oe__adjustments(product, subject->truth, at_ms));
        memory->considered[p] = true;
        memory->confidence[p][lane] = confidence;
        memory->above[p][lane] = (uint8_t)oe__cell_above(
            confidence, oe__threshold(ruleset, product, subject->truth));
    }
}

/* ---- rows ---- */

static size_t gather_candidates(oe_decider *decider, size_t lane)
{
    const oe_ruleset *ruleset = decider->ruleset;
    const struct oe__page_memory *memory = decider->page;
    size_t found = 0;
    for (size_t p = 0; p < ruleset->declared.products.count; p++) {
        if (!memory->considered[p] || !memory->open[p][lane])
            continue;
        const oe__compiled *product = &ruleset->compiled[p];
        bool above = memory->above[p][lane] != 0;
        double confidence = memory->confidence[p][lane];
        if (above || product->is_fallback)
            decider->candidates[found++] = (oe__candidate){
                (uint32_t)p, above, confidence, oe__cell_priority(confidence, product->factor)};
    }
    return found;
}

static const oe_decision *decide_row(oe_decider *decider, const oe__page *page, size_t lane,
                                     const oe_options *options)
{
    const oe_ruleset *ruleset = decider->ruleset;
    struct oe__page_memory *memory = decider->page;
    const oe__record *record = page->records[lane];
    for (size_t i = 0; i < ruleset->declared.attributes.count; i++)
        memory->row_values[i] = memory->columns[i][lane];
    for (size_t i = 0; i < ruleset->word_count; i++)
        memory->row_owned[i] = memory->words[i][lane];
    for (size_t i = 0; i < ruleset->order_count; i++)
        memory->row_truth[ruleset->order[i]] = memory->truth[ruleset->order[i]][lane];
    oe__subject subject = {
        memory->row_values, memory->row_owned,         memory->row_truth,     record->bytes,
        record->id_length,  oe__record_extras(record), record->extras_length, NULL};
    return oe__rank(decider, &subject, gather_candidates(decider, lane), options);
}

/* Rules with functions: row by row, so that each customer has a budget of their own; and
 * campaigns, which leave most customers at once. */
static bool decide_rows(oe_decider *decider, const oe__page *page, const oe_options *options,
                        oe_decision_sink sink)
{
    for (size_t lane = 0; lane < OE__PAGE; lane++) {
        if (page->records[lane] == NULL)
            continue;
        oe__page_load(page, lane, decider->row);
        if (!sink.take(sink.context, oe_decide(decider, decider->row, options)))
            return false;
    }
    return true;
}

bool oe_decide_page(oe_decider *decider, const oe_snapshot *snapshot, size_t page,
                    const oe_options *given, oe_decision_sink sink)
{
    const oe_ruleset *ruleset = decider->ruleset;
    oe_options bare = *given, *options = &bare;
    bare.contacts = NULL;
    struct oe__page_memory *memory = decider->page;
    const oe__page *held = snapshot->pages[page];
    if (held == NULL)
        return true;
    if (ruleset->function_count > 0 || options->campaign != 0)
        return decide_rows(decider, held, options, sink);
    bind_page(ruleset, memory, held, options->at_ms);
    oe__page_conditions(decider);
    for (size_t p = 0; p < ruleset->declared.products.count; p++) {
        memory->considered[p] = oe__page_open(decider, p, options);
        if (memory->considered[p])
            oe__page_score(decider, p, options->at_ms);
    }
    for (size_t lane = 0; lane < OE__PAGE; lane++)
        if (held->records[lane] != NULL &&
            !sink.take(sink.context, decide_row(decider, held, lane, options)))
            return false;
    return true;
}
