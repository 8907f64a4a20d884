/* ledger_spec.c: contacts come in any order, once each, and leave when they are over. */
#include "server/ledger.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

enum { WINDOW_MS = 1000, RESERVATION_MS = 100, NOW_MS = 1000000 };

static oe_ledger_id id_of(const char *text)
{
    return (oe_ledger_id){text, strlen(text)};
}

static oe_ledger *open_ledger(void)
{
    oe_ledger *ledger = oe__ledger_new();
    oe__ledger_set_terms(ledger, (oe_ledger_terms){WINDOW_MS, RESERVATION_MS});
    return ledger;
}

static oe_contact contact_of(oe_contact_kind kind, uint64_t product, int64_t unit_ms,
                             int64_t at_ms)
{
    return (oe_contact){.kind = kind, .product = product, .unit_ms = unit_ms, .at_ms = at_ms};
}

static void add(oe_ledger *ledger, const char *id, oe_contact contact, int64_t at_ms)
{
    oe_ledger_visit visit;
    oe__ledger_visit(ledger, id_of(id), at_ms, &visit);
    CHECK(oe__ledger_add(&visit, &contact));
    oe__ledger_leave(&visit);
}

static size_t count(oe_ledger *ledger, const char *id, int64_t at_ms)
{
    oe_ledger_visit visit;
    oe__ledger_visit(ledger, id_of(id), at_ms, &visit);
    size_t found = visit.count;
    oe__ledger_leave(&visit);
    return found;
}

static void it_keeps_contacts_until_they_are_over(void)
{
    static const struct {
        oe_contact_kind kind;
        int64_t unit_ms, at_ms, last_ms; /* the last moment at which it counts */
    } cases[] = {
        {OE_CONTACT_RESERVED, NOW_MS, NOW_MS, NOW_MS + RESERVATION_MS - 1},
        {OE_CONTACT_SHOWN, NOW_MS, NOW_MS + 10, NOW_MS + 10 + WINDOW_MS - 1},
        /* Shown long ago, and held as long as it was reserved. */
        {OE_CONTACT_SHOWN, NOW_MS, NOW_MS - WINDOW_MS, NOW_MS + RESERVATION_MS - 1},
        {OE_CONTACT_DECLINED, NOW_MS, NOW_MS + 10, NOW_MS + 10 + WINDOW_MS - 1},
        {OE_CONTACT_DECLINED, NOW_MS, NOW_MS - WINDOW_MS + 1, NOW_MS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        oe_ledger *ledger = open_ledger();
        add(ledger, "c", contact_of(cases[i].kind, 1, cases[i].unit_ms, cases[i].at_ms),
            NOW_MS);
        CHECK_INT(count(ledger, "c", cases[i].last_ms), 1);
        CHECK_INT(count(ledger, "c", cases[i].last_ms + 1), 0);
        CHECK_INT(oe__ledger_count(ledger).contacts, 0);
        add(ledger, "c", contact_of(cases[i].kind, 1, cases[i].unit_ms, cases[i].at_ms),
            cases[i].last_ms + 1);
        CHECK_INT(oe__ledger_count(ledger).contacts, 0);
        oe__ledger_free(ledger);
    }
}

static void it_keeps_the_later_of_two_that_are_the_same(void)
{
    oe_contact early = contact_of(OE_CONTACT_SHOWN, 1, NOW_MS, NOW_MS + 1), late = early;
    late.at_ms = NOW_MS + 5;
    for (int order = 0; order < 2; order++) {
        oe_ledger *ledger = open_ledger();
        oe_ledger_visit visit;
        add(ledger, "c", order == 0 ? early : late, NOW_MS);
        add(ledger, "c", order == 0 ? late : early, NOW_MS);
        oe__ledger_visit(ledger, id_of("c"), NOW_MS, &visit);
        CHECK_INT(visit.count, 1);
        CHECK_INT(visit.contacts[0].at_ms, late.at_ms);
        oe__ledger_leave(&visit);
        oe__ledger_free(ledger);
    }
}

static void it_tells_contacts_apart_by_all_but_their_time(void)
{
    oe_contact first = contact_of(OE_CONTACT_SHOWN, 1, NOW_MS, NOW_MS);
    oe_contact others[] = {first, first, first, first, first};
    others[0].kind = OE_CONTACT_DECLINED;
    others[1].product = 2;
    others[2].channel = 3;
    others[3].campaign = 4;
    others[4].unit_ms++;
    oe_ledger *ledger = open_ledger();
    add(ledger, "c", first, NOW_MS);
    for (size_t i = 0; i < 5; i++) {
        add(ledger, "c", others[i], NOW_MS);
        CHECK_INT(count(ledger, "c", NOW_MS), i + 2);
    }
    CHECK_INT(count(ledger, "d", NOW_MS), 0);
    oe__ledger_free(ledger);
}

static void it_lets_the_newest_consent_hold(void)
{
    static const oe_contact two[] = {{.kind = OE_CONTACT_OPT_OUT, .channel = 1},
                                     {.kind = OE_CONTACT_OPT_OUT, .product = 2}};
    oe_ledger *ledger = open_ledger();
    add(ledger, "c", contact_of(OE_CONTACT_SHOWN, 1, NOW_MS, NOW_MS), NOW_MS);
    static const struct {
        int64_t revision;
        size_t count, after;
    } steps[] = {{5, 2, 2}, {4, 0, 2}, {6, 1, 1}, {3, 2, 1}, {7, 0, 0}, {6, 2, 0}, {8, 2, 2}};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        oe_ledger_consent consent = {two, steps[i].count, steps[i].revision, NOW_MS};
        CHECK(oe__ledger_consent(ledger, id_of("c"), &consent));
        CHECK_INT(oe__ledger_count(ledger).opt_outs, steps[i].after);
        CHECK(oe__ledger_has_opt_outs(ledger) == (steps[i].after > 0));
        CHECK_INT(count(ledger, "c", NOW_MS), steps[i].after + 1);
    }
    CHECK_INT(count(ledger, "c", INT64_MAX), 2);
    oe__ledger_free(ledger);
}

