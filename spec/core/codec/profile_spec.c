/* profile_spec.c: profiles from JSON and back: every value on both sides of its boundary, every
 * fault at once, the same bytes again. */
#include "check.h"
#include "codec/profile.h"
#include "engine/profile.h"
#include "random_rules.h"
#include "sample_rules.h"

#include <stdlib.h>

enum { ROUND_TRIPS = 10000 };

typedef struct desk {
    oe_dictionary *dictionary;
    oe_ruleset *ruleset;
    oe_profile *profile;
    oe_read_report report;
    oe_error error;
} desk;

static desk *open_desk(void)
{
    desk *opened = calloc(1, sizeof *opened);
    if (opened == NULL)
        exit(1);
    opened->dictionary = oe_dictionary_new();
    opened->ruleset = sample_rules(opened->dictionary);
    if (!CHECK(opened->ruleset != NULL))
        exit(1);
    opened->profile = oe_profile_new(opened->ruleset);
    return opened;
}

static void close_desk(desk *opened)
{
    oe_profile_free(opened->profile);
    oe_ruleset_free(opened->ruleset);
    oe_dictionary_free(opened->dictionary);
    free(opened);
}

/* All faults as lines "location type". */
static const char *faults_of(const oe_read_report *report)
{
    static char lines[OE_FAULTS_MAX * 256];
    size_t at = 0;
    lines[0] = '\0';
    for (size_t i = 0; i < report->fault_count && i < OE_FAULTS_MAX; i++)
        at += (size_t)snprintf(lines + at, sizeof lines - at, "%s%s %s", i > 0 ? "\n" : "",
                               report->faults[i].location, report->faults[i].type);
    return lines;
}

static oe_status read_text(desk *on, const char *json)
{
    return oe_profile_read(on->profile, json, strlen(json), &on->report, &on->error);
}

static const char *written(const oe_profile *profile)
{
    static char text[65536];
    size_t length = oe_profile_write(profile, text, sizeof text - 1);
    text[length < sizeof text ? length : 0] = '\0';
    return text;
}

/* The sample customer's body with one member's value replaced, or left out for NULL. */
static const char *body_with(const char *member, const char *value)
{
    static const char *const members[][2] = {
        {"customer_id", "\"C001\""},
        {"age", "35"},
        {"income", "95000"},
        {"existing_products", "[\"savings_account\",\"debit_card\"]"},
        {"credit_score", "735"},
        {"avg_account_balance", "28000"},
    };
    static char body[65536];
    size_t at = 0;
    bool replaced = false;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        bool is_it = strcmp(members[i][0], member) == 0;
        replaced = replaced || is_it;
        const char *shown = is_it ? value : members[i][1];
        if (shown != NULL)
            at += (size_t)snprintf(body + at, sizeof body - at, "%s\"%s\":%s",
                                   at > 0 ? "," : "{", members[i][0], shown);
    }
    if (!replaced && value != NULL)
        at += (size_t)snprintf(body + at, sizeof body - at, ",\"%s\":%s", member, value);
    snprintf(body + at, sizeof body - at, "}");
    return body;
}

typedef struct value_case {
    const char *member, *value; /* NULL: left out */
    const char *faults;         /* "": taken */
} value_case;

static void check_cases(const value_case *cases, size_t count)
{
    desk *on = open_desk();
    for (size_t i = 0; i < count; i++) {
        oe_status status = read_text(on, body_with(cases[i].member, cases[i].value));
        if (!CHECK_TEXT(faults_of(&on->report), cases[i].faults))
            printf("  at %s = %s\n", cases[i].member,
                   cases[i].value ? cases[i].value : "(none)");
        CHECK_INT(status, cases[i].faults[0] == '\0' ? OE_OK : OE_E_INVALID);
    }
    close_desk(on);
}

#define CHECK_CASES(cases) check_cases((cases), sizeof(cases) / sizeof *(cases))

/* ---- values ---- */

