/* customer_write.c: PUT, PATCH and DELETE of one customer. The answer leaves after the store's
 * commit and after the population shows the change. */
#include "codec/profile.h"
#include "server/arguments.h"
#include "server/body.h"
#include "server/contact.h"
#include "server/faults.h"
#include "server/handlers.h"
#include "server/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "server/desk.h"
#include "server/journal.h"

enum {
    REPEATS_MAX = 4,  /* of a write whose outcome is not known */
    CONTESTS_MAX = 64 /* of a patch that another write overtook */
};

/* A write on its way. */
typedef struct writing {
    oe_desk *desk;
    oe_pending pending;
    oe_store_operation operation;
    bool is_patch;
    unsigned repeats, contests;
    int64_t if_revision;
    size_t id_length;
    char id[OE_ID_MAX];
    char operation_id[OE_STORE_OPERATION_ID_SIZE];
    uint64_t profiles, versions, decisions, events, consents; /* erased */
    int64_t erased_revision;
    oe__buffer body;  /* to be stored */
    oe__buffer patch; /* as sent */
    size_t undeclared, unknown_products;
    uint32_t unknown_at[sizeof((oe_read_report *)0)->unknown_at / sizeof(uint32_t)];
} writing;

static oe_status submit_write(writing *self);
static void take_removal(writing *self, const oe_store_result *result);
static void take_erasure(void *context, const oe_store_result *result);
static void submit_reading(writing *self);

static writing *start_writing(const oe_request *request, oe_store_operation operation)
{
    writing *self = calloc(1, sizeof *self);
    if (self == NULL)
        return NULL;
    self->desk = oe_worker_data(request->worker);
    self->operation = operation;
    self->id_length = request->captures[0].length;
    memcpy(self->id, request->captures[0].data, self->id_length);
    return self;
}

static void end_writing(writing *self)
{
    oe__buffer_free(&self->body);
    oe__buffer_free(&self->patch);
    free(self);
}

/* ---- Answers ---- */

static oe_http_error error_of(oe_status status)
{
    return status == OE_E_LIMIT ? OE_HTTP_UNAVAILABLE : oe_http_error_of(status);
}

static void fail(writing *self, oe_http_error error)
{
    oe_response *response = oe_pending_response(self->desk->worker, self->pending);
    if (response != NULL) {
        oe_response_error(response, error);
        oe_response_finish(response);
    }
    end_writing(self);
}

static void warn(const writing *self, oe_response *response)
{
    oe_read_report *report = &self->desk->report;
    report->undeclared = self->undeclared;
    report->unknown_products = self->unknown_products;
    memcpy(report->unknown_at, self->unknown_at, sizeof report->unknown_at);
    oe__body_warn(response, report);
}

static void answer_written(writing *self, int status)
{
    oe_response *response = oe_pending_response(self->desk->worker, self->pending);
    if (response != NULL) {
        oe_response_status(response, status);
        if (status != 204)
            oe__buffer_add(oe_response_body(response), self->body.data, self->body.length);
        oe_response_header(response, "Cache-Control", "no-store", sizeof "no-store" - 1);
        warn(self, response);
        oe_response_finish(response);
    }
    end_writing(self);
}

/* ---- What the store says ---- */

/* The population behind a stored state of the customer. */
static oe_status show_state(writing *self, oe_store_bytes body, int64_t revision,
                            oe_error *error)
{
    oe_desk *desk = self->desk;
    oe_status status =
        oe_profile_read(desk->stored, body.data, body.length, &desk->report, error);
    if (status != OE_OK) {
        oe__mirror_withdraw(desk->service->mirror, self->id, self->id_length);
        return status;
    }
    oe__mirror_begin(desk->service->mirror);
    status = oe__mirror_put(desk->service->mirror, desk->stored, revision, error);
    oe__mirror_commit(desk->service->mirror);
    return status;
}

static void show_removal(writing *self, int64_t revision)
{
    oe_mirror *mirror = self->desk->service->mirror;
    oe__mirror_begin(mirror);
    oe__mirror_remove(mirror, self->id, self->id_length, revision);
    oe__mirror_commit(mirror);
}

