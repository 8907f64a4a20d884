/* runs.c: the list of runs, the queue of what handlers want, and the thread. Only the thread
 * changes a run, behind the lock and after the store has it. */
#include "server/runs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "engine/status.h"
#include "server/kept_rules.h"
#include "server/log.h"
#include "server/run_work.h"
#include "server/switchover.h"

enum { NICENESS = 10 }; /* of the thread: requests go before it */

typedef struct known_run {
    oe_run run;
    oe_generation *rules; /* that it is decided by, once they are at hand */
} known_run;

typedef struct queued {
    struct queued *next;
    oe_run_request request;
} queued;

struct oe_runs {
    oe_service *service;
    oe_store_port *port;
    uv_thread_t thread;
    bool is_started;
    oe_run_work *work; /* of the run at hand */
    uint64_t work_number;
    uv_mutex_t lock; /* guards what follows */
    uv_cond_t changed;
    bool is_stopping;
    known_run *runs;
    size_t count, capacity;
    queued *first, **end;
};

/* ---- The list: under the lock ---- */

static known_run *add_run(oe_runs *self, const oe_run *run)
{
    if (self->count == self->capacity) {
        size_t capacity = self->capacity > 0 ? self->capacity * 2 : 16;
        known_run *grown = realloc(self->runs, capacity * sizeof *grown);
        if (grown == NULL)
            return NULL;
        self->runs = grown;
        self->capacity = capacity;
    }
    known_run *added = &self->runs[self->count++];
    *added = (known_run){.run = *run};
    return added;
}

/* NULL: there is none. An empty campaign: whatever it is of. */
static known_run *find_run(const oe_runs *self, const char *campaign, uint64_t number)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->runs[i].run.number == number &&
            (campaign == NULL || strcmp(self->runs[i].run.campaign, campaign) == 0))
            return &self->runs[i];
    return NULL;
}

static known_run *next_running(const oe_runs *self)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->runs[i].run.state == OE_RUN_RUNNING)
            return &self->runs[i];
    return NULL;
}

static uint64_t newest_number(const oe_runs *self)
{
    return self->count > 0 ? self->runs[self->count - 1].run.number : 0;
}

/* Decisions of the two would have the same ids. */
static bool is_repeat(const oe_runs *self, const oe_run *run)
{
    for (size_t i = 0; i < self->count; i++)
        if (self->runs[i].run.clock_ms == run->clock_ms && self->runs[i].run.seed == run->seed)
            return true;
    return false;
}

static void take_over(oe_runs *self, const oe_run *run)
{
    uv_mutex_lock(&self->lock);
    known_run *known = find_run(self, NULL, run->number);
    if (known != NULL)
        known->run = *run;
    if (known != NULL && run->state != OE_RUN_RUNNING) {
        oe__generation_free(known->rules);
        known->rules = NULL;
    }
    uv_mutex_unlock(&self->lock);
}

/* ---- Opening ---- */

typedef struct opening {
    oe_runs *self;
    oe_status status;
    oe_error *error;
} opening;

static bool take_stored(void *context, const oe_store_run *stored)
{
    opening *at = context;
    oe_run run;
    at->status = oe__run_read(stored->text.data, stored->text.length, &run, at->error);
    if (at->status == OE_OK && add_run(at->self, &run) == NULL)
        at->status = oe__fail(at->error, OE_E_MEMORY, "runs: out of memory");
    return at->status == OE_OK;
}

oe_status oe__runs_open(oe_service *service, oe_error *error)
{
    oe_runs *self = calloc(1, sizeof *self);
    if (self == NULL || uv_mutex_init(&self->lock) != 0) {
        free(self);
        return oe__fail(error, OE_E_MEMORY, "runs: out of memory");
    }
    if (uv_cond_init(&self->changed) != 0) {
        uv_mutex_destroy(&self->lock);
        free(self);
        return oe__fail(error, OE_E_MEMORY, "runs: out of memory");
    }
    opening at = {.self = self, .error = error};
    self->service = service;
    self->end = &self->first;
    service->runs = self;
    self->port = oe_store_port_new(service->store);
    if (self->port == NULL)
        return oe__fail(error, OE_E_MEMORY, "runs: out of memory");
    oe_status status = oe_store_run_scan(service->store, take_stored, &at, error);
    return status == OE_OK ? at.status : status;
}

void oe__runs_free(oe_runs *self)
{
    if (self == NULL)
        return;
    for (queued *at = self->first, *next; at != NULL; at = next) {
        next = at->next;
        oe__generation_free(at->request.rules);
        free(at);
    }
    for (size_t i = 0; i < self->count; i++)
        oe__generation_free(self->runs[i].rules);
    oe_store_port_free(self->port);
    uv_cond_destroy(&self->changed);
    uv_mutex_destroy(&self->lock);
    free(self->runs);
    free(self);
}

/* ---- What handlers want: on the thread ---- */

