/* sqlite_apply.c: one write inside the running transaction: remembered operations, customers,
 * meta. Knows nothing of groups. Runs on the writer's thread only. */
#include "engine/status.h"
#include "store/sqlite.h"

#include <string.h>

/* A stored customer: its place and its revision; number 0 when there is none. */
typedef struct found_customer {
    int64_t number, revision;
} found_customer;

static oe_status find_customer(oe__sqlite_writer *writer, oe_store_bytes id,
                               found_customer *found, oe_error *error)
{
    sqlite3_stmt *find = writer->connection.statements[OE__SQL_FIND_CUSTOMER];
    *found = (found_customer){.number = 0};
    oe__sqlite_bind_text(find, 1, id);
    int code = sqlite3_step(find);
    if (code == SQLITE_ROW)
        *found = (found_customer){sqlite3_column_int64(find, 0), sqlite3_column_int64(find, 1)};
    oe_status status = code == SQLITE_ROW || code == SQLITE_DONE
                           ? OE_OK
                           : oe__sqlite_fail(writer->connection.db, code, "cannot read", error);
    sqlite3_reset(find);
    return status;
}

/* Whether the request's conditions hold for what is stored. */
static oe_status check_found(const oe_store_submission *request, const found_customer *found,
                             oe_error *error)
{
    bool exists = found->number != 0;
    if (exists && request->mode == OE_STORE_PUT_CREATE)
        return oe__fail(error, OE_E_CONFLICT, "store: customer exists already");
    if (!exists && (request->mode == OE_STORE_PUT_REPLACE || request->if_revision != 0))
        return oe__fail(error, OE_E_NOT_FOUND, "store: customer does not exist");
    if (exists && request->if_revision != 0 && request->if_revision != found->revision)
        return oe__fail(error, OE_E_CONFLICT, "store: customer was changed meanwhile");
    return OE_OK;
}

static oe_status keep_former(oe__sqlite_writer *writer, int64_t number,
                             const oe_store_submission *request, oe_store_bytes body,
                             oe_error *error)
{
    sqlite3_stmt *keep = writer->connection.statements[OE__SQL_KEEP_FORMER];
    sqlite3_bind_int64(keep, 1, number);
    sqlite3_bind_int64(keep, 2, request->at_ms);
    oe__sqlite_bind_text(keep, 3, body);
    return oe__sqlite_run(&writer->connection, OE__SQL_KEEP_FORMER, error);
}

static oe_status put_customer(oe__sqlite_writer *writer, oe__store_job *job,
                              const oe_store_customer *customer, oe_error *error)
{
    found_customer found;
    oe_status status = find_customer(writer, customer->id, &found, error);
    if (status == OE_OK)
        status = check_found(&job->request, &found, error);
    bool exists = found.number != 0;
    if (status == OE_OK && exists)
        status = keep_former(writer, found.number, &job->request, customer->body, error);
    if (status != OE_OK)
        return status;
    oe__sqlite_statement which = exists ? OE__SQL_UPDATE_CUSTOMER : OE__SQL_INSERT_CUSTOMER;
    sqlite3_stmt *put = writer->connection.statements[which];
    if (exists)
        sqlite3_bind_int64(put, 1, found.number);
    else
        oe__sqlite_bind_text(put, 1, customer->id);
    sqlite3_bind_int64(put, 2, writer->pending.revision);
    oe__sqlite_bind_text(put, 3, customer->body);
    sqlite3_bind_int64(put, 4, job->request.at_ms);
    status = oe__sqlite_run(&writer->connection, which, error);
    if (status != OE_OK)
        return status;
    if (exists) {
        job->result.replaced++;
        return OE_OK;
    }
    job->result.created++;
    writer->pending.customers++;
    writer->pending.ever_held = true;
    return OE_OK;
}

oe_status oe__sqlite_replace_body(oe__sqlite_writer *writer, oe__store_job *job,
                                  const oe_store_customer *customer, oe_error *error)
{
    oe_status status = put_customer(writer, job, customer, error);
    job->result.replaced = 0; /* it is the outcome that was written */
    return status;
}

static oe_status put_batch(oe__sqlite_writer *writer, oe__store_job *job, oe_error *error)
{
    for (size_t i = 0; i < job->request.customer_count; i++) {
        oe_status status = put_customer(writer, job, &job->request.customers[i], error);
        if (status == OE_OK)
            continue;
        error->position = (int64_t)i + 1;
        return status;
    }
    return OE_OK;
}

