/* cell.h: the one set of functions that gate and score a (customer, product) cell. The single
 * decision, the page and the explanation all call these and nothing else, which is why their
 * results are equal bit for bit. A value that is not on file is a NaN. Truth is three-valued
 * (Kleene): bit 0 set is true, bit 1 set is false, neither is unknown. Bit 2 marks an unknown
 * whose function was stopped, bit 3 a condition that has not been needed yet. */
#ifndef OE_ENGINE_CELL_H
#define OE_ENGINE_CELL_H

#include "engine/ruleset.h"

#include <math.h>

enum { OE__UNKNOWN = 0, OE__TRUE = 1, OE__FALSE = 2, OE__STOPPED = 4, OE__PENDING = 8 };
enum {
    OE__REFUSES_UNKNOWN = 1 << OE__UNKNOWN,
    OE__REFUSES_TRUE = 1 << OE__TRUE,
    OE__REFUSES_FALSE = 1 << OE__FALSE,
    OE__REFUSES_STOPPED = 1 << OE__STOPPED
};

/* A product without a bound on a column's attribute: NaN as its minimum. */
#define OE__NO_MINIMUM ((double)NAN)
#define OE__NO_MAXIMUM HUGE_VAL

/* ---- derived values ---- */

/* The value of the row with this key, `otherwise` when there is none. */
static inline double oe__cell_lookup(const oe__derivation *lookup, double key)
{
    size_t low = 0, high = lookup->row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (lookup->rows[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low < lookup->row_count && lookup->rows[low].key == key ? lookup->rows[low].value
                                                                   : lookup->otherwise;
}

/* ---- truth ---- */

static inline uint8_t oe__cell_truth(bool is_true)
{
    return is_true ? OE__TRUE : OE__FALSE;
}

static inline uint8_t oe__cell_within(double value, double low, double high)
{
    uint8_t within = (uint8_t)((value >= low) & (value <= high));
    uint8_t known = (uint8_t)(value == value);
    return (uint8_t)(within | ((known & (within ^ 1U)) << 1));
}

static inline uint8_t oe__cell_equals(double value, double code)
{
    return oe__cell_within(value, code, code);
}

/* Unknown because of a stop stays marked as long as it is unknown. */
static inline uint8_t oe__cell_mark(uint8_t truth, uint8_t parts)
{
    return (uint8_t)(truth | (truth == OE__UNKNOWN ? parts & OE__STOPPED : 0));
}

static inline uint8_t oe__cell_and(uint8_t a, uint8_t b)
{
    uint8_t truth = (uint8_t)((a & b & OE__TRUE) | ((a | b) & OE__FALSE));
    return oe__cell_mark(truth, a | b);
}

static inline uint8_t oe__cell_or(uint8_t a, uint8_t b)
{
    uint8_t truth = (uint8_t)(((a | b) & OE__TRUE) | (a & b & OE__FALSE));
    return oe__cell_mark(truth, a | b);
}

static inline uint8_t oe__cell_not(uint8_t a)
{
    return (uint8_t)(((a & OE__TRUE) << 1) | ((a & OE__FALSE) >> 1) | (a & OE__STOPPED));
}

/* Two-valued: unknown is no member; after a stop nobody can say. */
static inline uint8_t oe__cell_member(uint8_t condition)
{
    return condition == OE__STOPPED ? OE__STOPPED : oe__cell_truth((condition & OE__TRUE) != 0);
}

/* ---- gates ---- */

static inline bool oe__cell_bound(double value, double low, double high)
{
    return ((value >= low) & (value <= high)) | (low != low);
}

static inline bool oe__cell_guard(uint8_t truth, uint32_t refuses)
{
    return (refuses >> truth & 1U) == 0;
}

static inline bool oe__cell_window(int64_t at_ms, int64_t from_ms, int64_t until_ms)
{
    return at_ms >= from_ms && at_ms < until_ms;
}

/* ---- score ---- */

/* base at low, 1 at high, straight between, held outside; low > high falls. */
static inline double oe__cell_linear(double value, double low, double high, double base)
{
    double share = (value - low) / (high - low);
    share = share < 0 ? 0 : share;
    share = share > 1 ? 1 : share;
    return base + (1 - base) * share;
}

static inline double oe__cell_band(double value, const double *x)
{
    double rising = x[1] > x[0] ? oe__cell_linear(value, x[0], x[1], 0) : value >= x[0];
    double falling = x[3] > x[2] ? oe__cell_linear(value, x[3], x[2], 0) : value <= x[2];
    return rising < falling ? rising : falling;
}

static inline double oe__cell_steps(double value, const oe_curve *curve)
{
    double subscore = 0;
    for (size_t i = 0; i < curve->point_count; i++)
        subscore = value >= curve->x[i] ? curve->y[i] : subscore;
    return subscore;
}

/* What a function made of a value, by function: 0..1, NaN while it has not been asked, or one
 * of these, which earn nothing. */
#define OE__SHARE_STOPPED (-1.0)
#define OE__SHARE_FAILED (-2.0)

static inline double oe__cell_called(double share)
{
    return share > 0 ? share : 0;
}

/* 0..1; a value that is not on file earns 0. Not of a curve that is a function. */
static inline double oe__cell_declared(const oe__term *term, double value)
{
    double subscore = 1;
    if (term->shape == OE__LINEAR)
        subscore = oe__cell_linear(value, term->low, term->high, term->base);
    else if (term->shape == OE__BAND)
        subscore = oe__cell_band(value, term->curve->x);
    else if (term->shape == OE__STEPS)
        subscore = oe__cell_steps(value, term->curve);
    return value == value ? subscore : 0;
}

/* The same of every curve; `shares` is what the functions said. */
static inline double oe__cell_subscore(const oe__term *term, double value, const double *shares)
{
    if (term->shape != OE__CALLED)
        return oe__cell_declared(term, value);
    return value == value ? oe__cell_called(shares[term->curve->function]) : 0;
}

static inline double oe__cell_weigh(double sum, const oe__term *term, double subscore)
{
    return sum + term->weight * subscore;
}

static inline double oe__cell_score(double sum, double weight_sum)
{
    return 100 * (sum / weight_sum);
}

static inline double oe__cell_grant(double sum, uint8_t truth, double points)
{
    return truth & OE__TRUE ? sum + points : sum;
}

static inline double oe__cell_confidence(double score, double adjustments)
{
    double confidence = score + adjustments;
    confidence = confidence < 0 ? 0 : confidence;
    return confidence > 100 ? 100 : confidence;
}

static inline bool oe__cell_above(double confidence, double threshold)
{
    return confidence > threshold;
}

/* confidence x propensity x value x lever; propensity is 1 until it is learned. */
static inline double oe__cell_priority(double confidence, double factor)
{
    return confidence * factor;
}

#endif
