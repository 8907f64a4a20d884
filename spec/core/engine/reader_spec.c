/* reader_spec.c: the readers' side of a population: snapshots, and threads beside a writer. */
#include "check.h"
#include "small_population.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static void it_takes_256_readers(void)
{
    small_population opened = small_population_open(); /* has one reader itself */
    oe_reader *readers[256] = {NULL};
    size_t count = 0;
    while (count < 256 && (readers[count] = oe_reader_new(opened.population)) != NULL)
        count++;
    if (!CHECK_INT(count, 255))
        return;
    CHECK(oe_snapshot_new(opened.population) == NULL);
    oe_reader_free(readers[100]);
    oe_snapshot *snapshot = oe_snapshot_new(opened.population);
    CHECK(snapshot != NULL);
    CHECK(oe_reader_new(opened.population) == NULL);
    oe_snapshot_free(snapshot);
    readers[100] = oe_reader_new(opened.population);
    CHECK(readers[100] != NULL);
    for (size_t i = 0; i < count; i++)
        oe_reader_free(readers[i]);
    oe_reader_free(NULL);
    oe_snapshot_free(NULL);
    small_population_close(&opened);
}

/* ---- snapshots ---- */

typedef struct seen {
    char text[512];
    size_t most; /* stop after so many */
    size_t count;
} seen;

static bool see(void *context, const oe_profile *profile)
{
    seen *all = context;
    size_t used = strlen(all->text);
    snprintf(all->text + used, sizeof all->text - used, "%s=%g ", oe_profile_id(profile, NULL),
             oe_profile_number(profile, SMALL_INCOME));
    return ++all->count < all->most;
}

static const char *read_all(const oe_snapshot *snapshot, oe_profile *profile, seen *all)
{
    *all = (seen){.most = SIZE_MAX};
    for (size_t page = 0; page < oe_snapshot_pages(snapshot); page++)
        CHECK(oe_snapshot_read(snapshot, page, profile, (oe_profile_sink){see, all}));
    return all->text;
}

static void it_keeps_what_it_saw(void)
{
    small_population opened = small_population_open();
    seen all;
    oe_snapshot *none = oe_snapshot_new(opened.population);
    CHECK_INT(oe_snapshot_pages(none), 0);
    small_put(&opened, "a", 1);
    small_put(&opened, "b", 2);
    small_put(&opened, "c", 3);
    oe_snapshot *before = oe_snapshot_new(opened.population);
    small_put(&opened, "b", 20);
    small_remove(&opened, "a");
    oe_snapshot *between = oe_snapshot_new(opened.population);
    small_put(&opened, "d", 4); /* into the row of a */
    char id[16];
    for (int i = 0; i < 2000; i++) { /* many commits, so that anything unheld is freed */
        snprintf(id, sizeof id, "x%d", i % 700);
        small_put(&opened, id, i);
    }
    CHECK_TEXT(read_all(none, opened.profile, &all), "");
    CHECK_TEXT(read_all(before, opened.profile, &all), "a=1 b=2 c=3 ");
    CHECK_TEXT(read_all(between, opened.profile, &all), "b=20 c=3 ");
    oe_snapshot_free(before);
    small_put(&opened, "c", 30);
    CHECK_TEXT(read_all(between, opened.profile, &all), "b=20 c=3 ");
    CHECK_NEAR(small_get(&opened, "c"), 30, 0);
    oe_snapshot_free(between);
    oe_snapshot_free(none);
    small_population_close(&opened);
}

static void it_does_not_see_an_open_batch(void)
{
    small_population opened = small_population_open();
    seen all;
    small_put(&opened, "a", 1);
    oe_population_begin(opened.population);
    small_put_within(&opened, "a", 10);
    small_put_within(&opened, "b", 2);
    oe_snapshot *snapshot = oe_snapshot_new(opened.population);
    oe_population_commit(opened.population);
    CHECK_TEXT(read_all(snapshot, opened.profile, &all), "a=1 ");
    oe_snapshot_free(snapshot);
    snapshot = oe_snapshot_new(opened.population);
    CHECK_TEXT(read_all(snapshot, opened.profile, &all), "a=10 b=2 ");
    oe_snapshot_free(snapshot);
    small_population_close(&opened);
}

