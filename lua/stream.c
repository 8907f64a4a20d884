/* stream.c: a file or standard input as a stream of records. Reads, cuts and counts; what a
 * record says is columns.c and the codec. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "codec/profile_csv.h"
#include "mapped.h"
#include "records.h"

enum { BLOCK_SIZE = 256 * 1024 };

struct oe_lua_stream {
    int descriptor;
    oe_lua_format format;
    const oe_ruleset *ruleset;
    const oe_lua_map *map;
    const char *owned; /* the member that holds the owned products, NULL: none */
    bool at_end;       /* of the file */
    int64_t position, size;
    char *block;
    size_t block_length, block_at; /* NDJSON: what of the block is used */
    int64_t line;                  /* NDJSON: number of the last line */
    oe__csv_reader csv;
    oe__csv_room room;
    oe__csv_columns columns;
    char **undeclared; /* names of columns, NULL behind the last */
};

static oe_status refuse(oe_error *error, oe_status status, const char *path,
                        const char *problem)
{
    error->status = status;
    error->position = -1;
    (void)snprintf(error->message, sizeof error->message, "input: '%s' %s", path, problem);
    return status;
}

static oe_status out_of_memory(oe_error *error)
{
    error->status = OE_E_MEMORY;
    error->position = -1;
    (void)snprintf(error->message, sizeof error->message, "input: out of memory");
    return OE_E_MEMORY;
}

void oe_lua_chunk_free(oe_lua_chunk *chunk)
{
    for (size_t i = 0; i < chunk->count; i++)
        free(chunk->records[i].fault);
    oe__buffer_free(&chunk->text);
    free(chunk->ends);
    *chunk = (oe_lua_chunk){0};
}

static void clear_chunk(oe_lua_chunk *chunk)
{
    for (size_t i = 0; i < chunk->count; i++)
        free(chunk->records[i].fault);
    chunk->count = 0;
    chunk->end_count = 0;
    chunk->text.length = 0;
}

/* ---- Bytes ---- */

static oe_status read_block(oe_lua_stream *stream, oe_error *error)
{
    ssize_t got = 0;
    do {
        got = read(stream->descriptor, stream->block, BLOCK_SIZE);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        error->status = OE_E_IO;
        error->position = -1;
        (void)snprintf(error->message, sizeof error->message, "input: %s", strerror(errno));
        return OE_E_IO;
    }
    stream->at_end = got == 0;
    stream->block_length = (size_t)got;
    stream->block_at = 0;
    stream->position += got;
    return OE_OK;
}

/* ---- CSV ---- */

static oe_status next_csv_event(oe_lua_stream *stream, oe__csv_event *event, oe_error *error)
{
    *event = oe__csv_next(&stream->csv, error);
    while (*event == OE_CSV_MORE) {
        oe_status status = read_block(stream, error);
        if (status != OE_OK)
            return status;
        oe__csv_feed(&stream->csv, stream->block, stream->block_length, stream->at_end);
        *event = oe__csv_next(&stream->csv, error);
    }
    return OE_OK;
}

static bool reserve_ends(oe_lua_chunk *chunk, size_t extra)
{
    if (chunk->end_capacity - chunk->end_count >= extra)
        return true;
    size_t capacity = (chunk->end_count + extra) * 2;
    size_t *ends = realloc(chunk->ends, capacity * sizeof *ends);
    if (ends == NULL)
        return false;
    chunk->ends = ends;
    chunk->end_capacity = capacity;
    return true;
}

/* Keeps every field but those that the schema does not know; of these, that they are there. */
static bool add_csv_record(oe_lua_stream *stream, oe_lua_chunk *chunk)
{
    const oe__csv_columns *columns = &stream->columns;
    if (!reserve_ends(chunk, columns->count + 1))
        return false;
    oe_lua_record *record = &chunk->records[chunk->count++];
    *record = (oe_lua_record){.row = stream->csv.row, .first = chunk->end_count};
    chunk->ends[chunk->end_count++] = chunk->text.length; /* where the first field begins */
    for (size_t i = 0; i < columns->count; i++) {
        const oe__csv_field *field = &stream->csv.fields[i];
        if (columns->columns[i].attribute != OE_COLUMN_UNDECLARED)
            oe__buffer_add(&chunk->text, field->bytes, field->length);
        chunk->ends[chunk->end_count++] = chunk->text.length;
    }
    return !chunk->text.failed;
}

