/* generation_spec.c: rules that served: kept, listed and found again through each backend, and
 * a file from before there were any. */
#include "check.h"
#include "store/sqlite.h"
#include "store_fixture.h"

#include <stdlib.h>

/* "number@at hash author/note texts;" of every generation of an answer. */
typedef struct kept_generations {
    bool is_done, more;
    oe_status status;
    char text[4096];
} kept_generations;

static void keep(void *context, const oe_store_result *result)
{
    kept_generations *self = context;
    size_t length = 0;
    self->status = result->status;
    self->more = result->more;
    for (size_t i = 0; i < result->generation_count && length < sizeof self->text; i++) {
        const oe_store_generation *row = &result->generations[i];
        length += (size_t)snprintf(
            self->text + length, sizeof self->text - length, "%llu@%lld %.*s %.*s/%.*s %.*s;",
            (unsigned long long)row->number, (long long)row->at_ms, (int)row->hash.length,
            row->hash.data, (int)row->author.length, row->author.data, (int)row->note.length,
            row->note.data, (int)row->texts.length, row->texts.data);
    }
    self->is_done = true;
}

static kept_generations ask(store_fixture *fixture, oe_store_operation operation,
                            uint64_t number, size_t limit)
{
    kept_generations answer = {.is_done = false};
    oe_store_submission submission = {.operation = operation,
                                      .completion = keep,
                                      .context = &answer,
                                      .generation = {.number = number},
                                      .limit = limit};
    CHECK_INT(oe_port_submit(fixture->port, &submission, NULL), OE_OK);
    while (!answer.is_done)
        oe_port_wait(fixture->port, -1);
    return answer;
}

static oe_store_submission generation_of(uint64_t number, const char *hash, const char *texts)
{
    return (oe_store_submission){.operation = OE_STORE_GENERATION_PUT,
                                 .generation = {.number = number,
                                                .at_ms = 1000 + (int64_t)number,
                                                .hash = fixture_bytes(hash),
                                                .author = fixture_bytes("Ada"),
                                                .note = fixture_bytes("why"),
                                                .texts = fixture_bytes(texts)}};
}

static void put_three(store_fixture *fixture)
{
    CHECK_INT(fixture_call(fixture, generation_of(1, "aa", "one")).result.status, OE_OK);
    CHECK_INT(fixture_call(fixture, generation_of(2, "bb", "two")).result.status, OE_OK);
    CHECK_INT(fixture_call(fixture, generation_of(3, "aa", "one")).result.status, OE_OK);
}

static void check_three(store_fixture *fixture)
{
    CHECK_TEXT(ask(fixture, OE_STORE_GENERATION_GET, 0, 0).text, "3@1003 aa Ada/why one;");
    CHECK_TEXT(ask(fixture, OE_STORE_GENERATION_GET, 2, 0).text, "2@1002 bb Ada/why two;");
    CHECK_INT(ask(fixture, OE_STORE_GENERATION_GET, 4, 0).status, OE_E_NOT_FOUND);
    kept_generations all = ask(fixture, OE_STORE_GENERATION_LIST, 0, 3);
    CHECK_TEXT(all.text, "3@1003 aa Ada/why ;2@1002 bb Ada/why ;1@1001 aa Ada/why ;");
    CHECK(!all.more);
    kept_generations page = ask(fixture, OE_STORE_GENERATION_LIST, 0, 2);
    CHECK_TEXT(page.text, "3@1003 aa Ada/why ;2@1002 bb Ada/why ;");
    CHECK(page.more);
    page = ask(fixture, OE_STORE_GENERATION_LIST, 2, 2);
    CHECK_TEXT(page.text, "1@1001 aa Ada/why ;");
    CHECK(!page.more);
}

static void it_finds_generations_again(void)
{
    for (int backend = 0; backend < FIXTURE_BACKEND_COUNT; backend++) {
        store_fixture fixture;
        fixture_open(&fixture, (fixture_backend)backend);
        CHECK_INT(ask(&fixture, OE_STORE_GENERATION_GET, 0, 0).status, OE_E_NOT_FOUND);
        CHECK_TEXT(ask(&fixture, OE_STORE_GENERATION_LIST, 0, 10).text, "");
        put_three(&fixture);
        check_three(&fixture);
        fixture_reopen(&fixture);
        check_three(&fixture);
        CHECK_INT(oe_store_check(fixture.store, NULL), OE_OK);
        fixture_close(&fixture);
    }
}

static void it_gives_a_number_once(void)
{
    for (int backend = 0; backend < FIXTURE_BACKEND_COUNT; backend++) {
        store_fixture fixture;
        fixture_open(&fixture, (fixture_backend)backend);
        oe_store_submission put = generation_of(1, "aa", "one");
        put.operation_id = fixture_bytes("once");
        CHECK(!fixture_call(&fixture, put).result.repeated);
        CHECK(fixture_call(&fixture, put).result.repeated);
        put.generation.note = fixture_bytes("other");
        CHECK_INT(fixture_call(&fixture, put).result.status, OE_E_CONFLICT);
        put.operation_id = fixture_bytes("twice");
        CHECK_INT(fixture_call(&fixture, put).result.status, OE_E_CONFLICT);
        CHECK_TEXT(ask(&fixture, OE_STORE_GENERATION_GET, 0, 0).text, "1@1001 aa Ada/why one;");
        fixture_close(&fixture);
    }
}

