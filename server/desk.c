/* desk.c: makes a worker's tools, ties its store port to its loop, takes both down. */
#include "server/desk.h"

#include <stdlib.h>
#include <string.h>

#include "engine/status.h"
#include "server/log.h"
#include "server/lua_handler.h"
#include "server/routes.h"

oe_desk *oe__desk_new(oe_service *service)
{
    oe_desk *desk = calloc(1, sizeof *desk);
    if (desk == NULL)
        return NULL;
    desk->service = service;
    desk->reader = oe_reader_new(service->population);
    desk->decider = oe_decider_new(service->ruleset);
    desk->profile = oe_profile_new(service->ruleset);
    desk->stored = oe_profile_new(service->ruleset);
    desk->port = oe_store_port_new(service->store);
    if (desk->reader != NULL && desk->decider != NULL && desk->profile != NULL &&
        desk->stored != NULL && desk->port != NULL &&
        oe__caller_attach(&desk->caller, service->ruleset, desk->decider))
        return desk;
    oe__desk_free(desk);
    return NULL;
}

void oe__desk_free(oe_desk *desk)
{
    if (desk == NULL)
        return;
    if (desk->port != NULL)
        oe_port_finish(desk->port);
    oe_worker_free(desk->worker);
    oe_store_port_free(desk->port);
    if (desk->L != NULL)
        lua_close(desk->L);
    oe_profile_free(desk->stored);
    oe_profile_free(desk->profile);
    oe__caller_free(desk->caller);
    oe_decider_free(desk->decider);
    oe_reader_free(desk->reader);
    oe__buffer_free(&desk->text);
    free(desk);
}

/* ---- Hooks of the worker ---- */

static void drain_port(uv_poll_t *poll, int status, int events)
{
    oe_desk *desk = poll->data;
    (void)events;
    if (status == 0)
        (void)oe_port_drain(desk->port);
}

static void stop_polling(oe_worker *worker, void *data)
{
    oe_desk *desk = data;
    (void)worker;
    if (desk->is_polling)
        uv_close((uv_handle_t *)&desk->port_poll, NULL);
    desk->is_polling = false;
}

static void log_event(void *data, const char *event, const char *detail)
{
    (void)data;
    if (detail != NULL)
        oe__log_message(OE_LOG_WARNING, event, detail);
}

/* Answers that somebody looks for: traced ones and those that failed through our fault. */
static void log_answer(oe_worker *worker, void *data, const oe_answer_note *note)
{
    (void)worker;
    (void)data;
    if (note->traceparent.data == NULL && note->status < 500)
        return;
    const oe_http_error_entry *error = oe_http_error_get(note->error);
    oe__log(note->status < 500 ? OE_LOG_INFO : OE_LOG_ERROR, "answer",
            "method=%s route=%s status=%d code=%s bytes=%zu traceparent=%.*s",
            oe_method_name(note->method), note->pattern != NULL ? note->pattern : "-",
            note->status, error->code, note->body_length,
            note->traceparent.data != NULL ? (int)note->traceparent.length : 1,
            note->traceparent.data != NULL ? note->traceparent.data : "-");
}

static oe_status watch_port(oe_desk *desk, oe_error *error)
{
    uv_loop_t *loop = oe_worker_loop(desk->worker);
    if (uv_poll_init(loop, &desk->port_poll, oe_port_fd(desk->port)) != 0)
        return oe__fail(error, OE_E_IO, "store: its completions cannot be polled");
    desk->port_poll.data = desk;
    desk->is_polling = true;
    if (uv_poll_start(&desk->port_poll, UV_READABLE, drain_port) != 0)
        return oe__fail(error, OE_E_IO, "store: its completions cannot be polled");
    return OE_OK;
}

oe_status oe__desk_listen(oe_desk *desk, int port, oe_error *error)
{
    oe_service *service = desk->service;
    oe_worker_config config = {.host = service->config.host,
                               .port = port,
                               .router = oe__routes_router(service->routes),
                               .connections = &service->connections,
                               .data = desk,
                               .on_stopped = stop_polling,
                               .on_answer = log_answer,
                               .log = log_event};
    oe_status status = oe_worker_new(&config, &desk->worker, error);
    if (status == OE_OK)
        status = watch_port(desk, error);
    if (status == OE_OK)
        status = oe__lua_open(desk, error);
    return status;
}
