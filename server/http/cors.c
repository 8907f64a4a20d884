/* cors.c: which other origins may read answers, by configuration. */
#include "server/http/connection.h"

/* The configured origin that the request's matches byte for byte; "*" fits all. NULL: none. */
const char *oe__cors_origin(const oe_worker_config *config, oe_span origin)
{
    for (size_t i = 0; i < config->cors_origin_count && origin.data != NULL; i++) {
        const char *allowed = config->cors_origins[i];
        if (strcmp(allowed, "*") == 0 || oe__span_is(origin, allowed))
            return allowed;
    }
    return NULL;
}

static void add(oe_response *response, const char *name, const char *value)
{
    oe_response_header(response, name, value, strlen(value));
}

void oe__cors_preflight(oe__connection *connection)
{
    static const char wanted[] = "access-control-request-method";
    oe_response *response = &connection->response;
    if (connection->cors_origin == NULL ||
        oe__guard_find(&connection->guard, connection->block, wanted).data == NULL)
        return;
    char allow[64];
    size_t length = oe__router_allow(connection->match.allowed, allow);
    oe_response_header(response, "Access-Control-Allow-Methods", allow, length);
    add(response, "Access-Control-Allow-Headers",
        "Accept, Content-Type, Idempotency-Key, traceparent");
    add(response, "Access-Control-Max-Age", "600");
}
