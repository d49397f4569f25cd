#include "mig_time.h"

#include "mig_text.h"

#define SECOND INT64_C(1000000) /* in microseconds */
#define DAY (86400 * SECOND)

/* Read exactly so many digits; moves on behind them. */
static bool
read_number(MigBytes text, size_t *at, size_t digits, int64_t *number)
{
    if (text.length - *at < digits ||
        !mig_parse_digits(mig_part(text, *at, *at + digits), number))
        return false;
    *at += digits;
    return true;
}

/* Pass over one of some bytes. */
static bool
read_one_of(MigBytes text, size_t *at, const char *bytes)
{
    if (*at >= text.length || text.data[*at] == '\0' ||
        strchr(bytes, text.data[*at]) == NULL)
        return false;
    (*at)++;
    return true;
}

/* Days from 1970-01-01 to a day of the Gregorian calendar; month from 1. */
static int64_t
days_since_1970(int64_t year, int64_t month, int64_t day)
{
    static const int64_t before[] = {0,   31,  59,  90,  120, 151,
                                     181, 212, 243, 273, 304, 334};
    int64_t last = year - 1; /* whose leap day has passed */
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return year * 365 + last / 4 - last / 100 + last / 400 + before[month - 1] +
           (leap && month > 2 ? 1 : 0) + day - 719528;
}

static bool
read_day(MigBytes text, size_t *at, int64_t *days)
{
    int64_t year;
    int64_t month;
    int64_t day;

    if (!read_number(text, at, 4, &year) || !read_one_of(text, at, "-") ||
        !read_number(text, at, 2, &month) || !read_one_of(text, at, "-") ||
        !read_number(text, at, 2, &day) || year < 1 || month < 1 ||
        month > 12 || day < 1 || day > 31)
        return false;
    *days = days_since_1970(year, month, day);
    return true;
}

/* Digits behind the point, of which six count. */
static int64_t
read_fraction(MigBytes text, size_t *at)
{
    int64_t unit = SECOND;
    int64_t fraction = 0;

    while (*at < text.length && text.data[*at] >= '0' && text.data[*at] <= '9')
    {
        unit /= 10;
        fraction += (text.data[(*at)++] - '0') * unit;
    }
    return fraction;
}

/* The time of the day, in microseconds. */
static bool
read_clock(MigBytes text, size_t *at, int64_t *clock)
{
    int64_t hours;
    int64_t minutes;
    int64_t seconds = 0;

    if (!read_number(text, at, 2, &hours) || !read_one_of(text, at, ":") ||
        !read_number(text, at, 2, &minutes) || hours > 24 || minutes > 59)
        return false;
    if (read_one_of(text, at, ":") && !read_number(text, at, 2, &seconds))
        return false;
    *clock = ((hours * 60 + minutes) * 60 + seconds) * SECOND;
    if (read_one_of(text, at, ".,"))
        *clock += read_fraction(text, at);
    return seconds <= 60;
}

/* How far a zone is ahead of UTC, in microseconds; 0 where there is none. */
static bool
read_zone(MigBytes text, size_t at, int64_t *ahead)
{
    int64_t hours;
    int64_t minutes = 0;
    bool behind;

    *ahead = 0;
    while (at < text.length && text.data[at] == ' ')
        at++;
    behind = at < text.length && text.data[at] == '-';
    if (!read_one_of(text, &at, "+-"))
        return true;
    if (!read_number(text, &at, 2, &hours))
        return false;
    (void) read_one_of(text, &at, ":");
    (void) read_number(text, &at, 2, &minutes);
    *ahead = (hours * 60 + minutes) * 60 * SECOND * (behind ? -1 : 1);
    return true;
}

static bool
read_text(MigBytes text, int64_t *microseconds)
{
    int64_t days;
    int64_t clock = 0;
    int64_t ahead = 0;
    size_t at = 0;

    if (!read_day(text, &at, &days))
        return false;
    if (at < text.length &&
        (!read_one_of(text, &at, "T ") || !read_clock(text, &at, &clock) ||
         !read_zone(text, at, &ahead)))
        return false;
    *microseconds = days * DAY + clock - ahead;
    return true;
}

/* An integer that is a time, by its size: below 1e11 it is in seconds. */
static bool
read_integer(int64_t number, int64_t *microseconds)
{
    if (number < 0)
        return false;
    if (number < INT64_C(100000000000))
        *microseconds = number * SECOND;
    else if (number < INT64_C(100000000000000))
        *microseconds = number * 1000;
    else if (number < INT64_C(100000000000000000))
        *microseconds = number;
    else
        *microseconds = number / 1000;
    return true;
}

static bool
read_float(double number, int64_t *microseconds)
{
    const double epoch = 2440587.5; /* julian day of 1970-01-01 */

    if (!(number >= 0 && number < 1e18))
        return false;
    if (number < epoch || number > 5373484.5)
        return read_integer((int64_t) number, microseconds);
    *microseconds = (int64_t) ((number - epoch) * (double) DAY + 0.5);
    return true;
}

bool
mig_time_read(const MigValue *value, int64_t *microseconds)
{
    int64_t number;

    switch (value->type)
    {
        case MIG_TIME:
            *microseconds = value->integer;
            return true;
        case MIG_INTEGER:
            return read_integer(value->integer, microseconds);
        case MIG_FLOAT:
            return read_float(value->real, microseconds);
        case MIG_TEXT:
            if (mig_parse_digits(value->bytes, &number))
                return read_integer(number, microseconds);
            return read_text(mig_trim(value->bytes), microseconds);
        case MIG_NULL:
        case MIG_BOOLEAN:
        case MIG_BYTES:
            break;
    }
    return false;
}