static void it_forgets_a_customer_but_for_a_later_consent(void)
{
    static const oe_contact all = {.kind = OE_CONTACT_OPT_OUT};
    static const struct {
        int64_t revision;
        size_t left;
    } cases[] = {{4, 1}, {5, 0}};
    for (size_t i = 0; i < 2; i++) {
        oe_ledger *ledger = open_ledger();
        oe_ledger_consent consent = {&all, 1, 5, NOW_MS};
        add(ledger, "c", contact_of(OE_CONTACT_SHOWN, 1, NOW_MS, NOW_MS), NOW_MS);
        CHECK(oe__ledger_consent(ledger, id_of("c"), &consent));
        oe__ledger_forget(ledger, id_of("c"), cases[i].revision, NOW_MS);
        CHECK_INT(count(ledger, "c", NOW_MS), cases[i].left);
        consent.revision = 4;
        CHECK(oe__ledger_consent(ledger, id_of("c"), &consent));
        CHECK_INT(count(ledger, "c", NOW_MS), cases[i].left);
        oe__ledger_free(ledger);
    }
}

static void it_sweeps_away_what_nobody_visits(void)
{
    enum { CUSTOMERS = 5000, HOUR_MS = 3600000 };
    oe_ledger *ledger = open_ledger();
    char id[16];
    for (int i = 0; i < CUSTOMERS; i++) {
        snprintf(id, sizeof id, "c%d", i);
        add(ledger, id, contact_of(OE_CONTACT_SHOWN, 1, NOW_MS, NOW_MS + i % 2), NOW_MS);
    }
    CHECK_INT(oe__ledger_count(ledger).customers, CUSTOMERS);
    for (int i = 0; i < OE_LEDGER_STRIPES; i++)
        oe__ledger_sweep(ledger, NOW_MS + WINDOW_MS);
    CHECK_INT(oe__ledger_count(ledger).customers, CUSTOMERS / 2);
    CHECK_INT(count(ledger, "c1", NOW_MS + WINDOW_MS), 1);
    for (int i = 0; i < OE_LEDGER_STRIPES; i++)
        oe__ledger_sweep(ledger, NOW_MS + HOUR_MS);
    CHECK_INT(oe__ledger_count(ledger).customers, 0);
    oe__ledger_free(ledger);
}

static void it_bounds_the_contacts_of_one_customer(void)
{
    oe_ledger *ledger = open_ledger();
    for (int64_t i = 0; i < OE_LEDGER_CONTACTS_MAX + 10; i++)
        add(ledger, "c", contact_of(OE_CONTACT_SHOWN, 1, NOW_MS + i % 100, NOW_MS + i / 100),
            NOW_MS);
    for (uint64_t i = 0; i < OE_LEDGER_CONTACTS_MAX + 10; i++)
        add(ledger, "c", contact_of(OE_CONTACT_SHOWN, i + 2, NOW_MS, NOW_MS + 50), NOW_MS);
    CHECK_INT(count(ledger, "c", NOW_MS), OE_LEDGER_CONTACTS_MAX);
    CHECK_INT(oe__ledger_count(ledger).contacts, OE_LEDGER_CONTACTS_MAX);
    oe__ledger_free(ledger);
}

