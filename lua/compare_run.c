/* compare_run.c: pages are taken by the threads as they come and given out in their order. A
 * slot belongs to one thread from when its page is taken until it is done, then to the main
 * thread; the mutex guards the counters that pass it on. */
#include "compare_run.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caller.h"
#include "codec/csv.h"
#include "codec/number.h"

enum { SLOTS_PER_WORKER = 8 };

typedef struct run_slot {
    oe__buffer lines;
    bool done, failed;
} run_slot;

typedef struct run_state {
    const oe_compare_run *run;
    pthread_mutex_t mutex;
    pthread_cond_t room, done;
    run_slot *slots;
    size_t slot_count;
    size_t taken, given, pages;
    bool stop;
} run_state;

typedef struct run_worker {
    pthread_t thread;
    bool started;
    run_state *state;
    oe__comparer *comparer;
    oe_caller *callers[2];
    oe__buffer *lines;
} run_worker;

/* ---- A flip as a line ---- */

void oe__edit_write(const oe__edit *edit, oe__buffer *out)
{
    const char *pieces[] = {edit->word, edit->id, edit->key};
    for (size_t i = 0; i < 3; i++) {
        if (i > 0 && (pieces[i][0] != '\0' || (i == 2 && edit->part[0] != '\0')))
            oe__buffer_add_char(out, ' ');
        oe__buffer_add_text(out, pieces[i]);
    }
    oe__buffer_add_text(out, edit->part);
}

static void add_field(oe__buffer *out, const char *text)
{
    oe__buffer_add_char(out, ',');
    oe__csv_write_field(out, text, strlen(text));
}

static void add_product(const oe__comparison *comparison, uint32_t product, oe__buffer *out)
{
    add_field(out, product < comparison->product_count
                       ? oe__compared_product(comparison, product)->id
                       : "");
}

static void add_edit(const oe__comparison *comparison, uint32_t index, oe__buffer *out)
{
    if (index == OE__NO_EDIT) {
        oe__buffer_add_text(out, ",,,");
        return;
    }
    const oe__edit *edit = oe__edit_at(&comparison->edits, index);
    oe__buffer words = {0};
    oe__edit_write(edit, &words);
    oe__buffer_add_char(out, ',');
    oe__csv_write_field(out, words.data, words.length);
    out->failed |= words.failed;
    oe__buffer_free(&words);
    char line[16];
    (void)snprintf(line, sizeof line, "%d", edit->where.line);
    add_field(out, edit->where.file != NULL ? edit->where.file : "");
    add_field(out, line);
}

static bool add_flip(void *context, const oe__flip *flip)
{
    run_worker *worker = context;
    const oe__comparison *comparison = worker->comparer->comparison;
    oe__buffer *out = worker->lines;
    const char *stage = oe_stage_name(flip->stage), *offered = oe_stage_name(OE_STAGE_OFFERED);
    char confidence[OE_NUMBER_TEXT_MAX];
    (void)oe__number_write_tenths(flip->confidence, confidence);
    oe__csv_write_field(out, flip->customer.id, flip->customer.id_length);
    add_product(comparison, flip->product, out);
    add_field(out, flip->gained ? "gained" : "lost");
    add_field(out, flip->gained ? stage : offered);
    add_field(out, flip->gained ? offered : stage);
    add_field(out, oe_cause_name(flip->cause));
    add_field(out, confidence);
    add_product(comparison, flip->best[OE__BASE], out);
    add_product(comparison, flip->best[OE__NEW], out);
    add_edit(comparison, flip->edit, out);
    oe__buffer_add_char(out, '\n');
    return !out->failed;
}

/* ---- Threads ---- */

static bool take_page(run_state *state, size_t *page)
{
    (void)pthread_mutex_lock(&state->mutex);
    while (!state->stop && state->taken < state->pages &&
           state->taken >= state->given + state->slot_count)
        (void)pthread_cond_wait(&state->room, &state->mutex);
    bool found = !state->stop && state->taken < state->pages;
    if (found)
        *page = state->taken++;
    (void)pthread_mutex_unlock(&state->mutex);
    return found;
}

static void *work(void *context)
{
    run_worker *worker = context;
    run_state *state = worker->state;
    const oe_compare_run *run = state->run;
    oe__flip_sink sink = {run->take != NULL ? add_flip : NULL, worker};
    for (size_t page = 0; take_page(state, &page);) {
        run_slot *slot = &state->slots[page % state->slot_count];
        slot->lines.length = 0;
        worker->lines = &slot->lines;
        slot->failed = !oe__compare_page(worker->comparer, run->snapshot, page, sink);
        (void)pthread_mutex_lock(&state->mutex);
        slot->done = true;
        (void)pthread_cond_signal(&state->done);
        (void)pthread_mutex_unlock(&state->mutex);
    }
    return NULL;
}

