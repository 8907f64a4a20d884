/* epoch.c: epoch-based reclamation (K. Fraser, Practical lock-freedom, 2004, section 5.2.3). */
#include "engine/epoch.h"

#include <stdlib.h>

struct oe__retired {
    struct oe__retired *next;
    uint_fast64_t epoch;
    void *memory;
    void (*release)(void *memory);
};

void oe__epochs_init(oe__epochs *epochs)
{
    atomic_init(&epochs->now, 1);
    for (int i = 0; i < OE__READERS_MAX; i++) {
        atomic_init(&epochs->readers[i].entered, 0);
        atomic_init(&epochs->readers[i].taken, false);
    }
    epochs->retired = epochs->spare = NULL;
    epochs->spare_count = 0;
}

int oe__epochs_join(oe__epochs *epochs)
{
    for (int i = 0; i < OE__READERS_MAX; i++)
        if (!atomic_exchange_explicit(&epochs->readers[i].taken, true, memory_order_acq_rel))
            return i;
    return -1;
}

void oe__epochs_part(oe__epochs *epochs, int reader)
{
    oe__epochs_leave(epochs, reader);
    atomic_store_explicit(&epochs->readers[reader].taken, false, memory_order_release);
}

static uint_fast64_t oldest_entered(oe__epochs *epochs)
{
    uint_fast64_t oldest = UINT_FAST64_MAX;
    for (int i = 0; i < OE__READERS_MAX; i++) {
        uint_fast64_t entered =
            atomic_load_explicit(&epochs->readers[i].entered, memory_order_seq_cst);
        if (entered != 0 && entered < oldest)
            oldest = entered;
    }
    return oldest;
}

bool oe__epochs_reserve(oe__epochs *epochs, size_t count)
{
    while (epochs->spare_count < count) {
        struct oe__retired *note = malloc(sizeof *note);
        if (note == NULL)
            return false;
        note->next = epochs->spare;
        epochs->spare = note;
        epochs->spare_count++;
    }
    return true;
}

void oe__epochs_retire(oe__epochs *epochs, void *memory, void (*release)(void *memory))
{
    if (memory == NULL)
        return;
    struct oe__retired *note = epochs->spare;
    epochs->spare = note->next;
    epochs->spare_count--;
    *note = (struct oe__retired){epochs->retired, atomic_load(&epochs->now), memory, release};
    epochs->retired = note;
}

void oe__epochs_collect(oe__epochs *epochs, bool all)
{
    atomic_fetch_add(&epochs->now, 1);
    uint_fast64_t oldest = all ? UINT_FAST64_MAX : oldest_entered(epochs);
    struct oe__retired **link = &epochs->retired;
    while (*link != NULL) {
        struct oe__retired *retired = *link;
        if (retired->epoch >= oldest) {
            link = &retired->next;
            continue;
        }
        *link = retired->next;
        retired->release(retired->memory);
        free(retired);
    }
    while (all && epochs->spare != NULL) {
        struct oe__retired *note = epochs->spare;
        epochs->spare = note->next;
        free(note);
    }
}
