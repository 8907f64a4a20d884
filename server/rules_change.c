/* rules_change.c: POST /rules/reload and /rules/rollback: reads who asks for what, and leaves
 * the rest to the loader. */
#include "codec/json.h"
#include "server/arguments.h"
#include "server/body.h"
#include "server/handlers.h"
#include "server/loader.h"

#include <string.h>

typedef struct change_reading {
    oe__json_reader json;
    oe__faults faults;
    oe_load_request *request;
} change_reading;

static void add_fault(change_reading *self, const char *name, const char *message,
                      const char *type)
{
    oe__faults_add(&self->faults, "body", (oe_span){name, strlen(name)}, message, type);
}

static bool is_name(const oe__json_token *token, const char *name)
{
    return !token->escaped && token->length == strlen(name) &&
           memcmp(token->bytes, name, token->length) == 0;
}

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

/* A text of at most OE_STORE_LABEL_MAX bytes in one line. */
static void take_label(change_reading *self, const oe__json_token *token, const char *name,
                       char *out)
{
    if (token->type != OE_JSON_STRING) {
        add_fault(self, name, "must be a text", "string_type");
        return;
    }
    size_t length =
        oe__json_unescape(token->bytes, token->length, out, (size_t)OE_STORE_LABEL_MAX);
    out[length <= OE_STORE_LABEL_MAX ? length : 0] = '\0';
    if (length > OE_STORE_LABEL_MAX || has_control(out))
        add_fault(self, name, "must be at most 512 bytes without control characters",
                  "string_length");
}

static void take_number(change_reading *self, const oe__json_token *token)
{
    double value = token->type == OE_JSON_NUMBER ? token->number : 0;
    if (value >= 1 && value <= 9007199254740992.0 && value == (double)(uint64_t)value)
        self->request->number = (uint64_t)value;
    else
        add_fault(self, "generation", "must be a whole number from 1 on", "int_type");
}

typedef enum change_member {
    CHANGE_AUTHOR,
    CHANGE_NOTE,
    CHANGE_GENERATION,
    CHANGE_OTHER
} change_member;

static change_member member_of(const change_reading *self, const oe__json_token *token)
{
    if (is_name(token, "author"))
        return CHANGE_AUTHOR;
    if (is_name(token, "note"))
        return CHANGE_NOTE;
    return is_name(token, "generation") && self->request->source == OE_LOAD_KEPT
               ? CHANGE_GENERATION
               : CHANGE_OTHER;
}

static oe_status take_member(change_reading *self, oe__json_token *token, oe_error *error)
{
    change_member member = member_of(self, token);
    oe_status status = oe__json_next(&self->json, token, error);
    if (status != OE_OK)
        return status;
    if (member == CHANGE_AUTHOR)
        take_label(self, token, "author", self->request->author);
    else if (member == CHANGE_NOTE)
        take_label(self, token, "note", self->request->note);
    else if (member == CHANGE_GENERATION)
        take_number(self, token);
    else
        oe__faults_add_line(&self->faults, 0, "holds a member that is not known here",
                            "extra_forbidden");
    return oe__json_skip(&self->json, token, error);
}

static oe_status take_body(change_reading *self, oe_error *error)
{
    oe__json_token token;
    oe_status status = oe__json_next(&self->json, &token, error);
    if (status == OE_OK && token.type != OE_JSON_OBJECT) {
        oe__faults_add_line(&self->faults, 0, "must be an object", "object_type");
        return oe__json_skip(&self->json, &token, error);
    }
    while (status == OE_OK) {
        status = oe__json_next(&self->json, &token, error);
        if (status != OE_OK || token.type != OE_JSON_NAME)
            break;
        status = take_member(self, &token, error);
    }
    return status == OE_OK ? oe__json_next(&self->json, &token, error) : status;
}

/* false: the request was answered. */
static bool read_change(const oe_request *request, oe_response *response,
                        oe_load_request *wanted)
{
    change_reading self = {.request = wanted};
    oe_error error = {0};
    oe__arguments arguments;
    if (!oe__body_is(request, response, OE_MEDIA_JSON) ||
        !oe__arguments_collect(request, response, 0, &arguments, &self.faults))
        return false;
    if (request->body.length > 0) {
        oe__json_reader_begin(&self.json, request->body.data, request->body.length);
        oe_status status = take_body(&self, &error);
        if (status != OE_OK) {
            oe_read_report none = {0};
            oe__body_refuse(response, &none, &error, &self.faults);
            return false;
        }
    }
    return !oe__faults_answer(&self.faults, response);
}

static void change_rules(const oe_request *request, oe_response *response,
                         oe_load_source source)
{
    oe_load_request wanted = {.source = source};
    oe_desk *desk = oe_worker_data(request->worker);
    if (!read_change(request, response, &wanted))
        return;
    wanted.desk = desk;
    wanted.pending = oe_response_defer(response);
    if (oe__loader_ask(desk->service->loader, &wanted))
        return;
    response = oe_pending_response(desk->worker, wanted.pending);
    if (response == NULL)
        return;
    oe_response_error(response, OE_HTTP_UNAVAILABLE);
    oe_response_finish(response);
}

void oe__rules_reload(const oe_request *request, oe_response *response)
{
    change_rules(request, response, OE_LOAD_FOLDER);
}

void oe__rules_rollback(const oe_request *request, oe_response *response)
{
    change_rules(request, response, OE_LOAD_KEPT);
}
