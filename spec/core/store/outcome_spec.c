/* outcome_spec.c: outcomes are held against their decisions, counted once, erased with the
 * person and forgotten with the decisions. */
#include "check.h"
#include "decisions.h"
#include "store_fixture.h"

#include <string.h>

enum { START_MS = 1700000000, RECEIVED_MS = START_MS + 60000 };

static store_answer call(store_fixture *fixture, oe_store_submission submission)
{
    return fixture_call(fixture, submission);
}

/* Decisions 0..2 of customer c0..c2, at START_MS + 1000 * number. */
static void open_with_decisions(store_fixture *fixture)
{
    oe__buffer block = {0};
    fixture_open(fixture, FIXTURE_SQLITE);
    for (int i = 0; i < DECISIONS_SETUP; i++)
        CHECK_INT(call(fixture, decisions_setup(i)).result.status, OE_OK);
    for (uint32_t i = 0; i < 3; i++) {
        char customer[] = {'c', (char)('0' + i), '\0'};
        decisions_add(&block, START_MS + 1000 * (int64_t)i, i, customer);
    }
    oe_store_submission append = {.operation = OE_STORE_JOURNAL_APPEND,
                                  .body = {block.data, block.length}};
    CHECK_INT(call(fixture, append).result.status, OE_OK);
    oe__buffer_free(&block);
}

static oe_store_outcome outcome(uint32_t decision, const char *product, oe_outcome what)
{
    oe_store_outcome made = {.outcome = what, .product = fixture_bytes(product)};
    decisions_id(made.decision, START_MS + 1000 * (int64_t)decision, decision);
    return made;
}

enum { SEEN_MAX = 8 };

typedef struct seen {
    oe_status status;
    bool is_repeated;
    size_t count;
    oe_store_outcome outcomes[SEEN_MAX]; /* texts are gone */
    char customers[SEEN_MAX][8];
} seen;

static void keep_outcomes(void *context, const oe_store_result *result)
{
    seen *kept = context;
    kept->status = result->status;
    kept->is_repeated = result->repeated;
    for (size_t i = 0; i < result->outcome_count && i < SEEN_MAX; i++) {
        const oe_store_outcome *found = &result->outcomes[i];
        kept->outcomes[kept->count] = *found;
        if (found->customer.length > 0)
            memcpy(kept->customers[kept->count], found->customer.data, found->customer.length);
        kept->count++;
    }
}

static seen submit(store_fixture *fixture, oe_store_submission submission)
{
    char operation[OE_STORE_OPERATION_ID_SIZE];
    seen kept = {0};
    oe_port_operation_id(fixture->port, operation);
    if (submission.operation_id.length == 0)
        submission.operation_id = (oe_store_bytes){operation, sizeof operation};
    submission.completion = keep_outcomes;
    submission.context = &kept;
    kept.status = oe_port_submit(fixture->port, &submission, NULL);
    oe_port_finish(fixture->port);
    return kept;
}

static oe_store_submission putting(const oe_store_outcome *outcomes, size_t count)
{
    return (oe_store_submission){.operation = OE_STORE_OUTCOMES_PUT,
                                 .at_ms = RECEIVED_MS,
                                 .outcomes = outcomes,
                                 .outcome_count = count};
}

static seen put(store_fixture *fixture, oe_store_outcome one)
{
    return submit(fixture, putting(&one, 1));
}

static void it_gives_each_outcome_its_verdict(void)
{
    static const struct {
        uint32_t decision;
        const char *product;
        oe_outcome what;
        int64_t at_ms, oldest_ms;
        oe_store_verdict verdict;
    } cases[] = {
        {0, "p1", OE_OUTCOME_SHOWN, 0, 0, OE_STORE_VERDICT_STORED},
        {0, "p1", OE_OUTCOME_SHOWN, 0, 0, OE_STORE_VERDICT_REPEATED},
        {0, "p1", OE_OUTCOME_SHOWN, START_MS + 5, 0, OE_STORE_VERDICT_REPEATED},
        {0, "p1", OE_OUTCOME_CLICKED, 0, 0, OE_STORE_VERDICT_STORED},
        {0, "p2", OE_OUTCOME_SHOWN, 0, 0, OE_STORE_VERDICT_STORED},
        {1, "p1", OE_OUTCOME_SHOWN, START_MS + 1, 0, OE_STORE_VERDICT_STORED},
        {2, "p1", OE_OUTCOME_SHOWN, START_MS + 1000, 0, OE_STORE_VERDICT_EARLY},
        {0, "p0", OE_OUTCOME_SHOWN, 0, 0, OE_STORE_VERDICT_NOT_OFFERED},
        {0, "p3", OE_OUTCOME_SHOWN, 0, 0, OE_STORE_VERDICT_NOT_OFFERED},
        {3, "p1", OE_OUTCOME_SHOWN, 0, 0, OE_STORE_VERDICT_UNKNOWN_DECISION},
        {2, "p1", OE_OUTCOME_SHOWN, 0, START_MS + 2001, OE_STORE_VERDICT_EXPIRED},
        {2, "p1", OE_OUTCOME_SHOWN, 0, START_MS + 2000, OE_STORE_VERDICT_STORED},
    };
    store_fixture fixture;
    open_with_decisions(&fixture);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        oe_store_outcome one = outcome(cases[i].decision, cases[i].product, cases[i].what);
        one.at_ms = cases[i].at_ms;
        oe_store_submission submission = putting(&one, 1);
        submission.oldest_ms = cases[i].oldest_ms;
        seen kept = submit(&fixture, submission);
        CHECK_INT(kept.status, OE_OK);
        if (!CHECK_INT(kept.outcomes[0].verdict, cases[i].verdict))
            printf("    case %zu\n", i);
    }
    CHECK_INT(
        call(&fixture, (oe_store_submission){.operation = OE_STORE_OUTCOME_COUNT}).result.count,
        5);
    CHECK_INT(oe_store_check(fixture.store, NULL), OE_OK);
    fixture_close(&fixture);
}

