/* contact_spec.c: contact policies: what histories leave, who is refused, what offers take. */
#include "contact_desk.h"
#include "finding_cases.h"

static const int64_t minute = CONTACT_MINUTE, hour = 60 * CONTACT_MINUTE, day = CONTACT_DAY;
static const int64_t now = CONTACT_NOW;
static const int64_t reservation = 30 * CONTACT_MINUTE;

static oe_contact make_contact(oe_contact_kind kind, const char *product, int64_t at_ms)
{
    return (oe_contact){
        .kind = kind,
        .product = contact_name(product),
        .unit_ms = kind == OE_CONTACT_DECLINED || kind == OE_CONTACT_OPT_OUT ? 0 : at_ms,
        .at_ms = at_ms};
}

static bool offers(const oe_decision *decision, const char *product)
{
    for (size_t i = 0; i < decision->offer_count; i++)
        if (strcmp(oe_ruleset_product(decision->ruleset, decision->offers[i].product)->id,
                   product) == 0)
            return true;
    return false;
}

/* ---- windows ---- */

static void it_counts_what_was_shown_within_its_window(void)
{
    const struct {
        int64_t ago_ms;
        bool counts;
    } cases[] = {{-1, false},          {0, true},         {1, true},
                 {30 * day - 1, true}, {30 * day, false}, {30 * day + 1, false}};
    oe_policy cap = contact_policy(OE_POLICY_CAP, "one");
    contact_desk on = contact_open(&cap, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        oe_contact shown = make_contact(OE_CONTACT_SHOWN, "save_a", now - cases[i].ago_ms);
        shown.unit_ms = now - 60 * day;
        const oe_decision *decision = contact_decide(&on, &shown, 1);
        CHECK_INT(decision->offer_count, cases[i].counts ? 0 : 1);
        CHECK_INT(on.contacts.allowance_count, cases[i].counts);
        if (!cases[i].counts)
            continue;
        CHECK_INT(on.contacts.allowances[0].policy, 0);
        CHECK_INT(on.contacts.allowances[0].unit, -1);
        CHECK_INT(on.contacts.allowances[0].left, 0);
        CHECK_INT(on.contacts.allowances[0].until_ms, shown.at_ms + 30 * day);
    }
    contact_close(&on);
}

static void it_counts_a_reservation_until_its_end(void)
{
    oe_policy cap = contact_policy(OE_POLICY_CAP, "one");
    contact_desk on = contact_open(&cap, 1);
    for (int64_t left = -1; left <= 1; left++) {
        oe_contact reserved =
            make_contact(OE_CONTACT_RESERVED, "save_a", now - reservation + left);
        const oe_decision *decision = contact_decide(&on, &reserved, 1);
        CHECK_INT(decision->offer_count, 1);
        CHECK_INT(offers(decision, "save_a"), left > 0);
        CHECK_INT(on.contacts.held_count, left > 0);
        CHECK_INT(decision->offers[0].unit_ms, left > 0 ? reserved.unit_ms : now);
    }
    contact_close(&on);
}

static void it_refuses_after_a_decline(void)
{
    const struct {
        oe_policy_each each;
        int64_t ago_ms;
        size_t offered;
    } cases[] = {{OE_EACH_PRODUCT, 0, 5},         {OE_EACH_PRODUCT, 90 * day - 1, 5},
                 {OE_EACH_PRODUCT, 90 * day, 6},  {OE_EACH_CATEGORY, 0, 4},
                 {OE_EACH_CATEGORY, 90 * day, 6}, {OE_EACH_SCOPE, 0, 0},
                 {OE_EACH_SCOPE, 90 * day, 6},    {OE_EACH_SCOPE, -1, 6}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        oe_policy pause = contact_policy(OE_POLICY_COOL_DOWN, "pause");
        pause.window_ms = 90 * day;
        pause.each = cases[i].each;
        contact_desk on = contact_open(&pause, 1);
        /* A unit that is held does not help. */
        oe_contact history[] = {
            make_contact(OE_CONTACT_DECLINED, "save_a", now - cases[i].ago_ms),
            make_contact(OE_CONTACT_RESERVED, "save_a", now - minute)};
        const oe_decision *decision = contact_decide(&on, history, 2);
        CHECK_INT(decision->offer_count, cases[i].offered);
        CHECK_INT(offers(decision, "save_a"), cases[i].offered == 6);
        CHECK_INT(offers(decision, "save_b"), cases[i].offered >= 5);
        contact_close(&on);
    }
}

