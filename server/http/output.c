/* output.c: writing joined answers and ending a connection so that the client can still read
 * the last one. */
#include "server/http/connection.h"

#include <stdlib.h>

enum { OUT_KEPT_MAX = 1024 * 1024 };

static uv_stream_t *stream_of(oe__connection *connection)
{
    return (uv_stream_t *)&connection->tcp;
}

static void on_written(uv_write_t *request, int status)
{
    oe__connection *connection = request->data;
    free(connection->unsent);
    connection->unsent = NULL;
    if (connection->is_dead)
        return;
    if (status < 0) {
        oe__connection_kill(connection);
        return;
    }
    oe__deadline_clear(&connection->deadline);
    oe__pending_run(connection);
}

/* What the socket did not take at once is copied and waits; nothing more is answered meanwhile.
 */
static void write_later(oe__connection *connection, const char *bytes, size_t length)
{
    connection->unsent = malloc(length);
    if (connection->unsent == NULL) {
        oe__connection_kill(connection);
        return;
    }
    memcpy(connection->unsent, bytes, length);
    connection->unsent_length = length;
    connection->write.data = connection;
    uv_buf_t buffer = uv_buf_init(connection->unsent, (unsigned)length);
    if (uv_write(&connection->write, stream_of(connection), &buffer, 1, on_written) == 0)
        return;
    free(connection->unsent);
    connection->unsent = NULL;
    oe__connection_kill(connection);
}

void oe__output_flush(oe__connection *connection)
{
    oe__buffer *out = &connection->worker->out;
    if (out->length == 0)
        return;
    uv_buf_t buffer = uv_buf_init(out->data, (unsigned)out->length);
    int written = uv_try_write(stream_of(connection), &buffer, 1);
    if (written < 0 && written != UV_EAGAIN) {
        oe__connection_kill(connection);
    } else {
        size_t done = written > 0 ? (size_t)written : 0;
        oe__count(&connection->worker->counters.bytes_written, out->length);
        if (done < out->length)
            write_later(connection, out->data + done, out->length - done);
    }
    out->length = 0;
    if (out->capacity > OUT_KEPT_MAX)
        oe__buffer_free(out);
}

static void on_shutdown(uv_shutdown_t *request, int status)
{
    (void)request;
    (void)status; /* a client that is gone already will be seen by reading */
}

void oe__output_end(oe__connection *connection)
{
    if (connection->is_ended) {
        oe__connection_kill(connection);
        return;
    }
    if (connection->is_shut)
        return;
    connection->is_shut = true;
    if (uv_shutdown(&connection->shutdown, stream_of(connection), on_shutdown) != 0)
        oe__connection_kill(connection);
}
