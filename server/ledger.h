/* ledger.h: the contacts of every customer, as contact policies count them, in memory: what
 * workers read and reserve before each decision. Everything in it is also in the store, from
 * which contact_load.h fills it. Knows neither HTTP nor the store nor what policies say.
 *
 * Customers are found by a hash of their id and lie in stripes, each behind a lock of its own.
 * A contact takes 48 bytes, a customer 72 and the id. What is over leaves when its customer is
 * visited or swept: reservations that ended, contacts older than the window. A customer has at
 * most OE_LEDGER_CONTACTS_MAX; then the oldest leave first.
 *
 * Adding is idempotent: of two contacts of one kind, product, channel, campaign and unit the
 * later is kept, whatever order they come in. Any thread. */
#ifndef OE_SERVER_LEDGER_H
#define OE_SERVER_LEDGER_H

#include "offerengine.h"

enum { OE_LEDGER_CONTACTS_MAX = 4096, OE_LEDGER_STRIPES = 256 };

typedef struct oe_ledger oe_ledger;

/* Whose contacts; borrowed. */
typedef struct oe_ledger_id {
    const char *data;
    size_t length;
} oe_ledger_id;

/* NULL: out of memory. */
oe_ledger *oe__ledger_new(void);
void oe__ledger_free(oe_ledger *ledger);

/* How long contacts and reservations are kept; at first not at all. */
typedef struct oe_ledger_terms {
    int64_t window_ms, reservation_ms;
} oe_ledger_terms;

/* From here on, but for longer ones that are held. */
void oe__ledger_set_terms(oe_ledger *ledger, oe_ledger_terms terms);

/* From here on these at least; what held before comes back. */
oe_ledger_terms oe__ledger_widen(oe_ledger *ledger, oe_ledger_terms terms);

/* Terms of somebody who goes on deciding by rules that no longer serve. */
typedef struct oe_ledger_hold {
    oe_ledger_terms terms;
    struct oe_ledger_hold *next; /* of the ledger */
} oe_ledger_hold;

/* While the terms are in force; `hold` stays where it is until it is let go. */
void oe__ledger_hold(oe_ledger *ledger, oe_ledger_hold *hold);
void oe__ledger_let_go(oe_ledger *ledger, oe_ledger_hold *hold);

/* Whether any customer has opted out of anything: else who has no policies need not look. */
bool oe__ledger_has_opt_outs(const oe_ledger *ledger);

/* ---- One customer, locked from visiting to leaving ---- */

typedef struct oe_ledger_visit {
    const oe_contact *contacts; /* until something is added */
    size_t count;
    int64_t at_ms;
    /* Of the ledger. */
    oe_ledger *ledger;
    oe_ledger_id id;
    uint64_t hash;
} oe_ledger_visit;

void oe__ledger_visit(oe_ledger *ledger, oe_ledger_id id, int64_t at_ms,
                      oe_ledger_visit *visit);

/* Of a customer who is being visited. false: out of memory. */
bool oe__ledger_add(oe_ledger_visit *visit, const oe_contact *contact);

void oe__ledger_leave(oe_ledger_visit *visit);

/* ---- Whole customers ---- */

/* What a customer opted out of replaces what it was; nothing happens when a later revision came
 * first. false: out of memory. */
typedef struct oe_ledger_consent {
    const oe_contact *opt_outs;
    size_t count;
    int64_t revision, at_ms;
} oe_ledger_consent;
bool oe__ledger_consent(oe_ledger *ledger, oe_ledger_id id, const oe_ledger_consent *consent);

/* All that was known of a customer goes, but for what was opted out of after the revision. */
void oe__ledger_forget(oe_ledger *ledger, oe_ledger_id id, int64_t revision, int64_t at_ms);

/* What is over leaves the next stripe; each comes in its turn. */
void oe__ledger_sweep(oe_ledger *ledger, int64_t at_ms);

typedef struct oe_ledger_counts {
    uint64_t customers, reservations, contacts, opt_outs; /* contacts: of all kinds */
} oe_ledger_counts;
oe_ledger_counts oe__ledger_count(oe_ledger *ledger);

#endif