static void it_ends_a_walk_when_told(void)
{
    small_population opened = small_population_open();
    small_put(&opened, "a", 1);
    small_put(&opened, "b", 2);
    oe_snapshot *snapshot = oe_snapshot_new(opened.population);
    for (size_t most = 1; most <= 3; most++) {
        seen all = {.most = most};
        CHECK_INT(oe_snapshot_read(snapshot, 0, opened.profile, (oe_profile_sink){see, &all}),
                  most == 3);
        CHECK_INT(all.count, most < 2 ? most : 2);
    }
    oe_snapshot_free(snapshot);
    small_population_close(&opened);
}

/* Between enter and leave the page that was found lasts, whatever is committed. */
static void it_holds_pages_between_enter_and_leave(void)
{
    small_population opened = small_population_open();
    oe_profile *held = oe_profile_new(opened.ruleset);
    oe_reader *reader = oe_reader_new(opened.population);
    small_put(&opened, "a", 1);
    oe_reader_enter(reader);
    for (int i = 2; i < 50; i++) {
        small_put(&opened, "a", i);
        CHECK(oe_reader_get(reader, "a", 1, held));
        CHECK_NEAR(oe_profile_number(held, SMALL_INCOME), i, 0);
    }
    oe_reader_leave(reader);
    oe_reader_free(reader);
    oe_profile_free(held);
    small_population_close(&opened);
}

/* ---- threads ---- */

enum { CUSTOMERS = 60, READERS = 2, READS = 25000, BATCHES_MAX = 40000, WRITES = 3000 };

/* Version v of customer k: income, balance and region belong together and to k. */
static void fill_version(oe_profile *profile, unsigned k, unsigned version)
{
    char text[32];
    double income = (double)version * CUSTOMERS + k;
    oe_profile_clear(profile);
    oe_profile_set_id(profile, text, (size_t)snprintf(text, sizeof text, "C%u", k), NULL);
    oe_profile_set_number(profile, SMALL_INCOME, income, NULL);
    oe_profile_set_number(profile, SMALL_BALANCE, -2 * income, NULL);
    oe_profile_set_text(profile, SMALL_REGION, text,
                        (size_t)snprintf(text, sizeof text, "%u:%u", k, version), NULL);
    oe_profile_own(profile, version % 2 ? "one" : "two", 3, NULL, NULL);
}

static void note_owned(void *context, const char *id, size_t length)
{
    char *owned = context;
    memcpy(owned, id, length);
}

static bool is_whole(const oe_profile *profile)
{
    char expected[32], id[32], owned[8] = "";
    double income = oe_profile_number(profile, SMALL_INCOME);
    unsigned k = (unsigned)income % CUSTOMERS, version = (unsigned)income / CUSTOMERS;
    size_t length = 0;
    const char *region = oe_profile_text(profile, SMALL_REGION, &length);
    snprintf(id, sizeof id, "C%u", k);
    snprintf(expected, sizeof expected, "%u:%u", k, version);
    oe_profile_owned(profile, note_owned, owned);
    return strcmp(oe_profile_id(profile, NULL), id) == 0 &&
           oe_profile_number(profile, SMALL_BALANCE) == -2 * income && region != NULL &&
           length == strlen(expected) && memcmp(region, expected, length) == 0 &&
           strcmp(owned, version % 2 ? "one" : "two") == 0;
}

typedef struct reading {
    oe_population *population;
    const oe_ruleset *ruleset;
    size_t found, torn, missing, older;
    atomic_int *active; /* readers at work */
} reading;

static bool check_row(void *context, const oe_profile *profile)
{
    reading *self = context;
    self->found++;
    self->torn += !is_whole(profile);
    return true;
}

/* Customer 0 is in every committed state and only gets newer. */
static void read_first(reading *self, oe_reader *reader, oe_profile *profile, double *newest)
{
    if (!oe_reader_get(reader, "C0", 2, profile)) {
        self->missing++;
        return;
    }
    double income = oe_profile_number(profile, SMALL_INCOME);
    self->torn += !is_whole(profile);
    self->older += income < *newest;
    *newest = income;
}

