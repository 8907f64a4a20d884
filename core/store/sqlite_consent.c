/* sqlite_consent.c: consents: one row a customer. Knows nothing of what they say. */
#include "engine/status.h"
#include "store/sqlite.h"

/* Whether the customer had one before. */
static oe_status drop(oe__sqlite_writer *writer, oe_store_bytes customer, bool *was_there,
                      oe_error *error)
{
    oe__sqlite_bind_text(writer->connection.statements[OE__SQL_DROP_CONSENT], 1, customer);
    oe_status status = oe__sqlite_run(&writer->connection, OE__SQL_DROP_CONSENT, error);
    *was_there = status == OE_OK && sqlite3_changes64(writer->connection.db) > 0;
    return status;
}

oe_status oe__sqlite_drop_consent(oe__sqlite_writer *writer, oe__store_job *job,
                                  oe_error *error)
{
    bool was_there = false;
    oe_status status = drop(writer, job->request.id, &was_there, error);
    job->result.consents = was_there;
    return status;
}

oe_status oe__sqlite_put_consent(oe__sqlite_writer *writer, oe__store_job *job, oe_error *error)
{
    const oe_store_submission *request = &job->request;
    sqlite3_stmt *put = writer->connection.statements[OE__SQL_PUT_CONSENT];
    bool was_there = false;
    oe_status status = drop(writer, request->id, &was_there, error);
    if (status == OE_OK && request->body.length > 0) {
        oe__sqlite_bind_text(put, 1, request->id);
        oe__sqlite_bind_text(put, 2, request->body);
        sqlite3_bind_int64(put, 3, request->at_ms);
        status = oe__sqlite_run(&writer->connection, OE__SQL_PUT_CONSENT, error);
    }
    bool is_there = request->body.length > 0;
    job->result.created = is_there && !was_there;
    job->result.replaced = is_there && was_there;
    job->result.deleted = !is_there && was_there;
    return status;
}

oe_status oe__sqlite_get_consent(oe__sqlite_connection *connection, oe__store_job *job,
                                 oe_error *error)
{
    sqlite3_stmt *get = connection->statements[OE__SQL_GET_CONSENT];
    oe__sqlite_bind_text(get, 1, job->request.id);
    int code = sqlite3_step(get);
    oe_status status = OE_OK;
    if (code == SQLITE_ROW)
        status = oe__job_set_value(job, oe__sqlite_column(get, 0)) == OE_OK
                     ? OE_OK
                     : oe__fail(error, OE_E_MEMORY, "store: memory is out");
    else
        status = code == SQLITE_DONE
                     ? oe__fail(error, OE_E_NOT_FOUND, "store: no such consent")
                     : oe__sqlite_fail(connection->db, code, "cannot read", error);
    sqlite3_reset(get);
    return status;
}

oe_status oe__sqlite_consent_scan(const char *path, oe_store_consent_fn consent, void *context,
                                  oe_error *error)
{
    oe__sqlite_connection connection;
    sqlite3_stmt *scan = NULL;
    oe_status status = oe__sqlite_connect(path, true, &connection, error);
    if (status != OE_OK)
        return status;
    int code = sqlite3_prepare_v2(connection.db, "SELECT customer, body, at_ms FROM consent",
                                  -1, &scan, NULL);
    bool goes_on = code == SQLITE_OK;
    while (goes_on && (code = sqlite3_step(scan)) == SQLITE_ROW) {
        oe_store_consent found = {.customer = oe__sqlite_column(scan, 0),
                                  .body = oe__sqlite_column(scan, 1),
                                  .at_ms = sqlite3_column_int64(scan, 2)};
        goes_on = consent(context, &found);
    }
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        status = oe__sqlite_fail(connection.db, code, "cannot read", error);
    sqlite3_finalize(scan);
    oe__sqlite_disconnect(&connection);
    return status;
}
