/* compare_rules.c: in what two rulesets differ: all declarations but products. */
#include "engine/campaign.h"
#include "engine/compare.h"

#include <string.h>

/* ---- segments, dimensions, rules, attributes ---- */

static oe__edit about(oe__element element, const char *word, const char *id)
{
    return (oe__edit){.element = element,
                      .word = word,
                      .id = id,
                      .key = "",
                      .part = "",
                      .gate = {UINT32_MAX, UINT32_MAX}};
}

static const oe_boost *find_boost(const oe_segment *segment, const oe_boost *wanted)
{
    for (size_t i = 0; i < segment->boost_count; i++)
        if (segment->boosts[i].is_category == wanted->is_category &&
            strcmp(segment->boosts[i].target, wanted->target) == 0)
            return &segment->boosts[i];
    return NULL;
}

static void add_boost(oe__pair *pair, const oe__matched *matched, const oe_boost *boost,
                      const oe_where *const where[2])
{
    oe__edit edit = matched->about;
    edit.key = boost->is_category ? "boost.category." : "boost.";
    edit.part = boost->target;
    oe__edit_part(pair, &edit, where);
}

static void compare_boosts(oe__pair *pair, const oe__matched *matched, const oe_segment *base,
                           const oe_segment *candidate)
{
    for (size_t i = 0; i < candidate->boost_count; i++) {
        const oe_boost *is = &candidate->boosts[i], *was = find_boost(base, is);
        if (was == NULL || was->points != is->points)
            add_boost(pair, matched, is,
                      (const oe_where *const[]){was ? &was->where : NULL, &is->where});
    }
    for (size_t i = 0; i < base->boost_count; i++) {
        const oe_boost *was = &base->boosts[i];
        if (find_boost(candidate, was) == NULL)
            add_boost(pair, matched, was, (const oe_where *const[]){&was->where, NULL});
    }
}

static void compare_segments(oe__pair *pair, const oe_segment *base,
                             const oe_segment *candidate)
{
    oe__matched matched = {about(OE__ON_SEGMENT, "segment", candidate->id),
                           {base->keys, candidate->keys},
                           {base->key_count, candidate->key_count},
                           {base->where, candidate->where}};
    oe__edit_condition(pair, &matched, "when",
                       (const oe_condition[]){base->condition, candidate->condition});
    compare_boosts(pair, &matched, base, candidate);
}

static void compare_dimensions(oe__pair *pair, const oe_dimension *base,
                               const oe_dimension *candidate)
{
    oe__matched matched = {about(OE__ON_DIMENSION, "scoring", candidate->name),
                           {base->keys, candidate->keys},
                           {base->key_count, candidate->key_count},
                           {base->where, candidate->where}};
    oe__edit_key(pair, &matched, "weight", base->weight != candidate->weight);
    oe__edit_key(pair, &matched, "of", !oe__same_text(base->attribute, candidate->attribute));
    oe__edit_key(pair, &matched, "ideal", !oe__same_number(base->ideal, candidate->ideal));
    oe__edit_key(pair, &matched, "every", base->every != candidate->every);
    oe__edit_key(pair, &matched, "curve", !oe__same_curve(&base->curve, &candidate->curve));
}

static void compare_scopes(oe__pair *pair, const oe__matched *matched, const oe_scope *was,
                           const oe_scope *is)
{
    oe__edit_key(pair, matched, "category",
                 !oe__same_texts(was->categories, was->category_count, is->categories,
                                 is->category_count));
    oe__edit_key(
        pair, matched, "product",
        !oe__same_texts(was->products, was->product_count, is->products, is->product_count));
}

