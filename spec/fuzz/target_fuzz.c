/* target_fuzz.c: percent-decoding of path segments and queries against a naive decoder. The
 * input is a raw query; the whole of it is decoded as a segment, too. */
#include "engine/text.h"
#include "fuzz.h"
#include "server/http/target.h"

#include <ctype.h>

static int digit(int byte)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = byte != '\0' ? strchr(digits, tolower(byte)) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

/* -1: a bad escape. */
static long naive(const unsigned char *raw, size_t length, bool plus, char *out)
{
    long n = 0;
    while (length > 0) {
        size_t used = 1;
        int byte = raw[0];
        if (byte == '%') {
            if (length < 3 || digit(raw[1]) < 0 || digit(raw[2]) < 0)
                return -1;
            byte = digit(raw[1]) * 16 + digit(raw[2]);
            used = 3;
        } else if (byte == '+' && plus) {
            byte = ' ';
        }
        out[n++] = (char)byte;
        raw += used;
        length -= used;
    }
    return n;
}

static bool is_clean(const char *text, size_t length)
{
    if (!oe__text_is_utf8(text, length))
        return false;
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte < 0x20 || byte == 0x7F)
            return false;
        if (byte == 0xC2 && (unsigned char)text[i + 1] < 0xA0)
            return false;
    }
    return true;
}

static void check_segment(const uint8_t *data, size_t length, bool plus)
{
    char *raw = fuzz_copy(data, length, 0), *out = fuzz_copy(data, length, 0);
    char *expected = fuzz_copy(data, length, 1);
    size_t made = 0;
    oe_http_error error = oe__target_decode((oe_span){raw, length}, plus, out, &made);
    long count = naive(data, length, plus, expected);
    if (count < 0)
        FUZZ_CHECK(error == OE_HTTP_ESCAPE);
    else if (!is_clean(expected, (size_t)count))
        FUZZ_CHECK(error == OE_HTTP_PATH_TEXT);
    else
        FUZZ_CHECK(error == OE_HTTP_OK && made == (size_t)count &&
                   memcmp(out, expected, made) == 0);
    free(raw);
    free(out);
    free(expected);
}

static void check_pair(const oe_query *query, size_t index)
{
    oe_span name = query->pairs[index].name, value = query->pairs[index].value;
    FUZZ_CHECK(name.length > 0 && is_clean(name.data, name.length));
    FUZZ_CHECK(is_clean(value.data, value.length));
    bool repeats = false;
    for (size_t i = 0; i < index; i++)
        repeats |= query->pairs[i].name.length == name.length &&
                   memcmp(query->pairs[i].name.data, name.data, name.length) == 0;
    FUZZ_CHECK(query->pairs[index].is_repeat == repeats);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    check_segment(data, length, false);
    check_segment(data, length, true);
    oe_query *query = malloc(sizeof *query);
    char *raw = fuzz_copy(data, length, 0);
    if (query == NULL)
        exit(0);
    if (oe_query_parse(query, (oe_span){raw, length}) == OE_HTTP_OK) {
        static const char *const known[] = {"limit", "category"};
        FUZZ_CHECK(query->count <= OE_QUERY_PAIRS_MAX);
        for (size_t i = 0; i < query->count; i++)
            check_pair(query, i);
        (void)oe_query_get(query, "limit");
        (void)oe_query_unknown(query, known, 2);
    }
    free(raw);
    free(query);
    return 0;
}