static void it_is_quiet_at_its_times(void)
{
    enum { SATURDAY = 1 << 5, SUNDAY = 1 << 6 };
    const struct {
        int32_t from, until, offset;
        uint32_t weekdays;
        int64_t at_ms; /* after Sunday 2026-11-22 00:00 UTC */
        bool quiet;
        int64_t end_ms; /* likewise */
    } cases[] = {
        {21 * 60, 8 * 60, 0, 0, 20 * hour + 59 * minute, false, 0},
        {21 * 60, 8 * 60, 0, 0, 21 * hour, true, 32 * hour},
        {21 * 60, 8 * 60, 0, 0, 32 * hour - 1, true, 32 * hour},
        {21 * 60, 8 * 60, 0, 0, 32 * hour, false, 0},
        {12 * 60, 13 * 60, 0, 0, 12 * hour - 1, false, 0},
        {12 * 60, 13 * 60, 0, 0, 12 * hour, true, 13 * hour},
        {12 * 60, 13 * 60, 0, 0, 13 * hour, false, 0},
        {12 * 60, 13 * 60, 330, 0, 12 * hour - 330 * minute, true, 13 * hour - 330 * minute},
        {12 * 60, 13 * 60, -300, 0, 12 * hour + 300 * minute - 1, false, 0},
        {0, 0, 0, SATURDAY | SUNDAY, -24 * hour - 1, false, 0},
        {0, 0, 0, SATURDAY | SUNDAY, -24 * hour, true, 24 * hour},
        {0, 0, 0, SATURDAY | SUNDAY, 24 * hour - 1, true, 24 * hour},
        {0, 0, 0, SATURDAY | SUNDAY, 24 * hour, false, 0},
        {21 * 60, 8 * 60, 0, SUNDAY, 7 * hour, false, 0}, /* Saturday's night */
        {21 * 60, 8 * 60, 0, SUNDAY, 31 * hour, true, 32 * hour},
        {21 * 60, 8 * 60, 0, SUNDAY, 45 * hour, false, 0}, /* Monday's */
        {0, 0, 0, 0, 5 * hour, true, INT64_MAX},
        {60, 59, 0, 0, 59 * minute, false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        oe_policy quiet = contact_policy(OE_POLICY_QUIET, "quiet");
        quiet.from_minute = cases[i].from;
        quiet.until_minute = cases[i].until;
        quiet.offset_minutes = cases[i].offset;
        quiet.weekdays = cases[i].weekdays;
        contact_desk on = contact_open(&quiet, 1);
        on.options.at_ms = now + cases[i].at_ms;
        if (!CHECK_INT(contact_decide(&on, NULL, 0)->offer_count,
                       cases[i].quiet ? 0 : CONTACT_PRODUCTS))
            printf("    in case %zu\n", i);
        const oe_explanation *why = oe_explain(on.decider, on.profile, &on.options, 0);
        CHECK_INT(why->stage, cases[i].quiet ? OE_STAGE_CONTACT_POLICY : OE_STAGE_OFFERED);
        if (cases[i].quiet)
            CHECK_INT(why->failures[0].date_ms,
                      cases[i].end_ms == INT64_MAX ? INT64_MIN : now + cases[i].end_ms);
        contact_close(&on);
    }
}

/* ---- what it holds for ---- */

static void it_takes_offers_in_rank_order_while_some_are_left(void)
{
    oe_policy cap = contact_policy(OE_POLICY_CAP, "three");
    cap.at_most = 3;
    contact_desk on = contact_open(&cap, 1);
    const oe_decision *all = oe_decide(on.decider, on.profile, &on.options);
    uint32_t order[CONTACT_PRODUCTS];
    CHECK_INT(all->offer_count, CONTACT_PRODUCTS);
    for (size_t i = 0; i < CONTACT_PRODUCTS; i++) {
        order[i] = all->offers[i].product;
        CHECK_INT(all->offers[i].unit_ms, 0);
    }
    const oe_decision *decision = contact_decide(&on, NULL, 0);
    CHECK_INT(decision->offer_count, 3);
    for (size_t i = 0; i < decision->offer_count; i++) {
        CHECK_INT(decision->offers[i].product, order[i]);
        CHECK_INT(decision->offers[i].unit_ms, now);
    }
    const oe_explanation *why = oe_explain(on.decider, on.profile, &on.options, order[3]);
    CHECK_INT(why->stage, OE_STAGE_CONTACT_POLICY);
    CHECK_INT(why->failure_count, 1);
    CHECK_INT(why->failures[0].cause, OE_CAUSE_CAPPED);
    CHECK_TEXT(why->failures[0].rule, "three");
    CHECK_INT(why->failures[0].date_ms, now + reservation);
    CHECK_TEXT(why->failures[0].text, "at most 3 in 30 days");
    CHECK_TEXT(why->failures[0].where.file, "case.lua");
    CHECK_TEXT(why->change_cause, "contact_policy");
    contact_close(&on);
}

static void it_reuses_what_is_reserved(void)
{
    oe_policy cap = contact_policy(OE_POLICY_CAP, "two");
    cap.at_most = 2;
    contact_desk on = contact_open(&cap, 1);
    const oe_contact history[] = {make_contact(OE_CONTACT_RESERVED, "trip_a", now - minute),
                                  make_contact(OE_CONTACT_RESERVED, "trip_b", now)};
    const oe_decision *decision = contact_decide(&on, history, 2);
    CHECK_INT(decision->offer_count, 2);
    CHECK(offers(decision, "trip_a"));
    CHECK(offers(decision, "trip_b"));
    const oe_explanation *why = oe_explain(on.decider, on.profile, &on.options, 0);
    CHECK_INT(why->failures[0].cause, OE_CAUSE_CAPPED);
    CHECK_INT(why->failures[0].date_ms, now - minute + reservation);
    contact_close(&on);
}

static void it_counts_a_unit_once_however_often_it_is_shown(void)
{
    oe_policy cap = contact_policy(OE_POLICY_CAP, "two");
    cap.at_most = 2;
    contact_desk on = contact_open(&cap, 1);
    oe_contact history[4];
    for (size_t i = 0; i < 4; i++) {
        history[i] = make_contact(i == 0 ? OE_CONTACT_RESERVED : OE_CONTACT_SHOWN, "trip_a",
                                  now - 2 * hour + (int64_t)i * minute);
        history[i].unit_ms = now - 2 * hour;
    }
    (void)contact_decide(&on, history, 4);
    CHECK_INT(on.contacts.allowances[0].left, 1);
    CHECK_INT(on.contacts.allowances[0].until_ms, history[3].at_ms + 30 * day);
    history[2].unit_ms++;
    (void)contact_decide(&on, history, 4);
    CHECK_INT(on.contacts.allowances[0].left, 0);
    contact_close(&on);
}

static void it_holds_for_its_channels_and_campaigns(void)
{
    static const char *const channels[] = {"sms", "push"}, *const campaigns[] = {"spring"};
    const struct {
        const char *channel, *campaign; /* of the decision */
        const char *through, *during;   /* of the contact */
        size_t offered;
    } cases[] = {
        {"sms", "spring", "push", "spring", 0}, {"sms", "spring", "web", "spring", 1},
        {"sms", "spring", NULL, "spring", 1},   {"sms", "spring", "push", "autumn", 1},
        {"web", "spring", "push", "spring", 6}, {NULL, "spring", "push", "spring", 6},
        {"sms", NULL, "push", "spring", 6},
    };
    oe_policy cap = contact_policy(OE_POLICY_CAP, "one");
    cap.channels = channels;
    cap.channel_count = 2;
    cap.campaigns = campaigns;
    cap.campaign_count = 1;
    contact_desk on = contact_open(&cap, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        oe_contact shown = make_contact(OE_CONTACT_SHOWN, "trip_a", now - day);
        shown.channel = contact_name(cases[i].through);
        shown.campaign = contact_name(cases[i].during);
        on.contacts.channel = contact_name(cases[i].channel);
        on.contacts.campaign = contact_name(cases[i].campaign);
        if (!CHECK_INT(contact_decide(&on, &shown, 1)->offer_count, cases[i].offered))
            printf("    in case %zu\n", i);
    }
    contact_close(&on);
}

/* What is reserved for one channel was not counted by the cap of another. */
static void it_makes_a_new_unit_where_a_cap_does_not_count_the_old_one(void)
{
    static const char *const channels[] = {"sms"};
    oe_policy caps[] = {contact_policy(OE_POLICY_CAP, "sms"),
                        contact_policy(OE_POLICY_CAP, "all")};
    caps[0].channels = channels;
    caps[0].channel_count = 1;
    caps[1].at_most = 3;
    contact_desk on = contact_open(caps, 2);
    oe_contact history[] = {make_contact(OE_CONTACT_RESERVED, "trip_a", now - minute),
                            make_contact(OE_CONTACT_SHOWN, "card_a", now - day)};
    history[0].channel = contact_name("web");
    history[1].channel = contact_name("sms");
    on.contacts.channel = contact_name("sms");
    CHECK_INT(contact_decide(&on, history, 2)->offer_count, 0);
    CHECK_INT(on.contacts.held_count, 0);
    on.contacts.channel = contact_name("web");
    CHECK(offers(contact_decide(&on, history, 2), "trip_a"));
    CHECK_INT(on.contacts.held_count, 1);
    contact_close(&on);
}

static void it_respects_opt_outs(void)
{
    const struct {
        const char *category, *channel; /* NULL: all */
        const char *decided_for;
        size_t offered;
    } cases[] = {{NULL, NULL, NULL, 0},       {"credit", NULL, NULL, 4},
                 {"credit", "sms", "sms", 4}, {"credit", "sms", NULL, 6},
                 {NULL, "sms", "web", 6},     {NULL, "sms", "sms", 0},
                 {"nothing", NULL, NULL, 6}};
    contact_desk on = contact_open(NULL, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        oe_contact history[] = {make_contact(OE_CONTACT_OPT_OUT, cases[i].category, now - day),
                                make_contact(OE_CONTACT_RESERVED, "card_a", now)};
        history[0].channel = contact_name(cases[i].channel);
        on.contacts.channel = contact_name(cases[i].decided_for);
        if (!CHECK_INT(contact_decide(&on, history, 2)->offer_count, cases[i].offered))
            printf("    in case %zu\n", i);
        CHECK_INT(on.contacts.allowance_count, cases[i].offered < 6);
        const oe_explanation *why = oe_explain(on.decider, on.profile, &on.options, 0);
        CHECK_INT(why->stage,
                  cases[i].offered < 6 ? OE_STAGE_CONTACT_POLICY : OE_STAGE_OFFERED);
        if (cases[i].offered == 6)
            continue;
        CHECK_INT(why->failures[0].cause, OE_CAUSE_OPTED_OUT);
        CHECK_INT(why->failures[0].date_ms, INT64_MIN);
    }
    contact_close(&on);
}

static void it_holds_while_it_is_in_force(void)
{
    oe_policy cap = contact_policy(OE_POLICY_CAP, "one");
    cap.from_ms = now;
    cap.until_ms = now + day;
    contact_desk on = contact_open(&cap, 1);
    for (int64_t i = 0; i < 4; i++) {
        on.options.at_ms = i < 2 ? now - 1 + i : now + day - 3 + i;
        oe_contact shown = make_contact(OE_CONTACT_SHOWN, "trip_a", now - hour);
        CHECK_INT(contact_decide(&on, &shown, 1)->offer_count, i == 0 || i == 3 ? 6 : 0);
        if (i == 1) /* sooner than the window */
            CHECK_INT(on.contacts.allowances[0].until_ms, now + day);
    }
    contact_close(&on);
}

static void it_refuses_fallbacks_too(void)
{
    oe_policy cap = contact_policy(OE_POLICY_CAP, "one");
    for (int fallback = 0; fallback < 2; fallback++) {
        contact_desk on = {.dictionary = oe_dictionary_new(),
                           .options = {.at_ms = now, .category = -1}};
        oe_builder *builder = small_rules(on.dictionary);
        contact_products(builder);
        oe_builder_policy(builder, &cap);
        oe_builder_threshold(builder, OE_LEVEL_DEFAULT, NULL, 100, small_where());
        oe_builder_fallback(builder, "save_a", small_where());
        oe_builder_fallback(builder, "save_b", small_where());
        on.ruleset = small_seal(builder);
        on.decider = oe_decider_new(on.ruleset);
        on.profile = oe_profile_new(on.ruleset);
        oe_profile_set_number(on.profile, SMALL_INCOME, 20000, NULL);
        oe_contact shown = make_contact(OE_CONTACT_SHOWN, "trip_a", now - hour);
        const oe_decision *decision = contact_decide(&on, &shown, (size_t)fallback);
        CHECK_INT(decision->offer_count, fallback ? 0 : 1);
        CHECK(fallback || decision->offers[0].fallback);
        contact_close(&on);
    }
}

static void it_is_as_before_without_policies(void)
{
    static char with[65536], without[65536];
    contact_desk on = contact_open(NULL, 0);
    on.options.contacts = NULL;
    size_t length = oe_decision_write(oe_decide(on.decider, on.profile, &on.options), without,
                                      sizeof without);
    CHECK_INT(oe_decision_write(contact_decide(&on, NULL, 0), with, sizeof with), length);
    CHECK(memcmp(with, without, length) == 0);
    CHECK_INT(on.contacts.allowance_count, 0);
    CHECK_INT(oe_ruleset_contact_window_ms(on.ruleset), 0);
    CHECK_INT(oe_ruleset_reservation_ms(on.ruleset), reservation);
    contact_close(&on);
}

/* ---- unlawful ones ---- */

static void add_policy(oe_builder *builder, const oe_policy *policy)
{
    contact_products(builder);
    oe_builder_policy(builder, policy);
}

static void cap_of_none(oe_builder *builder, bool lawful)
{
    oe_policy policy = contact_policy(OE_POLICY_CAP, "rule");
    policy.at_most = lawful;
    add_policy(builder, &policy);
}

static void short_window(oe_builder *builder, bool lawful)
{
    oe_policy policy = contact_policy(OE_POLICY_CAP, "rule");
    policy.window_ms = minute - !lawful;
    add_policy(builder, &policy);
}

static void long_window(oe_builder *builder, bool lawful)
{
    oe_policy policy = contact_policy(OE_POLICY_COOL_DOWN, "rule");
    policy.window_ms = 400 * day + !lawful;
    add_policy(builder, &policy);
}

static void late_minute(oe_builder *builder, bool lawful)
{
    oe_policy policy = contact_policy(OE_POLICY_QUIET, "rule");
    policy.until_minute = 1439 + !lawful;
    add_policy(builder, &policy);
}

static void eighth_weekday(oe_builder *builder, bool lawful)
{
    oe_policy policy = contact_policy(OE_POLICY_QUIET, "rule");
    policy.weekdays = lawful ? 0x7f : 0x80;
    add_policy(builder, &policy);
}

static void unknown_category(oe_builder *builder, bool lawful)
{
    const char *name = lawful ? "saving" : "savings";
    oe_policy policy = contact_policy(OE_POLICY_CAP, "rule");
    policy.scope = (oe_scope){.categories = &name, .category_count = 1};
    add_policy(builder, &policy);
}

static void unknown_product(oe_builder *builder, bool lawful)
{
    const char *name = lawful ? "save_a" : "save_aa";
    oe_policy policy = contact_policy(OE_POLICY_QUIET, "rule");
    policy.scope = (oe_scope){.products = &name, .product_count = 1};
    add_policy(builder, &policy);
}

static void empty_channel(oe_builder *builder, bool lawful)
{
    const char *name = lawful ? "s" : "";
    oe_policy policy = contact_policy(OE_POLICY_CAP, "rule");
    policy.channels = &name;
    policy.channel_count = 1;
    add_policy(builder, &policy);
}

static void empty_period(oe_builder *builder, bool lawful)
{
    oe_policy policy = contact_policy(OE_POLICY_CAP, "rule");
    policy.from_ms = 1;
    policy.until_ms = 1 + lawful;
    add_policy(builder, &policy);
}

static void declared_twice(oe_builder *builder, bool lawful)
{
    oe_policy policy = contact_policy(OE_POLICY_CAP, "rule");
    oe_builder_policy(builder, &policy);
    policy.id = lawful ? "other" : "rule";
    add_policy(builder, &policy);
}

static const finding_case cases[] = {
    {"none at most", "E082", "contact policy \"rule\": at_most", NULL, cap_of_none},
    {"less than a minute", "E082", "contact policy \"rule\": its time", NULL, short_window},
    {"more than 400 days", "E082", "contact policy \"rule\": its time", NULL, long_window},
    {"24:00", "E082", "contact policy \"rule\": a time of the day", NULL, late_minute},
    {"eighth weekday", "E082", "contact policy \"rule\": a week", NULL, eighth_weekday},
    {"unknown category", "E010", "unknown category \"savings\"", "saving", unknown_category},
    {"unknown product", "E011", "unknown product \"save_aa\"", "save_a", unknown_product},
    {"empty channel", "E082", "contact policy \"rule\": a channel", NULL, empty_channel},
    {"no time", "E063", "contact policy \"rule\": from must", NULL, empty_period},
    {"twice", "E051", "policy: \"rule\" is declared twice", NULL, declared_twice},
};

static void it_refuses_policies_that_are_none(void)
{
    check_unlawful(cases, sizeof cases / sizeof *cases);
}

static void it_takes_their_lawful_neighbours(void)
{
    check_lawful(cases, sizeof cases / sizeof *cases);
}

static void it_bounds_reservations(void)
{
    const int64_t lawful[] = {minute, day}, unlawful[] = {minute - 1, day + 1, 0};
    for (size_t i = 0; i < 5; i++) {
        oe_dictionary *dictionary = oe_dictionary_new();
        oe_builder *builder = small_rules(dictionary);
        oe_ruleset *ruleset = NULL;
        contact_products(builder);
        oe_builder_reservation(builder, i < 2 ? lawful[i] : unlawful[i - 2]);
        CHECK_INT(oe_builder_seal(builder, &ruleset, NULL), i < 2 ? OE_OK : OE_E_INVALID);
        if (ruleset != NULL && i < 2)
            CHECK_INT(oe_ruleset_reservation_ms(ruleset), lawful[i]);
        oe_ruleset_free(ruleset);
        oe_builder_free(builder);
        oe_dictionary_free(dictionary);
    }
}

int main(void)
{
    RUN("counts what was shown within its window", it_counts_what_was_shown_within_its_window);
    RUN("counts a reservation until its end", it_counts_a_reservation_until_its_end);
    RUN("refuses after a decline", it_refuses_after_a_decline);
    RUN("is quiet at its times", it_is_quiet_at_its_times);
    RUN("takes offers in rank order while some are left",
        it_takes_offers_in_rank_order_while_some_are_left);
    RUN("reuses what is reserved", it_reuses_what_is_reserved);
    RUN("counts a unit once however often it is shown",
        it_counts_a_unit_once_however_often_it_is_shown);
    RUN("holds for its channels and campaigns", it_holds_for_its_channels_and_campaigns);
    RUN("makes a new unit where a cap does not count the old one",
        it_makes_a_new_unit_where_a_cap_does_not_count_the_old_one);
    RUN("respects opt-outs", it_respects_opt_outs);
    RUN("holds while it is in force", it_holds_while_it_is_in_force);
    RUN("refuses fallbacks too", it_refuses_fallbacks_too);
    RUN("is as before without policies", it_is_as_before_without_policies);
    RUN("refuses policies that are none", it_refuses_policies_that_are_none);
    RUN("takes their lawful neighbours", it_takes_their_lawful_neighbours);
    RUN("bounds reservations", it_bounds_reservations);
    return check_report();
}
