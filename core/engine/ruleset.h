/* ruleset.h: one sealed compilation of the rules. Immutable, shared by threads. What is
 * declared stays beside what is compiled from it, so that every number in an answer can name
 * its rule and line. */
#ifndef OE_ENGINE_RULESET_H
#define OE_ENGINE_RULESET_H

#include "engine/declared.h"
#include "engine/dictionary.h"

#include <stdatomic.h>

/* A minimum or maximum that is effective for a product. */
typedef struct oe__range {
    uint32_t attribute;
    double low, high, declared_low;
    oe_where where;
} oe__range;

/* A condition that must hold (gate) or must not (exclude). */
typedef struct oe__guard {
    oe_condition condition;
    uint32_t refuses; /* bit set of truth values (cell.h) that refuse */
    int64_t from_ms, until_ms;
    const char *rule, *reason;
    oe_where where;
} oe__guard;

/* How a scored value becomes 0..1; see oe__cell_subscore. */
typedef enum oe__shape { OE__LINEAR, OE__PASS, OE__BAND, OE__STEPS, OE__CALLED } oe__shape;

/* One dimension as it applies to one product. */
typedef struct oe__term {
    uint32_t dimension, attribute;
    oe__shape shape;
    double weight;
    double low, high, base; /* linear: base at low, 1 at high */
    const oe_curve *curve;  /* band, steps and called */
} oe__term;

/* Points for one product when a condition is true. */
typedef struct oe__grant {
    oe_condition condition; /* OE_NO_CONDITION: always */
    double points;
    int64_t from_ms, until_ms;
    const char *rule, *reason;
    oe_where where;
} oe__grant;

/* A contact policy as it holds for a product. What it counts by has a slot: one for its scope,
 * or one for each category or product. The first slots are for what customers opted out of: of
 * everything, then by category. */
typedef struct oe__hold {
    uint32_t policy, slot;
} oe__hold;

typedef struct oe__sealed_policy {
    const uint64_t *channels, *campaigns; /* by the names of contacts */
    uint32_t first_slot;
    bool is_everywhere; /* it has no scope */
    const char *text;   /* its reason, else what it does in words */
} oe__sealed_policy;

/* The names of contacts, rising. */
typedef struct oe__contact_number {
    uint64_t name;
    uint32_t number;
} oe__contact_number;

/* A message that is taken apart. */
typedef struct oe__message {
    const struct oe__message_part *parts; /* message.h */
    size_t count;
    uint64_t terms; /* of the product, that its words name, as in reason_terms */
} oe__message;

typedef struct oe__sealed_campaign {
    const uint8_t *covers; /* by product */
    oe__message *messages; /* by product; NULL: it has no words of its own */
} oe__sealed_campaign;

typedef struct oe__compiled {
    uint32_t number;   /* in the dictionary */
    uint32_t category; /* in the ruleset */
    uint32_t group;    /* OE__NO_GROUP: none */
    uint32_t id_rank;  /* place in bytewise order of ids */
    bool off, is_fallback;
    int64_t from_ms, until_ms;
    const uint32_t *after, *not_with; /* dictionary numbers */
    size_t after_count, not_with_count;
    const oe__range *ranges;
    size_t range_count;
    const oe__guard *guards; /* gates first, then excludes */
    size_t guard_count, gate_count;
    const oe__term *terms;
    size_t term_count;
    double weight_sum;
    const oe__grant *grants; /* in rule id order */
    size_t grant_count;
    double threshold;
    bool threshold_fixed;  /* by product or category: segments do not matter */
    double factor;         /* value x lever */
    uint64_t reason_terms; /* the terms that the product's reason names; bit i: terms[i] */
    oe__message message;
    uint32_t message_function; /* that says the message; OE__NO_FUNCTION: none */
    oe__hold *holds;           /* by policy */
    size_t hold_count;
} oe__compiled;

enum { OE__NO_GROUP = 0xFFFF, OE__TERMS_MAX = 64 };
#define OE__NO_CATEGORY UINT32_MAX /* unknown; such rules are never sealed */

#define OE__NO_FUNCTION UINT32_MAX

/* What a function number stands for. */
typedef struct oe__function {
    const char *rule; /* NULL: nothing calls it */
    oe_where where;
    uint32_t slot; /* messages: whose text it is in a decider's memory */
} oe__function;

/* One gated attribute held as columns over products. */
typedef struct oe__column {
    uint32_t attribute;
    double *low, *high;
} oe__column;

typedef struct oe__segment_threshold {
    uint32_t segment;
    double value;
} oe__segment_threshold;

/* A row of a lookup or a lot; texts are codes of the dictionary, `text` is the value's. The key
 * of a lot's row is the sum of the shares up to it. */
typedef struct oe__row {
    double key, value;
    const char *text;
} oe__row;

typedef struct oe__derivation {
    const oe_derivation *declared;
    uint32_t attribute;
    int32_t key; /* the attribute that is looked up, -1: by lot, or a function says it */
    bool by_lot;
    uint64_t seed;       /* of a lot: its salt, hashed */
    const oe__row *rows; /* by key, rising */
    size_t row_count;
    double otherwise;
} oe__derivation;

