/* json_spec.c: the strict JSON validator and reader, and the writers. */
#include "check.h"
#include "codec/json.h"
#include "json_cases.h"
#include "json_reference.h"

#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { MUTATIONS = 40000 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { MUTATIONS = 40000 };
#else
enum { MUTATIONS = 300000 };
#endif
#else
enum { MUTATIONS = 300000 };
#endif

/* A copy without a byte to spare, so that a sanitizer sees a read beyond it. */
static char *exact_copy(const char *text, size_t length)
{
    char *copy = malloc(length > 0 ? length : 1);
    if (copy != NULL)
        memcpy(copy, text, length);
    return copy;
}

static oe_status walk(const char *text, size_t length, bool skipping, oe_error *error)
{
    oe__json_reader reader;
    oe__json_token token;
    oe__json_reader_begin(&reader, text, length);
    for (int i = 0;; i++) {
        oe_status status = oe__json_next(&reader, &token, error);
        if (status == OE_OK && skipping && (i & 1) == 0 && token.type != OE_JSON_END)
            status = oe__json_skip(&reader, &token, error);
        if (status != OE_OK || token.type == OE_JSON_END)
            return status;
    }
}

/* The validator's verdict, after checking that reading and skipping come to the same. */
static oe_status judge(const char *text, size_t length, int64_t *position)
{
    oe_error errors[3] = {
        {.position = ACCEPTED}, {.position = ACCEPTED}, {.position = ACCEPTED}};
    char *copy = exact_copy(text, length);
    oe_status status = oe__json_validate(copy, length, &errors[0]);
    bool same = walk(copy, length, false, &errors[1]) == status &&
                walk(copy, length, true, &errors[2]) == status &&
                oe__json_validate(copy, length, NULL) == status;
    for (int i = 1; i < 3; i++)
        same &= errors[i].position == errors[0].position &&
                strcmp(errors[i].message, errors[0].message) == 0;
    free(copy);
    if (!same)
        CHECK_TEXT(text, "a text that validator and reader agree on");
    *position = errors[0].position;
    return status;
}

static void it_follows_the_table(void)
{
    for (size_t i = 0; i < JSON_CASE_COUNT; i++) {
        int64_t position;
        oe_status status = judge(json_cases[i].text, json_cases[i].length, &position);
        bool ok = CHECK_INT(position, json_cases[i].position);
        ok &= CHECK((status == OE_OK) == (json_cases[i].position == ACCEPTED));
        if (!ok)
            check__show_bytes("text: ", json_cases[i].text, json_cases[i].length);
    }
}

/* What holds alone holds as an element and as a member's value, with the offset moved along.
 * Only a text that ends too early fails elsewhere, and a text of two values is now one list. */
static void it_says_the_same_inside_an_array(void)
{
    for (size_t i = 0; i < JSON_CASE_COUNT; i++) {
        const json_case *one = &json_cases[i];
        char text[256] = "[0, ";
        bool cut = one->position == (int64_t)one->length;
        bool comma = !cut && one->position >= 0 && one->text[one->position] == ',';
        bool bracket = !cut && one->position >= 0 && one->text[one->position] == ']';
        if (cut || comma || bracket)
            continue;
        memcpy(text + 4, one->text, one->length);
        text[4 + one->length] = ']';
        int64_t position;
        judge(text, one->length + 5, &position);
        if (!CHECK_INT(position, one->position == ACCEPTED ? ACCEPTED : one->position + 4))
            check__show_bytes("text: ", text, one->length + 5);
    }
}

