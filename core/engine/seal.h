/* seal.h: the passes of sealing, in the order in which seal.c calls them. Each reports what is
 * wrong as findings on the builder and goes on; what it could not resolve stays -1 and is
 * skipped by later passes. */
#ifndef OE_ENGINE_SEAL_H
#define OE_ENGINE_SEAL_H

#include "engine/builder.h"
#include "engine/ruleset.h"

typedef struct oe__sealing {
    oe_builder *builder;
    oe_ruleset *ruleset;
} oe__sealing;

/* seal_names.c: numbers for every name; duplicates and unlawful names are findings. */
void oe__seal_names(oe__sealing *sealing);
/* The number of a name that a rule refers to, or -1 with a finding: `code`: unknown `noun`
 * "name". */
int32_t oe__seal_find(oe__sealing *sealing, oe_kind kind, const char *name, oe_where where);

/* The name of the table that was probably meant, or NULL. */
const char *oe__seal_nearest(const oe__names *table, const char *name);

/* seal_names.c: the attributes' dictionary numbers, once everything else is right. */
void oe__seal_attributes(oe__sealing *sealing);

/* seal_derive.c: what derived attributes are computed from. */
void oe__seal_derivations(oe__sealing *sealing);
/* The code by which a text is compared from now on. */
double oe__seal_text(oe__sealing *sealing, const char *text);

/* seal_conditions.c: resolves condition nodes; segments come before what uses them. */
void oe__seal_conditions(oe__sealing *sealing);
/* The condition with "the product's category" set to one category; OE_NO_CONDITION when memory
 * is out. */
oe_condition oe__seal_for_category(oe__sealing *sealing, oe_condition condition,
                                   uint32_t category);

/* seal_conditions.c: the order of evaluation, over everything that the passes before made. */
void oe__seal_order(oe__sealing *sealing);

/* seal_functions.c: what each function number stands for. Last, over all that calls one. */
void oe__seal_functions(oe__sealing *sealing);

/* seal_gates.c: bounds, tiers, guards, ownership, windows, columns. */
void oe__seal_gates(oe__sealing *sealing);

/* seal_score.c: terms, grants, thresholds, reasons. */
void oe__seal_score(oe__sealing *sealing);

/* The bounds (raised by its tier) and the terms of one product, of which it has none yet. Terms
 * come after bounds. */
void oe__seal_bounds(oe__sealing *sealing, size_t product);
void oe__seal_terms(oe__sealing *sealing, size_t product);

/* The bit of a dimension among a product's terms; 0: it does not score the product. */
uint64_t oe__seal_term_bit(const oe__compiled *compiled, size_t dimension);

/* message.c: takes the messages of products apart. */
void oe__seal_messages(oe__sealing *sealing);

/* Somebody's words about a product; `of` and `id` say whose in findings. */
typedef struct oe__saying {
    const char *of, *id, *words;
    oe_where where;
    oe__message *message; /* to fill */
} oe__saying;
void oe__seal_message(oe__sealing *sealing, size_t product, const oe__saying *saying);

/* campaign.c: the products and messages of campaigns. After those of products. */
void oe__seal_campaigns(oe__sealing *sealing);

/* ladder.c: the products of ladders. */
void oe__seal_ladders(oe__sealing *sealing);

/* seal_policies.c: which contact policies hold for which products. */
void oe__seal_policies(oe__sealing *sealing);

/* seal_limits.c: limits, groups, fallback, thresholds. */
void oe__seal_limits(oe__sealing *sealing);

/* A finding when low..high (infinite where open) holds no value that the attribute may have.
 * `what` begins the message: whose it is. */
void oe__seal_within(oe__sealing *sealing, const oe_attribute *attribute, const oe_bound *bound,
                     const char *what);

/* Whether a scope covers a product. */
bool oe__seal_covers(const oe_ruleset *ruleset, const oe_scope *scope, size_t product);

/* `size` x `count` zeroed bytes of the ruleset's arena; NULL marks the builder as failed. */
void *oe__seal_array(oe__sealing *sealing, size_t count, size_t size);

#endif
