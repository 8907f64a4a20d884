/* run_spec.c: the text of a run and what it decided are stored together, or neither is. */
#include "check.h"
#include "decisions.h"
#include "store_fixture.h"

#include <string.h>

static const int64_t at_ms = 1700000000000;

static store_answer put(store_fixture *fixture, uint64_t number, const char *text,
                        oe_store_bytes records)
{
    oe_store_submission submission = {
        .operation = OE_STORE_RUN_PUT, .run = {number, fixture_bytes(text)}, .body = records};
    return fixture_call(fixture, submission);
}

typedef struct scanned {
    size_t count, most;
    char text[256];
} scanned;

static bool note(void *context, const oe_store_run *run)
{
    scanned *seen = context;
    snprintf(seen->text + strlen(seen->text), sizeof seen->text - strlen(seen->text),
             "%llu=%.*s;", (unsigned long long)run->number, (int)run->text.length,
             run->text.data);
    return ++seen->count < seen->most;
}

static bool count_record(void *context, const oe_store_record *record)
{
    size_t *count = context;
    *count += record->state == OE_STORE_RECORD_SOUND;
    return true;
}

static size_t count_records(store_fixture *fixture, uint64_t after_block)
{
    size_t count = 0;
    oe_store_journal_range range = {.from_ms = at_ms,
                                    .until_ms = at_ms + 1,
                                    .after_block = after_block,
                                    .record = count_record,
                                    .context = &count};
    CHECK_INT(oe_store_journal_scan(fixture->store, &range, NULL), OE_OK);
    return count;
}

static void set_up(store_fixture *fixture)
{
    fixture_open(fixture, FIXTURE_SQLITE);
    for (int step = 0; step < DECISIONS_SETUP; step++)
        CHECK_INT(fixture_call(fixture, decisions_setup(step)).result.status, OE_OK);
}

static void it_keeps_the_newest_text_and_all_decisions(void)
{
    store_fixture fixture;
    scanned all = {.most = 10}, first = {.most = 1};
    oe__buffer block = {0};
    set_up(&fixture);
    decisions_add(&block, at_ms, 1, "c0");
    decisions_add(&block, at_ms, 2, "c1");
    CHECK_INT(put(&fixture, 2, "begun", (oe_store_bytes){NULL, 0}).result.decisions, 0);
    CHECK_INT(
        put(&fixture, 1, "one", (oe_store_bytes){block.data, block.length}).result.decisions,
        2);
    block.length = 0;
    decisions_add(&block, at_ms, 3, "c2");
    CHECK_INT(
        put(&fixture, 2, "two", (oe_store_bytes){block.data, block.length}).result.decisions,
        1);
    fixture_reopen(&fixture);
    CHECK_INT(oe_store_run_scan(fixture.store, note, &all, NULL), OE_OK);
    CHECK_TEXT(all.text, "1=one;2=two;");
    CHECK_INT(oe_store_run_scan(fixture.store, note, &first, NULL), OE_OK);
    CHECK_INT(first.count, 1);
    CHECK_INT(count_records(&fixture, 0), 3);
    CHECK_INT(count_records(&fixture, 1), 1);
    CHECK_INT(count_records(&fixture, 2), 0);
    CHECK_INT(oe_store_check(fixture.store, NULL), OE_OK);
    oe__buffer_free(&block);
    fixture_close(&fixture);
}

static void it_keeps_neither_when_the_decisions_are_none(void)
{
    store_fixture fixture;
    scanned all = {.most = 10};
    set_up(&fixture);
    CHECK_INT(put(&fixture, 1, "one", (oe_store_bytes){NULL, 0}).result.status, OE_OK);
    CHECK_INT(put(&fixture, 1, "two", fixture_bytes("no records")).result.status, OE_E_INVALID);
    CHECK_INT(oe_store_run_scan(fixture.store, note, &all, NULL), OE_OK);
    CHECK_TEXT(all.text, "1=one;");
    CHECK_INT(put(&fixture, 0, "one", (oe_store_bytes){NULL, 0}).result.status, OE_E_INVALID);
    CHECK_INT(put(&fixture, 1, "", (oe_store_bytes){NULL, 0}).result.status, OE_E_INVALID);
    fixture_close(&fixture);
}

static void it_does_a_repeated_write_once(void)
{
    store_fixture fixture;
    oe__buffer block = {0};
    set_up(&fixture);
    decisions_add(&block, at_ms, 1, "c0");
    oe_store_submission submission = {.operation = OE_STORE_RUN_PUT,
                                      .operation_id = fixture_bytes("again"),
                                      .run = {1, fixture_bytes("one")},
                                      .body = {block.data, block.length}};
    CHECK(!fixture_call(&fixture, submission).result.repeated);
    CHECK(fixture_call(&fixture, submission).result.repeated);
    CHECK_INT(count_records(&fixture, 0), 1);
    submission.run.text = fixture_bytes("two");
    CHECK_INT(fixture_call(&fixture, submission).result.status, OE_E_CONFLICT);
    oe__buffer_free(&block);
    fixture_close(&fixture);
}

static void it_says_so_where_none_are_kept(void)
{
    store_fixture fixture;
    fixture_open(&fixture, FIXTURE_SHUFFLE);
    CHECK_INT(put(&fixture, 1, "one", (oe_store_bytes){NULL, 0}).result.status, OE_E_ARGUMENT);
    CHECK_INT(oe_store_run_scan(fixture.store, note, NULL, NULL), OE_E_ARGUMENT);
    fixture_close(&fixture);
}

int main(void)
{
    RUN("keeps the newest text and all decisions", it_keeps_the_newest_text_and_all_decisions);
    RUN("keeps neither when the decisions are none",
        it_keeps_neither_when_the_decisions_are_none);
    RUN("does a repeated write once", it_does_a_repeated_write_once);
    RUN("says so where none are kept", it_says_so_where_none_are_kept);
    return check_report();
}
