/* body.c: media types, failures and warnings of bodies. */
#include "server/body.h"

#include <stdio.h>

/* The media type without its parameters and blanks around it. */
static oe_span bare_type(oe_span value)
{
    oe_span type = value;
    const char *parameters = value.length > 0 ? memchr(value.data, ';', value.length) : NULL;
    if (parameters != NULL)
        type.length = (size_t)(parameters - value.data);
    while (type.length > 0 &&
           (type.data[type.length - 1] == ' ' || type.data[type.length - 1] == '\t'))
        type.length--;
    return type;
}

static bool is_named(oe_span type, oe__media media)
{
    static const char *const names[][4] = {
        [OE_MEDIA_JSON] = {"application/json"},
        [OE_MEDIA_MERGE_PATCH] = {"application/merge-patch+json", "application/json"},
        [OE_MEDIA_NDJSON] = {"application/x-ndjson", "application/ndjson", "application/jsonl"},
    };
    for (size_t i = 0; i < 4 && names[media][i] != NULL; i++)
        if (oe__span_is_word(type, names[media][i]))
            return true;
    return false;
}

bool oe__body_is(const oe_request *request, oe_response *response, oe__media media)
{
    static const char *const words[] = {
        [OE_MEDIA_JSON] = "content-type: must be application/json",
        [OE_MEDIA_MERGE_PATCH] =
            "content-type: must be application/merge-patch+json or application/json",
        [OE_MEDIA_NDJSON] = "content-type: must be application/x-ndjson",
    };
    const oe__guard *head = request->head;
    for (unsigned i = 1; i <= head->field_count; i++) {
        const oe__guard_field *field = &head->fields[i - 1];
        oe_span name = {request->block + field->name_at, field->name_length};
        oe_span value = oe__guard_value(head, request->block, i);
        if (oe__span_is_word(name, "content-encoding") &&
            !oe__span_is_word(value, "identity")) {
            oe_response_error(response, OE_HTTP_CONTENT_CODING);
            return false;
        }
        if (oe__span_is_word(name, "content-type") && !is_named(bare_type(value), media)) {
            oe_response_error_text(response, OE_HTTP_MEDIA_TYPE, words[media],
                                   strlen(words[media]));
            return false;
        }
    }
    return true;
}

bool oe__body_has_lines(const oe_request *request)
{
    return is_named(bare_type(oe_request_header(request, "content-type")), OE_MEDIA_NDJSON);
}

void oe__body_refuse(oe_response *response, const oe_read_report *report, const oe_error *error,
                     oe__faults *faults)
{
    size_t length = strlen(error->message);
    if (error->status == OE_E_INVALID) {
        oe__faults_add_report(faults, report, 0);
        if (!oe__faults_answer(faults, response))
            oe_response_error_text(response, OE_HTTP_VALIDATION, error->message, length);
        return;
    }
    oe__faults_drop(faults);
    if (error->status == OE_E_SYNTAX || error->status == OE_E_LIMIT)
        oe_response_error_text(response, OE_HTTP_JSON_MALFORMED, error->message, length);
    else
        oe_response_error(response, oe_http_error_of(error->status));
}

static size_t write_positions(const oe_read_report *report, char *out, size_t size)
{
    size_t kept = sizeof report->unknown_at / sizeof report->unknown_at[0], length = 0;
    if (report->unknown_products < kept)
        kept = report->unknown_products;
    for (size_t i = 0; i < kept; i++)
        length += (size_t)snprintf(out + length, size - length, i == 0 ? "%u" : " %u",
                                   report->unknown_at[i]);
    return length;
}

void oe__body_warn(oe_response *response, const oe_read_report *report)
{
    char text[512], positions[256];
    int length = 0;
    if (report->unknown_products > 0) {
        (void)write_positions(report, positions, sizeof positions);
        length = snprintf(text, sizeof text, "unknown_products;count=%zu;at=\"%s\"",
                          report->unknown_products, positions);
    }
    if (report->undeclared > 0)
        length += snprintf(text + length, sizeof text - (size_t)length,
                           "%sundeclared_members;count=%zu", length > 0 ? ", " : "",
                           report->undeclared);
    if (length > 0)
        oe_response_header(response, "Offerengine-Warning", text, (size_t)length);
}
