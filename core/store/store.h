/* store.h: the durable state of the product behind one asynchronous interface.
 *
 * Owns what every backend promises; says nothing of SQL, files or sockets. A caller takes one
 * oe_store_port per thread, submits operations to it and gets each completion as a callback on
 * that same thread, from oe_port_drain. Nothing here blocks unless its contract says so.
 *
 * What holds for every backend:
 * - Every submission that was accepted (OE_OK) is completed exactly once, in any order, at any
 *   later time. A write completes with OE_OK only when it is durable.
 * - A submission made after a completion was delivered sees that completion's effect.
 * Operations that are outstanding together are applied in an undefined order, also on one
 * customer.
 * - A write carries an operation id. Repeated with the same id and content it is not done
 *   again: the first outcome is reported with `repeated` set. The same id with other content
 *   is OE_E_CONFLICT (unless that content was erased). At least the newest
 * OE_STORE_OPERATIONS_KEPT writes that succeeded are remembered; one that failed has no effect
 * and is tried anew.
 * - A failure with `outcome_unknown` may have happened all the same (a lost answer to a
 * COMMIT): repeat it with the same operation id to learn or to finish.
 * - `revision` grows with every write to the same customer, also across deletion, and compares
 *   for one customer only. Who mirrors customers in memory applies a completion only when its
 *   revision is higher than the one it knows, for completions of two threads may cross.
 * - A failure touches only its own operation, and the store recovers by itself once the fault
 *   (a full disk, a lost connection) is gone.
 */
#ifndef OE_STORE_STORE_H
#define OE_STORE_STORE_H

#include "codec/outcome.h"
#include "offerengine.h"

enum {
    OE_STORE_ID_MAX = 128,          /* bytes of a customer id or meta key, see oe__text_is_id */
    OE_STORE_OPERATION_ID_MAX = 64, /* bytes of an operation id, any values */
    OE_STORE_OPERATION_ID_SIZE = 16,  /* bytes that oe_port_operation_id makes */
    OE_STORE_BODY_MAX = 1024 * 1024,  /* bytes of a customer body or meta value */
    OE_STORE_TEXTS_MAX = 1 << 24,     /* bytes of the texts of one generation */
    OE_STORE_LABEL_MAX = 512,         /* bytes of a generation's author, of its note */
    OE_STORE_BATCH_MAX = 100000,      /* customers in one batch */
    OE_STORE_SCAN_MAX = 1000,         /* customers or generations in one page */
    OE_STORE_BLOCK_MAX = 4096,        /* records in one block of the journal */
    OE_STORE_BLOCK_SPAN_MS = 10000,   /* between the earliest and the latest of them */
    OE_STORE_OUTCOMES_MAX = 1000,     /* in one submission, in one page */
    OE_STORE_OPERATIONS_KEPT = 65536, /* writes whose outcome is remembered at least */
    OE_STORE_OUTSTANDING = 4096,      /* default bound of operations outstanding on a port */
    OE_STORE_OUTSTANDING_BYTES = 1 << 26, /* bound of the bytes outstanding on a port */
    OE_STORE_ADDRESS_MAX = 256            /* bytes of an owner's address with its terminator */
};

/* Borrowed bytes. Of a submission: copied before oe_port_submit returns. Of a result: valid
 * until the callback returns. */
typedef struct oe_store_bytes {
    const char *data;
    size_t length;
} oe_store_bytes;

/* One customer: the body is opaque to the store (canonical JSON text). */
typedef struct oe_store_customer {
    oe_store_bytes id;
    oe_store_bytes body;
    int64_t revision; /* filled in results, ignored in submissions */
} oe_store_customer;

/* One set of rules that served. Numbers are the caller's, from 1 on. The texts are kept once
 * per hash, however many generations have it. */
typedef struct oe_store_generation {
    uint64_t number;
    int64_t at_ms;               /* UTC */
    oe_store_bytes hash;         /* of the texts, a lawful id */
    oe_store_bytes author, note; /* at most OE_STORE_LABEL_MAX bytes each, may be empty */
    oe_store_bytes texts;        /* opaque to the store; not in lists */
} oe_store_generation;

