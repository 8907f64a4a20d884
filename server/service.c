/* service.c: the life of the service: open, listen, run, close. */
#include "server/service.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <uv.h>

#include "engine/status.h"
#include "lua/program.h"
#include "server/contact_load.h"
#include "server/desk.h"
#include "server/fill.h"
#include "server/history.h"
#include "server/ledger.h"
#include "server/loader.h"
#include "server/log.h"
#include "server/routes.h"
#include "server/runs.h"
#include "server/switchover.h"

int64_t oe__service_now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

size_t oe__service_write_number(uint64_t number, char out[20])
{
    char reversed[20];
    size_t length = 0;
    do
        reversed[length++] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    for (size_t i = 0; i < length; i++)
        out[i] = reversed[length - 1 - i];
    return length;
}

oe_generation *oe__service_generation(oe_service *service)
{
    uv_mutex_lock(&service->lock);
    oe_generation *current = oe__generation_hold(service->current);
    uv_mutex_unlock(&service->lock);
    return current;
}

/* ---- Opening ---- */

static oe_status make_population(oe_service *service, oe_error *error)
{
    service->population = oe_population_new(service->current->dictionary);
    if (service->population != NULL)
        service->mirror = oe__mirror_new(service->population);
    if (service->mirror == NULL)
        return oe__fail(error, OE_E_MEMORY, "service: out of memory");
    return OE_OK;
}

oe_status oe__service_open(oe_service *service, oe_store_bytes texts, oe_error *error)
{
    service->started_ms = oe__service_now_ms();
    oe_store_options options = {.url = service->config.db};
    oe_status status = oe_store_open(&options, &service->store, error);
    if (status == OE_OK)
        status = oe__history_open(service, texts, error);
    if (status == OE_OK)
        status = make_population(service, error);
    if (status == OE_OK)
        status = oe__fill(service, error);
    if (status == OE_OK)
        status = oe__contact_open(service, error);
    if (status == OE_OK)
        status = oe__runs_open(service, error);
    if (status == OE_OK)
        status = oe__routes_new(&service->routes, error);
    return status;
}

/* ---- Listening ---- */

static int try_listen(const struct sockaddr_storage *address)
{
    uv_loop_t loop;
    uv_tcp_t probe;
    int code = uv_loop_init(&loop);
    if (code != 0)
        return code;
    (void)uv_tcp_init(&loop, &probe);
    code = uv_tcp_bind(&probe, (const struct sockaddr *)address, 0);
    if (code == 0)
        code = uv_listen((uv_stream_t *)&probe, 1, NULL);
    uv_close((uv_handle_t *)&probe, NULL);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    (void)uv_loop_close(&loop);
    return code;
}

/* Workers share their port by SO_REUSEPORT, which would also let them join the port of another
 * server. A plain attempt beforehand tells. */
oe_status oe__service_check(const oe_service_config *config, oe_error *error)
{
    struct sockaddr_storage address = {0};
    if (uv_ip4_addr(config->host, config->port, (struct sockaddr_in *)&address) != 0 &&
        uv_ip6_addr(config->host, config->port, (struct sockaddr_in6 *)&address) != 0)
        return oe__fail(error, OE_E_INVALID,
                        "host: '%s' must be a numeric IPv4 or IPv6 address", config->host);
    int code = config->port == 0 ? 0 : try_listen(&address);
    if (code != 0)
        return oe__fail(error, OE_E_IO, "address: cannot listen on %s port %d: %s",
                        config->host, config->port, uv_strerror(code));
    return OE_OK;
}

/* Where this machine's own commands reach the service. */
static oe_status publish_address(oe_service *service, oe_error *error)
{
    const char *host = service->config.host;
    bool is_v6 = strchr(host, ':') != NULL;
    if (strcmp(host, "0.0.0.0") == 0)
        host = "127.0.0.1";
    else if (strcmp(host, "::") == 0)
        host = "::1";
    (void)snprintf(service->address, sizeof service->address, "http://%s%s%s:%d",
                   is_v6 ? "[" : "", host, is_v6 ? "]" : "", service->config.port);
    return oe_store_set_address(service->store, service->address, error);
}

