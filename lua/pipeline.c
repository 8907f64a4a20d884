/* pipeline.c: a ring of slots between one thread that reads and writes and several that decide.
 * A slot belongs to the main thread while it is filled and written, to one worker while it is
 * decided; the mutex guards only the counters and flags that pass it on. */
#include "pipeline.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caller.h"
#include "codec/answer.h"
#include "engine/decide.h"

enum { SLOTS_PER_WORKER = 4, BAD_KEPT = 20 };

typedef struct pipeline_slot {
    oe_lua_chunk chunk;
    oe__buffer out, bad_rows;
    uint64_t customers, offers, bad, undeclared, unknown_products;
    bool done, no_memory;
    const char *stopped; /* the rule whose function was stopped, NULL: none */
} pipeline_slot;

typedef struct pipeline_ring {
    const oe_lua_pipeline *pipeline;
    pthread_mutex_t mutex;
    pthread_cond_t filled_one, done_one;
    pipeline_slot *slots;
    size_t slot_count;
    uint64_t filled, taken, written; /* chunks so far */
    bool stop;
} pipeline_ring;

typedef struct pipeline_worker {
    pthread_t thread;
    bool started;
    pipeline_ring *ring;
    oe_decider *decider;
    oe_caller *caller;
    oe_lua_reading reading;
    oe_lua_summary summary;
} pipeline_worker;

/* ---- Deciding ---- */

static void write_decision(const oe_lua_pipeline *pipeline, const oe_decision *decision,
                           oe__buffer *out)
{
    if (pipeline->output < 0)
        return;
    if (pipeline->format == OE_LUA_CSV) {
        oe__answer_write_csv(out, decision);
    } else {
        oe__answer_write(out, decision);
        oe__buffer_add_char(out, '\n');
    }
}

static bool decide_record(pipeline_worker *worker, pipeline_slot *slot)
{
    const oe_lua_pipeline *pipeline = worker->ring->pipeline;
    const oe_decision *decision =
        oe_decide(worker->decider, worker->reading.profile, &pipeline->options);
    if (decision->degraded_count > 0)
        slot->stopped = decision->degraded[0];
    slot->customers++;
    slot->offers += decision->offer_count;
    slot->undeclared += worker->reading.report.undeclared;
    slot->unknown_products += worker->reading.report.unknown_products;
    write_decision(pipeline, decision, &slot->out);
    if (pipeline->summary != NULL)
        oe_lua_summary_add(&worker->summary, decision);
    if (pipeline->summary != NULL && decision->offer_count == 0 &&
        !oe_lua_summary_explain(&worker->summary, worker->decider, worker->reading.profile,
                                &pipeline->options))
        return false;
    if (worker->summary.stopped != NULL)
        slot->stopped = worker->summary.stopped;
    return !slot->out.failed;
}

static bool note_bad(pipeline_worker *worker, pipeline_slot *slot, int64_t row)
{
    if (slot->bad++ >= BAD_KEPT)
        return true;
    oe_lua_reading_explain(&worker->reading, row, &slot->bad_rows);
    oe__buffer_add_char(&slot->bad_rows, '\n');
    return !slot->bad_rows.failed;
}

static void decide_slot(pipeline_worker *worker, pipeline_slot *slot)
{
    for (size_t i = 0; i < slot->chunk.count && !slot->no_memory && slot->stopped == NULL;
         i++) {
        oe_status status = oe_lua_record_read(worker->ring->pipeline->stream, &slot->chunk, i,
                                              &worker->reading);
        if (status == OE_OK)
            slot->no_memory = !decide_record(worker, slot);
        else if (status == OE_E_MEMORY)
            slot->no_memory = true;
        else
            slot->no_memory = !note_bad(worker, slot, slot->chunk.records[i].row);
    }
}

