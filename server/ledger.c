/* ledger.c: stripes of chained customers, each with a list of contacts. */
#include "server/ledger.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <uv.h>

#include "store/digest.h"

enum {
    BUCKETS_LEAST = 16,
    CONTACTS_LEAST = 4,
    SETTLE_MS = 600000 /* after which no older write of a consent can be on its way */
};

typedef struct person {
    struct person *next;
    uint64_t hash;
    int64_t revision, revised_ms; /* of the consent, 0: none was written */
    uint32_t count, capacity;
    oe_contact *contacts;
    uint32_t length;
    char id[];
} person;

typedef struct stripe {
    uv_mutex_t lock; /* guards what follows */
    person **buckets;
    size_t bucket_count, count; /* a power of two; customers */
    uint64_t kinds[OE_CONTACT_OPT_OUT + 1];
} stripe;

struct oe_ledger {
    stripe stripes[OE_LEDGER_STRIPES];
    _Atomic int64_t window_ms, reservation_ms, opt_outs; /* the terms in force */
    uv_mutex_t terms_lock;                               /* guards what follows */
    oe_ledger_terms declared;
    oe_ledger_hold *holds;
    atomic_uint next_swept;
    int64_t seed; /* so that nobody can choose ids that collide */
};

/* ---- Life ---- */

oe_ledger *oe__ledger_new(void)
{
    oe_ledger *ledger = calloc(1, sizeof *ledger);
    size_t made = 0;
    if (ledger == NULL)
        return NULL;
    if (uv_mutex_init(&ledger->terms_lock) != 0) {
        free(ledger);
        return NULL;
    }
    bool is_good =
        getrandom(&ledger->seed, sizeof ledger->seed, 0) == (ssize_t)sizeof ledger->seed;
    while (is_good && made < OE_LEDGER_STRIPES &&
           uv_mutex_init(&ledger->stripes[made].lock) == 0)
        made++;
    if (made == OE_LEDGER_STRIPES)
        return ledger;
    while (made > 0)
        uv_mutex_destroy(&ledger->stripes[--made].lock);
    uv_mutex_destroy(&ledger->terms_lock);
    free(ledger);
    return NULL;
}

static void free_person(person *gone)
{
    free(gone->contacts);
    free(gone);
}

void oe__ledger_free(oe_ledger *ledger)
{
    if (ledger == NULL)
        return;
    for (size_t i = 0; i < OE_LEDGER_STRIPES; i++) {
        stripe *of = &ledger->stripes[i];
        for (size_t bucket = 0; bucket < of->bucket_count; bucket++)
            for (person *at = of->buckets[bucket], *next; at != NULL; at = next) {
                next = at->next;
                free_person(at);
            }
        free(of->buckets);
        uv_mutex_destroy(&of->lock);
    }
    uv_mutex_destroy(&ledger->terms_lock);
    free(ledger);
}

/* ---- How long ---- */