static void compare_rules(oe__pair *pair, const oe_rule *base, const oe_rule *candidate)
{
    oe__matched matched = {
        about(OE__ON_RULE, candidate->excludes ? "exclude" : "adjust", candidate->id),
        {base->keys, candidate->keys},
        {base->key_count, candidate->key_count},
        {base->where, candidate->where}};
    if (base->excludes != candidate->excludes) {
        oe__edit_part(pair, &matched.about,
                      (const oe_where *const[]){&base->where, &candidate->where});
        return;
    }
    oe__edit_condition(pair, &matched, "when",
                       (const oe_condition[]){base->condition, candidate->condition});
    oe__edit_key(pair, &matched, "points", base->points != candidate->points);
    compare_scopes(pair, &matched, &base->scope, &candidate->scope);
    oe__edit_key(pair, &matched, "unknown",
                 base->unknown_excludes != candidate->unknown_excludes);
    oe__edit_key(pair, &matched, "from", base->from_ms != candidate->from_ms);
    oe__edit_key(pair, &matched, "until", base->until_ms != candidate->until_ms);
}

static const char *policy_word(const oe_policy *policy)
{
    static const char *const words[OE_POLICY_KIND_COUNT] = {"cap", "cool_down", "quiet"};
    return words[policy->kind];
}

/* Decisions that are compared are made without contacts: an edit of a policy changes none. */
static void compare_policies(oe__pair *pair, const oe_policy *base, const oe_policy *candidate)
{
    oe__matched matched = {about(OE__ON_POLICY, policy_word(candidate), candidate->id),
                           {base->keys, candidate->keys},
                           {base->key_count, candidate->key_count},
                           {base->where, candidate->where}};
    if (base->kind != candidate->kind) {
        oe__edit_part(pair, &matched.about,
                      (const oe_where *const[]){&base->where, &candidate->where});
        return;
    }
    compare_scopes(pair, &matched, &base->scope, &candidate->scope);
    oe__edit_key(pair, &matched, "channel",
                 !oe__same_texts(base->channels, base->channel_count, candidate->channels,
                                 candidate->channel_count));
    oe__edit_key(pair, &matched, "campaign",
                 !oe__same_texts(base->campaigns, base->campaign_count, candidate->campaigns,
                                 candidate->campaign_count));
    oe__edit_key(pair, &matched, "at_most", base->at_most != candidate->at_most);
    oe__edit_key(pair, &matched, base->kind == OE_POLICY_CAP ? "per" : "days",
                 base->window_ms != candidate->window_ms);
    oe__edit_key(pair, &matched, "each", base->each != candidate->each);
    oe__edit_key(pair, &matched, "hours",
                 base->from_minute != candidate->from_minute ||
                     base->until_minute != candidate->until_minute ||
                     base->offset_minutes != candidate->offset_minutes);
    oe__edit_key(pair, &matched, "weekdays", base->weekdays != candidate->weekdays);
    oe__edit_key(pair, &matched, "from", base->from_ms != candidate->from_ms);
    oe__edit_key(pair, &matched, "until", base->until_ms != candidate->until_ms);
}

/* The lower end of a range is where curves without a minimum begin. */
static void compare_attributes(oe__pair *pair, const oe_attribute *base,
                               const oe_attribute *candidate)
{
    oe__matched matched = {about(OE__ON_ATTRIBUTE, "attribute", candidate->name),
                           {base->keys, candidate->keys},
                           {base->key_count, candidate->key_count},
                           {base->where, candidate->where}};
    oe__edit_key(pair, &matched, "range",
                 base->minimum != candidate->minimum || base->maximum != candidate->maximum);
}

/* ---- derived attributes ---- */

static const oe_derivation *find_derivation(const oe_ruleset *ruleset, const char *attribute)
{
    for (size_t i = 0; i < ruleset->derivation_count; i++)
        if (strcmp(ruleset->derivations[i].declared->attribute, attribute) == 0)
            return ruleset->derivations[i].declared;
    return NULL;
}

static bool same_value(const oe_value *a, const oe_value *b)
{
    return oe__same_text(a->text, b->text) && oe__same_number(a->number, b->number);
}

