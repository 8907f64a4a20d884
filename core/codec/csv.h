/* csv.h: RFC 4180 as a stream: fed in chunks cut anywhere, read record by record without
 * allocation, written field by field. Knows records and fields and nothing of what they mean.
 *
 * Fields are separated by commas; a field in quotes may hold commas, line breaks and doubled
 * quotes. Lines end in LF or CRLF, the last one may lack its end. A UTF-8 byte order mark at
 * the very start and blank lines are skipped; a line of spaces is not blank. Every record has
 * as many fields as the first one. Text is UTF-8 without NUL. Spaces belong to their field. */
#ifndef OE_CODEC_CSV_H
#define OE_CODEC_CSV_H

#include "engine/text.h"
#include "offerengine.h"

typedef struct oe__csv_field {
    const char *bytes; /* unquoted; may hold line breaks */
    size_t length;
    bool quoted; /* tells "" from nothing */
} oe__csv_field;

typedef enum oe__csv_event {
    OE_CSV_RECORD, /* reader->fields and field_count hold the next record until the next call */
    OE_CSV_MORE,   /* the chunk is used up: feed the next one */
    OE_CSV_END,    /* all of the last chunk is read */
    OE_CSV_FAILED  /* the record at hand is bad; the next call goes on behind it */
} oe__csv_event;

/* What the caller owns and lends: room for the text and the fields of one record. */
typedef struct oe__csv_room {
    char *text;
    size_t text_size; /* the longest record, in bytes without its quotes and separators */
    oe__csv_field *fields;
    size_t field_max;
} oe__csv_room;

typedef struct oe__csv_reader {
    /* For the caller to read. */
    const oe__csv_field *fields;
    size_t field_count;
    int64_t row;  /* 1-based number of the record at hand, the header being row 1; blank lines
                     have none */
    int64_t line; /* 1-based line that record begins in */

    /* Private. */
    oe__csv_room room;
    const char *chunk, *chunk_end;
    bool is_last, in_record;
    int state;
    unsigned mark_bytes; /* of a byte order mark, so far */
    size_t expected;     /* fields per record, 0 before the first */
    size_t used;         /* of room.text */
    size_t field_start;  /* offset in room.text */
    size_t column;       /* fields finished in the record being read, also those without room */
    bool field_quoted;
    int64_t current_line;   /* of the byte being read */
    int64_t quote_line;     /* where the quote that is open was opened */
    oe_status fault_status; /* first fault of the record being read */
    const char *fault;
    int64_t fault_line;
    size_t fault_column;
} oe__csv_reader;

void oe__csv_begin(oe__csv_reader *reader, oe__csv_room room);

/* Hands over the next chunk, which must stay until OE_CSV_MORE or OE_CSV_END; the one before
 * must be used up. `is_last`: nothing comes behind it (an empty last chunk is fine). */
void oe__csv_feed(oe__csv_reader *reader, const char *bytes, size_t length, bool is_last);

/* The next record. On OE_CSV_FAILED the error names row, line and column (1-based) and its
 * position is the row: OE_E_SYNTAX (quote not closed, stray quote, text behind a closing quote,
 * carriage return without line feed, wrong number of fields), OE_E_INVALID (NUL, malformed
 * UTF-8), OE_E_LIMIT (record too long or too many fields). Only the first fault of a record is
 * told; reading can go on behind it, where a quote that is not closed has taken the rest of the
 * text. */
oe__csv_event oe__csv_next(oe__csv_reader *reader, oe_error *error);

/* For a header row: OE_E_INVALID when a column has no name, OE_E_CONFLICT when two have the
 * same. */
oe_status oe__csv_check_header(const oe__csv_reader *reader, oe_error *error);

/* The index of the field of the record at hand that is exactly `name`, SIZE_MAX if none is. */
size_t oe__csv_find(const oe__csv_reader *reader, const char *name);

/* Appends one field, in quotes only where it holds a quote, comma or line break, or begins with
 * a byte order mark. Separators and line ends are the caller's. A record that is one empty
 * field would read as a blank line: write "\"\"" for it. Data are never altered: a spreadsheet
 * may take a field that begins with = + - or @ for a formula. Whoever opens a file with text
 * from strangers in one must import its columns as text. */
void oe__csv_write_field(oe__buffer *buffer, const char *bytes, size_t length);

#endif
