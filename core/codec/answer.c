/* answer.c: a decision as JSON, joined from pieces. The hot path: room for everything is
 * reserved before it is written. */
#include "codec/answer.h"

#include "codec/deliver.h"
#include "codec/json.h"
#include "codec/message.h"
#include "codec/number.h"
#include "codec/pieces.h"
#include "engine/decide.h"

#include <math.h>

/* What gave or took points: a dimension, or a source of adjustments. */
typedef struct strength {
    double points;
    uint32_t number;
    bool is_source;
} strength;

typedef struct strengths {
    size_t count;
    double sizes[OE_REASONS_MAX + 1];
    strength items[OE_REASONS_MAX + 1]; /* as they came */
    /* The largest first, of equal ones the first that came. */
    uint8_t order[OE_REASONS_MAX];
} strengths;

/* ---- strengths ---- */

#define SHOWN_LEAST 0.05 /* what is less is shown as 0.0 */

/* Of those that are as small the last that came. */
static void drop_smallest(strengths *found)
{
    size_t least = 0, last = --found->count;
    for (size_t i = 1; i <= last; i++)
        least = found->sizes[i] <= found->sizes[least] ? i : least;
    memmove(&found->sizes[least], &found->sizes[least + 1], (last - least) * sizeof(double));
    memmove(&found->items[least], &found->items[least + 1], (last - least) * sizeof(strength));
}

static inline void add_strength(strengths *found, strength added)
{
    double size = fabs(added.points);
    if (size < SHOWN_LEAST)
        return;
    found->sizes[found->count] = size;
    found->items[found->count++] = added;
    if (found->count > OE_REASONS_MAX)
        drop_smallest(found);
}

/* Few and in no likely order: counting who stands before whom is cheaper than branches that
 * are guessed wrong. */
static void find_order(strengths *found)
{
    uint8_t places[OE_REASONS_MAX];
    for (size_t i = 0; i < found->count; i++) {
        places[i] = 0;
        for (size_t j = 0; j < i; j++) {
            uint8_t is_behind = found->sizes[j] >= found->sizes[i];
            places[i] = (uint8_t)(places[i] + is_behind);
            places[j] = (uint8_t)(places[j] + 1 - is_behind);
        }
    }
    for (size_t i = 0; i < found->count; i++)
        found->order[places[i]] = (uint8_t)i;
}

/* Adjustments are those of the product's grants that applied, in the order of the grants. */
static void find_strengths(const oe__pieces *pieces, const oe_ruleset *ruleset,
                           const oe_offer *offer, strengths *found)
{
    const oe__compiled *product = &ruleset->compiled[offer->product];
    const uint32_t *sources = pieces->grant_sources[offer->product];
    found->count = 0;
    for (size_t i = 0; i < offer->contribution_count; i++) {
        const oe_contribution *given = &offer->contributions[i];
        add_strength(found, (strength){given->points, given->dimension, false});
    }
    size_t grant = 0;
    for (size_t i = 0; i < offer->adjustment_count; i++, grant++) {
        const oe_adjustment *given = &offer->adjustments[i];
        while (grant < product->grant_count && product->grants[grant].rule != given->rule)
            grant++;
        if (grant == product->grant_count)
            break;
        add_strength(found, (strength){given->points, sources[grant], true});
    }
    find_order(found);
}

static const strength *ranked(const strengths *found, size_t rank)
{
    return &found->items[found->order[rank]];
}

static oe__piece code_of(const oe__pieces *pieces, const strength *given)
{
    return (given->is_source ? pieces->source_codes : pieces->dimension_codes)[given->number];
}

static oe__piece label_of(const oe__pieces *pieces, const strength *given)
{
    return (given->is_source ? pieces->source_labels : pieces->dimension_labels)[given->number];
}

/* ---- putting: the caller has reserved the room ---- */

static char *put_bytes(char *at, const char *bytes, size_t length)
{
    memcpy(at, bytes, length);
    return at + length;
}

#define PUT(at, literal) put_bytes((at), "" literal, sizeof(literal) - 1)

static char *put_piece(char *at, const oe__pieces *pieces, oe__piece piece)
{
    return put_bytes(at, oe__piece_text(pieces, piece), piece.length);
}

static char *put_tenths(char *at, double value)
{
    return at + oe__number_write_tenths(value, at);
}

