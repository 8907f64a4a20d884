/* http_fuzz.c: the HTTP stream as a connection sees it: guard, parser, chunks, router,
 * handlers, answers and the order of all that. The input is what a client sends; its bytes
 * decide where it is cut and how much the socket takes at once. However that falls, the answers
 * are the same.
 *
 * The functions of libuv that touch a socket are here, so that no kernel is asked. */
#include "fuzz.h"
#include "server/http/connection.h"
#include "server/http/target.h"

enum { PENDING_MAX = 4, BULK_MAX = 4096 };

static oe_worker worker;

/* The one connection's socket. */
static struct {
    uv_tcp_t *tcp;
    uv_alloc_cb on_room;
    uv_read_cb on_read;
    uv_close_cb on_closed;
    uv_write_t *write;
    uv_write_cb on_written;
    bool is_reading, is_shut, is_whole;
    uint64_t state; /* of the cuts */
    oe__buffer sent;
} peer;

/* ---- libuv ------------------------------------------------------------------------------- */

int uv_tcp_init(uv_loop_t *loop, uv_tcp_t *tcp)
{
    tcp->loop = loop;
    peer.tcp = tcp;
    return 0;
}

int uv_accept(uv_stream_t *listener, uv_stream_t *client)
{
    (void)listener;
    (void)client;
    return 0;
}

int uv_read_start(uv_stream_t *stream, uv_alloc_cb on_room, uv_read_cb on_read)
{
    (void)stream;
    peer.on_room = on_room;
    peer.on_read = on_read;
    peer.is_reading = true;
    return 0;
}

int uv_read_stop(uv_stream_t *stream)
{
    (void)stream;
    peer.is_reading = false;
    return 0;
}

int uv_try_write(uv_stream_t *stream, const uv_buf_t buffers[], unsigned count)
{
    (void)stream;
    FUZZ_CHECK(count == 1 && !peer.is_shut && peer.on_closed == NULL && peer.write == NULL);
    size_t length = buffers[0].len;
    if (!peer.is_whole && fuzz_below(&peer.state, 4) == 0)
        length = fuzz_below(&peer.state, length + 1);
    oe__buffer_add(&peer.sent, buffers[0].base, length);
    return length > 0 ? (int)length : UV_EAGAIN;
}

int uv_write(uv_write_t *request, uv_stream_t *stream, const uv_buf_t buffers[], unsigned count,
             uv_write_cb done)
{
    (void)stream;
    FUZZ_CHECK(count == 1 && peer.write == NULL);
    oe__buffer_add(&peer.sent, buffers[0].base, buffers[0].len);
    peer.write = request;
    peer.on_written = done;
    return 0;
}

int uv_shutdown(uv_shutdown_t *request, uv_stream_t *stream, uv_shutdown_cb done)
{
    (void)request;
    (void)stream;
    (void)done;
    FUZZ_CHECK(!peer.is_shut);
    peer.is_shut = true;
    return 0;
}

void uv_close(uv_handle_t *handle, uv_close_cb done)
{
    FUZZ_CHECK(handle == (uv_handle_t *)peer.tcp && peer.on_closed == NULL);
    peer.on_closed = done;
    peer.is_reading = false;
}

/* ---- Routes ------------------------------------------------------------------------------ */

static struct {
    oe_pending items[PENDING_MAX];
    size_t count;
    oe_pending paused;
    bool is_paused;
    size_t bulk_length;
} later;
static bool was_early; /* a body was refused at a piece, which the cuts decide */

static void answer_parts(const oe_request *request, oe_response *response)
{
    oe__buffer *body = oe_response_body(response);
    oe_query query;
    for (size_t i = 0; i < request->capture_count; i++)
        oe__buffer_add(body, request->captures[i].data, request->captures[i].length);
    oe__buffer_add_char(body, '|');
    oe__buffer_add(body, request->body.data, request->body.length);
    oe_http_error error = oe_query_parse(&query, request->query);
    if (error != OE_HTTP_OK)
        oe_response_error(response, error);
    oe_span echo = oe_request_header(request, "x-echo");
    oe_response_header(response, "X-Echo", echo.data, echo.length);
}

static void defer(const oe_request *request, oe_response *response)
{
    (void)request;
    if (later.count < PENDING_MAX)
        later.items[later.count++] = oe_response_defer(response);
}

static oe_piece take_piece(void *context, oe_response *response, const char *bytes,
                           size_t length)
{
    (void)context;
    later.bulk_length += length;
    FUZZ_CHECK(length > 0 && later.bulk_length <= BULK_MAX);
    if (bytes[0] == '!') {
        oe_response_status(response, 400);
        was_early = true;
        return OE_PIECE_ANSWERED;
    }
    later.is_paused |= !peer.is_whole && fuzz_below(&peer.state, 3) == 0;
    return later.is_paused ? OE_PIECE_PAUSE : OE_PIECE_MORE;
}

static void take_end(void *context, oe_response *response)
{
    char text[24];
    (void)context;
    int length = snprintf(text, sizeof text, "%zu", later.bulk_length);
    oe__buffer_add(oe_response_body(response), text, (size_t)length);
}

static void count_bulk(const oe_request *request, oe_response *response)
{
    static const oe_body_reader reader = {.on_piece = take_piece, .on_end = take_end};
    (void)request;
    later.bulk_length = 0;
    oe_response_receive(response, &reader, NULL, &later.paused);
}

