/* profile_patch_spec.c: JSON merge patches on profiles. */
#include "check.h"
#include "codec/profile.h"
#include "engine/profile.h"
#include "sample_rules.h"

#include <stdlib.h>

static const char before[] =
    "{\"customer_id\":\"C001\",\"age\":35,\"income\":95000,\"existing_products\":[\"debit_"
    "card\",\"old\"],\"credit_score\":735,\"avg_account_balance\":28000,\"savings_rate\":0.5,"
    "\"region\":\"north\",\"risk_tolerance\":\"low\"}";

typedef struct patch_case {
    const char *patch;
    const char *after;  /* NULL: refused */
    const char *faults; /* "location type" lines */
} patch_case;

static const char *faults_of(const oe_read_report *report)
{
    static char lines[4096];
    size_t at = 0;
    lines[0] = '\0';
    for (size_t i = 0; i < report->fault_count; i++)
        at += (size_t)snprintf(lines + at, sizeof lines - at, "%s%s %s", i > 0 ? "\n" : "",
                               report->faults[i].location, report->faults[i].type);
    return lines;
}

static void check_patch(oe_profile *profile, const patch_case *tried)
{
    static oe_read_report report;
    static char text[4096];
    oe_status status =
        oe__profile_patch(profile, tried->patch, strlen(tried->patch), &report, NULL);
    CHECK_INT(status, tried->after != NULL ? OE_OK : OE_E_INVALID);
    if (!CHECK_TEXT(faults_of(&report), tried->faults))
        printf("  at %s\n", tried->patch);
    size_t length = oe_profile_write(profile, text, sizeof text - 1);
    text[length] = '\0';
    if (tried->after != NULL)
        CHECK_TEXT(text, tried->after);
}

static void check_patches(const patch_case *cases, size_t count)
{
    static oe_read_report report;
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_ruleset *ruleset = sample_rules(dictionary);
    oe_profile *profile = oe_profile_new(ruleset);
    for (size_t i = 0; i < count; i++) {
        CHECK_INT(oe_profile_read(profile, before, sizeof before - 1, &report, NULL), OE_OK);
        check_patch(profile, &cases[i]);
    }
    oe_profile_free(profile);
    oe_ruleset_free(ruleset);
    oe_dictionary_free(dictionary);
}

#define CHECK_PATCHES(cases) check_patches((cases), sizeof(cases) / sizeof *(cases))

static void it_replaces_what_is_there(void)
{
    static const patch_case cases[] = {
        {"{}", before, ""},
        {"{\"customer_id\":\"C001\"}", before, ""},
        {"{\"unheard\":null}", before, ""},
        {"{\"age\":36,\"region\":\"south\",\"staff\":true}",
         "{\"customer_id\":\"C001\",\"age\":36,\"income\":95000,\"existing_products\":[\"debit_"
         "card\",\"old\"],\"credit_score\":735,\"avg_account_balance\":28000,\"savings_rate\":"
         "0.5,\"region\":\"south\",\"risk_tolerance\":\"low\",\"staff\":true}",
         ""},
        {"{\"existing_products\":[\"new\",\"credit_card\"]}",
         "{\"customer_id\":\"C001\",\"age\":35,\"income\":95000,\"existing_products\":[\"credit"
         "_card\",\"new\"],\"credit_score\":735,\"avg_account_balance\":28000,\"savings_rate\":"
         "0.5,\"region\":\"north\",\"risk_tolerance\":\"low\"}",
         ""},
        {"{\"existing_products\":[]}",
         "{\"customer_id\":\"C001\",\"age\":35,\"income\":95000,\"existing_products\":[],"
         "\"credit_score\":735,\"avg_account_balance\":28000,\"savings_rate\":0.5,\"region\":"
         "\"north\",\"risk_tolerance\":\"low\"}",
         ""},
    };
    CHECK_PATCHES(cases);
}

static void it_takes_off_the_file(void)
{
    static const patch_case cases[] = {
        {"{\"region\":null,\"savings_rate\":null,\"credit_score\":null,\"staff\":null}",
         "{\"customer_id\":\"C001\",\"age\":35,\"income\":95000,\"existing_products\":[\"debit_"
         "card\",\"old\"],\"credit_score\":null,\"avg_account_balance\":28000,"
         "\"risk_tolerance\":\"low\"}",
         ""},
        {"{\"age\":null,\"existing_products\":null}", NULL,
         "\"age\" int_type\n\"existing_products\" list_type"},
    };
    CHECK_PATCHES(cases);
}

static void it_refuses_what_reading_refuses(void)
{
    static const patch_case cases[] = {
        {"{\"age\":-1,\"income\":\"x\",\"existing_products\":[\"\"]}", NULL,
         "\"age\" greater_than_equal\n\"income\" float_type\n"
         "\"existing_products\",0 string_too_short"},
        {"{\"customer_id\":\"C002\"}", NULL, "\"customer_id\" value_error"},
        {"{\"customer_id\":\"C00\"}", NULL, "\"customer_id\" value_error"},
        {"{\"customer_id\":\"\"}", NULL, "\"customer_id\" value_error"},
        {"{\"customer_id\":null}", NULL, "\"customer_id\" string_type"},
        {"[]", NULL, " dict_type"},
    };
    CHECK_PATCHES(cases);
}

static void it_asks_for_what_was_never_on_file(void)
{
    static oe_read_report report;
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_ruleset *ruleset = sample_rules(dictionary);
    oe_profile *profile = oe_profile_new(ruleset);
    CHECK_INT(oe__profile_patch(profile, "{}", 2, &report, NULL), OE_E_ARGUMENT);
    sample_customer(profile);
    oe_profile_set_unknown(profile, SAMPLE_INCOME);
    CHECK_INT(oe__profile_patch(profile, "{}", 2, &report, NULL), OE_E_INVALID);
    CHECK_TEXT(faults_of(&report), "\"income\" missing");
    CHECK_INT(oe__profile_patch(profile, "{\"income\":1}", 12, &report, NULL), OE_OK);
    oe_profile_free(profile);
    oe_ruleset_free(ruleset);
    oe_dictionary_free(dictionary);
}

int main(void)
{
    RUN("members replace and the rest stays", it_replaces_what_is_there);
    RUN("null takes off the file what may be missing", it_takes_off_the_file);
    RUN("values meet the checks of reading, and the id cannot change",
        it_refuses_what_reading_refuses);
    RUN("a required value that is still not there is missing",
        it_asks_for_what_was_never_on_file);
    return check_report();
}
