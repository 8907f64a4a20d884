/* run_rows.c: a record decided again, and the offers of its answer as columns. */
#include "server/run_rows.h"

#include <string.h>

#include "codec/answer.h"
#include "codec/json.h"
#include "codec/record.h"
#include "engine/status.h"
#include "store/digest.h"

/* The columns; those of an offer lie between the customer and the decision. */
typedef enum column { PRODUCT, CONFIDENCE, REASON, MESSAGE, COLUMNS } column;

static const struct {
    const char *name, *member; /* in the row, in an answer */
} columns[COLUMNS] = {{"product_id", "product_id"},
                      {"confidence", "confidence_score"},
                      {"reason", "reason"},
                      {"message", "message"}};

bool oe__run_rows_make(oe_run_rows *rows, oe_generation *rules)
{
    rows->answer = rows->memory = (oe__buffer){0};
    return oe__desk_tools_make(&rows->tools, rules);
}

void oe__run_rows_free(oe_run_rows *rows)
{
    oe__desk_tools_free(&rows->tools);
    oe__buffer_free(&rows->answer);
    oe__buffer_free(&rows->memory);
}

/* ---- Deciding again ---- */

static oe_status fail_memory(oe_error *error)
{
    return oe__fail(error, OE_E_MEMORY, "list: out of memory");
}

/* Room for what contact policies left and what was held, in one piece. */
static oe_status take_contacts(oe_run_rows *self, oe__record *record, oe_error *error)
{
    size_t allowances = (record->allowances.count + 1) * sizeof(oe_allowance);
    size_t held = (record->held.count + 1) * sizeof(oe_held);
    self->memory.length = 0;
    char *room = oe__buffer_reserve(&self->memory, allowances + held);
    if (room == NULL)
        return fail_memory(error);
    oe__record_contacts(record, (oe_allowance *)(void *)room,
                        (oe_held *)(void *)(room + allowances), &self->contacts);
    record->options.contacts = &self->contacts;
    return OE_OK;
}

/* Into the buffer `answer`. */
static oe_status decide(oe_run_rows *self, oe__record *record, oe_error *error)
{
    const oe_ruleset *ruleset = self->tools.generation->ruleset;
    unsigned char digest[OE__DIGEST_SIZE];
    oe_status status = oe__record_profile(record, self->tools.profile, error);
    if (status == OE_OK && record->has_contacts)
        status = take_contacts(self, record, error);
    if (status != OE_OK)
        return status;
    record->options.campaign =
        (uint32_t)(oe_ruleset_find(ruleset, OE_CAMPAIGNS, record->campaign,
                                   record->campaign_length) +
                   1);
    self->answer.length = 0;
    oe__answer_write(&self->answer,
                     oe_decide(self->tools.decider, self->tools.profile, &record->options));
    if (self->answer.failed)
        return fail_memory(error);
    oe__digest(self->answer.data, self->answer.length, record->options.at_ms, digest);
    return memcmp(digest, record->digest, sizeof digest) == 0
               ? OE_OK
               : oe__fail(error, OE_E_CORRUPT, "list: a decision is not decided as it was");
}

/* ---- Rows ---- */

static void add_csv_text(oe__buffer *out, const char *text, size_t length)
{
    bool is_plain = true;
    for (size_t i = 0; is_plain && i < length; i++)
        is_plain = text[i] != ',' && text[i] != '"' && text[i] != '\n' && text[i] != '\r';
    if (is_plain) {
        oe__buffer_add(out, text, length);
        return;
    }
    oe__buffer_add_char(out, '"');
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"')
            oe__buffer_add_char(out, '"');
        oe__buffer_add_char(out, text[i]);
    }
    oe__buffer_add_char(out, '"');
}

/* A text within an answer. */
static void add_csv_value(oe_run_rows *self, const oe__json_token *value, oe__buffer *out)
{
    if (value->type == OE_JSON_NUMBER) {
        oe__buffer_add(out, value->bytes, value->length);
        return;
    }
    self->memory.length = 0;
    char *room = oe__buffer_reserve(&self->memory, value->length + 1);
    if (room == NULL || value->type != OE_JSON_STRING) {
        out->failed = out->failed || room == NULL;
        return;
    }
    size_t length = oe__json_unescape(value->bytes, value->length, room, value->length);
    add_csv_text(out, room, length);
}

static void add_json_value(const oe__json_token *value, oe__buffer *out)
{
    bool is_text = value->type == OE_JSON_STRING;
    if (!is_text && value->type != OE_JSON_NUMBER) {
        oe__buffer_add_text(out, "null");
        return;
    }
    if (is_text)
        oe__buffer_add_char(out, '"');
    oe__buffer_add(out, value->bytes, value->length);
    if (is_text)
        oe__buffer_add_char(out, '"');
}