static void it_takes_numbers_of_their_type(void)
{
    static const value_case cases[] = {
        {"age", "0", ""},
        {"age", "-0", ""},
        {"age", "130", ""},
        {"age", "32.0", ""},
        {"age", "3.2e1", ""},
        {"age", "-1", "\"age\" greater_than_equal"},
        {"age", "131", "\"age\" less_than_equal"},
        {"age", "32.5", "\"age\" int_from_float"},
        {"age", "\"32\"", "\"age\" int_type"},
        {"age", "true", "\"age\" int_type"},
        {"age", "null", "\"age\" int_type"},
        {"age", "[]", "\"age\" int_type"},
        {"age", "[{\"x\":[1]}]", "\"age\" int_type"},
        {"age", "{\"age\":35}", "\"age\" int_type"},
        {"age", NULL, "\"age\" missing"},
        {"income", "0", ""},
        {"income", "0.01", ""},
        {"income", "1e300", ""},
        {"income", "-0.01", "\"income\" greater_than_equal"},
        {"income", "\"95000\"", "\"income\" float_type"},
        {"income", "false", "\"income\" float_type"},
        {"income", "null", "\"income\" float_type"},
        {"income", NULL, "\"income\" missing"},
        {"avg_account_balance", "-28000.5", ""},
        {"avg_account_balance", "null", "\"avg_account_balance\" float_type"},
        {"transactions_90d", "9007199254740992", ""},
        {"transactions_90d", "9007199254740994", "\"transactions_90d\" int_from_float"},
        {"savings_rate", "-1", ""},
        {"savings_rate", "1", ""},
        {"savings_rate", "1.0000000000000002", "\"savings_rate\" less_than_equal"},
        {"savings_rate", "-1.0000000000000002", "\"savings_rate\" greater_than_equal"},
    };
    CHECK_CASES(cases);
}

static void it_takes_null_only_where_allowed(void)
{
    static const value_case cases[] = {
        {"credit_score", "null", ""},
        {"credit_score", "300", ""},
        {"credit_score", "850", ""},
        {"credit_score", "299", "\"credit_score\" greater_than_equal"},
        {"credit_score", "851", "\"credit_score\" less_than_equal"},
        {"credit_score", NULL, "\"credit_score\" missing"},
        {"savings_rate", "null", ""},
        {"savings_rate", NULL, ""},
        {"region", "null", ""},
        {"staff", "null", ""},
        {"existing_products", "null", "\"existing_products\" list_type"},
        {"existing_products", NULL, "\"existing_products\" missing"},
        {"customer_id", "null", "\"customer_id\" string_type"},
    };
    CHECK_CASES(cases);
}

static void it_takes_texts_and_flags(void)
{
    char just[OE_TEXT_MAX + 3], over[OE_TEXT_MAX + 4], escaped[6 * OE_TEXT_MAX + 3];
    memset(just, 'x', sizeof just);
    memset(over, 'x', sizeof over);
    just[0] = just[sizeof just - 2] = over[0] = over[sizeof over - 2] = '"';
    just[sizeof just - 1] = over[sizeof over - 1] = '\0';
    escaped[0] = '"';
    for (size_t i = 0; i < OE_TEXT_MAX; i++)
        memcpy(escaped + 1 + 6 * i, "\\u0041", 6);
    memcpy(escaped + sizeof escaped - 2, "\"", 2);
    const value_case cases[] = {
        {"region", "\"\"", ""},
        {"region", "\"a\\n\\u0001z\\u00fc\"", ""},
        {"region", just, ""},
        {"region", escaped, ""},
        {"region", over, "\"region\" string_too_long"},
        {"region", "1", "\"region\" string_type"},
        {"region", "true", "\"region\" string_type"},
        {"region", "[\"north\"]", "\"region\" string_type"},
        {"staff", "true", ""},
        {"staff", "false", ""},
        {"staff", "1", "\"staff\" bool_type"},
        {"staff", "0", "\"staff\" bool_type"},
        {"staff", "\"true\"", "\"staff\" bool_type"},
    };
    CHECK_CASES(cases);
}

