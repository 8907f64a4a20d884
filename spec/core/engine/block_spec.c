/* block_spec.c: the page of 256 decides bit for bit what the single decision decides. */
#include "check.h"
#include "offerengine.h"
#include "random_rules.h"

#include <stdlib.h>

enum { RULESETS = 60, CUSTOMERS = 600 };

typedef struct comparing {
    oe_decider *single;
    oe_reader *reader;
    oe_profile *profile;
    const oe_options *options;
    size_t seen, different, offers;
} comparing;

static bool same_offer(const oe_offer *a, const oe_offer *b)
{
    if (a->product != b->product || a->fallback != b->fallback ||
        a->reason_holds != b->reason_holds ||
        memcmp(&a->confidence, &b->confidence, sizeof a->confidence) != 0 ||
        memcmp(&a->priority, &b->priority, sizeof a->priority) != 0 ||
        a->contribution_count != b->contribution_count ||
        a->adjustment_count != b->adjustment_count)
        return false;
    for (size_t i = 0; i < a->contribution_count; i++)
        if (memcmp(&a->contributions[i].points, &b->contributions[i].points, sizeof(double)) !=
            0)
            return false;
    for (size_t i = 0; i < a->adjustment_count; i++)
        if (strcmp(a->adjustments[i].rule, b->adjustments[i].rule) != 0)
            return false;
    return true;
}

static bool same_decision(const oe_decision *a, const oe_decision *b)
{
    if (a->offer_count != b->offer_count || a->segment_count != b->segment_count ||
        a->gap_count != b->gap_count)
        return false;
    for (size_t i = 0; i < a->offer_count; i++)
        if (!same_offer(&a->offers[i], &b->offers[i]))
            return false;
    return memcmp(a->segments, b->segments, a->segment_count * sizeof *a->segments) == 0 &&
           memcmp(a->gaps, b->gaps, a->gap_count * sizeof *a->gaps) == 0;
}

static bool compare(void *context, const oe_decision *decision)
{
    comparing *state = context;
    oe_reader_enter(state->reader);
    bool found = oe_reader_get(state->reader, decision->customer_id,
                               decision->customer_id_length, state->profile);
    oe_reader_leave(state->reader);
    state->seen++;
    state->offers += decision->offer_count;
    if (!found ||
        !same_decision(decision, oe_decide(state->single, state->profile, state->options)))
        state->different++;
    return true;
}

static void compare_book(uint64_t seed, const oe_options *options, size_t *offers)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_ruleset *ruleset = random_rules(dictionary, seed, 5 + seed % 90, false);
    oe_population *population = oe_population_new(dictionary);
    if (!CHECK(ruleset != NULL && population != NULL))
        exit(1);
    oe_profile *profile = oe_profile_new(ruleset);
    uint64_t state = seed + 77;
    oe_population_begin(population);
    for (uint32_t i = 0; i < CUSTOMERS; i++) {
        random_profile(profile, ruleset, &state, i);
        CHECK_INT(oe_population_put(population, profile, NULL, NULL), OE_OK);
    }
    oe_population_commit(population);
    oe_decider *block = oe_decider_new(ruleset);
    comparing comparison = {
        oe_decider_new(ruleset), oe_reader_new(population), profile, options, 0, 0, 0};
    oe_snapshot *snapshot = oe_snapshot_new(population);
    for (size_t page = 0; page < oe_snapshot_pages(snapshot); page++)
        oe_decide_page(block, snapshot, page, options,
                       (oe_decision_sink){compare, &comparison});
    CHECK_INT(comparison.seen, CUSTOMERS);
    CHECK_INT(comparison.different, 0);
    *offers += comparison.offers;
    oe_snapshot_free(snapshot);
    oe_reader_free(comparison.reader);
    oe_decider_free(comparison.single);
    oe_decider_free(block);
    oe_profile_free(profile);
    oe_population_free(population);
    oe_ruleset_free(ruleset);
    oe_dictionary_free(dictionary);
}

static void it_equals_the_single_decision(void)
{
    size_t offers = 0;
    for (uint64_t seed = 1; seed <= RULESETS; seed++) {
        oe_options options = {.at_ms = seed % 3 == 0 ? 500 : 2000,
                              .limit = seed % 4 == 0 ? 3 : 0,
                              .category = seed % 5 == 0 ? 1 : -1};
        compare_book(seed, &options, &offers);
    }
    CHECK(offers > CUSTOMERS);
}

int main(void)
{
    RUN("a page decides bit for bit what single decisions do, over random rules and customers",
        it_equals_the_single_decision);
    return check_report();
}
