/* sqlite_read.c: answering reads, the whole scan and the check of soundness. Each call sees one
 * consistent moment. Changes nothing. */
#include "engine/status.h"
#include "store/sqlite.h"

#include <string.h>

static oe_store_customer customer_of_row(sqlite3_stmt *statement)
{
    return (oe_store_customer){.id = oe__sqlite_column(statement, 0),
                               .revision = sqlite3_column_int64(statement, 1),
                               .body = oe__sqlite_column(statement, 2)};
}

static oe_status fail_memory(oe_error *error)
{
    return oe__fail(error, OE_E_MEMORY, "store: memory is out");
}

static oe_status get_customer(oe__sqlite_connection *connection, oe__store_job *job,
                              oe_error *error)
{
    bool is_former = job->request.operation == OE_STORE_CUSTOMER_AS_OF;
    sqlite3_stmt *get =
        connection->statements[is_former ? OE__SQL_GET_AS_OF : OE__SQL_GET_CUSTOMER];
    oe__sqlite_bind_text(get, 1, job->request.id);
    if (is_former)
        sqlite3_bind_int64(get, 2, job->request.at_ms);
    int code = sqlite3_step(get);
    oe_status status = OE_OK;
    if (code == SQLITE_ROW) {
        oe_store_customer customer = customer_of_row(get);
        if (oe__job_expect_customers(job, 1) != OE_OK ||
            oe__job_add_customer(job, &customer) != OE_OK)
            status = fail_memory(error);
    } else
        status = code == SQLITE_DONE
                     ? oe__fail(error, OE_E_NOT_FOUND, "store: customer does not exist")
                     : oe__sqlite_fail(connection->db, code, "cannot read", error);
    sqlite3_reset(get);
    return status;
}

static oe_status scan_page(oe__sqlite_connection *connection, oe__store_job *job,
                           oe_error *error)
{
    sqlite3_stmt *scan = connection->statements[OE__SQL_SCAN];
    size_t limit = job->request.limit, bytes = 0;
    if (oe__job_expect_customers(job, limit) != OE_OK)
        return fail_memory(error);
    oe__sqlite_bind_text(scan, 1, job->request.after);
    sqlite3_bind_int64(scan, 2, (int64_t)limit + 1);
    oe_status status = OE_OK;
    int code = SQLITE_ROW;
    while (status == OE_OK && (code = sqlite3_step(scan)) == SQLITE_ROW) {
        if (job->result.customer_count == limit || bytes >= OE__SQLITE_PAGE_BYTES) {
            job->result.more = true;
            break;
        }
        oe_store_customer customer = customer_of_row(scan);
        bytes += customer.body.length;
        if (oe__job_add_customer(job, &customer) != OE_OK)
            status = fail_memory(error);
    }
    if (status == OE_OK && code != SQLITE_ROW && code != SQLITE_DONE)
        status = oe__sqlite_fail(connection->db, code, "cannot read", error);
    sqlite3_reset(scan);
    return status;
}

static oe_status count_customers(oe__sqlite_connection *connection, oe__store_job *job,
                                 oe_error *error)
{
    oe__sqlite_counters counters;
    oe_status status = oe__sqlite_load_counters(connection, &counters, error);
    if (status != OE_OK)
        return status;
    job->result.count = (uint64_t)counters.customers;
    job->result.ever_held = counters.ever_held;
    return OE_OK;
}

static oe_status get_meta(oe__sqlite_connection *connection, oe__store_job *job,
                          oe_error *error)
{
    sqlite3_stmt *get = connection->statements[OE__SQL_GET_META];
    oe__sqlite_bind_text(get, 1, job->request.id);
    int code = sqlite3_step(get);
    oe_status status = OE_OK;
    if (code == SQLITE_ROW)
        status = oe__job_set_value(job, oe__sqlite_column(get, 0)) == OE_OK
                     ? OE_OK
                     : fail_memory(error);
    else
        status = code == SQLITE_DONE
                     ? oe__fail(error, OE_E_NOT_FOUND, "store: no such meta key")
                     : oe__sqlite_fail(connection->db, code, "cannot read", error);
    sqlite3_reset(get);
    return status;
}

