/* connection.h: the inside of workers, connections and responses, for the files of this folder
 * only.
 *
 * connection.c owns a connection's life and reading, exchange.c turns bytes into requests and
 * answers, stream.c gives turns to answers in pieces, output.c writes and closes, response.c
 * builds answers, worker.c and listener.c own loop and socket. */
#ifndef OE_SERVER_HTTP_CONNECTION_H
#define OE_SERVER_HTTP_CONNECTION_H

#include "server/http/chunks.h"
#include "server/http/deadline.h"
#include "server/http/parser.h"
#include "server/http/worker.h"

enum {
    OE_INPUT_SIZE = 64 * 1024, /* one read */
    OE_OUTPUT_MAX =
        256 * 1024, /* answers joined before they are written; one answer may be longer */
    OE_WAITING_MAX = 64 * 1024, /* bytes kept for later while a request waits */
    OE_LINGER_BYTES_MAX = 1024 * 1024,
    OE_SURPLUS_MAX =
        64, /* connections over the limit that still get a polite refusal, per worker */
    OE_TRACE_LENGTH = 55,
    OE_DATE_LENGTH = 37, /* "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n" */
};

typedef struct oe__connection oe__connection;

/* Buffers of one answer in the making; a worker keeps spare ones. */
typedef struct oe__scratch {
    struct oe__scratch *next;
    oe__buffer headers;
    oe__buffer body;
} oe__scratch;

struct oe_response {
    oe__connection *connection;
    oe__scratch *scratch; /* NULL while deferred */
    const char *type;
    const char *borrowed; /* instead of the scratch's body */
    size_t borrowed_length;
    int status;
    oe_http_error error;
    bool is_set, is_deferred, closes;
};

typedef enum oe__phase {
    OE_PHASE_HEAD,    /* waiting for a header block or its end */
    OE_PHASE_BODY,    /* inside a body */
    OE_PHASE_WAITING, /* a handler deferred its answer */
    OE_PHASE_CLOSING, /* the last answer was made */
} oe__phase;

struct oe__connection {
    uv_tcp_t tcp;
    oe_worker *worker;
    oe__connection *previous, *next; /* all of the worker */
    oe__connection *ready_next;      /* those to run once the active one is done */
    oe__deadline deadline;
    uint32_t slot;
    uint64_t serial; /* of the request that may be answered later; 0: none */
    oe__phase phase;
    bool is_reading, is_ended, is_dead, is_ready, is_surplus, is_shut;
    bool is_starved;   /* nothing to be done before more bytes come */
    bool is_fresh;     /* a new request began since the deadline was set */
    bool is_paused;    /* a body reader asked for it */
    bool is_finishing; /* a deferred response was filled and is to be sent */

    /* Bytes kept between reads: the header block while its body is awaited, then what nobody
     * looked at. */
    oe__buffer in;
    size_t kept_head;
    /* Bytes being looked at: the worker's input or `in`. */
    char *window;
    size_t window_length, head_at, at;
    const char *block; /* the current header block, NULL once it may be gone */

    oe__guard guard;
    oe__parser parser;
    oe__chunks chunks;
    uint64_t body_left; /* of a body with content-length */
    oe__buffer body;    /* the decoded body when it did not come in one piece */
    oe_span body_piece; /* or the one piece */
    oe__match match;
    oe_http_error routing_error; /* answered once the body was read */
    bool is_head, has_body, is_bulk, wants_problem, has_trace, keeps_alive;
    char trace[OE_TRACE_LENGTH];
    const char *cors_origin; /* the allowed origin to name, NULL: none */
    oe_response response;
    const oe_body_reader *reader;
    void *reader_context;
    const oe_stream *stream;
    void *stream_context;
    oe__connection *turn_next; /* those that wait for a turn */
    bool is_in_turns;
    bool wants_turn, has_turn; /* there is something to do; it may be done now */
    bool is_whole;             /* the stream's body is complete */
    bool is_begun;             /* the head of the stream's answer has left */
    size_t streamed;           /* bytes of its body */

    uv_write_t write;
    uv_shutdown_t shutdown;
    char *unsent;
    size_t unsent_length, discarded;
};

