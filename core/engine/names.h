/* names.h: an append-only table that numbers texts 0, 1, 2, ... in the order of their first
 * appearance. Not thread-safe; whoever shares one guards it. */
#ifndef OE_ENGINE_NAMES_H
#define OE_ENGINE_NAMES_H

#include "offerengine.h"

enum { OE__NO_NAME = -1 };

typedef struct oe__name {
    char *text; /* terminated */
    uint32_t length;
} oe__name;

/* Zero-initialise; oe__names_free releases. Texts never move, so borrowed pointers last as long
 * as the table. */
typedef struct oe__names {
    oe__name *names;
    size_t count, capacity;
    uint32_t *slots; /* open addressing: number + 1, 0 empty */
    size_t slot_count;
} oe__names;

void oe__names_free(oe__names *table);

/* The number of a text, OE__NO_NAME when it is not there. */
int32_t oe__names_find(const oe__names *table, const char *text, size_t length);

/* The number of a text, which is added when it is new. OE__NO_NAME: out of memory. */
int32_t oe__names_add(oe__names *table, const char *text, size_t length);

/* Of words of eight bytes, each mixed by a multiplication and a shift, so that low bits are
 * usable. Differs between machines of different byte order: nothing may keep it. */
uint64_t oe__names_hash(const char *bytes, size_t length);

#endif
