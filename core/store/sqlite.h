/* sqlite.h: shared by the files of the SQLite backend, and nobody else. The only include of
 * sqlite3.h.
 *
 * One connection writes, one reads; each belongs to its own thread. Reads have their own so
 * that they wait for no commit and a long one holds up no commit; WAL lets both go on at once.
 */
#ifndef OE_STORE_SQLITE_H
#define OE_STORE_SQLITE_H

#include "codec/record.h"
#include "engine/text.h"
#include "store/backend.h"

#include <sqlite3.h>

enum {
    OE__SQLITE_GROUP_MAX = 1024,      /* writes in one transaction */
    OE__SQLITE_GROUP_BYTES = 8 << 20, /* after which no further write joins it */
    OE__SQLITE_BUSY_WAIT_MS = 5000,
    OE__SQLITE_CLEAN_WAIT_MS = 500,  /* for readers of the log, when it must be cut off */
    OE__SQLITE_CHAIN_SIZE = 32,      /* SHA-256 */
    OE__SQLITE_PAGE_BYTES = 4 << 20, /* after which a page of a scan ends */
    OE__SQLITE_RECENT = 256,         /* records that outcomes were held against */
    OE__SQLITE_COUNTED_GROUPS = 16,  /* in memory, before rows are written for them */
    OE__SQLITE_FORMAT = 6            /* PRAGMA user_version this code reads and writes */
};

#define OE__SELECT_EVENT                                                                       \
    "SELECT decision, product, outcome, customer, at_ms, received_ms, channel, value, "        \
    "unit_ms,"                                                                                 \
    " decided_channel, campaign FROM event"

typedef enum oe__sqlite_statement {
    OE__SQL_BEGIN,
    OE__SQL_COMMIT,
    OE__SQL_SAVE,
    OE__SQL_RELEASE,
    OE__SQL_UNDO,
    OE__SQL_FIND_OPERATION,
    OE__SQL_KEEP_OPERATION,
    OE__SQL_FORGET_OPERATIONS,
    OE__SQL_BLANK_OPERATIONS,
    OE__SQL_FIND_CUSTOMER,
    OE__SQL_INSERT_CUSTOMER,
    OE__SQL_UPDATE_CUSTOMER,
    OE__SQL_DELETE_CUSTOMER,
    OE__SQL_PUT_META,
    OE__SQL_FIND_GENERATION,
    OE__SQL_PUT_TEXTS,
    OE__SQL_PUT_GENERATION,
    OE__SQL_PUT_STATE,
    OE__SQL_KEEP_FORMER,
    OE__SQL_DROP_FORMERS,
    OE__SQL_DROP_OLD_FORMERS,
    OE__SQL_PUT_BLOCK,
    OE__SQL_PUT_BLOCK_BYTES,
    OE__SQL_LIST_FILTERS,
    OE__SQL_READ_BYTES,
    OE__SQL_BLANK_BLOCK,
    OE__SQL_BLANK_BYTES,
    OE__SQL_LAST_OLD_BLOCK,
    OE__SQL_COUNT_OLD,
    OE__SQL_DROP_BLOCKS,
    OE__SQL_DROP_BLOCK_BYTES,
    OE__SQL_LOOK_UP_BLOCKS,
    OE__SQL_FIND_EVENT,
    OE__SQL_GET_PRODUCTS,
    OE__SQL_PUT_EVENT,
    OE__SQL_COUNT_EVENT,
    OE__SQL_COUNT_ACTIVITY,
    OE__SQL_READ_BODY,
    OE__SQL_DROP_EVENTS,
    OE__SQL_DROP_OLD_EVENTS,
    OE__SQL_PUT_CONSENT,
    OE__SQL_DROP_CONSENT,
    OE__SQL_PUT_RUN,
    OE__SQL_WRITE_COUNT, /* the ones above are the writer's, the ones below the reader's */
    OE__SQL_GET_CUSTOMER = OE__SQL_WRITE_COUNT,
    OE__SQL_SCAN,
    OE__SQL_GET_STATE,
    OE__SQL_GET_META,
    OE__SQL_GET_GENERATION,
    OE__SQL_LIST_GENERATIONS,
    OE__SQL_GET_AS_OF,
    OE__SQL_FIND_BLOCKS,
    OE__SQL_LIST_EVENTS,
    OE__SQL_COUNT_EVENTS,
    OE__SQL_GET_CONSENT,
    OE__SQL_COUNT
} oe__sqlite_statement;