static bool same_derivation(const oe_derivation *a, const oe_derivation *b)
{
    if (!oe__same_text(a->key, b->key) || a->digest != b->digest ||
        a->row_count != b->row_count || !same_value(&a->otherwise, &b->otherwise) ||
        !oe__same_text(a->salt, b->salt) || a->from_ms != b->from_ms ||
        a->until_ms != b->until_ms)
        return false;
    for (size_t i = 0; i < a->row_count; i++)
        if ((a->key != NULL && !same_value(&a->keys[i], &b->keys[i])) ||
            (a->salt != NULL && a->shares[i] != b->shares[i]) ||
            !same_value(&a->values[i], &b->values[i]))
            return false;
    return true;
}

static void compare_derivations(oe__pair *pair)
{
    for (int side = OE__NEW; side >= OE__BASE; side--) {
        const oe_ruleset *own = pair->rules[side];
        for (size_t i = 0; i < own->derivation_count; i++) {
            const oe_derivation *one = own->derivations[i].declared;
            const oe_derivation *other = find_derivation(pair->rules[1 - side], one->attribute);
            if (other != NULL && (side == OE__BASE || same_derivation(one, other)))
                continue;
            oe__edit edit = about(OE__ON_ATTRIBUTE, "derive", one->attribute);
            edit.key = "value";
            const oe_where *where[2] = {other ? &other->where : NULL,
                                        other ? &other->where : NULL};
            where[side] = &one->where;
            oe__edit_part(pair, &edit, where);
        }
    }
}

/* ---- what has a name: each kind over both sides ---- */

static int32_t find(const oe_ruleset *ruleset, oe_kind kind, const char *name)
{
    return oe__names_find(&ruleset->index[kind], name, strlen(name));
}

/* The same of campaigns: they are for decisions that ask for them. */
static void compare_campaigns(oe__pair *pair, const oe__campaign *base,
                              const oe__campaign *candidate)
{
    oe__matched matched = {about(OE__ON_CAMPAIGN, "campaign", candidate->id),
                           {base->keys, candidate->keys},
                           {base->key_count, candidate->key_count},
                           {base->where, candidate->where}};
    compare_scopes(pair, &matched, &base->scope, &candidate->scope);
    oe__edit_condition(pair, &matched, "when",
                       (const oe_condition[]){base->condition, candidate->condition});
    oe__edit_key(pair, &matched, "name", !oe__same_text(base->name, candidate->name));
    oe__edit_key(pair, &matched, "channel", !oe__same_text(base->channel, candidate->channel));
    oe__edit_key(pair, &matched, "message", !oe__same_text(base->message, candidate->message));
    oe__edit_key(pair, &matched, "per_customer", base->per_customer != candidate->per_customer);
    oe__edit_key(pair, &matched, "quota", base->quota != candidate->quota);
    oe__edit_key(pair, &matched, "from", base->from_ms != candidate->from_ms);
    oe__edit_key(pair, &matched, "until", base->until_ms != candidate->until_ms);
}

static const char *name_of(const oe_ruleset *ruleset, oe_kind kind, size_t index)
{
    return ruleset->index[kind].names[index].text;
}

static void compare_named(oe__pair *pair, oe_kind kind, size_t base, size_t candidate)
{
    const oe_ruleset *was = pair->rules[OE__BASE], *is = pair->rules[OE__NEW];
    if (kind == OE_SEGMENTS)
        compare_segments(pair, oe__segment(was, base), oe__segment(is, candidate));
    else if (kind == OE_DIMENSIONS)
        compare_dimensions(pair, oe__dimension(was, base), oe__dimension(is, candidate));
    else if (kind == OE_RULES)
        compare_rules(pair, oe__rule(was, base), oe__rule(is, candidate));
    else if (kind == OE_POLICIES)
        compare_policies(pair, oe__policy(was, base), oe__policy(is, candidate));
    else if (kind == OE_CAMPAIGNS)
        compare_campaigns(pair, oe__campaign_at(was, base), oe__campaign_at(is, candidate));
    else
        compare_attributes(pair, oe__attribute(was, base), oe__attribute(is, candidate));
}

