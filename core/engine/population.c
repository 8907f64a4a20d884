/* population.c: the writer's side of a population. */
#include "engine/population.h"

#include "engine/status.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_PAGES = 16, ROWS_MAX = 0x7FFFFF00, NOTES_PER_PUT = 4 };

/* ---- life ---- */

static oe__directory *new_directory(size_t capacity)
{
    oe__directory *directory =
        calloc(1, sizeof *directory + capacity * sizeof *directory->pages);
    if (directory != NULL)
        directory->capacity = capacity;
    return directory;
}

oe_population *oe_population_new(oe_dictionary *dictionary)
{
    oe_population *population = calloc(1, sizeof *population);
    if (population == NULL)
        return NULL;
    oe__directory *directory = new_directory(FIRST_PAGES);
    oe__table *table = oe__table_new(0);
    if (directory == NULL || table == NULL ||
        pthread_mutex_init(&population->writer, NULL) != 0 ||
        pthread_mutex_init(&population->publish, NULL) != 0) {
        free(directory);
        free(table);
        free(population);
        return NULL;
    }
    oe__epochs_init(&population->epochs);
    atomic_init(&population->directory, directory);
    atomic_init(&population->table, table);
    atomic_init(&population->count, 0);
    population->dictionary = oe__dictionary_hold(dictionary);
    return population;
}

static void free_records(oe__page *page)
{
    for (size_t lane = 0; page != NULL && lane < OE__PAGE; lane++)
        free(page->records[lane]);
}

void oe_population_free(oe_population *population)
{
    if (population == NULL)
        return;
    oe__epochs_collect(&population->epochs, true);
    oe__directory *directory = atomic_load(&population->directory);
    for (size_t i = 0; i < directory->capacity; i++) {
        oe__page *page = atomic_load(&directory->pages[i]);
        free_records(page);
        oe__page_free(page);
    }
    free(directory);
    free(atomic_load(&population->table));
    free(population->free_rows.items);
    free(population->leaving.items);
    free(population->drafts.items);
    free(population->draft_of.items);
    pthread_mutex_destroy(&population->writer);
    pthread_mutex_destroy(&population->publish);
    oe_dictionary_free(population->dictionary);
    free(population);
}

size_t oe_population_count(const oe_population *population)
{
    return atomic_load_explicit(&((oe_population *)(uintptr_t)population)->count,
                                memory_order_relaxed);
}

void oe_population_begin(oe_population *population)
{
    pthread_mutex_lock(&population->writer);
    population->batch++;
}

/* ---- pages as the writer sees them ---- */

static uint32_t *draft_place(const oe_population *population, uint32_t page)
{
    return page < population->draft_of.count ? (uint32_t *)population->draft_of.items + page
                                             : NULL;
}

static oe__page *writer_page(const oe_population *population, uint32_t index)
{
    const uint32_t *place = draft_place(population, index);
    if (place != NULL && *place != 0)
        return ((const oe__draft *)population->drafts.items)[*place - 1].page;
    oe__directory *directory = atomic_load_explicit(
        &((oe_population *)(uintptr_t)population)->directory, memory_order_relaxed);
    return index < directory->capacity
               ? atomic_load_explicit(&directory->pages[index], memory_order_relaxed)
               : NULL;
}

static bool holds(const void *context, uint32_t row, const char *id, size_t length)
{
    const oe__page *page = writer_page(context, row / OE__PAGE);
    const oe__record *record = page ? page->records[row % OE__PAGE] : NULL;
    return record != NULL && record->id_length == length &&
           memcmp(record->bytes, id, length) == 0;
}

/* The page to write to, copied at the batch's first write to it; NULL: out of memory. */
static oe__page *page_to_write(oe_population *population, uint32_t index)
{
    while (population->draft_of.count <= index)
        if (oe__list_add(&population->draft_of, sizeof(uint32_t)) == NULL)
            return NULL;
    uint32_t *place = draft_place(population, index);
    if (*place != 0)
        return ((oe__draft *)population->drafts.items)[*place - 1].page;
    oe__page *copy = oe__page_copy(writer_page(population, index));
    if (copy == NULL)
        return NULL;
    oe__draft *draft = oe__list_add(&population->drafts, sizeof *draft);
    if (draft == NULL) {
        oe__page_free(copy);
        return NULL;
    }
    copy->batch = population->batch;
    *draft = (oe__draft){index, copy};
    *place = (uint32_t)population->drafts.count;
    return copy;
}

/* A write may retire a record, a directory and a table; each draft will retire the page it
 * replaces. */
static bool reserve_notes(oe_population *population)
{
    return oe__epochs_reserve(&population->epochs, population->drafts.count + NOTES_PER_PUT);
}

/* ---- growing ---- */

