/* run_work.c: reads a page of customers, decides it in the page's completion, stores what came
 * of it. Contacts and decisions go through a desk without a worker, so that they are those of
 * real time. */
#include "server/run_work.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "codec/answer.h"
#include "codec/record.h"
#include "codec/varint.h"
#include "engine/status.h"
#include "engine/target.h"
#include "server/contact.h"
#include "server/desk.h"
#include "server/log.h"
#include "store/digest.h"

enum {
    CHUNK_CUSTOMERS = 500,
    CHUNK_BYTES = OE_STORE_BODY_MAX / 2, /* of records; one more may come */
    RETRY_MS = 200
};

struct oe_run_work {
    oe_service *service;
    oe_store_port *port;
    oe_desk desk; /* of no worker: what decisions and contacts are made with */
    oe_desk_tools tools;
    oe__arguments arguments;
    uint64_t quota, random;
    oe_run run; /* as stored */
    oe_run next;
    oe__buffer records, record, answer;
    bool is_over; /* with this chunk */
    oe_status status;
    oe_error *error;
};

/* ---- Life ---- */

static oe_status find_campaign(oe_run_work *self, oe_error *error)
{
    const oe_ruleset *ruleset = self->tools.generation->ruleset;
    oe__arguments *arguments = &self->arguments;
    arguments->category = -1;
    arguments->campaign_length = strlen(self->run.campaign);
    memcpy(arguments->campaign, self->run.campaign, arguments->campaign_length);
    int32_t index =
        oe_ruleset_find(ruleset, OE_CAMPAIGNS, arguments->campaign, arguments->campaign_length);
    if (index < 0)
        return oe__fail(error, OE_E_CONFLICT,
                        "runs: the rules of generation %" PRIu64 " have no such campaign",
                        self->run.generation);
    oe__target target = oe__target_at(ruleset, (size_t)index);
    arguments->campaign_number = (uint32_t)index + 1;
    self->quota = target.quota;
    if (target.channel != NULL) {
        arguments->channel_length = strlen(target.channel);
        memcpy(arguments->channel, target.channel, arguments->channel_length);
    }
    return OE_OK;
}

oe_run_work *oe__run_work_open(oe_service *service, oe_store_port *port, oe_generation *rules,
                               const oe_run *run, oe_error *error)
{
    oe_run_work *self = calloc(1, sizeof *self);
    if (self == NULL || !oe__desk_tools_make(&self->tools, rules)) {
        free(self);
        (void)oe__fail(error, OE_E_MEMORY, "runs: out of memory");
        return NULL;
    }
    self->service = self->desk.service = service;
    self->port = port;
    self->run = *run;
    self->random = oe__run_random(run);
    if (find_campaign(self, error) == OE_OK)
        return self;
    oe__run_work_free(self);
    return NULL;
}

void oe__run_work_free(oe_run_work *self)
{
    if (self == NULL)
        return;
    oe__desk_tools_free(&self->tools);
    oe__buffer_free(&self->records);
    oe__buffer_free(&self->record);
    oe__buffer_free(&self->answer);
    free(self);
}

const oe_run *oe__run_work_at(const oe_run_work *work)
{
    return &work->run;
}

/* ---- One customer ---- */

static bool fail_memory(oe_run_work *self)
{
    self->status = oe__fail(self->error, OE_E_MEMORY, "runs: out of memory");
    return false;
}

/* Adds the decision to those of the chunk. */
static bool keep(oe_run_work *self, const oe_options *options, const oe_decision *decision)
{
    const oe__arguments *arguments = &self->arguments;
    oe__record record = {.generation = self->run.generation, .options = *options};
    char length[OE_VARINT_MAX];
    record.campaign = arguments->campaign;
    record.campaign_length = arguments->campaign_length;
    if (arguments->channel_length > 0) {
        record.channel = arguments->channel;
        record.channel_length = arguments->channel_length;
    }
    record.customer_id = oe_profile_id(self->desk.profile, &record.customer_id_length);
    self->answer.length = self->record.length = 0;
    oe__answer_write(&self->answer, decision);
    oe__digest(self->answer.data, self->answer.length, options->at_ms, record.digest);
    oe__record_make_id(record.id, oe__run_id_ms(&self->run, self->next.looked_at),
                       (uint32_t)self->next.looked_at, self->random);
    oe__record_write(&self->record, &record, self->desk.profile, self->desk.decider);
    oe__buffer_add(&self->records, length,
                   (size_t)(oe__varint_put(length, self->record.length) - length));
    oe__buffer_add(&self->records, self->record.data, self->record.length);
    self->next.contacted++;
    self->next.offers += decision->offer_count;
    return !(self->answer.failed || self->record.failed || self->records.failed) ||
           fail_memory(self);
}

