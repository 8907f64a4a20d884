/* number_read.c: text to double. The common short number is exact in two floating operations;
 * the rest goes to strtod as digits and exponent only, a text in which no locale has anything
 * to say. */
#include "codec/number.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    EXACT_POWER_MAX = 22, /* 10^22 is the largest power of ten that a double holds exactly */
    DIGITS_KEPT = 800, /* more than the 767 digits that can decide the rounding of a double */
    DECIMAL_TOP = 310, /* d.ddd × 10^310 is beyond every double */
    DECIMAL_BOTTOM = -330 /* and d.ddd × 10^-330 is nearer to zero than to the smallest one */
};

static const uint64_t EXACT_MANTISSA_MAX = UINT64_C(1) << 53;
static const uint64_t MANTISSA_ROOM =
    UINT64_C(1000000000000000000); /* below it one more digit fits */
static const int64_t EXPONENT_ROOM =
    INT64_C(1000000000000); /* above every count of digits in memory */

static const double powers_of_ten[EXACT_POWER_MAX + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* mantissa × 10^exponent, apart from the digits lost when `cut`. */
typedef struct decimal {
    uint64_t mantissa;
    int64_t exponent;
    bool negative;
    bool cut;
} decimal;

static bool is_digit(const char *bytes, size_t length, size_t at)
{
    return at < length && bytes[at] >= '0' && bytes[at] <= '9';
}

/* A digit that no longer fits raises the exponent; it is lost only when it is not 0. */
static size_t take_digits(const char *bytes, size_t length, size_t at, decimal *number)
{
    for (; is_digit(bytes, length, at); at++) {
        unsigned digit = (unsigned)(bytes[at] - '0');
        if (number->mantissa < MANTISSA_ROOM) {
            number->mantissa = number->mantissa * 10 + digit;
        } else {
            number->exponent++;
            number->cut |= digit != 0;
        }
    }
    return at;
}

static size_t take_exponent(const char *bytes, size_t length, size_t at, decimal *number)
{
    bool negative = bytes[at] == '-';
    if (bytes[at] == '-' || bytes[at] == '+')
        at++;
    int64_t exponent = 0;
    for (; is_digit(bytes, length, at); at++)
        if (exponent < EXPONENT_ROOM)
            exponent = exponent * 10 + (bytes[at] - '0');
    number->exponent += negative ? -exponent : exponent;
    return at;
}

/* The grammar. False with *used at the first byte that does not fit. */
static bool take_number(const char *bytes, size_t length, size_t *used, decimal *number)
{
    size_t at = 0;
    number->negative = length > 0 && bytes[0] == '-';
    at += number->negative;
    *used = at;
    if (!is_digit(bytes, length, at))
        return false;
    at = bytes[at] == '0' ? at + 1 : take_digits(bytes, length, at, number);
    if (at < length && bytes[at] == '.') {
        size_t fraction = *used = at + 1;
        if (!is_digit(bytes, length, fraction))
            return false;
        at = take_digits(bytes, length, fraction, number);
        number->exponent -= (int64_t)(at - fraction);
    }
    if (at < length && (bytes[at] == 'e' || bytes[at] == 'E')) {
        size_t first = at + 1;
        size_t sign = first < length && (bytes[first] == '-' || bytes[first] == '+');
        *used = first + sign;
        if (!is_digit(bytes, length, *used))
            return false;
        at = take_exponent(bytes, length, first, number);
    }
    *used = at;
    return true;
}

/* The significant digits of a number's text, at most DIGITS_KEPT and a last 1 that stands for
 * all lost. */
static size_t copy_digits(const char *bytes, size_t length, char *out)
{
    size_t count = 0;
    bool lost = false;
    for (size_t at = 0; at < length && bytes[at] != 'e' && bytes[at] != 'E'; at++) {
        bool digit = bytes[at] >= '0' && bytes[at] <= '9';
        if (!digit || (count == 0 && bytes[at] == '0'))
            continue;
        if (count < DIGITS_KEPT)
            out[count++] = bytes[at];
        else
            lost |= bytes[at] != '0';
    }
    if (lost)
        out[count++] = '1';
    return count;
}

/* The magnitude of a number that is not zero; infinity when it is too large. */
static double round_any(const char *bytes, size_t length, const decimal *number)
{
    int64_t leading = number->exponent; /* d.ddd × 10^leading */
    for (uint64_t rest = number->mantissa / 10; rest > 0; rest /= 10)
        leading++;
    if (leading >= DECIMAL_TOP)
        return strtod("1e999", NULL);
    if (leading <= DECIMAL_BOTTOM)
        return 0;
    char text[DIGITS_KEPT + 16];
    size_t count = copy_digits(bytes, length, text);
    snprintf(text + count, sizeof text - count, "e%d", (int)leading - (int)(count - 1));
    return strtod(text, NULL);
}

oe_status oe__number_scan(const char *bytes, size_t length, size_t *used, double *value)
{
    decimal number = {0};
    if (!take_number(bytes, length, used, &number))
        return OE_E_SYNTAX;
    double magnitude;
    int64_t exponent = number.exponent;
    if (number.mantissa == 0) {
        magnitude = 0;
    } else if (!number.cut && number.mantissa <= EXACT_MANTISSA_MAX &&
               exponent <= EXACT_POWER_MAX && exponent >= -EXACT_POWER_MAX) {
        /* Both operands are exact, so that one operation rounds once (W. Clinger, PLDI 1990).
         */
        magnitude = (double)number.mantissa;
        magnitude = exponent < 0 ? magnitude / powers_of_ten[-exponent]
                                 : magnitude * powers_of_ten[exponent];
    } else {
        int kept = errno;
        magnitude = round_any(bytes, *used, &number);
        errno = kept;
        if (__builtin_isinf(magnitude))
            return OE_E_INVALID;
    }
    *value = number.negative ? -magnitude : magnitude;
    return OE_OK;
}

oe_status oe__number_read(const char *bytes, size_t length, double *value)
{
    size_t used = 0;
    double read = 0;
    oe_status status = oe__number_scan(bytes, length, &used, &read);
    if (status != OE_E_SYNTAX && used != length)
        status = OE_E_SYNTAX;
    if (status == OE_OK)
        *value = read;
    return status;
}
