/* reader.c: the readers' side of a population: one customer, or everything from one moment. */
#include "engine/population.h"

#include <stdlib.h>
#include <string.h>

oe_reader *oe_reader_new(oe_population *population)
{
    oe_reader *reader = calloc(1, sizeof *reader);
    int slot = reader ? oe__epochs_join(&population->epochs) : -1;
    if (slot < 0) {
        free(reader);
        return NULL;
    }
    *reader = (oe_reader){population, slot};
    return reader;
}

void oe_reader_free(oe_reader *reader)
{
    if (reader == NULL)
        return;
    oe__epochs_part(&reader->population->epochs, reader->slot);
    free(reader);
}

void oe_reader_enter(oe_reader *reader)
{
    oe__epochs_enter(&reader->population->epochs, reader->slot);
}

void oe_reader_leave(oe_reader *reader)
{
    oe__epochs_leave(&reader->population->epochs, reader->slot);
}

static const oe__page *published_page(const oe__directory *directory, uint32_t index)
{
    return index < directory->capacity
               ? atomic_load(&((oe__directory *)(uintptr_t)directory)->pages[index])
               : NULL;
}

typedef struct sought {
    const oe__directory *directory;
    const oe__page *page; /* where it was found; the caller must not look twice, page and slot
                             may be newer by then */
    uint32_t row;
} sought;

static bool holds(const void *context, uint32_t row, const char *id, size_t length)
{
    sought *search = (sought *)(uintptr_t)context;
    search->page = published_page(search->directory, row / OE__PAGE);
    search->row = row;
    const oe__record *record = search->page ? search->page->records[row % OE__PAGE] : NULL;
    return record != NULL && record->id_length == length &&
           memcmp(record->bytes, id, length) == 0;
}

bool oe_reader_get(oe_reader *reader, const char *id, size_t length, oe_profile *profile)
{
    oe_population *population = reader->population;
    const oe__table *table;
    sought search;
    bool found;
    do { /* who was put anew into a grown table is not in the one before */
        table = atomic_load(&population->table);
        search = (sought){atomic_load(&population->directory), NULL, 0};
        found = oe__table_find(table, id, length, holds, &search) < table->slot_count;
    } while (!found && (table != atomic_load(&population->table) ||
                        search.directory != atomic_load(&population->directory)));
    if (!found)
        return false;
    oe__page_load(search.page, search.row % OE__PAGE, profile);
    return true;
}

/* ---- snapshots ---- */

static size_t used_pages(oe_population *population)
{
    const oe__directory *directory = atomic_load(&population->directory);
    size_t count = 0;
    for (size_t i = 0; i < directory->capacity; i++)
        if (published_page(directory, (uint32_t)i) != NULL)
            count = i + 1;
    return count;
}

oe_snapshot *oe_snapshot_new(oe_population *population)
{
    oe_reader *reader = oe_reader_new(population);
    if (reader == NULL)
        return NULL;
    oe_reader_enter(reader);
    pthread_mutex_lock(&population->publish);
    size_t count = used_pages(population);
    oe_snapshot *snapshot = calloc(1, sizeof *snapshot + count * sizeof *snapshot->pages);
    const oe__directory *directory = atomic_load(&population->directory);
    for (size_t i = 0; snapshot != NULL && i < count; i++)
        snapshot->pages[i] = published_page(directory, (uint32_t)i);
    pthread_mutex_unlock(&population->publish);
    if (snapshot == NULL) {
        oe_reader_free(reader);
        return NULL;
    }
    snapshot->reader = reader;
    snapshot->page_count = count;
    return snapshot;
}

void oe_snapshot_free(oe_snapshot *snapshot)
{
    if (snapshot == NULL)
        return;
    oe_reader_free(snapshot->reader);
    free(snapshot);
}

size_t oe_snapshot_pages(const oe_snapshot *snapshot)
{
    return snapshot->page_count;
}

bool oe_snapshot_read(const oe_snapshot *snapshot, size_t page, oe_profile *profile,
                      oe_profile_sink sink)
{
    const oe__page *held = snapshot->pages[page];
    for (size_t lane = 0; held != NULL && lane < OE__PAGE; lane++) {
        if (held->records[lane] == NULL)
            continue;
        oe__page_load(held, lane, profile);
        if (!sink.take(sink.context, profile))
            return false;
    }
    return true;
}
