/* record_read.c: reading the record of a decision. Every length is checked before it is
 * believed: what comes from a database may be damaged. */
#include "codec/record.h"

#include "codec/varint.h"
#include "engine/profile.h"
#include "engine/status.h"

#include <string.h>

/* A journal's writer reads each record once: what takes its parts is made for each kind. */
#define INLINE static inline __attribute__((always_inline))

typedef struct input {
    const char *at, *end;
} input;

/* One attribute's value as it is written. */
typedef struct value {
    bool is_text;
    double number;
    const char *text;
    size_t length;
} value;

static oe_status fail(oe_error *error)
{
    return oe__fail(error, OE_E_CORRUPT, "journal: these bytes are no record of a decision");
}

static bool take_number(input *in, uint64_t *number)
{
    return oe__varint_get(&in->at, in->end, number);
}

static bool take_bytes(input *in, uint64_t length, const char **bytes)
{
    if (length > (uint64_t)(in->end - in->at))
        return false;
    *bytes = in->at;
    in->at += length;
    return true;
}

static bool take_text(input *in, const char **text, size_t *length)
{
    uint64_t bytes = 0;
    if (!take_number(in, &bytes) || !take_bytes(in, bytes, text))
        return false;
    *length = (size_t)bytes;
    return true;
}

static bool take_into(input *in, unsigned char *out, size_t length)
{
    const char *bytes = NULL;
    if (!take_bytes(in, length, &bytes))
        return false;
    memcpy(out, bytes, length);
    return true;
}

/* ---- the head ---- */

/* A name that the flags say is there. */
static bool take_name(input *in, bool is_there, const char **name, size_t *length)
{
    return !is_there || (take_text(in, name, length) && oe__text_is_id(*name, *length));
}

static bool take_options(input *in, oe__record *record, uint64_t version)
{
    uint64_t flags = 0, limit = 0, category = 0;
    if (!take_number(in, &flags) ||
        flags >= (version == OE__RECORD_BARE ? OE__RECORD_CAMPAIGN : 2 * OE__RECORD_CONTACTS))
        return false;
    if ((flags & OE__RECORD_LIMIT) != 0 &&
        (!take_number(in, &limit) || limit == 0 || limit > UINT32_MAX))
        return false;
    if ((flags & OE__RECORD_CATEGORY) != 0 &&
        (!take_number(in, &category) || category > INT32_MAX))
        return false;
    record->options.limit = (uint32_t)limit;
    record->options.category = (flags & OE__RECORD_CATEGORY) != 0 ? (int32_t)category : -1;
    record->has_contacts = (flags & OE__RECORD_CONTACTS) != 0;
    return take_name(in, (flags & OE__RECORD_CHANNEL) != 0, &record->channel,
                     &record->channel_length) &&
           take_name(in, (flags & OE__RECORD_CAMPAIGN) != 0, &record->campaign,
                     &record->campaign_length);
}

static bool take_head(input *in, oe__record *record)
{
    uint64_t version = 0, behind = 0;
    *record = (oe__record){.channel = NULL};
    if (!take_into(in, record->id, sizeof record->id) || !take_number(in, &version) ||
        version < OE__RECORD_BARE || version > OE__RECORD_VERSION ||
        !take_number(in, &record->generation) || !take_number(in, &behind) ||
        !take_options(in, record, version))
        return false;
    /* Wraps as it did when it was written. */
    record->options.at_ms =
        (int64_t)((uint64_t)oe__record_id_ms(record->id) + (uint64_t)oe__varint_unfold(behind));
    return take_text(in, &record->customer_id, &record->customer_id_length) &&
           oe__text_is_id(record->customer_id, record->customer_id_length) &&
           take_into(in, record->digest, sizeof record->digest);
}

oe_status oe__record_read_head(const char *bytes, size_t length, oe__record *record,
                               size_t *used, oe_error *error)
{
    input in = {bytes, bytes + length};
    if (!take_head(&in, record))
        return fail(error);
    *used = (size_t)(in.at - bytes);
    return OE_OK;
}

/* ---- the parts ---- */

static double read_double(const char *bytes)
{
    uint64_t bits = 0;
    double number;
    for (unsigned i = 0; i < 8; i++)
        bits |= (uint64_t)(unsigned char)bytes[i] << 8 * i;
    memcpy(&number, &bits, sizeof number);
    return number;
}

