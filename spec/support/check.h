/* check.h: the harness of the C specs. A spec is one program: static functions that CHECK, a
 * main that RUNs them by a title and returns check_report(). Included by one file per program;
 * it must not know what is tested. A failed check prints where and what, and the run goes on.
 */
#ifndef OE_SPEC_CHECK_H
#define OE_SPEC_CHECK_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#if defined(__GNUC__)
#define CHECK__MAYBE_UNUSED __attribute__((unused))
#else
#define CHECK__MAYBE_UNUSED
#endif

enum { CHECK_PRINTED_MAX = 20 }; /* failures printed per title; all are counted */

typedef struct check__place {
    const char *file;
    int line;
    const char *text; /* the checked expression as written */
} check__place;

/* The tally of this program. passed and failed count titles, checks counts single checks. */
static struct {
    int passed;
    int failed;
    long checks;
    int failures_here; /* failed checks of the running title */
} check__tally;

#define CHECK__HERE(text) ((check__place){__FILE__, __LINE__, text})

/* Whether `condition` holds. Every CHECK yields its result, so that a spec can stop where going
 * on is senseless: if (!CHECK(x != NULL)) return; */
#define CHECK(condition) check__that((condition), CHECK__HERE(#condition))
/* Integers of any signed type; also fits bool, enums and unsigned values below 2^63. */
#define CHECK_INT(actual, expected)                                                            \
    check__int((intmax_t)(actual), (intmax_t)(expected), CHECK__HERE(#actual))
/* Terminated strings, either may be NULL. */
#define CHECK_TEXT(actual, expected) check__text((actual), (expected), CHECK__HERE(#actual))
/* `length` bytes at `bytes` against a string literal (its terminator does not count). */
#define CHECK_BYTES(bytes, length, literal)                                                    \
    check__bytes((bytes), (length), "" literal, sizeof(literal) - 1, CHECK__HERE(#bytes))
/* |actual - expected| <= tolerance; never true for a NaN. */
#define CHECK_NEAR(actual, expected, tolerance)                                                \
    check__near((actual), (expected), (tolerance), CHECK__HERE(#actual))
/* Runs one titled function. */
#define RUN(title, function) check__run((title), (function))

/* Counts one check; true when its failure is to be printed. */
CHECK__MAYBE_UNUSED static bool check__is_shown(bool ok, check__place place)
{
    check__tally.checks++;
    if (ok || ++check__tally.failures_here > CHECK_PRINTED_MAX)
        return false;
    printf("  %s:%d: %s\n", place.file, place.line, place.text);
    return true;
}

CHECK__MAYBE_UNUSED static bool check__that(bool ok, check__place place)
{
    if (check__is_shown(ok, place))
        printf("    is not true\n");
    return ok;
}

CHECK__MAYBE_UNUSED static bool check__int(intmax_t actual, intmax_t expected,
                                           check__place place)
{
    bool ok = actual == expected;
    if (check__is_shown(ok, place))
        printf("    is %jd, expected %jd\n", actual, expected);
    return ok;
}

CHECK__MAYBE_UNUSED static bool check__text(const char *actual, const char *expected,
                                            check__place place)
{
    bool ok = actual == expected ||
              (actual != NULL && expected != NULL && strcmp(actual, expected) == 0);
    if (check__is_shown(ok, place))
        printf("    is       %s\n    expected %s\n", actual != NULL ? actual : "(null)",
               expected != NULL ? expected : "(null)");
    return ok;
}

/* Prints bytes readably; what is not printable ASCII as \xHH. */
CHECK__MAYBE_UNUSED static void check__show_bytes(const char *label, const char *bytes,
                                                  size_t length)
{
    printf("    %s", label);
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte >= 0x20 && byte < 0x7f)
            putchar(byte);
        else
            printf("\\x%02x", (unsigned)byte);
    }
    printf(" (%zu bytes)\n", length);
}

CHECK__MAYBE_UNUSED static bool check__bytes(const void *actual, size_t length,
                                             const char *expected, size_t expected_length,
                                             check__place place)
{
    bool ok = length == expected_length &&
              (length == 0 || (actual != NULL && memcmp(actual, expected, length) == 0));
    if (check__is_shown(ok, place)) {
        check__show_bytes("is       ", actual, actual != NULL ? length : 0);
        check__show_bytes("expected ", expected, expected_length);
    }
    return ok;
}

CHECK__MAYBE_UNUSED static bool check__near(double actual, double expected, double tolerance,
                                            check__place place)
{
    bool ok = fabs(actual - expected) <= tolerance;
    if (check__is_shown(ok, place))
        printf("    is %.17g, expected %.17g within %g\n", actual, expected, tolerance);
    return ok;
}

/* A title without a single check counts as failed: it proves nothing. */
CHECK__MAYBE_UNUSED static void check__run(const char *title, void (*function)(void))
{
    long before = check__tally.checks;
    check__tally.failures_here = 0;
    function();
    bool empty = check__tally.checks == before;
    bool ok = check__tally.failures_here == 0 && !empty;
    printf("%s %s%s\n", ok ? "ok    " : "FAILED", title, empty ? " (nothing was checked)" : "");
    if (check__tally.failures_here > CHECK_PRINTED_MAX)
        printf("  %d failed checks in all\n", check__tally.failures_here);
    fflush(stdout);
    if (ok)
        check__tally.passed++;
    else
        check__tally.failed++;
}

/* The exit code of main: 0 only when at least one title ran and all passed. */
CHECK__MAYBE_UNUSED static int check_report(void)
{
    printf("%d passed, %d failed\n", check__tally.passed, check__tally.failed);
    return check__tally.failed == 0 && check__tally.passed > 0 ? 0 : 1;
}

#endif
