/* kernel.c: one body for each loop, compiled for several machines. What a body may use besides
 * C is the fused multiply-add, and that only to divide. */
#include "engine/kernel.h"

#include "engine/cell.h"

#define INLINE static inline __attribute__((always_inline))

#define TINIEST 0x1p-300 /* of values and ends of curves, if not 0 */
#define SMALL 0x1p-60    /* of spans and weights */
#define LARGE 0x1p60

/* ---- what may be divided ---- */

bool oe__divisor_set(oe__divisor *divisor, double value)
{
    double inverse = 1 / value;
    *divisor = (oe__divisor){value, inverse, fabs(fma(-value, inverse, 1)) > 0x1p-54};
    return value >= SMALL && value <= LARGE;
}

bool oe__line_set(oe__line *line, double low, double high)
{
    line->low = low;
    bool is_lawful = oe__divisor_set(&line->span, high - low);
    return is_lawful && (low == 0 || fabs(low) >= 0x1p-200) && line->base >= 0 &&
           (line->base == 0 || line->base >= SMALL) && line->weight >= SMALL &&
           line->weight <= LARGE;
}

/* ---- bodies ---- */

INLINE double divide(double dividend, const oe__divisor *by, bool fused, bool twice)
{
    if (!fused)
        return dividend / by->value;
    double quotient = dividend * by->inverse;
    if (twice)
        quotient =
            __builtin_fma(__builtin_fma(-by->value, quotient, dividend), by->inverse, quotient);
    return __builtin_fma(__builtin_fma(-by->value, quotient, dividend), by->inverse, quotient);
}

/* Held within the ends before it is divided: a share of 0 or 1 comes out the same. */
INLINE double line_points(double value, const oe__line *line, bool fused, bool twice)
{
    double part = value - line->low;
    part = part > 0 ? part : 0;
    part = part < line->span.value ? part : line->span.value;
    return line->weight * divide(part, &line->span, fused, twice);
}

INLINE void line_from(const double *restrict values, const oe__line *given,
                      double *restrict sum, bool fused, bool twice)
{
    const oe__line line = *given;
    for (size_t l = 0; l < OE__LANES; l++)
        sum[l] += line_points(values[l], &line, fused, twice);
}

INLINE void pair_from(const double *const values[2], const oe__line *const lines[2],
                      double *restrict sum, bool fused, bool twice)
{
    const double *restrict left = values[0], *restrict right = values[1];
    const oe__line first = *lines[0], second = *lines[1];
    for (size_t l = 0; l < OE__LANES; l++)
        sum[l] = line_points(left[l], &first, fused, twice) +
                 line_points(right[l], &second, fused, twice);
}

INLINE void add_pair(const double *const values[2], const oe__line *const lines[2],
                     double *restrict sum, bool fused)
{
    if (lines[0]->span.twice || lines[1]->span.twice)
        pair_from(values, lines, sum, fused, true);
    else
        pair_from(values, lines, sum, fused, false);
}

INLINE void line_above(const double *restrict values, const oe__line *given,
                       double *restrict sum, bool fused)
{
    const oe__line line = *given;
    for (size_t l = 0; l < OE__LANES; l++) {
        double part = values[l] - line.low;
        part = part > 0 ? part : 0;
        part = part < line.span.value ? part : line.span.value;
        double share = line.base + (1 - line.base) * divide(part, &line.span, fused, true);
        sum[l] += line.weight * (values[l] == values[l] ? share : 0);
    }
}

INLINE void add_line(const double *values, const oe__line *line, double *sum, bool fused)
{
    if (line->base != 0)
        line_above(values, line, sum, fused);
    else if (line->span.twice)
        line_from(values, line, sum, fused, true);
    else
        line_from(values, line, sum, fused, false);
}

INLINE void add_step(const double *restrict values, double at, double points,
                     double *restrict sum)
{
    for (size_t l = 0; l < OE__LANES; l++)
        sum[l] += values[l] >= at ? points : 0;
}

INLINE double score_of(const oe__finish *job, size_t lane, bool fused, bool twice)
{
    double sum = job->sum[lane] + job->more[lane] + job->last[lane];
    return 100 * divide(sum, &job->weights, fused, twice);
}

