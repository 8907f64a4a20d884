/* activity_spec.c: what was counted is what a count over the raw decisions and events gives,
 * however it is asked for, and neither erasing nor forgetting changes it. */
#include "check.h"
#include "codec/varint.h"
#include "decisions.h"
#include "store_fixture.h"

#include <string.h>

enum {
    DAY_MS = 86400000,
    FIRST_DAY = 20000,
    DAYS = 3,
    GENERATIONS = 2, /* 5 and 6; only the products of 5 have names */
    TEXTS = 3,
    PRODUCTS = 4, /* and none */
    BLOCKS = 120,
    BLOCK_RECORDS = 60,
    DECISIONS = BLOCKS * BLOCK_RECORDS,
    CELLS = DAYS * GENERATIONS * TEXTS * TEXTS * (PRODUCTS + 1) * OE_STORE_STEP_COUNT
};

static const char *const channels[TEXTS] = {"", "app", "branch"};
static const char *const campaigns[TEXTS] = {"", "fall", "spring"};

static uint64_t state = 42;

static uint32_t draw(uint32_t below)
{
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)((state >> 33) % below);
}

typedef struct made {
    unsigned char id[OE_RECORD_ID_SIZE];
    unsigned day, generation, channel, campaign;
    unsigned offers; /* bit by product */
    unsigned told;   /* bit by product and outcome */
} made;

static made decisions[DECISIONS];
static uint64_t expected[CELLS], found[CELLS];

static size_t cell_of(const made *decision, unsigned product, unsigned step, unsigned by)
{
    size_t cell = (by & OE_STORE_BY_DAY) != 0 ? decision->day : 0;
    cell = cell * GENERATIONS + ((by & OE_STORE_BY_GENERATION) != 0 ? decision->generation : 0);
    cell = cell * TEXTS + ((by & OE_STORE_BY_CHANNEL) != 0 ? decision->channel : 0);
    cell = cell * TEXTS + ((by & OE_STORE_BY_CAMPAIGN) != 0 ? decision->campaign : 0);
    cell = cell * (PRODUCTS + 1) + ((by & OE_STORE_BY_PRODUCT) != 0 ? product : 0);
    return cell * OE_STORE_STEP_COUNT + step;
}

/* ---- making ---- */

static void add_text(oe__buffer *record, const char *text)
{
    oe__buffer_add_char(record, (char)strlen(text));
    oe__buffer_add_text(record, text);
}

static void add_record(oe__buffer *block, const made *decision)
{
    oe__buffer record = {0};
    char length[OE_VARINT_MAX];
    unsigned offers = 0;
    oe__buffer_add(&record, (const char *)decision->id, sizeof decision->id);
    oe__buffer_add_char(&record, 2); /* version */
    oe__buffer_add_char(&record, (char)(5 + decision->generation));
    oe__buffer_add_char(&record, 0); /* clock */
    oe__buffer_add_char(&record, (char)((decision->channel > 0 ? OE__RECORD_CHANNEL : 0) +
                                        (decision->campaign > 0 ? OE__RECORD_CAMPAIGN : 0)));
    if (decision->channel > 0)
        add_text(&record, channels[decision->channel]);
    if (decision->campaign > 0)
        add_text(&record, campaigns[decision->campaign]);
    add_text(&record, "C1");
    oe__buffer_add(&record, "digest of sixtee", OE_RECORD_DIGEST_SIZE);
    oe__buffer_add(&record, "\0\0\0\0", 4);
    for (unsigned i = 0; i < PRODUCTS; i++)
        offers += decision->offers >> i & 1;
    oe__buffer_add_char(&record, (char)offers);
    for (unsigned i = PRODUCTS; i-- > 0;)
        if ((decision->offers >> i & 1) != 0) {
            oe__buffer_add_char(&record, (char)i);
            oe__buffer_add_char(&record, 10); /* the score */
        }
    oe__buffer_add(block, length, (size_t)(oe__varint_put(length, record.length) - length));
    oe__buffer_add(block, record.data, record.length);
    oe__buffer_free(&record);
}

/* Around midnight, so that many blocks have more than one day. */
static void append(store_fixture *fixture, size_t first)
{
    oe__buffer block = {0};
    int64_t base_ms = ((int64_t)FIRST_DAY + 1 + draw(DAYS - 1)) * DAY_MS - 3000;
    for (size_t i = first; i < first + BLOCK_RECORDS; i++) {
        made *decision = &decisions[i];
        int64_t at_ms = base_ms + draw(9000);
        *decision = (made){.day = (unsigned)(at_ms / DAY_MS - FIRST_DAY),
                           .generation = draw(GENERATIONS),
                           .channel = draw(TEXTS),
                           .campaign = draw(TEXTS),
                           .offers = draw(4) == 0 ? 0 : draw(1 << PRODUCTS)};
        oe__record_make_id(decision->id, at_ms, (uint32_t)i, 7);
        add_record(&block, decision);
    }
    oe_store_submission submission = {.operation = OE_STORE_JOURNAL_APPEND,
                                      .body = {block.data, block.length}};
    CHECK_INT(fixture_call(fixture, submission).result.status, OE_OK);
    oe__buffer_free(&block);
}

