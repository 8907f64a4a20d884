/* record_spec.c: a decision's record gives back what the decision was made of, is short, and
 * damaged bytes are refused or lead to something else, never to a crash. */
#include "check.h"
#include "codec/answer.h"
#include "codec/record.h"
#include "contact_desk.h"
#include "engine/decide.h"
#include "random_rules.h"
#include "sample_rules.h"

#include <stdlib.h>

enum { RULESETS = 20, PROFILES = 50, AT_MS = 1764000000 };

typedef struct desk {
    oe_dictionary *dictionary;
    oe_ruleset *ruleset;
    oe_decider *decider;
    oe_profile *profile, *again;
    oe__record record;
    oe__buffer bytes;
} desk;

static desk open_desk(oe_dictionary *dictionary, oe_ruleset *ruleset)
{
    if (!CHECK(ruleset != NULL))
        exit(1);
    desk on = {.dictionary = dictionary,
               .ruleset = ruleset,
               .decider = oe_decider_new(ruleset),
               .profile = oe_profile_new(ruleset),
               .again = oe_profile_new(ruleset),
               .record = {.generation = 7, .options = {.at_ms = AT_MS, .category = -1}}};
    oe__record_make_id(on.record.id, AT_MS, 1, 2);
    memset(on.record.digest, 0xd1, sizeof on.record.digest);
    return on;
}

static void close_desk(desk *on)
{
    oe_decider_free(on->decider);
    oe_profile_free(on->profile);
    oe_profile_free(on->again);
    oe__buffer_free(&on->bytes);
    oe_ruleset_free(on->ruleset);
    oe_dictionary_free(on->dictionary);
}

static const oe_decision *write_record(desk *on)
{
    const oe_decision *decision = oe_decide(on->decider, on->profile, &on->record.options);
    on->record.customer_id = oe_profile_id(on->profile, &on->record.customer_id_length);
    on->bytes.length = 0;
    oe__record_write(&on->bytes, &on->record, on->profile, on->decider);
    return decision;
}

static oe_status read_record(const desk *on, oe__record *read)
{
    return oe__record_read(on->bytes.data, on->bytes.length, read, NULL);
}

static void check_offers(const oe__record *read, const oe_decision *decision)
{
    oe__record_part offers = read->offers;
    oe__record_offer offer;
    size_t count = 0;
    char shown[32];
    for (; oe__record_next_offer(&offers, &offer) && count < decision->offer_count; count++) {
        const oe_offer *expected = &decision->offers[count];
        CHECK_INT(offer.product, expected->product);
        CHECK_INT(offer.fallback, expected->fallback);
        oe__buffer text = {0};
        oe__answer_write(&text, decision);
        snprintf(shown, sizeof shown, "\"confidence_score\":%u.%u", offer.tenths / 10,
                 offer.tenths % 10);
        oe__buffer_add_char(&text, '\0');
        CHECK(strstr(text.data, shown) != NULL);
        oe__buffer_free(&text);
    }
    CHECK_INT(count, decision->offer_count);
}

static void check_same_profile(const desk *on)
{
    static char before[65536], after[65536];
    size_t length = oe_profile_write(on->profile, before, sizeof before);
    CHECK_INT(oe_profile_write(on->again, after, sizeof after), length);
    CHECK(memcmp(before, after, length) == 0);
}

static void check_round_trip(desk *on)
{
    oe__record read;
    const oe_decision *decision = write_record(on);
    if (!CHECK_INT(read_record(on, &read), OE_OK))
        return;
    CHECK(memcmp(read.id, on->record.id, sizeof read.id) == 0);
    CHECK(memcmp(read.digest, on->record.digest, sizeof read.digest) == 0);
    CHECK_INT(read.generation, 7);
    CHECK_INT(read.options.at_ms, on->record.options.at_ms);
    CHECK_INT(read.options.limit, on->record.options.limit);
    CHECK_INT(read.options.category, on->record.options.category);
    CHECK_INT(read.channel_length, on->record.channel_length);
    check_offers(&read, decision);
    CHECK_INT(oe__record_profile(&read, on->again, NULL), OE_OK);
    check_same_profile(on);
}

