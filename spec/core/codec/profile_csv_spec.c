/* profile_csv_spec.c: profiles as records of a CSV, and decisions as rows. */
#include "check.h"
#include "codec/answer.h"
#include "codec/profile.h"
#include "codec/profile_csv.h"
#include "engine/profile.h"
#include "random_rules.h"
#include "sample_rules.h"

#include <stdlib.h>

enum { FIELDS_MAX = 64, ROUND_TRIPS = 10000 };

typedef struct desk {
    oe_dictionary *dictionary;
    oe_ruleset *ruleset;
    oe_profile *profile;
    oe_read_report report;
    oe_error error;
    oe__csv_reader reader;
    oe__csv_field fields[FIELDS_MAX];
    char text[65536];
    oe__csv_columns columns;
} desk;

static desk *open_desk(void)
{
    desk *on = calloc(1, sizeof *on);
    if (on == NULL)
        exit(1);
    on->dictionary = oe_dictionary_new();
    on->ruleset = sample_rules(on->dictionary);
    if (!CHECK(on->ruleset != NULL))
        exit(1);
    on->profile = oe_profile_new(on->ruleset);
    return on;
}

static void close_desk(desk *on)
{
    oe__csv_columns_free(&on->columns);
    oe_profile_free(on->profile);
    oe_ruleset_free(on->ruleset);
    oe_dictionary_free(on->dictionary);
    free(on);
}

static oe_status begin(desk *on, const char *csv, size_t length)
{
    oe__csv_begin(&on->reader,
                  (oe__csv_room){on->text, sizeof on->text, on->fields, FIELDS_MAX});
    oe__csv_feed(&on->reader, csv, length, true);
    CHECK_INT(oe__csv_next(&on->reader, NULL), OE_CSV_RECORD);
    oe__csv_columns_free(&on->columns);
    return oe__csv_columns_read(&on->columns, on->ruleset, &on->reader, &on->error);
}

static const char *faults_of(const oe_read_report *report)
{
    static char lines[8192];
    size_t at = 0;
    lines[0] = '\0';
    for (size_t i = 0; i < report->fault_count; i++)
        at += (size_t)snprintf(lines + at, sizeof lines - at, "%s%s %s", i > 0 ? "\n" : "",
                               report->faults[i].location, report->faults[i].type);
    return lines;
}

static const char *json_of(const oe_profile *profile)
{
    static char text[8192];
    size_t length = oe_profile_write(profile, text, sizeof text - 1);
    text[length] = '\0';
    return text;
}

static oe_status next_profile(desk *on, oe__csv_mapping mapping)
{
    CHECK_INT(oe__csv_next(&on->reader, NULL), OE_CSV_RECORD);
    return oe__profile_read_csv(on->profile, &on->columns, &on->reader, mapping, &on->report);
}

static const oe__csv_mapping unmapped = {NULL, NULL};

/* ---- headers ---- */

static void it_checks_headers(void)
{
    static const struct {
        const char *header;
        oe_status status;
        const char *message;
        size_t undeclared;
    } cases[] = {
        {"customer_id,age,income,existing_products,avg_account_balance", OE_OK, "", 0},
        {"age,income,customer_id,existing_products,avg_account_balance,credit_score", OE_OK, "",
         0},
        {"customer_id,attr.age,income,existing_products,avg_account_balance,x,attr.y,attr.",
         OE_OK, "", 3},
        {"age,income,existing_products,avg_account_balance", OE_E_INVALID,
         "csv: row 1: there is no column 'customer_id'", 0},
        {"customer_id,age,existing_products,avg_account_balance", OE_E_INVALID,
         "csv: row 1: there is no column 'income'", 0},
        {"customer_id,Age,income,existing_products,avg_account_balance", OE_E_INVALID,
         "csv: row 1: there is no column 'age'", 0},
        {"customer_id,age,attr.age,income,existing_products,avg_account_balance", OE_E_CONFLICT,
         "csv: row 1: two columns mean 'age'", 0},
    };
    desk *on = open_desk();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        on->error.message[0] = '\0';
        CHECK_INT(begin(on, cases[i].header, strlen(cases[i].header)), cases[i].status);
        CHECK_TEXT(on->error.message, cases[i].message);
        if (cases[i].status == OE_OK)
            CHECK_INT(on->columns.undeclared_count, cases[i].undeclared);
    }
    close_desk(on);
}

/* ---- records ---- */

