/* connection.c: the life of a connection: accepted, read, timed, closed. */
#include "server/http/connection.h"

#include <stdlib.h>

static void on_closed(uv_handle_t *handle)
{
    oe__connection *connection = handle->data;
    oe_worker *worker = connection->worker;
    oe__buffer_free(&connection->in);
    oe__buffer_free(&connection->body);
    free(connection);
    oe__worker_wind_up(worker);
}

/* Takes a dead connection out of the list of those to be run. */
static void leave_ready(oe__connection *connection)
{
    oe_worker *worker = connection->worker;
    oe__connection *before = NULL;
    for (oe__connection *at = worker->ready; at != NULL; before = at, at = at->ready_next) {
        if (at != connection)
            continue;
        if (before == NULL)
            worker->ready = at->ready_next;
        else
            before->ready_next = at->ready_next;
        if (worker->ready_last == at)
            worker->ready_last = before;
        break;
    }
    connection->is_ready = false;
}

void oe__connection_kill(oe__connection *connection)
{
    if (connection->is_dead)
        return;
    connection->is_dead = true;
    connection->serial = 0;
    oe__deadline_clear(&connection->deadline);
    if (connection->is_ready)
        leave_ready(connection);
    const oe_body_reader *reader = connection->reader;
    connection->reader = NULL;
    if (reader != NULL && reader->on_abort != NULL)
        reader->on_abort(connection->reader_context);
    oe__stream_close(connection);
    oe__response_drop(connection);
    oe__worker_forget(connection);
    uv_close((uv_handle_t *)&connection->tcp, on_closed);
}

/* ---- Reading ----------------------------------------------------------------------------- */

enum { READ_ROOM = 16 * 1024 };

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *room)
{
    oe__connection *connection = handle->data;
    oe_worker *worker = connection->worker;
    oe__buffer *in = &connection->in;
    (void)suggested;
    *room = uv_buf_init(worker->input, sizeof worker->input);
    if (in->length == 0 || connection->phase == OE_PHASE_CLOSING)
        return;
    char *end = oe__buffer_reserve(in, READ_ROOM);
    size_t left = in->capacity - in->length;
    *room = uv_buf_init(
        end, end == NULL ? 0 : (unsigned)(left < OE_INPUT_SIZE ? left : OE_INPUT_SIZE));
    /* The header block may have moved with the buffer. */
    if (connection->block != NULL)
        connection->block = in->data;
}

static void discard(oe__connection *connection, size_t length)
{
    connection->discarded += length;
    if (connection->discarded > OE_LINGER_BYTES_MAX)
        oe__connection_kill(connection);
}

static void take_bytes(oe__connection *connection, char *bytes, size_t length)
{
    oe_worker *worker = connection->worker;
    oe__count(&worker->counters.bytes_read, length);
    connection->is_starved = false;
    if (connection->phase == OE_PHASE_CLOSING) {
        discard(connection, length);
    } else if (bytes == worker->input) {
        oe__exchange_run(connection, bytes, length);
    } else {
        connection->in.length += length;
        oe__exchange_run(connection, NULL, 0);
    }
}

static void take_end(oe__connection *connection)
{
    connection->is_ended = true;
    connection->is_reading = false;
    if (connection->phase == OE_PHASE_CLOSING && connection->unsent == NULL)
        oe__connection_kill(connection);
    else
        oe__exchange_run(connection, NULL, 0);
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *room)
{
    oe__connection *connection = stream->data;
    oe_worker *worker = connection->worker;
    if (length > 0)
        take_bytes(connection, room->base, (size_t)length);
    else if (length == UV_EOF)
        take_end(connection);
    else if (length < 0)
        oe__connection_kill(connection);
    if (worker->ready != NULL)
        oe__pending_run_ready(worker);
}

static bool is_to_be_read(const oe__connection *connection)
{
    if (connection->is_ended)
        return false;
    if (connection->phase == OE_PHASE_CLOSING)
        return connection->unsent == NULL;
    if (connection->unsent != NULL || connection->is_paused || connection->worker->is_held)
        return false;
    return connection->is_starved || connection->in.length < OE_WAITING_MAX;
}

static void update_reading(oe__connection *connection)
{
    bool wanted = is_to_be_read(connection);
    if (wanted == connection->is_reading)
        return;
    connection->is_reading = wanted;
    if (wanted && uv_read_start((uv_stream_t *)&connection->tcp, on_room, on_read) != 0)
        oe__connection_kill(connection);
    else if (!wanted)
        uv_read_stop((uv_stream_t *)&connection->tcp);
}

/* ---- Time -------------------------------------------------------------------------------- */

static void set_deadline(oe__connection *connection, oe__deadline_kind kind)
{
    oe__deadline_set(&connection->worker->deadlines, &connection->deadline, kind);
    connection->is_fresh = false;
}