static void it_gives_back_random_profiles_of_random_rules(void)
{
    uint64_t state = 5;
    for (uint64_t seed = 1; seed <= RULESETS; seed++) {
        oe_dictionary *dictionary = oe_dictionary_new();
        desk on = open_desk(dictionary, random_rules(dictionary, seed, 40, false));
        for (uint32_t i = 0; i < PROFILES; i++) {
            random_profile(on.profile, on.ruleset, &state, i);
            check_round_trip(&on);
        }
        close_desk(&on);
    }
}

static desk open_sample(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    desk on = open_desk(dictionary, sample_rules(dictionary));
    sample_customer(on.profile);
    return on;
}

static void it_gives_back_what_was_asked_for(void)
{
    static const struct {
        uint32_t limit;
        int32_t category;
        const char *channel;
        int64_t behind_ms;
    } cases[] = {{0, -1, NULL, 0},
                 {1, 0, "branch", 0},
                 {UINT32_MAX, 3, "b", -1},
                 {127, 8, NULL, 1},
                 {128, -1, "web", -AT_MS - 86400000}};
    desk on = open_sample();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        on.record.options = (oe_options){AT_MS + cases[i].behind_ms, cases[i].limit,
                                         cases[i].category, 0, NULL};
        on.record.channel = cases[i].channel;
        on.record.channel_length = cases[i].channel != NULL ? strlen(cases[i].channel) : 0;
        check_round_trip(&on);
    }
    close_desk(&on);
}

static void it_gives_back_every_kind_of_number(void)
{
    static const double values[] = {0,        1,       -1,     0.01,   -0.01, 28000.37,
                                    0.1,      1e-9,    1e300,  0x1p53, 0.005, 123456789.12,
                                    -5000.55, 1 / 3.0, 0x1p46, 99.995};
    desk on = open_sample();
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        CHECK_INT(oe_profile_set_number(on.profile, SAMPLE_BALANCE, values[i], NULL), OE_OK);
        check_round_trip(&on);
    }
    close_desk(&on);
}

static void it_is_short_for_the_seeds_fields(void)
{
    desk on = open_sample();
    const oe_decision *decision = write_record(&on);
    printf("  %zu bytes with %zu offers\n", on.bytes.length, decision->offer_count);
    CHECK(decision->offer_count >= 3);
    /* Beside it the journal keeps a salt of 16 bytes and a leaf of 32. */
    CHECK(on.bytes.length + 16 + 32 <= 200);
    close_desk(&on);
}

/* Whatever it reads as must be safe to use. */
static bool is_accepted(desk *on, const char *bytes, size_t length)
{
    oe__record read;
    oe__record_offer offer;
    bool stopped[8];
    if (oe__record_read(bytes, length, &read, NULL) != OE_OK)
        return false;
    (void)oe__record_profile(&read, on->again, NULL);
    (void)oe__record_stopped(&read, stopped, 8, NULL);
    for (oe__record_part offers = read.offers; oe__record_next_offer(&offers, &offer);)
        CHECK(offer.tenths <= 1000);
    return true;
}

static void it_refuses_every_cut(void)
{
    desk on = open_sample();
    (void)write_record(&on);
    for (size_t length = 0; length < on.bytes.length; length++) {
        char *cut = malloc(length + 1); /* so that a sanitizer sees the end */
        memcpy(cut, on.bytes.data, length);
        CHECK(!is_accepted(&on, cut, length));
        free(cut);
    }
    oe__buffer_add_char(&on.bytes, 0);
    CHECK(!is_accepted(&on, on.bytes.data, on.bytes.length));
    close_desk(&on);
}