static void it_checks_cells(void)
{
    static const char header[] = "customer_id,age,attr.income,existing_products,credit_score,"
                                 "avg_account_balance,staff,region,other\n";
    static const struct {
        const char *row, *faults;
    } cases[] = {
        {"a,35,1,,,0,,,", ""},
        {"a,35.0,1e3,x|debit_card,300,-0.5,1,north,zzz", ""},
        {"a,35,1,,850,0,false,,", ""},
        {"\"a,\"\"b\",35,1,x,,0,0,\"two\nlines\",", ""},
        {",,,,,,,,", "\"customer_id\" missing\n\"age\" missing\n\"attr.income\" missing\n"
                     "\"avg_account_balance\" missing"},
        {"a\x01,35.5,-1,|x,299,1e999,yes,,",
         "\"customer_id\" string_pattern_mismatch\n\"age\" int_from_float\n"
         "\"attr.income\" greater_than_equal\n\"existing_products\",0 string_too_short\n"
         "\"credit_score\" greater_than_equal\n\"avg_account_balance\" finite_number\n"
         "\"staff\" bool_type"},
        {"a, 35,1 000,x|,n/a,null,TRUE,,",
         "\"age\" int_type\n\"attr.income\" float_type\n\"existing_products\",1 "
         "string_too_short\n\"credit_score\" int_type\n\"avg_account_balance\" float_type\n"
         "\"staff\" bool_type"},
        {"a,+35,0x10,x,Infinity,NaN,2,,",
         "\"age\" int_type\n\"attr.income\" float_type\n\"credit_score\" int_type\n"
         "\"avg_account_balance\" float_type\n\"staff\" bool_type"},
    };
    desk *on = open_desk();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char csv[512];
        int length = snprintf(csv, sizeof csv, "%s%s\n", header, cases[i].row);
        CHECK_INT(begin(on, csv, (size_t)length), OE_OK);
        oe_status status = next_profile(on, unmapped);
        CHECK_INT(status, cases[i].faults[0] == '\0' ? OE_OK : OE_E_INVALID);
        if (!CHECK_TEXT(faults_of(&on->report), cases[i].faults))
            printf("  at %s\n", cases[i].row);
        CHECK_INT(on->report.undeclared, 1);
    }
    close_desk(on);
}

static void it_gives_the_profile_that_json_gives(void)
{
    static const char csv[] =
        "customer_id,age,income,existing_products,avg_account_balance,attr.staff,region\n"
        "C001,35,95000.50,debit_card|x|savings_account,-1,1,\n";
    desk *on = open_desk();
    CHECK_INT(begin(on, csv, sizeof csv - 1), OE_OK);
    CHECK_INT(next_profile(on, unmapped), OE_OK);
    CHECK_TEXT(json_of(on->profile),
               "{\"customer_id\":\"C001\",\"age\":35,\"income\":95000.5,\"existing_products\":["
               "\"savings_account\",\"debit_card\",\"x\"],\"credit_score\":null,"
               "\"avg_account_balance\":-1,\"staff\":true}");
    CHECK_INT(on->report.unknown_products, 1);
    CHECK_INT(on->report.unknown_at[0], 1);
    close_desk(on);
}

/* "two" stands for two products, "none" for none. */
static void visit_mapped(const void *map, const char *id, size_t length,
                         oe_owned_visitor visitor, void *context)
{
    CHECK(map == NULL);
    if (length == 3 && memcmp(id, "two", 3) == 0) {
        visitor(context, "credit_card", 11);
        visitor(context, "debit_card", 10);
    } else if (length != 4 || memcmp(id, "none", 4) != 0) {
        visitor(context, id, length);
    }
}

static void it_maps_ids(void)
{
    static const char csv[] =
        "customer_id,age,income,existing_products,avg_account_balance,credit_score\n"
        "C001,35,95000,none|two|other,0,\nC002,35,95000,none,0,\n";
    const oe__csv_mapping mapping = {visit_mapped, NULL};
    desk *on = open_desk();
    CHECK_INT(begin(on, csv, sizeof csv - 1), OE_OK);
    CHECK_INT(next_profile(on, mapping), OE_OK);
    CHECK_TEXT(json_of(on->profile),
               "{\"customer_id\":\"C001\",\"age\":35,\"income\":95000,\"existing_products\":["
               "\"credit_card\",\"debit_card\",\"other\"],\"credit_score\":null,"
               "\"avg_account_balance\":0}");
    CHECK_INT(on->report.unknown_at[0], 2);
    CHECK_INT(next_profile(on, mapping), OE_OK);
    CHECK(strstr(json_of(on->profile), "\"existing_products\":[]") != NULL);
    close_desk(on);
}

