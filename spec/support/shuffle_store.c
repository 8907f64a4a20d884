/* shuffle_store.c: see shuffle_store.h. The semantics of store.h once more, on sorted arrays:
 * the model that the real backends are compared with. */
#include "shuffle_store.h"

#include "engine/status.h"
#include "engine/text.h"
#include "store/backend.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    GATHER_COUNT = 6, /* it waits for this many to choose from ... */
    GATHER_MS = 1     /* ... or this long */
};

typedef struct record {
    char *key, *value;
    size_t key_length, value_length;
    int64_t revision;
    uint64_t created, replaced, deleted; /* operations only */
} record;

typedef struct table {
    record *rows;
    size_t count, capacity;
} table;

typedef struct pool {
    oe__store_job **jobs;
    size_t count, capacity;
} pool;

struct shuffle_store {
    pthread_mutex_t mutex; /* guards everything */
    pthread_cond_t changed;
    pthread_t thread;
    uint64_t random;
    bool is_owned, is_held, is_closing;
    shuffle_fault fault;
    size_t faults_left;
    pool waiting, done;
    table customers, metas, operations;
    oe_store_generation *generations; /* by number; each hash with texts of its own */
    size_t generation_count;
    int64_t revision;
    bool ever_held;
    oe_store_stats stats;
};

/* ---- Tables --------------------------------------------------------------------------------
 */

