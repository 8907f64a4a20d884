/* runs.h: the runs of campaigns: all that there ever were, and the thread that works at those
 * which have not ended, one after the other, in the order in which they were asked for. What
 * was begun goes on when the service starts again. */
#ifndef OE_SERVER_RUNS_H
#define OE_SERVER_RUNS_H

#include "server/desk.h"
#include "server/run.h"

typedef struct oe_runs oe_runs;

/* Reads those of the store. The store's failures, OE_E_CORRUPT, OE_E_MEMORY. */
oe_status oe__runs_open(oe_service *service, oe_error *error);
void oe__runs_free(oe_runs *runs);

/* The thread. OE_E_IO: the system gives none. */
oe_status oe__runs_start(oe_runs *runs, oe_error *error);

/* Ends the chunk at hand and then the thread; no worker may run any more. */
void oe__runs_stop(oe_runs *runs);

/* What a handler wants, whose answer is pending on the desk's worker. Any thread. */
typedef struct oe_run_request {
    bool is_cancel;
    oe_run run;           /* begin: campaign, clock and seed; cancel: campaign and number */
    oe_generation *rules; /* begin: taken over */
    oe_desk *desk;
    oe_pending pending;
} oe_run_request;

/* The answer is the run, once that is in the store. false: out of memory, and nothing was taken
 * over. */
bool oe__runs_ask(oe_runs *runs, const oe_run_request *request);

/* ---- Looking; any thread ---- */

/* false: there is none of that campaign and number. */
bool oe__runs_get(oe_runs *runs, const char *campaign, uint64_t number, oe_run *run);

/* Appends those of a campaign (NULL: all), the newest first, as members of a JSON list; returns
 * how many. */
size_t oe__runs_write(oe_runs *runs, const char *campaign, oe__buffer *buffer);

#endif
