/* faults.c: joins the list. */
#include "server/faults.h"

#include <stdio.h>

#include "codec/json.h"

static oe__buffer *start(oe__faults *faults)
{
    oe__buffer_add_text(&faults->json, faults->count++ == 0 ? "[{\"loc\":[" : ",{\"loc\":[");
    return &faults->json;
}

static void finish(oe__buffer *json, const char *message, const char *type)
{
    oe__buffer_add_text(json, "],\"msg\":");
    oe__json_write_string(json, message, strlen(message));
    oe__buffer_add_text(json, ",\"type\":\"");
    oe__buffer_add_text(json, type);
    oe__buffer_add_text(json, "\"}");
}

void oe__faults_add(oe__faults *faults, const char *part, oe_span name, const char *message,
                    const char *type)
{
    oe__buffer *json = start(faults);
    oe__json_write_string(json, part, strlen(part));
    oe__buffer_add_char(json, ',');
    oe__json_write_string(json, name.data, name.length);
    finish(json, message, type);
}

static void add_place(oe__buffer *json, uint64_t line, const char *location)
{
    char number[32];
    oe__buffer_add_text(json, "\"body\"");
    if (line > 0) {
        (void)snprintf(number, sizeof number, ",%llu", (unsigned long long)line);
        oe__buffer_add_text(json, number);
    }
    if (*location != '\0')
        oe__buffer_add_char(json, ',');
    oe__buffer_add_text(json, location);
}

void oe__faults_add_report(oe__faults *faults, const oe_read_report *report, uint64_t line)
{
    size_t kept =
        report->fault_count < OE_FAULTS_MAX ? report->fault_count : (size_t)OE_FAULTS_MAX;
    for (size_t i = 0; i < kept; i++) {
        const oe_fault *fault = &report->faults[i];
        oe__buffer *json = start(faults);
        add_place(json, line, fault->location);
        finish(json, fault->message, fault->type);
    }
}

void oe__faults_add_line(oe__faults *faults, uint64_t line, const char *message,
                         const char *type)
{
    oe__buffer *json = start(faults);
    add_place(json, line, "");
    finish(json, message, type);
}

bool oe__faults_answer(oe__faults *faults, oe_response *response)
{
    bool has_faults = faults->count > 0;
    if (has_faults) {
        oe__buffer_add_char(&faults->json, ']');
        if (faults->json.failed)
            oe_response_error(response, OE_HTTP_UNAVAILABLE);
        else
            oe_response_error_list(response, OE_HTTP_VALIDATION, faults->json.data,
                                   faults->json.length);
    }
    oe__faults_drop(faults);
    return has_faults;
}

void oe__faults_drop(oe__faults *faults)
{
    oe__buffer_free(&faults->json);
    faults->count = 0;
}
