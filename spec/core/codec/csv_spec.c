/* csv_spec.c: the CSV stream reader at every cut of its input, its faults, and the field
 * writer. */
#include "check.h"
#include "codec/csv.h"

#include <stdlib.h>

enum { FIELDS = 8, TEXT_SIZE = 64, SHOWN = 4096 };

/* A literal may hold NUL bytes. */
#define TEXT(literal) (literal), sizeof(literal) - 1

typedef struct transcript {
    char text[SHOWN];
    size_t length;
} transcript;

static void add(transcript *out, const char *bytes, size_t length)
{
    if (length > SHOWN - 1 - out->length)
        length = SHOWN - 1 - out->length;
    memcpy(out->text + out->length, bytes, length);
    out->length += length;
    out->text[out->length] = '\0';
}

static void add_text(transcript *out, const char *text)
{
    add(out, text, strlen(text));
}

/* "1@1 a|'b'" is row 1 of line 1 with a plain and a quoted field. */
static void show_record(const oe__csv_reader *reader, transcript *out)
{
    char place[64];
    snprintf(place, sizeof place, "%lld@%lld ", (long long)reader->row,
             (long long)reader->line);
    add_text(out, place);
    for (size_t i = 0; i < reader->field_count; i++) {
        const oe__csv_field *field = &reader->fields[i];
        add_text(out, i > 0 ? "|" : "");
        add_text(out, field->quoted ? "'" : "");
        add(out, field->bytes, field->length);
        add_text(out, field->quoted ? "'" : "");
    }
    add_text(out, ";");
}

static void drain(oe__csv_reader *reader, transcript *out)
{
    for (;;) {
        oe_error error = {0};
        oe__csv_event event = oe__csv_next(reader, &error);
        if (event == OE_CSV_MORE || event == OE_CSV_END)
            return;
        if (event == OE_CSV_RECORD) {
            show_record(reader, out);
        } else {
            add_text(out, error.message);
            add_text(out, ";");
            if (error.position != reader->row)
                add_text(out, "position is not the row");
        }
    }
}

/* Feeds text[from..to) as a chunk of its own memory, so that nothing of it can be kept by
 * accident. */
static void feed(oe__csv_reader *reader, const char *bytes, size_t length, transcript *out)
{
    char *chunk = malloc(length > 0 ? length : 1);
    if (chunk == NULL)
        return;
    memcpy(chunk, bytes, length);
    oe__csv_feed(reader, chunk, length, false);
    drain(reader, out);
    free(chunk);
}

/* Reads in three chunks cut at `first` and `second`, the end told apart from the last bytes. */
static void read_cut(const char *text, size_t length, const size_t cuts[2], transcript *out)
{
    char room[TEXT_SIZE];
    oe__csv_field fields[FIELDS];
    oe__csv_reader reader;
    oe__csv_begin(&reader, (oe__csv_room){room, sizeof room, fields, FIELDS});
    *out = (transcript){.length = 0};
    feed(&reader, text, cuts[0], out);
    feed(&reader, text + cuts[0], cuts[1] - cuts[0], out);
    feed(&reader, text + cuts[1], length - cuts[1], out);
    oe__csv_feed(&reader, "", 0, true);
    drain(&reader, out);
    if (oe__csv_next(&reader, NULL) != OE_CSV_END)
        add_text(out, "does not stay at the end");
}

static void read_whole(const char *text, size_t length, transcript *out)
{
    char room[TEXT_SIZE];
    oe__csv_field fields[FIELDS];
    oe__csv_reader reader;
    oe__csv_begin(&reader, (oe__csv_room){room, sizeof room, fields, FIELDS});
    *out = (transcript){.length = 0};
    oe__csv_feed(&reader, text, length, true);
    drain(&reader, out);
}

typedef struct csv_case {
    const char *text;
    size_t length;
    const char *read;
} csv_case;