oe_status oe__service_listen(oe_service *service, oe_error *error)
{
    oe_status status = OE_OK;
    for (unsigned i = 0; status == OE_OK && i < service->config.workers; i++) {
        oe_desk *desk = oe__desk_new(service);
        if (desk == NULL)
            return oe__fail(error, OE_E_MEMORY, "service: out of memory for worker %u", i + 1);
        service->desks[service->desk_count++] = desk;
        status = oe__desk_listen(desk, service->config.port, error);
        if (status == OE_OK)
            service->config.port = oe_worker_port(desk->worker);
    }
    return status == OE_OK ? publish_address(service, error) : status;
}

/* ---- Running ---- */

enum { SIGNALS = 2 };

typedef struct ending {
    oe_service *service;
    uv_signal_t signals[SIGNALS];
} ending;

static void close_signals(ending *self)
{
    for (int i = 0; i < SIGNALS; i++)
        if (!uv_is_closing((uv_handle_t *)&self->signals[i]))
            uv_close((uv_handle_t *)&self->signals[i], NULL);
}

static void stop_workers(oe_service *service, unsigned count)
{
    atomic_store(&service->is_stopping, true);
    for (unsigned i = 0; i < count; i++)
        oe_worker_stop(service->desks[i]->worker);
}

static void on_signal(uv_signal_t *signal, int number)
{
    ending *self = signal->data;
    oe__log(OE_LOG_INFO, "stopping", "signal=%d", number);
    close_signals(self);
    stop_workers(self->service, self->service->desk_count);
}

static void watch_signals(ending *self)
{
    static const int numbers[SIGNALS] = {SIGTERM, SIGINT};
    uv_loop_t *loop = oe_worker_loop(self->service->desks[0]->worker);
    for (int i = 0; i < SIGNALS; i++) {
        (void)uv_signal_init(loop, &self->signals[i]);
        self->signals[i].data = self;
        (void)uv_signal_start(&self->signals[i], on_signal, numbers[i]);
    }
}

static void run_desk(void *desk)
{
    oe_worker_run(((oe_desk *)desk)->worker);
}

static void tell_address(oe_service *service)
{
    oe_generation *rules = oe__service_generation(service);
    oe__log(OE_LOG_INFO, "listening",
            "address=%s workers=%u generation=%llu ruleset=%s products=%zu customers=%zu",
            service->address, service->desk_count, (unsigned long long)rules->number,
            oe_ruleset_source(rules->ruleset), oe_ruleset_count(rules->ruleset, OE_PRODUCTS),
            oe_population_count(service->population));
    oe__generation_free(rules);
    (void)printf("listening on %s\n", service->address);
    (void)fflush(stdout);
}

oe_status oe__service_run(oe_service *service, oe_error *error)
{
    ending self = {.service = service};
    unsigned running = 1;
    oe_status status = oe__loader_start(service, error);
    if (status == OE_OK && service->config.journal)
        status = oe__runs_start(service->runs, error);
    if (status != OE_OK) {
        oe__loader_stop(service->loader);
        service->loader = NULL;
        return status;
    }
    watch_signals(&self);
    while (running < service->desk_count &&
           uv_thread_create(&service->desks[running]->thread, run_desk,
                            service->desks[running]) == 0)
        running++;
    bool is_complete = running == service->desk_count;
    if (is_complete) {
        tell_address(service);
    } else {
        close_signals(&self);
        for (unsigned i = running; i < service->desk_count; i++)
            oe__switchover_leave(service->desks[i]);
        stop_workers(service, running);
    }
    oe_worker_run(service->desks[0]->worker);
    for (unsigned i = 1; i < running; i++)
        (void)uv_thread_join(&service->desks[i]->thread);
    oe__runs_stop(service->runs);
    oe__loader_stop(service->loader);
    service->loader = NULL;
    if (!is_complete)
        return oe__fail(error, OE_E_IO, "service: the system gives no thread to worker %u",
                        running + 1);
    oe__log(OE_LOG_INFO, "stopped", "customers=%zu", oe_population_count(service->population));
    return OE_OK;
}

void oe__service_close(oe_service *service)
{
    for (unsigned i = 0; i < service->desk_count; i++)
        oe__desk_free(service->desks[i]);
    oe__runs_free(service->runs);
    oe_store_close(service->store);
    oe__routes_free(service->routes);
    oe__mirror_free(service->mirror);
    oe__ledger_free(service->ledger);
    oe_population_free(service->population);
    oe__generation_free(service->current);
    uv_cond_destroy(&service->adopted);
    uv_mutex_destroy(&service->lock);
}
