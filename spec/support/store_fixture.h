/* store_fixture.h: a store in a folder of its own, on either backend, with one port and
 * blocking calls: what the specs of core/store share. */
#ifndef OE_SPEC_STORE_FIXTURE_H
#define OE_SPEC_STORE_FIXTURE_H

#include "shuffle_store.h"
#include "store/store.h"

typedef enum fixture_backend {
    FIXTURE_SQLITE,
    FIXTURE_SHUFFLE,
    FIXTURE_BACKEND_COUNT
} fixture_backend;

typedef struct store_fixture {
    fixture_backend backend;
    char folder[64];
    char path[96];       /* of the database */
    shuffle_store *data; /* the shuffling backend's disk */
    oe_store *store;
    oe_store_port *port;
    unsigned operations_made;
} store_fixture;

/* One delivered completion, its borrowed parts rendered as text. */
typedef struct store_answer {
    int deliveries;
    oe_store_result result; /* pointers are gone */
    char text[4096];        /* customers "id=body;", or the value */
} store_answer;

/* Opens an empty store with a port; ends the program when the machine refuses. */
void fixture_open(store_fixture *fixture, fixture_backend backend);

/* The options that open it (again). */
oe_store_options fixture_options(const store_fixture *fixture);

/* Closes store and port and opens both again on the same data. */
void fixture_reopen(store_fixture *fixture);

/* Closes and removes everything. */
void fixture_close(store_fixture *fixture);

oe_store_bytes fixture_bytes(const char *terminated);

/* Keeps a completion in the store_answer that is the context. */
void fixture_keep(void *answer, const oe_store_result *result);

/* Submits with a fresh operation id unless it has one, and waits for the answer. A refused
 * submission is an answer with that status and deliveries 0. */
store_answer fixture_call(store_fixture *fixture, oe_store_submission submission);

store_answer fixture_put(store_fixture *fixture, const char *id, const char *body);

/* An environment variable as a number, `fallback` when unset. */
long fixture_number(const char *variable, long fallback);

#endif