static const csv_case good_cases[] = {
    {TEXT(""), ""},
    {TEXT("\n"), ""},
    {TEXT("\r\n\n\r\n"), ""},
    {TEXT("\xEF\xBB\xBF"), ""},
    {TEXT("\xEF\xBB\xBF\n"), ""},
    {TEXT("a"), "1@1 a;"},
    {TEXT("a\n"), "1@1 a;"},
    {TEXT("a,b\n1,2\n"), "1@1 a|b;2@2 1|2;"},
    {TEXT("a,b\r\n1,2\r\n"), "1@1 a|b;2@2 1|2;"},
    {TEXT("a,b\r\n1,2\n3,4"), "1@1 a|b;2@2 1|2;3@3 3|4;"},
    {TEXT("a,b\n1,"), "1@1 a|b;2@2 1|;"},
    {TEXT("a,b\n,\n"), "1@1 a|b;2@2 |;"},
    {TEXT(",\n,x"), "1@1 |;2@2 |x;"},
    {TEXT("a,b\n\n\r\n1,2\n\n"), "1@1 a|b;2@4 1|2;"},
    {TEXT("\n\na,b\n"), "1@3 a|b;"},
    {TEXT("a\n \n"), "1@1 a;2@2  ;"},
    {TEXT(" a , b \n"), "1@1  a | b ;"},
    {TEXT("\"\"\n"), "1@1 '';"},
    {TEXT("\"\",\n"), "1@1 ''|;"},
    {TEXT("\"a\",\"b\"\n"), "1@1 'a'|'b';"},
    {TEXT("\"a\",\"b\"\r\n"), "1@1 'a'|'b';"},
    {TEXT("\"a\",\"b\""), "1@1 'a'|'b';"},
    {TEXT("\"a,b\",c\n"), "1@1 'a,b'|c;"},
    {TEXT("\"a\"\"b\"\n"), "1@1 'a\"b';"},
    {TEXT("\"\"\"\"\n"), "1@1 '\"';"},
    {TEXT("\"\"\"\"\"\""), "1@1 '\"\"';"},
    {TEXT("\"a\nb\",c\nd,e\n"), "1@1 'a\nb'|c;2@3 d|e;"},
    {TEXT("\"a\r\nb\",c\r\nd,e"), "1@1 'a\r\nb'|c;2@3 d|e;"},
    {TEXT("\"a\rb\"\n"), "1@1 'a\rb';"},
    {TEXT("\"\n\n\",\"\n\"\nx,y\n"), "1@1 '\n\n'|'\n';2@5 x|y;"},
    {TEXT("\xEF\xBB\xBF"
          "a,b\n"),
     "1@1 a|b;"},
    {TEXT("\xEF\xBB\xBF\"a\",b\n"), "1@1 'a'|b;"},
    {TEXT("\xEF\xBB\xBF\xEF\xBB\xBF"
          "a\n"),
     "1@1 \xEF\xBB\xBF"
     "a;"},
    {TEXT("\"\xEF\xBB\xBF"
          "a\"\n"),
     "1@1 '\xEF\xBB\xBF"
     "a';"},
    {TEXT("\xEF\xBB\x80"
          "a\n"),
     "1@1 \xEF\xBB\x80"
     "a;"},
    {TEXT("n\xC3\xA9,\xE2\x82\xAC\n\"\xF0\x9F\x98\x80\",x\n"),
     "1@1 n\xC3\xA9|\xE2\x82\xAC;2@2 '\xF0\x9F\x98\x80'|x;"},
    {TEXT("=1+1,@x\n-1,+2\n"), "1@1 =1+1|@x;2@2 -1|+2;"},
    {TEXT("a;b\tc\n"), "1@1 a;b\tc;"},
    {TEXT("1,2,3,4,5,6,7,8\n"), "1@1 1|2|3|4|5|6|7|8;"},
    {TEXT(
         "0123456789012345678901234567890123456789012345678901234567890123\n"), /* 64 bytes: all
                                                                                   the room */
     "1@1 0123456789012345678901234567890123456789012345678901234567890123;"},
};

