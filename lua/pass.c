/* pass.c: threads that take the next page until there is none. */
#include "pass.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "caller.h"
#include "engine/status.h"

typedef struct pass_worker {
    pthread_t thread;
    bool started;
    const oe_lua_pass *pass;
    atomic_size_t *next; /* page that nobody has taken */
    atomic_bool *stop;
    oe_lua_part *part;
    oe_decider *decider;
    oe_caller *caller;
    oe_status status;
    oe_error error;
} pass_worker;

static void *work(void *context)
{
    pass_worker *worker = context;
    const oe_lua_pass *pass = worker->pass;
    size_t pages = oe_snapshot_pages(pass->snapshot);
    while (worker->status == OE_OK && !atomic_load(worker->stop)) {
        size_t page = atomic_fetch_add(worker->next, 1);
        if (page >= pages)
            break;
        worker->status = pass->take(worker->part, worker->decider, page, &worker->error);
    }
    if (worker->status != OE_OK)
        atomic_store(worker->stop, true);
    return NULL;
}

static void prepare(pass_worker *worker)
{
    const oe_lua_pass *pass = worker->pass;
    worker->status = pass->begin(pass->context, &worker->part, &worker->error);
    if (worker->status != OE_OK)
        return;
    worker->decider = oe_decider_new(pass->ruleset);
    if (worker->decider == NULL ||
        !oe__caller_attach(&worker->caller, pass->ruleset, worker->decider))
        worker->status = oe__fail(&worker->error, OE_E_MEMORY, "report: out of memory");
}

static oe_status first_failure(const pass_worker *workers, unsigned count, oe_error *error)
{
    for (unsigned i = 0; i < count; i++)
        if (workers[i].status != OE_OK) {
            *error = workers[i].error;
            return workers[i].status;
        }
    return OE_OK;
}

/* The calling thread is the first worker's. Fewer threads than asked for do as well. */
static void run_workers(pass_worker *workers, unsigned count)
{
    for (unsigned i = 1; i < count; i++)
        workers[i].started = pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
    (void)work(&workers[0]);
    for (unsigned i = 1; i < count; i++)
        if (workers[i].started)
            (void)pthread_join(workers[i].thread, NULL);
}

oe_status oe_lua_pass_run(const oe_lua_pass *pass, oe_error *error)
{
    size_t pages = oe_snapshot_pages(pass->snapshot);
    unsigned count = pages > 0 && pages < pass->workers ? (unsigned)pages : pass->workers;
    pass_worker *workers = calloc(count, sizeof *workers);
    if (workers == NULL)
        return oe__fail(error, OE_E_MEMORY, "report: out of memory");
    atomic_size_t next = 0;
    atomic_bool stop = false;
    for (unsigned i = 0; i < count; i++) {
        workers[i].pass = pass;
        workers[i].next = &next;
        workers[i].stop = &stop;
        prepare(&workers[i]);
    }
    oe_status status = first_failure(workers, count, error);
    if (status == OE_OK) {
        run_workers(workers, count);
        status = first_failure(workers, count, error);
    }
    for (unsigned i = 0; i < count; i++) {
        oe__caller_free(workers[i].caller);
        oe_decider_free(workers[i].decider);
        if (workers[i].part != NULL)
            pass->end(pass->context, workers[i].part, status == OE_OK);
    }
    free(workers);
    return status;
}
