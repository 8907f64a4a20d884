/* sqlite_open.c: connections, the format of the file, its forward migrations, and what SQLite's
 * result codes mean for a caller. Knows no operation of the store. */
#include "engine/status.h"
#include "store/sqlite.h"

#include <string.h>

enum {
    APPLICATION_ID = 0x4f66456e, /* "OfEn" */
    LOG_BYTES = 16 << 20         /* before they are moved into the database */
};

#define NO_CHAIN " x'0000000000000000000000000000000000000000000000000000000000000000'"

/* migrations[n] brings format n to n + 1. Only ever add to the end. Customers have a rowid:
 * bodies are appended and only the slim index on id sees random places (measured with 1.5
 * million customers in random order: a third of the time of a table clustered by id). */
static const char *const migrations[OE__SQLITE_FORMAT] = {
    "CREATE TABLE customer (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
    " revision INTEGER NOT NULL, body TEXT NOT NULL);"
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE operation (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE,"
    " digest BLOB NOT NULL, revision INTEGER NOT NULL, created INTEGER NOT NULL,"
    " replaced INTEGER NOT NULL, deleted INTEGER NOT NULL);"
    "CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), revision INTEGER NOT NULL,"
    " operation INTEGER NOT NULL, customers INTEGER NOT NULL, ever_held INTEGER NOT NULL);"
    "INSERT INTO state VALUES (1, 0, 0, 0, 0);",
    "CREATE TABLE texts (number INTEGER PRIMARY KEY, hash TEXT NOT NULL UNIQUE,"
    " bytes BLOB NOT NULL);"
    "CREATE TABLE generation (number INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL,"
    " author TEXT NOT NULL, note TEXT NOT NULL, texts INTEGER NOT NULL REFERENCES texts);",
    /* What is looked for in a block lies in a narrow row of its own: who goes through the
     * blocks for a time or a customer need not read them. */
    "CREATE TABLE block (number INTEGER PRIMARY KEY, from_ms INTEGER NOT NULL,"
    " until_ms INTEGER NOT NULL, count INTEGER NOT NULL, chain BLOB NOT NULL, customers BLOB "
    "NOT NULL);"
    "CREATE INDEX block_until ON block (until_ms);"
    "CREATE TABLE block_bytes (number INTEGER PRIMARY KEY, salts BLOB NOT NULL,"
    " records BLOB NOT NULL, leaves BLOB NOT NULL);"
    "CREATE TABLE former (number INTEGER PRIMARY KEY, id TEXT NOT NULL,"
    " from_ms INTEGER NOT NULL, until_ms INTEGER NOT NULL, body TEXT NOT NULL);"
    "CREATE INDEX former_id ON former (id, until_ms);"
    "ALTER TABLE operation ADD COLUMN customer TEXT;"
    "UPDATE operation SET digest = x'';"
    "ALTER TABLE customer ADD COLUMN since_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE state ADD COLUMN block INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE state ADD COLUMN chain BLOB NOT NULL DEFAULT" NO_CHAIN ";"
    "ALTER TABLE state ADD COLUMN anchor INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE state ADD COLUMN anchor_chain BLOB NOT NULL DEFAULT" NO_CHAIN ";"
    /* Ids of decisions grow with time: events are appended, but for the two indexes. */
    "CREATE TABLE event (decision BLOB NOT NULL, product TEXT NOT NULL,"
    " outcome INTEGER NOT NULL, customer TEXT NOT NULL, at_ms INTEGER NOT NULL,"
    " received_ms INTEGER NOT NULL, channel TEXT NOT NULL, value REAL,"
    " PRIMARY KEY (decision, product, outcome)) WITHOUT ROWID;"
    "CREATE INDEX event_customer ON event (customer);"
    "CREATE INDEX event_at ON event (at_ms);"
    "CREATE TABLE tally (product TEXT NOT NULL, outcome INTEGER NOT NULL,"
    " day INTEGER NOT NULL, count INTEGER NOT NULL,"
    " PRIMARY KEY (product, outcome, day)) WITHOUT ROWID;"
    "ALTER TABLE operation ADD COLUMN verdicts BLOB NOT NULL DEFAULT x'';",
    /* What contact policies count by is kept with the event: decisions may be forgotten first.
     */
    "ALTER TABLE event ADD COLUMN unit_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE event ADD COLUMN decided_channel TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE event ADD COLUMN campaign TEXT NOT NULL DEFAULT '';"
    "CREATE TABLE consent (customer TEXT PRIMARY KEY, body TEXT NOT NULL,"
    " at_ms INTEGER NOT NULL) WITHOUT ROWID;",
    /* Reports read these rows alone: how many there are hangs on days, rules, channels and
     * products, not on how often anything was decided or reported. */
    "CREATE TABLE activity (day INTEGER NOT NULL, generation INTEGER NOT NULL,"
    " channel TEXT NOT NULL, campaign TEXT NOT NULL, product TEXT NOT NULL,"
    " step INTEGER NOT NULL, count INTEGER NOT NULL,"
    " PRIMARY KEY (day, generation, channel, campaign, product, step)) WITHOUT ROWID;",
    "CREATE TABLE run (number INTEGER PRIMARY KEY, text TEXT NOT NULL);",
};

static const char find_blocks[] =
    "SELECT salts, records, leaves FROM block JOIN block_bytes USING (number)"
    " WHERE until_ms BETWEEN ?1 AND ?2 AND from_ms <= ?1";

static const char *const texts[OE__SQL_COUNT] = {
    [OE__SQL_BEGIN] = "BEGIN IMMEDIATE",
    [OE__SQL_COMMIT] = "COMMIT",
    [OE__SQL_SAVE] = "SAVEPOINT job",
    [OE__SQL_RELEASE] = "RELEASE job",
    [OE__SQL_UNDO] = "ROLLBACK TO job",
    [OE__SQL_FIND_OPERATION] =
        ("SELECT digest, revision, created, replaced, deleted, verdicts FROM operation"
         " WHERE id = ?1"),
    [OE__SQL_KEEP_OPERATION] =
        "INSERT INTO operation VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    [OE__SQL_BLANK_OPERATIONS] =
        "UPDATE operation SET digest = x'', customer = NULL WHERE customer = ?1",
    [OE__SQL_FORGET_OPERATIONS] = "DELETE FROM operation WHERE number <= ?1",
    [OE__SQL_FIND_CUSTOMER] = "SELECT number, revision FROM customer WHERE id = ?1",
    [OE__SQL_INSERT_CUSTOMER] =
        "INSERT INTO customer (id, revision, body, since_ms) VALUES (?1, ?2, ?3, ?4)",
    [OE__SQL_UPDATE_CUSTOMER] =
        ("UPDATE customer SET revision = ?2, body = ?3,"
         " since_ms = iif(body = ?3, since_ms, max(since_ms, ?4)) WHERE number = ?1"),
    [OE__SQL_KEEP_FORMER] =
        ("INSERT INTO former (id, from_ms, until_ms, body) SELECT id, since_ms, ?2, body"
         " FROM customer WHERE number = ?1 AND since_ms < ?2 AND body <> ?3"),
    [OE__SQL_DROP_FORMERS] = "DELETE FROM former WHERE id = ?1",
    [OE__SQL_DROP_OLD_FORMERS] = "DELETE FROM former WHERE until_ms <= ?1",
    [OE__SQL_DELETE_CUSTOMER] = "DELETE FROM customer WHERE number = ?1",
    [OE__SQL_PUT_META] = "INSERT OR REPLACE INTO meta VALUES (?1, ?2)",
    [OE__SQL_FIND_GENERATION] = "SELECT number FROM generation WHERE number = ?1",
    [OE__SQL_PUT_TEXTS] = "INSERT OR IGNORE INTO texts (hash, bytes) VALUES (?1, ?2)",
    [OE__SQL_PUT_GENERATION] =
        "INSERT INTO generation SELECT ?1, ?2, ?3, ?4, number FROM texts WHERE hash = ?5",
    [OE__SQL_PUT_STATE] =
        ("UPDATE state SET revision = ?1, operation = ?2, customers = ?3, ever_held = ?4,"
         " block = ?5, chain = ?6, anchor = ?7, anchor_chain = ?8"),
    [OE__SQL_PUT_BLOCK] = "INSERT INTO block VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [OE__SQL_PUT_BLOCK_BYTES] = "INSERT INTO block_bytes VALUES (?1, ?2, ?3, ?4)",
    [OE__SQL_LIST_FILTERS] = "SELECT number, customers FROM block",
    [OE__SQL_READ_BYTES] = "SELECT salts, records FROM block_bytes WHERE number = ?1",
    [OE__SQL_BLANK_BLOCK] = "UPDATE block SET customers = ?2 WHERE number = ?1",
    [OE__SQL_BLANK_BYTES] = "UPDATE block_bytes SET salts = ?2, records = ?3 WHERE number = ?1",
    [OE__SQL_LAST_OLD_BLOCK] =
        ("SELECT number, chain FROM block WHERE number <"
         " ifnull((SELECT min(number) FROM block WHERE until_ms >= ?1), 9223372036854775807)"
         " ORDER BY number DESC LIMIT 1"),
    [OE__SQL_COUNT_OLD] = "SELECT ifnull(sum(count), 0) FROM block WHERE number <= ?1",
    [OE__SQL_DROP_BLOCKS] = "DELETE FROM block WHERE number <= ?1",
    [OE__SQL_DROP_BLOCK_BYTES] = "DELETE FROM block_bytes WHERE number <= ?1",
    [OE__SQL_LOOK_UP_BLOCKS] = find_blocks,
    [OE__SQL_FIND_EVENT] =
        (OE__SELECT_EVENT " WHERE decision = ?1 AND product = ?2 AND outcome = ?3"),
    [OE__SQL_GET_PRODUCTS] = ("SELECT value FROM generation g JOIN texts t ON t.number = texts"
                              " JOIN meta ON key = 'products.' || hash WHERE g.number = ?1"),
    [OE__SQL_PUT_EVENT] =
        "INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    [OE__SQL_COUNT_EVENT] = ("INSERT INTO tally VALUES (?1, ?2, ?3, 1)"
                             " ON CONFLICT DO UPDATE SET count = count + 1"),
    [OE__SQL_COUNT_ACTIVITY] = ("INSERT INTO activity VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
                                " ON CONFLICT DO UPDATE SET count = count + ?7"),
    [OE__SQL_READ_BODY] = "SELECT body FROM customer WHERE id = ?1",
    [OE__SQL_DROP_EVENTS] = "DELETE FROM event WHERE customer = ?1",
    [OE__SQL_DROP_OLD_EVENTS] = "DELETE FROM event WHERE decision < ?1",
    [OE__SQL_LIST_EVENTS] =
        (OE__SELECT_EVENT " WHERE customer = ?1"
                          " ORDER BY decision DESC, received_ms DESC LIMIT ?2"),
    [OE__SQL_PUT_CONSENT] = "INSERT INTO consent VALUES (?1, ?2, ?3)",
    [OE__SQL_DROP_CONSENT] = "DELETE FROM consent WHERE customer = ?1",
    [OE__SQL_PUT_RUN] = "INSERT OR REPLACE INTO run VALUES (?1, ?2)",
    [OE__SQL_GET_CONSENT] = "SELECT body FROM consent WHERE customer = ?1",
    [OE__SQL_COUNT_EVENTS] = "SELECT count(*) FROM event",
    [OE__SQL_GET_CUSTOMER] = "SELECT id, revision, body FROM customer WHERE id = ?1",
    [OE__SQL_SCAN] =
        "SELECT id, revision, body FROM customer WHERE id > ?1 ORDER BY id LIMIT ?2",
    [OE__SQL_GET_STATE] = ("SELECT revision, operation, customers, ever_held, block, chain,"
                           " anchor, anchor_chain FROM state"),
    [OE__SQL_GET_AS_OF] =
        ("SELECT id, 0, body FROM former WHERE id = ?1 AND from_ms <= ?2 AND until_ms > ?2"
         " UNION ALL SELECT id, revision, body FROM customer WHERE id = ?1 AND since_ms <= ?2"
         " LIMIT 1"),
    [OE__SQL_FIND_BLOCKS] = find_blocks,
    [OE__SQL_GET_META] = "SELECT value FROM meta WHERE key = ?1",
    [OE__SQL_GET_GENERATION] =
        ("SELECT g.number, at_ms, hash, author, note, bytes FROM generation g"
         " JOIN texts t ON t.number = texts WHERE g.number = ?1 OR ?1 = 0"
         " ORDER BY g.number DESC LIMIT 1"),
    [OE__SQL_LIST_GENERATIONS] =
        ("SELECT g.number, at_ms, hash, author, note, x'' FROM generation g"
         " JOIN texts t ON t.number = texts WHERE g.number < ?1 OR ?1 = 0"
         " ORDER BY g.number DESC LIMIT ?2"),
};