/* No gates but ownership, no adjustments, one threshold: a score is never below 0. */
INLINE void finish_plain(const oe__finish *given, double *restrict keys, bool fused, bool twice)
{
    const oe__finish job = *given;
    const uint64_t *restrict words = job.words;
    for (size_t l = 0; l < OE__LANES; l++) {
        double confidence = score_of(&job, l, fused, twice);
        confidence = confidence > 100 ? 100 : confidence;
        double key = confidence > job.threshold ? confidence * job.factor : -1;
        keys[l] = (words[l] & job.bit) != 0 ? -1 : key;
    }
}

INLINE void finish_full(const oe__finish *given, double *restrict keys, bool fused)
{
    const oe__finish job = *given;
    const double *restrict adjustments = job.adjustments, *restrict thresholds = job.thresholds;
    const uint8_t *restrict open = job.open;
    for (size_t l = 0; l < OE__LANES; l++) {
        double confidence = oe__cell_confidence(score_of(&job, l, fused, true), adjustments[l]);
        double key = confidence > thresholds[l] ? confidence * job.factor : -1;
        keys[l] = open[l] != 0 ? key : -1;
    }
}

/* Keys are confidences where the factor is 1. */
INLINE void tell_confidence(const oe__finish *job, double *restrict confidence, bool fused)
{
    for (size_t l = 0; l < OE__LANES; l++)
        confidence[l] = oe__cell_confidence(score_of(job, l, fused, true),
                                            job->adjustments != NULL ? job->adjustments[l] : 0);
}

INLINE void finish_lanes(const oe__finish *job, double *keys, bool fused)
{
    if (job->confidence != NULL)
        tell_confidence(job, job->confidence, fused);
    if (job->open != NULL)
        finish_full(job, keys, fused);
    else if (job->weights.twice)
        finish_plain(job, keys, fused, true);
    else
        finish_plain(job, keys, fused, false);
}

INLINE double smaller(double a, double b)
{
    return a < b ? a : b;
}

INLINE double larger(double a, double b)
{
    return a > b ? a : b;
}

/* The best three of one customer. */
typedef struct three {
    double first, second, third;
    int64_t gold, silver, bronze;
} three;

INLINE three enter_one(three best, double key, int64_t product)
{
    bool beats_third = key > best.third, beats_second = key > best.second;
    bool beats_first = key > best.first;
    int64_t bronze = beats_third ? product : best.bronze;
    int64_t silver = beats_second ? product : best.silver;
    return (three){larger(key, best.first),
                   larger(smaller(key, best.first), best.second),
                   larger(smaller(key, best.second), best.third),
                   beats_first ? product : best.gold,
                   beats_first ? best.gold : silver,
                   beats_second ? best.silver : bronze};
}

INLINE void enter_after(const oe__lanes keys[OE__KEYS], const int64_t products[OE__KEYS],
                        bool is_first, oe__podium *podium)
{
    double *restrict first = podium->key[0], *restrict second = podium->key[1];
    double *restrict third = podium->key[2];
    int64_t *restrict gold = podium->product[0], *restrict silver = podium->product[1];
    int64_t *restrict bronze = podium->product[2];
    const int64_t p = products[0], q = products[1], r = products[2], s = products[3];
    const int64_t t = products[4];
    for (size_t l = 0; l < OE__LANES; l++) {
        three best = {-1, -1, -1, -1, -1, -1};
        if (!is_first)
            best = (three){first[l], second[l], third[l], gold[l], silver[l], bronze[l]};
        best = enter_one(best, keys[0][l], p);
        best = enter_one(best, keys[1][l], q);
        best = enter_one(best, keys[2][l], r);
        best = enter_one(best, keys[3][l], s);
        best = enter_one(best, keys[4][l], t);
        first[l] = best.first, second[l] = best.second, third[l] = best.third;
        gold[l] = best.gold, silver[l] = best.silver, bronze[l] = best.bronze;
    }
}

INLINE void enter_lanes(const oe__lanes keys[OE__KEYS], const int64_t products[OE__KEYS],
                        bool is_first, oe__podium *podium)
{
    if (is_first)
        enter_after(keys, products, true, podium);
    else
        enter_after(keys, products, false, podium);
}