static void it_takes_lawful_ids(void)
{
    char just[OE_ID_MAX + 3], over[OE_ID_MAX + 4];
    memset(just, 'x', sizeof just);
    memset(over, 'x', sizeof over);
    just[0] = just[sizeof just - 2] = over[0] = over[sizeof over - 2] = '"';
    just[sizeof just - 1] = over[sizeof over - 1] = '\0';
    const value_case cases[] = {
        {"customer_id", just, ""},
        {"customer_id", "\"z\\u00fcrich 1\"", ""},
        {"customer_id", over, "\"customer_id\" string_too_long"},
        {"customer_id", "\"\"", "\"customer_id\" string_too_short"},
        {"customer_id", "\"a\\u0001\"", "\"customer_id\" string_pattern_mismatch"},
        {"customer_id", "\"a\\u007f\"", "\"customer_id\" string_pattern_mismatch"},
        {"customer_id", "\"a\\u0080\"", "\"customer_id\" string_pattern_mismatch"},
        {"customer_id", "1", "\"customer_id\" string_type"},
        {"customer_id", NULL, "\"customer_id\" missing"},
        {"existing_products", "[]", ""},
        {"existing_products", "[\"x\",\"x\"]", ""},
        {"existing_products", "\"savings_account\"", "\"existing_products\" list_type"},
        {"existing_products", "{}", "\"existing_products\" list_type"},
        {"existing_products", "[1,\"a\",\"\",null,[\"b\"],\"\\u0001\"]",
         "\"existing_products\",0 string_type\n\"existing_products\",2 string_too_short\n"
         "\"existing_products\",3 string_type\n\"existing_products\",4 string_type\n"
         "\"existing_products\",5 string_pattern_mismatch"},
    };
    CHECK_CASES(cases);
}

static void it_limits_the_products_owned(void)
{
    static char list[OE_PRODUCTS_OWNED_MAX * 8 + 64];
    desk *on = open_desk();
    for (size_t extra = 0; extra < 2; extra++) {
        size_t at = 0;
        for (size_t i = 0; i < OE_PRODUCTS_OWNED_MAX + extra; i++)
            at += (size_t)snprintf(list + at, sizeof list - at, "%s\"u%zu\"", i ? "," : "[", i);
        snprintf(list + at, sizeof list - at, "]");
        read_text(on, body_with("existing_products", list));
        CHECK_TEXT(faults_of(&on->report), extra ? "\"existing_products\" too_long" : "");
        CHECK_INT(on->report.unknown_products, OE_PRODUCTS_OWNED_MAX);
    }
    close_desk(on);
}

/* ---- the whole ---- */

static void it_lists_every_fault(void)
{
    desk *on = open_desk();
    CHECK_INT(read_text(on, "{\"staff\":1,\"age\":32.5,\"income\":-5,\"existing_products\":"
                            "[\"ok\",7],\"credit_score\":\"secret\",\"unheard\":{\"a\":[1]}}"),
              OE_E_INVALID);
    CHECK_TEXT(faults_of(&on->report),
               "\"staff\" bool_type\n\"age\" int_from_float\n\"income\" greater_than_equal\n"
               "\"existing_products\",1 string_type\n\"credit_score\" int_type\n"
               "\"customer_id\" missing\n\"avg_account_balance\" missing");
    CHECK_TEXT(on->report.faults[2].message, "must be at least 0");
    CHECK_TEXT(on->error.message,
               "profile: \"staff\": must be true or false (and 6 more faults)");
    CHECK_INT(on->error.position, -1);
    CHECK_INT(on->report.undeclared, 1);
    for (size_t i = 0; i < on->report.fault_count; i++)
        CHECK(strstr(on->report.faults[i].message, "secret") == NULL);
    read_text(on, "{}");
    CHECK_TEXT(faults_of(&on->report),
               "\"customer_id\" missing\n\"age\" missing\n\"income\" missing\n"
               "\"existing_products\" missing\n\"credit_score\" missing\n"
               "\"avg_account_balance\" missing");
    close_desk(on);
}

static void it_counts_faults_beyond_those_it_keeps(void)
{
    char list[1024] = "[";
    desk *on = open_desk();
    for (size_t i = 0; i < 100; i++)
        strcat(list, i > 0 ? ",0" : "0");
    strcat(list, "]");
    CHECK_INT(read_text(on, body_with("existing_products", list)), OE_E_INVALID);
    CHECK_INT(on->report.fault_count, 100);
    CHECK_TEXT(on->report.faults[OE_FAULTS_MAX - 1].location, "\"existing_products\",63");
    close_desk(on);
}

