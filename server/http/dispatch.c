/* dispatch.c: from a header block to its route, from a complete request to its handler. */
#include "server/http/connection.h"
#include "server/http/target.h"

static oe_span target_of(const oe__connection *connection)
{
    const oe__guard *guard = &connection->guard;
    return (oe_span){connection->block + guard->target_at, guard->target_length};
}

static void split_target(oe_span target, oe_span *path, oe_span *query)
{
    const char *mark = memchr(target.data, '?', target.length);
    *path = target;
    *query = (oe_span){NULL, 0};
    if (mark == NULL)
        return;
    path->length = (size_t)(mark - target.data);
    *query = (oe_span){mark + 1, target.length - path->length - 1};
}

/* The captures of a match, decoded into the worker's buffer; *bad is the first that is not
 * lawful. */
static oe_http_error decode_captures(oe__connection *connection, oe_span *decoded, size_t *bad)
{
    const oe__match *match = &connection->match;
    char *out = connection->worker->decoded;
    for (size_t i = 0; i < match->capture_count; i++) {
        oe_http_error error = oe__target_decode(match->raw[i], false, out, &decoded[i].length);
        *bad = i;
        if (error != OE_HTTP_OK)
            return error;
        decoded[i].data = out;
        out += decoded[i].length;
    }
    return OE_HTTP_OK;
}

static oe_http_error find_route(oe__connection *connection, oe_span target)
{
    oe_span path, query, decoded[OE_CAPTURES_MAX];
    size_t bad;
    oe__match *match = &connection->match;
    oe_method method = (oe_method)connection->guard.method;
    split_target(target, &path, &query);
    oe__router_match(connection->worker->config.router, method, path, match);
    if (match->route == NULL) {
        if (target.length == 1 && target.data[0] == '*')
            match->allowed = (1u << OE_METHOD_COUNT) - 1;
        if (match->allowed == 0)
            return OE_HTTP_ROUTE_NOT_FOUND;
        return method == OE_METHOD_OPTIONS ? OE_HTTP_OK : OE_HTTP_METHOD_NOT_ALLOWED;
    }
    return match->capture_count > 0 ? decode_captures(connection, decoded, &bad) : OE_HTTP_OK;
}

void oe__dispatch_route(oe__connection *connection)
{
    const oe_worker_config *config = &connection->worker->config;
    const oe__guard *guard = &connection->guard;
    connection->routing_error = find_route(connection, target_of(connection));
    connection->is_head = guard->method == OE_METHOD_HEAD;
    connection->cors_origin =
        config->cors_origin_count > 0
            ? oe__cors_origin(config,
                              oe__guard_value(guard, connection->block, guard->origin_field))
            : NULL;
}

/* {"detail":[{"loc":["path","id"],"msg":"...","type":"path_invalid"}],...} */
static void answer_bad_capture(oe__connection *connection, size_t bad)
{
    const oe_http_error_entry *entry = oe_http_error_get(OE_HTTP_PATH_TEXT);
    oe_span name = connection->match.names[bad];
    oe__buffer list = {0};
    oe__buffer_add_text(&list, "[{\"loc\":[\"path\",\"");
    oe__buffer_add(&list, name.data, name.length);
    oe__buffer_add_text(&list, "\"],\"msg\":\"");
    oe__buffer_add_text(&list, entry->detail);
    oe__buffer_add_text(&list, "\",\"type\":\"");
    oe__buffer_add_text(&list, entry->code);
    oe__buffer_add_text(&list, "\"}]");
    if (list.failed)
        oe_response_error(&connection->response, OE_HTTP_PATH_TEXT);
    else
        oe_response_error_list(&connection->response, OE_HTTP_PATH_TEXT, list.data,
                               list.length);
    oe__buffer_free(&list);
}

static void add_allow(oe__connection *connection)
{
    char allow[64];
    size_t length = oe__router_allow(connection->match.allowed, allow);
    oe_response_header(&connection->response, "Allow", allow, length);
}

static void answer_options(oe__connection *connection)
{
    oe_response_status(&connection->response, 204);
    add_allow(connection);
    oe__cors_preflight(connection);
}

static void answer_routing_error(oe__connection *connection)
{
    oe_span decoded[OE_CAPTURES_MAX];
    size_t bad = 0;
    if (connection->routing_error == OE_HTTP_PATH_TEXT) {
        decode_captures(connection, decoded, &bad);
        answer_bad_capture(connection, bad);
        return;
    }
    oe_response_error(&connection->response, connection->routing_error);
    if (connection->routing_error == OE_HTTP_METHOD_NOT_ALLOWED)
        add_allow(connection);
}

static oe_span whole_body(const oe__connection *connection)
{
    if (connection->body_piece.data != NULL)
        return connection->body_piece;
    return (oe_span){connection->body.data, connection->body.length};
}

static void call_handler(oe__connection *connection)
{
    oe_request request = {.method = (oe_method)connection->guard.method,
                          .route = connection->match.route,
                          .capture_count = connection->match.capture_count,
                          .body =
                              connection->is_bulk ? (oe_span){NULL, 0} : whole_body(connection),
                          .worker = connection->worker,
                          .head = &connection->guard,
                          .block = connection->block};
    size_t bad;
    split_target(target_of(connection), &request.path, &request.query);
    if (request.method == OE_METHOD_HEAD && request.route->method == OE_METHOD_GET)
        request.method = OE_METHOD_GET;
    if (request.capture_count > 0)
        decode_captures(connection, request.captures, &bad);
    request.route->handler(&request, &connection->response);
}

/* The block may have moved since it was matched, and the spans of the match have not moved with
 * it. */
static void match_again(oe__connection *connection)
{
    oe_span path, query;
    split_target(target_of(connection), &path, &query);
    oe__router_match(connection->worker->config.router, (oe_method)connection->guard.method,
                     path, &connection->match);
}

void oe__dispatch_call(oe__connection *connection)
{
    if (connection->has_body && connection->match.capture_count > 0)
        match_again(connection);
    oe__response_start(connection);
    if (connection->response.scratch == NULL) {
        oe__connection_kill(connection);
        return;
    }
    if (connection->routing_error != OE_HTTP_OK)
        answer_routing_error(connection);
    else if (connection->match.route == NULL)
        answer_options(connection);
    else
        call_handler(connection);
}

oe_span oe_request_header(const oe_request *request, const char *lower_name)
{
    return oe__guard_find(request->head, request->block, lower_name);
}
