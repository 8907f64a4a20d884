/* kernel_spec.c: every version of the loops that this machine can run gives the bits of the
 * cells. */
#include "check.h"
#include "engine/cell.h"
#include "engine/kernel.h"
#include "random_rules.h"

enum { ROUNDS = 400 };

static uint64_t state = 4711;

/* Around the ends of a line, where rounding matters, and far from them. */
static double near(double low, double high)
{
    static const double parts[] = {0, 1, 0.5, 0.25, 1.0 / 3, 0.7, 0.1, -1, 2};
    double part = parts[random_below(&state, 9)];
    switch (random_below(&state, 6)) {
    case 0:
        return (double)NAN;
    case 1:
        return low + part * (high - low);
    case 2: {
        double end = low + part * (high - low);
        return end == 0 ? end : nextafter(end, random_below(&state, 2) ? 1e300 : -1e300);
    }
    case 3:
        return (double)random_below(&state, 200000);
    case 4:
        return ldexp((double)random_next(&state), (int)random_below(&state, 80) - 90);
    default:
        return low + (high - low) * (double)(random_next(&state) >> 11) * 0x1p-53;
    }
}

static double any_number(void)
{
    switch (random_below(&state, 4)) {
    case 0:
        return 1 + random_below(&state, 1000);
    case 1:
        return 1000.0 * (1 + random_below(&state, 500));
    case 2:
        return ldexp((double)random_next(&state), -60);
    default:
        return (double)(random_next(&state) >> 11) * 0x1p-40;
    }
}

static size_t different(const double *a, const double *b)
{
    size_t count = 0;
    for (size_t l = 0; l < OE__LANES; l++)
        count += memcmp(&a[l], &b[l], sizeof *a) != 0;
    return count;
}

static void check_line(const oe__kernel *kernel)
{
    static const double bases[] = {0, 0.25, 0, 1.0 / 3};
    oe__line line = {.base = bases[random_below(&state, 4)], .weight = any_number()};
    double low = random_below(&state, 2) ? 0 : any_number() - 300;
    double high = low + any_number();
    oe__lanes values, sum, expected;
    if (!CHECK(oe__line_set(&line, low, high)))
        return;
    oe__term term = {.shape = OE__LINEAR,
                     .weight = line.weight,
                     .low = low,
                     .high = high,
                     .base = line.base};
    for (size_t l = 0; l < OE__LANES; l++) {
        values[l] = near(low, high);
        sum[l] = random_below(&state, 3) ? any_number() : 0;
        expected[l] = oe__cell_weigh(sum[l], &term, oe__cell_declared(&term, values[l]));
    }
    CHECK(kernel->divisible(values));
    kernel->line(values, &line, sum);
    CHECK_INT(different(sum, expected), 0);
}

static void it_adds_what_a_line_gives(void)
{
    for (size_t i = 0; oe__kernel_get(i) != NULL; i++)
        for (int round = 0; round < ROUNDS; round++)
            check_line(oe__kernel_get(i));
}

static void check_step(const oe__kernel *kernel)
{
    double at = any_number(), points = any_number();
    oe__lanes values, sum, expected;
    for (size_t l = 0; l < OE__LANES; l++) {
        values[l] = near(at, 2 * at);
        sum[l] = any_number();
        expected[l] = sum[l] + (values[l] >= at ? points : 0);
    }
    kernel->step(values, at, points, sum);
    CHECK_INT(different(sum, expected), 0);
}

static void it_adds_steps(void)
{
    for (size_t i = 0; oe__kernel_get(i) != NULL; i++)
        for (int round = 0; round < ROUNDS; round++)
            check_step(oe__kernel_get(i));
}

typedef struct finishing {
    oe__lanes sum, more, last, adjustments, thresholds, keys, confidence;
    oe__lanes expected_keys, expected_confidence;
    uint64_t words[OE__LANES];
    uint8_t open[OE__LANES];
} finishing;

