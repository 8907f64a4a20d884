/* errors.h: every error the HTTP layer answers with, in one table. Knows no connection. */
#ifndef OE_SERVER_HTTP_ERRORS_H
#define OE_SERVER_HTTP_ERRORS_H

#include "offerengine.h"

typedef enum oe_http_error {
    OE_HTTP_OK = 0,
    /* The header block; each closes the connection. */
    OE_HTTP_REQUEST_LINE,
    OE_HTTP_TARGET,
    OE_HTTP_BARE_LINE_END,
    OE_HTTP_CONTROL_BYTE,
    OE_HTTP_OBS_FOLD,
    OE_HTTP_HEADER_NAME,
    OE_HTTP_HOST_MISSING,
    OE_HTTP_HOST_REPEATED,
    OE_HTTP_HOST_INVALID,
    OE_HTTP_LENGTH_REPEATED,
    OE_HTTP_LENGTH_INVALID,
    OE_HTTP_TRANSFER_ENCODING,
    OE_HTTP_FRAMING_AMBIGUOUS,
    OE_HTTP_VERSION,
    OE_HTTP_METHOD_UNKNOWN,
    OE_HTTP_REQUEST_LINE_LONG,
    OE_HTTP_HEADERS_LARGE,
    OE_HTTP_HEADERS_MANY,
    OE_HTTP_EXPECTATION,
    /* The body; each closes the connection. */
    OE_HTTP_CHUNK,
    OE_HTTP_CHUNK_EXTENSION,
    OE_HTTP_TRAILERS,
    OE_HTTP_BODY_LARGE,
    OE_HTTP_INCOMPLETE,
    OE_HTTP_SLOW,
    OE_HTTP_CONNECTIONS_FULL,
    /* Routing and reading the target; the connection stays. */
    OE_HTTP_ROUTE_NOT_FOUND,
    OE_HTTP_METHOD_NOT_ALLOWED,
    OE_HTTP_ESCAPE,
    OE_HTTP_PATH_TEXT,
    OE_HTTP_QUERY_TEXT,
    OE_HTTP_QUERY_MANY,
    /* For handlers. */
    OE_HTTP_BAD_REQUEST,
    OE_HTTP_JSON_MALFORMED,
    OE_HTTP_VALIDATION,
    OE_HTTP_MEDIA_TYPE,
    OE_HTTP_CONTENT_CODING,
    OE_HTTP_NOT_FOUND,
    OE_HTTP_CUSTOMER_NOT_FOUND,
    OE_HTTP_PRODUCT_NOT_FOUND,
    OE_HTTP_GENERATION_NOT_FOUND,
    OE_HTTP_CAMPAIGN_NOT_FOUND,
    OE_HTTP_RUN_NOT_FOUND,
    OE_HTTP_RULES_INVALID,
    OE_HTTP_UNKNOWN_DECISION,
    OE_HTTP_NOT_OFFERED,
    OE_HTTP_OUTCOME_EARLY,
    OE_HTTP_DECISION_EXPIRED,
    OE_HTTP_OUTCOME_FUTURE,
    OE_HTTP_KEY_REUSED,
    OE_HTTP_JOURNAL_NEEDED,
    OE_HTTP_RUN_REPEATED,
    OE_HTTP_RUN_ENDED,
    OE_HTTP_CONFLICT,
    OE_HTTP_INTERNAL,
    OE_HTTP_UNAVAILABLE,
    OE_HTTP_STORAGE,
    OE_HTTP_ERROR_COUNT
} oe_http_error;

typedef struct oe_http_error_entry {
    int status;
    const char *code;   /* stable, machine-readable */
    const char *detail; /* for people; never holds what was sent */
} oe_http_error_entry;

/* The entry of an error; that of OE_HTTP_INTERNAL for a number that is none. Never NULL. */
const oe_http_error_entry *oe_http_error_get(oe_http_error error);

/* The one mapping of library status to HTTP. */
oe_http_error oe_http_error_of(oe_status status);

/* "HTTP/1.1 404 Not Found\r\n" and its length; 500 for a status that the service never uses. */
const char *oe_http_status_line(int status, size_t *length);

/* "Not Found"; same fallback. */
const char *oe_http_status_title(int status);

#endif