static bool add_csv_fault(oe_lua_chunk *chunk, const oe_error *error)
{
    oe_lua_record *record = &chunk->records[chunk->count++];
    *record = (oe_lua_record){.row = error->position, .fault = strdup(error->message)};
    return record->fault != NULL;
}

static oe_status next_csv(oe_lua_stream *stream, oe_lua_chunk *chunk, oe_error *error)
{
    while (chunk->count < OE_LUA_CHUNK_RECORDS) {
        oe__csv_event event = OE_CSV_END;
        oe_status status = next_csv_event(stream, &event, error);
        if (status != OE_OK)
            return status;
        if (event == OE_CSV_END)
            break;
        bool added = event == OE_CSV_RECORD ? add_csv_record(stream, chunk)
                                            : add_csv_fault(chunk, error);
        if (!added)
            return out_of_memory(error);
    }
    return OE_OK;
}

static bool keep_undeclared(oe_lua_stream *stream)
{
    const oe__csv_columns *columns = &stream->columns;
    stream->undeclared = calloc(columns->undeclared_count + 1, sizeof *stream->undeclared);
    if (stream->undeclared == NULL)
        return false;
    size_t kept = 0;
    for (size_t i = 0; i < columns->count; i++) {
        if (columns->columns[i].attribute != OE_COLUMN_UNDECLARED)
            continue;
        const oe__csv_field *name = &stream->csv.fields[i];
        stream->undeclared[kept] = strndup(name->bytes, name->length);
        if (stream->undeclared[kept++] == NULL)
            return false;
    }
    return true;
}

static oe_status open_csv(oe_lua_stream *stream, const char *path, oe_error *error)
{
    stream->room = (oe__csv_room){
        .text = malloc(OE_LUA_RECORD_MAX),
        .text_size = OE_LUA_RECORD_MAX,
        .fields = calloc(OE_LUA_COLUMNS_MAX, sizeof(oe__csv_field)),
        .field_max = OE_LUA_COLUMNS_MAX,
    };
    if (stream->room.text == NULL || stream->room.fields == NULL)
        return out_of_memory(error);
    oe__csv_begin(&stream->csv, stream->room);
    oe__csv_feed(&stream->csv, stream->block, stream->block_length, stream->at_end);
    oe__csv_event event = OE_CSV_END;
    oe_status status = next_csv_event(stream, &event, error);
    if (status == OE_OK && event == OE_CSV_FAILED)
        status = error->status;
    if (status == OE_OK && event == OE_CSV_END)
        return refuse(error, OE_E_INVALID, path, "has no header row");
    if (status == OE_OK)
        status = oe__csv_check_header(&stream->csv, error);
    if (status == OE_OK)
        status = oe_lua_header_check(&stream->csv, stream->ruleset, error);
    if (status == OE_OK)
        status = oe__csv_columns_read(&stream->columns, stream->ruleset, &stream->csv, error);
    if (status == OE_OK && !keep_undeclared(stream))
        status = out_of_memory(error);
    return status;
}

/* ---- NDJSON ---- */

static bool is_blank(const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r')
            return false;
    }
    return true;
}

static oe_status line_too_long(const oe_lua_stream *stream, oe_error *error)
{
    error->status = OE_E_LIMIT;
    error->position = stream->line + 1;
    (void)snprintf(error->message, sizeof error->message, "input: row %lld is over 1 MiB",
                   (long long)stream->line + 1);
    return OE_E_LIMIT;
}

/* Appends the next line to the chunk's text. *got is false at the end of the input. */
static oe_status take_line(oe_lua_stream *stream, oe__buffer *text, bool *got, oe_error *error)
{
    size_t start = text->length;
    *got = false;
    while (!*got) {
        const char *from = stream->block + stream->block_at;
        size_t left = stream->block_length - stream->block_at;
        const char *end = left > 0 ? memchr(from, '\n', left) : NULL;
        size_t length = end != NULL ? (size_t)(end - from) : left;
        oe__buffer_add(text, from, length);
        stream->block_at += length + (end != NULL ? 1 : 0);
        if (text->failed)
            return out_of_memory(error);
        if (text->length - start > OE_LUA_RECORD_MAX)
            return line_too_long(stream, error);
        *got = end != NULL || (stream->at_end && text->length > start);
        if (*got || stream->at_end)
            break;
        oe_status status = read_block(stream, error);
        if (status != OE_OK)
            return status;
    }
    return OE_OK;
}

