/* generation.c: counts the users of a ruleset. */
#include "server/generation.h"

#include <stdlib.h>

#include "engine/dictionary.h"
#include "lua/program.h"

oe_generation *oe__generation_new(oe_ruleset *ruleset, oe_dictionary *dictionary,
                                  uint64_t number)
{
    oe_generation *made = calloc(1, sizeof *made);
    if (made == NULL)
        return NULL;
    atomic_init(&made->references, 1);
    made->number = number;
    made->ruleset = oe_ruleset_hold(ruleset);
    made->dictionary = oe__dictionary_hold(dictionary);
    if (oe__program_of(ruleset) != NULL)
        oe__program_quarantine(oe__program_of(ruleset));
    return made;
}

oe_generation *oe__generation_hold(oe_generation *generation)
{
    atomic_fetch_add_explicit(&generation->references, 1, memory_order_relaxed);
    return generation;
}

void oe__generation_free(oe_generation *generation)
{
    if (generation == NULL ||
        atomic_fetch_sub_explicit(&generation->references, 1, memory_order_acq_rel) != 1)
        return;
    oe_ruleset_free(generation->ruleset);
    oe_dictionary_free(generation->dictionary);
    free(generation);
}
