/* answer_spec.c: decisions as JSON: the exact bytes, and for random rules the bytes of a plain
 * writer that knows no prepared pieces. */
#include "check.h"
#include "codec/answer.h"
#include "codec/json.h"
#include "engine/profile.h"
#include "random_rules.h"
#include "sample_rules.h"

#include <pthread.h>
#include <stdlib.h>

enum { RULESETS = 30, PROFILES = 100, WRITERS = 4, STRENGTHS_MAX = 512 };

typedef struct desk {
    oe_dictionary *dictionary;
    oe_ruleset *ruleset;
    oe_decider *decider;
    oe_profile *profile;
    oe_options options;
} desk;

static desk desk_of(oe_dictionary *dictionary, oe_ruleset *ruleset)
{
    if (!CHECK(ruleset != NULL))
        exit(1);
    return (desk){dictionary,
                  ruleset,
                  oe_decider_new(ruleset),
                  oe_profile_new(ruleset),
                  {.at_ms = 2000, .category = -1}};
}

static desk open_sample(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    desk on = desk_of(dictionary, sample_rules(dictionary));
    sample_customer(on.profile);
    return on;
}

static void close_desk(desk *on)
{
    oe_decider_free(on->decider);
    oe_profile_free(on->profile);
    oe_ruleset_free(on->ruleset);
    oe_dictionary_free(on->dictionary);
}

static const char *written(const oe_decision *decision)
{
    static char text[65536];
    size_t length = oe_decision_write(decision, text, sizeof text - 1);
    if (!CHECK(length < sizeof text))
        exit(1);
    text[length] = '\0';
    CHECK_INT(oe__json_validate(text, length, NULL), OE_OK);
    return text;
}

/* ---- a plain writer ---- */

typedef struct plain_strength {
    double points;
    const char *code, *label;
    bool gate;
} plain_strength;

static void add_string(oe__buffer *out, const char *text)
{
    oe__json_write_string(out, text, strlen(text));
}

static const char *label_of(const oe_ruleset *ruleset, uint32_t dimension)
{
    static char names[64][OE_ID_MAX + 1];
    const char *name = oe_ruleset_dimension(ruleset, dimension)->attribute;
    int32_t index = oe_ruleset_find(ruleset, OE_ATTRIBUTES, name, strlen(name));
    const oe_attribute *attribute = oe_ruleset_attribute(ruleset, (size_t)index);
    if (attribute->label != NULL)
        return attribute->label;
    char *label = names[dimension % 64];
    snprintf(label, OE_ID_MAX + 1, "%s", name);
    for (char *at = label; *at != '\0'; at++)
        *at = *at == '_' ? ' ' : *at;
    return label;
}

static const char *label_of_rule(const oe_ruleset *ruleset, const oe_adjustment *adjustment)
{
    for (size_t i = 0; i < oe_ruleset_count(ruleset, OE_SEGMENTS); i++)
        if (oe_ruleset_segment(ruleset, i)->id == adjustment->rule)
            return oe_ruleset_segment(ruleset, i)->name;
    return adjustment->reason != NULL ? adjustment->reason : adjustment->rule;
}

static bool is_gate(const oe_ruleset *ruleset, const oe_offer *offer, uint32_t dimension)
{
    const oe_dimension *scored = oe_ruleset_dimension(ruleset, dimension);
    const oe_product *product = oe_ruleset_product(ruleset, offer->product);
    for (size_t i = 0; i < product->curve_count; i++)
        if (strcmp(product->curves[i].attribute, scored->attribute) == 0)
            return product->curves[i].curve.kind == OE_CURVE_GATE;
    return scored->curve.kind == OE_CURVE_GATE;
}

static size_t plain_strengths(const oe_ruleset *ruleset, const oe_offer *offer,
                              plain_strength *found)
{
    size_t count = 0;
    for (size_t i = 0; i < offer->contribution_count; i++) {
        const oe_contribution *given = &offer->contributions[i];
        found[count++] = (plain_strength){
            given->points, oe_ruleset_dimension(ruleset, given->dimension)->name,
            label_of(ruleset, given->dimension), is_gate(ruleset, offer, given->dimension)};
    }
    for (size_t i = 0; i < offer->adjustment_count; i++)
        found[count++] =
            (plain_strength){offer->adjustments[i].points, offer->adjustments[i].rule,
                             label_of_rule(ruleset, &offer->adjustments[i]), false};
    for (size_t i = 1; i < count; i++) /* bubbles: stable */
        for (size_t k = count - 1; k >= i; k--)
            if (fabs(found[k].points) > fabs(found[k - 1].points)) {
                plain_strength moved = found[k];
                found[k] = found[k - 1];
                found[k - 1] = moved;
            }
    return count;
}

