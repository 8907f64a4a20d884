/* service.h: what all workers share. Immutable once it serves, except for the rules in force,
 * the population, the mirror and the counters. service.c makes it and takes it down; nothing
 * here knows HTTP. */
#ifndef OE_SERVER_SERVICE_H
#define OE_SERVER_SERVICE_H

#include <stdatomic.h>
#include <uv.h>

#include "offerengine.h"
#include "server/generation.h"
#include "server/http/worker.h"
#include "server/mirror.h"
#include "store/store.h"

typedef struct oe_desk oe_desk;               /* desk.h */
typedef struct oe_route_table oe_route_table; /* routes.h */
typedef struct oe_loader oe_loader;           /* loader.h */
typedef struct oe_ledger oe_ledger;           /* ledger.h */
typedef struct oe_runs oe_runs;               /* runs.h */

enum { OE_WORKERS_MAX = 200 }; /* below the readers that a population has */

typedef struct oe_service_config {
    const char *rules, *db, *host;
    int port; /* 0: any free one */
    unsigned workers;
    bool samples;                    /* fill a database that never held a customer */
    const char *const *cors_origins; /* who may read answers in a browser, or a single "*" */
    size_t cors_origin_count;
    bool watch;         /* the rules folder */
    bool journal;       /* keep decisions */
    bool journal_sync;  /* an answer waits until its decision is in the store */
    int64_t outcome_ms; /* how old a decision may be whose outcome is taken */
    int64_t keep_ms;    /* how long decisions and former profiles are kept; 0: for ever */
} oe_service_config;

typedef struct oe_service {
    oe_service_config config;
    uv_mutex_t lock;         /* guards `current` and what loader and workers share */
    uv_cond_t adopted;       /* a worker uses other rules */
    oe_generation *current;  /* the newest rules; see oe__service_generation */
    oe_loader *loader;       /* while workers run */
    uint64_t settle_tickets; /* journal.h; behind the lock */
    oe_population *population;
    oe_mirror *mirror;
    oe_ledger *ledger; /* contacts of customers */
    oe_runs *runs;     /* of campaigns */
    oe_store *store;
    oe_route_table *routes;
    oe_desk *desks[OE_WORKERS_MAX];
    unsigned desk_count;
    atomic_uint connections; /* of all workers */
    atomic_uint reports;     /* on job threads; report_job.h */
    atomic_bool is_stopping;
    atomic_size_t skipped; /* stored customers that the rules' schema does not take */
    int64_t started_ms;
    char address[OE_STORE_ADDRESS_MAX]; /* "http://127.0.0.1:8000", once it listens */
} oe_service;

/* Milliseconds UTC. */
int64_t oe__service_now_ms(void);

/* Decimal digits; returns how many, at most 20. */
size_t oe__service_write_number(uint64_t number, char out[20]);

/* Whether the address can be listened on, before anything else is touched. OE_E_INVALID: the
 * host is no address. OE_E_IO: it cannot be had, for instance because another process has it.
 */
oe_status oe__service_check(const oe_service_config *config, oe_error *error);

/* The rules that are in force, held for the caller. Any thread. */
oe_generation *oe__service_generation(oe_service *service);

/* Opens the store, fills the population and reads the routes: everything before the first
 * worker. Zero-initialise `service` with config and current set (held for it), and call
 * oe__service_close in any case. `texts` is what the rules were loaded from. Failures are those
 * of the store, of fill.h and of routes.h. */
oe_status oe__service_open(oe_service *service, oe_store_bytes texts, oe_error *error);

/* Makes the workers, which listen from here on. Failures as of oe__service_check, and
 * OE_E_MEMORY. */
oe_status oe__service_listen(oe_service *service, oe_error *error);

/* Serves until SIGTERM or SIGINT, then drains. The calling thread is the first worker's. */
oe_status oe__service_run(oe_service *service, oe_error *error);

void oe__service_close(oe_service *service);

#endif
