/* operations_spec.c: every operation, the same cases through each backend: the contract of
 * store.h that no caller may need to know the backend for. */
#include "check.h"
#include "store_fixture.h"

/* A list of customers as "id=body;id=body;". */
typedef struct store_step {
    oe_store_operation operation;
    const char *operation_id; /* NULL: a fresh one */
    const char *id, *body;
    oe_store_put_mode mode;
    const char *batch; /* pairs "id=body;" */
    const char *after;
    size_t limit;
    /* expected */
    oe_status status;
    uint64_t created, replaced, deleted, count;
    bool repeated, more;
    const char *text;
} store_step;

enum { BATCH_MAX = 8 };

static size_t split_batch(const char *pairs, oe_store_customer customers[BATCH_MAX])
{
    size_t count = 0;
    while (pairs != NULL && *pairs != '\0' && count < BATCH_MAX) {
        size_t id = strcspn(pairs, "="), body = strcspn(pairs + id + 1, ";");
        customers[count++] =
            (oe_store_customer){.id = {pairs, id}, .body = {pairs + id + 1, body}};
        pairs += id + body + 2;
    }
    return count;
}

static store_answer take(store_fixture *fixture, const store_step *step)
{
    oe_store_customer customers[BATCH_MAX];
    oe_store_submission submission = {.operation = step->operation,
                                      .request_id = 42,
                                      .operation_id = fixture_bytes(step->operation_id),
                                      .id = fixture_bytes(step->id),
                                      .body = fixture_bytes(step->body),
                                      .mode = step->mode,
                                      .after = fixture_bytes(step->after),
                                      .limit = step->limit,
                                      .customers = customers};
    submission.customer_count = split_batch(step->batch, customers);
    return fixture_call(fixture, submission);
}

static void check_step(const store_answer *answer, const store_step *step)
{
    const oe_store_result *result = &answer->result;
    CHECK_INT(result->status, step->status);
    CHECK_INT(answer->deliveries, 1);
    CHECK_INT(result->request_id, 42);
    CHECK_INT(result->operation, step->operation);
    CHECK_INT(result->error.status, step->status);
    CHECK_INT(result->created, step->created);
    CHECK_INT(result->replaced, step->replaced);
    CHECK_INT(result->deleted, step->deleted);
    CHECK_INT(result->repeated, step->repeated);
    CHECK_INT(result->count, step->count);
    CHECK_INT(result->more, step->more);
    CHECK(!result->outcome_unknown);
    CHECK_TEXT(answer->text, step->text != NULL ? step->text : "");
    CHECK_INT(result->error.message[0] != '\0', step->status != OE_OK);
}

/* Runs the steps on each backend, each in its own empty store. */
static void run_steps(const store_step *steps, size_t count)
{
    for (int backend = 0; backend < FIXTURE_BACKEND_COUNT; backend++) {
        store_fixture fixture;
        fixture_open(&fixture, (fixture_backend)backend);
        for (size_t i = 0; i < count; i++) {
            int before = check__tally.failures_here;
            store_answer answer = take(&fixture, &steps[i]);
            check_step(&answer, &steps[i]);
            if (check__tally.failures_here != before)
                printf("    in step %zu on backend %d: %s\n", i, backend,
                       answer.result.error.message);
        }
        CHECK_INT(oe_store_check(fixture.store, NULL), OE_OK);
        fixture_close(&fixture);
    }
}

#define STEPS(steps) run_steps((steps), sizeof(steps) / sizeof(steps)[0])

static void it_tells_created_from_replaced(void)
{
    static const store_step steps[] = {
        {OE_STORE_CUSTOMER_PUT, .id = "a", .body = "1", .created = 1},
        {OE_STORE_CUSTOMER_PUT, .id = "a", .body = "2", .replaced = 1},
        {OE_STORE_CUSTOMER_GET, .id = "a", .text = "a=2;"},
        {OE_STORE_CUSTOMER_GET, .id = "A", .status = OE_E_NOT_FOUND},
        {OE_STORE_CUSTOMER_PUT, .id = "a", .body = "3", .mode = OE_STORE_PUT_CREATE,
         .status = OE_E_CONFLICT},
        {OE_STORE_CUSTOMER_PUT, .id = "b", .body = "3", .mode = OE_STORE_PUT_REPLACE,
         .status = OE_E_NOT_FOUND},
        {OE_STORE_CUSTOMER_PUT, .id = "b", .body = "4", .mode = OE_STORE_PUT_CREATE,
         .created = 1},
        {OE_STORE_CUSTOMER_PUT, .id = "a", .body = "5", .mode = OE_STORE_PUT_REPLACE,
         .replaced = 1},
        {OE_STORE_CUSTOMER_SCAN, .limit = 10, .text = "a=5;b=4;"},
    };
    STEPS(steps);
}

