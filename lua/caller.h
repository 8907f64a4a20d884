/* caller.h: asks the functions of the rules for a decider: one rule VM for one thread. A
 * function that takes more than 20 ms of CPU time or 8 MiB is stopped, and so is what would
 * take a decision above 50 ms; the VM is made anew then. An error, and a result that is neither
 * true, false nor nil, count as unknown. */
#ifndef OE_LUA_CALLER_H
#define OE_LUA_CALLER_H

#include "offerengine.h"

typedef struct oe_caller oe_caller;

/* Sets *caller (NULL when the rules have no functions) and ties it to the decider, which must
 * not be used after oe__caller_free. The ruleset must outlive it. false: out of memory. */
bool oe__caller_attach(oe_caller **caller, const oe_ruleset *ruleset, oe_decider *decider);
/* On the thread that decided, or when that has ended. */
void oe__caller_free(oe_caller *caller);

#endif