static const csv_case bad_cases[] = {
    {TEXT("a,b\n1\n3,4\n"),
     "1@1 a|b;csv: row 2 (line 2), column 1: 1 fields where the first row has 2;3@3 3|4;"},
    {TEXT("a,b\n1,2,3\n3,4\n"),
     "1@1 a|b;csv: row 2 (line 2), column 3: 3 fields where the first row has 2;3@3 3|4;"},
    {TEXT("a,b\n \n"),
     "1@1 a|b;csv: row 2 (line 2), column 1: 1 fields where the first row has 2;"},
    {TEXT("a,b\n\"1\n"), "1@1 a|b;csv: row 2 (line 2), column 1: quote is not closed;"},
    {TEXT("a,b\n1,\"2\n3,4\n5,6"),
     "1@1 a|b;csv: row 2 (line 2), column 2: quote is not closed;"},
    {TEXT("\""), "csv: row 1 (line 1), column 1: quote is not closed;"},
    {TEXT("\"\"\""), "csv: row 1 (line 1), column 1: quote is not closed;"},
    {TEXT("a\"b,c\nd,e\n"), "csv: row 1 (line 1), column 1: quote inside a field that does not "
                            "begin with one;2@2 d|e;"},
    {TEXT("a,b\"\n"),
     "csv: row 1 (line 1), column 2: quote inside a field that does not begin with one;"},
    {TEXT(" \"a\"\n"),
     "csv: row 1 (line 1), column 1: quote inside a field that does not begin with one;"},
    {TEXT("\"a\"b,c\nd,e\n"),
     "csv: row 1 (line 1), column 1: text behind the closing quote;2@2 d|e;"},
    {TEXT("x,\"a\" \n"), "csv: row 1 (line 1), column 2: text behind the closing quote;"},
    {TEXT("\"a\" \"b\"\n"), "csv: row 1 (line 1), column 1: text behind the closing quote;"},
    {TEXT("a\rb\n"), "csv: row 1 (line 1), column 1: carriage return without line feed;"},
    {TEXT("a\r\rb\n"), "csv: row 1 (line 1), column 1: carriage return without line feed;"},
    {TEXT("a\r\r\nb\n"),
     "csv: row 1 (line 1), column 1: carriage return without line feed;2@2 b;"},
    {TEXT("a\r"), "csv: row 1 (line 1), column 1: carriage return without line feed;"},
    {TEXT("\r"), "csv: row 1 (line 1), column 1: carriage return without line feed;"},
    {TEXT("a\n\rb\n"),
     "1@1 a;csv: row 2 (line 2), column 1: carriage return without line feed;"},
    {TEXT("\"a\"\rb\n"), "csv: row 1 (line 1), column 1: carriage return without line feed;"},
    {TEXT("a,b\n1,\0\n3,4\n"), "1@1 a|b;csv: row 2 (line 2), column 2: NUL byte;3@3 3|4;"},
    {TEXT("\0"), "csv: row 1 (line 1), column 1: NUL byte;"},
    {TEXT("\"a\n\0\",b\nc,d\n"), "csv: row 1 (line 2), column 1: NUL byte;2@3 c|d;"},
    {TEXT("a,b\n1,\xFF\n3,4\n"),
     "1@1 a|b;csv: row 2 (line 2), column 2: malformed UTF-8;3@3 3|4;"},
    {TEXT("\xC3,\xA9\n"), "csv: row 1 (line 1), column 1: malformed UTF-8;"},
    {TEXT("\xEF\xBB"), "csv: row 1 (line 1), column 1: malformed UTF-8;"},
    {TEXT("\xEF\xBB\n"), "csv: row 1 (line 1), column 1: malformed UTF-8;"},
    {TEXT("\"\xED\xA0\x80\"\n"), "csv: row 1 (line 1), column 1: malformed UTF-8;"},
    {TEXT("a\xEF\xBB,\xFE\n"), "csv: row 1 (line 1), column 1: malformed UTF-8;"},
    {TEXT("a,b\n\xFF\"\n"),
     "1@1 a|b;csv: row 2 (line 2), column 1: quote inside a field that does not "
     "begin with one;"},
    {TEXT("1,2,3,4,5,6,7,8,9\na\n"),
     "csv: row 1 (line 1), column 9: more fields than allowed;2@2 a;"},
    {TEXT("x,012345678901234567890123456789012345678901234567890123456789012\ny,z\n"),
     "1@1 x|012345678901234567890123456789012345678901234567890123456789012;2@2 y|z;"},
    {TEXT("x,0123456789012345678901234567890123456789012345678901234567890123\ny,z\n"),
     "csv: row 1 (line 1), column 2: record is longer than allowed;2@2 y|z;"},
    {TEXT("\"\n0123456789012345678901234567890123456789012345678901234567890123"),
     "csv: row 1 (line 2), column 1: record is longer than allowed;"},
};

