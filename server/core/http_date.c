#include "core/http_date.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char *const day_names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
static const char *const month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

bool http_date_format(char text[HTTP_DATE_LENGTH + 1], time_t when)
{
    struct tm tm;
    if (gmtime_r(&when, &tm) == NULL || tm.tm_year < -1900 || tm.tm_year > 9999 - 1900)
        return false;
    char line[64]; /* as large as the compiler fears that these numbers might be */
    snprintf(line, sizeof line, "%s, %02d %s %04d %02d:%02d:%02d GMT", day_names[tm.tm_wday],
             tm.tm_mday, month_names[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min,
             tm.tm_sec);
    memcpy(text, line, HTTP_DATE_LENGTH);
    text[HTTP_DATE_LENGTH] = '\0';
    return true;
}

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1970-01-01 to a date of the Gregorian calendar; years from 0, months from 1. */
static int64_t days_since_1970(int64_t year, int month, int day)
{
    /* Let years begin in March, so that the leap day is the last of its year. 400 years, which
       are 146,097 days, are added and taken away, so that nothing is negative. */
    static const int days_before[] = {306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275};
    int64_t y = (month <= 2 ? year - 1 : year) + 400;
    return 365 * y + y / 4 - y / 100 + y / 400 + days_before[month - 1] + day - 719469 - 146097;
}

static int64_t seconds_since_1970(const struct tm *tm)
{
    int64_t days = days_since_1970(tm->tm_year, tm->tm_mon, tm->tm_mday);
    return ((days * 24 + tm->tm_hour) * 60 + tm->tm_min) * 60 + tm->tm_sec;
}

/* A reader of one date, left to right; it remembers whether all that it met was right. */
struct reader {
    const char *at, *end;
    bool right;
};

static void expect(struct reader *reader, const char *text)
{
    size_t length = strlen(text);
    reader->right = reader->right && (size_t)(reader->end - reader->at) >= length &&
                    memcmp(reader->at, text, length) == 0;
    if (reader->right)
        reader->at += length;
}

static int number(struct reader *reader, int digits)
{
    int value = 0;
    for (; reader->right && digits > 0; digits--) {
        reader->right = reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9';
        if (reader->right)
            value = value * 10 + (*reader->at++ - '0');
    }
    return value;
}

static int month(struct reader *reader)
{
    if (reader->right && reader->end - reader->at >= 3)
        for (int i = 0; i < 12; i++)
            if (memcmp(reader->at, month_names[i], 3) == 0) {
                reader->at += 3;
                return i + 1;
            }
    reader->right = false;
    return 1;
}

static void time_of_day(struct reader *reader, struct tm *tm)
{
    tm->tm_hour = number(reader, 2);
    expect(reader, ":");
    tm->tm_min = number(reader, 2);
    expect(reader, ":");
    tm->tm_sec = number(reader, 2);
}

/* Sun, 06 Nov 1994 08:49:37 GMT */
static void imf_fixdate(struct reader *reader, struct tm *tm)
{
    expect(reader, ", ");
    tm->tm_mday = number(reader, 2);
    expect(reader, " ");
    tm->tm_mon = month(reader);
    expect(reader, " ");
    tm->tm_year = number(reader, 4);
    expect(reader, " ");
    time_of_day(reader, tm);
    expect(reader, " GMT");
}

/* The century that puts a two-digit year not more than 50 years into the future. */
static void choose_century(struct tm *tm, time_t now)
{
    struct tm limit;
    if (gmtime_r(&now, &limit) == NULL)
        return;
    int this_year = limit.tm_year + 1900;
    limit.tm_year = this_year + 50;
    limit.tm_mon++; /* months from 1, as in all of this file */
    tm->tm_year += this_year - this_year % 100;
    if (seconds_since_1970(tm) > seconds_since_1970(&limit))
        tm->tm_year -= 100;
}

/* Sunday, 06-Nov-94 08:49:37 GMT */
static void rfc850_date(struct reader *reader, struct tm *tm, time_t now)
{
    expect(reader, ", ");
    tm->tm_mday = number(reader, 2);
    expect(reader, "-");
    tm->tm_mon = month(reader);
    expect(reader, "-");
    tm->tm_year = number(reader, 2);
    expect(reader, " ");
    time_of_day(reader, tm);
    expect(reader, " GMT");
    choose_century(tm, now);
}

/* Sun Nov  6 08:49:37 1994 */
static void asctime_date(struct reader *reader, struct tm *tm)
{
    expect(reader, " ");
    tm->tm_mon = month(reader);
    expect(reader, " ");
    bool one_digit = reader->right && reader->at < reader->end && *reader->at == ' ';
    if (one_digit)
        reader->at++;
    tm->tm_mday = number(reader, one_digit ? 1 : 2);
    expect(reader, " ");
    time_of_day(reader, tm);
    expect(reader, " ");
    tm->tm_year = number(reader, 4);
}

/* Skips the day's name, long or short: the date says it once more. */
static size_t day_name_length(const char *text, size_t length)
{
    static const char *const rests[] = {"day", "day", "sday", "nesday", "rsday", "day", "urday"};
    for (size_t i = 0; length >= 3 && i < 7; i++) {
        if (memcmp(text, day_names[i], 3) != 0)
            continue;
        size_t rest = strlen(rests[i]);
        bool is_long = length >= 3 + rest && memcmp(text + 3, rests[i], rest) == 0;
        return is_long ? 3 + rest : 3;
    }
    return 0;
}

bool http_date_parse(const char *text, size_t length, time_t now, time_t *when)
{
    struct tm tm = {.tm_mon = 1};
    size_t name = day_name_length(text, length);
    struct reader reader = {text + name, text + length, name > 0};
    if (name > 3)
        rfc850_date(&reader, &tm, now);
    else if (name < length && text[name] == ',')
        imf_fixdate(&reader, &tm);
    else
        asctime_date(&reader, &tm);
    if (!reader.right || reader.at != reader.end || tm.tm_mday < 1 ||
        tm.tm_mday > days_in(tm.tm_year, tm.tm_mon) || tm.tm_hour > 23 || tm.tm_min > 59 ||
        tm.tm_sec > 60)
        return false;
    *when = (time_t)seconds_since_1970(&tm);
    return true;
}