static void it_limits_the_products_of_a_cell(void)
{
    static char csv[16384];
    desk *on = open_desk();
    for (size_t count = OE_PRODUCTS_OWNED_MAX; count <= OE_PRODUCTS_OWNED_MAX + 1; count++) {
        size_t at = (size_t)snprintf(csv, sizeof csv,
                                     "customer_id,age,income,avg_account_balance,"
                                     "existing_products\nC,1,1,1,");
        for (size_t i = 0; i < count; i++)
            at += (size_t)snprintf(csv + at, sizeof csv - at, "%su%zu", i ? "|" : "", i);
        CHECK_INT(begin(on, csv, at), OE_OK);
        next_profile(on, unmapped);
        CHECK_TEXT(faults_of(&on->report),
                   count > OE_PRODUCTS_OWNED_MAX ? "\"existing_products\" too_long" : "");
    }
    close_desk(on);
}

/* ---- back ---- */

/* An empty text has no spelling in a cell. */
static void drop_empty_texts(oe_profile *profile)
{
    for (size_t i = 0; i < SAMPLE_ATTRIBUTE_COUNT; i++) {
        size_t length = 0;
        if (oe_profile_text(profile, i, &length) != NULL && length == 0)
            oe_profile_set_unknown(profile, i);
    }
}

static void it_reads_what_it_writes(void)
{
    desk *on = open_desk();
    oe__buffer csv = {0}, first = {0}, again = {0};
    uint64_t state = 43;
    for (uint32_t i = 0; i < ROUND_TRIPS; i++) {
        sample_random(on->profile, &state, i);
        drop_empty_texts(on->profile);
        csv.length = first.length = again.length = 0;
        oe__profile_write_csv_header(&csv, on->ruleset);
        oe__profile_write_csv(&csv, on->profile);
        oe__profile_write(&first, on->profile);
        if (!CHECK_INT(begin(on, csv.data, csv.length), OE_OK) ||
            !CHECK_INT(next_profile(on, unmapped), OE_OK))
            break;
        oe__profile_write(&again, on->profile);
        if (!CHECK(first.length == again.length &&
                   memcmp(first.data, again.data, first.length) == 0))
            break;
    }
    oe__buffer_free(&csv);
    oe__buffer_free(&first);
    oe__buffer_free(&again);
    close_desk(on);
}

static void it_writes_records_in_schema_order(void)
{
    desk *on = open_desk();
    oe__buffer csv = {0};
    sample_customer(on->profile);
    oe_profile_set_text(on->profile, SAMPLE_REGION, "a,\"b\"", 5, NULL);
    oe_profile_set_number(on->profile, SAMPLE_STAFF, 0, NULL);
    oe_profile_set_unknown(on->profile, SAMPLE_CREDIT_SCORE);
    oe__profile_write_csv_header(&csv, on->ruleset);
    oe__profile_write_csv(&csv, on->profile);
    CHECK_BYTES(csv.data, csv.length,
                "customer_id,age,income,existing_products,credit_score,avg_account_balance,"
                "savings_rate,transactions_90d,region,risk_tolerance,staff\n"
                "C001,35,95000,savings_account|debit_card,,28000,,,\"a,\"\"b\"\"\",,false\n");
    oe__buffer_free(&csv);
    close_desk(on);
}

static void it_writes_decisions_as_rows(void)
{
    desk *on = open_desk();
    oe__buffer csv = {0};
    oe_decider *decider = oe_decider_new(on->ruleset);
    const oe_options options = {.at_ms = 0, .limit = 2, .category = -1};
    sample_customer(on->profile);
    oe_profile_set_id(on->profile, "C,1", 3, NULL);
    oe__answer_write_csv(&csv, oe_decide(decider, on->profile, &options));
    CHECK_BYTES(csv.data, csv.length,
                "\"C,1\",1,basic_investment,Basic Investment Plan,investment,92.4,92.4,"
                "Your income leaves room for a monthly plan\n"
                "\"C,1\",2,gold_loan,Gold Loan,loan,92.4,92.4,"
                "In favour: income (57.1 points) and average account balance (16.0 points)\n");
    oe_decider_free(decider);
    oe__buffer_free(&csv);
    close_desk(on);
}

int main(void)
{
    RUN("a header names the id, every required attribute, and none twice", it_checks_headers);
    RUN("cells are checked strictly and every fault of a row is listed", it_checks_cells);
    RUN("a record gives the profile that JSON gives", it_gives_the_profile_that_json_gives);
    RUN("a map may turn an id into several, another or none", it_maps_ids);
    RUN("a cell holds at most 1024 products", it_limits_the_products_of_a_cell);
    RUN("10,000 random profiles read back from their records", it_reads_what_it_writes);
    RUN("a record follows the schema's order", it_writes_records_in_schema_order);
    RUN("a decision is one row per offer", it_writes_decisions_as_rows);
    return check_report();
}
