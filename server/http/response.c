/* response.c: answers, from the handler's calls to the bytes that are sent. Knows no socket. */
#include "server/http/connection.h"

#include "codec/json.h"

#include <stdlib.h>

static oe__scratch *take_scratch(oe_worker *worker)
{
    oe__scratch *scratch = worker->spare;
    if (scratch == NULL)
        return calloc(1, sizeof *scratch);
    worker->spare = scratch->next;
    return scratch;
}

enum { SCRATCH_KEPT_MAX = 256 * 1024 };

static void give_scratch(oe_worker *worker, oe__scratch *scratch)
{
    if (scratch->body.capacity > SCRATCH_KEPT_MAX || scratch->body.failed ||
        scratch->headers.failed) {
        oe__buffer_free(&scratch->body);
        oe__buffer_free(&scratch->headers);
    }
    scratch->body.length = scratch->headers.length = 0;
    scratch->next = worker->spare;
    worker->spare = scratch;
}

void oe__response_start(oe__connection *connection)
{
    oe_response *response = &connection->response;
    oe__response_drop(connection);
    *response = (oe_response){.connection = connection,
                              .status = 200,
                              .type = "application/json",
                              .scratch = take_scratch(connection->worker)};
}

void oe__response_drop(oe__connection *connection)
{
    if (connection->response.scratch != NULL)
        give_scratch(connection->worker, connection->response.scratch);
    connection->response.scratch = NULL;
}

void oe_response_status(oe_response *response, int status)
{
    response->status = status;
    response->is_set = true;
}

void oe_response_type(oe_response *response, const char *type)
{
    response->type = type;
    response->is_set = true;
}

void oe_response_header(oe_response *response, const char *name, const char *value,
                        size_t length)
{
    response->is_set = true;
    if (response->scratch == NULL)
        return;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)value[i] < 0x20 || value[i] == 0x7f)
            return;
    oe__buffer *headers = &response->scratch->headers;
    oe__buffer_add_text(headers, name);
    oe__buffer_add(headers, ": ", 2);
    oe__buffer_add(headers, value, length);
    oe__buffer_add(headers, "\r\n", 2);
}

oe__buffer *oe_response_body(oe_response *response)
{
    response->is_set = true;
    return &response->scratch->body;
}

void oe_response_borrow(oe_response *response, const char *bytes, size_t length)
{
    response->is_set = true;
    response->borrowed = bytes;
    response->borrowed_length = length;
}

void oe_response_close(oe_response *response)
{
    response->closes = true;
}

/* ---- Errors ------------------------------------------------------------------------------ */

/* Whether a media range has a quality of zero. */
static bool is_declined(oe_span range)
{
    for (size_t i = 0; i + 2 < range.length; i++) {
        if (range.data[i] != ';')
            continue;
        size_t at = i + 1;
        while (at < range.length && (range.data[at] == ' ' || range.data[at] == '\t'))
            at++;
        if (at + 2 >= range.length || oe__span_lower(range.data[at]) != 'q' ||
            range.data[at + 1] != '=')
            continue;
        for (at += 2; at < range.length && range.data[at] != ';'; at++)
            if (range.data[at] >= '1' && range.data[at] <= '9')
                return false;
        return true;
    }
    return false;
}

static bool accepts_problem(oe_span accept)
{
    oe_span range;
    while (oe__span_next_member(&accept, &range)) {
        const char *parameters =
            range.length > 0 ? memchr(range.data, ';', range.length) : NULL;
        oe_span type = {range.data,
                        parameters != NULL ? (size_t)(parameters - range.data) : range.length};
        while (type.length > 0 && type.data[type.length - 1] == ' ')
            type.length--;
        if (oe__span_is_word(type, "application/problem+json"))
            return !is_declined(range);
    }
    return false;
}

static bool wants_problem(const oe__connection *connection)
{
    if (connection->block == NULL)
        return connection->wants_problem;
    const oe__guard *guard = &connection->guard;
    return accepts_problem(oe__guard_value(guard, connection->block, guard->accept_field));
}

static void add_status(oe__buffer *body, int status)
{
    char digits[3] = {(char)('0' + status / 100), (char)('0' + status / 10 % 10),
                      (char)('0' + status % 10)};
    oe__buffer_add(body, digits, sizeof digits);
}

static void write_problem(oe__buffer *body, const oe_http_error_entry *entry, oe_span detail,
                          oe_span list)
{
    oe__buffer_add_text(body, "{\"type\":\"about:blank\",\"title\":\"");
    oe__buffer_add_text(body, oe_http_status_title(entry->status));
    oe__buffer_add_text(body, "\",\"status\":");
    add_status(body, entry->status);
    oe__buffer_add_text(body, ",\"detail\":");
    oe__json_write_string(body, detail.data, detail.length);
    oe__buffer_add_text(body, ",\"code\":\"");
    oe__buffer_add_text(body, entry->code);
    oe__buffer_add_char(body, '"');
    if (list.data != NULL) {
        oe__buffer_add_text(body, ",\"errors\":");
        oe__buffer_add(body, list.data, list.length);
    }
    oe__buffer_add_char(body, '}');
}

