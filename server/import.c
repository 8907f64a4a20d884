/* import.c: placeholder */
#include "server/handlers.h"
void oe__import_customers(const oe_request *request, oe_response *response)
{
    (void)request;
    oe_response_error(response, OE_HTTP_UNAVAILABLE);
}
