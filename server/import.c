/* import.c: POST /import/customers. The body is spooled to an unnamed file as it comes, which
 * holds back a client that sends faster than the disk takes; a job thread does the rest. */
#include "server/arguments.h"
#include "server/body.h"
#include "server/handlers.h"
#include "server/import_job.h"
#include "server/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct import_request {
    uv_work_t work;
    oe_desk *desk;
    oe_pending pending;
    FILE *spool;
    oe_import_job job;
} import_request;

static void end_import(import_request *self)
{
    oe__import_free(&self->job);
    if (self->spool != NULL)
        (void)fclose(self->spool);
    free(self);
}

/* ---- The answer ---- */

static void add_member(oe__buffer *body, const char *name, uint64_t value)
{
    char number[20];
    oe__buffer_add_text(body, body->length == 0 ? "{\"" : ",\"");
    oe__buffer_add_text(body, name);
    oe__buffer_add_text(body, "\":");
    oe__buffer_add(body, number, oe__service_write_number(value, number));
}

static void answer_report(const oe_import_job *job, oe_response *response)
{
    oe__buffer *body = oe_response_body(response);
    add_member(body, "imported", job->stored);
    add_member(body, "created", job->created);
    add_member(body, "replaced", job->replaced);
    add_member(body, "skipped", job->bad);
    add_member(body, "undeclared_members", job->undeclared);
    add_member(body, "unknown_products", job->unknown_products);
    oe__buffer_add_text(body, ",\"errors\":");
    if (job->faults.length > 0)
        oe__buffer_add(body, job->faults.data, job->faults.length);
    else
        oe__buffer_add_text(body, "[]");
    oe__buffer_add_char(body, '}');
}

static void answer_failure(const oe_import_job *job, oe_response *response)
{
    char text[OE_ERROR_MESSAGE_MAX + 64];
    oe_http_error error =
        job->status == OE_E_LIMIT ? OE_HTTP_VALIDATION : oe_http_error_of(job->status);
    int length = snprintf(text, sizeof text, "%s; %llu customers were stored",
                          job->error.message, (unsigned long long)job->stored);
    oe_response_error_text(response, error, text, (size_t)length);
}

static void answer(const oe_import_job *job, oe_response *response)
{
    if (job->status != OE_OK)
        answer_failure(job, response);
    else if (job->bad > 0 && !job->skip_bad)
        oe_response_error_list(response, OE_HTTP_VALIDATION, job->faults.data,
                               job->faults.length);
    else
        answer_report(job, response);
}

static void run_job(uv_work_t *work)
{
    import_request *self = work->data;
    oe__import_run(&self->job);
}

/* Not when it is the client's file that is wrong. */
static bool is_own_failure(oe_status status)
{
    return status != OE_OK && status != OE_E_INVALID && status != OE_E_SYNTAX &&
           status != OE_E_LIMIT && status != OE_E_CONFLICT;
}

static void finish_job(uv_work_t *work, int status)
{
    import_request *self = work->data;
    const oe_import_job *job = &self->job;
    (void)status;
    oe__desk_count(&self->desk->counters.imported_customers, job->stored);
    oe__log(is_own_failure(job->status) ? OE_LOG_ERROR : OE_LOG_INFO, "import",
            "status=%s stored=%llu bad=%llu", oe_status_name(job->status),
            (unsigned long long)job->stored, (unsigned long long)job->bad);
    oe_response *response = oe_pending_response(self->desk->worker, self->pending);
    if (response != NULL) {
        answer(job, response);
        oe_response_finish(response);
    }
    end_import(self);
}

/* ---- The body ---- */

static bool write_all(int descriptor, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(descriptor, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

static oe_piece take_piece(void *context, oe_response *response, const char *bytes,
                           size_t length)
{
    import_request *self = context;
    if (write_all(fileno(self->spool), bytes, length))
        return OE_PIECE_MORE;
    oe__log(OE_LOG_ERROR, "import_spool_failed", "errno=%d", errno);
    oe_response_error(response, OE_HTTP_STORAGE);
    return OE_PIECE_ANSWERED;
}

static void take_end(void *context, oe_response *response)
{
    import_request *self = context;
    self->work.data = self;
    self->job.spool = fileno(self->spool);
    self->job.rules = oe__generation_hold(self->desk->generation);
    if (uv_queue_work(oe_worker_loop(self->desk->worker), &self->work, run_job, finish_job) !=
        0) {
        oe_response_error(response, OE_HTTP_UNAVAILABLE);
        end_import(self);
        return;
    }
    self->pending = oe_response_defer(response);
}

static void drop_import(void *context)
{
    end_import(context);
}

void oe__import_customers(const oe_request *request, oe_response *response)
{
    static const oe_body_reader reader = {take_piece, take_end, drop_import};
    oe__arguments arguments;
    if (!oe__body_is(request, response, OE_MEDIA_NDJSON) ||
        !oe__arguments_read(request, response, OE_ARGUMENT_SKIP_BAD, &arguments))
        return;
    import_request *self = calloc(1, sizeof *self);
    if (self == NULL) {
        oe_response_error(response, OE_HTTP_UNAVAILABLE);
        return;
    }
    self->desk = oe_worker_data(request->worker);
    self->job.service = self->desk->service;
    self->job.skip_bad = arguments.skip_bad;
    self->spool = tmpfile();
    if (self->spool == NULL) {
        oe__log(OE_LOG_ERROR, "import_spool_failed", "errno=%d", errno);
        oe_response_error(response, OE_HTTP_STORAGE);
        end_import(self);
        return;
    }
    oe_response_receive(response, &reader, self, NULL);
}