static oe_status status_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        return OE_E_MEMORY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return OE_E_CORRUPT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return OE_E_BUSY;
    case SQLITE_TOOBIG:
        return OE_E_LIMIT;
    default:
        return OE_E_IO;
    }
}

oe_status oe__sqlite_fail(sqlite3 *db, int code, const char *doing, oe_error *error)
{
    int cause = (code & 0xff) == SQLITE_IOERR && db != NULL ? sqlite3_system_errno(db) : 0;
    if (cause != 0)
        return oe__fail(error, status_of(code), "store: %s: %s (%s)", doing,
                        sqlite3_errstr(code), strerror(cause));
    /* The extended code says which call the system refused: not every path keeps its errno. */
    return oe__fail(error, status_of(code), "store: %s: %s (SQLite code %d)", doing,
                    sqlite3_errstr(code), code);
}

void oe__sqlite_bind_text(sqlite3_stmt *statement, int place, oe_store_bytes text)
{
    sqlite3_bind_text64(statement, place, text.data != NULL ? text.data : "", text.length,
                        SQLITE_STATIC, SQLITE_UTF8);
}

void oe__sqlite_bind_blob(sqlite3_stmt *statement, int place, const void *data, size_t length)
{
    sqlite3_bind_blob64(statement, place, length > 0 ? data : "", length, SQLITE_STATIC);
}

