/* loader.h: new rules while the service runs. One thread watches the rules folder, listens for
 * SIGHUP and for what handlers ask, loads and checks one set of rules at a time, keeps it in
 * the history and then has every worker switch to it. Rules that cannot be loaded change
 * nothing. */
#ifndef OE_SERVER_LOADER_H
#define OE_SERVER_LOADER_H

#include "server/desk.h"

typedef struct oe_loader oe_loader;

typedef enum oe_load_source {
    OE_LOAD_FOLDER,
    OE_LOAD_CHANGE, /* the folder, if its texts are others than at the last load */
    OE_LOAD_KEPT    /* a generation of the history */
} oe_load_source;

typedef enum oe_load_result {
    OE_LOAD_LOADED,
    OE_LOAD_UNCHANGED,
    OE_LOAD_REFUSED, /* there are mistakes in the rules */
    OE_LOAD_FAILED,  /* they could not be had, or not be kept */
    OE_LOAD_RESULTS
} oe_load_result;

enum { OE_LOAD_HASH_SIZE = 65 };

/* "loaded", "unchanged", "refused", "failed" */
const char *oe__load_result_name(oe_load_result result);

typedef struct oe_load_request {
    oe_load_source source;
    uint64_t number; /* KEPT: of the generation, 0 for the one before the one that serves */
    char author[OE_STORE_LABEL_MAX + 1], note[OE_STORE_LABEL_MAX + 1]; /* may be empty */
    oe_desk *desk; /* whose worker waits for the answer; NULL: nobody */
    oe_pending pending;
} oe_load_request;

/* Any thread. Requests for the folder that come while a load runs are answered by one more.
 * false: out of memory. */
bool oe__loader_ask(oe_loader *loader, const oe_load_request *request);

/* Starts the thread; the workers may run already. OE_E_MEMORY, OE_E_IO. */
oe_status oe__loader_start(oe_service *service, oe_error *error);

/* Ends the load that runs, then the thread. No worker may run any more. NULL is fine. */
void oe__loader_stop(oe_loader *loader);

/* How many loads had this result. */
uint64_t oe__loader_count(oe_service *service, oe_load_result result);

/* What the last load came to, as members of a JSON object, and its findings as JSON list. */
void oe__loader_report(oe_service *service, oe__buffer *members, oe__buffer *findings);

#endif
