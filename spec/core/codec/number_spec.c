/* number_spec.c: numbers to text and back. References: the C library's exact decimal expansion,
 * rounded here by string arithmetic, and the C library's own reading in the C locale. */
#include "check.h"
#include "codec/number.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { RANDOM_DOUBLES = 60000 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { RANDOM_DOUBLES = 60000 };
#else
enum { RANDOM_DOUBLES = 1000000 };
#endif
#else
enum { RANDOM_DOUBLES = 1000000 };
#endif

static uint64_t next_random(uint64_t *state)
{
    uint64_t word = (*state += UINT64_C(0x9E3779B97F4A7C15));
    word = (word ^ word >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    word = (word ^ word >> 27) * UINT64_C(0x94D049BB133111EB);
    return word ^ word >> 31;
}

static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

/* ---- Tenths ---- */

static void it_writes_tenths(void)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0.0"},
        {-0.0, "0.0"},
        {0.04, "0.0"},
        {-0.04, "0.0"},
        {0x1.9999999999999p-5, "0.0"}, /* the double below 0.05 */
        {0.05, "0.1"},                 /* stored above the tie */
        {-0.05, "-0.1"},
        {0.15, "0.1"}, /* stored below the tie */
        {0.25, "0.3"}, /* a true tie */
        {-0.25, "-0.3"},
        {0x1.fffffffffffffp-3, "0.2"}, /* the double below 0.25 */
        {0.35, "0.3"},
        {0.45, "0.5"},
        {0.75, "0.8"},
        {0x1.7ffffffffffffp-1, "0.7"},
        {0.85, "0.8"},
        {0.95, "0.9"},
        {0.96, "1.0"},
        {9.95, "9.9"},
        {9.96, "10.0"},
        {91.15, "91.2"},
        {91.25, "91.3"},
        {91.249999999999986, "91.2"},
        {99.949999999999989, "99.9"},
        {99.95, "100.0"},
        {100, "100.0"},
        {-12.25, "-12.3"},
        {95000, "95000.0"},
        {1e15, "1000000000000000.0"},
        {1e15 + 0.25, "1000000000000000.3"},
        {1e15 - 0.25, "999999999999999.8"},
        {0x1p53, "9007199254740992.0"},
        {1e17, "100000000000000000.0"},
        {0x1.bc16d674ec7ffp+59, "999999999999999872.0"},
        {1e18, "1000000000000000000.0"},
        {-1e22, "-10000000000000000000000.0"},
        {-0x1.027e72f1f1281p+93, "-1e+28"},
        {9.9e27, "9900000000000000488888074240.0"},
        {1e28, "1e+28"},
        {1.5e300, "1.5e+300"},
        {5e-324, "0.0"},
        {-5e-324, "0.0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[OE_NUMBER_TEXT_MAX];
        size_t length = oe__number_write_tenths(cases[i].value, text);
        CHECK_TEXT(text, cases[i].text);
        CHECK_INT(length, strlen(text));
    }
}

/* Rounds the exact expansion of |value| < 1e18 by string arithmetic. */
static void reference_tenths(double value, char out[64])
{
    static char exact[1500];
    snprintf(exact, sizeof exact, "0%.1100f", fabs(value));
    char *point = strchr(exact, '.');
    bool up = point[2] >= '5';
    point[2] = '\0';
    for (char *digit = point + 1; up; digit--) {
        if (*digit == '.')
            continue;
        up = *digit == '9';
        *digit = (char)(up ? '0' : *digit + 1);
    }
    const char *first = exact[0] == '0' && exact[1] != '.' ? exact + 1 : exact;
    snprintf(out, 64, "%s%.60s", value < 0 && strcmp(first, "0.0") != 0 ? "-" : "", first);
}

static void compare_tenths(double value)
{
    char text[OE_NUMBER_TEXT_MAX], expected[64];
    oe__number_write_tenths(value, text);
    reference_tenths(value, expected);
    if (strcmp(text, expected) != 0)
        CHECK_TEXT(text, expected);
}

