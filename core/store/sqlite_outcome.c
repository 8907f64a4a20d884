/* sqlite_outcome.c: events: each is held against the decision that it is about and stored in
 * the transaction that looked. Products of a decision are numbers; their names are the value
 * of the meta key "products." and the hash of its rules. */
#include "codec/record.h"
#include "codec/varint.h"
#include "engine/status.h"
#include "store/journal.h"
#include "store/sqlite.h"

#include <string.h>

enum {
    EARLY_MS = 1000, /* clients tell times in whole seconds */
    DAY_MS = 86400000
};

static oe_status fail_memory(oe_error *error)
{
    return oe__fail(error, OE_E_MEMORY, "store: memory is out");
}

/* ---- what a decision offered ---- */

oe_status oe__sqlite_name_products(oe__sqlite_writer *writer, uint64_t generation,
                                   oe_error *error)
{
    sqlite3_stmt *get = writer->connection.statements[OE__SQL_GET_PRODUCTS];
    if (writer->named_generation == generation && generation > 0)
        return OE_OK;
    writer->named_generation = 0;
    writer->names.length = 0;
    sqlite3_bind_int64(get, 1, (int64_t)generation);
    int code = sqlite3_step(get);
    oe_status status = OE_OK;
    if (code == SQLITE_ROW) {
        oe_store_bytes names = oe__sqlite_column(get, 0);
        oe__buffer_add(&writer->names, names.data, names.length);
        writer->named_generation = generation;
        if (writer->names.failed)
            status = fail_memory(error);
    } else if (code != SQLITE_DONE)
        status = oe__sqlite_fail(writer->connection.db, code, "cannot read", error);
    sqlite3_reset(get);
    return status;
}

/* The number of a product in the rules that are named; false: they have none such. */
static bool number_of(const oe__buffer *names, oe_store_bytes product, uint64_t *number)
{
    oe_store_bytes name;
    size_t at = 0;
    for (*number = 0; oe__block_next(names->data, names->length, &at, &name); ++*number)
        if (name.length == product.length && memcmp(name.data, product.data, name.length) == 0)
            return true;
    return false;
}

/* One outcome that is held against its decision. */
typedef struct judging {
    oe__sqlite_writer *writer;
    oe__store_job *job;
    oe_store_outcome *outcome;
    uint64_t generation; /* of its decision */
} judging;

/* *unit_ms: when it was reserved. */
static bool is_offered(const oe__record *record, uint64_t product, int64_t *unit_ms)
{
    oe__record_part offers = record->offers;
    oe__record_offer offer;
    while (oe__record_next_offer(&offers, &offer))
        if (offer.product == product) {
            *unit_ms = offer.unit_ms;
            return true;
        }
    return false;
}

static oe_status keep(const judging *self, oe_store_bytes text, oe_store_bytes *kept,
                      oe_error *error)
{
    char *copy = oe__arena_text(&self->job->arena, text.data, text.length);
    *kept = (oe_store_bytes){copy, text.length};
    return copy != NULL ? OE_OK : fail_memory(error);
}

/* Whom and what the decision was made for. */
static oe_status keep_record(const judging *self, const oe__record *record, oe_error *error)
{
    oe_store_outcome *outcome = self->outcome;
    oe_status status =
        keep(self, (oe_store_bytes){record->customer_id, record->customer_id_length},
             &outcome->customer, error);
    if (status == OE_OK)
        status = keep(self, (oe_store_bytes){record->channel, record->channel_length},
                      &outcome->decided_channel, error);
    if (status == OE_OK)
        status = keep(self, (oe_store_bytes){record->campaign, record->campaign_length},
                      &outcome->campaign, error);
    return status;
}

static oe_status judge(void *context, oe_store_bytes bytes, oe_error *error)
{
    judging *self = context;
    oe_store_outcome *outcome = self->outcome;
    oe__record record;
    uint64_t product = 0;
    oe_status status = oe__record_read(bytes.data, bytes.length, &record, error);
    if (status == OE_OK)
        status = oe__sqlite_name_products(self->writer, record.generation, error);
    if (status == OE_OK)
        status = keep_record(self, &record, error);
    if (status != OE_OK)
        return status;
    self->generation = record.generation;
    if (!number_of(&self->writer->names, outcome->product, &product) ||
        !is_offered(&record, product, &outcome->unit_ms))
        outcome->verdict = OE_STORE_VERDICT_NOT_OFFERED;
    else if (outcome->at_ms + EARLY_MS <= oe__record_id_ms(record.id))
        outcome->verdict = OE_STORE_VERDICT_EARLY;
    else
        outcome->verdict = OE_STORE_VERDICT_STORED;
    return OE_OK;
}