static void take_success(writing *self, const oe_store_result *result)
{
    oe_error error = {0};
    oe__desk_count(&self->desk->counters.customer_writes, 1);
    if (self->operation == OE_STORE_CUSTOMER_PUT) {
        oe_store_bytes body = {self->body.data, self->body.length};
        if (show_state(self, body, result->revision, &error) == OE_OK) {
            answer_written(self, result->created > 0 ? 201 : 200);
            return;
        }
        oe__log_message(OE_LOG_ERROR, "population_behind", error.message);
        fail(self, OE_HTTP_UNAVAILABLE);
    } else {
        if (result->deleted > 0)
            show_removal(self, result->revision);
        else
            oe__mirror_withdraw(self->desk->service->mirror, self->id, self->id_length);
        take_removal(self, result);
    }
}

static void fail_write(writing *self, oe_status status, const char *message)
{
    oe__desk_count(&self->desk->counters.customer_write_failures, 1);
    if (status != OE_E_CONFLICT && status != OE_E_NOT_FOUND)
        oe__log_message(OE_LOG_ERROR, "write_failed", message);
    fail(self, error_of(status));
}

static void take_failure(writing *self, const oe_store_result *result)
{
    bool is_overtaken = result->status == OE_E_CONFLICT || result->status == OE_E_NOT_FOUND;
    oe__mirror_withdraw(self->desk->service->mirror, self->id, self->id_length);
    if (self->is_patch && is_overtaken && self->contests++ < CONTESTS_MAX)
        submit_reading(self);
    else
        fail_write(self, result->status, result->error.message);
}

/* What is stored after a write that nobody knows the outcome of. */
static void take_truth(void *context, const oe_store_result *result)
{
    writing *self = context;
    oe_error error = {.message = "customer: whether it was written is not known"};
    if (result->status == OE_OK)
        (void)show_state(self, result->customers[0].body, result->customers[0].revision,
                         &error);
    else if (result->status == OE_E_NOT_FOUND)
        show_removal(self, INT64_MIN + 1);
    else
        oe__mirror_withdraw(self->desk->service->mirror, self->id, self->id_length);
    fail_write(self, OE_E_IO, error.message);
}

/* The write may have happened: the population is to show what the store holds. */
static void submit_question(writing *self, const oe_store_result *result)
{
    oe_store_submission submission = {.operation = OE_STORE_CUSTOMER_GET,
                                      .completion = take_truth,
                                      .context = self,
                                      .id = {self->id, self->id_length}};
    if (oe_port_submit(self->desk->port, &submission, NULL) != OE_OK)
        take_failure(self, result);
}

static void take_write(void *context, const oe_store_result *result)
{
    writing *self = context;
    if (result->status == OE_OK)
        take_success(self, result);
    else if (!result->outcome_unknown)
        take_failure(self, result);
    else if (self->repeats++ >= REPEATS_MAX || submit_write(self) != OE_OK)
        submit_question(self, result);
}

/* ---- What the store is told ---- */

static oe_status submit_write(writing *self)
{
    oe_store_submission submission = {
        .operation = self->operation,
        .completion = self->operation == OE_STORE_JOURNAL_ERASE ? take_erasure : take_write,
        .context = self,
        .operation_id = {self->operation_id, sizeof self->operation_id},
        .id = {self->id, self->id_length},
        .body = {self->body.data, self->body.length},
        .mode = self->is_patch ? OE_STORE_PUT_REPLACE : OE_STORE_PUT_ANY,
        .if_revision = self->if_revision,
        .at_ms = oe__service_now_ms()};
    return oe_port_submit(self->desk->port, &submission, NULL);
}

/* A new write: announced, with an operation id of its own. */
static oe_status begin_write(writing *self)
{
    oe_mirror *mirror = self->desk->service->mirror;
    oe_port_operation_id(self->desk->port, self->operation_id);
    if (!oe__mirror_announce(mirror, self->id, self->id_length))
        return OE_E_MEMORY;
    oe_status status = submit_write(self);
    if (status != OE_OK)
        oe__mirror_withdraw(mirror, self->id, self->id_length);
    return status;
}

/* From within a handler. */
static void write_or_refuse(writing *self, oe_response *response)
{
    oe_status status = self->body.failed ? OE_E_MEMORY : begin_write(self);
    if (status == OE_OK) {
        self->pending = oe_response_defer(response);
        return;
    }
    oe_response_error(response, error_of(status));
    end_writing(self);
}

