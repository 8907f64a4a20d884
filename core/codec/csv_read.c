/* csv_read.c: the record reader, a state machine over bytes that may stop between any two. A
 * fault is noted, the record read to its end all the same, and then reported: so the reader is
 * at a row's start again. */
#include "codec/csv.h"
#include "engine/status.h"

#include <stdio.h>
#include <string.h>

enum state {
    AT_START,     /* of the text: a byte order mark may come */
    FIELD_START,  /* nothing of the field read yet */
    PLAIN,        /* in a field without quotes */
    QUOTED,       /* between quotes */
    QUOTE_CLOSED, /* behind a closing quote, or in the middle of a doubled one */
    AFTER_RETURN  /* behind a carriage return outside quotes */
};

static const char byte_order_mark[] = "\xEF\xBB\xBF";

void oe__csv_begin(oe__csv_reader *reader, oe__csv_room room)
{
    *reader =
        (oe__csv_reader){.room = room, .fields = room.fields, .current_line = 1, .line = 1};
}

void oe__csv_feed(oe__csv_reader *reader, const char *bytes, size_t length, bool is_last)
{
    reader->chunk = bytes;
    reader->chunk_end = length > 0 ? bytes + length : bytes;
    reader->is_last = is_last;
}

static void note_at(oe__csv_reader *reader, oe_status status, const char *fault, int64_t line)
{
    if (reader->fault != NULL)
        return;
    reader->fault = fault;
    reader->fault_status = status;
    reader->fault_line = line;
    reader->fault_column = reader->column + 1;
}

static void note(oe__csv_reader *reader, oe_status status, const char *fault)
{
    note_at(reader, status, fault, reader->current_line);
}

static void begin_record(oe__csv_reader *reader)
{
    if (reader->in_record)
        return;
    reader->in_record = true;
    reader->row++;
    reader->line = reader->current_line;
    reader->used = reader->field_start = reader->column = reader->field_count = 0;
    reader->field_quoted = false;
    reader->fault = NULL;
}

static void keep(oe__csv_reader *reader, const char *bytes, size_t length)
{
    begin_record(reader);
    if (length > reader->room.text_size - reader->used) {
        note(reader, OE_E_LIMIT, "record is longer than allowed");
        return;
    }
    if (length > 0)
        memcpy(reader->room.text + reader->used, bytes, length);
    reader->used += length;
}

static void end_field(oe__csv_reader *reader)
{
    begin_record(reader);
    size_t length = reader->used - reader->field_start;
    const char *bytes = reader->room.text + reader->field_start;
    if (!oe__text_is_utf8(bytes, length))
        note(reader, OE_E_INVALID, "malformed UTF-8");
    if (reader->column < reader->room.field_max)
        reader->room.fields[reader->field_count++] =
            (oe__csv_field){.bytes = bytes, .length = length, .quoted = reader->field_quoted};
    else
        note(reader, OE_E_LIMIT, "more fields than allowed");
    reader->column++;
    reader->field_start = reader->used;
    reader->field_quoted = false;
    reader->state = FIELD_START;
}

/* True when the line made a record, false when it was blank. */
static bool end_line(oe__csv_reader *reader)
{
    bool is_record = reader->in_record;
    if (is_record)
        end_field(reader);
    reader->state = FIELD_START;
    reader->current_line++;
    return is_record;
}

/* The end of a run of bytes that mean nothing special in the state. */
static const char *end_of_run(const char *at, const char *end, bool quoted)
{
    if (quoted)
        while (at < end && *at != '"' && *at != '\n' && *at != '\0')
            at++;
    else
        while (at < end && *at != ',' && *at != '"' && *at != '\n' && *at != '\r' &&
               *at != '\0')
            at++;
    return at;
}

static void read_run(oe__csv_reader *reader)
{
    const char *end = end_of_run(reader->chunk, reader->chunk_end, reader->state == QUOTED);
    if (end > reader->chunk)
        keep(reader, reader->chunk, (size_t)(end - reader->chunk));
    reader->chunk = end;
}

static void read_quoted(oe__csv_reader *reader)
{
    read_run(reader);
    if (reader->chunk == reader->chunk_end)
        return;
    char byte = *reader->chunk++;
    if (byte == '"') {
        reader->state = QUOTE_CLOSED;
        return;
    }
    if (byte == '\0')
        note(reader, OE_E_INVALID, "NUL byte");
    else
        keep(reader, &byte, 1);
    if (byte == '\n')
        reader->current_line++;
}

static void open_quote(oe__csv_reader *reader)
{
    begin_record(reader);
    reader->field_quoted = true;
    reader->quote_line = reader->current_line;
    reader->state = QUOTED;
}

/* A quote that opens nothing and doubles nothing. */
static void read_quote(oe__csv_reader *reader)
{
    if (reader->state == FIELD_START) {
        open_quote(reader);
    } else if (reader->state == QUOTE_CLOSED) {
        keep(reader, "\"", 1);
        reader->state = QUOTED;
    } else {
        note(reader, OE_E_SYNTAX, "quote inside a field that does not begin with one");
    }
}

