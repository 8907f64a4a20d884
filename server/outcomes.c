/* outcomes.c: POST /outcomes and /events: the answer leaves after the commit. A decision that
 * the store does not know is perhaps still with a worker: then all of them settle, and the
 * store is asked again. */
#include "codec/profile.h"
#include "codec/record.h"
#include "server/arguments.h"
#include "server/body.h"
#include "server/contact.h"
#include "server/handlers.h"
#include "server/journal.h"
#include "server/log.h"
#include "server/outcome_body.h"
#include "store/hash.h"

#include <stdlib.h>
#include <string.h>

enum {
    REPEATS_MAX = 4,    /* of a write whose outcome is not known */
    RECENT_MS = 600000, /* a younger decision may still be on its way to the store */
    KEY_MAX = 255
};

typedef struct taking {
    oe_desk *desk;
    oe_pending pending;
    oe__arena arena;
    oe_outcome_body body;
    bool is_recent, has_settled;
    unsigned repeats;
    oe_store_outcome *outcomes; /* of the entries that are asked, in their order */
    size_t showing;             /* changed customers that are not shown yet */
    size_t operation_length;
    char operation[OE__SHA256_SIZE], content[OE__SHA256_SIZE];
} taking;

/* A customer whose profile has changed. */
typedef struct change {
    taking *of;
    size_t length;
    char id[OE_ID_MAX];
} change;

static void submit(taking *self);

static void end(taking *self)
{
    oe__arena_free(&self->arena);
    free(self);
}

/* ---- Answers ---- */

static void count_results(const taking *self)
{
    for (size_t i = 0; i < self->body.count; i++)
        oe__desk_count(&self->desk->counters.outcomes[self->body.entries[i].result], 1);
}

static void fill(taking *self, oe_response *response)
{
    oe_read_report *report = &self->desk->report;
    if (self->body.has_lines)
        oe__outcome_answer_lines(&self->body, response);
    else
        oe__outcome_answer_one(&self->body.entries[0], response);
    report->undeclared = self->body.undeclared;
    report->unknown_products = 0;
    oe__body_warn(response, report);
    oe_response_header(response, "Cache-Control", "no-store", sizeof "no-store" - 1);
    if (oe_response_body(response)->failed)
        oe_response_error(response, OE_HTTP_UNAVAILABLE);
    count_results(self);
}

static void answer(taking *self)
{
    oe_response *response = oe_pending_response(self->desk->worker, self->pending);
    if (response != NULL) {
        fill(self, response);
        oe_response_finish(response);
    }
    end(self);
}

static void fail(taking *self, oe_http_error error)
{
    oe_response *response = oe_pending_response(self->desk->worker, self->pending);
    if (response != NULL) {
        oe_response_error(response, error);
        oe_response_finish(response);
    }
    end(self);
}

static void fail_status(taking *self, const oe_error *error)
{
    if (error->status == OE_E_CONFLICT) {
        fail(self, OE_HTTP_KEY_REUSED);
        return;
    }
    oe__log_message(OE_LOG_ERROR, "outcomes_failed", error->message);
    fail(self,
         error->status == OE_E_LIMIT ? OE_HTTP_UNAVAILABLE : oe_http_error_of(error->status));
}

/* ---- Customers that own a product more ---- */

static void finish_change(change *done)
{
    taking *self = done->of;
    free(done);
    if (--self->showing == 0)
        answer(self);
}

static void show(const change *shown, const oe_store_customer *customer)
{
    oe_desk *desk = shown->of->desk;
    oe_mirror *mirror = desk->service->mirror;
    oe_error error = {0};
    oe_status status = oe_profile_read(desk->stored, customer->body.data, customer->body.length,
                                       &desk->report, &error);
    if (status != OE_OK) {
        oe__mirror_withdraw(mirror, shown->id, shown->length);
    } else {
        oe__mirror_begin(mirror);
        status = oe__mirror_put(mirror, desk->stored, customer->revision, &error);
        oe__mirror_commit(mirror);
    }
    if (status != OE_OK)
        oe__log_message(OE_LOG_ERROR, "population_behind", error.message);
}

static void take_customer(void *context, const oe_store_result *result)
{
    change *shown = context;
    if (result->status == OE_OK)
        show(shown, &result->customers[0]);
    else
        oe__mirror_withdraw(shown->of->desk->service->mirror, shown->id, shown->length);
    if (result->status != OE_OK && result->status != OE_E_NOT_FOUND)
        oe__log_message(OE_LOG_ERROR, "population_behind", result->error.message);
    finish_change(shown);
}

/* Whose it is was not known before the write: what is stored is read once the customer is
 * announced, so that no older state can be shown after it. */
