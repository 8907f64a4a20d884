/* history.c: reads and writes generations and waits for the store. */
#include "server/history.h"

#include <string.h>

#include "codec/varint.h"
#include "engine/status.h"

enum { REPEATS_MAX = 4 }; /* of a write whose outcome is not known */

typedef struct asking {
    oe_status status;
    bool is_unknown;
    oe_kept_rules *kept; /* NULL: a write, or a value is asked */
    oe__buffer *value;   /* NULL: none is asked */
    oe_error *error;
} asking;

static void take(void *context, const oe_store_result *result)
{
    asking *self = context;
    self->status = result->status;
    self->is_unknown = result->outcome_unknown;
    if (result->status != OE_OK)
        *self->error = result->error;
    if (self->value != NULL)
        oe__buffer_add(self->value, result->value.data, result->value.length);
    if (self->kept == NULL || result->generation_count == 0)
        return;
    const oe_store_generation *found = &result->generations[0];
    self->kept->number = found->number;
    memcpy(self->kept->hash, found->hash.data, found->hash.length);
    self->kept->hash[found->hash.length] = '\0';
    oe__buffer_add(&self->kept->texts, found->texts.data, found->texts.length);
    if (self->kept->texts.failed)
        self->status = oe__fail(self->error, OE_E_MEMORY, "history: out of memory");
}

static oe_status submit(oe_store_port *port, oe_store_submission *submission, asking *self)
{
    submission->completion = take;
    submission->context = self;
    oe_status status = oe_port_submit(port, submission, self->error);
    if (status != OE_OK)
        return status;
    oe_port_finish(port);
    return self->status;
}

oe_status oe__history_get(oe_store_port *port, uint64_t number, oe_kept_rules *kept,
                          oe_error *error)
{
    *kept = (oe_kept_rules){0};
    asking self = {.kept = kept, .error = error};
    oe_store_submission submission = {.operation = OE_STORE_GENERATION_GET,
                                      .generation = {.number = number}};
    return submit(port, &submission, &self);
}

oe_status oe__history_put(oe_store_port *port, const oe_store_generation *generation,
                          oe_error *error)
{
    char operation[OE_STORE_OPERATION_ID_SIZE];
    oe_port_operation_id(port, operation);
    asking self = {.error = error};
    oe_store_submission submission = {.operation = OE_STORE_GENERATION_PUT,
                                      .operation_id = {operation, sizeof operation},
                                      .generation = *generation};
    oe_status status = submit(port, &submission, &self);
    for (int i = 0; i < REPEATS_MAX && status != OE_OK && self.is_unknown; i++)
        status = submit(port, &submission, &self);
    return status;
}

static void add_name(oe__buffer *names, const char *name)
{
    char length[OE_VARINT_MAX];
    size_t bytes = strlen(name);
    oe__buffer_add(names, length, (size_t)(oe__varint_put(length, bytes) - length));
    oe__buffer_add(names, name, bytes);
}

oe_status oe__history_name(oe_store_port *port, const oe_ruleset *ruleset, oe_error *error)
{
    oe__buffer names = {0}, key = {0};
    char operation[OE_STORE_OPERATION_ID_SIZE];
    oe_port_operation_id(port, operation);
    asking self = {.error = error};
    oe__buffer_add_text(&key, "products.");
    oe__buffer_add_text(&key, oe_ruleset_source(ruleset));
    for (size_t i = 0; i < oe_ruleset_count(ruleset, OE_PRODUCTS); i++)
        add_name(&names, oe_ruleset_product(ruleset, i)->id);
    oe_store_submission submission = {.operation = OE_STORE_META_PUT,
                                      .operation_id = {operation, sizeof operation},
                                      .id = {key.data, key.length},
                                      .body = {names.data, names.length}};
    oe_status status = names.failed || key.failed
                           ? oe__fail(error, OE_E_MEMORY, "history: out of memory")
                           : submit(port, &submission, &self);
    oe__buffer_free(&names);
    oe__buffer_free(&key);
    return status;
}

oe_status oe__history_names(oe_store_port *port, uint64_t number, oe__buffer *names,
                            oe_error *error)
{
    oe_kept_rules kept;
    oe__buffer key = {0};
    asking self = {.value = names, .error = error};
    oe_status status = oe__history_get(port, number, &kept, error);
    oe__buffer_free(&kept.texts);
    oe__buffer_add_text(&key, "products.");
    oe__buffer_add_text(&key, kept.hash);
    oe_store_submission submission = {.operation = OE_STORE_META_GET,
                                      .id = {key.data, key.length}};
    if (status == OE_OK)
        status = key.failed ? oe__fail(error, OE_E_MEMORY, "history: out of memory")
                            : submit(port, &submission, &self);
    if (status == OE_OK && names->failed)
        status = oe__fail(error, OE_E_MEMORY, "history: out of memory");
    oe__buffer_free(&key);
    return status;
}

static oe_status number_rules(oe_service *service, oe_store_port *port, oe_store_bytes texts,
                              oe_error *error)
{
    oe_kept_rules newest;
    const char *hash = oe_ruleset_source(service->current->ruleset);
    oe_status status = oe__history_get(port, 0, &newest, error);
    oe__buffer_free(&newest.texts);
    if (status != OE_OK && status != OE_E_NOT_FOUND)
        return status;
    bool is_same = status == OE_OK && strcmp(newest.hash, hash) == 0;
    service->current->number = newest.number + (is_same ? 0 : 1);
    if (is_same)
        return OE_OK;
    oe_store_generation generation = {.number = service->current->number,
                                      .at_ms = service->started_ms,
                                      .hash = {hash, strlen(hash)},
                                      .note = {"at the start", sizeof "at the start" - 1},
                                      .texts = texts};
    return oe__history_put(port, &generation, error);
}

oe_status oe__history_open(oe_service *service, oe_store_bytes texts, oe_error *error)
{
    oe_store_port *port = oe_store_port_new(service->store);
    if (port == NULL)
        return oe__fail(error, OE_E_MEMORY, "history: out of memory");
    oe_status status = oe__history_name(port, service->current->ruleset, error);
    if (status == OE_OK)
        status = number_rules(service, port, texts, error);
    oe_store_port_free(port);
    return status;
}
