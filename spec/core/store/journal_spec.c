/* journal_spec.c: decisions are kept in blocks, found again, proved, erased and forgotten;
 * every change behind the journal's back is noticed and placed. */
#include "check.h"
#include "codec/record.h"
#include "codec/varint.h"
#include "store_fixture.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

enum { START_MS = 1700000000 };

static void add_bytes(oe__buffer *to, const char *bytes, size_t length)
{
    oe__buffer_add(to, bytes, length);
}

/* Appends a record without profile or offers, behind its length. */
static void add_record(oe__buffer *to, int64_t at_ms, uint32_t sequence, const char *customer)
{
    oe__buffer record = {0};
    unsigned char id[16];
    char digest[16] = "digest", length[OE_VARINT_MAX];
    oe__record_make_id(id, at_ms, sequence, 99);
    add_bytes(&record, (const char *)id, sizeof id);
    add_bytes(&record, "\1\5\0\0", 4);
    oe__buffer_add_char(&record, (char)strlen(customer));
    add_bytes(&record, customer, strlen(customer));
    add_bytes(&record, digest, sizeof digest);
    add_bytes(&record, "\0\0\0\0\0", 5);
    add_bytes(to, length, (size_t)(oe__varint_put(length, record.length) - length));
    add_bytes(to, record.data, record.length);
    oe__buffer_free(&record);
}

static store_answer append(store_fixture *fixture, const oe__buffer *block)
{
    oe_store_submission submission = {.operation = OE_STORE_JOURNAL_APPEND,
                                      .body = {block->data, block->length}};
    return fixture_call(fixture, submission);
}

/* `count` decisions for customers c0..c4 in turn, one each millisecond from `from_ms` on. */
static void append_many(store_fixture *fixture, int64_t from_ms, uint32_t count)
{
    oe__buffer block = {0};
    for (uint32_t i = 0; i < count; i++) {
        char customer[16];
        snprintf(customer, sizeof customer, "c%u", i % 5);
        add_record(&block, from_ms + i, i, customer);
    }
    store_answer answer = append(fixture, &block);
    CHECK_INT(answer.result.status, OE_OK);
    CHECK_INT(answer.result.decisions, count);
    oe__buffer_free(&block);
}

static oe_store_proof verify(store_fixture *fixture)
{
    oe_store_proof proof;
    oe_error error = {.message = ""};
    if (!CHECK_INT(oe_store_journal_verify(fixture->store, &proof, NULL, NULL, &error), OE_OK))
        printf("    %s\n", error.message);
    return proof;
}

static store_answer get(store_fixture *fixture, int64_t at_ms, uint32_t sequence)
{
    unsigned char id[16];
    oe__record_make_id(id, at_ms, sequence, 99);
    oe_store_submission submission = {.operation = OE_STORE_JOURNAL_GET,
                                      .id = {(const char *)id, sizeof id}};
    return fixture_call(fixture, submission);
}

static store_answer erase(store_fixture *fixture, oe_store_operation operation,
                          const char *customer)
{
    oe_store_submission submission = {.operation = operation, .id = fixture_bytes(customer)};
    return fixture_call(fixture, submission);
}