static oe_status keep_and_judge(void *context, oe_store_bytes bytes, oe_error *error)
{
    const judging *self = context;
    oe__sqlite_recent_keep(&self->writer->recent, bytes);
    return judge(context, bytes, error);
}

/* Sets the verdict of an outcome that is not stored yet. */
static oe_status find_verdict(judging *self, oe_error *error)
{
    oe_store_outcome *outcome = self->outcome;
    const oe_store_submission *request = &self->job->request;
    oe__sqlite_record_search search = {.find = OE__SQL_LOOK_UP_BLOCKS,
                                       .id = outcome->decision,
                                       .take = keep_and_judge,
                                       .context = self};
    oe_store_bytes recent;
    if (oe__record_id_ms(outcome->decision) < request->oldest_ms) {
        outcome->verdict = OE_STORE_VERDICT_EXPIRED;
        return OE_OK;
    }
    if (oe__sqlite_recent_find(&self->writer->recent, outcome->decision, &recent))
        return judge(self, recent, error);
    oe_status status = oe__sqlite_find_record(&self->writer->connection, &search, error);
    if (status != OE_E_NOT_FOUND)
        return status;
    if (request->all_known)
        return oe__fail(error, OE_E_NOT_FOUND, "store: a decision is not known");
    outcome->verdict = OE_STORE_VERDICT_UNKNOWN_DECISION;
    return OE_OK;
}

/* ---- putting ---- */

static oe_store_outcome outcome_of_row(sqlite3_stmt *row);

/* What a stored event says of its contact, also to who sends it again with another time. */
static oe_status recall_event(const judging *self, sqlite3_stmt *row, oe_error *error)
{
    oe_store_outcome stored = outcome_of_row(row), *outcome = self->outcome;
    outcome->at_ms = stored.at_ms;
    outcome->received_ms = stored.received_ms;
    outcome->unit_ms = stored.unit_ms;
    oe_status status = keep(self, stored.customer, &outcome->customer, error);
    if (status == OE_OK)
        status = keep(self, stored.channel, &outcome->channel, error);
    if (status == OE_OK)
        status = keep(self, stored.decided_channel, &outcome->decided_channel, error);
    return status == OE_OK ? keep(self, stored.campaign, &outcome->campaign, error) : status;
}

/* Whether it is stored already; the verdict then says so. */
static oe_status find_event(const judging *self, bool *is_there, oe_error *error)
{
    sqlite3_stmt *find = self->writer->connection.statements[OE__SQL_FIND_EVENT];
    oe_store_outcome *outcome = self->outcome;
    oe__sqlite_bind_blob(find, 1, outcome->decision, sizeof outcome->decision);
    oe__sqlite_bind_text(find, 2, outcome->product);
    sqlite3_bind_int(find, 3, (int)outcome->outcome);
    int code = sqlite3_step(find);
    oe_status status = OE_OK;
    *is_there = code == SQLITE_ROW;
    if (*is_there) {
        outcome->verdict = OE_STORE_VERDICT_REPEATED;
        status = recall_event(self, find, error);
    } else if (code != SQLITE_DONE)
        status = oe__sqlite_fail(self->writer->connection.db, code, "cannot read", error);
    sqlite3_reset(find);
    return status;
}

