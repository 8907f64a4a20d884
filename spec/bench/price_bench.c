/* price_bench.c: what the price of a gate costs: a book decided page by page, in turn with
 * passes that price one gate of each product at 20 values. Prints medians over the rounds as
 * multiples of the plain decision of the same round. Options: CUSTOMERS ROUNDS. */
#include "engine/price.h"
#include "sample_rules.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CUSTOMERS = 100000, ROUNDS = 5, ROUNDS_MAX = 101, QUESTIONS = 4, STEPS = 20 };

static const struct {
    const char *product, *attribute;
    double to;
} questions[QUESTIONS] = {
    {"credit_card", "income", (double)NAN},
    {"credit_card", "credit_score", (double)NAN},
    {"personal_loan", "income", (double)NAN},
    {"personal_loan", "income", 75000},
};

typedef struct bench {
    oe_ruleset *ruleset;
    oe_snapshot *snapshot;
    oe_decider *decider;
    oe_options options;
    size_t customers, offers;
    uint64_t gained, lost;
} bench;

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static bool count_offers(void *context, const oe_decision *decision)
{
    ((bench *)context)->offers += decision->offer_count;
    return true;
}

static double time_plain(bench *running)
{
    double before = cpu_seconds();
    for (size_t page = 0; page < oe_snapshot_pages(running->snapshot); page++)
        oe_decide_page(running->decider, running->snapshot, page, &running->options,
                       (oe_decision_sink){count_offers, running});
    return cpu_seconds() - before;
}

static double time_price(bench *running, size_t index)
{
    const char *product = questions[index].product, *attribute = questions[index].attribute;
    oe__price_question question = {
        .product =
            (size_t)oe_ruleset_find(running->ruleset, OE_PRODUCTS, product, strlen(product)),
        .attribute = (size_t)oe_ruleset_find(running->ruleset, OE_ATTRIBUTES, attribute,
                                             strlen(attribute)),
        .to = questions[index].to,
        .steps = STEPS,
        .options = running->options};
    oe__price *price = NULL;
    oe_error error;
    double before = cpu_seconds();
    if (oe__price_new(running->ruleset, &question, &price, &error) != OE_OK) {
        (void)fprintf(stderr, "%s\n", error.message);
        exit(1);
    }
    for (size_t page = 0; page < oe_snapshot_pages(running->snapshot); page++)
        (void)oe__price_page(price, running->decider, running->snapshot, page, &error);
    double seconds = cpu_seconds() - before;
    size_t count = 0;
    oe_where where;
    const oe__price_point *points = oe__price_points(price, &count, &where);
    running->gained = points[count - 1].gained;
    running->lost = points[count - 1].lost;
    oe__price_free(price);
    return seconds;
}

static oe_population *fill(const bench *running, oe_dictionary *dictionary)
{
    oe_population *population = oe_population_new(dictionary);
    oe_profile *profile = oe_profile_new(running->ruleset);
    uint64_t state = 2026;
    oe_population_begin(population);
    for (size_t i = 0; i < running->customers; i++) {
        sample_random(profile, &state, (uint32_t)i);
        oe_population_put(population, profile, NULL, NULL);
    }
    oe_population_commit(population);
    oe_profile_free(profile);
    return population;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void report(bench *running, size_t index, size_t rounds)
{
    double ratios[ROUNDS_MAX];
    for (size_t i = 0; i < rounds; i++) {
        double plain = time_plain(running);
        ratios[i] = time_price(running, index) / plain;
    }
    qsort(ratios, rounds, sizeof *ratios, compare);
    printf("%-14s %-13s %8llu gain %8llu lose at the last of %d   %.2f x (%.2f to %.2f)\n",
           questions[index].product, questions[index].attribute,
           (unsigned long long)running->gained, (unsigned long long)running->lost, STEPS,
           ratios[rounds / 2], ratios[0], ratios[rounds - 1]);
}

int main(int count, char **words)
{
    size_t rounds = count > 2 ? strtoul(words[2], NULL, 10) : ROUNDS;
    oe_dictionary *dictionary = oe_dictionary_new();
    bench running = {.ruleset = sample_rules(dictionary), .options = {.category = -1}};
    running.customers = count > 1 ? strtoul(words[1], NULL, 10) : CUSTOMERS;
    if (rounds < 1 || rounds > ROUNDS_MAX || running.customers < 1)
        return 2;
    oe_population *population = fill(&running, dictionary);
    running.snapshot = oe_snapshot_new(population);
    running.decider = oe_decider_new(running.ruleset);
    printf("%zu customers, %zu products, %zu rounds; a price as a multiple of one decision\n",
           running.customers, oe_ruleset_count(running.ruleset, OE_PRODUCTS), rounds);
    for (size_t i = 0; i < QUESTIONS; i++)
        report(&running, i, rounds);
    oe_snapshot_free(running.snapshot);
    oe_decider_free(running.decider);
    oe_population_free(population);
    oe_ruleset_free(running.ruleset);
    oe_dictionary_free(dictionary);
    return 0;
}