static void *read_many(void *context)
{
    reading *self = context;
    oe_reader *reader = oe_reader_new(self->population);
    oe_profile *profile = oe_profile_new(self->ruleset);
    double newest = 0;
    char id[16];
    for (unsigned i = 0; i < READS; i++) {
        snprintf(id, sizeof id, "C%u", i * 7 % CUSTOMERS);
        oe_reader_enter(reader);
        if (oe_reader_get(reader, id, strlen(id), profile)) {
            self->found++;
            self->torn += !is_whole(profile) || strcmp(oe_profile_id(profile, NULL), id) != 0;
        }
        read_first(self, reader, profile, &newest);
        oe_reader_leave(reader);
        if (i % 500 != 0)
            continue;
        oe_snapshot *snapshot = oe_snapshot_new(self->population);
        for (size_t page = 0; page < oe_snapshot_pages(snapshot); page++)
            oe_snapshot_read(snapshot, page, profile, (oe_profile_sink){check_row, self});
        oe_snapshot_free(snapshot);
    }
    oe_profile_free(profile);
    oe_reader_free(reader);
    atomic_fetch_sub(self->active, 1);
    return NULL;
}

static void write_batch(small_population *opened, unsigned batch)
{
    char id[16];
    oe_population_begin(opened->population);
    if (batch % 3 == 0) /* out and in again within one batch: never away */
        oe_population_remove(opened->population, "C0", 2);
    fill_version(opened->profile, 0, batch);
    oe_population_put(opened->population, opened->profile, NULL, NULL);
    for (unsigned i = 1; i < 4; i++) {
        unsigned k = 1 + (batch * 13 + i * 29) % (CUSTOMERS - 1);
        fill_version(opened->profile, k, batch);
        snprintf(id, sizeof id, "C%u", k);
        if ((batch + i) % 3 == 0)
            oe_population_remove(opened->population, id, strlen(id));
        else
            oe_population_put(opened->population, opened->profile, NULL, NULL);
    }
    oe_population_commit(opened->population);
}

static void it_shows_whole_customers_beside_a_writer(void)
{
    small_population opened = small_population_open();
    reading readings[READERS];
    pthread_t threads[READERS];
    atomic_int active = READERS;
    write_batch(&opened, 1);
    for (size_t i = 0; i < READERS; i++) {
        readings[i] = (reading){
            .population = opened.population, .ruleset = opened.ruleset, .active = &active};
        if (!CHECK_INT(pthread_create(&threads[i], NULL, read_many, &readings[i]), 0))
            exit(1);
    }
    for (unsigned batch = 2; batch < BATCHES_MAX && atomic_load(&active) > 0; batch++)
        write_batch(&opened, batch);
    for (size_t i = 0; i < READERS; i++) {
        pthread_join(threads[i], NULL);
        CHECK(readings[i].found > 0);
        CHECK_INT(readings[i].torn, 0);
        CHECK_INT(readings[i].missing, 0);
        CHECK_INT(readings[i].older, 0);
    }
    small_population_close(&opened);
}

static void *write_own(void *context)
{
    small_population opened = *(small_population *)context;
    opened.profile = oe_profile_new(opened.ruleset);
    for (int i = 0; i < WRITES; i++)
        small_put(&opened, "shared", i);
    oe_profile_free(opened.profile);
    return NULL;
}

static void it_lets_writers_wait_for_one_another(void)
{
    small_population opened = small_population_open();
    pthread_t other;
    if (!CHECK_INT(pthread_create(&other, NULL, write_own, &opened), 0))
        return;
    oe_profile *profile = oe_profile_new(opened.ruleset);
    small_population mine = opened;
    mine.profile = profile;
    for (int i = 0; i < WRITES; i++)
        small_put(&mine, "mine", i);
    pthread_join(other, NULL);
    CHECK_NEAR(small_get(&opened, "shared"), WRITES - 1, 0);
    CHECK_NEAR(small_get(&opened, "mine"), WRITES - 1, 0);
    CHECK_INT(oe_population_count(opened.population), 2);
    oe_profile_free(profile);
    small_population_close(&opened);
}

int main(void)
{
    RUN("there are 256 readers at a time, snapshots among them", it_takes_256_readers);
    RUN("a snapshot keeps what it saw", it_keeps_what_it_saw);
    RUN("a snapshot does not see an open batch", it_does_not_see_an_open_batch);
    RUN("a walk ends when its sink says so", it_ends_a_walk_when_told);
    RUN("what a reader found lasts until it leaves, and it sees each commit",
        it_holds_pages_between_enter_and_leave);
    RUN("threads see whole customers, none of them missing or older, while one writes",
        it_shows_whole_customers_beside_a_writer);
    RUN("two writers wait for one another", it_lets_writers_wait_for_one_another);
    return check_report();
}
