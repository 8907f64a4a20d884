/* campaigns.c: /campaigns/{campaign}/runs: begins, shows and cancels runs. What changes one is
 * left to their thread. */
#include "server/campaigns.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "codec/json.h"
#include "engine/target.h"
#include "server/arguments.h"
#include "server/body.h"
#include "server/handlers.h"
#include "server/runs.h"

/* ---- Paths ---- */

static bool copy_name(oe_span name, char out[OE_ID_MAX + 1])
{
    if (name.length > OE_ID_MAX)
        return false;
    memcpy(out, name.data, name.length);
    out[name.length] = '\0';
    return true;
}

static uint64_t read_number(oe_span text)
{
    uint64_t number = 0;
    if (text.length > 18)
        return 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return 0;
        number = number * 10 + (uint64_t)(text.data[i] - '0');
    }
    return number;
}

bool oe__campaigns_run(const oe_request *request, oe_response *response, oe_run *run)
{
    const oe_desk *desk = oe_worker_data(request->worker);
    char campaign[OE_ID_MAX + 1];
    bool is_there =
        copy_name(request->captures[0], campaign) &&
        oe__runs_get(desk->service->runs, campaign, read_number(request->captures[1]), run);
    if (!is_there)
        oe_response_error(response, OE_HTTP_RUN_NOT_FOUND);
    return is_there;
}

/* ---- Looking ---- */

static bool is_declared(const oe_desk *desk, oe_span name)
{
    return oe_ruleset_find(desk->generation->ruleset, OE_CAMPAIGNS, name.data, name.length) >=
           0;
}

static void finish(oe_response *response)
{
    if (oe_response_body(response)->failed)
        oe_response_error(response, OE_HTTP_UNAVAILABLE);
    oe_response_header(response, "Cache-Control", "no-store", sizeof "no-store" - 1);
}

static void add_campaign(oe__buffer *body, const oe__target *target, size_t runs)
{
    char number[20];
    oe__buffer_add_text(body, "{\"campaign\":");
    oe__json_write_string(body, target->id, strlen(target->id));
    oe__buffer_add_text(body, ",\"name\":");
    oe__json_write_string(body, target->name != NULL ? target->name : target->id,
                          strlen(target->name != NULL ? target->name : target->id));
    oe__buffer_add_text(body, ",\"runs\":");
    oe__buffer_add(body, number, oe__service_write_number(runs, number));
    oe__buffer_add_char(body, '}');
}

void oe__campaigns_list(const oe_request *request, oe_response *response)
{
    const oe_desk *desk = oe_worker_data(request->worker);
    const oe_ruleset *ruleset = desk->generation->ruleset;
    size_t count = oe_ruleset_count(ruleset, OE_CAMPAIGNS);
    oe__arguments arguments;
    oe__buffer *body = oe_response_body(response), unused = {0};
    char number[20];
    if (!oe__arguments_read(request, response, 0, &arguments))
        return;
    oe__buffer_add_text(body, "{\"campaigns\":[");
    for (size_t i = 0; i < count; i++) {
        oe__target target = oe__target_at(ruleset, i);
        if (i > 0)
            oe__buffer_add_char(body, ',');
        unused.length = 0;
        add_campaign(body, &target, oe__runs_write(desk->service->runs, target.id, &unused));
    }
    oe__buffer_free(&unused);
    oe__buffer_add_text(body, "],\"total\":");
    oe__buffer_add(body, number, oe__service_write_number(count, number));
    oe__buffer_add_char(body, '}');
    finish(response);
}

void oe__campaign_runs_list(const oe_request *request, oe_response *response)
{
    const oe_desk *desk = oe_worker_data(request->worker);
    oe__arguments arguments;
    char campaign[OE_ID_MAX + 1], number[20];
    oe__buffer *body = oe_response_body(response);
    if (!oe__arguments_read(request, response, 0, &arguments))
        return;
    if (!copy_name(request->captures[0], campaign)) {
        oe_response_error(response, OE_HTTP_CAMPAIGN_NOT_FOUND);
        return;
    }
    oe__buffer_add_text(body, "{\"runs\":[");
    size_t count = oe__runs_write(desk->service->runs, campaign, body);
    if (count == 0 && !is_declared(desk, request->captures[0])) {
        oe_response_error(response, OE_HTTP_CAMPAIGN_NOT_FOUND);
        return;
    }
    oe__buffer_add_text(body, "],\"total\":");
    oe__buffer_add(body, number, oe__service_write_number(count, number));
    oe__buffer_add_char(body, '}');
    finish(response);
}

void oe__campaign_run_get(const oe_request *request, oe_response *response)
{
    oe__arguments arguments;
    oe_run run;
    if (!oe__arguments_read(request, response, 0, &arguments) ||
        !oe__campaigns_run(request, response, &run))
        return;
    oe__run_write(oe_response_body(response), &run);
    finish(response);
}