static void it_survives_every_flip_of_a_byte(void)
{
    uint64_t state = 3;
    long accepted = 0, tried = 0;
    desk on = open_sample();
    for (uint32_t i = 0; i < 8; i++) {
        sample_random(on.profile, &state, i);
        (void)write_record(&on);
        for (size_t at = 0; at < on.bytes.length; at++)
            for (unsigned flip = 1; flip < 256; flip++, tried++) {
                on.bytes.data[at] = (char)(on.bytes.data[at] ^ (char)flip);
                accepted += is_accepted(&on, on.bytes.data, on.bytes.length);
                on.bytes.data[at] = (char)(on.bytes.data[at] ^ (char)flip);
            }
        CHECK(is_accepted(&on, on.bytes.data, on.bytes.length));
    }
    CHECK(accepted < tried);
    close_desk(&on);
}

static void it_refuses_rules_that_it_was_not_made_by(void)
{
    oe__record read;
    desk on = open_sample(), other;
    oe_dictionary *dictionary = oe_dictionary_new();
    (void)write_record(&on);
    other = open_desk(dictionary, random_rules(dictionary, 3, 5, false));
    CHECK_INT(read_record(&on, &read), OE_OK);
    CHECK_INT(oe__record_profile(&read, other.again, NULL), OE_E_CONFLICT);
    close_desk(&other);
    close_desk(&on);
}

static void it_tells_which_functions_were_stopped(void)
{
    bool marked[2] = {false, false};
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_builder *builder = oe_builder_new(dictionary);
    sample_build(builder);
    oe_test asked = {.op = OE_CALL, .name = "asks", .function = 0};
    oe_rule rule = {.id = "asks",
                    .condition = oe_builder_condition(builder, &asked),
                    .points = 1,
                    .from_ms = INT64_MIN,
                    .until_ms = INT64_MAX};
    CHECK_INT(oe_builder_rule(builder, &rule), OE_OK);
    desk on = open_desk(dictionary, sample_seal(builder));
    sample_customer(on.profile);
    const oe_decision *decision = write_record(&on); /* nobody answers: it counts as stopped */
    CHECK_INT(decision->degraded_count, 1);
    oe__record read;
    CHECK_INT(read_record(&on, &read), OE_OK);
    CHECK_INT(oe__record_stopped(&read, marked, 2, NULL), OE_OK);
    CHECK(marked[0] && !marked[1]);
    CHECK_INT(oe__record_stopped(&read, marked, 0, NULL), OE_E_CONFLICT);
    close_desk(&on);
}

static void it_has_ids_that_sort_by_time_and_are_read_back(void)
{
    static const struct {
        const char *text;
        bool ok;
    } cases[] = {{"018f5c3e2a007000800000000000002a", true},
                 {"018F5C3E2A007000800000000000002A", true},
                 {"018f5c3e-2a00-7000-8000-00000000002a", true},
                 {"018f5c3e2a007000800000000000002", false},
                 {"018f5c3e2a007000800000000000002g", false},
                 {"018f5c3e2-a00-7000-8000-00000000002a", false},
                 {"018f5c3e-2a00-7000-8000-0000000000--", false},
                 {"", false}};
    unsigned char id[16], later[16];
    char text[33] = "";
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_INT(oe__record_id_read(cases[i].text, strlen(cases[i].text), id), cases[i].ok);
        if (!cases[i].ok)
            continue;
        oe__record_id_write(id, text);
        CHECK_TEXT(text, "018f5c3e2a007000800000000000002a");
    }
    oe__record_make_id(id, INT64_C(0x018f5c3e2a00), 0x3ffffff, UINT64_MAX);
    oe__record_make_id(later, INT64_C(0x018f5c3e2a01), 0, 0);
    CHECK(memcmp(id, later, sizeof id) < 0);
    CHECK_INT(oe__record_id_ms(id), INT64_C(0x018f5c3e2a00));
    oe__record_make_id(later, INT64_C(0x018f5c3e2a00), 0x3fffffe, UINT64_MAX);
    CHECK(memcmp(id, later, sizeof id) > 0);
}