static void it_tells_whether_a_deleted_customer_existed(void)
{
    static const store_step steps[] = {
        {OE_STORE_CUSTOMER_DELETE, .id = "a"},
        {OE_STORE_CUSTOMER_PUT, .id = "a", .body = "1", .created = 1},
        {OE_STORE_CUSTOMER_DELETE, .id = "a", .deleted = 1},
        {OE_STORE_CUSTOMER_DELETE, .id = "a"},
        {OE_STORE_CUSTOMER_GET, .id = "a", .status = OE_E_NOT_FOUND},
        {OE_STORE_CUSTOMER_COUNT, .count = 0},
    };
    STEPS(steps);
}

static void it_writes_a_batch_whole_or_not_at_all(void)
{
    static const store_step steps[] = {
        {OE_STORE_CUSTOMER_PUT, .id = "b", .body = "1", .created = 1},
        {OE_STORE_CUSTOMER_BATCH, .batch = "a=2;b=2;c=2;", .created = 2, .replaced = 1},
        {OE_STORE_CUSTOMER_BATCH, .batch = "d=3;a=3;e=3;", .mode = OE_STORE_PUT_CREATE,
         .status = OE_E_CONFLICT},
        {OE_STORE_CUSTOMER_BATCH, .batch = "a=4;z=4;", .mode = OE_STORE_PUT_REPLACE,
         .status = OE_E_NOT_FOUND},
        {OE_STORE_CUSTOMER_BATCH, .batch = "x=4;x=5;", .mode = OE_STORE_PUT_CREATE,
         .status = OE_E_CONFLICT},
        {OE_STORE_CUSTOMER_SCAN, .limit = 10, .text = "a=2;b=2;c=2;"},
        {OE_STORE_CUSTOMER_BATCH, .batch = "f=6;f=7;", .created = 1, .replaced = 1},
        {OE_STORE_CUSTOMER_SCAN, .after = "c", .limit = 10, .text = "f=7;"},
        {OE_STORE_CUSTOMER_COUNT, .count = 4},
    };
    STEPS(steps);
}

/* Sent without waiting in between, so that most share a transaction. */
static void it_undoes_a_failed_batch_and_nothing_beside_it(void)
{
    enum { PAIRS = 50 };
    static store_answer puts[PAIRS], batches[PAIRS];
    char ids[PAIRS][8];
    oe_store_customer both[2] = {{.body = fixture_bytes("2")},
                                 {.id = fixture_bytes("there"), .body = fixture_bytes("2")}};
    store_fixture fixture;
    fixture_open(&fixture, FIXTURE_SQLITE);
    fixture_put(&fixture, "there", "1");
    for (size_t i = 0; i < PAIRS; i++) {
        char operation[2][OE_STORE_OPERATION_ID_SIZE];
        oe_store_submission put = {.operation = OE_STORE_CUSTOMER_PUT,
                                   .completion = fixture_keep,
                                   .context = &puts[i],
                                   .operation_id = {operation[0], sizeof operation[0]},
                                   .body = fixture_bytes("1")};
        oe_store_submission batch = {.operation = OE_STORE_CUSTOMER_BATCH,
                                     .completion = fixture_keep,
                                     .context = &batches[i],
                                     .operation_id = {operation[1], sizeof operation[1]},
                                     .mode = OE_STORE_PUT_CREATE,
                                     .customers = both,
                                     .customer_count = 2};
        oe_port_operation_id(fixture.port, operation[0]);
        oe_port_operation_id(fixture.port, operation[1]);
        snprintf(ids[i], sizeof ids[i], "p%zu", i);
        put.id = fixture_bytes(ids[i]);
        both[0].id = fixture_bytes("new");
        CHECK_INT(oe_port_submit(fixture.port, &put, NULL), OE_OK);
        CHECK_INT(oe_port_submit(fixture.port, &batch, NULL), OE_OK);
    }
    oe_port_finish(fixture.port);
    for (size_t i = 0; i < PAIRS; i++) {
        CHECK_INT(puts[i].result.status, OE_OK);
        CHECK_INT(batches[i].result.status, OE_E_CONFLICT);
    }
    oe_store_submission count = {.operation = OE_STORE_CUSTOMER_COUNT};
    CHECK_INT(fixture_call(&fixture, count).result.count, PAIRS + 1);
    fixture_close(&fixture);
}