static void *work(void *context)
{
    pipeline_worker *worker = context;
    pipeline_ring *ring = worker->ring;
    for (;;) {
        (void)pthread_mutex_lock(&ring->mutex);
        while (ring->taken == ring->filled && !ring->stop)
            (void)pthread_cond_wait(&ring->filled_one, &ring->mutex);
        bool go_on = !ring->stop;
        pipeline_slot *slot = &ring->slots[ring->taken % ring->slot_count];
        ring->taken += go_on ? 1 : 0;
        (void)pthread_mutex_unlock(&ring->mutex);
        if (!go_on)
            return NULL;
        decide_slot(worker, slot);
        (void)pthread_mutex_lock(&ring->mutex);
        slot->done = true;
        (void)pthread_cond_signal(&ring->done_one);
        (void)pthread_mutex_unlock(&ring->mutex);
    }
}

/* ---- Reading and writing ---- */

static oe_status fail(oe_error *error, oe_status status, const char *problem)
{
    error->status = status;
    error->position = -1;
    (void)snprintf(error->message, sizeof error->message, "batch: %s", problem);
    return status;
}

static oe_status write_all(int descriptor, const char *bytes, size_t length, oe_error *error)
{
    while (length > 0) {
        ssize_t written = write(descriptor, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail(error, OE_E_IO, strerror(errno));
        bytes += written;
        length -= (size_t)written;
    }
    return OE_OK;
}

static void clear_slot(pipeline_slot *slot)
{
    slot->out.length = 0;
    slot->bad_rows.length = 0;
    slot->customers = 0;
    slot->offers = 0;
    slot->bad = 0;
    slot->undeclared = 0;
    slot->unknown_products = 0;
    slot->done = false;
    slot->no_memory = false;
    slot->stopped = NULL;
}

/* Fills free slots until the ring is full or the input ends. */
static oe_status fill_slots(pipeline_ring *ring, bool *at_end, oe_error *error)
{
    while (!*at_end && ring->filled - ring->written < ring->slot_count) {
        pipeline_slot *slot = &ring->slots[ring->filled % ring->slot_count];
        clear_slot(slot);
        oe_status status = oe_lua_stream_next(ring->pipeline->stream, &slot->chunk, error);
        if (status != OE_OK)
            return status;
        *at_end = slot->chunk.count == 0;
        if (*at_end)
            break;
        (void)pthread_mutex_lock(&ring->mutex);
        ring->filled++;
        (void)pthread_cond_signal(&ring->filled_one);
        (void)pthread_mutex_unlock(&ring->mutex);
    }
    return OE_OK;
}

static bool add_bad_rows(const pipeline_slot *slot, oe_lua_pipeline_result *result)
{
    const char *at = slot->bad_rows.data;
    const char *end = at + slot->bad_rows.length;
    for (uint64_t kept = result->bad; kept < BAD_KEPT && at < end; kept++) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        oe__buffer_add(&result->bad_rows, at, (size_t)(line_end - at) + 1);
        at = line_end + 1;
    }
    return !result->bad_rows.failed;
}

/* Waits for the oldest slot and writes it. */
static oe_status write_slot(pipeline_ring *ring, oe_lua_pipeline_result *result,
                            oe_error *error)
{
    pipeline_slot *slot = &ring->slots[ring->written % ring->slot_count];
    (void)pthread_mutex_lock(&ring->mutex);
    while (!slot->done)
        (void)pthread_cond_wait(&ring->done_one, &ring->mutex);
    (void)pthread_mutex_unlock(&ring->mutex);
    ring->written++;
    if (slot->no_memory || (slot->bad > 0 && !add_bad_rows(slot, result)))
        return fail(error, OE_E_MEMORY, "out of memory");
    if (slot->stopped != NULL)
        return oe__fail_stopped(ring->pipeline->ruleset, slot->stopped, error);
    result->customers += slot->customers;
    result->offers += slot->offers;
    result->bad += slot->bad;
    result->undeclared += slot->undeclared;
    result->unknown_products += slot->unknown_products;
    if (result->bad > 0 && !ring->pipeline->skip_bad)
        return OE_OK;
    return write_all(ring->pipeline->output, slot->out.data, slot->out.length, error);
}

