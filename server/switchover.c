/* switchover.c: what loader and workers tell each other, behind the service's lock. */
#include "server/switchover.h"

#include <stdlib.h>
#include <string.h>

#include "server/log.h"

enum { WAIT_NS = 100000000 };

/* ---- The switch ---- */

/* Under the lock. Wakes those that do not use it yet; false: there is none. */
static bool wake_others(const oe_service *service, uint64_t number)
{
    bool is_missing = false;
    for (unsigned i = 0; i < service->desk_count; i++) {
        const oe_desk *desk = service->desks[i];
        if (desk->is_over || desk->adopted >= number)
            continue;
        is_missing = true;
        oe_worker_wake(desk->worker);
    }
    return is_missing;
}

void oe__switchover(oe_service *service, oe_generation *fresh)
{
    uv_mutex_lock(&service->lock);
    oe_generation *old = service->current;
    service->current = oe__generation_hold(fresh);
    while (wake_others(service, fresh->number))
        (void)uv_cond_timedwait(&service->adopted, &service->lock, WAIT_NS);
    uv_mutex_unlock(&service->lock);
    oe__generation_free(old);
    oe_error error = {0};
    /* Customers that came under the old rules since they were loaded. */
    if (oe_population_refresh(service->population, &error) != OE_OK)
        oe__log_message(OE_LOG_ERROR, "population_behind", error.message);
}

/* ---- Answers ---- */

void oe__switchover_answer(oe_desk *desk, oe_load_answer *answer)
{
    uv_mutex_lock(&desk->service->lock);
    answer->next = desk->load_answers;
    desk->load_answers = answer;
    if (!desk->is_over)
        oe_worker_wake(desk->worker);
    uv_mutex_unlock(&desk->service->lock);
}

static void free_answer(oe_load_answer *answer)
{
    oe__buffer_free(&answer->body);
    free(answer);
}

/* ---- Workers ---- */

static oe_load_answer *take_answers(oe_desk *desk)
{
    uv_mutex_lock(&desk->service->lock);
    oe_load_answer *first = desk->load_answers;
    desk->load_answers = NULL;
    uv_mutex_unlock(&desk->service->lock);
    return first;
}

static void fill_response(const oe_load_answer *answer, oe_response *response)
{
    if (answer->body.failed)
        oe_response_error(response, OE_HTTP_UNAVAILABLE);
    else if (answer->error == OE_HTTP_RULES_INVALID)
        oe_response_error_list(response, answer->error, answer->body.data, answer->body.length);
    else if (answer->error != OE_HTTP_OK)
        oe_response_error(response, answer->error);
    else
        oe__buffer_add(oe_response_body(response), answer->body.data, answer->body.length);
    if (answer->error == OE_HTTP_OK && answer->status != 0)
        oe_response_status(response, answer->status);
    if (answer->location[0] != '\0')
        oe_response_header(response, "Location", answer->location, strlen(answer->location));
    oe_response_header(response, "Cache-Control", "no-store", sizeof "no-store" - 1);
}

static void adopt_newest(oe_desk *desk)
{
    oe_service *service = desk->service;
    oe_generation *newest = oe__service_generation(service);
    if (newest != desk->generation && oe__desk_adopt(desk, newest)) {
        uv_mutex_lock(&service->lock);
        desk->adopted = newest->number;
        uv_cond_signal(&service->adopted);
        uv_mutex_unlock(&service->lock);
    }
    oe__generation_free(newest);
}

void oe__switchover_serve(oe_desk *desk)
{
    adopt_newest(desk);
    for (oe_load_answer *at = take_answers(desk), *next; at != NULL; at = next) {
        next = at->next;
        oe_response *response = oe_pending_response(desk->worker, at->pending);
        if (response != NULL) {
            fill_response(at, response);
            oe_response_finish(response);
        }
        free_answer(at);
    }
}

void oe__switchover_leave(oe_desk *desk)
{
    uv_mutex_lock(&desk->service->lock);
    desk->is_over = true;
    uv_cond_signal(&desk->service->adopted);
    uv_mutex_unlock(&desk->service->lock);
}

void oe__switchover_forget(oe_desk *desk)
{
    for (oe_load_answer *at = take_answers(desk), *next; at != NULL; at = next) {
        next = at->next;
        free_answer(at);
    }
}
