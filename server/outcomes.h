/* outcomes.h: what may become of an outcome that was reported, for counting it. */
#ifndef OE_SERVER_OUTCOMES_H
#define OE_SERVER_OUTCOMES_H

#include "server/http/errors.h"
#include "store/store.h"

typedef struct oe_service oe_service;

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

/* Tells contact.h of all events that are stored. At start, blocking. */
oe_status oe__outcomes_replay(oe_service *service, oe_error *error);

/* Tells contact.h of one. */
void oe__outcomes_tell(oe_service *service, const oe_store_outcome *outcome, bool is_replayed);

#endif
