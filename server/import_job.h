/* import_job.h: customers of a spooled NDJSON text into store and population. Runs on a thread
 * of its own, with a store port of its own; knows nothing of HTTP. */
#ifndef OE_SERVER_IMPORT_JOB_H
#define OE_SERVER_IMPORT_JOB_H

#include "engine/text.h"
#include "server/service.h"

enum { OE_IMPORT_BAD_KEPT = 64 }; /* lines whose faults are kept */

typedef struct oe_import_job {
    /* Given. */
    oe_service *service;
    oe_generation *rules; /* held; the customers are read by them */
    int spool;            /* descriptor of the text, borrowed */
    bool skip_bad;
    /* Filled by oe__import_run. */
    oe_status status;
    oe_error error;
    uint64_t bad;                       /* lines that hold no customer */
    oe__buffer faults;                  /* JSON list of what was wrong with the first of them */
    uint64_t stored, created, replaced; /* customers */
    uint64_t undeclared, unknown_products;
} oe_import_job;

/* Checks every line before anything is stored. Bad lines without skip_bad: nothing is stored
 * and the status stays OE_OK. Up to OE_STORE_BATCH_MAX customers are stored at once or not at
 * all, more in several such batches; on a failure `stored` says how many are in. OE_E_INVALID:
 * a line is too long. */
void oe__import_run(oe_import_job *job);
void oe__import_free(oe_import_job *job);

#endif