static void add_csv_row(oe_run_rows *self, const oe__record *record,
                        const oe__json_token values[COLUMNS], oe__buffer *out)
{
    char id[OE_RECORD_ID_TEXT];
    oe__record_id_write(record->id, id);
    add_csv_text(out, record->customer_id, record->customer_id_length);
    for (int i = 0; i < COLUMNS; i++) {
        oe__buffer_add_char(out, ',');
        add_csv_value(self, &values[i], out);
    }
    oe__buffer_add_char(out, ',');
    oe__buffer_add(out, id, sizeof id);
    oe__buffer_add_text(out, "\r\n");
}

static void add_json_row(const oe__record *record, const oe__json_token values[COLUMNS],
                         oe__buffer *out)
{
    char id[OE_RECORD_ID_TEXT];
    oe__record_id_write(record->id, id);
    oe__buffer_add_text(out, "{\"customer_id\":");
    oe__json_write_string(out, record->customer_id, record->customer_id_length);
    for (int i = 0; i < COLUMNS; i++) {
        oe__buffer_add_text(out, ",\"");
        oe__buffer_add_text(out, columns[i].name);
        oe__buffer_add_text(out, "\":");
        add_json_value(&values[i], out);
    }
    oe__buffer_add_text(out, ",\"decision_id\":\"");
    oe__buffer_add(out, id, sizeof id);
    oe__buffer_add_text(out, "\"}\n");
}

/* ---- The offers of an answer ---- */

static bool is_named(const oe__json_token *token, const char *name)
{
    return token->length == strlen(name) && memcmp(token->bytes, name, token->length) == 0;
}

static void note_value(const oe__json_token *name, const oe__json_token *value,
                       oe__json_token values[COLUMNS])
{
    for (int i = 0; i < COLUMNS; i++)
        if (is_named(name, columns[i].member))
            values[i] = *value;
}

/* One offer, whose opening brace was read. */
static oe_status read_offer(oe__json_reader *reader, oe__json_token values[COLUMNS],
                            oe_error *error)
{
    oe__json_token token, name;
    for (int i = 0; i < COLUMNS; i++)
        values[i] = (oe__json_token){.type = OE_JSON_NULL};
    oe_status status = oe__json_next(reader, &name, error);
    while (status == OE_OK && name.type == OE_JSON_NAME) {
        status = oe__json_next(reader, &token, error);
        note_value(&name, &token, values);
        if (status == OE_OK)
            status = oe__json_skip(reader, &token, error);
        if (status == OE_OK)
            status = oe__json_next(reader, &name, error);
    }
    return status;
}

/* To the first offer: the second member is the list. */
static oe_status find_offers(oe__json_reader *reader, oe__json_token *token, oe_error *error)
{
    oe_status status = oe__json_next(reader, token, error);
    bool is_list = false;
    while (status == OE_OK && !is_list) {
        status = oe__json_next(reader, token, error);
        is_list = token->type == OE_JSON_NAME && is_named(token, "recommended_products");
        if (status == OE_OK && !is_list && token->type != OE_JSON_NAME)
            return oe__fail(error, OE_E_CORRUPT, "list: an answer has no offers");
        if (status == OE_OK)
            status = is_list ? oe__json_next(reader, token, error)
                             : oe__json_skip(reader, token, error);
    }
    return status == OE_OK ? oe__json_next(reader, token, error) : status;
}

oe_status oe__run_rows_add(oe_run_rows *self, oe_store_bytes bytes, bool is_csv,
                           oe__buffer *out, oe_error *error)
{
    oe__record record;
    oe__json_reader reader;
    oe__json_token token, values[COLUMNS];
    oe_status status = oe__record_read(bytes.data, bytes.length, &record, error);
    if (status == OE_OK)
        status = decide(self, &record, error);
    if (status != OE_OK)
        return status;
    oe__json_reader_begin(&reader, self->answer.data, self->answer.length);
    status = find_offers(&reader, &token, error);
    while (status == OE_OK && token.type == OE_JSON_OBJECT) {
        status = read_offer(&reader, values, error);
        if (status != OE_OK)
            break;
        if (is_csv)
            add_csv_row(self, &record, values, out);
        else
            add_json_row(&record, values, out);
        status = oe__json_next(&reader, &token, error);
    }
    return status == OE_OK && out->failed ? fail_memory(error) : status;
}

void oe__run_rows_head(oe__buffer *out)
{
    oe__buffer_add_text(out, "customer_id,");
    for (int i = 0; i < COLUMNS; i++) {
        oe__buffer_add_text(out, columns[i].name);
        oe__buffer_add_char(out, ',');
    }
    oe__buffer_add_text(out, "decision_id\r\n");
}
