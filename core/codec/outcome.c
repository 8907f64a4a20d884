/* outcome.c: one pass over one object. */
#include "codec/outcome.h"

#include <math.h>
#include <string.h>

#include "codec/fault.h"
#include "codec/json.h"
#include "codec/record.h"
#include "engine/status.h"

_Static_assert((int)OE_DECISION_ID_SIZE == (int)OE_RECORD_ID_SIZE, "one size of ids");

static const char *const names[OE_OUTCOME_COUNT] = {
    [OE_OUTCOME_SHOWN] = "shown",         [OE_OUTCOME_CLICKED] = "clicked",
    [OE_OUTCOME_ACCEPTED] = "accepted",   [OE_OUTCOME_DECLINED] = "declined",
    [OE_OUTCOME_CONVERTED] = "converted",
};

const char *oe__outcome_name(oe_outcome outcome)
{
    return (unsigned)outcome < OE_OUTCOME_COUNT ? names[outcome] : "";
}

/* ---- times ---- */

/* Reads `count` digits at *at, which advances; -1: there are not that many. */
static int64_t take_digits(const char **at, const char *end, int count)
{
    int64_t number = 0;
    if (end - *at < count)
        return -1;
    for (int i = 0; i < count; i++) {
        char digit = *(*at)++;
        if (digit < '0' || digit > '9')
            return -1;
        number = number * 10 + (digit - '0');
    }
    return number;
}

static bool take_char(const char **at, const char *end, char wanted)
{
    if (*at == end || **at != wanted)
        return false;
    (*at)++;
    return true;
}

/* Days from 1970-01-01 in the Gregorian calendar: years begin in March, so that the leap day
 * is the last of its year. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t shifted = month > 2 ? year : year - 1, from_march = (month + 9) % 12;
    return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 +
           (from_march * 153 + 2) / 5 + day - 1 - 719468;
}

static bool take_date(const char **at, const char *end, int64_t *days)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t year = take_digits(at, end, 4), month = -1, day = -1;
    if (year < 1970 || !take_char(at, end, '-') || (month = take_digits(at, end, 2)) < 1 ||
        month > 12 || !take_char(at, end, '-') || (day = take_digits(at, end, 2)) < 1)
        return false;
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    *days = days_of(year, month, day);
    return day <= lengths[month - 1] + (month == 2 && is_leap);
}

static bool take_fraction(const char **at, const char *end, int64_t *ms)
{
    int64_t unit = 100;
    *ms = 0;
    if (!take_char(at, end, '.'))
        return true;
    const char *first = *at;
    for (; *at < end && **at >= '0' && **at <= '9' && *at - first < 9; (*at)++, unit /= 10)
        *ms += (**at - '0') * unit;
    return *at > first;
}

static bool take_zone(const char **at, const char *end, int64_t *offset_ms)
{
    *offset_ms = 0;
    if (take_char(at, end, 'Z'))
        return true;
    int64_t sign = take_char(at, end, '-') ? -1 : 1, hours = -1, minutes = -1;
    if (sign > 0 && !take_char(at, end, '+'))
        return false;
    if ((hours = take_digits(at, end, 2)) < 0 || hours > 23 || !take_char(at, end, ':') ||
        (minutes = take_digits(at, end, 2)) < 0 || minutes > 59)
        return false;
    *offset_ms = sign * (hours * 60 + minutes) * 60000;
    return true;
}

bool oe__time_read(const char *text, size_t length, int64_t *at_ms)
{
    const char *at = text, *end = text + length;
    int64_t days = 0, hours = -1, minutes = -1, seconds = -1, ms = 0, offset_ms = 0;
    if (!take_date(&at, end, &days) || !take_char(&at, end, 'T') ||
        (hours = take_digits(&at, end, 2)) < 0 || hours > 23 || !take_char(&at, end, ':') ||
        (minutes = take_digits(&at, end, 2)) < 0 || minutes > 59 || !take_char(&at, end, ':') ||
        (seconds = take_digits(&at, end, 2)) < 0 || seconds > 59 ||
        !take_fraction(&at, end, &ms) || !take_zone(&at, end, &offset_ms) || at != end)
        return false;
    *at_ms =
        days * 86400000 + hours * 3600000 + minutes * 60000 + seconds * 1000 + ms - offset_ms;
    return true;
}

/* ---- members ---- */

