/* pieces.c: joins the pieces of a ruleset's answers. */
#include "codec/pieces.h"

#include "codec/json.h"
#include "codec/message.h"
#include "codec/number.h"
#include "engine/campaign.h"

#include <stdlib.h>
#include <string.h>

enum { FIXED_MAX = 2 * OE_NUMBER_TEXT_MAX + 64 }; /* of an offer: numbers and what is between */

/* ---- text ---- */

static size_t mark(const oe__pieces *pieces)
{
    return pieces->text.length;
}

static oe__piece since(const oe__pieces *pieces, size_t start)
{
    return (oe__piece){(uint32_t)start, (uint32_t)(pieces->text.length - start)};
}

static void add(oe__pieces *pieces, const char *text)
{
    oe__buffer_add_text(&pieces->text, text);
}

static void add_quoted(oe__pieces *pieces, const char *text)
{
    oe__json_write_string(&pieces->text, text, strlen(text));
}

oe__piece oe__piece_of(oe__pieces *pieces, const char *text)
{
    size_t start = mark(pieces);
    add_quoted(pieces, text);
    oe__piece piece = since(pieces, start);
    return piece.length < 2 ? piece : (oe__piece){piece.start + 1, piece.length - 2};
}

static oe__piece listed(oe__pieces *pieces, const char *id)
{
    size_t start = mark(pieces);
    add(pieces, ",");
    add_quoted(pieces, id);
    return since(pieces, start);
}

static oe__piece coded(oe__pieces *pieces, const char *code)
{
    size_t start = mark(pieces);
    add(pieces, ",{\"code\":");
    add_quoted(pieces, code);
    add(pieces, ",\"points\":");
    return since(pieces, start);
}

/* ---- tables ---- */

static void *table(oe__pieces *pieces, size_t count, size_t size)
{
    void *items = oe__arena_array(&pieces->arena, count + 1, size);
    if (items == NULL)
        pieces->text.failed = true;
    return items;
}

static bool take_tables(oe__pieces *pieces, const oe_ruleset *ruleset)
{
    const oe__declared *declared = &ruleset->declared;
    size_t products = declared->products.count, dimensions = declared->dimensions.count;
    size_t sources = declared->segments.count + declared->rules.count;
    pieces->heads = table(pieces, products, sizeof *pieces->heads);
    pieces->reasons = table(pieces, products, sizeof *pieces->reasons);
    pieces->tails = table(pieces, products, sizeof *pieces->tails);
    pieces->offer_max = table(pieces, products, sizeof *pieces->offer_max);
    pieces->messages = table(pieces, products, sizeof *pieces->messages);
    pieces->campaigns = table(pieces, declared->campaigns.count, sizeof *pieces->campaigns);
    pieces->campaign_messages =
        table(pieces, declared->campaigns.count, sizeof *pieces->campaign_messages);
    pieces->grant_sources = table(pieces, products, sizeof *pieces->grant_sources);
    pieces->source_codes = table(pieces, sources, sizeof *pieces->source_codes);
    pieces->source_labels = table(pieces, sources, sizeof *pieces->source_labels);
    pieces->dimension_codes = table(pieces, dimensions, sizeof *pieces->dimension_codes);
    pieces->dimension_labels = table(pieces, dimensions, sizeof *pieces->dimension_labels);
    pieces->ladders = table(pieces, declared->ladders.count, sizeof *pieces->ladders);
    pieces->arms = table(pieces, ruleset->derivation_count, sizeof *pieces->arms);
    pieces->segments = table(pieces, declared->segments.count, sizeof *pieces->segments);
    pieces->categories = table(pieces, declared->categories.count, sizeof *pieces->categories);
    return !pieces->text.failed;
}

static void join_source(oe__pieces *pieces, size_t source, const char *id, const char *label)
{
    pieces->source_codes[source] = coded(pieces, id);
    pieces->source_labels[source] = oe__piece_of(pieces, label != NULL ? label : id);
}

