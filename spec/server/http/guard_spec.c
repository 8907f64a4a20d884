/* guard_spec.c: the header block guard and the chunk framing on bytes alone, whole and in every
 * cut. */
#include "check.h"

#include "server/http/chunks.h"
#include "server/http/guard.h"

#include <stdlib.h>

typedef struct block_case {
    const char *bytes;
    oe_http_error error; /* OE_HTTP_OK: passed */
} block_case;

#define REQUEST "GET / HTTP/1.1\r\nHost: x\r\n"

static const block_case cases[] = {
    {REQUEST "\r\n", OE_HTTP_OK},
    {"\r\n" REQUEST "\r\n", OE_HTTP_OK},
    {"\r\n\r\n" REQUEST "\r\n", OE_HTTP_BARE_LINE_END},
    {"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", OE_HTTP_OK},
    {"GET * HTTP/1.1\r\nHost: x\r\n\r\n", OE_HTTP_TARGET},
    {"GET / HTTP/1.0\r\n\r\n", OE_HTTP_OK},
    {"GET / HTTP/1.1\r\n\r\n", OE_HTTP_HOST_MISSING},
    {"GET / HTTP/1.2\r\nHost: x\r\n\r\n", OE_HTTP_VERSION},
    {"GET / HTTP/2.0\r\nHost: x\r\n\r\n", OE_HTTP_VERSION},
    {"GET / HTTP/1.1 \r\nHost: x\r\n\r\n", OE_HTTP_REQUEST_LINE},
    {"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", OE_HTTP_REQUEST_LINE},
    {"GET /#a HTTP/1.1\r\nHost: x\r\n\r\n", OE_HTTP_TARGET},
    {"GET /\x80 HTTP/1.1\r\nHost: x\r\n\r\n", OE_HTTP_TARGET},
    {"GET /\x7f HTTP/1.1\r\nHost: x\r\n\r\n", OE_HTTP_CONTROL_BYTE},
    {"get / HTTP/1.1\r\nHost: x\r\n\r\n", OE_HTTP_METHOD_UNKNOWN},
    {"GET / HTTP/1.1\nHost: x\r\n\r\n", OE_HTTP_BARE_LINE_END},
    {"GET / HTTP/1.1\r\nHost: x\n\r\n", OE_HTTP_BARE_LINE_END},
    {"GET / HTTP/1.1\r\nHost: x\r\r\n\r\n", OE_HTTP_BARE_LINE_END},
    {REQUEST "\n", OE_HTTP_BARE_LINE_END},
    {REQUEST "\rx", OE_HTTP_BARE_LINE_END},
    {REQUEST "A: b\r\n c\r\n\r\n", OE_HTTP_OBS_FOLD},
    {REQUEST "A : b\r\n\r\n", OE_HTTP_HEADER_NAME},
    {REQUEST ": b\r\n\r\n", OE_HTTP_HEADER_NAME},
    {REQUEST "A\r\n\r\n", OE_HTTP_HEADER_NAME},
    {REQUEST "A: \x01\r\n\r\n", OE_HTTP_CONTROL_BYTE},
    {REQUEST "A: \xff\t~ \r\n\r\n", OE_HTTP_OK},
    {REQUEST "Host: x\r\n\r\n", OE_HTTP_HOST_REPEATED},
    {REQUEST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", OE_HTTP_LENGTH_REPEATED},
    {REQUEST "Content-Length: 9007199254740992\r\n\r\n", OE_HTTP_OK},
    {REQUEST "Content-Length: 9007199254740993\r\n\r\n", OE_HTTP_LENGTH_INVALID},
    {REQUEST "Content-Length: 99999999999999999999999\r\n\r\n", OE_HTTP_LENGTH_INVALID},
    {REQUEST "Content-Length: 5, 5\r\n\r\n", OE_HTTP_LENGTH_INVALID},
    {REQUEST "Content-Length:\r\n\r\n", OE_HTTP_LENGTH_INVALID},
    {REQUEST "Transfer-Encoding: Chunked\r\n\r\n", OE_HTTP_OK},
    {REQUEST "Transfer-Encoding: gzip, chunked\r\n\r\n", OE_HTTP_TRANSFER_ENCODING},
    {REQUEST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
     OE_HTTP_TRANSFER_ENCODING},
    {REQUEST "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n",
     OE_HTTP_FRAMING_AMBIGUOUS},
    {"GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", OE_HTTP_TRANSFER_ENCODING},
};
enum { CASE_COUNT = sizeof cases / sizeof cases[0] };

static oe__guard_verdict expected_of(const block_case *expected)
{
    return expected->error == OE_HTTP_OK ? OE_GUARD_PASSED : OE_GUARD_REFUSED;
}

static void check_verdict(const block_case *expected, const oe__guard *guard,
                          oe__guard_verdict verdict)
{
    if (!CHECK_INT(verdict, expected_of(expected)) || !CHECK_INT(guard->error, expected->error))
        printf("    case: %s\n", expected->bytes);
}

static void it_judges_whole_blocks(void)
{
    for (size_t i = 0; i < CASE_COUNT; i++) {
        oe__guard guard = {0};
        oe__guard_reset(&guard);
        check_verdict(&cases[i], &guard,
                      oe__guard_scan(&guard, cases[i].bytes, strlen(cases[i].bytes)));
    }
}

/* The same block in a buffer of just its length each time, so that a look beyond is seen by the
 * sanitizer. */
static void it_judges_the_same_byte_by_byte(void)
{
    for (size_t i = 0; i < CASE_COUNT; i++) {
        oe__guard guard = {0};
        oe__guard_reset(&guard);
        oe__guard_verdict verdict = OE_GUARD_MORE;
        size_t length = strlen(cases[i].bytes);
        for (size_t n = 1; n <= length && verdict == OE_GUARD_MORE; n++) {
            char *copy = malloc(n);
            if (!CHECK(copy != NULL))
                return;
            memcpy(copy, cases[i].bytes, n);
            verdict = oe__guard_scan(&guard, copy, n);
            free(copy);
        }
        check_verdict(&cases[i], &guard, verdict);
    }
}

static void it_does_not_depend_on_bytes_behind(void)
{
    for (size_t i = 0; i < CASE_COUNT; i++) {
        char bytes[512];
        oe__guard guard = {0};
        oe__guard_reset(&guard);
        int length = snprintf(bytes, sizeof bytes, "%s%s\r\n", cases[i].bytes, REQUEST);
        check_verdict(&cases[i], &guard, oe__guard_scan(&guard, bytes, (size_t)length));
        if (cases[i].error == OE_HTTP_OK)
            CHECK_INT(guard.offset, strlen(cases[i].bytes));
    }
}

static void it_finds_the_fields(void)
{
    static const char bytes[] =
        "PUT /a?b HTTP/1.1\r\nHOST:x\r\nAccept: \t q ,r\t \r\nContent-Length: 7\r\n"
        "Connection: foo, close\r\nEmpty:\r\naccept: second\r\n\r\n";
    oe__guard guard = {0};
    oe__guard_reset(&guard);
    CHECK_INT(oe__guard_scan(&guard, bytes, sizeof bytes - 1), OE_GUARD_PASSED);
    CHECK_INT(guard.method, OE_METHOD_PUT);
    CHECK_BYTES(bytes + guard.target_at, guard.target_length, "/a?b");
    CHECK_INT(guard.field_count, 6);
    CHECK_INT(guard.content_length, 7);
    CHECK(!oe__guard_keeps_alive(&guard));
    oe_span accept = oe__guard_find(&guard, bytes, "accept");
    CHECK_BYTES(accept.data, accept.length, "q ,r");
    accept = oe__guard_value(&guard, bytes, guard.accept_field);
    CHECK_BYTES(accept.data, accept.length, "q ,r");
    oe_span empty = oe__guard_find(&guard, bytes, "empty");
    CHECK(empty.data != NULL);
    CHECK_INT(empty.length, 0);
    CHECK(oe__guard_find(&guard, bytes, "absent").data == NULL);
}

/* ---- Limits ------------------------------------------------------------------------------ */

/* A block of a request line of `line` bytes and a header block of `headers` bytes. */
static size_t make_block(char *out, size_t line, size_t headers)
{
    size_t at = (size_t)sprintf(out, "GET /");
    while (at < line - strlen(" HTTP/1.1"))
        out[at++] = 'a';
    at += (size_t)sprintf(out + at, " HTTP/1.1\r\n");
    size_t start = at;
    at += (size_t)sprintf(out + at, "Host: x\r\nA: ");
    while (at - start < headers - 4)
        out[at++] = 'b';
    return at + (size_t)sprintf(out + at, "\r\n\r\n");
}

static void it_keeps_its_limits(void)
{
    static const struct {
        size_t line, headers;
        oe_http_error error;
    } limits[] = {
        {4096, 100, OE_HTTP_OK},   {4097, 100, OE_HTTP_REQUEST_LINE_LONG},
        {100, 16384, OE_HTTP_OK},  {100, 16385, OE_HTTP_HEADERS_LARGE},
        {4096, 16384, OE_HTTP_OK}, {4096, 16386, OE_HTTP_HEADERS_LARGE},
    };
    static char bytes[32768];
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        size_t length = make_block(bytes, limits[i].line, limits[i].headers);
        for (size_t step = 1; step <= length; step += length - 1) {
            oe__guard guard = {0};
            oe__guard_reset(&guard);
            for (size_t n = step; n <= length && guard.error == OE_HTTP_OK; n += step)
                oe__guard_scan(&guard, bytes, n);
            CHECK_INT(guard.error, limits[i].error);
            if (limits[i].error == OE_HTTP_OK)
                CHECK_INT(guard.offset, length);
        }
    }
}