typedef struct reading {
    oe__outcome *outcome;
    oe_read_report *report;
    const char *member;
} reading;

static void refuse(const reading *self, const char *type, const char *message)
{
    oe__fault_add(self->report, (oe__place){self->member, -1}, type, message);
}

/* A text of at most OE_ID_MAX bytes, else false with a fault. */
static bool take_text(const reading *self, const oe__json_token *token, char *out,
                      size_t *length)
{
    if (token->type != OE_JSON_STRING) {
        refuse(self, "string_type", "must be a text");
        return false;
    }
    *length = oe__json_unescape(token->bytes, token->length, out, OE_ID_MAX);
    const char *message, *type = NULL;
    if (*length > OE_ID_MAX)
        refuse(self, type = "string_too_long", "must have at most 128 bytes");
    else if ((type = oe__id_fault(out, *length, &message)) != NULL)
        refuse(self, type, message);
    return type == NULL;
}

static void take_decision(const reading *self, const oe__json_token *token)
{
    char text[OE_ID_MAX];
    size_t length = 0;
    if (take_text(self, token, text, &length) &&
        !oe__record_id_read(text, length, self->outcome->decision))
        refuse(self, "uuid_parsing", "must be the decision_id of an answer");
}

static void take_product(const reading *self, const oe__json_token *token)
{
    (void)take_text(self, token, self->outcome->product, &self->outcome->product_length);
}

static void take_channel(const reading *self, const oe__json_token *token)
{
    if (token->type != OE_JSON_NULL)
        (void)take_text(self, token, self->outcome->channel, &self->outcome->channel_length);
}

static void take_outcome(const reading *self, const oe__json_token *token)
{
    char text[OE_ID_MAX];
    size_t length = 0;
    if (!take_text(self, token, text, &length))
        return;
    for (int i = 0; i < OE_OUTCOME_COUNT; i++)
        if (strlen(names[i]) == length && memcmp(names[i], text, length) == 0) {
            self->outcome->outcome = (oe_outcome)i;
            return;
        }
    refuse(self, "enum", "must be shown, clicked, accepted, declined or converted");
}

static void take_at(const reading *self, const oe__json_token *token)
{
    static const double most = 253402300800000; /* the year 10000 */
    char text[OE_ID_MAX];
    size_t length = 0;
    if (token->type == OE_JSON_NULL)
        return;
    if (token->type == OE_JSON_NUMBER && token->number >= 1 && token->number < most &&
        floor(token->number) == token->number) {
        self->outcome->at_ms = (int64_t)token->number;
        return;
    }
    if (token->type == OE_JSON_STRING)
        length = oe__json_unescape(token->bytes, token->length, text, sizeof text);
    if (length == 0 || length > sizeof text ||
        !oe__time_read(text, length, &self->outcome->at_ms))
        refuse(self, "datetime_parsing",
               "must be a time like 2026-12-03T10:15:30Z, or milliseconds since 1970");
}

static void take_value(const reading *self, const oe__json_token *token)
{
    if (token->type == OE_JSON_NULL)
        return;
    if (token->type != OE_JSON_NUMBER) {
        refuse(self, "float_type", "must be a number");
        return;
    }
    self->outcome->value = token->number + 0.0; /* no negative zero */
    self->outcome->has_value = true;
}

static const struct {
    const char *name;
    bool is_needed;
    void (*take)(const reading *self, const oe__json_token *token);
} members[] = {
    {"decision_id", true, take_decision}, {"product_id", true, take_product},
    {"outcome", true, take_outcome},      {"at", false, take_at},
    {"channel", false, take_channel},     {"value", false, take_value},
};

enum { MEMBERS = sizeof members / sizeof members[0] };

static size_t member_of(const oe__json_token *name)
{
    char text[16];
    size_t length = oe__json_unescape(name->bytes, name->length, text, sizeof text), i = 0;
    while (i < MEMBERS &&
           (strlen(members[i].name) != length || memcmp(members[i].name, text, length) != 0))
        i++;
    return i;
}

