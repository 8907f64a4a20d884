/* contact_random_spec.c: random contact policies and histories against a count that looks at
 * every contact again for every question. */
#include "check.h"
#include "contact_desk.h"
#include "random_rules.h"

enum { POLICIES_MAX = 5, HISTORY_MAX = 24, RULESETS = 300, HISTORIES = 40 };

static const int64_t minute = CONTACT_MINUTE, now = CONTACT_NOW;
static const int64_t reservation = 30 * CONTACT_MINUTE;

typedef struct world {
    contact_desk on;
    oe_policy policies[POLICIES_MAX];
    const char *scopes[POLICIES_MAX];
    const char *channels[POLICIES_MAX];
    size_t policy_count;
    oe_contact history[HISTORY_MAX];
    size_t history_count;
    uint32_t taken[POLICIES_MAX][CONTACT_PRODUCTS + 1]; /* by what it counts by */
    uint32_t ranked[CONTACT_PRODUCTS];                  /* without contacts */
    size_t ranked_count;
} world;

static const char *random_channel(uint64_t *state)
{
    static const char *const names[] = {NULL, "sms", "web"};
    return names[random_below(state, 3)];
}

static void random_policy(world *in, size_t i, uint64_t *state)
{
    static const char *const names[POLICIES_MAX] = {"p0", "p1", "p2", "p3", "p4"};
    oe_policy *policy = &in->policies[i];
    *policy = contact_policy((oe_policy_kind)random_below(state, 2), names[i]);
    policy->each = (oe_policy_each)random_below(state, 3);
    policy->at_most = 1 + random_below(state, 4);
    policy->window_ms = (1 + random_below(state, 90)) * minute;
    uint32_t scope = random_below(state, 3);
    in->scopes[i] = scope == 1 ? contact_categories[random_below(state, 3)]
                               : contact_ids[random_below(state, CONTACT_PRODUCTS)];
    if (scope == 1)
        policy->scope = (oe_scope){.categories = &in->scopes[i], .category_count = 1};
    else if (scope == 2)
        policy->scope = (oe_scope){.products = &in->scopes[i], .product_count = 1};
    in->channels[i] = random_channel(state);
    policy->channels = &in->channels[i];
    policy->channel_count = in->channels[i] != NULL;
}

static void random_history(world *in, uint64_t *state)
{
    in->history_count = random_below(state, HISTORY_MAX + 1);
    for (size_t i = 0; i < in->history_count; i++) {
        oe_contact *contact = &in->history[i];
        contact->kind = random_below(state, 16) == 0 ? OE_CONTACT_OPT_OUT
                                                     : (oe_contact_kind)random_below(state, 3);
        contact->product =
            contact->kind == OE_CONTACT_OPT_OUT
                ? contact_name(contact_categories[random_below(state, 3)])
                : contact_name(contact_ids[random_below(state, CONTACT_PRODUCTS)]);
        contact->channel = contact_name(random_channel(state));
        contact->campaign = 0;
        /* Few moments, so that units are shown more than once and edges are met. */
        contact->unit_ms = now - random_below(state, 8) * 15 * minute;
        contact->at_ms = now + minute - random_below(state, 100) * minute;
    }
}

static bool naive_covers(const world *in, size_t policy, size_t product)
{
    const oe_scope *scope = &in->policies[policy].scope;
    return scope->category_count > 0
               ? strcmp(in->scopes[policy], contact_categories[product / 2]) == 0
           : scope->product_count > 0 ? strcmp(in->scopes[policy], contact_ids[product]) == 0
                                      : true;
}

static bool naive_suits(const world *in, size_t policy, uint64_t channel)
{
    return in->policies[policy].channel_count == 0 ||
           channel == contact_name(in->channels[policy]);
}

static bool naive_same(const world *in, size_t policy, size_t a, size_t b)
{
    switch (in->policies[policy].each) {
    case OE_EACH_PRODUCT:
        return a == b;
    case OE_EACH_CATEGORY:
        return a / 2 == b / 2;
    default:
        return true;
    }
}