static oe_status run_ring(pipeline_ring *ring, oe_lua_pipeline_result *result, oe_error *error)
{
    static const char header[] = OE_ANSWER_CSV_HEADER;
    bool at_end = false;
    oe_status status = OE_OK;
    if (ring->pipeline->output >= 0 && ring->pipeline->format == OE_LUA_CSV)
        status = write_all(ring->pipeline->output, header, sizeof header - 1, error);
    while (status == OE_OK) {
        status = fill_slots(ring, &at_end, error);
        if (status != OE_OK || ring->written == ring->filled)
            break;
        status = write_slot(ring, result, error);
    }
    return status;
}

/* ---- Threads ---- */

static bool start_worker(pipeline_worker *worker, pipeline_ring *ring)
{
    const oe_ruleset *ruleset = ring->pipeline->ruleset;
    worker->ring = ring;
    worker->decider = oe_decider_new(ruleset);
    worker->reading.profile = oe_profile_new(ruleset);
    if (worker->decider == NULL || worker->reading.profile == NULL ||
        !oe__caller_attach(&worker->caller, ruleset, worker->decider) ||
        !oe_lua_summary_begin(&worker->summary, ruleset))
        return false;
    worker->started = pthread_create(&worker->thread, NULL, work, worker) == 0;
    return worker->started;
}

/* false: out of memory. */
static bool end_worker(pipeline_worker *worker, const oe_lua_pipeline *pipeline)
{
    bool merged = true;
    if (worker->started) {
        (void)pthread_join(worker->thread, NULL);
        if (pipeline->summary != NULL)
            merged = oe_lua_summary_merge(pipeline->summary, &worker->summary);
    }
    oe_lua_summary_free(&worker->summary);
    oe__caller_free(worker->caller);
    oe_decider_free(worker->decider);
    oe_lua_reading_free(&worker->reading);
    return merged;
}

static oe_status run_workers(pipeline_ring *ring, pipeline_worker *workers,
                             oe_lua_pipeline_result *result, oe_error *error)
{
    const oe_lua_pipeline *pipeline = ring->pipeline;
    unsigned started = 0;
    while (started < pipeline->workers && start_worker(&workers[started], ring))
        started++;
    oe_status status = started < pipeline->workers
                           ? fail(error, OE_E_MEMORY, "out of memory or threads")
                           : run_ring(ring, result, error);
    (void)pthread_mutex_lock(&ring->mutex);
    ring->stop = true;
    (void)pthread_cond_broadcast(&ring->filled_one);
    (void)pthread_mutex_unlock(&ring->mutex);
    for (unsigned i = 0; i < pipeline->workers; i++)
        if (!end_worker(&workers[i], pipeline) && status == OE_OK)
            status = fail(error, OE_E_MEMORY, "out of memory");
    return status;
}

oe_status oe_lua_pipeline_run(const oe_lua_pipeline *pipeline, oe_lua_pipeline_result *result,
                              oe_error *error)
{
    pipeline_ring ring = {
        .pipeline = pipeline,
        .slot_count = (size_t)pipeline->workers * SLOTS_PER_WORKER,
    };
    pipeline_worker *workers = calloc(pipeline->workers, sizeof *workers);
    ring.slots = calloc(ring.slot_count, sizeof *ring.slots);
    oe_status status = OE_E_MEMORY;
    (void)pthread_mutex_init(&ring.mutex, NULL);
    (void)pthread_cond_init(&ring.filled_one, NULL);
    (void)pthread_cond_init(&ring.done_one, NULL);
    if (workers != NULL && ring.slots != NULL)
        status = run_workers(&ring, workers, result, error);
    else
        (void)fail(error, OE_E_MEMORY, "out of memory");
    for (size_t i = 0; ring.slots != NULL && i < ring.slot_count; i++) {
        oe_lua_chunk_free(&ring.slots[i].chunk);
        oe__buffer_free(&ring.slots[i].out);
        oe__buffer_free(&ring.slots[i].bad_rows);
    }
    (void)pthread_cond_destroy(&ring.done_one);
    (void)pthread_cond_destroy(&ring.filled_one);
    (void)pthread_mutex_destroy(&ring.mutex);
    free(ring.slots);
    free(workers);
    return status;
}