static void join_sources(oe__pieces *pieces, const oe_ruleset *ruleset)
{
    size_t segments = ruleset->declared.segments.count;
    for (size_t i = 0; i < segments; i++) {
        const oe_segment *segment = oe__segment(ruleset, i);
        join_source(pieces, i, segment->id, segment->name);
        pieces->segments[i] = listed(pieces, segment->id);
        pieces->lists_max += pieces->segments[i].length;
    }
    for (size_t i = 0; i < ruleset->declared.rules.count; i++)
        join_source(pieces, segments + i, oe__rule(ruleset, i)->id,
                    oe__rule(ruleset, i)->reason);
    for (size_t i = 0; i < ruleset->declared.categories.count; i++) {
        pieces->categories[i] = listed(pieces, oe__category(ruleset, i)->id);
        pieces->lists_max += pieces->categories[i].length;
    }
}

static size_t longest(const oe__piece *items, size_t count)
{
    size_t most = 0;
    for (size_t i = 0; i < count; i++)
        most = items[i].length > most ? items[i].length : most;
    return most;
}

static oe__piece laddered(oe__pieces *pieces, const oe_ladder *ladder, size_t step)
{
    size_t start = mark(pieces);
    add(pieces, ",{\"ladder\":");
    add_quoted(pieces, ladder->id);
    add(pieces, ",\"step\":");
    oe__json_write_number(&pieces->text, (double)step);
    add(pieces, ",\"of\":");
    oe__json_write_number(&pieces->text, (double)ladder->step_count);
    add(pieces, ",\"next\":");
    if (step < ladder->step_count)
        add_quoted(pieces, ladder->steps[step].product);
    else
        add(pieces, "null");
    add(pieces, "}");
    return since(pieces, start);
}

static void join_ladders(oe__pieces *pieces, const oe_ruleset *ruleset)
{
    for (size_t i = 0; i < ruleset->declared.ladders.count; i++) {
        const oe_ladder *ladder = oe__ladder(ruleset, i);
        pieces->ladders[i] = table(pieces, ladder->step_count + 1, sizeof(oe__piece));
        if (pieces->text.failed)
            return;
        for (size_t step = 0; step <= ladder->step_count; step++)
            pieces->ladders[i][step] = laddered(pieces, ladder, step);
        pieces->lists_max += longest(pieces->ladders[i], ladder->step_count + 1);
    }
}

static oe__piece armed(oe__pieces *pieces, const char *experiment, const char *arm)
{
    size_t start = mark(pieces);
    add(pieces, ",{\"experiment\":");
    add_quoted(pieces, experiment);
    add(pieces, ",\"arm\":");
    add_quoted(pieces, arm);
    add(pieces, "}");
    return since(pieces, start);
}

static void join_experiments(oe__pieces *pieces, const oe_ruleset *ruleset)
{
    for (size_t i = 0; i < ruleset->derivation_count; i++) {
        const oe__derivation *lot = &ruleset->derivations[i];
        if (!lot->by_lot || oe__attribute(ruleset, lot->attribute)->type != OE_TEXT)
            continue;
        oe__piece *arms = table(pieces, lot->row_count, sizeof *arms);
        if (pieces->text.failed)
            return;
        for (size_t row = 0; row < lot->row_count; row++)
            arms[row] = armed(pieces, lot->declared->attribute, lot->rows[row].text);
        pieces->arms[i] = arms;
        pieces->has_experiments = true;
        pieces->lists_max += longest(arms, lot->row_count);
    }
}

static oe__piece dimension_label(oe__pieces *pieces, const oe_ruleset *ruleset, size_t index)
{
    const char *name = oe__dimension(ruleset, index)->attribute;
    int32_t number = oe_ruleset_find(ruleset, OE_ATTRIBUTES, name, strlen(name));
    const oe_attribute *attribute = oe_ruleset_attribute(ruleset, (size_t)number);
    if (attribute != NULL && attribute->label != NULL)
        return oe__piece_of(pieces, attribute->label);
    oe__piece label = oe__piece_of(pieces, name);
    for (size_t i = 0; i < label.length && !pieces->text.failed; i++)
        if (pieces->text.data[label.start + i] == '_')
            pieces->text.data[label.start + i] = ' ';
    return label;
}

