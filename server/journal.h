/* journal.h: what one worker decided, on its way to the store. Records are gathered into blocks
 * without a lock; blocks leave when the first is 50 ms old or 16 are full, sooner when answers
 * are held for them. While too much waits for the store, the worker takes no requests. A block
 * that the store refused is tried again until it is taken. Everything runs on the worker's
 * thread. */
#ifndef OE_SERVER_JOURNAL_H
#define OE_SERVER_JOURNAL_H

#include "codec/record.h"
#include "server/http/handler.h"
#include "server/settling.h"

typedef struct oe_desk oe_desk;
typedef struct oe_journal oe_journal;

/* Ties itself to the loop of the desk's worker. NULL: out of memory. */
oe_journal *oe__journal_new(oe_desk *desk);

/* The worker ends: what was gathered leaves, nothing is tried later any more. The completions
 * may still come. */
void oe__journal_end(oe_journal *journal);

/* When no completion can come any more. Logs what could not be stored. */
void oe__journal_free(oe_journal *journal);

/* Keeps the decision that the desk just made, whose bytes are in `body`. `record` has options
 * and channel. false: out of memory, and it is not kept. */
bool oe__journal_keep(oe_journal *journal, oe__record *record, const oe__buffer *body);

/* Appends the id of the decision that was kept last, as the last member of an answer. */
void oe__journal_add_id(const oe_journal *journal, oe__buffer *body);

/* When an answer is held and no block is on its way, what was gathered leaves. For the end of
 * each turn of the loop. */
void oe__journal_flush_held(oe_journal *journal);

/* Where answers wait for their commit: holds the answer to the decision that was kept last, or
 * to all decisions that were kept up to it. */
void oe__journal_hold(oe_journal *journal, oe_response *response, bool for_all);

/* Whether so much is on its way that work without hurry should wait, long before the worker
 * takes no requests. Then something is kept whose commit can be waited for. */
bool oe__journal_is_busy(const oe_journal *journal);

/* Somebody asks for the decision: was it kept here and is it perhaps not on its way yet, then
 * it leaves now, before what is submitted behind it. */
void oe__journal_hasten(oe_journal *journal, const unsigned char id[OE_RECORD_ID_SIZE]);

/* Calls back on this thread once everything that any worker kept before is in the store. false:
 * out of memory, and it does not. */
bool oe__journal_settle(oe_journal *journal, oe_journal_settled settled, void *context);

/* After a wake of the worker. */
void oe__journal_serve(oe_journal *journal);

#endif
