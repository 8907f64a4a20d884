/* campaigns.h: what the handlers of campaigns share: which run a path speaks of. */
#ifndef OE_SERVER_CAMPAIGNS_H
#define OE_SERVER_CAMPAIGNS_H

#include "server/http/handler.h"
#include "server/run.h"

/* The run of the two captures; false: 404 was answered. */
bool oe__campaigns_run(const oe_request *request, oe_response *response, oe_run *run);

#endif