/* Behind the opening bracket; *seen holds a bit per member. */
static oe_status read_members(reading *self, oe__json_reader *reader, unsigned *seen,
                              oe_error *error)
{
    oe__json_token token;
    oe_status status = OE_OK;
    while ((status = oe__json_next(reader, &token, error)) == OE_OK &&
           token.type == OE_JSON_NAME) {
        size_t member = member_of(&token);
        self->report->undeclared += member == MEMBERS;
        if (member < MEMBERS) {
            self->member = members[member].name;
            *seen |= 1U << member;
            status = oe__json_next(reader, &token, error);
            if (status == OE_OK)
                members[member].take(self, &token);
        }
        if (status == OE_OK)
            status = oe__json_skip(reader, &token, error);
        if (status != OE_OK)
            return status;
    }
    return status == OE_OK ? oe__json_next(reader, &token, error) : status;
}

oe_status oe__outcome_read(const char *json, size_t length, oe__outcome *outcome,
                           oe_read_report *report, oe_error *error)
{
    oe__json_reader reader;
    oe__json_token token;
    unsigned seen = 0;
    reading self = {.outcome = outcome, .report = report};
    *outcome = (oe__outcome){.at_ms = 0};
    oe__report_begin(report);
    oe__json_reader_begin(&reader, json, length);
    oe_status status = oe__json_next(&reader, &token, error);
    if (status == OE_OK && token.type != OE_JSON_OBJECT) {
        refuse(&self, "dict_type", "must be an object");
        status = oe__json_validate(json, length, error);
    } else if (status == OE_OK) {
        status = read_members(&self, &reader, &seen, error);
        for (size_t i = 0; status == OE_OK && i < MEMBERS; i++) {
            self.member = members[i].name;
            if (members[i].is_needed && (seen >> i & 1) == 0)
                refuse(&self, "missing", "is needed");
        }
    }
    if (status != OE_OK || report->fault_count == 0)
        return status;
    return oe__fail(error, OE_E_INVALID, "outcome: %zu members are not allowed as they are",
                    report->fault_count);
}

/* ---- a product more ---- */

static bool is_text(const oe__json_token *token, const char *text, size_t length)
{
    char unescaped[OE_ID_MAX];
    return oe__json_unescape(token->bytes, token->length, unescaped, sizeof unescaped) ==
               length &&
           memcmp(unescaped, text, length) == 0;
}

/* Goes through the list; *end is the offset of its closing bracket. */
static oe_status look_through(oe__json_reader *reader, const oe__owning *owning, size_t *count,
                              size_t *end, bool *is_there)
{
    oe__json_token token;
    oe_status status = OE_OK;
    for (*count = 0; (status = oe__json_next(reader, &token, NULL)) == OE_OK &&
                     token.type == OE_JSON_STRING;
         ++*count)
        *is_there = *is_there || is_text(&token, owning->product, owning->product_length);
    *end = token.offset;
    return status == OE_OK && token.type == OE_JSON_ARRAY_END ? OE_OK : OE_E_CORRUPT;
}

oe_status oe__outcome_own(oe__buffer *out, const char *body, size_t length,
                          const oe__owning *owning, bool *is_changed)
{
    oe__json_reader reader;
    oe__json_token token;
    size_t count = 0, end = 0;
    bool is_there = false;
    *is_changed = false;
    oe__json_reader_begin(&reader, body, length);
    if (oe__json_next(&reader, &token, NULL) != OE_OK || token.type != OE_JSON_OBJECT)
        return OE_E_CORRUPT;
    for (;;) {
        if (oe__json_next(&reader, &token, NULL) != OE_OK)
            return OE_E_CORRUPT;
        if (token.type != OE_JSON_NAME)
            return OE_OK;
        if (is_text(&token, owning->member, owning->member_length))
            break;
        if (oe__json_skip(&reader, &token, NULL) != OE_OK)
            return OE_E_CORRUPT;
    }
    if (oe__json_next(&reader, &token, NULL) != OE_OK || token.type != OE_JSON_ARRAY ||
        look_through(&reader, owning, &count, &end, &is_there) != OE_OK)
        return OE_E_CORRUPT;
    if (is_there)
        return OE_OK;
    *is_changed = true;
    oe__buffer_add(out, body, end);
    if (count > 0)
        oe__buffer_add_char(out, ',');
    oe__json_write_string(out, owning->product, owning->product_length);
    oe__buffer_add(out, body + end, length - end);
    return out->failed ? OE_E_MEMORY : OE_OK;
}