/* Outside quotes. True when a record is complete. */
static bool read_plain(oe__csv_reader *reader)
{
    char byte = *reader->chunk;
    if (reader->state == AFTER_RETURN && byte != '\n') {
        begin_record(reader);
        note(reader, OE_E_SYNTAX, "carriage return without line feed");
        reader->state = PLAIN;
    }
    if (byte == '"' || byte == ',' || byte == '\r' || byte == '\n') {
        reader->chunk++;
        if (byte == '\n')
            return end_line(reader);
        if (byte == '"')
            read_quote(reader);
        else if (byte == ',')
            end_field(reader);
        else
            reader->state = AFTER_RETURN;
        return false;
    }
    begin_record(reader);
    if (reader->state == QUOTE_CLOSED)
        note(reader, OE_E_SYNTAX, "text behind the closing quote");
    reader->state = PLAIN;
    if (byte == '\0') {
        note(reader, OE_E_INVALID, "NUL byte");
        reader->chunk++;
    } else {
        read_run(reader);
    }
    return false;
}

/* Bytes that began like the mark and went on otherwise are text. */
static void read_start(oe__csv_reader *reader)
{
    if (*reader->chunk == byte_order_mark[reader->mark_bytes]) {
        reader->chunk++;
        if (++reader->mark_bytes < sizeof byte_order_mark - 1)
            return;
        reader->mark_bytes = 0;
    }
    reader->state = reader->mark_bytes > 0 ? PLAIN : FIELD_START;
    if (reader->mark_bytes > 0)
        keep(reader, byte_order_mark, reader->mark_bytes);
}

/* At the end of the text. True when a record without a line end was waiting. */
static bool end_text(oe__csv_reader *reader)
{
    if (reader->state == AT_START && reader->mark_bytes > 0)
        keep(reader, byte_order_mark, reader->mark_bytes);
    if (reader->state == QUOTED)
        note_at(reader, OE_E_SYNTAX, "quote is not closed", reader->quote_line);
    if (reader->state == AFTER_RETURN) {
        begin_record(reader);
        note(reader, OE_E_SYNTAX, "carriage return without line feed");
    }
    reader->mark_bytes = 0;
    return end_line(reader);
}

static oe__csv_event finish_record(oe__csv_reader *reader, oe_error *error)
{
    reader->in_record = false;
    if (reader->fault == NULL && reader->expected == 0)
        reader->expected = reader->column;
    char count_fault[80];
    if (reader->fault == NULL && reader->column != reader->expected) {
        snprintf(count_fault, sizeof count_fault, "%zu fields where the first row has %zu",
                 reader->column, reader->expected);
        size_t fields = reader->column;
        reader->column = fields < reader->expected ? fields - 1 : reader->expected;
        note_at(reader, OE_E_SYNTAX, count_fault, reader->line);
    }
    if (reader->fault == NULL)
        return OE_CSV_RECORD;
    oe__fail_at(error, reader->fault_status, reader->row,
                "csv: row %lld (line %lld), column %zu: %s", (long long)reader->row,
                (long long)reader->fault_line, reader->fault_column, reader->fault);
    reader->fault = NULL;
    reader->field_count = 0;
    return OE_CSV_FAILED;
}

oe__csv_event oe__csv_next(oe__csv_reader *reader, oe_error *error)
{
    while (reader->chunk < reader->chunk_end) {
        bool complete = false;
        if (reader->state == AT_START)
            read_start(reader);
        else if (reader->state == QUOTED)
            read_quoted(reader);
        else
            complete = read_plain(reader);
        if (complete)
            return finish_record(reader, error);
    }
    if (!reader->is_last)
        return OE_CSV_MORE;
    return end_text(reader) ? finish_record(reader, error) : OE_CSV_END;
}

size_t oe__csv_find(const oe__csv_reader *reader, const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < reader->field_count; i++)
        if (reader->fields[i].length == length &&
            memcmp(reader->fields[i].bytes, name, length) == 0)
            return i;
    return SIZE_MAX;
}

oe_status oe__csv_check_header(const oe__csv_reader *reader, oe_error *error)
{
    for (size_t i = 0; i < reader->field_count; i++) {
        const oe__csv_field *field = &reader->fields[i];
        if (field->length == 0)
            return oe__fail_at(error, OE_E_INVALID, reader->row,
                               "csv: header: column %zu has no name", i + 1);
        for (size_t other = 0; other < i; other++)
            if (oe__text_compare(reader->fields[other].bytes, reader->fields[other].length,
                                 field->bytes, field->length) == 0)
                return oe__fail_at(
                    error, OE_E_CONFLICT, reader->row,
                    "csv: header: columns %zu and %zu are both '%.*s'", other + 1, i + 1,
                    (int)(field->length < 64 ? field->length : 64), field->bytes);
    }
    return OE_OK;
}
