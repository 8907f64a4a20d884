/* columns.c: columns by the schema, records as JSON. */
#include "columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json.h"
#include "codec/number.h"

static oe_status refuse(oe_error *error, oe_status status, const char *problem,
                        const char *name)
{
    error->status = status;
    error->position = 1;
    (void)snprintf(error->message, sizeof error->message, "csv: row 1: %s '%s'", problem, name);
    return status;
}

static oe_status out_of_memory(oe_error *error)
{
    error->status = OE_E_MEMORY;
    error->position = -1;
    (void)snprintf(error->message, sizeof error->message, "csv: out of memory");
    return OE_E_MEMORY;
}

void oe__columns_free(oe_lua_columns *columns)
{
    for (size_t i = 0; i < columns->undeclared_count; i++)
        free(columns->undeclared[i]);
    free(columns->undeclared);
    free(columns->used);
    *columns = (oe_lua_columns){0};
}

/* ---- The header ---- */

static bool is_text(const char *bytes, size_t length, const char *terminated)
{
    return strlen(terminated) == length && memcmp(bytes, terminated, length) == 0;
}

/* Whether the schema has the column; *attribute is NULL for the id. */
static bool find_column(const oe_ruleset *ruleset, const oe__csv_field *name,
                        const oe_attribute **attribute)
{
    static const char prefix[] = "attr.";
    const size_t prefix_length = sizeof prefix - 1;
    const char *bytes = name->bytes;
    size_t length = name->length;
    *attribute = NULL;
    if (is_text(bytes, length, "customer_id"))
        return true;
    if (length > prefix_length && memcmp(bytes, prefix, prefix_length) == 0) {
        bytes += prefix_length;
        length -= prefix_length;
    }
    int32_t index = oe_ruleset_find(ruleset, OE_ATTRIBUTES, bytes, length);
    if (index >= 0)
        *attribute = oe_ruleset_attribute(ruleset, (size_t)index);
    return index >= 0;
}

static bool keep_undeclared(oe_lua_columns *columns, const oe__csv_field *name)
{
    char *copy = malloc(name->length + 1);
    if (copy == NULL)
        return false;
    memcpy(copy, name->bytes, name->length);
    copy[name->length] = '\0';
    columns->undeclared[columns->undeclared_count++] = copy;
    return true;
}

static bool has_column(const oe_lua_columns *columns, const oe_attribute *attribute)
{
    for (size_t i = 0; i < columns->used_count; i++) {
        if (columns->used[i].attribute == attribute)
            return true;
    }
    return false;
}

static oe_status check_complete(const oe_lua_columns *columns, const oe_ruleset *ruleset,
                                oe_error *error)
{
    static const char missing[] = "there is no column";
    if (!has_column(columns, NULL))
        return refuse(error, OE_E_INVALID, missing, "customer_id");
    size_t count = oe_ruleset_count(ruleset, OE_ATTRIBUTES);
    for (size_t i = 0; i < count; i++) {
        const oe_attribute *attribute = oe_ruleset_attribute(ruleset, i);
        if (!attribute->optional && !attribute->nullable && !has_column(columns, attribute))
            return refuse(error, OE_E_INVALID, missing, attribute->name);
    }
    return OE_OK;
}

oe_status oe__columns_read(oe_lua_columns *columns, const oe_ruleset *ruleset,
                           const oe__csv_reader *header, oe_error *error)
{
    columns->used = calloc(header->field_count + 1, sizeof *columns->used);
    columns->undeclared = calloc(header->field_count + 1, sizeof *columns->undeclared);
    if (columns->used == NULL || columns->undeclared == NULL)
        return out_of_memory(error);
    for (size_t i = 0; i < header->field_count; i++) {
        const oe_attribute *attribute = NULL;
        if (!find_column(ruleset, &header->fields[i], &attribute)) {
            if (!keep_undeclared(columns, &header->fields[i]))
                return out_of_memory(error);
            continue;
        }
        if (has_column(columns, attribute))
            return refuse(error, OE_E_CONFLICT, "two columns mean",
                          attribute != NULL ? attribute->name : "customer_id");
        columns->used[columns->used_count++] = (oe_lua_column){i, attribute};
    }
    return check_complete(columns, ruleset, error);
}

/* ---- Records as JSON ---- */

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

static void write_set(const char *cell, size_t length, const oe_lua_map *map, oe__buffer *out)
{
    set_writer writer = {.out = out};
    oe__buffer_add_char(out, '[');
    const char *end = cell + length;
    while (cell < end) {
        const char *bar = memchr(cell, '|', (size_t)(end - cell));
        const char *stop = bar != NULL ? bar : end;
        oe_lua_map_visit(map, cell, (size_t)(stop - cell), write_owned, &writer);
        cell = bar != NULL ? bar + 1 : end;
    }
    oe__buffer_add_char(out, ']');
}

/* A flag is true, false, 1 or 0; anything else goes on as text and is refused as such. */
static void write_flag(const char *cell, size_t length, oe__buffer *out)
{
    if (is_text(cell, length, "true") || is_text(cell, length, "1"))
        oe__buffer_add_text(out, "true");
    else if (is_text(cell, length, "false") || is_text(cell, length, "0"))
        oe__buffer_add_text(out, "false");
    else
        oe__json_write_string(out, cell, length);
}

static void write_cell(const oe_attribute *attribute, const char *cell, size_t length,
                       oe__buffer *out)
{
    double value = 0;
    bool goes_as_text = attribute == NULL || attribute->type == OE_TEXT;
    if (!goes_as_text && attribute->type == OE_FLAG)
        write_flag(cell, length, out);
    else if (!goes_as_text && oe__number_read(cell, length, &value) == OE_OK)
        oe__buffer_add(out, cell, length);
    else
        oe__json_write_string(out, cell, length);
}

static void write_name(const char *name, oe__buffer *out, bool *some)
{
    oe__buffer_add_char(out, *some ? ',' : '{');
    *some = true;
    oe__json_write_string(out, name, strlen(name));
    oe__buffer_add_char(out, ':');
}

void oe__columns_write(const oe_lua_columns *columns, const oe_lua_map *map, oe_lua_cells cells,
                       oe__buffer *out)
{
    bool some = false;
    size_t start = cells.start;
    for (size_t i = 0; i < columns->used_count; i++) {
        const oe_attribute *attribute = columns->used[i].attribute;
        const char *cell = cells.text + start;
        size_t length = cells.ends[i] - start;
        start = cells.ends[i];
        bool is_set = attribute != NULL && attribute->type == OE_PRODUCT_SET;
        if (length == 0 && !is_set && (attribute == NULL || !attribute->nullable))
            continue;
        write_name(attribute != NULL ? attribute->name : "customer_id", out, &some);
        if (is_set)
            write_set(cell, length, map, out);
        else if (length == 0)
            oe__buffer_add_text(out, "null");
        else
            write_cell(attribute, cell, length, out);
    }
    if (!some)
        oe__buffer_add_char(out, '{');
    oe__buffer_add_char(out, '}');
}

/* ---- Lines of JSON with translated products ---- */

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
