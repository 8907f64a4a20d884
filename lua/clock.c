/* clock.c: times as text, by the proleptic Gregorian calendar, without the process's time zone.
 */
#include "clock.h"

#include <stdio.h>
#include <time.h>

enum { SECONDS_PER_DAY = 86400 };

int64_t oe_lua_now_ms(void)
{
    struct timespec now = {0, 0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t days_in_month(int64_t year, int64_t month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days from 1970-01-01 to the first of January; years 1 to 9999. */
static int64_t days_before_year(int64_t year)
{
    int64_t past = year - 1;
    return past * 365 + past / 4 - past / 100 + past / 400 - 719162;
}

/* Reads exactly `count` digits at *at. */
static bool read_digits(const char *text, size_t length, size_t *at, size_t count,
                        int64_t *value)
{
    *value = 0;
    if (length - *at < count)
        return false;
    for (size_t end = *at + count; *at < end; ++*at) {
        if (text[*at] < '0' || text[*at] > '9')
            return false;
        *value = *value * 10 + (text[*at] - '0');
    }
    return true;
}

static bool skip(const char *text, size_t length, size_t *at, char wanted)
{
    if (*at >= length || text[*at] != wanted)
        return false;
    ++*at;
    return true;
}

static bool read_day(const char *text, size_t length, size_t *at, int64_t *days)
{
    int64_t year = 0;
    int64_t month = 0;
    int64_t day = 0;
    if (!read_digits(text, length, at, 4, &year) || !skip(text, length, at, '-') ||
        !read_digits(text, length, at, 2, &month) || !skip(text, length, at, '-') ||
        !read_digits(text, length, at, 2, &day))
        return false;
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return false;
    *days = days_before_year(year) + day - 1;
    for (int64_t m = 1; m < month; m++)
        *days += days_in_month(year, m);
    return true;
}

/* Up to three digits of a second's fraction; further ones are cut. */
static bool read_fraction(const char *text, size_t length, size_t *at, int64_t *ms)
{
    size_t start = *at;
    int64_t scale = 100;
    for (; *at < length && text[*at] >= '0' && text[*at] <= '9'; ++*at) {
        *ms += (text[*at] - '0') * scale;
        scale /= 10;
    }
    return *at > start;
}

static bool read_clock(const char *text, size_t length, size_t *at, int64_t *ms)
{
    int64_t hour = 0;
    int64_t minute = 0;
    int64_t second = 0;
    if (!read_digits(text, length, at, 2, &hour) || !skip(text, length, at, ':') ||
        !read_digits(text, length, at, 2, &minute) || hour > 23 || minute > 59)
        return false;
    if (skip(text, length, at, ':') &&
        (!read_digits(text, length, at, 2, &second) || second > 59))
        return false;
    *ms = ((hour * 60 + minute) * 60 + second) * 1000;
    return !skip(text, length, at, '.') || read_fraction(text, length, at, ms);
}

static bool read_offset(const char *text, size_t length, size_t *at, int64_t *ms)
{
    if (*at == length || skip(text, length, at, 'Z'))
        return true;
    int64_t sign = text[*at] == '+' ? 1 : -1;
    if (!skip(text, length, at, '+') && !skip(text, length, at, '-'))
        return false;
    int64_t hours = 0;
    int64_t minutes = 0;
    if (!read_digits(text, length, at, 2, &hours) || !skip(text, length, at, ':') ||
        !read_digits(text, length, at, 2, &minutes) || hours > 14 || minutes > 59)
        return false;
    *ms -= sign * (hours * 60 + minutes) * 60000;
    return true;
}

bool oe_lua_time_parse(const char *text, size_t length, int64_t *at_ms)
{
    size_t at = 0;
    int64_t days = 0;
    int64_t ms = 0;
    if (!read_day(text, length, &at, &days))
        return false;
    if (at < length) {
        if (!skip(text, length, &at, 'T') && !skip(text, length, &at, ' '))
            return false;
        if (!read_clock(text, length, &at, &ms) || !read_offset(text, length, &at, &ms))
            return false;
    }
    *at_ms = days * SECONDS_PER_DAY * 1000 + ms;
    return at == length;
}

/* The calendar day of a number of days since 1970-01-01. */
static void split_days(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
    *year = 1970 + days / 366 - (days < 0 ? 1 : 0);
    while (days_before_year(*year + 1) <= days)
        ++*year;
    while (days_before_year(*year) > days)
        --*year;
    int64_t left = days - days_before_year(*year);
    *month = 1;
    while (left >= days_in_month(*year, *month)) {
        left -= days_in_month(*year, *month);
        ++*month;
    }
    *day = left + 1;
}

size_t oe_lua_time_write(int64_t at_ms, char out[OE_LUA_TIME_MAX])
{
    const int64_t day_ms = (int64_t)SECONDS_PER_DAY * 1000;
    int64_t days = at_ms / day_ms - (at_ms % day_ms < 0 ? 1 : 0);
    int64_t rest = at_ms - days * day_ms;
    int64_t year = 0;
    int64_t month = 0;
    int64_t day = 0;
    split_days(days, &year, &month, &day);
    int length =
        snprintf(out, OE_LUA_TIME_MAX, "%04d-%02d-%02d", (int)year, (int)month, (int)day);
    if (rest != 0) {
        int seconds = (int)(rest / 1000);
        length =
            snprintf(out, OE_LUA_TIME_MAX, "%04d-%02d-%02dT%02d:%02d:%02d", (int)year,
                     (int)month, (int)day, seconds / 3600, seconds / 60 % 60, seconds % 60);
        length += rest % 1000 != 0
                      ? snprintf(out + length, OE_LUA_TIME_MAX - (size_t)length, ".%03dZ",
                                 (int)(rest % 1000))
                      : snprintf(out + length, OE_LUA_TIME_MAX - (size_t)length, "Z");
    }
    return length < 0 ? 0 : (size_t)length;
}
