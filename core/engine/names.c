/* names.c: text table with open addressing, at most half full. */
#include "engine/names.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 32 };

enum { WORD = sizeof(uint64_t), HALF = sizeof(uint32_t) };

static uint64_t load_half(const char *bytes)
{
    uint32_t half;
    memcpy(&half, bytes, sizeof half);
    return half;
}

/* At most a word; the halves of short ones overlap. */
static uint64_t load_rest(const char *bytes, size_t length)
{
    if (length >= HALF)
        return load_half(bytes) | load_half(bytes + length - HALF) << 32;
    if (length == 0)
        return 0;
    return (uint64_t)(unsigned char)bytes[0] | (uint64_t)(unsigned char)bytes[length / 2] << 8 |
           (uint64_t)(unsigned char)bytes[length - 1] << 16;
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 32;
}

uint64_t oe__names_hash(const char *bytes, size_t length)
{
    uint64_t hash = length * UINT64_C(0xFF51AFD7ED558CCD);
    for (; length > WORD; length -= WORD, bytes += WORD) {
        uint64_t word;
        memcpy(&word, bytes, sizeof word);
        hash = mix(hash, word);
    }
    hash = mix(hash, load_rest(bytes, length)) * UINT64_C(0xFF51AFD7ED558CCD);
    return hash ^ hash >> 33;
}

void oe__names_free(oe__names *table)
{
    for (size_t i = 0; i < table->count; i++)
        free(table->names[i].text);
    free(table->names);
    free(table->slots);
    *table = (oe__names){0};
}

static size_t slot_of(const oe__names *table, const char *text, size_t length)
{
    size_t mask = table->slot_count - 1;
    size_t slot = (size_t)oe__names_hash(text, length) & mask;
    for (; table->slots[slot] != 0; slot = (slot + 1) & mask) {
        const oe__name *name = &table->names[table->slots[slot] - 1];
        if (name->length == length && memcmp(name->text, text, length) == 0)
            break;
    }
    return slot;
}

int32_t oe__names_find(const oe__names *table, const char *text, size_t length)
{
    if (table->slot_count == 0)
        return OE__NO_NAME;
    return (int32_t)table->slots[slot_of(table, text, length)] - 1;
}

static bool grow_slots(oe__names *table)
{
    size_t slot_count = table->slot_count ? table->slot_count * 2 : FIRST_SLOTS;
    uint32_t *slots = calloc(slot_count, sizeof *slots);
    if (slots == NULL)
        return false;
    free(table->slots);
    table->slots = slots;
    table->slot_count = slot_count;
    for (size_t i = 0; i < table->count; i++)
        slots[slot_of(table, table->names[i].text, table->names[i].length)] = (uint32_t)i + 1;
    return true;
}

static bool grow_names(oe__names *table)
{
    size_t capacity = table->capacity ? table->capacity * 2 : FIRST_SLOTS / 2;
    oe__name *names = realloc(table->names, capacity * sizeof *names);
    if (names == NULL)
        return false;
    table->names = names;
    table->capacity = capacity;
    return true;
}

int32_t oe__names_add(oe__names *table, const char *text, size_t length)
{
    int32_t found = oe__names_find(table, text, length);
    if (found >= 0)
        return found;
    if (table->count >= INT32_MAX - 1 || length >= UINT32_MAX)
        return OE__NO_NAME;
    if (table->count == table->capacity && !grow_names(table))
        return OE__NO_NAME;
    if (table->count * 2 >= table->slot_count && !grow_slots(table))
        return OE__NO_NAME;
    char *copy = malloc(length + 1);
    if (copy == NULL)
        return OE__NO_NAME;
    memcpy(copy, text, length);
    copy[length] = '\0';
    table->names[table->count] = (oe__name){copy, (uint32_t)length};
    table->slots[slot_of(table, text, length)] = (uint32_t)table->count + 1;
    return (int32_t)table->count++;
}
