/* status.h: filling the caller's oe_error. Knows nothing of what failed. */
#ifndef OE_ENGINE_STATUS_H
#define OE_ENGINE_STATUS_H

#include "offerengine.h"

/* Fills `error` (may be NULL) and returns `status`, so that a failure is one statement:
 * return oe__fail(error, OE_E_INVALID, "catalog: duplicate product '%s'", id);
 * The message is cut at a UTF-8 boundary when it does not fit. position becomes -1. */
oe_status oe__fail(oe_error *error, oe_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with a byte offset or row. */
oe_status oe__fail_at(oe_error *error, oe_status status, int64_t position, const char *format,
                      ...) __attribute__((format(printf, 4, 5)));

#endif
