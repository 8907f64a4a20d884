/* message.c: joins an offer's message on the hot path. */
#include "codec/message.h"

#include "codec/json.h"
#include "codec/number.h"
#include "engine/campaign.h"
#include "engine/derive.h"
#include "engine/message.h"

#include <math.h>
#include <string.h>

enum { ESCAPED_MAX = 6, FIXED_MAX = 16 };

/* ---- amounts ---- */

/* Digits with a comma before every third; what stands behind them follows as it is. */
static char *put_grouped(char *at, const char *text, size_t length)
{
    size_t digits = 0;
    while (digits < length && text[digits] >= '0' && text[digits] <= '9')
        digits++;
    bool grouped = memchr(text, 'e', length) == NULL;
    for (size_t i = 0; i < digits; i++) {
        if (grouped && i > 0 && (digits - i) % 3 == 0)
            *at++ = ',';
        *at++ = text[i];
    }
    memcpy(at, text + digits, length - digits);
    return at + (length - digits);
}

static double rounded(double value, int kind)
{
    if (kind == OE__MESSAGE_INTEGER)
        return round(value);
    if (kind == OE__MESSAGE_MONEY && fabs(value) < 1e13)
        return round(value * 100) / 100;
    return value;
}

static size_t write_digits(double magnitude, int kind, char text[OE_NUMBER_TEXT_MAX])
{
    if (kind != OE__MESSAGE_PERCENT) {
        size_t length = oe__number_write(magnitude, text);
        if (kind == OE__MESSAGE_MONEY && length > 2 && text[length - 2] == '.')
            text[length++] = '0';
        return length;
    }
    size_t length = oe__number_write_tenths(magnitude * 100, text);
    if (length > 2 && text[length - 2] == '.' && text[length - 1] == '0')
        length -= 2;
    text[length++] = '%';
    return length;
}

size_t oe__amount_write(double value, int kind, const char *currency,
                        char out[OE_AMOUNT_TEXT_MAX])
{
    char text[OE_NUMBER_TEXT_MAX + 1];
    char *at = out;
    double shown = rounded(value, kind);
    size_t length = write_digits(fabs(shown), kind, text);
    if (kind == OE__MESSAGE_MONEY && currency != NULL) {
        size_t letters = strnlen(currency, 3);
        memcpy(at, currency, letters);
        at += letters;
        *at++ = ' ';
    }
    if (shown < 0 && !(length <= 2 && text[0] == '0'))
        *at++ = '-';
    return (size_t)(put_grouped(at, text, length) - out);
}

/* ---- joining ---- */

static const char *words_of(const oe_ruleset *ruleset, size_t product,
                            const oe__message_part *part)
{
    switch (part->kind) {
    case OE__MESSAGE_WORDS:
        return part->words;
    case OE__MESSAGE_NAME:
        return oe__product(ruleset, product)->name;
    case OE__MESSAGE_CATEGORY:
        return oe__category(ruleset, ruleset->compiled[product].category)->name;
    default:
        return "";
    }
}

size_t oe__message_join(oe__pieces *pieces, const oe_ruleset *ruleset, size_t product,
                        const oe__message *message, oe__piece *words)
{
    size_t most = message->count > 0 ? FIXED_MAX : 0;
    for (size_t i = 0; i < message->count; i++) {
        const oe__message_part *part = &message->parts[i];
        words[i] = oe__piece_of(pieces, words_of(ruleset, product, part));
        most += words[i].length;
        most += part->kind == OE__MESSAGE_CUSTOMER ? ESCAPED_MAX * OE_ID_MAX
                : part->kind == OE__MESSAGE_TEXT   ? ESCAPED_MAX * OE_TEXT_MAX
                                                   : OE_AMOUNT_TEXT_MAX;
    }
    return most;
}

size_t oe__message_said_max(void)
{
    return FIXED_MAX + ESCAPED_MAX * OE_MESSAGE_MAX;
}

