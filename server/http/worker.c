/* worker.c: the event loop of one thread, its hooks, its end. */
#include "server/http/connection.h"

#include "engine/status.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static void set_defaults(oe_worker *worker)
{
    oe_worker_config *config = &worker->config;
    const struct {
        uint32_t *value, fallback;
    } numbers[] = {
        {&config->header_ms, 10000},      {&config->body_ms, 20000},
        {&config->idle_ms, 60000},        {&config->write_ms, 20000},
        {&config->linger_ms, 2000},       {&config->drain_ms, 10000},
        {&config->connections_max, 4096},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (*numbers[i].value == 0)
            *numbers[i].value = numbers[i].fallback;
    if (config->host == NULL)
        config->host = "127.0.0.1";
    if (config->body_max == 0)
        config->body_max = 65536;
    if (config->connections == NULL)
        config->connections = &worker->own_connections;
    uint32_t *durations = worker->deadlines.durations_ms;
    durations[OE_DEADLINE_IDLE] = config->idle_ms;
    durations[OE_DEADLINE_HEADER] = config->header_ms;
    durations[OE_DEADLINE_BODY] = config->body_ms;
    durations[OE_DEADLINE_WRITE] = config->write_ms;
    durations[OE_DEADLINE_LINGER] = config->linger_ms;
}

/* ---- Connections ------------------------------------------------------------------------- */

static bool grow_slots(oe_worker *worker)
{
    uint32_t count = worker->slot_count > 0 ? worker->slot_count * 2 : 64;
    oe__connection **slots = realloc(worker->slots, count * sizeof *slots);
    if (slots != NULL)
        worker->slots = slots;
    uint32_t *free_slots = realloc(worker->free_slots, count * sizeof *free_slots);
    if (free_slots != NULL)
        worker->free_slots = free_slots;
    if (slots == NULL || free_slots == NULL)
        return false;
    for (uint32_t i = count; i-- > worker->slot_count;) {
        slots[i] = NULL;
        free_slots[worker->free_count++] = i;
    }
    worker->slot_count = count;
    return true;
}

bool oe__worker_admit(oe__connection *connection, oe_worker *worker)
{
    if (worker->free_count == 0 && !grow_slots(worker))
        return false;
    connection->worker = worker;
    connection->slot = worker->free_slots[--worker->free_count];
    worker->slots[connection->slot] = connection;
    connection->next = worker->connections;
    if (worker->connections != NULL)
        worker->connections->previous = connection;
    worker->connections = connection;
    return true;
}

void oe__worker_forget(oe__connection *connection)
{
    oe_worker *worker = connection->worker;
    if (connection->previous != NULL)
        connection->previous->next = connection->next;
    else
        worker->connections = connection->next;
    if (connection->next != NULL)
        connection->next->previous = connection->previous;
    worker->slots[connection->slot] = NULL;
    worker->free_slots[worker->free_count++] = connection->slot;
    worker->surplus -= connection->is_surplus;
    atomic_fetch_sub_explicit(worker->config.connections, 1, memory_order_relaxed);
    oe__count(&worker->counters.connections_closed, 1);
}

/* ---- Time -------------------------------------------------------------------------------- */

static void put_two(char *out, int number)
{
    out[0] = (char)('0' + number / 10 % 10);
    out[1] = (char)('0' + number % 10);
}

/* IMF-fixdate, RFC 9110 section 5.6.7. */
static void write_date(oe_worker *worker, time_t second)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct tm at;
    char *out = worker->date;
    if (gmtime_r(&second, &at) == NULL)
        return;
    memcpy(out, "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", OE_DATE_LENGTH + 1);
    memcpy(out + 6, days + 3 * (size_t)at.tm_wday, 3);
    put_two(out + 11, at.tm_mday);
    memcpy(out + 14, months + 3 * (size_t)at.tm_mon, 3);
    put_two(out + 18, (at.tm_year + 1900) / 100);
    put_two(out + 20, (at.tm_year + 1900) % 100);
    put_two(out + 23, at.tm_hour);
    put_two(out + 26, at.tm_min);
    put_two(out + 29, at.tm_sec);
}