static void keep_report(writing *self, const oe_read_report *report)
{
    self->undeclared = report->undeclared;
    self->unknown_products = report->unknown_products;
    memcpy(self->unknown_at, report->unknown_at, sizeof self->unknown_at);
}

/* ---- PUT ---- */

/* Whether the profile's id, if it has one, is another than the path's. */
static bool names_another(const oe_profile *profile, oe_span wanted)
{
    size_t length = 0;
    const char *id = oe_profile_id(profile, &length);
    return length > 0 && (length != wanted.length || memcmp(id, wanted.data, length) != 0);
}

/* Reads the body into desk->profile; false: it was refused. */
static bool read_customer(oe_desk *desk, const oe_request *request, oe_response *response)
{
    oe_error error;
    oe__faults faults = {0};
    oe_status status = oe_profile_read(desk->profile, request->body.data, request->body.length,
                                       &desk->report, &error);
    if (names_another(desk->profile, request->captures[0]))
        oe__faults_add(&faults, "body", (oe_span){"customer_id", sizeof "customer_id" - 1},
                       "must be the customer_id of the path", "customer_id_mismatch");
    if (status != OE_OK) {
        oe__body_refuse(response, &desk->report, &error, &faults);
        return false;
    }
    return !oe__faults_answer(&faults, response);
}

/* The path's id must be lawful: one that is not names no customer. */
static bool is_lawful(const oe_request *request, oe_response *response)
{
    oe_span id = request->captures[0];
    if (oe__text_is_id(id.data, id.length))
        return true;
    oe__faults faults = {0};
    oe__faults_add(&faults, "path", (oe_span){"customer_id", sizeof "customer_id" - 1},
                   "must be 1 to 128 bytes without control characters", "string_length");
    (void)oe__faults_answer(&faults, response);
    return false;
}

static bool takes_no_parameters(const oe_request *request, oe_response *response)
{
    oe__arguments arguments;
    return is_lawful(request, response) && oe__arguments_read(request, response, 0, &arguments);
}

void oe__customer_put(const oe_request *request, oe_response *response)
{
    oe_desk *desk = oe_worker_data(request->worker);
    if (!oe__body_is(request, response, OE_MEDIA_JSON) ||
        !takes_no_parameters(request, response) || !read_customer(desk, request, response))
        return;
    writing *self = start_writing(request, OE_STORE_CUSTOMER_PUT);
    if (self == NULL) {
        oe_response_error(response, OE_HTTP_UNAVAILABLE);
        return;
    }
    keep_report(self, &desk->report);
    oe__profile_write(&self->body, desk->profile);
    write_or_refuse(self, response);
}

/* ---- DELETE: the person goes from profiles, former profiles and journal. What workers have
 * decided is perhaps not in the journal yet: it is gone through again once it is. ---- */

static void forget_contacts(const writing *self)
{
    oe__ledger_forget(self->desk->service->ledger, (oe_ledger_id){self->id, self->id_length},
                      self->erased_revision, oe__service_now_ms());
}

static void answer_erased(writing *self)
{
    char counts[160];
    forget_contacts(self);
    oe_response *response = oe_pending_response(self->desk->worker, self->pending);
    int length =
        snprintf(counts, sizeof counts,
                 "profiles=%" PRIu64 ", versions=%" PRIu64 ", decisions=%" PRIu64
                 ", events=%" PRIu64 ", consents=%" PRIu64,
                 self->profiles, self->versions, self->decisions, self->events, self->consents);
    uint64_t all = self->profiles + self->versions + self->decisions + self->events;
    if (response != NULL && all + self->consents == 0) {
        oe_response_error(response, OE_HTTP_CUSTOMER_NOT_FOUND);
        oe_response_finish(response);
    } else if (response != NULL) {
        oe_response_status(response, 204);
        oe_response_header(response, "Offerengine-Erased", counts, (size_t)length);
        oe_response_finish(response);
    }
    end_writing(self);
}

static void take_erasure(void *context, const oe_store_result *result)
{
    writing *self = context;
    if (result->status == OE_OK) {
        self->decisions += result->decisions;
        self->events += result->events;
        answer_erased(self);
    } else if (!result->outcome_unknown || self->repeats++ >= REPEATS_MAX ||
               submit_write(self) != OE_OK) {
        fail_write(self, result->status, result->error.message);
    }
}