/* Whether a policy counts a unit of a product now. */
static bool naive_counts(const world *in, size_t policy, size_t product, int64_t unit_ms)
{
    bool waits = false, was_shown = false, counts = false;
    for (size_t i = 0; i < in->history_count; i++) {
        const oe_contact *one = &in->history[i];
        if (one->product != contact_name(contact_ids[product]) || one->unit_ms != unit_ms ||
            one->kind > OE_CONTACT_SHOWN || !naive_suits(in, policy, one->channel))
            continue;
        bool shown = one->kind == OE_CONTACT_SHOWN && one->at_ms <= now;
        was_shown |= shown;
        waits |= !shown;
        counts |= shown && one->at_ms > now - in->policies[policy].window_ms;
    }
    return counts || (waits && !was_shown && unit_ms + reservation > now);
}

static size_t product_of(uint64_t name)
{
    for (size_t i = 0; i < CONTACT_PRODUCTS; i++)
        if (name == contact_name(contact_ids[i]))
            return i;
    return CONTACT_PRODUCTS;
}

static bool is_first(const world *in, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (in->history[i].kind <= OE_CONTACT_SHOWN &&
            in->history[i].product == in->history[index].product &&
            in->history[i].unit_ms == in->history[index].unit_ms)
            return false;
    return in->history[index].kind <= OE_CONTACT_SHOWN;
}

static uint32_t naive_count(const world *in, size_t policy, size_t product)
{
    uint32_t count = 0;
    for (size_t i = 0; i < in->history_count; i++) {
        size_t other = product_of(in->history[i].product);
        if (is_first(in, i) && naive_covers(in, policy, other) &&
            naive_same(in, policy, product, other) &&
            naive_counts(in, policy, other, in->history[i].unit_ms))
            count++;
    }
    return count;
}

static bool naive_holds(const world *in, size_t policy, size_t product)
{
    return naive_covers(in, policy, product) &&
           naive_suits(in, policy, in->on.contacts.channel);
}

/* The latest unit that is reserved and that every cap counts; 0: none. */
static int64_t naive_unit(const world *in, size_t product)
{
    int64_t found = 0;
    for (size_t i = 0; i < in->history_count; i++) {
        int64_t unit_ms = in->history[i].unit_ms;
        bool held = in->history[i].kind <= OE_CONTACT_SHOWN &&
                    in->history[i].product == contact_name(contact_ids[product]) &&
                    now < unit_ms + reservation;
        for (size_t p = 0; p < in->policy_count; p++)
            held &= in->policies[p].kind != OE_POLICY_CAP || !naive_holds(in, p, product) ||
                    naive_counts(in, p, product, unit_ms);
        if (held && unit_ms > found)
            found = unit_ms;
    }
    return found;
}

static bool naive_declined(const world *in, size_t policy, size_t product)
{
    for (size_t i = 0; i < in->history_count; i++) {
        const oe_contact *one = &in->history[i];
        if (one->kind == OE_CONTACT_DECLINED && one->at_ms <= now &&
            one->at_ms > now - in->policies[policy].window_ms &&
            naive_suits(in, policy, one->channel) &&
            naive_covers(in, policy, product_of(one->product)) &&
            naive_same(in, policy, product, product_of(one->product)))
            return true;
    }
    return false;
}

static bool naive_opted_out(const world *in, size_t product)
{
    for (size_t i = 0; i < in->history_count; i++)
        if (in->history[i].kind == OE_CONTACT_OPT_OUT &&
            in->history[i].product == contact_name(contact_categories[product / 2]) &&
            (in->history[i].channel == 0 || in->history[i].channel == in->on.contacts.channel))
            return true;
    return false;
}

static size_t unit_of(const world *in, size_t policy, size_t product)
{
    return in->policies[policy].each == OE_EACH_PRODUCT    ? product
           : in->policies[policy].each == OE_EACH_CATEGORY ? product / 2
                                                           : CONTACT_PRODUCTS;
}

static bool naive_take(world *in, size_t product)
{
    bool is_held = naive_unit(in, product) != 0;
    if (naive_opted_out(in, product))
        return false;
    for (size_t p = 0; p < in->policy_count; p++) {
        if (!naive_holds(in, p, product))
            continue;
        if (in->policies[p].kind == OE_POLICY_COOL_DOWN
                ? naive_declined(in, p, product)
                : !is_held &&
                      naive_count(in, p, product) + in->taken[p][unit_of(in, p, product)] >=
                          in->policies[p].at_most)
            return false;
    }
    for (size_t p = 0; !is_held && p < in->policy_count; p++)
        if (naive_holds(in, p, product))
            in->taken[p][unit_of(in, p, product)]++;
    return true;
}

