/* journal.c: gathers records, hands blocks to the store, holds answers and clients back. */
#include "server/journal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "codec/varint.h"
#include "server/desk.h"
#include "server/log.h"
#include "server/settling.h"
#include "store/digest.h"

enum {
    BLOCK_RECORDS = 512,
    BLOCK_BYTES = 256 * 1024,
    BLOCK_SPAN_MS = 1000, /* of its ids: far below what the store takes */
    FLUSH_MS = 50,
    FULL_MAX = 16,  /* blocks that leave together: one commit is cheaper than many */
    SPARE_MAX = 16, /* flights whose memory is kept */
    RETRY_MS = 200,
    RETRIES_AT_END = 3,
    WAITING_MAX = 65536, /* records that are not in the store: no more requests are taken */
    BUSY = WAITING_MAX / 8
};

/* An answer that waits for a block. */
typedef struct held {
    struct held *next;
    oe_pending pending;
    bool for_all; /* for the blocks before it as well */
} held;

/* A block on its way. */
typedef struct flight {
    struct flight *next, *next_full;
    oe_journal *journal;
    uint64_t number;
    oe__buffer records;
    size_t count;
    held *answers;
    bool is_failed; /* waits to be tried again */
    unsigned retries;
    char operation_id[OE_STORE_OPERATION_ID_SIZE];
} flight;

struct oe_journal {
    oe_desk *desk;
    oe__buffer records, scratch; /* gathered; one record */
    size_t count, waiting;       /* gathered; gathered or on their way */
    int64_t from_ms;             /* of the first that was gathered */
    int64_t staying_ms;          /* of the first that has not left */
    held *answers;
    flight *flights;          /* the youngest first */
    flight *full, **full_end; /* of them those that have not left yet, in their order */
    size_t full_count;
    flight *spare;
    size_t spare_count;
    uint64_t flights_made, random;
    uint32_t sequence;
    char id[OE_RECORD_ID_TEXT]; /* of the record that was kept last */
    uv_timer_t timer;
    bool is_ending, is_holding;
    oe__settling settling;
    uint64_t settling_mark; /* the last flight before what is asked for */
};

static void submit(flight *sent);

oe_journal *oe__journal_new(oe_desk *desk)
{
    oe_journal *journal = calloc(1, sizeof *journal);
    if (journal == NULL)
        return NULL;
    if (getrandom(&journal->random, sizeof journal->random, 0) !=
        (ssize_t)sizeof journal->random) {
        free(journal);
        return NULL;
    }
    journal->desk = desk;
    journal->full_end = &journal->full;
    journal->settling.desk = desk;
    (void)uv_timer_init(oe_worker_loop(desk->worker), &journal->timer);
    journal->timer.data = journal;
    return journal;
}

/* ---- Blocks on their way ---- */

static void start_timer(oe_journal *journal, uint64_t after_ms);

/* `older`: the youngest block before theirs that has not landed, or NULL. */
static void release_answers(const oe_journal *journal, held *answers, flight *older)
{
    for (held *at = answers, *next; at != NULL; at = next) {
        next = at->next;
        if (at->for_all && older != NULL) {
            at->next = older->answers;
            older->answers = at;
        } else {
            oe_response_release(journal->desk->worker, at->pending);
            free(at);
        }
    }
}

static void free_flight(flight *ended)
{
    oe__buffer_free(&ended->records);
    for (held *at = ended->answers, *next; at != NULL; at = next) {
        next = at->next;
        free(at);
    }
    free(ended);
}

static void free_flights(flight *first)
{
    for (flight *at = first, *next; at != NULL; at = next) {
        next = at->next;
        free_flight(at);
    }
}

/* One that landed, with its memory for records, or a new one. NULL: out of memory. */
static flight *take_flight(oe_journal *journal)
{
    flight *taken = journal->spare;
    if (taken == NULL)
        return calloc(1, sizeof *taken);
    oe__buffer records = taken->records;
    journal->spare = taken->next;
    journal->spare_count--;
    *taken = (flight){.records = {.data = records.data, .capacity = records.capacity}};
    return taken;
}

