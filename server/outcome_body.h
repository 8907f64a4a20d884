/* outcome_body.h: the outcomes in the body of a request, each read on its own: one JSON object
 * or one a line. */
#ifndef OE_SERVER_OUTCOME_BODY_H
#define OE_SERVER_OUTCOME_BODY_H

#include "engine/arena.h"
#include "server/http/handler.h"
#include "server/outcomes.h"

typedef struct oe_outcome_entry {
    oe__outcome sent;
    size_t line; /* from 1 */
    oe_outcome_result result;
    bool is_asked;     /* sound: the store says the result */
    bool is_late;      /* shown when its reservation had ended */
    const char *fault; /* of one that is not: a JSON text that says what is wrong */
    size_t fault_length;
} oe_outcome_entry;

typedef struct oe_outcome_body {
    oe__arena *arena;
    oe_outcome_entry *entries;
    size_t count, asked, undeclared;
    bool has_lines;
    int64_t received_ms;
} oe_outcome_body;

/* Fills the entries of a body whose arena, has_lines and received_ms are set. OE_E_LIMIT: more
 * than OE_STORE_OUTCOMES_MAX lines. OE_E_MEMORY. */
oe_status oe__outcome_body_read(oe_outcome_body *body, oe_span bytes, oe_read_report *report);

/* The answer to one entry alone. */
void oe__outcome_answer_one(const oe_outcome_entry *entry, oe_response *response);

/* The answer to lines: {"results": [...], "stored", "repeated", "refused"}. */
void oe__outcome_answer_lines(const oe_outcome_body *body, oe_response *response);

#endif
