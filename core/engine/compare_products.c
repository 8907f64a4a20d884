/* compare_products.c: in what two declarations of one product differ. Names, reasons and
 * messages are left out: no decision hangs on them. */
#include "engine/compare.h"

#include <math.h>
#include <string.h>

typedef struct products {
    oe__pair *pair;
    size_t index[2];
    const oe_product *declared[2];
    oe__matched matched;
} products;

/* ---- bounds ---- */

/* The declared end of an attribute's range, before tiers; its place in *where (NULL: open). */
static double bound_end(const products *both, int side, const char *attribute, bool low,
                        const oe_where **where)
{
    const oe_product *product = both->declared[side];
    const oe_ruleset *ruleset = both->pair->rules[side];
    double end = low ? -HUGE_VAL : HUGE_VAL;
    *where = NULL;
    for (size_t i = 0; i < product->bound_count; i++) {
        const oe_bound *bound = &product->bounds[i];
        if (strcmp(bound->attribute, attribute) != 0)
            continue;
        double value =
            low ? oe_ruleset_bound_declared(ruleset, both->index[side], i) : bound->high;
        if (low ? value > end : value < end) {
            end = value;
            *where = &bound->where;
        }
    }
    return end;
}

static void compare_end(products *both, const char *attribute, bool low)
{
    const oe_where *where[2];
    double base = bound_end(both, OE__BASE, attribute, low, &where[OE__BASE]);
    double candidate = bound_end(both, OE__NEW, attribute, low, &where[OE__NEW]);
    if (base == candidate)
        return;
    oe__edit edit = both->matched.about;
    edit.key = low ? "min_" : "max_";
    edit.part = attribute;
    oe__edit_part(both->pair, &edit, where);
}

static bool is_bounded(const oe_product *product, size_t count, const char *attribute)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(product->bounds[i].attribute, attribute) == 0)
            return true;
    return false;
}

static void compare_bounds(products *both)
{
    const oe_product *candidate = both->declared[OE__NEW];
    for (int side = OE__NEW; side >= OE__BASE; side--) {
        const oe_product *own = both->declared[side];
        for (size_t i = 0; i < own->bound_count; i++) {
            const char *attribute = own->bounds[i].attribute;
            if (is_bounded(own, i, attribute) ||
                (side == OE__BASE && is_bounded(candidate, candidate->bound_count, attribute)))
                continue;
            compare_end(both, attribute, true);
            compare_end(both, attribute, false);
        }
    }
}

/* ---- ideals and curves ---- */

static const oe_ideal *find_ideal(const oe_product *product, const char *attribute)
{
    for (size_t i = 0; i < product->ideal_count; i++)
        if (strcmp(product->ideals[i].attribute, attribute) == 0)
            return &product->ideals[i];
    return NULL;
}

static const oe_product_curve *find_curve(const oe_product *product, const char *attribute)
{
    for (size_t i = 0; i < product->curve_count; i++)
        if (strcmp(product->curves[i].attribute, attribute) == 0)
            return &product->curves[i];
    return NULL;
}

static void compare_ideal(products *both, const char *attribute)
{
    const oe_ideal *base = find_ideal(both->declared[OE__BASE], attribute);
    const oe_ideal *candidate = find_ideal(both->declared[OE__NEW], attribute);
    if (base != NULL && candidate != NULL && base->value == candidate->value)
        return;
    oe__edit edit = both->matched.about;
    edit.key = "ideal_";
    edit.part = attribute;
    oe__edit_part(both->pair, &edit,
                  (const oe_where *const[]){base ? &base->where : NULL,
                                            candidate ? &candidate->where : NULL});
}

static void compare_curve(products *both, const char *attribute)
{
    const oe_product_curve *base = find_curve(both->declared[OE__BASE], attribute);
    const oe_product_curve *candidate = find_curve(both->declared[OE__NEW], attribute);
    if (base != NULL && candidate != NULL && oe__same_curve(&base->curve, &candidate->curve))
        return;
    oe__edit edit = both->matched.about;
    edit.key = "curve.";
    edit.part = attribute;
    oe__edit_part(both->pair, &edit,
                  (const oe_where *const[]){base ? &base->where : NULL,
                                            candidate ? &candidate->where : NULL});
}

static void compare_scored(products *both)
{
    const oe_product *base = both->declared[OE__BASE], *candidate = both->declared[OE__NEW];
    for (size_t i = 0; i < candidate->ideal_count; i++)
        compare_ideal(both, candidate->ideals[i].attribute);
    for (size_t i = 0; i < base->ideal_count; i++)
        if (find_ideal(candidate, base->ideals[i].attribute) == NULL)
            compare_ideal(both, base->ideals[i].attribute);
    for (size_t i = 0; i < candidate->curve_count; i++)
        compare_curve(both, candidate->curves[i].attribute);
    for (size_t i = 0; i < base->curve_count; i++)
        if (find_curve(candidate, base->curves[i].attribute) == NULL)
            compare_curve(both, base->curves[i].attribute);
}

/* ---- gates ---- */