static void write_error(oe__buffer *body, const oe_http_error_entry *entry, oe_span detail,
                        oe_span list)
{
    oe__buffer_add_text(body, "{\"detail\":");
    if (list.data != NULL)
        oe__buffer_add(body, list.data, list.length);
    else
        oe__json_write_string(body, detail.data, detail.length);
    oe__buffer_add_text(body, ",\"code\":\"");
    oe__buffer_add_text(body, entry->code);
    oe__buffer_add_text(body, "\"}");
}

static void answer_error(oe_response *response, oe_http_error error, oe_span detail,
                         oe_span list)
{
    const oe_http_error_entry *entry = oe_http_error_get(error);
    bool problem = wants_problem(response->connection);
    response->error = error;
    response->status = entry->status;
    response->type = problem ? "application/problem+json" : "application/json";
    response->borrowed = NULL;
    response->is_set = true;
    if (response->scratch == NULL)
        return;
    oe__buffer *body = &response->scratch->body;
    body->length = 0;
    if (problem)
        write_problem(body, entry, detail, list);
    else
        write_error(body, entry, detail, list);
}

static oe_span text_of(oe_http_error error)
{
    const char *detail = oe_http_error_get(error)->detail;
    return (oe_span){detail, strlen(detail)};
}

void oe_response_error(oe_response *response, oe_http_error error)
{
    answer_error(response, error, text_of(error), (oe_span){NULL, 0});
}

void oe_response_error_text(oe_response *response, oe_http_error error, const char *detail,
                            size_t length)
{
    answer_error(response, error, (oe_span){detail, length}, (oe_span){NULL, 0});
}

void oe_response_error_list(oe_response *response, oe_http_error error, const char *json,
                            size_t length)
{
    answer_error(response, error, text_of(error), (oe_span){json, length});
}

/* ---- Trace context ----------------------------------------------------------------------- */

