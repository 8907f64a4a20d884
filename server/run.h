/* run.h: one run of a campaign: what it is and how far it came, and its text, which the store
 * keeps and clients get. Knows neither threads nor the store. */
#ifndef OE_SERVER_RUN_H
#define OE_SERVER_RUN_H

#include "engine/text.h"
#include "offerengine.h"

typedef enum oe_run_state {
    OE_RUN_RUNNING,
    OE_RUN_DONE,
    OE_RUN_CANCELLED,
    OE_RUN_FAILED,
    OE_RUN_STATES
} oe_run_state;

enum { OE_RUN_REASON_SIZE = 256 };

/* 2^53: what JSON numbers hold. */
#define OE_RUN_SEED_MAX 9007199254740992u

typedef struct oe_run {
    uint64_t number, generation, seed;
    int64_t clock_ms;             /* of its decisions */
    int64_t started_ms, ended_ms; /* 0: it has not ended */
    int64_t busy_ms;              /* how long it worked, over all processes */
    oe_run_state state;
    uint64_t customers; /* when it began */
    uint64_t looked_at; /* the sum of the next four */
    uint64_t contacted, not_targeted, without_offer, unreadable;
    uint64_t offers;
    char campaign[OE_ID_MAX + 1];
    char position[OE_ID_MAX + 1];    /* the last customer looked at; "" once it ended */
    char reason[OE_RUN_REASON_SIZE]; /* why it failed */
} oe_run;

const char *oe__run_state_name(oe_run_state state);

/* It has ended, and nothing of a customer stays in it. */
void oe__run_end(oe_run *run, oe_run_state state, int64_t at_ms);

/* Appends a JSON object. */
void oe__run_write(oe__buffer *buffer, const oe_run *run);

/* Reads what oe__run_write wrote. OE_E_CORRUPT: it is none. */
oe_status oe__run_read(const char *text, size_t length, oe_run *run, oe_error *error);

/* The time of the id of decision number `row`, from 1: ids of one run share no millisecond with
 * more than 4096 others, so that each is found fast. */
int64_t oe__run_id_ms(const oe_run *run, uint64_t row);

/* The bytes that all ids of a run end with. */
uint64_t oe__run_random(const oe_run *run);

#endif