static bool is_shown(double points)
{
    char text[OE_ERROR_MESSAGE_MAX];
    oe__buffer out = {0};
    oe__json_write_tenths(&out, points);
    snprintf(text, sizeof text, "%.*s", (int)out.length, out.data);
    oe__buffer_free(&out);
    return strcmp(text, "0.0") != 0;
}

static void plain_reason(oe__buffer *out, const oe_ruleset *ruleset, const oe_offer *offer,
                         const plain_strength *found, size_t count)
{
    oe__buffer text = {0};
    size_t named = 0;
    if (offer->reason_holds) {
        add_string(out, oe_ruleset_product(ruleset, offer->product)->reason);
        return;
    }
    for (size_t i = 0; i < count && named < 2; i++)
        if (found[i].points > 0 && !found[i].gate && is_shown(found[i].points)) {
            oe__buffer_add_text(&text, named++ ? " and " : "In favour: ");
            oe__buffer_add_text(&text, found[i].label);
            oe__buffer_add_text(&text, " (");
            oe__json_write_tenths(&text, found[i].points);
            oe__buffer_add_text(&text, " points)");
        }
    if (named == 0)
        oe__buffer_add_text(&text, offer->fallback ? "Offered as the fallback"
                                                   : "No single strength stands out");
    oe__json_write_string(out, text.data, text.length);
    oe__buffer_free(&text);
}

static void plain_offer(oe__buffer *out, const oe_ruleset *ruleset, const oe_offer *offer)
{
    static plain_strength found[STRENGTHS_MAX];
    size_t count = plain_strengths(ruleset, offer, found), shown = 0;
    const oe_product *product = oe_ruleset_product(ruleset, offer->product);
    oe__buffer_add_text(out, "{\"product_name\":");
    add_string(out, product->name);
    oe__buffer_add_text(out, ",\"category\":");
    add_string(out, product->category);
    oe__buffer_add_text(out, ",\"reason\":");
    plain_reason(out, ruleset, offer, found, count);
    oe__buffer_add_text(out, ",\"confidence_score\":");
    oe__json_write_tenths(out, offer->confidence);
    oe__buffer_add_text(out, ",\"product_id\":");
    add_string(out, product->id);
    oe__buffer_add_text(out, ",\"reasons\":[");
    for (size_t i = 0; i < count; i++)
        if (is_shown(found[i].points)) {
            oe__buffer_add_text(out, shown++ ? ",{\"code\":" : "{\"code\":");
            add_string(out, found[i].code);
            oe__buffer_add_text(out, ",\"points\":");
            oe__json_write_tenths(out, found[i].points);
            oe__buffer_add_text(out, "}");
        }
    oe__buffer_add_text(out, "]");
    if (offer->priority != offer->confidence) {
        oe__buffer_add_text(out, ",\"priority\":");
        oe__json_write_tenths(out, offer->priority);
    }
    oe__buffer_add_text(out, offer->fallback ? ",\"fallback\":true}" : "}");
}

static void plain_answer(oe__buffer *out, const oe_decision *decision)
{
    const oe_ruleset *ruleset = decision->ruleset;
    oe__buffer_add_text(out, "{\"customer_id\":");
    oe__json_write_string(out, decision->customer_id, decision->customer_id_length);
    oe__buffer_add_text(out, ",\"recommended_products\":[");
    for (size_t i = 0; i < decision->offer_count; i++) {
        oe__buffer_add_text(out, i > 0 ? "," : "");
        plain_offer(out, ruleset, &decision->offers[i]);
    }
    oe__buffer_add_text(out, "],\"total_recommendations\":");
    oe__json_write_number(out, (double)decision->offer_count);
    oe__buffer_add_text(out, ",\"segments\":[");
    for (size_t i = 0; i < decision->segment_count; i++) {
        oe__buffer_add_text(out, i > 0 ? "," : "");
        add_string(out, oe_ruleset_segment(ruleset, decision->segments[i])->id);
    }
    oe__buffer_add_text(out, "],\"portfolio_gaps\":[");
    for (size_t i = 0; i < decision->gap_count; i++) {
        oe__buffer_add_text(out, i > 0 ? "," : "");
        add_string(out, oe_ruleset_category(ruleset, decision->gaps[i])->id);
    }
    oe__buffer_add_text(out, "],\"ruleset\":");
    add_string(out, oe_ruleset_source(ruleset));
    oe__buffer_add_text(out, "}");
}