static void it_writes_tenths_like_exact_arithmetic(void)
{
    uint64_t seed = 11;
    for (int i = 0; i < RANDOM_DOUBLES / 50; i++) {
        uint64_t bits = next_random(&seed);
        double score = (double)(bits >> 11) * 0x1p-53 * 100;
        compare_tenths(score);
        double tie = (double)(bits % 100000) + (bits & 1 ? 0.25 : 0.75);
        compare_tenths(tie);
        compare_tenths(nextafter(tie, 0));
        compare_tenths(-nextafter(tie, 1e9));
        compare_tenths((double)(bits % 200000) / 20); /* n.05, n.10, n.15 … */
        uint64_t exponent = 1023 - 70 + bits % 129;   /* 2^-70 up to below 2^59 */
        compare_tenths(from_bits((bits & ~(UINT64_C(0x7FF) << 52)) | exponent << 52));
    }
    CHECK(true);
}

/* ---- Shortest ---- */

static void it_writes_the_shortest_text(void)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-0.0, "-0"},
        {1, "1"},
        {-17, "-17"},
        {95000, "95000"},
        {28000.5, "28000.5"},
        {28000.05, "28000.05"},
        {1234567.89, "1234567.89"},
        {-1234567.89, "-1234567.89"},
        {0.1, "0.1"},
        {0.01, "0.01"},
        {0.07, "0.07"},
        {0.29, "0.29"},
        {0.125, "0.125"},
        {0.333333, "0.333333"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {2.0 / 3, "0.6666666666666666"},
        {100.0 / 3, "33.333333333333336"},
        {0.000001, "0.000001"},
        {0.0000015, "0.0000015"},
        {0.00000099, "9.9e-7"},
        {1.5e-7, "1.5e-7"},
        {9007199254740991.0, "9007199254740991"},
        {9007199254740992.0, "9007199254740992"},
        {9007199254740994.0, "9007199254740994"},
        {9999999999999.99, "9999999999999.99"},
        {99999999999999.98, "99999999999999.98"},
        {123456789012345.67, "123456789012345.67"},
        {1e20, "100000000000000000000"},
        {123456789e12, "123456789000000000000"},
        {1e21, "1e+21"},
        {-1.25e25, "-1.25e+25"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {2.2250738585072014e-308, "2.2250738585072014e-308"},
        {5e-324, "5e-324"},
        {1.5e-323, "1.5e-323"},
        {-1e-320, "-1e-320"},
        {9.5e-7, "9.5e-7"},
        {HUGE_VAL, "null"},
        {-HUGE_VAL, "null"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[OE_NUMBER_TEXT_MAX];
        size_t length = oe__number_write(cases[i].value, text);
        CHECK_TEXT(text, cases[i].text);
        CHECK_INT(length, strlen(text));
    }
    char text[OE_NUMBER_TEXT_MAX];
    CHECK_INT(oe__number_write((double)NAN, text), 4);
    CHECK_TEXT(text, "null");
    CHECK_INT(oe__number_write_tenths((double)NAN, text), 4);
    CHECK_TEXT(text, "null");
}

static void round_trip(double value)
{
    char text[OE_NUMBER_TEXT_MAX];
    size_t length = oe__number_write(value, text);
    double back = 12345;
    oe_status status = oe__number_read(text, length, &back);
    if (status != OE_OK || !same_bits(back, value))
        CHECK_TEXT(text, "a text that reads back as the same double");
}

static void it_reads_back_what_it_wrote(void)
{
    uint64_t seed = 5;
    for (int i = 0; i < RANDOM_DOUBLES; i++) {
        uint64_t bits = next_random(&seed);
        switch (i & 3) {
        case 0:
            round_trip((double)(int64_t)(bits >> 20) / 100);
            break;
        case 1:
            round_trip((double)(bits >> 11) * 0x1p-53 * 100);
            break;
        case 2:
            round_trip((double)(int64_t)bits / (double)(1 + (bits & 1023)));
            break;
        default:
            if ((bits >> 52 & 0x7FF) != 0x7FF)
                round_trip(from_bits(bits));
        }
    }
    for (int exponent = -1074; exponent <= 1023; exponent++)
        round_trip(ldexp(1, exponent));
    CHECK(true);
}

static void it_never_writes_more_digits_than_needed(void)
{
    uint64_t seed = 77;
    for (int i = 0; i < RANDOM_DOUBLES / 50; i++) {
        uint64_t bits = next_random(&seed);
        double value = from_bits(bits);
        if (!isfinite(value))
            continue;
        char text[OE_NUMBER_TEXT_MAX], shorter[64];
        size_t length = oe__number_write(value, text), digits = 0;
        if (strpbrk(text, ".e") == NULL)
            continue; /* zeros at its end may be no digits */
        for (size_t at = 0; at < length && text[at] != 'e'; at++)
            digits += text[at] >= '0' && text[at] <= '9';
        if (digits < 2 || text[0] == '0' || text[1] == '0' || digits > 17)
            continue;
        snprintf(shorter, sizeof shorter, "%.*e", (int)digits - 2, value);
        if (strtod(shorter, NULL) == value)
            CHECK_TEXT(text, shorter);
    }
    CHECK(true);
}

/* ---- Reading ---- */

static void it_reads_numbers(void)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"0", 0},
        {"-0", -0.0},
        {"0.0", 0},
        {"-0.0e5", -0.0},
        {"0e999999999999999999999", 0},
        {"10", 10},
        {"-1", -1},
        {"1.5", 1.5},
        {"1E5", 1e5},
        {"1e+5", 1e5},
        {"1e-5", 1e-5},
        {"1e00005", 1e5},
        {"95000", 95000},
        {"28000.50", 28000.5},
        {"9007199254740993", 9007199254740992.0}, /* ties to even */
        {"9007199254740993.0000000000000000000000001", 9007199254740994.0},
        {"9007199254740995", 9007199254740996.0},
        {"123456789012345678901234567890", 123456789012345678901234567890.0},
        {"0.1", 0.1},
        {"1e22", 1e22},
        {"1e23", 1e23},
        {"123456789012345e22", 123456789012345e22},
        {"1e308", 1e308},
        {"1.7976931348623157e308", 1.7976931348623157e308},
        {"1.7976931348623158e308", 1.7976931348623157e308},
        {"0.00000000000000000000000000000000000001e346", 1e308},
        {"17976931348623157000e289", 1.7976931348623157e308},
        {"5e-324", 5e-324},
        {"2.4703282292062328e-324", 5e-324},
        {"2.4703282292062327e-324", 0},
        {"1e-400", 0},
        {"-1e-999999999999999999999999", -0.0},
        {"2.2250738585072011e-308", 2.2250738585072011e-308},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = 777;
        if (!CHECK_INT(oe__number_read(cases[i].text, strlen(cases[i].text), &value), OE_OK) ||
            !CHECK(same_bits(value, cases[i].value)))
            printf("    %s gave %.17g\n", cases[i].text, value);
    }
}

