/* job.c: what a submission may look like, its copy, and the filling of its result. Knows
 * neither ports nor backends. */
#include "codec/record.h"
#include "engine/status.h"
#include "engine/text.h"
#include "store/backend.h"
#include "store/hash.h"

#include <stdlib.h>
#include <string.h>

/* Of a block's bytes: it begins with an id that no other block has. */
enum { BLOCK_DIGESTED = 256 };

static const int64_t time_max_ms = 253402300800000; /* the year 10000 */

bool oe__store_is_write(oe_store_operation operation)
{
    return operation < OE_STORE_CUSTOMER_GET;
}

static oe_status check_id(oe_store_bytes id, const char *what, oe_error *error)
{
    if (id.data == NULL || !oe__text_is_id(id.data, id.length))
        return oe__fail(error, OE_E_INVALID,
                        "store: %s must be 1 to %d bytes of UTF-8 without control characters",
                        what, OE_STORE_ID_MAX);
    return OE_OK;
}

static oe_status check_body(oe_store_bytes body, size_t least, const char *what,
                            oe_error *error)
{
    if (body.length < least || body.length > OE_STORE_BODY_MAX ||
        (body.data == NULL && body.length > 0))
        return oe__fail(error, OE_E_INVALID, "store: %s has %zu bytes, allowed are %zu to %d",
                        what, body.length, least, OE_STORE_BODY_MAX);
    return OE_OK;
}

static oe_status check_batch(const oe_store_submission *request, oe_error *error)
{
    size_t count = request->customer_count, bytes = 0;
    if (request->customers == NULL || count < 1 || count > OE_STORE_BATCH_MAX)
        return oe__fail(error, OE_E_INVALID,
                        "store: batch of %zu customers, allowed are 1 to %d", count,
                        OE_STORE_BATCH_MAX);
    for (size_t i = 0; i < count; i++) {
        const oe_store_customer *customer = &request->customers[i];
        oe_status status = check_id(customer->id, "customer id", error);
        if (status == OE_OK)
            status = check_body(customer->body, 1, "customer body", error);
        if (status != OE_OK && error != NULL)
            error->position = (int64_t)i + 1;
        if (status != OE_OK)
            return status;
        bytes += customer->id.length + customer->body.length;
    }
    if (bytes > OE_STORE_OUTSTANDING_BYTES / 2)
        return oe__fail(error, OE_E_INVALID, "store: batch of %zu bytes, allowed are %d", bytes,
                        OE_STORE_OUTSTANDING_BYTES / 2);
    return OE_OK;
}

static oe_status check_generation(const oe_store_generation *generation, oe_error *error)
{
    size_t author = generation->author.length, note = generation->note.length;
    size_t texts = generation->texts.length;
    if (generation->number < 1 || generation->number > INT64_MAX)
        return oe__fail(error, OE_E_INVALID, "store: generation numbers start at 1");
    if (author > OE_STORE_LABEL_MAX || note > OE_STORE_LABEL_MAX)
        return oe__fail(error, OE_E_INVALID,
                        "store: author and note have at most %d bytes each",
                        OE_STORE_LABEL_MAX);
    if (texts < 1 || texts > OE_STORE_TEXTS_MAX)
        return oe__fail(error, OE_E_INVALID, "store: texts of %zu bytes, allowed are 1 to %d",
                        texts, OE_STORE_TEXTS_MAX);
    return check_id(generation->hash, "hash", error);
}

static oe_status check_outcome(const oe_store_outcome *outcome, oe_error *error)
{
    oe_status status = check_id(outcome->product, "product id", error);
    if (status == OE_OK && outcome->channel.length > 0)
        status = check_id(outcome->channel, "channel", error);
    if (status == OE_OK && ((unsigned)outcome->outcome >= OE_OUTCOME_COUNT ||
                            outcome->at_ms < 0 || outcome->at_ms > time_max_ms))
        status = oe__fail(error, OE_E_INVALID, "store: outcome %d or its time is none",
                          (int)outcome->outcome);
    return status;
}

static oe_status check_outcomes(const oe_store_submission *request, oe_error *error)
{
    size_t count = request->outcome_count;
    if (request->outcomes == NULL || count < 1 || count > OE_STORE_OUTCOMES_MAX ||
        request->id.length > OE_STORE_ID_MAX || request->member.length > OE_STORE_ID_MAX)
        return oe__fail(error, OE_E_INVALID, "store: %zu outcomes, allowed are 1 to %d", count,
                        OE_STORE_OUTCOMES_MAX);
    for (size_t i = 0; i < count; i++) {
        oe_status status = check_outcome(&request->outcomes[i], error);
        if (status != OE_OK && error != NULL)
            error->position = (int64_t)i + 1;
        if (status != OE_OK)
            return status;
    }
    return OE_OK;
}