static bool check_against_plain(const oe_decision *decision)
{
    oe__buffer plain = {0}, joined = {0};
    plain_answer(&plain, decision);
    oe__answer_write(&joined, decision);
    bool same = CHECK(plain.length == joined.length &&
                      memcmp(plain.data, joined.data, plain.length) == 0);
    if (!same)
        printf("  plain  %.*s\n  joined %.*s\n", (int)plain.length, plain.data,
               (int)joined.length, joined.data);
    CHECK_INT(oe__json_validate(joined.data, joined.length, NULL), OE_OK);
    oe__buffer_free(&plain);
    oe__buffer_free(&joined);
    return same;
}

/* ---- specs ---- */

static void it_writes_the_sample(void)
{
    desk on = open_sample();
    on.options.limit = 2;
    CHECK_TEXT(
        written(oe_decide(on.decider, on.profile, &on.options)),
        "{\"customer_id\":\"C001\",\"recommended_products\":[{\"product_name\":\"Basic "
        "Investment Plan\",\"category\":\"investment\",\"reason\":\"Your income leaves "
        "room for a monthly plan\",\"confidence_score\":92.4,\"product_id\":\"basic_"
        "investment\",\"reasons\":[{\"code\":\"income\",\"points\":57.1},{\"code\":"
        "\"balance\",\"points\":16.0},{\"code\":\"age\",\"points\":14.3},{\"code\":\"gap_"
        "bonus\",\"points\":5.0}]},{\"product_name\":\"Gold Loan\",\"category\":\"loan\","
        "\"reason\":\"In favour: income (57.1 points) and average account balance (16.0 "
        "points)\",\"confidence_score\":92.4,\"product_id\":\"gold_loan\",\"reasons\":[{"
        "\"code\":\"income\",\"points\":57.1},{\"code\":\"balance\",\"points\":16.0},{"
        "\"code\":\"age\",\"points\":14.3},{\"code\":\"gap_bonus\",\"points\":5.0}]}],"
        "\"total_recommendations\":2,\"segments\":[],\"portfolio_gaps\":[\"credit\","
        "\"loan\",\"commercial_loan\",\"investment\",\"retirement\",\"deposit\","
        "\"insurance\"],\"ruleset\":\"abcdef012345\"}");
    close_desk(&on);
}

static void it_writes_no_offer_as_an_empty_list(void)
{
    desk on = open_sample();
    oe_profile_clear(on.profile);
    oe_profile_set_id(on.profile, "\"n\"", 3, NULL);
    CHECK_TEXT(written(oe_decide(on.decider, on.profile, &on.options)),
               "{\"customer_id\":\"\\\"n\\\"\",\"recommended_products\":[],"
               "\"total_recommendations\":0,\"segments\":[\"new_to_bank\"],\"portfolio_gaps\":["
               "\"credit\",\"loan\",\"commercial_loan\",\"investment\",\"retirement\","
               "\"savings\",\"deposit\",\"insurance\",\"account\"],\"ruleset\":"
               "\"abcdef012345\"}");
    close_desk(&on);
}

/* One offer of the sample's retirement account with points by hand: the four dimensions, then
 * the grants gap_bonus, retirement_planners, young_professionals. */
typedef struct reason_case {
    double points[7];
    bool holds, fallback;
    const char *reason, *reasons;
} reason_case;