static const oe_route routes[] = {
    {.method = OE_METHOD_GET, .pattern = "/", .handler = answer_parts},
    {.method = OE_METHOD_GET, .pattern = "/a/{id}", .handler = answer_parts},
    {.method = OE_METHOD_PUT, .pattern = "/a/{id}", .handler = answer_parts},
    {.method = OE_METHOD_POST, .pattern = "/a/", .handler = answer_parts, .body_max = 600},
    {.method = OE_METHOD_GET, .pattern = "/l", .handler = defer},
    {.method = OE_METHOD_POST, .pattern = "/l", .handler = defer},
    {.method = OE_METHOD_POST,
     .pattern = "/b",
     .handler = count_bulk,
     .flags = OE_ROUTE_BULK,
     .body_max = BULK_MAX},
};

static void expire(void *context, oe__deadline *deadline)
{
    (void)context;
    (void)deadline;
}

static void open_worker(void)
{
    static const char *const origins[] = {"https://desk.example"};
    oe_router *router = NULL;
    FUZZ_CHECK(oe_router_new(routes, sizeof routes / sizeof *routes, &router, NULL) == OE_OK);
    worker.config = (oe_worker_config){.router = router,
                                       .body_max = 8192,
                                       .connections_max = 8,
                                       .connections = &worker.own_connections,
                                       .cors_origins = origins,
                                       .cors_origin_count = 1};
    FUZZ_CHECK(uv_loop_init(&worker.loop) == 0);
    oe__deadlines_init(&worker.deadlines, &worker.loop);
    worker.deadlines.on_expired = expire;
    worker.deadlines.context = &worker;
}

/* ---- A conversation ---------------------------------------------------------------------- */

static void give(const char *bytes, size_t length)
{
    uv_buf_t room = {0};
    peer.on_room((uv_handle_t *)peer.tcp, 65536, &room);
    size_t count = length < room.len ? length : room.len;
    FUZZ_CHECK(room.base != NULL && count > 0);
    memcpy(room.base, bytes, count);
    peer.on_read((uv_stream_t *)peer.tcp, (ssize_t)count, &room);
    if (count < length && peer.is_reading)
        give(bytes + count, length - count);
}

/* What others do for the connection: the socket takes the rest, handlers answer at last. */
static void catch_up(void)
{
    bool is_moving = true;
    while (is_moving && peer.on_closed == NULL) {
        is_moving = peer.write != NULL || later.count > 0 || later.is_paused;
        if (peer.write != NULL) {
            uv_write_t *request = peer.write;
            peer.write = NULL;
            peer.on_written(request, 0);
        } else if (later.count > 0) {
            oe_response *response = oe_pending_response(&worker, later.items[--later.count]);
            FUZZ_CHECK(response != NULL);
            oe_response_finish(response);
        } else if (later.is_paused) {
            later.is_paused = false;
            oe_body_resume(&worker, later.paused);
        }
    }
}

static void send_in_pieces(const char *bytes, size_t length)
{
    while (length > 0 && peer.is_reading) {
        size_t piece = length;
        if (!peer.is_whole)
            piece = 1 + fuzz_below(&peer.state, fuzz_below(&peer.state, 2) ? 8 : length);
        piece = piece < length ? piece : length;
        give(bytes, piece);
        bytes += piece;
        length -= piece;
        catch_up();
    }
    if (peer.is_reading)
        peer.on_read((uv_stream_t *)peer.tcp, UV_EOF, &(uv_buf_t){0});
    catch_up();
}

/* Leaves in peer.sent what the client reads. */
static void converse(const char *bytes, size_t length, bool is_whole, uint64_t seed)
{
    oe__buffer sent = peer.sent;
    memset(&peer, 0, sizeof peer);
    memset(&later, 0, sizeof later);
    peer.sent = sent;
    peer.sent.length = 0;
    peer.is_whole = is_whole;
    peer.state = seed;
    oe__connection_open(&worker, NULL);
    send_in_pieces(bytes, length);
    FUZZ_CHECK(peer.on_closed != NULL); /* the client's end ends it */
    peer.on_closed((uv_handle_t *)peer.tcp);
    FUZZ_CHECK(worker.connections == NULL && worker.ready == NULL &&
               atomic_load(&worker.own_connections) == 0);
}

/* Whether the client is invited to send its body depends on what came with the head. */
static void drop_invitations(oe__buffer *text)
{
    static const char words[] = "HTTP/1.1 100 Continue\r\n\r\n";
    size_t kept = 0;
    for (size_t i = 0; i < text->length;) {
        if (text->length - i >= sizeof words - 1 &&
            memcmp(text->data + i, words, sizeof words - 1) == 0)
            i += sizeof words - 1;
        else
            text->data[kept++] = text->data[i++];
    }
    text->length = kept;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    static oe__buffer whole;
    if (worker.config.router == NULL)
        open_worker();
    char *bytes = fuzz_copy(data, length, 0);
    was_early = false;
    converse(bytes, length, true, 1);
    drop_invitations(&peer.sent);
    whole.length = 0;
    oe__buffer_add(&whole, peer.sent.data, peer.sent.length);
    converse(bytes, length, false, fuzz_seed(data, length));
    drop_invitations(&peer.sent);
    FUZZ_CHECK(was_early || whole.length == peer.sent.length);
    FUZZ_CHECK(was_early || whole.length == 0 ||
               memcmp(whole.data, peer.sent.data, whole.length) == 0);
    free(bytes);
    return 0;
}