static int64_t longer(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static oe_ledger_terms longest(oe_ledger_terms a, oe_ledger_terms b)
{
    return (oe_ledger_terms){longer(a.window_ms, b.window_ms),
                             longer(a.reservation_ms, b.reservation_ms)};
}

static oe_ledger_terms terms_of(const oe_ledger *ledger)
{
    return (oe_ledger_terms){atomic_load(&ledger->window_ms),
                             atomic_load(&ledger->reservation_ms)};
}

/* Under the lock of the terms. */
static void apply_terms(oe_ledger *ledger)
{
    oe_ledger_terms terms = ledger->declared;
    for (const oe_ledger_hold *at = ledger->holds; at != NULL; at = at->next)
        terms = longest(terms, at->terms);
    atomic_store(&ledger->window_ms, terms.window_ms);
    atomic_store(&ledger->reservation_ms, terms.reservation_ms);
}

void oe__ledger_set_terms(oe_ledger *ledger, oe_ledger_terms terms)
{
    uv_mutex_lock(&ledger->terms_lock);
    ledger->declared = terms;
    apply_terms(ledger);
    uv_mutex_unlock(&ledger->terms_lock);
}

oe_ledger_terms oe__ledger_widen(oe_ledger *ledger, oe_ledger_terms terms)
{
    uv_mutex_lock(&ledger->terms_lock);
    oe_ledger_terms before = terms_of(ledger);
    ledger->declared = longest(before, terms);
    apply_terms(ledger);
    uv_mutex_unlock(&ledger->terms_lock);
    return before;
}

void oe__ledger_hold(oe_ledger *ledger, oe_ledger_hold *hold)
{
    uv_mutex_lock(&ledger->terms_lock);
    hold->next = ledger->holds;
    ledger->holds = hold;
    apply_terms(ledger);
    uv_mutex_unlock(&ledger->terms_lock);
}

void oe__ledger_let_go(oe_ledger *ledger, oe_ledger_hold *hold)
{
    uv_mutex_lock(&ledger->terms_lock);
    oe_ledger_hold **at = &ledger->holds;
    while (*at != hold)
        at = &(*at)->next;
    *at = hold->next;
    apply_terms(ledger);
    uv_mutex_unlock(&ledger->terms_lock);
}

bool oe__ledger_has_opt_outs(const oe_ledger *ledger)
{
    return atomic_load_explicit(&ledger->opt_outs, memory_order_relaxed) > 0;
}

/* ---- Finding: under the stripe's lock ---- */

static uint64_t hash_of(const oe_ledger *ledger, oe_ledger_id id)
{
    unsigned char digest[OE__DIGEST_SIZE];
    uint64_t hash;
    oe__digest(id.data, id.length, ledger->seed, digest);
    memcpy(&hash, digest, sizeof hash);
    return hash;
}

static stripe *stripe_of(oe_ledger *ledger, uint64_t hash)
{
    return &ledger->stripes[hash % OE_LEDGER_STRIPES];
}

static person **bucket_of(const stripe *of, uint64_t hash)
{
    return &of->buckets[hash / OE_LEDGER_STRIPES & (of->bucket_count - 1)];
}

/* Where the customer hangs, or NULL. */
static person **find(const stripe *of, uint64_t hash, oe_ledger_id id)
{
    if (of->bucket_count == 0)
        return NULL;
    person **at = bucket_of(of, hash);
    while (*at != NULL && ((*at)->hash != hash || (*at)->length != id.length ||
                           memcmp((*at)->id, id.data, id.length) != 0))
        at = &(*at)->next;
    return *at != NULL ? at : NULL;
}

/* Room for one more; a stripe that cannot grow still finds, but slower. */
static bool grow(stripe *of)
{
    size_t count = of->bucket_count > 0 ? of->bucket_count * 2 : BUCKETS_LEAST;
    if (of->count < of->bucket_count)
        return true;
    stripe grown = {.buckets = calloc(count, sizeof(person *)), .bucket_count = count};
    if (grown.buckets == NULL)
        return of->bucket_count > 0;
    for (size_t bucket = 0; bucket < of->bucket_count; bucket++)
        for (person *at = of->buckets[bucket], *next; at != NULL; at = next) {
            person **to = bucket_of(&grown, at->hash);
            next = at->next;
            at->next = *to;
            *to = at;
        }
    free(of->buckets);
    of->buckets = grown.buckets;
    of->bucket_count = count;
    return true;
}

/* NULL: out of memory. */
static person *find_or_make(stripe *of, uint64_t hash, oe_ledger_id id)
{
    person **found = find(of, hash, id);
    if (found != NULL)
        return *found;
    person *made = grow(of) ? malloc(sizeof *made + id.length) : NULL;
    if (made == NULL)
        return NULL;
    person **to = bucket_of(of, hash);
    *made = (person){.next = *to, .hash = hash, .length = (uint32_t)id.length};
    memcpy(made->id, id.data, id.length);
    *to = made;
    of->count++;
    return made;
}

static void drop_person(stripe *of, person **at)
{
    person *gone = *at;
    *at = gone->next;
    of->count--;
    free_person(gone);
}

/* ---- Contacts of one customer: under the stripe's lock ---- */

static void note_kind(oe_ledger *ledger, stripe *of, oe_contact_kind kind, int by)
{
    of->kinds[kind] += (uint64_t)(int64_t)by;
    if (kind == OE_CONTACT_OPT_OUT)
        atomic_fetch_add(&ledger->opt_outs, by);
}

static bool is_over(const oe_contact *contact, oe_ledger_terms terms, int64_t at_ms)
{
    bool is_reserved =
        contact->kind < OE_CONTACT_DECLINED && at_ms - contact->unit_ms < terms.reservation_ms;
    bool is_recent =
        contact->kind != OE_CONTACT_RESERVED && at_ms - contact->at_ms < terms.window_ms;
    return contact->kind != OE_CONTACT_OPT_OUT && !is_reserved && !is_recent;
}

/* Takes away those that `is_gone` says, in their order. */
typedef bool is_gone_fn(const oe_contact *contact, oe_ledger_terms terms, int64_t at_ms);

static void purge(oe_ledger *ledger, stripe *of, person *whose, is_gone_fn *is_gone,
                  int64_t at_ms)
{
    oe_ledger_terms terms = terms_of(ledger);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < whose->count; i++) {
        const oe_contact *contact = &whose->contacts[i];
        if (is_gone(contact, terms, at_ms))
            note_kind(ledger, of, contact->kind, -1);
        else
            whose->contacts[kept++] = *contact;
    }
    whose->count = kept;
}

