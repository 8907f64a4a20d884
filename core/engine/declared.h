/* declared.h: everything a builder was told, in the builder's own copies. Sealing hands it to
 * the ruleset. */
#ifndef OE_ENGINE_DECLARED_H
#define OE_ENGINE_DECLARED_H

#include "engine/arena.h"
#include "engine/condition.h"

/* A growing array; the item type stands beside each use. Zero-initialise, free(items). */
typedef struct oe__list {
    void *items;
    size_t count, capacity;
} oe__list;

/* A zeroed new last item of `size` bytes, NULL when memory is out. Moves the items. */
void *oe__list_add(oe__list *list, size_t size);

typedef struct oe__tier_raise {
    const char *tier, *attribute;
    double points;
    oe_where where;
} oe__tier_raise;

/* A threshold or a limit. */
typedef struct oe__setting {
    oe_level level;
    const char *name;
    double value;
    oe_where where;
} oe__setting;

typedef struct oe__fallback {
    const char *product;
    oe_where where;
} oe__fallback;

/* A product's message that a function says. */
typedef struct oe__message_call {
    const char *product;
    const char *texts; /* what it may say; "" when nothing is known */
    uint32_t function;
    oe_where where;
} oe__message_call;

typedef struct oe__declared {
    oe__arena arena;      /* every text and array below */
    oe__list attributes;  /* oe_attribute */
    oe__list derivations; /* oe_derivation */
    oe__list categories;  /* oe_category */
    oe__list products;    /* oe_product */
    oe__list segments;    /* oe_segment */
    oe__list dimensions;  /* oe_dimension */
    oe__list rules;       /* oe_rule */
    oe__list tiers;       /* oe__tier_raise */
    oe__list thresholds;  /* oe__setting */
    oe__list limits;      /* oe__setting */
    oe__list fallbacks;   /* oe__fallback */
    oe__list ladders;     /* oe_ladder */
    oe__list campaigns;   /* oe__campaign (campaign.h) */
    oe__list policies;    /* oe_policy */
    oe__list messages;    /* oe__message_call */
    oe__list nodes;       /* oe__node */
    oe__list programs;    /* const char *: texts that functions depend on */
    const char *source, *currency;
    oe_release release;
    int64_t reservation_ms;
    bool has_reservation, owns_accepted;
} oe__declared;

void oe__declared_free(oe__declared *declared);

#endif
