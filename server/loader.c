/* loader.c: the thread, its queue, and what is answered to whom. */
#include "server/loader.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json.h"
#include "engine/status.h"
#include "server/contact_load.h"
#include "server/loading.h"
#include "server/log.h"
#include "server/switchover.h"
#include "server/watch.h"

enum { FOLDER_BYTES = 4096 };

typedef struct waiter {
    struct waiter *next;
    oe_desk *desk;
    oe_load_answer *answer; /* NULL once it is sent */
} waiter;

typedef struct queued {
    struct queued *next;
    oe_load_request request;
    waiter *waiters;
} queued;

struct oe_loader {
    oe_service *service;
    char folder[FOLDER_BYTES];
    uv_thread_t thread;
    uv_loop_t loop;
    uv_async_t woken;
    uv_signal_t hangup;
    oe_watch *watch;
    lua_State *L;
    oe_store_port *port;
    char folder_hash[OE_LOAD_HASH_SIZE];
    /* Guarded by the service's lock. */
    queued *first;
    bool is_stopping;
    uint64_t counts[OE_LOAD_RESULTS];
    int64_t last_ms;
    oe_load_result last;
    oe__buffer last_findings;
};

const char *oe__load_result_name(oe_load_result result)
{
    static const char *const names[OE_LOAD_RESULTS] = {"loaded", "unchanged", "refused",
                                                       "failed"};
    return names[result];
}

/* ---- Asking ---- */

static bool is_folder(const oe_load_request *request)
{
    return request->source != OE_LOAD_KEPT;
}

/* A load of the folder that has not begun serves everybody who wants one. The author and note
 * that are given first stay. */
static void join(oe_load_request *waiting, const oe_load_request *request)
{
    if (request->source == OE_LOAD_FOLDER)
        waiting->source = OE_LOAD_FOLDER;
    if (waiting->author[0] == '\0')
        memcpy(waiting->author, request->author, sizeof waiting->author);
    if (waiting->note[0] == '\0')
        memcpy(waiting->note, request->note, sizeof waiting->note);
}

/* Takes `fresh` over, or leaves it when an earlier request serves as well. */
static queued *enqueue(oe_loader *loader, queued *fresh)
{
    queued **end = &loader->first, *last = NULL;
    while (*end != NULL) {
        last = *end;
        end = &last->next;
    }
    if (last != NULL && is_folder(&last->request) && is_folder(&fresh->request)) {
        join(&last->request, &fresh->request);
        return last;
    }
    *end = fresh;
    return fresh;
}

static void free_waiter(waiter *waits)
{
    if (waits != NULL)
        free(waits->answer);
    free(waits);
}

/* With its answer: whoever waits could not be told later that there was no memory for one. */
static waiter *new_waiter(const oe_load_request *request)
{
    waiter *made = calloc(1, sizeof *made);
    oe_load_answer *answer = calloc(1, sizeof *answer);
    if (made == NULL || answer == NULL) {
        free(made);
        free(answer);
        return NULL;
    }
    answer->pending = request->pending;
    *made = (waiter){.desk = request->desk, .answer = answer};
    return made;
}

bool oe__loader_ask(oe_loader *loader, const oe_load_request *request)
{
    queued *fresh = calloc(1, sizeof *fresh);
    waiter *waits = request->desk != NULL ? new_waiter(request) : NULL;
    if (fresh == NULL || (request->desk != NULL && waits == NULL)) {
        free(fresh);
        free_waiter(waits);
        return false;
    }
    fresh->request = *request;
    uv_mutex_lock(&loader->service->lock);
    queued *serves = enqueue(loader, fresh);
    if (waits != NULL) {
        waits->next = serves->waiters;
        serves->waiters = waits;
    }
    uv_mutex_unlock(&loader->service->lock);
    if (serves != fresh)
        free(fresh);
    (void)uv_async_send(&loader->woken);
    return true;
}

static void ask_for_nobody(oe_loader *loader, oe_load_source source)
{
    oe_load_request request = {.source = source};
    if (!oe__loader_ask(loader, &request))
        oe__log(OE_LOG_ERROR, "rules_failed", "reason=\"out of memory\"");
}

static void on_change(void *data)
{
    ask_for_nobody(data, OE_LOAD_CHANGE);
}

static void on_hangup(uv_signal_t *signal, int number)
{
    (void)number;
    ask_for_nobody(signal->data, OE_LOAD_FOLDER);
}

/* ---- Answers ---- */

static void add_text(oe__buffer *body, const char *name, const char *text)
{
    oe__buffer_add_text(body, name);
    oe__json_write_string(body, text, strlen(text));
}

