/* worker.h: one event loop with its own listening socket. A service runs one worker per thread;
 * the kernel spreads connections over them (SO_REUSEPORT). Which addresses may be bound is the
 * caller's policy. The process must ignore SIGPIPE. */
#ifndef OE_SERVER_HTTP_WORKER_H
#define OE_SERVER_HTTP_WORKER_H

#include "server/http/router.h"

#include <stdatomic.h>
#include <uv.h>

/* What is said about an answer that was sent. Holds no customer data: the pattern, not the
 * path. */
typedef struct oe_answer_note {
    oe_method method;
    const char *pattern; /* NULL: no route */
    int status;
    oe_http_error error; /* of the HTTP layer or set by the handler; OE_HTTP_OK for none */
    size_t body_length;
    oe_span traceparent; /* data NULL when there was no valid one */
} oe_answer_note;

/* Zero means the default in brackets. The structure is copied; what it points to must outlive
 * the worker. */
typedef struct oe_worker_config {
    const char *host; /* numeric IPv4 or IPv6 address [127.0.0.1] */
    int port;         /* 0 takes any free one, see oe_worker_port */
    const oe_router *router;
    uint64_t body_max;        /* bytes [65536] */
    uint32_t header_ms;       /* [10000] */
    uint32_t body_ms;         /* [20000] */
    uint32_t idle_ms;         /* [60000] */
    uint32_t write_ms;        /* without any progress [20000] */
    uint32_t linger_ms;       /* for the client to read a last answer [2000] */
    uint32_t drain_ms;        /* from stop to the end [10000] */
    uint32_t connections_max; /* of all workers together [4096] */
    atomic_uint *connections; /* open ones of all workers; NULL: this worker counts alone */
    const char *const *cors_origins; /* allowed origins, or a single "*"; none by default */
    size_t cors_origin_count;
    void *data; /* handed to every hook */
    void (*before_poll)(oe_worker *worker, void *data);
    void (*after_poll)(oe_worker *worker, void *data);
    void (*on_wake)(oe_worker *worker,
                    void *data); /* after oe_worker_wake; wakes may be merged */
    void (*on_stopped)(oe_worker *worker,
                       void *data); /* no connection is left: close own handles here */
    void (*on_answer)(oe_worker *worker, void *data, const oe_answer_note *note);
    void (*log)(void *data, const char *event, const char *detail);
} oe_worker_config;

/* Written by the worker alone, read by anybody with relaxed loads. */
typedef struct oe_worker_counters {
    atomic_uint_fast64_t answers[6]; /* by status class; [0] unused */
    atomic_uint_fast64_t connections_opened, connections_closed, connections_refused;
    atomic_uint_fast64_t bytes_read, bytes_written;
    atomic_uint_fast64_t timeouts; /* connections closed by a deadline, idle ones too */
    atomic_uint_fast64_t errors[OE_HTTP_ERROR_COUNT]; /* by reason */
} oe_worker_counters;

/* Binds and listens. OE_E_IO when the address cannot be had, OE_E_INVALID when the host is no
 * address. */
oe_status oe_worker_new(const oe_worker_config *config, oe_worker **worker, oe_error *error);

/* Only when it does not run. */
void oe_worker_free(oe_worker *worker);

/* Serves until it was stopped and drained. Call it once, on the worker's thread. */
void oe_worker_run(oe_worker *worker);

/* From any thread or, through a signal handle, any loop: stop accepting, answer what is in
 * flight, close, return from run within drain_ms. */
void oe_worker_stop(oe_worker *worker);

/* From any thread: on_wake is called soon on the worker's own. */
void oe_worker_wake(oe_worker *worker);

/* While it is held a worker takes no further request: nothing is read, and what was read
 * waits. On the worker's thread, also within a handler. */
void oe_worker_hold(oe_worker *worker, bool is_held);

int oe_worker_port(const oe_worker *worker);
bool oe_worker_is_draining(const oe_worker *worker); /* on the worker's thread */
uv_loop_t *oe_worker_loop(oe_worker *worker);
void *oe_worker_data(const oe_worker *worker);
const oe_worker_counters *oe_worker_count(const oe_worker *worker);

#endif