static void give_flight(oe_journal *journal, flight *ended)
{
    if (journal->spare_count == SPARE_MAX || journal->is_ending) {
        free_flight(ended);
        return;
    }
    ended->next = journal->spare;
    journal->spare = ended;
    journal->spare_count++;
}

static void leave_flights(oe_journal *journal, const flight *ended)
{
    flight **at = &journal->flights;
    while (*at != ended)
        at = &(*at)->next;
    *at = ended->next;
}

static void tell_settled(oe_journal *journal);

static void take_commit(flight *done)
{
    oe_journal *journal = done->journal;
    oe_desk *desk = journal->desk;
    oe__desk_count(&desk->counters.journalled, done->count);
    oe__desk_count(&desk->counters.journal_blocks, 1);
    journal->waiting -= done->count;
    leave_flights(journal, done);
    release_answers(journal, done->answers, done->next);
    done->answers = NULL;
    give_flight(journal, done);
    if (journal->is_holding && journal->waiting < WAITING_MAX / 2 && !journal->is_ending) {
        journal->is_holding = false;
        oe__log(OE_LOG_INFO, "journal_caught_up", "waiting=%zu", journal->waiting);
        oe_worker_hold(desk->worker, false);
    }
    tell_settled(journal);
}

static void take_refusal(flight *refused, const oe_error *error)
{
    oe_journal *journal = refused->journal;
    if (refused->retries++ == 0)
        oe__log_message(OE_LOG_ERROR, "journal_refused", error->message);
    if (journal->is_ending) {
        if (refused->retries <= RETRIES_AT_END)
            submit(refused);
        return;
    }
    refused->is_failed = true;
    start_timer(journal, RETRY_MS);
}

static void take_result(void *context, const oe_store_result *result)
{
    flight *sent = context;
    if (result->status == OE_OK)
        take_commit(sent);
    else
        take_refusal(sent, &result->error);
}

static void submit(flight *sent)
{
    oe_error error = {0};
    oe_store_submission submission = {
        .operation = OE_STORE_JOURNAL_APPEND,
        .completion = take_result,
        .context = sent,
        .operation_id = {sent->operation_id, sizeof sent->operation_id},
        .body = {sent->records.data, sent->records.length}};
    sent->is_failed = false;
    if (oe_port_submit(sent->journal->desk->port, &submission, &error) != OE_OK)
        take_refusal(sent, &error);
}

static void retry(oe_journal *journal)
{
    for (flight *at = journal->flights, *next; at != NULL; at = next) {
        next = at->next;
        if (at->is_failed)
            submit(at);
    }
}

/* What was gathered becomes a block that is to leave. false: without memory it stays. */
static bool fill_block(oe_journal *journal)
{
    flight *made = journal->count > 0 ? take_flight(journal) : NULL;
    if (made == NULL)
        return journal->count == 0;
    oe__buffer empty = made->records;
    made->journal = journal;
    made->number = ++journal->flights_made;
    made->records = journal->records;
    made->count = journal->count;
    made->answers = journal->answers;
    made->next = journal->flights;
    oe_port_operation_id(journal->desk->port, made->operation_id);
    journal->flights = made;
    *journal->full_end = made;
    journal->full_end = &made->next_full;
    journal->full_count++;
    journal->records = empty;
    journal->count = 0;
    journal->answers = NULL;
    return true;
}

/* What was gathered leaves. Without memory it stays and is tried again. */
static void flush(oe_journal *journal)
{
    if (!fill_block(journal))
        start_timer(journal, RETRY_MS);
    flight *leaving = journal->full;
    journal->full = NULL;
    journal->full_end = &journal->full;
    journal->full_count = 0;
    for (flight *next; leaving != NULL; leaving = next) {
        next = leaving->next_full;
        submit(leaving);
    }
}

