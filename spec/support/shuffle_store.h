/* shuffle_store.h: a backend of core/store that keeps its data in memory, works late, applies
 * and completes in shuffled order, and fails on demand: what a far database may do to its
 * callers. Owns the data itself (the "disk"), so that a store can be closed and opened again on
 * it. */
#ifndef OE_SPEC_SHUFFLE_STORE_H
#define OE_SPEC_SHUFFLE_STORE_H

#include "store/store.h"

/* Data, seed and faults. Outlives every store opened on it. */
typedef struct shuffle_store shuffle_store;

typedef enum shuffle_fault {
    SHUFFLE_FAULT_REFUSED, /* not done */
    SHUFFLE_FAULT_LOST     /* done, but the answer is lost: outcome_unknown on writes */
} shuffle_fault;

shuffle_store *shuffle_store_new(uint64_t seed);
void shuffle_store_free(shuffle_store *data);

/* Sets backend and backend_context of `options`. One store at a time may own the data. */
void shuffle_store_use(shuffle_store *data, oe_store_options *options);

/* While held nothing is begun or completed, except by oe_store_close. */
void shuffle_store_hold(shuffle_store *data, bool held);

/* The next `count` operations that are begun fail with OE_E_IO. */
void shuffle_store_fail(shuffle_store *data, shuffle_fault fault, size_t count);

#endif
