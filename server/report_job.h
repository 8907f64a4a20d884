/* report_job.h: questions that take long, answered by Lua on a job thread: what a handler in
 * Lua returns as "job", name, arguments is done by server/reports/NAME.lua in a state of its
 * own, which sees the rules and the customers of the moment at which it began. */
#ifndef OE_SERVER_REPORT_JOB_H
#define OE_SERVER_REPORT_JOB_H

#include "server/desk.h"

enum { OE_REPORTS_MAX = 2 }; /* at once; more are answered 503 with Retry-After */

/* Defers the response, or answers it. `arguments` is JSON. Both texts are copied. */
void oe__report_start(oe_desk *desk, oe_response *response, const char *name,
                      oe_span arguments);

#endif