static void it_scans_in_bytewise_order_by_pages(void)
{
    static const store_step steps[] = {
        {OE_STORE_CUSTOMER_SCAN, .limit = 1},
        {OE_STORE_CUSTOMER_BATCH, .batch = "b=1;B=2;\xc3\xa9=3;a=4;ab=5;", .created = 5},
        {OE_STORE_CUSTOMER_SCAN, .limit = 2, .text = "B=2;a=4;", .more = true},
        {OE_STORE_CUSTOMER_SCAN, .after = "a", .limit = 2, .text = "ab=5;b=1;", .more = true},
        {OE_STORE_CUSTOMER_SCAN, .after = "b", .limit = 1, .text = "\xc3\xa9=3;"},
        {OE_STORE_CUSTOMER_SCAN, .after = "b", .limit = 2, .text = "\xc3\xa9=3;"},
        {OE_STORE_CUSTOMER_SCAN, .after = "\xc3\xa9", .limit = 2},
        {OE_STORE_CUSTOMER_SCAN, .after = "aa", .limit = 1, .text = "ab=5;", .more = true},
    };
    STEPS(steps);
}

static void it_does_a_repeated_write_once(void)
{
    static const store_step steps[] = {
        {OE_STORE_CUSTOMER_PUT, "one", .id = "a", .body = "1", .created = 1},
        {OE_STORE_CUSTOMER_DELETE, "two", .id = "a", .deleted = 1},
        {OE_STORE_CUSTOMER_PUT, "one", .id = "a", .body = "1", .created = 1, .repeated = true},
        {OE_STORE_CUSTOMER_GET, .id = "a", .status = OE_E_NOT_FOUND},
        {OE_STORE_CUSTOMER_DELETE, "two", .id = "a", .deleted = 1, .repeated = true},
        {OE_STORE_CUSTOMER_PUT, "four", .id = "b", .body = "1", .created = 1},
        {OE_STORE_CUSTOMER_PUT, "four", .id = "b", .body = "2", .status = OE_E_CONFLICT},
        {OE_STORE_CUSTOMER_DELETE, "four", .id = "b", .status = OE_E_CONFLICT},
        {OE_STORE_CUSTOMER_BATCH, "three", .batch = "x=1;y=1;", .created = 2},
        {OE_STORE_CUSTOMER_BATCH, "three", .batch = "x=1;y=1;", .created = 2, .repeated = true},
        {OE_STORE_CUSTOMER_BATCH, "three", .batch = "x=1;y=2;", .status = OE_E_CONFLICT},
        {OE_STORE_CUSTOMER_COUNT, .count = 3},
    };
    STEPS(steps);
}

static void it_tries_a_failed_write_anew(void)
{
    static const store_step steps[] = {
        {OE_STORE_CUSTOMER_PUT, "one", .id = "a", .body = "1", .mode = OE_STORE_PUT_REPLACE,
         .status = OE_E_NOT_FOUND},
        {OE_STORE_CUSTOMER_PUT, "two", .id = "a", .body = "1", .created = 1},
        {OE_STORE_CUSTOMER_PUT, "one", .id = "a", .body = "1", .mode = OE_STORE_PUT_REPLACE,
         .replaced = 1},
    };
    STEPS(steps);
}

static void it_keeps_meta_values(void)
{
    static const store_step steps[] = {
        {OE_STORE_META_GET, .id = "k", .status = OE_E_NOT_FOUND},
        {OE_STORE_META_PUT, .id = "k", .body = "v"},
        {OE_STORE_META_GET, .id = "k", .text = "v"},
        {OE_STORE_META_PUT, .id = "k", .body = ""},
        {OE_STORE_META_GET, .id = "k", .text = ""},
        {OE_STORE_CUSTOMER_GET, .id = "k", .status = OE_E_NOT_FOUND},
        {OE_STORE_CUSTOMER_COUNT, .count = 0},
    };
    STEPS(steps);
}