static oe_status insert_event(const judging *self, oe_error *error)
{
    oe__sqlite_connection *connection = &self->writer->connection;
    const oe_store_outcome *outcome = self->outcome;
    sqlite3_stmt *put = connection->statements[OE__SQL_PUT_EVENT];
    sqlite3_stmt *count = connection->statements[OE__SQL_COUNT_EVENT];
    oe__sqlite_bind_blob(put, 1, outcome->decision, sizeof outcome->decision);
    oe__sqlite_bind_text(put, 2, outcome->product);
    sqlite3_bind_int(put, 3, (int)outcome->outcome);
    oe__sqlite_bind_text(put, 4, outcome->customer);
    sqlite3_bind_int64(put, 5, outcome->at_ms);
    sqlite3_bind_int64(put, 6, outcome->received_ms);
    oe__sqlite_bind_text(put, 7, outcome->channel);
    if (outcome->has_value)
        sqlite3_bind_double(put, 8, outcome->value);
    else
        sqlite3_bind_null(put, 8);
    sqlite3_bind_int64(put, 9, outcome->unit_ms);
    oe__sqlite_bind_text(put, 10, outcome->decided_channel);
    oe__sqlite_bind_text(put, 11, outcome->campaign);
    oe_status status = oe__sqlite_run(connection, OE__SQL_PUT_EVENT, error);
    if (status != OE_OK)
        return status;
    oe__sqlite_bind_text(count, 1, outcome->product);
    sqlite3_bind_int(count, 2, (int)outcome->outcome);
    sqlite3_bind_int64(count, 3, outcome->at_ms / DAY_MS);
    status = oe__sqlite_run(connection, OE__SQL_COUNT_EVENT, error);
    if (status != OE_OK)
        return status;
    return oe__sqlite_count_outcome(self->writer, outcome, self->generation, error);
}

/* The customer's body with the product in its set; *is_changed: it was not there before. */
static oe_status make_body(const judging *self, oe__buffer *body, bool *is_changed,
                           oe_error *error)
{
    const oe_store_submission *request = &self->job->request;
    const oe_store_outcome *outcome = self->outcome;
    sqlite3_stmt *read = self->writer->connection.statements[OE__SQL_READ_BODY];
    oe__owning owning = {.member = request->member.data,
                         .member_length = request->member.length,
                         .product = outcome->product.data,
                         .product_length = outcome->product.length};
    oe_status status = OE_OK;
    *is_changed = false;
    oe__sqlite_bind_text(read, 1, outcome->customer);
    int code = sqlite3_step(read);
    if (code == SQLITE_ROW) {
        oe_store_bytes stored = oe__sqlite_column(read, 0);
        status = oe__outcome_own(body, stored.data, stored.length, &owning, is_changed);
        if (status == OE_E_MEMORY)
            status = fail_memory(error);
        else if (status != OE_OK) /* a body of other rules: it stays as it is */
            status = OE_OK;
    } else if (code != SQLITE_DONE)
        status = oe__sqlite_fail(self->writer->connection.db, code, "cannot read", error);
    sqlite3_reset(read);
    return status;
}

static oe_status own_product(const judging *self, oe_error *error)
{
    oe__buffer body = {0};
    bool is_changed = false;
    oe_status status = make_body(self, &body, &is_changed, error);
    if (status == OE_OK && is_changed) {
        oe_store_customer customer = {.id = self->outcome->customer,
                                      .body = {body.data, body.length}};
        status = oe__sqlite_replace_body(self->writer, self->job, &customer, error);
        self->outcome->has_changed_customer = status == OE_OK;
    }
    oe__buffer_free(&body);
    return status;
}

static void begin_outcome(const judging *self)
{
    oe_store_outcome *outcome = self->outcome;
    outcome->customer = outcome->decided_channel = outcome->campaign =
        (oe_store_bytes){NULL, 0};
    outcome->unit_ms = 0;
    outcome->has_changed_customer = false;
    outcome->received_ms = self->job->request.at_ms;
    if (outcome->at_ms == 0)
        outcome->at_ms = outcome->received_ms;
}

static oe_status put_outcome(judging *self, oe_error *error)
{
    const oe_store_outcome *outcome = self->outcome;
    bool is_there = false;
    begin_outcome(self);
    oe_status status = find_event(self, &is_there, error);
    if (status != OE_OK || is_there)
        return status;
    status = find_verdict(self, error);
    if (status != OE_OK || outcome->verdict != OE_STORE_VERDICT_STORED)
        return status;
    status = insert_event(self, error);
    if (status == OE_OK && outcome->is_owned && self->job->request.member.length > 0)
        status = own_product(self, error);
    return status;
}