struct oe_ruleset {
    atomic_uint references;
    oe_dictionary *dictionary;
    oe__declared declared;
    oe__arena arena;
    oe__names index[OE_KIND_COUNT]; /* name -> number; dimensions by name, rules by id */
    oe__names texts;                /* the texts that conditions compare with */
    uint32_t *text_codes;           /* their dictionary codes */
    int32_t *attribute_numbers;     /* dictionary number by attribute */
    size_t numbered;                /* of them: those that are set, and claimed there */
    atomic_bool has_stored;         /* customers were stored under it: the claims stay */
    int32_t product_set;            /* the attribute of type OE_PRODUCT_SET, -1: none */
    oe__name *product_names;        /* by dictionary number, as known at sealing */
    int32_t *product_of; /* ruleset product by dictionary number, -1: not in these rules */
    size_t product_name_count;
    size_t word_count;         /* 64-bit words of an ownership set */
    uint64_t **category_words; /* by category: its products as an ownership set */
    uint32_t *order;           /* condition nodes in the order of evaluation */
    size_t order_count;
    uint32_t *pending; /* nodes that ask functions: evaluated when they are needed */
    size_t pending_count;
    oe__function *functions;             /* by number */
    size_t function_count, spoken_count; /* spoken: those that say messages */
    oe__derivation *derivations;         /* in the order in which they are computed */
    size_t derivation_count;
    oe__compiled *compiled;
    oe__column *columns;
    size_t column_count;
    oe__segment_threshold *segment_thresholds;
    size_t segment_threshold_count;
    double default_threshold;
    uint32_t default_limit;    /* UINT32_MAX: none */
    uint32_t *category_limits; /* by category */
    uint32_t *group_limits;    /* by group */
    size_t group_count;
    bool has_fallback, has_windows;
    bool *category_available; /* has a product that is not off (windows aside) */
    size_t term_total_max;    /* the most terms that any product has */
    size_t grant_total_max;   /* the most grants that any product has */
    char **condition_texts;   /* by node */
    uint32_t **ladder_steps;  /* by ladder: the dictionary numbers of its products */
    oe__sealed_campaign *campaigns;
    oe__sealed_policy *policies;
    uint32_t *slot_lefts; /* by slot: what is left where nothing was counted */
    size_t slot_count;
    oe__contact_number *contact_products, *contact_categories;
    _Atomic(void *)
        prepared; /* what a text face keeps with the ruleset; made on first use, NULL before */
    void (*prepared_free)(void *prepared);
    void *program; /* what calls the functions keep with the ruleset, set before it is shared */
    void (*program_free)(void *program);
};

static inline size_t oe__count(const oe__list *list)
{
    return list->count;
}

static inline const oe_attribute *oe__attribute(const oe_ruleset *ruleset, size_t index)
{
    return (const oe_attribute *)ruleset->declared.attributes.items + index;
}

static inline const oe_category *oe__category(const oe_ruleset *ruleset, size_t index)
{
    return (const oe_category *)ruleset->declared.categories.items + index;
}

static inline const oe_product *oe__product(const oe_ruleset *ruleset, size_t index)
{
    return (const oe_product *)ruleset->declared.products.items + index;
}

static inline const oe_segment *oe__segment(const oe_ruleset *ruleset, size_t index)
{
    return (const oe_segment *)ruleset->declared.segments.items + index;
}

static inline const oe_dimension *oe__dimension(const oe_ruleset *ruleset, size_t index)
{
    return (const oe_dimension *)ruleset->declared.dimensions.items + index;
}

static inline const oe_rule *oe__rule(const oe_ruleset *ruleset, size_t index)
{
    return (const oe_rule *)ruleset->declared.rules.items + index;
}

static inline const oe_ladder *oe__ladder(const oe_ruleset *ruleset, size_t index)
{
    return (const oe_ladder *)ruleset->declared.ladders.items + index;
}

static inline const oe_policy *oe__policy(const oe_ruleset *ruleset, size_t index)
{
    return (const oe_policy *)ruleset->declared.policies.items + index;
}

static inline const oe__message_call *oe__message_call_at(const oe_ruleset *ruleset,
                                                          size_t index)
{
    return (const oe__message_call *)ruleset->declared.messages.items + index;
}

static inline const oe__node *oe__nodes(const oe_ruleset *ruleset)
{
    return ruleset->declared.nodes.items;
}

static inline double oe__attribute_step(const oe_attribute *attribute)
{
    return attribute->step > 0 ? attribute->step : attribute->type == OE_INTEGER ? 1 : 0.01;
}

/* Whether every customer record has it. */
static inline bool oe__is_needed(const oe_attribute *attribute)
{
    return !attribute->optional && !attribute->derived;
}

static inline bool oe__type_is_numeric(oe_type type)
{
    return type == OE_NUMBER || type == OE_INTEGER || type == OE_MONEY;
}

/* ---- canonical.c ---- */

typedef struct oe__byte_sink {
    void (*take)(void *context, const char *bytes, size_t length);
    void *context;
} oe__byte_sink;

/* Gives the sink bytes that are equal for rulesets of equal meaning, whatever their texts,
 * files and lines. Order counts where answers show it. OE_E_MEMORY: the sink was not called. */
oe_status oe__ruleset_canonical(const oe_ruleset *ruleset, oe__byte_sink sink);

#endif