static void it_stores_nothing_when_all_must_be_known(void)
{
    store_fixture fixture;
    open_with_decisions(&fixture);
    oe_store_outcome two[] = {outcome(0, "p1", OE_OUTCOME_SHOWN),
                              outcome(3, "p1", OE_OUTCOME_SHOWN)};
    oe_store_submission submission = putting(two, 2);
    submission.operation_id = fixture_bytes("key");
    submission.all_known = true;
    CHECK_INT(submit(&fixture, submission).status, OE_E_NOT_FOUND);
    submission.all_known = false;
    seen kept = submit(&fixture, submission);
    CHECK_INT(kept.outcomes[0].verdict, OE_STORE_VERDICT_STORED);
    CHECK_INT(kept.outcomes[1].verdict, OE_STORE_VERDICT_UNKNOWN_DECISION);
    CHECK(strcmp(kept.customers[0], "c0") == 0);
    fixture_close(&fixture);
}

static void it_repeats_the_verdicts_of_an_operation(void)
{
    store_fixture fixture;
    open_with_decisions(&fixture);
    oe_store_outcome three[] = {outcome(0, "p1", OE_OUTCOME_SHOWN),
                                outcome(0, "p1", OE_OUTCOME_SHOWN),
                                outcome(0, "p0", OE_OUTCOME_SHOWN)};
    oe_store_submission submission = putting(three, 3);
    submission.operation_id = fixture_bytes("key");
    for (int round = 0; round < 2; round++) {
        seen kept = submit(&fixture, submission);
        CHECK_INT(kept.is_repeated, round);
        CHECK_INT(kept.outcomes[0].verdict, OE_STORE_VERDICT_STORED);
        CHECK_INT(kept.outcomes[1].verdict, OE_STORE_VERDICT_REPEATED);
        CHECK_INT(kept.outcomes[2].verdict, OE_STORE_VERDICT_NOT_OFFERED);
        submission.at_ms += 5; /* received later */
        fixture_reopen(&fixture);
    }
    three[2].value = 1;
    CHECK_INT(submit(&fixture, submission).status, OE_E_CONFLICT);
    fixture_close(&fixture);
}

