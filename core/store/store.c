/* store.c: choosing a backend by url and the calls on a whole store. Knows no backend but by
 * its table. */
#include "store/store.h"

#include "engine/status.h"
#include "store/backend.h"

#include <stdlib.h>
#include <string.h>

static const oe_store_backend *const backends[] = {&oe__sqlite_backend};

/* Bytes of "scheme" in "scheme:rest", 0 for a plain path. */
static size_t scheme_length(const char *url)
{
    size_t length = strspn(url, "abcdefghijklmnopqrstuvwxyz");
    return url[length] == ':' ? length : 0;
}

static bool has_scheme(const char *url, size_t length, const char *scheme)
{
    return strlen(scheme) == length && memcmp(url, scheme, length) == 0;
}

/* The backend of a url and the url without its scheme. NULL with `error` when there is none. */
static const oe_store_backend *choose_backend(const char *url, const char **place,
                                              oe_error *error)
{
    size_t length = scheme_length(url);
    *place = url;
    if (length == 0)
        return &oe__sqlite_backend;
    *place = url + length + 1;
    for (size_t i = 0; i < sizeof backends / sizeof backends[0]; i++)
        if (has_scheme(url, length, backends[i]->scheme))
            return backends[i];
    oe__fail(error, OE_E_INVALID,
             "store: no backend '%.*s', known is 'sqlite' (or a plain path)", (int)length, url);
    return NULL;
}

static const oe_store_backend *backend_of(const oe_store_options *options, const char **place,
                                          oe_error *error)
{
    if (options->backend == NULL)
        return choose_backend(options->url, place, error);
    size_t length = scheme_length(options->url);
    bool named = length > 0 && has_scheme(options->url, length, options->backend->scheme);
    *place = named ? options->url + length + 1 : options->url;
    return options->backend;
}

oe_status oe_store_open(const oe_store_options *options, oe_store **out, oe_error *error)
{
    *out = NULL;
    if (options->url == NULL || options->url[0] == '\0')
        return oe__fail(error, OE_E_INVALID, "store: no path given");
    const char *place;
    const oe_store_backend *backend = backend_of(options, &place, error);
    if (backend == NULL)
        return OE_E_INVALID;
    oe_store *store = calloc(1, sizeof *store);
    if (store == NULL)
        return oe__fail(error, OE_E_MEMORY, "store: memory is out");
    store->backend = backend;
    store->read_only = options->read_only;
    store->outstanding_max =
        options->outstanding_max > 0 ? options->outstanding_max : OE_STORE_OUTSTANDING;
    atomic_init(&store->closed, false);
    atomic_init(&store->holders, 1);
    oe_status status = backend->open(options, place, &store->state, error);
    if (status != OE_OK) {
        free(store);
        return status;
    }
    *out = store;
    return OE_OK;
}

void oe__store_release(oe_store *store)
{
    if (atomic_fetch_sub(&store->holders, 1) == 1)
        free(store);
}

void oe_store_close(oe_store *store)
{
    if (store == NULL)
        return;
    atomic_store(&store->closed, true);
    store->backend->close(store->state);
    store->state = NULL;
    oe__store_release(store);
}

static bool is_address(const char *address)
{
    size_t length = strlen(address);
    if (length >= OE_STORE_ADDRESS_MAX)
        return false;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)address[i] <= 0x20 || (unsigned char)address[i] >= 0x7f)
            return false;
    return true;
}

oe_status oe_store_set_address(oe_store *store, const char *address, oe_error *error)
{
    if (store->read_only)
        return oe__fail(error, OE_E_ARGUMENT,
                        "store: opened read-only, has no owner's address");
    if (!is_address(address))
        return oe__fail(error, OE_E_INVALID,
                        "store: address must be at most %d bytes of printable ASCII",
                        OE_STORE_ADDRESS_MAX - 1);
    if (store->backend->set_address == NULL)
        return OE_OK;
    return store->backend->set_address(store->state, address, error);
}

oe_status oe_store_owner_address(const char *url, oe_store_owner *owner, oe_error *error)
{
    const char *place;
    const oe_store_backend *backend = choose_backend(url, &place, error);
    if (backend == NULL)
        return OE_E_INVALID;
    *owner = (oe_store_owner){.pid = 0};
    if (backend->owner == NULL)
        return oe__fail(error, OE_E_NOT_FOUND, "store: a database of this kind has no owner");
    return backend->owner(place, owner, error);
}

oe_status oe_store_scan_all(oe_store *store, oe_store_row_fn row, void *context,
                            oe_error *error)
{
    return store->backend->scan_all(store->state, row, context, error);
}

oe_status oe_store_check(oe_store *store, oe_error *error)
{
    return store->backend->check(store->state, error);
}

static oe_status fail_no_journal(oe_error *error)
{
    return oe__fail(error, OE_E_ARGUMENT, "store: a database of this kind keeps no journal");
}

oe_status oe_store_journal_scan(oe_store *store, const oe_store_journal_range *range,
                                oe_error *error)
{
    if (store->backend->journal_scan == NULL)
        return fail_no_journal(error);
    return store->backend->journal_scan(store->state, range, error);
}

oe_status oe_store_journal_verify(oe_store *store, oe_store_proof *proof,
                                  oe_store_progress_fn progress, void *context, oe_error *error)
{
    oe__journal_watch watch = {progress, context};
    *proof = (oe_store_proof){.is_sound = true};
    if (store->backend->journal_verify == NULL)
        return fail_no_journal(error);
    return store->backend->journal_verify(store->state, proof, &watch, error);
}

static oe_status fail_no_outcomes(oe_error *error)
{
    return oe__fail(error, OE_E_ARGUMENT, "store: a database of this kind keeps no outcomes");
}

oe_status oe_store_outcome_scan(oe_store *store, const oe_store_outcome_range *range,
                                oe_error *error)
{
    if (store->backend->outcome_scan == NULL)
        return fail_no_outcomes(error);
    return store->backend->outcome_scan(store->state, range, error);
}

oe_status oe_store_outcome_tally(oe_store *store, oe_store_tally_fn tally, void *context,
                                 oe_error *error)
{
    if (store->backend->outcome_tally == NULL)
        return fail_no_outcomes(error);
    return store->backend->outcome_tally(store->state, tally, context, error);
}

oe_status oe_store_activity_scan(oe_store *store, const oe_store_activity_range *range,
                                 oe_error *error)
{
    if (store->backend->activity_scan == NULL)
        return fail_no_outcomes(error);
    return store->backend->activity_scan(store->state, range, error);
}

oe_status oe_store_consent_scan(oe_store *store, oe_store_consent_fn consent, void *context,
                                oe_error *error)
{
    if (store->backend->consent_scan == NULL)
        return oe__fail(error, OE_E_ARGUMENT,
                        "store: a database of this kind keeps no consents");
    return store->backend->consent_scan(store->state, consent, context, error);
}

oe_status oe_store_run_scan(oe_store *store, oe_store_run_fn run, void *context,
                            oe_error *error)
{
    if (store->backend->run_scan == NULL)
        return oe__fail(error, OE_E_ARGUMENT, "store: a database of this kind keeps no runs");
    return store->backend->run_scan(store->state, run, context, error);
}

void oe_store_stats_get(oe_store *store, oe_store_stats *stats)
{
    *stats = (oe_store_stats){.reads = 0};
    store->backend->stats(store->state, stats);
}