static void fill(finishing *self, oe__finish *job)
{
    bool is_full = random_below(&state, 2) != 0;
    double weights = 1 + random_below(&state, 200) / 2.0;
    CHECK(oe__divisor_set(&job->weights, weights));
    job->threshold = random_below(&state, 60);
    job->factor = random_below(&state, 2) ? 1 : 1.2;
    job->bit = UINT64_C(1) << random_below(&state, 64);
    for (size_t l = 0; l < OE__LANES; l++) {
        self->sum[l] = weights * (double)random_below(&state, 1000) / 1500;
        self->more[l] = weights * (double)random_below(&state, 4) / 10;
        self->last[l] = random_below(&state, 2) ? 0 : weights * 0.1;
        self->words[l] = random_next(&state);
        self->open[l] = random_below(&state, 3) != 0;
        self->adjustments[l] = (double)random_below(&state, 120) / 7 - 8;
        self->thresholds[l] = random_below(&state, 60);
        double sum = self->sum[l] + self->more[l] + self->last[l];
        double confidence = oe__cell_confidence(oe__cell_score(sum, weights),
                                                is_full ? self->adjustments[l] : 0);
        bool is_refused = is_full ? !self->open[l] : (self->words[l] & job->bit) != 0;
        double threshold = is_full ? self->thresholds[l] : job->threshold;
        self->expected_confidence[l] = confidence;
        self->expected_keys[l] = !is_refused && oe__cell_above(confidence, threshold)
                                     ? oe__cell_priority(confidence, job->factor)
                                     : -1;
    }
    job->open = is_full ? self->open : NULL;
    job->adjustments = is_full ? self->adjustments : NULL;
    job->thresholds = is_full ? self->thresholds : NULL;
}

static void check_finish(const oe__kernel *kernel)
{
    static finishing self;
    oe__finish job = {.sum = self.sum,
                      .more = self.more,
                      .last = self.last,
                      .words = self.words,
                      .confidence = self.confidence};
    fill(&self, &job);
    kernel->finish(&job, self.keys);
    CHECK_INT(different(self.keys, self.expected_keys), 0);
    CHECK_INT(different(self.confidence, self.expected_confidence), 0);
}

static void it_makes_keys_of_sums(void)
{
    for (size_t i = 0; oe__kernel_get(i) != NULL; i++)
        for (int round = 0; round < ROUNDS; round++)
            check_finish(oe__kernel_get(i));
}

/* The best of `count` keys that is not better than the one before, ties by number. */
static int64_t next_best(oe__lanes *keys, size_t count, size_t lane)
{
    int64_t best = -1;
    for (size_t i = 0; i < count; i++)
        if (keys[i][lane] > (best < 0 ? -1 : keys[best][lane]))
            best = (int64_t)i;
    return best;
}

static void check_entering(const oe__kernel *kernel)
{
    enum { PRODUCTS = 15 };
    static oe__lanes keys[PRODUCTS];
    static oe__podium podium;
    size_t wrong = 0;
    for (size_t l = 0; l < OE__LANES; l++)
        for (size_t i = 0; i < PRODUCTS; i++)
            keys[i][l] = random_below(&state, 3) ? (double)random_below(&state, 20) / 3 : -1;
    for (int64_t i = 0; i < PRODUCTS; i += OE__KEYS) {
        const int64_t numbers[OE__KEYS] = {i, i + 1, i + 2, i + 3, i + 4};
        kernel->enter((const oe__lanes *)&keys[i], numbers, i == 0, &podium);
    }
    for (size_t l = 0; l < OE__LANES; l++)
        for (size_t rank = 0; rank < OE__BEST; rank++) {
            int64_t best = next_best(keys, PRODUCTS, l);
            wrong += podium.product[rank][l] != best;
            wrong += podium.key[rank][l] != (best < 0 ? -1 : keys[best][l]);
            if (best >= 0)
                keys[best][l] = -1;
        }
    CHECK_INT(wrong, 0);
}

static void it_keeps_the_best_three(void)
{
    for (size_t i = 0; oe__kernel_get(i) != NULL; i++)
        for (int round = 0; round < ROUNDS; round++)
            check_entering(oe__kernel_get(i));
}

static void it_knows_what_may_be_divided(void)
{
    oe__line line = {.base = 0, .weight = 1};
    oe__divisor divisor;
    CHECK(oe__line_set(&line, 0, 100));
    CHECK(!oe__line_set(&line, 100, 0));
    CHECK(!oe__line_set(&line, 0, 0x1p-61));
    CHECK(oe__line_set(&line, 0, 0x1p-60));
    CHECK(!oe__line_set(&line, 1e-300, 1));
    CHECK(!oe__divisor_set(&divisor, 0x1p61));
    CHECK(oe__divisor_set(&divisor, 0x1p60));
    for (size_t i = 0; oe__kernel_get(i) != NULL; i++) {
        oe__lanes values = {0};
        values[3] = (double)NAN;
        values[200] = -0x1p-300;
        CHECK(oe__kernel_get(i)->divisible(values));
        values[255] = 0x1p-301;
        CHECK(!oe__kernel_get(i)->divisible(values));
    }
}

int main(void)
{
    RUN("a line adds its points, bit for bit", it_adds_what_a_line_gives);
    RUN("a step adds its points from its value on", it_adds_steps);
    RUN("sums become priorities, or none, bit for bit", it_makes_keys_of_sums);
    RUN("the best three stay in order, equals as they came", it_keeps_the_best_three);
    RUN("what underflow could spoil is not divided so", it_knows_what_may_be_divided);
    return check_report();
}
