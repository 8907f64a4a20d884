/* decide_spec.c: what must hold for every customer under any rules. */
#include "check.h"
#include "engine/decide.h"
#include "random_rules.h"

#include <math.h>
#include <stdlib.h>

enum { RULESETS = 40, PROFILES = 300 };

typedef struct book {
    oe_dictionary *dictionary;
    oe_ruleset *ruleset;
    oe_decider *decider;
    oe_profile *profile;
    oe_options options;
} book;

static book open_book(uint64_t seed, bool smooth)
{
    book opened = {.dictionary = oe_dictionary_new(),
                   .options = {.at_ms = 2000, .category = -1}};
    opened.ruleset = random_rules(opened.dictionary, seed, 4 + seed % 30, smooth);
    if (!CHECK(opened.ruleset != NULL))
        exit(1);
    opened.decider = oe_decider_new(opened.ruleset);
    opened.profile = oe_profile_new(opened.ruleset);
    return opened;
}

static void close_book(book *opened)
{
    oe_decider_free(opened->decider);
    oe_profile_free(opened->profile);
    oe_ruleset_free(opened->ruleset);
    oe_dictionary_free(opened->dictionary);
}

typedef void (*property)(const book *opened, uint64_t *state);

static void for_all(property holds, bool smooth)
{
    for (uint64_t seed = 1; seed <= RULESETS; seed++) {
        book opened = open_book(seed, smooth);
        uint64_t state = seed * 31 + 7;
        for (uint32_t i = 0; i < PROFILES; i++) {
            random_profile(opened.profile, opened.ruleset, &state, i);
            holds(&opened, &state);
        }
        close_book(&opened);
    }
}

static bool owns(const oe_profile *profile, const oe_ruleset *ruleset, uint32_t product)
{
    return oe__owns(profile->owned, ruleset->compiled[product].number);
}

static double threshold_of(const book *opened, uint32_t product)
{
    return oe__threshold(opened->ruleset, &opened->ruleset->compiled[product],
                         opened->decider->truth);
}

static void check_offer(const book *opened, const oe_offer *offer)
{
    const oe_product *product = oe_ruleset_product(opened->ruleset, offer->product);
    CHECK(offer->confidence >= 0 && offer->confidence <= 100);
    CHECK(!owns(opened->profile, opened->ruleset, offer->product));
    CHECK(offer->fallback || offer->confidence > threshold_of(opened, offer->product));
    CHECK(!product->off);
    for (size_t i = 0; i < product->bound_count; i++) {
        int32_t attribute =
            oe_ruleset_find(opened->ruleset, OE_ATTRIBUTES, product->bounds[i].attribute,
                            strlen(product->bounds[i].attribute));
        double value = oe_profile_number(opened->profile, (size_t)attribute);
        CHECK(value >= product->bounds[i].low && value <= product->bounds[i].high);
    }
}

static void offers_keep_the_contract(const book *opened, uint64_t *state)
{
    (void)state;
    const oe_decision *decision = oe_decide(opened->decider, opened->profile, &opened->options);
    for (size_t i = 0; i < decision->offer_count; i++) {
        const oe_offer *offer = &decision->offers[i];
        check_offer(opened, offer);
        if (i == 0)
            continue;
        const oe_offer *before = &decision->offers[i - 1];
        const char *id = oe_ruleset_product(opened->ruleset, offer->product)->id;
        const char *before_id = oe_ruleset_product(opened->ruleset, before->product)->id;
        CHECK(before->priority > offer->priority ||
              (before->priority == offer->priority && strcmp(before_id, id) < 0));
    }
}

static void it_keeps_the_contract(void)
{
    for_all(offers_keep_the_contract, false);
}

/* ---- more never scores less ---- */

static void score_all(const book *opened, double *scores)
{
    for (size_t p = 0; p < oe_ruleset_count(opened->ruleset, OE_PRODUCTS); p++)
        scores[p] = oe__score(&opened->ruleset->compiled[p], opened->profile->values, NULL);
}

static void more_never_scores_less(const book *opened, uint64_t *state)
{
    static const char *const raised[] = {"income", "credit_score", "balance"};
    double before[64] = {0}, after[64] = {0};
    for (size_t i = 0; i < 3; i++) {
        size_t attribute = (size_t)oe_ruleset_find(opened->ruleset, OE_ATTRIBUTES, raised[i],
                                                   strlen(raised[i]));
        double value = opened->profile->values[attribute];
        if (value != value)
            continue;
        score_all(opened, before);
        opened->profile->values[attribute] = value + random_below(state, 20000) / 100.0;
        score_all(opened, after);
        for (size_t p = 0; p < oe_ruleset_count(opened->ruleset, OE_PRODUCTS); p++)
            CHECK(after[p] >= before[p]);
    }
}

static void it_never_scores_more_less(void)
{
    for_all(more_never_scores_less, true);
}

/* ---- limits ---- */