/* Of the first generation, for the other's products have no names. */
static void tell(store_fixture *fixture)
{
    static const char *const names[] = {"p0", "p1", "p2", "p3"};
    oe_store_outcome outcomes[100];
    for (int round = 0; round < 30; round++) {
        size_t count = 0;
        while (count < sizeof outcomes / sizeof outcomes[0]) {
            made *decision = &decisions[draw(DECISIONS)];
            unsigned product = draw(PRODUCTS - 1), what = draw(OE_OUTCOME_COUNT);
            if (decision->generation != 0 || (decision->offers >> product & 1) == 0)
                continue;
            decision->told |= 1U << (product * OE_OUTCOME_COUNT + what);
            outcomes[count] = (oe_store_outcome){.outcome = (oe_outcome)what,
                                                 .product = fixture_bytes(names[product]),
                                                 .channel = fixture_bytes("elsewhere"),
                                                 .at_ms = ((int64_t)FIRST_DAY + 30) * DAY_MS};
            memcpy(outcomes[count++].decision, decision->id, OE_RECORD_ID_SIZE);
        }
        oe_store_submission submission = {.operation = OE_STORE_OUTCOMES_PUT,
                                          .at_ms = ((int64_t)FIRST_DAY + 40) * DAY_MS,
                                          .outcomes = outcomes,
                                          .outcome_count = count};
        CHECK_INT(fixture_call(fixture, submission).result.status, OE_OK);
    }
}

static void open_with_history(store_fixture *fixture)
{
    fixture_open(fixture, FIXTURE_SQLITE);
    for (int i = 0; i < DECISIONS_SETUP; i++)
        CHECK_INT(fixture_call(fixture, decisions_setup(i)).result.status, OE_OK);
    for (size_t i = 0; i < DECISIONS; i += BLOCK_RECORDS)
        append(fixture, i);
    tell(fixture);
}

/* ---- counting ---- */

static void count_raw(unsigned by, unsigned from, unsigned until)
{
    memset(expected, 0, sizeof expected);
    for (size_t i = 0; i < DECISIONS; i++) {
        const made *decision = &decisions[i];
        if (decision->day < from || decision->day >= until)
            continue;
        expected[cell_of(decision, PRODUCTS, OE_STORE_STEP_DECIDED, by)]++;
        expected[cell_of(decision, PRODUCTS, OE_STORE_STEP_WITHOUT_OFFER, by)] +=
            decision->offers == 0;
        for (unsigned product = 0; product < PRODUCTS; product++) {
            expected[cell_of(decision, product, OE_STORE_STEP_OFFERED, by)] +=
                decision->offers >> product & 1;
            for (unsigned what = 0; product < PRODUCTS - 1 && what < OE_OUTCOME_COUNT; what++)
                expected[cell_of(decision, product, OE_STORE_STEP_OUTCOME + what, by)] +=
                    decision->told >> (product * OE_OUTCOME_COUNT + what) & 1;
        }
    }
}

static unsigned find_text(const char *const *texts, oe_store_bytes text)
{
    for (unsigned i = 0; i < TEXTS; i++)
        if (strlen(texts[i]) == text.length &&
            (text.length == 0 || memcmp(texts[i], text.data, text.length) == 0))
            return i;
    CHECK(false);
    return 0;
}

/* "p2" of the one, "#2" of the other. */
static unsigned find_product(const oe_store_activity *activity)
{
    if (activity->product.length == 0)
        return PRODUCTS;
    CHECK_INT(activity->product.length, 2);
    return (unsigned)(activity->product.data[1] - '0');
}

static bool keep(void *context, const oe_store_activity *activity)
{
    unsigned by = *(const unsigned *)context;
    made like = {.channel = find_text(channels, activity->channel),
                 .campaign = find_text(campaigns, activity->campaign)};
    if ((by & OE_STORE_BY_DAY) != 0)
        like.day = (unsigned)(activity->day - FIRST_DAY);
    if ((by & OE_STORE_BY_GENERATION) != 0)
        like.generation = (unsigned)(activity->generation - 5);
    CHECK(like.day < DAYS && like.generation < GENERATIONS && activity->count > 0);
    found[cell_of(&like, find_product(activity), (unsigned)activity->step, by)] +=
        activity->count;
    return true;
}

static void compare(store_fixture *fixture, unsigned by, unsigned from, unsigned until)
{
    oe_store_activity_range range = {.from_day = FIRST_DAY + from,
                                     .until_day = FIRST_DAY + until,
                                     .by = by,
                                     .activity = keep,
                                     .context = &by};
    memset(found, 0, sizeof found);
    CHECK_INT(oe_store_activity_scan(fixture->store, &range, NULL), OE_OK);
    count_raw(by, from, until);
    CHECK(memcmp(expected, found, sizeof found) == 0);
}