/* ---- Opening -------------------------------------------------------------------------------
 */

typedef struct oe_store oe_store;
typedef struct oe_store_port oe_store_port;
typedef struct oe_store_backend oe_store_backend; /* backend.h; only backends look inside */

typedef struct oe_store_options {
    const char *url;                 /* "sqlite:PATH" or a plain PATH */
    bool read_only;                  /* beside a running owner; writes are OE_E_ARGUMENT */
    size_t outstanding_max;          /* per port; 0: OE_STORE_OUTSTANDING */
    const oe_store_backend *backend; /* NULL: chosen by the url's scheme */
    void *backend_context;           /* given to `backend`, otherwise unused */
} oe_store_options;

/* Opens, creating what is missing unless read_only. Blocks. Failures:
 * OE_E_BUSY      another process (or this one) owns it; the message names pid and address
 * OE_E_VERSION   written by a newer version     OE_E_CORRUPT  damaged, or not our database
 * OE_E_NOT_FOUND read_only and not there        OE_E_IO       the system refused
 * OE_E_INVALID   a scheme that no backend has   OE_E_MEMORY
 * Nothing that exists is overwritten on failure. */
oe_status oe_store_open(const oe_store_options *options, oe_store **store, oe_error *error);

/* Takes no further submissions, completes what was accepted, gives up ownership. Blocks until
 * the accepted writes are durable or have failed. Ports may be drained and freed afterwards; no
 * call on the store itself, nor oe_port_submit on another thread, may run at the same time. */
void oe_store_close(oe_store *store);

/* The owner of a database, for commands that must go through it. */
typedef struct oe_store_owner {
    int64_t pid;
    char address[OE_STORE_ADDRESS_MAX]; /* "" while the owner has told none */
} oe_store_owner;

/* Publishes where the owner can be reached, e.g. "http://127.0.0.1:8000". OE_E_ARGUMENT when
 * opened read_only, OE_E_INVALID when too long or with control characters, OE_E_IO. */
oe_status oe_store_set_address(oe_store *store, const char *address, oe_error *error);

/* Who owns the database at `url` now; needs no open store and disturbs no owner.
 * OE_E_NOT_FOUND when nobody does. */
oe_status oe_store_owner_address(const char *url, oe_store_owner *owner, oe_error *error);

/* ---- Whole-store calls, blocking, from any thread, beside running ports
 * ---------------------- */

/* Called once per customer, in any order; false ends the scan early. */
typedef bool (*oe_store_row_fn)(void *context, const oe_store_customer *customer);

/* Every customer of one consistent moment, as fast as the backend can: for filling the
 * population. OE_OK also when `row` ended it. */
oe_status oe_store_scan_all(oe_store *store, oe_store_row_fn row, void *context,
                            oe_error *error);

/* Proves the stored data sound (SQLite: PRAGMA integrity_check and the counters); reads all of
 * it. OE_E_CORRUPT with the first finding. */
oe_status oe_store_check(oe_store *store, oe_error *error);

/* ---- The journal --------------------------------------------------------------------------
 * Decisions lie in blocks, in the order in which they were appended. Beside each record lie 16
 * random bytes, its salt, and its leaf: SHA-256(salt, record). A block's chain value is
 * SHA-256(chain value of the block before, its leaves). Erasing a person fills records and
 * salts with zeros and keeps the leaves, so that the chain stays whole and nothing about the
 * person is left; what the log of writes held of them is gone before the answer. Forgetting
 * drops whole blocks and keeps the chain value of the last one. */

typedef enum oe_store_record_state {
    OE_STORE_RECORD_SOUND,
    OE_STORE_RECORD_ERASED,
    OE_STORE_RECORD_DAMAGED /* not what its leaf says */
} oe_store_record_state;

typedef struct oe_store_record {
    oe_store_record_state state;
    uint64_t block, place; /* of the block and within it, both from 1 */
    oe_store_bytes bytes;  /* may be empty when damaged */
} oe_store_record;

/* Called once per record; false ends the scan early. */
typedef bool (*oe_store_record_fn)(void *context, const oe_store_record *record);

