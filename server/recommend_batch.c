/* recommend_batch.c: decisions for many customers, one a line, answered line by line while the
 * body comes. Works in turns of about a millisecond, by the rules that served when it began. */
#include "server/recommend.h"

#include <stdlib.h>
#include <string.h>

#include "codec/json.h"
#include "server/body.h"
#include "server/contact.h"
#include "server/handlers.h"
#include "server/journal.h"

enum {
    LINE_MAX_BYTES = 64 * 1024,     /* what POST /recommend/ takes */
    TURN_NS = 1000000,              /* looked at behind each line */
    TURN_OUTPUT_BYTES = 128 * 1024, /* one answer may be longer */
    COMMIT_LINES = 512              /* answers that wait for one commit */
};

typedef struct batch {
    oe_desk *desk;
    oe_desk_tools tools;
    oe__arguments arguments;
    oe__buffer held; /* what came; done with up to `done` */
    size_t done;
    uint64_t line;     /* from 1 */
    bool is_skipping;  /* the rest of a line that is too long */
    oe__buffer answer; /* to one line */
    oe__buffer made;   /* where answers wait for their commit */
    size_t made_lines;
    bool is_committing;
    oe_ledger_hold hold; /* contacts that its rules count stay, whatever rules serve */
} batch;

/* ---- One line ---------------------------------------------------------------------------- */

/* {"line":3,"code":"...","detail":...}; `detail` is JSON, or nothing for the code's own text.
 */
static void add_error(batch *self, oe__buffer *out, oe_http_error code, oe_span detail)
{
    const oe_http_error_entry *entry = oe_http_error_get(code);
    char number[20];
    oe__desk_count(&self->desk->counters.batch_errors, 1);
    oe__buffer_add_text(out, "{\"line\":");
    oe__buffer_add(out, number, oe__service_write_number(self->line, number));
    oe__buffer_add_text(out, ",\"code\":\"");
    oe__buffer_add_text(out, entry->code);
    oe__buffer_add_text(out, "\",\"detail\":");
    if (detail.data != NULL)
        oe__buffer_add(out, detail.data, detail.length);
    else
        oe__json_write_string(out, entry->detail, strlen(entry->detail));
    oe__buffer_add_text(out, "}\n");
}

static void add_error_text(batch *self, oe__buffer *out, oe_http_error code, const char *text)
{
    oe__buffer quoted = {0};
    oe__json_write_string(&quoted, text, strlen(text));
    add_error(self, out, code, (oe_span){quoted.data, quoted.failed ? 0 : quoted.length});
    oe__buffer_free(&quoted);
}

/* What POST /recommend/ would refuse the line with. */
static void add_refusal(batch *self, oe__buffer *out, const oe_error *error)
{
    const oe_read_report *report = &self->desk->report;
    if (error->status != OE_E_INVALID || report->fault_count == 0) {
        bool is_text = error->status == OE_E_SYNTAX || error->status == OE_E_LIMIT;
        add_error_text(self, out,
                       is_text ? OE_HTTP_JSON_MALFORMED : oe_http_error_of(error->status),
                       error->message);
        return;
    }
    oe__faults faults = {0};
    oe__faults_add_report(&faults, report, 0);
    oe__buffer_add_char(&faults.json, ']');
    if (!faults.json.failed)
        add_error(self, out, OE_HTTP_VALIDATION,
                  (oe_span){faults.json.data, faults.json.length});
    else
        add_error(self, out, OE_HTTP_UNAVAILABLE, (oe_span){NULL, 0});
    oe__faults_drop(&faults);
}

