/* statistics_spec.c: intervals against values worked out another way (binomial tails added up,
 * quadratic equations halved, the mixture integrated, predictive chances multiplied; 50
 * digits), and what the methods promise, simulated. OE_RUNS=n: more simulated experiments.
 */
#include "check.h"

#include "engine/statistics.h"

#include <stdlib.h>

/* ---- one rate ---- */

typedef struct rate_case {
    oe__counted count;
    double alpha, low, high;
} rate_case;

static void wilson_is_the_score_interval(void)
{
    static const rate_case cases[] = {
        {{10, 0}, 0.05, 0, 0.277532799863},
        {{10, 5}, 0.05, 0.236593090513, 0.763406909487},
        {{10, 10}, 0.05, 0.722467200137, 1},
        {{263, 81}, 0.05, 0.255288519878, 0.366209576983},
        {{148, 15}, 0.05, 0.062386399531, 0.160487241723},
        {{1000, 146}, 0.05, 0.125469273430, 0.169240071577},
        {{1000, 146}, 0.01, 0.119571197263, 0.177095347489},
        {{10000, 1830}, 0.05, 0.175543680375, 0.190699774592},
        {{0, 0}, 0.05, 0, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        oe__interval interval = oe__wilson_interval(cases[i].count, cases[i].alpha);
        CHECK_NEAR(interval.low, cases[i].low, 1e-11);
        CHECK_NEAR(interval.high, cases[i].high, 1e-11);
    }
}

static void exact_is_the_binomial_tails(void)
{
    static const rate_case cases[] = {
        {{10, 0}, 0.05, 0, 0.308497107819},
        {{10, 1}, 0.05, 0.002528578544, 0.445016117028},
        {{10, 5}, 0.05, 0.187086028447, 0.812913971553},
        {{10, 10}, 0.05, 0.691502892181, 1},
        {{100, 3}, 0.05, 0.006229971538, 0.085176052974},
        {{1000, 9}, 0.05, 0.004123395660, 0.017015783070},
        {{1000, 9}, 0.01, 0.003140055829, 0.019888617830},
        {{50, 47}, 0.05, 0.834518053396, 0.987451412165},
        {{1000, 146}, 0.05, 0.124682038289, 0.169425375454},
        {{0, 0}, 0.05, 0, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        oe__interval interval = oe__exact_interval(cases[i].count, cases[i].alpha);
        CHECK_NEAR(interval.low, cases[i].low, 1e-11);
        CHECK_NEAR(interval.high, cases[i].high, 1e-11);
    }
}

static void exact_holds_for_ten_million(void)
{
    /* Nobody of n: the upper end solves (1 - p)^n = alpha/2. */
    double high = -expm1(log(0.025) / 1e7);
    /* Logarithms of gamma functions of ten million cancel up to eight digits. */
    CHECK_NEAR(oe__exact_interval((oe__counted){10000000, 0}, 0.05).high / high, 1, 1e-7);
    /* In the middle it is Wilson's up to half a customer. */
    oe__counted half = {10000000, 5000000};
    oe__interval exact = oe__exact_interval(half, 0.05),
                 score = oe__wilson_interval(half, 0.05);
    CHECK_NEAR(exact.low, score.low - 0.5e-7, 1e-9);
    CHECK_NEAR(exact.high, score.high + 0.5e-7, 1e-9);
}

static void rate_needs_thirty_customers(void)
{
    CHECK(!oe__rate_of((oe__counted){29, 15}, 0.05).enough);
    CHECK(oe__rate_of((oe__counted){30, 15}, 0.05).enough);
    CHECK(!oe__rate_of((oe__counted){0, 0}, 0.05).enough);
}

static void rate_is_exact_where_an_outcome_is_rare(void)
{
    static const struct {
        oe__counted count;
        bool exact;
    } cases[] = {
        {{1000, 9}, true}, {{1000, 10}, false}, {{1000, 990}, false}, {{1000, 991}, true}};
    for (size_t i = 0; i < 4; i++) {
        oe__rate rate = oe__rate_of(cases[i].count, 0.05);
        oe__interval expected = cases[i].exact ? oe__exact_interval(cases[i].count, 0.05)
                                               : oe__wilson_interval(cases[i].count, 0.05);
        CHECK_NEAR(rate.value, (double)cases[i].count.converted / 1000, 0);
        CHECK_NEAR(rate.interval.low, expected.low, 0);
        CHECK_NEAR(rate.interval.high, expected.high, 0);
    }
}

/* The chance that the exact interval of k of n holds the rate, over the binomial's k. */
static double coverage(uint64_t n, double rate)
{
    double covered = 0;
    for (uint64_t k = 0; k <= n; k++) {
        oe__interval interval = oe__exact_interval((oe__counted){n, k}, 0.05);
        double others = (double)(n - k);
        double chance = exp(lgamma((double)n + 1) - lgamma((double)k + 1) - lgamma(others + 1) +
                            (double)k * log(rate) + others * log1p(-rate));
        if (interval.low <= rate && rate <= interval.high)
            covered += chance;
    }
    return covered;
}

static void exact_never_covers_less(void)
{
    for (int step = 1; step < 40; step++)
        CHECK(coverage(25, step / 40.0) >= 0.95);
}

/* ---- the difference ---- */

typedef struct difference_case {
    oe__counted control, arm;
    double alpha, value, low, high;
} difference_case;

static void difference_is_the_mixture(void)
{
    static const difference_case cases[] = {
        {{1000, 146}, {1000, 183}, 0.05, 0.037, -0.0115628447, 0.0855628447},
        {{1500, 219}, {1500, 275}, 0.05, 0.0373333333, -0.0018233286, 0.0764899953},
        {{1500, 219}, {1500, 275}, 0.01, 0.0373333333, -0.0095765225, 0.0842431891},
        {{1000, 20}, {120, 30}, 0.05, 0.23, 0.0457713629, 0.4142286371},
        {{10000, 1460}, {10000, 1830}, 0.05, 0.037, 0.0201035541, 0.0538964459},
        {{20, 10}, {20, 10}, 0.05, 0, -1, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const difference_case *one = &cases[i];
        oe__difference found = oe__difference_of(one->control, one->arm, one->alpha);
        CHECK(found.enough);
        CHECK_INT(found.decided, one->low > 0 || one->high < 0);
        CHECK_NEAR(found.value, one->value, 1e-9);
        CHECK_NEAR(found.low, one->low, 1e-8);
        CHECK_NEAR(found.high, one->high, 1e-8);
        oe__difference turned = oe__difference_of(one->arm, one->control, one->alpha);
        CHECK_NEAR(turned.low, -found.high, 1e-12);
        CHECK_NEAR(turned.high, -found.low, 1e-12);
    }
}

static void difference_needs_ten_of_each_outcome(void)
{
    static const struct {
        oe__counted control, arm;
        bool enough;
    } cases[] = {
        {{1000, 10}, {1000, 10}, true},    {{1000, 9}, {1000, 10}, false},
        {{1000, 10}, {1000, 9}, false},    {{1000, 990}, {1000, 990}, true},
        {{1000, 991}, {1000, 500}, false}, {{1000, 500}, {1000, 991}, false},
        {{0, 0}, {1000, 500}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        oe__difference found = oe__difference_of(cases[i].control, cases[i].arm, 0.05);
        CHECK_INT(found.enough, cases[i].enough);
        CHECK(found.enough || (!found.decided && found.value == 0 && found.high == 0));
    }
}

/* ---- simulated experiments ---- */

/* splitmix64: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators",
 * OOPSLA 2014. */
static uint64_t dice(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static bool happens(uint64_t *state, double chance)
{
    return (double)(dice(state) >> 11) * 0x1p-53 < chance;
}

static int runs_of(int usual)
{
    const char *asked = getenv("OE_RUNS");
    int runs = asked != NULL ? atoi(asked) : usual;
    return runs > usual ? runs : usual;
}

/* Customers come one by one and fall to the arm with a chance of `share`. */
typedef struct trial {
    double control, arm, share;
    int customers, look; /* at most so many; looked at after each `look` of them */
} trial;

/* After how many customers a difference was told; 0: never. */
static int told_after(const trial *asked, uint64_t *state)
{
    oe__counted counts[2] = {{0, 0}, {0, 0}};
    for (int i = 1; i <= asked->customers; i++) {
        int arm = happens(state, asked->share);
        counts[arm].customers++;
        counts[arm].converted += happens(state, arm ? asked->arm : asked->control);
        if (i % asked->look == 0 && oe__difference_of(counts[0], counts[1], 0.05).decided)
            return i;
    }
    return 0;
}

static int told(const trial *asked, int runs)
{
    uint64_t state = 20;
    int count = 0;
    for (int run = 0; run < runs; run++)
        count += told_after(asked, &state) > 0;
    return count;
}

static void looking_often_raises_no_false_alarms(void)
{
    /* 50 pairs are 100 customers. */
    static const trial cases[] = {
        {0.146, 0.146, 0.5, 20000, 100}, {0.02, 0.02, 0.5, 20000, 100},
        {0.5, 0.5, 0.5, 20000, 100},     {0.9, 0.9, 0.5, 20000, 100},
        {0.02, 0.02, 0.1, 20000, 100},   {0.146, 0.146, 0.1, 20000, 100},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int runs = runs_of(1000), alarms = told(&cases[i], runs);
        printf("  A/A at %g, %g of them in the arm: %d of %d\n", cases[i].control,
               cases[i].share, alarms, runs);
        CHECK(alarms * 20 <= runs);
        CHECK(alarms > 0 || cases[i].control < 0.1);
    }
}

/* The interval must also hold where the rates differ. */
static void the_interval_misses_no_true_difference(void)
{
    int runs = runs_of(1000), missed = 0;
    uint64_t state = 21;
    for (int run = 0; run < runs; run++) {
        oe__counted counts[2] = {{0, 0}, {0, 0}};
        bool misses = false;
        for (int i = 1; i <= 20000; i++) {
            int arm = i % 2;
            counts[arm].customers++;
            counts[arm].converted += happens(&state, arm ? 0.183 : 0.146);
            if (i % 100 != 0)
                continue;
            oe__difference found = oe__difference_of(counts[0], counts[1], 0.05);
            misses |= found.enough && (found.low > 0.037 || found.high < 0.037);
        }
        missed += misses;
    }
    printf("  the true difference missed: %d of %d\n", missed, runs);
    CHECK(missed > 0 && missed * 20 <= runs);
}

static int by_size(const void *left, const void *right)
{
    int a = *(const int *)left, b = *(const int *)right;
    return (a > b) - (a < b);
}

static void a_true_effect_is_found(void)
{
    int runs = runs_of(1000);
    int *pairs = calloc((size_t)runs, sizeof *pairs);
    uint64_t state = 22;
    for (int run = 0; run < runs; run++) {
        oe__counted counts[2] = {{0, 0}, {0, 0}};
        bool decided = false;
        for (pairs[run] = 0; !decided && pairs[run] < 20000;) {
            for (int i = 0; i < 50; i++, pairs[run]++) {
                counts[0].converted += happens(&state, 0.146);
                counts[1].converted += happens(&state, 0.183);
            }
            counts[0].customers = counts[1].customers = (uint64_t)pairs[run];
            decided = oe__difference_of(counts[0], counts[1], 0.05).decided;
        }
    }
    qsort(pairs, (size_t)runs, sizeof *pairs, by_size);
    printf("  14.6 %% against 18.3 %% told after %d pairs in the median, %d in 9 of 10\n",
           pairs[runs / 2], pairs[runs * 9 / 10]);
    CHECK(pairs[runs / 2] <= 1500);
    CHECK(pairs[runs - 1] < 20000);
    free(pairs);
}

/* ---- the sample ratio ---- */

static void ratio_is_the_predictive_chance(void)
{
    static const struct {
        uint64_t customers[3];
        double shares[3];
        size_t count;
        double evidence;
    } cases[] = {
        {{50, 50}, {0.5, 0.5}, 2, -0.3478235538},
        {{550, 450}, {0.5, 0.5}, 2, 3.3546678962},
        {{1100, 900}, {0.5, 0.5}, 2, 8.0181744709},
        {{90, 11}, {0.9, 0.1}, 2, -0.3507841294},
        {{30, 40, 60}, {0.2, 0.3, 0.5}, 3, -0.5774951700},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_NEAR(
            oe__ratio_of(cases[i].customers, cases[i].shares, cases[i].count, 0.01).evidence,
            cases[i].evidence, 1e-9);
}

static void ratio_needs_a_hundred_customers(void)
{
    static const double shares[] = {0.5, 0.5};
    static const uint64_t few[] = {99, 0}, some[] = {100, 0};
    CHECK(!oe__ratio_of(few, shares, 2, 0.01).enough);
    CHECK(!oe__ratio_of(few, shares, 2, 0.01).broken);
    CHECK(oe__ratio_of(some, shares, 2, 0.01).broken);
}

/* After how many customers the check tells that a share is not one half; 0: never. */
static int broken_after(double share, int customers, uint64_t *state)
{
    static const double shares[] = {0.5, 0.5};
    uint64_t counts[2] = {0, 0};
    for (int i = 1; i <= customers; i++) {
        counts[happens(state, share)]++;
        if (i % 100 == 0 && oe__ratio_of(counts, shares, 2, 0.01).broken)
            return i;
    }
    return 0;
}

static void a_broken_assignment_is_caught(void)
{
    int runs = runs_of(1000), alarms = 0;
    int *after = calloc((size_t)runs, sizeof *after);
    uint64_t state = 23;
    for (int run = 0; run < runs; run++) {
        after[run] = broken_after(0.55, 10000, &state);
        alarms += broken_after(0.5, 10000, &state) > 0;
    }
    qsort(after, (size_t)runs, sizeof *after, by_size);
    printf("  55/45 told after %d customers in the median, at most %d; 50/50: %d of %d\n",
           after[runs / 2], after[runs - 1], alarms, runs);
    CHECK(after[0] > 0);
    CHECK(after[runs / 2] <= 2000);
    CHECK(alarms * 100 <= runs);
    free(after);
}

int main(void)
{
    RUN("Wilson's interval solves the score equation", wilson_is_the_score_interval);
    RUN("the exact interval is the tails of the binomial", exact_is_the_binomial_tails);
    RUN("the exact interval holds for ten million customers", exact_holds_for_ten_million);
    RUN("the exact interval never covers less than it says", exact_never_covers_less);
    RUN("a rate of fewer than 30 customers is no number", rate_needs_thirty_customers);
    RUN("a rate's interval is exact below 10 of either outcome",
        rate_is_exact_where_an_outcome_is_rare);
    RUN("the interval of a difference is where the mixture stays below 1/alpha",
        difference_is_the_mixture);
    RUN("a difference needs 10 of each outcome in both groups",
        difference_needs_ten_of_each_outcome);
    RUN("looking every 50 pairs raises at most 5 % false alarms",
        looking_often_raises_no_false_alarms);
    RUN("the interval ever misses a true difference in at most 5 %",
        the_interval_misses_no_true_difference);
    RUN("14.6 % against 18.3 % takes at most 1,500 pairs in the median",
        a_true_effect_is_found);
    RUN("the sample ratio multiplies predictive chances", ratio_is_the_predictive_chance);
    RUN("the sample ratio needs 100 customers", ratio_needs_a_hundred_customers);
    RUN("a broken 55/45 assignment is caught, and a sound one is not",
        a_broken_assignment_is_caught);
    return check_report();
}