/* Runs SQL on the file while nobody has it open. */
static void change_file(store_fixture *fixture, const char *sql)
{
    sqlite3 *db = NULL;
    oe_store_port_free(fixture->port);
    oe_store_close(fixture->store);
    fixture->port = NULL;
    fixture->store = NULL;
    CHECK_INT(sqlite3_open(fixture->path, &db), SQLITE_OK);
    CHECK_INT(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    oe_store_options options = fixture_options(fixture);
    CHECK_INT(oe_store_open(&options, &fixture->store, NULL), OE_OK);
    fixture->port = oe_store_port_new(fixture->store);
}

static void it_finds_each_decision_by_its_id(void)
{
    store_fixture fixture;
    fixture_open(&fixture, FIXTURE_SQLITE);
    for (int64_t block = 0; block < 5; block++)
        append_many(&fixture, START_MS + block * 50, 70); /* times overlap */
    for (uint32_t i = 0; i < 70; i++)
        for (int64_t block = 0; block < 5; block++)
            CHECK_INT(get(&fixture, START_MS + block * 50 + i, i).result.status, OE_OK);
    CHECK_INT(get(&fixture, START_MS + 70, 5).result.status, OE_E_NOT_FOUND);
    CHECK_INT(get(&fixture, START_MS - 1, 0).result.status, OE_E_NOT_FOUND);
    CHECK_INT(get(&fixture, START_MS + 300, 0).result.status, OE_E_NOT_FOUND);
    fixture_close(&fixture);
}

static void it_proves_the_chain_also_after_reopening(void)
{
    store_fixture fixture;
    fixture_open(&fixture, FIXTURE_SQLITE);
    oe_store_proof proof = verify(&fixture), empty = proof;
    CHECK(proof.is_sound && proof.blocks == 0 && proof.records == 0);
    append_many(&fixture, START_MS, 64);
    append_many(&fixture, START_MS + 64, 3);
    fixture_reopen(&fixture);
    append_many(&fixture, START_MS + 70, 1);
    proof = verify(&fixture);
    CHECK(proof.is_sound);
    CHECK_INT(proof.blocks, 3);
    CHECK_INT(proof.records, 68);
    CHECK_INT(proof.erased, 0);
    CHECK(memcmp(proof.chain, empty.chain, sizeof proof.chain) != 0);
    CHECK_INT(oe_store_check(fixture.store, NULL), OE_OK);
    fixture_close(&fixture);
}

static void it_refuses_blocks_that_are_none(void)
{
    store_fixture fixture;
    oe__buffer block = {0};
    fixture_open(&fixture, FIXTURE_SQLITE);
    add_record(&block, START_MS, 1, "c");
    block.length--;
    CHECK_INT(append(&fixture, &block).result.status, OE_E_INVALID);
    block.length = 0;
    oe__buffer_add_text(&block, "\5hello");
    CHECK_INT(append(&fixture, &block).result.status, OE_E_INVALID);
    for (int64_t apart = OE_STORE_BLOCK_SPAN_MS; apart <= OE_STORE_BLOCK_SPAN_MS + 1; apart++) {
        block.length = 0;
        add_record(&block, START_MS, 1, "c");
        add_record(&block, START_MS + apart, 2, "c");
        CHECK_INT(append(&fixture, &block).result.status,
                  apart == OE_STORE_BLOCK_SPAN_MS ? OE_OK : OE_E_INVALID);
    }
    for (uint32_t count = OE_STORE_BLOCK_MAX; count <= OE_STORE_BLOCK_MAX + 1; count++) {
        block.length = 0;
        for (uint32_t i = 0; i < count; i++)
            add_record(&block, START_MS, i, "c");
        CHECK_INT(append(&fixture, &block).result.status,
                  count == OE_STORE_BLOCK_MAX ? OE_OK : OE_E_INVALID);
    }
    oe_store_proof proof = verify(&fixture);
    CHECK(proof.is_sound);
    CHECK_INT(proof.records, OE_STORE_BLOCK_MAX + 2);
    oe__buffer_free(&block);
    fixture_close(&fixture);
}

/* Each on a journal of blocks 1, 2 and 3 with 10, 10 and 10 records. */
static void it_names_the_first_damage(void)
{
    static const struct {
        const char *sql;
        uint64_t block, record;
        const char *words;
    } cases[] = {
        {"UPDATE block_bytes SET records = cast(x'01' || substr(records, 2) AS BLOB)"
         " WHERE number = 2",
         2, 1, "not what its leaf"},
        {"UPDATE block_bytes SET leaves = zeroblob(320) WHERE number = 2", 2, 0, "chain"},
        {"UPDATE block_bytes SET salts = cast(substr(salts, 1, 159) || x'77' AS BLOB)"
         " WHERE number = 3",
         3, 10, "not what its leaf"},
        {"UPDATE block SET chain = zeroblob(32) WHERE number = 1", 1, 0, "chain is broken"},
        {"DELETE FROM block WHERE number = 2", 2, 0, "missing"},
        {"DELETE FROM block_bytes WHERE number = 2", 2, 0, "not whole"},
        {"DELETE FROM block WHERE number = 3", 3, 0, "ends early"},
        {"DELETE FROM block WHERE number = 1", 1, 0, "missing"},
        {"UPDATE block SET count = 9 WHERE number = 1", 1, 0, "not whole"},
        {"UPDATE block SET from_ms = from_ms + 1 WHERE number = 3", 3, 1, "time"},
        {"UPDATE state SET chain = zeroblob(32)", 3, 0, "on record"},
        {"UPDATE block_bytes SET records = cast(records || x'00' AS BLOB) WHERE number = 1", 1,
         11, "as many records"},
        {"UPDATE state SET anchor = 1", 2, 0, "missing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        store_fixture fixture;
        fixture_open(&fixture, FIXTURE_SQLITE);
        for (int64_t block = 0; block < 3; block++)
            append_many(&fixture, START_MS + block * 10, 10);
        CHECK(verify(&fixture).is_sound);
        change_file(&fixture, cases[i].sql);
        oe_store_proof proof = verify(&fixture);
        CHECK(!proof.is_sound);
        CHECK_INT(proof.bad_block, cases[i].block);
        CHECK_INT(proof.bad_record, cases[i].record);
        if (!CHECK(strstr(proof.damage, cases[i].words) != NULL))
            printf("    %s: %s\n", cases[i].sql, proof.damage);
        fixture_close(&fixture);
    }
}

static bool file_holds(const char *path, const char *words)
{
    static char bytes[1 << 22];
    FILE *stream = fopen(path, "rb");
    size_t length = stream != NULL ? fread(bytes, 1, sizeof bytes, stream) : 0;
    if (stream != NULL)
        fclose(stream);
    size_t wanted = strlen(words);
    for (size_t at = 0; at + wanted <= length; at++)
        if (memcmp(bytes + at, words, wanted) == 0)
            return true;
    return false;
}

static bool files_hold(const store_fixture *fixture, const char *words)
{
    char log[128];
    snprintf(log, sizeof log, "%s-wal", fixture->path);
    return file_holds(fixture->path, words) || file_holds(log, words);
}

static void it_erases_a_person_from_everything(void)
{
    store_fixture fixture;
    oe__buffer block = {0};
    fixture_open(&fixture, FIXTURE_SQLITE);
    oe_store_submission put = {.operation = OE_STORE_CUSTOMER_PUT,
                               .id = fixture_bytes("planted-person"),
                               .body = fixture_bytes("{\"a\":\"planted-first\"}"),
                               .at_ms = 10};
    (void)fixture_call(&fixture, put);
    put.body = fixture_bytes("{\"a\":\"planted-second\"}");
    put.at_ms = 20;
    (void)fixture_call(&fixture, put);
    for (uint32_t i = 0; i < 20; i++)
        add_record(&block, START_MS, i, i % 2 == 0 ? "planted-person" : "another");
    CHECK_INT(append(&fixture, &block).result.status, OE_OK);
    append_many(&fixture, START_MS + 1000, 10);
    oe_store_submission consent = {.operation = OE_STORE_CONSENT_PUT,
                                   .id = fixture_bytes("planted-person"),
                                   .body = fixture_bytes("planted-consent")};
    CHECK_INT(fixture_call(&fixture, consent).result.created, 1);
    CHECK(files_hold(&fixture, "planted-consent"));
    CHECK(files_hold(&fixture, "planted"));
    oe_store_proof before = verify(&fixture);
    store_answer answer = erase(&fixture, OE_STORE_CUSTOMER_DELETE, "planted-person");
    CHECK_INT(answer.result.status, OE_OK);
    CHECK_INT(answer.result.deleted, 1);
    CHECK_INT(answer.result.versions, 1);
    CHECK_INT(answer.result.decisions, 10);
    CHECK_INT(answer.result.consents, 1);
    CHECK(!files_hold(&fixture, "planted"));
    CHECK(files_hold(&fixture, "another"));
    oe_store_proof proof = verify(&fixture);
    CHECK(proof.is_sound);
    CHECK_INT(proof.erased, 10);
    CHECK_INT(proof.records, 30);
    CHECK(memcmp(proof.chain, before.chain, sizeof proof.chain) == 0);
    CHECK_INT(get(&fixture, START_MS, 0).result.status, OE_E_NOT_FOUND);
    CHECK_INT(get(&fixture, START_MS, 1).result.status, OE_OK);
    CHECK_INT(erase(&fixture, OE_STORE_JOURNAL_ERASE, "another").result.decisions, 10);
    CHECK_INT(erase(&fixture, OE_STORE_JOURNAL_ERASE, "another").result.decisions, 0);
    CHECK_INT(verify(&fixture).erased, 20);
    oe__buffer_free(&block);
    fixture_close(&fixture);
}

static void it_forgets_whole_blocks_by_age(void)
{
    store_fixture fixture;
    fixture_open(&fixture, FIXTURE_SQLITE);
    for (int64_t block = 0; block < 4; block++)
        append_many(&fixture, START_MS + block * 100, 10);
    static const struct {
        int64_t at_ms;
        uint64_t decisions, blocks;
    } steps[] = {{START_MS + 9, 0, 4},
                 {START_MS + 10, 10, 3},
                 {START_MS + 209, 10, 2},
                 {START_MS + 1000, 20, 0},
                 {START_MS + 1000, 0, 0}};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        oe_store_submission forget = {.operation = OE_STORE_JOURNAL_FORGET,
                                      .at_ms = steps[i].at_ms};
        store_answer answer = fixture_call(&fixture, forget);
        CHECK_INT(answer.result.status, OE_OK);
        CHECK_INT(answer.result.decisions, steps[i].decisions);
        oe_store_proof proof = verify(&fixture);
        CHECK(proof.is_sound);
        CHECK_INT(proof.blocks, steps[i].blocks);
        CHECK_INT(proof.forgotten, 4 - steps[i].blocks);
    }
    append_many(&fixture, START_MS + 2000, 5);
    CHECK(verify(&fixture).is_sound);
    CHECK_INT(oe_store_check(fixture.store, NULL), OE_OK);
    fixture_close(&fixture);
}

static store_answer as_of(store_fixture *fixture, const char *id, int64_t at_ms)
{
    oe_store_submission submission = {
        .operation = OE_STORE_CUSTOMER_AS_OF, .id = fixture_bytes(id), .at_ms = at_ms};
    return fixture_call(fixture, submission);
}

static void it_keeps_former_profiles_with_their_validity(void)
{
    static const struct {
        const char *body;
        int64_t at_ms;
    } writes[] = {{"one", 100},   {"two", 200},  {"two", 250},
                  {"three", 300}, {"four", 300}, {"back", 290}};
    static const struct {
        int64_t at_ms;
        const char *text; /* NULL: not there */
    } cases[] = {{99, NULL},      {100, "a=one;"}, {199, "a=one;"},  {200, "a=two;"},
                 {250, "a=two;"}, {299, "a=two;"}, {300, "a=back;"}, {9999, "a=back;"}};
    store_fixture fixture;
    fixture_open(&fixture, FIXTURE_SQLITE);
    for (size_t i = 0; i < sizeof writes / sizeof writes[0]; i++) {
        oe_store_submission put = {.operation = OE_STORE_CUSTOMER_PUT,
                                   .id = fixture_bytes("a"),
                                   .body = fixture_bytes(writes[i].body),
                                   .at_ms = writes[i].at_ms};
        CHECK_INT(fixture_call(&fixture, put).result.status, OE_OK);
    }
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        store_answer answer = as_of(&fixture, "a", cases[i].at_ms);
        CHECK_INT(answer.result.status, cases[i].text != NULL ? OE_OK : OE_E_NOT_FOUND);
        CHECK_TEXT(answer.text, cases[i].text != NULL ? cases[i].text : "");
    }
    oe_store_submission forget = {.operation = OE_STORE_JOURNAL_FORGET, .at_ms = 200};
    CHECK_INT(fixture_call(&fixture, forget).result.versions, 1);
    CHECK_INT(as_of(&fixture, "a", 150).result.status, OE_E_NOT_FOUND);
    CHECK_TEXT(as_of(&fixture, "a", 250).text, "a=two;");
    fixture_close(&fixture);
}

