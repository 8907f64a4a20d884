/* population.h: all profiles. One writer at a time changes private copies of pages and
 * publishes them by one atomic pointer each; any number of readers never wait. */
#ifndef OE_ENGINE_POPULATION_H
#define OE_ENGINE_POPULATION_H

#include "engine/epoch.h"
#include "engine/page.h"

#include <pthread.h>

/* Page pointers; replaced as a whole when it must grow. */
typedef struct oe__directory {
    size_t capacity;
    _Atomic(oe__page *) pages[];
} oe__directory;

/* id -> row: open addressing, at most two thirds full. Slots hold row + 1; 0 is empty, OE__GONE
 * a removed row. */
typedef struct oe__table {
    size_t slot_count, used; /* used counts removed ones too */
    _Atomic uint32_t slots[];
} oe__table;

#define OE__GONE UINT32_MAX

struct oe_population {
    oe_dictionary *dictionary;
    oe__epochs epochs;
    _Atomic(oe__directory *) directory;
    _Atomic(oe__table *) table;
    atomic_size_t count;
    pthread_mutex_t writer; /* held from begin to commit */
    pthread_mutex_t
        publish; /* held while pages are published and while a snapshot copies their pointers */
    uint64_t batch;
    uint32_t row_count; /* rows ever used */
    oe__list free_rows; /* uint32_t */
    oe__list leaving;   /* oe__leaver: removed in this batch; readers find them until commit */
    oe__list drafts;    /* oe__draft: pages changed in this batch */
    oe__list draft_of;  /* uint32_t by page: place in drafts + 1, 0: none */
};

typedef struct oe__leaver {
    uint64_t hash; /* of the id */
    uint32_t row;
} oe__leaver;

typedef struct oe__draft {
    uint32_t index;
    oe__page *page;
} oe__draft;

/* table.c. A table for `count` ids (NULL: out of memory); placing a row that is not in it. */
oe__table *oe__table_new(size_t count);
void oe__table_put(oe__table *table, uint64_t hash, uint32_t row);
/* Marks the slot of a row that is in the table as gone. */
void oe__table_drop(oe__table *table, uint64_t hash, uint32_t row);
static inline bool oe__table_is_full(const oe__table *table)
{
    return table->used * 3 >= table->slot_count * 2;
}

/* Whether the row holds this id. */
typedef bool (*oe__table_match)(const void *context, uint32_t row, const char *id,
                                size_t length);

/* The slot that holds the row of an id, or slot_count when it is not there. */
size_t oe__table_find(const oe__table *table, const char *id, size_t length,
                      oe__table_match match, const void *context);

struct oe_reader {
    oe_population *population;
    int slot;
};

struct oe_snapshot {
    oe_reader *reader;
    size_t page_count;
    const oe__page *pages[];
};

#endif