static bool grow_directory(oe_population *population, size_t pages)
{
    oe__directory *old = atomic_load_explicit(&population->directory, memory_order_relaxed);
    if (pages <= old->capacity)
        return true;
    oe__directory *grown = new_directory(old->capacity * 2);
    if (grown == NULL)
        return false;
    for (size_t i = 0; i < old->capacity; i++)
        atomic_init(&grown->pages[i],
                    atomic_load_explicit(&old->pages[i], memory_order_relaxed));
    atomic_store(&population->directory, grown);
    oe__epochs_retire(&population->epochs, old, free);
    return true;
}

static bool grow_table(oe_population *population)
{
    oe__table *old = atomic_load_explicit(&population->table, memory_order_relaxed);
    if (!oe__table_is_full(old))
        return true;
    oe__table *grown =
        oe__table_new((atomic_load(&population->count) + population->leaving.count) * 2 + 1);
    if (grown == NULL)
        return false;
    for (size_t slot = 0; slot < old->slot_count; slot++) {
        uint32_t held = atomic_load_explicit(&old->slots[slot], memory_order_relaxed);
        if (held == 0 || held == OE__GONE)
            continue;
        const oe__page *page = writer_page(population, (held - 1) / OE__PAGE);
        const oe__record *record = page->records[(held - 1) % OE__PAGE];
        if (record != NULL) /* else it is leaving, see below */
            oe__table_put(grown, oe__names_hash(record->bytes, record->id_length), held - 1);
    }
    const oe__leaver *leaving = population->leaving.items;
    for (size_t i = 0; i < population->leaving.count; i++)
        oe__table_put(grown, leaving[i].hash, leaving[i].row);
    atomic_store(&population->table, grown);
    oe__epochs_retire(&population->epochs, old, free);
    return true;
}

/* ---- writing ---- */

static oe__record *new_record(const oe_profile *profile)
{
    size_t extras = profile->extras.length;
    oe__record *record = malloc(sizeof *record + profile->id_length + extras);
    if (record == NULL)
        return NULL;
    record->extras_length = (uint32_t)extras;
    record->id_length = (uint8_t)profile->id_length;
    memcpy(record->bytes, profile->id, profile->id_length);
    if (extras > 0)
        memcpy(record->bytes + profile->id_length, profile->extras.data, extras);
    return record;
}

static bool take_row(oe_population *population, uint32_t *row)
{
    oe__list *free_rows = &population->free_rows;
    if (free_rows->count > 0) {
        *row = ((const uint32_t *)free_rows->items)[--free_rows->count];
        return true;
    }
    if (population->row_count >= ROWS_MAX)
        return false;
    *row = population->row_count++;
    return true;
}

static void give_row_back(oe_population *population, uint32_t row)
{
    uint32_t *given = oe__list_add(&population->free_rows, sizeof *given);
    if (given != NULL) /* else the row stays unused: nothing is wrong but 100 bytes */
        *given = row;
}

static bool store_row(oe_population *population, uint32_t row, const oe_profile *profile)
{
    oe__record *record = new_record(profile);
    oe__page *page = record ? page_to_write(population, row / OE__PAGE) : NULL;
    if (page == NULL || !oe__page_store(page, row % OE__PAGE, profile)) {
        free(record);
        return false;
    }
    oe__epochs_retire(&population->epochs, page->records[row % OE__PAGE], free);
    page->records[row % OE__PAGE] = record;
    return true;
}

static const oe__record *published_record(const oe_population *population, uint32_t row)
{
    oe__directory *directory = atomic_load_explicit(
        &((oe_population *)(uintptr_t)population)->directory, memory_order_relaxed);
    const oe__page *page =
        atomic_load_explicit(&directory->pages[row / OE__PAGE], memory_order_relaxed);
    return page != NULL ? page->records[row % OE__PAGE] : NULL;
}

/* The leaver whom readers still see under this id, NULL when there is none. */
static oe__leaver *find_leaver(const oe_population *population, const oe_profile *profile)
{
    oe__leaver *leaving = population->leaving.items;
    uint64_t hash = oe__names_hash(profile->id, profile->id_length);
    for (size_t i = 0; i < population->leaving.count; i++) {
        const oe__record *record =
            leaving[i].hash == hash ? published_record(population, leaving[i].row) : NULL;
        if (record != NULL && record->id_length == profile->id_length &&
            memcmp(record->bytes, profile->id, profile->id_length) == 0)
            return &leaving[i];
    }
    return NULL;
}

/* Who goes and comes within one batch keeps the row, so that no reader finds both or neither.
 */
static bool take_back(oe_population *population, oe__leaver *leaver, const oe_profile *profile)
{
    if (!store_row(population, leaver->row, profile))
        return false;
    oe__leaver *leaving = population->leaving.items;
    *leaver = leaving[--population->leaving.count];
    atomic_fetch_add_explicit(&population->count, 1, memory_order_relaxed);
    return true;
}

