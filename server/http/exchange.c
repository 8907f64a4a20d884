/* exchange.c: the order of things on a connection: header block, body, handler, answer, next.
 * Requests are taken one after the other, so that answers are in order. Knows no socket. */
#include "server/http/connection.h"

#include <inttypes.h>
#include <stdio.h>

static void next_request(oe__connection *connection)
{
    oe__guard_reset(&connection->guard);
    connection->phase = OE_PHASE_HEAD;
    connection->block = NULL;
    connection->has_body = connection->is_bulk = connection->is_paused = false;
    connection->is_whole = connection->is_begun = false;
    connection->wants_problem = connection->has_trace = false;
    connection->body_piece = (oe_span){NULL, 0};
    connection->body.length = 0;
    connection->head_at = connection->at;
    connection->is_fresh = true;
    connection->serial = 0;
}

static void abort_reader(oe__connection *connection)
{
    const oe_body_reader *reader = connection->reader;
    connection->reader = NULL;
    if (reader != NULL && reader->on_abort != NULL)
        reader->on_abort(connection->reader_context);
    oe__stream_close(connection);
}

/* Sends the answer that was made and goes on to the next request, or to the end. */
static void complete(oe__connection *connection)
{
    bool is_early = connection->phase == OE_PHASE_BODY; /* the rest of the body is not read */
    if (is_early || connection->worker->is_draining)
        connection->keeps_alive = false;
    if (connection->is_begun)
        oe__stream_end(connection);
    else
        oe__response_emit(connection);
    if (connection->is_dead)
        return;
    abort_reader(connection);
    if (connection->keeps_alive)
        next_request(connection);
    else
        connection->phase = OE_PHASE_CLOSING;
}

static uint64_t body_limit(const oe__connection *connection)
{
    const oe_route *route = connection->match.route;
    if (route != NULL && route->body_max > 0)
        return route->body_max;
    return connection->worker->config.body_max;
}

static void refuse_size(oe__connection *connection)
{
    char text[80];
    int length = snprintf(text, sizeof text, "body: at most %" PRIu64 " bytes are allowed here",
                          body_limit(connection));
    oe_response_error_text(&connection->response, OE_HTTP_BODY_LARGE, text, (size_t)length);
}

/* Its head has left: the client sees that the answer is not complete. */
static void break_off(oe__connection *connection, oe_http_error error)
{
    oe__count(&connection->worker->counters.errors[error], 1);
    oe__response_drop(connection);
    connection->phase = OE_PHASE_CLOSING;
}

void oe__exchange_refuse(oe__connection *connection, oe_http_error error)
{
    connection->keeps_alive = false;
    connection->routing_error = error;
    abort_reader(connection);
    if (connection->is_begun) {
        break_off(connection, error);
        return;
    }
    oe__response_start(connection);
    if (error == OE_HTTP_BODY_LARGE)
        refuse_size(connection);
    else
        oe_response_error(&connection->response, error);
    if (error == OE_HTTP_CONNECTIONS_FULL)
        oe_response_header(&connection->response, "Retry-After", "1", 1);
    oe__response_emit(connection);
    connection->phase = OE_PHASE_CLOSING;
}

/* After a handler or a reader had its turn. */
static void take_turn(oe__connection *connection)
{
    if (connection->is_dead)
        return;
    if (!connection->response.is_deferred) {
        complete(connection);
        return;
    }
    connection->phase = OE_PHASE_WAITING;
    connection->block = NULL;
}

static void finish_body(oe__connection *connection)
{
    const oe_body_reader *reader = connection->reader;
    if (!connection->is_bulk) {
        connection->phase =
            OE_PHASE_WAITING; /* the request is complete: its answer is not early */
        oe__dispatch_call(connection);
        take_turn(connection);
        return;
    }
    connection->phase = OE_PHASE_WAITING;
    if (connection->stream != NULL) {
        connection->is_whole = connection->wants_turn = true;
        connection->is_paused = false;
        return;
    }
    connection->reader = NULL;
    reader->on_end(connection->reader_context, &connection->response);
    take_turn(connection);
}

/* ---- Header block ------------------------------------------------------------------------ */

static void start_reader(oe__connection *connection)
{
    connection->is_bulk = true;
    connection->phase = connection->has_body ? OE_PHASE_BODY : OE_PHASE_WAITING;
    oe__dispatch_call(connection);
    if (connection->is_dead)
        return;
    if (connection->reader == NULL && connection->stream == NULL) {
        if (connection->has_body)
            connection->keeps_alive = false; /* it will not be read */
        take_turn(connection);
        return;
    }
    oe__response_remember(connection);
    connection->block = NULL;
    if (!connection->has_body)
        finish_body(connection);
}

static void invite_body(oe__connection *connection)
{
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    bool nothing_came = connection->at == connection->window_length;
    if (connection->guard.expects_continue && nothing_came)
        oe__buffer_add(&connection->worker->out, text, sizeof text - 1);
}