void oe__worker_tell_time(oe_worker *worker)
{
    enum { CHECK_EVERY_MS = 100 };
    uint64_t now_ms = uv_now(&worker->loop);
    if (now_ms - worker->date_checked_ms < CHECK_EVERY_MS && worker->date_second != 0)
        return;
    worker->date_checked_ms = now_ms;
    time_t second = time(NULL);
    if (second == worker->date_second)
        return;
    worker->date_second = second;
    write_date(worker, second);
}

/* ---- Hooks ------------------------------------------------------------------------------- */

void oe__worker_log(oe_worker *worker, const char *event, const char *detail)
{
    if (worker->config.log != NULL)
        worker->config.log(worker->config.data, event, detail);
}

static void on_prepare(uv_prepare_t *prepare)
{
    oe_worker *worker = prepare->data;
    worker->config.before_poll(worker, worker->config.data);
}

static void on_check(uv_check_t *check)
{
    oe_worker *worker = check->data;
    worker->config.after_poll(worker, worker->config.data);
}

/* ---- The end ----------------------------------------------------------------------------- */

static void close_handle(void *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void oe__worker_wind_up(oe_worker *worker)
{
    if (!worker->is_draining || worker->is_winding_up || worker->connections != NULL)
        return;
    worker->is_winding_up = true;
    oe__worker_log(worker, "worker_drained", NULL);
    if (worker->config.on_stopped != NULL)
        worker->config.on_stopped(worker, worker->config.data);
    close_handle(&worker->async);
    close_handle(&worker->prepare);
    close_handle(&worker->check);
    close_handle(&worker->turner);
    close_handle(&worker->drain_timer);
    close_handle(&worker->deadlines.timer);
}

static void on_drain_end(uv_timer_t *timer)
{
    oe_worker *worker = timer->data;
    oe__worker_log(worker, "drain_timed_out", NULL);
    while (worker->connections != NULL)
        oe__connection_kill(worker->connections);
}

/* Those between two requests end at once, the others with their answer. */
static void end_idle(oe_worker *worker)
{
    for (oe__connection *at = worker->connections, *next; at != NULL; at = next) {
        next = at->next;
        if (at->deadline.kind == OE_DEADLINE_IDLE)
            oe__connection_kill(at);
    }
}

static void start_drain(oe_worker *worker)
{
    if (worker->is_draining)
        return;
    worker->is_draining = true;
    oe__worker_log(worker, "worker_draining", NULL);
    close_handle(&worker->listener);
    uv_timer_start(&worker->drain_timer, on_drain_end, worker->config.drain_ms, 0);
    end_idle(worker);
    oe__worker_wind_up(worker);
}

static void on_async(uv_async_t *async)
{
    oe_worker *worker = async->data;
    if (atomic_exchange(&worker->wake_asked, false) && worker->config.on_wake != NULL)
        worker->config.on_wake(worker, worker->config.data);
    if (atomic_load(&worker->stop_asked))
        start_drain(worker);
}

void oe_worker_stop(oe_worker *worker)
{
    atomic_store(&worker->stop_asked, true);
    uv_async_send(&worker->async);
}

void oe_worker_wake(oe_worker *worker)
{
    if (!atomic_exchange(&worker->wake_asked, true))
        uv_async_send(&worker->async);
}

void oe_worker_hold(oe_worker *worker, bool is_held)
{
    if (worker->is_held == is_held)
        return;
    worker->is_held = is_held;
    for (oe__connection *at = worker->connections, *next; at != NULL; at = next) {
        next = at->next;
        if (at == worker->active)
            continue; /* it is updated when its run ends */
        if (is_held)
            oe__connection_update(at);
        else
            oe__pending_queue(at);
    }
    if (worker->active == NULL)
        oe__pending_run_ready(worker);
}

/* ---- Life -------------------------------------------------------------------------------- */

static void start_handles(oe_worker *worker)
{
    uv_async_init(&worker->loop, &worker->async, on_async);
    uv_prepare_init(&worker->loop, &worker->prepare);
    uv_check_init(&worker->loop, &worker->check);
    uv_idle_init(&worker->loop, &worker->turner);
    uv_timer_init(&worker->loop, &worker->drain_timer);
    oe__deadlines_init(&worker->deadlines, &worker->loop);
    worker->deadlines.on_expired = oe__connection_expire;
    worker->deadlines.context = worker;
    worker->async.data = worker->prepare.data = worker->check.data = worker->drain_timer.data =
        worker->turner.data = worker;
    if (worker->config.before_poll != NULL)
        uv_prepare_start(&worker->prepare, on_prepare);
    if (worker->config.after_poll != NULL)
        uv_check_start(&worker->check, on_check);
}

/* libuv ends the process when it cannot grow its table of descriptors: it grows now, to what
 * the limit on connections lets be open. */
static void reserve_descriptors(oe_worker *worker)
{
    struct rlimit open_files = {0};
    int fd = -1, last = 1024 + 2 * (int)worker->config.connections_max;
    if (getrlimit(RLIMIT_NOFILE, &open_files) == 0 && open_files.rlim_cur <= (rlim_t)last)
        last = (int)open_files.rlim_cur - 1;
    uv_fileno((uv_handle_t *)&worker->listener, &fd);
    int high = fcntl(fd, F_DUPFD_CLOEXEC, last);
    if (high < 0)
        return;
    if (uv_poll_init(&worker->loop, &worker->reserved, high) == 0) {
        uv_poll_start(&worker->reserved, UV_READABLE, NULL);
        uv_close((uv_handle_t *)&worker->reserved, NULL);
    }
    close(high);
}

oe_status oe_worker_new(const oe_worker_config *config, oe_worker **worker, oe_error *error)
{
    oe_worker *made = calloc(1, sizeof *made);
    if (made == NULL)
        return oe__fail(error, OE_E_MEMORY, "worker: out of memory");
    made->config = *config;
    set_defaults(made);
    if (uv_loop_init(&made->loop) != 0) {
        free(made);
        return oe__fail(error, OE_E_IO, "worker: cannot create an event loop");
    }
    start_handles(made);
    oe__worker_tell_time(made);
    oe_status status = oe__listener_open(made, error);
    if (status != OE_OK) {
        oe_worker_free(made);
        return status;
    }
    reserve_descriptors(made);
    *worker = made;
    return OE_OK;
}

void oe_worker_run(oe_worker *worker)
{
    uv_run(&worker->loop, UV_RUN_DEFAULT);
}

static void close_any(uv_handle_t *handle, void *unused)
{
    (void)unused;
    close_handle(handle);
}

void oe_worker_free(oe_worker *worker)
{
    if (worker == NULL)
        return;
    while (worker->connections != NULL)
        oe__connection_kill(worker->connections);
    uv_walk(&worker->loop, close_any, NULL);
    uv_run(&worker->loop, UV_RUN_DEFAULT);
    uv_loop_close(&worker->loop);
    for (oe__scratch *scratch = worker->spare, *next; scratch != NULL; scratch = next) {
        next = scratch->next;
        oe__buffer_free(&scratch->headers);
        oe__buffer_free(&scratch->body);
        free(scratch);
    }
    oe__buffer_free(&worker->out);
    free(worker->slots);
    free(worker->free_slots);
    free(worker);
}

int oe_worker_port(const oe_worker *worker)
{
    return worker->port;
}

bool oe_worker_is_draining(const oe_worker *worker)
{
    return worker->is_draining;
}

uv_loop_t *oe_worker_loop(oe_worker *worker)
{
    return &worker->loop;
}

void *oe_worker_data(const oe_worker *worker)
{
    return worker->config.data;
}

const oe_worker_counters *oe_worker_count(const oe_worker *worker)
{
    return &worker->counters;
}