static void begin_change(taking *self, oe_store_bytes customer)
{
    oe_mirror *mirror = self->desk->service->mirror;
    change *made = malloc(sizeof *made);
    if (made == NULL || !oe__mirror_announce(mirror, customer.data, customer.length)) {
        free(made);
        oe__log_message(OE_LOG_ERROR, "population_behind", "out of memory");
        return;
    }
    *made = (change){.of = self, .length = customer.length};
    memcpy(made->id, customer.data, customer.length);
    oe_store_submission submission = {.operation = OE_STORE_CUSTOMER_GET,
                                      .completion = take_customer,
                                      .context = made,
                                      .id = {made->id, made->length}};
    oe_error error = {0};
    if (oe_port_submit(self->desk->port, &submission, &error) == OE_OK) {
        self->showing++;
        return;
    }
    oe__mirror_withdraw(mirror, made->id, made->length);
    oe__log_message(OE_LOG_ERROR, "population_behind", error.message);
    free(made);
}

/* ---- What the store says ---- */

/* Whether nobody was told of it: a write that was tried again may have happened at first. */
static bool is_new(const taking *self, const oe_store_result *result,
                   const oe_store_outcome *taken)
{
    if (taken->customer.length == 0 || taken->verdict > OE_STORE_VERDICT_REPEATED)
        return false;
    return self->repeats > 0 ||
           (!result->repeated && taken->verdict == OE_STORE_VERDICT_STORED);
}

/* Policies count it before anybody is told that it is in the store. */
static void count_contact(const taking *self, const oe_store_outcome *taken,
                          oe_outcome_entry *entry)
{
    oe_desk *desk = self->desk;
    if (taken->customer.length == 0 || taken->verdict > OE_STORE_VERDICT_REPEATED)
        return;
    oe__contact_take(desk, taken);
    entry->is_late = oe__contact_is_late(desk, taken);
    if (entry->is_late && taken->verdict == OE_STORE_VERDICT_STORED)
        oe__desk_count(&desk->counters.late_shown, 1);
}

static void take_verdicts(taking *self, const oe_store_result *result)
{
    oe_outcome_entry *at = self->body.entries;
    self->showing = 1;
    for (size_t i = 0; i < result->outcome_count; i++, at++) {
        const oe_store_outcome *taken = &result->outcomes[i];
        while (!at->is_asked)
            at++;
        at->result = (oe_outcome_result)taken->verdict;
        count_contact(self, taken, at);
        if (!is_new(self, result, taken))
            continue;
        if (taken->has_changed_customer || (self->repeats > 0 && taken->is_owned))
            begin_change(self, taken->customer);
    }
    if (--self->showing == 0)
        answer(self);
}

static void ask_again(void *context)
{
    taking *self = context;
    self->has_settled = true;
    submit(self);
}

static void take_result(void *context, const oe_store_result *result)
{
    taking *self = context;
    if (result->status == OE_OK)
        take_verdicts(self, result);
    else if (result->status == OE_E_NOT_FOUND && !self->has_settled) {
        if (!oe__journal_settle(self->desk->journal, ask_again, self))
            fail(self, OE_HTTP_UNAVAILABLE);
    } else if (result->outcome_unknown && self->repeats++ < REPEATS_MAX)
        submit(self);
    else
        fail_status(self, &result->error);
}

/* ---- What the store is told ---- */

/* The attribute that holds what a customer owns; empty: the rules have none. */
static oe_store_bytes owned_member(const oe_ruleset *ruleset)
{
    for (size_t i = 0; i < oe_ruleset_count(ruleset, OE_ATTRIBUTES); i++) {
        const oe_attribute *attribute = oe_ruleset_attribute(ruleset, i);
        if (attribute->type == OE_PRODUCT_SET)
            return (oe_store_bytes){attribute->name, strlen(attribute->name)};
    }
    return (oe_store_bytes){NULL, 0};
}

static oe_status begin(taking *self, oe_error *error)
{
    const oe_service_config *config = &self->desk->service->config;
    int64_t oldest_ms = config->outcome_ms;
    if (config->keep_ms > 0 && config->keep_ms < oldest_ms)
        oldest_ms = config->keep_ms;
    oe_store_submission submission = {
        .operation = OE_STORE_OUTCOMES_PUT,
        .completion = take_result,
        .context = self,
        .operation_id = {self->operation, self->operation_length},
        .body = {self->content, sizeof self->content},
        .at_ms = self->body.received_ms,
        .oldest_ms = self->body.received_ms - oldest_ms,
        .is_passing = self->operation_length == OE_STORE_OPERATION_ID_SIZE,
        .all_known = self->is_recent && !self->has_settled && self->desk->journal != NULL,
        .member = owned_member(self->desk->generation->ruleset),
        .outcomes = self->outcomes,
        .outcome_count = self->body.asked};
    return oe_port_submit(self->desk->port, &submission, error);
}

