/* import_job.c: two passes over the text: check every line, then store batch by batch. */
#include "server/import_job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/profile.h"
#include "engine/status.h"
#include "lua/records.h"
#include "server/faults.h"

enum {
    BATCH_BYTES_MAX = 32 * 1024 * 1024,
    SHOWN_AT_ONCE = 256, /* customers that the population takes while other writers wait */
};

typedef struct batch_row {
    size_t id_end, body_end; /* in `ids` and `bodies` */
} batch_row;

typedef struct importing {
    oe_import_job *job;
    oe_lua_stream *stream;
    oe_lua_chunk chunk;
    oe_lua_reading reading;
    oe_store_port *port;
    oe__faults faults;
    /* The batch at hand. */
    oe__buffer ids, bodies;
    batch_row *rows; /* OE_STORE_BATCH_MAX of them */
    oe_store_customer *customers;
    size_t count;
    oe_status written;
} importing;

static oe_status out_of_memory(importing *self)
{
    return oe__fail(&self->job->error, OE_E_MEMORY, "import: out of memory");
}

/* ---- Reading the text twice ---- */

typedef oe_status take_line(importing *self, oe_status status, int64_t row);

static oe_status open_stream(importing *self)
{
    char path[32];
    (void)snprintf(path, sizeof path, "/dev/fd/%d", self->job->spool);
    oe_lua_stream_options options = {
        .path = path, .format = OE_LUA_NDJSON, .ruleset = self->job->rules->ruleset};
    return oe_lua_stream_open(&options, &self->stream, &self->job->error);
}

static oe_status read_all(importing *self, take_line *take)
{
    oe_import_job *job = self->job;
    oe_status status = open_stream(self);
    while (status == OE_OK) {
        status = oe_lua_stream_next(self->stream, &self->chunk, &job->error);
        if (status == OE_OK && self->chunk.count == 0)
            break;
        if (status == OE_OK && atomic_load(&job->service->is_stopping))
            status = oe__fail(&job->error, OE_E_CLOSED, "import: the service is stopping");
        for (size_t i = 0; status == OE_OK && i < self->chunk.count; i++) {
            oe_status found = oe_lua_record_read(self->stream, &self->chunk, i, &self->reading);
            status = found == OE_E_MEMORY ? out_of_memory(self)
                                          : take(self, found, self->chunk.records[i].row);
        }
    }
    oe_lua_stream_close(self->stream);
    self->stream = NULL;
    return status;
}

/* ---- First pass ---- */

static oe_status check_line(importing *self, oe_status status, int64_t row)
{
    if (status == OE_OK || self->job->bad++ >= OE_IMPORT_BAD_KEPT)
        return OE_OK;
    const oe_read_report *report = &self->reading.report;
    if (status == OE_E_INVALID && report->fault_count > 0)
        oe__faults_add_report(&self->faults, report, (uint64_t)row);
    else
        oe__faults_add_line(&self->faults, (uint64_t)row, self->reading.error.message,
                            "json_malformed");
    return self->faults.json.failed ? out_of_memory(self) : OE_OK;
}

/* ---- Second pass ---- */

static oe_store_bytes piece(const oe__buffer *buffer, size_t start, size_t end)
{
    return (oe_store_bytes){buffer->data + start, end - start};
}

/* Points at what the buffers hold, which moves no more. */
static void cut_batch(importing *self)
{
    batch_row start = {0, 0};
    for (size_t i = 0; i < self->count; i++) {
        self->customers[i].id = piece(&self->ids, start.id_end, self->rows[i].id_end);
        self->customers[i].body = piece(&self->bodies, start.body_end, self->rows[i].body_end);
        start = self->rows[i];
    }
}

static void withdraw(importing *self, size_t count)
{
    for (size_t i = 0; i < count; i++)
        oe__mirror_withdraw(self->job->service->mirror, self->customers[i].id.data,
                            self->customers[i].id.length);
}

/* Backwards: of equal ids the last is what the store kept, and the mirror keeps the first it
 * sees of one revision. */
static void show_batch(importing *self, int64_t revision)
{
    oe_mirror *mirror = self->job->service->mirror;
    oe_read_report *report = &self->reading.report;
    for (size_t left = self->count; left > 0;) {
        size_t stop = left > SHOWN_AT_ONCE ? left - SHOWN_AT_ONCE : 0;
        oe__mirror_begin(mirror);
        while (left > stop) {
            oe_store_bytes body = self->customers[--left].body;
            (void)oe_profile_read(self->reading.profile, body.data, body.length, report, NULL);
            if (oe__mirror_put(mirror, self->reading.profile, revision, &self->job->error) !=
                OE_OK)
                self->written = OE_E_MEMORY;
        }
        oe__mirror_commit(mirror);
    }
}

