/* settling.h: who waits until every worker's decisions are in the store: tickets, of which each
 * worker says which it has settled. Knows no block. */
#ifndef OE_SERVER_SETTLING_H
#define OE_SERVER_SETTLING_H

#include <stdbool.h>
#include <stdint.h>

typedef struct oe_desk oe_desk;
typedef void (*oe_journal_settled)(void *context);

/* One worker's part, on its thread. Zero-initialise but for the desk. */
typedef struct oe__settling {
    oe_desk *desk;
    uint64_t ticket; /* that this worker is about to settle; 0: none */
    struct oe__settling_waiter *waiters;
} oe__settling;

void oe__settling_free(oe__settling *settling);

/* Asks all workers; `settled` is called by a later oe__settling_serve. false: out of memory. */
bool oe__settling_ask(oe__settling *settling, oe_journal_settled settled, void *context);

/* Whether somebody asked since; settling->ticket then is what is to be settled. */
bool oe__settling_is_asked(oe__settling *settling);

/* This worker has settled its ticket: all others are woken. */
void oe__settling_tell(oe__settling *settling);

/* Calls back those whose ticket all workers have settled. */
void oe__settling_serve(oe__settling *settling);

#endif
