/* errors.c: the table of errors, their HTTP status and their text. */
#include "server/http/errors.h"

#include <string.h>

static const oe_http_error_entry entries[OE_HTTP_ERROR_COUNT] = {
    [OE_HTTP_OK] = {200, "ok", "OK"},
    [OE_HTTP_REQUEST_LINE] = {400, "malformed_request_line",
                              "request line: must be METHOD SP target SP HTTP/1.1"},
    [OE_HTTP_TARGET] = {400, "malformed_target",
                        "request target: must be a path of visible ASCII that starts with '/' "
                        "and has no fragment, or '*' for OPTIONS"},
    [OE_HTTP_BARE_LINE_END] = {400, "bare_line_end", "header block: lines must end in CR LF"},
    [OE_HTTP_CONTROL_BYTE] = {400, "control_byte",
                              "header block: control characters are not allowed"},
    [OE_HTTP_OBS_FOLD] = {400, "folded_header", "header: folded lines are not allowed"},
    [OE_HTTP_HEADER_NAME] = {400, "malformed_header",
                             "header: must be a token followed directly by ':'"},
    [OE_HTTP_HOST_MISSING] = {400, "host_missing", "host: HTTP/1.1 requires the header"},
    [OE_HTTP_HOST_REPEATED] = {400, "host_repeated", "host: only one is allowed"},
    [OE_HTTP_HOST_INVALID] = {400, "host_invalid",
                              "host: must be a host name with an optional port"},
    [OE_HTTP_LENGTH_REPEATED] = {400, "content_length_repeated",
                                 "content-length: only one is allowed"},
    [OE_HTTP_LENGTH_INVALID] = {400, "content_length_invalid",
                                "content-length: must be digits, at most 9007199254740992"},
    [OE_HTTP_TRANSFER_ENCODING] =
        {400, "transfer_encoding",
         "transfer-encoding: only a single 'chunked' in HTTP/1.1 is allowed"},
    [OE_HTTP_FRAMING_AMBIGUOUS] =
        {400, "ambiguous_length",
         "body: content-length and transfer-encoding exclude each other"},
    [OE_HTTP_VERSION] = {505, "http_version",
                         "request line: the version must be HTTP/1.1 or HTTP/1.0"},
    [OE_HTTP_METHOD_UNKNOWN] = {501, "method_unknown", "method: not known to this service"},
    [OE_HTTP_REQUEST_LINE_LONG] = {414, "request_line_too_long",
                                   "request line: at most 4096 bytes are allowed"},
    [OE_HTTP_HEADERS_LARGE] = {431, "headers_too_large",
                               "headers: at most 16384 bytes are allowed"},
    [OE_HTTP_HEADERS_MANY] = {431, "too_many_headers", "headers: at most 64 are allowed"},
    [OE_HTTP_EXPECTATION] = {417, "expectation_failed", "expect: only '100-continue' is known"},
    [OE_HTTP_CHUNK] =
        {400, "malformed_chunk",
         "body: a chunk must be 1 to 8 hexadecimal digits, CR LF, its bytes, CR LF"},
    [OE_HTTP_CHUNK_EXTENSION] = {400, "chunk_extension",
                                 "body: chunk extensions are not allowed"},
    [OE_HTTP_TRAILERS] = {400, "trailers", "body: trailers are not allowed"},
    [OE_HTTP_BODY_LARGE] = {413, "body_too_large", "body: larger than this route takes"},
    [OE_HTTP_INCOMPLETE] = {400, "incomplete_request", "request: ended before it was complete"},
    [OE_HTTP_SLOW] = {408, "request_timeout", "request: did not arrive in time"},
    [OE_HTTP_CONNECTIONS_FULL] = {503, "too_many_connections",
                                  "service: all connections are in use, try again"},
    [OE_HTTP_ROUTE_NOT_FOUND] = {404, "route_not_found", "Not Found"},
    [OE_HTTP_METHOD_NOT_ALLOWED] = {405, "method_not_allowed", "Method Not Allowed"},
    [OE_HTTP_ESCAPE] = {400, "malformed_escape",
                        "request target: '%' must be followed by two hexadecimal digits"},
    [OE_HTTP_PATH_TEXT] = {422, "path_invalid",
                           "path: a segment must be UTF-8 without control characters"},
    [OE_HTTP_QUERY_TEXT] = {422, "query_invalid",
                            "query: names and values must be UTF-8 without control characters"},
    [OE_HTTP_QUERY_MANY] = {422, "query_too_many", "query: at most 32 parameters are allowed"},
    [OE_HTTP_BAD_REQUEST] = {400, "bad_request", "Bad Request"},
    [OE_HTTP_JSON_MALFORMED] = {400, "json_malformed", "body: not well-formed JSON"},
    [OE_HTTP_VALIDATION] = {422, "validation_failed",
                            "the request holds values that are not allowed"},
    [OE_HTTP_MEDIA_TYPE] = {415, "media_type", "content-type: not taken by this route"},
    [OE_HTTP_CONTENT_CODING] = {415, "content_coding",
                                "content-encoding: only 'identity' is known"},
    [OE_HTTP_NOT_FOUND] = {404, "not_found", "Not Found"},
    [OE_HTTP_CUSTOMER_NOT_FOUND] = {404, "customer_not_found", "Customer not found"},
    [OE_HTTP_PRODUCT_NOT_FOUND] = {404, "product_not_found", "Product not found"},
    [OE_HTTP_GENERATION_NOT_FOUND] = {404, "generation_not_found", "Generation not found"},
    [OE_HTTP_CAMPAIGN_NOT_FOUND] = {404, "campaign_not_found", "Campaign not found"},
    [OE_HTTP_RUN_NOT_FOUND] = {404, "run_not_found", "Run not found"},
    [OE_HTTP_RULES_INVALID] = {422, "rules_invalid",
                               "rules: hold mistakes; those that serve stay as they are"},
    [OE_HTTP_UNKNOWN_DECISION] = {404, "unknown_decision",
                                  "decision_id: no decision of that id is on record"},
    [OE_HTTP_NOT_OFFERED] = {409, "product_not_in_decision",
                             "product_id: the decision did not offer it"},
    [OE_HTTP_OUTCOME_EARLY] = {409, "outcome_before_decision", "at: lies before the decision"},
    [OE_HTTP_DECISION_EXPIRED] = {409, "decision_expired",
                                  "decision_id: the decision is too old to be reported on"},
    [OE_HTTP_OUTCOME_FUTURE] = {409, "outcome_in_future",
                                "at: lies in the future; look at your clock"},
    [OE_HTTP_KEY_REUSED] = {409, "idempotency_key_reused",
                            "idempotency-key: was used for another request"},
    [OE_HTTP_JOURNAL_NEEDED] = {409, "journal_needed",
                                "rules: contact policies need the journal; omit --no-journal"},
    [OE_HTTP_RUN_REPEATED] = {409, "run_repeated",
                              "run: there is one with this clock and seed"},
    [OE_HTTP_RUN_ENDED] = {409, "run_ended", "run: has ended already"},
    [OE_HTTP_CONFLICT] = {409, "conflict", "Conflict"},
    [OE_HTTP_INTERNAL] = {500, "internal_error", "Internal Server Error"},
    [OE_HTTP_UNAVAILABLE] = {503, "unavailable", "service: cannot do this now, try again"},
    [OE_HTTP_STORAGE] = {503, "storage_failed",
                         "store: the change could not be stored, try again"},
};

