/* pending.c: answers that are given later and bodies that are paused; safe when the connection
 * died meanwhile. */
#include "server/http/connection.h"

/* A connection that is run while another one is would share its output buffer: it has to wait.
 */
void oe__pending_run(oe__connection *connection)
{
    oe_worker *worker = connection->worker;
    if (connection->is_ready)
        return;
    if (worker->active == NULL) {
        oe__exchange_run(connection, NULL, 0);
        oe__pending_run_ready(worker);
        return;
    }
    oe__pending_queue(connection);
}

void oe__pending_queue(oe__connection *connection)
{
    oe_worker *worker = connection->worker;
    if (connection->is_ready)
        return;
    connection->is_ready = true;
    connection->ready_next = NULL;
    if (worker->ready == NULL)
        worker->ready = connection;
    else
        worker->ready_last->ready_next = connection;
    worker->ready_last = connection;
}

void oe__pending_run_ready(oe_worker *worker)
{
    while (worker->ready != NULL && worker->active == NULL) {
        oe__connection *connection = worker->ready;
        worker->ready = connection->ready_next;
        connection->is_ready = false;
        if (!connection->is_dead)
            oe__exchange_run(connection, NULL, 0);
    }
}

static oe_pending handle_of(oe__connection *connection)
{
    if (connection->serial == 0)
        connection->serial = ++connection->worker->next_serial;
    return (oe_pending){connection->slot, connection->serial};
}

static oe__connection *find(oe_worker *worker, oe_pending pending)
{
    if (pending.serial == 0 || pending.slot >= worker->slot_count)
        return NULL;
    oe__connection *connection = worker->slots[pending.slot];
    return connection != NULL && connection->serial == pending.serial ? connection : NULL;
}

oe_pending oe_response_defer(oe_response *response)
{
    oe__connection *connection = response->connection;
    response->is_deferred = true;
    oe__response_remember(connection);
    oe__response_drop(connection);
    return handle_of(connection);
}

oe_pending oe_response_hold(oe_response *response)
{
    response->is_deferred = true;
    oe__response_remember(response->connection);
    return handle_of(response->connection);
}

void oe_response_release(oe_worker *worker, oe_pending pending)
{
    oe__connection *connection = find(worker, pending);
    if (connection != NULL && connection->response.is_deferred && !connection->is_finishing)
        oe_response_finish(&connection->response);
}

oe_response *oe_pending_response(oe_worker *worker, oe_pending pending)
{
    oe__connection *connection = find(worker, pending);
    if (connection == NULL || !connection->response.is_deferred || connection->is_finishing)
        return NULL;
    oe__response_start(connection);
    if (connection->response.scratch == NULL) {
        oe__connection_kill(connection);
        return NULL;
    }
    connection->response.is_deferred = true;
    return &connection->response;
}

void oe_response_finish(oe_response *response)
{
    oe__connection *connection = response->connection;
    response->is_deferred = false;
    if (connection->stream != NULL) {
        oe__stream_wake(connection);
        return;
    }
    if (connection->worker->active == connection)
        return; /* still within its handler: sent when that returns */
    connection->is_finishing = true;
    oe__pending_run(connection);
}

void oe_response_receive(oe_response *response, const oe_body_reader *reader, void *context,
                         oe_pending *pending)
{
    oe__connection *connection = response->connection;
    connection->reader = reader;
    connection->reader_context = context;
    if (pending != NULL)
        *pending = handle_of(connection);
}

void oe_body_resume(oe_worker *worker, oe_pending pending)
{
    oe__connection *connection = find(worker, pending);
    if (connection == NULL || !connection->is_paused)
        return;
    connection->is_paused = false;
    if (worker->active != connection)
        oe__pending_run(connection);
}