static oe_status next_lines(oe_lua_stream *stream, oe_lua_chunk *chunk, oe_error *error)
{
    while (chunk->count < OE_LUA_CHUNK_RECORDS) {
        bool got = false;
        size_t start = chunk->text.length;
        oe_status status = take_line(stream, &chunk->text, &got, error);
        if (status != OE_OK)
            return status;
        if (!got)
            break;
        stream->line++;
        size_t length = chunk->text.length - start;
        if (is_blank(chunk->text.data + start, length))
            chunk->text.length = start;
        else
            chunk->records[chunk->count++] = (oe_lua_record){stream->line, start, length, NULL};
    }
    return OE_OK;
}

/* ---- Opening ---- */

static bool ends_with(const char *path, const char *ending)
{
    size_t length = strlen(path);
    size_t wanted = strlen(ending);
    return length > wanted && strcasecmp(path + length - wanted, ending) == 0;
}

static oe_lua_format guess_format(const oe_lua_stream *stream, const char *path)
{
    if (ends_with(path, ".csv"))
        return OE_LUA_CSV;
    if (ends_with(path, ".ndjson") || ends_with(path, ".jsonl") || ends_with(path, ".json"))
        return OE_LUA_NDJSON;
    return stream->block_length > 0 && stream->block[0] == '{' ? OE_LUA_NDJSON : OE_LUA_CSV;
}

static oe_status open_descriptor(oe_lua_stream *stream, const char *path, oe_error *error)
{
    bool is_input = strcmp(path, "-") == 0;
    stream->descriptor = is_input ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (stream->descriptor < 0)
        return refuse(error, errno == ENOENT ? OE_E_NOT_FOUND : OE_E_IO, path, strerror(errno));
    struct stat facts;
    stream->size = -1;
    if (fstat(stream->descriptor, &facts) == 0) {
        if (S_ISDIR(facts.st_mode))
            return refuse(error, OE_E_IO, path, "is a folder");
        if (S_ISREG(facts.st_mode))
            stream->size = facts.st_size;
    }
    return OE_OK;
}

static const char *owned_member(const oe_ruleset *ruleset)
{
    size_t count = oe_ruleset_count(ruleset, OE_ATTRIBUTES);
    for (size_t i = 0; i < count; i++) {
        const oe_attribute *attribute = oe_ruleset_attribute(ruleset, i);
        if (attribute->type == OE_PRODUCT_SET)
            return attribute->name;
    }
    return NULL;
}

oe_status oe_lua_stream_open(const oe_lua_stream_options *options, oe_lua_stream **stream,
                             oe_error *error)
{
    oe_lua_stream *made = calloc(1, sizeof *made);
    *stream = made;
    if (made == NULL)
        return out_of_memory(error);
    made->descriptor = -1;
    made->ruleset = options->ruleset;
    made->map = options->map;
    made->owned = owned_member(options->ruleset);
    made->block = malloc(BLOCK_SIZE);
    oe_status status = made->block == NULL ? out_of_memory(error)
                                           : open_descriptor(made, options->path, error);
    if (status == OE_OK)
        status = read_block(made, error);
    if (status == OE_OK) {
        made->format = options->format == OE_LUA_AUTO ? guess_format(made, options->path)
                                                      : options->format;
        if (made->format == OE_LUA_CSV)
            status = open_csv(made, options->path, error);
    }
    if (status != OE_OK) {
        oe_lua_stream_close(made);
        *stream = NULL;
    }
    return status;
}

void oe_lua_stream_close(oe_lua_stream *stream)
{
    if (stream == NULL)
        return;
    if (stream->descriptor > STDERR_FILENO)
        (void)close(stream->descriptor);
    for (char **name = stream->undeclared; name != NULL && *name != NULL; name++)
        free(*name);
    free(stream->undeclared);
    oe__csv_columns_free(&stream->columns);
    free(stream->room.text);
    free(stream->room.fields);
    free(stream->block);
    free(stream);
}

oe_status oe_lua_stream_next(oe_lua_stream *stream, oe_lua_chunk *chunk, oe_error *error)
{
    clear_chunk(chunk);
    return stream->format == OE_LUA_CSV ? next_csv(stream, chunk, error)
                                        : next_lines(stream, chunk, error);
}

int64_t oe_lua_stream_position(const oe_lua_stream *stream)
{
    return stream->position;
}

