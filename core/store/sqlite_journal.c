/* sqlite_journal.c: the journal's writes inside the running transaction, and finding one
 * record. What is in a block is journal.h's business. Followed through as a whole it is in
 * sqlite_verify.c. */
#include "engine/status.h"
#include "store/journal.h"
#include "store/sqlite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* ---- appending ---- */

static oe_status fill_random(unsigned char *bytes, size_t length, oe_error *error)
{
    while (length > 0) {
        ssize_t got = getrandom(bytes, length, 0);
        if (got < 0 && errno != EINTR)
            return oe__fail(error, OE_E_IO, "store: the system gives no random numbers");
        if (got > 0) {
            bytes += got;
            length -= (size_t)got;
        }
    }
    return OE_OK;
}

static void fill_leaves(oe__sha256 *hash, const oe__block *block, unsigned char *leaves)
{
    oe_store_bytes record;
    size_t at = 0, place = 0;
    while (oe__block_next(block->records, block->records_length, &at, &record)) {
        oe__leaf(hash, block->salts + place * OE__SALT_SIZE, record,
                 leaves + place * OE__SHA256_SIZE);
        place++;
    }
}

static oe_status insert_block(oe__sqlite_writer *writer, const oe__block *block,
                              const unsigned char *filter, size_t filter_length,
                              oe_error *error)
{
    sqlite3_stmt *put = writer->connection.statements[OE__SQL_PUT_BLOCK];
    sqlite3_stmt *bytes = writer->connection.statements[OE__SQL_PUT_BLOCK_BYTES];
    const oe__sqlite_counters *now = &writer->pending;
    sqlite3_bind_int64(put, 1, now->block);
    sqlite3_bind_int64(put, 2, block->from_ms);
    sqlite3_bind_int64(put, 3, block->until_ms);
    sqlite3_bind_int64(put, 4, (int64_t)block->count);
    oe__sqlite_bind_blob(put, 5, now->chain, sizeof now->chain);
    oe__sqlite_bind_blob(put, 6, filter, filter_length);
    oe_status status = oe__sqlite_run(&writer->connection, OE__SQL_PUT_BLOCK, error);
    if (status != OE_OK)
        return status;
    sqlite3_bind_int64(bytes, 1, now->block);
    oe__sqlite_bind_blob(bytes, 2, block->salts, block->count * OE__SALT_SIZE);
    oe__sqlite_bind_blob(bytes, 3, block->records, block->records_length);
    oe__sqlite_bind_blob(bytes, 4, block->leaves, block->count * OE__SHA256_SIZE);
    return oe__sqlite_run(&writer->connection, OE__SQL_PUT_BLOCK_BYTES, error);
}

/* `memory` has room for a salt and a leaf for each record. */
static oe_status seal_block(oe__sqlite_writer *writer, oe__block *block, unsigned char *memory,
                            oe_error *error)
{
    oe__sha256 *hash = oe__sha256_new();
    unsigned char *leaves = memory + block->count * OE__SALT_SIZE;
    oe_status status = fill_random(memory, block->count * OE__SALT_SIZE, error);
    block->salts = memory;
    block->leaves = leaves;
    if (status == OE_OK) {
        fill_leaves(hash, block, leaves);
        status = oe__chain_next(hash, leaves, block->count, writer->pending.chain);
        if (status != OE_OK)
            status = oe__fail(error, OE_E_MEMORY, "store: memory is out");
    }
    oe__sha256_free(hash);
    return status;
}

static oe_status count_record(void *context, const oe__record *record, oe_error *error)
{
    return oe__sqlite_count_record(context, record, error);
}

