/* stream.c: answers in pieces: gives turns to those who have something to do, one for each turn
 * of the loop, and sends what they made as chunks. Knows no socket. */
#include "server/http/connection.h"

#include <stdio.h>

void oe_response_stream(oe_response *response, const oe_stream *stream, void *context)
{
    response->connection->stream = stream;
    response->connection->stream_context = context;
    response->connection->streamed = 0;
}

void oe__stream_take(oe__connection *connection, const char *bytes, size_t length)
{
    if (!connection->stream->on_bytes(connection->stream_context, bytes, length)) {
        oe__connection_kill(connection);
        return;
    }
    connection->is_paused = connection->wants_turn = true;
}

/* ---- Who comes next ---------------------------------------------------------------------- */

void oe__stream_queue(oe__connection *connection)
{
    oe_worker *worker = connection->worker;
    connection->has_turn = false;
    if (!connection->wants_turn || connection->unsent != NULL || worker->is_held)
        return;
    (void)uv_idle_start(&worker->turner, oe__stream_on_idle);
    if (connection->is_in_turns)
        return;
    connection->is_in_turns = true;
    connection->turn_next = NULL;
    if (worker->turns == NULL)
        worker->turns = connection;
    else
        worker->turns_last->turn_next = connection;
    worker->turns_last = connection;
}

static void leave_turns(oe__connection *connection)
{
    oe_worker *worker = connection->worker;
    oe__connection *before = NULL;
    if (!connection->is_in_turns)
        return;
    for (oe__connection *at = worker->turns; at != connection; at = at->turn_next)
        before = at;
    if (before == NULL)
        worker->turns = connection->turn_next;
    else
        before->turn_next = connection->turn_next;
    if (worker->turns_last == connection)
        worker->turns_last = before;
    connection->is_in_turns = false;
}

void oe__stream_on_idle(uv_idle_t *turner)
{
    oe_worker *worker = turner->data;
    oe__connection *connection = worker->turns;
    if (connection == NULL || worker->is_held) {
        (void)uv_idle_stop(turner);
        return;
    }
    leave_turns(connection);
    connection->has_turn = true;
    oe__exchange_run(connection, NULL, 0);
    oe__pending_run_ready(worker);
}

void oe__stream_wake(oe__connection *connection)
{
    connection->wants_turn = true;
    if (connection->worker->active != connection)
        oe__stream_queue(connection);
}

/* ---- A turn ------------------------------------------------------------------------------ */

static void send_chunk(oe__connection *connection)
{
    oe__buffer *out = &connection->worker->out, *body = &connection->response.scratch->body;
    bool has_chunks = connection->guard.version_minor > 0;
    char size[24];
    if (body->length == 0)
        return;
    if (!connection->is_begun)
        oe__response_begin(connection);
    if (connection->is_dead)
        return;
    connection->is_begun = true;
    connection->streamed += body->length;
    if (has_chunks)
        oe__buffer_add(out, size, (size_t)snprintf(size, sizeof size, "%zx\r\n", body->length));
    oe__buffer_add(out, body->data, body->length);
    if (has_chunks)
        oe__buffer_add_text(out, "\r\n");
    body->length = 0;
    if (out->failed) {
        out->failed = false;
        oe__connection_kill(connection);
    }
}

bool oe__stream_turn(oe__connection *connection)
{
    oe_response *response = &connection->response;
    bool was_begun = connection->is_begun;
    connection->has_turn = connection->wants_turn = false;
    oe_flow flow =
        connection->stream->on_turn(connection->stream_context, response, connection->is_whole);
    if (response->error != OE_HTTP_OK && !was_begun)
        return true;
    if (flow == OE_FLOW_END && !was_begun)
        return true; /* the whole of it is known: it needs no chunks */
    if (response->error != OE_HTTP_OK || response->scratch->body.failed) {
        oe__connection_kill(connection);
        return false;
    }
    send_chunk(connection);
    if (connection->is_dead)
        return false;
    connection->is_paused = flow != OE_FLOW_MORE && !connection->is_whole;
    if (flow == OE_FLOW_AGAIN || (flow == OE_FLOW_WAIT && !response->is_deferred))
        connection->wants_turn = true;
    return flow == OE_FLOW_END;
}

void oe__stream_end(oe__connection *connection)
{
    if (connection->guard.version_minor > 0)
        oe__buffer_add_text(&connection->worker->out, "0\r\n\r\n");
    oe__response_note(connection, connection->streamed);
    oe__response_drop(connection);
}

void oe__stream_close(oe__connection *connection)
{
    const oe_stream *stream = connection->stream;
    leave_turns(connection);
    connection->stream = NULL;
    connection->wants_turn = connection->has_turn = false;
    if (stream != NULL)
        stream->on_close(connection->stream_context);
}