/* Full blocks that have not left are the youngest; one that was refused holds nobody up. */
void oe__journal_flush_held(oe_journal *journal)
{
    bool is_held = journal->answers != NULL, is_under_way = false;
    size_t full = journal->full_count;
    for (const flight *at = journal->flights; at != NULL; at = at->next) {
        bool has_left = full == 0 || full-- == 0;
        is_held = is_held || (!has_left && at->answers != NULL);
        is_under_way = is_under_way || (has_left && !at->is_failed);
    }
    if (is_held && !is_under_way)
        flush(journal);
}

static void on_time(uv_timer_t *timer)
{
    oe_journal *journal = timer->data;
    flush(journal);
    retry(journal);
}

static void start_timer(oe_journal *journal, uint64_t after_ms)
{
    if (!journal->is_ending && !uv_is_active((uv_handle_t *)&journal->timer))
        (void)uv_timer_start(&journal->timer, on_time, after_ms, 0);
}

/* ---- Keeping ---- */

static void fill_record(oe_journal *journal, oe__record *record, const oe__buffer *body)
{
    const oe_desk *desk = journal->desk;
    int64_t at_ms = record->options.at_ms;
    record->generation = desk->generation->number;
    record->customer_id = oe_profile_id(desk->profile, &record->customer_id_length);
    oe__record_make_id(record->id, at_ms, ++journal->sequence, journal->random);
    oe__record_id_write(record->id, journal->id);
    oe__digest(body->data, body->length, at_ms, record->digest);
}

/* Moves the scratch record behind those that were gathered. */
static bool gather(oe_journal *journal)
{
    oe__buffer *records = &journal->records;
    const oe__buffer *record = &journal->scratch;
    char *at =
        record->failed ? NULL : oe__buffer_reserve(records, OE_VARINT_MAX + record->length);
    if (at == NULL) {
        records->failed = false; /* what was gathered stays */
        oe__buffer_free(&journal->scratch);
        return false;
    }
    records->length += (size_t)(oe__varint_put(at, record->length) - at);
    oe__buffer_add(records, record->data, record->length);
    journal->count++;
    journal->waiting++;
    return true;
}

static void hold_clients(oe_journal *journal)
{
    if (journal->is_holding || journal->waiting < WAITING_MAX)
        return;
    journal->is_holding = true;
    oe__log(OE_LOG_ERROR, "journal_full", "waiting=%zu", journal->waiting);
    oe_worker_hold(journal->desk->worker, true);
}

static bool is_out_of_span(const oe_journal *journal, int64_t at_ms)
{
    return at_ms < journal->from_ms || at_ms - journal->from_ms > BLOCK_SPAN_MS;
}

/* The timer that its first record started takes it along. */
static void end_block(oe_journal *journal)
{
    if (!fill_block(journal) || journal->full_count == FULL_MAX)
        flush(journal);
}

bool oe__journal_keep(oe_journal *journal, oe__record *record, const oe__buffer *body)
{
    int64_t at_ms = record->options.at_ms;
    if (journal->count > 0 && is_out_of_span(journal, at_ms))
        end_block(journal);
    if (journal->count == 0) {
        journal->from_ms = at_ms;
        if (journal->full == NULL)
            journal->staying_ms = at_ms;
        start_timer(journal, FLUSH_MS);
    }
    fill_record(journal, record, body);
    journal->scratch.length = 0;
    oe__record_write(&journal->scratch, record, journal->desk->profile, journal->desk->decider);
    if (!gather(journal))
        return false;
    if (journal->count >= BLOCK_RECORDS || journal->records.length >= BLOCK_BYTES)
        end_block(journal);
    hold_clients(journal);
    return true;
}