static oe_contacts some_contacts(void)
{
    static const oe_allowance allowances[] = {{0, -1, 0, AT_MS + 5000},
                                              {0, 7, 3, AT_MS - 5000},
                                              {4000, 0, UINT32_MAX, AT_MS},
                                              {OE_OPTED_OUT, -1, 0, INT64_MAX},
                                              {OE_OPTED_OUT, 2, 0, INT64_MAX}};
    static const oe_held held[] = {{0, AT_MS - 60000}, {1, AT_MS + 1}};
    return (oe_contacts){.channel = oe_contact_name("sms", 3),
                         .campaign = oe_contact_name("spring", 6),
                         .allowances = allowances,
                         .allowance_count = 5,
                         .held = held,
                         .held_count = 2};
}

static void check_contacts(const oe__record *read, const oe_contacts *expected)
{
    oe_allowance allowances[5];
    oe_held held[2];
    oe_contacts contacts;
    CHECK(read->has_contacts);
    if (!CHECK_INT(read->allowances.count, 5) || !CHECK_INT(read->held.count, 2))
        return;
    oe__record_contacts(read, allowances, held, &contacts);
    CHECK(contacts.channel == expected->channel);
    CHECK(contacts.campaign == expected->campaign);
    for (size_t i = 0; i < 5; i++) {
        CHECK_INT(allowances[i].policy, expected->allowances[i].policy);
        CHECK_INT(allowances[i].unit, expected->allowances[i].unit);
        CHECK_INT(allowances[i].left, expected->allowances[i].left);
        CHECK_INT(allowances[i].until_ms, expected->allowances[i].until_ms);
    }
    for (size_t i = 0; i < 2; i++) {
        CHECK_INT(held[i].product, expected->held[i].product);
        CHECK_INT(held[i].unit_ms, expected->held[i].unit_ms);
    }
}

static void it_gives_back_contacts(void)
{
    desk on = open_sample();
    oe_contacts contacts = some_contacts();
    oe__record read;
    oe__record_offer offer;
    contacts.allowance_count = 0; /* the opt-out would leave no offer */
    on.record.options.contacts = &contacts;
    const oe_decision *decision = write_record(&on);
    CHECK_INT(read_record(&on, &read), OE_OK);
    CHECK(decision->offer_count > 0);
    for (size_t i = 0; oe__record_next_offer(&read.offers, &offer); i++)
        CHECK_INT(offer.unit_ms, decision->offers[i].unit_ms);
    contacts = some_contacts();
    on.record.channel = "sms";
    on.record.channel_length = 3;
    on.record.campaign = "spring";
    on.record.campaign_length = 6;
    (void)write_record(&on);
    CHECK_INT(read_record(&on, &read), OE_OK);
    CHECK_BYTES(read.campaign, read.campaign_length, "spring");
    check_contacts(&read, &contacts);
    for (size_t length = 0; length < on.bytes.length; length++)
        CHECK_INT(oe__record_read(on.bytes.data, length, &read, NULL), OE_E_CORRUPT);
    close_desk(&on);
}

/* What knows neither campaigns nor contacts is written as it always was. */
static void it_keeps_its_first_version_where_that_says_all(void)
{
    desk on = open_sample();
    oe_contacts contacts = {0};
    (void)write_record(&on);
    size_t bare = on.bytes.length;
    CHECK_INT(on.bytes.data[OE_RECORD_ID_SIZE], 1);
    on.record.campaign = "spring";
    on.record.campaign_length = 6;
    (void)write_record(&on);
    CHECK_INT(on.bytes.data[OE_RECORD_ID_SIZE], 2);
    CHECK_INT(on.bytes.length, bare + 7);
    on.record.campaign = NULL;
    on.record.campaign_length = 0;
    on.record.options.contacts = &contacts;
    const oe_decision *decision = write_record(&on);
    CHECK_INT(on.bytes.data[OE_RECORD_ID_SIZE], 2);
    CHECK_INT(on.bytes.length, bare + decision->offer_count + 2);
    /* The first version has no such flags. */
    oe__record read;
    on.bytes.data[OE_RECORD_ID_SIZE] = 1;
    CHECK_INT(read_record(&on, &read), OE_E_CORRUPT);
    on.bytes.data[OE_RECORD_ID_SIZE] = 3;
    CHECK_INT(read_record(&on, &read), OE_E_CORRUPT);
    close_desk(&on);
}

