/* decisions.h: decisions in the journal without an engine: what specs of outcomes stand on.
 * Every one is of generation 5, whose products are p0, p1 and p2, and offers p1 and p2, each
 * reserved 7 ms before; was made for the channel "ch" and the campaign "ca". */
#ifndef OE_SPEC_DECISIONS_H
#define OE_SPEC_DECISIONS_H

#include "codec/record.h"
#include "store/store.h"

/* Submissions that must succeed before decisions are appended: the generation and the names of
 * its products. */
enum { DECISIONS_SETUP = 2 };
oe_store_submission decisions_setup(int step);

/* Appends a record behind its length. Its id is that of decisions_id. */
void decisions_add(oe__buffer *block, int64_t at_ms, uint32_t sequence, const char *customer);
void decisions_id(unsigned char id[OE_RECORD_ID_SIZE], int64_t at_ms, uint32_t sequence);

#endif
