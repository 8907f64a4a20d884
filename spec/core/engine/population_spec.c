/* population_spec.c: the writer's side: rows, batches, growth and new rules. */
#include "engine/population.h"

#include "check.h"
#include "small_population.h"

/* A NaN stands for a customer who is not there. */
static bool is_same(double seen, double expected)
{
    return isnan(expected) ? isnan(seen) : seen == expected;
}

static const char *number(char *text, size_t size, uint32_t i)
{
    snprintf(text, size, "C%05u", i);
    return text;
}

static void it_puts_replaces_and_removes(void)
{
    small_population opened = small_population_open();
    CHECK_INT(oe_population_count(opened.population), 0);
    CHECK(isnan(small_get(&opened, "C1")));
    CHECK(!small_put(&opened, "C1", 10));
    CHECK(!small_put(&opened, "C2", 20));
    CHECK_NEAR(small_get(&opened, "C1"), 10, 0);
    CHECK(small_put(&opened, "C1", 11));
    CHECK_NEAR(small_get(&opened, "C1"), 11, 0);
    CHECK_NEAR(small_get(&opened, "C2"), 20, 0);
    CHECK_INT(oe_population_count(opened.population), 2);
    CHECK(small_remove(&opened, "C1"));
    CHECK(!small_remove(&opened, "C1"));
    CHECK(!small_remove(&opened, "C"));
    CHECK(isnan(small_get(&opened, "C1")));
    CHECK_NEAR(small_get(&opened, "C2"), 20, 0);
    CHECK_INT(oe_population_count(opened.population), 1);
    CHECK(!small_put(&opened, "C1", 12));
    CHECK_NEAR(small_get(&opened, "C1"), 12, 0);
    small_population_close(&opened);
    oe_population_free(NULL);
}

static void it_refuses_what_is_no_whole_profile(void)
{
    small_population opened = small_population_open();
    oe_dictionary *other = oe_dictionary_new();
    oe_ruleset *foreign = small_seal(small_rules(other));
    oe_profile *profile = oe_profile_new(foreign);
    oe_profile_set_id(profile, "C1", 2, NULL);
    oe_profile_set_number(profile, SMALL_INCOME, 1, NULL);
    oe_error error;
    oe_population_begin(opened.population);
    CHECK_INT(oe_population_put(opened.population, opened.profile, NULL, &error), OE_E_INVALID);
    CHECK_TEXT(error.message, "customer_id: is missing");
    oe_profile_set_id(opened.profile, "C1", 2, NULL);
    CHECK_INT(oe_population_put(opened.population, opened.profile, NULL, &error), OE_E_INVALID);
    CHECK_TEXT(error.message, "income: is missing");
    CHECK_INT(oe_population_put(opened.population, profile, NULL, &error), OE_E_ARGUMENT);
    CHECK_TEXT(error.message, "population: the profile's rules use another dictionary");
    oe_population_commit(opened.population);
    CHECK_INT(oe_population_count(opened.population), 0);
    oe_profile_free(profile);
    oe_ruleset_free(foreign);
    oe_dictionary_free(other);
    small_population_close(&opened);
}

static void it_holds_every_kind_of_value(void)
{
    small_population opened = small_population_open();
    oe_profile *profile = opened.profile;
    oe_profile_set_id(profile, "J\xC3\xB6rg", 5, NULL);
    oe_profile_set_number(profile, SMALL_INCOME, 0.1, NULL);
    oe_profile_set_number(profile, SMALL_MEMBER, 0, NULL);
    oe_profile_set_text(profile, SMALL_REGION, "a\0b", 3, NULL);
    oe_profile_own(profile, "two", 3, NULL, NULL);
    oe_profile_own(profile, "stranger", 8, NULL, NULL);
    oe_population_begin(opened.population);
    CHECK_INT(oe_population_put(opened.population, profile, NULL, NULL), OE_OK);
    oe_population_commit(opened.population);
    oe_profile_clear(profile);
    CHECK_NEAR(small_get(&opened, "J\xC3\xB6rg"), 0.1, 0);
    size_t length = 0;
    CHECK_TEXT(oe_profile_id(profile, &length), "J\xC3\xB6rg");
    CHECK_INT(length, 5);
    CHECK_NEAR(oe_profile_number(profile, SMALL_MEMBER), 0, 0);
    CHECK(isnan(oe_profile_number(profile, SMALL_CREDIT_SCORE)));
    const char *region = oe_profile_text(profile, SMALL_REGION, &length);
    CHECK_BYTES(region, length, "a\0b");
    CHECK(oe__owns(profile->owned, 1) && !oe__owns(profile->owned, 0));
    CHECK_INT(profile->unknown_products, 1);
    CHECK(!small_put(&opened, "C2", 3)); /* a bare row beside it */
    small_get(&opened, "C2");
    CHECK(oe_profile_text(profile, SMALL_REGION, &length) == NULL);
    CHECK(!oe__owns(profile->owned, 1) && profile->unknown_products == 0);
    CHECK(small_put(&opened, "J\xC3\xB6rg", 7)); /* a replaced row keeps nothing */
    small_get(&opened, "J\xC3\xB6rg");
    CHECK(isnan(oe_profile_number(profile, SMALL_MEMBER)));
    CHECK(oe_profile_text(profile, SMALL_REGION, &length) == NULL &&
          !oe__owns(profile->owned, 1));
    small_population_close(&opened);
}

