/* profile_spec.c: one customer's values, set, read and cleared. */
#include "engine/profile.h"

#include "check.h"
#include "small_rules.h"

#include <stdlib.h>

typedef struct book {
    oe_dictionary *dictionary;
    oe_ruleset *ruleset;
    oe_profile *profile;
} book;

/* With products "one" and "two"; conditions know the region "north" only. */
static book open_book(void)
{
    book opened = {.dictionary = oe_dictionary_new()};
    oe_builder *builder = small_rules(opened.dictionary);
    oe_product one = small_product("one", "saving"), two = small_product("two", "travel");
    oe_builder_product(builder, &one);
    oe_builder_product(builder, &two);
    small_text(builder, OE_EQUALS, "region", "north");
    opened.ruleset = small_seal(builder);
    opened.profile = opened.ruleset ? oe_profile_new(opened.ruleset) : NULL;
    if (!CHECK(opened.profile != NULL))
        exit(1);
    return opened;
}

static void close_book(book *opened)
{
    oe_profile_free(opened->profile);
    oe_ruleset_free(opened->ruleset);
    oe_dictionary_free(opened->dictionary);
}

static void it_takes_numbers_within_their_range(void)
{
    static const struct {
        size_t attribute;
        double value;
        const char *fault; /* NULL: lawful */
    } cases[] = {
        {SMALL_INCOME, 0, NULL},
        {SMALL_INCOME, -0.0, NULL},
        {SMALL_INCOME, -0x1p-1074, "income: must be at least 0"},
        {SMALL_INCOME, 75000.5, NULL},
        {SMALL_INCOME, 1e300, NULL},
        {SMALL_INCOME, HUGE_VAL, "income: must be a finite number"},
        {SMALL_INCOME, (double)NAN, "income: must be a finite number"},
        {SMALL_CREDIT_SCORE, 299, "credit_score: must be at least 300"},
        {SMALL_CREDIT_SCORE, 300, NULL},
        {SMALL_CREDIT_SCORE, 850, NULL},
        {SMALL_CREDIT_SCORE, 851, "credit_score: must be at most 850"},
        {SMALL_CREDIT_SCORE, 700.5, "credit_score: must be a whole number"},
        {SMALL_CREDIT_SCORE, 0x1p53 + 2, "credit_score: must be a whole number"},
        {SMALL_BALANCE, -1e300, NULL},
        {SMALL_BALANCE, -HUGE_VAL, "balance: must be a finite number"},
        {SMALL_MEMBER, 0, NULL},
        {SMALL_MEMBER, 1, NULL},
        {SMALL_MEMBER, 0.5, "member: must be true or false"},
        {SMALL_MEMBER, 2, "member: must be true or false"},
        {SMALL_REGION, 1, "region: must be a text"},
    };
    book opened = open_book();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        oe_error error = {OE_OK, 0, "none"};
        oe_profile_clear(opened.profile);
        oe_status status =
            oe_profile_set_number(opened.profile, cases[i].attribute, cases[i].value, &error);
        double held = oe_profile_number(opened.profile, cases[i].attribute);
        CHECK_INT(status, cases[i].fault ? OE_E_INVALID : OE_OK);
        CHECK_TEXT(error.message, cases[i].fault ? cases[i].fault : "none");
        if (cases[i].fault != NULL)
            CHECK(isnan(held));
        else
            CHECK(held == cases[i].value);
        if (held == 0)
            CHECK(!signbit(held)); /* never the negative zero */
    }
    close_book(&opened);
}