static oe_status drop_formers(oe__sqlite_writer *writer, oe__store_job *job, oe_error *error)
{
    oe__sqlite_bind_text(writer->connection.statements[OE__SQL_DROP_FORMERS], 1,
                         job->request.id);
    oe_status status = oe__sqlite_run(&writer->connection, OE__SQL_DROP_FORMERS, error);
    if (status == OE_OK)
        job->result.versions = (uint64_t)sqlite3_changes64(writer->connection.db);
    return status;
}

/* A plain digest of a profile tells who guesses that he guessed right. */
static oe_status blank_operations(oe__sqlite_writer *writer, const oe__store_job *job,
                                  oe_error *error)
{
    oe__sqlite_bind_text(writer->connection.statements[OE__SQL_BLANK_OPERATIONS], 1,
                         job->request.id);
    return oe__sqlite_run(&writer->connection, OE__SQL_BLANK_OPERATIONS, error);
}

static oe_status delete_customer(oe__sqlite_writer *writer, oe__store_job *job, oe_error *error)
{
    found_customer found;
    oe_status status = find_customer(writer, job->request.id, &found, error);
    if (status == OE_OK && job->request.if_revision != 0)
        status = check_found(&job->request, &found, error);
    if (status == OE_OK)
        status = oe__sqlite_erase_decisions(&writer->connection, job->request.id,
                                            &job->result.decisions, error);
    if (status == OE_OK)
        status = oe__sqlite_drop_events(writer, job, error);
    if (status == OE_OK)
        status = drop_formers(writer, job, error);
    if (status == OE_OK)
        status = blank_operations(writer, job, error);
    if (status == OE_OK)
        status = oe__sqlite_drop_consent(writer, job, error);
    if (status != OE_OK || found.number == 0)
        return status;
    sqlite3_bind_int64(writer->connection.statements[OE__SQL_DELETE_CUSTOMER], 1, found.number);
    status = oe__sqlite_run(&writer->connection, OE__SQL_DELETE_CUSTOMER, error);
    if (status == OE_OK) {
        job->result.deleted = 1;
        writer->pending.customers--;
    }
    return status;
}

static oe_status erase_journalled(oe__sqlite_writer *writer, oe__store_job *job,
                                  oe_error *error)
{
    oe_status status = oe__sqlite_drop_events(writer, job, error);
    return status == OE_OK ? oe__sqlite_erase_decisions(&writer->connection, job->request.id,
                                                        &job->result.decisions, error)
                           : status;
}

static oe_status put_meta(oe__sqlite_writer *writer, oe__store_job *job, oe_error *error)
{
    sqlite3_stmt *put = writer->connection.statements[OE__SQL_PUT_META];
    oe__sqlite_bind_text(put, 1, job->request.id);
    oe__sqlite_bind_blob(put, 2, job->request.body.data, job->request.body.length);
    return oe__sqlite_run(&writer->connection, OE__SQL_PUT_META, error);
}

/* Fills the result when the operation id is remembered; *is_known tells. */
static oe_status recall(oe__sqlite_writer *writer, oe__store_job *job, bool *is_known,
                        oe_error *error)
{
    sqlite3_stmt *find = writer->connection.statements[OE__SQL_FIND_OPERATION];
    oe_store_bytes id = job->request.operation_id;
    oe__sqlite_bind_blob(find, 1, id.data, id.length);
    int code = sqlite3_step(find);
    oe_status status = OE_OK;
    *is_known = code == SQLITE_ROW;
    if (code == SQLITE_ROW) {
        oe_store_bytes digest = oe__sqlite_column(find, 0);
        /* An erased one is known by its id alone. */
        bool is_same =
            digest.length == 0 || (digest.length == sizeof job->digest &&
                                   memcmp(digest.data, job->digest, sizeof job->digest) == 0);
        job->result.repeated = is_same;
        job->result.revision = sqlite3_column_int64(find, 1);
        job->result.created = (uint64_t)sqlite3_column_int64(find, 2);
        job->result.replaced = (uint64_t)sqlite3_column_int64(find, 3);
        job->result.deleted = (uint64_t)sqlite3_column_int64(find, 4);
        if (is_same && job->request.operation == OE_STORE_OUTCOMES_PUT)
            status = oe__sqlite_recall_outcomes(writer, job, oe__sqlite_column(find, 5), error);
        if (!is_same)
            status = oe__fail(error, OE_E_CONFLICT,
                              "store: operation id was used for another write");
    } else if (code != SQLITE_DONE)
        status = oe__sqlite_fail(writer->connection.db, code, "cannot read", error);
    sqlite3_reset(find);
    return status;
}