static void it_remembers_that_it_held_a_customer(void)
{
    for (int backend = 0; backend < FIXTURE_BACKEND_COUNT; backend++) {
        store_fixture fixture;
        fixture_open(&fixture, (fixture_backend)backend);
        oe_store_submission count = {.operation = OE_STORE_CUSTOMER_COUNT};
        fixture_call(&fixture, (oe_store_submission){.operation = OE_STORE_CUSTOMER_DELETE,
                                                     .id = fixture_bytes("a")});
        CHECK(!fixture_call(&fixture, count).result.ever_held);
        fixture_put(&fixture, "a", "1");
        CHECK(fixture_call(&fixture, count).result.ever_held);
        fixture_call(&fixture, (oe_store_submission){.operation = OE_STORE_CUSTOMER_DELETE,
                                                     .id = fixture_bytes("a")});
        fixture_reopen(&fixture);
        CHECK(fixture_call(&fixture, count).result.ever_held);
        CHECK_INT(fixture_call(&fixture, count).result.count, 0);
        fixture_close(&fixture);
    }
}

static void it_raises_the_revision_with_every_write_to_a_customer(void)
{
    for (int backend = 0; backend < FIXTURE_BACKEND_COUNT; backend++) {
        store_fixture fixture;
        fixture_open(&fixture, (fixture_backend)backend);
        oe_store_submission remove = {.operation = OE_STORE_CUSTOMER_DELETE,
                                      .id = fixture_bytes("a")};
        oe_store_submission get = {.operation = OE_STORE_CUSTOMER_GET,
                                   .id = fixture_bytes("a")};
        int64_t created = fixture_put(&fixture, "a", "1").result.revision;
        int64_t replaced = fixture_put(&fixture, "a", "1").result.revision;
        CHECK_INT(fixture_call(&fixture, get).result.revision, replaced);
        fixture_reopen(&fixture);
        int64_t deleted = fixture_call(&fixture, remove).result.revision;
        int64_t again = fixture_put(&fixture, "a", "1").result.revision;
        CHECK(0 < created && created < replaced);
        CHECK(replaced < deleted && deleted < again);
        fixture_close(&fixture);
    }
}

static void it_writes_only_over_the_expected_revision(void)
{
    for (int backend = 0; backend < FIXTURE_BACKEND_COUNT; backend++) {
        store_fixture fixture;
        fixture_open(&fixture, (fixture_backend)backend);
        oe_store_submission put = {.operation = OE_STORE_CUSTOMER_PUT,
                                   .id = fixture_bytes("a"),
                                   .body = fixture_bytes("2")};
        oe_store_submission remove = {.operation = OE_STORE_CUSTOMER_DELETE,
                                      .id = fixture_bytes("a")};
        put.if_revision = remove.if_revision = 1;
        CHECK_INT(fixture_call(&fixture, put).result.status, OE_E_NOT_FOUND);
        CHECK_INT(fixture_call(&fixture, remove).result.status, OE_E_NOT_FOUND);
        int64_t first = fixture_put(&fixture, "a", "1").result.revision;
        put.if_revision = first;
        int64_t second = fixture_call(&fixture, put).result.revision;
        CHECK_INT(fixture_call(&fixture, put).result.status, OE_E_CONFLICT);
        remove.if_revision = first;
        CHECK_INT(fixture_call(&fixture, remove).result.status, OE_E_CONFLICT);
        remove.if_revision = second;
        CHECK_INT(fixture_call(&fixture, remove).result.deleted, 1);
        fixture_close(&fixture);
    }
}

static void it_names_the_row_of_a_batch_that_failed(void)
{
    for (int backend = 0; backend < FIXTURE_BACKEND_COUNT; backend++) {
        store_fixture fixture;
        fixture_open(&fixture, (fixture_backend)backend);
        fixture_put(&fixture, "b", "1");
        oe_store_customer customers[3] = {{.id = {"a", 1}, .body = {"2", 1}},
                                          {.id = {"b", 1}, .body = {"2", 1}},
                                          {.id = {"c", 1}, .body = {"2", 1}}};
        oe_store_submission batch = {.operation = OE_STORE_CUSTOMER_BATCH,
                                     .mode = OE_STORE_PUT_CREATE,
                                     .customers = customers,
                                     .customer_count = 3};
        CHECK_INT(fixture_call(&fixture, batch).result.error.position, 2);
        customers[2].id.length = 0;
        store_answer refused = fixture_call(&fixture, batch);
        CHECK_INT(refused.result.status, OE_E_INVALID);
        CHECK_INT(refused.result.error.position, 3);
        CHECK_INT(refused.deliveries, 0);
        fixture_close(&fixture);
    }
}

