/* target.c: what stands behind the percent signs of a request target. */
#include "server/http/target.h"

#include "engine/text.h"

static int hex_of(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    char lower = (char)(byte | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* U+0000..U+001F and U+007F..U+009F, the latter as UTF-8. */
static bool has_control(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte < 0x20 || byte == 0x7f)
            return true;
        if (byte == 0xc2 && i + 1 < length && (unsigned char)bytes[i + 1] < 0xa0)
            return true;
    }
    return false;
}

oe_http_error oe__target_decode(oe_span raw, bool plus, char *out, size_t *length)
{
    size_t n = 0;
    for (size_t i = 0; i < raw.length; i++) {
        char byte = raw.data[i];
        if (byte == '%') {
            int high = i + 2 < raw.length ? hex_of(raw.data[i + 1]) : -1;
            int low = high >= 0 ? hex_of(raw.data[i + 2]) : -1;
            if (low < 0)
                return OE_HTTP_ESCAPE;
            byte = (char)(high * 16 + low);
            i += 2;
        } else if (plus && byte == '+') {
            byte = ' ';
        }
        out[n++] = byte;
    }
    *length = n;
    return oe__text_is_utf8(out, n) && !has_control(out, n) ? OE_HTTP_OK : OE_HTTP_PATH_TEXT;
}

static oe_span take_until(oe_span *rest, char separator)
{
    const char *end = rest->length > 0 ? memchr(rest->data, separator, rest->length) : NULL;
    oe_span taken = *rest;
    if (end == NULL) {
        *rest = (oe_span){rest->data + rest->length, 0};
        return taken;
    }
    taken.length = (size_t)(end - rest->data);
    *rest = (oe_span){end + 1, rest->length - taken.length - 1};
    return taken;
}

static oe_http_error decode_into(oe_query *query, size_t *used, oe_span raw, oe_span *decoded)
{
    if (raw.length > sizeof query->bytes - *used)
        return OE_HTTP_QUERY_MANY;
    char *out = query->bytes + *used;
    oe_http_error error = oe__target_decode(raw, true, out, &decoded->length);
    decoded->data = out;
    *used += decoded->length;
    return error == OE_HTTP_PATH_TEXT ? OE_HTTP_QUERY_TEXT : error;
}

static bool is_given(const oe_query *query, oe_span name)
{
    for (size_t i = 0; i < query->count; i++) {
        oe_span other = query->pairs[i].name;
        if (other.length == name.length && memcmp(other.data, name.data, name.length) == 0)
            return true;
    }
    return false;
}

static oe_http_error take_pair(oe_query *query, size_t *used, oe_span pair)
{
    if (query->count == OE_QUERY_PAIRS_MAX)
        return OE_HTTP_QUERY_MANY;
    oe_span value = pair, name = {0}, text = {0};
    oe_span raw_name = take_until(&value, '=');
    oe_http_error error = decode_into(query, used, raw_name, &name);
    if (error == OE_HTTP_OK)
        error = decode_into(query, used, value, &text);
    if (error != OE_HTTP_OK)
        return error;
    if (name.length == 0)
        return OE_HTTP_QUERY_TEXT;
    query->pairs[query->count].is_repeat = is_given(query, name);
    query->pairs[query->count].name = name;
    query->pairs[query->count++].value = text;
    return OE_HTTP_OK;
}

oe_http_error oe_query_parse(oe_query *query, oe_span raw)
{
    size_t used = 0;
    query->count = 0;
    while (raw.length > 0) {
        oe_span pair = take_until(&raw, '&');
        if (pair.length == 0)
            continue;
        oe_http_error error = take_pair(query, &used, pair);
        if (error != OE_HTTP_OK)
            return error;
    }
    return OE_HTTP_OK;
}

oe_span oe_query_get(const oe_query *query, const char *name)
{
    for (size_t i = 0; i < query->count; i++)
        if (oe__span_is(query->pairs[i].name, name))
            return query->pairs[i].value;
    return (oe_span){NULL, 0};
}

oe_span oe_query_unknown(const oe_query *query, const char *const *known, size_t count)
{
    for (size_t i = 0; i < query->count; i++) {
        bool found = false;
        for (size_t k = 0; k < count && !found; k++)
            found = oe__span_is(query->pairs[i].name, known[k]);
        if (!found)
            return query->pairs[i].name;
    }
    return (oe_span){NULL, 0};
}