/* For the customer in the desk's profile. */
static bool decide(oe_run_work *self)
{
    oe_options options = {.at_ms = self->run.clock_ms,
                          .category = -1,
                          .campaign = self->arguments.campaign_number};
    const oe_decision *decision = oe__contact_decide(&self->desk, &self->arguments, &options);
    if (decision == NULL)
        return fail_memory(self);
    if (decision->degraded_count > 0) {
        self->status = oe__fail(self->error, OE_E_CONFLICT,
                                "runs: the function of rule '%s' took too long, was stopped",
                                decision->degraded[0]);
        return false;
    }
    if (decision->offer_count > 0)
        return keep(self, &options, decision);
    if (oe__target_was_met(self->desk.decider, &options))
        self->next.without_offer++;
    else
        self->next.not_targeted++;
    return true;
}

/* false: the chunk ends behind this customer. */
static bool take_customer(oe_run_work *self, const oe_store_customer *customer)
{
    oe_run *next = &self->next;
    bool goes_on = true;
    next->looked_at++;
    memcpy(next->position, customer->id.data, customer->id.length);
    next->position[customer->id.length] = '\0';
    if (oe_profile_read(self->desk.profile, customer->body.data, customer->body.length,
                        &self->desk.report, NULL) != OE_OK)
        next->unreadable++;
    else
        goes_on = decide(self);
    if (self->quota > 0 && next->contacted >= self->quota)
        self->is_over = true;
    return goes_on && !self->is_over && self->records.length < CHUNK_BYTES;
}

/* ---- One chunk ---- */

static void take_page(void *context, const oe_store_result *result)
{
    oe_run_work *self = context;
    size_t taken = 0;
    self->status = result->status;
    if (result->status != OE_OK) {
        *self->error = result->error;
        return;
    }
    while (taken < result->customer_count && take_customer(self, &result->customers[taken++]))
        continue;
    if (taken == result->customer_count && !result->more)
        self->is_over = true;
}

static oe_status read_page(oe_run_work *self)
{
    oe_store_submission submission = {.operation = OE_STORE_CUSTOMER_SCAN,
                                      .completion = take_page,
                                      .context = self,
                                      .after = {self->run.position, strlen(self->run.position)},
                                      .limit = CHUNK_CUSTOMERS};
    oe__desk_tools_swap(&self->desk, &self->tools);
    oe_status status = oe_port_submit(self->port, &submission, self->error);
    if (status == OE_OK) {
        oe_port_finish(self->port);
        status = self->status;
    }
    oe__desk_tools_swap(&self->desk, &self->tools);
    return status;
}

oe_status oe__run_work_step(oe_run_work *self, oe_error *error)
{
    uint64_t from_ns = uv_hrtime();
    self->error = error;
    self->next = self->run;
    self->is_over = false;
    self->records.length = 0;
    oe_status status = read_page(self);
    if (status != OE_OK)
        return status;
    self->next.busy_ms += (int64_t)((uv_hrtime() - from_ns) / 1000000);
    if (self->is_over)
        oe__run_end(&self->next, OE_RUN_DONE, oe__service_now_ms());
    status = oe__run_store(self->service, self->port, &self->next,
                           (oe_store_bytes){self->records.data, self->records.length}, error);
    if (status == OE_OK)
        self->run = self->next;
    return status;
}

/* ---- Storing ---- */

typedef struct storing {
    oe_status status;
    oe_error *error;
} storing;

static void take_stored(void *context, const oe_store_result *result)
{
    storing *self = context;
    self->status = result->status;
    if (result->status != OE_OK)
        *self->error = result->error;
}

static bool is_refusal(oe_status status)
{
    return status == OE_E_INVALID || status == OE_E_ARGUMENT || status == OE_E_CONFLICT ||
           status == OE_E_CLOSED;
}

/* The same operation id each time: what the store took without saying so is not stored twice.
 */
static oe_status store_text(oe_service *service, oe_store_port *port,
                            const oe_store_submission *text, oe_error *error)
{
    char operation[OE_STORE_OPERATION_ID_SIZE];
    storing self = {.error = error};
    oe_store_submission submission = *text;
    oe_port_operation_id(port, operation);
    submission.operation_id = (oe_store_bytes){operation, sizeof operation};
    submission.completion = take_stored;
    submission.context = &self;
    for (bool is_told = false;; is_told = true) {
        self.status = oe_port_submit(port, &submission, error);
        if (self.status == OE_OK)
            oe_port_finish(port);
        if (self.status == OE_OK || is_refusal(self.status))
            return self.status;
        if (atomic_load(&service->is_stopping))
            return oe__fail(error, OE_E_CLOSED, "runs: the service is stopping");
        if (!is_told)
            oe__log_message(OE_LOG_ERROR, "run_refused", error->message);
        uv_sleep(RETRY_MS);
    }
}

oe_status oe__run_store(oe_service *service, oe_store_port *port, const oe_run *run,
                        oe_store_bytes records, oe_error *error)
{
    oe__buffer text = {0};
    oe__run_write(&text, run);
    oe_store_submission submission = {.operation = OE_STORE_RUN_PUT,
                                      .run = {run->number, {text.data, text.length}},
                                      .body = records};
    oe_status status = text.failed ? oe__fail(error, OE_E_MEMORY, "runs: out of memory")
                                   : store_text(service, port, &submission, error);
    oe__buffer_free(&text);
    return status;
}
