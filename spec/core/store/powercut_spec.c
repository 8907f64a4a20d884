/* powercut_spec.c: the power fails at any moment of a run of decisions, outcomes, customers and
 * erasures. What was acknowledged is there, nothing is doubled, the file is sound and the chain
 * of the journal whole. OE_CUTS sets how many cuts are tried. */
#include "check.h"
#include "decisions.h"
#include "powercut.h"
#include "store_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS = 60, PER_ROUND = 8, DECISIONS = ROUNDS * PER_ROUND, START_MS = 1700000000 };

/* Where in the history each write was acknowledged; 0: never. */
typedef struct run {
    char path[96], log[128];
    size_t decisions[ROUNDS], outcomes[DECISIONS], customers[ROUNDS], begun, ended;
} run;

static void note(void *context, const oe_store_result *result)
{
    size_t *acknowledged = context;
    if (CHECK_INT(result->status, OE_OK))
        *acknowledged = powercut_now();
}

static void submit(store_fixture *fixture, oe_store_submission submission, size_t *acknowledged)
{
    char operation[OE_STORE_OPERATION_ID_SIZE];
    oe_port_operation_id(fixture->port, operation);
    submission.operation_id = (oe_store_bytes){operation, sizeof operation};
    submission.completion = note;
    submission.context = acknowledged;
    CHECK_INT(oe_port_submit(fixture->port, &submission, NULL), OE_OK);
}

static void put_outcome(store_fixture *fixture, uint32_t number, run *made)
{
    oe_store_outcome one = {.outcome = OE_OUTCOME_SHOWN,
                            .product = fixture_bytes("p1"),
                            .value = number,
                            .has_value = true};
    decisions_id(one.decision, START_MS + number, number);
    submit(fixture,
           (oe_store_submission){.operation = OE_STORE_OUTCOMES_PUT,
                                 .at_ms = START_MS + 100000,
                                 .outcomes = &one,
                                 .outcome_count = 1},
           &made->outcomes[number]);
}

/* The outcomes of a round are on their way together with the decisions of the next. */
static void write_round(store_fixture *fixture, uint32_t round, run *made)
{
    oe__buffer block = {0};
    char id[32];
    for (uint32_t i = round * PER_ROUND; i < (round + 1) * PER_ROUND; i++)
        decisions_add(&block, START_MS + i, i, "c");
    submit(fixture,
           (oe_store_submission){.operation = OE_STORE_JOURNAL_APPEND,
                                 .body = {block.data, block.length}},
           &made->decisions[round]);
    for (uint32_t i = 0; round > 0 && i < PER_ROUND; i++)
        put_outcome(fixture, (round - 1) * PER_ROUND + i, made);
    snprintf(id, sizeof id, "customer %u", round);
    submit(fixture,
           (oe_store_submission){.operation = OE_STORE_CUSTOMER_PUT,
                                 .id = fixture_bytes(id),
                                 .body = fixture_bytes(id)},
           &made->customers[round]);
    oe_port_finish(fixture->port);
    if (round % 10 == 9) /* moves the log into the database and cuts it off */
        (void)fixture_call(fixture, (oe_store_submission){.operation = OE_STORE_JOURNAL_ERASE,
                                                          .id = fixture_bytes("nobody")});
    oe__buffer_free(&block);
}

static void write_all(run *made)
{
    store_fixture fixture;
    powercut_start();
    fixture_open(&fixture, FIXTURE_SQLITE);
    for (int i = 0; i < DECISIONS_SETUP; i++)
        CHECK_INT(fixture_call(&fixture, decisions_setup(i)).result.status, OE_OK);
    made->begun = powercut_now();
    snprintf(made->path, sizeof made->path, "%s", fixture.path);
    snprintf(made->log, sizeof made->log, "%s-wal", fixture.path);
    for (uint32_t round = 0; round < ROUNDS; round++)
        write_round(&fixture, round, made);
    made->ended = powercut_now();
    fixture_close(&fixture);
    powercut_stop();
}

/* ---- what is left ---- */

typedef struct found {
    unsigned char outcomes[DECISIONS], decisions[DECISIONS], customers[ROUNDS];
    int strange; /* rows that nobody wrote */
} found;

static void count(found *left, unsigned char *rows, double number, int end)
{
    if (number >= 0 && number < end)
        rows[(size_t)number]++;
    else
        left->strange++;
}

static bool find_outcome(void *context, const oe_store_outcome *outcome)
{
    found *left = context;
    count(left, left->outcomes, outcome->value, DECISIONS);
    return true;
}

