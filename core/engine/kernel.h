/* kernel.h: the loops over customers in which batches spend their time, made for the machine
 * at hand. Every version gives the bits of cell.h. Knows nothing of rules: plan.c says what is
 * to be added up. */
#ifndef OE_ENGINE_KERNEL_H
#define OE_ENGINE_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A page of customers; how many ranks are kept; how many products enter at a time. */
enum { OE__LANES = 256, OE__BEST = 3, OE__KEYS = 5 };

typedef double oe__lanes[OE__LANES];

/* A number that many are divided by. Where the machine multiplies and adds in one rounding,
 * q = x / value is found as q' = x * inverse, q = q' + (x - q' * value) * inverse: correctly
 * rounded when inverse is the rounded reciprocal, q' is within one unit in the last place, and
 * nothing underflows (Markstein, IBM Journal of Research and Development 34(1), 1990). `twice`:
 * q' may be farther off, and takes one more such step first. */
typedef struct oe__divisor {
    double value, inverse;
    bool twice;
} oe__divisor;

/* A rising straight curve with its weight: the cells of OE__LINEAR. */
typedef struct oe__line {
    double low, base, weight;
    oe__divisor span; /* high - low */
} oe__line;

/* What makes sums into keys. All arrays are by lane. */
typedef struct oe__finish {
    const double *sum, *more, *last; /* added in this order */
    const uint64_t *words;           /* who owns it: `bit` is set */
    uint64_t bit;
    oe__divisor weights;
    double threshold, factor;
    const uint8_t *open;                    /* 0: refused; NULL with the two below */
    const double *adjustments, *thresholds; /* thresholds: in place of `threshold` */
    double *confidence;                     /* may be NULL */
} oe__finish;

/* The best so far, falling; equals in the order in which they came. A key of no product: -1. */
typedef struct oe__podium {
    oe__lanes key[OE__BEST];
    int64_t product[OE__BEST][OE__LANES];
} oe__podium;

typedef struct oe__kernel {
    const char *name;
    bool is_fused; /* divides as said above, so only what oe__kernel_takes may be given */
    /* Adds the line's points to the sum, 0 where the value is not on file. */
    void (*line)(const double *values, const oe__line *line, double *sum);
    /* The sum of two lines whose base is 0. */
    void (*pair)(const double *const values[2], const oe__line *const lines[2], double *sum);
    /* Adds points where the value is known and not below `at`. */
    void (*step)(const double *values, double at, double points, double *sum);
    /* Keys: the priority of who exceeds the threshold, else -1. */
    void (*finish)(const oe__finish *finish, double *keys);
    /* Enters products with their keys; `is_first`: into an empty podium, whatever it holds. */
    void (*enter)(const oe__lanes keys[OE__KEYS], const int64_t products[OE__KEYS],
                  bool is_first, oe__podium *podium);
    /* Whether each value is unknown, 0 or far enough from it to be divided. */
    bool (*divisible)(const double *values);
} oe__kernel;

/* The versions that this machine can run, the best one first. */
const oe__kernel *oe__kernel_get(size_t index); /* NULL: there are no more */

/* Whether dividing by a number, or what a line earns, stays clear of underflow for values that
 * are divisible. */
bool oe__divisor_set(oe__divisor *divisor, double value);
bool oe__line_set(oe__line *line, double low, double high);

#endif
