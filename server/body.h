/* body.h: what a request's body must be before anybody reads it, and reading a customer out of
 * it. */
#ifndef OE_SERVER_BODY_H
#define OE_SERVER_BODY_H

#include "server/desk.h"
#include "server/faults.h"
#include "server/http/handler.h"

typedef enum oe__media { OE_MEDIA_JSON, OE_MEDIA_MERGE_PATCH, OE_MEDIA_NDJSON } oe__media;

/* Whether headers say that the body is of that kind (or nothing) and not compressed; else 415
 * is answered. A merge patch may call itself JSON. */
bool oe__body_is(const oe_request *request, oe_response *response, oe__media media);

/* Whether its Content-Type says that it is NDJSON. */
bool oe__body_has_lines(const oe_request *request);

/* Answers for a failure of oe_profile_read or oe__profile_patch: 400 with the offset for
 * malformed JSON, 422 with every fault (behind those in `faults`, which is released), 503
 * without memory. */
void oe__body_refuse(oe_response *response, const oe_read_report *report, const oe_error *error,
                     oe__faults *faults);

/* Names undeclared members and unknown products in the header Offerengine-Warning: counts and
 * positions, never values. */
void oe__body_warn(oe_response *response, const oe_read_report *report);

#endif
