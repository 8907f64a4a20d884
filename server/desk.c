/* desk.c: makes a worker's tools, ties its store port to its loop, takes both down. */
#include "server/desk.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/status.h"
#include "server/contact.h"
#include "server/journal.h"
#include "server/log.h"
#include "server/lua_handler.h"
#include "server/retention.h"
#include "server/routes.h"
#include "server/switchover.h"

bool oe__desk_tools_make(oe_desk_tools *tools, oe_generation *rules)
{
    *tools = (oe_desk_tools){.generation = oe__generation_hold(rules),
                             .decider = oe_decider_new(rules->ruleset),
                             .profile = oe_profile_new(rules->ruleset),
                             .stored = oe_profile_new(rules->ruleset)};
    if (tools->decider != NULL && tools->profile != NULL && tools->stored != NULL &&
        oe__caller_attach(&tools->caller, rules->ruleset, tools->decider))
        return true;
    oe__desk_tools_free(tools);
    return false;
}

void oe__desk_tools_free(oe_desk_tools *tools)
{
    oe__caller_free(tools->caller);
    oe_decider_free(tools->decider);
    oe_profile_free(tools->profile);
    oe_profile_free(tools->stored);
    if (tools->generation != NULL)
        oe__generation_free(tools->generation);
    *tools = (oe_desk_tools){0};
}

void oe__desk_tools_swap(oe_desk *desk, oe_desk_tools *tools)
{
    oe_desk_tools before = {desk->generation, desk->decider, desk->caller, desk->profile,
                            desk->stored};
    desk->generation = tools->generation;
    desk->decider = tools->decider;
    desk->caller = tools->caller;
    desk->profile = tools->profile;
    desk->stored = tools->stored;
    *tools = before;
}

/* Takes the rules into use; false: out of memory, nothing has changed. */
static bool use_rules(oe_desk *desk, oe_generation *rules)
{
    oe_desk_tools tools;
    if (!oe__desk_tools_make(&tools, rules))
        return false;
    oe__desk_tools_swap(desk, &tools);
    oe__desk_tools_free(&tools);
    return true;
}

bool oe__desk_adopt(oe_desk *desk, oe_generation *generation)
{
    if (!oe__lua_adopt(desk, generation))
        return false;
    if (use_rules(desk, generation))
        return true;
    (void)oe__lua_adopt(desk, desk->generation);
    return false;
}

oe_desk *oe__desk_new(oe_service *service)
{
    oe_desk *desk = calloc(1, sizeof *desk);
    if (desk == NULL)
        return NULL;
    desk->service = service;
    desk->reader = oe_reader_new(service->population);
    desk->port = oe_store_port_new(service->store);
    oe_generation *rules = oe__service_generation(service);
    bool is_complete = desk->reader != NULL && desk->port != NULL && use_rules(desk, rules);
    desk->adopted = rules->number;
    oe__generation_free(rules);
    if (is_complete)
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
    oe__journal_free(desk->journal);
    oe_store_port_free(desk->port);
    if (desk->L != NULL)
        lua_close(desk->L);
    oe_profile_free(desk->stored);
    oe_profile_free(desk->profile);
    oe__caller_free(desk->caller);
    oe_decider_free(desk->decider);
    oe__generation_free(desk->generation);
    oe__switchover_forget(desk);
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
    oe__retention_stop(desk);
    oe__contact_stop(desk);
    if (desk->journal != NULL)
        oe__journal_end(desk->journal);
    oe__switchover_leave(desk);
}

static void on_wake(oe_worker *worker, void *data)
{
    oe_desk *desk = data;
    (void)worker;
    oe__switchover_serve(desk);
    if (desk->journal != NULL)
        oe__journal_serve(desk->journal);
}

/* Answers wait for their decisions: those that came while a block was on its way leave
 * together behind it. */
static void flush_journal(oe_worker *worker, void *data)
{
    oe_desk *desk = data;
    (void)worker;
    if (desk->journal != NULL)
        oe__journal_flush_held(desk->journal);
}

static void log_event(void *data, const char *event, const char *detail)
{
    (void)data;
    if (detail != NULL)
        oe__log_message(OE_LOG_WARNING, event, detail);
    else
        oe__log(OE_LOG_INFO, event, OE_LOG_NOTHING);
}

/* Connections over the limit come in floods: one line a second at most, with their number. */
static void log_turned_away(oe_desk *desk)
{
    enum { QUIET_MS = 1000 };
    uint64_t now = uv_now(oe_worker_loop(desk->worker));
    desk->turned_away++;
    if (desk->turned_away_at != 0 && now - desk->turned_away_at < QUIET_MS)
        return;
    oe__log(OE_LOG_WARNING, "connections_full", "turned_away=%" PRIu64, desk->turned_away);
    desk->turned_away = 0;
    desk->turned_away_at = now;
}

/* Of the statuses from 500 on, only these are the service's own failures. */
static bool is_failure(int status)
{
    return status == 500 || status == 503;
}

/* Answers that somebody looks for: traced ones and those that failed through our fault. */
static void log_answer(oe_worker *worker, void *data, const oe_answer_note *note)
{
    (void)worker;
    if (note->error == OE_HTTP_CONNECTIONS_FULL) {
        log_turned_away(data);
        return;
    }
    if (note->traceparent.data == NULL && !is_failure(note->status))
        return;
    const oe_http_error_entry *error = oe_http_error_get(note->error);
    oe__log(is_failure(note->status) ? OE_LOG_ERROR : OE_LOG_INFO, "answer",
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
                               .cors_origins = service->config.cors_origins,
                               .cors_origin_count = service->config.cors_origin_count,
                               .data = desk,
                               .before_poll = service->config.journal ? flush_journal : NULL,
                               .on_wake = on_wake,
                               .on_stopped = stop_polling,
                               .on_answer = log_answer,
                               .log = log_event};
    oe_status status = oe_worker_new(&config, &desk->worker, error);
    if (status == OE_OK)
        status = watch_port(desk, error);
    if (status == OE_OK && service->config.journal) {
        desk->journal = oe__journal_new(desk);
        if (desk->journal == NULL)
            status = oe__fail(error, OE_E_MEMORY, "journal: out of memory");
    }
    if (desk == service->desks[0]) {
        oe__retention_start(desk);
        oe__contact_start(desk);
    }
    if (status == OE_OK)
        status = oe__lua_open(desk, error);
    return status;
}
