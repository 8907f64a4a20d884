/* price_spec.c: the price of a gate against rules declared with the gate at each value, every
 * customer decided again; with functions, tiers, groups, limits, fallback and thresholds. */
#include "check.h"
#include "engine/price.h"
#include "random_rules.h"
#include "small_rules.h"

#include <math.h>
#include <stdlib.h>

enum { CUSTOMERS = 900, PRODUCTS = 4, CARD = 0, GATES_MAX = 64 };

/* What the rules of this spec are like. */
typedef struct shape {
    const char *attribute;
    double low, high; /* of the card's gate */
    bool limited, asks;
} shape;

typedef struct world {
    oe_dictionary *dictionary;
    oe_ruleset *ruleset;
    oe_population *population;
    oe_snapshot *snapshot;
    oe_options options;
} world;

/* ---- Rules ---- */

static void add_card(oe_builder *builder, const shape *like)
{
    oe_bound bounds[] = {{"income", 5000, HUGE_VAL, {"case.lua", 1}},
                         {like->attribute, like->low, like->high, {"case.lua", 9}}};
    oe_condition asked =
        oe_builder_condition(builder, &(oe_test){.op = OE_CALL, .name = "card", .function = 0});
    oe_gate gate = {"when", asked, small_where()};
    oe_product card = small_product("card", "credit");
    card.bounds = bounds;
    card.bound_count = 2;
    card.tier = "gold";
    card.group = "cards";
    card.gates = &gate;
    card.gate_count = like->asks;
    oe_builder_product(builder, &card);
}

static void add_others(oe_builder *builder)
{
    oe_bound score = {"credit_score", 600, HUGE_VAL, {"case.lua", 1}};
    oe_product plain = small_product("plain_card", "credit");
    plain.group = "cards";
    plain.bounds = &score;
    oe_builder_product(builder, &plain);
    oe_product saving = small_product("saving", "saving");
    saving.lever = 1.3;
    oe_builder_product(builder, &saving);
    oe_bound any = {"income", 0, HUGE_VAL, {"case.lua", 1}};
    oe_product account = small_product("account", "travel");
    account.bounds = &any;
    oe_builder_product(builder, &account);
}

static oe_ruleset *make_rules(oe_dictionary *dictionary, const shape *like)
{
    oe_builder *builder = small_rules(dictionary);
    add_card(builder, like);
    add_others(builder);
    oe_segment rich =
        small_segment("rich", small_compare(builder, OE_AT_LEAST, "balance", 30000));
    oe_boost boost = {false, "card", 15, small_where()};
    rich.boosts = &boost;
    rich.boost_count = 1;
    oe_builder_segment(builder, &rich);
    oe_builder_tier(builder, "gold", "income", 2500, small_where());
    oe_builder_threshold(builder, OE_LEVEL_DEFAULT, NULL, 35, small_where());
    oe_builder_threshold(builder, OE_LEVEL_SEGMENT, "rich", 50, small_where());
    oe_builder_limit(builder, OE_LEVEL_GROUP, "cards", 1, small_where());
    if (like->limited)
        oe_builder_limit(builder, OE_LEVEL_DEFAULT, NULL, 1, small_where());
    oe_builder_fallback(builder, "account", small_where());
    oe_builder_fallback(builder, "card", small_where());
    oe_ruleset *ruleset = NULL;
    (void)oe_builder_seal(builder, &ruleset, NULL);
    oe_builder_free(builder);
    return ruleset;
}

/* ---- The function of the rules ---- */

typedef struct answering {
    const oe_profile *profile;
    bool stops;
} answering;

static void begin(void *context, const oe_profile *profile, bool again)
{
    (void)again;
    ((answering *)context)->profile = profile;
}

static oe_said condition(void *context, uint32_t function)
{
    const answering *self = context;
    (void)function;
    double income = oe_profile_number(self->profile, SMALL_INCOME);
    if (self->stops && income > 60000)
        return OE_SAID_STOPPED;
    return fmod(income, 3) < 2 ? OE_SAID_TRUE : OE_SAID_FALSE;
}

static oe_decider *make_decider(const oe_ruleset *ruleset, answering *answers)
{
    oe_decider *decider = oe_decider_new(ruleset);
    oe_decider_calls(decider,
                     &(oe_calls){.context = answers, .begin = begin, .condition = condition});
    return decider;
}

