/* kept_rules.h: rules that served once, from the texts that the history keeps. */
#ifndef OE_SERVER_KEPT_RULES_H
#define OE_SERVER_KEPT_RULES_H

#include "server/service.h"

/* The rules of a generation, which the caller lets go with oe__generation_free: those in force
 * where they are the same, else loaded anew with a dictionary of their own. Blocks, for long.
 * OE_E_NOT_FOUND, OE_E_CORRUPT: they are not what they were, OE_E_MEMORY, and the store's. */
oe_status oe__kept_rules(oe_service *service, uint64_t number, oe_generation **rules,
                         oe_error *error);

#endif
