/* number_write.c: double to text. Whole numbers, money and tenths in integer arithmetic;
 * whatever is left takes its digits from snprintf and is laid out here, so that the locale's
 * decimal point never shows. */
#include "codec/number.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    DIGITS_MAX = 17,  /* enough for every double */
    DIGITS_SURE = 15, /* two different texts of so many digits are never the same double */
    PLAIN_EXPONENT_TOP = 21 /* from 1e21 on with an exponent */
};

/* d.ddd × 10^exponent; digits hold no point. */
typedef struct digits {
    char text[DIGITS_MAX + 1];
    int count;
    int exponent;
} digits;

static char *put_integer(uint64_t value, char *out)
{
    char reversed[20];
    size_t count = 0;
    do {
        reversed[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    while (count > 0)
        *out++ = reversed[--count];
    return out;
}

static char *put_zeros(int count, char *out)
{
    for (int i = 0; i < count; i++)
        *out++ = '0';
    return out;
}

static char *put_digits(const digits *from, int first, int count, char *out)
{
    memcpy(out, from->text + first, (size_t)count);
    return out + count;
}

static size_t finish(char *out, char *end)
{
    *end = '\0';
    return (size_t)(end - out);
}

uint64_t oe__number_tenths(double magnitude)
{
    int64_t whole =
        (int64_t)magnitude; /* signed: one instruction where unsigned ones are many */
    /* The fraction in units of 2^-57. A fraction with bits below that is less than 2^-5 and
     * rounds to 0 with them or without. */
    int64_t fraction = (int64_t)((magnitude - (double)whole) * 0x1p57);
    return (uint64_t)whole * 10 + (((uint64_t)fraction * 10 + (UINT64_C(1) << 56)) >> 57);
}

static size_t write_large_tenths(double value, double magnitude, char *out)
{
    char *at = out;
    if (!(magnitude < 1e28))
        return oe__number_write(value, out);
    if (magnitude >= 1e18) {
        int kept = errno;
        size_t length = (size_t)snprintf(out, OE_NUMBER_TEXT_MAX, "%.0f", value);
        errno = kept;
        memcpy(out + length, ".0", 2);
        return finish(out, out + length + 2);
    }
    uint64_t tenths = oe__number_tenths(magnitude);
    if (value < 0)
        *at++ = '-';
    at = put_integer(tenths / 10, at);
    *at++ = '.';
    *at++ = (char)('0' + tenths % 10);
    return finish(out, at);
}

#define SMALL_TENTHS 99.9 /* what is below is shown with at most four bytes */

/* All bytes at once, the end of the text too, in a word whose lowest byte comes first: no
 * branch depends on the digits, which would be guessed wrong most times. */
size_t oe__number_write_tenths(double value, char out[OE_NUMBER_TEXT_MAX])
{
    double magnitude = fabs(value);
    if (!(magnitude < SMALL_TENTHS))
        return write_large_tenths(value, magnitude, out);
    uint32_t tenths = (uint32_t)oe__number_tenths(magnitude);
    uint32_t whole = tenths / 10, tens = whole / 10;
    size_t is_short = whole < 10, is_negative = (value < 0) & (tenths > 0);
    uint64_t text = tens | (whole - tens * 10) << 8 | (tenths - whole * 10) << 24;
    text = (text + UINT32_C(0x302e3030)) >> 8 * is_short; /* "00.0" */
    *out = '-';
    memcpy(out + is_negative, &text, sizeof text);
    return is_negative + 4 - is_short;
}

/* `places` decimals if they are the value exactly as it would be read, NULL otherwise. Up to
 * DIGITS_SURE digits no other text of that many or fewer digits reads as the same double. */
static char *put_fixed(double magnitude, int places, char *out)
{
    uint64_t scale = 1;
    for (int i = 0; i < places; i++)
        scale *= 10;
    double scaled = magnitude * (double)scale + 0.5;
    if (!(scaled < 1e15))
        return NULL;
    uint64_t units = (uint64_t)scaled;
    if ((double)units / (double)scale != magnitude)
        return NULL;
    out = put_integer(units / scale, out);
    *out++ = '.';
    for (uint64_t rest = units % scale; rest > 0; rest %= scale) {
        scale /= 10;
        *out++ = (char)('0' + rest / scale);
    }
    return out;
}

static digits print_digits(double magnitude, int count)
{
    digits result = {.count = 0};
    char text[48];
    int kept = errno;
    snprintf(text, sizeof text, "%.*e", count - 1, magnitude);
    errno = kept;
    const char *at = text;
    for (; *at != 'e' && *at != '\0'; at++)
        if (*at >= '0' && *at <= '9' && result.count < DIGITS_MAX)
            result.text[result.count++] = *at;
    bool negative = at[0] == 'e' && at[1] == '-';
    for (; *at != '\0'; at++)
        if (*at >= '0' && *at <= '9')
            result.exponent = result.exponent * 10 + (*at - '0');
    if (negative)
        result.exponent = -result.exponent;
    return result;
}

/* Rounds to `count` digits and drops zeros at the end. */
static digits rounded(const digits *from, int count)
{
    digits result = *from;
    bool up = count < from->count && from->text[count] >= '5';
    result.count = count;
    while (up && result.count > 0 && result.text[result.count - 1] == '9')
        result.count--;
    if (up && result.count > 0) {
        result.text[result.count - 1]++;
    } else if (up) {
        result.text[0] = '1';
        result.count = 1;
        result.exponent++;
    }
    while (result.count > 1 && result.text[result.count - 1] == '0')
        result.count--;
    return result;
}

static char *put_exponent(int exponent, char *out)
{
    *out++ = 'e';
    *out++ = exponent < 0 ? '-' : '+';
    return put_integer((uint64_t)(exponent < 0 ? -exponent : exponent), out);
}

static char *put_layout(const digits *from, char *out)
{
    int whole = from->exponent + 1; /* digits before the point */
    if (whole > PLAIN_EXPONENT_TOP || whole < -5) {
        out = put_digits(from, 0, 1, out);
        if (from->count > 1)
            *out++ = '.';
        out = put_digits(from, 1, from->count - 1, out);
        return put_exponent(from->exponent, out);
    }
    if (whole <= 0) {
        out = put_zeros(1, out);
        *out++ = '.';
        out = put_zeros(-whole, out);
        return put_digits(from, 0, from->count, out);
    }
    if (from->count <= whole) {
        out = put_digits(from, 0, from->count, out);
        return put_zeros(whole - from->count, out);
    }
    out = put_digits(from, 0, whole, out);
    *out++ = '.';
    return put_digits(from, whole, from->count - whole, out);
}

/* Rounding digits that are rounded already goes wrong only where just a 5 is dropped: that may
 * have been a little less. Numbers below DBL_MIN have fewer bits and so may need very few
 * digits. */
static char *put_shortest(double magnitude, char *out)
{
    digits all = print_digits(magnitude, DIGITS_MAX);
    char *end = out;
    for (int count = magnitude < DBL_MIN ? 1 : DIGITS_SURE; count <= DIGITS_MAX; count++) {
        bool doubtful = count == DIGITS_MAX - 1 && all.text[count] == '5';
        digits shorter = doubtful ? print_digits(magnitude, count) : all;
        shorter = rounded(&shorter, count);
        end = put_layout(&shorter, out);
        double back = 0;
        if (oe__number_read(out, (size_t)(end - out), &back) == OE_OK && back == magnitude)
            break;
    }
    return end;
}

size_t oe__number_write(double value, char out[OE_NUMBER_TEXT_MAX])
{
    if (!isfinite(value)) {
        memcpy(out, "null", 5);
        return 4;
    }
    double magnitude = fabs(value);
    char *at = out;
    if (signbit(value))
        *at++ = '-';
    if (magnitude < 0x1p53 && magnitude == (double)(uint64_t)magnitude)
        return finish(out, put_integer((uint64_t)magnitude, at));
    char *end = put_fixed(magnitude, 2, at);
    if (end == NULL)
        end = put_fixed(magnitude, 6, at);
    if (end == NULL)
        end = put_shortest(magnitude, at);
    return finish(out, end);
}
