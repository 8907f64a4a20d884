/* block_fuzz.c: pages of customers decided at once against the naive interpreter, over random
 * rules. The input is the seed of the rules, the options, and one seed for each customer. */
#include "fuzz.h"
#include "naive.h"
#include "random_rules.h"

enum { CUSTOMERS_MAX = 300, HEAD = 4 };

typedef struct comparing {
    oe_reader *reader;
    oe_profile *profile;
    const oe_options *options;
    size_t seen;
} comparing;

static bool compare(void *context, const oe_decision *decision)
{
    comparing *state = context;
    oe_reader_enter(state->reader);
    FUZZ_CHECK(oe_reader_get(state->reader, decision->customer_id, decision->customer_id_length,
                             state->profile));
    oe_reader_leave(state->reader);
    FUZZ_CHECK(naive_agrees(decision, state->profile, state->options));
    state->seen++;
    return true;
}

static size_t fill(oe_population *population, oe_profile *profile, const oe_ruleset *ruleset,
                   const uint8_t *seeds, size_t count)
{
    count = count < CUSTOMERS_MAX ? count : CUSTOMERS_MAX;
    oe_population_begin(population);
    for (size_t i = 0; i < count; i++) {
        uint64_t state = fuzz_seed(seeds + i, 1) + i;
        random_profile(profile, ruleset, &state, (uint32_t)i);
        FUZZ_CHECK(oe_population_put(population, profile, NULL, NULL) == OE_OK);
    }
    oe_population_commit(population);
    return count;
}

static void decide_all(oe_population *population, const oe_ruleset *ruleset, comparing *state)
{
    oe_decider *decider = oe_decider_new(ruleset);
    oe_snapshot *snapshot = oe_snapshot_new(population);
    FUZZ_CHECK(decider != NULL && snapshot != NULL);
    for (size_t page = 0; page < oe_snapshot_pages(snapshot); page++)
        FUZZ_CHECK(oe_decide_page(decider, snapshot, page, state->options,
                                  (oe_decision_sink){compare, state}));
    oe_snapshot_free(snapshot);
    oe_decider_free(decider);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    if (length <= HEAD)
        return 0;
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_ruleset *ruleset =
        random_rules(dictionary, fuzz_seed(data, 2) >> 8, 3 + data[2] % 40, data[3] % 8 == 7);
    oe_population *population = oe_population_new(dictionary);
    oe_profile *profile = oe_profile_new(ruleset);
    FUZZ_CHECK(ruleset != NULL && population != NULL && profile != NULL);
    oe_options options = {.at_ms = data[3] % 2 == 0 ? 500 : 2000,
                          .limit = data[3] / 2 % 4,
                          .category = data[3] / 8 % 8 < 5 ? data[3] / 8 % 8 : -1};
    comparing state = {oe_reader_new(population), profile, &options, 0};
    FUZZ_CHECK(state.reader != NULL);
    size_t count = fill(population, profile, ruleset, data + HEAD, length - HEAD);
    decide_all(population, ruleset, &state);
    FUZZ_CHECK(state.seen == count);
    oe_reader_free(state.reader);
    oe_profile_free(profile);
    oe_population_free(population);
    oe_ruleset_free(ruleset);
    oe_dictionary_free(dictionary);
    return 0;
}
