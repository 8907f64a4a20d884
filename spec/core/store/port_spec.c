/* port_spec.c: ports: what a submission may be, bounds, delivery, faults, and the end with work
 * outstanding; on each backend, but for what only the shuffling one can be made to do. */
#include "check.h"
#include "store_fixture.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

enum { MANY = 300 };

/* What came back for a row of numbered writes. */
typedef struct tally {
    int delivered[MANY];
    oe_status status[MANY];
    bool unknown[MANY];
    uint64_t order[MANY]; /* request ids as they were delivered */
    int count;
    pthread_t thread;
    bool is_foreign; /* some callback ran on another thread */
} tally;

static void tally_result(void *context, const oe_store_result *result)
{
    tally *all = context;
    all->delivered[result->request_id]++;
    all->status[result->request_id] = result->status;
    all->unknown[result->request_id] = result->outcome_unknown;
    all->order[all->count++ % MANY] = result->request_id;
    all->is_foreign = all->is_foreign || !pthread_equal(all->thread, pthread_self());
}

/* Puts customer "C<number>" with its number as the body. */
static oe_status submit_put(oe_store_port *port, int number, tally *all, oe_error *error)
{
    char id[32], body[32], operation_id[OE_STORE_OPERATION_ID_SIZE];
    snprintf(id, sizeof id, "C%d", number);
    snprintf(body, sizeof body, "%d", number);
    oe_port_operation_id(port, operation_id);
    oe_store_submission put = {.operation = OE_STORE_CUSTOMER_PUT,
                               .completion = tally_result,
                               .context = all,
                               .request_id = (uint64_t)number,
                               .operation_id = {operation_id, sizeof operation_id},
                               .id = fixture_bytes(id),
                               .body = fixture_bytes(body)};
    return oe_port_submit(port, &put, error);
}

static tally *new_tally(void)
{
    tally *all = calloc(1, sizeof *all);
    if (all == NULL)
        abort();
    all->thread = pthread_self();
    return all;
}

static bool is_stored(store_fixture *fixture, int number)
{
    char id[32];
    snprintf(id, sizeof id, "C%d", number);
    oe_store_submission get = {.operation = OE_STORE_CUSTOMER_GET, .id = fixture_bytes(id)};
    return fixture_call(fixture, get).result.status == OE_OK;
}

static uint64_t stored_count(store_fixture *fixture)
{
    oe_store_submission count = {.operation = OE_STORE_CUSTOMER_COUNT};
    return fixture_call(fixture, count).result.count;
}

/* ---- What a submission may be --------------------------------------------------------------
 */

static char *text_of(size_t length)
{
    char *text = malloc(length + 1);
    if (text == NULL)
        abort();
    memset(text, 'x', length);
    text[length] = '\0';
    return text;
}