static oe_status check_run(const oe_store_submission *request, oe_error *error)
{
    if (request->run.number < 1 || request->run.number > INT64_MAX)
        return oe__fail(error, OE_E_INVALID, "store: numbers of runs start at 1");
    oe_status status = check_body(request->run.text, 1, "text of a run", error);
    return status == OE_OK ? check_body(request->body, 0, "block of records", error) : status;
}

static oe_status check_write(const oe_store_submission *request, oe_error *error)
{
    size_t length = request->operation_id.length;
    if (request->operation_id.data == NULL || length < 1 || length > OE_STORE_OPERATION_ID_MAX)
        return oe__fail(error, OE_E_ARGUMENT,
                        "store: operation id of %zu bytes, a write needs 1 to %d", length,
                        OE_STORE_OPERATION_ID_MAX);
    if ((unsigned)request->mode >= OE_STORE_PUT_MODE_COUNT || request->if_revision < 0)
        return oe__fail(error, OE_E_ARGUMENT, "store: put mode %d or if_revision is none",
                        (int)request->mode);
    if (request->operation == OE_STORE_CUSTOMER_BATCH)
        return check_batch(request, error);
    if (request->operation == OE_STORE_GENERATION_PUT)
        return check_generation(&request->generation, error);
    if (request->operation == OE_STORE_JOURNAL_APPEND)
        return check_body(request->body, 1, "block of records", error);
    if (request->operation == OE_STORE_JOURNAL_FORGET)
        return OE_OK;
    if (request->operation == OE_STORE_RUN_PUT)
        return check_run(request, error);
    if (request->operation == OE_STORE_OUTCOMES_PUT)
        return check_outcomes(request, error);
    bool is_meta = request->operation == OE_STORE_META_PUT;
    bool may_be_empty = is_meta || request->operation == OE_STORE_CONSENT_PUT;
    oe_status status = check_id(request->id, is_meta ? "meta key" : "customer id", error);
    if (status != OE_OK || request->operation == OE_STORE_CUSTOMER_DELETE ||
        request->operation == OE_STORE_JOURNAL_ERASE)
        return status;
    return check_body(request->body, may_be_empty ? 0 : 1,
                      is_meta ? "meta value" : "customer body", error);
}

oe_status oe__submission_check(const oe_store_submission *request, oe_error *error)
{
    if ((unsigned)request->operation >= OE_STORE_OPERATION_COUNT || request->completion == NULL)
        return oe__fail(error, OE_E_ARGUMENT,
                        "store: operation %d is none, or has no completion",
                        (int)request->operation);
    if (oe__store_is_write(request->operation))
        return check_write(request, error);
    bool is_list = request->operation == OE_STORE_GENERATION_LIST;
    if (request->operation == OE_STORE_CUSTOMER_COUNT ||
        request->operation == OE_STORE_OUTCOME_COUNT ||
        request->operation == OE_STORE_GENERATION_GET)
        return OE_OK;
    if (request->operation == OE_STORE_JOURNAL_GET)
        return request->id.length == OE_RECORD_ID_SIZE
                   ? OE_OK
                   : oe__fail(error, OE_E_INVALID, "store: a decision's id has %d bytes",
                              OE_RECORD_ID_SIZE);
    if (request->operation != OE_STORE_CUSTOMER_SCAN && !is_list) {
        oe_status status = check_id(request->id, "id", error);
        if (status != OE_OK || request->operation != OE_STORE_OUTCOME_LIST)
            return status;
        is_list = true;
    }
    if (request->limit < 1 || request->limit > OE_STORE_SCAN_MAX)
        return oe__fail(error, OE_E_INVALID, "store: limit %zu, allowed are 1 to %d",
                        request->limit, OE_STORE_SCAN_MAX);
    return is_list || request->after.length == 0 ? OE_OK
                                                 : check_id(request->after, "cursor", error);
}

size_t oe__submission_bytes(const oe_store_submission *request)
{
    size_t bytes = request->operation_id.length + request->id.length + request->body.length +
                   request->after.length + request->run.text.length;
    const oe_store_generation *generation = &request->generation;
    bytes += generation->hash.length + generation->author.length + generation->note.length +
             generation->texts.length;
    if (request->operation == OE_STORE_OUTCOMES_PUT) {
        bytes += request->member.length + request->outcome_count * sizeof *request->outcomes;
        for (size_t i = 0; i < request->outcome_count; i++)
            bytes += request->outcomes[i].product.length + request->outcomes[i].channel.length;
    }
    if (request->operation != OE_STORE_CUSTOMER_BATCH)
        return bytes;
    for (size_t i = 0; i < request->customer_count; i++)
        bytes += request->customers[i].id.length + request->customers[i].body.length;
    return bytes + request->customer_count * sizeof *request->customers;
}

