/* answer_csv.c: a decision as rows of a CSV, with the numbers and words of its JSON. */
#include "codec/answer.h"
#include "codec/csv.h"
#include "codec/json.h"
#include "codec/number.h"
#include "engine/ruleset.h"

#include <string.h>

static void write_tenths(oe__buffer *buffer, double value)
{
    char digits[OE_NUMBER_TEXT_MAX];
    oe__buffer_add(buffer, digits, oe__number_write_tenths(value, digits));
    oe__buffer_add_char(buffer, ',');
}

static void write_text(oe__buffer *buffer, const char *text)
{
    oe__csv_write_field(buffer, text, strlen(text));
    oe__buffer_add_char(buffer, ',');
}

/* The reason comes as it stands in JSON; its text is never longer. */
static void write_reason(oe__buffer *buffer, oe__buffer *reason, const oe_decision *decision,
                         size_t rank)
{
    reason->length = 0;
    oe__answer_reason(reason, decision, &decision->offers[rank]);
    size_t length = reason->length;
    char *text = oe__buffer_reserve(reason, length + 1);
    if (text == NULL) {
        buffer->failed = true;
        return;
    }
    oe__csv_write_field(buffer, text, oe__json_unescape(reason->data, length, text, length));
}

void oe__answer_write_csv(oe__buffer *buffer, const oe_decision *decision)
{
    oe__buffer reason = {0};
    for (size_t i = 0; i < decision->offer_count; i++) {
        const oe_offer *offer = &decision->offers[i];
        const oe_product *product = oe__product(decision->ruleset, offer->product);
        char digits[OE_NUMBER_TEXT_MAX];
        oe__csv_write_field(buffer, decision->customer_id, decision->customer_id_length);
        oe__buffer_add_char(buffer, ',');
        oe__buffer_add(buffer, digits, oe__number_write((double)i + 1, digits));
        oe__buffer_add_char(buffer, ',');
        write_text(buffer, product->id);
        write_text(buffer, product->name);
        write_text(buffer, product->category);
        write_tenths(buffer, offer->confidence);
        write_tenths(buffer, offer->priority);
        write_reason(buffer, &reason, decision, i);
        oe__buffer_add_char(buffer, '\n');
    }
    oe__buffer_free(&reason);
}