oe_store_bytes oe__sqlite_column(sqlite3_stmt *statement, int column)
{
    const char *data = sqlite3_column_blob(statement, column);
    return (oe_store_bytes){data, (size_t)sqlite3_column_bytes(statement, column)};
}

oe_status oe__sqlite_run(oe__sqlite_connection *connection, oe__sqlite_statement statement,
                         oe_error *error)
{
    sqlite3_stmt *prepared = connection->statements[statement];
    int code = sqlite3_step(prepared);
    oe_status status = OE_OK;
    if (code != SQLITE_DONE && code != SQLITE_ROW)
        status = oe__sqlite_fail(connection->db, sqlite3_extended_errcode(connection->db),
                                 statement == OE__SQL_COMMIT ? "cannot commit" : "cannot write",
                                 error);
    sqlite3_reset(prepared);
    return status;
}

oe_status oe__sqlite_prepare(oe__sqlite_connection *connection, int first, int end,
                             oe_error *error)
{
    for (int i = first; i < end; i++) {
        int code = sqlite3_prepare_v3(connection->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                      &connection->statements[i], NULL);
        /* A table that is missing from a database of our format is damage, not a fault in here.
         */
        if (code == SQLITE_ERROR)
            return oe__fail(error, OE_E_CORRUPT, "store: database is damaged: %s",
                            sqlite3_errmsg(connection->db));
        if (code != SQLITE_OK)
            return oe__sqlite_fail(connection->db, code, "cannot read", error);
    }
    return OE_OK;
}

