/* top.h: the first offers of every customer of a page, as columns: all that a mailing list or a
 * count takes of a decision. Equal to the first offers of oe_decide_page bit for bit. */
#ifndef OE_ENGINE_TOP_H
#define OE_ENGINE_TOP_H

#include "engine/kernel.h"
#include "engine/page.h"

/* One thread's working memory for one ruleset, which must outlive it, and the last answer. By
 * rank and row; in rows without a customer anything may stand. */
typedef struct oe__top {
    _Alignas(64)
        oe__podium podium; /* product: its number, -1: there are no more; key: its priority */
    oe__lanes *confidence; /* by rank */
    const oe__page *page;  /* whose rows they are; NULL: nobody's */
    struct oe__plan *plan;
} oe__top;

oe__top *oe__top_new(const oe_ruleset *ruleset); /* NULL: out of memory */
void oe__top_free(oe__top *top);

/* Decides for a page. Of options.limit offers at most three are told, three where it is 0. The
 * decider is one of the same ruleset, not otherwise in use. */
void oe__top_page(oe__top *top, oe_decider *decider, const oe_snapshot *snapshot, size_t page,
                  const oe_options *options);

#endif