/* Waits for page after page. false: a thread gave up, or `take` ended it. */
static bool give_pages(run_state *state, bool *ended)
{
    const oe_compare_run *run = state->run;
    for (size_t page = 0; page < state->pages; page++) {
        run_slot *slot = &state->slots[page % state->slot_count];
        (void)pthread_mutex_lock(&state->mutex);
        while (!slot->done)
            (void)pthread_cond_wait(&state->done, &state->mutex);
        (void)pthread_mutex_unlock(&state->mutex);
        if (slot->failed)
            return false;
        *ended = run->take != NULL && slot->lines.length > 0 &&
                 !run->take(run->context, slot->lines.data, slot->lines.length);
        if (*ended)
            return false;
        if (run->progress != NULL)
            run->progress(run->context, page + 1, state->pages);
        (void)pthread_mutex_lock(&state->mutex);
        slot->done = false;
        state->given++;
        (void)pthread_cond_broadcast(&state->room);
        (void)pthread_mutex_unlock(&state->mutex);
    }
    return true;
}

static bool start_worker(run_worker *worker, run_state *state)
{
    const oe__comparison *comparison = state->run->comparison;
    worker->state = state;
    worker->comparer = oe__comparer_new(comparison);
    if (worker->comparer == NULL)
        return false;
    for (int side = OE__BASE; side <= OE__NEW; side++)
        if (!oe__caller_attach(&worker->callers[side], comparison->rules[side],
                               worker->comparer->deciders[side]))
            return false;
    worker->started = pthread_create(&worker->thread, NULL, work, worker) == 0;
    return worker->started;
}

static void end_worker(run_worker *worker, const oe_compare_run *run,
                       oe__compare_counts *counts)
{
    if (worker->started)
        (void)pthread_join(worker->thread, NULL);
    if (worker->comparer != NULL)
        oe__compare_counts_add(run->comparison, counts, &worker->comparer->counts);
    for (int side = OE__BASE; side <= OE__NEW; side++)
        oe__caller_free(worker->callers[side]);
    oe__comparer_free(worker->comparer);
}

static oe_status fail(oe_error *error, oe_status status, const char *problem)
{
    *error = (oe_error){.status = status, .position = -1};
    (void)snprintf(error->message, sizeof error->message, "diff: %s", problem);
    return status;
}

static oe_status run_workers(run_state *state, run_worker *workers, oe__compare_counts *counts,
                             oe_error *error)
{
    const oe_compare_run *run = state->run;
    bool ended = false, room = true;
    for (unsigned i = 0; i < run->workers && room; i++)
        room = start_worker(&workers[i], state);
    bool whole = room && give_pages(state, &ended);
    (void)pthread_mutex_lock(&state->mutex);
    state->stop = true;
    (void)pthread_cond_broadcast(&state->room);
    (void)pthread_mutex_unlock(&state->mutex);
    for (unsigned i = 0; i < run->workers; i++)
        end_worker(&workers[i], run, counts);
    if (whole && !counts->failed && counts->stopped == NULL)
        return OE_OK;
    if (ended)
        return fail(error, OE_E_CLOSED, "the output was closed");
    if (counts->stopped == NULL)
        return fail(error, OE_E_MEMORY, "out of memory or threads");
    (void)fail(error, OE_E_INVALID, "");
    (void)snprintf(error->message, sizeof error->message,
                   "diff: the function of \"%s\" took too long or too much memory and was "
                   "stopped",
                   counts->stopped);
    return OE_E_INVALID;
}

oe_status oe__compare_run(const oe_compare_run *run, oe__compare_counts *counts,
                          oe_error *error)
{
    run_state state = {.run = run,
                       .slot_count = (size_t)run->workers * SLOTS_PER_WORKER,
                       .pages = oe_snapshot_pages(run->snapshot)};
    run_worker *workers = calloc(run->workers, sizeof *workers);
    state.slots = calloc(state.slot_count, sizeof *state.slots);
    (void)pthread_mutex_init(&state.mutex, NULL);
    (void)pthread_cond_init(&state.room, NULL);
    (void)pthread_cond_init(&state.done, NULL);
    oe_status status = workers != NULL && state.slots != NULL
                           ? run_workers(&state, workers, counts, error)
                           : fail(error, OE_E_MEMORY, "out of memory");
    for (size_t i = 0; state.slots != NULL && i < state.slot_count; i++)
        oe__buffer_free(&state.slots[i].lines);
    (void)pthread_cond_destroy(&state.done);
    (void)pthread_cond_destroy(&state.room);
    (void)pthread_mutex_destroy(&state.mutex);
    free(state.slots);
    free(workers);
    return status;
}
