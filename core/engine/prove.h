/* prove.h: what can be proved about sealed rules, and what its passes share, in the order in
 * which prove.c calls them. */
#ifndef OE_ENGINE_PROVE_H
#define OE_ENGINE_PROVE_H

#include "engine/region.h"

/* Called for each finding, whose texts last for the call; false ends the walk. */
typedef struct oe__finding_sink {
    bool (*take)(void *context, const oe_finding *finding);
    void *context;
} oe__finding_sink;

/* What can be proved about sealed rules: warnings (W101 on) and notes (N101 on) in order of
 * file and line. Each holds for every customer whose values the schema allows, at any moment;
 * what takes too many steps to tell is not told. Functions may say anything. Any thread.
 * OE_E_MEMORY: the sink was not called. */
oe_status oe__ruleset_prove(const oe_ruleset *ruleset, oe__finding_sink sink);

/* ---- Passes ---- */

typedef struct oe__proving {
    const oe_ruleset *ruleset;
    oe__region everybody;
    oe__arena arena;   /* the texts of findings */
    oe__list findings; /* oe_finding */
    bool failed;       /* memory ran out */
    bool *closed;      /* by product: nobody can be offered it, or it is switched off */
    bool *idle;        /* by rule: an exclude that another one covers */
    oe__demand *demands, *some; /* room for all of one product and a few more */
    bool *needed;               /* the same room */
} oe__proving;

/* One finding; `format` gives its message, which is copied. */
void oe__prove_report(oe__proving *proving, const char *code, oe_where where,
                      const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The same with a text that was built; the buffer is freed. */
void oe__prove_report_text(oe__proving *proving, const char *code, oe_where where,
                           oe__buffer *message);
void oe__prove_write(oe__buffer *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* " (file:line)", or nothing when that is `here`. */
void oe__prove_write_place(oe__buffer *out, oe_where where, oe_where here);

/* ---- prove_product.c ---- */

/* What a customer must meet to be offered a product, score aside: limits, gates, ownership,
 * window, excludes, in this order; into `demands`. Returns how many. */
size_t oe__prove_demands(const oe_ruleset *ruleset, size_t product, oe__demand *demands);
/* Marks in `needed` demands that nobody can meet together, as few as can be told, given that
 * nobody meets all. */
void oe__prove_core(oe__proving *proving, const oe__demand *demands, size_t count);
/* Writes demand `index` of a product's demands in words; returns where it stands. */
oe_where oe__prove_write_demand(oe__buffer *out, const oe_ruleset *ruleset, size_t product,
                                size_t index);
void oe__prove_products(oe__proving *proving);

/* ---- prove_score.c ---- */

/* Between which numbers a product's confidence and threshold lie for everybody in a region. */
typedef struct oe__extent {
    double confidence_low, confidence_high, threshold_low, threshold_high;
} oe__extent;
oe__extent oe__prove_extent(oe__region *region, size_t product);
/* Whether somebody who meets the demands may stay at or below the product's threshold. */
bool oe__prove_misses(oe__proving *proving, size_t product, const oe__demand *demands,
                      size_t count);
/* The threshold that was declared for a product, NULL: none was. */
const oe__setting *oe__prove_threshold(const oe_ruleset *ruleset, size_t product);
void oe__prove_thresholds(oe__proving *proving);

/* ---- the others ---- */

void oe__prove_conditions(oe__proving *proving); /* prove_condition.c */
void oe__prove_rules(oe__proving *proving);      /* prove_rule.c */
void oe__prove_segments(oe__proving *proving);   /* prove_segment.c */
void oe__prove_limits(oe__proving *proving);     /* prove_limit.c */
void oe__prove_policies(oe__proving *proving);   /* prove_policy.c */

#endif