static void erase_journalled(void *context)
{
    writing *self = context;
    self->operation = OE_STORE_JOURNAL_ERASE;
    self->repeats = 0;
    oe_port_operation_id(self->desk->port, self->operation_id);
    oe_status status = submit_write(self);
    if (status != OE_OK)
        fail(self, error_of(status));
}

static void take_removal(writing *self, const oe_store_result *result)
{
    oe_journal *journal = self->desk->journal;
    self->erased_revision = result->revision;
    self->profiles = result->deleted;
    self->versions = result->versions;
    self->decisions = result->decisions;
    self->events = result->events;
    self->consents = result->consents;
    forget_contacts(self);
    if (journal == NULL)
        answer_erased(self);
    else if (!oe__journal_settle(journal, erase_journalled, self))
        fail(self, OE_HTTP_UNAVAILABLE);
}

void oe__customer_delete(const oe_request *request, oe_response *response)
{
    if (!takes_no_parameters(request, response))
        return;
    writing *self = start_writing(request, OE_STORE_CUSTOMER_DELETE);
    if (self == NULL)
        oe_response_error(response, OE_HTTP_UNAVAILABLE);
    else
        write_or_refuse(self, response);
}

/* ---- PATCH: read the stored state, change it, write it back unless it changed meanwhile ----
 */

static void refuse_patch(writing *self, const oe_error *error)
{
    oe_response *response = oe_pending_response(self->desk->worker, self->pending);
    oe__faults faults = {0};
    if (response != NULL) {
        oe__body_refuse(response, &self->desk->report, error, &faults);
        oe_response_finish(response);
    }
    end_writing(self);
}

static oe_status apply_patch(writing *self, const oe_store_customer *customer, oe_error *error)
{
    oe_desk *desk = self->desk;
    oe_status status = oe_profile_read(desk->stored, customer->body.data, customer->body.length,
                                       &desk->report, error);
    if (status == OE_OK || status == OE_E_INVALID)
        status = oe__profile_patch(desk->stored, self->patch.data, self->patch.length,
                                   &desk->report, error);
    if (status != OE_OK)
        return status;
    keep_report(self, &desk->report);
    self->body.length = 0;
    oe__profile_write(&self->body, desk->stored);
    return self->body.failed ? OE_E_MEMORY : OE_OK;
}

static void take_reading(void *context, const oe_store_result *result)
{
    writing *self = context;
    oe_error error = {.status = OE_E_MEMORY};
    if (result->status != OE_OK) {
        fail(self, result->status == OE_E_NOT_FOUND ? OE_HTTP_CUSTOMER_NOT_FOUND
                                                    : error_of(result->status));
        return;
    }
    if (apply_patch(self, &result->customers[0], &error) != OE_OK) {
        refuse_patch(self, &error);
        return;
    }
    self->if_revision = result->customers[0].revision;
    oe_status status = begin_write(self);
    if (status != OE_OK)
        fail(self, error_of(status));
}

static oe_status begin_reading(writing *self)
{
    oe_store_submission submission = {.operation = OE_STORE_CUSTOMER_GET,
                                      .completion = take_reading,
                                      .context = self,
                                      .id = {self->id, self->id_length}};
    return oe_port_submit(self->desk->port, &submission, NULL);
}

static void submit_reading(writing *self)
{
    oe_status status = begin_reading(self);
    if (status != OE_OK)
        fail(self, error_of(status));
}

void oe__customer_patch(const oe_request *request, oe_response *response)
{
    if (!oe__body_is(request, response, OE_MEDIA_MERGE_PATCH) ||
        !takes_no_parameters(request, response))
        return;
    writing *self = start_writing(request, OE_STORE_CUSTOMER_PUT);
    oe_status status = OE_E_MEMORY;
    if (self != NULL) {
        self->is_patch = true;
        oe__buffer_add(&self->patch, request->body.data, request->body.length);
        if (!self->patch.failed)
            status = begin_reading(self);
    }
    if (status == OE_OK) {
        self->pending = oe_response_defer(response);
        return;
    }
    oe_response_error(response, error_of(status));
    if (self != NULL)
        end_writing(self);
}