void oe__journal_add_id(const oe_journal *journal, oe__buffer *body)
{
    static const char name[] = ",\"decision_id\":\"";
    char *at = oe__buffer_reserve(body, sizeof name + OE_RECORD_ID_TEXT + 2);
    if (at == NULL)
        return;
    at--; /* the bracket: this becomes the last member */
    memcpy(at, name, sizeof name - 1);
    memcpy(at + sizeof name - 1, journal->id, OE_RECORD_ID_TEXT);
    memcpy(at + sizeof name - 1 + OE_RECORD_ID_TEXT, "\"}", 2);
    body->length += sizeof name - 1 + OE_RECORD_ID_TEXT + 2 - 1;
}

/* The block may have left with the record: then the answer waits for that one, and for nothing
 * when all of them have landed, as they may while the last lines of a batch decide nothing. */
void oe__journal_hold(oe_journal *journal, oe_response *response, bool for_all)
{
    if (journal->count == 0 && journal->flights == NULL) {
        oe_response_release(journal->desk->worker, oe_response_hold(response));
        return;
    }
    held *made = malloc(sizeof *made);
    if (made == NULL) {
        oe_response_error(response, OE_HTTP_UNAVAILABLE);
        return;
    }
    if (journal->full != NULL)
        flush(journal); /* nobody waits for the company of others */
    held **list = journal->count > 0 ? &journal->answers : &journal->flights->answers;
    made->pending = oe_response_hold(response);
    made->for_all = for_all;
    made->next = *list;
    *list = made;
}

bool oe__journal_is_busy(const oe_journal *journal)
{
    return journal->waiting >= BUSY;
}

/* ---- Asked for ---- */

/* All ids of a journal end with the same random bytes. */
static bool is_own(const oe_journal *journal, const unsigned char id[OE_RECORD_ID_SIZE])
{
    enum { RANDOM_AT = OE_RECORD_ID_SIZE - 6 };
    unsigned char own[OE_RECORD_ID_SIZE];
    oe__record_make_id(own, 0, 0, journal->random);
    return memcmp(own + RANDOM_AT, id + RANDOM_AT, OE_RECORD_ID_SIZE - RANDOM_AT) == 0;
}

void oe__journal_hasten(oe_journal *journal, const unsigned char id[OE_RECORD_ID_SIZE])
{
    bool is_staying = journal->count > 0 || journal->full != NULL;
    if (is_staying && oe__record_id_ms(id) >= journal->staying_ms && is_own(journal, id))
        flush(journal);
}

/* ---- Settling ---- */

static bool is_settled(const oe_journal *journal)
{
    for (const flight *at = journal->flights; at != NULL; at = at->next)
        if (at->number <= journal->settling_mark)
            return false;
    return true;
}

static void tell_settled(oe_journal *journal)
{
    /* Who ends is not waited for, and the others may be gone. */
    if (journal->settling.ticket != 0 && !journal->is_ending && is_settled(journal))
        oe__settling_tell(&journal->settling);
}

void oe__journal_serve(oe_journal *journal)
{
    if (oe__settling_is_asked(&journal->settling)) {
        flush(journal);
        journal->settling_mark = journal->flights_made;
        tell_settled(journal);
    }
    oe__settling_serve(&journal->settling);
}

bool oe__journal_settle(oe_journal *journal, oe_journal_settled settled, void *context)
{
    return oe__settling_ask(&journal->settling, settled, context);
}

/* ---- The end ---- */

void oe__journal_end(oe_journal *journal)
{
    journal->is_ending = true;
    uv_close((uv_handle_t *)&journal->timer, NULL);
    flush(journal);
    retry(journal);
}

void oe__journal_free(oe_journal *journal)
{
    if (journal == NULL)
        return;
    if (journal->waiting > 0)
        oe__log(OE_LOG_ERROR, "journal_lost", "decisions=%zu", journal->waiting);
    free_flights(journal->flights);
    free_flights(journal->spare);
    oe__settling_free(&journal->settling);
    oe__buffer_free(&journal->records);
    oe__buffer_free(&journal->scratch);
    free(journal);
}
