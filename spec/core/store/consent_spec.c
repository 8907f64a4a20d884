/* consent_spec.c: consents are kept for customers that are stored and for others. */
#include "check.h"
#include "store_fixture.h"

#include <string.h>

static store_answer put(store_fixture *fixture, const char *customer, const char *body)
{
    oe_store_submission submission = {.operation = OE_STORE_CONSENT_PUT,
                                      .id = fixture_bytes(customer),
                                      .body = fixture_bytes(body),
                                      .at_ms = 1700000000000};
    return fixture_call(fixture, submission);
}

static store_answer get(store_fixture *fixture, const char *customer)
{
    oe_store_submission submission = {.operation = OE_STORE_CONSENT_GET,
                                      .id = fixture_bytes(customer)};
    return fixture_call(fixture, submission);
}

typedef struct scanned {
    size_t count, most;
    char text[256];
} scanned;

static bool note(void *context, const oe_store_consent *consent)
{
    scanned *seen = context;
    snprintf(seen->text + strlen(seen->text), sizeof seen->text - strlen(seen->text),
             "%.*s=%.*s@%lld;", (int)consent->customer.length, consent->customer.data,
             (int)consent->body.length, consent->body.data, (long long)consent->at_ms);
    return ++seen->count < seen->most;
}

static void it_keeps_one_text_a_customer(void)
{
    static const struct {
        const char *body;
        uint64_t created, replaced, deleted;
    } cases[] = {{"", 0, 0, 0},    {"one", 1, 0, 0}, {"one", 0, 1, 0},
                 {"two", 0, 1, 0}, {"", 0, 0, 1},    {"three", 1, 0, 0}};
    store_fixture fixture;
    fixture_open(&fixture, FIXTURE_SQLITE);
    int64_t revision = 0;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        store_answer answer = put(&fixture, "c0", cases[i].body);
        CHECK_INT(answer.result.status, OE_OK);
        CHECK_INT(answer.result.created, cases[i].created);
        CHECK_INT(answer.result.replaced, cases[i].replaced);
        CHECK_INT(answer.result.deleted, cases[i].deleted);
        CHECK(answer.result.revision > revision);
        revision = answer.result.revision;
        answer = get(&fixture, "c0");
        CHECK_INT(answer.result.status, cases[i].body[0] != '\0' ? OE_OK : OE_E_NOT_FOUND);
        CHECK_TEXT(answer.text, cases[i].body);
    }
    CHECK_INT(oe_store_check(fixture.store, NULL), OE_OK);
    fixture_close(&fixture);
}

static void it_scans_them_after_reopening(void)
{
    store_fixture fixture;
    scanned all = {.most = 10}, first = {.most = 1};
    fixture_open(&fixture, FIXTURE_SQLITE);
    (void)put(&fixture, "c0", "one");
    (void)put(&fixture, "c1", "two");
    (void)put(&fixture, "c2", "three");
    (void)put(&fixture, "c1", "");
    fixture_reopen(&fixture);
    CHECK_INT(oe_store_consent_scan(fixture.store, note, &all, NULL), OE_OK);
    CHECK_TEXT(all.text, "c0=one@1700000000000;c2=three@1700000000000;");
    CHECK_INT(oe_store_consent_scan(fixture.store, note, &first, NULL), OE_OK);
    CHECK_INT(first.count, 1);
    fixture_close(&fixture);
}

static void it_refuses_what_is_no_customer(void)
{
    store_fixture fixture;
    fixture_open(&fixture, FIXTURE_SQLITE);
    CHECK_INT(put(&fixture, "", "one").result.status, OE_E_INVALID);
    CHECK_INT(put(&fixture, "a\nb", "one").result.status, OE_E_INVALID);
    CHECK_INT(get(&fixture, "").result.status, OE_E_INVALID);
    fixture_close(&fixture);
}

static void it_says_so_where_none_are_kept(void)
{
    store_fixture fixture;
    fixture_open(&fixture, FIXTURE_SHUFFLE);
    CHECK_INT(put(&fixture, "c0", "one").result.status, OE_E_ARGUMENT);
    CHECK_INT(get(&fixture, "c0").result.status, OE_E_ARGUMENT);
    CHECK_INT(oe_store_consent_scan(fixture.store, note, NULL, NULL), OE_E_ARGUMENT);
    fixture_close(&fixture);
}

int main(void)
{
    RUN("keeps one text a customer", it_keeps_one_text_a_customer);
    RUN("scans them after reopening", it_scans_them_after_reopening);
    RUN("refuses what is no customer", it_refuses_what_is_no_customer);
    RUN("says so where none are kept", it_says_so_where_none_are_kept);
    return check_report();
}
