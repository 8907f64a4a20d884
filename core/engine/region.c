/* region.c: a search over the alternatives of conditions. What is to be done yet hangs together
 * as a list on the stack of the search; each step narrows one thing, goes on with the rest, and
 * takes the narrowing back. */
#include "engine/region.h"

#include <math.h>
#include <stdlib.h>

enum { STEPS_MAX = 20000, DEPTH_MAX = 1500 };

/* Something to be done yet: demands, or the parts of a condition that must all have a mode, or
 * the products of a category that must all be lacked, from `at` on. */
typedef struct task {
    const struct task *next;
    const oe__demand *demands;
    const oe__node *node;
    oe__mode mode;
    size_t at, count;
} task;

typedef struct search {
    oe__region *region;
    const oe__region_visitor *visitor;
} search;

static bool go_on(search *searching, const task *todo);
static bool demand_mode(search *searching, oe_condition condition, oe__mode mode,
                        const task *next);

/* ---- one thing narrowed ---- */

static bool is_whole(oe_type type)
{
    return type == OE_INTEGER || type == OE_TEXT || type == OE_FLAG;
}

static oe__values common_values(const oe__values *a, const oe__values *b, oe_type type)
{
    oe__values common = {fmax(a->low, b->low), fmin(a->high, b->high), a->known && b->known,
                         a->unknown && b->unknown};
    if (is_whole(type)) {
        common.low = ceil(common.low);
        common.high = floor(common.high);
    }
    common.known = common.known && common.low <= common.high;
    return common;
}

static bool narrow_values(search *searching, uint32_t attribute, oe__values allowed,
                          const task *next)
{
    oe__values *slot = &searching->region->values[attribute], before = *slot;
    *slot = common_values(&before, &allowed,
                          oe__attribute(searching->region->ruleset, attribute)->type);
    bool found = (slot->known || slot->unknown) && go_on(searching, next);
    *slot = before;
    return found;
}

static bool narrow_known(search *searching, uint32_t attribute, double low, double high,
                         const task *next)
{
    return narrow_values(searching, attribute, (oe__values){low, high, true, false}, next);
}

static bool narrow_unknown(search *searching, uint32_t attribute, const task *next)
{
    return narrow_values(searching, attribute, (oe__values){-HUGE_VAL, HUGE_VAL, false, true},
                         next);
}

static bool narrow_ownership(search *searching, uint32_t product, uint8_t allowed,
                             const task *next)
{
    uint8_t *slot = &searching->region->ownership[product], before = *slot;
    *slot = before & allowed;
    bool found = *slot != 0 && go_on(searching, next);
    *slot = before;
    return found;
}

static bool narrow_time(search *searching, int64_t first_ms, int64_t last_ms, const task *next)
{
    oe__region *region = searching->region;
    int64_t first_before = region->first_ms, last_before = region->last_ms;
    if (first_ms > region->first_ms)
        region->first_ms = first_ms;
    if (last_ms < region->last_ms)
        region->last_ms = last_ms;
    bool found = region->first_ms <= region->last_ms && go_on(searching, next);
    region->first_ms = first_before;
    region->last_ms = last_before;
    return found;
}

/* An open end is INT64_MAX, which no moment reaches. */
static int64_t last_of(int64_t until_ms)
{
    return until_ms == INT64_MAX ? INT64_MAX : until_ms - 1;
}

static bool narrow_outside_time(search *searching, const oe__demand *demand, const task *next)
{
    return (demand->from_ms != INT64_MIN &&
            narrow_time(searching, INT64_MIN, demand->from_ms - 1, next)) ||
           (demand->until_ms != INT64_MAX &&
            narrow_time(searching, demand->until_ms, INT64_MAX, next));
}

static bool narrow_outside(search *searching, uint32_t attribute, double low, double high,
                           const task *next)
{
    return (low > -HUGE_VAL &&
            narrow_known(searching, attribute, -HUGE_VAL, nextafter(low, -HUGE_VAL), next)) ||
           (high < HUGE_VAL &&
            narrow_known(searching, attribute, nextafter(high, HUGE_VAL), HUGE_VAL, next));
}

/* ---- tests of one attribute ---- */

static bool is_any_code(search *searching, const oe__node *node, const task *next)
{
    for (size_t i = 0; i < node->value_count; i++)
        if (narrow_known(searching, (uint32_t)node->subject, node->codes[i], node->codes[i],
                         next))
            return true;
    return false;
}

/* The gaps between the values, from below. */
static bool is_no_code(search *searching, const oe__node *node, const task *next)
{
    double low = -HUGE_VAL;
    for (;;) {
        double code = HUGE_VAL;
        for (size_t i = 0; i < node->value_count; i++)
            if (node->codes[i] >= low)
                code = fmin(code, node->codes[i]);
        if (narrow_known(searching, (uint32_t)node->subject, low, nextafter(code, -HUGE_VAL),
                         next))
            return true;
        if (code == HUGE_VAL)
            return false;
        low = nextafter(code, HUGE_VAL);
    }
}