typedef struct oe_store_journal_range {
    int64_t from_ms, until_ms; /* from <= time of the id < until */
    oe_store_record_fn record;
    void *context;
    uint64_t after_block; /* only of later blocks; 0: of all */
} oe_store_journal_range;

/* Those of the range in the order of the journal; erased and damaged ones, whose time is not
 * known, of all blocks that overlap it. */
oe_status oe_store_journal_scan(oe_store *store, const oe_store_journal_range *range,
                                oe_error *error);

typedef struct oe_store_proof {
    uint64_t blocks, records, erased;
    uint64_t forgotten;      /* number of the last block that was dropped for its age */
    unsigned char chain[32]; /* of the last block: to be kept elsewhere */
    bool is_sound;
    uint64_t bad_block, bad_record; /* the first damage; record 0: the block as a whole */
    char damage[OE_ERROR_MESSAGE_MAX];
} oe_store_proof;

/* Called now and then; false ends the work, and OE_E_CLOSED is returned. */
typedef bool (*oe_store_progress_fn)(void *context, uint64_t done, uint64_t all);

/* Follows the chain through all blocks. OE_OK also when it is not sound: see the proof. */
oe_status oe_store_journal_verify(oe_store *store, oe_store_proof *proof,
                                  oe_store_progress_fn progress, void *context,
                                  oe_error *error);

/* ---- Outcomes ------------------------------------------------------------------------------
 * What became of offers: events beside the journal, one for each decision, product and
 * outcome. Erasing a person deletes their events and keeps the counts by product, outcome and
 * day. */

typedef enum oe_store_verdict {
    OE_STORE_VERDICT_STORED,
    OE_STORE_VERDICT_REPEATED,         /* it was there already, whatever time it came with */
    OE_STORE_VERDICT_UNKNOWN_DECISION, /* not in the journal, erased or forgotten */
    OE_STORE_VERDICT_NOT_OFFERED,      /* the decision did not offer the product */
    OE_STORE_VERDICT_EARLY,            /* more than a second before its decision */
    OE_STORE_VERDICT_EXPIRED,          /* the decision is too old */
    OE_STORE_VERDICT_COUNT
} oe_store_verdict;

typedef struct oe_store_outcome {
    unsigned char decision[OE_DECISION_ID_SIZE];
    oe_outcome outcome;
    oe_store_bytes product, channel; /* channel may be empty */
    int64_t at_ms;                   /* 0: when it was received */
    double value;
    bool has_value;
    bool is_owned; /* put: the product joins those that the customer owns */
    /* Of results. */
    oe_store_verdict verdict;
    bool has_changed_customer; /* the stored profile has the product now */
    oe_store_bytes customer;   /* empty where the decision is not known */
    int64_t received_ms;
    /* Of its decision: when the unit of the offer was reserved (oe_offer.unit_ms), the channel
     * and the campaign that it was made for, which may be empty. */
    int64_t unit_ms;
    oe_store_bytes decided_channel, campaign;
} oe_store_outcome;

/* Called once per event; false ends the scan early. */
typedef bool (*oe_store_outcome_fn)(void *context, const oe_store_outcome *outcome);

typedef struct oe_store_outcome_range {
    int64_t from_ms, until_ms; /* from <= at < until */
    oe_store_outcome_fn outcome;
    void *context;
} oe_store_outcome_range;

/* The events of the range in the order of their times. */
oe_status oe_store_outcome_scan(oe_store *store, const oe_store_outcome_range *range,
                                oe_error *error);

/* How many there were of a product and outcome on a day, counted from 1970-01-01 in UTC. */
typedef struct oe_store_tally {
    oe_store_bytes product;
    oe_outcome outcome;
    int64_t day;
    uint64_t count;
} oe_store_tally;

typedef bool (*oe_store_tally_fn)(void *context, const oe_store_tally *tally);

/* By product, outcome and day; erased and forgotten events are still counted. */
oe_status oe_store_outcome_tally(oe_store *store, oe_store_tally_fn tally, void *context,
                                 oe_error *error);

