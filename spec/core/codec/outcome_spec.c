/* outcome_spec.c: outcomes as clients send them, times with their zones, and one product more
 * in a stored customer. */
#include "check.h"
#include "codec/outcome.h"

#include <string.h>

#define ID "019c1c3f5a7e7000800000000a1b2c3d"

static void it_reads_times_with_their_zones(void)
{
    static const struct {
        const char *text;
        int64_t at_ms; /* -1: none */
    } cases[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2000-02-29T12:30:45Z", 951827445000},
        {"2026-12-03T10:15:30.250Z", 1796292930250},
        {"2026-12-03T10:15:30.2Z", 1796292930200},
        {"2026-12-03T10:15:30.123456789Z", 1796292930123},
        {"2026-12-03T15:45:30+05:30", 1796292930000},
        {"2026-12-03T02:15:30-08:00", 1796292930000},
        {"2100-03-01T00:00:00Z", 4107542400000},
        {"2001-02-29T00:00:00Z", -1},
        {"2100-02-29T00:00:00Z", -1},
        {"1969-12-31T23:59:59Z", -1},
        {"2026-13-01T00:00:00Z", -1},
        {"2026-00-01T00:00:00Z", -1},
        {"2026-04-31T00:00:00Z", -1},
        {"2026-12-03T24:00:00Z", -1},
        {"2026-12-03T10:60:00Z", -1},
        {"2026-12-03T10:15:60Z", -1},
        {"2026-12-03T10:15:30", -1},
        {"2026-12-03T10:15:30.Z", -1},
        {"2026-12-03T10:15:30.1234567890Z", -1},
        {"2026-12-03T10:15:30+24:00", -1},
        {"2026-12-03T10:15:30Z ", -1},
        {"2026-12-03", -1},
        {"", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t at_ms = -1;
        bool is_time = oe__time_read(cases[i].text, strlen(cases[i].text), &at_ms);
        if (!CHECK(is_time == (cases[i].at_ms >= 0)) ||
            (is_time && !CHECK_INT(at_ms, cases[i].at_ms)))
            printf("    %s\n", cases[i].text);
    }
}

static void it_reads_an_outcome_or_names_its_faults(void)
{
    static const struct {
        const char *json;
        oe_status status;
        size_t faults;
    } cases[] = {
        {"{\"decision_id\":\"" ID "\",\"product_id\":\"p\",\"outcome\":\"shown\"}", OE_OK, 0},
        {"{\"decision_id\":\"" ID
         "\",\"product_id\":\"p\",\"outcome\":\"converted\",\"at\":null,"
         "\"channel\":null,\"value\":null,\"more\":{\"a\":[1]}}",
         OE_OK, 0},
        {"{\"decision_id\":\"" ID "\",\"product_id\":\"p\",\"outcome\":\"clicked\",\"at\":1,"
         "\"channel\":\"c\",\"value\":-0.5}",
         OE_OK, 0},
        {"{}", OE_E_INVALID, 3},
        {"[]", OE_E_INVALID, 1},
        {"{\"decision_id\":\"x\",\"product_id\":\"\",\"outcome\":\"Shown\",\"at\":0,"
         "\"channel\":[],\"value\":\"1\"}",
         OE_E_INVALID, 6},
        {"{\"decision_id\":\"" ID "\",\"product_id\":\"p\",\"outcome\":\"shown\",\"at\":1.5}",
         OE_E_INVALID, 1},
        {"{\"decision_id\":\"" ID "\",", OE_E_SYNTAX, 0},
        {"", OE_E_SYNTAX, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        static oe_read_report report;
        oe__outcome outcome;
        oe_error error = {0};
        oe_status status =
            oe__outcome_read(cases[i].json, strlen(cases[i].json), &outcome, &report, &error);
        if (!CHECK_INT(status, cases[i].status) ||
            (status == OE_E_INVALID && !CHECK_INT(report.fault_count, cases[i].faults)))
            printf("    case %zu\n", i);
    }
}

static void it_adds_a_product_to_the_set_of_a_body(void)
{
    static const struct {
        const char *body, *after; /* NULL: as it was */
        oe_status status;
    } cases[] = {
        {"{\"a\":{\"set\":[\"q\"]},\"set\":[]}", "{\"a\":{\"set\":[\"q\"]},\"set\":[\"p\"]}",
         OE_OK},
        {"{\"set\":[\"q\"]}", "{\"set\":[\"q\",\"p\"]}", OE_OK},
        {"{\"set\":[\"\\u0070\"]}", NULL, OE_OK},
        {"{\"set\":null}", NULL, OE_E_CORRUPT},
        {"{\"set\":[1]}", NULL, OE_E_CORRUPT},
        {"{\"other\":[]}", NULL, OE_OK},
        {"{\"set\":", NULL, OE_E_CORRUPT},
        {"7", NULL, OE_E_CORRUPT},
    };
    const oe__owning owning = {"set", "p", 3, 1};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        oe__buffer out = {0};
        bool is_changed = false;
        oe_status status =
            oe__outcome_own(&out, cases[i].body, strlen(cases[i].body), &owning, &is_changed);
        if (!CHECK_INT(status, cases[i].status) ||
            !CHECK(is_changed == (cases[i].after != NULL)))
            printf("    case %zu\n", i);
        if (cases[i].after != NULL)
            CHECK(out.length == strlen(cases[i].after) &&
                  memcmp(out.data, cases[i].after, out.length) == 0);
        oe__buffer_free(&out);
    }
}

int main(void)
{
    RUN("reads times with their zones", it_reads_times_with_their_zones);
    RUN("reads an outcome or names its faults", it_reads_an_outcome_or_names_its_faults);
    RUN("adds a product to the set of a body", it_adds_a_product_to_the_set_of_a_body);
    return check_report();
}
