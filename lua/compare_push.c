/* compare_push.c: the counts of a comparison as a table. */
#include "compare.h"

#include <lauxlib.h>

#include "buffer.h"

static void set_text(lua_State *L, const char *key, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, key);
}

static void set_count(lua_State *L, const char *key, uint64_t count)
{
    lua_pushinteger(L, (lua_Integer)count);
    lua_setfield(L, -2, key);
}

/* The table on top becomes the next item of the list below it. */
static void append(lua_State *L)
{
    lua_rawseti(L, -2, luaL_len(L, -2) + 1);
}

static void set_where(lua_State *L, oe_where where)
{
    set_text(L, "file", where.file);
    if (where.line > 0)
        set_count(L, "line", (uint64_t)where.line);
}

/* ---- Edits ---- */

static void push_edit(lua_State *L, const oe__edit *edit)
{
    static const char *const kinds[] = {"changed", "added", "removed"};
    oe__buffer *words = oe_lua_new_buffer(L);
    oe__edit_write(edit, words);
    if (words->failed)
        luaL_error(L, "diff: out of memory");
    lua_createtable(L, 0, 8);
    lua_pushlstring(L, words->data, words->length);
    lua_setfield(L, -2, "rule");
    lua_remove(L, -2);
    set_text(L, "change", kinds[edit->kind]);
    set_where(L, edit->where);
}

static void count_blamed(const oe__comparison *comparison, const oe__compare_counts *counts,
                         uint32_t edit, uint64_t flips[2])
{
    flips[OE__GAINED] = flips[OE__LOST] = 0;
    for (size_t p = 0; p < comparison->product_count; p++) {
        const oe__list *list = &counts->products[p].blamed;
        const oe__tally *tallies = list->items;
        for (size_t i = 0; i < list->count; i++)
            if (tallies[i].key == edit) {
                flips[OE__GAINED] += tallies[i].counts[OE__GAINED];
                flips[OE__LOST] += tallies[i].counts[OE__LOST];
            }
    }
}

static void push_edits(lua_State *L, const oe__comparison *comparison,
                       const oe__compare_counts *counts)
{
    uint64_t flips[2];
    lua_newtable(L);
    for (uint32_t i = 0; i < comparison->edits.list.count; i++) {
        push_edit(L, oe__edit_at(&comparison->edits, i));
        count_blamed(comparison, counts, i, flips);
        set_count(L, "gained", flips[OE__GAINED]);
        set_count(L, "lost", flips[OE__LOST]);
        append(L);
    }
}

/* ---- Products ---- */

static void push_examples(lua_State *L, const oe__examples *examples)
{
    const oe__example *items = examples->list.items;
    lua_newtable(L);
    for (size_t i = 0; i < examples->list.count; i++) {
        lua_pushlstring(L, items[i].id, items[i].id_length);
        append(L);
    }
}

/* By edit: its number in the list of edits, none: no single one did it. */
static void push_blamed(lua_State *L, const oe__comparison *comparison, const oe__list *list)
{
    const oe__tally *tallies = list->items;
    lua_newtable(L);
    for (uint32_t edit = 0; edit <= comparison->edits.list.count; edit++)
        for (size_t i = 0; i < list->count; i++) {
            bool is_none = edit == comparison->edits.list.count;
            if (tallies[i].key != (is_none ? OE__NO_EDIT : edit))
                continue;
            lua_createtable(L, 0, 3);
            if (!is_none)
                set_count(L, "edit", edit + 1);
            set_count(L, "gained", tallies[i].counts[OE__GAINED]);
            set_count(L, "lost", tallies[i].counts[OE__LOST]);
            append(L);
        }
}

static void push_product(lua_State *L, const oe__comparison *comparison, size_t common,
                         const oe__product_counts *counts)
{
    const oe_product *product = oe__compared_product(comparison, common);
    lua_createtable(L, 0, 10);
    set_text(L, "product_id", product->id);
    set_text(L, "name", product->name);
    set_text(L, "category", product->category);
    set_count(L, "offers_before", counts->offers[OE__BASE]);
    set_count(L, "offers_after", counts->offers[OE__NEW]);
    set_count(L, "best_before", counts->best[OE__BASE]);
    set_count(L, "best_after", counts->best[OE__NEW]);
    set_count(L, "gained", counts->flips[OE__GAINED]);
    set_count(L, "lost", counts->flips[OE__LOST]);
    push_examples(L, &counts->examples[OE__GAINED]);
    lua_setfield(L, -2, "gained_examples");
    push_examples(L, &counts->examples[OE__LOST]);
    lua_setfield(L, -2, "lost_examples");
    push_blamed(L, comparison, &counts->blamed);
    lua_setfield(L, -2, "by_edit");
}