static void it_refuses_what_no_backend_takes(void)
{
    char long_label[OE_STORE_LABEL_MAX + 2];
    memset(long_label, 'x', sizeof long_label - 1);
    long_label[sizeof long_label - 1] = '\0';
    store_fixture fixture;
    fixture_open(&fixture, FIXTURE_SQLITE);
    oe_store_submission cases[] = {
        generation_of(0, "aa", "one"), generation_of(UINT64_MAX, "aa", "one"),
        generation_of(1, "", "one"),   generation_of(1, "aa", ""),
        generation_of(1, "aa", "one"), generation_of(1, "aa", "one"),
    };
    cases[4].generation.author = fixture_bytes(long_label);
    cases[5].generation.note = fixture_bytes(long_label);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_INT(fixture_call(&fixture, cases[i]).result.status, OE_E_INVALID);
    long_label[OE_STORE_LABEL_MAX] = '\0';
    oe_store_submission fits = generation_of(1, "aa", "one");
    fits.generation.author = fits.generation.note = fixture_bytes(long_label);
    CHECK_INT(fixture_call(&fixture, fits).result.status, OE_OK);
    fixture_close(&fixture);
}

/* What takes a file of format 6 to 5, to 4, to 3, to 2, to 1. */
static const char *const steps_back[] = {
    "DROP TABLE run; PRAGMA user_version = 5",
    "DROP TABLE activity; PRAGMA user_version = 4",
    "DROP TABLE consent; ALTER TABLE event DROP COLUMN unit_ms;"
    "ALTER TABLE event DROP COLUMN decided_channel;"
    "ALTER TABLE event DROP COLUMN campaign; PRAGMA user_version = 3",
    "DROP TABLE former; DROP TABLE block; DROP TABLE block_bytes; DROP TABLE event;"
    "DROP TABLE tally; ALTER TABLE operation DROP COLUMN verdicts;"
    "ALTER TABLE operation DROP COLUMN customer; ALTER TABLE customer DROP COLUMN since_ms;"
    "ALTER TABLE state DROP COLUMN block; ALTER TABLE state DROP COLUMN chain;"
    "ALTER TABLE state DROP COLUMN anchor; ALTER TABLE state DROP COLUMN anchor_chain;"
    "PRAGMA user_version = 2",
    "DROP TABLE generation; DROP TABLE texts; PRAGMA user_version = 1",
};
enum { STEPS_BACK = sizeof steps_back / sizeof steps_back[0] };

static void step_back(const char *path, size_t steps)
{
    sqlite3 *db = NULL;
    CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
    for (size_t i = 0; i < steps; i++)
        CHECK_INT(sqlite3_exec(db, steps_back[i], NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void bring_forward(size_t steps)
{
    store_fixture fixture;
    fixture_open(&fixture, FIXTURE_SQLITE);
    fixture_put(&fixture, "C001", "body");
    oe_store_port_free(fixture.port);
    oe_store_close(fixture.store);
    step_back(fixture.path, steps);
    oe_store_options reading = {.url = fixture.path, .read_only = true};
    CHECK_INT(oe_store_open(&reading, &fixture.store, NULL), OE_E_VERSION);
    oe_store_options writing = {.url = fixture.path};
    CHECK_INT(oe_store_open(&writing, &fixture.store, NULL), OE_OK);
    fixture.port = oe_store_port_new(fixture.store);
    put_three(&fixture);
    check_three(&fixture);
    oe_store_submission get = {.operation = OE_STORE_CUSTOMER_GET, .id = fixture_bytes("C001")};
    CHECK_TEXT(fixture_call(&fixture, get).text, "C001=body;");
    oe_store_submission count = {.operation = OE_STORE_OUTCOME_COUNT};
    CHECK_INT(fixture_call(&fixture, count).result.count, 0);
    oe_store_submission consent = {.operation = OE_STORE_CONSENT_PUT,
                                   .id = fixture_bytes("C001"),
                                   .body = fixture_bytes("no")};
    CHECK_INT(fixture_call(&fixture, consent).result.created, 1);
    CHECK_INT(oe_store_check(fixture.store, NULL), OE_OK);
    fixture_close(&fixture);
}

static void it_brings_files_of_every_earlier_format_forward(void)
{
    for (size_t steps = 1; steps <= STEPS_BACK; steps++)
        bring_forward(steps);
}

int main(void)
{
    RUN("finds generations again, also after reopening", it_finds_generations_again);
    RUN("gives a number to one generation only", it_gives_a_number_once);
    RUN("refuses what no backend takes", it_refuses_what_no_backend_takes);
    RUN("brings files of every earlier format forward",
        it_brings_files_of_every_earlier_format_forward);
    return check_report();
}
