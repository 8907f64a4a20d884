/* compare_spec.c: the counts of a comparison are those of a brute force: every customer decided
 * by itself under both rulesets, the two answers compared. */
#include "engine/fairness.h"

#include "check.h"
#include "random_rules.h"
#include "sample_rules.h"

#include <stdlib.h>

enum { CUSTOMERS = 20000, FEW = 1500, PRODUCTS_MAX = 64 };

typedef struct fixture {
    oe_dictionary *dictionary;
    oe_ruleset *rules[2];
    oe_population *population;
    oe_snapshot *snapshot;
    oe_options options;
    oe__comparison *comparison;
    oe__compare_counts counts;
} fixture;

/* ---- the brute force ---- */

typedef struct answer {
    size_t count, segment_count;
    uint32_t products[PRODUCTS_MAX], segments[PRODUCTS_MAX]; /* products by common number */
    double confidences[PRODUCTS_MAX];
} answer;

typedef struct brute {
    const fixture *fixture;
    oe_decider *deciders[2];
    oe_profile *profiles[2];
    oe_reader *reader;
    oe__compare_counts counts;
    uint64_t to[PRODUCTS_MAX + 1][PRODUCTS_MAX + 1];
    uint64_t flipped; /* customers */
} brute;

static answer ask(brute *self, int side, const char *id, size_t length)
{
    answer given = {0};
    oe_reader_enter(self->reader);
    CHECK(oe_reader_get(self->reader, id, length, self->profiles[side]));
    oe_reader_leave(self->reader);
    const oe_decision *decision =
        oe_decide(self->deciders[side], self->profiles[side], &self->fixture->options);
    const oe_ruleset *other = self->fixture->rules[OE__NEW];
    given.count = decision->offer_count;
    given.segment_count = decision->segment_count;
    for (size_t i = 0; i < given.count; i++) {
        const char *product =
            oe_ruleset_product(decision->ruleset, decision->offers[i].product)->id;
        int32_t number = oe_ruleset_find(other, OE_PRODUCTS, product, strlen(product));
        for (size_t p = 0; number < 0 && p < self->fixture->comparison->product_count; p++)
            if (strcmp(oe__compared_product(self->fixture->comparison, p)->id, product) == 0)
                number = (int32_t)p;
        given.products[i] = (uint32_t)number;
        given.confidences[i] = decision->offers[i].confidence;
    }
    for (size_t i = 0; i < given.segment_count; i++)
        given.segments[i] = decision->segments[i];
    return given;
}

static bool has(const answer *given, uint32_t product)
{
    for (size_t i = 0; i < given->count; i++)
        if (given->products[i] == product)
            return true;
    return false;
}

static bool is_same(const answer *a, const answer *b, bool confidences)
{
    bool same = a->count == b->count;
    for (size_t i = 0; i < a->count && same; i++)
        same = a->products[i] == b->products[i] &&
               (!confidences || a->confidences[i] == b->confidences[i]);
    return same;
}

static void count_segments(brute *self, const answer *base, const oe__segment_counts *one)
{
    size_t none = oe_ruleset_count(self->fixture->rules[OE__BASE], OE_SEGMENTS);
    for (size_t i = 0; i < base->segment_count || i == 0; i++) {
        size_t segment = base->segment_count > 0 ? base->segments[i] : none;
        oe__segment_counts *into = &self->counts.segments[segment];
        into->customers++;
        into->gaining += one->gaining;
        into->losing += one->losing;
        into->best_changed += one->best_changed;
        into->lost_only += one->lost_only;
    }
}

static void count_one(brute *self, const answer *base, const answer *candidate)
{
    size_t products = self->fixture->comparison->product_count;
    oe__compare_counts *counts = &self->counts;
    oe__segment_counts one = {0};
    for (uint32_t p = 0; p < products; p++) {
        bool before = has(base, p), after = has(candidate, p);
        counts->products[p].offers[OE__BASE] += before;
        counts->products[p].offers[OE__NEW] += after;
        counts->products[p].flips[OE__GAINED] += !before && after;
        counts->products[p].flips[OE__LOST] += before && !after;
        one.gaining |= !before && after;
        one.losing |= before && !after;
    }
    uint32_t was = base->count > 0 ? base->products[0] : (uint32_t)products;
    uint32_t is = candidate->count > 0 ? candidate->products[0] : (uint32_t)products;
    one.best_changed = was != is;
    one.lost_only = base->count > 0 && candidate->count == 0;
    counts->customers++;
    counts->gaining += one.gaining;
    counts->losing += one.losing;
    counts->best_changed += one.best_changed;
    counts->lost_only += one.lost_only;
    counts->first_offer += base->count == 0 && candidate->count > 0;
    counts->confidence_only +=
        is_same(base, candidate, false) && !is_same(base, candidate, true);
    counts->reordered += !one.gaining && !one.losing && !is_same(base, candidate, false);
    counts->without[OE__BASE] += base->count == 0;
    counts->without[OE__NEW] += candidate->count == 0;
    self->to[was][is] += one.best_changed;
    self->flipped += one.gaining || one.losing;
    count_segments(self, base, &one);
}

