/* echo_server.c: a service of demonstration routes on the HTTP layer, for http_spec.lua and
 * benchmarks. Prints "port N" once it listens; SIGTERM drains it.
 *
 * echo_server [--workers N] [--port N] [--host A] [--body FILE] [--option value]..., see
 * read_option. */
#include "server/http/target.h"
#include "server/http/worker.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum { WORKERS_MAX = 16, FILE_MAX = 1 << 20, STOPPERS_MAX = 1 };

typedef struct echo_service {
    oe_worker_config config;
    int worker_count;
    oe_worker *workers[WORKERS_MAX];
    atomic_uint connections;
    char *file;
    size_t file_length;
} echo_service;

static void answer_text(oe_response *response, oe_span text)
{
    oe_response_type(response, "text/plain");
    oe__buffer_add(oe_response_body(response), text.data, text.length);
}

/* ---- Routes ------------------------------------------------------------------------------ */

static void say_hello(const oe_request *request, oe_response *response)
{
    (void)request;
    oe__buffer_add_text(oe_response_body(response), "{\"hello\":\"world\"}");
}

static void say_file(const oe_request *request, oe_response *response)
{
    const echo_service *service = oe_worker_data(request->worker);
    oe__buffer_add(oe_response_body(response), service->file, service->file_length);
}

static void echo_body(const oe_request *request, oe_response *response)
{
    answer_text(response, request->body);
}

static void echo_capture(const oe_request *request, oe_response *response)
{
    oe_response_type(response, "text/plain");
    oe__buffer *body = oe_response_body(response);
    for (size_t i = 0; i < request->capture_count; i++) {
        oe__buffer_add_char(body, '[');
        oe__buffer_add(body, request->captures[i].data, request->captures[i].length);
        oe__buffer_add_char(body, ']');
    }
    oe__buffer_add(body, request->body.data, request->body.length);
}

static void echo_query(const oe_request *request, oe_response *response)
{
    oe_query query;
    oe_http_error error = oe_query_parse(&query, request->query);
    if (error != OE_HTTP_OK) {
        oe_response_error(response, error);
        return;
    }
    oe_response_type(response, "text/plain");
    oe__buffer *body = oe_response_body(response);
    for (size_t i = 0; i < query.count; i++) {
        oe__buffer_add(body, query.pairs[i].name.data, query.pairs[i].name.length);
        oe__buffer_add_char(body, '=');
        oe__buffer_add(body, query.pairs[i].value.data, query.pairs[i].value.length);
        oe__buffer_add_text(body, query.pairs[i].is_repeat ? " again\n" : "\n");
    }
}

static void echo_header(const oe_request *request, oe_response *response)
{
    oe_span value = oe_request_header(request, "x-echo");
    oe_response_header(response, "X-Echo", value.data, value.length);
    answer_text(response, value);
}

static void forget_to_answer(const oe_request *request, oe_response *response)
{
    (void)request;
    (void)response;
}

static void refuse_shape(const oe_request *request, oe_response *response)
{
    static const char list[] = "[{\"loc\":[\"body\",\"age\"],\"msg\":\"m\",\"type\":\"t\"}]";
    (void)request;
    oe_response_error_list(response, OE_HTTP_VALIDATION, list, sizeof list - 1);
}

static void answer_large(const oe_request *request, oe_response *response)
{
    (void)request;
    oe_response_type(response, "text/plain");
    oe__buffer *body = oe_response_body(response);
    for (int i = 0; i < 100000; i++)
        oe__buffer_add(body, "0123456789", 10);
}

static void delete_thing(const oe_request *request, oe_response *response)
{
    (void)request;
    oe_response_status(response, 204);
}

/* ---- Answers given later ----------------------------------------------------------------- */

typedef struct later {
    uv_timer_t timer;
    oe_worker *worker;
    oe_pending pending;
    char text[64];
    size_t length;
} later;

static void free_later(uv_handle_t *handle)
{
    free(handle->data);
}

