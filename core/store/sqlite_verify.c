/* sqlite_verify.c: going through the whole journal: every record of a time, or the proof that
 * the chain is whole. Each call sees one consistent moment and changes nothing. */
#include "engine/status.h"
#include "store/journal.h"
#include "store/sqlite.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PROGRESS_EVERY = 64 }; /* blocks */

/* A row of `block` with its bytes. */
typedef struct stored_block {
    uint64_t number;
    size_t count;
    oe_store_bytes salts, leaves, chain;
    oe__block block;
} stored_block;

static const char rows[] =
    "SELECT number, from_ms, until_ms, count, chain, salts, records, leaves FROM block"
    " NOT INDEXED LEFT JOIN block_bytes USING (number) WHERE until_ms >= ?1 AND from_ms < ?2"
    " AND number > ?3"
    " ORDER BY number";

static stored_block take_row(sqlite3_stmt *row)
{
    oe_store_bytes salts = oe__sqlite_column(row, 5), records = oe__sqlite_column(row, 6),
                   leaves = oe__sqlite_column(row, 7);
    stored_block found = {.number = (uint64_t)sqlite3_column_int64(row, 0),
                          .count = (size_t)sqlite3_column_int64(row, 3),
                          .salts = salts,
                          .leaves = leaves,
                          .chain = oe__sqlite_column(row, 4)};
    found.block = (oe__block){.from_ms = sqlite3_column_int64(row, 1),
                              .until_ms = sqlite3_column_int64(row, 2),
                              .salts = (const unsigned char *)salts.data,
                              .leaves = (const unsigned char *)leaves.data,
                              .records = records.data != NULL ? records.data : "",
                              .records_length = records.length};
    found.block.count = found.count;
    return found;
}

static bool fits(const stored_block *stored)
{
    return stored->count >= 1 && stored->count <= OE_STORE_BLOCK_MAX &&
           stored->salts.length == stored->count * OE__SALT_SIZE &&
           stored->leaves.length == stored->count * OE__SHA256_SIZE &&
           stored->chain.length == OE__SHA256_SIZE;
}

/* ---- going through rows ---- */

typedef struct block_range {
    int64_t from_ms, until_ms;
    uint64_t after;
} block_range;

/* What is done with each block; false ends it. */
typedef struct visitor {
    bool (*take)(void *context, const stored_block *stored);
    void *context;
} visitor;

static oe_status visit(oe__sqlite_connection *connection, const block_range *range,
                       const visitor *with, oe_error *error)
{
    sqlite3_stmt *scan = NULL;
    int code = sqlite3_prepare_v2(connection->db, rows, -1, &scan, NULL);
    if (code != SQLITE_OK)
        return oe__sqlite_fail(connection->db, code, "cannot read", error);
    sqlite3_bind_int64(scan, 1, range->from_ms);
    sqlite3_bind_int64(scan, 2, range->until_ms);
    sqlite3_bind_int64(scan, 3, (int64_t)range->after);
    while ((code = sqlite3_step(scan)) == SQLITE_ROW) {
        stored_block stored = take_row(scan);
        if (!with->take(with->context, &stored))
            break;
    }
    oe_status status = code == SQLITE_ROW || code == SQLITE_DONE
                           ? OE_OK
                           : oe__sqlite_fail(connection->db, code, "cannot read", error);
    sqlite3_finalize(scan);
    return status;
}

/* ---- scan ---- */

typedef struct scanning {
    const oe_store_journal_range *range;
    oe__sha256 *hash;
} scanning;

static bool is_in_range(const oe_store_journal_range *range, const oe_store_record *record)
{
    if (record->state != OE_STORE_RECORD_SOUND)
        return true;
    int64_t at_ms = oe__record_id_ms((const unsigned char *)record->bytes.data);
    return at_ms >= range->from_ms && at_ms < range->until_ms;
}

static bool scan_block(void *context, const stored_block *stored)
{
    scanning *self = context;
    oe_store_record record = {.state = OE_STORE_RECORD_DAMAGED, .block = stored->number};
    size_t at = 0;
    if (!fits(stored))
        return self->range->record(self->range->context, &record);
    for (size_t place = 0; place < stored->count; place++) {
        record.place = place + 1;
        record.bytes = (oe_store_bytes){"", 0};
        record.state = OE_STORE_RECORD_DAMAGED;
        if (oe__block_next(stored->block.records, stored->block.records_length, &at,
                           &record.bytes))
            record.state = oe__leaf_check(self->hash, &stored->block, place, record.bytes);
        if (is_in_range(self->range, &record) &&
            !self->range->record(self->range->context, &record))
            return false;
    }
    return true;
}

oe_status oe__sqlite_journal_scan(const char *path, const oe_store_journal_range *range,
                                  oe_error *error)
{
    oe__sqlite_connection connection;
    scanning self = {.range = range};
    oe_status status = oe__sqlite_connect(path, true, &connection, error);
    if (status != OE_OK)
        return status;
    self.hash = oe__sha256_new();
    visitor with = {.take = scan_block, .context = &self};
    block_range blocks = {range->from_ms, range->until_ms, range->after_block};
    status = self.hash != NULL ? visit(&connection, &blocks, &with, error)
                               : oe__fail(error, OE_E_MEMORY, "store: memory is out");
    oe__sha256_free(self.hash);
    oe__sqlite_disconnect(&connection);
    return status;
}