oe_status oe__sqlite_append_block(oe__sqlite_writer *writer, oe__store_job *job,
                                  oe_error *error)
{
    unsigned char filter[OE__FILTER_MAX];
    size_t filter_length = 0;
    oe_store_bytes body = job->request.body;
    oe__block block = {.records = body.data, .records_length = body.length};
    oe_status status = oe__block_measure(&block, filter, &filter_length,
                                         (oe__block_watch){count_record, writer}, error);
    if (status != OE_OK)
        return status;
    unsigned char *memory = malloc(block.count * (OE__SALT_SIZE + OE__SHA256_SIZE));
    status = memory != NULL ? seal_block(writer, &block, memory, error)
                            : oe__fail(error, OE_E_MEMORY, "store: memory is out");
    if (status == OE_OK) {
        writer->pending.block++;
        job->result.decisions = block.count;
        status = insert_block(writer, &block, filter, filter_length, error);
    }
    free(memory);
    return status;
}

/* ---- erasing ---- */

/* Numbers of blocks, in an array that grows. */
typedef struct numbers {
    int64_t *items;
    size_t count, capacity;
} numbers;

static bool add_number(numbers *list, int64_t number)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity > 0 ? list->capacity * 2 : 64;
        int64_t *items = realloc(list->items, capacity * sizeof *items);
        if (items == NULL)
            return false;
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = number;
    return true;
}

/* The blocks that the customer may be in. */
static oe_status list_blocks(oe__sqlite_connection *connection, oe_store_bytes customer,
                             numbers *list, oe_error *error)
{
    sqlite3_stmt *filters = connection->statements[OE__SQL_LIST_FILTERS];
    oe_status status = OE_OK;
    int code = SQLITE_ROW;
    while (status == OE_OK && (code = sqlite3_step(filters)) == SQLITE_ROW) {
        oe_store_bytes filter = oe__sqlite_column(filters, 1);
        if (oe__filter_has((const unsigned char *)filter.data, filter.length, customer) &&
            !add_number(list, sqlite3_column_int64(filters, 0)))
            status = oe__fail(error, OE_E_MEMORY, "store: memory is out");
    }
    if (status == OE_OK && code != SQLITE_DONE)
        status = oe__sqlite_fail(connection->db, code, "cannot read", error);
    sqlite3_reset(filters);
    return status;
}

/* Zeros over the customer's records and their salts; returns how many. */
static uint64_t blank(char *records, size_t length, char *salts, size_t salts_length,
                      oe_store_bytes customer)
{
    uint64_t count = 0;
    oe_store_bytes record;
    size_t place = 0;
    for (size_t at = 0; oe__block_next(records, length, &at, &record); place++) {
        if ((place + 1) * OE__SALT_SIZE > salts_length || !oe__record_is_of(record, customer))
            continue;
        memset(records + (record.data - records), 0, record.length);
        memset(salts + place * OE__SALT_SIZE, 0, OE__SALT_SIZE);
        count++;
    }
    return count;
}

static oe_status put_blanked(oe__sqlite_connection *connection, int64_t number,
                             const oe__block *block, oe_error *error)
{
    unsigned char filter[OE__FILTER_MAX];
    size_t filter_length = 0;
    sqlite3_stmt *bytes = connection->statements[OE__SQL_BLANK_BYTES];
    sqlite3_stmt *row = connection->statements[OE__SQL_BLANK_BLOCK];
    sqlite3_bind_int64(bytes, 1, number);
    oe__sqlite_bind_blob(bytes, 2, block->salts, block->count * OE__SALT_SIZE);
    oe__sqlite_bind_blob(bytes, 3, block->records, block->records_length);
    oe_status status = oe__sqlite_run(connection, OE__SQL_BLANK_BYTES, error);
    if (status != OE_OK)
        return status;
    oe__block_filter(block, filter, &filter_length);
    sqlite3_bind_int64(row, 1, number);
    oe__sqlite_bind_blob(row, 2, filter, filter_length);
    return oe__sqlite_run(connection, OE__SQL_BLANK_BLOCK, error);
}

