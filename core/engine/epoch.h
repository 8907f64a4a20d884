/* epoch.h: when memory that readers may still look at can be freed. Readers announce the epoch
 * they entered in; what was retired is freed once no reader of its epoch or an earlier one is
 * left. Why seq_cst: a reader stores `entered`, then loads a published pointer; the writer
 * stores the pointer, then loads `entered`. In one total order either the writer sees the
 * reader or the reader sees the new pointer. So every published pointer is loaded and stored
 * seq_cst as well (plain loads on x86-64). */
#ifndef OE_ENGINE_EPOCH_H
#define OE_ENGINE_EPOCH_H

#include "offerengine.h"

#include <stdatomic.h>

enum { OE__READERS_MAX = 256 };

typedef struct oe__epochs {
    atomic_uint_fast64_t now; /* starts at 1; only the writer moves it */
    struct {
        _Alignas(64) atomic_uint_fast64_t entered; /* 0: outside */
        atomic_bool taken;
    } readers[OE__READERS_MAX];
    struct oe__retired *retired, *spare; /* the writer's */
    size_t spare_count;
} oe__epochs;

void oe__epochs_init(oe__epochs *epochs);

/* A free reader slot, -1: none. */
int oe__epochs_join(oe__epochs *epochs);
void oe__epochs_part(oe__epochs *epochs, int reader);

static inline void oe__epochs_enter(oe__epochs *epochs, int reader)
{
    uint_fast64_t now = atomic_load_explicit(&epochs->now, memory_order_relaxed);
    atomic_store_explicit(&epochs->readers[reader].entered, now, memory_order_seq_cst);
}

static inline void oe__epochs_leave(oe__epochs *epochs, int reader)
{
    atomic_store_explicit(&epochs->readers[reader].entered, 0, memory_order_release);
}

/* Writer only. Makes the next `count` retirements unable to fail; false: out of memory. */
bool oe__epochs_reserve(oe__epochs *epochs, size_t count);

/* Writer only. Retires memory, which a reader reaches no more once the writer has published
 * what replaces it and collects. Each call uses up one reserved note. NULL is fine. */
void oe__epochs_retire(oe__epochs *epochs, void *memory, void (*release)(void *memory));

/* Writer only. Moves the epoch on and frees what no reader can see; `all` frees everything (no
 * reader may be left). */
void oe__epochs_collect(oe__epochs *epochs, bool all);

#endif
