/* sqlite_write.c: group commit: who shares a transaction, and who pays when it fails. The
 * writes themselves are in sqlite_apply.c. Runs on the writer's thread only. */
#include "store/sqlite.h"

/* Failures in a row after which writes of a failed group are no longer tried one by one: the
 * cause is then the system and not one write. */
enum { SINGLE_FAILURES_MAX = 2 };

static bool is_own_failure(oe_status status)
{
    return status == OE_E_CONFLICT || status == OE_E_NOT_FOUND || status == OE_E_LIMIT ||
           status == OE_E_INVALID;
}

/* Few writes fail, and those that do mostly before they changed anything: a savepoint for each,
 * for which SQLite copies every page that it changes, is taken only when one was caught in the
 * middle. The transaction is then torn, undone and made again. */
static oe_status apply_openly(oe__sqlite_writer *writer, oe__store_job *job, oe_error *error)
{
    oe__sqlite_counters before = writer->pending;
    int64_t changes = sqlite3_total_changes64(writer->connection.db);
    uint64_t counted = writer->counts.records;
    oe_error own;
    oe__job_clear(job);
    oe_status status = oe__sqlite_apply(writer, job, &own);
    if (status == OE_OK)
        return OE_OK;
    bool is_own = is_own_failure(status);
    writer->is_torn = is_own && (sqlite3_total_changes64(writer->connection.db) != changes ||
                                 writer->counts.records != counted);
    if (!is_own || writer->is_torn) {
        *error = own;
        return status;
    }
    writer->pending = before;
    oe__job_fail(job, &own);
    return OE_OK;
}

/* One write behind a savepoint, so that its own failure undoes nothing but itself. No counts of
 * others are in memory when it begins. */
static oe_status apply_alone(oe__sqlite_writer *writer, oe__store_job *job, oe_error *error)
{
    oe__sqlite_connection *connection = &writer->connection;
    oe__sqlite_counters before = writer->pending;
    oe_error own;
    oe_status status = oe__sqlite_run(connection, OE__SQL_SAVE, error);
    if (status != OE_OK)
        return status;
    oe__job_clear(job);
    status = oe__sqlite_apply(writer, job, &own);
    if (status == OE_OK)
        status = oe__sqlite_put_counts(writer, &own);
    if (status == OE_OK)
        return oe__sqlite_run(connection, OE__SQL_RELEASE, error);
    if (!is_own_failure(status)) {
        *error = own;
        return status;
    }
    writer->pending = before;
    oe__sqlite_drop_counts(writer);
    oe__job_fail(job, &own);
    status = oe__sqlite_run(connection, OE__SQL_UNDO, error);
    return status == OE_OK ? oe__sqlite_run(connection, OE__SQL_RELEASE, error) : status;
}

static oe_status put_state(oe__sqlite_writer *writer, oe_error *error)
{
    const oe__sqlite_counters *now = &writer->pending;
    sqlite3_stmt *put = writer->connection.statements[OE__SQL_PUT_STATE];
    sqlite3_stmt *forget = writer->connection.statements[OE__SQL_FORGET_OPERATIONS];
    sqlite3_bind_int64(put, 1, now->revision);
    sqlite3_bind_int64(put, 2, now->operation);
    sqlite3_bind_int64(put, 3, now->customers);
    sqlite3_bind_int(put, 4, now->ever_held);
    sqlite3_bind_int64(put, 5, now->block);
    oe__sqlite_bind_blob(put, 6, now->chain, sizeof now->chain);
    sqlite3_bind_int64(put, 7, now->anchor);
    oe__sqlite_bind_blob(put, 8, now->anchor_chain, sizeof now->anchor_chain);
    oe_status status = oe__sqlite_run(&writer->connection, OE__SQL_PUT_STATE, error);
    sqlite3_bind_int64(forget, 1, now->operation - OE_STORE_OPERATIONS_KEPT);
    return status == OE_OK
               ? oe__sqlite_run(&writer->connection, OE__SQL_FORGET_OPERATIONS, error)
               : status;
}

/* Takes memory: what could not be rolled back for lack of it is before the next transaction. */
static void roll_back(oe__sqlite_connection *connection)
{
    if (!sqlite3_get_autocommit(connection->db))
        sqlite3_exec(connection->db, "ROLLBACK", NULL, NULL, NULL);
}