static bool demand_values(search *searching, const oe__node *node, bool within,
                          const task *next)
{
    switch (node->op) {
    case OE_EQUALS:
    case OE_ONE_OF:
        return within ? is_any_code(searching, node, next) : is_no_code(searching, node, next);
    case OE_NONE_OF:
        return within ? is_no_code(searching, node, next) : is_any_code(searching, node, next);
    default:
        return within ? narrow_known(searching, (uint32_t)node->subject, node->range_low,
                                     node->range_high, next)
                      : narrow_outside(searching, (uint32_t)node->subject, node->range_low,
                                       node->range_high, next);
    }
}

static bool demand_attribute(search *searching, const oe__node *node, oe__mode mode,
                             const task *next)
{
    uint32_t attribute = (uint32_t)node->subject;
    bool positive = mode == OE__IS_TRUE || mode == OE__NOT_FALSE;
    if (node->op == OE_KNOWN || node->op == OE_UNKNOWN)
        return positive == (node->op == OE_KNOWN)
                   ? narrow_known(searching, attribute, -HUGE_VAL, HUGE_VAL, next)
                   : narrow_unknown(searching, attribute, next);
    bool may_be_unknown = mode == OE__NOT_TRUE || mode == OE__NOT_FALSE;
    return (may_be_unknown && narrow_unknown(searching, attribute, next)) ||
           demand_values(searching, node, positive, next);
}

/* ---- ownership ---- */

static bool is_in(const oe_ruleset *ruleset, size_t product, const oe__node *node)
{
    return ruleset->compiled[product].category == (uint32_t)node->subject;
}

static bool lack_category(search *searching, const task *todo)
{
    const oe_ruleset *ruleset = searching->region->ruleset;
    size_t product = todo->at;
    while (product < todo->count && !is_in(ruleset, product, todo->node))
        product++;
    if (product == todo->count)
        return go_on(searching, todo->next);
    task rest = *todo;
    rest.at = product + 1;
    return narrow_ownership(searching, (uint32_t)product, OE__MAY_LACK, &rest);
}

static bool own_some(search *searching, const oe__node *node, const task *next)
{
    const oe_ruleset *ruleset = searching->region->ruleset;
    for (size_t p = 0; p < ruleset->declared.products.count; p++)
        if (is_in(ruleset, p, node) &&
            narrow_ownership(searching, (uint32_t)p, OE__MAY_OWN, next))
            return true;
    return false;
}

static bool demand_category(search *searching, const oe__node *node, bool lacks,
                            const task *next)
{
    if (node->subject < 0) /* the category of a product that nobody has named */
        return go_on(searching, next);
    task each = {.next = next,
                 .node = node,
                 .count = searching->region->ruleset->declared.products.count};
    return lacks ? lack_category(searching, &each) : own_some(searching, node, next);
}

/* ---- conditions ---- */

/* A member or not; after a stop nobody can say, which only NOT_FALSE lets through beyond what
 * the condition's own truth would. */
static bool demand_member(search *searching, const oe__node *node, oe__mode mode,
                          const task *next)
{
    oe_condition condition =
        oe__segment(searching->region->ruleset, (size_t)node->subject)->condition;
    if (mode == OE__NOT_FALSE && node->calls)
        return go_on(searching, next);
    bool member = mode == OE__IS_TRUE || mode == OE__NOT_FALSE;
    return demand_mode(searching, condition, member ? OE__IS_TRUE : OE__NOT_TRUE, next);
}

static bool demand_parts(search *searching, const oe__node *node, oe__mode mode,
                         const task *next)
{
    bool positive = mode == OE__IS_TRUE || mode == OE__NOT_FALSE;
    if (positive == (node->op == OE_ALL)) {
        task all = {.next = next, .node = node, .mode = mode, .count = node->part_count};
        return go_on(searching, &all);
    }
    for (size_t i = 0; i < node->part_count; i++)
        if (demand_mode(searching, node->parts[i], mode, next))
            return true;
    return false;
}

static oe__mode opposite(oe__mode mode)
{
    static const oe__mode opposites[] = {OE__IS_FALSE, OE__IS_TRUE, OE__NOT_FALSE,
                                         OE__NOT_TRUE};
    return opposites[mode];
}

