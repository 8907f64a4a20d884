/* contact_spec.c: what an outcome is to contact policies, and when it comes late. */
#include "server/contact.h"

#include "check.h"
#include "codec/record.h"
#include "sample_rules.h"

#include <string.h>

enum { DECIDED_MS = 1700000000, RESERVATION_MS = 1800000 /* unless rules say otherwise */ };

static oe_store_bytes bytes_of(const char *text)
{
    return (oe_store_bytes){text, strlen(text)};
}

static uint64_t name_of(const char *text)
{
    return oe_contact_name(text, strlen(text));
}

static oe_store_outcome outcome_of(oe_outcome what)
{
    oe_store_outcome made = {.outcome = what,
                             .product = bytes_of("p1"),
                             .customer = bytes_of("c1"),
                             .at_ms = DECIDED_MS + 10,
                             .received_ms = DECIDED_MS + 20,
                             .unit_ms = DECIDED_MS - 5};
    oe__record_make_id(made.decision, DECIDED_MS, 1, 2);
    return made;
}

static void it_counts_what_was_shown_and_declined_alone(void)
{
    static const struct {
        oe_outcome what;
        bool counts;
        oe_contact_kind kind;
    } cases[] = {{OE_OUTCOME_SHOWN, true, OE_CONTACT_SHOWN},
                 {OE_OUTCOME_CLICKED, false, OE_CONTACT_SHOWN},
                 {OE_OUTCOME_ACCEPTED, false, OE_CONTACT_SHOWN},
                 {OE_OUTCOME_DECLINED, true, OE_CONTACT_DECLINED},
                 {OE_OUTCOME_CONVERTED, false, OE_CONTACT_SHOWN}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        oe_store_outcome one = outcome_of(cases[i].what);
        oe_contact contact;
        CHECK(oe__contact_of(&one, &contact) == cases[i].counts);
        if (!cases[i].counts)
            continue;
        CHECK_INT(contact.kind, cases[i].kind);
        CHECK(contact.product == name_of("p1"));
        CHECK_INT(contact.unit_ms, DECIDED_MS - 5);
        CHECK_INT(contact.at_ms, DECIDED_MS + 10);
    }
}

static void it_takes_the_channel_of_the_decision_first(void)
{
    static const struct {
        const char *decided, *own, *channel;
    } cases[] = {
        {"", "", ""}, {"sms", "", "sms"}, {"", "mail", "mail"}, {"sms", "mail", "sms"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        oe_store_outcome one = outcome_of(OE_OUTCOME_SHOWN);
        oe_contact contact;
        one.decided_channel = bytes_of(cases[i].decided);
        one.channel = bytes_of(cases[i].own);
        one.campaign = bytes_of("spring");
        CHECK(oe__contact_of(&one, &contact));
        CHECK(contact.channel == name_of(cases[i].channel));
        CHECK(contact.campaign == name_of("spring"));
    }
}

static void it_lets_nothing_happen_after_it_was_reported(void)
{
    oe_store_outcome one = outcome_of(OE_OUTCOME_SHOWN);
    oe_contact contact;
    one.at_ms = one.received_ms + 1000;
    CHECK(oe__contact_of(&one, &contact));
    CHECK_INT(contact.at_ms, one.received_ms);
}

static void it_makes_a_unit_of_a_decision_that_reserved_nothing(void)
{
    oe_store_outcome one = outcome_of(OE_OUTCOME_SHOWN);
    oe_contact contact;
    one.unit_ms = 0;
    CHECK(oe__contact_of(&one, &contact));
    CHECK_INT(contact.unit_ms, DECIDED_MS);
}

static void it_says_what_was_shown_late(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_generation rules = {.ruleset = sample_rules(dictionary)};
    static oe_desk desk;
    static const struct {
        oe_outcome what;
        int64_t unit_ms, received_ms;
        bool is_late;
    } cases[] = {
        {OE_OUTCOME_SHOWN, DECIDED_MS, DECIDED_MS + RESERVATION_MS - 1, false},
        {OE_OUTCOME_SHOWN, DECIDED_MS, DECIDED_MS + RESERVATION_MS, true},
        {OE_OUTCOME_DECLINED, DECIDED_MS, DECIDED_MS + RESERVATION_MS, false},
        {OE_OUTCOME_SHOWN, 0, DECIDED_MS + RESERVATION_MS, false},
    };
    desk.generation = &rules;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        oe_store_outcome one = outcome_of(cases[i].what);
        one.unit_ms = cases[i].unit_ms;
        one.received_ms = cases[i].received_ms;
        CHECK(oe__contact_is_late(&desk, &one) == cases[i].is_late);
    }
    oe_ruleset_free(rules.ruleset);
    oe_dictionary_free(dictionary);
}

int main(void)
{
    RUN("counts what was shown and declined alone",
        it_counts_what_was_shown_and_declined_alone);
    RUN("takes the channel of the decision first", it_takes_the_channel_of_the_decision_first);
    RUN("lets nothing happen after it was reported",
        it_lets_nothing_happen_after_it_was_reported);
    RUN("makes a unit of a decision that reserved nothing",
        it_makes_a_unit_of_a_decision_that_reserved_nothing);
    RUN("says what was shown late", it_says_what_was_shown_late);
    return check_report();
}