INLINE bool take_value(input *in, value *taken)
{
    uint64_t tagged = 0;
    if (!take_number(in, &tagged))
        return false;
    *taken = (value){.is_text = (tagged & 3) == OE__RECORD_TEXT};
    switch (tagged & 3) {
    case OE__RECORD_WHOLE:
        taken->number = (double)oe__varint_unfold(tagged >> 2);
        return true;
    case OE__RECORD_HUNDREDTHS:
        taken->number = (double)oe__varint_unfold(tagged >> 2) / 100;
        return true;
    case OE__RECORD_DOUBLE:
        if (tagged != OE__RECORD_DOUBLE || !take_bytes(in, 8, &taken->text))
            return false;
        taken->number = read_double(taken->text);
        return true;
    default:
        taken->length = (size_t)(tagged >> 2);
        return taken->length <= OE_TEXT_MAX && take_bytes(in, taken->length, &taken->text) &&
               oe__text_is_utf8(taken->text, taken->length);
    }
}

static bool is_on_file(const oe__record *record, size_t attribute)
{
    return ((unsigned char)record->on_file[attribute / 8] >> attribute % 8 & 1) != 0;
}

static bool take_values(input *in, oe__record *record)
{
    uint64_t count = 0;
    value taken;
    if (!take_number(in, &count) || count > (uint64_t)(in->end - in->at) * 8 ||
        !take_bytes(in, (count + 7) / 8, &record->on_file))
        return false;
    record->attributes = (oe__record_part){.at = in->at, .count = (size_t)count};
    for (size_t i = 0; i < (count + 7) / 8 * 8; i++)
        if (is_on_file(record, i) && (i >= count || !take_value(in, &taken)))
            return false;
    record->attributes.end = in->at;
    return true;
}

typedef bool (*item_taker)(input *in);

INLINE bool take_any_number(input *in)
{
    uint64_t number = 0;
    return take_number(in, &number);
}

static bool take_any_id(input *in)
{
    const char *text = NULL;
    size_t length = 0;
    return take_text(in, &text, &length) && oe__text_is_id(text, length);
}

INLINE bool take_any_offer(input *in)
{
    uint64_t tenths = 0;
    return take_any_number(in) && take_number(in, &tenths) && tenths >> 1 <= 1000;
}

static bool take_any_unit(input *in)
{
    return take_any_offer(in) && take_any_number(in);
}

static bool take_any_allowance(input *in)
{
    uint64_t policy = 0, unit = 0, left = 0;
    return take_number(in, &policy) && take_number(in, &unit) && take_number(in, &left) &&
           policy < UINT32_MAX && unit <= INT32_MAX && left <= UINT32_MAX &&
           take_any_number(in);
}

static bool take_any_held(input *in)
{
    uint64_t product = 0;
    return take_number(in, &product) && product <= UINT32_MAX && take_any_number(in);
}

INLINE bool take_part(input *in, oe__record_part *part, item_taker take)
{
    uint64_t count = 0;
    if (!take_number(in, &count) || count > (uint64_t)(in->end - in->at))
        return false;
    *part = (oe__record_part){.at = in->at, .count = (size_t)count};
    for (uint64_t i = 0; i < count; i++)
        if (!take(in))
            return false;
    part->end = in->at;
    return true;
}

static bool take_offers(input *in, oe__record *record)
{
    return record->has_contacts ? take_part(in, &record->offers, take_any_unit)
                                : take_part(in, &record->offers, take_any_offer);
}

static bool take_contacts(input *in, oe__record *record)
{
    return !record->has_contacts || (take_part(in, &record->allowances, take_any_allowance) &&
                                     take_part(in, &record->held, take_any_held));
}

oe_status oe__record_read(const char *bytes, size_t length, oe__record *record, oe_error *error)
{
    input in = {bytes, bytes + length};
    bool is_whole = take_head(&in, record) && take_values(&in, record) &&
                    take_part(&in, &record->owned, take_any_number) &&
                    take_part(&in, &record->unknown, take_any_id) &&
                    take_part(&in, &record->stopped, take_any_number) &&
                    take_offers(&in, record) && take_contacts(&in, record) && in.at == in.end;
    record->offers.has_units = record->has_contacts;
    record->offers.at_ms = record->options.at_ms;
    return is_whole ? OE_OK : fail(error);
}

/* ---- with the rules ---- */

static oe_status fail_rules(oe_error *error)
{
    return oe__fail(error, OE_E_CONFLICT,
                    "journal: the record does not fit the rules of its generation");
}

/* `status` of setting something that was once lawful. */
static oe_status judge(oe_status status, oe_error *error)
{
    return status == OE_OK || status == OE_E_MEMORY ? status : fail_rules(error);
}

static oe_status set_values(const oe__record *record, oe_profile *profile, oe_error *error)
{
    input in = {record->attributes.at, record->attributes.end};
    value taken;
    if (record->attributes.count != oe_ruleset_count(profile->ruleset, OE_ATTRIBUTES))
        return fail_rules(error);
    for (size_t i = 0; i < record->attributes.count; i++) {
        if (!is_on_file(record, i))
            continue;
        if (!take_value(&in, &taken))
            return fail(error);
        oe_status status =
            taken.is_text ? oe_profile_set_text(profile, i, taken.text, taken.length, error)
                          : oe_profile_set_number(profile, i, taken.number, error);
        if (status != OE_OK)
            return judge(status, error);
    }
    return OE_OK;
}