/* ---- Activity ------------------------------------------------------------------------------
 * How often what happened, counted when a block or an outcome is stored, in the same
 * transaction; erasing and forgetting leave the counts. A day is that of the decision, also for
 * what became of it later, so that a step never counts more than the one before. Channel and
 * campaign are those that the decision was made for. */

typedef enum oe_store_step {
    OE_STORE_STEP_DECIDED,       /* of no product */
    OE_STORE_STEP_WITHOUT_OFFER, /* of no product */
    OE_STORE_STEP_OFFERED,
    OE_STORE_STEP_OUTCOME, /* and the oe_outcome behind it */
    OE_STORE_STEP_COUNT = OE_STORE_STEP_OUTCOME + OE_OUTCOME_COUNT
} oe_store_step;

/* What counts are kept apart by, beside their step. */
enum {
    OE_STORE_BY_DAY = 1,
    OE_STORE_BY_GENERATION = 2,
    OE_STORE_BY_CHANNEL = 4,
    OE_STORE_BY_CAMPAIGN = 8,
    OE_STORE_BY_PRODUCT = 16
};

/* What it is not kept apart by is 0 or empty. */
typedef struct oe_store_activity {
    int64_t day; /* since 1970-01-01, UTC */
    uint64_t generation;
    oe_store_bytes channel, campaign; /* empty: none was given */
    oe_store_bytes product;           /* "#3" where the names of its rules are not known */
    oe_store_step step;
    uint64_t count;
} oe_store_activity;

typedef bool (*oe_store_activity_fn)(void *context, const oe_store_activity *activity);

typedef struct oe_store_activity_range {
    int64_t from_day, until_day; /* from <= day < until */
    unsigned by;
    oe_store_activity_fn activity; /* false ends it early */
    void *context;
} oe_store_activity_range;

/* In the order of day, generation, channel, campaign, product and step; blocks. */
oe_status oe_store_activity_scan(oe_store *store, const oe_store_activity_range *range,
                                 oe_error *error);

/* ---- Consents ------------------------------------------------------------------------------
 * What a customer asked not to be sent, stored or not: one text each, opaque to the store.
 * Erasing a person deletes it. */

typedef struct oe_store_consent {
    oe_store_bytes customer, body;
    int64_t at_ms;
} oe_store_consent;

/* Called once per consent, in any order; false ends the scan early. */
typedef bool (*oe_store_consent_fn)(void *context, const oe_store_consent *consent);

/* Every consent of one consistent moment; blocks. */
oe_status oe_store_consent_scan(oe_store *store, oe_store_consent_fn consent, void *context,
                                oe_error *error);

/* ---- Runs ----------------------------------------------------------------------------------
 * How far work on all customers came that must go on after the process was killed: one text
 * each, opaque to the store, written together with the decisions that it came to. */

typedef struct oe_store_run {
    uint64_t number; /* the caller's, from 1 on */
    oe_store_bytes text;
} oe_store_run;

/* Called once per run, in the order of their numbers; false ends the scan early. */
typedef bool (*oe_store_run_fn)(void *context, const oe_store_run *run);

/* Every run of one consistent moment; blocks. */
oe_status oe_store_run_scan(oe_store *store, oe_store_run_fn run, void *context,
                            oe_error *error);

typedef struct oe_store_stats {
    uint64_t reads, writes;       /* operations completed, whatever their outcome */
    uint64_t transactions;        /* write transactions committed: writes share them */
    uint64_t failed_transactions; /* write transactions that the system refused */
} oe_store_stats;

void oe_store_stats_get(oe_store *store, oe_store_stats *stats);

/* ---- Submissions ---------------------------------------------------------------------------
 */

