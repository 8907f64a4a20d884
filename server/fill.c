/* fill.c: samples into the store if need be, then the store into the population. */
#include "server/fill.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/profile.h"
#include "engine/arena.h"
#include "engine/status.h"
#include "lua/records.h"
#include "server/log.h"

enum { SAMPLES_MAX = 10000, FILE_BYTES = 4096 };

/* ---- Samples ---- */

typedef struct sampling {
    oe_service *service;
    oe_error *error;
    oe_lua_stream *stream;
    oe_lua_chunk chunk;
    oe_lua_reading reading;
    oe__arena arena;
    oe_store_customer *customers;
    size_t count;
    oe_store_port *port;
    oe_status status; /* of the write */
} sampling;

static oe_status out_of_memory(oe_error *error)
{
    return oe__fail(error, OE_E_MEMORY, "samples: out of memory");
}

static oe_store_bytes keep(oe__arena *arena, const char *bytes, size_t length)
{
    return (oe_store_bytes){oe__arena_text(arena, bytes, length), length};
}

static oe_status keep_sample(sampling *self)
{
    if (self->count == SAMPLES_MAX)
        return oe__fail(self->error, OE_E_LIMIT, "samples: more than %d customers",
                        SAMPLES_MAX);
    size_t length = 0;
    const char *id = oe_profile_id(self->reading.profile, &length);
    oe__buffer body = {0};
    oe__profile_write(&body, self->reading.profile);
    oe_store_customer *customer = &self->customers[self->count++];
    customer->id = keep(&self->arena, id, length);
    if (!body.failed)
        customer->body = keep(&self->arena, body.data, body.length);
    oe__buffer_free(&body);
    if (customer->id.data == NULL || customer->body.data == NULL)
        return out_of_memory(self->error);
    return OE_OK;
}

static oe_status refuse_sample(sampling *self, int64_t row)
{
    oe__buffer text = {0};
    oe_lua_reading_explain(&self->reading, row, &text);
    oe_status status = oe__fail(self->error, OE_E_INVALID, "samples: %.*s",
                                text.failed ? 0 : (int)text.length, text.data);
    oe__buffer_free(&text);
    return status;
}

static oe_status read_samples(sampling *self)
{
    for (;;) {
        oe_status status = oe_lua_stream_next(self->stream, &self->chunk, self->error);
        if (status != OE_OK || self->chunk.count == 0)
            return status;
        for (size_t i = 0; i < self->chunk.count; i++) {
            status = oe_lua_record_read(self->stream, &self->chunk, i, &self->reading);
            if (status == OE_E_MEMORY)
                return out_of_memory(self->error);
            status = status == OE_OK ? keep_sample(self)
                                     : refuse_sample(self, self->chunk.records[i].row);
            if (status != OE_OK)
                return status;
        }
    }
}

static void note_written(void *context, const oe_store_result *result)
{
    sampling *self = context;
    self->status = result->status;
    if (result->status != OE_OK)
        *self->error = result->error;
}

static oe_status store_samples(sampling *self)
{
    char operation[OE_STORE_OPERATION_ID_SIZE];
    oe_port_operation_id(self->port, operation);
    oe_store_submission submission = {.operation = OE_STORE_CUSTOMER_BATCH,
                                      .at_ms = oe__service_now_ms(),
                                      .completion = note_written,
                                      .context = self,
                                      .operation_id = {operation, sizeof operation},
                                      .customers = self->customers,
                                      .customer_count = self->count};
    oe_status status = oe_port_submit(self->port, &submission, self->error);
    if (status != OE_OK)
        return status;
    oe_port_finish(self->port);
    return self->status;
}

