/* generation.h: one set of rules that serves or served: a sealed ruleset with its running
 * number. Immutable and counted; freed when the last that uses it lets go. */
#ifndef OE_SERVER_GENERATION_H
#define OE_SERVER_GENERATION_H

#include <stdatomic.h>

#include "offerengine.h"

typedef struct oe_generation {
    atomic_uint references;
    uint64_t number;
    oe_ruleset *ruleset;
    oe_dictionary *dictionary;
} oe_generation;

/* Holds ruleset and dictionary for itself. NULL: out of memory. */
oe_generation *oe__generation_new(oe_ruleset *ruleset, oe_dictionary *dictionary,
                                  uint64_t number);
oe_generation *oe__generation_hold(oe_generation *generation);
void oe__generation_free(oe_generation *generation);

#endif