static void take_batch(void *context, const oe_store_result *result)
{
    importing *self = context;
    oe_import_job *job = self->job;
    self->written = result->status;
    if (result->status != OE_OK) {
        job->error = result->error;
        withdraw(self, self->count);
        return;
    }
    job->stored += self->count;
    job->created += result->created;
    job->replaced += result->replaced;
    show_batch(self, result->revision);
}

static oe_status announce(importing *self)
{
    for (size_t i = 0; i < self->count; i++) {
        oe_store_bytes id = self->customers[i].id;
        if (oe__mirror_announce(self->job->service->mirror, id.data, id.length))
            continue;
        withdraw(self, i);
        return out_of_memory(self);
    }
    return OE_OK;
}

static oe_status store_batch(importing *self)
{
    char operation[OE_STORE_OPERATION_ID_SIZE];
    if (self->count == 0)
        return OE_OK;
    cut_batch(self);
    oe_status status = announce(self);
    if (status != OE_OK)
        return status;
    oe_port_operation_id(self->port, operation);
    oe_store_submission submission = {.operation = OE_STORE_CUSTOMER_BATCH,
                                      .at_ms = oe__service_now_ms(),
                                      .completion = take_batch,
                                      .context = self,
                                      .operation_id = {operation, sizeof operation},
                                      .customers = self->customers,
                                      .customer_count = self->count};
    status = oe_port_submit(self->port, &submission, &self->job->error);
    if (status == OE_OK) {
        oe_port_finish(self->port);
        status = self->written;
    } else {
        withdraw(self, self->count);
    }
    self->count = self->ids.length = self->bodies.length = 0;
    return status;
}

static oe_status keep_line(importing *self, oe_status status, int64_t row)
{
    (void)row;
    if (status != OE_OK)
        return OE_OK;
    size_t length = 0;
    const char *id = oe_profile_id(self->reading.profile, &length);
    self->job->undeclared += self->reading.report.undeclared;
    self->job->unknown_products += self->reading.report.unknown_products;
    oe__buffer_add(&self->ids, id, length);
    oe__profile_write(&self->bodies, self->reading.profile);
    if (self->ids.failed || self->bodies.failed)
        return out_of_memory(self);
    self->rows[self->count++] = (batch_row){self->ids.length, self->bodies.length};
    bool is_full = self->count == OE_STORE_BATCH_MAX ||
                   self->ids.length + self->bodies.length > BATCH_BYTES_MAX;
    return is_full ? store_batch(self) : OE_OK;
}

static oe_status store_all(importing *self)
{
    self->rows = calloc(OE_STORE_BATCH_MAX, sizeof *self->rows);
    self->customers = calloc(OE_STORE_BATCH_MAX, sizeof *self->customers);
    self->port = oe_store_port_new(self->job->service->store);
    if (self->rows == NULL || self->customers == NULL || self->port == NULL)
        return out_of_memory(self);
    oe_status status = read_all(self, keep_line);
    return status == OE_OK ? store_batch(self) : status;
}

/* ---- The whole ---- */

/* Customers that came in by rules that others have followed since. */
static void catch_up(oe_import_job *job)
{
    oe_generation *newest = oe__service_generation(job->service);
    bool is_behind = newest != job->rules;
    oe__generation_free(newest);
    if (is_behind && oe_population_refresh(job->service->population, &job->error) != OE_OK)
        job->status = OE_E_MEMORY;
}

void oe__import_run(oe_import_job *job)
{
    importing self = {.job = job};
    self.reading.profile = oe_profile_new(job->rules->ruleset);
    job->status =
        self.reading.profile != NULL ? read_all(&self, check_line) : out_of_memory(&self);
    if (job->status == OE_OK && (job->bad == 0 || job->skip_bad))
        job->status = store_all(&self);
    if (job->stored > 0)
        catch_up(job);
    if (self.faults.count > 0)
        oe__buffer_add_char(&self.faults.json, ']');
    job->faults = self.faults.json;
    if (job->faults.failed)
        job->status = out_of_memory(&self);
    oe_store_port_free(self.port);
    free(self.rows);
    free(self.customers);
    oe__buffer_free(&self.ids);
    oe__buffer_free(&self.bodies);
    oe_lua_chunk_free(&self.chunk);
    oe_lua_reading_free(&self.reading);
}

void oe__import_free(oe_import_job *job)
{
    oe__buffer_free(&job->faults);
    oe__generation_free(job->rules);
}