/* The job's own copy of what was submitted becomes the result. */
static oe_store_outcome *use_copy(oe__store_job *job)
{
    job->result.outcomes = job->request.outcomes;
    job->result.outcome_count = job->request.outcome_count;
    return (oe_store_outcome *)(uintptr_t)job->result.outcomes;
}

oe_status oe__sqlite_put_outcomes(oe__sqlite_writer *writer, oe__store_job *job,
                                  oe_error *error)
{
    oe_store_outcome *outcomes = use_copy(job);
    for (size_t i = 0; i < job->request.outcome_count; i++) {
        judging self = {writer, job, &outcomes[i], 0};
        oe_status status = put_outcome(&self, error);
        if (status != OE_OK)
            return status;
    }
    return OE_OK;
}

oe_status oe__sqlite_recall_outcomes(oe__sqlite_writer *writer, oe__store_job *job,
                                     oe_store_bytes verdicts, oe_error *error)
{
    oe_store_outcome *outcomes = use_copy(job);
    oe_status status = OE_OK;
    for (size_t i = 0; status == OE_OK && i < job->request.outcome_count; i++) {
        judging self = {writer, job, &outcomes[i], 0};
        bool is_there = false;
        begin_outcome(&self);
        status = find_event(&self, &is_there, error);
        outcomes[i].verdict = i < verdicts.length
                                  ? (oe_store_verdict)(unsigned char)verdicts.data[i]
                                  : OE_STORE_VERDICT_REPEATED;
    }
    return status;
}

/* ---- dropping ---- */

static oe_status drop(oe__sqlite_writer *writer, oe__sqlite_statement statement,
                      oe__store_job *job, oe_error *error)
{
    oe_status status = oe__sqlite_run(&writer->connection, statement, error);
    if (status == OE_OK)
        job->result.events = (uint64_t)sqlite3_changes64(writer->connection.db);
    return status;
}

oe_status oe__sqlite_drop_events(oe__sqlite_writer *writer, oe__store_job *job, oe_error *error)
{
    oe__sqlite_bind_text(writer->connection.statements[OE__SQL_DROP_EVENTS], 1,
                         job->request.id);
    return drop(writer, OE__SQL_DROP_EVENTS, job, error);
}

oe_status oe__sqlite_drop_old_events(oe__sqlite_writer *writer, oe__store_job *job,
                                     oe_error *error)
{
    unsigned char first[OE_RECORD_ID_SIZE] = {0};
    int64_t at_ms = job->request.at_ms > 0 ? job->request.at_ms : 0;
    for (unsigned i = 0; i < 6; i++)
        first[i] = (unsigned char)(at_ms >> (40 - 8 * i) & 0xff);
    oe__sqlite_bind_blob(writer->connection.statements[OE__SQL_DROP_OLD_EVENTS], 1, first,
                         sizeof first);
    return drop(writer, OE__SQL_DROP_OLD_EVENTS, job, error);
}

/* ---- reading ---- */

static oe_store_outcome outcome_of_row(sqlite3_stmt *row)
{
    oe_store_bytes decision = oe__sqlite_column(row, 0);
    oe_store_outcome outcome = {.outcome = (oe_outcome)sqlite3_column_int(row, 2),
                                .product = oe__sqlite_column(row, 1),
                                .customer = oe__sqlite_column(row, 3),
                                .at_ms = sqlite3_column_int64(row, 4),
                                .received_ms = sqlite3_column_int64(row, 5),
                                .channel = oe__sqlite_column(row, 6),
                                .value = sqlite3_column_double(row, 7),
                                .has_value = sqlite3_column_type(row, 7) != SQLITE_NULL,
                                .unit_ms = sqlite3_column_int64(row, 8),
                                .decided_channel = oe__sqlite_column(row, 9),
                                .campaign = oe__sqlite_column(row, 10)};
    if (decision.length == sizeof outcome.decision)
        memcpy(outcome.decision, decision.data, decision.length);
    return outcome;
}

