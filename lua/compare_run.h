/* compare_run.h: a comparison of two rulesets over a snapshot, by several threads; what comes
 * out is the same for any number of them. Knows nothing of Lua: the service may call it. */
#ifndef OE_LUA_COMPARE_RUN_H
#define OE_LUA_COMPARE_RUN_H

#include "engine/fairness.h"
#include "engine/text.h"

#define OE_FLIPS_CSV_HEADER                                                                    \
    "customer_id,product_id,change,from,to,cause,confidence,best_before,best_after,rule,file," \
    "line\n"

typedef struct oe_compare_run {
    const oe__comparison *comparison;
    const oe_snapshot *snapshot;
    unsigned workers;
    /* Called on the caller's thread, in page order; NULL: not wanted. `take` gets the flips of
     * a page as lines of a CSV; false ends the run. */
    bool (*take)(void *context, const char *lines, size_t length);
    void (*progress)(void *context, size_t done, size_t all);
    void *context;
} oe_compare_run;

/* Adds everything to `counts`, which were begun. OE_E_CLOSED: `take` ended it. OE_E_INVALID: a
 * function of the rules was stopped, so that the run could not be repeated. OE_E_MEMORY. */
oe_status oe__compare_run(const oe_compare_run *run, oe__compare_counts *counts,
                          oe_error *error);

/* The key of an edit as the rules write it, e.g. "min_income"; appended to `out`. */
void oe__edit_write(const oe__edit *edit, oe__buffer *out);

#endif
