/* switchover.h: how the workers change over to other rules, all of them at once, and how the
 * answers of loads reach them. A worker changes over between two requests, so that none meets
 * two generations. */
#ifndef OE_SERVER_SWITCHOVER_H
#define OE_SERVER_SWITCHOVER_H

#include "server/desk.h"

/* On its way to the worker that gives it. */
struct oe_load_answer {
    oe_load_answer *next;
    oe_pending pending;
    oe_http_error error;
    int status;                        /* without an error; 0: 200 */
    char location[3 * OE_ID_MAX + 64]; /* "": none */
    oe__buffer body;                   /* of RULES_INVALID the list of findings */
};

/* ---- On the loader's thread ---- */

/* Returns when every worker decides by `fresh`: who is answered from here on meets no older
 * rules. */
void oe__switchover(oe_service *service, oe_generation *fresh);

/* Takes over the answer. */
void oe__switchover_answer(oe_desk *desk, oe_load_answer *answer);

/* ---- On the worker's thread ---- */

/* When it was woken: the newest rules, then the answers. */
void oe__switchover_serve(oe_desk *desk);

/* The worker takes no more part. */
void oe__switchover_leave(oe_desk *desk);

/* Drops answers that nobody took. */
void oe__switchover_forget(oe_desk *desk);

#endif
