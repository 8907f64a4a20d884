/* deadline.h: coarse time-outs of many connections with one timer per worker. Every kind has
 * one duration, so its list is in order of the deadlines and all operations take constant time.
 */
#ifndef OE_SERVER_HTTP_DEADLINE_H
#define OE_SERVER_HTTP_DEADLINE_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

typedef enum oe__deadline_kind {
    OE_DEADLINE_IDLE,   /* between requests */
    OE_DEADLINE_HEADER, /* from the first byte of a request to the end of its header block */
    OE_DEADLINE_BODY,   /* from there to the end of the body; of a bulk body: between two pieces
                         */
    OE_DEADLINE_WRITE,  /* between two signs that the client takes its answer */
    OE_DEADLINE_LINGER, /* from the last answer to the client's end */
    OE_DEADLINE_KINDS,
    OE_DEADLINE_NONE = OE_DEADLINE_KINDS
} oe__deadline_kind;

typedef struct oe__deadline {
    struct oe__deadline *previous, *next;
    uint64_t due_ms; /* of the loop's clock */
    oe__deadline_kind kind;
} oe__deadline;

typedef struct oe__deadlines {
    oe__deadline lists[OE_DEADLINE_KINDS]; /* heads of rings */
    uint32_t durations_ms[OE_DEADLINE_KINDS];
    uint64_t timer_due_ms; /* 0: not running */
    uv_timer_t timer;
    void (*on_expired)(void *context, oe__deadline *deadline);
    void *context;
} oe__deadlines;

/* Durations must be set. on_expired is called once per deadline, which is cleared before. */
void oe__deadlines_init(oe__deadlines *deadlines, uv_loop_t *loop);
void oe__deadlines_close(oe__deadlines *deadlines);

/* Zero-initialise a deadline's memory and call clear once before use. */
void oe__deadline_clear(oe__deadline *deadline);

/* Restarts the deadline as one of that kind; NONE clears it. */
void oe__deadline_set(oe__deadlines *deadlines, oe__deadline *deadline, oe__deadline_kind kind);

#endif