static oe__buffer answer_of(oe_decider *decider, const oe_profile *profile,
                            const oe_options *options)
{
    oe__buffer text = {0};
    oe__answer_write(&text, oe_decide(decider, profile, options));
    return text;
}

/* Whatever was counted, the record alone decides the same again. */
static void it_decides_the_same_again_without_the_history(void)
{
    oe_policy policies[] = {contact_policy(OE_POLICY_CAP, "two"),
                            contact_policy(OE_POLICY_COOL_DOWN, "rest")};
    policies[0].at_most = 2;
    policies[1].each = OE_EACH_PRODUCT;
    contact_desk at = contact_open(policies, 2);
    uint64_t state = 3;
    for (size_t round = 0; round < 200; round++) {
        oe_contact history[6];
        for (size_t i = 0; i < 6; i++)
            history[i] = (oe_contact){
                .kind = (oe_contact_kind)random_below(&state, 3),
                .product = contact_name(contact_ids[random_below(&state, 6)]),
                .unit_ms = CONTACT_NOW - random_below(&state, 60) * CONTACT_MINUTE,
                .at_ms = CONTACT_NOW - random_below(&state, 40) * (int64_t)CONTACT_DAY};
        const oe_decision *decision = contact_decide(&at, history, random_below(&state, 7));
        oe__record record = {.generation = 1, .options = at.options}, read;
        oe__buffer bytes = {0};
        record.customer_id = oe_profile_id(at.profile, &record.customer_id_length);
        oe__record_write(&bytes, &record, at.profile, at.decider);
        CHECK_INT(oe__record_read(bytes.data, bytes.length, &read, NULL), OE_OK);
        oe_allowance allowances[16];
        oe_held held[16];
        oe_contacts contacts;
        oe__record_offer offer;
        CHECK(read.allowances.count <= 16 && read.held.count <= 16);
        oe__record_contacts(&read, allowances, held, &contacts);
        for (size_t i = 0; oe__record_next_offer(&read.offers, &offer); i++)
            CHECK_INT(offer.unit_ms, decision->offers[i].unit_ms);
        oe__buffer first = answer_of(at.decider, at.profile, &at.options);
        read.options.contacts = &contacts;
        oe__buffer again = answer_of(at.decider, at.profile, &read.options);
        CHECK_INT(again.length, first.length);
        CHECK(memcmp(again.data, first.data, first.length) == 0);
        oe__buffer_free(&first);
        oe__buffer_free(&again);
        oe__buffer_free(&bytes);
    }
    contact_close(&at);
}

int main(void)
{
    RUN("gives back random profiles of random rules",
        it_gives_back_random_profiles_of_random_rules);
    RUN("gives back what was asked for", it_gives_back_what_was_asked_for);
    RUN("gives back every kind of number", it_gives_back_every_kind_of_number);
    RUN("is short for the seed's fields", it_is_short_for_the_seeds_fields);
    RUN("refuses every cut", it_refuses_every_cut);
    RUN("survives every flip of a byte", it_survives_every_flip_of_a_byte);
    RUN("refuses rules that it was not made by", it_refuses_rules_that_it_was_not_made_by);
    RUN("tells which functions were stopped", it_tells_which_functions_were_stopped);
    RUN("has ids that sort by time and are read back",
        it_has_ids_that_sort_by_time_and_are_read_back);
    RUN("gives back contacts", it_gives_back_contacts);
    RUN("keeps its first version where that says all",
        it_keeps_its_first_version_where_that_says_all);
    RUN("decides the same again without the history",
        it_decides_the_same_again_without_the_history);
    return check_report();
}
