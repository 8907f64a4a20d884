/* outcome_body.c: reads entries and writes what became of them. */
#include "server/outcome_body.h"

#include <string.h>

#include "codec/json.h"
#include "server/faults.h"
#include "server/service.h"

enum { FUTURE_MS = 300000 /* clocks differ */ };

/* ---- Reading ---- */

static bool keep_fault(const oe_outcome_body *body, oe_outcome_entry *entry, oe__buffer *fault)
{
    entry->fault =
        fault->failed ? NULL : oe__arena_text(body->arena, fault->data, fault->length);
    entry->fault_length = fault->length;
    oe__buffer_free(fault);
    return entry->fault != NULL;
}

static bool keep_faults(const oe_outcome_body *body, oe_outcome_entry *entry,
                        const oe_read_report *report)
{
    oe__faults faults = {0};
    oe__faults_add_report(&faults, report, 0);
    oe__buffer_add_char(&faults.json, ']');
    return keep_fault(body, entry, &faults.json);
}

static bool keep_message(const oe_outcome_body *body, oe_outcome_entry *entry,
                         const char *message)
{
    oe__buffer fault = {0};
    oe__json_write_string(&fault, message, strlen(message));
    return keep_fault(body, entry, &fault);
}

static oe_status read_entry(oe_outcome_body *body, oe_outcome_entry *entry, oe_span bytes,
                            oe_read_report *report)
{
    oe_error error = {0};
    oe_status status = oe__outcome_read(bytes.data, bytes.length, &entry->sent, report, &error);
    body->undeclared += report->undeclared;
    if (status == OE_E_INVALID && report->fault_count > 0) {
        entry->result = OE_OUTCOME_INVALID;
        return keep_faults(body, entry, report) ? OE_OK : OE_E_MEMORY;
    }
    if (status != OE_OK) {
        entry->result = OE_OUTCOME_MALFORMED;
        return keep_message(body, entry, error.message) ? OE_OK : OE_E_MEMORY;
    }
    entry->is_asked = entry->sent.at_ms <= body->received_ms + FUTURE_MS;
    entry->result = OE_OUTCOME_FUTURE;
    body->asked += entry->is_asked;
    return OE_OK;
}

static bool is_blank(oe_span line)
{
    for (size_t i = 0; i < line.length; i++)
        if (line.data[i] != ' ' && line.data[i] != '\t' && line.data[i] != '\r')
            return false;
    return true;
}

/* Takes the next line of *rest, which becomes what is behind it. */
static oe_span take_line(oe_span *rest)
{
    const char *end = memchr(rest->data, '\n', rest->length);
    oe_span line = {rest->data, end != NULL ? (size_t)(end - rest->data) : rest->length};
    size_t taken = end != NULL ? line.length + 1 : line.length;
    rest->data += taken;
    rest->length -= taken;
    return line;
}

static size_t count_lines(oe_span rest)
{
    size_t count = 0;
    while (rest.length > 0)
        count += !is_blank(take_line(&rest));
    return count;
}

oe_status oe__outcome_body_read(oe_outcome_body *body, oe_span bytes, oe_read_report *report)
{
    size_t count = body->has_lines ? count_lines(bytes) : 1;
    oe_status status = OE_OK;
    if (count > OE_STORE_OUTCOMES_MAX)
        return OE_E_LIMIT;
    body->entries = oe__arena_array(body->arena, count + 1, sizeof *body->entries);
    if (body->entries == NULL)
        return OE_E_MEMORY;
    memset(body->entries, 0, (count + 1) * sizeof *body->entries);
    if (!body->has_lines) {
        body->count = 1;
        return read_entry(body, &body->entries[0], bytes, report);
    }
    for (size_t number = 1; bytes.length > 0 && status == OE_OK; number++) {
        oe_span line = take_line(&bytes);
        if (is_blank(line))
            continue;
        body->entries[body->count].line = number;
        status = read_entry(body, &body->entries[body->count++], line, report);
    }
    return status;
}

/* ---- Answering ---- */

static bool is_refused(const oe_outcome_entry *entry)
{
    return oe__outcome_error(entry->result) != OE_HTTP_OK;
}

static void add_status(oe__buffer *out, const oe_outcome_entry *entry)
{
    oe__buffer_add_text(out, "\"status\":\"");
    oe__buffer_add_text(out,
                        is_refused(entry) ? "refused" : oe__outcome_result_name(entry->result));
    oe__buffer_add_char(out, '"');
}

static void add_late(oe__buffer *out, const oe_outcome_entry *entry)
{
    if (entry->is_late)
        oe__buffer_add_text(out, ",\"late\":true");
}

static void answer_malformed(const oe_outcome_entry *entry, oe_response *response)
{
    char text[OE_ERROR_MESSAGE_MAX];
    size_t length =
        oe__json_unescape(entry->fault + 1, entry->fault_length - 2, text, sizeof text);
    oe_response_error_text(response, OE_HTTP_JSON_MALFORMED, text,
                           length < sizeof text ? length : sizeof text);
}

void oe__outcome_answer_one(const oe_outcome_entry *entry, oe_response *response)
{
    oe_http_error error = oe__outcome_error(entry->result);
    if (error == OE_HTTP_VALIDATION)
        oe_response_error_list(response, error, entry->fault, entry->fault_length);
    else if (error == OE_HTTP_JSON_MALFORMED)
        answer_malformed(entry, response);
    else if (error != OE_HTTP_OK)
        oe_response_error(response, error);
    else {
        oe__buffer *out = oe_response_body(response);
        oe_response_status(response, (int)entry->result == OE_STORE_VERDICT_STORED ? 201 : 200);
        oe__buffer_add_char(out, '{');
        add_status(out, entry);
        add_late(out, entry);
        oe__buffer_add_char(out, '}');
    }
}

static void add_number(oe__buffer *out, const char *name, size_t value)
{
    char number[20];
    oe__buffer_add_text(out, name);
    oe__buffer_add(out, number, oe__service_write_number(value, number));
}

static void add_line(oe__buffer *out, const oe_outcome_entry *entry)
{
    const oe_http_error_entry *error = oe_http_error_get(oe__outcome_error(entry->result));
    add_number(out, "{\"line\":", entry->line);
    oe__buffer_add_char(out, ',');
    add_status(out, entry);
    add_late(out, entry);
    if (is_refused(entry)) {
        oe__buffer_add_text(out, ",\"code\":\"");
        oe__buffer_add_text(out, error->code);
        oe__buffer_add_text(out, "\",\"detail\":");
        if (entry->fault != NULL)
            oe__buffer_add(out, entry->fault, entry->fault_length);
        else
            oe__json_write_string(out, error->detail, strlen(error->detail));
    }
    oe__buffer_add_char(out, '}');
}

void oe__outcome_answer_lines(const oe_outcome_body *body, oe_response *response)
{
    oe__buffer *out = oe_response_body(response);
    size_t counts[OE_OUTCOME_RESULTS] = {0};
    oe__buffer_add_text(out, "{\"results\":[");
    for (size_t i = 0; i < body->count; i++) {
        if (i > 0)
            oe__buffer_add_char(out, ',');
        add_line(out, &body->entries[i]);
        counts[body->entries[i].result]++;
    }
    size_t stored = counts[OE_STORE_VERDICT_STORED],
           repeated = counts[OE_STORE_VERDICT_REPEATED];
    add_number(out, "],\"stored\":", stored);
    add_number(out, ",\"repeated\":", repeated);
    add_number(out, ",\"refused\":", body->count - stored - repeated);
    oe__buffer_add_char(out, '}');
}
