/* columns.h: what the columns of a CSV mean by the schema, and a record as the JSON text it
 * stands for. Knows nothing of files or Lua. */
#ifndef OE_LUA_COLUMNS_H
#define OE_LUA_COLUMNS_H

#include "records.h"

typedef struct oe_lua_column {
    size_t index;                  /* in the file */
    const oe_attribute *attribute; /* NULL: the customer's id */
} oe_lua_column;

typedef struct oe_lua_columns {
    oe_lua_column *used; /* in file order */
    size_t used_count;
    char **undeclared; /* names, in file order */
    size_t undeclared_count;
} oe_lua_columns;

/* Reads the header at hand: `income` or `attr.income` is the attribute income. OE_E_INVALID: a
 * column that the schema requires is missing. OE_E_CONFLICT: two columns are one attribute.
 * OE_E_MEMORY. */
oe_status oe__columns_read(oe_lua_columns *columns, const oe_ruleset *ruleset,
                           const oe__csv_reader *header, oe_error *error);
void oe__columns_free(oe_lua_columns *columns);

/* Appends the JSON text of one record. `ends` are the ends in `text` of its used fields,
 * `start` is where the first begins. An empty cell is not on file; an empty set of products is
 * none. */
typedef struct oe_lua_cells {
    const char *text;
    size_t start;
    const size_t *ends;
} oe_lua_cells;

void oe__columns_write(const oe_lua_columns *columns, const oe_lua_map *map, oe_lua_cells cells,
                       oe__buffer *out);

/* Appends a profile's JSON text with its owned products (the member `owned`) translated. Text
 * that is no such profile goes out as it is. */
void oe__line_write_mapped(const char *line, size_t length, const char *owned,
                           const oe_lua_map *map, oe__buffer *out);

#endif