static bool has_equal(const products *both, int side, const oe_gate *gate)
{
    const oe_product *other = both->declared[1 - side];
    for (size_t i = 0; i < other->gate_count; i++) {
        oe_condition base = side == OE__BASE ? gate->condition : other->gates[i].condition;
        oe_condition candidate = side == OE__NEW ? gate->condition : other->gates[i].condition;
        if (strcmp(other->gates[i].name, gate->name) == 0 &&
            oe__same_condition(both->pair, base, candidate))
            return true;
    }
    return false;
}

/* The next gate of this name from `at` on that the other side has no equal of. */
static size_t next_odd(const products *both, int side, const char *name, size_t at)
{
    const oe_product *own = both->declared[side];
    while (at < own->gate_count &&
           (strcmp(own->gates[at].name, name) != 0 || has_equal(both, side, &own->gates[at])))
        at++;
    return at;
}

/* Gates without an equal, in pairs as they come. */
static void compare_gates(products *both, const char *name)
{
    const oe_product *base = both->declared[OE__BASE], *candidate = both->declared[OE__NEW];
    size_t was = next_odd(both, OE__BASE, name, 0), is = next_odd(both, OE__NEW, name, 0);
    while (was < base->gate_count || is < candidate->gate_count) {
        bool before = was < base->gate_count, now = is < candidate->gate_count;
        oe__edit edit = both->matched.about;
        edit.key = name;
        edit.gate[OE__BASE] = before ? (uint32_t)was : UINT32_MAX;
        edit.gate[OE__NEW] = now ? (uint32_t)is : UINT32_MAX;
        edit.kind = !now ? OE__REMOVED : before ? OE__CHANGED : OE__ADDED;
        edit.where = now ? candidate->gates[is].where : base->gates[was].where;
        if (before && now)
            oe__place_condition(both->pair,
                                (const oe_condition[]){base->gates[was].condition,
                                                       candidate->gates[is].condition},
                                base->gates[was].where, &edit);
        oe__edit_add(both->pair, &edit);
        was = before ? next_odd(both, OE__BASE, name, was + 1) : was;
        is = now ? next_odd(both, OE__NEW, name, is + 1) : is;
    }
}

/* ---- the product ---- */

static void compare_keys(products *both)
{
    oe__pair *pair = both->pair;
    const oe__matched *matched = &both->matched;
    const oe_product *base = both->declared[OE__BASE], *candidate = both->declared[OE__NEW];
    oe__edit_key(pair, matched, "off", base->off != candidate->off);
    oe__edit_key(pair, matched, "from", base->from_ms != candidate->from_ms);
    oe__edit_key(pair, matched, "until", base->until_ms != candidate->until_ms);
    oe__edit_key(pair, matched, "after",
                 !oe__same_texts(base->after, base->after_count, candidate->after,
                                 candidate->after_count));
    oe__edit_key(pair, matched, "not_with",
                 !oe__same_texts(base->not_with, base->not_with_count, candidate->not_with,
                                 candidate->not_with_count));
    oe__edit_key(pair, matched, "category",
                 !oe__same_text(base->category, candidate->category));
    oe__edit_key(pair, matched, "tier", !oe__same_text(base->tier, candidate->tier));
    oe__edit_key(pair, matched, "group", !oe__same_text(base->group, candidate->group));
    oe__edit_key(pair, matched, "value", base->value != candidate->value);
    oe__edit_key(pair, matched, "lever", base->lever != candidate->lever);
}

static void compare_product(oe__pair *pair, int32_t base, int32_t candidate)
{
    const oe_product *was = base < 0 ? NULL : oe__product(pair->rules[OE__BASE], (size_t)base);
    const oe_product *is =
        candidate < 0 ? NULL : oe__product(pair->rules[OE__NEW], (size_t)candidate);
    oe__edit about = {.element = OE__ON_PRODUCT,
                      .word = "product",
                      .id = is != NULL    ? is->id
                            : was != NULL ? was->id
                                          : "",
                      .key = "",
                      .part = "",
                      .gate = {UINT32_MAX, UINT32_MAX}};
    if (was == NULL || is == NULL) {
        oe__edit_part(
            pair, &about,
            (const oe_where *const[]){was ? &was->where : NULL, is ? &is->where : NULL});
        return;
    }
    products both = {pair,
                     {(size_t)base, (size_t)candidate},
                     {was, is},
                     {about,
                      {was->keys, is->keys},
                      {was->key_count, is->key_count},
                      {was->where, is->where}}};
    compare_keys(&both);
    compare_bounds(&both);
    compare_scored(&both);
    compare_gates(&both, "requires");
    compare_gates(&both, "when");
}

void oe__edits_of_products(oe__pair *pair)
{
    const oe_ruleset *was = pair->rules[OE__BASE], *is = pair->rules[OE__NEW];
    for (size_t i = 0; i < is->declared.products.count; i++) {
        const char *id = oe__product(is, i)->id;
        compare_product(pair, oe_ruleset_find(was, OE_PRODUCTS, id, strlen(id)), (int32_t)i);
    }
    for (size_t i = 0; i < was->declared.products.count; i++) {
        const char *id = oe__product(was, i)->id;
        if (oe_ruleset_find(is, OE_PRODUCTS, id, strlen(id)) < 0)
            compare_product(pair, (int32_t)i, -1);
    }
}