static void answer_later(uv_timer_t *timer)
{
    later *job = timer->data;
    oe_response *response = oe_pending_response(job->worker, job->pending);
    if (response != NULL) {
        answer_text(response, (oe_span){job->text, job->length});
        oe_response_finish(response);
    }
    uv_close((uv_handle_t *)timer, free_later);
}

/* Answers after /later/{ms} with the number, from a timer. */
static void wait_for_timer(const oe_request *request, oe_response *response)
{
    later *job = calloc(1, sizeof *job);
    if (job == NULL)
        return;
    oe_span text = request->captures[0];
    job->worker = request->worker;
    job->length = text.length < sizeof job->text - 1 ? text.length : sizeof job->text - 1;
    memcpy(job->text, text.data, job->length);
    uv_timer_init(oe_worker_loop(request->worker), &job->timer);
    job->timer.data = job;
    uv_timer_start(&job->timer, answer_later, strtoul(job->text, NULL, 10), 0);
    job->pending = oe_response_defer(response);
}

/* Defers and answers within the handler: the answer must still be sent once. */
static void defer_and_answer(const oe_request *request, oe_response *response)
{
    oe_pending pending = oe_response_defer(response);
    oe_response *again = oe_pending_response(request->worker, pending);
    answer_text(again, (oe_span){"at once", 7});
    oe_response_finish(again);
}

/* ---- Bodies in pieces -------------------------------------------------------------------- */

typedef struct tally {
    uv_timer_t timer;
    oe_worker *worker;
    oe_pending pending;
    uint64_t bytes, sum;
    bool pauses, has_timer;
} tally;

static void resume_body(uv_timer_t *timer)
{
    tally *count = timer->data;
    oe_body_resume(count->worker, count->pending);
}

static oe_piece count_piece(void *context, oe_response *response, const char *bytes,
                            size_t length)
{
    tally *count = context;
    count->bytes += length;
    for (size_t i = 0; i < length; i++)
        count->sum += (unsigned char)bytes[i];
    if (length > 0 && memchr(bytes, '!', length) != NULL) {
        oe_response_error(response, OE_HTTP_VALIDATION);
        return OE_PIECE_ANSWERED;
    }
    if (!count->pauses)
        return OE_PIECE_MORE;
    uv_timer_start(&count->timer, resume_body, 1, 0);
    return OE_PIECE_PAUSE;
}

static void drop_tally(void *context)
{
    tally *count = context;
    uv_close((uv_handle_t *)&count->timer, free_later);
}

static void answer_tally(void *context, oe_response *response)
{
    tally *count = context;
    char text[64];
    int length = snprintf(text, sizeof text, "%llu %llu", (unsigned long long)count->bytes,
                          (unsigned long long)count->sum);
    answer_text(response, (oe_span){text, (size_t)length});
    drop_tally(context);
}

static const oe_body_reader tally_reader = {count_piece, answer_tally, drop_tally};

static void count_body(const oe_request *request, oe_response *response)
{
    tally *count = calloc(1, sizeof *count);
    if (count == NULL)
        return;
    count->worker = request->worker;
    count->pauses = request->route->data != NULL;
    uv_timer_init(oe_worker_loop(request->worker), &count->timer);
    count->timer.data = count;
    oe_response_receive(response, &tally_reader, count, &count->pending);
}

/* ---- Answers in pieces ------------------------------------------------------------------- */

enum { TURN_BYTES = 1000 };

typedef struct mirror {
    uv_timer_t timer;
    oe_worker *worker;
    oe_pending pending;
    oe__buffer held;
    size_t done;
} mirror;

static bool keep_bytes(void *context, const char *bytes, size_t length)
{
    mirror *self = context;
    oe__buffer_add(&self->held, bytes, length);
    return !self->held.failed;
}

static void wake_mirror(uv_timer_t *timer)
{
    mirror *self = timer->data;
    oe_response_release(self->worker, self->pending);
}

static void work(void)
{
    uint64_t until = uv_hrtime() + 1000000;
    while (uv_hrtime() < until)
        ;
}

/* Sends back what came, some bytes each turn. Behind '?' it waits for a timer, '~' is a turn of
 * a millisecond, '!' ends it, '#' fails. */