static void it_tells_malformed_from_wrong(void)
{
    static const struct {
        const char *json;
        oe_status status;
        int64_t position;
        const char *faults;
    } cases[] = {
        {"", OE_E_SYNTAX, 0, ""},
        {"{", OE_E_SYNTAX, 1, ""},
        {"{\"age\":\"x\",}", OE_E_SYNTAX, 11, ""},
        {"{\"age\":1,\"age\":2}", OE_E_SYNTAX, 9, ""},
        {"{}x", OE_E_SYNTAX, 2, ""},
        {"[1,]", OE_E_SYNTAX, 3, ""},
        {"{\"age\":NaN}", OE_E_SYNTAX, 7, ""},
        {"[1]", OE_E_INVALID, -1, " dict_type"},
        {"null", OE_E_INVALID, -1, " dict_type"},
        {"\"x\"", OE_E_INVALID, -1, " dict_type"},
        {"{\"staff\":0,\"age\":1e999}", OE_E_INVALID, -1,
         "\"staff\" bool_type\n\"age\" finite_number"},
        {"{\"existing_products\":[-1e999]}", OE_E_INVALID, -1,
         "\"existing_products\",0 finite_number"},
        {"{\"unheard\":[1e999]}", OE_E_INVALID, -1, " finite_number"},
        {"{\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}", OE_E_LIMIT, 20, ""},
    };
    desk *on = open_desk();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_INT(read_text(on, cases[i].json), cases[i].status);
        CHECK_INT(on->error.position, cases[i].position);
        if (!CHECK_TEXT(faults_of(&on->report), cases[i].faults))
            printf("  at %s\n", cases[i].json);
    }
    close_desk(on);
}

static void it_names_unknown_products_by_position(void)
{
    desk *on = open_desk();
    CHECK_INT(read_text(on, body_with("existing_products",
                                      "[\"x\",\"debit_card\",\"y\",\"credit_card\",\"x\"]")),
              OE_OK);
    CHECK_INT(on->report.unknown_products, 3);
    CHECK_INT(on->report.unknown_at[0], 0);
    CHECK_INT(on->report.unknown_at[1], 2);
    CHECK_INT(on->report.unknown_at[2], 4);
    CHECK_TEXT(written(on->profile),
               "{\"customer_id\":\"C001\",\"age\":35,\"income\":95000,\"existing_products\":"
               "[\"credit_card\",\"debit_card\",\"x\",\"y\"],\"credit_score\":735,"
               "\"avg_account_balance\":28000}");
    close_desk(on);
}

static void it_matches_names_after_unescaping(void)
{
    desk *on = open_desk();
    CHECK_INT(read_text(on, body_with("r\\u0065gion", "\"\\u0041\"")), OE_OK);
    size_t length = 0;
    const char *region = oe_profile_text(on->profile, SAMPLE_REGION, &length);
    CHECK(region != NULL && length == 1 && region[0] == 'A');
    CHECK_INT(on->report.undeclared, 0);
    CHECK_INT(read_text(on, body_with("Region", "\"A\"")), OE_OK);
    CHECK_INT(on->report.undeclared, 1);
    close_desk(on);
}

/* ---- writing ---- */

static void it_writes_what_is_not_on_file(void)
{
    desk *on = open_desk();
    CHECK_TEXT(written(on->profile),
               "{\"customer_id\":\"\",\"age\":null,\"income\":null,\"existing_products\":[],"
               "\"credit_score\":null,\"avg_account_balance\":null}");
    read_text(on,
              "{\"staff\":false,\"risk_tolerance\":\"a\\\"\\\\\\n\\u0001\",\"region\":null,"
              "\"savings_rate\":0.1,\"avg_account_balance\":-0.5,\"credit_score\":null,"
              "\"existing_products\":[],\"income\":1e21,\"age\":-0,\"customer_id\":\"\\\"\"}");
    CHECK_TEXT(written(on->profile),
               "{\"customer_id\":\"\\\"\",\"age\":0,\"income\":1e+21,\"existing_products\":[],"
               "\"credit_score\":null,\"avg_account_balance\":-0.5,\"savings_rate\":0.1,"
               "\"risk_tolerance\":\"a\\\"\\\\\\n\\u0001\",\"staff\":false}");
    close_desk(on);
}

