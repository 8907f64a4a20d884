/* profile_csv.h: profiles as records of a CSV. Knows nothing of files or of decisions.
 *
 * A column is customer_id, an attribute's name or attr.NAME. An empty cell is not on file, an
 * empty set of products is none; product ids are joined by '|'. Numbers are JSON numbers, flags
 * true, false, 1 or 0; nothing is trimmed or guessed. An empty text and an id that holds '|'
 * have no spelling in a cell. */
#ifndef OE_CODEC_PROFILE_CSV_H
#define OE_CODEC_PROFILE_CSV_H

#include "codec/csv.h"
#include "offerengine.h"

enum { OE_COLUMN_ID = -1, OE_COLUMN_UNDECLARED = -2 };

typedef struct oe__csv_column {
    int32_t attribute; /* or OE_COLUMN_ID, OE_COLUMN_UNDECLARED */
    bool prefixed;     /* named attr.NAME */
} oe__csv_column;

/* Zero-initialise; oe__csv_columns_free releases. The ruleset must outlive it. */
typedef struct oe__csv_columns {
    const oe_ruleset *ruleset;
    oe__csv_column *columns; /* in file order */
    size_t count, undeclared_count;
} oe__csv_columns;

/* Reads the header that is the record at hand. error.position is the row. OE_E_INVALID: no
 * column for customer_id or for an attribute that is neither optional nor nullable.
 * OE_E_CONFLICT: two columns for one attribute. OE_E_MEMORY. */
oe_status oe__csv_columns_read(oe__csv_columns *columns, const oe_ruleset *ruleset,
                               const oe__csv_reader *header, oe_error *error);
void oe__csv_columns_free(oe__csv_columns *columns);

/* Calls back for each product id that `id` stands for; none: it is dropped. */
typedef void (*oe__id_map)(const void *map, const char *id, size_t length,
                           oe_owned_visitor visitor, void *context);

typedef struct oe__csv_mapping {
    oe__id_map visit; /* NULL: ids stand for themselves */
    const void *map;
} oe__csv_mapping;

/* Reads the record at hand into `profile`. OE_E_INVALID: report->faults lists every fault, with
 * the column's name as its location and the place in the set behind it; otherwise as
 * oe_profile_read. */
oe_status oe__profile_read_csv(oe_profile *profile, const oe__csv_columns *columns,
                               const oe__csv_reader *record, oe__csv_mapping mapping,
                               oe_read_report *report);

/* Append the header and one record, each with its line end: customer_id, then the attributes in
 * schema order. */
void oe__profile_write_csv_header(oe__buffer *buffer, const oe_ruleset *ruleset);
void oe__profile_write_csv(oe__buffer *buffer, const oe_profile *profile);

#endif
