/* handler.h: what a handler sees of HTTP. Everything runs on the worker's loop thread. */
#ifndef OE_SERVER_HTTP_HANDLER_H
#define OE_SERVER_HTTP_HANDLER_H

#include "engine/text.h"
#include "server/http/errors.h"
#include "server/http/guard.h"
#include "server/http/span.h"

typedef struct oe_worker oe_worker;
typedef struct oe_request oe_request;
typedef struct oe_response oe_response;
typedef struct oe_route oe_route;

enum { OE_CAPTURES_MAX = 4 };

/* Everything a span points to is valid until the handler returns (also when it defers): copy
 * what is needed later. */
struct oe_request {
    oe_method method; /* GET where a HEAD request fell back to it */
    oe_span path;     /* raw, without the query */
    oe_span query;    /* raw; data NULL when the target has no '?' */
    size_t capture_count;
    oe_span captures[OE_CAPTURES_MAX]; /* decoded; in the pattern's order */
    oe_span body;                      /* whole and decoded; empty for a route with a reader */
    const oe_route *route;
    oe_worker *worker;
    const oe__guard *head;
    const char *block; /* the header block that `head` points into */
};

/* The value of the first header of that name (given in lower case), data NULL when there is
 * none. */
oe_span oe_request_header(const oe_request *request, const char *lower_name);

/* Answers, or defers the answer. When it does neither, 500 is sent. */
typedef void oe_handler(const oe_request *request, oe_response *response);

enum {
    OE_ROUTE_BULK = 1
}; /* the handler is called before the body and must install a reader or a stream */

struct oe_route {
    oe_method method;
    const char *pattern; /* "/customers/{id}": literals and captures of one whole segment */
    oe_handler *handler;
    unsigned flags;
    uint64_t body_max; /* bytes, 0 for the worker's default */
    const void *data;  /* the caller's */
};

/* ---- Answering ---------------------------------------------------------------------------
 * A response starts as 200 with an empty JSON body. Later calls replace status and type;
 * headers add up. */

void oe_response_status(oe_response *response, int status);

/* `type` must stay valid until the answer is sent; the default is application/json. */
void oe_response_type(oe_response *response, const char *type);

/* Adds a header; a value with control characters is dropped. */
void oe_response_header(oe_response *response, const char *name, const char *value,
                        size_t length);

/* The buffer that the body is joined in. */
oe__buffer *oe_response_body(oe_response *response);

/* Answers with bytes that live as long as the worker, instead of the buffer. */
void oe_response_borrow(oe_response *response, const char *bytes, size_t length);

/* The connection is closed behind this answer. */
void oe_response_close(oe_response *response);

/* Answers with an error: status, code and text of the table, as {"detail","code"} or
 * problem+json. */
void oe_response_error(oe_response *response, oe_http_error error);

/* The same with a text of the caller's, which must not repeat what was sent. */
void oe_response_error_text(oe_response *response, oe_http_error error, const char *detail,
                            size_t length);

/* The same with a list: `json` is a JSON array; "detail" by default, "errors" in problem+json.
 */
void oe_response_error_list(oe_response *response, oe_http_error error, const char *json,
                            size_t length);

/* ---- Answering later ---------------------------------------------------------------------
 * Requests behind a deferred one wait. The connection may die meanwhile: then
 * oe_pending_response is NULL. */

typedef struct oe_pending {
    uint32_t slot;
    uint64_t serial;
} oe_pending;

/* Takes the answer as pending; the response must not be touched before oe_pending_response gave
 * it back. */
oe_pending oe_response_defer(oe_response *response);

/* The response to fill, on the worker's own thread; NULL when nobody waits for it any more.
 * What was set before deferring is forgotten. */
oe_response *oe_pending_response(oe_worker *worker, oe_pending pending);

/* Sends a response that oe_pending_response returned. The response is gone afterwards. */
void oe_response_finish(oe_response *response);

/* Takes the answer as it is, to be sent by oe_response_release. It must not be touched. */
oe_pending oe_response_hold(oe_response *response);

/* Sends it, if somebody still waits; a stream has another turn. On the worker's own thread. */
void oe_response_release(oe_worker *worker, oe_pending pending);

/* ---- Bodies in pieces -------------------------------------------------------------------- */

typedef enum oe_piece {
    OE_PIECE_MORE,
    OE_PIECE_PAUSE, /* taken, but send no more before oe_body_resume; what was read already, at
                       most 64 KiB, may still come */
    OE_PIECE_ANSWERED /* the response was filled; it is sent, the rest of the body is not read
                       */
} oe_piece;

typedef struct oe_body_reader {
    oe_piece (*on_piece)(void *context, oe_response *response, const char *bytes,
                         size_t length);
    /* The body is complete: answer or defer. The context is the handler's own from here on. */
    void (*on_end)(void *context, oe_response *response);
    /* Instead of on_end: the connection died, or the request was refused or ANSWERED early. */
    void (*on_abort)(void *context);
} oe_body_reader;

/* Called by the handler of a bulk route. `pending` (may be NULL) receives the handle for
 * oe_body_resume. A bulk handler that answers instead ends the request there. */
void oe_response_receive(oe_response *response, const oe_body_reader *reader, void *context,
                         oe_pending *pending);

/* More of a paused body may come. Nothing happens when the request is gone or not paused. */
void oe_body_resume(oe_worker *worker, oe_pending pending);

/* ---- Answers in pieces -------------------------------------------------------------------
 * A bulk route may answer while its body comes. Its work is done in turns: one turn of one
 * stream between two looks of the loop at its sockets, so that other requests of the worker
 * wait for a turn at most. The body is not read while there is something to do, and nothing is
 * done while the client has not taken what was sent. */

typedef enum oe_flow {
    OE_FLOW_MORE,  /* all that came is done with: more of the body may come */
    OE_FLOW_AGAIN, /* another turn */
    OE_FLOW_WAIT,  /* another turn, but not before oe_response_release: the response is held */
    OE_FLOW_END    /* the answer is complete */
} oe_flow;

typedef struct oe_stream {
    /* A piece of the body, to be kept for the next turn: 192 KiB at most between two turns.
     * false: out of memory, the connection is closed. */
    bool (*on_bytes)(void *context, const char *bytes, size_t length);
    /* Does a bounded piece of work. What it adds to the response's body is sent; status, type
     * and headers count until the first bytes of it have left. An error after that breaks the
     * answer off. `is_whole`: the body is complete, and MORE is not an answer any more. */
    oe_flow (*on_turn)(void *context, oe_response *response, bool is_whole);
    /* Once, whatever the end is. */
    void (*on_close)(void *context);
} oe_stream;

/* Called by the handler of a bulk route, instead of oe_response_receive. */
void oe_response_stream(oe_response *response, const oe_stream *stream, void *context);

#endif
