/* recommend.h: one decision, as every route that decides gives it. */
#ifndef OE_SERVER_RECOMMEND_H
#define OE_SERVER_RECOMMEND_H

#include "server/arguments.h"
#include "server/desk.h"

/* Decides now for the customer in desk->profile, counts and keeps the decision, and writes it
 * with its id into `body`, which is empty. false: out of memory, and `body` has failed. */
bool oe__recommend_decide(oe_desk *desk, const oe__arguments *arguments, oe__buffer *body);

/* Whether answers by these rules wait until their decisions are in the store. */
bool oe__recommend_waits(const oe_desk *desk, const oe_generation *rules);

#endif
