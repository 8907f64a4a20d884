/* contact.c: decisions with contacts, one customer at a time behind the ledger's lock. */
#include "server/contact.h"

#include <string.h>

#include "codec/consent.h"
#include "codec/record.h"
#include "server/log.h"

enum { SWEEP_MS = 1000 }; /* a stripe each time: minutes for all */

/* ---- Decisions ---- */

bool oe__contact_reserves(const oe_generation *rules)
{
    return oe_ruleset_count(rules->ruleset, OE_POLICIES) > 0;
}

oe_ledger_terms oe__contact_terms(const oe_ruleset *ruleset)
{
    if (oe_ruleset_count(ruleset, OE_POLICIES) == 0)
        return (oe_ledger_terms){0};
    return (oe_ledger_terms){oe_ruleset_contact_window_ms(ruleset),
                             oe_ruleset_reservation_ms(ruleset)};
}

static bool is_asked(const oe_desk *desk)
{
    return oe__contact_reserves(desk->generation) ||
           oe__ledger_has_opt_outs(desk->service->ledger);
}

/* Fills desk->contacts from the ledger, where the customer stays locked. */
static void begin(oe_desk *desk, const oe__arguments *arguments, oe_options *options,
                  oe_ledger_visit *visit)
{
    oe_contacts *contacts = &desk->contacts;
    oe_ledger_id id;
    id.data = oe_profile_id(desk->profile, &id.length);
    *contacts = (oe_contacts){
        .channel = oe_contact_name(arguments->channel, arguments->channel_length),
        .campaign = oe_contact_name(arguments->campaign, arguments->campaign_length)};
    oe__ledger_visit(desk->service->ledger, id, options->at_ms, visit);
    /* Without policies only those are looked at who opted out. */
    if (!oe__contact_reserves(desk->generation) && visit->count == 0)
        return;
    oe_decider_contacts(desk->decider, visit->contacts, visit->count, options->at_ms, contacts);
    options->contacts = contacts;
}

/* A unit that is held is in the ledger already; adding it again changes nothing. */
static bool reserve(const oe_desk *desk, oe_ledger_visit *visit, const oe_decision *decision)
{
    for (size_t i = 0; i < decision->offer_count; i++) {
        const char *product =
            oe_ruleset_product(decision->ruleset, decision->offers[i].product)->id;
        int64_t unit_ms = decision->offers[i].unit_ms;
        oe_contact contact = {.kind = OE_CONTACT_RESERVED,
                              .product = oe_contact_name(product, strlen(product)),
                              .channel = desk->contacts.channel,
                              .campaign = desk->contacts.campaign,
                              .unit_ms = unit_ms,
                              .at_ms = unit_ms};
        if (!oe__ledger_add(visit, &contact))
            return false;
    }
    return true;
}

const oe_decision *oe__contact_decide(oe_desk *desk, const oe__arguments *arguments,
                                      oe_options *options)
{
    oe_ledger_visit visit;
    if (!is_asked(desk))
        return oe_decide(desk->decider, desk->profile, options);
    begin(desk, arguments, options, &visit);
    const oe_decision *decision = oe_decide(desk->decider, desk->profile, options);
    bool is_kept = !oe__contact_reserves(desk->generation) || reserve(desk, &visit, decision);
    oe__ledger_leave(&visit);
    return is_kept ? decision : NULL;
}

void oe__contact_look(oe_desk *desk, const oe__arguments *arguments, oe_options *options)
{
    oe_ledger_visit visit;
    if (!is_asked(desk))
        return;
    begin(desk, arguments, options, &visit);
    oe__ledger_leave(&visit);
}

/* ---- Outcomes ---- */

static uint64_t name_of(oe_store_bytes text)
{
    return oe_contact_name(text.data, text.length);
}

bool oe__contact_of(const oe_store_outcome *outcome, oe_contact *contact)
{
    bool is_shown = outcome->outcome == OE_OUTCOME_SHOWN;
    bool has_channel = outcome->decided_channel.length > 0;
    *contact = (oe_contact){
        .kind = is_shown ? OE_CONTACT_SHOWN : OE_CONTACT_DECLINED,
        .product = name_of(outcome->product),
        .channel = name_of(has_channel ? outcome->decided_channel : outcome->channel),
        .campaign = name_of(outcome->campaign),
        .unit_ms = outcome->unit_ms,
        /* Clocks differ: what was reported has happened. */
        .at_ms = outcome->at_ms < outcome->received_ms ? outcome->at_ms : outcome->received_ms};
    /* Without policies nothing was reserved: each decision is a unit of its own. */
    if (contact->unit_ms == 0)
        contact->unit_ms = oe__record_id_ms(outcome->decision);
    return is_shown || outcome->outcome == OE_OUTCOME_DECLINED;
}

void oe__contact_take(oe_desk *desk, const oe_store_outcome *outcome)
{
    oe_contact contact;
    oe_ledger_visit visit;
    oe_ledger_id id = {outcome->customer.data, outcome->customer.length};
    if (!oe__contact_of(outcome, &contact))
        return;
    oe__ledger_visit(desk->service->ledger, id, oe__service_now_ms(), &visit);
    if (!oe__ledger_add(&visit, &contact))
        oe__log(OE_LOG_ERROR, "contact_lost", "reason=\"out of memory\"");
    oe__ledger_leave(&visit);
}

bool oe__contact_is_late(const oe_desk *desk, const oe_store_outcome *outcome)
{
    return outcome->outcome == OE_OUTCOME_SHOWN && outcome->unit_ms != 0 &&
           outcome->received_ms - outcome->unit_ms >=
               oe_ruleset_reservation_ms(desk->generation->ruleset);
}

/* ---- Consents ---- */

bool oe__contact_consent(oe_ledger *ledger, oe_store_bytes customer, oe_store_bytes body,
                         int64_t revision)
{
    oe__consent said = {.count = 0};
    oe_contact opt_outs[OE_OPT_OUTS_MAX];
    oe_read_report report;
    /* A text that was stored is one that was taken. */
    if (body.length > 0 &&
        oe__consent_read(body.data, body.length, &said, &report, NULL) != OE_OK)
        return true;
    for (size_t i = 0; i < said.count; i++)
        opt_outs[i] = (oe_contact){.kind = OE_CONTACT_OPT_OUT,
                                   .product = oe_contact_name(said.opt_outs[i].category,
                                                              said.opt_outs[i].category_length),
                                   .channel = oe_contact_name(said.opt_outs[i].channel,
                                                              said.opt_outs[i].channel_length)};
    oe_ledger_consent consent = {.opt_outs = opt_outs,
                                 .count = said.count,
                                 .revision = revision,
                                 .at_ms = oe__service_now_ms()};
    return oe__ledger_consent(ledger, (oe_ledger_id){customer.data, customer.length}, &consent);
}

/* ---- Sweeping ---- */

static void on_time(uv_timer_t *timer)
{
    const oe_desk *desk = timer->data;
    oe__ledger_sweep(desk->service->ledger, oe__service_now_ms());
}

void oe__contact_start(oe_desk *desk)
{
    desk->sweeps = uv_timer_init(oe_worker_loop(desk->worker), &desk->sweeping) == 0;
    desk->sweeping.data = desk;
    (void)uv_timer_start(&desk->sweeping, on_time, SWEEP_MS, SWEEP_MS);
}

void oe__contact_stop(oe_desk *desk)
{
    if (desk->sweeps)
        uv_close((uv_handle_t *)&desk->sweeping, NULL);
    desk->sweeps = false;
}
