/* mirror.h: keeps the population in step with the store. Completions of writes to one customer
 * may reach two workers in either order; the mirror lets only the newer state through. It knows
 * neither HTTP nor how the store works.
 *
 * A writer announces each customer before it submits, and settles it with the outcome. A
 * revision is remembered only while a write of that customer is announced: a write that was
 * announced after all others were settled is the newest in any case. */
#ifndef OE_SERVER_MIRROR_H
#define OE_SERVER_MIRROR_H

#include "offerengine.h"

typedef struct oe_mirror oe_mirror;

/* NULL: out of memory. The population must outlive it. */
oe_mirror *oe__mirror_new(oe_population *population);
void oe__mirror_free(oe_mirror *mirror);

/* Any thread. false: out of memory, nothing is announced. */
bool oe__mirror_announce(oe_mirror *mirror, const char *id, size_t length);

/* Nothing was written. */
void oe__mirror_withdraw(oe_mirror *mirror, const char *id, size_t length);

/* Settling lies between begin and commit, which readers see page by page. Keep it short: other
 * writers wait. */
void oe__mirror_begin(oe_mirror *mirror);
void oe__mirror_commit(oe_mirror *mirror);

/* Settle an announced customer with the state that its write left at `revision`. Failing
 * (OE_E_MEMORY) leaves the population behind the store, and is settled all the same. */
oe_status oe__mirror_put(oe_mirror *mirror, const oe_profile *profile, int64_t revision,
                         oe_error *error);
void oe__mirror_remove(oe_mirror *mirror, const char *id, size_t length, int64_t revision);

#endif