static oe_flow send_back(void *context, oe_response *response, bool is_whole)
{
    mirror *self = context;
    oe__buffer *held = &self->held;
    size_t left = held->length - self->done;
    for (size_t i = 0; i < TURN_BYTES && i < left; i++) {
        char byte = held->data[self->done++];
        oe__buffer_add_char(oe_response_body(response), byte);
        if (byte == '!')
            return OE_FLOW_END;
        if (byte == '#')
            oe_response_error(response, OE_HTTP_VALIDATION);
        if (byte == '~') {
            work();
            return OE_FLOW_AGAIN;
        }
        if (byte != '?')
            continue;
        self->pending = oe_response_hold(response);
        uv_timer_start(&self->timer, wake_mirror, 1, 0);
        return OE_FLOW_WAIT;
    }
    if (left > TURN_BYTES)
        return OE_FLOW_AGAIN;
    held->length = self->done = 0;
    return is_whole ? OE_FLOW_END : OE_FLOW_MORE;
}

static void free_mirror(uv_handle_t *handle)
{
    mirror *self = handle->data;
    oe__buffer_free(&self->held);
    free(self);
}

static void close_mirror(void *context)
{
    mirror *self = context;
    uv_close((uv_handle_t *)&self->timer, free_mirror);
}

static void stream_body(const oe_request *request, oe_response *response)
{
    static const oe_stream stream = {keep_bytes, send_back, close_mirror};
    mirror *self = calloc(1, sizeof *self);
    if (self == NULL)
        return;
    self->worker = request->worker;
    uv_timer_init(oe_worker_loop(request->worker), &self->timer);
    self->timer.data = self;
    oe_response_type(response, "text/plain");
    oe_response_stream(response, &stream, self);
}

static void refuse_body(const oe_request *request, oe_response *response)
{
    (void)request;
    oe_response_error(response, OE_HTTP_MEDIA_TYPE);
}

enum { BULK_MAX = 64 << 20 };

static const oe_route routes[] = {
    {.method = OE_METHOD_GET, .pattern = "/", .handler = say_hello},
    {.method = OE_METHOD_GET, .pattern = "/file", .handler = say_file},
    {.method = OE_METHOD_POST, .pattern = "/echo", .handler = echo_body},
    {.method = OE_METHOD_POST, .pattern = "/echo/", .handler = echo_body},
    {.method = OE_METHOD_PUT, .pattern = "/things/{id}", .handler = echo_capture},
    {.method = OE_METHOD_GET, .pattern = "/things/{id}", .handler = echo_capture},
    {.method = OE_METHOD_DELETE, .pattern = "/things/{id}", .handler = delete_thing},
    {.method = OE_METHOD_GET, .pattern = "/things/{id}/parts/{part}", .handler = echo_capture},
    {.method = OE_METHOD_GET, .pattern = "/query", .handler = echo_query},
    {.method = OE_METHOD_GET, .pattern = "/header", .handler = echo_header},
    {.method = OE_METHOD_GET, .pattern = "/silent", .handler = forget_to_answer},
    {.method = OE_METHOD_POST, .pattern = "/shape", .handler = refuse_shape},
    {.method = OE_METHOD_GET, .pattern = "/large", .handler = answer_large},
    {.method = OE_METHOD_GET, .pattern = "/later/{ms}", .handler = wait_for_timer},
    {.method = OE_METHOD_POST, .pattern = "/later/{ms}", .handler = wait_for_timer},
    {.method = OE_METHOD_GET, .pattern = "/deferred", .handler = defer_and_answer},
    {.method = OE_METHOD_POST,
     .pattern = "/bulk",
     .handler = count_body,
     .flags = OE_ROUTE_BULK,
     .body_max = BULK_MAX},
    {.method = OE_METHOD_POST,
     .pattern = "/bulk/slow",
     .handler = count_body,
     .flags = OE_ROUTE_BULK,
     .body_max = BULK_MAX,
     .data = "pauses"},
    {.method = OE_METHOD_POST,
     .pattern = "/stream",
     .handler = stream_body,
     .flags = OE_ROUTE_BULK,
     .body_max = UINT64_MAX},
    {.method = OE_METHOD_POST,
     .pattern = "/bulk/never",
     .handler = refuse_body,
     .flags = OE_ROUTE_BULK,
     .body_max = BULK_MAX},
};