/* Writes stand before reads. */
typedef enum oe_store_operation {
    OE_STORE_CUSTOMER_PUT,    /* id, body, mode, if_revision, at_ms → created or replaced,
                                 revision; the former body is kept with its validity */
    OE_STORE_CUSTOMER_DELETE, /* id, if_revision → deleted (0: there was none), revision,
                                 versions, decisions, events, consents: erases the
                                 person, as below */
    OE_STORE_CUSTOMER_BATCH,  /* customers, customer_count, mode, at_ms → created, replaced,
                                 revision; all or nothing; of equal ids the later wins */
    OE_STORE_META_PUT,        /* id (the key), body (the value, may be empty) */
    OE_STORE_GENERATION_PUT,  /* generation; OE_E_CONFLICT when the number is taken */
    OE_STORE_JOURNAL_APPEND,  /* body: records (codec/record.h), a varint with its length before
                                 each → decisions; one block. OE_E_INVALID: no such body, more
                                 than OE_STORE_BLOCK_MAX, or ids further apart than
                                 OE_STORE_BLOCK_SPAN_MS */
    OE_STORE_JOURNAL_ERASE,   /* id (a customer) → decisions, events that were erased */
    OE_STORE_JOURNAL_FORGET,  /* at_ms → decisions, versions, events: of blocks and former
                                 bodies that end before, of decisions before; what is left still
                                 verifies */
    OE_STORE_CONSENT_PUT,   /* id (a customer), body (empty: takes it away), at_ms → created,
                               replaced or deleted, revision */
    OE_STORE_OUTCOMES_PUT,  /* outcomes, outcome_count, at_ms (when they were received),
                               oldest_ms, all_known, member, id ("" or what is to be the same
                               when the operation is repeated) → outcomes, each with its
                               verdict, which alone it stands and falls by. OE_E_NOT_FOUND:
                               all_known and a decision is not; nothing was stored */
    OE_STORE_RUN_PUT,       /* run (replaces the text of its number), body: as of
                               JOURNAL_APPEND, or empty → decisions; both or neither */
    OE_STORE_CUSTOMER_GET,  /* id → customers[0]; OE_E_NOT_FOUND */
    OE_STORE_CUSTOMER_SCAN, /* after ("" for the start), limit → customers in bytewise order of
                               their ids, more; a page may be shorter than `limit` */
    OE_STORE_CUSTOMER_AS_OF, /* id, at_ms → customers[0] as it was then (revision 0 when that is
                                former); OE_E_NOT_FOUND */
    OE_STORE_CUSTOMER_COUNT,  /* → count, ever_held */
    OE_STORE_CONSENT_GET,     /* id (a customer) → value; OE_E_NOT_FOUND */
    OE_STORE_META_GET,        /* id (the key) → value; OE_E_NOT_FOUND */
    OE_STORE_GENERATION_GET,  /* generation.number (0: the newest) → generations[0] with its
                                 texts; OE_E_NOT_FOUND */
    OE_STORE_GENERATION_LIST, /* generation.number (only older ones; 0: all), limit →
                                 generations, newest first, more */
    OE_STORE_JOURNAL_GET,     /* id: the 16 bytes of a decision's id → value: its record;
                                 OE_E_NOT_FOUND, OE_E_CORRUPT: damaged */
    OE_STORE_OUTCOME_LIST,    /* id (a customer), limit → outcomes, newest decision first */
    OE_STORE_OUTCOME_COUNT,   /* → count: events that are kept */
    OE_STORE_OPERATION_COUNT
} oe_store_operation;

typedef enum oe_store_put_mode {
    OE_STORE_PUT_ANY,     /* create or replace */
    OE_STORE_PUT_CREATE,  /* OE_E_CONFLICT when it exists */
    OE_STORE_PUT_REPLACE, /* OE_E_NOT_FOUND when it does not */
    OE_STORE_PUT_MODE_COUNT
} oe_store_put_mode;

typedef struct oe_store_result oe_store_result;

/* Runs on the thread that drains. May submit; must not drain, wait or free its port. */
typedef void (*oe_store_completion_fn)(void *context, const oe_store_result *result);

