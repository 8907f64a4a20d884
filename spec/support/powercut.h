/* powercut.h: a layer under SQLite that remembers every write, truncation and sync of a
 * database and its log, and rebuilds the files as a power cut at any point of that history
 * could have left them: what was synced is there; of what was not, each piece of 512 bytes is
 * there or not. Names of files are taken to be durable. */
#ifndef OE_SPEC_POWERCUT_H
#define OE_SPEC_POWERCUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Files opened from here on are remembered, until powercut_stop. Once per program. */
void powercut_start(void);
void powercut_stop(void);

/* How much has happened so far: the place of the next event. Any thread. */
size_t powercut_now(void);

/* Writes the remembered file that was at `from` to `to`, as of a cut before event `cut`.
 * `random` is advanced. With ignore_syncs nothing counts as synced but what the first
 * `ignore_syncs` events hold. */
typedef struct powercut {
    size_t cut;
    uint64_t *random;
    size_t ignore_syncs; /* 0: syncs count */
} powercut;
void powercut_rebuild(const char *from, const char *to, const powercut *how);

uint64_t powercut_random(uint64_t *state);

#endif