static const reason_case reason_cases[] = {
    {{28.6, 22.5, 0, 0, 0, 0, 0},
     false,
     false,
     "In favour: income (28.6 points) and credit score (22.5 points)",
     "{\"code\":\"income\",\"points\":28.6},{\"code\":\"credit_score\",\"points\":22.5}"},
    {{28.6, 22.5, 0, 0, 0, 0, 0},
     true,
     false,
     "Turns part of your income into a pension",
     "{\"code\":\"income\",\"points\":28.6},{\"code\":\"credit_score\",\"points\":22.5}"},
    {{0.05, 0x1.9999999999999p-5, -0.049, 0, 0, 0, 0},
     false,
     false,
     "In favour: income (0.1 points)",
     "{\"code\":\"income\",\"points\":0.1}"},
    {{0.049, 0, 0, 0, 0, 0, 0}, false, false, "No single strength stands out", ""},
    {{0, 0, 0, 0, 0, 0, 0}, false, true, "Offered as the fallback", ""},
    {{-1, 0, 0, 0, -2, 0, 0},
     false,
     true,
     "Offered as the fallback",
     "{\"code\":\"gap_bonus\",\"points\":-2.0},{\"code\":\"income\",\"points\":-1.0}"},
    {{5, 0, 0, 0, -30, 5, 10},
     false,
     false,
     "In favour: Young Professionals (10.0 points) and income (5.0 points)",
     "{\"code\":\"gap_bonus\",\"points\":-30.0},{\"code\":\"young_professionals\",\"points\":"
     "10.0},{\"code\":\"income\",\"points\":5.0},{\"code\":\"retirement_planners\",\"points\":"
     "5.0}"},
    {{0, 0, 3, 3, 3, 0, 0},
     false,
     false,
     "In favour: average account balance (3.0 points) and Rounds off your portfolio (3.0 "
     "points)",
     "{\"code\":\"balance\",\"points\":3.0},{\"code\":\"age\",\"points\":3.0},{\"code\":"
     "\"gap_bonus\",\"points\":3.0}"},
    {{0, 0, 0, 0, 4.25, 0, 0},
     false,
     false,
     "In favour: Rounds off your portfolio (4.3 points)",
     "{\"code\":\"gap_bonus\",\"points\":4.3}"},
};

static void it_orders_and_words_reasons(void)
{
    desk on = open_sample();
    int32_t product = oe_ruleset_find(on.ruleset, OE_PRODUCTS, "retirement_account",
                                      strlen("retirement_account"));
    const oe__compiled *compiled = &on.ruleset->compiled[product];
    CHECK_INT(compiled->grant_count, 3);
    for (size_t c = 0; c < sizeof reason_cases / sizeof *reason_cases; c++) {
        const reason_case *given = &reason_cases[c];
        oe_contribution contributions[4];
        oe_adjustment adjustments[3];
        for (uint32_t i = 0; i < 4; i++)
            contributions[i] = (oe_contribution){.dimension = i, .points = given->points[i]};
        for (size_t i = 0; i < 3; i++)
            adjustments[i] = (oe_adjustment){.rule = compiled->grants[i].rule,
                                             .points = given->points[4 + i]};
        oe_offer offer = {.product = (uint32_t)product,
                          .fallback = given->fallback,
                          .reason_holds = given->holds,
                          .confidence = 50,
                          .priority = given->fallback ? 50.04 : 50,
                          .contributions = contributions,
                          .contribution_count = 4,
                          .adjustments = adjustments,
                          .adjustment_count = 3};
        oe_decision decision = {.ruleset = on.ruleset,
                                .customer_id = "x",
                                .customer_id_length = 1,
                                .offers = &offer,
                                .offer_count = 1};
        char expected[2048];
        snprintf(expected, sizeof expected,
                 "{\"customer_id\":\"x\",\"recommended_products\":[{\"product_name\":"
                 "\"Retirement Account\",\"category\":\"retirement\",\"reason\":\"%s\","
                 "\"confidence_score\":50.0,\"product_id\":\"retirement_account\",\"reasons\":["
                 "%s]%s}],\"total_recommendations\":1,\"segments\":[],\"portfolio_gaps\":[],"
                 "\"ruleset\":\"abcdef012345\"}",
                 given->reason, given->reasons,
                 given->fallback ? ",\"priority\":50.0,\"fallback\":true" : "");
        CHECK_TEXT(written(&decision), expected);
    }
    close_desk(&on);
}