static void it_counts_headers(void)
{
    for (int count = 63; count <= 65; count++) {
        char bytes[1024];
        size_t at = (size_t)sprintf(bytes, REQUEST);
        for (int i = 1; i < count; i++)
            at += (size_t)sprintf(bytes + at, "A: b\r\n");
        at += (size_t)sprintf(bytes + at, "\r\n");
        oe__guard guard = {0};
        oe__guard_reset(&guard);
        oe__guard_scan(&guard, bytes, at);
        CHECK_INT(guard.error, count <= 64 ? OE_HTTP_OK : OE_HTTP_HEADERS_MANY);
    }
}

/* ---- Chunks ------------------------------------------------------------------------------ */

static const block_case bodies[] = {
    {"0\r\n\r\n", OE_HTTP_OK},
    {"5\r\nhello\r\n0\r\n\r\n", OE_HTTP_OK},
    {"00000005\r\nhello\r\n0\r\n\r\n", OE_HTTP_OK},
    {"000000005\r\nhello\r\n0\r\n\r\n", OE_HTTP_CHUNK},
    {"a\r\n0123456789\r\n0\r\n\r\n", OE_HTTP_OK},
    {"b\r\n", OE_HTTP_BODY_LARGE},
    {"6\r\n012345\r\n5\r\n", OE_HTTP_BODY_LARGE},
    {"5;a\r\n", OE_HTTP_CHUNK_EXTENSION},
    {"5 \r\n", OE_HTTP_CHUNK_EXTENSION},
    {"0\r\nA: b\r\n\r\n", OE_HTTP_TRAILERS},
    {"5\nhello", OE_HTTP_CHUNK},
    {"5\r\nhello0", OE_HTTP_CHUNK},
    {"\r\n", OE_HTTP_CHUNK},
    {"5\r\nhello\r0", OE_HTTP_CHUNK},
    {"0\r\n\rx", OE_HTTP_CHUNK},
};