/* What only one side has. An attribute by itself decides nothing. */
static void note_lone(oe__pair *pair, oe_kind kind, int side, size_t index)
{
    const oe_ruleset *ruleset = pair->rules[side];
    const char *name = name_of(ruleset, kind, index);
    const oe_where *where[2] = {NULL, NULL};
    oe__edit edit = about(OE__ON_SEGMENT, "segment", name);
    if (kind == OE_SEGMENTS) {
        where[side] = &oe__segment(ruleset, index)->where;
    } else if (kind == OE_DIMENSIONS) {
        edit = about(OE__ON_DIMENSION, "scoring", name);
        where[side] = &oe__dimension(ruleset, index)->where;
    } else if (kind == OE_RULES) {
        const oe_rule *rule = oe__rule(ruleset, index);
        edit = about(OE__ON_RULE, rule->excludes ? "exclude" : "adjust", name);
        where[side] = &rule->where;
    } else if (kind == OE_POLICIES) {
        const oe_policy *policy = oe__policy(ruleset, index);
        edit = about(OE__ON_POLICY, policy_word(policy), name);
        where[side] = &policy->where;
    } else if (kind == OE_CAMPAIGNS) {
        edit = about(OE__ON_CAMPAIGN, "campaign", name);
        where[side] = &oe__campaign_at(ruleset, index)->where;
    } else {
        return;
    }
    oe__edit_part(pair, &edit, where);
}

static void compare_kind(oe__pair *pair, oe_kind kind)
{
    const oe_ruleset *was = pair->rules[OE__BASE], *is = pair->rules[OE__NEW];
    for (size_t i = 0; i < oe_ruleset_count(is, kind); i++) {
        int32_t base = find(was, kind, name_of(is, kind, i));
        if (base < 0)
            note_lone(pair, kind, OE__NEW, i);
        else
            compare_named(pair, kind, (size_t)base, i);
    }
    for (size_t i = 0; i < oe_ruleset_count(was, kind); i++)
        if (find(is, kind, name_of(was, kind, i)) < 0)
            note_lone(pair, kind, OE__BASE, i);
}

/* ---- lists without names: tiers, thresholds, limits, fallbacks ---- */

static const oe__tier_raise *find_raise(const oe_ruleset *ruleset, const oe__tier_raise *wanted)
{
    const oe__tier_raise *raises = ruleset->declared.tiers.items;
    for (size_t i = 0; i < ruleset->declared.tiers.count; i++)
        if (strcmp(raises[i].tier, wanted->tier) == 0 &&
            strcmp(raises[i].attribute, wanted->attribute) == 0)
            return &raises[i];
    return NULL;
}

static void compare_tiers(oe__pair *pair)
{
    for (int side = OE__NEW; side >= OE__BASE; side--) {
        const oe__list *list = &pair->rules[side]->declared.tiers;
        for (size_t i = 0; i < list->count; i++) {
            const oe__tier_raise *own = (const oe__tier_raise *)list->items + i;
            const oe__tier_raise *other = find_raise(pair->rules[1 - side], own);
            if (other != NULL && (side == OE__BASE || other->points == own->points))
                continue;
            oe__edit edit = about(OE__ON_TIER, "tier", own->tier);
            edit.part = own->attribute;
            const oe_where *where[2] = {other ? &other->where : NULL,
                                        other ? &other->where : NULL};
            where[side] = &own->where;
            oe__edit_part(pair, &edit, where);
        }
    }
}

static const oe__setting *find_setting(const oe__list *list, const oe__setting *wanted)
{
    const oe__setting *settings = list->items;
    for (size_t i = 0; i < list->count; i++)
        if (settings[i].level == wanted->level && strcmp(settings[i].name, wanted->name) == 0)
            return &settings[i];
    return NULL;
}