static char *put_strength(char *at, const oe__pieces *pieces, const strength *given)
{
    at = put_piece(at, pieces, label_of(pieces, given));
    at = PUT(at, " (");
    at = put_tenths(at, given->points);
    return PUT(at, " points)");
}

/* A gate that was passed: points, but nothing to praise a customer for. */
static bool is_gate(const oe__compiled *product, const strength *given)
{
    for (size_t i = 0; i < product->term_count; i++)
        if (!given->is_source && product->terms[i].dimension == given->number)
            return product->terms[i].shape == OE__PASS;
    return false;
}

static char *put_sentence(char *at, const oe__pieces *pieces, const oe__compiled *product,
                          const strengths *found)
{
    size_t named = 0;
    for (size_t i = 0; i < found->count && named < 2; i++) {
        const strength *given = ranked(found, i);
        if (given->points < 0 || is_gate(product, given))
            continue;
        at = named == 0 ? PUT(at, "In favour: ") : PUT(at, " and ");
        at = put_strength(at, pieces, given);
        named++;
    }
    return at;
}

static char *put_reason(char *at, const oe__pieces *pieces, const oe_decision *decision,
                        const oe_offer *offer, const strengths *found)
{
    if (offer->reason_holds)
        return put_piece(at, pieces, pieces->reasons[offer->product]);
    char *end = put_sentence(at, pieces, &decision->ruleset->compiled[offer->product], found);
    if (end > at)
        return end;
    return offer->fallback ? PUT(at, "Offered as the fallback")
                           : PUT(at, "No single strength stands out");
}

/* Pieces of lists begin with their comma, which the first item leaves out. */
static char *put_item(char *at, const oe__pieces *pieces, oe__piece piece, bool first)
{
    return put_bytes(at, oe__piece_text(pieces, piece) + first, piece.length - first);
}

static char *put_offer(char *at, const oe__pieces *pieces, const oe_decision *decision,
                       size_t rank)
{
    const oe_offer *offer = &decision->offers[rank];
    strengths found;
    find_strengths(pieces, decision->ruleset, offer, &found);
    at = put_item(at, pieces, pieces->heads[offer->product], rank == 0);
    at = put_reason(at, pieces, decision, offer, &found);
    at = PUT(at, "\",\"confidence_score\":");
    at = put_tenths(at, offer->confidence);
    at = put_piece(at, pieces, pieces->tails[offer->product]);
    for (size_t i = 0; i < found.count; i++) {
        const strength *given = ranked(&found, i);
        at = put_item(at, pieces, code_of(pieces, given), i == 0);
        at = put_tenths(at, given->points);
        *at++ = '}';
    }
    *at++ = ']';
    at = oe__message_put(at, pieces, decision, offer);
    if (offer->priority != offer->confidence) {
        at = PUT(at, ",\"priority\":");
        at = put_tenths(at, offer->priority);
    }
    if (offer->fallback)
        at = PUT(at, ",\"fallback\":true");
    *at++ = '}';
    return at;
}

/* Behind an open list, which it closes for another. */
static char *put_ladders(char *at, const oe__pieces *pieces, const oe_decision *decision)
{
    size_t count = decision->ruleset->declared.ladders.count;
    if (count > 0)
        at = PUT(at, "],\"ladders\":[");
    for (size_t i = 0; i < count; i++)
        at = put_item(at, pieces, pieces->ladders[i][oe_decision_ladder_step(decision, i)],
                      i == 0);
    return at;
}

/* The same, of the experiments that the customer takes part in. */
static char *put_experiments(char *at, const oe__pieces *pieces, const oe_decision *decision)
{
    bool first = true;
    if (!pieces->has_experiments || decision->subject == NULL)
        return at;
    at = PUT(at, "],\"experiments\":[");
    for (size_t i = 0; i < decision->ruleset->derivation_count; i++) {
        const oe__derivation *lot = &decision->ruleset->derivations[i];
        for (size_t row = 0; pieces->arms[i] != NULL && row < lot->row_count; row++)
            if (lot->rows[row].value == decision->subject->values[lot->attribute]) {
                at = put_item(at, pieces, pieces->arms[i][row], first);
                first = false;
            }
    }
    return at;
}