static oe_status answer(oe__sqlite_connection *connection, oe__store_job *job, oe_error *error)
{
    switch (job->request.operation) {
    case OE_STORE_CUSTOMER_GET:
    case OE_STORE_CUSTOMER_AS_OF:
        return get_customer(connection, job, error);
    case OE_STORE_CUSTOMER_SCAN:
        return scan_page(connection, job, error);
    case OE_STORE_CUSTOMER_COUNT:
        return count_customers(connection, job, error);
    case OE_STORE_GENERATION_GET:
        return oe__sqlite_get_generation(connection, job, error);
    case OE_STORE_GENERATION_LIST:
        return oe__sqlite_list_generations(connection, job, error);
    case OE_STORE_OUTCOME_LIST:
        return oe__sqlite_list_events(connection, job, error);
    case OE_STORE_OUTCOME_COUNT:
        return oe__sqlite_count_events(connection, job, error);
    case OE_STORE_CONSENT_GET:
        return oe__sqlite_get_consent(connection, job, error);
    case OE_STORE_JOURNAL_GET:
        return oe__sqlite_get_decision(connection, job, error);
    default:
        return get_meta(connection, job, error);
    }
}

void oe__sqlite_read(oe__sqlite_connection *connection, oe__store_job *job)
{
    oe_error error;
    if (oe__job_begin(job) && answer(connection, job, &error) != OE_OK)
        oe__job_fail(job, &error);
    oe__job_complete(job);
}

/* ---- Whole-store calls ---------------------------------------------------------------------
 */

static oe_status query(oe__sqlite_connection *connection, const char *sql, sqlite3_stmt **out,
                       oe_error *error)
{
    int code = sqlite3_prepare_v2(connection->db, sql, -1, out, NULL);
    return code == SQLITE_OK ? OE_OK
                             : oe__sqlite_fail(connection->db, code, "cannot read", error);
}

oe_status oe__sqlite_scan_all(const char *path, oe_store_row_fn row, void *context,
                              oe_error *error)
{
    oe__sqlite_connection connection;
    sqlite3_stmt *scan = NULL;
    oe_status status = oe__sqlite_connect(path, true, &connection, error);
    if (status != OE_OK)
        return status;
    status = query(&connection, "SELECT id, revision, body FROM customer", &scan, error);
    while (status == OE_OK) {
        int code = sqlite3_step(scan);
        if (code != SQLITE_ROW && code != SQLITE_DONE)
            status = oe__sqlite_fail(connection.db, code, "cannot read", error);
        if (code != SQLITE_ROW)
            break;
        oe_store_customer customer = customer_of_row(scan);
        if (!row(context, &customer))
            break;
    }
    sqlite3_finalize(scan);
    oe__sqlite_disconnect(&connection);
    return status;
}

/* Runs `sql`, whose first row must be the text 'ok'. */
static oe_status expect_ok(oe__sqlite_connection *connection, const char *sql, oe_error *error)
{
    sqlite3_stmt *statement = NULL;
    oe_status status = query(connection, sql, &statement, error);
    if (status != OE_OK)
        return status;
    int code = sqlite3_step(statement);
    const char *finding =
        code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        status = oe__sqlite_fail(connection->db, code, "check failed", error);
    else if (finding == NULL || strcmp(finding, "ok") != 0)
        status = oe__fail(error, OE_E_CORRUPT, "store: database is damaged: %s",
                          finding != NULL ? finding : "no finding");
    sqlite3_finalize(statement);
    return status;
}

oe_status oe__sqlite_check(const char *path, oe_error *error)
{
    oe__sqlite_connection connection;
    oe_status status = oe__sqlite_connect(path, true, &connection, error);
    if (status != OE_OK)
        return status;
    status = expect_ok(&connection, "PRAGMA integrity_check(1)", error);
    if (status == OE_OK)
        status = expect_ok(&connection,
                           "SELECT iif((SELECT count(*) FROM customer) = customers"
                           " AND (SELECT ifnull(max(revision), 0) FROM customer) <= revision"
                           " AND (SELECT ifnull(max(number), 0) FROM operation) = operation"
                           " AND (SELECT count(*) FROM block) = block - anchor"
                           " AND (SELECT count(*) FROM block_bytes) = block - anchor,"
                           " 'ok', 'counters do not agree with the tables') FROM state",
                           error);
    oe__sqlite_disconnect(&connection);
    return status;
}