static void read_at_every_cut(const csv_case *one)
{
    transcript out;
    read_whole(one->text, one->length, &out);
    CHECK_TEXT(out.text, one->read);
    for (size_t first = 0; first <= one->length; first++) {
        for (size_t second = first; second <= one->length; second++) {
            const size_t cuts[2] = {first, second};
            read_cut(one->text, one->length, cuts, &out);
            if (strcmp(out.text, one->read) != 0)
                CHECK_TEXT(out.text, one->read);
        }
    }
}

static void it_reads_records(void)
{
    for (size_t i = 0; i < sizeof good_cases / sizeof *good_cases; i++)
        read_at_every_cut(&good_cases[i]);
}

static void it_names_each_fault_and_goes_on(void)
{
    for (size_t i = 0; i < sizeof bad_cases / sizeof *bad_cases; i++)
        read_at_every_cut(&bad_cases[i]);
}

static void it_tells_kinds_of_fault_apart(void)
{
    static const struct {
        const char *text;
        size_t length;
        oe_status status;
    } cases[] = {
        {TEXT("\"a"), OE_E_SYNTAX},  {TEXT("a\"b"), OE_E_SYNTAX},
        {TEXT("a\0"), OE_E_INVALID}, {TEXT("\xFF"), OE_E_INVALID},
        {TEXT("1,2,3"), OE_E_LIMIT}, {TEXT("123456789"), OE_E_LIMIT},
        {TEXT("12345678"), OE_OK},   {TEXT("1,2"), OE_OK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char room[8];
        oe__csv_field fields[2];
        oe__csv_reader reader;
        oe_error error = {0};
        oe__csv_begin(&reader, (oe__csv_room){room, sizeof room, fields, 2});
        oe__csv_feed(&reader, cases[i].text, cases[i].length, true);
        CHECK_INT(oe__csv_next(&reader, &error),
                  cases[i].status == OE_OK ? OE_CSV_RECORD : OE_CSV_FAILED);
        CHECK_INT(error.status, cases[i].status);
    }
}

static void it_checks_and_searches_a_header(void)
{
    static const struct {
        const char *text;
        oe_status status;
        const char *message;
    } cases[] = {
        {"customer_id,age,income\n", OE_OK, ""},
        {"customer_id\n", OE_OK, ""},
        {"a,,b\n", OE_E_INVALID, "csv: header: column 2 has no name"},
        {"a,\"\"\n", OE_E_INVALID, "csv: header: column 2 has no name"},
        {"a,b,a\n", OE_E_CONFLICT, "csv: header: columns 1 and 3 are both 'a'"},
        {"a,\"a\"\n", OE_E_CONFLICT, "csv: header: columns 1 and 2 are both 'a'"},
        {"a,A,a \n", OE_OK, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char room[TEXT_SIZE];
        oe__csv_field fields[FIELDS];
        oe__csv_reader reader;
        oe_error error = {0};
        oe__csv_begin(&reader, (oe__csv_room){room, sizeof room, fields, FIELDS});
        oe__csv_feed(&reader, cases[i].text, strlen(cases[i].text), true);
        CHECK_INT(oe__csv_next(&reader, NULL), OE_CSV_RECORD);
        CHECK_INT(oe__csv_check_header(&reader, &error), cases[i].status);
        CHECK_TEXT(error.message, cases[i].message);
        if (i > 0)
            continue;
        CHECK_INT(oe__csv_find(&reader, "customer_id"), 0);
        CHECK_INT(oe__csv_find(&reader, "income"), 2);
        CHECK(oe__csv_find(&reader, "incom") == SIZE_MAX);
        CHECK(oe__csv_find(&reader, "Income") == SIZE_MAX);
        CHECK(oe__csv_find(&reader, "") == SIZE_MAX);
    }
}

static void it_asks_for_more_until_the_last_chunk(void)
{
    char room[TEXT_SIZE];
    oe__csv_field fields[FIELDS];
    oe__csv_reader reader;
    oe__csv_begin(&reader, (oe__csv_room){room, sizeof room, fields, FIELDS});
    CHECK_INT(oe__csv_next(&reader, NULL), OE_CSV_MORE);
    oe__csv_feed(&reader, NULL, 0, false);
    CHECK_INT(oe__csv_next(&reader, NULL), OE_CSV_MORE);
    oe__csv_feed(&reader, "a,b\nc", 5, false);
    CHECK_INT(oe__csv_next(&reader, NULL), OE_CSV_RECORD);
    CHECK_INT(oe__csv_next(&reader, NULL), OE_CSV_MORE);
    oe__csv_feed(&reader, ",d", 2, true);
    CHECK_INT(oe__csv_next(&reader, NULL), OE_CSV_RECORD);
    CHECK_BYTES(reader.fields[0].bytes, reader.fields[0].length, "c");
    CHECK_BYTES(reader.fields[1].bytes, reader.fields[1].length, "d");
    CHECK_INT(oe__csv_next(&reader, NULL), OE_CSV_END);
    CHECK_INT(oe__csv_next(&reader, NULL), OE_CSV_END);
}

static void it_quotes_only_where_needed(void)
{
    static const struct {
        const char *bytes;
        size_t length;
        const char *text;
    } cases[] = {
        {TEXT(""), ""},
        {TEXT("plain"), "plain"},
        {TEXT(" spaces "), " spaces "},
        {TEXT("a;b\tc'd"), "a;b\tc'd"},
        {TEXT("=1+1"), "=1+1"},
        {TEXT("@x"), "@x"},
        {TEXT("n\xC3\xA9"), "n\xC3\xA9"},
        {TEXT("a,b"), "\"a,b\""},
        {TEXT("\""), "\"\"\"\""},
        {TEXT("a\"b\"c"), "\"a\"\"b\"\"c\""},
        {TEXT("a\nb"), "\"a\nb\""},
        {TEXT("a\r"), "\"a\r\""},
        {TEXT("\xEF\xBB\xBFx"), "\"\xEF\xBB\xBFx\""},
        {TEXT("x\xEF\xBB\xBF"), "x\xEF\xBB\xBF"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        oe__buffer buffer = {0};
        oe__csv_write_field(&buffer, cases[i].bytes, cases[i].length);
        oe__buffer_add_char(&buffer, '\0');
        CHECK_TEXT(buffer.data, cases[i].text);
        oe__buffer_free(&buffer);
    }
}

static uint64_t next_random(uint64_t *state)
{
    uint64_t word = (*state += UINT64_C(0x9E3779B97F4A7C15));
    word = (word ^ word >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    word = (word ^ word >> 27) * UINT64_C(0x94D049BB133111EB);
    return word ^ word >> 31;
}

static void it_reads_back_what_it_wrote(void)
{
    static const char bytes[] = "ab,\"\n\r =";
    uint64_t seed = 4;
    for (int i = 0; i < 20000; i++) {
        char fields_in[3][8];
        size_t lengths[3];
        oe__buffer buffer = {0};
        for (int f = 0; f < 3; f++) {
            lengths[f] = (size_t)(next_random(&seed) % 8);
            for (size_t at = 0; at < lengths[f]; at++)
                fields_in[f][at] = bytes[next_random(&seed) % (sizeof bytes - 1)];
            if (f > 0)
                oe__buffer_add_char(&buffer, ',');
            oe__csv_write_field(&buffer, fields_in[f], lengths[f]);
        }
        oe__buffer_add_char(&buffer, '\n');
        char room[TEXT_SIZE];
        oe__csv_field fields[FIELDS];
        oe__csv_reader reader;
        oe__csv_begin(&reader, (oe__csv_room){room, sizeof room, fields, FIELDS});
        oe__csv_feed(&reader, buffer.data, buffer.length, true);
        bool same = oe__csv_next(&reader, NULL) == OE_CSV_RECORD && reader.field_count == 3;
        for (int f = 0; same && f < 3; f++)
            same = fields[f].length == lengths[f] &&
                   memcmp(fields[f].bytes, fields_in[f], lengths[f]) == 0;
        same = same && oe__csv_next(&reader, NULL) == OE_CSV_END;
        CHECK(same);
        oe__buffer_free(&buffer);
    }
}

int main(void)
{
    RUN("records are read the same at every cut of the input", it_reads_records);
    RUN("each fault is named with row, line and column, and reading goes on behind it",
        it_names_each_fault_and_goes_on);
    RUN("faults of grammar, of content and of size have their own status",
        it_tells_kinds_of_fault_apart);
    RUN("a header has a name for every column and none twice", it_checks_and_searches_a_header);
    RUN("the reader asks for more until the last chunk", it_asks_for_more_until_the_last_chunk);
    RUN("a field is quoted only where it must be", it_quotes_only_where_needed);
    RUN("written fields read back as the same bytes", it_reads_back_what_it_wrote);
    return check_report();
}