static void it_judges_chunks_in_every_cut(void)
{
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        size_t length = strlen(bodies[i].bytes);
        for (size_t cut = 0; cut <= length; cut++) {
            oe__chunks chunks;
            bool is_done = false;
            oe__chunks_reset(&chunks, 10);
            size_t used = oe__chunks_scan(&chunks, bodies[i].bytes, cut, &is_done);
            if (chunks.error == OE_HTTP_OK && !is_done)
                used +=
                    oe__chunks_scan(&chunks, bodies[i].bytes + used, length - used, &is_done);
            CHECK_INT(chunks.error, bodies[i].error);
            CHECK_INT(is_done, bodies[i].error == OE_HTTP_OK);
            if (is_done)
                CHECK_INT(used, length);
        }
    }
}

static void it_names_the_methods(void)
{
    oe__guard guard = {0};
    oe__guard_reset(&guard);
    static const char bytes[] = "BREW / HTTP/1.1\r\nHost: x\r\n\r\n";
    CHECK_INT(oe__guard_scan(&guard, bytes, sizeof bytes - 1), OE_GUARD_REFUSED);
    CHECK_TEXT(oe_method_name((oe_method)guard.method), "-");
    CHECK_TEXT(oe_method_name(OE_METHOD_OPTIONS), "OPTIONS");
}

int main(void)
{
    RUN("a whole block is judged", it_judges_whole_blocks);
    RUN("byte by byte the judgement is the same", it_judges_the_same_byte_by_byte);
    RUN("what follows a block changes nothing", it_does_not_depend_on_bytes_behind);
    RUN("fields are found by name", it_finds_the_fields);
    RUN("line and block limits hold to the byte", it_keeps_its_limits);
    RUN("64 headers pass and 65 do not", it_counts_headers);
    RUN("a method has a name, an unknown one too", it_names_the_methods);
    RUN("chunks are judged the same in every cut", it_judges_chunks_in_every_cut);
    return check_report();
}