const oe_http_error_entry *oe_http_error_get(oe_http_error error)
{
    if ((unsigned)error >= OE_HTTP_ERROR_COUNT)
        error = OE_HTTP_INTERNAL;
    return &entries[error];
}

oe_http_error oe_http_error_of(oe_status status)
{
    switch (status) {
    case OE_OK:
        return OE_HTTP_OK;
    case OE_E_SYNTAX:
        return OE_HTTP_JSON_MALFORMED;
    case OE_E_INVALID:
        return OE_HTTP_VALIDATION;
    case OE_E_NOT_FOUND:
        return OE_HTTP_NOT_FOUND;
    case OE_E_CONFLICT:
        return OE_HTTP_CONFLICT;
    case OE_E_LIMIT:
        return OE_HTTP_BODY_LARGE;
    case OE_E_IO:
        return OE_HTTP_STORAGE;
    case OE_E_MEMORY:
    case OE_E_BUSY:
    case OE_E_CLOSED:
        return OE_HTTP_UNAVAILABLE;
    default:
        return OE_HTTP_INTERNAL;
    }
}

enum { PREFIX = 13 }; /* of "HTTP/1.1 200 " */

static const char *const lines[] = {
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 201 Created\r\n",
    "HTTP/1.1 202 Accepted\r\n",
    "HTTP/1.1 204 No Content\r\n",
    "HTTP/1.1 301 Moved Permanently\r\n",
    "HTTP/1.1 302 Found\r\n",
    "HTTP/1.1 304 Not Modified\r\n",
    "HTTP/1.1 307 Temporary Redirect\r\n",
    "HTTP/1.1 400 Bad Request\r\n",
    "HTTP/1.1 403 Forbidden\r\n",
    "HTTP/1.1 404 Not Found\r\n",
    "HTTP/1.1 405 Method Not Allowed\r\n",
    "HTTP/1.1 406 Not Acceptable\r\n",
    "HTTP/1.1 408 Request Timeout\r\n",
    "HTTP/1.1 409 Conflict\r\n",
    "HTTP/1.1 412 Precondition Failed\r\n",
    "HTTP/1.1 413 Content Too Large\r\n",
    "HTTP/1.1 414 URI Too Long\r\n",
    "HTTP/1.1 415 Unsupported Media Type\r\n",
    "HTTP/1.1 417 Expectation Failed\r\n",
    "HTTP/1.1 422 Unprocessable Content\r\n",
    "HTTP/1.1 429 Too Many Requests\r\n",
    "HTTP/1.1 431 Request Header Fields Too Large\r\n",
    "HTTP/1.1 500 Internal Server Error\r\n",
    "HTTP/1.1 501 Not Implemented\r\n",
    "HTTP/1.1 503 Service Unavailable\r\n",
    "HTTP/1.1 505 HTTP Version Not Supported\r\n",
};
static const char *const titles[] = {
    "OK",
    "Created",
    "Accepted",
    "No Content",
    "Moved Permanently",
    "Found",
    "Not Modified",
    "Temporary Redirect",
    "Bad Request",
    "Forbidden",
    "Not Found",
    "Method Not Allowed",
    "Not Acceptable",
    "Request Timeout",
    "Conflict",
    "Precondition Failed",
    "Content Too Large",
    "URI Too Long",
    "Unsupported Media Type",
    "Expectation Failed",
    "Unprocessable Content",
    "Too Many Requests",
    "Request Header Fields Too Large",
    "Internal Server Error",
    "Not Implemented",
    "Service Unavailable",
    "HTTP Version Not Supported",
};
_Static_assert(sizeof lines == sizeof titles, "one title per status line");

static size_t line_of(int status)
{
    size_t count = sizeof lines / sizeof lines[0], fallback = 0;
    for (size_t i = 0; i < count; i++) {
        const char *digits = lines[i] + PREFIX - 4;
        int number = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
        if (number == status)
            return i;
        if (number == 500)
            fallback = i;
    }
    return fallback;
}

const char *oe_http_status_line(int status, size_t *length)
{
    const char *line = lines[line_of(status)];
    *length = strlen(line);
    return line;
}

const char *oe_http_status_title(int status)
{
    return titles[line_of(status)];
}
