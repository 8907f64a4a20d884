/* fairness.c: what fairness counts: begun, added up, freed. The counting is fairness_page.c. */
#include "engine/fairness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is counted ---- */

size_t oe__check_count(const oe__compiled *product)
{
    return 2 * product->range_count + product->guard_count + OE__CHECKS_COMMON;
}

static size_t groups_of(const oe_attribute *attribute)
{
    if (oe__type_is_numeric(attribute->type))
        return (attribute->group_count < OE__GROUPS_MAX ? attribute->group_count
                                                        : OE__GROUPS_MAX - 1) +
               2;
    return attribute->type == OE_FLAG ? 3 : OE__GROUPS_MAX + 2;
}

/* A number without groups has nothing to compare. */
static bool is_audited(const oe_attribute *attribute)
{
    return attribute->is_protected && !(attribute->derived && attribute->type == OE_TEXT) &&
           attribute->type != OE_PRODUCT_SET &&
           (attribute->group_count > 0 || !oe__type_is_numeric(attribute->type));
}

bool oe__audits_find(oe__comparison *comparison)
{
    const oe_ruleset *ruleset = comparison->rules[OE__NEW];
    size_t products = ruleset->declared.products.count, width = 0;
    oe__audit *audits = oe__arena_array(&comparison->arena, OE__AUDITS_MAX, sizeof *audits);
    comparison->checks = oe__arena_array(&comparison->arena, products + 1, sizeof(uint32_t));
    if (audits == NULL || comparison->checks == NULL)
        return false;
    for (size_t i = 0; i < ruleset->declared.attributes.count; i++) {
        const oe_attribute *attribute = oe__attribute(ruleset, i);
        if (!is_audited(attribute) || comparison->audit_count == OE__AUDITS_MAX)
            continue;
        oe__audit *audit = &audits[comparison->audit_count++];
        *audit = (oe__audit){(uint32_t)i, attribute->type, groups_of(attribute), width};
        width += audit->group_count;
    }
    comparison->audits = audits;
    for (size_t p = 0; p < products; p++)
        comparison->checks[p + 1] =
            comparison->checks[p] + (uint32_t)oe__check_count(&ruleset->compiled[p]);
    return true;
}

oe__fairness *oe__fairness_new(const oe__comparison *comparison)
{
    oe__fairness *fairness = calloc(1, sizeof *fairness);
    if (fairness == NULL)
        return NULL;
    size_t products = comparison->product_count;
    size_t checks = comparison->checks[comparison->rules[OE__NEW]->declared.products.count];
    for (size_t i = 0; i < comparison->audit_count; i++)
        fairness->width += comparison->audits[i].group_count;
    size_t width = fairness->width + 1;
    fairness->customers = calloc(width, sizeof(uint64_t));
    fairness->refused = calloc(checks * width + 1, sizeof(uint64_t));
    fairness->lone = calloc(checks + 1, sizeof *fairness->lone);
    fairness->taken = calloc(products + 1, OE__PAGE);
    for (int side = OE__BASE; side <= OE__NEW; side++)
        fairness->offered[side] = calloc(products * width + 1, sizeof(uint64_t));
    if (fairness->customers && fairness->refused && fairness->lone && fairness->taken &&
        fairness->offered[OE__BASE] && fairness->offered[OE__NEW])
        return fairness;
    oe__fairness_free(comparison, fairness);
    return NULL;
}

void oe__fairness_free(const oe__comparison *comparison, oe__fairness *fairness)
{
    if (fairness == NULL)
        return;
    size_t checks = comparison->checks[comparison->rules[OE__NEW]->declared.products.count];
    for (size_t i = 0; fairness->lone != NULL && i < checks; i++)
        free(fairness->lone[i].items);
    for (size_t i = 0; i < OE__AUDITS_MAX; i++)
        oe__names_free(&fairness->texts[i]);
    free(fairness->customers);
    free(fairness->offered[OE__BASE]);
    free(fairness->offered[OE__NEW]);
    free(fairness->refused);
    free(fairness->lone);
    free(fairness->taken);
    free(fairness);
}

/* ---- adding up ---- */

/* Groups of texts are numbered as they came: `into` number by number of `from`. */
static void map_groups(const oe__audit *audit, oe__names *into, const oe__names *from,
                       uint8_t map[OE__GROUPS_MAX + 2])
{
    for (size_t g = 0; g < audit->group_count; g++)
        map[g] = (uint8_t)g;
    for (size_t g = 0; audit->type == OE_TEXT && g < from->count; g++) {
        int32_t group = oe__text_group(into, from->names[g].text, from->names[g].length);
        map[g] = (uint8_t)(group < 0 ? OE__GROUPS_MAX : group);
    }
}

static void add_counters(const oe__comparison *comparison,
                         uint8_t maps[OE__AUDITS_MAX][OE__GROUPS_MAX + 2], uint64_t *into,
                         const uint64_t *from)
{
    for (size_t a = 0; a < comparison->audit_count; a++) {
        const oe__audit *audit = &comparison->audits[a];
        for (size_t g = 0; g < audit->group_count; g++)
            into[audit->first + maps[a][g]] += from[audit->first + g];
    }
}

static bool add_lone(const oe__comparison *comparison,
                     uint8_t maps[OE__AUDITS_MAX][OE__GROUPS_MAX + 2], oe__list *into,
                     const oe__list *from)
{
    const oe__lone *items = from->items;
    for (size_t i = 0; i < from->count; i++) {
        oe__lone *lone = oe__list_add(into, sizeof *lone);
        if (lone == NULL)
            return false;
        *lone = items[i];
        for (size_t a = 0; a < comparison->audit_count; a++)
            lone->groups[a] = maps[a][items[i].groups[a]];
    }
    return true;
}

bool oe__fairness_add(const oe__comparison *comparison, oe__fairness *into,
                      const oe__fairness *from)
{
    uint8_t maps[OE__AUDITS_MAX][OE__GROUPS_MAX + 2];
    size_t checks = comparison->checks[comparison->rules[OE__NEW]->declared.products.count];
    for (size_t a = 0; a < comparison->audit_count; a++)
        map_groups(&comparison->audits[a], &into->texts[a], &from->texts[a], maps[a]);
    add_counters(comparison, maps, into->customers, from->customers);
    for (int side = OE__BASE; side <= OE__NEW; side++)
        for (size_t p = 0; p < comparison->product_count; p++)
            add_counters(comparison, maps, into->offered[side] + p * into->width,
                         from->offered[side] + p * into->width);
    bool room = true;
    for (size_t c = 0; c < checks; c++) {
        add_counters(comparison, maps, into->refused + c * into->width,
                     from->refused + c * into->width);
        room = add_lone(comparison, maps, &into->lone[c], &from->lone[c]) && room;
    }
    into->overflow |= from->overflow;
    return room;
}
