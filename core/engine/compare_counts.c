/* compare_counts.c: the counts of a comparison: begun, added up, freed. */
#include "engine/fairness.h"

#include <stdlib.h>
#include <string.h>

bool oe__tally_add(oe__list *list, uint32_t key, uint64_t first, uint64_t second)
{
    oe__tally *tallies = list->items;
    size_t at = 0;
    while (at < list->count && tallies[at].key != key)
        at++;
    if (at == list->count) {
        oe__tally *added = oe__list_add(list, sizeof *added);
        if (added == NULL)
            return false;
        added->key = key;
        tallies = list->items;
    }
    tallies[at].counts[0] += first;
    tallies[at].counts[1] += second;
    return true;
}

static bool comes_before(const oe__example *a, const oe__example *b)
{
    return a->page != b->page ? a->page < b->page : a->lane < b->lane;
}

/* Kept in order; what comes behind the last of a full list is dropped. */
bool oe__examples_add(oe__examples *examples, const oe__example *example)
{
    oe__list *list = &examples->list;
    oe__example *items = list->items;
    size_t count = list->count;
    if (count == OE__EXAMPLES_MAX && !comes_before(example, &items[count - 1]))
        return true;
    if (count < OE__EXAMPLES_MAX) {
        if (oe__list_add(list, sizeof *items) == NULL)
            return false;
        items = list->items;
        count++;
    }
    size_t at = count - 1;
    for (; at > 0 && comes_before(example, &items[at - 1]); at--)
        items[at] = items[at - 1];
    items[at] = *example;
    return true;
}

bool oe__compare_counts_begin(const oe__comparison *comparison, oe__compare_counts *counts)
{
    size_t segments = comparison->rules[OE__BASE]->declared.segments.count;
    *counts = (oe__compare_counts){0};
    counts->products = calloc(comparison->product_count + 1, sizeof *counts->products);
    counts->segments = calloc(segments + 1, sizeof *counts->segments);
    counts->fairness = oe__fairness_new(comparison);
    return counts->products != NULL && counts->segments != NULL && counts->fairness != NULL;
}

void oe__compare_counts_free(const oe__comparison *comparison, oe__compare_counts *counts)
{
    for (size_t i = 0; counts->products != NULL && i <= comparison->product_count; i++) {
        oe__product_counts *product = &counts->products[i];
        free(product->blamed.items);
        free(product->best_to.items);
        free(product->examples[OE__GAINED].list.items);
        free(product->examples[OE__LOST].list.items);
    }
    free(counts->products);
    free(counts->segments);
    free(counts->lost_only_examples.list.items);
    free(counts->best_examples.list.items);
    oe__fairness_free(comparison, counts->fairness);
    *counts = (oe__compare_counts){0};
}

static bool add_tallies(oe__list *into, const oe__list *from)
{
    const oe__tally *tallies = from->items;
    bool room = true;
    for (size_t i = 0; i < from->count && room; i++)
        room = oe__tally_add(into, tallies[i].key, tallies[i].counts[0], tallies[i].counts[1]);
    return room;
}

static bool add_examples(oe__examples *into, const oe__examples *from)
{
    const oe__example *items = from->list.items;
    bool room = true;
    for (size_t i = 0; i < from->list.count && room; i++)
        room = oe__examples_add(into, &items[i]);
    return room;
}

static bool add_product(oe__product_counts *into, const oe__product_counts *from)
{
    bool room = add_tallies(&into->blamed, &from->blamed) &&
                add_tallies(&into->best_to, &from->best_to);
    for (int i = 0; i < 2; i++) {
        into->offers[i] += from->offers[i];
        into->best[i] += from->best[i];
        into->flips[i] += from->flips[i];
        room = room && add_examples(&into->examples[i], &from->examples[i]);
    }
    return room;
}

static void add_segment(oe__segment_counts *into, const oe__segment_counts *from)
{
    into->customers += from->customers;
    into->gaining += from->gaining;
    into->losing += from->losing;
    into->best_changed += from->best_changed;
    into->lost_only += from->lost_only;
}

static void add_totals(oe__compare_counts *into, const oe__compare_counts *from)
{
    into->customers += from->customers;
    into->gaining += from->gaining;
    into->losing += from->losing;
    into->best_changed += from->best_changed;
    into->lost_only += from->lost_only;
    into->first_offer += from->first_offer;
    into->reordered += from->reordered;
    into->confidence_only += from->confidence_only;
    for (int side = OE__BASE; side <= OE__NEW; side++) {
        into->offers[side] += from->offers[side];
        into->without[side] += from->without[side];
    }
}

void oe__compare_counts_add(const oe__comparison *comparison, oe__compare_counts *into,
                            const oe__compare_counts *from)
{
    size_t segments = comparison->rules[OE__BASE]->declared.segments.count;
    bool room = add_examples(&into->lost_only_examples, &from->lost_only_examples) &&
                add_examples(&into->best_examples, &from->best_examples);
    add_totals(into, from);
    for (size_t i = 0; i <= comparison->product_count; i++)
        room = add_product(&into->products[i], &from->products[i]) && room;
    for (size_t i = 0; i <= segments; i++)
        add_segment(&into->segments[i], &from->segments[i]);
    room = oe__fairness_add(comparison, into->fairness, from->fairness) && room;
    into->failed |= from->failed || !room;
    if (into->stopped == NULL)
        into->stopped = from->stopped;
}