/* ---- Customers ---- */

static void draw(oe_profile *profile, uint64_t *state, uint32_t number)
{
    char id[16];
    oe_profile_clear(profile);
    (void)snprintf(id, sizeof id, "C%u", number);
    oe_profile_set_id(profile, id, strlen(id), NULL);
    oe_profile_set_number(profile, SMALL_INCOME, random_below(state, 100000), NULL);
    if (random_below(state, 5) > 0)
        oe_profile_set_number(profile, SMALL_CREDIT_SCORE, 300 + random_below(state, 551),
                              NULL);
    if (random_below(state, 5) > 0)
        oe_profile_set_number(profile, SMALL_BALANCE, random_below(state, 60000), NULL);
    if (random_below(state, 5) > 0)
        oe_profile_set_number(profile, SMALL_AGE, random_below(state, 100), NULL);
    if (random_below(state, 4) == 0)
        oe_profile_own(profile, "plain_card", strlen("plain_card"), NULL, NULL);
}

static world open_world(const shape *like)
{
    world made = {.dictionary = oe_dictionary_new(),
                  .options = {.at_ms = 1000, .category = -1}};
    made.ruleset = make_rules(made.dictionary, like);
    made.population = oe_population_new(made.dictionary);
    oe_profile *profile = oe_profile_new(made.ruleset);
    uint64_t state = 77;
    oe_population_begin(made.population);
    for (uint32_t i = 0; i < CUSTOMERS; i++) {
        draw(profile, &state, i);
        oe_population_put(made.population, profile, NULL, NULL);
    }
    oe_population_commit(made.population);
    made.snapshot = oe_snapshot_new(made.population);
    oe_profile_free(profile);
    return made;
}

static void close_world(world *opened)
{
    oe_snapshot_free(opened->snapshot);
    oe_population_free(opened->population);
    oe_ruleset_free(opened->ruleset);
    oe_dictionary_free(opened->dictionary);
}

/* ---- Brute force ---- */

typedef struct answers {
    bool card[CUSTOMERS], in_segment[CUSTOMERS];
    int best[CUSTOMERS]; /* -1: none */
    size_t count;
} answers;

static bool take(void *context, const oe_decision *decision)
{
    answers *self = context;
    size_t at = self->count++;
    self->card[at] = false;
    for (size_t i = 0; i < decision->offer_count; i++)
        self->card[at] |= decision->offers[i].product == CARD;
    self->best[at] = decision->offer_count > 0 ? (int)decision->offers[0].product : -1;
    self->in_segment[at] = decision->segment_count > 0;
    return true;
}

static void decide_all(const world *opened, const oe_ruleset *ruleset, answers *found)
{
    answering asked = {0};
    oe_decider *decider = make_decider(ruleset, &asked);
    found->count = 0;
    for (size_t page = 0; page < oe_snapshot_pages(opened->snapshot); page++)
        oe_decide_page(decider, opened->snapshot, page, &opened->options,
                       (oe_decision_sink){take, found});
    oe_decider_free(decider);
}

static void check_point(const oe__price_point *point, const answers *now, const answers *then)
{
    uint64_t offered = 0, gained = 0, lost = 0, reached = 0, emptied = 0, displaced = 0,
             nothing = 0, segment = 0, by_product[PRODUCTS] = {0};
    for (size_t i = 0; i < CUSTOMERS; i++) {
        offered += then->card[i];
        gained += then->card[i] && !now->card[i];
        segment += then->card[i] && !now->card[i] && now->in_segment[i];
        lost += now->card[i] && !then->card[i];
        reached += now->best[i] < 0 && then->best[i] >= 0;
        emptied += now->best[i] >= 0 && then->best[i] < 0;
        nothing += then->best[i] < 0;
        if (now->best[i] >= 0 && now->best[i] != then->best[i]) {
            displaced++;
            by_product[now->best[i]]++;
        }
    }
    CHECK_INT(point->customers, CUSTOMERS);
    CHECK_INT(point->offered, offered);
    CHECK_INT(point->gained, gained);
    CHECK_INT(point->lost, lost);
    CHECK_INT(point->reached, reached);
    CHECK_INT(point->emptied, emptied);
    CHECK_INT(point->displaced, displaced);
    CHECK_INT(point->without_offer, nothing);
    CHECK_INT(point->gained_segments[0], segment);
    CHECK_INT(point->gained_segments[1], gained - segment);
    for (size_t i = 0; i < PRODUCTS; i++)
        CHECK_INT(point->displaced_products[i], by_product[i]);
}