typedef struct seen {
    uint64_t sound, erased, damaged;
} seen;

static bool count_record(void *context, const oe_store_record *record)
{
    seen *counts = context;
    counts->sound += record->state == OE_STORE_RECORD_SOUND;
    counts->erased += record->state == OE_STORE_RECORD_ERASED;
    counts->damaged += record->state == OE_STORE_RECORD_DAMAGED;
    return true;
}

static void it_scans_by_time(void)
{
    store_fixture fixture;
    fixture_open(&fixture, FIXTURE_SQLITE);
    append_many(&fixture, START_MS, 10);
    append_many(&fixture, START_MS + 10, 10);
    static const struct {
        int64_t from, until;
        uint64_t sound;
    } cases[] = {{INT64_MIN, INT64_MAX, 20},
                 {START_MS, START_MS + 20, 20},
                 {START_MS, START_MS, 0},
                 {START_MS + 5, START_MS + 12, 7},
                 {START_MS + 19, INT64_MAX, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        seen counts = {0};
        oe_store_journal_range range = {cases[i].from, cases[i].until, count_record, &counts,
                                        0};
        CHECK_INT(oe_store_journal_scan(fixture.store, &range, NULL), OE_OK);
        CHECK_INT(counts.sound, cases[i].sound);
    }
    (void)erase(&fixture, OE_STORE_JOURNAL_ERASE, "c1");
    change_file(&fixture, "UPDATE block_bytes SET salts = zeroblob(160) WHERE number = 2");
    seen counts = {0};
    oe_store_journal_range range = {0, INT64_MAX, count_record, &counts, 0};
    CHECK_INT(oe_store_journal_scan(fixture.store, &range, NULL), OE_OK);
    CHECK_INT(counts.sound, 8);
    CHECK_INT(counts.erased, 4);
    CHECK_INT(counts.damaged, 8);
    fixture_close(&fixture);
}

static long count_digests(const store_fixture *fixture)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *count = NULL;
    long found = -1;
    CHECK_INT(sqlite3_open(fixture->path, &db), SQLITE_OK);
    (void)sqlite3_prepare_v2(db, "SELECT count(*) FROM operation WHERE digest <> x''", -1,
                             &count, NULL);
    if (sqlite3_step(count) == SQLITE_ROW)
        found = (long)sqlite3_column_int64(count, 0);
    sqlite3_finalize(count);
    sqlite3_close(db);
    return found;
}

