/* top.c: a page of customers, their first offers only. Products go by in the order of their
 * ids, so that of equal priorities the one that came first stays in front. */
#include "engine/top.h"

#include "engine/plan.h"
#include "engine/population.h"

#include <stdlib.h>
#include <string.h>

oe__top *oe__top_new(const oe_ruleset *ruleset)
{
    oe__top *top = oe__lanes_new(sizeof *top);
    if (top == NULL)
        return NULL;
    top->plan = oe__plan_new(ruleset);
    if (top->plan == NULL) {
        free(top);
        return NULL;
    }
    bool is_own = top->plan->is_factored || !top->plan->by_lanes;
    top->confidence = is_own ? top->plan->confidence : top->podium.key;
    return top;
}

void oe__top_free(oe__top *top)
{
    if (top == NULL)
        return;
    oe__plan_free(top->plan);
    free(top);
}

/* ---- one product ---- */

typedef struct deciding {
    oe__plan *plan;
    oe_decider *decider;
    const oe_options *options;
    const oe__kernel *kernel;
} deciding;

static void add_points(double *restrict sum, const double *restrict points)
{
    for (size_t l = 0; l < OE__LANES; l++)
        sum[l] += points[l];
}

static void add_term(const deciding *self, const oe__plan_term *term, double *sum)
{
    const double *values = self->decider->page->columns[term->term->attribute];
    if (term->is_line)
        self->kernel->line(values, &term->line, sum);
    else if (term->is_step)
        self->kernel->step(values, term->at, term->points, sum);
    else
        oe__page_weigh(term->term, values, sum);
}

/* Begins the sum with the first two terms, where they are plain lines. Returns how many. */
static size_t begin_sum(const deciding *self, const oe__plan_term *terms, size_t count)
{
    double **columns = self->decider->page->columns;
    if (count < 2 || !oe__is_pair(&terms[0], &terms[1])) {
        memset(self->plan->sum, 0, sizeof self->plan->sum);
        return 0;
    }
    const double *const values[2] = {columns[terms[0].term->attribute],
                                     columns[terms[1].term->attribute]};
    const oe__line *const lines[2] = {&terms[0].line, &terms[1].line};
    self->kernel->pair(values, lines, self->plan->sum);
    return 2;
}

/* The last two that other products share are left to finishing. */
static void add_terms(const deciding *self, const oe__plan_product *product, oe__finish *finish)
{
    oe__plan *plan = self->plan;
    size_t count = product->term_count;
    const double *left[2] = {plan->none, plan->none};
    for (size_t i = 2; i-- > 0 && count > 0 && product->terms[count - 1].slot != OE__NO_SLOT;)
        left[i] = plan->points[product->terms[--count].slot];
    for (size_t i = begin_sum(self, product->terms, count); i < count; i++) {
        const oe__plan_term *term = &product->terms[i];
        if (term->slot != OE__NO_SLOT)
            add_points(plan->sum, plan->points[term->slot]);
        else
            add_term(self, term, plan->sum);
    }
    finish->sum = plan->sum;
    finish->more = left[0];
    finish->last = left[1];
}

static bool is_available(const oe__compiled *product, const oe_options *options)
{
    return !product->off &&
           oe__cell_window(options->at_ms, product->from_ms, product->until_ms) &&
           (options->category < 0 || (uint32_t)options->category == product->category);
}

static void take_page(const deciding *self, const oe__plan_product *planned, oe__finish *finish)
{
    oe__plan *plan = self->plan;
    const oe__compiled *product = &plan->ruleset->compiled[planned->product];
    oe__page_grants(self->decider, product, self->options->at_ms, plan->adjustments);
    oe__page_thresholds(self->decider, product, plan->thresholds);
    finish->open = self->decider->page->open[planned->product];
    finish->adjustments = plan->adjustments;
    finish->thresholds = plan->thresholds;
}

/* false: nobody is offered it. */
static bool find_keys(const deciding *self, oe__plan_product *planned, double *keys)
{
    oe__plan *plan = self->plan;
    oe__finish *finish = &planned->finish;
    const struct oe__page_memory *memory = self->decider->page;
    const oe__compiled *product = &plan->ruleset->compiled[planned->product];
    if (!is_available(product, self->options) ||
        (!planned->is_plain && !oe__page_open(self->decider, planned->product, self->options)))
        return false;
    if (!planned->is_plain)
        take_page(self, planned, finish);
    if (plan->is_factored)
        finish->confidence = memory->confidence[planned->product];
    finish->words = memory->words[product->number / 64];
    add_terms(self, planned, finish);
    (planned->is_divisible ? self->kernel : plan->exact)->finish(finish, keys);
    return true;
}

/* ---- all products ---- */

static void clear_keys(double *keys)
{
    for (size_t l = 0; l < OE__LANES; l++)
        keys[l] = -1;
}

