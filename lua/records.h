/* records.h: customers as records of a CSV or NDJSON stream. Cuts the stream into chunks of
 * whole records, and turns a record into a profile by the codec. Knows nothing of Lua. */
#ifndef OE_LUA_RECORDS_H
#define OE_LUA_RECORDS_H

#include "codec/csv.h"
#include "engine/text.h"
#include "offerengine.h"

enum {
    OE_LUA_CHUNK_RECORDS = 256,      /* records of one chunk */
    OE_LUA_RECORD_MAX = 1024 * 1024, /* bytes of one record */
    OE_LUA_COLUMNS_MAX = 1024
};

typedef enum oe_lua_format { OE_LUA_CSV, OE_LUA_NDJSON, OE_LUA_AUTO } oe_lua_format;

/* ---- Product ids of another house ---- */

/* From a CSV with the columns from and to. An id may lead to several (one row each) or, with an
 * empty `to`, to none; ids that are not listed stay as they are. */
typedef struct oe_lua_map oe_lua_map;

oe_status oe_lua_map_read(const char *path, oe_lua_map **map, oe_error *error);
void oe_lua_map_free(oe_lua_map *map);

/* Calls back for each id that `id` stands for. */
typedef void (*oe_lua_map_visitor)(void *context, const char *id, size_t length);
void oe_lua_map_visit(const oe_lua_map *map, const char *id, size_t length,
                      oe_lua_map_visitor visitor, void *context);

/* ---- The stream ---- */

typedef struct oe_lua_record {
    int64_t row;          /* 1-based; of a CSV the header is row 1 */
    size_t first, length; /* NDJSON: its bytes; CSV: its fields */
    char *fault;          /* CSV: why it could not be cut into fields, else NULL */
} oe_lua_record;

/* Whole records with all they point at. Zero-initialise; oe_lua_chunk_free releases. */
typedef struct oe_lua_chunk {
    oe_lua_record records[OE_LUA_CHUNK_RECORDS];
    size_t count;
    oe__buffer text;
    size_t *ends; /* CSV: where each field of the chunk ends in `text` */
    size_t end_count, end_capacity;
} oe_lua_chunk;

void oe_lua_chunk_free(oe_lua_chunk *chunk);

typedef struct oe_lua_stream oe_lua_stream;

typedef struct oe_lua_stream_options {
    const char *path;     /* "-": standard input */
    oe_lua_format format; /* OE_LUA_AUTO: by the name's end, else by the first byte */
    const oe_ruleset *ruleset;
    const oe_lua_map *map; /* may be NULL; both are borrowed as long as the stream lives */
} oe_lua_stream_options;

/* OE_E_INVALID names every column that the schema needs and the header at hand lacks.
 * OE_E_MEMORY. */
oe_status oe_lua_header_check(const oe__csv_reader *header, const oe_ruleset *ruleset,
                              oe_error *error);

/* Opens and, for CSV, reads the header. OE_E_NOT_FOUND, OE_E_IO: the file. OE_E_INVALID,
 * OE_E_SYNTAX, OE_E_CONFLICT: the header. OE_E_MEMORY. */
oe_status oe_lua_stream_open(const oe_lua_stream_options *options, oe_lua_stream **stream,
                             oe_error *error);
void oe_lua_stream_close(oe_lua_stream *stream);

/* Fills the chunk with the next records; none: the end. OE_E_IO, OE_E_MEMORY, OE_E_LIMIT (a
 * line too long). */
oe_status oe_lua_stream_next(oe_lua_stream *stream, oe_lua_chunk *chunk, oe_error *error);

/* Bytes read so far, and in all (-1: not known). */
int64_t oe_lua_stream_position(const oe_lua_stream *stream);
int64_t oe_lua_stream_size(const oe_lua_stream *stream);

/* Columns that the schema does not know, in their order; NULL behind the last. CSV only. */
const char *const *oe_lua_stream_undeclared(const oe_lua_stream *stream);

/* Reads record `index` of a chunk into `profile`, with `text` as room to write in. Any thread;
 * each with a profile, text and report of its own. OE_E_SYNTAX, OE_E_INVALID (report->faults,
 * unless its count is 0: then error says what), OE_E_MEMORY. */
typedef struct oe_lua_reading {
    oe_profile *profile;
    oe__buffer text;       /* a line with its products translated */
    oe__csv_field *fields; /* of a CSV record */
    oe_read_report report;
    oe_error error;
} oe_lua_reading;

void oe_lua_reading_free(oe_lua_reading *reading);

oe_status oe_lua_record_read(const oe_lua_stream *stream, const oe_lua_chunk *chunk,
                             size_t index, oe_lua_reading *reading);

/* What was wrong with the record last read, as one text behind "row N: ". Appends to `out`. */
void oe_lua_reading_explain(const oe_lua_reading *reading, int64_t row, oe__buffer *out);

#endif
