/* contact_load.c: three scans. Contacts that workers add meanwhile may come twice, which the
 * ledger does not mind. */
#include "server/contact_load.h"

#include <string.h>

#include "codec/record.h"
#include "codec/varint.h"
#include "engine/status.h"
#include "server/contact.h"
#include "server/history.h"

typedef struct loading {
    oe_service *service;
    int64_t at_ms;
    oe_error *error;
    oe_status status;
    /* The products of a generation by number, as names of contacts. */
    oe_store_port *port;
    uint64_t named;
    uint64_t *names; /* in `bytes` */
    size_t name_count;
    oe__buffer bytes;
} loading;

static bool fail(loading *self)
{
    self->status = oe__fail(self->error, OE_E_MEMORY, "contacts: out of memory");
    return false;
}

static bool add(loading *self, oe_store_bytes customer, const oe_contact *contact)
{
    oe_ledger_visit visit;
    oe__ledger_visit(self->service->ledger, (oe_ledger_id){customer.data, customer.length},
                     self->at_ms, &visit);
    bool is_added = oe__ledger_add(&visit, contact);
    oe__ledger_leave(&visit);
    return is_added || fail(self);
}

static bool take_consent(void *context, const oe_store_consent *consent)
{
    loading *self = context;
    return oe__contact_consent(self->service->ledger, consent->customer, consent->body, 0) ||
           fail(self);
}

static bool take_outcome(void *context, const oe_store_outcome *outcome)
{
    oe_contact contact;
    return !oe__contact_of(outcome, &contact) || add(context, outcome->customer, &contact);
}

/* ---- Reservations ---- */

/* Generations that nobody named have no products to count. */
static bool name_products(loading *self, uint64_t generation)
{
    oe__buffer texts = {0};
    if (self->named == generation)
        return true;
    self->bytes.length = 0;
    self->named = generation;
    self->status = oe__history_names(self->port, generation, &texts, self->error);
    const char *at = texts.data, *end = texts.data + texts.length;
    for (uint64_t length = 0;
         at < end && oe__varint_get(&at, end, &length) && length <= (uint64_t)(end - at);
         at += length) {
        uint64_t name = oe_contact_name(at, (size_t)length);
        oe__buffer_add(&self->bytes, (const char *)&name, sizeof name);
    }
    oe__buffer_free(&texts);
    self->name_count = self->bytes.length / sizeof *self->names;
    if (self->status == OE_E_NOT_FOUND)
        self->status = OE_OK;
    return self->status == OE_OK && (!self->bytes.failed || fail(self));
}

static bool take_offers(loading *self, const oe__record *record)
{
    oe__record_part offers = record->offers;
    oe__record_offer offer;
    while (oe__record_next_offer(&offers, &offer)) {
        oe_contact contact = {
            .kind = OE_CONTACT_RESERVED,
            .channel = oe_contact_name(record->channel, record->channel_length),
            .campaign = oe_contact_name(record->campaign, record->campaign_length),
            .unit_ms = offer.unit_ms,
            .at_ms = offer.unit_ms};
        if (offer.unit_ms == 0 || offer.product >= self->name_count)
            continue;
        memcpy(&contact.product, self->bytes.data + offer.product * sizeof contact.product,
               sizeof contact.product);
        if (!add(self, (oe_store_bytes){record->customer_id, record->customer_id_length},
                 &contact))
            return false;
    }
    return true;
}

static bool take_record(void *context, const oe_store_record *found)
{
    loading *self = context;
    oe__record record;
    if (found->state != OE_STORE_RECORD_SOUND ||
        oe__record_read(found->bytes.data, found->bytes.length, &record, NULL) != OE_OK ||
        !record.has_contacts)
        return true;
    return name_products(self, record.generation) && take_offers(self, &record);
}

static oe_status scan_journal(loading *self, int64_t back_ms, oe_error *error)
{
    oe_store_journal_range range = {.from_ms = self->at_ms - back_ms,
                                    .until_ms = INT64_MAX,
                                    .record = take_record,
                                    .context = self};
    self->port = oe_store_port_new(self->service->store);
    if (self->port == NULL)
        return oe__fail(error, OE_E_MEMORY, "contacts: out of memory");
    oe_status status = oe_store_journal_scan(self->service->store, &range, error);
    oe_store_port_free(self->port);
    oe__buffer_free(&self->bytes);
    return status == OE_OK ? self->status : status;
}

static oe_status scan_outcomes(loading *self, int64_t back_ms, oe_error *error)
{
    oe_store_outcome_range range = {.from_ms = self->at_ms - back_ms,
                                    .until_ms = INT64_MAX,
                                    .outcome = take_outcome,
                                    .context = self};
    oe_status status = oe_store_outcome_scan(self->service->store, &range, error);
    return status == OE_OK ? self->status : status;
}

/* ---- When ---- */

oe_status oe__contact_widen(oe_service *service, const oe_ruleset *ruleset, oe_error *error)
{
    oe_ledger_terms terms = oe__contact_terms(ruleset);
    loading self = {.service = service, .at_ms = oe__service_now_ms(), .error = error};
    /* First this: from here on workers keep what the scans no longer see. */
    oe_ledger_terms before = oe__ledger_widen(service->ledger, terms);
    bool reserves_longer = terms.reservation_ms > before.reservation_ms;
    bool is_shorter = terms.window_ms < terms.reservation_ms;
    oe_status status = OE_OK;
    if (reserves_longer)
        status = scan_journal(&self, terms.reservation_ms, error);
    /* What was shown stays held as long as it was reserved. */
    if (status == OE_OK && (reserves_longer || terms.window_ms > before.window_ms))
        status =
            scan_outcomes(&self, is_shorter ? terms.reservation_ms : terms.window_ms, error);
    return status;
}

void oe__contact_narrow(oe_service *service, const oe_ruleset *ruleset)
{
    oe__ledger_set_terms(service->ledger, oe__contact_terms(ruleset));
}

oe_status oe__contact_open(oe_service *service, oe_error *error)
{
    const oe_ruleset *ruleset = service->current->ruleset;
    loading self = {.service = service, .at_ms = oe__service_now_ms(), .error = error};
    if (!service->config.journal && oe_ruleset_count(ruleset, OE_POLICIES) > 0)
        return oe__fail(error, OE_E_INVALID,
                        "service: the rules have contact policies, which count by the journal; "
                        "start it without --no-journal");
    service->ledger = oe__ledger_new();
    if (service->ledger == NULL)
        return oe__fail(error, OE_E_MEMORY, "contacts: out of memory");
    oe_status status = oe_store_consent_scan(service->store, take_consent, &self, error);
    if (status == OE_OK)
        status = self.status;
    return status == OE_OK ? oe__contact_widen(service, ruleset, error) : status;
}