static void it_adds_owned_products_to_a_stored_customer(void)
{
    static const struct {
        const char *body, *after;
        bool has_changed;
    } cases[] = {
        {"{\"a\":1,\"set\":[]}", "{\"a\":1,\"set\":[\"p1\"]}", true},
        {"{\"set\":[\"p0\"],\"a\":1}", "{\"set\":[\"p0\",\"p1\"],\"a\":1}", true},
        {"{\"set\":[\"p1\"]}", "{\"set\":[\"p1\"]}", false},
        {"{\"other\":[]}", "{\"other\":[]}", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        store_fixture fixture;
        open_with_decisions(&fixture);
        fixture_put(&fixture, "c1", cases[i].body);
        oe_store_outcome one = outcome(1, "p1", OE_OUTCOME_ACCEPTED);
        one.is_owned = true;
        oe_store_submission submission = putting(&one, 1);
        submission.member = fixture_bytes("set");
        seen kept = submit(&fixture, submission);
        CHECK_INT(kept.outcomes[0].verdict, OE_STORE_VERDICT_STORED);
        CHECK_INT(kept.outcomes[0].has_changed_customer, cases[i].has_changed);
        store_answer now =
            call(&fixture, (oe_store_submission){.operation = OE_STORE_CUSTOMER_GET,
                                                 .id = fixture_bytes("c1")});
        CHECK(strstr(now.text, cases[i].after) != NULL);
        one = outcome(2, "p1", OE_OUTCOME_ACCEPTED); /* of a customer that is not stored */
        one.is_owned = true;
        kept = submit(&fixture, submission);
        CHECK(kept.outcomes[0].verdict == OE_STORE_VERDICT_STORED &&
              !kept.outcomes[0].has_changed_customer);
        CHECK_INT(oe_store_check(fixture.store, NULL), OE_OK);
        fixture_close(&fixture);
    }
}

static bool note_tally(void *context, const oe_store_tally *tally)
{
    *(uint64_t *)context += tally->count;
    return true;
}

static bool note_order(void *context, const oe_store_outcome *found)
{
    int64_t *last = context;
    CHECK(found->at_ms >= *last);
    *last = found->at_ms;
    return true;
}

static bool is_text(oe_store_bytes bytes, const char *text)
{
    return bytes.length == strlen(text) && memcmp(bytes.data, text, bytes.length) == 0;
}

static void check_contact(const oe_store_outcome *found, int64_t decided_ms)
{
    CHECK_INT(found->unit_ms, decided_ms - 7);
    CHECK(is_text(found->decided_channel, "ch") && is_text(found->campaign, "ca"));
    CHECK(is_text(found->channel, "own"));
}

static void check_result(void *context, const oe_store_result *result)
{
    *(oe_store_verdict *)context = result->outcomes[0].verdict;
    check_contact(&result->outcomes[0], START_MS);
    CHECK_INT(result->outcomes[0].at_ms, START_MS + 5);
    CHECK_INT(result->outcomes[0].received_ms, RECEIVED_MS);
}

static bool check_scanned(void *context, const oe_store_outcome *found)
{
    ++*(size_t *)context;
    check_contact(found, START_MS);
    return true;
}

/* Also to who sends it again later, with other times. */
static void it_says_what_the_decision_reserved_and_what_for(void)
{
    store_fixture fixture;
    open_with_decisions(&fixture);
    oe_store_outcome one = outcome(0, "p1", OE_OUTCOME_SHOWN);
    one.at_ms = START_MS + 5;
    one.channel = fixture_bytes("own");
    for (int round = 0; round < 2; round++) {
        oe_store_verdict verdict = OE_STORE_VERDICT_COUNT;
        oe_store_submission submission = putting(&one, 1);
        submission.operation_id = fixture_bytes(round == 0 ? "a" : "b");
        submission.at_ms += round;
        submission.completion = check_result;
        submission.context = &verdict;
        CHECK_INT(oe_port_submit(fixture.port, &submission, NULL), OE_OK);
        oe_port_finish(fixture.port);
        CHECK_INT(verdict, round == 0 ? OE_STORE_VERDICT_STORED : OE_STORE_VERDICT_REPEATED);
        one.at_ms += 10;
        one.channel = fixture_bytes("another");
    }
    size_t count = 0;
    oe_store_outcome_range all = {
        .until_ms = INT64_MAX, .outcome = check_scanned, .context = &count};
    CHECK_INT(oe_store_outcome_scan(fixture.store, &all, NULL), OE_OK);
    CHECK_INT(count, 1);
    fixture_close(&fixture);
}

static void it_erases_and_forgets_events_but_not_their_counts(void)
{
    store_fixture fixture;
    open_with_decisions(&fixture);
    for (uint32_t i = 0; i < 3; i++) {
        oe_store_outcome one = outcome(i, "p1", OE_OUTCOME_SHOWN);
        one.at_ms = START_MS + 9000 - i;
        CHECK_INT(put(&fixture, one).outcomes[0].verdict, OE_STORE_VERDICT_STORED);
    }
    int64_t last = 0;
    uint64_t tallied = 0;
    oe_store_outcome_range all = {
        .until_ms = INT64_MAX, .outcome = note_order, .context = &last};
    CHECK_INT(oe_store_outcome_scan(fixture.store, &all, NULL), OE_OK);
    CHECK_INT(last, START_MS + 9000);
    oe_store_submission erase = {.operation = OE_STORE_CUSTOMER_DELETE,
                                 .id = fixture_bytes("c1")};
    CHECK_INT(call(&fixture, erase).result.events, 1);
    oe_store_submission list = {
        .operation = OE_STORE_OUTCOME_LIST, .id = fixture_bytes("c1"), .limit = 10};
    CHECK_INT(submit(&fixture, list).count, 0);
    list.id = fixture_bytes("c2");
    CHECK_INT(submit(&fixture, list).count, 1);
    CHECK_INT(put(&fixture, outcome(1, "p1", OE_OUTCOME_SHOWN)).outcomes[0].verdict,
              OE_STORE_VERDICT_UNKNOWN_DECISION);
    oe_store_submission forget = {.operation = OE_STORE_JOURNAL_FORGET,
                                  .at_ms = START_MS + 2000};
    CHECK_INT(call(&fixture, forget).result.events, 1);
    CHECK_INT(oe_store_outcome_tally(fixture.store, note_tally, &tallied, NULL), OE_OK);
    CHECK_INT(tallied, 3);
    fixture_close(&fixture);
}

int main(void)
{
    RUN("gives each outcome its verdict", it_gives_each_outcome_its_verdict);
    RUN("stores nothing when all decisions must be known and one is not",
        it_stores_nothing_when_all_must_be_known);
    RUN("repeats the verdicts of an operation, also after reopening",
        it_repeats_the_verdicts_of_an_operation);
    RUN("adds owned products to a stored customer",
        it_adds_owned_products_to_a_stored_customer);
    RUN("says what the decision reserved and what for",
        it_says_what_the_decision_reserved_and_what_for);
    RUN("erases and forgets events but not their counts",
        it_erases_and_forgets_events_but_not_their_counts);
    return check_report();
}