/* ---- putting ---- */

static char *put_text(char *at, const oe_ruleset *ruleset, const oe__subject *subject,
                      uint32_t attribute)
{
    uint16_t number = (uint16_t)ruleset->attribute_numbers[attribute];
    oe__extra extra;
    const char *bytes;
    for (size_t offset = 0;
         oe__extra_next(subject->extras, subject->extras_length, &offset, &extra, &bytes);)
        if (extra.attribute == number)
            return oe__json_put_inside(at, bytes, extra.length);
    size_t length = 0;
    bytes = oe__derived_text(ruleset, attribute, subject->values[attribute], &length);
    return bytes != NULL ? oe__json_put_inside(at, bytes, length) : at;
}

static char *put_flag(char *at, bool value)
{
    size_t length = value ? 3 : 2;
    memcpy(at, value ? "yes" : "no", length);
    return at + length;
}

static bool is_on_file(const oe__subject *subject, const oe__message_part *part)
{
    return part->kind < OE__MESSAGE_MONEY || !isnan(subject->values[part->attribute]);
}

/* Whether each dimension that its words name earned at least half its weight. */
static bool is_true(const oe__message *message, const oe_offer *offer)
{
    for (size_t i = 0; i < offer->contribution_count; i++)
        if ((message->terms >> i & 1U) && !(offer->contributions[i].subscore >= 0.5))
            return false;
    return true;
}

static bool can_be_said(const oe_decision *decision, const oe_offer *offer,
                        const oe__message *message)
{
    if (message->count == 0 || decision->subject == NULL || !is_true(message, offer))
        return false;
    for (size_t i = 0; i < message->count; i++)
        if (!is_on_file(decision->subject, &message->parts[i]))
            return false;
    return true;
}

static char *put_part(char *at, const oe_decision *decision, const oe_offer *offer,
                      const oe__message_part *part)
{
    const oe__subject *subject = decision->subject;
    switch (part->kind) {
    case OE__MESSAGE_WORDS:
    case OE__MESSAGE_NAME:
    case OE__MESSAGE_CATEGORY:
        return at; /* joined already */
    case OE__MESSAGE_CUSTOMER:
        return oe__json_put_inside(at, decision->customer_id, decision->customer_id_length);
    case OE__MESSAGE_CONFIDENCE:
        return at + oe__number_write_tenths(offer->confidence, at);
    case OE__MESSAGE_TEXT:
        return put_text(at, decision->ruleset, subject, part->attribute);
    case OE__MESSAGE_FLAG:
        return put_flag(at, subject->values[part->attribute] != 0);
    default:
        return at + oe__amount_write(subject->values[part->attribute], (int)part->kind,
                                     decision->ruleset->declared.currency, at);
    }
}

static const oe__piece *message_words(const oe__pieces *pieces, const oe_decision *decision,
                                      size_t product)
{
    oe__piece *const *own =
        decision->campaign != 0 ? pieces->campaign_messages[decision->campaign - 1] : NULL;
    return own != NULL ? own[product] : pieces->messages[product];
}

char *oe__message_put(char *at, const oe__pieces *pieces, const oe_decision *decision,
                      const oe_offer *offer)
{
    static const char head[] = ",\"message\":\"";
    const oe__message *message = oe__campaign_message(decision, offer->product);
    if (offer->message == NULL && !can_be_said(decision, offer, message))
        return at;
    memcpy(at, head, sizeof head - 1);
    at += sizeof head - 1;
    if (offer->message != NULL)
        at = oe__json_put_inside(at, offer->message, offer->message_length);
    const oe__piece *words = message_words(pieces, decision, offer->product);
    for (size_t i = 0; i < message->count; i++) {
        memcpy(at, oe__piece_text(pieces, words[i]), words[i].length);
        at = put_part(at + words[i].length, decision, offer, &message->parts[i]);
    }
    *at++ = '"';
    return at;
}