static void start_body(oe__connection *connection)
{
    const oe__guard *guard = &connection->guard;
    uint64_t limit = body_limit(connection);
    bool too_large = guard->content_length > limit;
    connection->phase = OE_PHASE_BODY;
    connection->body_left = guard->content_length;
    if (guard->is_chunked)
        oe__chunks_reset(&connection->chunks, limit);
    if (connection->routing_error != OE_HTTP_OK && (too_large || guard->expects_continue)) {
        oe__dispatch_call(connection);
        take_turn(connection);
    } else if (too_large) {
        oe__exchange_refuse(connection, OE_HTTP_BODY_LARGE);
    } else {
        bool is_bulk = connection->routing_error == OE_HTTP_OK &&
                       connection->match.route != NULL &&
                       (connection->match.route->flags & OE_ROUTE_BULK) != 0;
        if (is_bulk)
            start_reader(connection);
        if (connection->phase == OE_PHASE_BODY && !connection->is_dead)
            invite_body(connection);
    }
}

static void start_request(oe__connection *connection)
{
    oe__guard *guard = &connection->guard;
    connection->block = connection->window + connection->head_at;
    connection->at = connection->head_at + guard->offset;
    connection->keeps_alive = oe__guard_keeps_alive(guard);
    connection->has_body = guard->is_chunked || guard->content_length > 0;
    if (!oe__parser_head(&connection->parser, guard, connection->block)) {
        oe__exchange_refuse(connection, OE_HTTP_REQUEST_LINE);
        return;
    }
    oe__dispatch_route(connection);
    if (guard->expects_other) {
        oe__exchange_refuse(connection, OE_HTTP_EXPECTATION);
        return;
    }
    const oe_route *route = connection->match.route;
    if (connection->has_body) {
        start_body(connection);
    } else if (connection->routing_error == OE_HTTP_OK && route != NULL &&
               (route->flags & OE_ROUTE_BULK) != 0) {
        start_reader(connection);
    } else {
        oe__dispatch_call(connection);
        take_turn(connection);
    }
}

static void read_head(oe__connection *connection)
{
    const char *block = connection->window + connection->head_at;
    size_t length = connection->window_length - connection->head_at;
    oe__guard_verdict verdict = oe__guard_scan(&connection->guard, block, length);
    if (verdict == OE_GUARD_MORE) {
        connection->is_starved = true;
    } else if (verdict == OE_GUARD_REFUSED) {
        connection->is_head = false;
        connection->match.route = NULL;
        connection->cors_origin = NULL;
        oe__exchange_refuse(connection, connection->guard.error);
    } else {
        start_request(connection);
    }
}

/* ---- Body -------------------------------------------------------------------------------- */

static void keep_piece(oe__connection *connection)
{
    oe_span piece = connection->body_piece;
    if (piece.data != NULL)
        oe__buffer_add(&connection->body, piece.data, piece.length);
    connection->body_piece = (oe_span){NULL, 0};
}

static void hand_piece(oe__connection *connection, const char *bytes, size_t length)
{
    const oe_body_reader *reader = connection->reader;
    connection->is_fresh = true;
    if (connection->stream != NULL)
        oe__stream_take(connection, bytes, length);
    if (reader == NULL)
        return; /* it answered within these bytes */
    oe_piece wish =
        reader->on_piece(connection->reader_context, &connection->response, bytes, length);
    connection->is_paused = connection->is_paused || wish == OE_PIECE_PAUSE;
    if (wish == OE_PIECE_ANSWERED)
        abort_reader(connection);
}

void oe__exchange_take_body(void *context, const char *bytes, size_t length)
{
    oe__connection *connection = context;
    if (connection->is_bulk) {
        hand_piece(connection, bytes, length);
    } else if (connection->routing_error == OE_HTTP_OK) {
        bool is_first = connection->body_piece.data == NULL && connection->body.length == 0;
        keep_piece(connection);
        if (is_first)
            connection->body_piece = (oe_span){bytes, length};
        else
            oe__buffer_add(&connection->body, bytes, length);
    }
}

static void read_body(oe__connection *connection)
{
    const char *bytes = connection->window + connection->at;
    size_t length = connection->window_length - connection->at;
    bool is_done;
    if (connection->guard.is_chunked) {
        length = oe__chunks_scan(&connection->chunks, bytes, length, &is_done);
        if (connection->chunks.error != OE_HTTP_OK) {
            oe__exchange_refuse(connection, connection->chunks.error);
            return;
        }
    } else {
        if (connection->body_left < length)
            length = (size_t)connection->body_left;
        connection->body_left -= length;
        is_done = connection->body_left == 0;
    }
    connection->at += length;
    bool agrees = oe__parser_body(&connection->parser, bytes, length);
    if (connection->is_dead)
        return;
    if (!agrees || connection->body.failed || connection->parser.is_complete != is_done)
        oe__exchange_refuse(connection, OE_HTTP_CHUNK);
    else if (connection->is_bulk && connection->reader == NULL && connection->stream == NULL)
        complete(connection);
    else if (is_done)
        finish_body(connection);
}

