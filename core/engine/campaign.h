/* campaign.h: decisions for one target group: for whom, and which products. A decision for a
 * campaign is the customer's decision among its products, and empty for everybody else. Whoever
 * contacts the group is another's business. */
#ifndef OE_ENGINE_CAMPAIGN_H
#define OE_ENGINE_CAMPAIGN_H

#include "engine/decide.h"

/* References by name, copied by the builder. */
typedef struct oe__campaign {
    const char *id, *name; /* name may be NULL */
    oe_scope scope;
    oe_condition condition;    /* who is in the group; OE_NO_CONDITION: everybody */
    const char *channel;       /* by which they are contacted; NULL: none */
    const char *message;       /* instead of the products' own; NULL: those */
    uint32_t per_customer;     /* at most so many offers each; 0: as the rules say */
    uint64_t quota;            /* of customers with an offer, which runs keep; 0: none */
    int64_t from_ms, until_ms; /* as in oe_product */
    oe_where message_where, where;
    const oe_key *keys;
    size_t key_count;
} oe__campaign;

static inline const oe__campaign *oe__campaign_at(const oe_ruleset *ruleset, size_t index)
{
    return (const oe__campaign *)ruleset->declared.campaigns.items + index;
}

/* As the other words of builders. */
oe_status oe__builder_campaign(oe_builder *builder, const oe__campaign *campaign);

/* NULL: there is none such. */
const oe__campaign *oe__ruleset_campaign(const oe_ruleset *ruleset, size_t index);

/* The campaign of a name as in oe_options; 0 for one that only contact policies know. false:
 * nobody does. */
bool oe__campaign_find(const oe_ruleset *ruleset, const char *name, size_t length,
                       uint32_t *campaign);

/* Whether the campaign of these options contacts the customer whom the decider looks at. */
bool oe__campaign_targets(oe_decider *decider, const oe_options *options);

/* Whether a product is one of the campaign's; `campaign` as in oe_options. */
bool oe__campaign_covers(const oe_ruleset *ruleset, uint32_t campaign, size_t product);

/* What an offer of this decision says: the campaign's words or the product's. */
const oe__message *oe__campaign_message(const oe_decision *decision, size_t product);

#endif
