/* change.h: what change.c and change_gates.c share: values on the grid of their attribute's
 * step, and the profile that changes are tried on (decider->changed). */
#ifndef OE_ENGINE_CHANGE_H
#define OE_ENGINE_CHANGE_H

#include "engine/explain.h"

#include <math.h>

typedef struct oe__grid {
    double step, per_unit; /* per_unit: steps per 1, a whole number for steps below 1 */
} oe__grid;

static inline oe__grid oe__grid_of(const oe_attribute *attribute)
{
    double step = oe__attribute_step(attribute);
    return (oe__grid){step, step < 1 ? round(1 / step) : 0};
}

static inline double oe__grid_place(oe__grid on, double value)
{
    return on.per_unit > 0 ? value * on.per_unit : value / on.step;
}

static inline double oe__grid_value(oe__grid on, double place)
{
    return on.per_unit > 0 ? place / on.per_unit : place * on.step;
}

/* The lowest grid value not below, and the highest not above `value`. Where doubles are wider
 * apart than the step, the value itself. */
static inline double oe__grid_up(oe__grid on, double value)
{
    double place = floor(oe__grid_place(on, value));
    for (int i = 0; i < 3; i++)
        if (oe__grid_value(on, place + i) >= value)
            return oe__grid_value(on, place + i);
    return value;
}

static inline double oe__grid_down(oe__grid on, double value)
{
    double place = ceil(oe__grid_place(on, value));
    for (int i = 0; i < 3; i++)
        if (oe__grid_value(on, place - i) <= value)
            return oe__grid_value(on, place - i);
    return value;
}

static inline double *oe__changed_values(const oe__explaining *explaining)
{
    return explaining->decider->changed->values;
}

/* change_gates.c: moves every value that fails a gate of the product to the nearest that
 * passes. The cause why that cannot be, or NULL. */
const char *oe__change_gates(const oe__explaining *explaining);

#endif