static size_t find(const oe_ruleset *ruleset, const char *attribute)
{
    return (size_t)oe_ruleset_find(ruleset, OE_ATTRIBUTES, attribute, strlen(attribute));
}

/* Reads every page with a price of its own, and adds them up. */
static oe__price *price_pages(const world *opened, const oe__price_question *question)
{
    answering asked = {0};
    oe__price *total = NULL;
    oe_decider *decider = make_decider(opened->ruleset, &asked);
    CHECK_INT(oe__price_new(opened->ruleset, question, &total, NULL), OE_OK);
    for (size_t page = 0; page < oe_snapshot_pages(opened->snapshot); page++) {
        oe__price *part = NULL;
        CHECK_INT(oe__price_new(opened->ruleset, question, &part, NULL), OE_OK);
        CHECK_INT(oe__price_page(part, decider, opened->snapshot, page, NULL), OE_OK);
        oe__price_merge(total, part);
        oe__price_free(part);
    }
    oe_decider_free(decider);
    return total;
}

/* Returns how many customers the card was gained or lost by, over all points. */
static uint64_t check_price(const shape *like, double to, size_t *refused)
{
    static answers now, then;
    world opened = open_world(like);
    bool is_maximum = isfinite(like->high);
    oe__price_question question = {
        CARD, find(opened.ruleset, like->attribute), is_maximum, to, 20, opened.options};
    oe__price *price = price_pages(&opened, &question);
    size_t count = 0;
    uint64_t moved = 0;
    oe_where where;
    const oe__price_point *points = oe__price_points(price, &count, &where);
    CHECK_INT(where.line, 9);
    CHECK(count >= 20);
    decide_all(&opened, opened.ruleset, &now);
    for (size_t i = 0; i < count; i++) {
        shape changed = *like;
        *(is_maximum ? &changed.high : &changed.low) = points[i].gate;
        oe_ruleset *ruleset = make_rules(opened.dictionary, &changed);
        CHECK((ruleset == NULL) == (points[i].refused != NULL));
        *refused += points[i].refused != NULL;
        moved += points[i].gained + points[i].lost;
        if (ruleset != NULL) {
            decide_all(&opened, ruleset, &then);
            check_point(&points[i], &now, &then);
        }
        oe_ruleset_free(ruleset);
    }
    oe__price_free(price);
    close_world(&opened);
    return moved;
}