/* ---- proof ---- */

typedef struct proving {
    oe_store_proof *proof;
    const oe__journal_watch *watch;
    oe__sqlite_counters counters;
    oe__sha256 *hash;
    uint64_t number; /* of the last block seen */
    bool is_ended;   /* by the caller */
} proving;

__attribute__((format(printf, 4, 5))) static bool
damage(proving *self, uint64_t block, uint64_t record, const char *format, ...)
{
    oe_store_proof *proof = self->proof;
    va_list values;
    va_start(values, format);
    (void)vsnprintf(proof->damage, sizeof proof->damage, format, values);
    va_end(values);
    proof->is_sound = false;
    proof->bad_block = block;
    proof->bad_record = record;
    return false;
}

static bool prove_record(proving *self, const stored_block *stored, size_t place,
                         oe_store_bytes record)
{
    oe_store_record_state state = oe__leaf_check(self->hash, &stored->block, place, record);
    if (state == OE_STORE_RECORD_DAMAGED)
        return damage(self, stored->number, place + 1,
                      "the record is not what its leaf was made of");
    if (state == OE_STORE_RECORD_ERASED) {
        self->proof->erased++;
        return true;
    }
    int64_t at_ms = oe__record_id_ms((const unsigned char *)record.data);
    if (record.length < OE_RECORD_ID_SIZE || at_ms < stored->block.from_ms ||
        at_ms > stored->block.until_ms)
        return damage(self, stored->number, place + 1,
                      "the record lies outside of its block's time");
    return true;
}

static bool prove_records(proving *self, const stored_block *stored)
{
    oe_store_bytes record;
    size_t at = 0, place = 0;
    while (place < stored->count &&
           oe__block_next(stored->block.records, stored->block.records_length, &at, &record))
        if (!prove_record(self, stored, place++, record))
            return false;
    if (place < stored->count || at != stored->block.records_length)
        return damage(self, stored->number, place + 1,
                      "the block does not hold as many records as leaves");
    self->proof->records += place;
    return true;
}

static bool prove_block(void *context, const stored_block *stored)
{
    proving *self = context;
    oe_store_proof *proof = self->proof;
    uint64_t done = self->number - proof->forgotten;
    if (stored->number != self->number + 1)
        return damage(self, self->number + 1, 0, "the block is missing");
    self->number = stored->number;
    if (!fits(stored))
        return damage(self, stored->number, 0, "the block is not whole");
    if (oe__chain_next(self->hash, stored->block.leaves, stored->count, proof->chain) != OE_OK)
        return damage(self, stored->number, 0, "memory is out");
    if (memcmp(proof->chain, stored->chain.data, sizeof proof->chain) != 0)
        return damage(self, stored->number, 0,
                      "the chain is broken: leaves were changed, or blocks before this one");
    if (!prove_records(self, stored))
        return false;
    proof->blocks++;
    self->is_ended = done % PROGRESS_EVERY == 0 && self->watch->progress != NULL &&
                     !self->watch->progress(self->watch->context, done,
                                            (uint64_t)self->counters.block - proof->forgotten);
    return !self->is_ended;
}

static void prove_end(proving *self)
{
    const oe__sqlite_counters *counters = &self->counters;
    if (!self->proof->is_sound || self->is_ended)
        return;
    if (self->number != (uint64_t)counters->block)
        (void)damage(self, self->number + 1, 0, "the block is missing: the journal ends early");
    else if (memcmp(self->proof->chain, counters->chain, sizeof counters->chain) != 0)
        (void)damage(self, self->number, 0, "the chain does not end in the value on record");
}

static oe_status prove(oe__sqlite_connection *connection, proving *self, oe_error *error)
{
    visitor with = {.take = prove_block, .context = self};
    oe_status status = oe__sqlite_load_counters(connection, &self->counters, error);
    if (status != OE_OK)
        return status;
    self->number = self->proof->forgotten = (uint64_t)self->counters.anchor;
    memcpy(self->proof->chain, self->counters.anchor_chain, sizeof self->proof->chain);
    status = visit(connection, &(block_range){INT64_MIN, INT64_MAX, 0}, &with, error);
    if (status == OE_OK)
        prove_end(self);
    return status != OE_OK || !self->is_ended
               ? status
               : oe__fail(error, OE_E_CLOSED, "store: the proof was ended early");
}

oe_status oe__sqlite_journal_verify(const char *path, oe_store_proof *proof,
                                    const oe__journal_watch *watch, oe_error *error)
{
    oe__sqlite_connection connection;
    proving self = {.proof = proof, .watch = watch};
    oe_status status = oe__sqlite_connect(path, true, &connection, error);
    if (status != OE_OK)
        return status;
    status = oe__sqlite_prepare(&connection, OE__SQL_GET_STATE, OE__SQL_GET_STATE + 1, error);
    self.hash = oe__sha256_new();
    if (status == OE_OK && self.hash == NULL)
        status = oe__fail(error, OE_E_MEMORY, "store: memory is out");
    if (status == OE_OK && sqlite3_exec(connection.db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
        status = oe__fail(error, OE_E_IO, "store: cannot read");
    if (status == OE_OK)
        status = prove(&connection, &self, error);
    oe__sha256_free(self.hash);
    oe__sqlite_disconnect(&connection);
    return status;
}
