/* canonical_put.c: the fields and lists that canonical bytes are made of. */
#include "engine/canonical.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- fields ---- */

void oe__put_time(oe__writer *to, const char *key, int64_t at_ms)
{
    char text[32];
    (void)snprintf(text, sizeof text, "=%lld;", (long long)at_ms);
    oe__buffer_add_text(to->out, key);
    oe__buffer_add_text(to->out, text);
}

void oe__put_count(oe__writer *to, const char *key, size_t count)
{
    oe__put_time(to, key, (int64_t)count);
}

static void put_bytes(oe__writer *to, const char *bytes, size_t length)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%zu:", length);
    oe__buffer_add_text(to->out, text);
    oe__buffer_add(to->out, bytes, length);
}

void oe__put_text(oe__writer *to, const char *key, const char *text)
{
    oe__buffer_add_text(to->out, key);
    oe__buffer_add_char(to->out, text != NULL ? '=' : '-');
    if (text != NULL)
        put_bytes(to, text, strlen(text));
    oe__buffer_add_char(to->out, ';');
}

/* The bits of the double; the two zeros and all NaNs are one each. */
void oe__put_number(oe__writer *to, const char *key, double value)
{
    uint64_t bits = 0;
    char text[32] = "=nan;";
    value += 0.0;
    memcpy(&bits, &value, sizeof bits);
    if (value == value)
        (void)snprintf(text, sizeof text, "=%016llx;", (unsigned long long)bits);
    oe__buffer_add_text(to->out, key);
    oe__buffer_add_text(to->out, text);
}

void oe__put_value(oe__writer *to, const char *key, const oe_value *value)
{
    oe__put_text(to, key, value->text);
    if (value->text == NULL)
        oe__put_number(to, key, value->number);
}

void oe__put_flag(oe__writer *to, const char *key, bool value)
{
    oe__buffer_add_text(to->out, key);
    oe__buffer_add_text(to->out, value ? "=1;" : "=0;");
}

/* ---- lists ---- */

static int compare_pieces(const void *left, const void *right)
{
    const oe__buffer *a = left, *b = right;
    return oe__text_compare(a->data ? a->data : "", a->length, b->data ? b->data : "",
                            b->length);
}

static void write_piece(oe__writer *to, oe__buffer *piece, const void *item,
                        oe__write_item write)
{
    oe__buffer *out = to->out;
    to->out = piece;
    write(to, item);
    to->out = out;
    to->failed |= piece->failed;
}

void oe__put_items(oe__writer *to, const char *key, oe__items list, oe__write_item write)
{
    oe__buffer *pieces = calloc(list.count + 1, sizeof *pieces);
    to->failed |= pieces == NULL;
    for (size_t i = 0; pieces != NULL && i < list.count; i++)
        write_piece(to, &pieces[i], (const char *)list.first + i * list.size, write);
    if (pieces != NULL && !list.in_order && list.count > 1)
        qsort(pieces, list.count, sizeof *pieces, compare_pieces);
    oe__put_count(to, key, list.count);
    for (size_t i = 0; pieces != NULL && i < list.count; i++) {
        put_bytes(to, pieces[i].data ? pieces[i].data : "", pieces[i].length);
        oe__buffer_free(&pieces[i]);
    }
    oe__buffer_add_char(to->out, '\n');
    free(pieces);
}

oe__items oe__sorted_items(const void *first, size_t count, size_t size)
{
    return (oe__items){first, count, size, false};
}

oe__items oe__kept_items(const void *first, size_t count, size_t size)
{
    return (oe__items){first, count, size, true};
}

void oe__write_name(oe__writer *to, const void *item)
{
    const char *const *name = item;
    oe__put_text(to, "name", *name);
}

void oe__put_names(oe__writer *to, const char *key, const char *const *names, size_t count)
{
    oe__put_items(to, key, oe__sorted_items(names, count, sizeof *names), oe__write_name);
}