static void every_point_is_a_rerun(void)
{
    static const struct {
        shape like;
        double to;
        size_t refused;
    } cases[] = {
        {{"credit_score", 640, HUGE_VAL, false, false}, (double)NAN, 0},
        {{"credit_score", 640, HUGE_VAL, true, false}, 790, 0},
        {{"credit_score", 640, HUGE_VAL, false, true}, (double)NAN, 0},
        {{"credit_score", 640, HUGE_VAL, true, true}, 850, 1}, /* nothing is left to score */
        {{"balance", 20000, HUGE_VAL, true, false}, (double)NAN, 0},
        {{"balance", 20000, HUGE_VAL, false, true}, 48000, 0},
        {{"age", -HUGE_VAL, 40, false, false}, (double)NAN, 0},
        {{"age", -HUGE_VAL, 60, true, true}, 5, 0},
        {{"balance", -HUGE_VAL, 15000, false, false}, (double)NAN, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t refused = 0;
        CHECK(check_price(&cases[i].like, cases[i].to, &refused) > 0);
        CHECK_INT(refused, cases[i].refused);
    }
}

static const shape PLAIN = {"credit_score", 640, HUGE_VAL, false, false};

static void points_lie_on_the_grid_and_fall_together(void)
{
    world opened = open_world(&PLAIN);
    oe__price_question question = {
        CARD, find(opened.ruleset, "credit_score"), false, 630, 20, opened.options};
    oe__price *price = NULL;
    CHECK_INT(oe__price_new(opened.ruleset, &question, &price, NULL), OE_OK);
    size_t count = 0;
    oe_where where;
    const oe__price_point *points = oe__price_points(price, &count, &where);
    CHECK_INT(count, 11);
    for (size_t i = 0; i < count; i++)
        CHECK_NEAR(points[i].gate, 640 - (double)i, 0);
    oe__price_free(price);
    close_world(&opened);
}

static void a_tier_shows_in_the_effective_gate(void)
{
    world opened = open_world(&PLAIN);
    oe__price_question question = {CARD, SMALL_INCOME, false, (double)NAN, 5, opened.options};
    oe__price *price = NULL;
    CHECK_INT(oe__price_new(opened.ruleset, &question, &price, NULL), OE_OK);
    size_t count = 0;
    oe_where where;
    const oe__price_point *points = oe__price_points(price, &count, &where);
    CHECK_INT(count, 6);
    CHECK_NEAR(points[0].gate, 5000, 0);
    CHECK_NEAR(points[0].effective, 7500, 0);
    CHECK_NEAR(points[5].gate, 0, 0);
    CHECK_NEAR(points[5].effective, 2500, 0);
    oe__price_free(price);
    close_world(&opened);
}

static void a_stopped_function_ends_the_pass(void)
{
    shape like = PLAIN;
    like.asks = true;
    world opened = open_world(&like);
    answering asked = {.stops = true};
    oe_decider *decider = make_decider(opened.ruleset, &asked);
    oe__price_question question = {
        CARD, find(opened.ruleset, "credit_score"), false, (double)NAN, 20, opened.options};
    oe__price *price = NULL;
    oe_error error = {0};
    CHECK_INT(oe__price_new(opened.ruleset, &question, &price, NULL), OE_OK);
    CHECK_INT(oe__price_page(price, decider, opened.snapshot, 0, &error), OE_E_INVALID);
    CHECK(strstr(error.message, "the function of \"card\" took too long") != NULL);
    oe__price_free(price);
    oe_decider_free(decider);
    close_world(&opened);
}

static void what_cannot_be_asked_is_refused(void)
{
    world opened = open_world(&PLAIN);
    size_t score = find(opened.ruleset, "credit_score");
    const struct {
        oe__price_question question;
        oe_status status;
        const char *message;
    } cases[] = {
        {{99, score, false, (double)NAN, 20, {0}},
         OE_E_ARGUMENT,
         "price: no such product or attribute"},
        {{CARD, 99, false, (double)NAN, 20, {0}},
         OE_E_ARGUMENT,
         "price: no such product or attribute"},
        {{CARD, score, true, (double)NAN, 20, {0}},
         OE_E_NOT_FOUND,
         "price: product \"card\" has no max_credit_score; its gates with a number: "
         "min_income, "
         "min_credit_score"},
        {{CARD, score, false, 851, 20, {0}},
         OE_E_INVALID,
         "price: the gate can be moved to 300 to 850, which \"credit_score\" may be"},
        {{CARD, score, false, 640, 20, {0}},
         OE_E_INVALID,
         "price: the gate is 640 already; give another value to move it to"},
        {{CARD, score, false, (double)NAN, 0, {0}},
         OE_E_LIMIT,
         "price: steps must be 1 to 1000"},
        {{CARD, score, false, (double)NAN, 1001, {0}},
         OE_E_LIMIT,
         "price: steps must be 1 to 1000"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        oe__price *price = NULL;
        oe_error error = {0};
        CHECK_INT(oe__price_new(opened.ruleset, &cases[i].question, &price, &error),
                  cases[i].status);
        CHECK_TEXT(error.message, cases[i].message);
        CHECK(price == NULL);
    }
    oe__price_free(NULL);
    close_world(&opened);
}

int main(void)
{
    RUN("every point is what rules with that gate decide", every_point_is_a_rerun);
    RUN("points lie on the attribute's grid, and those that fall together are one",
        points_lie_on_the_grid_and_fall_together);
    RUN("a tier shows in the effective gate", a_tier_shows_in_the_effective_gate);
    RUN("a stopped function ends the pass and is named", a_stopped_function_ends_the_pass);
    RUN("what cannot be asked is refused", what_cannot_be_asked_is_refused);
    return check_report();
}