static void it_refuses_what_is_no_attribute_for_it(void)
{
    book opened = open_book();
    oe_error error;
    CHECK_INT(oe_profile_set_number(opened.profile, 7, 1, &error), OE_E_ARGUMENT);
    CHECK_TEXT(error.message, "profile: there is no attribute 7");
    CHECK_INT(oe_profile_set_text(opened.profile, SIZE_MAX, "x", 1, &error), OE_E_ARGUMENT);
    CHECK_INT(oe_profile_set_number(opened.profile, SMALL_HOLDINGS, 1, &error), OE_E_ARGUMENT);
    CHECK_INT(oe_profile_set_text(opened.profile, SMALL_HOLDINGS, "x", 1, &error),
              OE_E_ARGUMENT);
    CHECK_INT(oe_profile_set_text(opened.profile, SMALL_INCOME, "x", 1, &error), OE_E_INVALID);
    CHECK_TEXT(error.message, "income: must be a number");
    CHECK_INT(oe_profile_set_number(opened.profile, SMALL_INCOME, -1, NULL), OE_E_INVALID);
    size_t length;
    CHECK(isnan(oe_profile_number(opened.profile, 7)));
    CHECK(oe_profile_text(opened.profile, 7, &length) == NULL);
    oe_profile_set_unknown(opened.profile, 7); /* does nothing */
    close_book(&opened);
}

static bool holds_text(const oe_profile *profile, size_t attribute, const char *text,
                       size_t length)
{
    size_t held_length = 0;
    const char *held = oe_profile_text(profile, attribute, &held_length);
    return held != NULL && held_length == length && memcmp(held, text, length) == 0;
}

static void it_takes_texts_of_256_bytes(void)
{
    char text[258];
    book opened = open_book();
    memset(text, 'x', sizeof text);
    for (size_t length = 0; length <= 257; length += length < 255 ? 51 : 1) {
        oe_profile_set_unknown(opened.profile, SMALL_REGION);
        oe_error error = {OE_OK, 0, ""};
        bool lawful = length <= OE_TEXT_MAX;
        CHECK_INT(oe_profile_set_text(opened.profile, SMALL_REGION, text, length, &error),
                  lawful ? OE_OK : OE_E_INVALID);
        CHECK_INT(holds_text(opened.profile, SMALL_REGION, text, length), lawful);
        CHECK_TEXT(error.message, lawful ? "" : "region: must be at most 256 bytes of UTF-8");
    }
    CHECK_INT(oe_profile_set_text(opened.profile, SMALL_REGION, "\xED\xA0\x80", 3, NULL),
              OE_E_INVALID);
    CHECK_INT(oe_profile_set_text(opened.profile, SMALL_REGION, "a\0b", 3, NULL), OE_OK);
    CHECK(holds_text(opened.profile, SMALL_REGION, "a\0b", 3));
    close_book(&opened);
}

/* A refused value leaves what was there. */
static void it_keeps_the_old_value_on_failure(void)
{
    book opened = open_book();
    oe_profile_set_number(opened.profile, SMALL_INCOME, 5, NULL);
    oe_profile_set_text(opened.profile, SMALL_REGION, "north", 5, NULL);
    oe_profile_set_id(opened.profile, "C1", 2, NULL);
    oe_profile_set_number(opened.profile, SMALL_INCOME, -5, NULL);
    oe_profile_set_text(opened.profile, SMALL_REGION, "\xFF", 1, NULL);
    oe_profile_set_id(opened.profile, "", 0, NULL);
    CHECK_NEAR(oe_profile_number(opened.profile, SMALL_INCOME), 5, 0);
    CHECK(holds_text(opened.profile, SMALL_REGION, "north", 5));
    size_t length = 0;
    const char *id = oe_profile_id(opened.profile, &length);
    CHECK_BYTES(id, length, "C1");
    close_book(&opened);
}