static void add_number(oe__buffer *body, const char *name, uint64_t value)
{
    char number[20];
    oe__buffer_add_text(body, name);
    oe__buffer_add(body, number, oe__service_write_number(value, number));
}

static void write_body(const oe_loading *load, const oe_generation *serving, oe__buffer *body)
{
    add_text(body, "{\"result\":", oe__load_result_name(load->result));
    add_number(body, ",\"generation\":", serving->number);
    add_text(body, ",\"ruleset\":", oe_ruleset_source(serving->ruleset));
    oe__buffer_add_text(body, ",\"findings\":");
    if (load->findings.length > 0)
        oe__buffer_add(body, load->findings.data, load->findings.length);
    else
        oe__buffer_add_text(body, "[]");
    if (load->request->source == OE_LOAD_KEPT) {
        add_number(body, ",\"rolled_back_to\":", load->rolled_back_to);
        oe__buffer_add_text(body, ",\"folder_differs\":");
        oe__buffer_add_text(body, load->folder_differs ? "true" : "false");
    }
    if (load->folder_differs)
        add_text(
            body, ",\"warning\":",
            load->service->config.watch
                ? "the rules folder holds other rules; the next change that is saved there "
                  "makes them serve again, and so does a restart"
                : "the rules folder holds other rules; the next reload makes them serve "
                  "again, and so does a restart");
    oe__buffer_add_char(body, '}');
}

static void send_answer(const oe_loading *load, const oe_generation *serving, waiter *waits)
{
    oe_load_answer *answer = waits->answer;
    waits->answer = NULL;
    answer->error = load->error;
    if (load->error == OE_HTTP_OK)
        write_body(load, serving, &answer->body);
    else if (load->error == OE_HTTP_RULES_INVALID)
        oe__buffer_add(&answer->body, load->findings.data, load->findings.length);
    oe__switchover_answer(waits->desk, answer);
}

/* ---- One load ---- */

static void report(oe_loader *loader, oe_loading *load)
{
    uv_mutex_lock(&loader->service->lock);
    loader->counts[load->result]++;
    if (!load->is_idle) {
        loader->last = load->result;
        loader->last_ms = oe__service_now_ms();
        loader->last_findings.length = 0;
        oe__buffer_add(&loader->last_findings, load->findings.data, load->findings.length);
    }
    uv_mutex_unlock(&loader->service->lock);
    if (load->result == OE_LOAD_LOADED)
        oe__log(OE_LOG_INFO, "rules_loaded", "generation=%llu ruleset=%s rolled_back_to=%llu",
                (unsigned long long)load->made->number, oe_ruleset_source(load->made->ruleset),
                (unsigned long long)load->rolled_back_to);
    else if (load->result != OE_LOAD_UNCHANGED)
        oe__log_message(OE_LOG_WARNING,
                        load->result == OE_LOAD_REFUSED ? "rules_refused" : "rules_failed",
                        load->summary);
}

static void run_load(oe_loader *loader, const queued *work)
{
    oe_loading load = {.service = loader->service,
                       .L = loader->L,
                       .port = loader->port,
                       .folder = loader->folder,
                       .request = &work->request,
                       .folder_hash = loader->folder_hash};
    oe__loading_run(&load);
    if (load.result == OE_LOAD_LOADED)
        oe__switchover(loader->service, load.made);
    report(loader, &load);
    oe_generation *serving = oe__service_generation(loader->service);
    oe__contact_narrow(loader->service, serving->ruleset);
    for (waiter *waits = work->waiters; waits != NULL; waits = waits->next)
        send_answer(&load, serving, waits);
    oe__generation_free(serving);
    oe__loading_free(&load);
}

static void free_queued(queued *work)
{
    for (waiter *at = work->waiters, *next; at != NULL; at = next) {
        next = at->next;
        free_waiter(at);
    }
    free(work);
}

static queued *take_first(oe_loader *loader, bool *is_stopping)
{
    uv_mutex_lock(&loader->service->lock);
    queued *first = loader->first;
    if (first != NULL)
        loader->first = first->next;
    *is_stopping = loader->is_stopping;
    uv_mutex_unlock(&loader->service->lock);
    return first;
}

static void close_handles(oe_loader *loader)
{
    uv_close((uv_handle_t *)&loader->woken, NULL);
    uv_close((uv_handle_t *)&loader->hangup, NULL);
    oe__watch_close(loader->watch);
}

static void on_woken(uv_async_t *async)
{
    oe_loader *loader = async->data;
    bool is_stopping = false;
    for (queued *work; (work = take_first(loader, &is_stopping)) != NULL;) {
        if (!is_stopping)
            run_load(loader, work);
        free_queued(work);
    }
    if (is_stopping)
        close_handles(loader);
}

