/* sqlite.c: the SQLite backend: its two threads with their queues, opening and closing. Knows
 * no SQL.
 *
 * A lane is a thread with a queue: the writer's lane commits in groups, the reader's answers.
 * XOPEN: realpath. */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif
#include "store/sqlite.h"

#include "engine/status.h"
#include "store/lock.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct lane {
    pthread_t thread;
    bool is_running;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t filled;
    oe__store_job *first, *last;
    bool is_closing;
} lane;

typedef struct sqlite_store {
    char *path; /* canonical */
    bool read_only;
    oe__lock lock;
    oe__sqlite_stats stats;
    oe__sqlite_writer writer;
    oe__sqlite_connection reader;
    lane writing, reading;
} sqlite_store;

/* ---- Lanes ---------------------------------------------------------------------------------
 */

static void enqueue(lane *to, oe__store_job *job)
{
    job->next = NULL;
    pthread_mutex_lock(&to->mutex);
    if (to->last != NULL)
        to->last->next = job;
    else
        to->first = job;
    to->last = job;
    pthread_cond_signal(&to->filled);
    pthread_mutex_unlock(&to->mutex);
}

/* Waits for work and takes up to a group of it; 0 when the lane is closing and empty. */
static size_t take_group(lane *from, oe__store_job **jobs)
{
    size_t count = 0, bytes = 0;
    pthread_mutex_lock(&from->mutex);
    while (from->first == NULL && !from->is_closing)
        pthread_cond_wait(&from->filled, &from->mutex);
    while (from->first != NULL && count < OE__SQLITE_GROUP_MAX &&
           bytes < OE__SQLITE_GROUP_BYTES) {
        jobs[count] = from->first;
        bytes += from->first->bytes;
        from->first = from->first->next;
        count++;
    }
    if (from->first == NULL)
        from->last = NULL;
    pthread_mutex_unlock(&from->mutex);
    return count;
}

static void *run_writer(void *argument)
{
    sqlite_store *store = argument;
    oe__store_job *jobs[OE__SQLITE_GROUP_MAX];
    for (size_t count; (count = take_group(&store->writing, jobs)) > 0;)
        oe__sqlite_write_group(&store->writer, jobs, count);
    return NULL;
}

static void *run_reader(void *argument)
{
    sqlite_store *store = argument;
    oe__store_job *jobs[OE__SQLITE_GROUP_MAX];
    for (size_t count; (count = take_group(&store->reading, jobs)) > 0;) {
        atomic_fetch_add(&store->stats.reads, count);
        for (size_t i = 0; i < count; i++)
            oe__sqlite_read(&store->reader, jobs[i]);
    }
    return NULL;
}

