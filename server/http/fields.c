/* fields.c: the header fields that decide framing and the life of the connection. */
#include "server/http/guard.h"

static const uint64_t LENGTH_MAX = UINT64_C(1) << 53;

static oe_http_error take_length(oe__guard *guard, oe_span value)
{
    if (guard->has_length)
        return OE_HTTP_LENGTH_REPEATED;
    if (value.length == 0)
        return OE_HTTP_LENGTH_INVALID;
    uint64_t length = 0;
    for (size_t i = 0; i < value.length; i++) {
        char digit = value.data[i];
        if (digit < '0' || digit > '9')
            return OE_HTTP_LENGTH_INVALID;
        length = length * 10 + (uint64_t)(digit - '0');
        if (length > LENGTH_MAX)
            return OE_HTTP_LENGTH_INVALID;
    }
    guard->has_length = true;
    guard->content_length = length;
    return OE_HTTP_OK;
}

static oe_http_error take_transfer_encoding(oe__guard *guard, oe_span value)
{
    if (guard->is_chunked || !oe__span_is_word(value, "chunked"))
        return OE_HTTP_TRANSFER_ENCODING;
    guard->is_chunked = true;
    return OE_HTTP_OK;
}

/* Letters, digits and what host names, addresses and ports are written with; RFC 3986
 * section 3.2.2 without the comma, which would make a list of it. */
static bool is_host_byte(char byte)
{
    char lower = oe__span_lower(byte);
    if ((lower >= 'a' && lower <= 'z') || (byte >= '-' && byte <= ':' && byte != '/'))
        return true; /* '-', '.', digits and ':' lie together */
    return byte != '\0' && strchr("_~%!$&'()*+;=[]", byte) != NULL;
}

static oe_http_error take_host(oe__guard *guard, oe_span value)
{
    if (guard->has_host)
        return OE_HTTP_HOST_REPEATED;
    for (size_t i = 0; i < value.length; i++)
        if (!is_host_byte(value.data[i]))
            return OE_HTTP_HOST_INVALID;
    guard->has_host = true;
    return OE_HTTP_OK;
}

static void take_connection(oe__guard *guard, oe_span value)
{
    oe_span member;
    while (oe__span_next_member(&value, &member)) {
        if (oe__span_is_word(member, "close"))
            guard->wants_close = true;
        else if (oe__span_is_word(member, "keep-alive"))
            guard->wants_keep_alive = true;
    }
}

static void take_expect(oe__guard *guard, oe_span value)
{
    if (guard->version_minor == 0)
        return; /* RFC 9110 section 10.1.1: to be ignored in HTTP/1.0 */
    if (oe__span_is_word(value, "100-continue"))
        guard->expects_continue = true;
    else
        guard->expects_other = true;
}

/* The field just scanned, unless an earlier one had the name. */
static void remember(const oe__guard *guard, uint8_t *field)
{
    if (*field == 0)
        *field = (uint8_t)guard->field_count;
}

static void take_six_letters(oe__guard *guard, oe_span name, oe_span value)
{
    if (oe__span_is_word(name, "accept"))
        remember(guard, &guard->accept_field);
    else if (oe__span_is_word(name, "origin"))
        remember(guard, &guard->origin_field);
    else if (oe__span_is_word(name, "expect"))
        take_expect(guard, value);
}

oe_http_error oe__guard_take_field(oe__guard *guard, oe_span name, oe_span value)
{
    switch (name.length) {
    case 4:
        return oe__span_is_word(name, "host") ? take_host(guard, value) : OE_HTTP_OK;
    case 6:
        take_six_letters(guard, name, value);
        return OE_HTTP_OK;
    case 10:
        if (oe__span_is_word(name, "connection"))
            take_connection(guard, value);
        return OE_HTTP_OK;
    case 11:
        if (oe__span_is_word(name, "traceparent"))
            remember(guard, &guard->trace_field);
        return OE_HTTP_OK;
    case 14:
        return oe__span_is_word(name, "content-length") ? take_length(guard, value)
                                                        : OE_HTTP_OK;
    case 17:
        return oe__span_is_word(name, "transfer-encoding")
                   ? take_transfer_encoding(guard, value)
                   : OE_HTTP_OK;
    default:
        return OE_HTTP_OK;
    }
}

oe_http_error oe__guard_check_fields(const oe__guard *guard)
{
    if (guard->is_chunked && guard->version_minor == 0)
        return OE_HTTP_TRANSFER_ENCODING;
    if (guard->is_chunked && guard->has_length)
        return OE_HTTP_FRAMING_AMBIGUOUS;
    if (!guard->has_host && guard->version_minor == 1)
        return OE_HTTP_HOST_MISSING;
    return OE_HTTP_OK;
}
