/* target.c: campaigns as others see them. */
#include "engine/target.h"

#include "engine/campaign.h"

oe__target oe__target_at(const oe_ruleset *ruleset, size_t index)
{
    const oe__campaign *campaign = oe__ruleset_campaign(ruleset, index);
    return (oe__target){.id = campaign->id,
                        .name = campaign->name,
                        .channel = campaign->channel,
                        .quota = campaign->quota,
                        .from_ms = campaign->from_ms,
                        .until_ms = campaign->until_ms};
}

bool oe__target_was_met(oe_decider *decider, const oe_options *options)
{
    return options->campaign == 0 || oe__campaign_targets(decider, options);
}