oe_status oe__sqlite_list_events(oe__sqlite_connection *connection, oe__store_job *job,
                                 oe_error *error)
{
    sqlite3_stmt *list = connection->statements[OE__SQL_LIST_EVENTS];
    size_t limit = job->request.limit;
    if (oe__job_expect_outcomes(job, limit) != OE_OK)
        return fail_memory(error);
    oe__sqlite_bind_text(list, 1, job->request.id);
    sqlite3_bind_int64(list, 2, (int64_t)limit + 1);
    oe_status status = OE_OK;
    int code = SQLITE_ROW;
    while (status == OE_OK && (code = sqlite3_step(list)) == SQLITE_ROW) {
        job->result.more = job->result.outcome_count == limit;
        if (job->result.more)
            break;
        oe_store_outcome outcome = outcome_of_row(list);
        if (oe__job_add_outcome(job, &outcome) != OE_OK)
            status = fail_memory(error);
    }
    if (status == OE_OK && code != SQLITE_ROW && code != SQLITE_DONE)
        status = oe__sqlite_fail(connection->db, code, "cannot read", error);
    sqlite3_reset(list);
    return status;
}

oe_status oe__sqlite_count_events(oe__sqlite_connection *connection, oe__store_job *job,
                                  oe_error *error)
{
    sqlite3_stmt *count = connection->statements[OE__SQL_COUNT_EVENTS];
    int code = sqlite3_step(count);
    oe_status status = OE_OK;
    if (code == SQLITE_ROW)
        job->result.count = (uint64_t)sqlite3_column_int64(count, 0);
    else
        status = oe__sqlite_fail(connection->db, code, "cannot read", error);
    sqlite3_reset(count);
    return status;
}

/* ---- the whole of them, by a connection of its own ---- */

oe_status oe__sqlite_walk_rows(const char *path, const oe__sqlite_walk *self, oe_error *error)
{
    oe__sqlite_connection connection;
    sqlite3_stmt *rows = NULL;
    oe_status status = oe__sqlite_connect(path, true, &connection, error);
    if (status != OE_OK)
        return status;
    int code = sqlite3_prepare_v2(connection.db, self->sql, -1, &rows, NULL);
    if (code == SQLITE_OK) {
        for (int i = 0; i < self->count; i++)
            sqlite3_bind_int64(rows, i + 1, self->numbers[i]);
        while ((code = sqlite3_step(rows)) == SQLITE_ROW && self->row(rows, self->context))
            continue;
    }
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        status = oe__sqlite_fail(connection.db, code, "cannot read", error);
    sqlite3_finalize(rows);
    oe__sqlite_disconnect(&connection);
    return status;
}

static bool pass_outcome(sqlite3_stmt *row, const void *context)
{
    const oe_store_outcome_range *range = context;
    oe_store_outcome outcome = outcome_of_row(row);
    return range->outcome(range->context, &outcome);
}

oe_status oe__sqlite_outcome_scan(const char *path, const oe_store_outcome_range *range,
                                  oe_error *error)
{
    oe__sqlite_walk self = {.sql = OE__SELECT_EVENT
                            " WHERE at_ms >= ?1 AND at_ms < ?2 ORDER BY at_ms",
                            .numbers = {range->from_ms, range->until_ms},
                            .count = 2,
                            .row = pass_outcome,
                            .context = range};
    return oe__sqlite_walk_rows(path, &self, error);
}

typedef struct tallying {
    oe_store_tally_fn tally;
    void *context;
} tallying;

static bool pass_tally(sqlite3_stmt *row, const void *context)
{
    const tallying *self = context;
    oe_store_tally tally = {.product = oe__sqlite_column(row, 0),
                            .outcome = (oe_outcome)sqlite3_column_int(row, 1),
                            .day = sqlite3_column_int64(row, 2),
                            .count = (uint64_t)sqlite3_column_int64(row, 3)};
    return self->tally(self->context, &tally);
}

oe_status oe__sqlite_outcome_tally(const char *path, oe_store_tally_fn tally, void *context,
                                   oe_error *error)
{
    tallying tallying_all = {tally, context};
    oe__sqlite_walk self = {.sql = "SELECT product, outcome, day, count FROM tally"
                                   " ORDER BY product, outcome, day",
                            .row = pass_tally,
                            .context = &tallying_all};
    return oe__sqlite_walk_rows(path, &self, error);
}