static oe_status own_known(const oe__record *record, oe_profile *profile, oe_error *error)
{
    input in = {record->owned.at, record->owned.end};
    for (size_t i = 0; i < record->owned.count; i++) {
        uint64_t product = 0;
        if (!take_number(&in, &product) ||
            product >= oe_ruleset_count(profile->ruleset, OE_PRODUCTS))
            return fail_rules(error);
        const char *id = oe_ruleset_product(profile->ruleset, (size_t)product)->id;
        oe_status status = oe_profile_own(profile, id, strlen(id), NULL, error);
        if (status != OE_OK)
            return judge(status, error);
    }
    return OE_OK;
}

static oe_status own_unknown(const oe__record *record, oe_profile *profile, oe_error *error)
{
    input in = {record->unknown.at, record->unknown.end};
    for (size_t i = 0; i < record->unknown.count; i++) {
        const char *id = NULL;
        size_t length = 0;
        if (!take_text(&in, &id, &length))
            return fail(error);
        oe_status status = oe_profile_own(profile, id, length, NULL, error);
        if (status != OE_OK)
            return judge(status, error);
    }
    return OE_OK;
}

oe_status oe__record_profile(const oe__record *record, oe_profile *profile, oe_error *error)
{
    oe_profile_clear(profile);
    oe_status status =
        oe_profile_set_id(profile, record->customer_id, record->customer_id_length, error);
    if (status == OE_OK)
        status = set_values(record, profile, error);
    if (status == OE_OK)
        status = own_known(record, profile, error);
    if (status == OE_OK)
        status = own_unknown(record, profile, error);
    return status;
}

/* Of a part that was looked through: nothing is missing. */
static uint64_t take_sure(input *in)
{
    uint64_t number = 0;
    (void)take_number(in, &number);
    return number;
}

static int64_t take_before(input *in, int64_t at_ms)
{
    return (int64_t)((uint64_t)at_ms - (uint64_t)oe__varint_unfold(take_sure(in)));
}

bool oe__record_next_offer(oe__record_part *part, oe__record_offer *offer)
{
    input in = {part->at, part->end};
    uint64_t tenths = 0;
    if (part->count == 0 || !take_number(&in, &offer->product) || !take_number(&in, &tenths))
        return false;
    offer->tenths = (uint32_t)(tenths >> 1);
    offer->fallback = (tenths & 1) != 0;
    offer->unit_ms = part->has_units ? take_before(&in, part->at_ms) : 0;
    part->at = in.at;
    part->count--;
    return true;
}

static oe_allowance read_allowance(input *in, int64_t at_ms)
{
    uint64_t policy = take_sure(in);
    oe_allowance read = {.policy = policy == 0 ? OE_OPTED_OUT : (uint32_t)(policy - 1)};
    read.unit = (int32_t)take_sure(in) - 1;
    read.left = (uint32_t)take_sure(in);
    uint64_t after = take_sure(in);
    read.until_ms = after == 0
                        ? INT64_MAX
                        : (int64_t)((uint64_t)at_ms + (uint64_t)oe__varint_unfold(after - 1));
    return read;
}

void oe__record_contacts(const oe__record *record, oe_allowance *allowances, oe_held *held,
                         oe_contacts *contacts)
{
    input in = {record->allowances.at, record->allowances.end};
    for (size_t i = 0; i < record->allowances.count; i++)
        allowances[i] = read_allowance(&in, record->options.at_ms);
    in = (input){record->held.at, record->held.end};
    for (size_t i = 0; i < record->held.count; i++) {
        held[i].product = (uint32_t)take_sure(&in);
        held[i].unit_ms = take_before(&in, record->options.at_ms);
    }
    *contacts =
        (oe_contacts){.channel = oe_contact_name(record->channel, record->channel_length),
                      .campaign = oe_contact_name(record->campaign, record->campaign_length),
                      .allowances = allowances,
                      .allowance_count = record->allowances.count,
                      .held = held,
                      .held_count = record->held.count};
}

oe_status oe__record_stopped(const oe__record *record, bool *stopped, size_t count,
                             oe_error *error)
{
    input in = {record->stopped.at, record->stopped.end};
    memset(stopped, 0, count * sizeof *stopped);
    for (size_t i = 0; i < record->stopped.count; i++) {
        uint64_t function = 0;
        if (!take_number(&in, &function) || function >= count)
            return fail_rules(error);
        stopped[function] = true;
    }
    return OE_OK;
}