/* The row of table state, kept up to date in memory by the writer. */
typedef struct oe__sqlite_counters {
    int64_t revision;  /* of the last write */
    int64_t operation; /* number of the last remembered operation */
    int64_t customers;
    bool ever_held;
    int64_t block;  /* number of the journal's last block */
    int64_t anchor; /* of the last one that was forgotten */
    unsigned char chain[OE__SQLITE_CHAIN_SIZE], anchor_chain[OE__SQLITE_CHAIN_SIZE];
} oe__sqlite_counters;

typedef struct oe__sqlite_connection {
    sqlite3 *db;
    sqlite3_stmt *statements[OE__SQL_COUNT];
} oe__sqlite_connection;

typedef struct oe__sqlite_stats {
    _Atomic uint64_t reads, writes, transactions, failed_transactions;
} oe__sqlite_stats;

/* Records of decisions, each with its id at its beginning. */
typedef struct oe__sqlite_recent_record {
    char *bytes; /* NULL: none */
    size_t length;
} oe__sqlite_recent_record;

typedef struct oe__sqlite_recent {
    oe__sqlite_recent_record records[OE__SQLITE_RECENT];
} oe__sqlite_recent;

/* Decisions of one day, by the same rules, for the same channel and campaign. The texts are
 * those of the transaction's jobs. */
typedef struct oe__sqlite_group {
    int64_t day;
    uint64_t generation, decided, without_offer;
    oe_store_bytes channel, campaign;
    uint32_t *offered; /* by the product's number */
    size_t products;   /* that there is room for */
} oe__sqlite_group;

/* What the transaction's blocks decided and no row says yet. */
typedef struct oe__sqlite_counts {
    oe__sqlite_group groups[OE__SQLITE_COUNTED_GROUPS];
    size_t count;
    uint64_t records; /* ever counted */
} oe__sqlite_counts;

typedef struct oe__sqlite_writer {
    oe__sqlite_connection connection;
    oe__sqlite_counters committed; /* as stored */
    oe__sqlite_counters pending;   /* within the transaction */
    oe__sqlite_stats *stats;
    bool is_careful, is_torn;  /* see sqlite_write.c */
    uint64_t named_generation; /* whose products `names` holds; 0: none */
    oe__buffer names;          /* each behind its length */
    oe__sqlite_recent recent;  /* of the transaction too: cleared when that is undone */
    oe__sqlite_counts counts;  /* empty between transactions */
} oe__sqlite_writer;

/* ---- sqlite_open.c: connections, format, errors
 * ------------------------------------------------ */

/* Opens `path`, checks that it is ours and of a format we know, and brings it forward when
 * writable. Changes nothing on failure. Close with oe__sqlite_disconnect. */
oe_status oe__sqlite_connect(const char *path, bool read_only,
                             oe__sqlite_connection *connection, oe_error *error);
void oe__sqlite_disconnect(oe__sqlite_connection *connection);

/* Prepares statements [first, end). */
oe_status oe__sqlite_prepare(oe__sqlite_connection *connection, int first, int end,
                             oe_error *error);

/* Fills `error` from the connection's last failure. `doing`: "cannot commit". */
oe_status oe__sqlite_fail(sqlite3 *db, int code, const char *doing, oe_error *error);

/* Steps and resets a statement that gives no row. */
oe_status oe__sqlite_run(oe__sqlite_connection *connection, oe__sqlite_statement statement,
                         oe_error *error);

void oe__sqlite_bind_text(sqlite3_stmt *statement, int place, oe_store_bytes text);
void oe__sqlite_bind_blob(sqlite3_stmt *statement, int place, const void *data, size_t length);
oe_store_bytes oe__sqlite_column(sqlite3_stmt *statement, int column);