static void it_takes_sizes_up_to_the_bounds(void)
{
    static const struct {
        oe_store_operation operation;
        size_t id, body, operation_id, limit;
        oe_status status;
    } cases[] = {
        {OE_STORE_CUSTOMER_PUT, 1, 1, 1, 0, OE_OK},
        {OE_STORE_CUSTOMER_PUT, 128, 1, 64, 0, OE_OK},
        {OE_STORE_CUSTOMER_PUT, 0, 1, 1, 0, OE_E_INVALID},
        {OE_STORE_CUSTOMER_PUT, 129, 1, 1, 0, OE_E_INVALID},
        {OE_STORE_CUSTOMER_PUT, 1, 0, 1, 0, OE_E_INVALID},
        {OE_STORE_CUSTOMER_PUT, 1, OE_STORE_BODY_MAX, 1, 0, OE_OK},
        {OE_STORE_CUSTOMER_PUT, 1, OE_STORE_BODY_MAX + 1, 1, 0, OE_E_INVALID},
        {OE_STORE_CUSTOMER_PUT, 1, 1, 0, 0, OE_E_ARGUMENT},
        {OE_STORE_CUSTOMER_PUT, 1, 1, 65, 0, OE_E_ARGUMENT},
        {OE_STORE_CUSTOMER_DELETE, 1, 0, 1, 0, OE_OK},
        {OE_STORE_CUSTOMER_DELETE, 1, 0, 0, 0, OE_E_ARGUMENT},
        {OE_STORE_META_PUT, 1, 0, 1, 0, OE_OK},
        {OE_STORE_META_PUT, 129, 0, 1, 0, OE_E_INVALID},
        {OE_STORE_META_PUT, 1, OE_STORE_BODY_MAX + 1, 1, 0, OE_E_INVALID},
        {OE_STORE_META_GET, 0, 0, 0, 0, OE_E_INVALID},
        {OE_STORE_CUSTOMER_GET, 129, 0, 0, 0, OE_E_INVALID},
        {OE_STORE_CUSTOMER_SCAN, 0, 0, 0, 0, OE_E_INVALID},
        {OE_STORE_CUSTOMER_SCAN, 0, 0, 0, 1, OE_OK},
        {OE_STORE_CUSTOMER_SCAN, 0, 0, 0, OE_STORE_SCAN_MAX, OE_OK},
        {OE_STORE_CUSTOMER_SCAN, 0, 0, 0, OE_STORE_SCAN_MAX + 1, OE_E_INVALID},
        {OE_STORE_CUSTOMER_BATCH, 0, 0, 1, 0, OE_E_INVALID},
        {OE_STORE_CUSTOMER_COUNT, 0, 0, 0, 0, OE_OK},
        {OE_STORE_OPERATION_COUNT, 1, 1, 1, 1, OE_E_ARGUMENT},
    };
    char *text = text_of(OE_STORE_BODY_MAX + 1);
    for (int backend = 0; backend < FIXTURE_BACKEND_COUNT; backend++) {
        store_fixture fixture;
        fixture_open(&fixture, (fixture_backend)backend);
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            store_answer answer = {.deliveries = 0};
            text[0] = (char)('a' + i); /* another operation id */
            oe_store_submission submission = {.operation = cases[i].operation,
                                              .completion = fixture_keep,
                                              .context = &answer,
                                              .operation_id = {text, cases[i].operation_id},
                                              .id = {text, cases[i].id},
                                              .body = {text, cases[i].body},
                                              .limit = cases[i].limit};
            oe_error error = {.status = OE_OK};
            CHECK_INT(oe_port_submit(fixture.port, &submission, &error), cases[i].status);
            oe_port_finish(fixture.port);
            CHECK_INT(answer.deliveries, cases[i].status == OE_OK);
            CHECK_INT(error.status, cases[i].status);
        }
        fixture_close(&fixture);
    }
    free(text);
}

static void it_makes_operation_ids_that_differ(void)
{
    enum { IDS = 200 };
    store_fixture fixture;
    char ids[IDS][OE_STORE_OPERATION_ID_SIZE];
    fixture_open(&fixture, FIXTURE_SHUFFLE);
    oe_store_port *other = oe_store_port_new(fixture.store);
    int equal = 0;
    for (int i = 0; i < IDS; i++) {
        oe_port_operation_id(i % 2 == 0 ? fixture.port : other, ids[i]);
        for (int j = 0; j < i; j++)
            equal += memcmp(ids[i], ids[j], sizeof ids[i]) == 0;
    }
    CHECK_INT(equal, 0);
    oe_store_port_free(other);
    fixture_close(&fixture);
}

/* ---- Bounds and delivery -------------------------------------------------------------------
 */

static void it_is_busy_when_too_much_is_outstanding(void)
{
    for (int backend = 0; backend < FIXTURE_BACKEND_COUNT; backend++) {
        store_fixture fixture;
        fixture_open(&fixture, (fixture_backend)backend);
        oe_store_port_free(fixture.port);
        oe_store_close(fixture.store);
        oe_store_options options = fixture_options(&fixture);
        options.outstanding_max = 3;
        CHECK_INT(oe_store_open(&options, &fixture.store, NULL), OE_OK);
        fixture.port = oe_store_port_new(fixture.store);
        tally *all = new_tally();
        oe_error error;
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 3; i++)
                CHECK_INT(submit_put(fixture.port, 10 * round + i, all, &error), OE_OK);
            CHECK_INT(submit_put(fixture.port, 10 * round + 3, all, &error), OE_E_LIMIT);
            CHECK_INT(oe_port_outstanding(fixture.port), 3);
            oe_port_finish(fixture.port);
            CHECK_INT(oe_port_outstanding(fixture.port), 0);
        }
        CHECK_INT(all->count, 6);
        CHECK_INT(all->delivered[3], 0);
        CHECK_INT(stored_count(&fixture), 6);
        free(all);
        fixture_close(&fixture);
    }
}