static bool take_chain(sqlite3_stmt *statement, int column,
                       unsigned char chain[OE__SQLITE_CHAIN_SIZE])
{
    oe_store_bytes stored = oe__sqlite_column(statement, column);
    if (stored.length == OE__SQLITE_CHAIN_SIZE)
        memcpy(chain, stored.data, stored.length);
    return stored.length == OE__SQLITE_CHAIN_SIZE;
}

static oe_status take_counters(sqlite3_stmt *statement, oe__sqlite_counters *counters,
                               oe_error *error)
{
    *counters = (oe__sqlite_counters){.revision = sqlite3_column_int64(statement, 0),
                                      .operation = sqlite3_column_int64(statement, 1),
                                      .customers = sqlite3_column_int64(statement, 2),
                                      .ever_held = sqlite3_column_int(statement, 3) != 0,
                                      .block = sqlite3_column_int64(statement, 4),
                                      .anchor = sqlite3_column_int64(statement, 6)};
    if (take_chain(statement, 5, counters->chain) &&
        take_chain(statement, 7, counters->anchor_chain))
        return OE_OK;
    return oe__fail(error, OE_E_CORRUPT,
                    "store: database is damaged: the journal's chain value in state");
}

oe_status oe__sqlite_load_counters(oe__sqlite_connection *connection,
                                   oe__sqlite_counters *counters, oe_error *error)
{
    sqlite3_stmt *statement = connection->statements[OE__SQL_GET_STATE];
    int code = sqlite3_step(statement);
    oe_status status = OE_OK;
    if (code == SQLITE_ROW)
        status = take_counters(statement, counters, error);
    else if (code == SQLITE_DONE)
        status = oe__fail(error, OE_E_CORRUPT, "store: database is damaged: no row in state");
    else
        status = oe__sqlite_fail(connection->db, code, "cannot read", error);
    sqlite3_reset(statement);
    return status;
}