/* Whom a write's digest could tell of; empty: nobody, or many at once. */
static oe_store_bytes person_of(const oe_store_submission *request)
{
    if (request->operation == OE_STORE_CUSTOMER_BATCH && request->customer_count == 1)
        return request->customers[0].id;
    bool is_of_one = request->operation == OE_STORE_CUSTOMER_PUT ||
                     request->operation == OE_STORE_CONSENT_PUT;
    return is_of_one ? request->id : (oe_store_bytes){NULL, 0};
}

static bool is_erasure(const oe_store_submission *request)
{
    return request->operation == OE_STORE_CUSTOMER_DELETE ||
           request->operation == OE_STORE_JOURNAL_ERASE;
}

static oe_status remember(oe__sqlite_writer *writer, const oe__store_job *job, oe_error *error)
{
    sqlite3_stmt *keep = writer->connection.statements[OE__SQL_KEEP_OPERATION];
    oe_store_bytes id = job->request.operation_id, person = person_of(&job->request);
    sqlite3_bind_int64(keep, 1, ++writer->pending.operation);
    oe__sqlite_bind_blob(keep, 2, id.data, id.length);
    oe__sqlite_bind_blob(keep, 3, job->digest,
                         is_erasure(&job->request) ? 0 : sizeof job->digest);
    sqlite3_bind_null(keep, 8);
    if (person.length > 0)
        oe__sqlite_bind_text(keep, 8, person);
    sqlite3_bind_int64(keep, 4, job->result.revision);
    sqlite3_bind_int64(keep, 5, (int64_t)job->result.created);
    sqlite3_bind_int64(keep, 6, (int64_t)job->result.replaced);
    sqlite3_bind_int64(keep, 7, (int64_t)job->result.deleted);
    unsigned char verdicts[OE_STORE_OUTCOMES_MAX];
    size_t count =
        job->request.operation == OE_STORE_OUTCOMES_PUT ? job->result.outcome_count : 0;
    for (size_t i = 0; i < count; i++)
        verdicts[i] = (unsigned char)job->result.outcomes[i].verdict;
    oe__sqlite_bind_blob(keep, 9, verdicts, count);
    return oe__sqlite_run(&writer->connection, OE__SQL_KEEP_OPERATION, error);
}

static oe_status apply_new(oe__sqlite_writer *writer, oe__store_job *job, oe_error *error)
{
    const oe_store_submission *request = &job->request;
    oe_store_customer customer = {.id = request->id, .body = request->body};
    if (is_erasure(request) || request->operation == OE_STORE_JOURNAL_FORGET)
        oe__sqlite_recent_clear(&writer->recent);
    switch (request->operation) {
    case OE_STORE_CUSTOMER_PUT:
        return put_customer(writer, job, &customer, error);
    case OE_STORE_CUSTOMER_DELETE:
        return delete_customer(writer, job, error);
    case OE_STORE_CUSTOMER_BATCH:
        return put_batch(writer, job, error);
    case OE_STORE_GENERATION_PUT:
        return oe__sqlite_put_generation(&writer->connection, &request->generation, error);
    case OE_STORE_JOURNAL_APPEND:
        return oe__sqlite_append_block(writer, job, error);
    case OE_STORE_JOURNAL_ERASE:
        return erase_journalled(writer, job, error);
    case OE_STORE_CONSENT_PUT:
        return oe__sqlite_put_consent(writer, job, error);
    case OE_STORE_OUTCOMES_PUT:
        return oe__sqlite_put_outcomes(writer, job, error);
    case OE_STORE_RUN_PUT:
        return oe__sqlite_put_run(writer, job, error);
    case OE_STORE_JOURNAL_FORGET:
        return oe__sqlite_forget(writer, job, error);
    default:
        return put_meta(writer, job, error);
    }
}

oe_status oe__sqlite_apply(oe__sqlite_writer *writer, oe__store_job *job, oe_error *error)
{
    bool is_known = false;
    if (job->request.operation == OE_STORE_OUTCOMES_PUT && job->request.is_passing) {
        writer->pending.revision++;
        job->result.revision = writer->pending.revision;
        return oe__sqlite_put_outcomes(writer, job, error);
    }
    oe_status status = recall(writer, job, &is_known, error);
    if (status != OE_OK || is_known)
        return status;
    writer->pending.revision++;
    status = apply_new(writer, job, error);
    job->result.revision = writer->pending.revision;
    return status == OE_OK ? remember(writer, job, error) : status;
}
