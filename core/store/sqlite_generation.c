/* sqlite_generation.c: the generations of rules that served, and their texts, once per hash. */
#include "engine/status.h"
#include "store/sqlite.h"

static oe_status fail_memory(oe_error *error)
{
    return oe__fail(error, OE_E_MEMORY, "store: memory is out");
}

/* Whether the number is taken. */
static oe_status check_number(oe__sqlite_connection *connection, uint64_t number,
                              oe_error *error)
{
    sqlite3_stmt *find = connection->statements[OE__SQL_FIND_GENERATION];
    sqlite3_bind_int64(find, 1, (int64_t)number);
    int code = sqlite3_step(find);
    oe_status status = OE_OK;
    if (code == SQLITE_ROW)
        status = oe__fail(error, OE_E_CONFLICT, "store: generation %llu exists already",
                          (unsigned long long)number);
    else if (code != SQLITE_DONE)
        status = oe__sqlite_fail(connection->db, code, "cannot read", error);
    sqlite3_reset(find);
    return status;
}

oe_status oe__sqlite_put_generation(oe__sqlite_connection *connection,
                                    const oe_store_generation *generation, oe_error *error)
{
    sqlite3_stmt *texts = connection->statements[OE__SQL_PUT_TEXTS];
    sqlite3_stmt *put = connection->statements[OE__SQL_PUT_GENERATION];
    oe_status status = check_number(connection, generation->number, error);
    if (status != OE_OK)
        return status;
    oe__sqlite_bind_text(texts, 1, generation->hash);
    oe__sqlite_bind_blob(texts, 2, generation->texts.data, generation->texts.length);
    status = oe__sqlite_run(connection, OE__SQL_PUT_TEXTS, error);
    if (status != OE_OK)
        return status;
    sqlite3_bind_int64(put, 1, (int64_t)generation->number);
    sqlite3_bind_int64(put, 2, generation->at_ms);
    oe__sqlite_bind_text(put, 3, generation->author);
    oe__sqlite_bind_text(put, 4, generation->note);
    oe__sqlite_bind_text(put, 5, generation->hash);
    return oe__sqlite_run(connection, OE__SQL_PUT_GENERATION, error);
}

static oe_status add_row(oe__store_job *job, sqlite3_stmt *row, oe_error *error)
{
    oe_store_generation generation = {.number = (uint64_t)sqlite3_column_int64(row, 0),
                                      .at_ms = sqlite3_column_int64(row, 1),
                                      .hash = oe__sqlite_column(row, 2),
                                      .author = oe__sqlite_column(row, 3),
                                      .note = oe__sqlite_column(row, 4),
                                      .texts = oe__sqlite_column(row, 5)};
    return oe__job_add_generation(job, &generation) == OE_OK ? OE_OK : fail_memory(error);
}

oe_status oe__sqlite_get_generation(oe__sqlite_connection *connection, oe__store_job *job,
                                    oe_error *error)
{
    sqlite3_stmt *get = connection->statements[OE__SQL_GET_GENERATION];
    if (oe__job_expect_generations(job, 1) != OE_OK)
        return fail_memory(error);
    sqlite3_bind_int64(get, 1, (int64_t)job->request.generation.number);
    int code = sqlite3_step(get);
    oe_status status = OE_OK;
    if (code == SQLITE_ROW)
        status = add_row(job, get, error);
    else
        status = code == SQLITE_DONE
                     ? oe__fail(error, OE_E_NOT_FOUND, "store: no such generation")
                     : oe__sqlite_fail(connection->db, code, "cannot read", error);
    sqlite3_reset(get);
    return status;
}

oe_status oe__sqlite_list_generations(oe__sqlite_connection *connection, oe__store_job *job,
                                      oe_error *error)
{
    sqlite3_stmt *list = connection->statements[OE__SQL_LIST_GENERATIONS];
    size_t limit = job->request.limit;
    if (oe__job_expect_generations(job, limit) != OE_OK)
        return fail_memory(error);
    sqlite3_bind_int64(list, 1, (int64_t)job->request.generation.number);
    sqlite3_bind_int64(list, 2, (int64_t)limit + 1);
    oe_status status = OE_OK;
    int code = SQLITE_ROW;
    while (status == OE_OK && (code = sqlite3_step(list)) == SQLITE_ROW) {
        job->result.more = job->result.generation_count == limit;
        if (job->result.more)
            break;
        status = add_row(job, list, error);
    }
    if (status == OE_OK && code != SQLITE_ROW && code != SQLITE_DONE)
        status = oe__sqlite_fail(connection->db, code, "cannot read", error);
    sqlite3_reset(list);
    return status;
}