static char *copy_bytes(oe_store_bytes bytes)
{
    char *copy = malloc(bytes.length + 1);
    if (copy != NULL && bytes.length > 0)
        memcpy(copy, bytes.data, bytes.length);
    return copy;
}

static oe_status blank_block(oe__sqlite_connection *connection, int64_t number,
                             oe_store_bytes customer, uint64_t *erased, oe_error *error)
{
    sqlite3_stmt *get = connection->statements[OE__SQL_READ_BYTES];
    char *salts = NULL, *records = NULL;
    uint64_t count = 0;
    oe_status status = OE_OK;
    sqlite3_bind_int64(get, 1, number);
    int code = sqlite3_step(get);
    if (code != SQLITE_ROW) {
        sqlite3_reset(get);
        return code == SQLITE_DONE
                   ? OE_OK /* damage, which verifying tells */
                   : oe__sqlite_fail(connection->db, code, "cannot read", error);
    }
    oe_store_bytes all_salts = oe__sqlite_column(get, 0), all = oe__sqlite_column(get, 1);
    salts = copy_bytes(all_salts);
    records = copy_bytes(all);
    sqlite3_reset(get);
    if (salts == NULL || records == NULL)
        status = oe__fail(error, OE_E_MEMORY, "store: memory is out");
    else
        count = blank(records, all.length, salts, all_salts.length, customer);
    oe__block block = {.count = all_salts.length / OE__SALT_SIZE,
                       .salts = (unsigned char *)salts,
                       .records = records,
                       .records_length = all.length};
    if (count > 0)
        status = put_blanked(connection, number, &block, error);
    *erased += count;
    free(salts);
    free(records);
    return status;
}

oe_status oe__sqlite_erase_decisions(oe__sqlite_connection *connection, oe_store_bytes customer,
                                     uint64_t *erased, oe_error *error)
{
    numbers list = {0};
    oe_status status = list_blocks(connection, customer, &list, error);
    for (size_t i = 0; status == OE_OK && i < list.count; i++)
        status = blank_block(connection, list.items[i], customer, erased, error);
    free(list.items);
    return status;
}

/* ---- forgetting ---- */

/* The last of the blocks at the beginning that all end before; 0: none. */
static oe_status find_last_old(oe__sqlite_writer *writer, int64_t before_ms, oe_error *error)
{
    sqlite3_stmt *find = writer->connection.statements[OE__SQL_LAST_OLD_BLOCK];
    oe__sqlite_counters *pending = &writer->pending;
    sqlite3_bind_int64(find, 1, before_ms);
    int code = sqlite3_step(find);
    oe_status status = OE_OK;
    if (code == SQLITE_ROW) {
        oe_store_bytes chain = oe__sqlite_column(find, 1);
        pending->anchor = sqlite3_column_int64(find, 0);
        if (chain.length == sizeof pending->anchor_chain)
            memcpy(pending->anchor_chain, chain.data, chain.length);
    } else if (code != SQLITE_DONE)
        status = oe__sqlite_fail(writer->connection.db, code, "cannot read", error);
    sqlite3_reset(find);
    return status;
}

static oe_status run_number(oe__sqlite_connection *connection, oe__sqlite_statement statement,
                            int64_t number, oe_error *error)
{
    sqlite3_bind_int64(connection->statements[statement], 1, number);
    return oe__sqlite_run(connection, statement, error);
}

/* How many records the blocks up to `number` hold. */
static uint64_t count_old(oe__sqlite_connection *connection, int64_t number)
{
    sqlite3_stmt *count = connection->statements[OE__SQL_COUNT_OLD];
    uint64_t records = 0;
    sqlite3_bind_int64(count, 1, number);
    if (sqlite3_step(count) == SQLITE_ROW)
        records = (uint64_t)sqlite3_column_int64(count, 0);
    sqlite3_reset(count);
    return records;
}