/* ---- Life ---- */

static void run_thread(void *data)
{
    oe_loader *loader = data;
    (void)uv_run(&loader->loop, UV_RUN_DEFAULT);
}

static void free_loader(oe_loader *loader)
{
    for (queued *at = loader->first, *next; at != NULL; at = next) {
        next = at->next;
        free_queued(at);
    }
    if (loader->L != NULL)
        lua_close(loader->L);
    oe_store_port_free(loader->port);
    oe__buffer_free(&loader->last_findings);
    free(loader);
}

static bool copy_folder(oe_loader *loader, const char *folder)
{
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/')
        length--;
    if (length >= sizeof loader->folder)
        return false;
    memcpy(loader->folder, folder, length);
    loader->folder[length] = '\0';
    return true;
}

static oe_status prepare(oe_loader *loader, oe_error *error)
{
    oe_service *service = loader->service;
    const char *hash = oe_ruleset_source(service->current->ruleset);
    memcpy(loader->folder_hash, hash, strlen(hash) + 1);
    loader->last_ms = service->started_ms;
    loader->port = oe_store_port_new(service->store);
    if (loader->port == NULL || !copy_folder(loader, service->config.rules))
        return oe__fail(error, OE_E_MEMORY, "loader: out of memory");
    loader->L = oe__loading_open(error);
    return loader->L != NULL ? OE_OK : error->status;
}

static void start_handles(oe_loader *loader)
{
    (void)uv_async_init(&loader->loop, &loader->woken, on_woken);
    (void)uv_signal_init(&loader->loop, &loader->hangup);
    loader->woken.data = loader->hangup.data = loader;
    (void)uv_signal_start(&loader->hangup, on_hangup, SIGHUP);
    if (!loader->service->config.watch)
        return;
    loader->watch = oe__watch_new(&loader->loop, loader->folder, on_change, loader);
    /* What was saved since the rules were loaded. */
    on_change(loader);
}

oe_status oe__loader_start(oe_service *service, oe_error *error)
{
    oe_loader *loader = calloc(1, sizeof *loader);
    if (loader == NULL)
        return oe__fail(error, OE_E_MEMORY, "loader: out of memory");
    loader->service = service;
    oe_status status = prepare(loader, error);
    if (status == OE_OK && uv_loop_init(&loader->loop) != 0)
        status = oe__fail(error, OE_E_IO, "loader: cannot create an event loop");
    if (status != OE_OK) {
        free_loader(loader);
        return status;
    }
    start_handles(loader);
    service->loader = loader;
    if (uv_thread_create(&loader->thread, run_thread, loader) == 0)
        return OE_OK;
    service->loader = NULL;
    close_handles(loader);
    run_thread(loader);
    (void)uv_loop_close(&loader->loop);
    free_loader(loader);
    return oe__fail(error, OE_E_IO, "loader: the system gives no thread");
}

void oe__loader_stop(oe_loader *loader)
{
    if (loader == NULL)
        return;
    uv_mutex_lock(&loader->service->lock);
    loader->is_stopping = true;
    uv_mutex_unlock(&loader->service->lock);
    (void)uv_async_send(&loader->woken);
    (void)uv_thread_join(&loader->thread);
    (void)uv_loop_close(&loader->loop);
    free_loader(loader);
}

/* ---- What others see ---- */

uint64_t oe__loader_count(oe_service *service, oe_load_result result)
{
    uv_mutex_lock(&service->lock);
    uint64_t count = service->loader != NULL ? service->loader->counts[result] : 0;
    uv_mutex_unlock(&service->lock);
    return count;
}

void oe__loader_report(oe_service *service, oe__buffer *members, oe__buffer *findings)
{
    uv_mutex_lock(&service->lock);
    const oe_loader *loader = service->loader;
    bool is_ok = loader->last == OE_LOAD_LOADED || loader->last == OE_LOAD_UNCHANGED;
    add_number(members, "{\"at_ms\":", (uint64_t)loader->last_ms);
    oe__buffer_add_text(members, is_ok ? ",\"ok\":true" : ",\"ok\":false");
    add_text(members, ",\"result\":", oe__load_result_name(loader->last));
    oe__buffer_add_char(members, '}');
    if (loader->last_findings.length > 0)
        oe__buffer_add(findings, loader->last_findings.data, loader->last_findings.length);
    else
        oe__buffer_add_text(findings, "[]");
    uv_mutex_unlock(&service->lock);
}
