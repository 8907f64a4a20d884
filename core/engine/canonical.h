/* canonical.h: writing canonical bytes: named fields, texts with their length before them,
 * lists that are sorted by their bytes or kept in order. */
#ifndef OE_ENGINE_CANONICAL_H
#define OE_ENGINE_CANONICAL_H

#include "engine/ruleset.h"

typedef struct oe__writer {
    const oe_ruleset *ruleset;
    oe__buffer *out;
    uint32_t *seen; /* by condition node: its number in the condition being written, from 1 */
    bool failed;
} oe__writer;

typedef void (*oe__write_item)(oe__writer *to, const void *item);

void oe__put_time(oe__writer *to, const char *key, int64_t at_ms);
void oe__put_count(oe__writer *to, const char *key, size_t count);
void oe__put_text(oe__writer *to, const char *key, const char *text);
/* The two zeros and all NaNs are one each. */
void oe__put_number(oe__writer *to, const char *key, double value);
void oe__put_value(oe__writer *to, const char *key, const oe_value *value);
void oe__put_flag(oe__writer *to, const char *key, bool value);

typedef struct oe__items {
    const void *first;
    size_t count, size;
    bool in_order; /* their order is part of the meaning */
} oe__items;

oe__items oe__sorted_items(const void *first, size_t count, size_t size);
oe__items oe__kept_items(const void *first, size_t count, size_t size);
void oe__put_items(oe__writer *to, const char *key, oe__items list, oe__write_item write);

void oe__write_name(oe__writer *to, const void *item); /* a const char * */
void oe__put_names(oe__writer *to, const char *key, const char *const *names, size_t count);

#endif
