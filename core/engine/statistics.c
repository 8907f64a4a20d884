/* statistics.c: intervals of rates and of their differences, and the sample-ratio check. */
#include "engine/statistics.h"

#include <math.h>

enum { BISECTIONS = 200, FRACTION_STEPS = 100000 };

/* ---- one rate ---- */

/* Where a falling function crosses 0 in low..high. */
typedef struct falling {
    double (*at)(const void *context, double x);
    const void *context;
} falling;

static double root_of(falling function, double low, double high)
{
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high)
            break;
        if (function.at(function.context, middle) > 0)
            low = middle;
        else
            high = middle;
    }
    return low + (high - low) / 2;
}

static double tail_above(const void *context, double z)
{
    return erfc(z / sqrt(2)) - *(const double *)context;
}

oe__interval oe__wilson_interval(oe__counted count, double alpha)
{
    if (count.customers == 0)
        return (oe__interval){0, 1};
    double n = (double)count.customers, p = (double)count.converted / n;
    double z = root_of((falling){tail_above, &alpha}, 0, 40), w = z * z / n;
    double middle = p + w / 2, reach = z * sqrt(p * (1 - p) / n + w / (4 * n));
    /* The ends are 0 and 1 exactly where nobody or everybody converted. */
    return (oe__interval){count.converted == 0 ? 0 : (middle - reach) / (1 + w),
                          count.converted == count.customers ? 1 : (middle + reach) / (1 + w)};
}

/* The logarithm of the gamma function for x > 0: Stirling's series. lgamma() writes a global.
 */
static double log_gamma(double x)
{
    double shift = 0;
    while (x < 16) {
        shift += log(x);
        x += 1;
    }
    double w = 1 / (x * x);
    double series = (1.0 / 12 - w * (1.0 / 360 - w * (1.0 / 1260 - w / 1680))) / x;
    return (x - 0.5) * log(x) - x + log(8 * atan(1)) / 2 + series - shift;
}

/* One step of Lentz's evaluation of 1/(1 + d1/(1 + d2/(1 + ...))), kept away from 0. */
static double away_from_zero(double x)
{
    return fabs(x) < 1e-300 ? 1e-300 : x;
}

/* The continued fraction of the incomplete beta function; converges fast below the mean. */
static double beta_fraction(double a, double b, double x)
{
    double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1)), product = d;
    for (int m = 1; m < FRACTION_STEPS; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / away_from_zero(1 + even * d);
        c = away_from_zero(1 + even / c);
        product *= d * c;
        d = 1 / away_from_zero(1 + odd * d);
        c = away_from_zero(1 + odd / c);
        product *= d * c;
        if (fabs(d * c - 1) < 1e-15)
            break;
    }
    return product;
}

/* The chance that a beta(a, b) variable is at most x. */
static double beta_at_most(double a, double b, double x)
{
    if (x <= 0 || x >= 1)
        return x <= 0 ? 0 : 1;
    double front =
        exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * log(x) + b * log1p(-x));
    if (x < (a + 1) / (a + b + 2))
        return front * beta_fraction(a, b, x) / a;
    return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

typedef struct beta_quantile {
    double a, b, chance;
} beta_quantile;

static double short_of(const void *context, double x)
{
    const beta_quantile *asked = context;
    return asked->chance - beta_at_most(asked->a, asked->b, x);
}

oe__interval oe__exact_interval(oe__counted count, double alpha)
{
    double k = (double)count.converted, others = (double)(count.customers - count.converted);
    oe__interval interval = {0, 1};
    if (count.converted > 0) {
        beta_quantile low = {k, others + 1, alpha / 2};
        interval.low = root_of((falling){short_of, &low}, 0, 1);
    }
    if (count.converted < count.customers) {
        beta_quantile high = {k + 1, others, 1 - alpha / 2};
        interval.high = root_of((falling){short_of, &high}, 0, 1);
    }
    return interval;
}

static bool has_each_outcome(oe__counted count)
{
    return count.converted >= OE__EACH_OUTCOME_MIN &&
           count.customers - count.converted >= OE__EACH_OUTCOME_MIN;
}

oe__rate oe__rate_of(oe__counted count, double alpha)
{
    if (count.customers < OE__RATE_CUSTOMERS_MIN)
        return (oe__rate){.enough = false};
    return (oe__rate){true, (double)count.converted / (double)count.customers,
                      has_each_outcome(count) ? oe__wilson_interval(count, alpha)
                                              : oe__exact_interval(count, alpha)};
}

/* ---- the difference of two rates ---- */

static const double EFFECT = 0.06, SPREAD = 0.03;

typedef struct mixture {
    double pairs, limit; /* V, log(1/alpha) */
} mixture;

/* log(1/alpha) - log E, which falls with the distance S > 0. */
static double below_limit(const void *context, double distance)
{
    const mixture *state = context;
    double inflation = 1 + SPREAD * SPREAD * state->pairs;
    double turn = EFFECT * distance / inflation;
    double square = SPREAD * SPREAD * distance * distance - EFFECT * EFFECT * state->pairs;
    double log_cosh = turn + log1p(exp(-2 * turn)) - log(2);
    return state->limit + log(inflation) / 2 - square / (2 * inflation) - log_cosh;
}

static double variance_of(oe__counted count)
{
    double p = ((double)count.converted + 1) / ((double)count.customers + 2);
    return p * (1 - p);
}

oe__difference oe__difference_of(oe__counted control, oe__counted arm, double alpha)
{
    if (!has_each_outcome(control) || !has_each_outcome(arm))
        return (oe__difference){.enough = false};
    double n0 = (double)control.customers, n1 = (double)arm.customers;
    double v0 = variance_of(control), v1 = variance_of(arm), variance = v0 / n0 + v1 / n1;
    mixture state = {(v0 + v1) / variance, -log(alpha)};
    /* Without cosh, which is at least 1, the limit would be reached here. */
    double inflation = 1 + SPREAD * SPREAD * state.pairs;
    double beyond = sqrt(2 * inflation * (state.limit + log(inflation) / 2) +
                         EFFECT * EFFECT * state.pairs) /
                    SPREAD;
    double reach =
        root_of((falling){below_limit, &state}, 0, beyond) * variance / sqrt(v0 + v1);
    double value = (double)arm.converted / n1 - (double)control.converted / n0;
    return (oe__difference){true, fabs(value) > reach, value, fmax(value - reach, -1),
                            fmin(value + reach, 1)};
}

/* ---- the sample ratio ---- */

static const double WEIGHT = 100;

oe__ratio oe__ratio_of(const uint64_t *customers, const double *shares, size_t count,
                       double alpha)
{
    double all = 0, evidence = 0;
    for (size_t i = 0; i < count; i++) {
        double n = (double)customers[i], before = WEIGHT * shares[i];
        all += n;
        evidence += log_gamma(before + n) - log_gamma(before) - n * log(shares[i]);
    }
    evidence += log_gamma(WEIGHT) - log_gamma(WEIGHT + all);
    bool enough = all >= OE__RATIO_CUSTOMERS_MIN;
    return (oe__ratio){enough, enough && evidence >= -log(alpha), evidence};
}
