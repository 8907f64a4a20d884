/* profile_read.c: JSON to a profile, in one pass and with every fault. */
#include "codec/fault.h"
#include "codec/json.h"
#include "codec/profile.h"
#include "engine/profile.h"
#include "engine/status.h"

#include <math.h>
#include <string.h>

enum { ATTRIBUTES_MAX = 65536, WORD_BITS = 64 };

/* Working memory, too large to clear for every body. */
typedef struct room {
    oe__json_reader json;
    char text[OE_TEXT_MAX + 1];                /* unescaped; one more byte than is lawful */
    uint64_t seen[ATTRIBUTES_MAX / WORD_BITS]; /* members that came, by attribute */
} room;

typedef struct reading {
    oe_profile *profile;
    oe_read_report *report;
    oe_error *error;
    oe_status status; /* what ended reading early: the text's own failure, or memory */
    bool is_patch;
    bool has_id;
    oe__json_token token;
    room *room;
} reading;

static const oe__place whole = {NULL, -1};

/* A number that no double holds stops the JSON reader, but it is a fault of its member. */
static void stop(reading *self, oe__place place, oe_status status)
{
    self->status = status;
    if (status == OE_E_INVALID)
        oe__fault_add(self->report, place, "finite_number", "must be a finite number");
}

static bool next(reading *self, oe__place place)
{
    oe_status status = oe__json_next(&self->room->json, &self->token, self->error);
    if (status != OE_OK)
        stop(self, place, status);
    return status == OE_OK;
}

static bool skip(reading *self, oe__place place)
{
    oe_status status = oe__json_skip(&self->room->json, &self->token, self->error);
    if (status != OE_OK)
        stop(self, place, status);
    return status == OE_OK;
}

static bool out_of_memory(reading *self)
{
    self->status = oe__fail(self->error, OE_E_MEMORY, "profile: out of memory");
    return false;
}

/* The text of the token at hand, and its length; what is beyond the longest lawful text is cut
 * off, but counted. */
static const char *token_text(reading *self, size_t *length)
{
    const oe__json_token *token = &self->token;
    *length = token->length;
    if (!token->escaped)
        return token->bytes;
    *length = oe__json_unescape(token->bytes, token->length, self->room->text,
                                sizeof self->room->text);
    return self->room->text;
}

static oe__filling fill_at(const reading *self, oe__place place)
{
    return (oe__filling){self->profile, self->report, place};
}

static bool refuse(reading *self, oe__place place, oe_type wanted)
{
    const char *message, *type = oe__type_fault(wanted, &message);
    oe__fault_add(self->report, place, type, message);
    return skip(self, place);
}

/* ---- owned products ---- */

static void disown_all(oe_profile *profile)
{
    oe__buffer *extras = &profile->extras;
    oe__extra extra;
    const char *bytes;
    size_t kept = 0, start = 0;
    for (size_t offset = 0;
         oe__extra_next(extras->data, extras->length, &offset, &extra, &bytes);
         start = offset) {
        if (extra.attribute == OE__UNKNOWN_PRODUCT)
            continue;
        memmove(extras->data + kept, extras->data + start, offset - start);
        kept += offset - start;
    }
    extras->length = kept;
    memset(profile->owned, 0, profile->ruleset->word_count * sizeof *profile->owned);
    profile->unknown_products = 0;
}

static bool read_product(reading *self, oe__place place)
{
    if (place.entry == OE_PRODUCTS_OWNED_MAX)
        oe__fault_add(self->report, (oe__place){place.member, -1}, "too_long",
                      "must have at most 1024 entries");
    if (place.entry >= OE_PRODUCTS_OWNED_MAX)
        return skip(self, place);
    if (self->token.type != OE_JSON_STRING)
        return refuse(self, place, OE_TEXT);
    size_t length;
    const char *id = token_text(self, &length);
    oe__filling filling = fill_at(self, place);
    return oe__fill_product(&filling, id, length) || out_of_memory(self);
}

static bool read_products(reading *self, oe__place place)
{
    if (self->token.type != OE_JSON_ARRAY)
        return refuse(self, place, OE_PRODUCT_SET);
    disown_all(self->profile);
    oe__place entry = {place.member, 0};
    while (next(self, entry)) {
        if (self->token.type == OE_JSON_ARRAY_END)
            return true;
        if (!read_product(self, entry))
            return false;
        entry.entry++;
    }
    return false;
}

/* ---- members ---- */

static bool read_null(reading *self, size_t attribute, oe__place place)
{
    const oe_attribute *declared = oe__attribute(self->profile->ruleset, attribute);
    if (!declared->nullable && !declared->optional)
        return refuse(self, place, declared->type);
    if (declared->type == OE_PRODUCT_SET)
        disown_all(self->profile);
    else
        oe_profile_set_unknown(self->profile, attribute);
    return true;
}

static bool read_text(reading *self, size_t attribute, oe__place place)
{
    if (self->token.type != OE_JSON_STRING)
        return refuse(self, place, OE_TEXT);
    size_t length;
    const char *text = token_text(self, &length);
    oe__filling filling = fill_at(self, place);
    return oe__fill_text(&filling, attribute, text, length) || out_of_memory(self);
}

static bool read_flag(reading *self, size_t attribute, oe__place place)
{
    oe__json_type type = self->token.type;
    if (type != OE_JSON_TRUE && type != OE_JSON_FALSE)
        return refuse(self, place, OE_FLAG);
    self->profile->values[attribute] = type == OE_JSON_TRUE;
    return true;
}

