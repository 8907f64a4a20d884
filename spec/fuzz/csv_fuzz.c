/* csv_fuzz.c: a CSV of customers: the same records and faults however it is cut, and what was
 * read, written and read again is the same. */
#include "codec/profile_csv.h"
#include "fuzz.h"
#include "sample_rules.h"

enum { TEXT_MAX = 512, FIELDS_MAX = 24 };

static oe_dictionary *dictionary;
static oe_ruleset *ruleset;
static oe_profile *profile, *again;
static oe_read_report report;

typedef struct source {
    const uint8_t *data;
    size_t length, at;
    uint64_t state; /* 0: all at once */
} source;

static void feed(oe__csv_reader *reader, source *from)
{
    size_t left = from->length - from->at, piece = left;
    if (from->state != 0 && left > 0)
        piece = 1 + fuzz_below(&from->state, left < 7 ? left : 7);
    const char *bytes = (const char *)from->data + from->at;
    from->at += piece;
    oe__csv_feed(reader, bytes, piece, from->at == from->length);
}

static oe__csv_event next(oe__csv_reader *reader, source *from, oe_error *error)
{
    oe__csv_event event = oe__csv_next(reader, error);
    while (event == OE_CSV_MORE) {
        feed(reader, from);
        event = oe__csv_next(reader, error);
    }
    return event;
}

static void add_number(oe__buffer *out, int64_t number)
{
    char text[32];
    oe__buffer_add(out, text, (size_t)snprintf(text, sizeof text, "%lld;", (long long)number));
}

/* Profiles that were read come back from what is written of them. An id with '|' has no
 * spelling. */
static void check_written(void)
{
    static char text[TEXT_MAX * 4];
    static oe__csv_field fields[FIELDS_MAX];
    oe__buffer written = {0}, second = {0};
    oe__csv_reader reader;
    oe__csv_columns own = {0};
    oe__profile_write_csv_header(&written, ruleset);
    oe__profile_write_csv(&written, profile);
    FUZZ_CHECK(!written.failed);
    oe__csv_begin(&reader, (oe__csv_room){text, sizeof text, fields, FIELDS_MAX});
    oe__csv_feed(&reader, written.data, written.length, true);
    FUZZ_CHECK(oe__csv_next(&reader, NULL) == OE_CSV_RECORD);
    FUZZ_CHECK(oe__csv_columns_read(&own, ruleset, &reader, NULL) == OE_OK);
    FUZZ_CHECK(oe__csv_next(&reader, NULL) == OE_CSV_RECORD);
    FUZZ_CHECK(oe__profile_read_csv(again, &own, &reader, (oe__csv_mapping){0}, &report) ==
               OE_OK);
    oe__profile_write_csv_header(&second, ruleset);
    oe__profile_write_csv(&second, again);
    FUZZ_CHECK(second.length == written.length &&
               memcmp(second.data, written.data, second.length) == 0);
    oe__csv_columns_free(&own);
    oe__buffer_free(&written);
    oe__buffer_free(&second);
}

static void take_record(const oe__csv_reader *reader, const oe__csv_columns *columns,
                        oe__buffer *seen)
{
    for (size_t i = 0; i < reader->field_count; i++) {
        add_number(seen, (int64_t)reader->fields[i].length);
        oe__buffer_add(seen, reader->fields[i].bytes, reader->fields[i].length);
    }
    if (columns == NULL)
        return;
    oe_status status =
        oe__profile_read_csv(profile, columns, reader, (oe__csv_mapping){0}, &report);
    add_number(seen, status);
    add_number(seen, (int64_t)report.fault_count);
    if (status == OE_OK)
        check_written();
}

static void read_all(source from, oe__buffer *seen)
{
    char *text = malloc(TEXT_MAX);
    oe__csv_field *fields = malloc(FIELDS_MAX * sizeof *fields);
    oe__csv_reader reader;
    oe__csv_columns columns = {0};
    bool is_header = true, has_columns = false;
    oe_error error;
    FUZZ_CHECK(text != NULL && fields != NULL);
    oe__csv_begin(&reader, (oe__csv_room){text, TEXT_MAX, fields, FIELDS_MAX});
    feed(&reader, &from);
    seen->length = 0;
    for (oe__csv_event event; (event = next(&reader, &from, &error)) != OE_CSV_END;) {
        add_number(seen, event);
        add_number(seen, reader.row);
        if (event == OE_CSV_FAILED) {
            oe__buffer_add_text(seen, error.message);
            continue;
        }
        if (is_header)
            has_columns = oe__csv_check_header(&reader, &error) == OE_OK &&
                          oe__csv_columns_read(&columns, ruleset, &reader, &error) == OE_OK;
        take_record(&reader, has_columns && !is_header ? &columns : NULL, seen);
        is_header = false;
    }
    oe__csv_columns_free(&columns);
    free(fields);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    static oe__buffer whole, cut;
    if (ruleset == NULL) {
        dictionary = oe_dictionary_new();
        ruleset = sample_rules(dictionary);
        profile = oe_profile_new(ruleset);
        again = oe_profile_new(ruleset);
    }
    uint8_t *bytes = (uint8_t *)fuzz_copy(data, length, 0);
    read_all((source){bytes, length, 0, 0}, &whole);
    read_all((source){bytes, length, 0, fuzz_seed(data, length)}, &cut);
    FUZZ_CHECK(whole.length == cut.length);
    FUZZ_CHECK(whole.length == 0 || memcmp(whole.data, cut.data, whole.length) == 0);
    free(bytes);
    return 0;
}
