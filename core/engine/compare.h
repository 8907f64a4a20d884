/* compare.h: one population under two rulesets that share its dictionary: in what the rules
 * differ, what that does to every customer, and which line of the rules did it. A comparison is
 * immutable once made; each thread counts with a comparer of its own, and the counts are added
 * up. Knows no threads, files or texts for people. */
#ifndef OE_ENGINE_COMPARE_H
#define OE_ENGINE_COMPARE_H

#include "engine/population.h"

enum { OE__BASE, OE__NEW };
enum { OE__GAINED, OE__LOST };
#define OE__NO_EDIT UINT32_MAX

/* ---- In what two rulesets differ (compare_edits.c, compare_products.c) ---- */

typedef enum oe__element {
    OE__ON_ATTRIBUTE,
    OE__ON_PRODUCT,
    OE__ON_SEGMENT,
    OE__ON_DIMENSION,
    OE__ON_RULE,
    OE__ON_TIER,
    OE__ON_THRESHOLD,
    OE__ON_LIMIT,
    OE__ON_FALLBACK,
    OE__ON_POLICY,
    OE__ON_CAMPAIGN,
    OE__ELEMENTS
} oe__element;

typedef enum oe__edit_kind { OE__CHANGED, OE__ADDED, OE__REMOVED } oe__edit_kind;

/* One thing that differs and that decisions hang on. Texts belong to the rulesets. */
typedef struct oe__edit {
    oe__element element;
    oe__edit_kind kind;
    const char *word; /* of the rule language: "product", "exclude", ... */
    const char *id;   /* "": there is none */
    const char *key;  /* with `part` behind it the key, e.g. "min_" "income"; "": all of it */
    const char *part;
    uint32_t gate[2]; /* the product's gate on each side; UINT32_MAX: it is not about one */
    oe_where where;   /* in the new rules; what is removed: in the base */
} oe__edit;

typedef struct oe__edits {
    oe__list list;                  /* oe__edit, by element */
    size_t first[OE__ELEMENTS + 1]; /* where each element's begin */
    bool failed;                    /* memory ran out */
} oe__edits;

void oe__edits_find(const oe_ruleset *base, const oe_ruleset *candidate, oe__edits *edits);

static inline const oe__edit *oe__edit_at(const oe__edits *edits, uint32_t index)
{
    return (const oe__edit *)edits->list.items + index;
}

/* The edit of this key or of the whole thing, OE__NO_EDIT: none. `key` NULL: the first of any
 * key. */
uint32_t oe__edit_find(const oe__edits *edits, oe__element element, const char *id,
                       const char *key, const char *part);

/* What the parts of oe__edits_find share. */
typedef struct oe__pair {
    const oe_ruleset *rules[2];
    oe__edits *edits;
} oe__pair;

/* One thing that is declared on both sides. */
typedef struct oe__matched {
    oe__edit about; /* without kind, key and where */
    const oe_key *keys[2];
    size_t key_count[2];
    oe_where where[2];
} oe__matched;

void oe__edit_add(oe__pair *pair, const oe__edit *edit);
/* A key that differs: where it stands in the new rules, else in the base. */
void oe__edit_key(oe__pair *pair, const oe__matched *matched, const char *key, bool differs);
/* A part that one side may lack (a NULL place). */
void oe__edit_part(oe__pair *pair, const oe__edit *about, const oe_where *const where[2]);
/* A condition at a key. */
void oe__edit_condition(oe__pair *pair, const oe__matched *matched, const char *key,
                        const oe_condition conditions[2]);
bool oe__same_text(const char *a, const char *b);
bool oe__same_number(double a, double b);
bool oe__same_texts(const char *const *a, size_t a_count, const char *const *b, size_t b_count);
bool oe__same_curve(const oe_curve *a, const oe_curve *b);
bool oe__same_condition(const oe__pair *pair, oe_condition base, oe_condition candidate);
oe_where oe__key_where(const oe__matched *matched, int side, const char *key);
/* Moves the place of an edit of a condition to where the two differ, as deep as one part alone
 * does; a part that only the base has makes it a removal. `base`: where the base's stands. */
void oe__place_condition(const oe__pair *pair, const oe_condition conditions[2], oe_where base,
                         oe__edit *edit);
void oe__edits_of_products(oe__pair *pair);

/* ---- The comparison ---- */

struct oe__fairness; /* fairness.h */

typedef struct oe__comparison {
    const oe_ruleset *rules[2];
    oe_options options;
    oe__edits edits;
    oe__arena arena;
    /* Products of both sides under one number: those of the new rules in their order, then what
     * only the base has. */
    size_t product_count;
    uint32_t *common[2]; /* by product of a side */
    int32_t *own[2];     /* by common number: the side's product, -1: it has none */
    const struct oe__audit *audits;
    size_t audit_count;
    uint32_t *checks; /* by product of the new rules: its first check; one more at the end */
} oe__comparison;