enum { THREADS = 4, CAP = 3, ATTEMPTS = 2000, SHARED = 50 };

typedef struct taker {
    oe_ledger *ledger;
    uv_thread_t thread;
    bool has_failed; /* checks are for the main thread */
} taker;

/* Takes one of three places of each customer, if there is one. */
static void take_places(void *data)
{
    taker *self = data;
    for (int i = 0; i < ATTEMPTS; i++) {
        char id[16];
        oe_ledger_visit visit;
        snprintf(id, sizeof id, "c%d", i % SHARED);
        oe__ledger_visit(self->ledger, id_of(id), NOW_MS, &visit);
        oe_contact contact = contact_of(OE_CONTACT_RESERVED, 1 + visit.count, NOW_MS, NOW_MS);
        if (visit.count < CAP && !oe__ledger_add(&visit, &contact))
            self->has_failed = true;
        oe__ledger_leave(&visit);
        if (i % 100 == 0)
            oe__ledger_sweep(self->ledger, NOW_MS);
    }
}

static void it_gives_each_place_to_one_thread(void)
{
    oe_ledger *ledger = open_ledger();
    taker takers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        takers[i] = (taker){.ledger = ledger};
        CHECK_INT(uv_thread_create(&takers[i].thread, take_places, &takers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        (void)uv_thread_join(&takers[i].thread);
        CHECK(!takers[i].has_failed);
    }
    CHECK_INT(oe__ledger_count(ledger).reservations, SHARED * CAP);
    CHECK_INT(oe__ledger_count(ledger).customers, SHARED);
    oe__ledger_free(ledger);
}

static void it_keeps_as_long_as_the_longest_terms_say(void)
{
    static const oe_ledger_terms none = {0}, wider = {2 * WINDOW_MS, RESERVATION_MS};
    oe_ledger *ledger = open_ledger();
    oe_ledger_hold first = {.terms = {WINDOW_MS, RESERVATION_MS}}, second = first;
    oe__ledger_hold(ledger, &first);
    oe__ledger_hold(ledger, &second);
    add(ledger, "a", contact_of(OE_CONTACT_DECLINED, 1, NOW_MS, NOW_MS), NOW_MS);
    oe__ledger_set_terms(ledger, none);
    oe__ledger_let_go(ledger, &first);
    CHECK_INT(count(ledger, "a", NOW_MS + WINDOW_MS - 1), 1);
    oe_ledger_terms before = oe__ledger_widen(ledger, none);
    CHECK_INT(before.window_ms, WINDOW_MS);
    CHECK_INT(before.reservation_ms, RESERVATION_MS);
    /* Who widens counts on what was kept, whoever lets go meanwhile. */
    oe__ledger_let_go(ledger, &second);
    CHECK_INT(count(ledger, "a", NOW_MS + WINDOW_MS - 1), 1);
    CHECK_INT(oe__ledger_widen(ledger, wider).window_ms, WINDOW_MS);
    CHECK_INT(count(ledger, "a", NOW_MS + 2 * WINDOW_MS - 1), 1);
    oe__ledger_set_terms(ledger, none);
    CHECK_INT(count(ledger, "a", NOW_MS), 0);
    oe__ledger_free(ledger);
}

int main(void)
{
    RUN("keeps contacts until they are over", it_keeps_contacts_until_they_are_over);
    RUN("keeps the later of two that are the same",
        it_keeps_the_later_of_two_that_are_the_same);
    RUN("tells contacts apart by all but their time",
        it_tells_contacts_apart_by_all_but_their_time);
    RUN("lets the newest consent hold", it_lets_the_newest_consent_hold);
    RUN("forgets a customer but for a later consent",
        it_forgets_a_customer_but_for_a_later_consent);
    RUN("sweeps away what nobody visits", it_sweeps_away_what_nobody_visits);
    RUN("bounds the contacts of one customer", it_bounds_the_contacts_of_one_customer);
    RUN("keeps as long as the longest terms say", it_keeps_as_long_as_the_longest_terms_say);
    RUN("gives each place to one thread", it_gives_each_place_to_one_thread);
    return check_report();
}