static bool add_row(oe_population *population, const oe_profile *profile)
{
    uint32_t row;
    oe__leaver *leaver = find_leaver(population, profile);
    if (leaver != NULL)
        return take_back(population, leaver, profile);
    if (!grow_table(population) || !take_row(population, &row))
        return false;
    if (!grow_directory(population, row / OE__PAGE + 1) ||
        !store_row(population, row, profile)) {
        give_row_back(population, row);
        return false;
    }
    oe__table *table = atomic_load_explicit(&population->table, memory_order_relaxed);
    oe__table_put(table, oe__names_hash(profile->id, profile->id_length), row);
    atomic_fetch_add_explicit(&population->count, 1, memory_order_relaxed);
    return true;
}

/* Values lie here now that have to be read with the types they were written with. */
static void keep_types(const oe_ruleset *ruleset)
{
    atomic_bool *has_stored = &((oe_ruleset *)(uintptr_t)ruleset)->has_stored;
    if (!atomic_load_explicit(has_stored, memory_order_relaxed))
        atomic_store_explicit(has_stored, true, memory_order_relaxed);
}

oe_status oe_population_put(oe_population *population, const oe_profile *profile,
                            bool *replaced, oe_error *error)
{
    oe_status status = oe_profile_check(profile, error);
    if (status != OE_OK)
        return status;
    if (profile->ruleset->dictionary != population->dictionary)
        return oe__fail(error, OE_E_ARGUMENT,
                        "population: the profile's rules use another dictionary");
    keep_types(profile->ruleset);
    oe__table *table = atomic_load_explicit(&population->table, memory_order_relaxed);
    size_t slot = oe__table_find(table, profile->id, profile->id_length, holds, population);
    bool exists = slot < table->slot_count;
    bool stored = reserve_notes(population);
    if (stored)
        stored = exists ? store_row(population, atomic_load(&table->slots[slot]) - 1, profile)
                        : add_row(population, profile);
    if (!stored)
        return oe__fail(error, OE_E_MEMORY, "population: out of memory");
    if (replaced != NULL)
        *replaced = exists;
    return OE_OK;
}

bool oe_population_remove(oe_population *population, const char *id, size_t length)
{
    oe__table *table = atomic_load_explicit(&population->table, memory_order_relaxed);
    size_t slot = oe__table_find(table, id, length, holds, population);
    if (slot == table->slot_count)
        return false;
    uint32_t row = atomic_load(&table->slots[slot]) - 1;
    oe__page *page =
        reserve_notes(population) ? page_to_write(population, row / OE__PAGE) : NULL;
    oe__leaver *leaver =
        page != NULL ? oe__list_add(&population->leaving, sizeof *leaver) : NULL;
    if (leaver == NULL)
        return false;
    *leaver = (oe__leaver){oe__names_hash(id, length), row};
    oe__page_clear(page, row % OE__PAGE);
    oe__epochs_retire(&population->epochs, page->records[row % OE__PAGE], free);
    page->records[row % OE__PAGE] = NULL;
    atomic_fetch_sub_explicit(&population->count, 1, memory_order_relaxed);
    return true;
}

/* Once no published page holds them: their slots and rows are free for others. */
static void drop_leavers(oe_population *population)
{
    oe__table *table = atomic_load_explicit(&population->table, memory_order_relaxed);
    const oe__leaver *leaving = population->leaving.items;
    for (size_t i = 0; i < population->leaving.count; i++) {
        oe__table_drop(table, leaving[i].hash, leaving[i].row);
        give_row_back(population, leaving[i].row);
    }
    population->leaving.count = 0;
}

static void release_page(void *page)
{
    oe__page_free(page);
}

void oe_population_commit(oe_population *population)
{
    const oe__draft *drafts = population->drafts.items;
    oe__directory *directory =
        atomic_load_explicit(&population->directory, memory_order_relaxed);
    pthread_mutex_lock(&population->publish);
    for (size_t i = 0; i < population->drafts.count; i++) {
        oe__page *old = atomic_exchange(&directory->pages[drafts[i].index], drafts[i].page);
        oe__epochs_retire(&population->epochs, old, release_page);
        ((uint32_t *)population->draft_of.items)[drafts[i].index] = 0;
    }
    pthread_mutex_unlock(&population->publish);
    population->drafts.count = 0;
    drop_leavers(population);
    oe__epochs_collect(&population->epochs, false);
    pthread_mutex_unlock(&population->writer);
}

static bool has_extras(const oe__page *page)
{
    for (size_t lane = 0; page != NULL && lane < OE__PAGE; lane++)
        if (page->records[lane] != NULL && page->records[lane]->extras_length > 0)
            return true;
    return false;
}

oe_status oe_population_refresh(oe_population *population, oe_error *error)
{
    bool done = true;
    oe_population_begin(population);
    for (uint32_t i = 0; done && i * OE__PAGE < population->row_count; i++) {
        if (!has_extras(writer_page(population, i)))
            continue;
        oe__page *page = reserve_notes(population) ? page_to_write(population, i) : NULL;
        done = page != NULL && oe__page_refresh(page, population->dictionary);
    }
    oe_population_commit(population);
    return done ? OE_OK : oe__fail(error, OE_E_MEMORY, "population: out of memory");
}