static void a_limit_cuts_the_tail(const book *opened, uint64_t *state)
{
    (void)state;
    uint32_t first[64] = {0};
    oe_options options = opened->options;
    const oe_decision *decision = oe_decide(opened->decider, opened->profile, &options);
    size_t count = decision->offer_count;
    for (size_t i = 0; i < count; i++)
        first[i] = decision->offers[i].product;
    for (options.limit = 1; options.limit <= 3; options.limit++) {
        decision = oe_decide(opened->decider, opened->profile, &options);
        CHECK_INT(decision->offer_count, count < options.limit ? count : options.limit);
        for (size_t i = 0; i < decision->offer_count; i++)
            CHECK_INT(decision->offers[i].product, first[i]);
    }
}

static void it_cuts_the_tail_at_a_limit(void)
{
    for_all(a_limit_cuts_the_tail, false);
}

/* ---- the smallest change ---- */

typedef struct tally {
    size_t possible, impossible;
} tally;
static tally changes;

static bool is_offered(oe_decider *decider, const oe_profile *profile,
                       const oe_options *options, uint32_t product)
{
    const oe_decision *decision = oe_decide(decider, profile, options);
    for (size_t i = 0; i < decision->offer_count; i++)
        if (decision->offers[i].product == product)
            return !decision->offers[i].fallback;
    return false;
}

static void put_change(oe_profile *profile, const oe_change *change)
{
    if (change->text != NULL)
        oe_profile_set_text(profile, change->attribute, change->text, strlen(change->text),
                            NULL);
    else
        profile->values[change->attribute] = change->to;
}

static double neighbour(const oe_attribute *attribute, double value, double direction)
{
    double step = attribute->type == OE_INTEGER ? 1
                  : attribute->step > 0         ? attribute->step
                                                : 0.01;
    return attribute->type == OE_MONEY ? round((value + direction * step) * 100) / 100
                                       : value + direction * step;
}

typedef struct trying {
    const book *opened;
    oe_decider *decider;
    oe_profile *changed;
    uint32_t product;
} trying;

static bool flips_at(const trying *state, const oe_change *change, double value)
{
    state->changed->values[change->attribute] = value;
    bool flips =
        is_offered(state->decider, state->changed, &state->opened->options, state->product);
    state->changed->values[change->attribute] = change->to;
    return flips;
}

/* One step less of the change does not flip. From "not on file" there is no direction: then the
 * step beyond one side. */
static void check_element(const trying *state, const oe_change *change)
{
    const oe_attribute *attribute =
        oe_ruleset_attribute(state->opened->ruleset, change->attribute);
    CHECK(!attribute->immutable);
    if (change->text != NULL || attribute->type == OE_FLAG)
        return;
    bool flips_below = flips_at(state, change, neighbour(attribute, change->to, -1));
    bool flips_above = flips_at(state, change, neighbour(attribute, change->to, 1));
    if (change->from != change->from)
        CHECK(!flips_below || !flips_above);
    else
        CHECK(change->to > change->from ? !flips_below : !flips_above);
}

static void check_change(const book *opened, oe_decider *other,
                         const oe_explanation *explanation)
{
    oe_profile *changed = oe_profile_new(opened->ruleset);
    memcpy(changed->values, opened->profile->values,
           oe_ruleset_count(opened->ruleset, OE_ATTRIBUTES) * sizeof(double));
    memcpy(changed->owned, opened->profile->owned,
           opened->ruleset->word_count * sizeof(uint64_t));
    for (size_t i = 0; i < explanation->change_count; i++)
        put_change(changed, &explanation->changes[i]);
    CHECK(explanation->change_count > 0);
    CHECK(is_offered(other, changed, &opened->options, explanation->product));
    trying state = {opened, other, changed, explanation->product};
    for (size_t i = 0; i < explanation->change_count; i++)
        check_element(&state, &explanation->changes[i]);
    oe_profile_free(changed);
}

static void a_stated_change_flips_the_answer(const book *opened, uint64_t *state)
{
    (void)state;
    oe_decider *other = oe_decider_new(opened->ruleset);
    for (uint32_t p = 0; p < oe_ruleset_count(opened->ruleset, OE_PRODUCTS); p++) {
        const oe_explanation *explanation =
            oe_explain(opened->decider, opened->profile, &opened->options, p);
        bool offered = is_offered(other, opened->profile, &opened->options, p);
        if (explanation->stage == OE_STAGE_OFFERED)
            continue;
        CHECK(!offered);
        CHECK(explanation->change_possible == (explanation->change_cause == NULL));
        changes.possible += explanation->change_possible;
        changes.impossible += !explanation->change_possible;
        if (explanation->change_possible)
            check_change(opened, other, explanation);
    }
    oe_decider_free(other);
}

static void it_states_changes_that_flip(void)
{
    for_all(a_stated_change_flips_the_answer, false);
    CHECK(changes.possible > 1000);
    CHECK(changes.impossible > 1000);
}

int main(void)
{
    RUN("offers are within 0..100, not owned, above their threshold, past their gates, in rank "
        "order",
        it_keeps_the_contract);
    RUN("raising income, credit score or balance never lowers a score",
        it_never_scores_more_less);
    RUN("a limit cuts the tail and changes nothing before it", it_cuts_the_tail_at_a_limit);
    RUN("a stated smallest change flips the answer and one step less does not",
        it_states_changes_that_flip);
    return check_report();
}