static oe__deadline_kind deadline_for(const oe__connection *connection)
{
    if (connection->unsent != NULL)
        return OE_DEADLINE_WRITE;
    if (connection->phase == OE_PHASE_CLOSING)
        return OE_DEADLINE_LINGER;
    if (connection->phase == OE_PHASE_WAITING || connection->is_paused ||
        connection->worker->is_held)
        return OE_DEADLINE_NONE;
    if (connection->phase == OE_PHASE_BODY)
        return OE_DEADLINE_BODY;
    return connection->in.length > 0 ? OE_DEADLINE_HEADER : OE_DEADLINE_IDLE;
}

void oe__connection_update(oe__connection *connection)
{
    oe__deadline_kind kind = deadline_for(connection);
    if (kind == OE_DEADLINE_IDLE && connection->worker->is_draining) {
        oe__connection_kill(connection);
        return;
    }
    bool restarts = kind == OE_DEADLINE_IDLE || kind != connection->deadline.kind ||
                    (connection->is_fresh && kind < OE_DEADLINE_WRITE);
    if (restarts)
        set_deadline(connection, kind);
    update_reading(connection);
}

/* A client that reads slowly, but reads, keeps its connection. */
static bool has_taken_some(oe__connection *connection)
{
    size_t left = uv_stream_get_write_queue_size((uv_stream_t *)&connection->tcp);
    bool some = left < connection->unsent_length;
    connection->unsent_length = left;
    return some;
}

void oe__connection_expire(void *context, oe__deadline *deadline)
{
    oe_worker *worker = context;
    char *bytes = (char *)deadline;
    oe__connection *connection =
        (oe__connection *)(void *)(bytes - offsetof(oe__connection, deadline));
    oe__deadline_kind kind = deadline->kind;
    deadline->kind = OE_DEADLINE_NONE;
    if (kind == OE_DEADLINE_WRITE && has_taken_some(connection)) {
        set_deadline(connection, OE_DEADLINE_WRITE);
        return;
    }
    oe__count(&worker->counters.timeouts, 1);
    if (kind != OE_DEADLINE_HEADER && kind != OE_DEADLINE_BODY) {
        oe__connection_kill(connection);
        return;
    }
    oe__exchange_turn_away(connection, OE_HTTP_SLOW);
    oe__pending_run_ready(worker);
}

/* ---- Opening ----------------------------------------------------------------------------- */

static bool is_over_limit(oe_worker *worker)
{
    atomic_uint *open = worker->config.connections;
    return atomic_fetch_add_explicit(open, 1, memory_order_relaxed) >=
           worker->config.connections_max;
}

static void refuse_surplus(oe__connection *connection)
{
    oe_worker *worker = connection->worker;
    oe__count(&worker->counters.connections_refused, 1);
    if (worker->surplus > OE_SURPLUS_MAX)
        oe__connection_kill(connection);
    else
        oe__exchange_turn_away(connection, OE_HTTP_CONNECTIONS_FULL);
}

static void on_turned_away(uv_handle_t *visitor)
{
    oe_worker *worker = visitor->data;
    bool has_follower =
        worker->has_follower && !uv_is_closing((uv_handle_t *)&worker->listener);
    worker->has_visitor = worker->has_follower = false;
    if (has_follower)
        oe__connection_open(worker, (uv_stream_t *)&worker->listener);
}

/* There is no memory for a connection. Until somebody takes this client the listener looks for
 * no other. */
static void turn_away(oe_worker *worker, uv_stream_t *listener)
{
    oe__count(&worker->counters.connections_refused, 1);
    worker->has_follower = worker->has_visitor;
    if (worker->has_visitor)
        return;
    worker->has_visitor = true;
    uv_tcp_init(&worker->loop, &worker->visitor);
    worker->visitor.data = worker;
    (void)uv_accept(listener, (uv_stream_t *)&worker->visitor);
    uv_close((uv_handle_t *)&worker->visitor, on_turned_away);
}

void oe__connection_open(oe_worker *worker, uv_stream_t *listener)
{
    oe__connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL || !oe__worker_admit(connection, worker)) {
        free(connection);
        turn_away(worker, listener);
        return;
    }
    uv_tcp_init(&worker->loop, &connection->tcp);
    connection->tcp.data = connection;
    oe__deadline_clear(&connection->deadline);
    oe__parser_init(&connection->parser, oe__exchange_take_body, connection);
    connection->response.connection = connection;
    connection->is_surplus = is_over_limit(worker);
    worker->surplus += connection->is_surplus;
    oe__count(&worker->counters.connections_opened, 1);
    if (uv_accept(listener, (uv_stream_t *)&connection->tcp) != 0)
        oe__connection_kill(connection);
    else if (connection->is_surplus)
        refuse_surplus(connection);
    else
        oe__connection_update(connection);
}
