/* rules_history.c: GET /rules/history: the generations that served, newest first. */
#include "codec/json.h"
#include "server/arguments.h"
#include "server/desk.h"
#include "server/faults.h"
#include "server/handlers.h"

#include <stdlib.h>

enum { SHOWN_BY_DEFAULT = 100 };

typedef struct history_request {
    oe_desk *desk;
    oe_pending pending;
} history_request;

static void add_number(oe__buffer *body, const char *name, uint64_t value)
{
    char number[20];
    oe__buffer_add_text(body, name);
    oe__buffer_add(body, number, oe__service_write_number(value, number));
}

static void add_text(oe__buffer *body, const char *name, oe_store_bytes text)
{
    oe__buffer_add_text(body, name);
    oe__json_write_string(body, text.data, text.length);
}

static void add_cursor(oe__buffer *body, const oe_store_result *result)
{
    char number[20], cursor[2 * sizeof number];
    if (!result->more || result->generation_count == 0) {
        oe__buffer_add_text(body, "],\"next_cursor\":null}");
        return;
    }
    uint64_t last = result->generations[result->generation_count - 1].number;
    size_t length = oe__service_write_number(last, number);
    oe__buffer_add_text(body, "],\"next_cursor\":\"");
    oe__buffer_add(body, cursor, oe__cursor_write(number, length, cursor));
    oe__buffer_add_text(body, "\"}");
}

static void write_history(const oe_store_result *result, uint64_t serving, oe__buffer *body)
{
    add_number(body, "{\"serving\":", serving);
    oe__buffer_add_text(body, ",\"generations\":[");
    for (size_t i = 0; i < result->generation_count; i++) {
        const oe_store_generation *row = &result->generations[i];
        add_number(body, i > 0 ? ",{\"generation\":" : "{\"generation\":", row->number);
        add_text(body, ",\"ruleset\":", row->hash);
        add_number(body, ",\"at_ms\":", (uint64_t)row->at_ms);
        add_text(body, ",\"author\":", row->author);
        add_text(body, ",\"note\":", row->note);
        oe__buffer_add_char(body, '}');
    }
    add_cursor(body, result);
}

static void take_history(void *context, const oe_store_result *result)
{
    history_request *self = context;
    oe_response *response = oe_pending_response(self->desk->worker, self->pending);
    if (response != NULL) {
        if (result->status == OE_OK)
            write_history(result, self->desk->generation->number, oe_response_body(response));
        else
            oe_response_error(response, oe_http_error_of(result->status));
        oe_response_header(response, "Cache-Control", "no-store", sizeof "no-store" - 1);
        oe_response_finish(response);
    }
    free(self);
}

/* The number that a cursor holds; only older generations follow. false: it holds none. */
static bool read_cursor(const oe__arguments *arguments, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < arguments->cursor_length; i++) {
        char byte = arguments->cursor[i];
        if (byte < '0' || byte > '9' || *number > INT64_MAX / 100)
            return false;
        *number = *number * 10 + (uint64_t)(byte - '0');
    }
    return arguments->cursor_length == 0 || *number > 0;
}

static bool read_arguments(const oe_request *request, oe_response *response,
                           oe__arguments *arguments, uint64_t *before)
{
    oe__faults faults = {0};
    if (!oe__arguments_read(request, response, OE_ARGUMENT_LIMIT | OE_ARGUMENT_CURSOR,
                            arguments))
        return false;
    if (!read_cursor(arguments, before))
        oe__faults_add(&faults, "query", (oe_span){"cursor", sizeof "cursor" - 1},
                       "must be the next_cursor of an earlier answer", "cursor");
    return !oe__faults_answer(&faults, response);
}

void oe__rules_history(const oe_request *request, oe_response *response)
{
    oe__arguments arguments;
    uint64_t before = 0;
    if (!read_arguments(request, response, &arguments, &before))
        return;
    history_request *self = calloc(1, sizeof *self);
    if (self == NULL) {
        oe_response_error(response, OE_HTTP_UNAVAILABLE);
        return;
    }
    self->desk = oe_worker_data(request->worker);
    oe_store_submission submission = {.operation = OE_STORE_GENERATION_LIST,
                                      .completion = take_history,
                                      .context = self,
                                      .generation = {.number = before},
                                      .limit = arguments.limit > 0 ? arguments.limit
                                                                   : (size_t)SHOWN_BY_DEFAULT};
    if (oe_port_submit(self->desk->port, &submission, NULL) == OE_OK) {
        self->pending = oe_response_defer(response);
        return;
    }
    oe_response_error(response, OE_HTTP_UNAVAILABLE);
    free(self);
}