/* The id in a line that is {"customer_id": id} and nothing else: its length, or 0. */
static size_t find_lone_id(oe_span line, char id[OE_ID_MAX])
{
    static const char name[] = "customer_id";
    static const oe__json_type types[] = {OE_JSON_OBJECT, OE_JSON_NAME, OE_JSON_STRING,
                                          OE_JSON_OBJECT_END, OE_JSON_END};
    oe__json_reader reader;
    oe__json_token token;
    size_t length = 0;
    oe__json_reader_begin(&reader, line.data, line.length);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (oe__json_next(&reader, &token, NULL) != OE_OK || token.type != types[i])
            return 0;
        if (token.type == OE_JSON_NAME && (token.length != sizeof name - 1 ||
                                           memcmp(token.bytes, name, sizeof name - 1) != 0))
            return 0;
        if (token.type == OE_JSON_STRING)
            length = oe__json_unescape(token.bytes, token.length, id, OE_ID_MAX);
    }
    return length <= OE_ID_MAX && oe__text_is_id(id, length) ? length : 0;
}

/* Fills desk->profile; false: an error was added. */
static bool read_line(batch *self, oe_span line, oe__buffer *out)
{
    oe_desk *desk = self->desk;
    char id[OE_ID_MAX];
    size_t length = find_lone_id(line, id);
    oe_error error = {0};
    if (length == 0) {
        if (oe_profile_read(desk->profile, line.data, line.length, &desk->report, &error) ==
            OE_OK)
            return true;
        add_refusal(self, out, &error);
        return false;
    }
    oe_reader_enter(desk->reader);
    bool is_there = oe_reader_get(desk->reader, id, length, desk->profile);
    oe_reader_leave(desk->reader);
    if (!is_there)
        add_error(self, out, OE_HTTP_CUSTOMER_NOT_FOUND, (oe_span){NULL, 0});
    return is_there;
}

static bool is_blank(oe_span line)
{
    for (size_t i = 0; i < line.length; i++)
        if (line.data[i] != ' ' && line.data[i] != '\t' && line.data[i] != '\r')
            return false;
    return true;
}

static void answer_line(batch *self, oe_span line, oe__buffer *out)
{
    oe_desk *desk = self->desk;
    bool is_long = line.length > LINE_MAX_BYTES;
    self->line++;
    if (!is_long && is_blank(line))
        return;
    oe__desk_count(&desk->counters.batch_lines, 1);
    if (is_long) {
        add_error_text(self, out, OE_HTTP_BODY_LARGE, "line: at most 65536 bytes are allowed");
        return;
    }
    if (!read_line(self, line, out))
        return;
    self->answer.length = 0;
    if (oe__recommend_decide(desk, &self->arguments, &self->answer)) {
        oe__buffer_add(out, self->answer.data, self->answer.length);
        oe__buffer_add_char(out, '\n');
        self->made_lines++;
    } else {
        oe__buffer_free(&self->answer);
        add_error(self, out, OE_HTTP_UNAVAILABLE, (oe_span){NULL, 0});
    }
}

/* ---- Lines out of pieces ----------------------------------------------------------------- */

static bool take_bytes(void *context, const char *bytes, size_t length)
{
    batch *self = context;
    oe__buffer *held = &self->held;
    if (self->done > 0)
        memmove(held->data, held->data + self->done, held->length - self->done);
    held->length -= self->done;
    self->done = 0;
    oe__buffer_add(held, bytes, length);
    return !held->failed;
}

/* What was kept of a line that is too long is enough to say so; the rest is passed over. */
static void skip_rest(batch *self, oe_span rest, oe__buffer *out)
{
    if (!self->is_skipping)
        answer_line(self, rest, out);
    self->is_skipping = true;
    self->done = self->held.length;
}

/* Answers the next line. false: there is no whole one. */
static bool take_line(batch *self, bool is_whole, oe__buffer *out)
{
    oe_span rest = {self->held.data + self->done, self->held.length - self->done};
    if (rest.length == 0)
        return false;
    const char *end = memchr(rest.data, '\n', rest.length);
    if (end == NULL && !is_whole) {
        if (self->is_skipping || rest.length > LINE_MAX_BYTES)
            skip_rest(self, rest, out);
        return false;
    }
    size_t length = end != NULL ? (size_t)(end - rest.data) : rest.length;
    self->done += length + (end != NULL);
    if (!self->is_skipping)
        answer_line(self, (oe_span){rest.data, length}, out);
    self->is_skipping = false;
    return true;
}

