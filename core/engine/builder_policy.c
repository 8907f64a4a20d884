/* builder_policy.c: what a builder is told of everything around the products: rules, policies,
 * campaigns, ladders, tiers, thresholds, limits, settings. */
#include "engine/builder.h"
#include "engine/campaign.h"

oe_status oe_builder_rule(oe_builder *builder, const oe_rule *rule)
{
    oe_rule *copy =
        oe__builder_took(builder, oe__list_add(&builder->declared.rules, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = *rule;
    copy->id = oe__builder_copy_name(builder, rule->id);
    copy->reason = oe__builder_copy_text(builder, rule->reason);
    copy->scope = oe__builder_copy_scope(builder, &rule->scope);
    copy->keys = oe__builder_copy_keys(builder, rule->keys, rule->key_count);
    copy->where = oe__builder_copy_where(builder, rule->where);
    return oe__builder_done(builder);
}

oe_status oe_builder_policy(oe_builder *builder, const oe_policy *policy)
{
    oe_policy *copy =
        oe__builder_took(builder, oe__list_add(&builder->declared.policies, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = *policy;
    copy->id = oe__builder_copy_name(builder, policy->id);
    copy->reason = oe__builder_copy_text(builder, policy->reason);
    copy->scope = oe__builder_copy_scope(builder, &policy->scope);
    copy->channels = oe__builder_copy_texts(builder, policy->channels, policy->channel_count);
    copy->campaigns =
        oe__builder_copy_texts(builder, policy->campaigns, policy->campaign_count);
    copy->keys = oe__builder_copy_keys(builder, policy->keys, policy->key_count);
    copy->where = oe__builder_copy_where(builder, policy->where);
    return oe__builder_done(builder);
}

oe_status oe__builder_campaign(oe_builder *builder, const oe__campaign *campaign)
{
    oe__campaign *copy =
        oe__builder_took(builder, oe__list_add(&builder->declared.campaigns, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = *campaign;
    copy->id = oe__builder_copy_name(builder, campaign->id);
    copy->name = oe__builder_copy_text(builder, campaign->name);
    copy->channel = oe__builder_copy_text(builder, campaign->channel);
    copy->message = oe__builder_copy_text(builder, campaign->message);
    copy->message_where = oe__builder_copy_where(
        builder, campaign->message_where.line ? campaign->message_where : campaign->where);
    copy->scope = oe__builder_copy_scope(builder, &campaign->scope);
    copy->keys = oe__builder_copy_keys(builder, campaign->keys, campaign->key_count);
    copy->where = oe__builder_copy_where(builder, campaign->where);
    return oe__builder_done(builder);
}

oe_status oe_builder_ladder(oe_builder *builder, const oe_ladder *ladder)
{
    oe_ladder *copy =
        oe__builder_took(builder, oe__list_add(&builder->declared.ladders, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = *ladder;
    copy->id = oe__builder_copy_name(builder, ladder->id);
    copy->where = oe__builder_copy_where(builder, ladder->where);
    oe_step *steps =
        oe__builder_copy_array(builder, ladder->steps, ladder->step_count, sizeof *steps);
    for (size_t i = 0; steps != NULL && i < ladder->step_count; i++) {
        steps[i].product = oe__builder_copy_name(builder, steps[i].product);
        steps[i].where = oe__builder_copy_where(builder, steps[i].where);
    }
    copy->steps = steps;
    return oe__builder_done(builder);
}

oe_status oe_builder_tier(oe_builder *builder, const char *tier, const char *attribute,
                          double points, oe_where where)
{
    oe__tier_raise *raise =
        oe__builder_took(builder, oe__list_add(&builder->declared.tiers, sizeof *raise));
    if (raise == NULL)
        return OE_E_MEMORY;
    *raise = (oe__tier_raise){oe__builder_copy_name(builder, tier),
                              oe__builder_copy_name(builder, attribute), points,
                              oe__builder_copy_where(builder, where)};
    return oe__builder_done(builder);
}

static oe_status add_setting(oe_builder *builder, oe__list *list, const oe__setting *setting)
{
    oe__setting *copy = oe__builder_took(builder, oe__list_add(list, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = *setting;
    copy->name = oe__builder_copy_name(builder, setting->name);
    copy->where = oe__builder_copy_where(builder, setting->where);
    return oe__builder_done(builder);
}

oe_status oe_builder_threshold(oe_builder *builder, oe_level level, const char *name,
                               double value, oe_where where)
{
    oe__setting setting = {level, name, value, where};
    return add_setting(builder, &builder->declared.thresholds, &setting);
}

oe_status oe_builder_limit(oe_builder *builder, oe_level level, const char *name,
                           uint32_t count, oe_where where)
{
    oe__setting setting = {level, name, (double)count, where};
    return add_setting(builder, &builder->declared.limits, &setting);
}

oe_status oe_builder_fallback(oe_builder *builder, const char *product, oe_where where)
{
    oe__fallback *copy =
        oe__builder_took(builder, oe__list_add(&builder->declared.fallbacks, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    *copy = (oe__fallback){oe__builder_copy_name(builder, product),
                           oe__builder_copy_where(builder, where)};
    return oe__builder_done(builder);
}

oe_status oe_builder_release(oe_builder *builder, const oe_release *release)
{
    builder->declared.release = *release;
    builder->declared.release.where = oe__builder_copy_where(builder, release->where);
    return oe__builder_done(builder);
}

oe_status oe_builder_reservation(oe_builder *builder, int64_t ms)
{
    builder->declared.reservation_ms = ms;
    builder->declared.has_reservation = true;
    return oe__builder_done(builder);
}

oe_status oe_builder_own_accepted(oe_builder *builder, bool own)
{
    builder->declared.owns_accepted = own;
    return oe__builder_done(builder);
}

oe_status oe_builder_currency(oe_builder *builder, const char *currency)
{
    builder->declared.currency = oe__builder_copy_text(builder, currency);
    return oe__builder_done(builder);
}