static bool is_same(const oe_contact *a, const oe_contact *b)
{
    return a->kind == b->kind && a->product == b->product && a->channel == b->channel &&
           a->campaign == b->campaign && a->unit_ms == b->unit_ms;
}

/* The place of the contact whose time is the earliest, but for opt-outs. */
static uint32_t find_oldest(const person *whose)
{
    uint32_t oldest = whose->count;
    for (uint32_t i = 0; i < whose->count; i++)
        if (whose->contacts[i].kind != OE_CONTACT_OPT_OUT &&
            (oldest == whose->count ||
             whose->contacts[i].at_ms < whose->contacts[oldest].at_ms))
            oldest = i;
    return oldest;
}

static bool make_room(oe_ledger *ledger, stripe *of, person *whose)
{
    if (whose->count == OE_LEDGER_CONTACTS_MAX) {
        uint32_t oldest = find_oldest(whose);
        if (oldest == whose->count)
            return false;
        note_kind(ledger, of, whose->contacts[oldest].kind, -1);
        whose->contacts[oldest] = whose->contacts[--whose->count];
    }
    if (whose->count < whose->capacity)
        return true;
    uint32_t capacity = whose->capacity > 0 ? whose->capacity * 2 : CONTACTS_LEAST;
    oe_contact *contacts = realloc(whose->contacts, capacity * sizeof *contacts);
    if (contacts == NULL)
        return false;
    whose->contacts = contacts;
    whose->capacity = capacity;
    return true;
}

static bool add(oe_ledger *ledger, stripe *of, person *whose, const oe_contact *contact)
{
    for (uint32_t i = 0; i < whose->count; i++) {
        oe_contact *known = &whose->contacts[i];
        if (!is_same(known, contact))
            continue;
        if (known->at_ms < contact->at_ms)
            known->at_ms = contact->at_ms;
        return true;
    }
    if (!make_room(ledger, of, whose))
        return false;
    whose->contacts[whose->count++] = *contact;
    note_kind(ledger, of, contact->kind, 1);
    return true;
}

/* ---- Visits ---- */

void oe__ledger_visit(oe_ledger *ledger, oe_ledger_id id, int64_t at_ms, oe_ledger_visit *visit)
{
    *visit = (oe_ledger_visit){.ledger = ledger, .id = id, .at_ms = at_ms};
    visit->hash = hash_of(ledger, id);
    stripe *of = stripe_of(ledger, visit->hash);
    uv_mutex_lock(&of->lock);
    person **found = find(of, visit->hash, id);
    if (found == NULL)
        return;
    purge(ledger, of, *found, is_over, at_ms);
    visit->contacts = (*found)->contacts;
    visit->count = (*found)->count;
}

