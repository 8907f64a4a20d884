/* consent.c: one pass over one object with one list. */
#include "codec/consent.h"

#include <string.h>

#include "codec/fault.h"
#include "codec/json.h"
#include "engine/status.h"

typedef struct reading {
    oe__json_reader json;
    oe__json_token token;
    oe__consent *consent;
    oe_read_report *report;
    oe_error *error;
    oe__place place;
    bool has_list;
} reading;

static void refuse(const reading *self, const char *type, const char *message)
{
    oe__fault_add(self->report, self->place, type, message);
}

static oe_status next(reading *self)
{
    return oe__json_next(&self->json, &self->token, self->error);
}

/* Past the value that the token begins or announces. */
static oe_status skip(reading *self)
{
    return oe__json_skip(&self->json, &self->token, self->error);
}

static bool is_name(const oe__json_token *token, const char *name)
{
    char text[16];
    size_t length = oe__json_unescape(token->bytes, token->length, text, sizeof text);
    return length == strlen(name) && memcmp(text, name, length) == 0;
}

/* ---- one entry ---- */

static void take_text(const reading *self, char out[OE_ID_MAX], size_t *length)
{
    if (self->token.type != OE_JSON_STRING) {
        refuse(self, "string_type", "channel and category must be texts");
        return;
    }
    *length = oe__json_unescape(self->token.bytes, self->token.length, out, OE_ID_MAX);
    const char *message, *type = NULL;
    if (*length > OE_ID_MAX)
        refuse(self, "string_too_long", "must have at most 128 bytes");
    else if ((type = oe__id_fault(out, *length, &message)) != NULL)
        refuse(self, type, message);
}

static void check_category(const reading *self, const oe__opt_out *entry)
{
    const oe_ruleset *ruleset = self->consent->ruleset;
    size_t length = entry->category_length;
    if (ruleset != NULL && length > 0 && length <= OE_ID_MAX &&
        oe_ruleset_find(ruleset, OE_CATEGORIES, entry->category, length) < 0)
        refuse(self, "enum", "must be a category of the rules");
}

/* Behind the name of a member. */
static oe_status read_member(reading *self, oe__opt_out *entry)
{
    bool is_channel = is_name(&self->token, "channel");
    if (!is_channel && !is_name(&self->token, "category")) {
        refuse(self, "extra_forbidden", "holds channel, category, both, or nothing");
        return skip(self);
    }
    oe_status status = next(self);
    if (status != OE_OK)
        return status;
    if (is_channel) {
        take_text(self, entry->channel, &entry->channel_length);
    } else {
        take_text(self, entry->category, &entry->category_length);
        check_category(self, entry);
    }
    return skip(self);
}

/* The token is what begins the entry. */
static oe_status read_entry(reading *self, oe__opt_out *entry)
{
    oe_status status = OE_OK;
    *entry = (oe__opt_out){.channel_length = 0};
    if (self->token.type != OE_JSON_OBJECT) {
        refuse(self, "dict_type", "must be an object");
        return skip(self);
    }
    while ((status = next(self)) == OE_OK && self->token.type == OE_JSON_NAME)
        if ((status = read_member(self, entry)) != OE_OK)
            return status;
    return status;
}

/* ---- the whole ---- */

/* Those that are too many are read all the same, for their faults. */
static oe_status read_list(reading *self)
{
    oe__opt_out spare;
    oe_status status = OE_OK;
    size_t count = 0;
    if (self->token.type != OE_JSON_ARRAY) {
        refuse(self, "list_type", "must be a list");
        return skip(self);
    }
    while ((status = next(self)) == OE_OK && self->token.type != OE_JSON_ARRAY_END) {
        self->place.entry = (int64_t)count;
        status = read_entry(self,
                            count < OE_OPT_OUTS_MAX ? &self->consent->opt_outs[count] : &spare);
        if (status != OE_OK)
            return status;
        count++;
    }
    self->place.entry = -1;
    if (count > OE_OPT_OUTS_MAX)
        refuse(self, "too_long", "may have at most 64 entries");
    self->consent->count = count < OE_OPT_OUTS_MAX ? count : OE_OPT_OUTS_MAX;
    return status;
}

static oe_status read_members(reading *self)
{
    oe_status status = OE_OK;
    while ((status = next(self)) == OE_OK && self->token.type == OE_JSON_NAME) {
        bool is_list = is_name(&self->token, "opt_out");
        self->has_list = self->has_list || is_list;
        self->place.member = is_list ? "opt_out" : NULL;
        if (!is_list)
            refuse(self, "extra_forbidden", "holds opt_out and nothing else");
        status = is_list ? next(self) : skip(self);
        if (status == OE_OK && is_list)
            status = read_list(self);
        if (status != OE_OK)
            return status;
    }
    self->place.member = "opt_out";
    if (status == OE_OK && !self->has_list)
        refuse(self, "missing", "is needed");
    return status == OE_OK ? next(self) : status;
}

oe_status oe__consent_read(const char *json, size_t length, oe__consent *consent,
                           oe_read_report *report, oe_error *error)
{
    reading self = {
        .consent = consent, .report = report, .error = error, .place = {.entry = -1}};
    consent->count = 0;
    oe__report_begin(report);
    oe__json_reader_begin(&self.json, json, length);
    oe_status status = next(&self);
    if (status == OE_OK && self.token.type != OE_JSON_OBJECT) {
        refuse(&self, "dict_type", "must be an object");
        status = oe__json_validate(json, length, error);
    } else if (status == OE_OK) {
        status = read_members(&self);
    }
    if (status != OE_OK || report->fault_count == 0)
        return status;
    return oe__fail(error, OE_E_INVALID, "consent: %zu faults", report->fault_count);
}

static void add_member(oe__buffer *buffer, const char *name, const char *text, size_t length)
{
    if (length == 0)
        return;
    oe__buffer_add_text(buffer, name);
    oe__json_write_string(buffer, text, length);
}

void oe__consent_write(oe__buffer *buffer, const oe__consent *consent)
{
    oe__buffer_add_text(buffer, "{\"opt_out\":[");
    for (size_t i = 0; i < consent->count; i++) {
        const oe__opt_out *entry = &consent->opt_outs[i];
        bool has_both = entry->channel_length > 0 && entry->category_length > 0;
        oe__buffer_add_text(buffer, i > 0 ? ",{" : "{");
        add_member(buffer, "\"channel\":", entry->channel, entry->channel_length);
        if (has_both)
            oe__buffer_add_char(buffer, ',');
        add_member(buffer, "\"category\":", entry->category, entry->category_length);
        oe__buffer_add_char(buffer, '}');
    }
    oe__buffer_add_text(buffer, "]}");
}
