/* batch_bench.c: a book of customers decided page by page, in one run and in turn with
 * - the same customers decided one by one (the other loop order over the same cells),
 * - one plain pass that reads every value of the book (the floor: memory).
 * Prints medians over the rounds and the ratios within each round. Options: CUSTOMERS ROUNDS.
 */
#include "offerengine.h"
#include "random_rules.h"
#include "sample_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { CUSTOMERS = 100000, ROUNDS = 7, ROUNDS_MAX = 101, RUNNERS = 3 };

typedef struct bench {
    oe_ruleset *ruleset;
    oe_population *population;
    oe_snapshot *snapshot;
    oe_decider *decider;
    oe_profile *profile;
    oe_options options;
    size_t customers, offers;
    double sum;
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

static bool decide_one(void *context, const oe_profile *profile)
{
    bench *running = context;
    running->offers += oe_decide(running->decider, profile, &running->options)->offer_count;
    return true;
}

static bool read_one(void *context, const oe_profile *profile)
{
    bench *running = context;
    for (size_t i = 0; i < SAMPLE_ATTRIBUTE_COUNT; i++) {
        double value = oe_profile_number(profile, i);
        running->sum += value == value ? value : 0;
    }
    return true;
}

static void run_page(bench *running, size_t page, size_t runner)
{
    if (runner == 0)
        oe_decide_page(running->decider, running->snapshot, page, &running->options,
                       (oe_decision_sink){count_offers, running});
    else
        oe_snapshot_read(running->snapshot, page, running->profile,
                         (oe_profile_sink){runner == 1 ? decide_one : read_one, running});
}

static double time_runner(bench *running, size_t runner)
{
    double before = cpu_seconds();
    for (size_t page = 0; page < oe_snapshot_pages(running->snapshot); page++)
        run_page(running, page, runner);
    return cpu_seconds() - before;
}

static void fill(bench *running)
{
    uint64_t state = 2026;
    oe_population_begin(running->population);
    for (size_t i = 0; i < running->customers; i++) {
        sample_random(running->profile, &state, (uint32_t)i);
        oe_population_put(running->population, running->profile, NULL, NULL);
    }
    oe_population_commit(running->population);
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(const double *values, size_t count)
{
    double sorted[ROUNDS_MAX];
    for (size_t i = 0; i < count; i++)
        sorted[i] = values[i];
    qsort(sorted, count, sizeof *sorted, compare);
    return sorted[count / 2];
}

static void report(const bench *running, double times[RUNNERS][ROUNDS_MAX], size_t rounds)
{
    static const char *const names[RUNNERS] = {"page by page", "one by one", "values read"};
    double ratios[ROUNDS_MAX];
    printf("%zu customers, %zu products, %zu rounds, %.2f offers each\n", running->customers,
           oe_ruleset_count(running->ruleset, OE_PRODUCTS), rounds,
           (double)running->offers / (double)(2 * rounds * running->customers));
    for (size_t r = 0; r < RUNNERS; r++) {
        for (size_t i = 0; i < rounds; i++)
            ratios[i] = times[r][i] / times[0][i];
        double low = 1e9, high = 0, middle = median(ratios, rounds);
        for (size_t i = 0; i < rounds; i++) {
            low = ratios[i] < low ? ratios[i] : low;
            high = ratios[i] > high ? ratios[i] : high;
        }
        double seconds = median(times[r], rounds);
        printf("%-14s %8.1f ns CPU per customer   %.2f x page by page (%.2f to %.2f)\n",
               names[r], seconds / (double)running->customers * 1e9, middle, low, high);
    }
}

int main(int count, char **words)
{
    static double times[RUNNERS][ROUNDS_MAX];
    size_t rounds = count > 2 ? strtoul(words[2], NULL, 10) : ROUNDS;
    oe_dictionary *dictionary = oe_dictionary_new();
    bench running = {.ruleset = sample_rules(dictionary), .options = {.category = -1}};
    running.customers = count > 1 ? strtoul(words[1], NULL, 10) : CUSTOMERS;
    running.population = oe_population_new(dictionary);
    running.decider = oe_decider_new(running.ruleset);
    running.profile = oe_profile_new(running.ruleset);
    if (rounds < 1 || rounds > ROUNDS_MAX || running.customers < 1)
        return 2;
    fill(&running);
    running.snapshot = oe_snapshot_new(running.population);
    for (size_t i = 0; i < rounds; i++)
        for (size_t r = 0; r < RUNNERS; r++)
            times[r][i] = time_runner(&running, r);
    report(&running, times, rounds);
    oe_snapshot_free(running.snapshot);
    oe_profile_free(running.profile);
    oe_decider_free(running.decider);
    oe_population_free(running.population);
    oe_ruleset_free(running.ruleset);
    oe_dictionary_free(dictionary);
    return 0;
}
