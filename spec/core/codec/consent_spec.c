/* consent_spec.c: consents as clients send them, every fault of them, and the text that is
 * stored. */
#include "check.h"
#include "codec/consent.h"
#include "sample_rules.h"

#include <stdio.h>
#include <string.h>

/* Reads it and writes it again; "" where it was refused. */
static oe_status read_again(const char *json, const oe_ruleset *ruleset, size_t *faults,
                            char text[512])
{
    static oe__consent consent;
    oe_read_report report;
    oe_error error = {0};
    oe__buffer written = {0};
    consent.ruleset = ruleset;
    oe_status status = oe__consent_read(json, strlen(json), &consent, &report, &error);
    if (status == OE_OK)
        oe__consent_write(&written, &consent);
    snprintf(text, 512, "%.*s", (int)written.length, written.length > 0 ? written.data : "");
    *faults = status == OE_E_INVALID ? report.fault_count : 0;
    oe__buffer_free(&written);
    return status;
}

static void it_writes_what_it_read(void)
{
    static const struct {
        const char *json, *text; /* NULL: the same */
    } cases[] = {
        {"{\"opt_out\":[]}", NULL},
        {"{\"opt_out\":[{}]}", NULL},
        {"{\"opt_out\":[{\"channel\":\"email\"}]}", NULL},
        {"{\"opt_out\":[{\"category\":\"credit\"},{\"channel\":\"a\",\"category\":\"loan\"}]}",
         NULL},
        {" { \"opt_out\" : [ { \"category\" : \"loan\", \"chann\\u0065l\" : \"\\u0061\" } ] } ",
         "{\"opt_out\":[{\"channel\":\"a\",\"category\":\"loan\"}]}"},
        {"{\"opt_out\":[{\"channel\":\"\\\"\"}]}", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[512];
        size_t faults = 0;
        CHECK_INT(read_again(cases[i].json, NULL, &faults, text), OE_OK);
        CHECK_TEXT(text, cases[i].text != NULL ? cases[i].text : cases[i].json);
    }
}

static void it_names_every_fault(void)
{
    static const struct {
        const char *json;
        oe_status status;
        size_t faults;
    } cases[] = {
        {"{}", OE_E_INVALID, 1},
        {"[]", OE_E_INVALID, 1},
        {"3", OE_E_INVALID, 1},
        {"{\"opt_out\":{}}", OE_E_INVALID, 1},
        {"{\"opt_out\":null}", OE_E_INVALID, 1},
        {"{\"optout\":[{}]}", OE_E_INVALID, 2},
        {"{\"opt_out\":[{}],\"more\":{\"a\":[1]}}", OE_E_INVALID, 1},
        {"{\"opt_out\":[{\"chanel\":\"email\"}]}", OE_E_INVALID, 1},
        {"{\"opt_out\":[{\"channel\":\"\"},{\"channel\":3},{\"category\":null},4,[{}]]}",
         OE_E_INVALID, 5},
        {"{\"opt_out\":[{\"channel\":\"a\\nb\",\"category\":[\"credit\"]}]}", OE_E_INVALID, 2},
        {"{\"opt_out\":[{]}", OE_E_SYNTAX, 0},
        {"{\"opt_out\":[{\"channel\":\"a\",\"channel\":\"b\"}]}", OE_E_SYNTAX, 0},
        {"{\"opt_out\":[]", OE_E_SYNTAX, 0},
        {"", OE_E_SYNTAX, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[512];
        size_t faults = 0;
        if (!CHECK_INT(read_again(cases[i].json, NULL, &faults, text), cases[i].status) ||
            !CHECK_INT(faults, cases[i].faults))
            printf("    %s\n", cases[i].json);
    }
}

static void it_takes_the_categories_of_the_rules_alone(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_ruleset *ruleset = sample_rules(dictionary);
    char text[512];
    size_t faults = 0;
    CHECK_INT(read_again("{\"opt_out\":[{\"category\":\"credit\"}]}", ruleset, &faults, text),
              OE_OK);
    CHECK_INT(read_again("{\"opt_out\":[{\"category\":\"credi\"},{\"category\":\"x\"}]}",
                         ruleset, &faults, text),
              OE_E_INVALID);
    CHECK_INT(faults, 2);
    oe_ruleset_free(ruleset);
    oe_dictionary_free(dictionary);
}

/* `{"opt_out":[{},{},...]}` or with a channel of `length` bytes. */
static void make(char *out, size_t entries, size_t length)
{
    out += sprintf(out, "{\"opt_out\":[");
    for (size_t i = 0; i < entries; i++)
        out += sprintf(out, i > 0 ? ",{}" : "{}");
    if (length > 0)
        out += sprintf(out, "%s{\"channel\":\"%0*d\"}", entries > 0 ? "," : "", (int)length, 7);
    sprintf(out, "]}");
}

static void it_takes_64_entries_and_128_bytes(void)
{
    static const struct {
        size_t entries, length;
        oe_status status;
    } cases[] = {
        {64, 0, OE_OK}, {65, 0, OE_E_INVALID}, {0, 128, OE_OK}, {0, 129, OE_E_INVALID}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char json[1024], text[512];
        size_t faults = 0;
        make(json, cases[i].entries, cases[i].length);
        CHECK_INT(read_again(json, NULL, &faults, text), cases[i].status);
        CHECK_INT(faults, cases[i].status == OE_OK ? 0 : 1);
    }
}

int main(void)
{
    RUN("writes what it read", it_writes_what_it_read);
    RUN("names every fault", it_names_every_fault);
    RUN("takes the categories of the rules alone", it_takes_the_categories_of_the_rules_alone);
    RUN("takes 64 entries and texts of 128 bytes", it_takes_64_entries_and_128_bytes);
    return check_report();
}