/* ---- The format ----------------------------------------------------------------------------
 */

static oe_status execute(sqlite3 *db, const char *sql, oe_error *error)
{
    int code = sqlite3_exec(db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? OE_OK
                             : oe__sqlite_fail(db, code, "cannot prepare the file", error);
}

/* The first column of the first row of `sql` as a number. */
static oe_status query_number(sqlite3 *db, const char *sql, int64_t *number, oe_error *error)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *number = sqlite3_column_int64(statement, 0);
    oe_status status =
        code == SQLITE_ROW ? OE_OK : oe__sqlite_fail(db, code, "cannot read the file", error);
    sqlite3_finalize(statement);
    return status;
}

/* Sets *format to 0 for a file that holds nothing yet. */
static oe_status read_format(sqlite3 *db, const char *path, int64_t *format, oe_error *error)
{
    int64_t application = 0, tables = 0;
    oe_status status = query_number(db, "PRAGMA user_version", format, error);
    if (status == OE_OK)
        status = query_number(db, "PRAGMA application_id", &application, error);
    if (status == OE_OK)
        status = query_number(db, "SELECT count(*) FROM sqlite_schema", &tables, error);
    if (status != OE_OK)
        return status;
    bool is_fresh = application == 0 && *format == 0 && tables == 0;
    if (!is_fresh && (application != APPLICATION_ID || *format < 1))
        return oe__fail(error, OE_E_CORRUPT, "store: %s is a database of another program",
                        path);
    if (*format > OE__SQLITE_FORMAT)
        return oe__fail(error, OE_E_VERSION,
                        "store: %s has format %d of a newer version, known are up to %d", path,
                        (int)*format, OE__SQLITE_FORMAT);
    return OE_OK;
}