static void join_dimensions(oe__pieces *pieces, const oe_ruleset *ruleset)
{
    for (size_t i = 0; i < ruleset->declared.dimensions.count; i++) {
        pieces->dimension_codes[i] = coded(pieces, oe__dimension(ruleset, i)->name);
        pieces->dimension_labels[i] = dimension_label(pieces, ruleset, i);
    }
}

/* ---- products ---- */

static uint32_t source_of(const oe_ruleset *ruleset, const oe__grant *grant)
{
    size_t length = strlen(grant->rule);
    int32_t segment = oe_ruleset_find(ruleset, OE_SEGMENTS, grant->rule, length);
    if (segment >= 0 && oe__segment(ruleset, (size_t)segment)->id == grant->rule)
        return (uint32_t)segment;
    int32_t rule = oe_ruleset_find(ruleset, OE_RULES, grant->rule, length);
    return (uint32_t)(ruleset->declared.segments.count + (size_t)rule);
}

static size_t longest_of(const oe_ruleset *ruleset, const oe__piece *dimensions,
                         const oe__piece *sources)
{
    const oe__declared *declared = &ruleset->declared;
    size_t dimension = longest(dimensions, declared->dimensions.count);
    size_t source = longest(sources, declared->segments.count + declared->rules.count);
    return dimension > source ? dimension : source;
}

/* The most bytes of a sentence made of two strengths. */
static size_t sentence_max(const oe__pieces *pieces, const oe_ruleset *ruleset)
{
    size_t label = longest_of(ruleset, pieces->dimension_labels, pieces->source_labels);
    return 2 * (label + OE_NUMBER_TEXT_MAX) + 64;
}

static void join_product(oe__pieces *pieces, const oe_ruleset *ruleset, size_t index)
{
    const oe_product *product = oe__product(ruleset, index);
    size_t start = mark(pieces);
    add(pieces, ",{\"product_name\":");
    add_quoted(pieces, product->name);
    add(pieces, ",\"category\":");
    add_quoted(pieces, product->category);
    add(pieces, ",\"reason\":\"");
    pieces->heads[index] = since(pieces, start);
    pieces->reasons[index] =
        oe__piece_of(pieces, product->reason != NULL ? product->reason : "");
    start = mark(pieces);
    add(pieces, ",\"product_id\":");
    add_quoted(pieces, product->id);
    add(pieces, ",\"reasons\":[");
    pieces->tails[index] = since(pieces, start);
}

static oe__piece *join_message(oe__pieces *pieces, const oe_ruleset *ruleset, size_t product,
                               const oe__message *message, size_t *most)
{
    oe__piece *words = table(pieces, message->count, sizeof *words);
    size_t length =
        words != NULL ? oe__message_join(pieces, ruleset, product, message, words) : 0;
    *most = length > *most ? length : *most;
    return words;
}

/* The words of the product and of each campaign about it. Returns the most bytes of one. */
static size_t join_messages(oe__pieces *pieces, const oe_ruleset *ruleset, size_t product)
{
    const oe__compiled *compiled = &ruleset->compiled[product];
    size_t most = compiled->message_function != OE__NO_FUNCTION ? oe__message_said_max() : 0;
    pieces->messages[product] =
        join_message(pieces, ruleset, product, &compiled->message, &most);
    for (size_t c = 0; c < ruleset->declared.campaigns.count; c++)
        if (pieces->campaign_messages[c] != NULL)
            pieces->campaign_messages[c][product] = join_message(
                pieces, ruleset, product, &ruleset->campaigns[c].messages[product], &most);
    return most;
}

