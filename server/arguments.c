/* arguments.c: one reader per parameter. */
#include "server/arguments.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/target.h"
#include "lua/decision.h"
#include "server/desk.h"

typedef struct asking {
    const oe_ruleset *ruleset;
    unsigned taken;
    oe__arguments *arguments;
    oe__faults *faults;
} asking;

static void refuse(asking *self, oe_span name, const char *message, const char *type)
{
    oe__faults_add(self->faults, "query", name, message, type);
}

static void read_limit(asking *self, oe_span name, oe_span value)
{
    bool is_page = (self->taken & OE_ARGUMENT_CURSOR) != 0;
    uint32_t most = is_page ? OE_PAGE_MAX : OE_LUA_LIMIT_MAX, number = 0;
    bool is_number = value.length > 0 && value.length <= sizeof "10000" - 1;
    for (size_t i = 0; is_number && i < value.length; i++) {
        is_number = value.data[i] >= '0' && value.data[i] <= '9';
        number = number * 10 + (uint32_t)(value.data[i] - '0');
    }
    if (is_number && number >= 1 && number <= most) {
        self->arguments->limit = number;
        return;
    }
    char text[64];
    (void)snprintf(text, sizeof text, "must be a whole number from 1 to %" PRIu32, most);
    refuse(self, name, text, "int_range");
}

static void read_category(asking *self, oe_span name, oe_span value)
{
    const oe_ruleset *ruleset = self->ruleset;
    self->arguments->category =
        oe_ruleset_find(ruleset, OE_CATEGORIES, value.data, value.length);
    if (self->arguments->category >= 0)
        return;
    oe__buffer text = {0};
    oe__buffer_add_text(&text, "must be one of ");
    for (size_t i = 0; i < oe_ruleset_count(ruleset, OE_CATEGORIES); i++) {
        if (i > 0)
            oe__buffer_add_text(&text, ", ");
        oe__buffer_add_text(&text, oe_ruleset_category(ruleset, i)->id);
    }
    oe__buffer_add_char(&text, '\0');
    refuse(self, name, text.failed ? "must be a category of the rules" : text.data, "enum");
    oe__buffer_free(&text);
}

static bool read_flag(asking *self, oe_span name, oe_span value)
{
    bool is_true = oe__span_is(value, "true");
    if (!is_true && !oe__span_is(value, "false"))
        refuse(self, name, "must be true or false", "bool_parsing");
    return is_true;
}

static void read_explain(asking *self, oe_span name, oe_span value)
{
    self->arguments->explain = read_flag(self, name, value);
}

static void read_skip_bad(asking *self, oe_span name, oe_span value)
{
    self->arguments->skip_bad = read_flag(self, name, value);
}

static void read_format(asking *self, oe_span name, oe_span value)
{
    self->arguments->has_format = true;
    self->arguments->is_csv = oe__span_is(value, "csv");
    if (!self->arguments->is_csv && !oe__span_is(value, "ndjson"))
        refuse(self, name, "must be csv or ndjson", "enum");
}

static void read_id(asking *self, oe_span name, oe_span value, char out[OE_ID_MAX],
                    size_t *length)
{
    if (!oe__text_is_id(value.data, value.length)) {
        refuse(self, name, "must be 1 to 128 bytes without control characters",
               "string_length");
        return;
    }
    memcpy(out, value.data, value.length);
    *length = value.length;
}

static void read_channel(asking *self, oe_span name, oe_span value)
{
    read_id(self, name, value, self->arguments->channel, &self->arguments->channel_length);
}

/* ---- Campaigns ---- */

/* The names of the rules: the campaigns first, then those that policies speak of. NULL: memory
 * is out. */
static const char **list_campaigns(const oe_ruleset *ruleset, size_t *count)
{
    size_t campaigns = oe_ruleset_count(ruleset, OE_CAMPAIGNS), most = campaigns;
    size_t policies = oe_ruleset_count(ruleset, OE_POLICIES);
    for (size_t i = 0; i < policies; i++)
        most += oe_ruleset_policy(ruleset, i)->campaign_count;
    const char **names = calloc(most + 1, sizeof *names);
    *count = 0;
    for (size_t i = 0; names != NULL && i < campaigns; i++)
        names[(*count)++] = oe__target_at(ruleset, i).id;
    for (size_t i = 0; names != NULL && i < policies; i++)
        for (size_t c = 0; c < oe_ruleset_policy(ruleset, i)->campaign_count; c++)
            names[(*count)++] = oe_ruleset_policy(ruleset, i)->campaigns[c];
    return names;
}

static void refuse_campaign(asking *self, oe_span name, const char *given, const char **names,
                            size_t count)
{
    const char *near = names != NULL ? oe_suggest(given, names, count) : NULL;
    char text[OE_ID_MAX + 96];
    (void)snprintf(text, sizeof text, "is no campaign of the rules%s%.*s%s",
                   near != NULL ? "; did you mean '" : "", OE_ID_MAX, near != NULL ? near : "",
                   near != NULL ? "'?" : "");
    refuse(self, name, text, "campaign_unknown");
}

static void use_campaign(oe__arguments *arguments, const oe_ruleset *ruleset, int32_t index)
{
    const char *channel = oe__target_at(ruleset, (size_t)index).channel;
    arguments->campaign_number = (uint32_t)index + 1;
    if (channel == NULL || arguments->channel_length > 0)
        return;
    arguments->channel_length = strlen(channel);
    memcpy(arguments->channel, channel, arguments->channel_length);
}

