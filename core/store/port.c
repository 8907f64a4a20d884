/* port.c: ports: bounds, delivery on the caller's thread, and their end. Knows a backend only
 * by its submit. The lists of outstanding jobs belong to the caller's thread; what the
 * backend's threads share with it stands behind the port's mutex. */
#include "engine/status.h"
#include "store/backend.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

enum { ID_PREFIX_SIZE = 8 };

struct oe_store_port {
    oe_store *store;
    int fd;
    bool closing;
    char id_prefix[ID_PREFIX_SIZE];
    uint64_t ids_made;
    oe__store_job *oldest, *newest; /* outstanding */
    size_t outstanding, outstanding_bytes;

    pthread_mutex_t mutex; /* guards what follows */
    oe__store_job *ready_first, *ready_last;
    size_t in_backend;
    bool freed;
};

oe_store_port *oe_store_port_new(oe_store *store)
{
    oe_store_port *port = calloc(1, sizeof *port);
    if (port == NULL)
        return NULL;
    port->store = store;
    port->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (port->fd < 0 ||
        getrandom(port->id_prefix, ID_PREFIX_SIZE, 0) != (ssize_t)ID_PREFIX_SIZE ||
        pthread_mutex_init(&port->mutex, NULL) != 0) {
        if (port->fd >= 0)
            close(port->fd);
        free(port);
        return NULL;
    }
    atomic_fetch_add(&store->holders, 1);
    return port;
}

static void destroy_port(oe_store_port *port)
{
    oe__store_release(port->store);
    pthread_mutex_destroy(&port->mutex);
    close(port->fd);
    free(port);
}

int oe_port_fd(const oe_store_port *port)
{
    return port->fd;
}

size_t oe_port_outstanding(const oe_store_port *port)
{
    return port->outstanding;
}

void oe_port_operation_id(oe_store_port *port, char id[OE_STORE_OPERATION_ID_SIZE])
{
    uint64_t number = ++port->ids_made;
    memcpy(id, port->id_prefix, ID_PREFIX_SIZE);
    memcpy(id + ID_PREFIX_SIZE, &number, sizeof number);
}

/* ---- Submitting ----------------------------------------------------------------------------
 */

static oe_status check_room(const oe_store_port *port, const oe_store_submission *request,
                            oe_error *error)
{
    if (port->closing || atomic_load(&port->store->closed))
        return oe__fail(error, OE_E_CLOSED, "store: closed");
    oe_status status = oe__submission_check(request, error);
    if (status != OE_OK)
        return status;
    if (port->store->read_only && oe__store_is_write(request->operation))
        return oe__fail(error, OE_E_ARGUMENT, "store: opened read-only, cannot write");
    size_t bytes = oe__submission_bytes(request);
    if (port->outstanding >= port->store->outstanding_max ||
        (port->outstanding > 0 &&
         bytes + port->outstanding_bytes > (size_t)OE_STORE_OUTSTANDING_BYTES))
        return oe__fail(error, OE_E_LIMIT, "store: busy, %zu operations are outstanding",
                        port->outstanding);
    return OE_OK;
}

static void link_outstanding(oe_store_port *port, oe__store_job *job)
{
    job->older = port->newest;
    if (port->newest != NULL)
        port->newest->newer = job;
    else
        port->oldest = job;
    port->newest = job;
    port->outstanding++;
    port->outstanding_bytes += job->bytes;
}

static void unlink_outstanding(oe_store_port *port, oe__store_job *job)
{
    if (job->older != NULL)
        job->older->newer = job->newer;
    else
        port->oldest = job->newer;
    if (job->newer != NULL)
        job->newer->older = job->older;
    else
        port->newest = job->older;
    port->outstanding--;
    port->outstanding_bytes -= job->bytes;
}

oe_status oe_port_submit(oe_store_port *port, const oe_store_submission *submission,
                         oe_error *error)
{
    oe__store_job *job = NULL;
    oe_status status = check_room(port, submission, error);
    if (status == OE_OK)
        status = oe__job_new(submission, &job, error);
    if (status != OE_OK)
        return status;
    job->port = port;
    link_outstanding(port, job);
    pthread_mutex_lock(&port->mutex);
    port->in_backend++;
    pthread_mutex_unlock(&port->mutex);
    port->store->backend->submit(port->store->state, job);
    return OE_OK;
}

