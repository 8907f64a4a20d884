/* record.c: writing the record of a decision, on the hot path: room for what has a fixed bound
 * is reserved at once. record_read.c is its other half. */
#include "codec/record.h"

#include "codec/number.h"
#include "codec/varint.h"
#include "engine/decide.h"

#include <math.h>
#include <string.h>

enum {
    DOUBLE_SIZE = 8,
    HEAD_MAX = OE_RECORD_ID_SIZE + OE_RECORD_DIGEST_SIZE + 9 * OE_VARINT_MAX
};

/* ---- putting: the caller has reserved the room ---- */

static char *put_bytes(char *at, const void *bytes, size_t length)
{
    memcpy(at, bytes, length);
    return at + length;
}

static char *put_text(char *at, const char *text, size_t length)
{
    return put_bytes(oe__varint_put(at, length), text, length);
}

static unsigned flags_of(const oe__record *record)
{
    return (unsigned)(record->options.limit > 0 ? OE__RECORD_LIMIT : 0) |
           (unsigned)(record->options.category >= 0 ? OE__RECORD_CATEGORY : 0) |
           (unsigned)(record->channel != NULL ? OE__RECORD_CHANNEL : 0) |
           (unsigned)(record->campaign != NULL ? OE__RECORD_CAMPAIGN : 0) |
           (unsigned)(record->options.contacts != NULL ? OE__RECORD_CONTACTS : 0);
}

static char *put_head(char *at, const oe__record *record)
{
    const oe_options *options = &record->options;
    unsigned flags = flags_of(record);
    at = put_bytes(at, record->id, sizeof record->id);
    at = oe__varint_put(at, flags < OE__RECORD_CAMPAIGN ? OE__RECORD_BARE : OE__RECORD_VERSION);
    at = oe__varint_put(at, record->generation);
    at = oe__varint_put(at, oe__varint_fold(options->at_ms - oe__record_id_ms(record->id)));
    at = oe__varint_put(at, flags);
    if (options->limit > 0)
        at = oe__varint_put(at, options->limit);
    if (options->category >= 0)
        at = oe__varint_put(at, (uint64_t)options->category);
    if (record->channel != NULL)
        at = put_text(at, record->channel, record->channel_length);
    if (record->campaign != NULL)
        at = put_text(at, record->campaign, record->campaign_length);
    at = put_text(at, record->customer_id, record->customer_id_length);
    return put_bytes(at, record->digest, sizeof record->digest);
}

/* ---- values ---- */

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* Negative zero is not zero: the double must come back as it was. */
static bool same_bits(double a, double b)
{
    return bits_of(a) == bits_of(b);
}

static char *put_double(char *at, double value)
{
    uint64_t bits = bits_of(value);
    at = oe__varint_put(at, OE__RECORD_DOUBLE);
    for (unsigned i = 0; i < DOUBLE_SIZE; i++)
        *at++ = (char)(unsigned char)(bits >> 8 * i & 0xff);
    return at;
}

static char *put_value(char *at, double value)
{
    double hundredths = fabs(value) < 0x1p46 ? rint(value * 100) : 0;
    if (fabs(value) <= 0x1p53 && same_bits((double)(int64_t)value, value))
        return oe__varint_put(at, oe__varint_fold((int64_t)value) << 2 | OE__RECORD_WHOLE);
    if (same_bits(hundredths / 100, value))
        return oe__varint_put(at, oe__varint_fold((int64_t)hundredths) << 2 |
                                      OE__RECORD_HUNDREDTHS);
    return put_double(at, value);
}

static char *put_attribute(char *at, const oe_profile *profile, size_t attribute)
{
    size_t length = 0;
    if (oe__attribute(profile->ruleset, attribute)->type != OE_TEXT)
        return put_value(at, profile->values[attribute]);
    const char *text = oe_profile_text(profile, attribute, &length);
    at = oe__varint_put(at, (uint64_t)length << 2 | OE__RECORD_TEXT);
    return put_bytes(at, text, length);
}

static bool is_recorded(const oe_profile *profile, size_t attribute)
{
    return !isnan(profile->values[attribute]) &&
           !oe__attribute(profile->ruleset, attribute)->derived;
}

static char *put_values(char *at, const oe_profile *profile)
{
    size_t count = profile->ruleset->declared.attributes.count, bytes = (count + 7) / 8;
    at = oe__varint_put(at, count);
    char *bits = at;
    memset(bits, 0, bytes);
    at += bytes;
    for (size_t i = 0; i < count; i++) {
        if (!is_recorded(profile, i))
            continue;
        bits[i / 8] = (char)(bits[i / 8] | 1 << i % 8);
        at = put_attribute(at, profile, i);
    }
    return at;
}

static size_t values_max(const oe_profile *profile)
{
    size_t count = profile->ruleset->declared.attributes.count;
    return OE_VARINT_MAX + count / 8 + 1 + count * (OE_VARINT_MAX + DOUBLE_SIZE) +
           profile->extras.length;
}

/* ---- products ---- */

/* How many owned products the rules know (the others are in *unknown). Over the bits of the
 * set: there may be thousands of products and few of them owned. */
static size_t count_owned(const oe_profile *profile, size_t *unknown)
{
    size_t known = 0;
    *unknown = 0;
    for (size_t word = 0; word < profile->ruleset->word_count; word++)
        for (uint64_t left = profile->owned[word]; left != 0; left &= left - 1) {
            size_t number = word * 64 + (size_t)__builtin_ctzll(left);
            bool is_known = profile->ruleset->product_of[number] >= 0;
            known += is_known;
            *unknown += !is_known;
        }
    return known;
}