/* One transaction of the jobs. A failure left nothing done, but see *unknown. */
static oe_status transact(oe__sqlite_writer *writer, oe__store_job **jobs, size_t count,
                          bool *unknown, oe_error *error)
{
    oe__sqlite_connection *connection = &writer->connection;
    writer->pending = writer->committed;
    writer->is_torn = false;
    *unknown = false;
    roll_back(connection);
    oe_status status = oe__sqlite_run(connection, OE__SQL_BEGIN, error);
    for (size_t i = 0; status == OE_OK && i < count; i++)
        status = writer->is_careful ? apply_alone(writer, jobs[i], error)
                                    : apply_openly(writer, jobs[i], error);
    if (status == OE_OK)
        status = oe__sqlite_put_counts(writer, error);
    if (status == OE_OK && writer->pending.revision != writer->committed.revision)
        status = put_state(writer, error);
    if (status == OE_OK) {
        status = oe__sqlite_run(connection, OE__SQL_COMMIT, error);
        /* The log may hold the whole transaction though its sync failed: a later recovery could
         * bring it back. */
        *unknown = status != OE_OK;
    }
    if (status == OE_OK) {
        writer->committed = writer->pending;
        atomic_fetch_add(&writer->stats->transactions, 1);
        return OE_OK;
    }
    if (!writer->is_torn)
        atomic_fetch_add(&writer->stats->failed_transactions, 1);
    oe__sqlite_recent_clear(&writer->recent);
    oe__sqlite_drop_counts(writer);
    roll_back(connection);
    return status;
}

static void fail_job(oe__store_job *job, const oe_error *error, bool unknown)
{
    oe__job_fail(job, error);
    job->result.outcome_unknown = unknown;
}

/* The system refused the group: perhaps for the sake of one large write. `unknown` is the
 * group's. */
static void write_one_by_one(oe__sqlite_writer *writer, oe__store_job **jobs, size_t count,
                             bool unknown)
{
    int failures = 0;
    oe_error error = {.status = OE_OK};
    for (size_t i = 0; i < count; i++) {
        bool unknown_alone = false;
        if (failures < SINGLE_FAILURES_MAX) {
            if (transact(writer, &jobs[i], 1, &unknown_alone, &error) == OE_OK) {
                failures = 0;
                continue;
            }
            failures++;
        }
        fail_job(jobs[i], &error, unknown || unknown_alone);
    }
}

static bool erases(const oe__store_job *job)
{
    oe_store_operation operation = job->request.operation;
    return job->result.status == OE_OK &&
           (operation == OE_STORE_CUSTOMER_DELETE || operation == OE_STORE_JOURNAL_ERASE ||
            operation == OE_STORE_JOURNAL_FORGET);
}

/* What was erased is still in the log until that is moved into the database and cut off. A
 * write whose log could not be, because somebody reads, happened and is to be repeated. */
static void clean_log(oe__sqlite_writer *writer, oe__store_job **jobs, size_t count)
{
    oe_error error = {.status = OE_OK};
    bool is_needed = false;
    for (size_t i = 0; i < count; i++)
        is_needed = is_needed || erases(jobs[i]);
    if (!is_needed)
        return;
    /* Writes of others wait meanwhile: better to fail soon and to be repeated. */
    sqlite3_busy_timeout(writer->connection.db, OE__SQLITE_CLEAN_WAIT_MS);
    int code = sqlite3_wal_checkpoint_v2(writer->connection.db, NULL,
                                         SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    sqlite3_busy_timeout(writer->connection.db, OE__SQLITE_BUSY_WAIT_MS);
    if (code == SQLITE_OK)
        return;
    oe__sqlite_fail(writer->connection.db, code,
                    "what was erased is still in the log of writes", &error);
    for (size_t i = 0; i < count; i++)
        if (erases(jobs[i]))
            fail_job(jobs[i], &error, true);
}

void oe__sqlite_write_group(oe__sqlite_writer *writer, oe__store_job **jobs, size_t count)
{
    oe__store_job *begun[OE__SQLITE_GROUP_MAX];
    size_t begun_count = 0;
    bool unknown = false;
    oe_error error;
    for (size_t i = 0; i < count; i++) {
        if (oe__job_begin(jobs[i]))
            begun[begun_count++] = jobs[i];
        else
            oe__job_complete(jobs[i]);
    }
    if (begun_count == 0)
        return;
    atomic_fetch_add(&writer->stats->writes, begun_count);
    writer->is_careful = false;
    oe_status status = transact(writer, begun, begun_count, &unknown, &error);
    writer->is_careful = true;
    if (writer->is_torn)
        status = transact(writer, begun, begun_count, &unknown, &error);
    if (status != OE_OK && begun_count > 1)
        write_one_by_one(writer, begun, begun_count, unknown);
    else if (status != OE_OK)
        fail_job(begun[0], &error, unknown);
    clean_log(writer, begun, begun_count);
    bool has_texts = false;
    for (size_t i = 0; i < begun_count; i++)
        has_texts = has_texts || begun[i]->request.operation == OE_STORE_GENERATION_PUT;
    for (size_t i = 0; i < begun_count; i++)
        oe__job_complete(begun[i]);
    /* Nobody reads them soon: they need not stay in the cache. */
    if (has_texts)
        (void)sqlite3_db_release_memory(writer->connection.db);
}
