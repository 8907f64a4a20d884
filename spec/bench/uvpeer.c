/* uvpeer.c: the least that can be done with the same libraries: libuv and llhttp, every request
 * answered with the same bytes. What our service costs is told as a ratio to it, measured in
 * one run.
 *
 * uvpeer BODY_FILE [WORKERS]; prints "port N". */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* SO_REUSEPORT */
#endif
#include <llhttp/llhttp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <uv.h>

enum { BODY_MAX = 1 << 20, INPUT_SIZE = 64 * 1024, OUTPUT_MAX = 256 * 1024, WORKERS_MAX = 16 };

typedef struct peer_loop {
    uv_loop_t loop;
    uv_tcp_t listener;
    const char *answer;
    size_t answer_length;
    char *out;
    char input[INPUT_SIZE];
} peer_loop;

typedef struct client {
    uv_tcp_t tcp;
    peer_loop *peer;
    llhttp_t parser;
    unsigned asked; /* requests of this read that wait for their answer */
    uv_write_t write;
    char *unsent;
} client;

static int on_span(llhttp_t *parser, const char *at, size_t length)
{
    (void)parser;
    (void)at;
    (void)length;
    return 0;
}

static int on_complete(llhttp_t *parser)
{
    client *from = parser->data;
    from->asked++;
    return 0;
}

static void on_closed(uv_handle_t *handle)
{
    client *from = handle->data;
    free(from->unsent);
    free(from);
}

static void end_client(client *from)
{
    if (!uv_is_closing((uv_handle_t *)&from->tcp))
        uv_close((uv_handle_t *)&from->tcp, on_closed);
}

static void answer(client *from);

static void on_written(uv_write_t *request, int status)
{
    client *from = request->data;
    free(from->unsent);
    from->unsent = NULL;
    if (status < 0)
        end_client(from);
    else if (!uv_is_closing((uv_handle_t *)&from->tcp))
        answer(from);
}

static void write_out(client *from, size_t length)
{
    uv_buf_t buffer = uv_buf_init(from->peer->out, (unsigned)length);
    int written = uv_try_write((uv_stream_t *)&from->tcp, &buffer, 1);
    size_t done = written > 0 ? (size_t)written : 0;
    if (done == length)
        return;
    from->unsent = malloc(length - done);
    if ((written < 0 && written != UV_EAGAIN) || from->unsent == NULL) {
        end_client(from);
        return;
    }
    memcpy(from->unsent, from->peer->out + done, length - done);
    buffer = uv_buf_init(from->unsent, (unsigned)(length - done));
    from->write.data = from;
    if (uv_write(&from->write, (uv_stream_t *)&from->tcp, &buffer, 1, on_written) != 0)
        end_client(from);
}

static void answer(client *from)
{
    const peer_loop *peer = from->peer;
    while (from->asked > 0 && from->unsent == NULL) {
        size_t length = 0;
        for (; from->asked > 0 && length < OUTPUT_MAX; from->asked--) {
            memcpy(peer->out + length, peer->answer, peer->answer_length);
            length += peer->answer_length;
        }
        write_out(from, length);
    }
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *room)
{
    client *from = handle->data;
    (void)suggested;
    *room = uv_buf_init(from->peer->input, INPUT_SIZE);
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *room)
{
    client *from = stream->data;
    if (length == 0)
        return;
    if (length < 0 || llhttp_execute(&from->parser, room->base, (size_t)length) != HPE_OK)
        end_client(from);
    else
        answer(from);
}

static llhttp_settings_t settings = {
    .on_url = on_span,
    .on_header_field = on_span,
    .on_header_value = on_span,
    .on_body = on_span,
    .on_message_complete = on_complete,
};

static void on_connection(uv_stream_t *listener, int status)
{
    client *from = status == 0 ? calloc(1, sizeof *from) : NULL;
    if (from == NULL)
        return;
    from->peer = listener->data;
    uv_tcp_init(listener->loop, &from->tcp);
    from->tcp.data = from;
    llhttp_init(&from->parser, HTTP_REQUEST, &settings);
    from->parser.data = from;
    if (uv_accept(listener, (uv_stream_t *)&from->tcp) != 0)
        end_client(from);
    else
        uv_read_start((uv_stream_t *)&from->tcp, on_room, on_read);
}

static void start_listener(peer_loop *peer, int *port)
{
    struct sockaddr_in address;
    int fd, one = 1, length = sizeof address;
    uv_loop_init(&peer->loop);
    uv_ip4_addr("127.0.0.1", *port, &address);
    uv_tcp_init_ex(&peer->loop, &peer->listener, AF_INET);
    peer->listener.data = peer;
    uv_fileno((uv_handle_t *)&peer->listener, &fd);
    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
    uv_tcp_bind(&peer->listener, (const struct sockaddr *)&address, 0);
    uv_tcp_nodelay(&peer->listener, 1);
    if (uv_listen((uv_stream_t *)&peer->listener, 512, on_connection) != 0) {
        fprintf(stderr, "uvpeer: cannot listen\n");
        exit(3);
    }
    uv_tcp_getsockname(&peer->listener, (struct sockaddr *)&address, &length);
    *port = ntohs(address.sin_port);
}

static void run_peer(void *context)
{
    peer_loop *peer = context;
    uv_run(&peer->loop, UV_RUN_DEFAULT);
}

static char *read_answer(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    char *body = malloc(BODY_MAX), *whole = malloc(BODY_MAX + 512);
    if (file == NULL || body == NULL || whole == NULL) {
        fprintf(stderr, "uvpeer: cannot read %s\n", path);
        exit(3);
    }
    size_t size = fread(body, 1, BODY_MAX, file);
    fclose(file);
    int head = snprintf(whole, 512,
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                        "Content-Length: %zu\r\n\r\n",
                        size);
    memcpy(whole + head, body, size);
    free(body);
    *length = (size_t)head + size;
    return whole;
}

int main(int argc, char **argv)
{
    uv_thread_t threads[WORKERS_MAX];
    int port = 0, count = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 1;
    size_t length;
    if (argc < 2 || count < 1 || count > WORKERS_MAX) {
        fprintf(stderr, "usage: uvpeer BODY_FILE [WORKERS]\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    const char *text = read_answer(argv[1], &length);
    for (int i = 0; i < count; i++) {
        peer_loop *peer = calloc(1, sizeof *peer);
        if (peer == NULL)
            return 3;
        peer->out = malloc(OUTPUT_MAX + length);
        if (peer->out == NULL) {
            free(peer);
            return 3;
        }
        peer->answer = text;
        peer->answer_length = length;
        start_listener(peer, &port);
        uv_thread_create(&threads[i], run_peer, peer);
    }
    printf("port %d\n", port);
    fflush(stdout);
    for (int i = 0; i < count; i++)
        uv_thread_join(&threads[i]);
    return 0;
}