static oe_status take_samples(sampling *self, const char *path)
{
    oe_lua_stream_options options = {
        .path = path, .format = OE_LUA_CSV, .ruleset = self->service->current->ruleset};
    self->reading.profile = oe_profile_new(self->service->current->ruleset);
    self->customers = oe__arena_array(&self->arena, SAMPLES_MAX, sizeof *self->customers);
    if (self->reading.profile == NULL || self->customers == NULL)
        return out_of_memory(self->error);
    oe_status status = oe_lua_stream_open(&options, &self->stream, self->error);
    if (status == OE_E_NOT_FOUND)
        return OE_OK;
    if (status == OE_OK)
        status = read_samples(self);
    if (status == OE_OK && self->count > 0)
        status = store_samples(self);
    if (status == OE_OK)
        oe__log(OE_LOG_INFO, "samples_imported",
                "customers=%zu reason=\"the database never held a customer\"", self->count);
    return status;
}

static oe_status fill_store(oe_service *service, oe_store_port *port, oe_error *error)
{
    char path[FILE_BYTES];
    int length = snprintf(path, sizeof path, "%s/samples/customers.csv", service->config.rules);
    if (length < 0 || (size_t)length >= sizeof path)
        return oe__fail(error, OE_E_INVALID, "rules: the folder's name is too long");
    sampling self = {.service = service, .error = error, .port = port};
    oe_status status = take_samples(&self, path);
    oe_lua_stream_close(self.stream);
    oe_lua_chunk_free(&self.chunk);
    oe_lua_reading_free(&self.reading);
    oe__arena_free(&self.arena);
    return status;
}

/* ---- Whether there ever was a customer ---- */

typedef struct counting {
    oe_status status;
    oe_error *error;
    bool ever_held;
} counting;

static void note_count(void *context, const oe_store_result *result)
{
    counting *self = context;
    self->status = result->status;
    self->ever_held = result->ever_held;
    if (result->status != OE_OK)
        *self->error = result->error;
}

static oe_status fill_new_store(oe_service *service, oe_error *error)
{
    counting self = {.error = error};
    oe_store_port *port = oe_store_port_new(service->store);
    if (port == NULL)
        return out_of_memory(error);
    oe_store_submission submission = {
        .operation = OE_STORE_CUSTOMER_COUNT, .completion = note_count, .context = &self};
    oe_status status = oe_port_submit(port, &submission, error);
    if (status == OE_OK) {
        oe_port_finish(port);
        status = self.status;
    }
    if (status == OE_OK && !self.ever_held)
        status = fill_store(service, port, error);
    oe_store_port_free(port);
    return status;
}

/* ---- Population ---- */

typedef struct filling {
    oe_service *service;
    oe_profile *profile;
    oe_read_report report;
    oe_error *error;
    oe_status status;
} filling;

static bool put_row(void *context, const oe_store_customer *customer)
{
    filling *self = context;
    oe_profile_clear(self->profile);
    oe_status status = oe_profile_read(self->profile, customer->body.data,
                                       customer->body.length, &self->report, NULL);
    if (status == OE_OK)
        status = oe_population_put(self->service->population, self->profile, NULL, self->error);
    else if (status != OE_E_MEMORY) {
        atomic_fetch_add(&self->service->skipped, 1);
        return true;
    }
    if (status == OE_E_MEMORY)
        self->status = oe__fail(self->error, OE_E_MEMORY, "population: out of memory");
    return status != OE_E_MEMORY;
}

static oe_status fill_population(oe_service *service, oe_error *error)
{
    filling self = {.service = service, .error = error};
    self.profile = oe_profile_new(service->current->ruleset);
    if (self.profile == NULL)
        return oe__fail(error, OE_E_MEMORY, "population: out of memory");
    oe_population_begin(service->population);
    oe_status status = oe_store_scan_all(service->store, put_row, &self, error);
    oe_population_commit(service->population);
    oe_profile_free(self.profile);
    size_t skipped = atomic_load(&service->skipped);
    if (skipped > 0)
        oe__log(OE_LOG_WARNING, "customers_left_out",
                "count=%zu reason=\"the schema of the rules does not take them\"", skipped);
    return status == OE_OK ? self.status : status;
}

oe_status oe__fill(oe_service *service, oe_error *error)
{
    oe_status status = service->config.samples ? fill_new_store(service, error) : OE_OK;
    return status == OE_OK ? fill_population(service, error) : status;
}
