/* answer.h: decisions and explanations as text. An adjustment that no rule gives
 * to its product is left out. */
#ifndef OE_CODEC_ANSWER_H
#define OE_CODEC_ANSWER_H

#include "engine/text.h"
#include "offerengine.h"

enum { OE_REASONS_MAX = 64 }; /* of one offer, the largest */

/* Appends what oe_decision_write writes: {"customer_id", "recommended_products":
 * [{"product_name", "category", "reason", "confidence_score", "product_id", "reasons":
 * [{"code", "points"}], "message" where the product has one that is true, "priority" where it
 * is not the confidence, "fallback" where true}], "total_recommendations", "segments",
 * "portfolio_gaps", "ladders" where the rules have some:
 * [{"ladder", "step", "of", "next"}], "ruleset"}. Scores and points in tenths. Reasons are the
 * contributions and adjustments that are not shown as 0.0, largest first, whether they gave or
 * took. */
void oe__answer_write(oe__buffer *buffer, const oe_decision *decision);

/* Appends one offer's reason as it stands inside a JSON string: the product's own where it
 * holds, else a sentence of what gave most. */
void oe__answer_reason(oe__buffer *buffer, const oe_decision *decision, const oe_offer *offer);

/* Appends a row per offer as columns of OE_ANSWER_CSV_HEADER, the priority always. */
#define OE_ANSWER_CSV_HEADER                                                                   \
    "customer_id,rank,product_id,product_name,category,confidence_score,priority,reason\n"
void oe__answer_write_csv(oe__buffer *buffer, const oe_decision *decision);

/* Appends what oe_explanation_write writes, of one product or (-1) of all in catalogue order:
 * {"customer_id", "products": [...], "segments", "portfolio_gaps", "ladders" where the rules
 * have some:
 * [{"ladder", "step", "of", "next"}], "ruleset"}. */
void oe__explanation_write(oe__buffer *buffer, oe_decider *decider, const oe_profile *profile,
                           const oe_options *options, int32_t product);

/* Appends "segments", "portfolio_gaps", "ladders" and "ruleset" with the bracket that ends an
 * answer. */
void oe__answer_write_end(oe__buffer *buffer, const oe_decision *decision);

#endif