static void it_refuses_what_is_no_number(void)
{
    static const struct {
        const char *text;
        size_t used; /* where a scan stops or fails */
        oe_status scanned;
    } cases[] = {
        {"", 0, OE_E_SYNTAX},
        {"-", 1, OE_E_SYNTAX},
        {"+1", 0, OE_E_SYNTAX},
        {".5", 0, OE_E_SYNTAX},
        {"-.5", 1, OE_E_SYNTAX},
        {"1.", 2, OE_E_SYNTAX},
        {"1.e5", 2, OE_E_SYNTAX},
        {"1e", 2, OE_E_SYNTAX},
        {"1e+", 3, OE_E_SYNTAX},
        {"1e-x", 3, OE_E_SYNTAX},
        {"1.5E", 4, OE_E_SYNTAX},
        {"--1", 1, OE_E_SYNTAX},
        {"NaN", 0, OE_E_SYNTAX},
        {"Infinity", 0, OE_E_SYNTAX},
        {"-Infinity", 1, OE_E_SYNTAX},
        {"01", 1, OE_OK},
        {"-01", 2, OE_OK},
        {"00", 1, OE_OK},
        {"1,5", 1, OE_OK},
        {"1 ", 1, OE_OK},
        {" 1", 0, OE_E_SYNTAX},
        {"0x10", 1, OE_OK},
        {"1e5.5", 3, OE_OK},
        {"1_000", 1, OE_OK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = 777;
        size_t used = 99, length = strlen(cases[i].text);
        bool ok =
            CHECK_INT(oe__number_scan(cases[i].text, length, &used, &value), cases[i].scanned);
        ok &= CHECK_INT(used, cases[i].used);
        value = 777;
        ok &= CHECK_INT(oe__number_read(cases[i].text, length, &value), OE_E_SYNTAX);
        ok &= CHECK(value == 777);
        if (!ok)
            printf("    %s\n", cases[i].text);
    }
}

static void it_refuses_what_no_double_can_hold(void)
{
    static const char *const cases[] = {"1e309",
                                        "-1e309",
                                        "1.7976931348623159e308",
                                        "1e999",
                                        "1e99999999999999999999999999",
                                        "179769313486231590000e289",
                                        "0.001e312"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value = 777;
        errno = 0;
        CHECK_INT(oe__number_read(cases[i], strlen(cases[i]), &value), OE_E_INVALID);
        CHECK(value == 777);
        CHECK_INT(errno, 0);
    }
}

/* 1 + 2^-53 is the tie between 1 and its successor; what stands behind it decides, however far
 * behind. */
static void it_rounds_by_digits_far_behind(void)
{
    char text[4096];
    const char *tie = "1.00000000000000011102230246251565404236316680908203125";
    for (size_t zeros = 0; zeros < 3000; zeros += 97) {
        size_t length = strlen(tie);
        memcpy(text, tie, length);
        memset(text + length, '0', zeros);
        double value = 0;
        CHECK_INT(oe__number_read(text, length + zeros, &value), OE_OK);
        CHECK(value == 1);
        text[length + zeros] = '1';
        CHECK_INT(oe__number_read(text, length + zeros + 1, &value), OE_OK);
        CHECK(value == 1 + 0x1p-52);
    }
}

static void it_reads_long_runs_of_zeros(void)
{
    static char text[3000];
    memset(text, '0', sizeof text);
    text[1] = '.';
    memcpy(text + 2000, "25e1999", 7);
    double value = 0;
    CHECK_INT(oe__number_read(text, 2007, &value), OE_OK);
    CHECK(value == 2.5);
    memset(text, '0', sizeof text);
    text[0] = '4';
    memcpy(text + 2001, "e-1999", 6);
    CHECK_INT(oe__number_read(text, 2007, &value), OE_OK);
    CHECK(value == 40);
}

static void it_reads_like_the_c_library(void)
{
    uint64_t seed = 3;
    for (int i = 0; i < RANDOM_DOUBLES / 10; i++) {
        uint64_t bits = next_random(&seed);
        char text[64];
        int length = snprintf(text, sizeof text, "%llu.%0*llue%d",
                              (unsigned long long)(bits >> (bits & 63)), 1 + (int)(bits % 19),
                              (unsigned long long)(next_random(&seed) >> (bits >> 6 & 63)),
                              (int)(bits >> 12 & 511) - 256);
        double value = 0, expected = strtod(text, NULL);
        oe_status status = oe__number_read(text, (size_t)length, &value);
        if (status != OE_OK || !same_bits(value, expected))
            CHECK_TEXT(text, "the same double as strtod");
    }
    CHECK(true);
}

/* Where no locale with a decimal comma is installed this repeats itself in the C locale. */
static void it_does_not_depend_on_the_locale(void)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (setlocale(LC_ALL, names[i]) != NULL)
            break;
    char text[OE_NUMBER_TEXT_MAX];
    oe__number_write(100.0 / 3, text);
    CHECK_TEXT(text, "33.333333333333336");
    oe__number_write_tenths(2e27, text);
    CHECK_TEXT(text, "2000000000000000026575110144.0");
    double value = 0;
    CHECK_INT(oe__number_read("33.333333333333336", 18, &value), OE_OK);
    CHECK(value == 100.0 / 3);
    setlocale(LC_ALL, "C");
}

int main(void)
{
    RUN("tenths are rounded from the exact value, ties away from zero", it_writes_tenths);
    RUN("tenths agree with exact decimal arithmetic on random values",
        it_writes_tenths_like_exact_arithmetic);
    RUN("a number is written as short as it can be", it_writes_the_shortest_text);
    RUN("every number reads back as the same double", it_reads_back_what_it_wrote);
    RUN("no number has a digit too many", it_never_writes_more_digits_than_needed);
    RUN("numbers are read correctly rounded", it_reads_numbers);
    RUN("what is not exactly a JSON number is refused", it_refuses_what_is_no_number);
    RUN("a number beyond every double is invalid and errno stays",
        it_refuses_what_no_double_can_hold);
    RUN("digits far behind decide a tie", it_rounds_by_digits_far_behind);
    RUN("long runs of zeros are weighed with the exponent", it_reads_long_runs_of_zeros);
    RUN("reading agrees with the C library on random texts", it_reads_like_the_c_library);
    RUN("the process locale changes nothing", it_does_not_depend_on_the_locale);
    return check_report();
}
