/* text_spec.c: UTF-8, ids, order of texts and the growing buffer. */
#include "engine/text.h"

#include "check.h"

#include <stdlib.h>

typedef struct bytes_case {
    const char *bytes;
    size_t length;
    bool is_utf8, is_id;
} bytes_case;

#define BYTES(text) text, sizeof(text) - 1

static const bytes_case utf8_cases[] = {
    {BYTES(""), true, false},
    {BYTES("C001"), true, true},
    {BYTES(" "), true, true},
    {BYTES("\x1F"), true, false},
    {BYTES("\x7E"), true, true},
    {BYTES("\x7F"), true, false},
    {BYTES("a\0b"), true, false},
    {BYTES("a\n"), true, false},
    {BYTES("\x80"), false, false},
    {BYTES("\xBF"), false, false},
    /* two bytes: C2 80 is the first, C0 and C1 would be overlong */
    {BYTES("\xC0\x80"), false, false},
    {BYTES("\xC1\xBF"), false, false},
    {BYTES("\xC2\x7F"), false, false},
    {BYTES("\xC2\x80"), true, false},
    {BYTES("\xC2\x9F"), true, false},
    {BYTES("\xC2\xA0"), true, true},
    {BYTES("\xC2\xC0"), false, false},
    {BYTES("\xDF\xBF"), true, true},
    {BYTES("\xDF"), false, false},
    /* three bytes: E0 A0 80 is the first, ED A0 80 to ED BF BF are surrogates */
    {BYTES("\xE0\x9F\xBF"), false, false},
    {BYTES("\xE0\xA0\x80"), true, true},
    {BYTES("\xED\x9F\xBF"), true, true},
    {BYTES("\xED\xA0\x80"), false, false},
    {BYTES("\xED\xBF\xBF"), false, false},
    {BYTES("\xEE\x80\x80"), true, true},
    {BYTES("\xEF\xBF\xBF"), true, true},
    {BYTES("\xE2\x82"), false, false},
    {BYTES("\xE2\x28\xA1"), false, false},
    {BYTES("\xE2\x82\x28"), false, false},
    /* four bytes: F0 90 80 80 is the first, F4 8F BF BF the last */
    {BYTES("\xF0\x8F\xBF\xBF"), false, false},
    {BYTES("\xF0\x90\x80\x80"), true, true},
    {BYTES("\xF4\x8F\xBF\xBF"), true, true},
    {BYTES("\xF4\x90\x80\x80"), false, false},
    {BYTES("\xF5\x80\x80\x80"), false, false},
    {BYTES("\xFF"), false, false},
    {BYTES("\xF0\x90\x80"), false, false},
    {BYTES("\xF0\x90\x80\x28"), false, false},
    {BYTES("ok \xF0\x9F\x99\x82 ok"), true, true},
    {BYTES("ok \xF0\x9F\x99 ok"), false, false},
};

/* Each case lies in memory of exactly its size, so that a sanitizer sees a read beyond it. */
static void it_tells_utf8(void)
{
    for (size_t i = 0; i < sizeof utf8_cases / sizeof *utf8_cases; i++) {
        const bytes_case *expected = &utf8_cases[i];
        char *bytes = malloc(expected->length ? expected->length : 1);
        if (!CHECK(bytes != NULL))
            return;
        memcpy(bytes, expected->bytes, expected->length);
        if (oe__text_is_utf8(bytes, expected->length) != expected->is_utf8 ||
            oe__text_is_id(bytes, expected->length) != expected->is_id)
            printf("  case %zu\n", i);
        CHECK_INT(oe__text_is_utf8(bytes, expected->length), expected->is_utf8);
        CHECK_INT(oe__text_is_id(bytes, expected->length), expected->is_id);
        free(bytes);
    }
}