/* Whether it stopped before the end of what came. */
static bool take_lines(batch *self, bool is_whole, oe__buffer *out)
{
    uint64_t until = uv_hrtime() + TURN_NS;
    bool is_over = false, is_more = true;
    oe__desk_tools_swap(self->desk, &self->tools);
    while (!is_over && (is_more = take_line(self, is_whole, out)))
        is_over = uv_hrtime() >= until || out->length >= TURN_OUTPUT_BYTES;
    oe__desk_tools_swap(self->desk, &self->tools);
    return is_more;
}

/* ---- Turns ------------------------------------------------------------------------------- */

static oe_flow wait_for_commit(batch *self, oe_response *response)
{
    oe__journal_hold(self->desk->journal, response, true);
    return OE_FLOW_WAIT;
}

static void send_made(batch *self, oe_response *response)
{
    oe__buffer_add(oe_response_body(response), self->made.data, self->made.length);
    if (self->made.failed)
        oe_response_error(response, OE_HTTP_UNAVAILABLE);
    self->made.length = self->made_lines = 0;
}

static oe_flow take_turn(void *context, oe_response *response, bool is_whole)
{
    batch *self = context;
    oe_desk *desk = self->desk;
    bool waits = oe__recommend_waits(desk, self->tools.generation);
    if (self->is_committing)
        send_made(self, response);
    self->is_committing = false;
    if (desk->journal != NULL && oe__journal_is_busy(desk->journal))
        return wait_for_commit(self, response);
    bool is_more = take_lines(self, is_whole, waits ? &self->made : oe_response_body(response));
    if (waits && self->made_lines > 0 && (!is_more || self->made_lines >= COMMIT_LINES)) {
        self->is_committing = true;
        return wait_for_commit(self, response);
    }
    if (waits && self->made_lines == 0)
        send_made(self, response);
    if (is_more)
        return OE_FLOW_AGAIN;
    return is_whole ? OE_FLOW_END : OE_FLOW_MORE;
}

static void close_batch(void *context)
{
    batch *self = context;
    oe__ledger_let_go(self->desk->service->ledger, &self->hold);
    oe__desk_tools_free(&self->tools);
    oe__buffer_free(&self->held);
    oe__buffer_free(&self->answer);
    oe__buffer_free(&self->made);
    free(self);
}

static void start_answer(const batch *self, oe_response *response)
{
    char generation[20];
    size_t length = oe__service_write_number(self->tools.generation->number, generation);
    oe_response_type(response, "application/x-ndjson");
    oe_response_header(response, "Cache-Control", "no-store", sizeof "no-store" - 1);
    oe_response_header(response, "Ruleset-Generation", generation, length);
}

void oe__recommend_batch(const oe_request *request, oe_response *response)
{
    static const oe_stream stream = {take_bytes, take_turn, close_batch};
    oe_desk *desk = oe_worker_data(request->worker);
    oe__arguments arguments;
    if (!oe__body_is(request, response, OE_MEDIA_NDJSON) ||
        !oe__arguments_read(request, response,
                            OE_ARGUMENT_LIMIT | OE_ARGUMENT_CATEGORY | OE_ARGUMENT_CHANNEL |
                                OE_ARGUMENT_CAMPAIGN,
                            &arguments))
        return;
    batch *self = calloc(1, sizeof *self);
    if (self == NULL || !oe__desk_tools_make(&self->tools, desk->generation)) {
        free(self);
        oe_response_error(response, OE_HTTP_UNAVAILABLE);
        return;
    }
    self->desk = desk;
    self->arguments = arguments;
    self->hold.terms = oe__contact_terms(self->tools.generation->ruleset);
    oe__ledger_hold(desk->service->ledger, &self->hold);
    start_answer(self, response);
    oe_response_stream(response, &stream, self);
}