static void it_is_busy_when_too_many_bytes_are_outstanding(void)
{
    store_fixture fixture;
    fixture_open(&fixture, FIXTURE_SHUFFLE);
    shuffle_store_hold(fixture.data, true);
    char *body = text_of(OE_STORE_BODY_MAX);
    store_answer answer = {.deliveries = 0};
    oe_store_submission put = {.operation = OE_STORE_META_PUT,
                               .completion = fixture_keep,
                               .context = &answer,
                               .operation_id = {"o", 1},
                               .id = {"k", 1},
                               .body = {body, OE_STORE_BODY_MAX}};
    int accepted = 0;
    while (accepted < 100 && oe_port_submit(fixture.port, &put, NULL) == OE_OK)
        accepted++;
    CHECK_INT(accepted, 63); /* the ids count too, so that a sixty-fourth does not fit */
    put.body.length = 1000;
    CHECK_INT(oe_port_submit(fixture.port, &put, NULL), OE_OK);
    shuffle_store_hold(fixture.data, false);
    oe_port_finish(fixture.port);
    CHECK_INT(answer.deliveries, 64);
    free(body);
    fixture_close(&fixture);
}

static bool is_readable(const oe_store_port *port, int timeout_ms)
{
    struct pollfd ready = {.fd = oe_port_fd(port), .events = POLLIN};
    return poll(&ready, 1, timeout_ms) == 1;
}

static void it_is_readable_while_completions_wait(void)
{
    for (int backend = 0; backend < FIXTURE_BACKEND_COUNT; backend++) {
        store_fixture fixture;
        fixture_open(&fixture, (fixture_backend)backend);
        tally *all = new_tally();
        CHECK(!is_readable(fixture.port, 0));
        CHECK_INT(oe_port_drain(fixture.port), 0);
        CHECK_INT(oe_port_wait(fixture.port, -1), 0);
        for (int i = 0; i < 3; i++) {
            submit_put(fixture.port, i, all, NULL);
            CHECK(is_readable(fixture.port, -1));
            CHECK(is_readable(fixture.port, -1));
            CHECK_INT(all->count, i);
            CHECK_INT(oe_port_drain(fixture.port), 1);
            CHECK(!is_readable(fixture.port, 0));
        }
        free(all);
        fixture_close(&fixture);
    }
}

static void it_waits_no_longer_than_told(void)
{
    store_fixture fixture;
    fixture_open(&fixture, FIXTURE_SHUFFLE);
    shuffle_store_hold(fixture.data, true);
    tally *all = new_tally();
    submit_put(fixture.port, 0, all, NULL);
    CHECK_INT(oe_port_wait(fixture.port, 0), 0);
    CHECK_INT(oe_port_wait(fixture.port, 5), 0);
    CHECK_INT(oe_port_outstanding(fixture.port), 1);
    shuffle_store_hold(fixture.data, false);
    CHECK_INT(oe_port_wait(fixture.port, -1), 1);
    free(all);
    fixture_close(&fixture);
}

static void it_delivers_each_once_in_any_order_on_the_callers_thread(void)
{
    for (int backend = 0; backend < FIXTURE_BACKEND_COUNT; backend++) {
        store_fixture fixture;
        fixture_open(&fixture, (fixture_backend)backend);
        tally *all = new_tally();
        int in_place = 0;
        for (int i = 0; i < MANY; i++)
            CHECK_INT(submit_put(fixture.port, i, all, NULL), OE_OK);
        oe_port_finish(fixture.port);
        for (int i = 0; i < MANY; i++) {
            CHECK_INT(all->delivered[i], 1);
            CHECK_INT(all->status[i], OE_OK);
            in_place += all->order[i] == (uint64_t)i;
        }
        CHECK(!all->is_foreign);
        CHECK(backend == FIXTURE_SQLITE || in_place < MANY / 2);
        CHECK_INT(stored_count(&fixture), MANY);
        free(all);
        fixture_close(&fixture);
    }
}

typedef struct chain {
    oe_store_port *port;
    tally *all;
    int left;
    oe_status last;
} chain;

static void submit_next(void *context, const oe_store_result *result)
{
    chain *links = context;
    oe_store_submission count = {
        .operation = OE_STORE_CUSTOMER_COUNT, .completion = submit_next, .context = links};
    links->last = result->status;
    if (links->left-- > 0)
        links->last = oe_port_submit(links->port, &count, NULL);
}

static void it_lets_a_callback_submit(void)
{
    for (int backend = 0; backend < FIXTURE_BACKEND_COUNT; backend++) {
        store_fixture fixture;
        fixture_open(&fixture, (fixture_backend)backend);
        chain links = {.port = fixture.port, .left = 10};
        submit_next(&links, &(oe_store_result){.status = OE_OK});
        oe_port_finish(fixture.port);
        CHECK_INT(links.left, -1);
        CHECK_INT(links.last, OE_OK);
        fixture_close(&fixture);
    }
}