/* When the channel is known too. */
static void find_campaign(asking *self)
{
    oe__arguments *arguments = self->arguments;
    char given[OE_ID_MAX + 1];
    size_t count = 0;
    bool is_known = false;
    if (arguments->campaign_length == 0)
        return;
    int32_t index = oe_ruleset_find(self->ruleset, OE_CAMPAIGNS, arguments->campaign,
                                    arguments->campaign_length);
    if (index >= 0) {
        use_campaign(arguments, self->ruleset, index);
        return;
    }
    memcpy(given, arguments->campaign, arguments->campaign_length);
    given[arguments->campaign_length] = '\0';
    const char **names = list_campaigns(self->ruleset, &count);
    for (size_t i = 0; i < count && !is_known; i++)
        is_known = strcmp(names[i], given) == 0;
    if (!is_known)
        refuse_campaign(self, (oe_span){"campaign", sizeof "campaign" - 1}, given, names,
                        count);
    free(names);
}

static void read_campaign(asking *self, oe_span name, oe_span value)
{
    read_id(self, name, value, self->arguments->campaign, &self->arguments->campaign_length);
}

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static void read_cursor(asking *self, oe_span name, oe_span value)
{
    oe__arguments *arguments = self->arguments;
    bool is_good = value.length > 0 && value.length % 2 == 0 &&
                   value.length / 2 <= sizeof arguments->cursor;
    for (size_t i = 0; is_good && i < value.length; i += 2) {
        int high = hex_digit(value.data[i]), low = hex_digit(value.data[i + 1]);
        is_good = high >= 0 && low >= 0;
        arguments->cursor[i / 2] = (char)(high * 16 + low);
    }
    if (is_good && oe__text_is_id(arguments->cursor, value.length / 2))
        arguments->cursor_length = value.length / 2;
    else
        refuse(self, name, "must be the next_cursor of an earlier answer", "cursor");
}

size_t oe__cursor_write(const char *id, size_t length, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < length; i++) {
        out[2 * i] = digits[(unsigned char)id[i] >> 4];
        out[2 * i + 1] = digits[(unsigned char)id[i] & 15];
    }
    return 2 * length;
}

static const struct {
    unsigned bit;
    const char *name;
    void (*read)(asking *self, oe_span name, oe_span value);
} parameters[] = {
    {OE_ARGUMENT_LIMIT, "limit", read_limit},
    {OE_ARGUMENT_CATEGORY, "category", read_category},
    {OE_ARGUMENT_EXPLAIN, "explain", read_explain},
    {OE_ARGUMENT_CHANNEL, "channel", read_channel},
    {OE_ARGUMENT_CAMPAIGN, "campaign", read_campaign},
    {OE_ARGUMENT_CURSOR, "cursor", read_cursor},
    {OE_ARGUMENT_SKIP_BAD, "skip_bad", read_skip_bad},
    {OE_ARGUMENT_FORMAT, "format", read_format},
};

enum { PARAMETERS = sizeof parameters / sizeof parameters[0] };

static void refuse_unknown(asking *self, oe_span name)
{
    char text[128] = "unknown parameter; this path takes none";
    int length = 0;
    for (size_t i = 0; i < PARAMETERS; i++)
        if ((self->taken & parameters[i].bit) != 0)
            length += snprintf(text + length, sizeof text - (size_t)length, "%s%s",
                               length == 0 ? "unknown parameter; allowed: " : ", ",
                               parameters[i].name);
    refuse(self, name, text, "extra_forbidden");
}

static void read_pair(asking *self, oe_span name, oe_span value, bool is_repeat)
{
    if (is_repeat)
        refuse(self, name, "may be given once", "query_repeated");
    for (size_t i = 0; i < PARAMETERS; i++)
        if ((self->taken & parameters[i].bit) != 0 && oe__span_is(name, parameters[i].name)) {
            parameters[i].read(self, name, value);
            return;
        }
    if (!is_repeat)
        refuse_unknown(self, name);
}

/* A query that could not be cut into pairs: the whole of it is at fault. */
static void refuse_query(oe_response *response, oe_http_error error)
{
    const oe_http_error_entry *entry = oe_http_error_get(error);
    char list[256];
    if (entry->status != 422) {
        oe_response_error(response, error);
        return;
    }
    int length =
        snprintf(list, sizeof list, "[{\"loc\":[\"query\"],\"msg\":\"%s\",\"type\":\"%s\"}]",
                 entry->detail, entry->code);
    oe_response_error_list(response, error, list, (size_t)length);
}

bool oe__arguments_parse(const oe_request *request, oe_response *response, oe_query *query)
{
    oe_http_error error = oe_query_parse(query, request->query);
    if (error != OE_HTTP_OK)
        refuse_query(response, error);
    return error == OE_HTTP_OK;
}

bool oe__arguments_collect(const oe_request *request, oe_response *response, unsigned taken,
                           oe__arguments *arguments, oe__faults *faults)
{
    arguments->limit = arguments->campaign_number = 0;
    arguments->category = -1;
    arguments->explain = arguments->skip_bad = false;
    arguments->has_format = arguments->is_csv = false;
    arguments->cursor_length = arguments->channel_length = arguments->campaign_length = 0;
    if (request->query.data == NULL)
        return true;
    oe_query query;
    if (!oe__arguments_parse(request, response, &query))
        return false;
    const oe_desk *desk = oe_worker_data(request->worker);
    asking self = {.ruleset = desk->generation->ruleset,
                   .taken = taken,
                   .arguments = arguments,
                   .faults = faults};
    for (size_t i = 0; i < query.count; i++)
        read_pair(&self, query.pairs[i].name, query.pairs[i].value, query.pairs[i].is_repeat);
    find_campaign(&self);
    return true;
}

bool oe__arguments_read(const oe_request *request, oe_response *response, unsigned taken,
                        oe__arguments *arguments)
{
    oe__faults faults = {0};
    return oe__arguments_collect(request, response, taken, arguments, &faults) &&
           !oe__faults_answer(&faults, response);
}