static void push_products(lua_State *L, const oe__comparison *comparison,
                          const oe__compare_counts *counts)
{
    lua_newtable(L);
    for (size_t i = 0; i < comparison->product_count; i++) {
        push_product(L, comparison, i, &counts->products[i]);
        append(L);
    }
}

static void set_product(lua_State *L, const oe__comparison *comparison, const char *key,
                        size_t common)
{
    if (common < comparison->product_count)
        set_text(L, key, oe__compared_product(comparison, common)->id);
}

/* Best offers before and after: `from` or `to` is missing where there was none. */
static void push_moves(lua_State *L, const oe__comparison *comparison,
                       const oe__compare_counts *counts)
{
    lua_newtable(L);
    for (size_t from = 0; from <= comparison->product_count; from++) {
        const oe__list *list = &counts->products[from].best_to;
        const oe__tally *tallies = list->items;
        for (size_t to = 0; to <= comparison->product_count && list->count > 0; to++)
            for (size_t i = 0; i < list->count; i++) {
                if (tallies[i].key != to)
                    continue;
                lua_createtable(L, 0, 3);
                set_product(L, comparison, "from", from);
                set_product(L, comparison, "to", to);
                set_count(L, "customers", tallies[i].counts[0]);
                append(L);
            }
    }
}

static void push_segments(lua_State *L, const oe__comparison *comparison,
                          const oe__compare_counts *counts)
{
    const oe_ruleset *base = comparison->rules[OE__BASE];
    size_t count = oe_ruleset_count(base, OE_SEGMENTS);
    lua_newtable(L);
    for (size_t i = 0; i <= count; i++) {
        const oe__segment_counts *segment = &counts->segments[i];
        lua_createtable(L, 0, 7);
        if (i < count)
            set_text(L, "segment", oe_ruleset_segment(base, i)->id);
        set_text(L, "name", i < count ? oe_ruleset_segment(base, i)->name : "in no segment");
        set_count(L, "customers", segment->customers);
        set_count(L, "gaining", segment->gaining);
        set_count(L, "losing", segment->losing);
        set_count(L, "best_changed", segment->best_changed);
        set_count(L, "lost_only", segment->lost_only);
        append(L);
    }
}

static void set_totals(lua_State *L, const oe__comparison *comparison,
                       const oe__compare_counts *counts)
{
    set_text(L, "base", oe_ruleset_source(comparison->rules[OE__BASE]));
    set_text(L, "new", oe_ruleset_source(comparison->rules[OE__NEW]));
    set_count(L, "customers", counts->customers);
    set_count(L, "offers_before", counts->offers[OE__BASE]);
    set_count(L, "offers_after", counts->offers[OE__NEW]);
    set_count(L, "without_before", counts->without[OE__BASE]);
    set_count(L, "without_after", counts->without[OE__NEW]);
    set_count(L, "gaining", counts->gaining);
    set_count(L, "losing", counts->losing);
    set_count(L, "best_changed", counts->best_changed);
    set_count(L, "lost_only", counts->lost_only);
    set_count(L, "first_offer", counts->first_offer);
    set_count(L, "reordered", counts->reordered);
    set_count(L, "confidence_only", counts->confidence_only);
}

void oe_lua_push_comparison(lua_State *L, const oe__comparison *comparison,
                            oe__compare_counts *counts, const oe__fair_limits *limits)
{
    luaL_checkstack(L, 20, "diff");
    lua_createtable(L, 0, 24);
    set_totals(L, comparison, counts);
    push_edits(L, comparison, counts);
    lua_setfield(L, -2, "edits");
    push_products(L, comparison, counts);
    lua_setfield(L, -2, "products");
    push_moves(L, comparison, counts);
    lua_setfield(L, -2, "best_moves");
    push_segments(L, comparison, counts);
    lua_setfield(L, -2, "segments");
    push_examples(L, &counts->lost_only_examples);
    lua_setfield(L, -2, "lost_only_examples");
    push_examples(L, &counts->best_examples);
    lua_setfield(L, -2, "best_changed_examples");
    oe_lua_push_fairness(L, comparison, counts->fairness, limits);
    lua_setfield(L, -2, "fairness");
}