static void it_replaces_and_removes_texts(void)
{
    book opened = open_book();
    char text[64];
    if (!CHECK(opened.profile != NULL))
        return;
    oe_profile_own(opened.profile, "unknown_thing", 13, NULL, NULL);
    for (int i = 0; i < 500; i++) {
        size_t length = (size_t)snprintf(text, sizeof text, "%.*s-%d", i % 40,
                                         "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqr", i);
        oe_profile_set_text(opened.profile, SMALL_REGION, text, length, NULL);
        if (!CHECK(holds_text(opened.profile, SMALL_REGION, text, length)))
            break;
        if (i % 7 == 0) {
            oe_profile_set_unknown(opened.profile, SMALL_REGION);
            CHECK(oe_profile_text(opened.profile, SMALL_REGION, &length) == NULL);
            CHECK(isnan(oe_profile_number(opened.profile, SMALL_REGION)));
        }
    }
    CHECK(opened.profile->extras.length < 200); /* what was replaced is gone */
    oe_profile_set_text(opened.profile, SMALL_REGION, "north", 5, NULL);
    double north = opened.profile->values[SMALL_REGION];
    oe_profile_set_text(opened.profile, SMALL_REGION, "south", 5, NULL);
    CHECK(north >= 0 && opened.profile->values[SMALL_REGION] == OE__OTHER_TEXT);
    close_book(&opened);
}

static void it_takes_ids_of_128_bytes(void)
{
    char id[130];
    memset(id, 'i', sizeof id);
    static const struct {
        size_t length;
        bool lawful;
    } cases[] = {{0, false}, {1, true}, {127, true}, {128, true}, {129, false}};
    book opened = open_book();
    size_t length = 1;
    CHECK_TEXT(oe_profile_id(opened.profile, &length), "");
    CHECK_INT(length, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        oe_error error = {OE_OK, 0, ""};
        oe_profile_clear(opened.profile);
        CHECK_INT(oe_profile_set_id(opened.profile, id, cases[i].length, &error),
                  cases[i].lawful ? OE_OK : OE_E_INVALID);
        const char *held = oe_profile_id(opened.profile, &length);
        CHECK_INT(length, cases[i].lawful ? cases[i].length : 0);
        CHECK(memcmp(held, id, length) == 0 && held[length] == '\0');
        CHECK_INT(strncmp(error.message, "customer_id: must be 1 to 128", 29) == 0,
                  !cases[i].lawful);
    }
    CHECK_INT(oe_profile_set_id(opened.profile, "a\x1F", 2, NULL), OE_E_INVALID);
    CHECK_INT(oe_profile_set_id(opened.profile, "a\x7F", 2, NULL), OE_E_INVALID);
    CHECK_INT(oe_profile_set_id(opened.profile, "a\xC2\x85", 3, NULL), OE_E_INVALID);
    CHECK_INT(oe_profile_set_id(opened.profile, "a\0b", 3, NULL), OE_E_INVALID);
    CHECK_INT(oe_profile_set_id(opened.profile, "J\xC3\xB6rg", 5, NULL), OE_OK);
    close_book(&opened);
}

/* ---- products ---- */

typedef struct listed {
    char text[256];
    size_t count;
} listed;

static void list(void *context, const char *id, size_t length)
{
    listed *all = context;
    size_t used = strlen(all->text);
    all->count++;
    snprintf(all->text + used, sizeof all->text - used, "%.*s ", (int)length, id);
}

static listed owned(const oe_profile *profile)
{
    listed all = {.count = 0};
    oe_profile_owned(profile, list, &all);
    return all;
}

