/* table.c: the index from customer id to row. One writer, readers never wait. */
#include "engine/population.h"

#include <stdlib.h>

enum { FIRST_SLOTS = 1024 };

oe__table *oe__table_new(size_t count)
{
    size_t slot_count = FIRST_SLOTS;
    while (slot_count < count * 2)
        slot_count *= 2;
    oe__table *table = calloc(1, sizeof *table + slot_count * sizeof *table->slots);
    if (table != NULL)
        table->slot_count = slot_count;
    return table;
}

void oe__table_put(oe__table *table, uint64_t hash, uint32_t row)
{
    size_t mask = table->slot_count - 1, slot = (size_t)hash & mask;
    while (atomic_load_explicit(&table->slots[slot], memory_order_relaxed) != 0)
        slot = (slot + 1) & mask;
    atomic_store_explicit(&table->slots[slot], row + 1, memory_order_release);
    table->used++;
}

void oe__table_drop(oe__table *table, uint64_t hash, uint32_t row)
{
    size_t mask = table->slot_count - 1, slot = (size_t)hash & mask;
    while (atomic_load_explicit(&table->slots[slot], memory_order_relaxed) != row + 1)
        slot = (slot + 1) & mask;
    atomic_store_explicit(&table->slots[slot], OE__GONE, memory_order_release);
}

size_t oe__table_find(const oe__table *table, const char *id, size_t length,
                      oe__table_match match, const void *context)
{
    size_t mask = table->slot_count - 1;
    size_t slot = (size_t)oe__names_hash(id, length) & mask;
    for (;; slot = (slot + 1) & mask) {
        uint32_t held = atomic_load_explicit(&table->slots[slot], memory_order_acquire);
        if (held == 0)
            return table->slot_count;
        if (held != OE__GONE && match(context, held - 1, id, length))
            return slot;
    }
}