static void check_decision(world *in)
{
    const oe_decision *decision = contact_decide(&in->on, in->history, in->history_count);
    size_t count = 0, limit = in->on.options.limit ? in->on.options.limit : CONTACT_PRODUCTS;
    memset(in->taken, 0, sizeof in->taken);
    for (size_t i = 0; i < in->ranked_count && count < limit; i++) {
        if (!naive_take(in, in->ranked[i]))
            continue;
        if (!CHECK(count < decision->offer_count) ||
            !CHECK_INT(decision->offers[count].product, in->ranked[i]))
            return;
        int64_t unit_ms = naive_unit(in, in->ranked[i]);
        CHECK_INT(decision->offers[count++].unit_ms, unit_ms == 0 ? now : unit_ms);
    }
    CHECK_INT(decision->offer_count, count);
}

static void check_allowances(const world *in)
{
    for (size_t i = 0; i < in->on.contacts.allowance_count; i++) {
        const oe_allowance *one = &in->on.contacts.allowances[i];
        if (one->policy == OE_OPTED_OUT || in->policies[one->policy].kind != OE_POLICY_CAP)
            continue;
        size_t product = one->unit < 0 ? 0
                         : in->policies[one->policy].each == OE_EACH_CATEGORY
                             ? (size_t)one->unit * 2
                             : (size_t)one->unit;
        uint32_t count = naive_count(in, one->policy, product);
        uint32_t most = in->policies[one->policy].at_most;
        CHECK_INT(one->left, count < most ? most - count : 0);
        CHECK(one->until_ms > now);
    }
}

/* What the trace says is what was decided. */
static void check_explanations(world *in)
{
    bool offered[CONTACT_PRODUCTS] = {false};
    const oe_decision *decision = oe_decide(in->on.decider, in->on.profile, &in->on.options);
    for (size_t i = 0; i < decision->offer_count; i++)
        offered[decision->offers[i].product] = true;
    for (uint32_t p = 0; p < CONTACT_PRODUCTS; p++) {
        const oe_explanation *why =
            oe_explain(in->on.decider, in->on.profile, &in->on.options, p);
        CHECK_INT(why->stage == OE_STAGE_OFFERED, offered[p]);
        if (offered[p] || in->on.options.limit != 0)
            continue;
        CHECK_INT(why->stage, OE_STAGE_CONTACT_POLICY);
        CHECK(why->failures[0].date_ms == INT64_MIN || why->failures[0].date_ms > now);
        CHECK_TEXT(why->change_cause, "contact_policy");
    }
}

static void rank_freely(world *in)
{
    const oe_options free = {.at_ms = now, .category = -1};
    const oe_decision *decision = oe_decide(in->on.decider, in->on.profile, &free);
    in->ranked_count = decision->offer_count;
    for (size_t i = 0; i < decision->offer_count; i++)
        in->ranked[i] = decision->offers[i].product;
}

static void it_counts_as_a_count_over_every_contact_does(void)
{
    uint64_t state = 11;
    for (size_t seed = 0; seed < RULESETS; seed++) {
        static world in;
        in.policy_count = 1 + random_below(&state, POLICIES_MAX);
        for (size_t i = 0; i < in.policy_count; i++)
            random_policy(&in, i, &state);
        in.on = contact_open(in.policies, in.policy_count);
        rank_freely(&in);
        CHECK_INT(in.ranked_count, CONTACT_PRODUCTS);
        for (size_t i = 0; i < HISTORIES; i++) {
            random_history(&in, &state);
            in.on.contacts.channel = contact_name(random_channel(&state));
            in.on.options.limit = random_below(&state, 4);
            check_decision(&in);
            check_allowances(&in);
            check_explanations(&in);
        }
        contact_close(&in.on);
    }
}

int main(void)
{
    RUN("counts as a count over every contact does",
        it_counts_as_a_count_over_every_contact_does);
    return check_report();
}
