/* sqlite_run.c: how far runs came: one row each, written with what they decided. Knows nothing
 * of what the texts say. */
#include "store/sqlite.h"

oe_status oe__sqlite_put_run(oe__sqlite_writer *writer, oe__store_job *job, oe_error *error)
{
    const oe_store_submission *request = &job->request;
    sqlite3_stmt *put = writer->connection.statements[OE__SQL_PUT_RUN];
    oe_status status =
        request->body.length > 0 ? oe__sqlite_append_block(writer, job, error) : OE_OK;
    if (status != OE_OK)
        return status;
    sqlite3_bind_int64(put, 1, (int64_t)request->run.number);
    oe__sqlite_bind_text(put, 2, request->run.text);
    return oe__sqlite_run(&writer->connection, OE__SQL_PUT_RUN, error);
}

/* ---- reading ---- */

typedef struct scanning {
    oe_store_run_fn run;
    void *context;
} scanning;

static bool pass_run(sqlite3_stmt *row, const void *context)
{
    const scanning *self = context;
    oe_store_run run = {.number = (uint64_t)sqlite3_column_int64(row, 0),
                        .text = oe__sqlite_column(row, 1)};
    return self->run(self->context, &run);
}

oe_status oe__sqlite_run_scan(const char *path, oe_store_run_fn run, void *context,
                              oe_error *error)
{
    scanning self = {run, context};
    oe__sqlite_walk walk = {.sql = "SELECT number, text FROM run ORDER BY number",
                            .row = pass_run,
                            .context = &self};
    return oe__sqlite_walk_rows(path, &walk, error);
}
