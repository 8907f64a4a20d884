/* page.h: 256 customers held as columns. A page never changes once it is published. */
#ifndef OE_ENGINE_PAGE_H
#define OE_ENGINE_PAGE_H

#include "engine/decide.h"

/* A customer's id and extras (profile.h), in one piece. */
typedef struct oe__record {
    uint32_t extras_length;
    uint8_t id_length;
    char bytes[]; /* id, then extras */
} oe__record;

typedef struct oe__page {
    uint64_t batch;                /* the write batch that made this copy */
    uint32_t column_count;         /* attributes by dictionary number */
    uint32_t word_count;           /* ownership words by dictionary number */
    double **columns;              /* NULL: not on file for the whole page */
    uint64_t **words;              /* NULL: nobody owns any of those 64 products */
    oe__record *records[OE__PAGE]; /* NULL: an empty row */
} oe__page;

/* Zeroed bytes where no line of a processor's cache is entered halfway; freed by free. NULL:
 * out of memory. `size` is a multiple of 64. */
void *oe__lanes_new(size_t size);

/* A copy to change, or a new empty page (source NULL). Records are shared. NULL: out of memory.
 */
oe__page *oe__page_copy(const oe__page *source);
/* Frees the columns; records belong to the population. */
void oe__page_free(oe__page *page);

/* Stores a profile's values in a row (not the record). false: out of memory, the row is as
 * before. */
bool oe__page_store(oe__page *page, size_t lane, const oe_profile *profile);

/* Nothing on file in a row. */
void oe__page_clear(oe__page *page, size_t lane);

/* Copies a row into a profile, whose ruleset may be older or newer than the row. */
void oe__page_load(const oe__page *page, size_t lane, oe_profile *profile);

/* Looks the texts and unknown products of every row up in the dictionary again. false: out of
 * memory. */
bool oe__page_refresh(oe__page *page, oe_dictionary *dictionary);

static inline const char *oe__record_extras(const oe__record *record)
{
    return record->bytes + record->id_length;
}

#endif