struct oe_worker {
    oe_worker_config config;
    oe_worker_counters counters;
    atomic_uint own_connections;
    uv_loop_t loop;
    uv_tcp_t listener;
    uv_async_t async;
    uv_prepare_t prepare;
    uv_check_t check;
    uv_idle_t turner; /* runs while there are turns to give */
    uv_timer_t drain_timer;
    oe__deadlines deadlines;
    atomic_bool stop_asked, wake_asked;
    uv_tcp_t visitor;   /* of a client for whom there is no memory */
    bool has_visitor;   /* it is on its way out */
    bool has_follower;  /* one more waits in the listener meanwhile */
    uv_poll_t reserved; /* has made room for all descriptors there can be */
    bool is_draining, is_winding_up, is_held;
    int port;
    unsigned surplus;
    uint64_t next_serial;
    oe__connection *active; /* being run: others wait in the ready list */
    oe__connection *ready, *ready_last;
    oe__connection *turns, *turns_last;
    oe__connection *connections;
    oe__connection **slots;
    uint32_t *free_slots;
    uint32_t slot_count, free_count;
    oe__scratch *spare;
    oe__buffer out; /* answers of the active connection */
    int64_t date_second;
    uint64_t date_checked_ms; /* of the loop's clock */
    char date[OE_DATE_LENGTH + 1];
    char decoded[OE_GUARD_REQUEST_LINE_MAX];
    char input[OE_INPUT_SIZE];
};

/* connection.c */
void oe__connection_open(oe_worker *worker, uv_stream_t *listener);
void oe__connection_kill(oe__connection *connection); /* at once, no answer */
void oe__connection_expire(void *worker, oe__deadline *deadline);
void oe__connection_update(oe__connection *connection); /* reading and deadline, after a run */

/* exchange.c */
/* Runs the connection over the bytes in its window; without bytes over those it kept. */
void oe__exchange_run(oe__connection *connection, char *bytes, size_t length);
/* Answers with an error that ends the connection. */
void oe__exchange_refuse(oe__connection *connection, oe_http_error error);
/* The same outside a run: for deadlines and connections over the limit. */
void oe__exchange_turn_away(oe__connection *connection, oe_http_error error);
void oe__exchange_take_body(void *connection, const char *bytes, size_t length);

/* dispatch.c */
void oe__dispatch_route(oe__connection *connection); /* finds the route, or the error */
void oe__dispatch_call(
    oe__connection *connection); /* calls the handler or answers the routing error */

/* output.c */
void oe__output_flush(oe__connection *connection);
void oe__output_end(
    oe__connection *connection); /* the last answer is written: shut down and linger */

/* response.c */
void oe__response_start(oe__connection *connection);
/* Appends the head of an answer whose length is not known yet to worker->out. */
void oe__response_begin(oe__connection *connection);
void oe__response_emit(oe__connection *connection); /* appends the answer to worker->out */
void oe__response_drop(oe__connection *connection); /* gives the buffers back */
void oe__response_remember(
    oe__connection *connection); /* what is needed once the header block is gone */
bool oe__response_is_trace(oe_span value);

void oe__response_note(oe__connection *connection, size_t body_length);

/* stream.c */
void oe__stream_take(oe__connection *connection, const char *bytes, size_t length);
/* Gives a turn. true: the answer is complete. */
bool oe__stream_turn(oe__connection *connection);
void oe__stream_queue(oe__connection *connection); /* for a turn, when it may have one */
void oe__stream_wake(oe__connection *connection);  /* what it waited for has come */
void oe__stream_end(oe__connection *connection);   /* the last bytes of a begun answer */
void oe__stream_close(oe__connection *connection); /* gives the context back; NULL is fine */
void oe__stream_on_idle(uv_idle_t *turner);

/* cors.c */
const char *oe__cors_origin(const oe_worker_config *config, oe_span origin);
void oe__cors_preflight(oe__connection *connection);

/* pending.c */
/* Runs the connection now, or once the active one is done. */
void oe__pending_run(oe__connection *connection);
void oe__pending_queue(oe__connection *connection); /* with the next oe__pending_run_ready */
void oe__pending_run_ready(oe_worker *worker);

/* worker.c */
void oe__worker_tell_time(oe_worker *worker);       /* keeps the Date header right */
void oe__worker_forget(oe__connection *connection); /* takes it out of lists and slots */
bool oe__worker_admit(oe__connection *connection, oe_worker *worker); /* false: out of memory */
void oe__worker_wind_up(oe_worker *worker); /* ends the loop once it drained */

/* listener.c */
oe_status oe__listener_open(oe_worker *worker, oe_error *error);
void oe__worker_log(oe_worker *worker, const char *event, const char *detail);

static inline void oe__count(atomic_uint_fast64_t *counter, uint64_t by)
{
    uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, value + by, memory_order_relaxed);
}

#endif
