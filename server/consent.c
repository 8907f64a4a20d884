/* consent.c: PUT, GET and DELETE /customers/{id}/consent. The customer need not be stored, for
 * contact policies go by the id alone. A write is answered after its commit, once the ledger
 * knows it. */
#include "codec/consent.h"

#include <stdlib.h>
#include <string.h>

#include "server/arguments.h"
#include "server/body.h"
#include "server/contact.h"
#include "server/handlers.h"
#include "server/log.h"

enum { REPEATS_MAX = 4 }; /* of a write whose outcome is not known */

/* A consent on its way. */
typedef struct asking {
    oe_desk *desk;
    oe_pending pending;
    oe_store_operation operation;
    unsigned repeats;
    oe__buffer body; /* to be stored; empty: it is taken away */
    size_t id_length;
    char id[OE_ID_MAX];
    char operation_id[OE_STORE_OPERATION_ID_SIZE];
} asking;

static void end(asking *self)
{
    oe__buffer_free(&self->body);
    free(self);
}

/* ---- Answers ---- */

/* `body` empty: nothing to show. */
static void answer(asking *self, int status, oe_store_bytes body)
{
    oe_response *response = oe_pending_response(self->desk->worker, self->pending);
    if (response != NULL) {
        oe_response_status(response, status);
        oe__buffer_add(oe_response_body(response), body.data, body.length);
        oe_response_header(response, "Cache-Control", "no-store", sizeof "no-store" - 1);
        oe_response_finish(response);
    }
    end(self);
}

static void fail(asking *self, const oe_error *error)
{
    oe_response *response = oe_pending_response(self->desk->worker, self->pending);
    oe__log_message(OE_LOG_ERROR, "consent_failed", error->message);
    if (response != NULL) {
        oe_response_error(response, error->status == OE_E_LIMIT
                                        ? OE_HTTP_UNAVAILABLE
                                        : oe_http_error_of(error->status));
        oe_response_finish(response);
    }
    end(self);
}

static void answer_stored(asking *self, const oe_store_result *result)
{
    static const char none[] = "{\"opt_out\":[]}";
    if (result->status == OE_OK)
        answer(self, 200, result->value);
    else if (result->status == OE_E_NOT_FOUND)
        answer(self, 200, (oe_store_bytes){none, sizeof none - 1});
    else
        fail(self, &result->error);
}

/* ---- The store ---- */

static oe_status submit(asking *self);

static void take_result(void *context, const oe_store_result *result)
{
    asking *self = context;
    oe_store_bytes id = {self->id, self->id_length},
                   body = {self->body.data, self->body.length};
    if (self->operation == OE_STORE_CONSENT_GET) {
        answer_stored(self, result);
    } else if (result->status != OE_OK) {
        if (!result->outcome_unknown || self->repeats++ >= REPEATS_MAX || submit(self) != OE_OK)
            fail(self, &result->error);
    } else {
        if (!oe__contact_consent(self->desk->service->ledger, id, body, result->revision))
            oe__log(OE_LOG_ERROR, "consent_lost", "reason=\"out of memory\"");
        answer(self, body.length > 0 ? 200 : 204, body);
    }
}

static oe_status submit(asking *self)
{
    oe_store_submission submission = {
        .operation = self->operation,
        .completion = take_result,
        .context = self,
        .operation_id = {self->operation_id, sizeof self->operation_id},
        .id = {self->id, self->id_length},
        .body = {self->body.data, self->body.length},
        .at_ms = oe__service_now_ms()};
    return oe_port_submit(self->desk->port, &submission, NULL);
}

/* ---- Requests ---- */

static bool is_lawful(const oe_request *request, oe_response *response)
{
    oe_span id = request->captures[0];
    oe__arguments arguments;
    oe__faults faults = {0};
    if (!oe__text_is_id(id.data, id.length))
        oe__faults_add(&faults, "path", (oe_span){"customer_id", sizeof "customer_id" - 1},
                       "must be 1 to 128 bytes without control characters", "string_length");
    return !oe__faults_answer(&faults, response) &&
           oe__arguments_read(request, response, 0, &arguments);
}

/* NULL: an error was answered. */
static asking *begin(const oe_request *request, oe_response *response,
                     oe_store_operation operation)
{
    if (!is_lawful(request, response))
        return NULL;
    asking *self = calloc(1, sizeof *self);
    if (self == NULL) {
        oe_response_error(response, OE_HTTP_UNAVAILABLE);
        return NULL;
    }
    self->desk = oe_worker_data(request->worker);
    self->operation = operation;
    self->id_length = request->captures[0].length;
    memcpy(self->id, request->captures[0].data, self->id_length);
    oe_port_operation_id(self->desk->port, self->operation_id);
    return self;
}

static void ask(asking *self, oe_response *response)
{
    if (!self->body.failed && submit(self) == OE_OK) {
        self->pending = oe_response_defer(response);
        return;
    }
    oe_response_error(response, OE_HTTP_UNAVAILABLE);
    end(self);
}

/* Fills the body to be stored; false: an error was answered. */
static bool read_body(asking *self, const oe_request *request, oe_response *response)
{
    oe_desk *desk = self->desk;
    oe__consent said = {.ruleset = desk->generation->ruleset};
    oe_error error = {0};
    oe__faults faults = {0};
    oe_status status = oe__consent_read(request->body.data, request->body.length, &said,
                                        &desk->report, &error);
    if (status != OE_OK)
        oe__body_refuse(response, &desk->report, &error, &faults);
    else
        oe__consent_write(&self->body, &said);
    return status == OE_OK;
}

void oe__consent_put(const oe_request *request, oe_response *response)
{
    if (!oe__body_is(request, response, OE_MEDIA_JSON))
        return;
    asking *self = begin(request, response, OE_STORE_CONSENT_PUT);
    if (self == NULL)
        return;
    if (read_body(self, request, response))
        ask(self, response);
    else
        end(self);
}

void oe__consent_get(const oe_request *request, oe_response *response)
{
    asking *self = begin(request, response, OE_STORE_CONSENT_GET);
    if (self != NULL)
        ask(self, response);
}

void oe__consent_delete(const oe_request *request, oe_response *response)
{
    asking *self = begin(request, response, OE_STORE_CONSENT_PUT);
    if (self != NULL)
        ask(self, response);
}
