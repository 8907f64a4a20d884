/* store_fixture.c: see store_fixture.h. */
#include "store_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void give_up(const char *what, const oe_error *error)
{
    fprintf(stderr, "store fixture: cannot %s: %s\n", what,
            error != NULL ? error->message : "no reason given");
    exit(1);
}

oe_store_options fixture_options(const store_fixture *fixture)
{
    oe_store_options options = {.url = fixture->path};
    if (fixture->data != NULL)
        shuffle_store_use(fixture->data, &options);
    return options;
}

static void open_store(store_fixture *fixture)
{
    oe_error error;
    oe_store_options options = fixture_options(fixture);
    if (oe_store_open(&options, &fixture->store, &error) != OE_OK)
        give_up("open", &error);
    fixture->port = oe_store_port_new(fixture->store);
    if (fixture->port == NULL)
        give_up("make a port", NULL);
}

void fixture_open(store_fixture *fixture, fixture_backend backend)
{
    *fixture = (store_fixture){.backend = backend};
    snprintf(fixture->folder, sizeof fixture->folder, "/tmp/oe_store_XXXXXX");
    if (mkdtemp(fixture->folder) == NULL)
        give_up("make a folder", NULL);
    snprintf(fixture->path, sizeof fixture->path, "%s/db", fixture->folder);
    if (backend == FIXTURE_SHUFFLE)
        fixture->data = shuffle_store_new(7);
    open_store(fixture);
}

void fixture_reopen(store_fixture *fixture)
{
    oe_store_port_free(fixture->port);
    oe_store_close(fixture->store);
    open_store(fixture);
}

void fixture_close(store_fixture *fixture)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
    oe_store_port_free(fixture->port);
    oe_store_close(fixture->store);
    shuffle_store_free(fixture->data);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char name[128];
        snprintf(name, sizeof name, "%s%s", fixture->path, suffixes[i]);
        unlink(name);
    }
    rmdir(fixture->folder);
}

oe_store_bytes fixture_bytes(const char *terminated)
{
    return (oe_store_bytes){terminated, terminated != NULL ? strlen(terminated) : 0};
}

static void render(store_answer *answer, oe_store_bytes bytes, const char *after)
{
    size_t used = strlen(answer->text);
    snprintf(answer->text + used, sizeof answer->text - used, "%.*s%s", (int)bytes.length,
             bytes.data != NULL ? bytes.data : "", after);
}

void fixture_keep(void *context, const oe_store_result *result)
{
    store_answer *answer = context;
    answer->deliveries++;
    answer->result = *result;
    answer->text[0] = '\0';
    for (size_t i = 0; i < result->customer_count; i++) {
        render(answer, result->customers[i].id, "=");
        render(answer, result->customers[i].body, ";");
        answer->result.revision = result->customers[i].revision;
    }
    render(answer, result->value, "");
    answer->result.customers = NULL;
    answer->result.value = (oe_store_bytes){NULL, 0};
}

store_answer fixture_call(store_fixture *fixture, oe_store_submission submission)
{
    store_answer answer = {.deliveries = 0};
    char operation_id[32];
    snprintf(operation_id, sizeof operation_id, "operation %u", ++fixture->operations_made);
    if (submission.operation_id.data == NULL)
        submission.operation_id = fixture_bytes(operation_id);
    submission.completion = fixture_keep;
    submission.context = &answer;
    oe_status status = oe_port_submit(fixture->port, &submission, &answer.result.error);
    if (status != OE_OK)
        answer.result.status = status;
    while (status == OE_OK && answer.deliveries == 0)
        oe_port_wait(fixture->port, -1);
    return answer;
}

store_answer fixture_put(store_fixture *fixture, const char *id, const char *body)
{
    oe_store_submission put = {.operation = OE_STORE_CUSTOMER_PUT,
                               .id = fixture_bytes(id),
                               .body = fixture_bytes(body)};
    return fixture_call(fixture, put);
}

long fixture_number(const char *variable, long fallback)
{
    const char *text = getenv(variable);
    return text != NULL && text[0] != '\0' ? strtol(text, NULL, 10) : fallback;
}