static void it_owns_each_product_once(void)
{
    book opened = open_book();
    static const struct {
        const char *id;
        bool known;
    } cases[] = {{"zeta", false}, {"two", true}, {"two", true},   {"alpha", false},
                 {"zeta", false}, {"one", true}, {"onee", false}, {"One", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool known = !cases[i].known;
        CHECK_INT(
            oe_profile_own(opened.profile, cases[i].id, strlen(cases[i].id), &known, NULL),
            OE_OK);
        CHECK_INT(known, cases[i].known);
    }
    CHECK_TEXT(owned(opened.profile).text, "one two zeta alpha onee One ");
    CHECK_INT(oe_profile_own(opened.profile, "", 0, NULL, NULL), OE_E_INVALID);
    CHECK_INT(oe_profile_own(opened.profile, "a\n", 2, NULL, NULL), OE_E_INVALID);
    CHECK_INT(owned(opened.profile).count, 6);
    close_book(&opened);
}

static void it_keeps_1024_products_that_nobody_knows(void)
{
    book opened = open_book();
    char id[32];
    size_t refused = 0;
    for (int i = 0; i < OE_PRODUCTS_OWNED_MAX; i++)
        refused += oe_profile_own(opened.profile, id, (size_t)snprintf(id, sizeof id, "p%d", i),
                                  NULL, NULL) != OE_OK;
    CHECK_INT(refused, 0);
    oe_error error;
    CHECK_INT(oe_profile_own(opened.profile, "another", 7, NULL, &error), OE_E_LIMIT);
    CHECK(strncmp(error.message, "profile: at most 1024 owned products", 36) == 0);
    CHECK_INT(oe_profile_own(opened.profile, "p1023", 5, NULL, NULL), OE_OK); /* is there */
    CHECK_INT(oe_profile_own(opened.profile, "one", 3, NULL, NULL), OE_OK);   /* is known */
    CHECK_INT(owned(opened.profile).count, OE_PRODUCTS_OWNED_MAX + 1);
    oe_profile_clear(opened.profile);
    CHECK_INT(oe_profile_own(opened.profile, "another", 7, NULL, NULL), OE_OK);
    close_book(&opened);
}

/* ---- the whole ---- */

static void it_is_empty_after_clear(void)
{
    book opened = open_book();
    for (int round = 0; round < 3; round++) {
        CHECK(isnan(oe_profile_number(opened.profile, SMALL_INCOME)));
        CHECK(isnan(oe_profile_number(opened.profile, SMALL_REGION)));
        CHECK_INT(owned(opened.profile).count, 0);
        size_t length;
        oe_profile_id(opened.profile, &length);
        CHECK_INT(length, 0);
        oe_profile_set_id(opened.profile, "C1", 2, NULL);
        oe_profile_set_number(opened.profile, SMALL_INCOME, 1, NULL);
        oe_profile_set_text(opened.profile, SMALL_REGION, "north", 5, NULL);
        oe_profile_own(opened.profile, "one", 3, NULL, NULL);
        oe_profile_own(opened.profile, "stranger", 8, NULL, NULL);
        CHECK_TEXT(owned(opened.profile).text, "one stranger ");
        oe_profile_clear(opened.profile);
    }
    close_book(&opened);
}

static void it_checks_what_is_required(void)
{
    book opened = open_book();
    oe_error error;
    CHECK_INT(oe_profile_check(opened.profile, &error), OE_E_INVALID);
    CHECK_TEXT(error.message, "customer_id: is missing");
    oe_profile_set_id(opened.profile, "C1", 2, NULL);
    CHECK_INT(oe_profile_check(opened.profile, &error), OE_E_INVALID);
    CHECK_TEXT(error.message, "income: is missing");
    oe_profile_set_number(opened.profile, SMALL_INCOME, 0, NULL);
    CHECK_INT(oe_profile_check(opened.profile, &error), OE_OK); /* the score is nullable */
    oe_profile_set_unknown(opened.profile, SMALL_INCOME);
    CHECK_INT(oe_profile_check(opened.profile, NULL), OE_E_INVALID);
    oe_profile_free(NULL);
    close_book(&opened);
}

int main(void)
{
    RUN("a number must be finite, whole where it has to be, and within its range",
        it_takes_numbers_within_their_range);
    RUN("an attribute takes only its own type", it_refuses_what_is_no_attribute_for_it);
    RUN("a text has at most 256 bytes of UTF-8", it_takes_texts_of_256_bytes);
    RUN("a refused value changes nothing", it_keeps_the_old_value_on_failure);
    RUN("texts can be replaced and removed over and over", it_replaces_and_removes_texts);
    RUN("an id has 1 to 128 bytes without control characters", it_takes_ids_of_128_bytes);
    RUN("a product is owned once, known ones first in their order", it_owns_each_product_once);
    RUN("at most 1024 products that the catalogue does not know are kept",
        it_keeps_1024_products_that_nobody_knows);
    RUN("a cleared profile is as a new one", it_is_empty_after_clear);
    RUN("the first missing attribute is named", it_checks_what_is_required);
    return check_report();
}