static char *put_owned(char *at, const oe_profile *profile)
{
    const oe_ruleset *ruleset = profile->ruleset;
    for (size_t word = 0; word < ruleset->word_count; word++)
        for (uint64_t left = profile->owned[word]; left != 0; left &= left - 1) {
            int32_t product = ruleset->product_of[word * 64 + (size_t)__builtin_ctzll(left)];
            if (product >= 0)
                at = oe__varint_put(at, (uint64_t)product);
        }
    return at;
}

static void add_text(oe__buffer *buffer, const char *text, size_t length)
{
    char *at = oe__buffer_reserve(buffer, OE_VARINT_MAX + length);
    if (at != NULL)
        buffer->length += (size_t)(put_text(at, text, length) - at);
}

/* Products that other rules know, then those that none does. */
static void add_unknown(oe__buffer *buffer, const oe_profile *profile)
{
    const oe_ruleset *ruleset = profile->ruleset;
    oe__extra extra;
    const char *bytes;
    for (size_t number = 0; number < ruleset->product_name_count; number++)
        if (ruleset->product_of[number] < 0 && oe__owns(profile->owned, (uint32_t)number))
            add_text(buffer, ruleset->product_names[number].text,
                     ruleset->product_names[number].length);
    const oe__buffer *extras = &profile->extras;
    for (size_t offset = 0;
         oe__extra_next(extras->data, extras->length, &offset, &extra, &bytes);)
        if (extra.attribute == OE__UNKNOWN_PRODUCT)
            add_text(buffer, bytes, extra.length);
}

static void add_products(oe__buffer *buffer, const oe_profile *profile)
{
    size_t unknown = 0, known = count_owned(profile, &unknown);
    char *at = oe__buffer_reserve(buffer, (known + 2) * OE_VARINT_MAX);
    if (at == NULL)
        return;
    at = put_owned(oe__varint_put(at, known), profile);
    at = oe__varint_put(at, unknown + profile->unknown_products);
    buffer->length = (size_t)(at - buffer->data);
    if (unknown + profile->unknown_products > 0)
        add_unknown(buffer, profile);
}

/* ---- what came of it ---- */

static char *put_stopped(char *at, const oe_decider *decider)
{
    size_t count = 0, functions = decider->ruleset->function_count;
    for (size_t i = 0; i < functions; i++)
        count += decider->stopped[i];
    at = oe__varint_put(at, count);
    for (size_t i = 0; i < functions && count > 0; i++)
        if (decider->stopped[i])
            at = oe__varint_put(at, i);
    return at;
}

/* How long before the clock; wraps, and so it does when it is read. */
static char *put_before(char *at, int64_t at_ms, int64_t then_ms)
{
    return oe__varint_put(at, oe__varint_fold((int64_t)((uint64_t)at_ms - (uint64_t)then_ms)));
}

static char *put_offers(char *at, const oe_decision *decision, const oe_options *options)
{
    at = oe__varint_put(at, decision->offer_count);
    for (size_t i = 0; i < decision->offer_count; i++) {
        const oe_offer *offer = &decision->offers[i];
        at = oe__varint_put(at, offer->product);
        at = oe__varint_put(at, oe__number_tenths(offer->confidence) << 1 | offer->fallback);
        if (options->contacts != NULL)
            at = put_before(at, options->at_ms, offer->unit_ms);
    }
    return at;
}

static char *put_allowance(char *at, const oe_allowance *allowance, int64_t at_ms)
{
    uint64_t policy = allowance->policy == OE_OPTED_OUT ? 0 : (uint64_t)allowance->policy + 1;
    uint64_t after = (uint64_t)allowance->until_ms - (uint64_t)at_ms;
    at = oe__varint_put(at, policy);
    at = oe__varint_put(at, (uint64_t)((int64_t)allowance->unit + 1));
    at = oe__varint_put(at, allowance->left);
    return oe__varint_put(
        at, allowance->until_ms == INT64_MAX ? 0 : oe__varint_fold((int64_t)after) + 1);
}

static void add_contacts(oe__buffer *buffer, const oe_contacts *contacts, int64_t at_ms)
{
    size_t numbers = 4 * contacts->allowance_count + 2 * contacts->held_count + 2;
    char *at = oe__buffer_reserve(buffer, numbers * OE_VARINT_MAX);
    if (at == NULL)
        return;
    at = oe__varint_put(at, contacts->allowance_count);
    for (size_t i = 0; i < contacts->allowance_count; i++)
        at = put_allowance(at, &contacts->allowances[i], at_ms);
    at = oe__varint_put(at, contacts->held_count);
    for (size_t i = 0; i < contacts->held_count; i++)
        at = put_before(oe__varint_put(at, contacts->held[i].product), at_ms,
                        contacts->held[i].unit_ms);
    buffer->length = (size_t)(at - buffer->data);
}

void oe__record_write(oe__buffer *buffer, const oe__record *record, const oe_profile *profile,
                      const oe_decider *decider)
{
    const oe_decision *decision = &decider->decision;
    char *at =
        oe__buffer_reserve(buffer, HEAD_MAX + record->channel_length + record->campaign_length +
                                       record->customer_id_length + values_max(profile));
    if (at == NULL)
        return;
    at = put_values(put_head(at, record), profile);
    buffer->length = (size_t)(at - buffer->data);
    add_products(buffer, profile);
    size_t numbers = decider->ruleset->function_count + 3 * decision->offer_count + 2;
    at = oe__buffer_reserve(buffer, numbers * OE_VARINT_MAX);
    if (at == NULL)
        return;
    at = put_offers(put_stopped(at, decider), decision, &record->options);
    buffer->length = (size_t)(at - buffer->data);
    if (record->options.contacts != NULL)
        add_contacts(buffer, record->options.contacts, record->options.at_ms);
}
