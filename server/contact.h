/* contact.h: contact policies in the service: what a decision may still offer a customer, what
 * it reserves, and what outcomes and consents make of that. The counting is the engine's, the
 * contacts lie in the ledger; here is when each is asked. */
#ifndef OE_SERVER_CONTACT_H
#define OE_SERVER_CONTACT_H

#include "server/arguments.h"
#include "server/desk.h"
#include "server/ledger.h"

/* Decides for the customer in desk->profile. Where the rules have policies, or the customer
 * opted out of anything, options->contacts says what was left (it lives in the desk until the
 * next request), and what is offered is reserved. NULL: out of memory, and nothing was decided
 * that may be answered. */
const oe_decision *oe__contact_decide(oe_desk *desk, const oe__arguments *arguments,
                                      oe_options *options);

/* The same look at the contacts without changing anything. */
void oe__contact_look(oe_desk *desk, const oe__arguments *arguments, oe_options *options);

/* Whether decisions by the rules reserve what they offer: then an answer waits for its commit.
 */
bool oe__contact_reserves(const oe_generation *rules);

/* How far back the rules count; nothing without policies. */
oe_ledger_terms oe__contact_terms(const oe_ruleset *ruleset);

/* What an outcome that is in the store means for its customer. */
void oe__contact_take(oe_desk *desk, const oe_store_outcome *outcome);

/* Whether it came when its reservation had ended: it counts all the same. */
bool oe__contact_is_late(const oe_desk *desk, const oe_store_outcome *outcome);

/* As the ledger keeps it; false: it is none that policies count. */
bool oe__contact_of(const oe_store_outcome *outcome, oe_contact *contact);

/* A customer's consent (its stored text, may be empty) as it was written at `revision`. false:
 * out of memory. */
bool oe__contact_consent(oe_ledger *ledger, oe_store_bytes customer, oe_store_bytes body,
                         int64_t revision);

/* Sweeps the ledger now and then, on the worker of this desk until it ends. */
void oe__contact_start(oe_desk *desk);
void oe__contact_stop(oe_desk *desk);

#endif