/* The place of the first row whose key is not below `key`. */
static size_t lower_bound(const table *rows, oe_store_bytes key)
{
    size_t low = 0, high = rows->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const record *row = &rows->rows[middle];
        if (oe__text_compare(row->key, row->key_length, key.data, key.length) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static record *find(const table *rows, oe_store_bytes key)
{
    size_t place = lower_bound(rows, key);
    if (place == rows->count)
        return NULL;
    record *row = &rows->rows[place];
    return oe__text_compare(row->key, row->key_length, key.data, key.length) == 0 ? row : NULL;
}

/* A spec that runs out of memory has nothing to say: it ends. */
static void *need(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

static char *copy_of(oe_store_bytes bytes)
{
    char *copy = need(malloc(bytes.length + 1));
    if (bytes.length > 0)
        memcpy(copy, bytes.data, bytes.length);
    copy[bytes.length] = '\0';
    return copy;
}

static record *put(table *rows, oe_store_bytes key, oe_store_bytes value)
{
    record *row = find(rows, key);
    if (row != NULL) {
        free(row->value);
    } else {
        size_t place = lower_bound(rows, key);
        if (rows->count == rows->capacity) {
            rows->capacity = rows->capacity > 0 ? 2 * rows->capacity : 64;
            rows->rows = need(realloc(rows->rows, rows->capacity * sizeof *rows->rows));
        }
        row = &rows->rows[place];
        memmove(row + 1, row, (rows->count - place) * sizeof *row);
        *row = (record){.key = copy_of(key), .key_length = key.length};
        rows->count++;
    }
    row->value = copy_of(value);
    row->value_length = value.length;
    return row;
}

static void take_out(table *rows, record *row)
{
    free(row->key);
    free(row->value);
    rows->count--;
    memmove(row, row + 1, (size_t)(rows->rows + rows->count - row) * sizeof *row);
}

static void free_table(table *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        free(rows->rows[i].key);
        free(rows->rows[i].value);
    }
    free(rows->rows);
}

/* ---- Operations ----------------------------------------------------------------------------
 */

static oe_store_customer customer_of(const record *row)
{
    return (oe_store_customer){.id = {row->key, row->key_length},
                               .body = {row->value, row->value_length},
                               .revision = row->revision};
}

static oe_status check_customer(const oe_store_submission *request, bool exists,
                                int64_t revision, oe_error *error)
{
    if (exists && request->mode == OE_STORE_PUT_CREATE)
        return oe__fail(error, OE_E_CONFLICT, "store: customer exists already");
    if (!exists && (request->mode == OE_STORE_PUT_REPLACE || request->if_revision != 0))
        return oe__fail(error, OE_E_NOT_FOUND, "store: customer does not exist");
    if (exists && request->if_revision != 0 && request->if_revision != revision)
        return oe__fail(error, OE_E_CONFLICT, "store: customer was changed meanwhile");
    return OE_OK;
}

static bool is_in_batch_before(const oe_store_submission *request, size_t place)
{
    oe_store_bytes id = request->customers[place].id;
    for (size_t i = 0; i < place; i++) {
        oe_store_bytes other = request->customers[i].id;
        if (oe__text_compare(id.data, id.length, other.data, other.length) == 0)
            return true;
    }
    return false;
}

static oe_status put_customers(shuffle_store *data, oe__store_job *job,
                               const oe_store_customer *customers, size_t count)
{
    oe_error *error = &job->result.error;
    bool is_batch = job->request.operation == OE_STORE_CUSTOMER_BATCH;
    bool is_free = job->request.mode == OE_STORE_PUT_ANY && job->request.if_revision == 0;
    for (size_t i = 0; i < count && !is_free; i++) {
        const record *row = find(&data->customers, customers[i].id);
        bool exists = row != NULL || (is_batch && is_in_batch_before(&job->request, i));
        oe_status status =
            check_customer(&job->request, exists, row != NULL ? row->revision : 0, error);
        if (status != OE_OK && is_batch)
            error->position = (int64_t)i + 1;
        if (status != OE_OK)
            return status;
    }
    data->revision++;
    for (size_t i = 0; i < count; i++) {
        bool exists = find(&data->customers, customers[i].id) != NULL;
        record *row = put(&data->customers, customers[i].id, customers[i].body);
        row->revision = data->revision;
        job->result.created += exists ? 0 : 1;
        job->result.replaced += exists ? 1 : 0;
    }
    data->ever_held = true;
    return OE_OK;
}

static oe_status delete_customer(shuffle_store *data, oe__store_job *job)
{
    const oe_store_submission *request = &job->request;
    record *row = find(&data->customers, request->id);
    oe_status status = OE_OK;
    if (request->if_revision != 0)
        status = check_customer(request, row != NULL, row != NULL ? row->revision : 0,
                                &job->result.error);
    if (status != OE_OK)
        return status;
    data->revision++;
    if (row == NULL)
        return OE_OK;
    take_out(&data->customers, row);
    job->result.deleted = 1;
    return OE_OK;
}

static oe_status put_generation(shuffle_store *data, oe__store_job *job)
{
    const oe_store_generation *given = &job->request.generation;
    size_t place = data->generation_count;
    while (place > 0 && data->generations[place - 1].number >= given->number)
        if (data->generations[--place].number == given->number)
            return oe__fail(&job->result.error, OE_E_CONFLICT,
                            "store: generation exists already");
    data->revision++;
    data->generations = need(
        realloc(data->generations, (data->generation_count + 1) * sizeof *data->generations));
    oe_store_generation *row = &data->generations[place];
    memmove(row + 1, row, (data->generation_count++ - place) * sizeof *row);
    *row = *given;
    row->hash.data = copy_of(given->hash);
    row->author.data = copy_of(given->author);
    row->note.data = copy_of(given->note);
    row->texts.data = copy_of(given->texts);
    return OE_OK;
}

static oe_status get_generation(const shuffle_store *data, oe__store_job *job)
{
    uint64_t number = job->request.generation.number;
    need(oe__job_expect_generations(job, 1) == OE_OK ? job : NULL);
    for (size_t i = data->generation_count; i-- > 0;)
        if (number == 0 || data->generations[i].number == number)
            return oe__job_add_generation(job, &data->generations[i]);
    return oe__fail(&job->result.error, OE_E_NOT_FOUND, "store: no such generation");
}

static oe_status list_generations(const shuffle_store *data, oe__store_job *job)
{
    uint64_t before = job->request.generation.number;
    need(oe__job_expect_generations(job, job->request.limit) == OE_OK ? job : NULL);
    for (size_t i = data->generation_count; i-- > 0;) {
        oe_store_generation row = data->generations[i];
        if (before != 0 && row.number >= before)
            continue;
        job->result.more = job->result.generation_count == job->request.limit;
        if (job->result.more)
            break;
        row.texts.length = 0;
        oe__job_add_generation(job, &row);
    }
    return OE_OK;
}

static oe_status write_new(shuffle_store *data, oe__store_job *job)
{
    const oe_store_submission *request = &job->request;
    oe_store_customer customer = {.id = request->id, .body = request->body};
    switch (request->operation) {
    case OE_STORE_CUSTOMER_PUT:
        return put_customers(data, job, &customer, 1);
    case OE_STORE_CUSTOMER_BATCH:
        return put_customers(data, job, request->customers, request->customer_count);
    case OE_STORE_CUSTOMER_DELETE:
        return delete_customer(data, job);
    case OE_STORE_GENERATION_PUT:
        return put_generation(data, job);
    default:
        data->revision++;
        put(&data->metas, request->id, request->body);
        return OE_OK;
    }
}

static oe_status write_once(shuffle_store *data, oe__store_job *job)
{
    oe_store_result *result = &job->result;
    oe_store_bytes digest = {(const char *)job->digest, sizeof job->digest};
    const record *known = find(&data->operations, job->request.operation_id);
    if (known != NULL && memcmp(known->value, digest.data, digest.length) != 0)
        return oe__fail(&result->error, OE_E_CONFLICT,
                        "store: operation id was used for another write");
    oe_status status = known != NULL ? OE_OK : write_new(data, job);
    if (status != OE_OK)
        return status;
    result->repeated = known != NULL;
    if (known == NULL) {
        record *kept = put(&data->operations, job->request.operation_id, digest);
        kept->revision = data->revision;
        kept->created = result->created;
        kept->replaced = result->replaced;
        kept->deleted = result->deleted;
        known = kept;
        data->stats.transactions++;
    }
    result->revision = known->revision;
    result->created = known->created;
    result->replaced = known->replaced;
    result->deleted = known->deleted;
    return OE_OK;
}

static void scan_page(shuffle_store *data, oe__store_job *job)
{
    size_t limit = job->request.limit;
    size_t from = lower_bound(&data->customers, job->request.after);
    if (job->request.after.length > 0 && find(&data->customers, job->request.after) != NULL)
        from++;
    size_t left = data->customers.count - from;
    oe__job_expect_customers(job, limit);
    for (size_t i = 0; i < limit && i < left; i++) {
        oe_store_customer customer = customer_of(&data->customers.rows[from + i]);
        oe__job_add_customer(job, &customer);
    }
    job->result.more = left > limit;
}

static oe_status read_row(oe__store_job *job, const record *row)
{
    if (row == NULL)
        return oe__fail(&job->result.error, OE_E_NOT_FOUND, "store: does not exist");
    oe_store_customer customer = customer_of(row);
    if (job->request.operation == OE_STORE_META_GET)
        return oe__job_set_value(job, customer.body);
    oe__job_expect_customers(job, 1);
    return oe__job_add_customer(job, &customer);
}

static oe_status carry_out(shuffle_store *data, oe__store_job *job)
{
    switch (job->request.operation) {
    case OE_STORE_CUSTOMER_GET:
        return read_row(job, find(&data->customers, job->request.id));
    case OE_STORE_META_GET:
        return read_row(job, find(&data->metas, job->request.id));
    case OE_STORE_GENERATION_GET:
        return get_generation(data, job);
    case OE_STORE_GENERATION_LIST:
        return list_generations(data, job);
    case OE_STORE_CUSTOMER_SCAN:
        scan_page(data, job);
        return OE_OK;
    case OE_STORE_JOURNAL_APPEND:
    case OE_STORE_JOURNAL_ERASE:
    case OE_STORE_JOURNAL_FORGET:
    case OE_STORE_JOURNAL_GET:
    case OE_STORE_CUSTOMER_AS_OF:
    case OE_STORE_CONSENT_PUT:
    case OE_STORE_RUN_PUT:
    case OE_STORE_CONSENT_GET:
    case OE_STORE_OUTCOMES_PUT:
    case OE_STORE_OUTCOME_LIST:
    case OE_STORE_OUTCOME_COUNT:
        return oe__fail(&job->result.error, OE_E_ARGUMENT, "store: this one keeps no journal");
    case OE_STORE_CUSTOMER_COUNT:
        job->result.count = data->customers.count;
        job->result.ever_held = data->ever_held;
        return OE_OK;
    default:
        return write_once(data, job);
    }
}

/* ---- The thread ----------------------------------------------------------------------------
 */

static void pool_add(pool *jobs, oe__store_job *job)
{
    if (jobs->count == jobs->capacity) {
        jobs->capacity = jobs->capacity > 0 ? 2 * jobs->capacity : 64;
        jobs->jobs = need(realloc(jobs->jobs, jobs->capacity * sizeof(oe__store_job *)));
    }
    jobs->jobs[jobs->count++] = job;
}

static size_t choose(shuffle_store *data, size_t count)
{
    data->random ^= data->random << 13;
    data->random ^= data->random >> 7;
    data->random ^= data->random << 17;
    return (size_t)(data->random % count);
}

static oe__store_job *pool_take(shuffle_store *data, pool *jobs)
{
    size_t place = choose(data, jobs->count);
    oe__store_job *job = jobs->jobs[place];
    jobs->jobs[place] = jobs->jobs[--jobs->count];
    return job;
}

static void begin_one(shuffle_store *data)
{
    oe__store_job *job = pool_take(data, &data->waiting);
    bool is_write = oe__store_is_write(job->request.operation);
    pool_add(&data->done, job);
    if (!oe__job_begin(job))
        return;
    data->stats.writes += is_write ? 1 : 0;
    data->stats.reads += is_write ? 0 : 1;
    bool fails = data->faults_left > 0;
    data->faults_left -= fails ? 1 : 0;
    oe_error error = {.status = OE_OK, .position = -1};
    if (!fails || data->fault == SHUFFLE_FAULT_LOST) {
        oe_status status = carry_out(data, job);
        error = job->result.error;
        error.status = status;
    }
    if (fails)
        oe__fail(&error, OE_E_IO, "store: a fault on demand");
    if (error.status == OE_OK)
        return;
    oe__job_fail(job, &error);
    job->result.outcome_unknown = fails && is_write && data->fault == SHUFFLE_FAULT_LOST;
}

/* Waits until there is enough to choose from, or it has waited long enough. */
static void gather(shuffle_store *data)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += GATHER_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    while (!data->is_closing && !data->is_held &&
           data->waiting.count + data->done.count < GATHER_COUNT)
        if (pthread_cond_timedwait(&data->changed, &data->mutex, &until) != 0)
            return;
}

static void *work(void *argument)
{
    shuffle_store *data = argument;
    pthread_mutex_lock(&data->mutex);
    for (;;) {
        size_t count = data->waiting.count + data->done.count;
        if (data->is_closing && count == 0)
            break;
        if (!data->is_closing && (count == 0 || data->is_held)) {
            pthread_cond_wait(&data->changed, &data->mutex);
            continue;
        }
        gather(data);
        if (data->is_held && !data->is_closing)
            continue;
        if (choose(data, data->waiting.count + data->done.count) < data->waiting.count)
            begin_one(data);
        else
            oe__job_complete(pool_take(data, &data->done));
    }
    pthread_mutex_unlock(&data->mutex);
    return NULL;
}

/* ---- The backend ---------------------------------------------------------------------------
 */

static oe_status open_shuffle(const oe_store_options *options, const char *place, void **state,
                              oe_error *error)
{
    shuffle_store *data = options->backend_context;
    pthread_mutex_lock(&data->mutex);
    bool is_busy = data->is_owned;
    data->is_owned = true;
    data->is_closing = false;
    pthread_mutex_unlock(&data->mutex);
    if (is_busy)
        return oe__fail(error, OE_E_BUSY, "store: %s is owned by another store", place);
    *state = data;
    if (pthread_create(&data->thread, NULL, work, data) != 0)
        return oe__fail(error, OE_E_IO, "store: cannot start a thread");
    return OE_OK;
}

static void submit_shuffle(void *state, oe__store_job *job)
{
    shuffle_store *data = state;
    pthread_mutex_lock(&data->mutex);
    pool_add(&data->waiting, job);
    pthread_cond_signal(&data->changed);
    pthread_mutex_unlock(&data->mutex);
}

static void close_shuffle(void *state)
{
    shuffle_store *data = state;
    pthread_mutex_lock(&data->mutex);
    data->is_closing = true;
    pthread_cond_signal(&data->changed);
    pthread_mutex_unlock(&data->mutex);
    pthread_join(data->thread, NULL);
    pthread_mutex_lock(&data->mutex);
    data->is_owned = false;
    pthread_mutex_unlock(&data->mutex);
}

static oe_status scan_shuffle(void *state, oe_store_row_fn row, void *context, oe_error *error)
{
    shuffle_store *data = state;
    (void)error;
    pthread_mutex_lock(&data->mutex);
    for (size_t i = 0; i < data->customers.count; i++) {
        oe_store_customer customer = customer_of(&data->customers.rows[i]);
        if (!row(context, &customer))
            break;
    }
    pthread_mutex_unlock(&data->mutex);
    return OE_OK;
}

static oe_status check_shuffle(void *state, oe_error *error)
{
    (void)state;
    (void)error;
    return OE_OK;
}

static void read_stats(void *state, oe_store_stats *stats)
{
    shuffle_store *data = state;
    pthread_mutex_lock(&data->mutex);
    *stats = data->stats;
    pthread_mutex_unlock(&data->mutex);
}

static const oe_store_backend shuffle_backend = {.scheme = "shuffle",
                                                 .open = open_shuffle,
                                                 .submit = submit_shuffle,
                                                 .close = close_shuffle,
                                                 .scan_all = scan_shuffle,
                                                 .check = check_shuffle,
                                                 .stats = read_stats};

/* ---- The spec's side -----------------------------------------------------------------------
 */

shuffle_store *shuffle_store_new(uint64_t seed)
{
    shuffle_store *data = need(calloc(1, sizeof *data));
    data->random = seed * 2654435761u + 1;
    pthread_mutex_init(&data->mutex, NULL);
    pthread_cond_init(&data->changed, NULL);
    return data;
}

void shuffle_store_free(shuffle_store *data)
{
    if (data == NULL)
        return;
    for (size_t i = 0; i < data->generation_count; i++) {
        const oe_store_generation *row = &data->generations[i];
        const char *const owned[] = {row->hash.data, row->author.data, row->note.data,
                                     row->texts.data};
        for (size_t text = 0; text < sizeof owned / sizeof owned[0]; text++)
            free((void *)(uintptr_t)owned[text]);
    }
    free(data->generations);
    free_table(&data->customers);
    free_table(&data->metas);
    free_table(&data->operations);
    free(data->waiting.jobs);
    free(data->done.jobs);
    pthread_cond_destroy(&data->changed);
    pthread_mutex_destroy(&data->mutex);
    free(data);
}

void shuffle_store_use(shuffle_store *data, oe_store_options *options)
{
    options->backend = &shuffle_backend;
    options->backend_context = data;
    if (options->url == NULL)
        options->url = "shuffle:memory";
}

void shuffle_store_hold(shuffle_store *data, bool held)
{
    pthread_mutex_lock(&data->mutex);
    data->is_held = held;
    pthread_cond_signal(&data->changed);
    pthread_mutex_unlock(&data->mutex);
}

void shuffle_store_fail(shuffle_store *data, shuffle_fault fault, size_t count)
{
    pthread_mutex_lock(&data->mutex);
    data->fault = fault;
    data->faults_left = count;
    pthread_mutex_unlock(&data->mutex);
}
