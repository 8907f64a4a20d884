/* condition.h: three-valued conditions as hash-consed nodes. Parts always have lower numbers
 * than their whole, so that one pass in number order evaluates everything. */
#ifndef OE_ENGINE_CONDITION_H
#define OE_ENGINE_CONDITION_H

#include "engine/names.h"
#include "engine/text.h"

enum { OE__FUNCTIONS_MAX = 100000 };

typedef struct oe__node {
    oe_operator op;
    double low, high;
    const char *attribute, *name;
    const oe_value *values;
    size_t value_count;
    const oe_condition *parts;
    size_t part_count;
    oe_where where;
    uint32_t function; /* OE_CALL */
    uint64_t digest;   /* OE_CALL */
    /* resolved at sealing */
    int32_t subject; /* attribute, product, category or segment by the ruleset's numbering; -1:
                        unresolved */
    double range_low,
        range_high;      /* what an attribute test with one interval allows, both inclusive */
    const double *codes; /* the values as the attribute's numbers: text codes, flags, numbers */
    bool is_protected;   /* reads a protected attribute, itself or through its parts */
    bool by_product;     /* means the category of the product in question */
    bool calls;          /* asks a function, itself or through its parts */
} oe__node;

struct oe__declared;

/* The condition's words, e.g. "income >= 40000"; appended to `out`. */
void oe__condition_write(const struct oe__declared *declared, oe_condition condition,
                         oe__buffer *out);

/* The number of a node equal to `node`, added when new. The node's arrays and texts must be the
 * declared arena's. OE_NO_CONDITION: out of memory. */
oe_condition oe__condition_intern(struct oe__declared *declared, const oe__node *node);

#endif