static void it_fails_one_write_of_many_alone(void)
{
    for (int backend = 0; backend < FIXTURE_BACKEND_COUNT; backend++) {
        store_fixture fixture;
        fixture_open(&fixture, (fixture_backend)backend);
        store_answer answers[50] = {{.deliveries = 0}};
        fixture_put(&fixture, "taken", "1");
        for (int i = 0; i < 50; i++) {
            char id[32];
            snprintf(id, sizeof id, "C%d", i);
            oe_store_submission put = {.operation = OE_STORE_CUSTOMER_PUT,
                                       .completion = fixture_keep,
                                       .context = &answers[i],
                                       .operation_id = fixture_bytes(id),
                                       .id = fixture_bytes(i % 5 == 0 ? "taken" : id),
                                       .body = fixture_bytes("2"),
                                       .mode = OE_STORE_PUT_CREATE};
            CHECK_INT(oe_port_submit(fixture.port, &put, NULL), OE_OK);
        }
        oe_port_finish(fixture.port);
        for (int i = 0; i < 50; i++)
            CHECK_INT(answers[i].result.status, i % 5 == 0 ? OE_E_CONFLICT : OE_OK);
        CHECK_INT(stored_count(&fixture), 41);
        CHECK_INT(oe_store_check(fixture.store, NULL), OE_OK);
        fixture_close(&fixture);
    }
}

static void it_learns_a_lost_outcome_by_repeating(void)
{
    static const struct {
        shuffle_fault fault;
        bool unknown, repeated;
    } cases[] = {{SHUFFLE_FAULT_REFUSED, false, false}, {SHUFFLE_FAULT_LOST, true, true}};
    for (size_t i = 0; i < 2; i++) {
        store_fixture fixture;
        fixture_open(&fixture, FIXTURE_SHUFFLE);
        oe_store_submission put = {.operation = OE_STORE_CUSTOMER_PUT,
                                   .operation_id = {"same", 4},
                                   .id = {"a", 1},
                                   .body = {"1", 1}};
        shuffle_store_fail(fixture.data, cases[i].fault, 1);
        store_answer first = fixture_call(&fixture, put);
        CHECK_INT(first.result.status, OE_E_IO);
        CHECK_INT(first.result.outcome_unknown, cases[i].unknown);
        store_answer second = fixture_call(&fixture, put);
        CHECK_INT(second.result.status, OE_OK);
        CHECK_INT(second.result.created, 1);
        CHECK_INT(second.result.repeated, cases[i].repeated);
        fixture_close(&fixture);
    }
}

static void submit_meta(store_fixture *fixture, int number, store_answer *answer)
{
    char operation_id[32];
    snprintf(operation_id, sizeof operation_id, "operation number %d", number);
    oe_store_submission put = {.operation = OE_STORE_META_PUT,
                               .completion = fixture_keep,
                               .context = answer,
                               .operation_id = fixture_bytes(operation_id),
                               .id = {"k", 1}};
    while (oe_port_submit(fixture->port, &put, NULL) == OE_E_LIMIT)
        oe_port_wait(fixture->port, -1);
}

static void it_remembers_the_newest_operations_and_no_more(void)
{
    enum { EXTRA = 10 };
    static const struct {
        int number;
        bool repeated;
    } cases[] = {{EXTRA, true}, {EXTRA - 1, false}, {EXTRA, false}, {EXTRA + 2, true}};
    store_fixture fixture;
    store_answer answer = {.deliveries = 0};
    fixture_open(&fixture, FIXTURE_SQLITE);
    for (int i = 0; i < OE_STORE_OPERATIONS_KEPT + EXTRA; i++)
        submit_meta(&fixture, i, &answer);
    oe_port_finish(fixture.port);
    CHECK_INT(answer.deliveries, OE_STORE_OPERATIONS_KEPT + EXTRA);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        submit_meta(&fixture, cases[i].number, &answer);
        oe_port_finish(fixture.port);
        CHECK_INT(answer.result.repeated, cases[i].repeated);
    }
    fixture_close(&fixture);
}

/* ---- The end -------------------------------------------------------------------------------
 */