/* ---- Starting ---------------------------------------------------------------------------- */

static bool read_file(echo_service *service, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    service->file = malloc(FILE_MAX);
    service->file_length = service->file != NULL ? fread(service->file, 1, FILE_MAX, file) : 0;
    fclose(file);
    return service->file != NULL;
}

static bool read_option(echo_service *service, const char *name, const char *value)
{
    static const char *const origins[] = {"https://desk.example"};
    oe_worker_config *config = &service->config;
    uint32_t number = (uint32_t)strtoul(value, NULL, 10);
    const struct {
        const char *name;
        uint32_t *target;
    } numbers[] = {
        {"--header-ms", &config->header_ms},
        {"--body-ms", &config->body_ms},
        {"--idle-ms", &config->idle_ms},
        {"--write-ms", &config->write_ms},
        {"--linger-ms", &config->linger_ms},
        {"--drain-ms", &config->drain_ms},
        {"--connections", &config->connections_max},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (strcmp(name, numbers[i].name) == 0) {
            *numbers[i].target = number;
            return true;
        }
    if (strcmp(name, "--host") == 0)
        config->host = value;
    else if (strcmp(name, "--port") == 0)
        config->port = (int)number;
    else if (strcmp(name, "--workers") == 0 && number >= 1 && number <= WORKERS_MAX)
        service->worker_count = (int)number;
    else if (strcmp(name, "--cors") == 0) {
        config->cors_origins = origins;
        config->cors_origin_count = number;
    } else if (strcmp(name, "--body") == 0)
        return read_file(service, value);
    else
        return false;
    return true;
}

static void on_signal(uv_signal_t *handle, int number)
{
    echo_service *service = handle->data;
    (void)number;
    uv_close((uv_handle_t *)handle, NULL);
    for (int i = 0; i < service->worker_count; i++)
        oe_worker_stop(service->workers[i]);
}

static void run_worker(void *worker)
{
    oe_worker_run(worker);
}

static int serve(echo_service *service)
{
    oe_error error;
    uv_thread_t threads[WORKERS_MAX];
    uv_signal_t term;
    for (int i = 0; i < service->worker_count; i++) {
        if (oe_worker_new(&service->config, &service->workers[i], &error) != OE_OK) {
            fprintf(stderr, "%s\n", error.message);
            return 3;
        }
        service->config.port = oe_worker_port(service->workers[0]);
    }
    uv_signal_init(oe_worker_loop(service->workers[0]), &term);
    term.data = service;
    uv_signal_start(&term, on_signal, SIGTERM);
    printf("port %d\n", service->config.port);
    fflush(stdout);
    for (int i = 1; i < service->worker_count; i++)
        uv_thread_create(&threads[i], run_worker, service->workers[i]);
    oe_worker_run(service->workers[0]);
    for (int i = 1; i < service->worker_count; i++)
        uv_thread_join(&threads[i]);
    for (int i = 0; i < service->worker_count; i++)
        oe_worker_free(service->workers[i]);
    return 0;
}

int main(int argc, char **argv)
{
    echo_service service = {.worker_count = 1};
    oe_router *router;
    oe_error error;
    signal(SIGPIPE, SIG_IGN);
    for (int i = 1; i + 1 < argc; i += 2)
        if (!read_option(&service, argv[i], argv[i + 1])) {
            fprintf(stderr, "echo_server: unknown option %s\n", argv[i]);
            return 2;
        }
    if (oe_router_new(routes, sizeof routes / sizeof routes[0], &router, &error) != OE_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 3;
    }
    service.config.router = router;
    service.config.data = &service;
    service.config.connections = &service.connections;
    int code = serve(&service);
    oe_router_free(router);
    free(service.file);
    return code;
}