static void it_reuses_rows(void)
{
    small_population opened = small_population_open();
    char id[16];
    for (uint32_t i = 0; i < 300; i++)
        small_put(&opened, number(id, sizeof id, i), i);
    CHECK_INT(opened.population->row_count, 300);
    for (uint32_t i = 0; i < 300; i += 3)
        CHECK(small_remove(&opened, number(id, sizeof id, i)));
    for (uint32_t i = 1000; i < 1100; i++)
        small_put(&opened, number(id, sizeof id, i), i);
    CHECK_INT(opened.population->row_count, 300);
    CHECK_INT(oe_population_count(opened.population), 300);
    for (uint32_t i = 0; i < 1100; i++) {
        bool there = i < 300 ? i % 3 != 0 : i >= 1000;
        double income = small_get(&opened, number(id, sizeof id, i));
        if (!CHECK(is_same(income, there ? i : (double)NAN)))
            break;
    }
    small_population_close(&opened);
}

static bool count_one(void *context, const oe_profile *profile)
{
    (void)profile;
    ++*(size_t *)context;
    return true;
}

static size_t rows_of(const oe_snapshot *snapshot, size_t page, oe_profile *profile)
{
    size_t rows = 0;
    CHECK(oe_snapshot_read(snapshot, page, profile, (oe_profile_sink){count_one, &rows}));
    return rows;
}

static void it_begins_a_page_after_256_rows(void)
{
    static const struct {
        uint32_t customers, pages, last;
    } cases[] = {{0, 0, 0},
                 {1, 1, 1},
                 {255, 1, 255},
                 {256, 1, 256},
                 {257, 2, 1},
                 {512, 2, 256},
                 {513, 3, 1},
                 {16 * 256, 16, 256},
                 {16 * 256 + 1, 17, 1}}; /* the first directory holds 16 */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        small_population opened = small_population_open();
        char id[16];
        oe_population_begin(opened.population);
        for (uint32_t c = 0; c < cases[i].customers; c++)
            small_put_within(&opened, number(id, sizeof id, c), c);
        oe_population_commit(opened.population);
        oe_snapshot *snapshot = oe_snapshot_new(opened.population);
        CHECK_INT(oe_snapshot_pages(snapshot), cases[i].pages);
        if (cases[i].pages > 0)
            CHECK_INT(rows_of(snapshot, cases[i].pages - 1, opened.profile), cases[i].last);
        if (cases[i].customers > 0) {
            CHECK_NEAR(small_get(&opened, number(id, sizeof id, 0)), 0, 0);
            CHECK_NEAR(small_get(&opened, number(id, sizeof id, cases[i].customers - 1)),
                       cases[i].customers - 1, 0);
        }
        oe_snapshot_free(snapshot);
        small_population_close(&opened);
    }
}

enum { MANY = 12000 };

static void it_grows_with_many_customers(void)
{
    small_population opened = small_population_open();
    char id[16];
    size_t wrong = 0;
    for (uint32_t i = 0; i < MANY;) { /* batches of all sizes, some with removals */
        oe_population_begin(opened.population);
        for (uint32_t end = i + 1 + i / 3; i < end && i < MANY; i++) {
            wrong += small_put_within(&opened, number(id, sizeof id, i), i);
            if (i % 5 == 0)
                wrong += !oe_population_remove(opened.population, id, strlen(id));
        }
        oe_population_commit(opened.population);
    }
    CHECK_INT(oe_population_count(opened.population), MANY - MANY / 5);
    for (uint32_t i = 0; i < MANY; i++) {
        double income = small_get(&opened, number(id, sizeof id, i));
        wrong += !is_same(income, i % 5 == 0 ? (double)NAN : i);
    }
    CHECK_INT(wrong, 0);
    CHECK(isnan(small_get(&opened, number(id, sizeof id, MANY))));
    small_population_close(&opened);
}