static void rank_products(const deciding *self, oe__podium *podium)
{
    oe__plan *plan = self->plan;
    int64_t entering[OE__KEYS] = {-1, -1, -1, -1, -1};
    size_t waiting = 0, count = plan->ruleset->declared.products.count;
    bool is_first = true;
    for (size_t p = 0; p < count; p++) {
        if (find_keys(self, &plan->products[p], plan->keys[waiting]))
            entering[waiting++] = plan->products[p].product;
        if (waiting < OE__KEYS && (p + 1 < count || (waiting == 0 && !is_first)))
            continue;
        for (; waiting < OE__KEYS; waiting++)
            clear_keys(plan->keys[waiting]);
        self->kernel->enter((const oe__lanes *)plan->keys, entering, is_first, podium);
        is_first = false;
        waiting = 0;
    }
}

static void share_points(const deciding *self)
{
    oe__plan *plan = self->plan;
    for (size_t i = 0; i < plan->slot_count; i++) {
        memset(plan->points[i], 0, sizeof plan->points[i]);
        add_term(self, plan->slots[i], plan->points[i]);
    }
}

static bool is_divisible(const deciding *self)
{
    const oe__plan *plan = self->plan;
    for (size_t i = 0; i < plan->ruleset->declared.attributes.count; i++)
        if (plan->lined[i] && !self->kernel->divisible(self->decider->page->columns[i]))
            return false;
    return true;
}

static void find_confidences(const deciding *self, oe__top *top, size_t rank)
{
    const int64_t *products = top->podium.product[rank];
    for (size_t l = 0; l < OE__LANES; l++)
        if (products[l] >= 0)
            top->confidence[rank][l] = self->decider->page->confidence[products[l]][l];
}

/* ---- customer by customer ---- */

typedef struct listing {
    oe__top *top;
    size_t row;
} listing;

static bool list_offers(void *context, const oe_decision *decision)
{
    listing *self = context;
    oe__top *top = self->top;
    while (top->page->records[self->row] == NULL)
        self->row++;
    for (size_t rank = 0; rank < OE__BEST; rank++) {
        bool is_offered = rank < decision->offer_count;
        top->podium.product[rank][self->row] =
            is_offered ? (int64_t)decision->offers[rank].product : -1;
        top->podium.key[rank][self->row] = is_offered ? decision->offers[rank].priority : -1;
        if (is_offered)
            top->confidence[rank][self->row] = decision->offers[rank].confidence;
    }
    self->row++;
    return true;
}

static void decide_rows(oe__top *top, oe_decider *decider, const oe_snapshot *snapshot,
                        size_t page, const oe_options *given)
{
    bool bare = decider->bare;
    listing rows = {top, 0};
    oe_options options = *given;
    if (options.limit == 0 || options.limit > OE__BEST)
        options.limit = OE__BEST;
    decider->bare = true;
    (void)oe_decide_page(decider, snapshot, page, &options,
                         (oe_decision_sink){list_offers, &rows});
    decider->bare = bare;
}

/* ---- a page ---- */

static size_t rank_count(const oe_ruleset *ruleset, const oe_options *options)
{
    size_t limit = ruleset->default_limit < OE__BEST ? ruleset->default_limit : OE__BEST;
    return options->limit != 0 && options->limit < limit ? options->limit : limit;
}

static const oe__page *page_at(const oe_snapshot *snapshot, size_t page)
{
    return page < snapshot->page_count ? snapshot->pages[page] : NULL;
}

static void fetch_lanes(const void *lanes)
{
    for (size_t byte = 0; lanes != NULL && byte < OE__LANES * sizeof(double); byte += 64)
        __builtin_prefetch((const char *)lanes + byte);
}

/* Has memory send what the next pages hold while this one is computed with: of the next its
 * columns, of those after it what leads to them. */
static void fetch_ahead(const oe_snapshot *snapshot, size_t page)
{
    const oe__page *first = page_at(snapshot, page + 1), *second = page_at(snapshot, page + 2);
    if (page_at(snapshot, page + 3) != NULL)
        __builtin_prefetch(page_at(snapshot, page + 3));
    if (second != NULL) {
        __builtin_prefetch(second->columns);
        __builtin_prefetch(second->words);
    }
    for (size_t i = 0; first != NULL && i < first->column_count; i++)
        fetch_lanes(first->columns[i]);
    for (size_t i = 0; first != NULL && i < first->word_count; i++)
        fetch_lanes(first->words[i]);
}

void oe__top_page(oe__top *top, oe_decider *decider, const oe_snapshot *snapshot, size_t page,
                  const oe_options *options)
{
    oe__plan *plan = top->plan;
    deciding self = {plan, decider, options, plan->kernel};
    top->page = snapshot->pages[page];
    if (top->page == NULL)
        return;
    if (!plan->by_lanes || options->campaign != 0) {
        decide_rows(top, decider, snapshot, page, options);
        return;
    }
    fetch_ahead(snapshot, page);
    oe__page_bind(decider, top->page, options->at_ms);
    oe__page_conditions(decider);
    if (self.kernel->is_fused && !is_divisible(&self))
        self.kernel = plan->exact;
    share_points(&self);
    rank_products(&self, &top->podium);
    for (size_t rank = 0; plan->is_factored && rank < OE__BEST; rank++)
        find_confidences(&self, top, rank);
    for (size_t rank = rank_count(plan->ruleset, options); rank < OE__BEST; rank++)
        memset(top->podium.product[rank], 0xFF, sizeof top->podium.product[rank]);
}