static bool find_decision(void *context, const oe_store_record *record)
{
    found *left = context;
    bool is_sound = record->state == OE_STORE_RECORD_SOUND;
    const unsigned char *id = (const unsigned char *)record->bytes.data;
    int64_t at_ms = is_sound ? oe__record_id_ms(id) : 0;
    count(left, left->decisions, (double)(at_ms - START_MS), DECISIONS);
    return true;
}

static bool find_customer(void *context, const oe_store_customer *customer)
{
    found *left = context;
    char id[32] = "";
    if (customer->id.length < sizeof id && customer->id.length > 9)
        memcpy(id, customer->id.data, customer->id.length);
    count(left, left->customers, id[0] == 'c' ? strtod(id + 9, NULL) : -1, ROUNDS);
    return true;
}

/* Writes that were acknowledged before the cut and are not there exactly once. */
static int count_wrong(const run *made, const found *left, size_t cut)
{
    int wrong = left->strange;
    for (size_t i = 0; i < DECISIONS; i++) {
        size_t decided = made->decisions[i / PER_ROUND], told = made->outcomes[i];
        wrong += left->decisions[i] > 1 || left->outcomes[i] > left->decisions[i];
        wrong += decided > 0 && decided <= cut && left->decisions[i] != 1;
        wrong += told > 0 && told <= cut && left->outcomes[i] != 1;
    }
    for (size_t i = 0; i < ROUNDS; i++)
        wrong += made->customers[i] > 0 && made->customers[i] <= cut && left->customers[i] != 1;
    return wrong;
}

/* Opens what a cut left; returns how much is wrong with it. */
static int look(const run *made, const store_fixture *fixture, size_t cut)
{
    oe_store *store = NULL;
    oe_store_proof proof = {0};
    found left = {0};
    oe_store_outcome_range outcomes = {
        .until_ms = INT64_MAX, .outcome = find_outcome, .context = &left};
    oe_store_journal_range decisions = {
        .until_ms = INT64_MAX, .record = find_decision, .context = &left};
    oe_store_options options = fixture_options(fixture);
    if (oe_store_open(&options, &store, NULL) != OE_OK)
        return 1;
    int wrong = oe_store_check(store, NULL) != OE_OK;
    wrong += oe_store_journal_verify(store, &proof, NULL, NULL, NULL) != OE_OK;
    wrong += !proof.is_sound;
    wrong += oe_store_outcome_scan(store, &outcomes, NULL) != OE_OK;
    wrong += oe_store_journal_scan(store, &decisions, NULL) != OE_OK;
    wrong += oe_store_scan_all(store, find_customer, &left, NULL) != OE_OK;
    oe_store_close(store);
    return wrong + count_wrong(made, &left, cut);
}

/* Returns how many of the cuts left something wrong. */
static long cut_often(const run *made, long cuts, bool believes_syncs)
{
    store_fixture fixture;
    char log[128];
    long bad = 0;
    uint64_t random = 20261203;
    fixture_open(&fixture, FIXTURE_SQLITE);
    oe_store_port_free(fixture.port);
    oe_store_close(fixture.store);
    snprintf(log, sizeof log, "%s-wal", fixture.path);
    for (long i = 0; i < cuts; i++) {
        size_t cut = made->begun + powercut_random(&random) % (made->ended - made->begun);
        powercut how = {cut, &random, believes_syncs ? 0 : made->begun};
        powercut_rebuild(made->path, fixture.path, &how);
        powercut_rebuild(made->log, log, &how);
        int wrong = look(made, &fixture, cut);
        if (wrong > 0 && believes_syncs)
            printf("    cut %ld at event %zu: %d wrong\n", i, cut, wrong);
        bad += wrong > 0;
        unlink(log);
    }
    powercut_rebuild(made->path, fixture.path, &(powercut){made->ended, &random, 0});
    oe_store_options options = fixture_options(&fixture);
    CHECK_INT(oe_store_open(&options, &fixture.store, NULL), OE_OK);
    fixture.port = oe_store_port_new(fixture.store);
    fixture_close(&fixture);
    return bad;
}

static void it_keeps_what_was_acknowledged(void)
{
    static run made;
    long cuts = fixture_number("OE_CUTS", 40);
    write_all(&made);
    CHECK_INT(cut_often(&made, cuts, true), 0);
    printf("    %ld cuts in %zu events\n", cuts, made.ended - made.begun);
    /* The spec itself: on a disk that lies about its syncs it must find losses. */
    CHECK(cut_often(&made, 10, false) > 5);
}

int main(void)
{
    RUN("keeps what was acknowledged, whenever the power fails",
        it_keeps_what_was_acknowledged);
    return check_report();
}