INLINE bool divisible_lanes(const double *restrict values)
{
    uint64_t tiny = 0;
    for (size_t l = 0; l < OE__LANES; l++)
        tiny |= (uint64_t)((values[l] != 0) & (fabs(values[l]) < TINIEST));
    return tiny == 0;
}

/* ---- for any machine ---- */

static void line_portable(const double *values, const oe__line *line, double *sum)
{
    add_line(values, line, sum, false);
}

static void pair_portable(const double *const values[2], const oe__line *const lines[2],
                          double *sum)
{
    add_pair(values, lines, sum, false);
}

static void step_portable(const double *values, double at, double points, double *sum)
{
    add_step(values, at, points, sum);
}

static void finish_portable(const oe__finish *finish, double *keys)
{
    finish_lanes(finish, keys, false);
}

static void enter_portable(const oe__lanes keys[OE__KEYS], const int64_t products[OE__KEYS],
                           bool is_first, oe__podium *podium)
{
    enter_lanes(keys, products, is_first, podium);
}

static bool divisible_portable(const double *values)
{
    return divisible_lanes(values);
}

static const oe__kernel portable = {
    "portable",    false,           line_portable,  pair_portable,
    step_portable, finish_portable, enter_portable, divisible_portable};

#if defined(__x86_64__)

/* ---- for four doubles at once ---- */

#define AVX2 __attribute__((target("avx2,fma")))

AVX2 static void line_avx2(const double *values, const oe__line *line, double *sum)
{
    add_line(values, line, sum, true);
}

AVX2 static void pair_avx2(const double *const values[2], const oe__line *const lines[2],
                           double *sum)
{
    add_pair(values, lines, sum, true);
}

AVX2 static void step_avx2(const double *values, double at, double points, double *sum)
{
    add_step(values, at, points, sum);
}

AVX2 static void finish_avx2(const oe__finish *finish, double *keys)
{
    finish_lanes(finish, keys, true);
}

AVX2 static void enter_avx2(const oe__lanes keys[OE__KEYS], const int64_t products[OE__KEYS],
                            bool is_first, oe__podium *podium)
{
    enter_lanes(keys, products, is_first, podium);
}

AVX2 static bool divisible_avx2(const double *values)
{
    return divisible_lanes(values);
}

static const oe__kernel avx2 = {"avx2",    true,        line_avx2,  pair_avx2,
                                step_avx2, finish_avx2, enter_avx2, divisible_avx2};

/* ---- for eight ---- */

#define AVX512 __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,fma")))

AVX512 static void line_avx512(const double *values, const oe__line *line, double *sum)
{
    add_line(values, line, sum, true);
}

AVX512 static void pair_avx512(const double *const values[2], const oe__line *const lines[2],
                               double *sum)
{
    add_pair(values, lines, sum, true);
}

AVX512 static void step_avx512(const double *values, double at, double points, double *sum)
{
    add_step(values, at, points, sum);
}

AVX512 static void finish_avx512(const oe__finish *finish, double *keys)
{
    finish_lanes(finish, keys, true);
}

AVX512 static void enter_avx512(const oe__lanes keys[OE__KEYS],
                                const int64_t products[OE__KEYS], bool is_first,
                                oe__podium *podium)
{
    enter_lanes(keys, products, is_first, podium);
}

AVX512 static bool divisible_avx512(const double *values)
{
    return divisible_lanes(values);
}

static const oe__kernel avx512 = {"avx512",    true,          line_avx512,  pair_avx512,
                                  step_avx512, finish_avx512, enter_avx512, divisible_avx512};

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
}

const oe__kernel *oe__kernel_get(size_t index)
{
    const oe__kernel *found[3];
    size_t count = 0;
    __builtin_cpu_init();
    if (has_avx512())
        found[count++] = &avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        found[count++] = &avx2;
    found[count++] = &portable;
    return index < count ? found[index] : NULL;
}

#else

const oe__kernel *oe__kernel_get(size_t index)
{
    return index == 0 ? &portable : NULL;
}

#endif