static void it_counts_what_the_raw_rows_say(void)
{
    store_fixture fixture;
    open_with_history(&fixture);
    for (unsigned by = 0; by < 32; by++)
        compare(&fixture, by, 0, DAYS);
    for (unsigned from = 0; from < DAYS; from++)
        for (unsigned until = from; until <= DAYS; until++)
            compare(&fixture, 31, from, until);
    fixture_reopen(&fixture);
    compare(&fixture, 31, 0, DAYS);
    oe_store_submission erase = {.operation = OE_STORE_JOURNAL_ERASE,
                                 .id = fixture_bytes("C1")};
    CHECK_INT(fixture_call(&fixture, erase).result.decisions, DECISIONS);
    compare(&fixture, 31, 0, DAYS);
    oe_store_submission forget = {.operation = OE_STORE_JOURNAL_FORGET,
                                  .at_ms = ((int64_t)FIRST_DAY + 30) * DAY_MS};
    CHECK_INT(fixture_call(&fixture, forget).result.status, OE_OK);
    compare(&fixture, 31, 0, DAYS);
    fixture_close(&fixture);
}

static void it_counts_a_repeated_block_once(void)
{
    store_fixture fixture;
    oe__buffer block = {0};
    unsigned by = 0;
    made one = {.offers = 3};
    fixture_open(&fixture, FIXTURE_SQLITE);
    oe__record_make_id(one.id, (int64_t)FIRST_DAY * DAY_MS, 1, 7);
    add_record(&block, &one);
    oe_store_submission append_once = {.operation = OE_STORE_JOURNAL_APPEND,
                                       .operation_id = fixture_bytes("once"),
                                       .body = {block.data, block.length}};
    for (int i = 0; i < 2; i++)
        CHECK_INT(fixture_call(&fixture, append_once).result.status, OE_OK);
    oe_store_activity_range range = {.until_day = INT64_MAX, .activity = keep, .context = &by};
    memset(found, 0, sizeof found);
    CHECK_INT(oe_store_activity_scan(fixture.store, &range, NULL), OE_OK);
    CHECK_INT(found[OE_STORE_STEP_DECIDED], 1);
    CHECK_INT(found[OE_STORE_STEP_WITHOUT_OFFER], 0);
    CHECK_INT(found[OE_STORE_STEP_OFFERED], 2);
    oe__buffer_free(&block);
    fixture_close(&fixture);
}

/* Every third block has no record at its end. They are sent at once, so that they share
 * transactions. */
static void it_counts_nothing_of_a_block_that_is_refused(void)
{
    enum { SENT = 90 };
    store_fixture fixture;
    oe__buffer block = {0};
    store_answer answers[SENT] = {{.deliveries = 0}};
    unsigned by = 0;
    made one = {.offers = 3};
    fixture_open(&fixture, FIXTURE_SQLITE);
    oe__record_make_id(one.id, (int64_t)FIRST_DAY * DAY_MS, 1, 7);
    add_record(&block, &one);
    size_t whole = block.length;
    oe__buffer_add_text(&block, "\5hello");
    for (int i = 0; i < SENT; i++) {
        char id[OE_STORE_OPERATION_ID_SIZE];
        oe_port_operation_id(fixture.port, id);
        oe_store_submission submission = {
            .operation = OE_STORE_JOURNAL_APPEND,
            .operation_id = {id, sizeof id},
            .body = {block.data, i % 3 == 1 ? block.length : whole},
            .completion = fixture_keep,
            .context = &answers[i]};
        CHECK_INT(oe_port_submit(fixture.port, &submission, NULL), OE_OK);
    }
    for (int i = 0; i < SENT; i++) {
        while (answers[i].deliveries == 0)
            oe_port_wait(fixture.port, -1);
        CHECK_INT(answers[i].result.status, i % 3 == 1 ? OE_E_INVALID : OE_OK);
    }
    oe_store_activity_range range = {.until_day = INT64_MAX, .activity = keep, .context = &by};
    memset(found, 0, sizeof found);
    CHECK_INT(oe_store_activity_scan(fixture.store, &range, NULL), OE_OK);
    CHECK_INT(found[OE_STORE_STEP_DECIDED], SENT / 3 * 2);
    CHECK_INT(found[OE_STORE_STEP_OFFERED], SENT / 3 * 4);
    oe__buffer_free(&block);
    fixture_close(&fixture);
}

int main(void)
{
    RUN("counts what the raw rows say, also when those are gone",
        it_counts_what_the_raw_rows_say);
    RUN("counts a block that is repeated once", it_counts_a_repeated_block_once);
    RUN("counts nothing of a block that is refused",
        it_counts_nothing_of_a_block_that_is_refused);
    return check_report();
}