/* ---- Running ----------------------------------------------------------------------------- */

static bool is_runnable(const oe__connection *connection)
{
    if (connection->is_dead || connection->unsent != NULL ||
        connection->worker->out.length >= OE_OUTPUT_MAX)
        return false;
    if (connection->is_finishing || connection->has_turn)
        return true;
    if (connection->worker->is_held)
        return false;
    return (connection->phase == OE_PHASE_HEAD || connection->phase == OE_PHASE_BODY) &&
           !connection->is_paused && !connection->is_starved &&
           connection->at < connection->window_length;
}

static void step(oe__connection *connection)
{
    if (connection->is_finishing) {
        connection->is_finishing = false;
        complete(connection);
    } else if (connection->has_turn) {
        if (oe__stream_turn(connection))
            complete(connection);
    } else if (connection->phase == OE_PHASE_HEAD) {
        read_head(connection);
    } else {
        read_body(connection);
    }
}

/* The client ended its side: what it sent completely was answered, the rest can never be. */
static void meet_end(oe__connection *connection)
{
    bool is_partial =
        connection->phase == OE_PHASE_BODY || connection->at < connection->window_length;
    bool waits = connection->phase == OE_PHASE_WAITING || connection->phase == OE_PHASE_CLOSING;
    if (!connection->is_ended || connection->is_dead || waits || connection->unsent != NULL ||
        connection->is_paused)
        return;
    if (is_partial) {
        oe__exchange_refuse(connection, OE_HTTP_INCOMPLETE);
        oe__output_flush(connection);
    } else {
        connection->phase = OE_PHASE_CLOSING;
    }
}

/* Keeps what is not done with: the header block while its body is awaited, then the bytes
 * behind. */
static void keep_rest(oe__connection *connection)
{
    oe__buffer *in = &connection->in;
    bool keeps_head = connection->phase == OE_PHASE_BODY && connection->block != NULL;
    size_t head = keeps_head ? connection->guard.offset : 0;
    size_t rest = connection->window_length - connection->at;
    if (connection->phase == OE_PHASE_CLOSING)
        rest = 0;
    if (!connection->is_bulk)
        keep_piece(connection);
    const char *window = connection->window;
    if (window == in->data && in->data != NULL) {
        if (head > 0 && connection->head_at > 0)
            memmove(in->data, window + connection->head_at, head);
        if (rest > 0 && connection->at != head)
            memmove(in->data + head, window + connection->at, rest);
        in->length = head + rest;
    } else {
        in->length = 0;
        if (head > 0)
            oe__buffer_add(in, window + connection->head_at, head);
        if (rest > 0)
            oe__buffer_add(in, window + connection->at, rest);
    }
    connection->kept_head = head;
    if (in->length == 0 && in->capacity > 0)
        oe__buffer_free(in);
    if (connection->phase == OE_PHASE_HEAD && connection->body.capacity > 0)
        oe__buffer_free(&connection->body);
    if (in->failed || connection->body.failed)
        oe__connection_kill(connection);
    if (keeps_head)
        connection->block = in->data;
}

static void run_active(oe__connection *connection)
{
    do {
        while (is_runnable(connection))
            step(connection);
        if (!connection->is_dead)
            oe__output_flush(connection);
    } while (is_runnable(connection));
    meet_end(connection);
    if (connection->is_dead)
        return;
    keep_rest(connection);
    if (connection->is_dead)
        return;
    if (connection->phase == OE_PHASE_CLOSING && connection->unsent == NULL)
        oe__output_end(connection);
    if (!connection->is_dead)
        oe__connection_update(connection);
    if (!connection->is_dead)
        oe__stream_queue(connection);
}

void oe__exchange_run(oe__connection *connection, char *bytes, size_t length)
{
    oe_worker *worker = connection->worker;
    if (bytes == NULL) {
        connection->window = connection->in.data;
        connection->window_length = connection->in.length;
        connection->at = connection->kept_head;
    } else {
        connection->window = bytes;
        connection->window_length = length;
        connection->at = 0;
    }
    connection->head_at = 0;
    worker->active = connection;
    oe__worker_tell_time(worker);
    run_active(connection);
    worker->active = NULL;
    worker->out.length = 0;
}

/* Outside a run: makes an error the last answer. */
void oe__exchange_turn_away(oe__connection *connection, oe_http_error error)
{
    oe_worker *worker = connection->worker;
    connection->window = connection->in.data;
    connection->window_length = connection->at = connection->in.length;
    worker->active = connection;
    oe__worker_tell_time(worker);
    oe__exchange_refuse(connection, error);
    run_active(connection);
    worker->active = NULL;
    worker->out.length = 0;
}
