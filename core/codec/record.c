/* record.c: writing the record of a decision, on the hot path: room for what has a fixed bound
 * is reserved at once. record_read.c is its other half. */
#include "codec/record.h"

#include "codec/number.h"
#include "codec/varint.h"
#include "engine/decide.h"

#include <math.h>
#include <string.h>

static void add_number(oe__buffer *buffer, uint64_t value)
{
    char *at = oe__buffer_reserve(buffer, OE_VARINT_MAX);
    if (at != NULL)
        buffer->length += (size_t)(oe__varint_put(at, value) - at);
}

static void add_text(oe__buffer *buffer, const char *text, size_t length)
{
    add_number(buffer, length);
    oe__buffer_add(buffer, text, length);
}

static void add_head(oe__buffer *buffer, const oe__record *record)
{
    const oe_options *options = &record->options;
    int flags = (options->limit > 0 ? OE__RECORD_LIMIT : 0) |
                (options->category >= 0 ? OE__RECORD_CATEGORY : 0) |
                (record->channel != NULL ? OE__RECORD_CHANNEL : 0);
    oe__buffer_add(buffer, (const char *)record->id, sizeof record->id);
    add_number(buffer, OE__RECORD_VERSION);
    add_number(buffer, record->generation);
    add_number(buffer, oe__varint_fold(options->at_ms - oe__record_id_ms(record->id)));
    add_number(buffer, (uint64_t)flags);
    if (options->limit > 0)
        add_number(buffer, options->limit);
    if (options->category >= 0)
        add_number(buffer, (uint64_t)options->category);
    if (record->channel != NULL)
        add_text(buffer, record->channel, record->channel_length);
    add_text(buffer, record->customer_id, record->customer_id_length);
    oe__buffer_add(buffer, (const char *)record->digest, sizeof record->digest);
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

static void add_double(oe__buffer *buffer, double value)
{
    uint64_t bits = bits_of(value);
    char bytes[8];
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(unsigned char)(bits >> 8 * i & 0xff);
    add_number(buffer, OE__RECORD_DOUBLE);
    oe__buffer_add(buffer, bytes, sizeof bytes);
}

static void add_value(oe__buffer *buffer, double value)
{
    double hundredths = fabs(value) < 0x1p46 ? rint(value * 100) : 0;
    if (fabs(value) <= 0x1p53 && same_bits((double)(int64_t)value, value))
        add_number(buffer, oe__varint_fold((int64_t)value) << 2 | OE__RECORD_WHOLE);
    else if (same_bits(hundredths / 100, value))
        add_number(buffer, oe__varint_fold((int64_t)hundredths) << 2 | OE__RECORD_HUNDREDTHS);
    else
        add_double(buffer, value);
}

static bool is_recorded(const oe_profile *profile, size_t attribute)
{
    return !isnan(profile->values[attribute]) &&
           !oe__attribute(profile->ruleset, attribute)->derived;
}

static void add_values(oe__buffer *buffer, const oe_profile *profile)
{
    size_t count = profile->ruleset->declared.attributes.count, bytes = (count + 7) / 8;
    add_number(buffer, count);
    char *bits = oe__buffer_reserve(buffer, bytes);
    if (bits == NULL)
        return;
    memset(bits, 0, bytes);
    for (size_t i = 0; i < count; i++)
        if (is_recorded(profile, i))
            bits[i / 8] = (char)(bits[i / 8] | 1 << i % 8);
    buffer->length += bytes;
    for (size_t i = 0; i < count; i++) {
        size_t length = 0;
        if (!is_recorded(profile, i))
            continue;
        if (oe__attribute(profile->ruleset, i)->type != OE_TEXT) {
            add_value(buffer, profile->values[i]);
            continue;
        }
        const char *text = oe_profile_text(profile, i, &length);
        add_number(buffer, (uint64_t)length << 2 | OE__RECORD_TEXT);
        oe__buffer_add(buffer, text, length);
    }
}

/* ---- products ---- */

/* Over the bits of the set: there may be thousands of products and few of them owned. */
static size_t count_owned(const oe_profile *profile, bool known)
{
    size_t count = 0;
    for (size_t word = 0; word < profile->ruleset->word_count; word++)
        for (uint64_t left = profile->owned[word]; left != 0; left &= left - 1) {
            size_t number = word * 64 + (size_t)__builtin_ctzll(left);
            count += (profile->ruleset->product_of[number] >= 0) == known;
        }
    return count;
}

static void add_owned(oe__buffer *buffer, const oe_profile *profile, bool known)
{
    const oe_ruleset *ruleset = profile->ruleset;
    for (size_t word = 0; word < ruleset->word_count; word++)
        for (uint64_t left = profile->owned[word]; left != 0; left &= left - 1) {
            size_t number = word * 64 + (size_t)__builtin_ctzll(left);
            int32_t product = ruleset->product_of[number];
            if (known && product >= 0)
                add_number(buffer, (uint64_t)product);
            else if (!known && product < 0)
                add_text(buffer, ruleset->product_names[number].text,
                         ruleset->product_names[number].length);
        }
}

static void add_products(oe__buffer *buffer, const oe_profile *profile)
{
    oe__extra extra;
    const char *bytes;
    const oe__buffer *extras = &profile->extras;
    add_number(buffer, count_owned(profile, true));
    add_owned(buffer, profile, true);
    add_number(buffer, count_owned(profile, false) + profile->unknown_products);
    add_owned(buffer, profile, false);
    if (profile->unknown_products == 0)
        return;
    for (size_t offset = 0;
         oe__extra_next(extras->data, extras->length, &offset, &extra, &bytes);)
        if (extra.attribute == OE__UNKNOWN_PRODUCT)
            add_text(buffer, bytes, extra.length);
}

/* ---- what came of it ---- */

static void add_stopped(oe__buffer *buffer, const oe_decider *decider)
{
    size_t count = 0, functions = decider->ruleset->function_count;
    for (size_t i = 0; i < functions; i++)
        count += decider->stopped[i];
    add_number(buffer, count);
    for (size_t i = 0; i < functions && count > 0; i++)
        if (decider->stopped[i])
            add_number(buffer, i);
}

static void add_offers(oe__buffer *buffer, const oe_decision *decision)
{
    add_number(buffer, decision->offer_count);
    for (size_t i = 0; i < decision->offer_count; i++) {
        const oe_offer *offer = &decision->offers[i];
        uint64_t tenths = oe__number_tenths(offer->confidence);
        add_number(buffer, offer->product);
        add_number(buffer, tenths << 1 | offer->fallback);
    }
}

void oe__record_write(oe__buffer *buffer, const oe__record *record, const oe_profile *profile,
                      const oe_decider *decider)
{
    add_head(buffer, record);
    add_values(buffer, profile);
    add_products(buffer, profile);
    add_stopped(buffer, decider);
    add_offers(buffer, &decider->decision);
}
