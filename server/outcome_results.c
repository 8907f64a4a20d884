/* outcome_results.c: the names of results. */
#include "server/http/errors.h"
#include "server/outcomes.h"

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