/* Moves what `bytes` points at to *to, which advances. */
static void move_in(oe_store_bytes *bytes, char **to)
{
    if (bytes->length > 0)
        memcpy(*to, bytes->data, bytes->length);
    bytes->data = *to;
    *to += bytes->length;
}

static void move_in_customers(oe_store_submission *request, oe_store_customer *to, char **text)
{
    for (size_t i = 0; i < request->customer_count; i++) {
        to[i] = request->customers[i];
        move_in(&to[i].id, text);
        move_in(&to[i].body, text);
    }
    request->customers = to;
}

static void move_in_outcomes(oe_store_submission *request, oe_store_outcome *to, char **text)
{
    for (size_t i = 0; i < request->outcome_count; i++) {
        to[i] = request->outcomes[i];
        move_in(&to[i].product, text);
        move_in(&to[i].channel, text);
    }
    request->outcomes = to;
    move_in(&request->member, text);
}

static void move_in_generation(oe_store_generation *generation, char **text)
{
    move_in(&generation->hash, text);
    move_in(&generation->author, text);
    move_in(&generation->note, text);
    move_in(&generation->texts, text);
}

static void digest_generation(oe__sha256 *hash, const oe_store_generation *generation)
{
    oe__sha256_add(hash, &generation->number, sizeof generation->number);
    oe__sha256_add(hash, &generation->at_ms, sizeof generation->at_ms);
    oe__sha256_add_piece(hash, generation->hash.data, generation->hash.length);
    oe__sha256_add_piece(hash, generation->author.data, generation->author.length);
    oe__sha256_add_piece(hash, generation->note.data, generation->note.length);
    oe__sha256_add_piece(hash, generation->texts.data, generation->texts.length);
}

static void digest_outcome(oe__sha256 *hash, const oe_store_outcome *outcome)
{
    int64_t numbers[] = {outcome->outcome, outcome->at_ms, outcome->has_value};
    oe__sha256_add(hash, outcome->decision, sizeof outcome->decision);
    oe__sha256_add(hash, numbers, sizeof numbers);
    oe__sha256_add(hash, &outcome->value, sizeof outcome->value);
    oe__sha256_add_piece(hash, outcome->product.data, outcome->product.length);
    oe__sha256_add_piece(hash, outcome->channel.data, outcome->channel.length);
}

/* The content that a repeated operation id must repeat too. */
static oe_status digest_request(oe__store_job *job)
{
    const oe_store_submission *request = &job->request;
    unsigned char whole[OE__SHA256_SIZE];
    int64_t numbers[] = {(int64_t)request->operation, (int64_t)request->mode,
                         request->if_revision};
    oe__sha256 *hash = oe__sha256_new();
    oe__sha256_add(hash, numbers, sizeof numbers);
    oe__sha256_add_piece(hash, request->id.data, request->id.length);
    size_t body = request->body.length;
    if (request->operation == OE_STORE_JOURNAL_APPEND && body > BLOCK_DIGESTED)
        body = BLOCK_DIGESTED;
    oe__sha256_add_piece(hash, request->body.data, body);
    if (request->operation == OE_STORE_RUN_PUT) {
        oe__sha256_add(hash, &request->run.number, sizeof request->run.number);
        oe__sha256_add_piece(hash, request->run.text.data, request->run.text.length);
    }
    for (size_t i = 0; i < request->customer_count; i++) {
        const oe_store_customer *customer = &request->customers[i];
        oe__sha256_add_piece(hash, customer->id.data, customer->id.length);
        oe__sha256_add_piece(hash, customer->body.data, customer->body.length);
    }
    for (size_t i = 0; i < request->outcome_count; i++)
        digest_outcome(hash, &request->outcomes[i]);
    if (request->operation == OE_STORE_GENERATION_PUT)
        digest_generation(hash, &request->generation);
    oe_status status = oe__sha256_finish(hash, whole);
    memcpy(job->digest, whole, sizeof job->digest);
    return status;
}

