/* run_list.c: GET /campaigns/{campaign}/runs/{run}/list: the journal's blocks of a run, a few
 * at a time on a job thread, which begins with the next ones when the client has taken these.
 */
#include <stdlib.h>
#include <string.h>

#include "codec/record.h"
#include "engine/status.h"
#include "server/arguments.h"
#include "server/campaigns.h"
#include "server/handlers.h"
#include "server/kept_rules.h"
#include "server/log.h"
#include "server/run_rows.h"

enum { SLICE_BYTES = 256 * 1024, TAIL_AT = OE_RECORD_ID_SIZE - 6 };

typedef struct listing {
    uv_work_t work;
    oe_desk *desk;
    oe_pending pending;
    oe_run run;
    bool is_csv;
    unsigned char id[OE_RECORD_ID_SIZE]; /* whose tail all of the run's have */
    oe_generation *rules;                /* of the run, once they are at hand */
    oe_run_rows *rows;                   /* while a slice is made */
    oe__buffer out;
    uint64_t block; /* the last one that is done with */
    bool is_over;
    oe_status status;
    oe_error error;
    /* On the worker's thread. */
    bool is_busy, is_ready, is_closed;
} listing;

static void free_listing(listing *self)
{
    oe__generation_free(self->rules);
    oe__buffer_free(&self->out);
    free(self);
}

/* ---- On the job thread ---- */

static bool is_own(const listing *self, oe_store_bytes bytes)
{
    return bytes.length > OE_RECORD_ID_SIZE &&
           memcmp(bytes.data + TAIL_AT, self->id + TAIL_AT, OE_RECORD_ID_SIZE - TAIL_AT) == 0;
}

/* Ends with a block: the next slice begins behind it. */
static bool take_record(void *context, const oe_store_record *record)
{
    listing *self = context;
    if (record->block != self->block && self->out.length >= SLICE_BYTES) {
        self->is_over = false;
        return false;
    }
    self->block = record->block;
    if (record->state == OE_STORE_RECORD_DAMAGED)
        self->status = oe__fail(&self->error, OE_E_CORRUPT, "list: a record is damaged");
    else if (record->state == OE_STORE_RECORD_SOUND && is_own(self, record->bytes))
        self->status =
            oe__run_rows_add(self->rows, record->bytes, self->is_csv, &self->out, &self->error);
    return self->status == OE_OK;
}

static void make_slice(listing *self)
{
    oe_store_journal_range range = {.from_ms = self->run.clock_ms,
                                    .until_ms =
                                        oe__run_id_ms(&self->run, self->run.looked_at) + 1,
                                    .record = take_record,
                                    .context = self,
                                    .after_block = self->block};
    self->is_over = true;
    oe_status status = oe_store_journal_scan(self->desk->service->store, &range, &self->error);
    if (status != OE_OK)
        self->status = status;
}

static void run_slice(uv_work_t *work)
{
    listing *self = work->data;
    oe_run_rows rows;
    self->status = OE_OK;
    if (self->rules == NULL)
        self->status = oe__kept_rules(self->desk->service, self->run.generation, &self->rules,
                                      &self->error);
    if (self->status != OE_OK)
        return;
    if (!oe__run_rows_make(&rows, self->rules)) {
        self->status = oe__fail(&self->error, OE_E_MEMORY, "list: out of memory");
        return;
    }
    self->rows = &rows;
    make_slice(self);
    self->rows = NULL;
    oe__run_rows_free(&rows);
}

/* ---- On the worker's thread ---- */

static void finish_slice(uv_work_t *work, int status)
{
    listing *self = work->data;
    (void)status;
    self->is_busy = false;
    self->is_ready = true;
    if (self->is_closed)
        free_listing(self);
    else
        oe_response_release(self->desk->worker, self->pending);
}

static oe_flow start_slice(listing *self, oe_response *response)
{
    self->work.data = self;
    if (uv_queue_work(oe_worker_loop(self->desk->worker), &self->work, run_slice,
                      finish_slice) != 0) {
        oe_response_error(response, OE_HTTP_UNAVAILABLE);
        return OE_FLOW_END;
    }
    self->is_busy = true;
    self->pending = oe_response_hold(response);
    return OE_FLOW_WAIT;
}

static oe_flow take_turn(void *context, oe_response *response, bool is_whole)
{
    listing *self = context;
    if (!is_whole)
        return OE_FLOW_MORE;
    if (!self->is_ready)
        return start_slice(self, response);
    self->is_ready = false;
    if (self->status != OE_OK) {
        oe__log_message(OE_LOG_ERROR, "list_failed", self->error.message);
        oe_response_error(response, OE_HTTP_UNAVAILABLE);
        return OE_FLOW_END;
    }
    oe__buffer_add(oe_response_body(response), self->out.data, self->out.length);
    self->out.length = 0;
    return self->is_over ? OE_FLOW_END : OE_FLOW_AGAIN;
}

static bool take_bytes(void *context, const char *bytes, size_t length)
{
    (void)context, (void)bytes, (void)length;
    return true; /* of a body that nobody asked for */
}

static void close_listing(void *context)
{
    listing *self = context;
    self->is_closed = true;
    if (!self->is_busy)
        free_listing(self);
}

/* ---- The request ---- */

static bool wants_csv(const oe_request *request, const oe__arguments *arguments)
{
    oe_span accept = oe_request_header(request, "accept");
    if (arguments->has_format || accept.data == NULL)
        return arguments->is_csv;
    return accept.length >= 8 && memcmp(accept.data, "text/csv", 8) == 0;
}

void oe__campaign_run_targets(const oe_request *request, oe_response *response)
{
    static const oe_stream stream = {take_bytes, take_turn, close_listing};
    oe__arguments arguments;
    oe_run run;
    if (!oe__arguments_read(request, response, OE_ARGUMENT_FORMAT, &arguments) ||
        !oe__campaigns_run(request, response, &run))
        return;
    listing *self = calloc(1, sizeof *self);
    if (self == NULL) {
        oe_response_error(response, OE_HTTP_UNAVAILABLE);
        return;
    }
    self->desk = oe_worker_data(request->worker);
    self->run = run;
    self->is_csv = wants_csv(request, &arguments);
    oe__record_make_id(self->id, 0, 0, oe__run_random(&run));
    if (self->is_csv)
        oe__run_rows_head(&self->out);
    oe_response_type(response,
                     self->is_csv ? "text/csv; charset=utf-8" : "application/x-ndjson");
    oe_response_header(response, "Cache-Control", "no-store", sizeof "no-store" - 1);
    oe_response_stream(response, &stream, self);
}