static void it_keeps_the_largest_reasons(void)
{
    desk on = open_sample();
    oe_contribution contributions[OE_REASONS_MAX + 2];
    for (size_t i = 0; i < OE_REASONS_MAX + 2; i++)
        contributions[i] = (oe_contribution){.dimension = i % 4, .points = 1 + (double)i};
    oe_offer offer = {
        .product = 0, .contributions = contributions, .contribution_count = OE_REASONS_MAX + 2};
    oe_decision decision = {.ruleset = on.ruleset,
                            .customer_id = "x",
                            .customer_id_length = 1,
                            .offers = &offer,
                            .offer_count = 1};
    const char *text = written(&decision);
    CHECK(strstr(text, "\"reasons\":[{\"code\":\"credit_score\",\"points\":66.0}") != NULL);
    CHECK(strstr(text, "\"points\":3.0}") != NULL);
    CHECK(strstr(text, "\"points\":2.0}") == NULL);
    close_desk(&on);
}

static void it_writes_what_a_plain_writer_writes(void)
{
    size_t offers = 0, sentences = 0;
    for (uint64_t seed = 1; seed <= RULESETS; seed++) {
        oe_dictionary *dictionary = oe_dictionary_new();
        desk on = desk_of(dictionary, random_rules(dictionary, seed, 4 + seed % 30, false));
        uint64_t state = seed * 77 + 1;
        for (uint32_t i = 0; i < PROFILES; i++) {
            random_profile(on.profile, on.ruleset, &state, i);
            const oe_decision *decision = oe_decide(on.decider, on.profile, &on.options);
            offers += decision->offer_count;
            for (size_t k = 0; k < decision->offer_count; k++)
                sentences += !decision->offers[k].reason_holds;
            if (!check_against_plain(decision))
                break;
        }
        close_desk(&on);
    }
    CHECK(offers > 1000 && sentences > 100);
}

/* Names that need escapes everywhere, as long as they may be. */
static void it_escapes_every_name(void)
{
    char id[OE_ID_MAX + 1], name[OE_ID_MAX + 1];
    memset(id, '"', OE_ID_MAX);
    memset(name, '\\', OE_ID_MAX);
    id[OE_ID_MAX] = name[OE_ID_MAX] = '\0';
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_builder *builder = oe_builder_new(dictionary);
    oe_attribute attribute = {
        .name = name, .type = OE_NUMBER, .label = "l\x01\"\xC3\xA9", .maximum = 100};
    oe_builder_attribute(builder, &attribute);
    oe_builder_category(builder, &(oe_category){.id = id, .name = name});
    oe_product product = {.id = id,
                          .name = "\n\x1f\"",
                          .category = id,
                          .from_ms = INT64_MIN,
                          .until_ms = INT64_MAX,
                          .value = 2,
                          .lever = 1};
    oe_builder_product(builder, &product);
    oe_boost boosts[] = {{.target = id, .points = 7}, {true, id, 3, {NULL, 0}}};
    oe_segment segment = {id, "\"\"\"", OE_NO_CONDITION, boosts, 2, {NULL, 0}, NULL, 0};
    segment.condition = oe_builder_condition(builder, &(oe_test){.op = OE_ALL});
    oe_builder_segment(builder, &segment);
    oe_dimension dimension = {
        .name = id, .attribute = name, .weight = 1, .ideal = 50, .every = true};
    oe_builder_dimension(builder, &dimension);
    desk on = desk_of(dictionary, sample_seal(builder));
    char customer[OE_ID_MAX];
    memset(customer, '\\', sizeof customer);
    CHECK_INT(oe_profile_set_id(on.profile, customer, sizeof customer, NULL), OE_OK);
    CHECK_INT(oe_profile_set_number(on.profile, 0, 40, NULL), OE_OK);
    const oe_decision *decision = oe_decide(on.decider, on.profile, &on.options);
    CHECK_INT(decision->offer_count, 1);
    check_against_plain(decision);
    CHECK(strstr(written(decision),
                 "\"reason\":\"In favour: l\\u0001\\\"\xC3\xA9 (80.0 points) and "
                 "\\\"\\\"\\\" (7.0 points)\"") != NULL);
    close_desk(&on);
}