/* Adding and removing for long must not fill the table with what is gone. */
static void it_keeps_its_table_small(void)
{
    small_population opened = small_population_open();
    char id[16];
    for (uint32_t i = 0; i < 5000; i++) {
        small_put(&opened, number(id, sizeof id, i), i);
        CHECK(small_remove(&opened, id));
    }
    CHECK_INT(oe_population_count(opened.population), 0);
    CHECK_INT(opened.population->row_count, 1);
    CHECK_INT(atomic_load(&opened.population->table)->slot_count, 1024);
    small_population_close(&opened);
}

/* ---- batches ---- */

static void it_shows_a_batch_with_its_commit(void)
{
    small_population opened = small_population_open();
    small_put(&opened, "kept", 1);
    small_put(&opened, "changed", 2);
    small_put(&opened, "gone", 3);
    small_put(&opened, "back", 4);
    oe_population_begin(opened.population);
    small_put_within(&opened, "changed", 20);
    small_put_within(&opened, "new", 50);
    CHECK(oe_population_remove(opened.population, "gone", 4));
    CHECK(!oe_population_remove(opened.population, "gone", 4));
    CHECK(oe_population_remove(opened.population, "back", 4));
    CHECK(!small_put_within(&opened, "back", 40));
    CHECK(small_put_within(&opened, "back", 41)); /* the batch sees itself */
    small_put_within(&opened, "never", 60);
    CHECK(oe_population_remove(opened.population, "never", 5));
    const struct {
        const char *id;
        double before, after;
    } cases[] = {{"kept", 1, 1},           {"changed", 2, 20},
                 {"gone", 3, (double)NAN}, {"back", 4, 41},
                 {"new", (double)NAN, 50}, {"never", (double)NAN, (double)NAN}};
    for (int committed = 0; committed < 2; committed++) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            double expected = committed ? cases[i].after : cases[i].before;
            double seen = small_get(&opened, cases[i].id);
            if (!CHECK(is_same(seen, expected)))
                printf("  %s, committed %d: %g\n", cases[i].id, committed, seen);
        }
        if (!committed)
            oe_population_commit(opened.population);
    }
    CHECK_INT(oe_population_count(opened.population), 4);
    small_population_close(&opened);
}

/* What is removed stays findable until the commit also when the table grows meanwhile. */
static void it_keeps_leavers_while_the_table_grows(void)
{
    small_population opened = small_population_open();
    char id[16];
    for (uint32_t i = 0; i < 600; i++)
        small_put(&opened, number(id, sizeof id, i), i);
    oe_population_begin(opened.population);
    for (uint32_t i = 0; i < 600; i++)
        CHECK(oe_population_remove(opened.population, number(id, sizeof id, i), 6));
    for (uint32_t i = 300; i < 3000; i++)
        CHECK(!small_put_within(&opened, number(id, sizeof id, i), i * 10));
    size_t wrong = 0;
    for (uint32_t i = 0; i < 3000; i++) {
        double seen = small_get(&opened, number(id, sizeof id, i));
        wrong += !is_same(seen, i < 600 ? i : (double)NAN);
    }
    CHECK_INT(wrong, 0);
    oe_population_commit(opened.population);
    for (uint32_t i = 0; i < 3000; i++) {
        double seen = small_get(&opened, number(id, sizeof id, i));
        wrong += !is_same(seen, i < 300 ? (double)NAN : i * 10);
    }
    CHECK_INT(wrong, 0);
    CHECK_INT(oe_population_count(opened.population), 2700);
    small_population_close(&opened);
}

/* ---- new rules ---- */

static oe_ruleset *later_rules(oe_dictionary *dictionary)
{
    oe_builder *builder = small_rules(dictionary);
    oe_attribute added = small_attribute("added", OE_NUMBER);
    oe_product one = small_product("one", "saving"), late = small_product("late", "travel");
    oe_gate gate = {"requires", small_text(builder, OE_EQUALS, "region", "north"),
                    small_where()};
    one.gates = &gate;
    one.gate_count = 1;
    oe_builder_attribute(builder, &added);
    oe_builder_product(builder, &late);
    oe_builder_product(builder, &one);
    return small_seal(builder);
}

static bool list_offers(void *context, const oe_decision *decision)
{
    char *ids = context;
    for (size_t i = 0; i < decision->offer_count; i++)
        strcat(ids, oe_ruleset_product(decision->ruleset, decision->offers[i].product)->id);
    return true;
}

static void check_offers_on_page(oe_population *population, const oe_ruleset *ruleset,
                                 const char *expected)
{
    char ids[64] = "";
    oe_options options = {.category = -1};
    oe_decider *decider = oe_decider_new(ruleset);
    oe_snapshot *snapshot = oe_snapshot_new(population);
    CHECK(oe_decide_page(decider, snapshot, 0, &options, (oe_decision_sink){list_offers, ids}));
    CHECK_TEXT(ids, expected);
    oe_snapshot_free(snapshot);
    oe_decider_free(decider);
}