static bool compare_one(void *context, const oe_profile *profile)
{
    brute *self = context;
    size_t length;
    const char *id = oe_profile_id(profile, &length);
    answer base = ask(self, OE__BASE, id, length), candidate = ask(self, OE__NEW, id, length);
    count_one(self, &base, &candidate);
    return true;
}

static void run_brute(brute *self, const fixture *asked)
{
    *self = (brute){.fixture = asked};
    CHECK(oe__compare_counts_begin(asked->comparison, &self->counts));
    for (int side = OE__BASE; side <= OE__NEW; side++) {
        self->deciders[side] = oe_decider_new(asked->rules[side]);
        self->profiles[side] = oe_profile_new(asked->rules[side]);
    }
    self->reader = oe_reader_new(asked->population);
    oe_profile *walked = oe_profile_new(asked->rules[OE__BASE]);
    for (size_t page = 0; page < oe_snapshot_pages(asked->snapshot); page++)
        oe_snapshot_read(asked->snapshot, page, walked, (oe_profile_sink){compare_one, self});
    oe_profile_free(walked);
    oe_reader_free(self->reader);
}

static void free_brute(brute *self)
{
    oe__compare_counts_free(self->fixture->comparison, &self->counts);
    for (int side = OE__BASE; side <= OE__NEW; side++) {
        oe_decider_free(self->deciders[side]);
        oe_profile_free(self->profiles[side]);
    }
}

/* ---- the comparison ---- */

static void open_fixture(fixture *self, oe_ruleset *base, oe_ruleset *candidate)
{
    self->rules[OE__BASE] = base;
    self->rules[OE__NEW] = candidate;
    self->options = (oe_options){.at_ms = INT64_C(1795305600000), .category = -1};
    self->population = oe_population_new(self->dictionary);
}

/* Two comparers take the pages in turn, as threads would. */
static void run_comparison(fixture *self)
{
    CHECK(oe_population_refresh(self->population, NULL) == OE_OK);
    self->snapshot = oe_snapshot_new(self->population);
    self->comparison =
        oe__comparison_new(self->rules[OE__BASE], self->rules[OE__NEW], &self->options);
    CHECK(oe__compare_counts_begin(self->comparison, &self->counts));
    oe__comparer *comparers[2] = {oe__comparer_new(self->comparison),
                                  oe__comparer_new(self->comparison)};
    for (size_t page = 0; page < oe_snapshot_pages(self->snapshot); page++)
        CHECK(oe__compare_page(comparers[page % 3 == 1], self->snapshot, page,
                               (oe__flip_sink){NULL, NULL}));
    for (int i = 1; i >= 0; i--) {
        oe__compare_counts_add(self->comparison, &self->counts, &comparers[i]->counts);
        oe__comparer_free(comparers[i]);
    }
    CHECK(!self->counts.failed);
}

static void close_fixture(fixture *self)
{
    oe__compare_counts_free(self->comparison, &self->counts);
    oe__comparison_free(self->comparison);
    oe_snapshot_free(self->snapshot);
    oe_population_free(self->population);
    oe_ruleset_free(self->rules[OE__BASE]);
    oe_ruleset_free(self->rules[OE__NEW]);
    oe_dictionary_free(self->dictionary);
}

static void check_totals(const oe__compare_counts *counts, const oe__compare_counts *expected)
{
    CHECK_INT(counts->customers, expected->customers);
    CHECK_INT(counts->gaining, expected->gaining);
    CHECK_INT(counts->losing, expected->losing);
    CHECK_INT(counts->best_changed, expected->best_changed);
    CHECK_INT(counts->lost_only, expected->lost_only);
    CHECK_INT(counts->first_offer, expected->first_offer);
    CHECK_INT(counts->confidence_only, expected->confidence_only);
    CHECK_INT(counts->reordered, expected->reordered);
    CHECK_INT(counts->without[OE__BASE], expected->without[OE__BASE]);
    CHECK_INT(counts->without[OE__NEW], expected->without[OE__NEW]);
}