/* Both rulesets must outlive it. NULL: out of memory. */
oe__comparison *oe__comparison_new(const oe_ruleset *base, const oe_ruleset *candidate,
                                   const oe_options *options);
void oe__comparison_free(oe__comparison *comparison);
const oe_product *oe__compared_product(const oe__comparison *comparison, size_t common);

/* ---- Counts ---- */

/* A small count by a number. */
typedef struct oe__tally {
    uint32_t key;
    uint64_t counts[2];
} oe__tally;

enum { OE__EXAMPLES_MAX = 16 };
typedef struct oe__example {
    uint32_t page;
    uint8_t lane, id_length;
    char id[OE_ID_MAX];
} oe__example;

/* The first ones of the book, in its order. */
typedef struct oe__examples {
    oe__list list; /* oe__example */
} oe__examples;

typedef struct oe__product_counts {
    uint64_t offers[2], best[2]; /* by side */
    uint64_t flips[2];           /* gained, lost */
    oe__list blamed;             /* oe__tally by edit: gained, lost */
    oe__list best_to;            /* oe__tally by common product: best before, that one now */
    oe__examples examples[2];
} oe__product_counts;

typedef struct oe__segment_counts {
    uint64_t customers, gaining, losing, best_changed, lost_only;
} oe__segment_counts;

typedef struct oe__compare_counts {
    uint64_t customers, offers[2], without[2];
    uint64_t gaining, losing; /* customers with a product more, with one less */
    uint64_t best_changed, lost_only, first_offer; /* lost_only: had offers, have none */
    uint64_t reordered;                            /* the same products in another order */
    uint64_t confidence_only;     /* the same products in order, with other confidences */
    oe__product_counts *products; /* by common number; the last: no offer at all */
    oe__segment_counts *segments; /* by segment of the base; the last: in none */
    oe__examples lost_only_examples, best_examples;
    struct oe__fairness *fairness;
    bool failed;         /* memory ran out */
    const char *stopped; /* a rule whose function was stopped: the counts are void */
} oe__compare_counts;

bool oe__compare_counts_begin(const oe__comparison *comparison, oe__compare_counts *counts);
void oe__compare_counts_free(const oe__comparison *comparison, oe__compare_counts *counts);
/* Adds `from`; the order of adding makes no difference. */
void oe__compare_counts_add(const oe__comparison *comparison, oe__compare_counts *into,
                            const oe__compare_counts *from);
/* false: out of memory. */
bool oe__tally_add(oe__list *list, uint32_t key, uint64_t first, uint64_t second);
bool oe__examples_add(oe__examples *examples, const oe__example *example);

/* ---- One thread's work ---- */

/* A product that one side offers and the other does not. */
typedef struct oe__flip {
    oe__example customer;
    uint32_t product; /* common number */
    bool gained;
    uint32_t edit;  /* that did it, OE__NO_EDIT: no single one */
    oe_stage stage; /* at which the other side refuses; OE_STAGE_OFFERED: not looked for */
    oe_cause cause;
    double confidence; /* on the side that offers */
    uint32_t best[2];  /* common numbers, product_count: none */
} oe__flip;

/* false ends the walk. */
typedef struct oe__flip_sink {
    bool (*take)(void *context, const oe__flip *flip);
    void *context;
} oe__flip_sink;

typedef struct oe__kept_offer {
    uint32_t product; /* common number */
    bool fallback;
    double confidence, priority;
} oe__kept_offer;

typedef struct oe__kept_row {
    size_t first[2], count[2]; /* of the offers of each side */
    size_t segment, segment_count;
    uint32_t lane;
} oe__kept_row;

typedef struct oe__comparer {
    const oe__comparison *comparison;
    oe_decider *deciders[2];
    oe_profile *profiles[2];
    oe__compare_counts counts;
    oe__kept_row rows[OE__PAGE];
    size_t row;
    oe__list offers[2]; /* oe__kept_offer of this page, by side */
    oe__list segments;  /* uint32_t: the base's, of this page */
    oe__list flips;     /* oe__flip, of this page */
    uint32_t *seen;     /* by common product: the stamp of who was offered it last */
    uint32_t stamp;
    uint32_t page;
} oe__comparer;

/* NULL: out of memory. */
oe__comparer *oe__comparer_new(const oe__comparison *comparison);
void oe__comparer_free(oe__comparer *comparer);

/* Decides for a page under both rulesets and counts. The sink gets the flips in row order; its
 * `take` may be NULL. false: the sink ended it, memory ran out or a function was stopped. */
bool oe__compare_page(oe__comparer *comparer, const oe_snapshot *snapshot, size_t page,
                      oe__flip_sink sink);

/* compare_blame.c: fills edit, stage and cause of a flip. Both deciders have decided for the
 * profiles. */
void oe__blame(oe__comparer *comparer, oe__flip *flip);

#endif