static void it_fills_any_buffer(void)
{
    desk on = open_sample();
    oe__buffer whole = {0};
    const oe_decision *decision = oe_decide(on.decider, on.profile, &on.options);
    oe__answer_write(&whole, decision);
    CHECK_INT(oe_decision_write(decision, NULL, 0), (intmax_t)whole.length);
    for (size_t capacity = 1; capacity <= whole.length + 1; capacity += 7) {
        char *out = malloc(capacity);
        if (out == NULL)
            exit(1);
        size_t kept = capacity < whole.length ? capacity : whole.length;
        CHECK_INT(oe_decision_write(decision, out, capacity), (intmax_t)whole.length);
        CHECK(memcmp(out, whole.data, kept) == 0);
        free(out);
    }
    oe__buffer_free(&whole);
    close_desk(&on);
}

static void it_appends(void)
{
    desk on = open_sample();
    oe__buffer buffer = {0};
    const oe_decision *decision = oe_decide(on.decider, on.profile, &on.options);
    for (int i = 0; i < 50; i++)
        oe__answer_write(&buffer, decision);
    const char *once = written(decision);
    size_t length = strlen(once);
    CHECK_INT(buffer.length, 50 * length);
    for (size_t i = 0; i < 50; i++)
        CHECK(memcmp(buffer.data + i * length, once, length) == 0);
    oe__buffer_free(&buffer);
    close_desk(&on);
}

/* ---- first use by many threads ---- */

typedef struct writing {
    const oe_ruleset *ruleset;
    pthread_barrier_t *start;
    oe__buffer answer;
    bool failed;
} writing;

static void *write_first(void *context)
{
    writing *self = context;
    oe_decider *decider = oe_decider_new(self->ruleset);
    oe_profile *profile = oe_profile_new(self->ruleset);
    const oe_options options = {.at_ms = 0, .category = -1};
    self->failed = decider == NULL || profile == NULL;
    pthread_barrier_wait(self->start);
    if (!self->failed) {
        sample_customer(profile);
        oe__answer_write(&self->answer, oe_decide(decider, profile, &options));
    }
    oe_profile_free(profile);
    oe_decider_free(decider);
    return NULL;
}

static void it_prepares_once_for_many_threads(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    for (int round = 0; round < 20; round++) {
        oe_ruleset *ruleset = sample_rules(dictionary);
        pthread_barrier_t start;
        pthread_t threads[WRITERS];
        writing writings[WRITERS];
        pthread_barrier_init(&start, NULL, WRITERS);
        for (size_t i = 0; i < WRITERS; i++) {
            writings[i] = (writing){.ruleset = ruleset, .start = &start};
            if (!CHECK_INT(pthread_create(&threads[i], NULL, write_first, &writings[i]), 0))
                exit(1);
        }
        for (size_t i = 0; i < WRITERS; i++)
            pthread_join(threads[i], NULL);
        for (size_t i = 0; i < WRITERS; i++) {
            CHECK(!writings[i].failed && writings[i].answer.length > 0 &&
                  writings[i].answer.length == writings[0].answer.length &&
                  memcmp(writings[i].answer.data, writings[0].answer.data,
                         writings[0].answer.length) == 0);
        }
        for (size_t i = 0; i < WRITERS; i++)
            oe__buffer_free(&writings[i].answer);
        pthread_barrier_destroy(&start);
        oe_ruleset_free(ruleset);
    }
    oe_dictionary_free(dictionary);
}

int main(void)
{
    RUN("the sample customer's answer has exactly these bytes", it_writes_the_sample);
    RUN("nothing to offer is an empty list", it_writes_no_offer_as_an_empty_list);
    RUN("reasons go by size, and the sentence names the two that gave most",
        it_orders_and_words_reasons);
    RUN("of very many reasons the largest 64 are shown", it_keeps_the_largest_reasons);
    RUN("for random rules the bytes are those of a plain writer",
        it_writes_what_a_plain_writer_writes);
    RUN("every name is escaped and has room", it_escapes_every_name);
    RUN("a short buffer gets a prefix and the full length", it_fills_any_buffer);
    RUN("answers are appended to what is there", it_appends);
    RUN("threads that come first together write the same bytes",
        it_prepares_once_for_many_threads);
    return check_report();
}
