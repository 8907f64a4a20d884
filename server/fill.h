/* fill.h: the population at start: what the store holds, or the samples of the rules where it
 * never held anything. */
#ifndef OE_SERVER_FILL_H
#define OE_SERVER_FILL_H

#include "server/service.h"

/* Fills service->population. A stored customer that the rules' schema does not take is left
 * out, counted in service->skipped and logged. Failures: those of the store; OE_E_INVALID,
 * OE_E_SYNTAX, OE_E_CONFLICT: the samples, naming file and row; OE_E_MEMORY. */
oe_status oe__fill(oe_service *service, oe_error *error);

#endif