static void locate(oe_load_answer *answer, const oe_run *run)
{
    static const char digits[] = "0123456789ABCDEF";
    char *at = answer->location;
    at += sprintf(at, "/campaigns/");
    for (const char *byte = run->campaign; *byte != '\0'; byte++) {
        unsigned char value = (unsigned char)*byte;
        bool is_plain = (value >= 'a' && value <= 'z') || (value >= 'A' && value <= 'Z') ||
                        (value >= '0' && value <= '9') || value == '_' || value == '-';
        if (is_plain) {
            *at++ = *byte;
            continue;
        }
        *at++ = '%';
        *at++ = digits[value >> 4];
        *at++ = digits[value & 15];
    }
    (void)sprintf(at, "/runs/%" PRIu64, run->number);
}

static void send_answer(const oe_run_request *request, oe_http_error error, const oe_run *run)
{
    oe_load_answer *answer = calloc(1, sizeof *answer);
    if (answer == NULL) {
        oe__log(OE_LOG_ERROR, "answer_lost", "reason=\"out of memory\"");
        return;
    }
    answer->pending = request->pending;
    answer->error = error;
    if (error == OE_HTTP_OK) {
        oe__run_write(&answer->body, run);
        answer->status = request->is_cancel ? 200 : 202;
        if (!request->is_cancel)
            locate(answer, run);
    }
    oe__switchover_answer(request->desk, answer);
}

static void log_run(const oe_run *run, const char *event)
{
    oe__log(run->state == OE_RUN_FAILED ? OE_LOG_ERROR : OE_LOG_INFO, event,
            "run=%" PRIu64 " state=%s looked_at=%" PRIu64 " contacted=%" PRIu64
            " busy_ms=%" PRId64,
            run->number, oe__run_state_name(run->state), run->looked_at, run->contacted,
            run->busy_ms);
}

static oe_status store_run(oe_runs *self, const oe_run *run)
{
    oe_error error = {0};
    return oe__run_store(self->service, self->port, run, (oe_store_bytes){NULL, 0}, &error);
}

static void begin_run(oe_runs *self, oe_run_request *request)
{
    oe_run *run = &request->run;
    uv_mutex_lock(&self->lock);
    bool repeats = is_repeat(self, run);
    run->number = newest_number(self) + 1;
    uv_mutex_unlock(&self->lock);
    run->generation = request->rules->number;
    run->started_ms = oe__service_now_ms();
    run->customers = oe_population_count(self->service->population);
    if (repeats || store_run(self, run) != OE_OK) {
        send_answer(request, repeats ? OE_HTTP_RUN_REPEATED : OE_HTTP_STORAGE, run);
        return;
    }
    uv_mutex_lock(&self->lock);
    known_run *added = add_run(self, run);
    if (added != NULL) {
        added->rules = request->rules;
        request->rules = NULL;
    }
    uv_mutex_unlock(&self->lock);
    log_run(run, "run_begun");
    /* Without memory it begins with the next start. */
    send_answer(request, OE_HTTP_OK, run);
}

static void drop_work(oe_runs *self)
{
    oe__run_work_free(self->work);
    self->work = NULL;
}

static void cancel_run(oe_runs *self, const oe_run_request *request)
{
    oe_run run;
    oe_http_error error = OE_HTTP_OK;
    if (!oe__runs_get(self, request->run.campaign, request->run.number, &run)) {
        send_answer(request, OE_HTTP_RUN_NOT_FOUND, NULL);
        return;
    }
    if (run.state == OE_RUN_RUNNING) {
        oe__run_end(&run, OE_RUN_CANCELLED, oe__service_now_ms());
        error = store_run(self, &run) == OE_OK ? OE_HTTP_OK : OE_HTTP_STORAGE;
        if (error == OE_HTTP_OK) {
            take_over(self, &run);
            log_run(&run, "run_ended");
        }
        if (self->work_number == run.number)
            drop_work(self);
    } else if (run.state != OE_RUN_CANCELLED) {
        error = OE_HTTP_RUN_ENDED;
    }
    send_answer(request, error, &run);
}

static void serve(oe_runs *self, queued *wanted)
{
    if (wanted->request.is_cancel)
        cancel_run(self, &wanted->request);
    else
        begin_run(self, &wanted->request);
    oe__generation_free(wanted->request.rules);
    free(wanted);
}

/* ---- Work: on the thread ---- */

static void fail_run(oe_runs *self, oe_run run, const char *reason)
{
    (void)snprintf(run.reason, sizeof run.reason, "%s", reason);
    oe__run_end(&run, OE_RUN_FAILED, oe__service_now_ms());
    oe__log_message(OE_LOG_ERROR, "run_failed", reason);
    drop_work(self);
    if (store_run(self, &run) == OE_OK)
        take_over(self, &run);
    log_run(&run, "run_ended");
}

/* Sets them when there are some, and returns those that the list keeps; only this thread takes
 * them away again. */