/* ---- The backend's side --------------------------------------------------------------------
 */

bool oe__job_begin(oe__store_job *job)
{
    int waiting = OE__JOB_WAITING;
    return atomic_compare_exchange_strong(&job->state, &waiting, OE__JOB_BEGUN);
}

static void signal_ready(oe_store_port *port)
{
    uint64_t one = 1;
    /* An eventfd refuses a write only when its counter is full, and then it is readable. */
    ssize_t ignored = write(port->fd, &one, sizeof one);
    (void)ignored;
}

void oe__job_complete(oe__store_job *job)
{
    oe_store_port *port = job->port;
    pthread_mutex_lock(&port->mutex);
    bool is_last = --port->in_backend == 0 && port->freed;
    bool is_orphan = port->freed;
    if (!is_orphan) {
        job->next = NULL;
        if (port->ready_last != NULL)
            port->ready_last->next = job;
        else
            port->ready_first = job;
        if (port->ready_last == NULL)
            signal_ready(port);
        port->ready_last = job;
    }
    pthread_mutex_unlock(&port->mutex);
    if (is_orphan)
        oe__job_free(job);
    if (is_last)
        destroy_port(port);
}

/* ---- Delivery ------------------------------------------------------------------------------
 */

/* Everything that is ready; the descriptor is quiet afterwards. */
static oe__store_job *take_ready(oe_store_port *port)
{
    pthread_mutex_lock(&port->mutex);
    oe__store_job *ready = port->ready_first;
    port->ready_first = port->ready_last = NULL;
    if (ready != NULL) {
        uint64_t count;
        ssize_t ignored = read(port->fd, &count, sizeof count);
        (void)ignored;
    }
    pthread_mutex_unlock(&port->mutex);
    return ready;
}

size_t oe_port_drain(oe_store_port *port)
{
    size_t delivered = 0;
    for (oe__store_job *next, *job = take_ready(port); job != NULL; job = next) {
        next = job->next;
        unlink_outstanding(port, job);
        job->request.completion(job->request.context, &job->result);
        oe__job_free(job);
        delivered++;
    }
    return delivered;
}

size_t oe_port_wait(oe_store_port *port, int timeout_ms)
{
    if (port->outstanding == 0)
        return 0;
    struct pollfd ready = {.fd = port->fd, .events = POLLIN};
    return poll(&ready, 1, timeout_ms) > 0 ? oe_port_drain(port) : 0;
}

void oe_port_finish(oe_store_port *port)
{
    while (port->outstanding > 0)
        oe_port_wait(port, -1);
}

/* ---- The end -------------------------------------------------------------------------------
 */

/* Tells the caller that the outcome will not come. The job itself stays the backend's. */
static void deliver_closed(oe__store_job *job)
{
    int waiting = OE__JOB_WAITING;
    bool withdrawn = atomic_compare_exchange_strong(&job->state, &waiting, OE__JOB_WITHDRAWN);
    oe_store_result result = {.operation = job->request.operation,
                              .request_id = job->request.request_id};
    result.outcome_unknown = !withdrawn && oe__store_is_write(job->request.operation);
    result.status =
        oe__fail(&result.error, OE_E_CLOSED,
                 result.outcome_unknown ? "store: closed before the outcome was known"
                                        : "store: closed, the operation was not done");
    job->request.completion(job->request.context, &result);
}

void oe_store_port_free(oe_store_port *port)
{
    if (port == NULL)
        return;
    port->closing = true;
    oe_port_drain(port);
    for (oe__store_job *job = port->oldest; job != NULL; job = job->newer)
        deliver_closed(job);
    pthread_mutex_lock(&port->mutex);
    oe__store_job *late = port->ready_first;
    port->freed = true;
    bool is_last = port->in_backend == 0;
    pthread_mutex_unlock(&port->mutex);
    for (oe__store_job *next; late != NULL; late = next) {
        next = late->next;
        oe__job_free(late);
    }
    if (is_last)
        destroy_port(port);
}