static void join_campaigns(oe__pieces *pieces, const oe_ruleset *ruleset)
{
    for (size_t c = 0; c < ruleset->declared.campaigns.count; c++) {
        size_t start = mark(pieces);
        add(pieces, "],\"campaign\":");
        add_quoted(pieces, oe__campaign_at(ruleset, c)->id);
        pieces->campaigns[c] = since(pieces, start);
        pieces->lists_max += pieces->campaigns[c].length;
        if (ruleset->campaigns[c].messages != NULL)
            pieces->campaign_messages[c] =
                table(pieces, ruleset->declared.products.count, sizeof(oe__piece *));
    }
}

static void join_products(oe__pieces *pieces, const oe_ruleset *ruleset)
{
    size_t sentence = sentence_max(pieces, ruleset);
    for (size_t i = 0; i < ruleset->declared.products.count; i++) {
        const oe__compiled *product = &ruleset->compiled[i];
        join_product(pieces, ruleset, i);
        uint32_t *sources = table(pieces, product->grant_count, sizeof *sources);
        pieces->grant_sources[i] = sources;
        if (pieces->text.failed)
            return;
        for (size_t g = 0; g < product->grant_count; g++)
            sources[g] = source_of(ruleset, &product->grants[g]);
        size_t message = join_messages(pieces, ruleset, i);
        if (pieces->text.failed)
            return;
        size_t reason = pieces->reasons[i].length;
        pieces->offer_max[i] = pieces->heads[i].length + pieces->tails[i].length +
                               (reason > sentence ? reason : sentence) + message + FIXED_MAX;
    }
}

/* ---- keeping ---- */

static void free_pieces(void *kept)
{
    oe__pieces *pieces = kept;
    if (pieces == NULL)
        return;
    oe__buffer_free(&pieces->text);
    oe__arena_free(&pieces->arena);
    free(pieces);
}

static oe__pieces *join_pieces(const oe_ruleset *ruleset)
{
    oe__pieces *pieces = calloc(1, sizeof *pieces);
    if (pieces == NULL)
        return NULL;
    if (take_tables(pieces, ruleset)) {
        join_sources(pieces, ruleset);
        join_ladders(pieces, ruleset);
        join_experiments(pieces, ruleset);
        join_dimensions(pieces, ruleset);
        join_campaigns(pieces, ruleset);
        join_products(pieces, ruleset);
        pieces->reason_max =
            longest_of(ruleset, pieces->dimension_codes, pieces->source_codes) +
            OE_NUMBER_TEXT_MAX + 1;
        size_t start = mark(pieces);
        add(pieces, "],\"ruleset\":");
        add_quoted(pieces, ruleset->declared.source);
        add(pieces, "}");
        pieces->end = since(pieces, start);
        pieces->lists_max += pieces->end.length;
    }
    if (!pieces->text.failed && pieces->text.length <= UINT32_MAX)
        return pieces;
    free_pieces(pieces);
    return NULL;
}

/* A sealed ruleset is immutable but for this, which no reader can tell from having been there
 * before. Only the thread whose pieces are taken writes prepared_free, and whoever frees the
 * ruleset comes after it. */
static const oe__pieces *keep(const oe_ruleset *sealed, oe__pieces *pieces)
{
    union {
        const oe_ruleset *sealed;
        oe_ruleset *keeping;
    } of = {sealed};
    void *first = NULL;
    if (atomic_compare_exchange_strong(&of.keeping->prepared, &first, pieces)) {
        of.keeping->prepared_free = free_pieces;
        return pieces;
    }
    free_pieces(pieces);
    return first;
}

const oe__pieces *oe__pieces_of(const oe_ruleset *ruleset)
{
    const oe__pieces *kept = atomic_load_explicit(&ruleset->prepared, memory_order_acquire);
    if (kept != NULL)
        return kept;
    oe__pieces *pieces = join_pieces(ruleset);
    return pieces != NULL ? keep(ruleset, pieces) : NULL;
}
