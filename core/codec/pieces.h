/* pieces.h: what every answer under one ruleset says alike, escaped and joined once. Kept with
 * the ruleset. */
#ifndef OE_CODEC_PIECES_H
#define OE_CODEC_PIECES_H

#include "engine/ruleset.h"

typedef struct oe__piece {
    uint32_t start, length; /* of pieces->text */
} oe__piece;

typedef struct oe__pieces {
    oe__arena arena;
    oe__buffer text;
    /* By product: {"product_name":"…","category":"…","reason":" ; the reason without quotes;
     * ,"product_id":"…","reasons":[ ; the most bytes that an offer takes without its reasons.
     */
    oe__piece *heads, *reasons, *tails;
    size_t *offer_max;
    oe__piece **messages; /* by product and part of its message: the part's text */
    oe__piece **
        *campaign_messages; /* by campaign, the same; NULL: it has no words of its own */
    oe__piece *campaigns;   /* ],"campaign":"…" */
    /* By product, the source of each grant: a segment's number, or the number of segments plus
     * that of the rule. */
    uint32_t **grant_sources;
    /* ,{"code":"…","points": and as it stands in a sentence */
    oe__piece *source_codes, *source_labels;
    oe__piece *dimension_codes, *dimension_labels;
    size_t reason_max; /* the most bytes of one of the reasons */
    /* ,"…" */
    oe__piece *segments, *categories;
    /* By ladder and step, from 0 on: ,{"ladder":"…","step":1,"of":3,"next":"…"} */
    oe__piece **ladders;
    /* By derivation and value that is drawn: ,{"experiment":"…","arm":"…"}; NULL: no lot, or it
     * draws no texts. */
    oe__piece **arms;
    bool has_experiments;
    size_t lists_max; /* the most bytes behind the offers */
    oe__piece end;    /* ],"ruleset":"…"} */
} oe__pieces;

/* The text as it stands inside a JSON string, kept with the pieces. */
oe__piece oe__piece_of(oe__pieces *pieces, const char *text);

/* Made on first use, by whichever thread comes first. NULL: out of memory. */
const oe__pieces *oe__pieces_of(const oe_ruleset *ruleset);

static inline const char *oe__piece_text(const oe__pieces *pieces, oe__piece piece)
{
    return pieces->text.data + piece.start;
}

#endif