static void compare_settings(oe__pair *pair, const oe__list *const lists[2], oe__edit edit)
{
    static const char *const levels[] = {"default", "segment.", "category.", "product.",
                                         "group."};
    for (int side = OE__NEW; side >= OE__BASE; side--)
        for (size_t i = 0; i < lists[side]->count; i++) {
            const oe__setting *own = (const oe__setting *)lists[side]->items + i;
            const oe__setting *other = find_setting(lists[1 - side], own);
            if (other != NULL && (side == OE__BASE || other->value == own->value))
                continue;
            edit.key = levels[own->level];
            edit.part = own->name;
            const oe_where *where[2] = {other ? &other->where : NULL,
                                        other ? &other->where : NULL};
            where[side] = &own->where;
            oe__edit_part(pair, &edit, where);
        }
}

static bool has_fallback(const oe_ruleset *ruleset, const char *product)
{
    const oe__fallback *fallbacks = ruleset->declared.fallbacks.items;
    for (size_t i = 0; i < ruleset->declared.fallbacks.count; i++)
        if (strcmp(fallbacks[i].product, product) == 0)
            return true;
    return false;
}

static void compare_fallbacks(oe__pair *pair)
{
    for (int side = OE__NEW; side >= OE__BASE; side--) {
        const oe__list *list = &pair->rules[side]->declared.fallbacks;
        for (size_t i = 0; i < list->count; i++) {
            const oe__fallback *own = (const oe__fallback *)list->items + i;
            if (has_fallback(pair->rules[1 - side], own->product))
                continue;
            oe__edit edit = about(OE__ON_FALLBACK, "fallback", "");
            edit.part = own->product;
            const oe_where *where[2] = {NULL, NULL};
            where[side] = &own->where;
            oe__edit_part(pair, &edit, where);
        }
    }
}

static void compare_element(oe__pair *pair, oe__element element)
{
    const oe__declared *was = &pair->rules[OE__BASE]->declared;
    const oe__declared *is = &pair->rules[OE__NEW]->declared;
    const oe__list *thresholds[] = {&was->thresholds, &is->thresholds};
    const oe__list *limits[] = {&was->limits, &is->limits};
    switch ((int)element) {
    case OE__ON_ATTRIBUTE:
        compare_kind(pair, OE_ATTRIBUTES);
        compare_derivations(pair);
        break;
    case OE__ON_PRODUCT:
        oe__edits_of_products(pair);
        break;
    case OE__ON_SEGMENT:
        compare_kind(pair, OE_SEGMENTS);
        break;
    case OE__ON_DIMENSION:
        compare_kind(pair, OE_DIMENSIONS);
        break;
    case OE__ON_RULE:
        compare_kind(pair, OE_RULES);
        break;
    case OE__ON_TIER:
        compare_tiers(pair);
        break;
    case OE__ON_THRESHOLD:
        compare_settings(pair, thresholds, about(OE__ON_THRESHOLD, "threshold", ""));
        break;
    case OE__ON_LIMIT:
        compare_settings(pair, limits, about(OE__ON_LIMIT, "limit", ""));
        break;
    case OE__ON_POLICY:
        compare_kind(pair, OE_POLICIES);
        break;
    case OE__ON_CAMPAIGN:
        compare_kind(pair, OE_CAMPAIGNS);
        break;
    default:
        compare_fallbacks(pair);
    }
}

void oe__edits_find(const oe_ruleset *base, const oe_ruleset *candidate, oe__edits *edits)
{
    oe__pair pair = {{base, candidate}, edits};
    for (int element = 0; element < OE__ELEMENTS; element++) {
        edits->first[element] = edits->list.count;
        compare_element(&pair, (oe__element)element);
    }
    edits->first[OE__ELEMENTS] = edits->list.count;
}