/* The state row. */
oe_status oe__sqlite_load_counters(oe__sqlite_connection *connection,
                                   oe__sqlite_counters *counters, oe_error *error);

/* ---- sqlite_write.c, sqlite_read.c: what the two threads do
 * ------------------------------------ */

/* Applies the jobs in few transactions and completes them all. */
void oe__sqlite_write_group(oe__sqlite_writer *writer, oe__store_job **jobs, size_t count);

/* Applies one write inside the running transaction. OE_E_CONFLICT, OE_E_NOT_FOUND and
 * OE_E_LIMIT are the write's own failure; anything else is the system's and ends the
 * transaction. */
oe_status oe__sqlite_apply(oe__sqlite_writer *writer, oe__store_job *job, oe_error *error);

/* Answers one read and completes it. */
void oe__sqlite_read(oe__sqlite_connection *connection, oe__store_job *job);

/* ---- sqlite_recent.c: records that were asked for lately
 * ----------------------------------------- */

bool oe__sqlite_recent_find(oe__sqlite_recent *recent,
                            const unsigned char id[OE_RECORD_ID_SIZE], oe_store_bytes *bytes);
void oe__sqlite_recent_keep(oe__sqlite_recent *recent, oe_store_bytes bytes);

/* Before anything is erased or forgotten, and after a transaction was undone. */
void oe__sqlite_recent_clear(oe__sqlite_recent *recent);

/* ---- sqlite_generation.c: rules that served
 * ---------------------------------------------------- */

/* Parts of oe__sqlite_apply and oe__sqlite_read. */
oe_status oe__sqlite_put_generation(oe__sqlite_connection *connection,
                                    const oe_store_generation *generation, oe_error *error);
oe_status oe__sqlite_get_generation(oe__sqlite_connection *connection, oe__store_job *job,
                                    oe_error *error);
oe_status oe__sqlite_list_generations(oe__sqlite_connection *connection, oe__store_job *job,
                                      oe_error *error);

/* ---- sqlite_journal.c: decisions
 * ---------------------------------------------------- */

/* Parts of oe__sqlite_apply and oe__sqlite_read. */
oe_status oe__sqlite_append_block(oe__sqlite_writer *writer, oe__store_job *job,
                                  oe_error *error);
oe_status oe__sqlite_erase_decisions(oe__sqlite_connection *connection, oe_store_bytes customer,
                                     uint64_t *erased, oe_error *error);
oe_status oe__sqlite_forget(oe__sqlite_writer *writer, oe__store_job *job, oe_error *error);
/* Whether there is a record with that id: calls `take` with it, or OE_E_NOT_FOUND, or
 * OE_E_CORRUPT. `find` is one of the two statements that look for blocks. */
typedef oe_status (*oe__sqlite_record_fn)(void *context, oe_store_bytes record,
                                          oe_error *error);
typedef struct oe__sqlite_record_search {
    oe__sqlite_statement find;
    const unsigned char *id;
    oe__sqlite_record_fn take;
    void *context;
} oe__sqlite_record_search;
oe_status oe__sqlite_find_record(oe__sqlite_connection *connection,
                                 const oe__sqlite_record_search *search, oe_error *error);
oe_status oe__sqlite_get_decision(oe__sqlite_connection *connection, oe__store_job *job,
                                  oe_error *error);

/* ---- sqlite_outcome.c: what became of offers
 * ---------------------------------------------------- */

oe_status oe__sqlite_put_outcomes(oe__sqlite_writer *writer, oe__store_job *job,
                                  oe_error *error);
/* Gives a repeated operation the verdicts that were remembered, one byte each. */
oe_status oe__sqlite_recall_outcomes(oe__sqlite_writer *writer, oe__store_job *job,
                                     oe_store_bytes verdicts, oe_error *error);
oe_status oe__sqlite_drop_events(oe__sqlite_writer *writer, oe__store_job *job,
                                 oe_error *error);
oe_status oe__sqlite_drop_old_events(oe__sqlite_writer *writer, oe__store_job *job,
                                     oe_error *error);
