/* fault_spec.c: the file system refuses to take more: writes fail with a reason, reads go on,
 * and all is well by itself once there is room. The fault is a limit on the size of files. */
#include "check.h"
#include "store_fixture.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* No file of this process may grow beyond `bytes`; returns the limit before. */
static rlim_t limit_files(rlim_t bytes)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
    return before;
}

static rlim_t log_size(const store_fixture *fixture)
{
    char name[128];
    struct stat status = {.st_size = 0};
    snprintf(name, sizeof name, "%s-wal", fixture->path);
    stat(name, &status);
    return (rlim_t)status.st_size;
}

static void it_fails_writes_and_recovers_when_the_fault_goes(void)
{
    store_fixture fixture;
    fixture_open(&fixture, FIXTURE_SQLITE);
    oe_store_submission get = {.operation = OE_STORE_CUSTOMER_GET, .id = {"a", 1}};
    oe_store_submission put = {.operation = OE_STORE_CUSTOMER_PUT,
                               .operation_id = {"same", 4},
                               .id = {"b", 1},
                               .body = {"2", 1}};
    fixture_put(&fixture, "a", "1");
    for (int round = 0; round < 3; round++) {
        rlim_t before = limit_files(0);
        store_answer refused = fixture_call(&fixture, put);
        store_answer refused_too = fixture_put(&fixture, "a", "9");
        store_answer read = fixture_call(&fixture, get);
        limit_files(before);
        CHECK_INT(refused.result.status, OE_E_IO);
        CHECK_INT(refused_too.result.status, OE_E_IO);
        CHECK(strncmp(refused.result.error.message, "store: cannot ", 14) == 0);
        CHECK(strstr(refused.result.error.message, "disk I/O error") != NULL);
        CHECK(refused.result.outcome_unknown);
        CHECK_INT(read.result.status, OE_OK);
        CHECK_TEXT(read.text, round == 0 ? "a=1;" : "a=3;");
        CHECK_INT(fixture_put(&fixture, "a", "3").result.status, OE_OK);
    }
    CHECK_INT(fixture_call(&fixture, put).result.created, 1);
    CHECK(fixture_call(&fixture, put).result.repeated);
    CHECK_INT(oe_store_check(fixture.store, NULL), OE_OK);
    oe_store_stats stats;
    oe_store_stats_get(fixture.store, &stats);
    CHECK_INT(stats.failed_transactions, 6);
    fixture_reopen(&fixture);
    CHECK_TEXT(fixture_call(&fixture, get).text, "a=3;");
    CHECK_INT(oe_store_check(fixture.store, NULL), OE_OK);
    fixture_close(&fixture);
}

/* A batch that finds no room must not take its small neighbours with it. */
static void it_lets_small_writes_pass_where_a_large_one_fails(void)
{
    enum { ROWS = 3000, SMALL = 4 };
    static char ids[ROWS][16];
    static oe_store_customer customers[ROWS];
    store_fixture fixture;
    store_answer answers[SMALL + 1] = {{.deliveries = 0}};
    char body[400];
    fixture_open(&fixture, FIXTURE_SQLITE);
    memset(body, 'x', sizeof body);
    for (int i = 0; i < ROWS; i++) {
        snprintf(ids[i], sizeof ids[i], "C%d", i);
        customers[i] = (oe_store_customer){.id = fixture_bytes(ids[i]), .body = {body, 400}};
    }
    rlim_t before = limit_files(log_size(&fixture) + 307200);
    oe_status accepted = OE_OK;
    for (int i = 0; i <= SMALL; i++) {
        oe_store_submission write = {.operation = OE_STORE_CUSTOMER_PUT,
                                     .completion = fixture_keep,
                                     .context = &answers[i],
                                     .operation_id = {ids[i], 2},
                                     .id = {ids[i], 2},
                                     .body = {"1", 1}};
        if (i == SMALL / 2) {
            write.operation = OE_STORE_CUSTOMER_BATCH;
            write.customers = customers;
            write.customer_count = ROWS;
        }
        accepted = accepted == OE_OK ? oe_port_submit(fixture.port, &write, NULL) : accepted;
    }
    oe_port_finish(fixture.port);
    limit_files(before);
    CHECK_INT(accepted, OE_OK);
    for (int i = 0; i <= SMALL; i++)
        CHECK_INT(answers[i].result.status, i == SMALL / 2 ? OE_E_IO : OE_OK);
    oe_store_submission count = {.operation = OE_STORE_CUSTOMER_COUNT};
    CHECK_INT(fixture_call(&fixture, count).result.count, SMALL);
    CHECK_INT(oe_store_check(fixture.store, NULL), OE_OK);
    fixture_close(&fixture);
}

static void it_says_why_it_cannot_open(void)
{
    store_fixture fixture;
    oe_store *store = NULL;
    oe_error error = {.status = OE_OK};
    fixture_open(&fixture, FIXTURE_SQLITE);
    char path[128];
    snprintf(path, sizeof path, "%s-new", fixture.path);
    oe_store_options options = {.url = path};
    rlim_t before = limit_files(0);
    oe_status status = oe_store_open(&options, &store, &error);
    limit_files(before);
    CHECK_INT(status, OE_E_IO);
    CHECK(store == NULL);
    CHECK(strstr(error.message, "File too large") != NULL);
    CHECK_INT(oe_store_open(&options, &store, &error), OE_OK);
    oe_store_close(store);
    remove(path);
    snprintf(path, sizeof path, "%s-new.lock", fixture.path);
    remove(path);
    fixture_close(&fixture);
}

int main(void)
{
    signal(SIGXFSZ, SIG_IGN);
    RUN("fails writes and recovers when the fault goes",
        it_fails_writes_and_recovers_when_the_fault_goes);
    RUN("lets small writes pass where a large one fails",
        it_lets_small_writes_pass_where_a_large_one_fails);
    RUN("says why it cannot open", it_says_why_it_cannot_open);
    return check_report();
}