static bool demand_mode(search *searching, oe_condition condition, oe__mode mode,
                        const task *next)
{
    const oe__node *node = &oe__nodes(searching->region->ruleset)[condition];
    bool positive = mode == OE__IS_TRUE || mode == OE__NOT_FALSE;
    switch (node->op) {
    case OE_ALL:
    case OE_ANY:
        return demand_parts(searching, node, mode, next);
    case OE_NOT:
        return demand_mode(searching, node->parts[0], opposite(mode), next);
    case OE_CALL:
        return go_on(searching, next);
    case OE_IN_SEGMENT:
        return demand_member(searching, node, mode, next);
    case OE_OWNS:
    case OE_LACKS:
        return narrow_ownership(searching, (uint32_t)node->subject,
                                positive == (node->op == OE_OWNS) ? OE__MAY_OWN : OE__MAY_LACK,
                                next);
    case OE_LACKS_CATEGORY:
        return demand_category(searching, node, positive, next);
    default:
        return demand_attribute(searching, node, mode, next);
    }
}

static bool meet(search *searching, const oe__demand *demand, const task *next)
{
    switch (demand->kind) {
    case OE__DEMAND_CONDITION:
        return demand_mode(searching, demand->subject, demand->mode, next);
    case OE__DEMAND_WITHIN:
        return narrow_known(searching, demand->subject, demand->low, demand->high, next);
    case OE__DEMAND_OUTSIDE:
        return narrow_unknown(searching, demand->subject, next) ||
               narrow_outside(searching, demand->subject, demand->low, demand->high, next);
    case OE__DEMAND_OWNED:
        return narrow_ownership(searching, demand->subject, OE__MAY_OWN, next);
    case OE__DEMAND_LACKED:
        return narrow_ownership(searching, demand->subject, OE__MAY_LACK, next);
    case OE__DEMAND_TIME:
        return narrow_time(searching, demand->from_ms, last_of(demand->until_ms), next);
    case OE__DEMAND_GUARD:
    default:
        return narrow_outside_time(searching, demand, next) ||
               (demand->subject != OE_NO_CONDITION &&
                demand_mode(searching, demand->subject, demand->mode, next));
    }
}

static bool go_on(search *searching, const task *todo)
{
    oe__region *region = searching->region;
    if (region->steps == 0 || region->depth == DEPTH_MAX) {
        region->steps = 0;
        return true;
    }
    region->steps--;
    region->depth++;
    bool found;
    if (todo == NULL) {
        const oe__region_visitor *visitor = searching->visitor;
        found = visitor == NULL || visitor->visit(visitor->context, region);
    } else if (todo->node != NULL && todo->node->op == OE_LACKS_CATEGORY) {
        found = lack_category(searching, todo);
    } else if (todo->at == todo->count) {
        found = go_on(searching, todo->next);
    } else {
        task rest = *todo;
        rest.at++;
        found = todo->node != NULL
                    ? demand_mode(searching, todo->node->parts[todo->at], todo->mode, &rest)
                    : meet(searching, &todo->demands[todo->at], &rest);
    }
    region->depth--;
    return found;
}

bool oe__region_find(oe__region *region, const oe__demand *demands, size_t count,
                     const oe__region_visitor *visitor)
{
    search searching = {region, visitor};
    task all = {.demands = demands, .count = count};
    if (region->finds == 0)
        region->steps = STEPS_MAX;
    region->finds++;
    bool found = go_on(&searching, &all);
    region->finds--;
    return found;
}

bool oe__region_may(oe__region *region, oe_condition condition, oe__mode mode)
{
    oe__demand demand = {.kind = OE__DEMAND_CONDITION, .mode = mode, .subject = condition};
    return oe__region_find(region, &demand, 1, NULL);
}

/* ---- everybody ---- */

bool oe__region_init(oe__region *region, const oe_ruleset *ruleset)
{
    size_t attributes = ruleset->declared.attributes.count;
    size_t products = ruleset->declared.products.count;
    *region = (oe__region){.ruleset = ruleset, .first_ms = INT64_MIN, .last_ms = INT64_MAX};
    region->values = calloc(attributes + 1, sizeof *region->values);
    region->ownership = calloc(products + 1, 1);
    if (region->values == NULL || region->ownership == NULL) {
        oe__region_free(region);
        return false;
    }
    for (size_t i = 0; i < attributes; i++) {
        const oe_attribute *attribute = oe__attribute(ruleset, i);
        bool is_text = attribute->type == OE_TEXT;
        region->values[i] = (oe__values){
            .low = is_text ? -HUGE_VAL : attribute->minimum,
            .high = is_text ? HUGE_VAL : attribute->maximum,
            .known = true,
            .unknown = attribute->optional || attribute->nullable || attribute->derived,
        };
        if (attribute->type == OE_FLAG)
            region->values[i].low = 0, region->values[i].high = 1;
    }
    for (size_t i = 0; i < products; i++)
        region->ownership[i] = OE__MAY_LACK | OE__MAY_OWN;
    return true;
}

void oe__region_free(oe__region *region)
{
    free(region->values);
    free(region->ownership);
    region->values = NULL;
    region->ownership = NULL;
}
