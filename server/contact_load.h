/* contact_load.h: fills the ledger from the store: consents, the outcomes of the longest window
 * and the decisions of the last reservation time. Blocks; not on a worker. */
#ifndef OE_SERVER_CONTACT_LOAD_H
#define OE_SERVER_CONTACT_LOAD_H

#include "server/service.h"

/* Makes the ledger and fills it for the rules in force: before the first worker. */
oe_status oe__contact_open(oe_service *service, oe_error *error);

/* Before other rules serve: reads what they count further back than those that serve. */
oe_status oe__contact_widen(oe_service *service, const oe_ruleset *ruleset, oe_error *error);

/* Once other rules serve alone: what they do not count leaves by and by. */
void oe__contact_narrow(oe_service *service, const oe_ruleset *ruleset);

#endif