static void it_names_what_is_wrong_and_where(void)
{
    static const struct {
        const char *text, *message;
        oe_status status;
    } cases[] = {
        {"{\"a\":1 \"b\":2}", "json: expected ',' or '}' at byte 7", OE_E_SYNTAX},
        {"[1 2]", "json: expected ',' or ']' at byte 3", OE_E_SYNTAX},
        {"", "json: expected a value at byte 0, where the text ends", OE_E_SYNTAX},
        {"[", "json: expected a value or ']' at byte 1, where the text ends", OE_E_SYNTAX},
        {"[1,]", "json: expected a value at byte 3", OE_E_SYNTAX},
        {"{", "json: expected a member name in quotes or '}' at byte 1, where the text ends",
         OE_E_SYNTAX},
        {"{\"a\":1,}", "json: expected a member name in quotes at byte 7", OE_E_SYNTAX},
        {"{\"a\" 1}", "json: expected ':' at byte 5", OE_E_SYNTAX},
        {"1 2", "json: expected the end of the text at byte 2", OE_E_SYNTAX},
        {"1.", "json: expected a digit at byte 2, where the text ends", OE_E_SYNTAX},
        {"\"a", "json: expected the closing quote of a string at byte 2, where the text ends",
         OE_E_SYNTAX},
        {"\"\n\"", "json: unescaped control character in a string at byte 1", OE_E_SYNTAX},
        {"\"\\x\"", "json: expected one of \" \\ / b f n r t u at byte 2", OE_E_SYNTAX},
        {"\"\\u00g0\"", "json: expected a hexadecimal digit at byte 5", OE_E_SYNTAX},
        {"\"\\u0000\"", "json: escape of U+0000 at byte 1", OE_E_SYNTAX},
        {"\"\\udc00\"", "json: second half of a surrogate pair without the first at byte 1",
         OE_E_SYNTAX},
        {"\"\\ud800\\u0041\"",
         "json: first half of a surrogate pair without the second at byte 1", OE_E_SYNTAX},
        {"\"\xFF\"", "json: malformed UTF-8 at byte 1", OE_E_SYNTAX},
        {"trux", "json: expected true, false or null at byte 3", OE_E_SYNTAX},
        {"{\"a\":1,\"a\":2}", "json: repeated member name at byte 7", OE_E_SYNTAX},
        {"[1e999]", "json: number out of range at byte 1", OE_E_INVALID},
        {"[[[[[[[[[[[[[[[[[", "json: nested more than 16 deep at byte 16", OE_E_LIMIT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        oe_error error = {0};
        CHECK_INT(oe__json_validate(cases[i].text, strlen(cases[i].text), &error),
                  cases[i].status);
        CHECK_TEXT(error.message, cases[i].message);
        CHECK_INT(error.status, cases[i].status);
    }
}

static void it_takes_sixteen_levels(void)
{
    for (int levels = 1; levels <= 20; levels++) {
        for (int kind = 0; kind < 8; kind++) {
            char text[512] = "", closing[64] = "";
            int64_t seventeenth = 0;
            for (int level = 0; level < levels; level++) {
                bool object = (kind >> level % 3 & 1) != 0;
                if (level == OE_JSON_DEPTH_MAX)
                    seventeenth = (int64_t)strlen(text);
                strcat(text, object ? "{\"a\":" : "[");
                memmove(closing + 1, closing, strlen(closing) + 1);
                closing[0] = object ? '}' : ']';
            }
            strcat(text, "1");
            strcat(text, closing);
            int64_t position;
            oe_status status = judge(text, strlen(text), &position);
            CHECK_INT(status, levels <= OE_JSON_DEPTH_MAX ? OE_OK : OE_E_LIMIT);
            CHECK_INT(position, levels <= OE_JSON_DEPTH_MAX ? ACCEPTED : seventeenth);
        }
    }
}

/* {"n0":0,"n1":0,...} */
static size_t write_members(char *text, int from, int count)
{
    size_t length = 0;
    text[length++] = '{';
    for (int i = from; i < from + count; i++)
        length += (size_t)sprintf(text + length, "%s\"n%d\":0", i > from ? "," : "", i);
    text[length++] = '}';
    return length;
}

static void it_takes_512_members_in_open_objects(void)
{
    static char text[40000];
    int64_t position;
    size_t length = write_members(text, 0, 512);
    CHECK_INT(judge(text, length, &position), OE_OK);
    size_t name = length; /* of the 513th member: behind a comma where the bracket was */
    length = write_members(text, 0, 513);
    CHECK_INT(judge(text, length, &position), OE_E_LIMIT);
    CHECK_INT(position, name);
    /* Names of closed objects do not count. */
    length = 0;
    for (int i = 0; i < 6; i++) {
        text[length++] = i > 0 ? ',' : '[';
        length += write_members(text + length, i * 100, 500);
    }
    text[length++] = ']';
    CHECK_INT(judge(text, length, &position), OE_OK);
}

static void it_finds_every_repeated_name_among_many(void)
{
    static char text[20000];
    for (int repeated = 0; repeated < 511; repeated++) {
        size_t length = write_members(text, 0, 511) - 1;
        int64_t expected = (int64_t)length + 1, position;
        char number[16];
        snprintf(number, sizeof number, "%d", repeated);
        const char *rest = number + 1;
        length +=
            (size_t)sprintf(text + length, ",\"n\\u%04x%s\":0}", (unsigned)number[0], rest);
        CHECK_INT(judge(text, length, &position), OE_E_SYNTAX);
        CHECK_INT(position, expected);
    }
}

static const char *const documents[] = {
    "{\"customer_id\":\"C001\",\"age\":32,\"income\":95000.50,\"credit_score\":null,"
    "\"avg_account_balance\":-1.5e3,\"existing_products\":[\"savings_account\",\"debit_card\"],"
    "\"flag\":true,\"off\":false}",
    "[{\"a\":{\"b\":[1,2,{\"c\":[]}]},\"d\":{}},\"\\u00e9\\ud83d\\ude00\\n\\\\\",-0,1E+5,[[[0."
    "25]]]]",
    "{\"name\":\"J\xC3\xBCrgen \xE2\x82\xAC "
    "\xF0\x9F\x98\x80\",\"\\u0061\":{\"\\u0061\":[null]},\"\":\"\"}",
    " [ \"long plain text without anything special in it at all\" , 12345678901234567890.5 ] ",
};

static void it_refuses_every_prefix(void)
{
    for (size_t d = 0; d < sizeof documents / sizeof *documents; d++) {
        size_t length = strlen(documents[d]), end = length - (documents[d][length - 1] == ' ');
        int64_t position;
        CHECK_INT(judge(documents[d], length, &position), OE_OK);
        for (size_t cut = 0; cut < end; cut++) {
            CHECK_INT(judge(documents[d], cut, &position), OE_E_SYNTAX);
            if (((unsigned char)documents[d][cut] & 0xC0U) != 0x80) /* not inside a character */
                CHECK_INT(position, cut);
        }
    }
}

static void it_refuses_every_byte_behind_the_end(void)
{
    for (size_t d = 0; d < sizeof documents / sizeof *documents; d++) {
        for (int byte = 0; byte < 256; byte++) {
            char text[512];
            size_t length = strlen(documents[d]);
            memcpy(text, documents[d], length);
            text[length] = (char)byte;
            int64_t position;
            judge(text, length + 1, &position);
            bool space = byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
            CHECK_INT(position, space ? ACCEPTED : (int64_t)length);
        }
    }
}

static uint64_t next_random(uint64_t *state)
{
    uint64_t word = (*state += UINT64_C(0x9E3779B97F4A7C15));
    word = (word ^ word >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    word = (word ^ word >> 27) * UINT64_C(0x94D049BB133111EB);
    return word ^ word >> 31;
}

/* Replaces, inserts, deletes or doubles a few bytes. Never a NUL, which the second opinion
 * cannot hold. */
static size_t mutate(char *text, size_t length, uint64_t *seed)
{
    static const char bytes[] =
        "\"\\{}[]:,0123456789eE+-. \n\ttrufalsn\x80\xC3\xA9\xED\xF0\x01uDd8cC/";
    for (uint64_t edits = 1 + next_random(seed) % 3; edits > 0 && length > 1; edits--) {
        uint64_t word = next_random(seed);
        size_t at = (size_t)(word >> 32) % length;
        char byte = bytes[(word >> 8) % (sizeof bytes - 1)];
        switch (word & 3) {
        case 0:
            text[at] = byte;
            break;
        case 1:
            memmove(text + at + 1, text + at, length++ - at);
            text[at] = byte;
            break;
        case 2:
            memmove(text + at, text + at + 1, --length - at);
            break;
        default:
            memmove(text + at + 1, text + at, length++ - at);
        }
    }
    text[length] = '\0';
    return length;
}

static void it_agrees_with_a_second_opinion_on_mutated_texts(void)
{
    static const char *const seeds[] = {
        "{\"a\":[1,-2.5e3,\"\\u00e9\\ud83d\\ude00\"],\"b\":{\"c\":null}}",
        "[true,false,null,{\"aa\":1,\"ab\":\"\xC3\xA9\xE2\x82\xAC\"},[[]]]",
        "{\"\\u0061\":0.10,\"b\":1e30,\"n\":[],\"t\":\"x\\\\y\\n\"}",
        "[[[[[[[[[[[[[[[[7]]]]]]]]]]]]]]]]",
    };
    uint64_t seed = 2024;
    int accepted = 0;
    for (int i = 0; i < MUTATIONS; i++) {
        char text[128];
        size_t length = strlen(seeds[i & 3]);
        memcpy(text, seeds[i & 3], length);
        length = mutate(text, length, &seed);
        oe_error errors[3] = {0};
        bool ok = oe__json_validate(text, length, &errors[0]) == OE_OK;
        bool read = walk(text, length, false, &errors[1]) == OE_OK;
        bool skipped = walk(text, length, true, &errors[2]) == OE_OK;
        accepted += ok;
        if (ok != read || ok != skipped || ok != reference_accepts(text) ||
            errors[0].position != errors[2].position ||
            errors[0].position != errors[1].position)
            CHECK_TEXT(text, "a text all agree on");
    }
    CHECK(accepted > MUTATIONS / 50 && accepted < MUTATIONS / 2);
}

/* ---- The reader's tokens ---- */

static void it_reads_tokens_with_slices_and_offsets(void)
{
    static const char text[] = " {\"a\\n\" : [1.5, true,false , null], \"b\":{\"c\":\"x\"} } ";
    static const struct {
        oe__json_type type;
        size_t offset;
        const char *slice;
        bool escaped;
    } expected[] = {
        {OE_JSON_OBJECT, 1, "{", false},      {OE_JSON_NAME, 2, "a\\n", true},
        {OE_JSON_ARRAY, 10, "[", false},      {OE_JSON_NUMBER, 11, "1.5", false},
        {OE_JSON_TRUE, 16, "true", false},    {OE_JSON_FALSE, 21, "false", false},
        {OE_JSON_NULL, 29, "null", false},    {OE_JSON_ARRAY_END, 33, "]", false},
        {OE_JSON_NAME, 36, "b", false},       {OE_JSON_OBJECT, 40, "{", false},
        {OE_JSON_NAME, 41, "c", false},       {OE_JSON_STRING, 45, "x", false},
        {OE_JSON_OBJECT_END, 48, "}", false}, {OE_JSON_OBJECT_END, 50, "}", false},
        {OE_JSON_END, 52, "", false},         {OE_JSON_END, 52, "", false},
    };
    oe__json_reader reader;
    oe__json_reader_begin(&reader, text, sizeof text - 1);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        oe__json_token token;
        if (!CHECK_INT(oe__json_next(&reader, &token, NULL), OE_OK))
            return;
        CHECK_INT(token.type, expected[i].type);
        CHECK_INT(token.offset, expected[i].offset);
        CHECK_INT(token.length, strlen(expected[i].slice));
        CHECK(memcmp(token.bytes, expected[i].slice, token.length) == 0);
        CHECK_INT(token.escaped, expected[i].escaped);
        if (token.type == OE_JSON_NUMBER)
            CHECK(token.number == 1.5);
    }
}

static void it_skips_values_whole(void)
{
    static const char text[] = "{\"a\":{\"x\":[1,{}]},\"b\":[[]],\"c\":7,\"d\":\"end\"}";
    oe__json_reader reader;
    oe__json_token token;
    oe__json_reader_begin(&reader, text, sizeof text - 1);
    CHECK_INT(oe__json_next(&reader, &token, NULL), OE_OK);
    for (int i = 0; i < 3; i++) {
        CHECK_INT(oe__json_next(&reader, &token, NULL), OE_OK);
        CHECK_INT(token.type, OE_JSON_NAME);
        CHECK_INT(token.bytes[0], 'a' + i);
        if (i == 1) /* the token that begins the value may be skipped from as well */
            CHECK_INT(oe__json_next(&reader, &token, NULL), OE_OK);
        CHECK_INT(oe__json_skip(&reader, &token, NULL), OE_OK);
    }
    CHECK_INT(oe__json_next(&reader, &token, NULL), OE_OK);
    CHECK_BYTES(token.bytes, token.length, "d");
    CHECK_INT(oe__json_next(&reader, &token, NULL), OE_OK);
    CHECK_BYTES(token.bytes, token.length, "end");
    CHECK_INT(oe__json_skip(&reader, &token, NULL), OE_OK);
    CHECK_BYTES(token.bytes, token.length, "end");
}

static void it_keeps_failing_once_it_failed(void)
{
    oe__json_reader reader;
    oe__json_token token;
    oe__json_reader_begin(&reader, "[1,x]", 5);
    for (int i = 0; i < 2; i++)
        CHECK_INT(oe__json_next(&reader, &token, NULL), OE_OK);
    for (int i = 0; i < 3; i++) {
        oe_error error = {0};
        CHECK_INT(oe__json_next(&reader, &token, &error), OE_E_SYNTAX);
        CHECK_INT(error.position, 3);
        CHECK_INT(oe__json_skip(&reader, &token, &error), OE_E_SYNTAX);
    }
}

static void it_unescapes(void)
{
    static const struct {
        const char *slice, *text;
    } cases[] = {
        {"", ""},
        {"plain", "plain"},
        {"\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t"},
        {"a\\u0041b", "aAb"},
        {"\\u007f\\u0080\\u07ff\\u0800\\uffff", "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF"},
        {"\\ud800\\udc00\\udbff\\udfff", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"},
        {"\\uD83D\\uDE00", "\xF0\x9F\x98\x80"},
        {"\xC3\xA9\\u00e9", "\xC3\xA9\xC3\xA9"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t length = strlen(cases[i].slice), wanted = strlen(cases[i].text);
        for (size_t capacity = 0; capacity <= wanted + 1; capacity++) {
            char out[64];
            memset(out, '#', sizeof out);
            CHECK_INT(oe__json_unescape(cases[i].slice, length, out, capacity), wanted);
            size_t written = capacity < wanted ? capacity : wanted;
            CHECK(memcmp(out, cases[i].text, written) == 0);
            CHECK_INT(out[written], '#');
        }
    }
}

/* ---- Writers ---- */

static void it_writes_strings(void)
{
    static const struct {
        const char *bytes;
        size_t length;
        const char *text;
    } cases[] = {
        {TEXT(""), "\"\""},
        {TEXT("plain text of more than a word"), "\"plain text of more than a word\""},
        {TEXT("a\"b\\c/d"), "\"a\\\"b\\\\c/d\""},
        {TEXT("\b\f\n\r\t"), "\"\\b\\f\\n\\r\\t\""},
        {TEXT("\0\x01\x1F\x20\x7F"), "\"\\u0000\\u0001\\u001f \x7F\""},
        {TEXT("<\xC3\xA9\xE2\x80\xA8>"), "\"<\xC3\xA9\xE2\x80\xA8>\""},
        {TEXT("1234567\"89abcdef\n"), "\"1234567\\\"89abcdef\\n\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        oe__buffer buffer = {0};
        oe__json_write_string(&buffer, cases[i].bytes, cases[i].length);
        oe__buffer_add_char(&buffer, '\0');
        CHECK_TEXT(buffer.data, cases[i].text);
        CHECK_INT(buffer.length, strlen(cases[i].text) + 1);
        oe__buffer_free(&buffer);
    }
}

static void it_reads_back_what_it_wrote(void)
{
    uint64_t seed = 9;
    for (int i = 0; i < 3000; i++) {
        char bytes[40], back[40];
        size_t length = (size_t)(next_random(&seed) % sizeof bytes);
        for (size_t at = 0; at < length; at++)
            bytes[at] = (char)(1 + next_random(&seed) % 127);
        oe__buffer buffer = {0};
        oe__json_write_string(&buffer, bytes, length);
        oe__json_reader reader;
        oe__json_token token;
        oe__json_reader_begin(&reader, buffer.data, buffer.length);
        if (!CHECK_INT(oe__json_next(&reader, &token, NULL), OE_OK))
            return;
        CHECK_INT(oe__json_unescape(token.bytes, token.length, back, sizeof back), length);
        CHECK(memcmp(bytes, back, length) == 0);
        oe__buffer_free(&buffer);
    }
}

static void it_writes_numbers(void)
{
    oe__buffer buffer = {0};
    oe__json_write_number(&buffer, 28000.5);
    oe__buffer_add_char(&buffer, ' ');
    oe__json_write_tenths(&buffer, 91.25);
    CHECK_BYTES(buffer.data, buffer.length, "28000.5 91.3");
    oe__buffer_free(&buffer);
}

int main(void)
{
    RUN("each text of the table is accepted or refused at its byte", it_follows_the_table);
    RUN("a text is judged the same inside an array", it_says_the_same_inside_an_array);
    RUN("a refusal names what is wrong and where", it_names_what_is_wrong_and_where);
    RUN("sixteen levels are taken and seventeen are not", it_takes_sixteen_levels);
    RUN("512 members of open objects are taken and 513 are not",
        it_takes_512_members_in_open_objects);
    RUN("a repeated name is found among many, escaped or not",
        it_finds_every_repeated_name_among_many);
    RUN("every prefix of a valid text is refused at its end", it_refuses_every_prefix);
    RUN("nothing but space may follow the text", it_refuses_every_byte_behind_the_end);
    RUN("validator, reader, skipping and a second opinion agree on mutated texts",
        it_agrees_with_a_second_opinion_on_mutated_texts);
    RUN("tokens carry type, slice, offset and number", it_reads_tokens_with_slices_and_offsets);
    RUN("a value is skipped whole", it_skips_values_whole);
    RUN("a reader that failed keeps failing the same way", it_keeps_failing_once_it_failed);
    RUN("escapes become text, never beyond the capacity", it_unescapes);
    RUN("strings are written with the fewest escapes", it_writes_strings);
    RUN("a written string reads back as the same bytes", it_reads_back_what_it_wrote);
    RUN("numbers are written shortest or in tenths", it_writes_numbers);
    return check_report();
}
