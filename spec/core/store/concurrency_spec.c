/* concurrency_spec.c: many threads, each with its own port, on each backend: nothing is lost,
 * reads go on beside writes, and SQLite shares its transactions. */
#include "check.h"
#include "store_fixture.h"

#include <pthread.h>
#include <stdlib.h>

enum { THREADS = 6, IN_FLIGHT = 40 };

typedef struct worker {
    pthread_t thread;
    oe_store *store;
    oe_store_port *port;
    int number, writes;
    int completed, failed, crossed; /* crossed: revisions that came back out of order */
    int64_t revision;
} worker;

static void count_result(void *context, const oe_store_result *result)
{
    worker *self = context;
    self->completed++;
    self->failed += result->status != OE_OK;
    self->crossed += result->revision <= self->revision;
    if (result->revision > self->revision)
        self->revision = result->revision;
}

/* Each worker writes its own customers and, every tenth, one that all share; reads in between.
 */
static void submit_one(worker *self, int i)
{
    char id[32], operation_id[OE_STORE_OPERATION_ID_SIZE];
    if (i % 10 == 0)
        snprintf(id, sizeof id, "shared");
    else
        snprintf(id, sizeof id, "C%d.%d", self->number, i);
    oe_port_operation_id(self->port, operation_id);
    oe_store_submission put = {.operation = OE_STORE_CUSTOMER_PUT,
                               .completion = count_result,
                               .context = self,
                               .operation_id = {operation_id, sizeof operation_id},
                               .id = fixture_bytes(id),
                               .body = {id, 1}};
    oe_store_submission scan = {.operation = OE_STORE_CUSTOMER_SCAN,
                                .completion = count_result,
                                .context = self,
                                .limit = 20};
    while (oe_port_submit(self->port, i % 7 == 0 ? &scan : &put, NULL) == OE_E_LIMIT)
        oe_port_wait(self->port, -1);
}

static void *run_worker(void *argument)
{
    worker *self = argument;
    for (int i = 0; i < self->writes; i++) {
        submit_one(self, i);
        if (i % 5 == 0)
            oe_port_drain(self->port);
    }
    oe_port_finish(self->port);
    return NULL;
}

static void run_workers(store_fixture *fixture, worker workers[THREADS], int writes)
{
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (worker){.store = fixture->store, .number = i, .writes = writes};
        workers[i].port = oe_store_port_new(fixture->store);
        if (pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]) != 0)
            abort();
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        oe_store_port_free(workers[i].port);
    }
}

static bool count_row(void *context, const oe_store_customer *customer)
{
    int *count = context;
    *count += customer->body.length == 1 ? 1 : 0;
    return true;
}

static void it_loses_nothing_of_many_threads(void)
{
    int writes = (int)fixture_number("OE_ROUNDS", 20) * 10;
    for (int backend = 0; backend < FIXTURE_BACKEND_COUNT; backend++) {
        store_fixture fixture;
        worker workers[THREADS];
        int expected = 1, count = 0;
        fixture_open(&fixture, (fixture_backend)backend);
        oe_store_port_free(fixture.port);
        oe_store_close(fixture.store);
        oe_store_options options = fixture_options(&fixture);
        options.outstanding_max = IN_FLIGHT;
        CHECK_INT(oe_store_open(&options, &fixture.store, NULL), OE_OK);
        fixture.port = oe_store_port_new(fixture.store);
        run_workers(&fixture, workers, writes);
        for (int i = 0; i < THREADS; i++) {
            CHECK_INT(workers[i].completed, writes);
            CHECK_INT(workers[i].failed, 0);
            for (int j = 0; j < writes; j++)
                expected += j % 10 != 0 && j % 7 != 0;
        }
        CHECK_INT(oe_store_scan_all(fixture.store, count_row, &count, NULL), OE_OK);
        CHECK_INT(count, expected);
        CHECK_INT(oe_store_check(fixture.store, NULL), OE_OK);
        fixture_close(&fixture);
    }
}

static void it_commits_many_writes_together(void)
{
    store_fixture fixture;
    worker workers[THREADS];
    oe_store_stats stats;
    fixture_open(&fixture, FIXTURE_SQLITE);
    run_workers(&fixture, workers, 200);
    oe_store_stats_get(fixture.store, &stats);
    CHECK(stats.writes > 1000);
    CHECK_INT(stats.writes + stats.reads, THREADS * 200);
    CHECK(stats.transactions > 0 && stats.transactions < stats.writes / 2);
    CHECK_INT(stats.failed_transactions, 0);
    fixture_close(&fixture);
}

int main(void)
{
    RUN("loses nothing of many threads", it_loses_nothing_of_many_threads);
    RUN("commits many writes together", it_commits_many_writes_together);
    return check_report();
}