static bool is_hex_run(const char *bytes, size_t length)
{
    bool has_other_than_zero = false;
    for (size_t i = 0; i < length; i++) {
        char byte = bytes[i];
        if (!((byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f')))
            return false;
        has_other_than_zero |= byte != '0';
    }
    return has_other_than_zero;
}

/* W3C Trace Context, version 00: 00-trace id-parent id-flags. */
bool oe__response_is_trace(oe_span value)
{
    const char *at = value.data;
    if (value.length != OE_TRACE_LENGTH || memcmp(at, "00-", 3) != 0 || at[35] != '-' ||
        at[52] != '-')
        return false;
    bool flags = (is_hex_run(at + 53, 2) || memcmp(at + 53, "00", 2) == 0);
    return is_hex_run(at + 3, 32) && is_hex_run(at + 36, 16) && flags;
}

static oe_span trace_of(const oe__connection *connection)
{
    oe_span value = {NULL, 0};
    if (connection->block != NULL) {
        value = oe__guard_value(&connection->guard, connection->block,
                                connection->guard.trace_field);
        if (value.data != NULL && !oe__response_is_trace(value))
            value = (oe_span){NULL, 0};
    } else if (connection->has_trace) {
        value = (oe_span){connection->trace, OE_TRACE_LENGTH};
    }
    return value;
}

void oe__response_remember(oe__connection *connection)
{
    if (connection->block == NULL)
        return;
    oe_span trace = trace_of(connection);
    connection->wants_problem = wants_problem(connection);
    connection->has_trace = trace.data != NULL;
    if (connection->has_trace)
        memcpy(connection->trace, trace.data, OE_TRACE_LENGTH);
}

/* ---- Bytes ------------------------------------------------------------------------------- */

static char *put(char *out, const char *text, size_t length)
{
    if (text == NULL)
        return out;
    memcpy(out, text, length);
    return out + length;
}

static char *put_number(char *out, size_t number)
{
    char digits[20];
    size_t count = 0;
    do
        digits[count++] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    while (count > 0)
        *out++ = digits[--count];
    return out;
}

#define PUT_LITERAL(out, literal) put((out), (literal), sizeof(literal) - 1)

#define UNKNOWN SIZE_MAX /* a length, until the answer has ended */

static char *put_start(char *out, const oe_response *response, size_t length)
{
    if (response->status == 200) {
        out = PUT_LITERAL(out, "HTTP/1.1 200 OK\r\n");
    } else {
        size_t line_length;
        const char *line = oe_http_status_line(response->status, &line_length);
        out = put(out, line, line_length);
    }
    if (response->status == 204 || response->status == 304)
        return out;
    out = PUT_LITERAL(out, "Content-Type: ");
    out = put(out, response->type, strlen(response->type));
    if (length != UNKNOWN) {
        out = PUT_LITERAL(out, "\r\nContent-Length: ");
        out = put_number(out, length);
    } else if (response->connection->guard.version_minor > 0) {
        out = PUT_LITERAL(out, "\r\nTransfer-Encoding: chunked");
    }
    return PUT_LITERAL(out, "\r\n");
}

static char *put_common(char *out, const oe__connection *connection, oe_span trace)
{
    const oe_worker *worker = connection->worker;
    out = put(out, worker->date, OE_DATE_LENGTH);
    if (!connection->keeps_alive)
        out = PUT_LITERAL(out, "Connection: close\r\n");
    else if (connection->guard.version_minor == 0)
        out = PUT_LITERAL(out, "Connection: keep-alive\r\n");
    if (trace.data != NULL) {
        out = PUT_LITERAL(out, "traceparent: ");
        out = put(out, trace.data, trace.length);
        out = PUT_LITERAL(out, "\r\n");
    }
    if (worker->config.cors_origin_count > 0)
        out = PUT_LITERAL(out, "Vary: Origin\r\n");
    if (connection->cors_origin != NULL) {
        out = PUT_LITERAL(out, "Access-Control-Allow-Origin: ");
        out = put(out, connection->cors_origin, strlen(connection->cors_origin));
        out = PUT_LITERAL(out, "\r\n");
    }
    return out;
}

void oe__response_note(oe__connection *connection, size_t body_length)
{
    oe_worker *worker = connection->worker;
    const oe_response *response = &connection->response;
    oe__count(&worker->counters.answers[(unsigned)response->status / 100 % 6], 1);
    if (response->error != OE_HTTP_OK)
        oe__count(&worker->counters.errors[response->error], 1);
    if (worker->config.on_answer == NULL)
        return;
    const oe_route *route = connection->match.route;
    oe_answer_note note = {.method = (oe_method)connection->guard.method,
                           .pattern = route != NULL ? route->pattern : NULL,
                           .status = response->status,
                           .error = response->error,
                           .body_length = body_length,
                           .traceparent = trace_of(connection)};
    worker->config.on_answer(worker, worker->config.data, &note);
}

enum { HEAD_ROOM = 512 }; /* fixed texts of a head, with room to spare */

static bool has_failed(const oe_response *response)
{
    const oe__scratch *scratch = response->scratch;
    return scratch == NULL || scratch->body.failed || scratch->headers.failed;
}

/* Appends the head and makes room for `room` bytes behind it. NULL: the connection was killed.
 */
static char *put_head(oe__connection *connection, size_t length, size_t room)
{
    oe_response *response = &connection->response;
    oe__buffer *out = &connection->worker->out;
    if (has_failed(response)) {
        oe__connection_kill(connection);
        return NULL;
    }
    if (response->closes)
        connection->keeps_alive = false;
    const oe__buffer *headers = &response->scratch->headers;
    size_t origin = connection->cors_origin != NULL ? strlen(connection->cors_origin) : 0;
    room += HEAD_ROOM + strlen(response->type) + origin + headers->length;
    char *end = oe__buffer_reserve(out, room);
    if (end == NULL) {
        out->failed = false;
        oe__connection_kill(connection);
        return NULL;
    }
    end = put_start(end, response, length);
    end = put_common(end, connection, trace_of(connection));
    if (headers->length > 0)
        end = put(end, headers->data, headers->length);
    return PUT_LITERAL(end, "\r\n");
}

void oe__response_emit(oe__connection *connection)
{
    oe_response *response = &connection->response;
    oe__buffer *out = &connection->worker->out;
    if (!response->is_set)
        oe_response_error(response, OE_HTTP_INTERNAL);
    oe_span body = {response->borrowed, response->borrowed_length};
    if (response->borrowed == NULL && response->scratch != NULL)
        body = (oe_span){response->scratch->body.data, response->scratch->body.length};
    bool bodiless = connection->is_head || response->status == 204 || response->status == 304;
    char *end = put_head(connection, body.length, body.length);
    if (end == NULL)
        return;
    if (!bodiless && body.length > 0)
        end = put(end, body.data, body.length);
    out->length = (size_t)(end - out->data);
    oe__response_note(connection, body.length);
    oe__response_drop(connection);
}

/* HTTP/1.0 knows no chunks: there the end of the connection is that of the answer. */
void oe__response_begin(oe__connection *connection)
{
    oe__buffer *out = &connection->worker->out;
    if (connection->guard.version_minor == 0)
        connection->keeps_alive = false;
    const char *end = put_head(connection, UNKNOWN, 0);
    if (end != NULL)
        out->length = (size_t)(end - out->data);
}
