/* outcome_results.c: the names of results, and who is told of events. */
#include "server/contact.h"
#include "server/http/errors.h"
#include "server/outcomes.h"

#include <string.h>

oe_http_error oe__outcome_error(oe_outcome_result result)
{
    static const oe_http_error errors[OE_OUTCOME_RESULTS] = {
        [OE_STORE_VERDICT_UNKNOWN_DECISION] = OE_HTTP_UNKNOWN_DECISION,
        [OE_STORE_VERDICT_NOT_OFFERED] = OE_HTTP_NOT_OFFERED,
        [OE_STORE_VERDICT_EARLY] = OE_HTTP_OUTCOME_EARLY,
        [OE_STORE_VERDICT_EXPIRED] = OE_HTTP_DECISION_EXPIRED,
        [OE_OUTCOME_FUTURE] = OE_HTTP_OUTCOME_FUTURE,
        [OE_OUTCOME_INVALID] = OE_HTTP_VALIDATION,
        [OE_OUTCOME_MALFORMED] = OE_HTTP_JSON_MALFORMED,
    };
    return errors[result];
}

const char *oe__outcome_result_name(oe_outcome_result result)
{
    if ((int)result == OE_STORE_VERDICT_STORED)
        return "stored";
    if ((int)result == OE_STORE_VERDICT_REPEATED)
        return "repeated";
    return oe_http_error_get(oe__outcome_error(result))->code;
}

/* Ids have no zero byte. */
static const char *terminate(char out[OE_STORE_ID_MAX + 1], oe_store_bytes text)
{
    size_t length = text.length <= OE_STORE_ID_MAX ? text.length : 0;
    if (length > 0)
        memcpy(out, text.data, length);
    out[length] = '\0';
    return out;
}

void oe__outcomes_tell(oe_service *service, const oe_store_outcome *outcome, bool is_replayed)
{
    char product[OE_STORE_ID_MAX + 1], channel[OE_STORE_ID_MAX + 1];
    oe_contact_event event = {.customer = outcome->customer.data,
                              .customer_length = outcome->customer.length,
                              .product = terminate(product, outcome->product),
                              .channel = terminate(channel, outcome->channel),
                              .outcome = outcome->outcome,
                              .at_ms = outcome->at_ms,
                              .is_replayed = is_replayed};
    oe__contact_note(service, &event);
}

static bool replay(void *context, const oe_store_outcome *outcome)
{
    oe__outcomes_tell(context, outcome, true);
    return true;
}

oe_status oe__outcomes_replay(oe_service *service, oe_error *error)
{
    oe_store_outcome_range all = {.until_ms = INT64_MAX, .outcome = replay, .context = service};
    return oe_store_outcome_scan(service->store, &all, error);
}
