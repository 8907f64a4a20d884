/* mapped.c: translates owned products within the JSON text of a profile, token by token. */
#include "mapped.h"

#include <string.h>

#include "codec/json.h"

typedef struct set_writer {
    oe__buffer *out;
    bool some;
} set_writer;

static void write_owned(void *context, const char *id, size_t length)
{
    set_writer *writer = context;
    if (writer->some)
        oe__buffer_add_char(writer->out, ',');
    writer->some = true;
    oe__json_write_string(writer->out, id, length);
}

static bool is_text(const char *bytes, size_t length, const char *terminated)
{
    return strlen(terminated) == length && memcmp(bytes, terminated, length) == 0;
}

/* Translates the strings of the array that has just begun. Returns the offset behind it, 0 when
 * the array holds something else. */
static size_t map_array(oe__json_reader *reader, const oe_lua_map *map, oe__buffer *out)
{
    set_writer writer = {.out = out};
    oe__json_token token = {0};
    char id[OE_ID_MAX];
    oe__buffer_add_char(out, '[');
    while (oe__json_next(reader, &token, NULL) == OE_OK && token.type == OE_JSON_STRING) {
        size_t length = oe__json_unescape(token.bytes, token.length, id, sizeof id);
        if (length > sizeof id)
            return 0;
        oe_lua_map_visit(map, id, length, write_owned, &writer);
    }
    oe__buffer_add_char(out, ']');
    return token.type == OE_JSON_ARRAY_END ? token.offset + 1 : 0;
}

void oe__line_write_mapped(const char *line, size_t length, const char *owned,
                           const oe_lua_map *map, oe__buffer *out)
{
    size_t begin = out->length;
    size_t copied = 0;
    oe__json_reader reader;
    oe__json_token token = {0};
    oe__json_reader_begin(&reader, line, length);
    int depth = 0;
    bool is_owned = false; /* the value that comes next is the set */
    while (oe__json_next(&reader, &token, NULL) == OE_OK && token.type != OE_JSON_END) {
        if (is_owned && token.type == OE_JSON_ARRAY) {
            oe__buffer_add(out, line + copied, token.offset - copied);
            copied = map_array(&reader, map, out);
            if (copied == 0) {
                out->length = begin;
                break;
            }
            is_owned = false;
            continue;
        }
        is_owned = depth == 1 && token.type == OE_JSON_NAME &&
                   is_text(token.bytes, token.length, owned);
        if (token.type == OE_JSON_OBJECT || token.type == OE_JSON_ARRAY)
            depth++;
        else if (token.type == OE_JSON_OBJECT_END || token.type == OE_JSON_ARRAY_END)
            depth--;
    }
    oe__buffer_add(out, line + copied, length - copied);
}