static oe_status migrate(sqlite3 *db, int64_t format, oe_error *error)
{
    char ending[128];
    if (format == OE__SQLITE_FORMAT)
        return OE_OK;
    oe_status status = execute(db, "BEGIN IMMEDIATE", error);
    for (int64_t i = format; status == OE_OK && i < OE__SQLITE_FORMAT; i++)
        status = execute(db, migrations[i], error);
    sqlite3_snprintf(sizeof ending, ending,
                     "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
                     APPLICATION_ID, OE__SQLITE_FORMAT);
    if (status == OE_OK)
        status = execute(db, ending, error);
    if (status != OE_OK && !sqlite3_get_autocommit(db))
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

/* WAL: readers and the writer do not wait for each other. FULL: a commit that was answered
 * survives a power cut. A checkpoint each 16 MB, the log is cut back to 64 MB after a burst.
 * Pages of 8 kB, in a new file: a block of decisions takes half the calls of the system that
 * it would with SQLite's 4 kB, and a small write few more bytes. */
static oe_status make_writable(sqlite3 *db, int64_t format, oe_error *error)
{
    oe_status status = execute(db, "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL", error);
    int64_t mode_is_wal = 0, page_bytes = 0;
    if (status == OE_OK)
        status = query_number(db, "SELECT journal_mode = 'wal' FROM pragma_journal_mode",
                              &mode_is_wal, error);
    if (status == OE_OK && !mode_is_wal)
        return oe__fail(error, OE_E_IO, "store: the file system cannot hold a write-ahead log");
    if (status == OE_OK)
        status = execute(db,
                         "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
                         "PRAGMA journal_size_limit = 67108864;"
                         "PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY",
                         error);
    if (status == OE_OK)
        status = query_number(db, "PRAGMA page_size", &page_bytes, error);
    if (status == OE_OK && page_bytes > 0)
        sqlite3_wal_autocheckpoint(db, (int)(LOG_BYTES / page_bytes));
    return status == OE_OK ? migrate(db, format, error) : status;
}

static oe_status prepare_file(sqlite3 *db, const char *path, bool read_only, oe_error *error)
{
    int64_t format = 0;
    sqlite3_busy_timeout(db, OE__SQLITE_BUSY_WAIT_MS);
    sqlite3_extended_result_codes(db, 1);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    oe_status status =
        execute(db, "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON", error);
    if (status == OE_OK)
        status = read_format(db, path, &format, error);
    if (status != OE_OK)
        return status;
    if (!read_only)
        return make_writable(db, format, error);
    if (format == 0)
        return oe__fail(error, OE_E_NOT_FOUND, "store: %s holds nothing yet", path);
    if (format < OE__SQLITE_FORMAT)
        return oe__fail(error, OE_E_VERSION,
                        "store: %s has the old format %d; open it for writing once", path,
                        (int)format);
    return execute(db, "PRAGMA query_only = ON", error);
}

oe_status oe__sqlite_connect(const char *path, bool read_only,
                             oe__sqlite_connection *connection, oe_error *error)
{
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    flags |= read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    *connection = (oe__sqlite_connection){.db = NULL};
    int code = sqlite3_open_v2(path, &connection->db, flags, NULL);
    oe_status status = code == SQLITE_OK ? prepare_file(connection->db, path, read_only, error)
                                         : oe__sqlite_fail(connection->db, code,
                                                           "cannot open the file", error);
    if (status != OE_OK)
        oe__sqlite_disconnect(connection);
    return status;
}

void oe__sqlite_disconnect(oe__sqlite_connection *connection)
{
    for (int i = 0; i < OE__SQL_COUNT; i++)
        sqlite3_finalize(connection->statements[i]);
    sqlite3_close(connection->db);
    *connection = (oe__sqlite_connection){.db = NULL};
}