/* Stored when no rule knew the region "north" and the product "late". */
static void it_learns_what_new_rules_know(void)
{
    small_population opened = small_population_open();
    oe_profile_set_id(opened.profile, "C1", 2, NULL);
    oe_profile_set_number(opened.profile, SMALL_INCOME, 90000, NULL);
    oe_profile_set_text(opened.profile, SMALL_REGION, "north", 5, NULL);
    oe_profile_own(opened.profile, "late", 4, NULL, NULL);
    oe_population_begin(opened.population);
    CHECK_INT(oe_population_put(opened.population, opened.profile, NULL, NULL), OE_OK);
    oe_population_commit(opened.population);
    oe_ruleset *later = later_rules(opened.dictionary);
    CHECK_INT(oe_population_refresh(opened.population, NULL), OE_OK);
    check_offers_on_page(opened.population, later, "one"); /* "late" is owned */
    oe_profile *profile = oe_profile_new(later);
    oe_decider *decider = oe_decider_new(later);
    oe_options options = {.category = -1};
    oe_reader_enter(opened.reader);
    CHECK(oe_reader_get(opened.reader, "C1", 2, profile));
    oe_reader_leave(opened.reader);
    CHECK_INT(oe_decide(decider, profile, &options)->offer_count, 1);
    CHECK_INT(profile->unknown_products, 0);
    CHECK(isnan(oe_profile_number(profile, SMALL_HOLDINGS + 1))); /* `added` is unknown */
    size_t length = 0;
    const char *region = oe_profile_text(profile, SMALL_REGION, &length);
    CHECK_BYTES(region, length, "north");
    CHECK_NEAR(small_get(&opened, "C1"), 90000, 0); /* the earlier rules still read it */
    oe_decider_free(decider);
    oe_profile_free(profile);
    oe_ruleset_free(later);
    small_population_close(&opened);
}

/* Written under later rules, then under earlier ones, which do not know `added`. */
static void it_replaces_what_other_rules_stored(void)
{
    small_population opened = small_population_open();
    oe_ruleset *later = later_rules(opened.dictionary);
    oe_profile *profile = oe_profile_new(later);
    oe_profile_set_id(profile, "C1", 2, NULL);
    oe_profile_set_number(profile, SMALL_INCOME, 1, NULL);
    oe_profile_set_number(profile, SMALL_HOLDINGS + 1, 5, NULL);
    for (int round = 0; round < 2; round++) {
        if (round == 0) {
            oe_population_begin(opened.population);
            CHECK_INT(oe_population_put(opened.population, profile, NULL, NULL), OE_OK);
            oe_population_commit(opened.population);
        } else {
            CHECK(small_put(&opened, "C1", 2));
        }
        oe_reader_enter(opened.reader);
        CHECK(oe_reader_get(opened.reader, "C1", 2, profile));
        oe_reader_leave(opened.reader);
        CHECK(is_same(oe_profile_number(profile, SMALL_HOLDINGS + 1), round ? (double)NAN : 5));
    }
    oe_profile_free(profile);
    oe_ruleset_free(later);
    small_population_close(&opened);
}

static void it_refreshes_nothing_twice(void)
{
    small_population opened = small_population_open();
    CHECK_INT(oe_population_refresh(opened.population, NULL), OE_OK); /* of nobody */
    small_put(&opened, "C1", 1);
    CHECK_INT(oe_population_refresh(opened.population, NULL), OE_OK);
    CHECK_INT(oe_population_refresh(opened.population, NULL), OE_OK);
    CHECK_NEAR(small_get(&opened, "C1"), 1, 0);
    CHECK_INT(oe_population_count(opened.population), 1);
    small_population_close(&opened);
}

int main(void)
{
    RUN("customers are put, replaced and removed", it_puts_replaces_and_removes);
    RUN("only whole profiles of the same dictionary are taken",
        it_refuses_what_is_no_whole_profile);
    RUN("every kind of value comes back as it was put", it_holds_every_kind_of_value);
    RUN("rows of removed customers are used again", it_reuses_rows);
    RUN("a page holds 256 customers", it_begins_a_page_after_256_rows);
    RUN("table and directory grow with the customers", it_grows_with_many_customers);
    RUN("coming and going does not fill the table", it_keeps_its_table_small);
    RUN("a batch shows with its commit, to itself at once", it_shows_a_batch_with_its_commit);
    RUN("who is removed stays until the commit, whatever grows",
        it_keeps_leavers_while_the_table_grows);
    RUN("after a refresh, what was unknown to earlier rules counts",
        it_learns_what_new_rules_know);
    RUN("a replaced customer keeps nothing that other rules stored",
        it_replaces_what_other_rules_stored);
    RUN("a refresh changes nothing that is known", it_refreshes_nothing_twice);
    return check_report();
}
