/* block.h: one page's columns as a decider sees them, and what it made of them: of every
 * customer at once, product by product. */
#ifndef OE_ENGINE_BLOCK_H
#define OE_ENGINE_BLOCK_H

#include "engine/page.h"

typedef uint8_t oe__truths[OE__PAGE];
typedef double oe__numbers[OE__PAGE];

struct oe__page_memory {
    oe__truths *truth;        /* by condition node */
    oe__truths *above, *open; /* by product */
    oe__numbers *confidence;  /* by product */
    bool *considered;         /* by product: somebody on this page is open to it */
    double **columns;         /* by attribute: the page's column or `unknown` */
    uint64_t **words;         /* by ownership word: the page's column or `none` */
    oe__numbers *derived;     /* by derivation */
    oe__numbers unknown;
    uint64_t none[OE__PAGE];
    uint8_t *row_truth; /* one customer's truths, gathered */
    double *row_values;
    uint64_t *row_owned;
};

/* Rules with functions are decided row by row. This puts what came of the row just decided
 * where the others' lanes are; each function is asked. */
void oe__page_keep(oe_decider *decider, size_t lane, int64_t at_ms);
/* Points columns and words at a page, as deciding for it does where no rule asks functions;
 * derived values are those kept where some do. */
void oe__page_bind(oe_decider *decider, const oe__page *page, int64_t at_ms);
/* What deciding by lanes takes, in this order: the truth of every condition of the page bound;
 * who gets past ownership and gates (false: nobody); points by a term added to a sum; points
 * that adjustments give; thresholds. Not where rules have functions. */
void oe__page_conditions(oe_decider *decider);
bool oe__page_open(oe_decider *decider, size_t product, const oe_options *options);
void oe__page_weigh(const oe__term *term, const double *values, double *sum);
void oe__page_grants(const oe_decider *decider, const oe__compiled *product, int64_t at_ms,
                     double *sum);
void oe__page_thresholds(const oe_decider *decider, const oe__compiled *product,
                         double *thresholds);
/* Fills confidence and above of a product for every lane, open to it or not. */
void oe__page_score(oe_decider *decider, size_t product, int64_t at_ms);

#endif
