/* top_spec.c: the first offers of a page are bit for bit the first of the single decisions. */
#include "check.h"
#include "engine/plan.h"
#include "engine/top.h"
#include "offerengine.h"
#include "random_rules.h"

#include <stdlib.h>

enum { RULESETS = 60, CUSTOMERS = 600 };

typedef struct book {
    oe_dictionary *dictionary;
    oe_ruleset *ruleset;
    oe_population *population;
    oe_snapshot *snapshot;
    oe_decider *single, *block;
    oe_profile *profile;
    oe__top *top;
    size_t seen, different, offers, row;
    const oe_options *options;
} book;

/* Without what makes selection look at other products. */
static void unlimit(oe_ruleset *ruleset)
{
    ruleset->has_fallback = false;
    for (size_t i = 0; i < ruleset->declared.categories.count; i++)
        ruleset->category_limits[i] = UINT32_MAX;
    for (size_t i = 0; i < ruleset->group_count; i++)
        ruleset->group_limits[i] = UINT32_MAX;
}

static void put_customers(book *self, uint64_t seed)
{
    uint64_t state = seed + 77;
    oe_population_begin(self->population);
    for (uint32_t i = 0; i < CUSTOMERS; i++) {
        random_profile(self->profile, self->ruleset, &state, i);
        if (i % 200 == 199) /* so near to 0 that what it earns is no normal number */
            oe_profile_set_number(self->profile, 4, 5e-324 * (i + 1), NULL);
        CHECK_INT(oe_population_put(self->population, self->profile, NULL, NULL), OE_OK);
    }
    oe_population_commit(self->population);
    oe_population_begin(self->population);
    CHECK(oe_population_remove(self->population, "R7", 2));
    oe_population_commit(self->population);
}

static void open_book(book *self, uint64_t seed, bool limited)
{
    *self = (book){.dictionary = oe_dictionary_new()};
    self->ruleset = random_rules(self->dictionary, seed, 5 + seed % 90, false);
    self->population = oe_population_new(self->dictionary);
    if (!CHECK(self->ruleset != NULL && self->population != NULL))
        exit(1);
    if (!limited)
        unlimit(self->ruleset);
    self->single = oe_decider_new(self->ruleset);
    self->block = oe_decider_new(self->ruleset);
    self->profile = oe_profile_new(self->ruleset);
    self->top = oe__top_new(self->ruleset);
    put_customers(self, seed);
    self->snapshot = oe_snapshot_new(self->population);
}

static void close_book(book *self)
{
    oe_snapshot_free(self->snapshot);
    oe__top_free(self->top);
    oe_profile_free(self->profile);
    oe_decider_free(self->block);
    oe_decider_free(self->single);
    oe_population_free(self->population);
    oe_ruleset_free(self->ruleset);
    oe_dictionary_free(self->dictionary);
}

static bool same_offers(const book *self, const oe_decision *decision)
{
    size_t limit = self->options->limit != 0 ? self->options->limit : OE__BEST;
    for (size_t rank = 0; rank < OE__BEST; rank++) {
        int64_t product = self->top->podium.product[rank][self->row];
        if (rank >= limit || rank >= decision->offer_count) {
            if (product != -1)
                return false;
            continue;
        }
        const oe_offer *offer = &decision->offers[rank];
        if (product != offer->product || memcmp(&self->top->confidence[rank][self->row],
                                                &offer->confidence, sizeof(double)) != 0)
            return false;
    }
    return true;
}

static bool compare(void *context, const oe_profile *profile)
{
    book *self = context;
    while (self->top->page->records[self->row] == NULL)
        self->row++;
    const oe_decision *decision = oe_decide(self->single, profile, self->options);
    self->seen++;
    self->offers += decision->offer_count;
    self->different += !same_offers(self, decision);
    self->row++;
    return true;
}

static void compare_book(book *self, const oe_options *options)
{
    self->options = options;
    for (size_t page = 0; page < oe_snapshot_pages(self->snapshot); page++) {
        self->row = 0;
        oe__top_page(self->top, self->block, self->snapshot, page, options);
        oe_snapshot_read(self->snapshot, page, self->profile, (oe_profile_sink){compare, self});
    }
}

static size_t compare_all(bool limited, const oe__kernel *kernel)
{
    size_t offers = 0;
    for (uint64_t seed = 1; seed <= RULESETS; seed++) {
        book opened;
        oe_options options = {.at_ms = seed % 3 == 0 ? 500 : 2000,
                              .limit = (uint32_t)(seed % 4),
                              .category = seed % 5 == 0 ? 1 : -1};
        open_book(&opened, seed, limited);
        if (kernel != NULL)
            opened.top->plan->kernel = kernel;
        compare_book(&opened, &options);
        CHECK_INT(opened.seen, CUSTOMERS - 1);
        CHECK_INT(opened.different, 0);
        offers += opened.offers;
        close_book(&opened);
    }
    return offers;
}

static void it_equals_single_decisions(void)
{
    for (size_t i = 0; oe__kernel_get(i) != NULL; i++)
        CHECK(compare_all(false, oe__kernel_get(i)) > CUSTOMERS);
}

static void it_keeps_to_limits(void)
{
    CHECK(compare_all(true, NULL) > CUSTOMERS);
}

int main(void)
{
    RUN("the first three are those of single decisions, bit for bit, on every kind of machine",
        it_equals_single_decisions);
    RUN("limits, groups and fallbacks hold for the first three", it_keeps_to_limits);
    return check_report();
}
