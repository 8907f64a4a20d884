/* arena.h: memory that is given back all at once. One arena per request, one per ruleset. */
#ifndef OE_ENGINE_ARENA_H
#define OE_ENGINE_ARENA_H

#include "offerengine.h"

typedef struct oe__arena {
    struct oe__arena_block *first; /* the block being filled; older ones hang behind it */
    size_t block_size;             /* bytes of an ordinary block; 0 means 16 KiB */
} oe__arena;

/* `size` zeroed bytes, aligned for any type; NULL when memory is out. Zero-initialise the arena
 * first. */
void *oe__arena_take(oe__arena *arena, size_t size);

/* count × size zeroed bytes; NULL on overflow as well. */
void *oe__arena_array(oe__arena *arena, size_t count, size_t size);

/* A terminated copy of `length` bytes. */
char *oe__arena_text(oe__arena *arena, const char *bytes, size_t length);

/* Forgets everything taken but keeps one block for the next round. */
void oe__arena_reset(oe__arena *arena);
void oe__arena_free(oe__arena *arena);

#endif