static void submit(taking *self)
{
    oe_error error = {0};
    if (begin(self, &error) != OE_OK)
        fail_status(self, &error);
}

static bool make_outcomes(taking *self)
{
    const oe_outcome_body *body = &self->body;
    bool owns = oe_ruleset_owns_accepted(self->desk->generation->ruleset);
    size_t made = 0;
    self->outcomes = oe__arena_array(&self->arena, body->asked + 1, sizeof *self->outcomes);
    for (size_t i = 0; self->outcomes != NULL && i < body->count; i++) {
        const oe__outcome *sent = &body->entries[i].sent;
        if (!body->entries[i].is_asked)
            continue;
        oe_store_outcome *outcome = &self->outcomes[made++];
        *outcome = (oe_store_outcome){.outcome = sent->outcome,
                                      .product = {sent->product, sent->product_length},
                                      .channel = {sent->channel, sent->channel_length},
                                      .at_ms = sent->at_ms,
                                      .value = sent->value,
                                      .has_value = sent->has_value,
                                      .is_owned = owns && sent->outcome == OE_OUTCOME_ACCEPTED};
        memcpy(outcome->decision, sent->decision, sizeof outcome->decision);
        if (oe__record_id_ms(sent->decision) > body->received_ms - RECENT_MS)
            self->is_recent = true;
        if (self->desk->journal != NULL)
            oe__journal_hasten(self->desk->journal, sent->decision);
    }
    return self->outcomes != NULL;
}

/* ---- The request ---- */

static bool hash(char out[OE__SHA256_SIZE], const char *what, oe_span bytes)
{
    oe__sha256 *made = oe__sha256_new();
    oe__sha256_add_piece(made, what, strlen(what));
    oe__sha256_add_piece(made, bytes.data, bytes.length);
    return oe__sha256_finish(made, (unsigned char *)out) == OE_OK;
}

/* The key's hash, or an id of our own. false: the key was refused. */
static bool read_key(taking *self, const oe_request *request, oe_response *response)
{
    oe_span key = oe_request_header(request, "idempotency-key");
    oe__faults faults = {0};
    if (key.data == NULL) {
        oe_port_operation_id(self->desk->port, self->operation);
        self->operation_length = OE_STORE_OPERATION_ID_SIZE;
        return true;
    }
    if (key.length < 1 || key.length > KEY_MAX)
        oe__faults_add(&faults, "header", (oe_span){"Idempotency-Key", 15},
                       "must be 1 to 255 bytes", "string_length");
    if (oe__faults_answer(&faults, response))
        return false;
    self->operation_length = sizeof self->operation;
    if (hash(self->operation, "outcomes", key) &&
        hash(self->content, self->body.has_lines ? "lines" : "one", request->body))
        return true;
    oe_response_error(response, OE_HTTP_UNAVAILABLE);
    return false;
}

static bool read_body(taking *self, const oe_request *request, oe_response *response)
{
    static const char many[] = "body: at most 1000 lines are taken at once";
    oe_status status = oe__outcome_body_read(&self->body, request->body, &self->desk->report);
    if (status == OE_E_LIMIT)
        oe_response_error_text(response, OE_HTTP_BODY_LARGE, many, sizeof many - 1);
    else if (status != OE_OK || !make_outcomes(self))
        oe_response_error(response, OE_HTTP_UNAVAILABLE);
    else
        return read_key(self, request, response);
    return false;
}

static void take(taking *self, const oe_request *request, oe_response *response)
{
    oe_error error = {0};
    if (!read_body(self, request, response)) {
        end(self);
        return;
    }
    if (self->body.asked == 0) {
        fill(self, response);
        end(self);
        return;
    }
    if (begin(self, &error) == OE_OK) {
        self->pending = oe_response_defer(response);
        return;
    }
    oe_response_error(response, error.status == OE_E_LIMIT ? OE_HTTP_UNAVAILABLE
                                                           : oe_http_error_of(error.status));
    end(self);
}

void oe__outcomes_take(const oe_request *request, oe_response *response)
{
    bool has_lines = oe__body_has_lines(request);
    oe__arguments arguments;
    if (!oe__body_is(request, response, has_lines ? OE_MEDIA_NDJSON : OE_MEDIA_JSON) ||
        !oe__arguments_read(request, response, 0, &arguments))
        return;
    taking *self = calloc(1, sizeof *self);
    if (self == NULL) {
        oe_response_error(response, OE_HTTP_UNAVAILABLE);
        return;
    }
    self->desk = oe_worker_data(request->worker);
    self->body = (oe_outcome_body){
        .arena = &self->arena, .has_lines = has_lines, .received_ms = oe__service_now_ms()};
    take(self, request, response);
}