typedef struct oe_store_submission {
    oe_store_operation operation;
    oe_store_completion_fn completion;
    void *context;
    uint64_t request_id;         /* the caller's; comes back in the result */
    oe_store_bytes operation_id; /* writes: 1..OE_STORE_OPERATION_ID_MAX bytes */
    oe_store_bytes id;           /* customer id or meta key */
    oe_store_bytes body;         /* customer body (not empty) or meta value */
    oe_store_put_mode mode;
    int64_t if_revision; /* put and delete: OE_E_CONFLICT unless the stored revision is this one
                            (absent: OE_E_NOT_FOUND); 0: whatever it is */
    const oe_store_customer *customers; /* batch */
    size_t customer_count;              /* 1..OE_STORE_BATCH_MAX */
    oe_store_bytes after;               /* scan: the last id of the page before, or empty */
    size_t limit;                       /* scan, list: 1..OE_STORE_SCAN_MAX */
    int64_t at_ms; /* when a customer is written; 0: not known, and no former body is kept */
    oe_store_generation generation; /* put: all of it; get, list: its number */
    oe_store_run run;
    const oe_store_outcome *outcomes; /* put */
    size_t outcome_count;             /* 1..OE_STORE_OUTCOMES_MAX */
    int64_t oldest_ms;                /* decisions before are expired */
    bool all_known;
    bool is_passing;       /* outcomes: the operation is not remembered, for they are known by
                              themselves: repeated, each that was stored is OE_STORE_VERDICT_REPEATED
                            */
    oe_store_bytes member; /* of a customer's body: the set that accepted products join */
} oe_store_submission;

struct oe_store_result {
    oe_status status;
    oe_error error; /* error.status == status; position: 1-based row of a batch, else -1 */
    oe_store_operation operation;
    uint64_t request_id;
    bool outcome_unknown; /* a write that failed may have happened: repeat it */
    bool repeated; /* the outcome is the one of an earlier write with this operation id */
    uint64_t created, replaced, deleted;  /* customers */
    uint64_t versions, decisions, events; /* erased, forgotten or appended; 0 when repeated */
    uint64_t consents;                    /* erased */
    int64_t revision;                     /* of the written customers */
    const oe_store_customer *customers;   /* get, scan */
    size_t customer_count;
    const oe_store_generation *generations; /* get, list */
    size_t generation_count;
    const oe_store_outcome *outcomes; /* put, list */
    size_t outcome_count;
    bool more;            /* scan, list: others follow after the last one shown */
    oe_store_bytes value; /* meta get */
    uint64_t count;       /* customers now */
    bool ever_held;       /* whether the store ever held a customer */
};

/* ---- Ports ---------------------------------------------------------------------------------
 */

/* A port belongs to one thread at a time. NULL when memory or descriptors are out. */
oe_store_port *oe_store_port_new(oe_store *store);

/* Never waits. Completions that have arrived are delivered as they are; every other outstanding
 * operation is completed with OE_E_CLOSED: not done when the backend had not begun it,
 * otherwise with outcome_unknown (writes). No callback runs after it returns. A caller that
 * wants the real outcomes calls oe_port_finish first. Not from a callback. */
void oe_store_port_free(oe_store_port *port);

/* Readable (level) while completions wait to be drained. Owned by the port; only poll it. */
int oe_port_fd(const oe_store_port *port);

/* Hands over one operation; everything it points at is copied. Never blocks. On a failure
 * nothing was handed over and no callback follows:
 * OE_E_LIMIT     busy: too much is outstanding on this port; drain, then try again
 * OE_E_INVALID   an id, body, count or size that no backend takes
 * OE_E_ARGUMENT  no operation id on a write, a write on a read-only store, an unknown operation
 * OE_E_CLOSED    the store was closed      OE_E_MEMORY */
oe_status oe_port_submit(oe_store_port *port, const oe_store_submission *submission,
                         oe_error *error);

/* Runs the callbacks of what has completed; returns how many ran. Never blocks. */
size_t oe_port_drain(oe_store_port *port);

/* Waits until something has completed, `timeout_ms` have passed (-1: no limit) or a signal
 * came, then drains. Returns at once when nothing is outstanding. For callers without an event
 * loop. */
size_t oe_port_wait(oe_store_port *port, int timeout_ms);

/* Waits and drains until nothing is outstanding (signals do not end it). */
void oe_port_finish(oe_store_port *port);

/* Operations submitted whose callback has not run yet. */
size_t oe_port_outstanding(const oe_store_port *port);

/* Fills `id` with an operation id that no other call of any process makes. */
void oe_port_operation_id(oe_store_port *port, char id[OE_STORE_OPERATION_ID_SIZE]);

#endif