static uint64_t moved(const oe__list *list, size_t to)
{
    const oe__tally *tallies = list->items;
    for (size_t i = 0; i < list->count; i++)
        if (tallies[i].key == to)
            return tallies[i].counts[0];
    return 0;
}

static void check_counts(const fixture *self)
{
    static brute expected;
    run_brute(&expected, self);
    check_totals(&self->counts, &expected.counts);
    size_t products = self->comparison->product_count;
    for (size_t p = 0; p <= products; p++) {
        const oe__product_counts *own = &self->counts.products[p];
        const oe__product_counts *other = &expected.counts.products[p];
        for (int i = 0; i < 2; i++) {
            CHECK_INT(own->offers[i], other->offers[i]);
            CHECK_INT(own->flips[i], other->flips[i]);
        }
        for (size_t to = 0; to <= products; to++)
            CHECK_INT(moved(&own->best_to, to), expected.to[p][to]);
    }
    for (size_t s = 0; s <= oe_ruleset_count(self->rules[OE__BASE], OE_SEGMENTS); s++)
        CHECK(memcmp(&self->counts.segments[s], &expected.counts.segments[s],
                     sizeof(oe__segment_counts)) == 0);
    free_brute(&expected);
}

static oe_ruleset *edited_sample(oe_dictionary *dictionary)
{
    oe_builder *builder = oe_builder_new(dictionary);
    sample_build(builder);
    oe_condition rich = oe_builder_condition(
        builder, &(oe_test){.op = OE_AT_LEAST, .attribute = "income", .low = 30000});
    oe_builder_rule(builder, &(oe_rule){.id = "less",
                                        .condition = rich,
                                        .points = -7.5,
                                        .from_ms = INT64_MIN,
                                        .until_ms = INT64_MAX,
                                        .where = {"policies.lua", 90}});
    return sample_seal(builder);
}

static void counts_a_book(void)
{
    fixture self = {.dictionary = oe_dictionary_new()};
    uint64_t state = 4;
    oe_ruleset *base = sample_rules(self.dictionary);
    open_fixture(&self, base, edited_sample(self.dictionary));
    oe_profile *profile = oe_profile_new(base);
    oe_population_begin(self.population);
    for (uint32_t i = 0; i < CUSTOMERS; i++) {
        sample_random(profile, &state, i);
        CHECK(oe_population_put(self.population, profile, NULL, NULL) == OE_OK);
    }
    oe_population_commit(self.population);
    oe_profile_free(profile);
    run_comparison(&self);
    CHECK_INT(self.comparison->edits.list.count, 1);
    CHECK_INT(self.counts.customers, CUSTOMERS);
    CHECK(self.counts.losing > 0);
    CHECK(self.counts.confidence_only > 0);
    CHECK(self.counts.confidence_only + self.counts.losing < CUSTOMERS);
    check_counts(&self);
    close_fixture(&self);
}

/* Nothing in common but the names: every kind of edit at once. */
static void counts_random_rules(void)
{
    for (uint64_t seed = 1; seed <= 6; seed++) {
        fixture self = {.dictionary = oe_dictionary_new()};
        uint64_t state = seed * 7919;
        oe_ruleset *base = random_rules(self.dictionary, seed, 12, false);
        open_fixture(&self, base, random_rules(self.dictionary, seed + 100, 14, false));
        oe_profile *profile = oe_profile_new(base);
        for (uint32_t i = 0; i < FEW; i++) {
            random_profile(profile, base, &state, i);
            oe_population_begin(self.population);
            CHECK(oe_population_put(self.population, profile, NULL, NULL) == OE_OK);
            oe_population_commit(self.population);
        }
        oe_profile_free(profile);
        run_comparison(&self);
        CHECK(self.comparison->edits.list.count > 10);
        CHECK(self.counts.gaining > 0);
        check_counts(&self);
        close_fixture(&self);
    }
}

static void knows_equal_rules(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_ruleset *base = random_rules(dictionary, 5, 20, false);
    oe_ruleset *again = random_rules(dictionary, 5, 20, false);
    oe__edits edits = {0};
    oe__edits_find(base, again, &edits);
    CHECK_INT(edits.list.count, 0);
    free(edits.list.items);
    oe_ruleset_free(base);
    oe_ruleset_free(again);
    oe_dictionary_free(dictionary);
}

int main(void)
{
    RUN("equal rules differ in nothing", knows_equal_rules);
    RUN("20,000 customers are counted as one by one", counts_a_book);
    RUN("rules that differ in everything are counted as one by one", counts_random_rules);
    return check_report();
}
