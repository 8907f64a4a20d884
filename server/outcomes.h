/* outcomes.h: what may become of an outcome that was reported, for counting it. */
#ifndef OE_SERVER_OUTCOMES_H
#define OE_SERVER_OUTCOMES_H

#include "server/http/errors.h"
#include "store/store.h"

/* The store's verdicts, then what is seen before it is asked. */
typedef enum oe_outcome_result {
    OE_OUTCOME_FUTURE = OE_STORE_VERDICT_COUNT,
    OE_OUTCOME_INVALID,
    OE_OUTCOME_MALFORMED,
    OE_OUTCOME_RESULTS
} oe_outcome_result;

/* "stored", "repeated", or the code of the error. */
const char *oe__outcome_result_name(oe_outcome_result result);

/* Its error; OE_HTTP_OK for those that are none. */
oe_http_error oe__outcome_error(oe_outcome_result result);

#endif
