/* backend.h: what a backend of store.h implements, and what the front does for it.
 *
 * The front (store.c, port.c, job.c) owns ports, bounds, copies and delivery; a backend only
 * takes jobs and completes each one once, from any thread. Only backends and the front include
 * this. */
#ifndef OE_STORE_BACKEND_H
#define OE_STORE_BACKEND_H

#include "engine/arena.h"
#include "store/store.h"

#include <stdatomic.h>

enum { OE__STORE_DIGEST_SIZE = 16 };

typedef enum oe__job_state { OE__JOB_WAITING, OE__JOB_BEGUN, OE__JOB_WITHDRAWN } oe__job_state;

/* One accepted submission on its way through a backend. `request` and `digest` never change;
 * the backend fills `result` between oe__job_begin and oe__job_complete, with memory of
 * `arena`. */
typedef struct oe__store_job {
    oe_store_submission request;                 /* points into the job's own memory */
    unsigned char digest[OE__STORE_DIGEST_SIZE]; /* of a write's content, without its id */
    oe_store_result result;                      /* zeroed; status OE_OK */
    oe__arena arena;
    struct oe__store_job *next; /* the holder's link: the backend's queue, then the port's */
    _Atomic int state;          /* oe__job_state */
    size_t bytes;               /* what it counts against the port's bound */
    oe_store_port *port;
    struct oe__store_job *older, *newer; /* the port's list of outstanding jobs */
} oe__store_job;

typedef struct oe__journal_watch {
    oe_store_progress_fn progress; /* may be NULL */
    void *context;
} oe__journal_watch;

struct oe_store_backend {
    const char *scheme; /* "sqlite" */
    /* `place` is the url without its scheme. */
    oe_status (*open)(const oe_store_options *options, const char *place, void **state,
                      oe_error *error);
    /* Takes the job; never blocks on I/O and never fails: failures are completions. */
    void (*submit)(void *state, oe__store_job *job);
    /* Completes everything submitted, then frees `state`. */
    void (*close)(void *state);
    oe_status (*scan_all)(void *state, oe_store_row_fn row, void *context, oe_error *error);
    oe_status (*check)(void *state, oe_error *error);
    void (*stats)(void *state, oe_store_stats *stats);
    /* Either may be NULL where a backend keeps no journal. */
    oe_status (*journal_scan)(void *state, const oe_store_journal_range *range,
                              oe_error *error);
    oe_status (*journal_verify)(void *state, oe_store_proof *proof,
                                const oe__journal_watch *watch, oe_error *error);
    /* Either may be NULL where a backend keeps no outcomes. */
    oe_status (*outcome_scan)(void *state, const oe_store_outcome_range *range,
                              oe_error *error);
    oe_status (*outcome_tally)(void *state, oe_store_tally_fn tally, void *context,
                               oe_error *error);
    /* May be NULL where a backend counts nothing. */
    oe_status (*activity_scan)(void *state, const oe_store_activity_range *range,
                               oe_error *error);
    /* May be NULL where a backend keeps no consents. */
    oe_status (*consent_scan)(void *state, oe_store_consent_fn consent, void *context,
                              oe_error *error);
    /* May be NULL where a backend keeps no runs. */
    oe_status (*run_scan)(void *state, oe_store_run_fn run, void *context, oe_error *error);
    /* Either may be NULL where a backend knows no owner. */
    oe_status (*set_address)(void *state, const char *address, oe_error *error);
    oe_status (*owner)(const char *place, oe_store_owner *owner, oe_error *error);
};

extern const oe_store_backend oe__sqlite_backend;

bool oe__store_is_write(oe_store_operation operation);

/* False when the caller withdrew it: the backend does nothing and completes it as it is. */
bool oe__job_begin(oe__store_job *job);

/* Gives the job back; the backend must not touch it any more. */
void oe__job_complete(oe__store_job *job);

/* Sets the result to a failure; `status` must not be OE_OK. */
void oe__job_fail(oe__store_job *job, const oe_error *error);

/* Forgets the result, so that the operation can be tried again. */
void oe__job_clear(oe__store_job *job);

/* Room for `count` generations in the result, to be filled by oe__job_add_generation. */
oe_status oe__job_expect_generations(oe__store_job *job, size_t count);
oe_status oe__job_add_generation(oe__store_job *job, const oe_store_generation *generation);

/* Room for `count` customers in the result, to be filled by oe__job_add_customer. */
oe_status oe__job_expect_customers(oe__store_job *job, size_t count);
oe_status oe__job_add_customer(oe__store_job *job, const oe_store_customer *customer);

/* Room for `count` outcomes in the result, to be filled by oe__job_add_outcome. */
oe_status oe__job_expect_outcomes(oe__store_job *job, size_t count);
oe_status oe__job_add_outcome(oe__store_job *job, const oe_store_outcome *outcome);

/* Copies into the job's memory. */
oe_status oe__job_set_value(oe__store_job *job, oe_store_bytes value);

/* ---- Between the front's own files
 * ----------------------------------------------------------- */

/* A copy of `request` with everything it points at; its digest when it is a write. */
oe_status oe__job_new(const oe_store_submission *request, oe__store_job **job, oe_error *error);
void oe__job_free(oe__store_job *job);

/* Checks what every backend may rely on. */
oe_status oe__submission_check(const oe_store_submission *request, oe_error *error);

/* Bytes of everything the submission points at. */
size_t oe__submission_bytes(const oe_store_submission *request);

struct oe_store {
    const oe_store_backend *backend;
    void *state;
    size_t outstanding_max;
    bool read_only;
    _Atomic bool closed;
    _Atomic size_t holders; /* the opener and every port */
};

void oe__store_release(oe_store *store);

#endif
