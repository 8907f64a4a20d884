/* campaign.c: target groups and their products: sealed, and asked for in decisions. */
#include "engine/campaign.h"

#include "engine/seal.h"

#include <string.h>

/* ---- sealing ---- */

/* false: a name of its scope is unknown. */
static bool check_names(oe__sealing *sealing, const oe__campaign *campaign)
{
    bool known = true;
    for (size_t i = 0; i < campaign->scope.category_count; i++)
        known &= oe__seal_find(sealing, OE_CATEGORIES, campaign->scope.categories[i],
                               campaign->where) >= 0;
    for (size_t i = 0; i < campaign->scope.product_count; i++)
        known &= oe__seal_find(sealing, OE_PRODUCTS, campaign->scope.products[i],
                               campaign->where) >= 0;
    if (campaign->channel != NULL &&
        !oe__text_is_id(campaign->channel, strlen(campaign->channel)))
        oe__builder_error(sealing->builder, "E083", campaign->where, NULL,
                          "campaign \"%s\": a channel must be 1 to 128 bytes of text",
                          campaign->id);
    if (campaign->from_ms >= campaign->until_ms)
        oe__builder_error(sealing->builder, "E063", campaign->where, NULL,
                          "campaign \"%s\": from must lie before until", campaign->id);
    return known;
}

/* Regulation B: whom credit is advertised to must not hang on what is protected. */
static void check_condition(oe__sealing *sealing, const oe__campaign *campaign,
                            const uint8_t *covers)
{
    const oe_ruleset *ruleset = sealing->ruleset;
    if (campaign->condition == OE_NO_CONDITION)
        return;
    const oe__node *node = &oe__nodes(ruleset)[campaign->condition];
    if (node->by_product)
        oe__builder_error(sealing->builder, "E062", campaign->where, NULL,
                          "campaign \"%s\": lacks_category() must name a category here",
                          campaign->id);
    for (size_t p = 0; node->is_protected && p < ruleset->declared.products.count; p++) {
        uint32_t category = ruleset->compiled[p].category;
        if (!covers[p] || category == OE__NO_CATEGORY ||
            !oe__category(ruleset, category)->regulated_credit)
            continue;
        oe__builder_error(
            sealing->builder, "E072", campaign->where, NULL,
            "campaign \"%s\": offers \"%s\", which is credit, to a group that "
            "hangs on a protected attribute; regulated credit may only gate on it",
            campaign->id, oe__product(ruleset, p)->id);
        return;
    }
}

static void seal_campaign(oe__sealing *sealing, size_t index)
{
    oe_ruleset *ruleset = sealing->ruleset;
    const oe__campaign *campaign = oe__campaign_at(ruleset, index);
    oe__sealed_campaign *sealed = &ruleset->campaigns[index];
    size_t products = ruleset->declared.products.count, covered = 0;
    uint8_t *covers = oe__seal_array(sealing, products, 1);
    sealed->covers = covers;
    bool known = check_names(sealing, campaign);
    for (size_t p = 0; covers != NULL && p < products; p++)
        covered += covers[p] = oe__seal_covers(ruleset, &campaign->scope, p);
    if (covers == NULL)
        return;
    if (known && covered == 0)
        oe__builder_error(sealing->builder, "E083", campaign->where, NULL,
                          "campaign \"%s\": has no product", campaign->id);
    check_condition(sealing, campaign, covers);
    if (campaign->message == NULL)
        return;
    sealed->messages = oe__seal_array(sealing, products, sizeof *sealed->messages);
    for (size_t p = 0; sealed->messages != NULL && p < products; p++)
        if (covers[p] && !sealing->builder->failed)
            oe__seal_message(sealing, p,
                             &(oe__saying){"campaign", campaign->id, campaign->message,
                                           campaign->message_where, &sealed->messages[p]});
}

void oe__seal_campaigns(oe__sealing *sealing)
{
    oe_ruleset *ruleset = sealing->ruleset;
    size_t count = ruleset->declared.campaigns.count;
    ruleset->campaigns = oe__seal_array(sealing, count, sizeof *ruleset->campaigns);
    for (size_t i = 0; i < count && !sealing->builder->failed; i++)
        seal_campaign(sealing, i);
}

const oe__campaign *oe__ruleset_campaign(const oe_ruleset *ruleset, size_t index)
{
    return index < ruleset->declared.campaigns.count ? oe__campaign_at(ruleset, index) : NULL;
}

static bool is_named(const oe_policy *policy, const char *name, size_t length)
{
    for (size_t i = 0; i < policy->campaign_count; i++)
        if (strlen(policy->campaigns[i]) == length &&
            memcmp(policy->campaigns[i], name, length) == 0)
            return true;
    return false;
}

bool oe__campaign_find(const oe_ruleset *ruleset, const char *name, size_t length,
                       uint32_t *campaign)
{
    int32_t index = oe_ruleset_find(ruleset, OE_CAMPAIGNS, name, length);
    *campaign = (uint32_t)(index + 1);
    for (size_t i = 0; index < 0 && i < ruleset->declared.policies.count; i++)
        if (is_named(oe__policy(ruleset, i), name, length))
            return true;
    return index >= 0;
}

/* ---- decisions ---- */

bool oe__campaign_targets(oe_decider *decider, const oe_options *options)
{
    const oe__campaign *campaign = oe__campaign_at(decider->ruleset, options->campaign - 1);
    return oe__cell_window(options->at_ms, campaign->from_ms, campaign->until_ms) &&
           (campaign->condition == OE_NO_CONDITION ||
            oe__calls_truth(decider, campaign->condition) == OE__TRUE);
}

bool oe__campaign_covers(const oe_ruleset *ruleset, uint32_t campaign, size_t product)
{
    return ruleset->campaigns[campaign - 1].covers[product] != 0;
}

const oe__message *oe__campaign_message(const oe_decision *decision, size_t product)
{
    const oe_ruleset *ruleset = decision->ruleset;
    if (decision->campaign != 0 && ruleset->campaigns[decision->campaign - 1].messages != NULL)
        return &ruleset->campaigns[decision->campaign - 1].messages[product];
    return &ruleset->compiled[product].message;
}