/* Frees a port with MANY writes outstanding and compares what it said with what is stored. */
static void free_outstanding(store_fixture *fixture, tally *all)
{
    for (int i = 0; i < MANY; i++)
        CHECK_INT(submit_put(fixture->port, i, all, NULL), OE_OK);
    oe_store_port_free(fixture->port);
    CHECK_INT(all->count, MANY);
    if (fixture->data != NULL)
        shuffle_store_hold(fixture->data, false);
    fixture->port = NULL;
    fixture_reopen(fixture);
    for (int i = 0; i < MANY; i++) {
        CHECK_INT(all->delivered[i], 1);
        bool stored = is_stored(fixture, i);
        if (all->status[i] == OE_OK)
            CHECK(stored);
        else
            CHECK_INT(all->status[i], OE_E_CLOSED);
        if (all->status[i] != OE_OK && !all->unknown[i])
            CHECK(!stored);
    }
}

static void it_tells_every_outstanding_write_when_a_port_is_freed(void)
{
    for (int backend = 0; backend < FIXTURE_BACKEND_COUNT; backend++) {
        store_fixture fixture;
        fixture_open(&fixture, (fixture_backend)backend);
        tally *all = new_tally();
        free_outstanding(&fixture, all);
        free(all);
        fixture_close(&fixture);
    }
}

static void it_does_nothing_that_was_not_begun_when_a_port_is_freed(void)
{
    store_fixture fixture;
    fixture_open(&fixture, FIXTURE_SHUFFLE);
    tally *all = new_tally();
    shuffle_store_hold(fixture.data, true);
    free_outstanding(&fixture, all);
    for (int i = 0; i < MANY; i++)
        CHECK(all->status[i] == OE_E_CLOSED && !all->unknown[i]);
    CHECK_INT(stored_count(&fixture), 0);
    free(all);
    fixture_close(&fixture);
}

static void it_refuses_submissions_while_it_is_freed(void)
{
    store_fixture fixture;
    fixture_open(&fixture, FIXTURE_SHUFFLE);
    shuffle_store_hold(fixture.data, true);
    chain links = {.port = fixture.port, .left = 2};
    submit_next(&links, &(oe_store_result){.status = OE_OK});
    CHECK_INT(links.left, 1);
    oe_store_port_free(fixture.port);
    fixture.port = NULL;
    CHECK_INT(links.left, 0);
    CHECK_INT(links.last, OE_E_CLOSED);
    fixture_close(&fixture);
}

static void it_finishes_what_was_accepted_when_the_store_closes(void)
{
    for (int backend = 0; backend < FIXTURE_BACKEND_COUNT; backend++) {
        store_fixture fixture;
        fixture_open(&fixture, (fixture_backend)backend);
        tally *all = new_tally();
        for (int i = 0; i < MANY; i++)
            submit_put(fixture.port, i, all, NULL);
        oe_store_close(fixture.store);
        fixture.store = NULL;
        CHECK_INT(submit_put(fixture.port, 0, all, NULL), OE_E_CLOSED);
        CHECK_INT(all->count, 0);
        CHECK_INT(oe_port_drain(fixture.port), MANY);
        for (int i = 0; i < MANY; i++)
            CHECK_INT(all->status[i], OE_OK);
        fixture_reopen(&fixture);
        CHECK_INT(stored_count(&fixture), MANY);
        free(all);
        fixture_close(&fixture);
    }
}

int main(void)
{
    RUN("takes sizes up to the bounds", it_takes_sizes_up_to_the_bounds);
    RUN("makes operation ids that differ", it_makes_operation_ids_that_differ);
    RUN("is busy when too much is outstanding", it_is_busy_when_too_much_is_outstanding);
    RUN("is busy when too many bytes are outstanding",
        it_is_busy_when_too_many_bytes_are_outstanding);
    RUN("is readable while completions wait", it_is_readable_while_completions_wait);
    RUN("waits no longer than told", it_waits_no_longer_than_told);
    RUN("delivers each once in any order on the caller's thread",
        it_delivers_each_once_in_any_order_on_the_callers_thread);
    RUN("lets a callback submit", it_lets_a_callback_submit);
    RUN("fails one write of many alone", it_fails_one_write_of_many_alone);
    RUN("learns a lost outcome by repeating", it_learns_a_lost_outcome_by_repeating);
    RUN("remembers the newest operations and no more",
        it_remembers_the_newest_operations_and_no_more);
    RUN("tells every outstanding write when a port is freed",
        it_tells_every_outstanding_write_when_a_port_is_freed);
    RUN("does nothing that was not begun when a port is freed",
        it_does_nothing_that_was_not_begun_when_a_port_is_freed);
    RUN("refuses submissions while it is freed", it_refuses_submissions_while_it_is_freed);
    RUN("finishes what was accepted when the store closes",
        it_finishes_what_was_accepted_when_the_store_closes);
    return check_report();
}