static oe_generation *keep_rules(oe_runs *self, uint64_t number, oe_generation *rules)
{
    uv_mutex_lock(&self->lock);
    known_run *known = find_run(self, NULL, number);
    if (known != NULL && rules != NULL)
        known->rules = rules;
    oe_generation *kept = known != NULL ? known->rules : NULL;
    uv_mutex_unlock(&self->lock);
    return kept;
}

static oe_status open_work(oe_runs *self, const oe_run *run, oe_error *error)
{
    oe_generation *rules = keep_rules(self, run->number, NULL);
    oe_status status = OE_OK;
    if (rules == NULL)
        status = oe__kept_rules(self->service, run->generation, &rules, error);
    if (status != OE_OK)
        return status;
    (void)keep_rules(self, run->number, rules);
    drop_work(self);
    self->work_number = run->number;
    self->work = oe__run_work_open(self->service, self->port, rules, run, error);
    return self->work != NULL ? OE_OK : error->status;
}

/* The store may have the chunk: only who reads the store again knows how to go on. */
static void give_up(oe_runs *self)
{
    uv_mutex_lock(&self->lock);
    self->is_stopping = true;
    uv_mutex_unlock(&self->lock);
}

static void step(oe_runs *self, const oe_run *run)
{
    oe_error error = {0};
    oe_status status = OE_OK;
    if (self->work == NULL || self->work_number != run->number)
        status = open_work(self, run, &error);
    if (status == OE_OK)
        status = oe__run_work_step(self->work, &error);
    if (status == OE_E_CLOSED) {
        give_up(self);
        return;
    }
    if (status != OE_OK) {
        fail_run(self, *run, error.message);
        return;
    }
    const oe_run *now = oe__run_work_at(self->work);
    take_over(self, now);
    if (now->state == OE_RUN_RUNNING)
        return;
    log_run(now, "run_ended");
    drop_work(self);
}

/* Waits for something to do: fills *run, or returns what a handler wants. */
static queued *wait_for_work(oe_runs *self, oe_run *run, bool *is_stopping)
{
    uv_mutex_lock(&self->lock);
    const known_run *next = NULL;
    while (!self->is_stopping && self->first == NULL && (next = next_running(self)) == NULL)
        uv_cond_wait(&self->changed, &self->lock);
    *is_stopping = self->is_stopping;
    queued *wanted = self->first;
    if (wanted != NULL) {
        self->first = wanted->next;
        if (self->first == NULL)
            self->end = &self->first;
    } else if (next != NULL) {
        *run = next->run;
    }
    uv_mutex_unlock(&self->lock);
    return wanted;
}

static void run_thread(void *data)
{
    oe_runs *self = data;
    (void)setpriority(PRIO_PROCESS, 0, NICENESS); /* on Linux: of this thread */
    for (;;) {
        oe_run run;
        bool is_stopping = false;
        queued *wanted = wait_for_work(self, &run, &is_stopping);
        if (is_stopping) {
            if (wanted != NULL)
                oe__generation_free(wanted->request.rules);
            free(wanted);
            break;
        }
        if (wanted != NULL)
            serve(self, wanted);
        else
            step(self, &run);
    }
    drop_work(self);
}

oe_status oe__runs_start(oe_runs *self, oe_error *error)
{
    if (uv_thread_create(&self->thread, run_thread, self) != 0)
        return oe__fail(error, OE_E_IO, "runs: the system gives no thread");
    self->is_started = true;
    return OE_OK;
}

void oe__runs_stop(oe_runs *self)
{
    if (self == NULL || !self->is_started)
        return;
    uv_mutex_lock(&self->lock);
    self->is_stopping = true;
    uv_cond_signal(&self->changed);
    uv_mutex_unlock(&self->lock);
    (void)uv_thread_join(&self->thread);
    self->is_started = false;
}

/* ---- Any thread ---- */

bool oe__runs_ask(oe_runs *self, const oe_run_request *request)
{
    queued *wanted = calloc(1, sizeof *wanted);
    if (wanted == NULL)
        return false;
    wanted->request = *request;
    uv_mutex_lock(&self->lock);
    *self->end = wanted;
    self->end = &wanted->next;
    uv_cond_signal(&self->changed);
    uv_mutex_unlock(&self->lock);
    return true;
}

bool oe__runs_get(oe_runs *self, const char *campaign, uint64_t number, oe_run *run)
{
    uv_mutex_lock(&self->lock);
    const known_run *found = find_run(self, campaign, number);
    if (found != NULL)
        *run = found->run;
    uv_mutex_unlock(&self->lock);
    return found != NULL;
}

size_t oe__runs_write(oe_runs *self, const char *campaign, oe__buffer *buffer)
{
    size_t count = 0;
    uv_mutex_lock(&self->lock);
    for (size_t i = self->count; i-- > 0;) {
        const oe_run *run = &self->runs[i].run;
        if (campaign != NULL && strcmp(run->campaign, campaign) != 0)
            continue;
        if (count++ > 0)
            oe__buffer_add_char(buffer, ',');
        oe__run_write(buffer, run);
    }
    uv_mutex_unlock(&self->lock);
    return count;
}
