/* mirror_spec.c: completions of writes in every order leave the population with the newest
 * state. */
#include "server/mirror.h"

#include "check.h"
#include "sample_rules.h"

/* What one write left behind: an income, or nothing. */
typedef struct outcome {
    int64_t revision;
    double income; /* 0: deleted */
} outcome;

typedef struct fixture {
    oe_dictionary *dictionary;
    oe_ruleset *ruleset;
    oe_population *population;
    oe_mirror *mirror;
    oe_reader *reader;
    oe_profile *profile;
} fixture;

static fixture open_fixture(void)
{
    fixture self = {.dictionary = oe_dictionary_new()};
    self.ruleset = sample_rules(self.dictionary);
    self.population = oe_population_new(self.dictionary);
    self.mirror = oe__mirror_new(self.population);
    self.reader = oe_reader_new(self.population);
    self.profile = oe_profile_new(self.ruleset);
    return self;
}

static void close_fixture(fixture *self)
{
    oe_profile_free(self->profile);
    oe_reader_free(self->reader);
    oe__mirror_free(self->mirror);
    oe_population_free(self->population);
    oe_ruleset_free(self->ruleset);
    oe_dictionary_free(self->dictionary);
}

/* The income that readers see, 0 when the customer is not there. */
static double shown(fixture *self)
{
    oe_reader_enter(self->reader);
    bool is_there = oe_reader_get(self->reader, "C001", 4, self->profile);
    oe_reader_leave(self->reader);
    return is_there ? oe_profile_number(self->profile, SAMPLE_INCOME) : 0;
}

static void settle(fixture *self, outcome what)
{
    oe__mirror_begin(self->mirror);
    if (what.income > 0) {
        sample_customer(self->profile);
        (void)oe_profile_set_number(self->profile, SAMPLE_INCOME, what.income, NULL);
        CHECK_INT(oe__mirror_put(self->mirror, self->profile, what.revision, NULL), OE_OK);
    } else {
        oe__mirror_remove(self->mirror, "C001", 4, what.revision);
    }
    oe__mirror_commit(self->mirror);
}

static void it_lets_the_newest_state_through_in_every_order(void)
{
    static const struct {
        outcome first, second;
        double expected;
    } cases[] = {
        {{1, 10}, {2, 20}, 20}, {{2, 20}, {1, 10}, 20}, {{1, 10}, {2, 0}, 0},
        {{2, 0}, {1, 10}, 0},   {{2, 20}, {1, 0}, 20},  {{1, 0}, {2, 20}, 20},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fixture self = open_fixture();
        CHECK(oe__mirror_announce(self.mirror, "C001", 4));
        CHECK(oe__mirror_announce(self.mirror, "C001", 4));
        settle(&self, cases[i].first);
        settle(&self, cases[i].second);
        CHECK_NEAR(shown(&self), cases[i].expected, 0);
        close_fixture(&self);
    }
}

static void it_takes_three_that_cross(void)
{
    static const int orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                    {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    static const outcome writes[] = {{1, 10}, {2, 0}, {3, 30}};
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        fixture self = open_fixture();
        for (int k = 0; k < 3; k++)
            CHECK(oe__mirror_announce(self.mirror, "C001", 4));
        for (int k = 0; k < 3; k++)
            settle(&self, writes[orders[i][k]]);
        CHECK_NEAR(shown(&self), 30, 0);
        close_fixture(&self);
    }
}

static void it_forgets_revisions_once_all_are_settled(void)
{
    fixture self = open_fixture();
    CHECK(oe__mirror_announce(self.mirror, "C001", 4));
    settle(&self, (outcome){9, 90});
    CHECK(oe__mirror_announce(self.mirror, "C001", 4));
    settle(&self, (outcome){3, 30});
    CHECK_NEAR(shown(&self), 30, 0);
    close_fixture(&self);
}

static void it_goes_on_after_a_write_that_failed(void)
{
    fixture self = open_fixture();
    CHECK(oe__mirror_announce(self.mirror, "C001", 4));
    CHECK(oe__mirror_announce(self.mirror, "C001", 4));
    settle(&self, (outcome){2, 20});
    oe__mirror_withdraw(self.mirror, "C001", 4);
    CHECK_NEAR(shown(&self), 20, 0);
    CHECK(oe__mirror_announce(self.mirror, "C001", 4));
    settle(&self, (outcome){1, 10});
    CHECK_NEAR(shown(&self), 10, 0);
    oe__mirror_withdraw(self.mirror, "nobody", 6);
    close_fixture(&self);
}

static void it_frees_what_is_still_announced(void)
{
    fixture self = open_fixture();
    char id[] = "A0";
    for (id[1] = '0'; id[1] <= '9'; id[1]++)
        CHECK(oe__mirror_announce(self.mirror, id, 2));
    close_fixture(&self);
}

int main(void)
{
    RUN("the newest state is let through in every order",
        it_lets_the_newest_state_through_in_every_order);
    RUN("three writes that cross leave the last", it_takes_three_that_cross);
    RUN("revisions are forgotten once all writes are settled",
        it_forgets_revisions_once_all_are_settled);
    RUN("a write that failed leaves no trace", it_goes_on_after_a_write_that_failed);
    RUN("what is still announced is freed", it_frees_what_is_still_announced);
    return check_report();
}