/* ---- Reading what is asked ---- */

typedef struct reading {
    oe__json_reader json;
    oe__faults faults;
    oe_run *run;
    bool has_clock, has_seed;
} reading;

static void add_fault(reading *self, const char *name, const char *message, const char *type)
{
    oe__faults_add(&self->faults, "body", (oe_span){name, strlen(name)}, message, type);
}

static bool is_name(const oe__json_token *token, const char *name)
{
    return !token->escaped && token->length == strlen(name) &&
           memcmp(token->bytes, name, token->length) == 0;
}

/* false: not a whole number from 0 to 2^53. */
static bool take_whole(const oe__json_token *token, uint64_t *number)
{
    double value = token->type == OE_JSON_NUMBER ? token->number : -1;
    bool is_good =
        value >= 0 && value <= (double)OE_RUN_SEED_MAX && value == (double)(uint64_t)value;
    *number = is_good ? (uint64_t)value : 0;
    return is_good;
}

static void take_clock(reading *self, const oe__json_token *token)
{
    uint64_t number = 0;
    self->has_clock = true;
    if (!take_whole(token, &number))
        add_fault(self, "clock_ms", "must be milliseconds since 1970, UTC", "int_type");
    else if ((int64_t)number > oe__service_now_ms())
        add_fault(self, "clock_ms", "must not lie in the future", "int_range");
    self->run->clock_ms = (int64_t)number;
}

static void take_seed(reading *self, const oe__json_token *token)
{
    self->has_seed = true;
    if (!take_whole(token, &self->run->seed))
        add_fault(self, "seed", "must be a whole number from 0 to 9007199254740992",
                  "int_range");
}

static oe_status take_member(reading *self, oe__json_token *token, oe_error *error)
{
    bool is_clock = is_name(token, "clock_ms"), is_seed = is_name(token, "seed");
    oe_status status = oe__json_next(&self->json, token, error);
    if (status != OE_OK)
        return status;
    if (is_clock)
        take_clock(self, token);
    else if (is_seed)
        take_seed(self, token);
    else
        oe__faults_add_line(&self->faults, 0, "holds a member that is not known here",
                            "extra_forbidden");
    return oe__json_skip(&self->json, token, error);
}

static oe_status take_body(reading *self, oe_error *error)
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

static void fill_rest(const reading *self)
{
    if (!self->has_clock)
        self->run->clock_ms = oe__service_now_ms();
    if (self->has_seed)
        return;
    if (getrandom(&self->run->seed, sizeof self->run->seed, 0) !=
        (ssize_t)sizeof self->run->seed)
        self->run->seed = uv_hrtime();
    self->run->seed %= OE_RUN_SEED_MAX;
}

/* false: the request was answered. */
static bool read_run(const oe_request *request, oe_response *response, oe_run *run)
{
    reading self = {.run = run};
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
    fill_rest(&self);
    return !oe__faults_answer(&self.faults, response);
}

/* ---- Changing ---- */

static void ask(oe_desk *desk, oe_response *response, oe_run_request *wanted)
{
    wanted->desk = desk;
    wanted->pending = oe_response_defer(response);
    if (oe__runs_ask(desk->service->runs, wanted))
        return;
    oe__generation_free(wanted->rules);
    response = oe_pending_response(desk->worker, wanted->pending);
    if (response == NULL)
        return;
    oe_response_error(response, OE_HTTP_UNAVAILABLE);
    oe_response_finish(response);
}

/* Runs are a view of the journal. */
static bool has_journal(const oe_desk *desk, oe_response *response)
{
    static const char words[] =
        "runs: need the journal; start the service without --no-journal";
    if (!desk->service->config.journal)
        oe_response_error_text(response, OE_HTTP_JOURNAL_NEEDED, words, sizeof words - 1);
    return desk->service->config.journal;
}

void oe__campaign_runs_begin(const oe_request *request, oe_response *response)
{
    oe_desk *desk = oe_worker_data(request->worker);
    oe_run_request wanted = {.is_cancel = false};
    if (!is_declared(desk, request->captures[0]) ||
        !copy_name(request->captures[0], wanted.run.campaign)) {
        oe_response_error(response, OE_HTTP_CAMPAIGN_NOT_FOUND);
        return;
    }
    if (!has_journal(desk, response) || !read_run(request, response, &wanted.run))
        return;
    wanted.rules = oe__generation_hold(desk->generation);
    ask(desk, response, &wanted);
}

void oe__campaign_run_cancel(const oe_request *request, oe_response *response)
{
    oe_desk *desk = oe_worker_data(request->worker);
    oe_run_request wanted = {.is_cancel = true};
    oe__arguments arguments;
    if (oe__arguments_read(request, response, 0, &arguments) &&
        oe__campaigns_run(request, response, &wanted.run) && has_journal(desk, response))
        ask(desk, response, &wanted);
}