oe_status oe__job_new(const oe_store_submission *request, oe__store_job **out, oe_error *error)
{
    size_t bytes = oe__submission_bytes(request);
    oe__store_job *job = malloc(sizeof *job + bytes);
    if (job == NULL)
        return oe__fail(error, OE_E_MEMORY, "store: memory is out");
    *job = (oe__store_job){.request = *request, .bytes = bytes};
    oe_store_submission *own = &job->request;
    char *to = (char *)(job + 1);
    if (request->operation == OE_STORE_CUSTOMER_BATCH) {
        oe_store_customer *customers = (oe_store_customer *)(job + 1);
        to += own->customer_count * sizeof *customers;
        move_in_customers(own, customers, &to);
    } else {
        own->customers = NULL;
        own->customer_count = 0;
    }
    if (request->operation == OE_STORE_OUTCOMES_PUT) {
        oe_store_outcome *outcomes = (oe_store_outcome *)(job + 1);
        to += own->outcome_count * sizeof *outcomes;
        move_in_outcomes(own, outcomes, &to);
    } else {
        own->outcomes = NULL;
        own->outcome_count = 0;
        own->member = (oe_store_bytes){NULL, 0};
    }
    move_in(&own->operation_id, &to);
    move_in(&own->id, &to);
    move_in(&own->body, &to);
    move_in(&own->after, &to);
    move_in(&own->run.text, &to);
    move_in_generation(&own->generation, &to);
    oe__job_clear(job);
    if (oe__store_is_write(own->operation) && digest_request(job) != OE_OK) {
        oe__job_free(job);
        return oe__fail(error, OE_E_MEMORY, "store: memory is out");
    }
    *out = job;
    return OE_OK;
}

void oe__job_free(oe__store_job *job)
{
    if (job == NULL)
        return;
    oe__arena_free(&job->arena);
    free(job);
}

void oe__job_clear(oe__store_job *job)
{
    job->result = (oe_store_result){.status = OE_OK,
                                    .error = {.status = OE_OK, .position = -1},
                                    .operation = job->request.operation,
                                    .request_id = job->request.request_id};
}

void oe__job_fail(oe__store_job *job, const oe_error *error)
{
    oe__job_clear(job);
    job->result.status = error->status;
    job->result.error = *error;
}

oe_status oe__job_expect_customers(oe__store_job *job, size_t count)
{
    job->result.customers = oe__arena_array(&job->arena, count, sizeof(oe_store_customer));
    job->result.customer_count = 0;
    return job->result.customers != NULL ? OE_OK : OE_E_MEMORY;
}

oe_status oe__job_add_customer(oe__store_job *job, const oe_store_customer *customer)
{
    char *id = oe__arena_text(&job->arena, customer->id.data, customer->id.length);
    char *body = oe__arena_text(&job->arena, customer->body.data, customer->body.length);
    if (id == NULL || body == NULL)
        return OE_E_MEMORY;
    /* The array is the job's own; only its readers see it as constant. */
    oe_store_customer *rows = (oe_store_customer *)(uintptr_t)job->result.customers;
    rows[job->result.customer_count++] =
        (oe_store_customer){.id = {id, customer->id.length},
                            .body = {body, customer->body.length},
                            .revision = customer->revision};
    return OE_OK;
}

oe_status oe__job_expect_generations(oe__store_job *job, size_t count)
{
    job->result.generations = oe__arena_array(&job->arena, count, sizeof(oe_store_generation));
    job->result.generation_count = 0;
    return job->result.generations != NULL ? OE_OK : OE_E_MEMORY;
}

static bool keep(oe__store_job *job, oe_store_bytes *bytes)
{
    bytes->data = oe__arena_text(&job->arena, bytes->data, bytes->length);
    return bytes->data != NULL;
}

oe_status oe__job_add_generation(oe__store_job *job, const oe_store_generation *generation)
{
    oe_store_generation *rows = (oe_store_generation *)(uintptr_t)job->result.generations;
    oe_store_generation *row = &rows[job->result.generation_count];
    *row = *generation;
    if (!keep(job, &row->hash) || !keep(job, &row->author) || !keep(job, &row->note) ||
        !keep(job, &row->texts))
        return OE_E_MEMORY;
    job->result.generation_count++;
    return OE_OK;
}

oe_status oe__job_expect_outcomes(oe__store_job *job, size_t count)
{
    job->result.outcomes = oe__arena_array(&job->arena, count, sizeof(oe_store_outcome));
    job->result.outcome_count = 0;
    return job->result.outcomes != NULL ? OE_OK : OE_E_MEMORY;
}

oe_status oe__job_add_outcome(oe__store_job *job, const oe_store_outcome *outcome)
{
    oe_store_outcome *rows = (oe_store_outcome *)(uintptr_t)job->result.outcomes;
    oe_store_outcome *row = &rows[job->result.outcome_count];
    *row = *outcome;
    if (!keep(job, &row->product) || !keep(job, &row->channel) || !keep(job, &row->customer) ||
        !keep(job, &row->decided_channel) || !keep(job, &row->campaign))
        return OE_E_MEMORY;
    job->result.outcome_count++;
    return OE_OK;
}

oe_status oe__job_set_value(oe__store_job *job, oe_store_bytes value)
{
    char *copy = oe__arena_text(&job->arena, value.data, value.length);
    if (copy == NULL)
        return OE_E_MEMORY;
    job->result.value = (oe_store_bytes){copy, value.length};
    return OE_OK;
}