static void it_limits_ids_to_128_bytes(void)
{
    char bytes[130];
    memset(bytes, 'x', sizeof bytes);
    CHECK(!oe__text_is_id(bytes, 0));
    CHECK(oe__text_is_id(bytes, 1));
    CHECK(oe__text_is_id(bytes, 128));
    CHECK(!oe__text_is_id(bytes, 129));
    memcpy(bytes + 127, "\xC3\xA9", 2);
    CHECK(!oe__text_is_id(bytes, 129));
    CHECK(!oe__text_is_id(bytes, 128)); /* a character cut in two */
}

static int sign(int number)
{
    return (number > 0) - (number < 0);
}

static void it_orders_texts_bytewise(void)
{
    static const struct {
        const char *a, *b;
        int order;
    } cases[] = {
        {"", "", 0},   {"", "a", -1},   {"a", "a", 0},  {"a", "b", -1},
        {"b", "a", 1}, {"a", "ab", -1}, {"B", "a", -1}, {"z", "\xC3\xA9", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *a = cases[i].a, *b = cases[i].b;
        CHECK_INT(sign(oe__text_compare(a, strlen(a), b, strlen(b))), cases[i].order);
        CHECK_INT(sign(oe__text_compare(b, strlen(b), a, strlen(a))), -cases[i].order);
    }
}

static void it_grows_a_buffer(void)
{
    oe__buffer buffer = {0};
    oe__buffer_add(&buffer, "", 0);
    CHECK(buffer.data == NULL && buffer.length == 0 && !buffer.failed);
    for (int i = 0; i < 5000; i++) {
        oe__buffer_add_char(&buffer, (char)('a' + i % 26));
        oe__buffer_add_text(&buffer, "--");
        oe__buffer_add(&buffer, "x\0y", 3);
    }
    CHECK_INT(buffer.length, 5000 * 6);
    CHECK(buffer.capacity >= buffer.length && !buffer.failed);
    size_t wrong = 0;
    for (int i = 0; i < 5000; i++) {
        char expected[6] = {(char)('a' + i % 26), '-', '-', 'x', 0, 'y'};
        wrong += memcmp(buffer.data + (size_t)i * 6, expected, 6) != 0;
    }
    CHECK_INT(wrong, 0);
    oe__buffer_free(&buffer);
    CHECK(buffer.data == NULL && buffer.length == 0 && buffer.capacity == 0);
}

static void it_reserves_what_was_asked(void)
{
    static const size_t sizes[] = {1, 255, 256, 257, 70000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        oe__buffer buffer = {0};
        char *place = oe__buffer_reserve(&buffer, sizes[i]);
        if (CHECK(place != NULL && buffer.capacity >= sizes[i] && buffer.length == 0))
            memset(place, 'x', sizes[i]);
        oe__buffer_free(&buffer);
    }
}

static void it_stays_failed_after_a_failure(void)
{
    static const size_t impossible[] = {SIZE_MAX, SIZE_MAX - 3, SIZE_MAX / 2 + 2};
    for (size_t i = 0; i < sizeof impossible / sizeof *impossible; i++) {
        oe__buffer buffer = {0};
        oe__buffer_add_text(&buffer, "kept");
        CHECK(oe__buffer_reserve(&buffer, impossible[i]) == NULL);
        CHECK(buffer.failed);
        oe__buffer_add_text(&buffer, "not added");
        CHECK(oe__buffer_reserve(&buffer, 1) == NULL);
        CHECK_BYTES(buffer.data, buffer.length, "kept");
        oe__buffer_free(&buffer);
        oe__buffer_add_text(&buffer, "new");
        CHECK_BYTES(buffer.data, buffer.length, "new");
        oe__buffer_free(&buffer);
    }
}

int main(void)
{
    RUN("well-formed UTF-8 and lawful ids are told from all others", it_tells_utf8);
    RUN("an id has 1 to 128 bytes", it_limits_ids_to_128_bytes);
    RUN("texts are ordered by their bytes, a prefix first", it_orders_texts_bytewise);
    RUN("a buffer grows and keeps what was added", it_grows_a_buffer);
    RUN("a buffer reserves the room asked for", it_reserves_what_was_asked);
    RUN("a buffer that failed adds nothing until it is freed", it_stays_failed_after_a_failure);
    return check_report();
}
