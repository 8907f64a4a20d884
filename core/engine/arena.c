/* arena.c: a bump allocator over a chain of blocks. */
#include "engine/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

enum { DEFAULT_BLOCK = 16 * 1024 };

struct oe__arena_block {
    struct oe__arena_block *next;
    size_t used, size;
    alignas(max_align_t) unsigned char bytes[];
};

static struct oe__arena_block *add_block(oe__arena *arena, size_t size)
{
    size_t ordinary = arena->block_size ? arena->block_size : DEFAULT_BLOCK;
    if (size < ordinary)
        size = ordinary;
    if (size > SIZE_MAX - sizeof(struct oe__arena_block))
        return NULL;
    struct oe__arena_block *block = malloc(sizeof *block + size);
    if (block == NULL)
        return NULL;
    *block = (struct oe__arena_block){.next = arena->first, .size = size};
    arena->first = block;
    return block;
}

void *oe__arena_take(oe__arena *arena, size_t size)
{
    size_t unit = alignof(max_align_t);
    if (size > SIZE_MAX - unit)
        return NULL;
    size_t rounded = size == 0 ? unit : (size + unit - 1) / unit * unit;
    struct oe__arena_block *block = arena->first;
    if (block == NULL || block->size - block->used < rounded)
        block = add_block(arena, rounded);
    if (block == NULL)
        return NULL;
    void *taken = block->bytes + block->used;
    block->used += rounded;
    return memset(taken, 0, rounded);
}

void *oe__arena_array(oe__arena *arena, size_t count, size_t size)
{
    return size != 0 && count > SIZE_MAX / size ? NULL : oe__arena_take(arena, count * size);
}

char *oe__arena_text(oe__arena *arena, const char *bytes, size_t length)
{
    char *copy = length < SIZE_MAX ? oe__arena_take(arena, length + 1) : NULL;
    if (copy != NULL && length > 0)
        memcpy(copy, bytes, length);
    return copy;
}

void oe__arena_reset(oe__arena *arena)
{
    struct oe__arena_block *kept = arena->first;
    if (kept == NULL)
        return;
    for (struct oe__arena_block *next, *block = kept->next; block != NULL; block = next) {
        next = block->next;
        free(block);
    }
    kept->next = NULL;
    kept->used = 0;
}

void oe__arena_free(oe__arena *arena)
{
    for (struct oe__arena_block *next, *block = arena->first; block != NULL; block = next) {
        next = block->next;
        free(block);
    }
    arena->first = NULL;
}