bool oe__ledger_add(oe_ledger_visit *visit, const oe_contact *contact)
{
    oe_ledger *ledger = visit->ledger;
    stripe *of = stripe_of(ledger, visit->hash);
    if (is_over(contact, terms_of(ledger), visit->at_ms))
        return true;
    person *whose = find_or_make(of, visit->hash, visit->id);
    return whose != NULL && add(ledger, of, whose, contact);
}

void oe__ledger_leave(oe_ledger_visit *visit)
{
    uv_mutex_unlock(&stripe_of(visit->ledger, visit->hash)->lock);
}

/* ---- Whole customers ---- */

static bool is_opt_out(const oe_contact *contact, oe_ledger_terms terms, int64_t at_ms)
{
    (void)terms, (void)at_ms;
    return contact->kind == OE_CONTACT_OPT_OUT;
}

static bool is_no_opt_out(const oe_contact *contact, oe_ledger_terms terms, int64_t at_ms)
{
    return !is_opt_out(contact, terms, at_ms);
}

bool oe__ledger_consent(oe_ledger *ledger, oe_ledger_id id, const oe_ledger_consent *consent)
{
    uint64_t hash = hash_of(ledger, id);
    stripe *of = stripe_of(ledger, hash);
    uv_mutex_lock(&of->lock);
    person *whose = find_or_make(of, hash, id);
    bool is_done = whose != NULL;
    if (is_done && consent->revision >= whose->revision) {
        purge(ledger, of, whose, is_opt_out, 0);
        whose->revision = consent->revision;
        whose->revised_ms = consent->at_ms;
        for (size_t i = 0; is_done && i < consent->count; i++)
            is_done = add(ledger, of, whose, &consent->opt_outs[i]);
    }
    uv_mutex_unlock(&of->lock);
    return is_done;
}

/* The revision stays for a while, for an older consent may still be on its way. */
void oe__ledger_forget(oe_ledger *ledger, oe_ledger_id id, int64_t revision, int64_t at_ms)
{
    uint64_t hash = hash_of(ledger, id);
    stripe *of = stripe_of(ledger, hash);
    uv_mutex_lock(&of->lock);
    person *whose = find_or_make(of, hash, id);
    if (whose != NULL)
        purge(ledger, of, whose, is_no_opt_out, 0);
    if (whose != NULL && whose->revision <= revision) {
        purge(ledger, of, whose, is_opt_out, 0);
        whose->revision = revision;
        whose->revised_ms = at_ms;
    }
    uv_mutex_unlock(&of->lock);
}

static void sweep_bucket(oe_ledger *ledger, stripe *of, person **at, int64_t at_ms)
{
    while (*at != NULL) {
        purge(ledger, of, *at, is_over, at_ms);
        bool is_settled = (*at)->revision == 0 || at_ms - (*at)->revised_ms >= SETTLE_MS;
        if ((*at)->count == 0 && is_settled)
            drop_person(of, at);
        else
            at = &(*at)->next;
    }
}

void oe__ledger_sweep(oe_ledger *ledger, int64_t at_ms)
{
    stripe *of = &ledger->stripes[atomic_fetch_add(&ledger->next_swept, 1) % OE_LEDGER_STRIPES];
    uv_mutex_lock(&of->lock);
    for (size_t bucket = 0; bucket < of->bucket_count; bucket++)
        sweep_bucket(ledger, of, &of->buckets[bucket], at_ms);
    uv_mutex_unlock(&of->lock);
}

oe_ledger_counts oe__ledger_count(oe_ledger *ledger)
{
    oe_ledger_counts counts = {0};
    for (size_t i = 0; i < OE_LEDGER_STRIPES; i++) {
        stripe *of = &ledger->stripes[i];
        uv_mutex_lock(&of->lock);
        counts.customers += of->count;
        counts.reservations += of->kinds[OE_CONTACT_RESERVED];
        counts.opt_outs += of->kinds[OE_CONTACT_OPT_OUT];
        for (size_t kind = 0; kind <= OE_CONTACT_OPT_OUT; kind++)
            counts.contacts += of->kinds[kind];
        uv_mutex_unlock(&of->lock);
    }
    return counts;
}
