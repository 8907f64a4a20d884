/* chunks.c: the state machine over a chunked body, RFC 9112 section 7.1 without extensions and
 * trailers. */
#include "server/http/chunks.h"

enum chunk_state {
    IN_SIZE,
    AT_SIZE_LF,
    IN_DATA,
    AT_DATA_CR,
    AT_DATA_LF,
    AT_LAST_CR,
    AT_LAST_LF
};

enum { DIGITS_MAX = 8 };

void oe__chunks_reset(oe__chunks *chunks, uint64_t limit)
{
    *chunks = (oe__chunks){.state = IN_SIZE, .limit = limit};
}

static int digit_of(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    char lower = (char)(byte | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static oe_http_error scan_size(oe__chunks *chunks, char byte)
{
    int digit = digit_of(byte);
    if (digit >= 0) {
        if (chunks->digits == DIGITS_MAX)
            return OE_HTTP_CHUNK;
        chunks->digits++;
        chunks->left = chunks->left * 16 + (uint64_t)digit;
        return OE_HTTP_OK;
    }
    if (chunks->digits == 0)
        return OE_HTTP_CHUNK;
    if (byte == ';' || byte == ' ' || byte == '\t')
        return OE_HTTP_CHUNK_EXTENSION;
    if (byte != '\r')
        return OE_HTTP_CHUNK;
    chunks->state = AT_SIZE_LF;
    return OE_HTTP_OK;
}

static oe_http_error end_size(oe__chunks *chunks, char byte)
{
    if (byte != '\n')
        return OE_HTTP_CHUNK;
    chunks->digits = 0;
    chunks->total += chunks->left;
    chunks->state = chunks->left == 0 ? AT_LAST_CR : IN_DATA;
    return chunks->total > chunks->limit ? OE_HTTP_BODY_LARGE : OE_HTTP_OK;
}

static oe_http_error expect_byte(oe__chunks *chunks, char byte, char expected)
{
    if (byte != expected)
        return chunks->state == AT_LAST_CR ? OE_HTTP_TRAILERS : OE_HTTP_CHUNK;
    chunks->state = chunks->state == AT_DATA_CR   ? AT_DATA_LF
                    : chunks->state == AT_LAST_CR ? AT_LAST_LF
                                                  : IN_SIZE;
    return OE_HTTP_OK;
}

static oe_http_error step(oe__chunks *chunks, char byte)
{
    switch ((enum chunk_state)chunks->state) {
    case IN_SIZE:
        return scan_size(chunks, byte);
    case AT_SIZE_LF:
        return end_size(chunks, byte);
    case AT_DATA_CR:
    case AT_LAST_CR:
        return expect_byte(chunks, byte, '\r');
    case AT_DATA_LF:
    case AT_LAST_LF:
        return expect_byte(chunks, byte, '\n');
    case IN_DATA:
        break;
    }
    return OE_HTTP_OK;
}

size_t oe__chunks_scan(oe__chunks *chunks, const char *bytes, size_t length, bool *is_done)
{
    size_t at = 0;
    *is_done = false;
    while (at < length) {
        if (chunks->state == IN_DATA) {
            size_t here = chunks->left < length - at ? (size_t)chunks->left : length - at;
            at += here;
            chunks->left -= here;
            if (chunks->left == 0)
                chunks->state = AT_DATA_CR;
            continue;
        }
        bool is_last = chunks->state == AT_LAST_LF;
        chunks->error = step(chunks, bytes[at++]);
        if (chunks->error != OE_HTTP_OK)
            return at;
        if (is_last) {
            *is_done = true;
            return at;
        }
    }
    return at;
}