/* Signals are the program's business: our threads take none. */
static oe_status start_lane(lane *started, void *(*run)(void *), sqlite_store *store,
                            oe_error *error)
{
    sigset_t all, before;
    pthread_mutex_init(&started->mutex, NULL);
    pthread_cond_init(&started->filled, NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int code = pthread_create(&started->thread, NULL, run, store);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    started->is_running = code == 0;
    if (code == 0)
        return OE_OK;
    pthread_cond_destroy(&started->filled);
    pthread_mutex_destroy(&started->mutex);
    return oe__fail(error, OE_E_IO, "store: cannot start a thread: %s", strerror(code));
}

/* Ends when everything queued is completed. */
static void stop_lane(lane *stopped)
{
    if (!stopped->is_running)
        return;
    pthread_mutex_lock(&stopped->mutex);
    stopped->is_closing = true;
    pthread_cond_signal(&stopped->filled);
    pthread_mutex_unlock(&stopped->mutex);
    pthread_join(stopped->thread, NULL);
    pthread_cond_destroy(&stopped->filled);
    pthread_mutex_destroy(&stopped->mutex);
}

/* ---- Opening and closing -------------------------------------------------------------------
 */

static void close_sqlite(void *state)
{
    sqlite_store *store = state;
    stop_lane(&store->reading);
    stop_lane(&store->writing);
    oe__sqlite_disconnect(&store->reader);
    /* The last connection moves the log into the database and removes it: under the lock. */
    oe__sqlite_disconnect(&store->writer.connection);
    oe__lock_drop(&store->lock);
    oe__buffer_free(&store->writer.names);
    oe__sqlite_recent_clear(&store->writer.recent);
    free(store->path);
    free(store);
}

/* One name per file, so that two names of a database share one lock. */
static oe_status resolve_path(const char *place, bool must_exist, char **path, oe_error *error)
{
    *path = realpath(place, NULL);
    if (*path != NULL)
        return OE_OK;
    if (errno == ENOENT && must_exist)
        return oe__fail(error, OE_E_NOT_FOUND, "store: %s does not exist", place);
    if (errno != ENOENT)
        return oe__fail(error, OE_E_IO, "store: %s: %s", place, strerror(errno));
    *path = strdup(place);
    return *path != NULL ? OE_OK : oe__fail(error, OE_E_MEMORY, "store: memory is out");
}

/* Now that the file exists its name can be made independent of the working directory. */
static void settle_path(sqlite_store *store)
{
    char *path = realpath(store->path, NULL);
    if (path == NULL)
        return;
    free(store->path);
    store->path = path;
}

static oe_status open_writing(sqlite_store *store, oe_error *error)
{
    oe__sqlite_connection *connection = &store->writer.connection;
    store->writer.stats = &store->stats;
    oe_status status = oe__lock_take(&store->lock, store->path, error);
    if (status == OE_OK)
        status = oe__sqlite_connect(store->path, false, connection, error);
    if (status == OE_OK)
        settle_path(store);
    if (status == OE_OK)
        status = oe__sqlite_prepare(connection, 0, OE__SQL_WRITE_COUNT, error);
    return status;
}

static oe_status open_reading(sqlite_store *store, oe_error *error)
{
    oe_status status = oe__sqlite_connect(store->path, true, &store->reader, error);
    if (status == OE_OK)
        status = oe__sqlite_prepare(&store->reader, OE__SQL_WRITE_COUNT, OE__SQL_COUNT, error);
    if (status == OE_OK)
        status = oe__sqlite_load_counters(&store->reader, &store->writer.committed, error);
    return status;
}

static oe_status open_sqlite(const oe_store_options *options, const char *place, void **state,
                             oe_error *error)
{
    sqlite_store *store = calloc(1, sizeof *store);
    if (store == NULL)
        return oe__fail(error, OE_E_MEMORY, "store: memory is out");
    store->lock.fd = -1;
    store->read_only = options->read_only;
    oe_status status = resolve_path(place, options->read_only, &store->path, error);
    if (status == OE_OK && !store->read_only)
        status = open_writing(store, error);
    if (status == OE_OK)
        status = open_reading(store, error);
    if (status == OE_OK && !store->read_only)
        status = start_lane(&store->writing, run_writer, store, error);
    if (status == OE_OK)
        status = start_lane(&store->reading, run_reader, store, error);
    if (status == OE_OK)
        *state = store;
    else
        close_sqlite(store);
    return status;
}

/* ---- The rest of the table -----------------------------------------------------------------
 */

static void submit_sqlite(void *state, oe__store_job *job)
{
    sqlite_store *store = state;
    enqueue(oe__store_is_write(job->request.operation) ? &store->writing : &store->reading,
            job);
}

static oe_status scan_sqlite(void *state, oe_store_row_fn row, void *context, oe_error *error)
{
    const sqlite_store *store = state;
    return oe__sqlite_scan_all(store->path, row, context, error);
}

static oe_status check_sqlite(void *state, oe_error *error)
{
    const sqlite_store *store = state;
    return oe__sqlite_check(store->path, error);
}

static oe_status scan_journal(void *state, const oe_store_journal_range *range, oe_error *error)
{
    const sqlite_store *store = state;
    return oe__sqlite_journal_scan(store->path, range, error);
}

static oe_status verify_journal(void *state, oe_store_proof *proof,
                                const oe__journal_watch *watch, oe_error *error)
{
    const sqlite_store *store = state;
    return oe__sqlite_journal_verify(store->path, proof, watch, error);
}

static oe_status scan_outcomes(void *state, const oe_store_outcome_range *range,
                               oe_error *error)
{
    const sqlite_store *store = state;
    return oe__sqlite_outcome_scan(store->path, range, error);
}

static oe_status tally_outcomes(void *state, oe_store_tally_fn tally, void *context,
                                oe_error *error)
{
    const sqlite_store *store = state;
    return oe__sqlite_outcome_tally(store->path, tally, context, error);
}

static oe_status scan_activity(void *state, const oe_store_activity_range *range,
                               oe_error *error)
{
    const sqlite_store *store = state;
    return oe__sqlite_activity_scan(store->path, range, error);
}

static oe_status scan_consents(void *state, oe_store_consent_fn consent, void *context,
                               oe_error *error)
{
    const sqlite_store *store = state;
    return oe__sqlite_consent_scan(store->path, consent, context, error);
}

static oe_status scan_runs(void *state, oe_store_run_fn run, void *context, oe_error *error)
{
    const sqlite_store *store = state;
    return oe__sqlite_run_scan(store->path, run, context, error);
}

static void read_stats(void *state, oe_store_stats *stats)
{
    sqlite_store *store = state;
    stats->reads = atomic_load(&store->stats.reads);
    stats->writes = atomic_load(&store->stats.writes);
    stats->transactions = atomic_load(&store->stats.transactions);
    stats->failed_transactions = atomic_load(&store->stats.failed_transactions);
}

static oe_status set_address(void *state, const char *address, oe_error *error)
{
    const sqlite_store *store = state;
    return oe__lock_set_address(&store->lock, address, error);
}

static oe_status find_owner(const char *place, oe_store_owner *owner, oe_error *error)
{
    char *path = NULL;
    oe_status status = resolve_path(place, false, &path, error);
    if (status == OE_OK)
        status = oe__lock_owner(path, owner, error);
    free(path);
    return status;
}

const oe_store_backend oe__sqlite_backend = {.scheme = "sqlite",
                                             .open = open_sqlite,
                                             .submit = submit_sqlite,
                                             .close = close_sqlite,
                                             .scan_all = scan_sqlite,
                                             .check = check_sqlite,
                                             .stats = read_stats,
                                             .journal_scan = scan_journal,
                                             .journal_verify = verify_journal,
                                             .outcome_scan = scan_outcomes,
                                             .outcome_tally = tally_outcomes,
                                             .activity_scan = scan_activity,
                                             .consent_scan = scan_consents,
                                             .run_scan = scan_runs,
                                             .set_address = set_address,
                                             .owner = find_owner};
