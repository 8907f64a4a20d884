/* desk.h: what one worker decides and writes with: its own reader, decider, profiles, store
 * port and Lua state. Used on the worker's thread only, except for the counters. */
#ifndef OE_SERVER_DESK_H
#define OE_SERVER_DESK_H

#include <lua.h>
#include <uv.h>

#include "engine/text.h"
#include "lua/caller.h"
#include "server/outcomes.h"
#include "server/service.h"

/* Written by the desk's worker alone, read by anybody with relaxed loads. */
typedef struct oe_desk_counters {
    atomic_uint_fast64_t decisions, offers, no_offers, explanations;
    atomic_uint_fast64_t customer_writes, customer_write_failures, imported_customers;
    atomic_uint_fast64_t batch_lines, batch_errors;
    atomic_uint_fast64_t lua_errors;
    atomic_uint_fast64_t journalled, journal_blocks; /* in the store */
    atomic_uint_fast64_t outcomes[OE_OUTCOME_RESULTS], late_shown;
} oe_desk_counters;

typedef struct oe_load_answer oe_load_answer; /* switchover.h */
typedef struct oe_journal oe_journal;         /* journal.h */

/* What decides by one set of rules. */
typedef struct oe_desk_tools {
    oe_generation *generation;
    oe_decider *decider;
    oe_caller *caller; /* NULL: the rules have no functions */
    oe_profile *profile, *stored;
} oe_desk_tools;

struct oe_desk {
    oe_service *service;
    oe_generation *generation; /* decides for this worker */
    oe_worker *worker;
    oe_reader *reader;
    oe_decider *decider;
    oe_caller *caller;   /* NULL: the rules have no functions */
    oe_profile *profile; /* of the request at hand */
    oe_profile *stored;  /* of a completion */
    oe_read_report report;
    oe_contacts contacts; /* that the request at hand counts */
    oe_store_port *port;
    oe_journal *journal; /* NULL: decisions are not kept */
    uv_poll_t port_poll;
    bool is_polling, forgets, sweeps;
    uv_timer_t retention; /* where it forgets: retention.h */
    uv_timer_t sweeping;  /* where it sweeps: contact.h */
    uv_thread_t thread;
    lua_State *L;
    const oe_request *lua_request; /* that a handler in Lua is answering, or NULL */
    oe__buffer text;               /* reused: bodies on their way to the store */
    oe_desk_counters counters;
    uint64_t turned_away;    /* connections, since the log last told */
    uint64_t turned_away_at; /* when that was */
    /* Guarded by the service's lock. */
    uint64_t adopted;             /* number of `generation` */
    uint64_t settled;             /* journal.h: the last ticket that it has settled */
    bool is_over;                 /* the worker has ended */
    oe_load_answer *load_answers; /* for requests of this worker */
};

/* NULL: out of memory or descriptors. */
oe_desk *oe__desk_new(oe_service *service);

/* Only when its worker does not run. Waits for the writes that are on their way. */
void oe__desk_free(oe_desk *desk);

/* Decides by other rules from here on. On the worker's thread. false: out of memory, nothing
 * has changed. */
bool oe__desk_adopt(oe_desk *desk, oe_generation *generation);

/* Tools of their own for work that takes many turns, so that a change of the rules does not
 * reach it. false: out of memory. */
bool oe__desk_tools_make(oe_desk_tools *tools, oe_generation *rules);
void oe__desk_tools_free(oe_desk_tools *tools);

/* The desk works with these, and the caller keeps its own, until the same call again. */
void oe__desk_tools_swap(oe_desk *desk, oe_desk_tools *tools);

/* Makes the worker, which listens from here on. Failures as of oe_worker_new. */
oe_status oe__desk_listen(oe_desk *desk, int port, oe_error *error);

static inline void oe__desk_count(atomic_uint_fast64_t *counter, uint64_t by)
{
    uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, value + by, memory_order_relaxed);
}

#endif