static char *put_end(char *at, const oe__pieces *pieces, const oe_decision *decision)
{
    at = PUT(at, ",\"segments\":[");
    for (size_t i = 0; i < decision->segment_count; i++)
        at = put_item(at, pieces, pieces->segments[decision->segments[i]], i == 0);
    at = PUT(at, "],\"portfolio_gaps\":[");
    for (size_t i = 0; i < decision->gap_count; i++)
        at = put_item(at, pieces, pieces->categories[decision->gaps[i]], i == 0);
    at = put_ladders(at, pieces, decision);
    at = put_experiments(at, pieces, decision);
    if (decision->campaign == 0)
        return put_piece(at, pieces, pieces->end);
    at = put_piece(at, pieces, pieces->campaigns[decision->campaign - 1]);
    oe__piece behind = {pieces->end.start + 1, pieces->end.length - 1}; /* the list is closed */
    return put_piece(at, pieces, behind);
}

/* ---- writing ---- */

enum { FIXED_MAX = 160 }; /* all that is no piece and no offer */

static void advance(oe__buffer *buffer, const char *at)
{
    buffer->length = (size_t)(at - buffer->data);
}

static const oe__pieces *pieces_for(oe__buffer *buffer, const oe_decision *decision)
{
    const oe__pieces *pieces = oe__pieces_of(decision->ruleset);
    if (pieces == NULL)
        buffer->failed = true;
    return pieces;
}

static size_t offers_max(const oe__pieces *pieces, const oe_decision *decision)
{
    size_t most = 0;
    for (size_t i = 0; i < decision->offer_count; i++) {
        const oe_offer *offer = &decision->offers[i];
        size_t reasons = offer->contribution_count + offer->adjustment_count;
        reasons = reasons < OE_REASONS_MAX ? reasons : OE_REASONS_MAX;
        most += pieces->offer_max[offer->product] + reasons * pieces->reason_max;
    }
    return most;
}

/* The last member, which only answers have that a stopped function took part in. */
static void add_degraded(oe__buffer *buffer, const oe_decision *decision)
{
    if (decision->degraded_count == 0 || buffer->failed)
        return;
    buffer->length--;
    oe__buffer_add_text(buffer, ",\"degraded\":[");
    for (size_t i = 0; i < decision->degraded_count; i++) {
        if (i > 0)
            oe__buffer_add_char(buffer, ',');
        oe__json_write_string(buffer, decision->degraded[i], strlen(decision->degraded[i]));
    }
    oe__buffer_add_text(buffer, "]}");
}

void oe__answer_write(oe__buffer *buffer, const oe_decision *decision)
{
    const oe__pieces *pieces = pieces_for(buffer, decision);
    if (pieces == NULL)
        return;
    size_t room = offers_max(pieces, decision) + pieces->lists_max + FIXED_MAX +
                  decision->customer_id_length;
    if (oe__buffer_reserve(buffer, room) == NULL)
        return;
    oe__buffer_add_text(buffer, "{\"customer_id\":");
    oe__json_write_string(buffer, decision->customer_id, decision->customer_id_length);
    char *at = oe__buffer_reserve(buffer, room); /* escapes may have used some */
    if (at == NULL)
        return;
    at = PUT(at, ",\"recommended_products\":[");
    for (size_t i = 0; i < decision->offer_count; i++)
        at = put_offer(at, pieces, decision, i);
    at = PUT(at, "],\"total_recommendations\":");
    at += oe__number_write((double)decision->offer_count, at);
    advance(buffer, put_end(at, pieces, decision));
    add_degraded(buffer, decision);
}

void oe__answer_write_end(oe__buffer *buffer, const oe_decision *decision)
{
    const oe__pieces *pieces = pieces_for(buffer, decision);
    char *at =
        pieces != NULL ? oe__buffer_reserve(buffer, pieces->lists_max + FIXED_MAX) : NULL;
    if (at == NULL)
        return;
    advance(buffer, put_end(at, pieces, decision));
    add_degraded(buffer, decision);
}

void oe__answer_reason(oe__buffer *buffer, const oe_decision *decision, const oe_offer *offer)
{
    const oe__pieces *pieces = pieces_for(buffer, decision);
    char *at =
        pieces != NULL ? oe__buffer_reserve(buffer, pieces->offer_max[offer->product]) : NULL;
    if (at == NULL)
        return;
    strengths found;
    find_strengths(pieces, decision->ruleset, offer, &found);
    advance(buffer, put_reason(at, pieces, decision, offer, &found));
}

size_t oe_decision_write(const oe_decision *decision, char *out, size_t capacity)
{
    oe__buffer buffer = {0};
    oe__answer_write(&buffer, decision);
    return oe__deliver(&buffer, out, capacity);
}