static void it_ends_a_page_early_rather_than_hold_much_memory(void)
{
    static char body[OE_STORE_BODY_MAX + 1];
    memset(body, 'x', OE_STORE_BODY_MAX);
    for (int backend = 0; backend < FIXTURE_BACKEND_COUNT; backend++) {
        store_fixture fixture;
        fixture_open(&fixture, (fixture_backend)backend);
        for (int i = 0; i < 6; i++)
            fixture_put(&fixture, (char[]){(char)('a' + i), 0}, body);
        oe_store_submission scan = {.operation = OE_STORE_CUSTOMER_SCAN, .limit = 10};
        store_answer page = fixture_call(&fixture, scan);
        size_t first = page.result.customer_count;
        char last[] = {(char)('a' + first - 1), 0};
        scan.after = fixture_bytes(last);
        CHECK_INT(page.result.more, first < 6);
        CHECK_INT(fixture_call(&fixture, scan).result.customer_count, 6 - first);
        CHECK_INT(first, backend == FIXTURE_SQLITE ? 4 : 6);
        fixture_close(&fixture);
    }
}

static bool append_row(void *context, const oe_store_customer *customer)
{
    char *text = context;
    size_t used = strlen(text);
    snprintf(text + used, 256 - used, "%.*s=%.*s;", (int)customer->id.length, customer->id.data,
             (int)customer->body.length, customer->body.data);
    return used == 0;
}

static void it_scans_everything_until_told_to_stop(void)
{
    for (int backend = 0; backend < FIXTURE_BACKEND_COUNT; backend++) {
        store_fixture fixture;
        char text[256] = "";
        fixture_open(&fixture, (fixture_backend)backend);
        CHECK_INT(oe_store_scan_all(fixture.store, append_row, text, NULL), OE_OK);
        CHECK_TEXT(text, "");
        fixture_put(&fixture, "a", "1");
        fixture_put(&fixture, "b", "2");
        fixture_put(&fixture, "c", "3");
        CHECK_INT(oe_store_scan_all(fixture.store, append_row, text, NULL), OE_OK);
        CHECK_TEXT(text, "a=1;b=2;");
        fixture_close(&fixture);
    }
}

static void it_finds_everything_again_after_reopening(void)
{
    for (int backend = 0; backend < FIXTURE_BACKEND_COUNT; backend++) {
        store_fixture fixture;
        fixture_open(&fixture, (fixture_backend)backend);
        static const char body[] = "{\"age\":32,\"name\":\"\xe2\x82\xac\"}";
        oe_store_submission put = {.operation = OE_STORE_CUSTOMER_PUT,
                                   .operation_id = fixture_bytes("kept"),
                                   .id = fixture_bytes("a"),
                                   .body = fixture_bytes(body)};
        fixture_call(&fixture, put);
        fixture_reopen(&fixture);
        oe_store_submission get = {.operation = OE_STORE_CUSTOMER_GET,
                                   .id = fixture_bytes("a")};
        CHECK_TEXT(fixture_call(&fixture, get).text,
                   "a={\"age\":32,\"name\":\"\xe2\x82\xac\"};");
        CHECK(fixture_call(&fixture, put).result.repeated);
        fixture_close(&fixture);
    }
}

int main(void)
{
    RUN("tells created from replaced", it_tells_created_from_replaced);
    RUN("tells whether a deleted customer existed",
        it_tells_whether_a_deleted_customer_existed);
    RUN("writes a batch whole or not at all", it_writes_a_batch_whole_or_not_at_all);
    RUN("undoes a batch that failed and nothing beside it",
        it_undoes_a_failed_batch_and_nothing_beside_it);
    RUN("scans in bytewise order by pages", it_scans_in_bytewise_order_by_pages);
    RUN("does a repeated write once", it_does_a_repeated_write_once);
    RUN("tries a failed write anew", it_tries_a_failed_write_anew);
    RUN("keeps meta values", it_keeps_meta_values);
    RUN("remembers that it held a customer", it_remembers_that_it_held_a_customer);
    RUN("raises the revision with every write to a customer",
        it_raises_the_revision_with_every_write_to_a_customer);
    RUN("writes only over the expected revision", it_writes_only_over_the_expected_revision);
    RUN("names the row of a batch that failed", it_names_the_row_of_a_batch_that_failed);
    RUN("ends a page early rather than hold much memory",
        it_ends_a_page_early_rather_than_hold_much_memory);
    RUN("scans everything until told to stop", it_scans_everything_until_told_to_stop);
    RUN("finds everything again after reopening", it_finds_everything_again_after_reopening);
    return check_report();
}
