/* findings.h: the findings of a load in the order in which people read them. The engine knows
 * the line of a declaration; the language notes on which line a name within it stands, and here
 * the two come together. */
#ifndef OE_LUA_FINDINGS_H
#define OE_LUA_FINDINGS_H

#include "offerengine.h"

typedef struct oe_place {
    char *name;
    const char *file; /* borrowed from the rule files */
    int declared;     /* line of the declaration that the name stands in */
    int line; /* line of the name; -1: the name is declared by a file that failed, and not
                 unknown */
} oe_place;

typedef struct oe_places {
    oe_place *items;
    size_t count, capacity;
} oe_places;

/* Notes the place of `name`, which is copied. OE_E_MEMORY: nothing was noted. Zero-initialise
 * the list. */
oe_status oe__places_note(oe_places *places, const char *name, const oe_place *place);
void oe__places_free(oe_places *places);

/* A copy of the builder's findings with their lines put right, sorted by file and line. The
 * texts stay with the builder. NULL when there are none (*count is 0) or memory is out (*count
 * is not 0). Released by free(). */
oe_finding *oe__findings_of(const oe_builder *builder, const oe_places *places, size_t *count);

#endif