static void it_reads_what_it_writes(void)
{
    desk *on = open_desk();
    oe_profile *second = oe_profile_new(on->ruleset);
    oe__buffer first = {0}, again = {0};
    uint64_t state = 42;
    for (uint32_t i = 0; i < ROUND_TRIPS; i++) {
        sample_random(on->profile, &state, i);
        first.length = again.length = 0;
        oe__profile_write(&first, on->profile);
        if (!CHECK_INT(oe_profile_read(second, first.data, first.length, &on->report, NULL),
                       OE_OK))
            break;
        CHECK_INT(on->report.unknown_products, on->profile->unknown_products);
        oe__profile_write(&again, second);
        if (!CHECK(first.length == again.length &&
                   memcmp(first.data, again.data, first.length) == 0))
            break;
    }
    oe__buffer_free(&first);
    oe__buffer_free(&again);
    oe_profile_free(second);
    close_desk(on);
}

static void it_fills_any_buffer(void)
{
    desk *on = open_desk();
    sample_customer(on->profile);
    oe__buffer whole = {0};
    oe__profile_write(&whole, on->profile);
    CHECK_INT(oe_profile_write(on->profile, NULL, 0), (intmax_t)whole.length);
    for (size_t capacity = 1; capacity <= whole.length + 1; capacity++) {
        char *out = malloc(capacity + 1);
        if (out == NULL)
            exit(1);
        out[capacity] = '~';
        size_t kept = capacity < whole.length ? capacity : whole.length;
        CHECK_INT(oe_profile_write(on->profile, out, capacity), (intmax_t)whole.length);
        CHECK(memcmp(out, whole.data, kept) == 0 && out[capacity] == '~');
        free(out);
    }
    oe__buffer_free(&whole);
    close_desk(on);
}

/* Bytes cut, doubled and changed at random: any status, never more than is there. */
static void it_survives_damaged_text(void)
{
    desk *on = open_desk();
    uint64_t state = 7;
    char *copy = malloc(1024);
    if (copy == NULL)
        exit(1);
    for (int i = 0; i < 20000; i++) {
        const char *body = body_with("region", "\"\\u00e9\\ud83d\\ude00\"");
        size_t length = 1 + random_below(&state, (uint32_t)strlen(body));
        char *exact = realloc(copy, length);
        if (exact == NULL)
            exit(1);
        copy = exact;
        memcpy(copy, body, length);
        for (uint32_t changes = random_below(&state, 4); changes > 0; changes--)
            copy[random_below(&state, (uint32_t)length)] =
                "\"\\,:{}[]0e-u\x80\xC3 "[random_below(&state, 15)];
        oe_status status = oe_profile_read(on->profile, copy, length, &on->report, &on->error);
        CHECK((status == OE_E_INVALID) == (on->report.fault_count > 0));
        CHECK(oe_profile_write(on->profile, NULL, 0) > 0);
    }
    free(copy);
    close_desk(on);
}

int main(void)
{
    RUN("a number is taken as its type and range say and never from a text",
        it_takes_numbers_of_their_type);
    RUN("null is taken where the schema says optional or nullable, only",
        it_takes_null_only_where_allowed);
    RUN("texts end at 256 bytes, and flags are true or false", it_takes_texts_and_flags);
    RUN("ids are 1 to 128 bytes of text without control characters", it_takes_lawful_ids);
    RUN("1024 products can be owned, 1025 are a fault", it_limits_the_products_owned);
    RUN("every fault is listed, with no value that was sent", it_lists_every_fault);
    RUN("faults beyond the 64th are counted", it_counts_faults_beyond_those_it_keeps);
    RUN("malformed text has a position, a wrong shape has faults",
        it_tells_malformed_from_wrong);
    RUN("unknown products are kept and reported by position",
        it_names_unknown_products_by_position);
    RUN("member names are compared after unescaping, with their case",
        it_matches_names_after_unescaping);
    RUN("what is not on file is null where required and left out where optional",
        it_writes_what_is_not_on_file);
    RUN("10,000 random profiles read back to the same bytes", it_reads_what_it_writes);
    RUN("a short buffer gets a prefix and the full length", it_fills_any_buffer);
    RUN("damaged text never does harm", it_survives_damaged_text);
    return check_report();
}
