/* contact.c: what contact policies leave for a customer. */
#include "engine/decide.h"

enum { RESERVATION_MS = 1800000 };

uint64_t oe_contact_name(const char *text, size_t length)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    if (length == 0)
        return 0;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
    return hash != 0 ? hash : 1;
}

const oe_policy *oe_ruleset_policy(const oe_ruleset *ruleset, size_t index)
{
    return index < ruleset->declared.policies.count ? oe__policy(ruleset, index) : NULL;
}

int64_t oe_ruleset_reservation_ms(const oe_ruleset *ruleset)
{
    int64_t ms = ruleset->declared.reservation_ms;
    return ms > 0 ? ms : RESERVATION_MS;
}

int64_t oe_ruleset_contact_window_ms(const oe_ruleset *ruleset)
{
    int64_t longest = 0;
    for (size_t i = 0; i < ruleset->declared.policies.count; i++)
        if (oe__policy(ruleset, i)->window_ms > longest)
            longest = oe__policy(ruleset, i)->window_ms;
    return longest;
}

void oe_decider_contacts(oe_decider *decider, const oe_contact *history, size_t count,
                         int64_t at_ms, oe_contacts *contacts)
{
    (void)decider, (void)history, (void)count, (void)at_ms;
    contacts->allowances = NULL;
    contacts->held = NULL;
    contacts->allowance_count = contacts->held_count = 0;
}