/* A digest of a profile tells who guesses that he guessed right. */
static void it_keeps_no_digest_of_what_a_person_was_stored_with(void)
{
    store_fixture fixture;
    oe_store_customer alone = {.id = fixture_bytes("a"), .body = fixture_bytes("x")};
    fixture_open(&fixture, FIXTURE_SQLITE);
    oe_store_submission put = {.operation = OE_STORE_CUSTOMER_PUT,
                               .operation_id = fixture_bytes("once"),
                               .id = fixture_bytes("a"),
                               .body = fixture_bytes("b")};
    oe_store_submission batch = {
        .operation = OE_STORE_CUSTOMER_BATCH, .customers = &alone, .customer_count = 1};
    (void)fixture_call(&fixture, put);
    (void)fixture_call(&fixture, batch);
    (void)fixture_put(&fixture, "another", "b");
    CHECK_INT(count_digests(&fixture), 3);
    (void)erase(&fixture, OE_STORE_CUSTOMER_DELETE, "a");
    CHECK_INT(count_digests(&fixture), 1);
    CHECK(fixture_call(&fixture, put).result.repeated);
    fixture_close(&fixture);
}

/* A write that is repeated is not done twice. */
static void it_appends_a_repeated_block_once(void)
{
    store_fixture fixture;
    oe__buffer block = {0};
    fixture_open(&fixture, FIXTURE_SQLITE);
    add_record(&block, START_MS, 1, "c");
    oe_store_submission submission = {.operation = OE_STORE_JOURNAL_APPEND,
                                      .operation_id = fixture_bytes("once"),
                                      .body = {block.data, block.length}};
    CHECK(!fixture_call(&fixture, submission).result.repeated);
    fixture_reopen(&fixture);
    CHECK(fixture_call(&fixture, submission).result.repeated);
    CHECK_INT(verify(&fixture).records, 1);
    oe__buffer_free(&block);
    fixture_close(&fixture);
}

int main(void)
{
    RUN("finds each decision by its id", it_finds_each_decision_by_its_id);
    RUN("proves the chain, also after reopening", it_proves_the_chain_also_after_reopening);
    RUN("refuses blocks that are none", it_refuses_blocks_that_are_none);
    RUN("names the first damage", it_names_the_first_damage);
    RUN("erases a person from everything", it_erases_a_person_from_everything);
    RUN("forgets whole blocks by age", it_forgets_whole_blocks_by_age);
    RUN("keeps former profiles with their validity",
        it_keeps_former_profiles_with_their_validity);
    RUN("scans by time", it_scans_by_time);
    RUN("keeps no digest of what a person was stored with",
        it_keeps_no_digest_of_what_a_person_was_stored_with);
    RUN("appends a repeated block once", it_appends_a_repeated_block_once);
    return check_report();
}