int64_t oe_lua_stream_size(const oe_lua_stream *stream)
{
    return stream->size;
}

const char *const *oe_lua_stream_undeclared(const oe_lua_stream *stream)
{
    static const char *const none[] = {NULL};
    return stream->undeclared != NULL ? (const char *const *)stream->undeclared : none;
}

/* ---- A record ---- */

void oe_lua_reading_free(oe_lua_reading *reading)
{
    oe_profile_free(reading->profile);
    oe__buffer_free(&reading->text);
    free(reading->fields);
    *reading = (oe_lua_reading){0};
}

static void visit_map(const void *map, const char *id, size_t length, oe_owned_visitor visitor,
                      void *context)
{
    oe_lua_map_visit(map, id, length, visitor, context);
}

static oe_status read_fields(const oe_lua_stream *stream, const oe_lua_chunk *chunk,
                             const oe_lua_record *record, oe_lua_reading *reading)
{
    size_t count = stream->columns.count;
    if (reading->fields == NULL)
        reading->fields = calloc(count + 1, sizeof *reading->fields);
    if (reading->fields == NULL)
        return out_of_memory(&reading->error);
    const size_t *ends = chunk->ends + record->first;
    for (size_t i = 0; i < count; i++)
        reading->fields[i] =
            (oe__csv_field){chunk->text.data + ends[i], ends[i + 1] - ends[i], false};
    const oe__csv_reader at_hand = {
        .fields = reading->fields, .field_count = count, .row = record->row};
    oe__csv_mapping mapping = {stream->map != NULL ? visit_map : NULL, stream->map};
    oe_status status = oe__profile_read_csv(reading->profile, &stream->columns, &at_hand,
                                            mapping, &reading->report);
    reading->report.undeclared = 0; /* columns are told once, by their names */
    return status;
}

static oe_status read_line(const oe_lua_stream *stream, const oe_lua_chunk *chunk,
                           const oe_lua_record *record, oe_lua_reading *reading)
{
    const char *line = chunk->text.data + record->first;
    size_t length = record->length;
    if (stream->map != NULL && stream->owned != NULL) {
        reading->text.length = 0;
        oe__line_write_mapped(line, length, stream->owned, stream->map, &reading->text);
        if (reading->text.failed)
            return out_of_memory(&reading->error);
        line = reading->text.data;
        length = reading->text.length;
    }
    return oe_profile_read(reading->profile, line, length, &reading->report, &reading->error);
}

oe_status oe_lua_record_read(const oe_lua_stream *stream, const oe_lua_chunk *chunk,
                             size_t index, oe_lua_reading *reading)
{
    const oe_lua_record *record = &chunk->records[index];
    reading->report.fault_count = 0;
    reading->report.undeclared = 0;
    reading->report.unknown_products = 0;
    if (record->fault != NULL) {
        reading->error.status = OE_E_SYNTAX;
        reading->error.position = record->row;
        (void)snprintf(reading->error.message, sizeof reading->error.message, "%s",
                       record->fault);
        return OE_E_SYNTAX;
    }
    return stream->format == OE_LUA_CSV ? read_fields(stream, chunk, record, reading)
                                        : read_line(stream, chunk, record, reading);
}

void oe_lua_reading_explain(const oe_lua_reading *reading, int64_t row, oe__buffer *out)
{
    static const char named[] = "csv: row "; /* the reader's own messages begin with the row */
    char start[40];
    size_t count = reading->report.fault_count;
    if (count == 0 && strncmp(reading->error.message, named, sizeof named - 1) == 0) {
        oe__buffer_add_text(out, reading->error.message + sizeof "csv: " - 1);
        return;
    }
    (void)snprintf(start, sizeof start, "row %lld: ", (long long)row);
    oe__buffer_add_text(out, start);
    if (count > OE_FAULTS_MAX)
        count = OE_FAULTS_MAX;
    if (count == 0)
        oe__buffer_add_text(out, reading->error.message);
    for (size_t i = 0; i < count; i++) {
        const oe_fault *fault = &reading->report.faults[i];
        if (i > 0)
            oe__buffer_add_text(out, "; ");
        for (const char *at = fault->location; *at != '\0'; at++) {
            if (*at != '"')
                oe__buffer_add_char(out, *at == ',' ? ' ' : *at);
        }
        oe__buffer_add_text(out, ": ");
        oe__buffer_add_text(out, fault->message);
    }
}