oe_status oe__sqlite_list_events(oe__sqlite_connection *connection, oe__store_job *job,
                                 oe_error *error);
oe_status oe__sqlite_count_events(oe__sqlite_connection *connection, oe__store_job *job,
                                  oe_error *error);
oe_status oe__sqlite_outcome_scan(const char *path, const oe_store_outcome_range *range,
                                  oe_error *error);
oe_status oe__sqlite_outcome_tally(const char *path, oe_store_tally_fn tally, void *context,
                                   oe_error *error);

/* Fills writer->names with the products of a generation, none where they are not known. */
oe_status oe__sqlite_name_products(oe__sqlite_writer *writer, uint64_t generation,
                                   oe_error *error);

/* ---- sqlite_activity.c: what reports are made of
 * ---------------------------------------------------- */

/* Counts what a record decided, in memory; rows are written before the end of the transaction.
 * After a failure the counts are to be dropped. */
oe_status oe__sqlite_count_record(oe__sqlite_writer *writer, const oe__record *record,
                                  oe_error *error);
oe_status oe__sqlite_put_counts(oe__sqlite_writer *writer, oe_error *error);
void oe__sqlite_drop_counts(oe__sqlite_writer *writer);
/* Counts an outcome that is being stored, of a decision by the rules of `generation`. */
oe_status oe__sqlite_count_outcome(oe__sqlite_writer *writer, const oe_store_outcome *outcome,
                                   uint64_t generation, oe_error *error);
oe_status oe__sqlite_activity_scan(const char *path, const oe_store_activity_range *range,
                                   oe_error *error);

/* Calls with each row of `sql`, whose parameters are numbers, by a connection of its own; false
 * ends it. In sqlite_outcome.c. */
typedef bool (*oe__sqlite_row_fn)(sqlite3_stmt *row, const void *context);
typedef struct oe__sqlite_walk {
    const char *sql;
    int64_t numbers[2];
    int count; /* of them */
    oe__sqlite_row_fn row;
    const void *context;
} oe__sqlite_walk;
oe_status oe__sqlite_walk_rows(const char *path, const oe__sqlite_walk *walk, oe_error *error);

/* ---- sqlite_consent.c: what customers asked not to be sent
 * ---------------------------------------------------- */

oe_status oe__sqlite_put_consent(oe__sqlite_writer *writer, oe__store_job *job,
                                 oe_error *error);
oe_status oe__sqlite_drop_consent(oe__sqlite_writer *writer, oe__store_job *job,
                                  oe_error *error);
oe_status oe__sqlite_get_consent(oe__sqlite_connection *connection, oe__store_job *job,
                                 oe_error *error);
oe_status oe__sqlite_consent_scan(const char *path, oe_store_consent_fn consent, void *context,
                                  oe_error *error);

/* ---- sqlite_run.c: work that goes on after a kill
 * ---------------------------------------------------- */

oe_status oe__sqlite_put_run(oe__sqlite_writer *writer, oe__store_job *job, oe_error *error);
oe_status oe__sqlite_run_scan(const char *path, oe_store_run_fn run, void *context,
                              oe_error *error);

/* sqlite_apply.c: replaces the body of a stored customer as OE_STORE_CUSTOMER_PUT does. */
oe_status oe__sqlite_replace_body(oe__sqlite_writer *writer, oe__store_job *job,
                                  const oe_store_customer *customer, oe_error *error);

/* ---- sqlite_verify.c: the journal as a whole, by a connection of its own
 * ---------------------------------------------------- */

oe_status oe__sqlite_journal_scan(const char *path, const oe_store_journal_range *range,
                                  oe_error *error);
oe_status oe__sqlite_journal_verify(const char *path, oe_store_proof *proof,
                                    const oe__journal_watch *watch, oe_error *error);

/* Both open a connection of their own. */
oe_status oe__sqlite_scan_all(const char *path, oe_store_row_fn row, void *context,
                              oe_error *error);
oe_status oe__sqlite_check(const char *path, oe_error *error);

#endif