static bool read_value(reading *self, size_t attribute, oe__place place)
{
    oe_type type = oe__attribute(self->profile->ruleset, attribute)->type;
    if (self->token.type == OE_JSON_NULL)
        return read_null(self, attribute, place);
    if (type == OE_PRODUCT_SET)
        return read_products(self, place);
    if (type == OE_TEXT)
        return read_text(self, attribute, place);
    if (type == OE_FLAG)
        return read_flag(self, attribute, place);
    if (self->token.type != OE_JSON_NUMBER)
        return refuse(self, place, type);
    oe__filling filling = fill_at(self, place);
    oe__fill_number(&filling, attribute, self->token.number);
    return true;
}

static bool read_id(reading *self)
{
    const oe__place place = {"customer_id", -1};
    self->has_id = true;
    if (!next(self, place))
        return false;
    if (self->token.type != OE_JSON_STRING)
        return refuse(self, place, OE_TEXT);
    size_t length;
    const char *id = token_text(self, &length);
    oe__filling filling = fill_at(self, place);
    if (!self->is_patch)
        oe__fill_id(&filling, id, length);
    else if (oe__text_compare(id, length, self->profile->id, self->profile->id_length) != 0)
        oe__fault_add(self->report, place, "value_error", "must be the customer's own");
    return true;
}

static bool read_member(reading *self)
{
    static const char id_name[] = "customer_id";
    size_t length;
    const char *name = token_text(self, &length);
    if (length == sizeof id_name - 1 && memcmp(name, id_name, length) == 0)
        return read_id(self);
    const oe_ruleset *ruleset = self->profile->ruleset;
    int32_t attribute =
        length <= OE_TEXT_MAX ? oe__profile_attribute(ruleset, name, length) : OE__NO_NAME;
    if (attribute < 0) {
        self->report->undeclared++;
        return skip(self, whole);
    }
    self->room->seen[attribute / WORD_BITS] |= UINT64_C(1) << attribute % WORD_BITS;
    oe__place place = {oe__attribute(ruleset, (size_t)attribute)->name, -1};
    return next(self, place) && read_value(self, (size_t)attribute, place);
}

static bool read_members(reading *self)
{
    while (next(self, whole)) {
        if (self->token.type == OE_JSON_OBJECT_END)
            return next(self, whole); /* nothing may follow */
        if (!read_member(self))
            return false;
    }
    return false;
}

/* ---- the whole ---- */

static bool is_missing(const reading *self, size_t attribute)
{
    const oe_attribute *declared = oe__attribute(self->profile->ruleset, attribute);
    if (!oe__is_needed(declared) ||
        (self->room->seen[attribute / WORD_BITS] >> attribute % WORD_BITS & 1U))
        return false;
    if (!self->is_patch)
        return true;
    return !declared->nullable && declared->type != OE_PRODUCT_SET &&
           isnan(self->profile->values[attribute]);
}

static void report_missing(reading *self)
{
    const oe_ruleset *ruleset = self->profile->ruleset;
    static const char message[] = "is missing";
    if (!self->has_id && !self->is_patch)
        oe__fault_add(self->report, (oe__place){"customer_id", -1}, "missing", message);
    for (size_t i = 0; i < ruleset->declared.attributes.count; i++)
        if (is_missing(self, i))
            oe__fault_add(self->report, (oe__place){oe__attribute(ruleset, i)->name, -1},
                          "missing", message);
}

static bool read_whole(reading *self)
{
    if (!next(self, whole))
        return false;
    if (self->token.type == OE_JSON_OBJECT) {
        if (!read_members(self))
            return false;
        report_missing(self);
        return true;
    }
    oe__fault_add(self->report, whole, "dict_type", "must be an object");
    return skip(self, whole) && next(self, whole);
}

static oe_status read_profile(reading *self, const char *json, size_t length)
{
    size_t count = self->profile->ruleset->declared.attributes.count;
    oe__report_begin(self->report);
    if (count > ATTRIBUTES_MAX)
        return oe__fail(self->error, OE_E_LIMIT, "profile: the schema has over %d attributes",
                        (int)ATTRIBUTES_MAX);
    memset(self->room->seen, 0, (count + WORD_BITS - 1) / WORD_BITS * sizeof *self->room->seen);
    oe__json_reader_begin(&self->room->json, json, length);
    if (read_whole(self) || self->status == OE_E_INVALID)
        return oe__fault_status(self->report, self->error);
    oe__report_begin(self->report);
    return self->status;
}

static oe_status begin(oe_profile *profile, const char *json, size_t length,
                       oe_read_report *report, oe_error *error)
{
    room working;
    reading self = {.profile = profile,
                    .report = report,
                    .error = error,
                    .is_patch = profile->id_length > 0,
                    .room = &working};
    return read_profile(&self, json, length);
}

oe_status oe_profile_read(oe_profile *profile, const char *json, size_t length,
                          oe_read_report *report, oe_error *error)
{
    oe_profile_clear(profile);
    return begin(profile, json, length, report, error);
}

oe_status oe__profile_patch(oe_profile *profile, const char *json, size_t length,
                            oe_read_report *report, oe_error *error)
{
    if (profile->id_length == 0)
        return oe__fail(error, OE_E_ARGUMENT, "profile: a patch needs a customer to change");
    return begin(profile, json, length, report, error);
}
