/* statistics.h: what counts of customers say about conversion rates, and how sure that is. It
 * knows counts alone: not who was counted, for what, or what is done about it.
 *
 * `alpha` is the share of false alarms one puts up with, 0.05 as a rule; intervals cover
 * 1 - alpha. Nothing allocates, nothing fails. Counts: converted <= customers. */
#ifndef OE_ENGINE_STATISTICS_H
#define OE_ENGINE_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct oe__counted {
    uint64_t customers, converted;
} oe__counted;
typedef struct oe__interval {
    double low, high; /* 0..1; nobody counted: all of it */
} oe__interval;

/* The score interval: with p = converted / customers, n = customers and z the normal quantile
 * of 1 - alpha/2, (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n). E. B. Wilson,
 * "Probable inference, the law of succession, and statistical inference", Journal of the
 * American Statistical Association 22 (1927). Its coverage is 1 - alpha on average. */
oe__interval oe__wilson_interval(oe__counted count, double alpha);

/* The exact interval: all rates that neither tail of the binomial distribution refuses at
 * alpha/2. C. J. Clopper and E. S. Pearson, "The use of confidence or fiducial limits
 * illustrated in the case of the binomial", Biometrika 26 (1934). Tails are incomplete beta
 * functions (NIST Digital Library of Mathematical Functions, 8.17.5), by their continued
 * fraction (8.17.22). Its coverage is never below 1 - alpha. */
oe__interval oe__exact_interval(oe__counted count, double alpha);

/* Not enough data: no number is given, because whoever sees one acts upon it. */
enum {
    OE__RATE_CUSTOMERS_MIN = 30, /* of a rate */
    OE__EACH_OUTCOME_MIN = 10 /* of a difference: in both groups converted ones, and others */
};

typedef struct oe__rate {
    bool enough; /* customers >= OE__RATE_CUSTOMERS_MIN; false: the rest is 0 */
    double value;
    oe__interval
        interval; /* exact below OE__EACH_OUTCOME_MIN of either outcome, else Wilson's */
} oe__rate;
oe__rate oe__rate_of(oe__counted count, double alpha);

typedef struct oe__difference {
    bool enough;      /* OE__EACH_OUTCOME_MIN; false: the rest is 0 */
    bool decided;     /* 0 lies outside of the interval */
    double value;     /* rate of `arm` - rate of `control` */
    double low, high; /* -1..1 */
} oe__difference;

/* The difference of two rates with an interval that holds at all moments at once, so that one
 * may look daily and stop at will: the share of experiments whose interval ever misses the true
 * difference is at most alpha, as far as sums of independent customers are normal (which
 * OE__EACH_OUTCOME_MIN sees to, and the spec measures: 2 % to 90 %, even and 90:10 splits).
 *
 * With v = p(1-p) of each group, W = v0/n0 + v1/n1 the variance of the difference d, and
 * V = (v0 + v1)/W the number of pairs it is worth, S = (d - true) sqrt(v0 + v1)/W has mean 0
 * and variance V. For every effect t, exp(tS - t^2 V/2) is a martingale, and so is its mean
 * over t ~ (N(m, s^2) + N(-m, s^2))/2: E = (1 + s^2 V)^(-1/2) exp((s^2 S^2 - m^2 V) / (2 (1 +
 * s^2 V))) cosh(m S / (1 + s^2 V)). By Ville's inequality E ever reaches 1/alpha with a chance
 * of at most alpha; the interval is where it does not. H. Robbins, "Statistical methods related
 * to the law of the iterated logarithm", Annals of Mathematical Statistics 41 (1970), for
 * mixtures; I. Waudby-Smith et al., "Time-uniform central limit theory and asymptotic
 * confidence sequences", Annals of Statistics 52 (2024), for variances that are estimated. Here
 * v comes from (converted + 1)/(customers + 2): A. Agresti and B. Caffo, The American
 * Statistician 54 (2000).
 *
 * m = 0.06 and s = 0.03 (in standard deviations of a pair) are soonest sure of effects of 2 to
 * 4 points at a rate of 15 %; s keeps the loss small elsewhere: at a sixth of that effect it
 * takes 1.45 times what the best mixture for it would take. */
oe__difference oe__difference_of(oe__counted control, oe__counted arm, double alpha);

enum { OE__RATIO_CUSTOMERS_MIN = 100 };
typedef struct oe__ratio {
    bool enough;     /* customers of all groups >= OE__RATIO_CUSTOMERS_MIN; false: no verdict */
    bool broken;     /* the groups are not what the shares say */
    double evidence; /* natural logarithm of E below */
} oe__ratio;

/* Whether customers fall to groups as they should: one is a broken assignment, and no result of
 * such an experiment can be believed. Also holds at all moments at once. `shares` add up to 1,
 * each > 0. With a = 100 shares, n = customers of each group, N = all,
 *     E = G(100)/G(100 + N) prod G(a + n)/G(a) / prod share^n,    G the gamma function
 * (NIST Digital Library of Mathematical Functions, 5.11.1), which is a martingale that starts
 * with 1; broken: E >= 1/alpha. M. Lindon and A. Malek, "Anytime-valid inference for
 * multinomial count data", Advances in Neural Information Processing Systems 35 (2022). */
oe__ratio oe__ratio_of(const uint64_t *customers, const double *shares, size_t count,
                       double alpha);

#endif