oe_status oe__sqlite_forget(oe__sqlite_writer *writer, oe__store_job *job, oe_error *error)
{
    oe__sqlite_connection *connection = &writer->connection;
    oe_status status = find_last_old(writer, job->request.at_ms, error);
    int64_t last = writer->pending.anchor;
    if (status != OE_OK)
        return status;
    job->result.decisions = count_old(connection, last);
    status = run_number(connection, OE__SQL_DROP_BLOCKS, last, error);
    if (status == OE_OK)
        status = run_number(connection, OE__SQL_DROP_BLOCK_BYTES, last, error);
    if (status == OE_OK)
        status = run_number(connection, OE__SQL_DROP_OLD_FORMERS, job->request.at_ms, error);
    if (status == OE_OK)
        job->result.versions = (uint64_t)sqlite3_changes64(connection->db);
    return status == OE_OK ? oe__sqlite_drop_old_events(writer, job, error) : status;
}

/* ---- reading one ---- */

/* Looks into the block of a row of the search's statement. */
static oe_status look_into(sqlite3_stmt *row, const oe__sqlite_record_search *search,
                           bool *is_found, oe_error *error)
{
    oe_store_bytes salts = oe__sqlite_column(row, 0), records = oe__sqlite_column(row, 1),
                   leaves = oe__sqlite_column(row, 2), record;
    oe__block block = {.salts = (const unsigned char *)salts.data,
                       .leaves = (const unsigned char *)leaves.data};
    size_t count = salts.length / OE__SALT_SIZE, at = 0;
    if (leaves.length / OE__SHA256_SIZE < count)
        count = leaves.length / OE__SHA256_SIZE;
    for (size_t place = 0;
         place < count && oe__block_next(records.data, records.length, &at, &record); place++) {
        if (record.length < OE_RECORD_ID_SIZE ||
            memcmp(record.data, search->id, OE_RECORD_ID_SIZE) != 0)
            continue;
        *is_found = true;
        oe__sha256 *hash = oe__sha256_new();
        oe_store_record_state state = oe__leaf_check(hash, &block, place, record);
        oe__sha256_free(hash);
        if (state != OE_STORE_RECORD_SOUND)
            return oe__fail(error, OE_E_CORRUPT, "journal: the record is damaged");
        return search->take(search->context, record, error);
    }
    return OE_OK;
}

oe_status oe__sqlite_find_record(oe__sqlite_connection *connection,
                                 const oe__sqlite_record_search *search, oe_error *error)
{
    sqlite3_stmt *find = connection->statements[search->find];
    int64_t at_ms = oe__record_id_ms(search->id);
    bool is_found = false;
    oe_status status = OE_OK;
    int code = SQLITE_ROW;
    sqlite3_bind_int64(find, 1, at_ms);
    sqlite3_bind_int64(find, 2, at_ms + OE_STORE_BLOCK_SPAN_MS);
    while (status == OE_OK && !is_found && (code = sqlite3_step(find)) == SQLITE_ROW)
        status = look_into(find, search, &is_found, error);
    if (status == OE_OK && !is_found)
        status = code == SQLITE_DONE
                     ? oe__fail(error, OE_E_NOT_FOUND,
                                "journal: no such decision, or it was erased or forgotten")
                     : oe__sqlite_fail(connection->db, code, "cannot read", error);
    sqlite3_reset(find);
    return status;
}

static oe_status keep_record(void *context, oe_store_bytes record, oe_error *error)
{
    return oe__job_set_value(context, record) == OE_OK
               ? OE_OK
               : oe__fail(error, OE_E_MEMORY, "store: memory is out");
}

oe_status oe__sqlite_get_decision(oe__sqlite_connection *connection, oe__store_job *job,
                                  oe_error *error)
{
    oe__sqlite_record_search search = {.find = OE__SQL_FIND_BLOCKS,
                                       .id = (const unsigned char *)job->request.id.data,
                                       .take = keep_record,
                                       .context = job};
    return oe__sqlite_find_record(connection, &search, error);
}
