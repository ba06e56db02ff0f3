/*
 * HTTP's dates. libc is the other program: strftime(3) in the C locale writes what
 * http_date_format() must write, and timegm(3) knows which second a date is.
 */
#include "core/http_date.h"
#include "unit/unit.h"

#include <stdint.h>
#include <string.h>

static const char *const formats[] = {
    "%a, %d %b %Y %H:%M:%S GMT", /* IMF-fixdate */
    "%A, %d-%b-%y %H:%M:%S GMT", /* RFC 850 */
    "%a %b %e %H:%M:%S %Y",      /* asctime */
};
enum { IMF_FIXDATE, RFC_850, ASCTIME };

/* 1994-11-06 08:49:37, the example of RFC 9110, section 5.6.7; date -d says so. */
enum { EXAMPLE = 784111777 };

static time_t seconds_of(int year, int month, int day)
{
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    return timegm(&tm);
}

/* libc leaves out the zeros before a year of fewer than four digits, which HTTP wants. */
static void write_by_libc(char *text, size_t size, const char *format, time_t when)
{
    char with_year[64];
    struct tm tm;
    ck_assert_ptr_nonnull(gmtime_r(&when, &tm));
    const char *year = strstr(format, "%Y");
    int before = year != NULL ? (int)(year - format) : (int)strlen(format);
    snprintf(with_year, sizeof with_year, year != NULL ? "%.*s%04d%s" : "%.*s", before, format,
             tm.tm_year + 1900, year != NULL ? year + 2 : "");
    ck_assert_uint_gt(strftime(text, size, with_year, &tm), 0);
}

static bool parse(const char *text, time_t now, time_t *when)
{
    return http_date_parse(text, strlen(text), now, when);
}

static void assert_parsed(const char *text, time_t now, time_t expected)
{
    time_t when;
    ck_assert_msg(parse(text, now, &when), "\"%s\" is a date", text);
    ck_assert_msg(when == expected, "\"%s\" is %lld, not %lld", text, (long long)expected,
                  (long long)when);
}

/* --- formatting ----------------------------------------------------------------------------- */

static void assert_formatted(time_t when)
{
    char ours[HTTP_DATE_LENGTH + 1], theirs[64];
    write_by_libc(theirs, sizeof theirs, formats[IMF_FIXDATE], when);
    ck_assert(http_date_format(ours, when));
    ck_assert_str_eq(ours, theirs);
}

START_TEST(the_examples_of_the_rfc)
{
    char text[HTTP_DATE_LENGTH + 1];
    ck_assert(http_date_format(text, EXAMPLE));
    ck_assert_str_eq(text, "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_parsed("Sun, 06 Nov 1994 08:49:37 GMT", EXAMPLE, EXAMPLE);
    assert_parsed("Sunday, 06-Nov-94 08:49:37 GMT", EXAMPLE, EXAMPLE);
    assert_parsed("Sun Nov  6 08:49:37 1994", EXAMPLE, EXAMPLE);
}
END_TEST

START_TEST(dates_are_written_as_libc_writes_them)
{
    enum { STEP = 9 * 86400 + 3671 };
    for (time_t when = seconds_of(1890, 1, 1); when < seconds_of(2110, 1, 1); when += STEP)
        assert_formatted(when);
    for (int year = 0; year <= 9999; year += 37)
        assert_formatted(seconds_of(year, 3, 1) - 1);
}
END_TEST

START_TEST(years_of_four_digits_are_all_there_is)
{
    char text[HTTP_DATE_LENGTH + 1] = "untouched";
    assert_formatted(seconds_of(10000, 1, 1) - 1);
    assert_formatted(seconds_of(0, 1, 1));
    ck_assert(!http_date_format(text, seconds_of(10000, 1, 1)));
    ck_assert(!http_date_format(text, seconds_of(0, 1, 1) - 1));
    ck_assert(!http_date_format(text, (time_t)INT64_MAX));
    ck_assert(!http_date_format(text, (time_t)INT64_MIN));
    ck_assert_str_eq(text, "untouched");
}
END_TEST

/* --- parsing -------------------------------------------------------------------------------- */

START_TEST(dates_are_read_as_libc_wrote_them)
{
    enum { STEP = 9 * 86400 + 3671 };
    char text[64];
    for (time_t when = seconds_of(1890, 1, 1); when < seconds_of(2110, 1, 1); when += STEP) {
        write_by_libc(text, sizeof text, formats[_i], when);
        assert_parsed(text, when, when);
    }
}
END_TEST

/* Days around which calendars go wrong: leap days of every kind, and the first and last of all. */
static const struct {
    int year, month, day;
} days[] = {{1970, 1, 1},   {1969, 12, 31}, {1900, 2, 28}, {1900, 3, 1},  {1904, 2, 29},
            {2000, 2, 28},  {2000, 2, 29},  {2000, 3, 1},  {2024, 2, 29}, {2025, 2, 28},
            {2100, 2, 28},  {2100, 3, 1},   {2038, 1, 19}, {2038, 1, 20}, {1901, 12, 13},
            {9999, 12, 31}, {1, 1, 1},      {0, 12, 31},   {0, 3, 1},     {0, 2, 29},
            {0, 1, 1},      {400, 2, 29},   {1600, 2, 29}, {1582, 10, 10}};

START_TEST(a_day_is_read_as_timegm_counts_it)
{
    char text[64];
    time_t when = seconds_of(days[_i].year, days[_i].month, days[_i].day);
    write_by_libc(text, sizeof text, formats[IMF_FIXDATE], when);
    assert_parsed(text, EXAMPLE, when);
    write_by_libc(text, sizeof text, formats[ASCTIME], when);
    assert_parsed(text, EXAMPLE, when);
}
END_TEST

/* "more than 50 years in the future": the most recent year in the past with these digits. */
static const struct {
    const char *text;
    int now_year, year; /* the date is the first of January, and so is today */
} short_years[] = {
    {"Thursday, 01-Jan-70 00:00:00 GMT", 1994, 1970},
    {"Saturday, 01-Jan-00 00:00:00 GMT", 2000, 2000},
    {"Monday, 01-Jan-45 00:00:00 GMT", 1994, 1945},
    {"Friday, 01-Jan-99 00:00:00 GMT", 2026, 1999},
    {"Thursday, 01-Jan-26 00:00:00 GMT", 2026, 2026},
    {"Wednesday, 01-Jan-76 00:00:00 GMT", 2026, 2076},
    {"Saturday, 01-Jan-77 00:00:00 GMT", 2026, 1977},
};

START_TEST(a_year_of_two_digits_is_near)
{
    time_t now = seconds_of(short_years[_i].now_year, 1, 1);
    assert_parsed(short_years[_i].text, now, seconds_of(short_years[_i].year, 1, 1));
}
END_TEST

/* The RFC speaks of the date, not of its year: a day more than 50 years is too much. */
START_TEST(fifty_years_are_counted_to_the_second)
{
    time_t now = seconds_of(2026, 6, 1);
    assert_parsed("Monday, 01-Jun-76 00:00:00 GMT", now, seconds_of(2076, 6, 1));
    assert_parsed("Wednesday, 02-Jun-76 00:00:00 GMT", now, seconds_of(1976, 6, 2));
}
END_TEST

START_TEST(a_leap_second_is_a_date)
{
    assert_parsed("Sat, 31 Dec 2016 23:59:60 GMT", EXAMPLE, seconds_of(2017, 1, 1));
}
END_TEST

static const char *const wrong_dates[] = {
    "",
    "S",
    "Sun",
    "Sun,",
    "0",
    "784111777",
    "1994-11-06T08:49:37Z",
    "06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994 08:49:37 ",
    "Sun, 06 Nov 1994 08:49:37 UTC",
    "Sun, 06 Nov 1994 08:49:37 gmt",
    "Sun, 06 Nov 1994 08:49:37 +0000",
    "Sun, 06 Nov 1994 08:49:37 GMT ",
    " Sun, 06 Nov 1994 08:49:37 GMT",
    "sun, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49 GMT",
    "Sun,06 Nov 1994 08:49:37 GMT",
    "Sun, 6 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 94 08:49:37 GMT",
    "Sun, 06 Nov 19940 08:49:37 GMT",
    "Sun, 06 Nov -994 08:49:37 GMT",
    "Sun, 06 Xyz 1994 08:49:37 GMT",
    "Sux, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 8:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:3a GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT",
    "Sun, 06 Nov 1994 08:60:37 GMT",
    "Sun, 06 Nov 1994 08:49:61 GMT",
    "Sun, 00 Nov 1994 08:49:37 GMT",
    "Sun, 32 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-1994 08:49:37 GMT",
    "Sunday, 06 Nov 94 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37",
    "Sunda, 06-Nov-94 08:49:37 GMT",
    "Sunday 06-Nov-94 08:49:37 GMT",
    "Sun Nov 6 08:49:37 1994",
    "Sun Nov  6 08:49:37 94",
    "Sun Nov  6 08:49:37 1994 GMT",
    "Sun Nov  a 08:49:37 1994",
    "Sun, Nov  6 08:49:37 1994",
};

START_TEST(a_wrong_date_is_refused)
{
    time_t when;
    ck_assert_msg(!parse(wrong_dates[_i], EXAMPLE, &when), "\"%s\" is no date", wrong_dates[_i]);
}
END_TEST

/* Days that their month has not: timegm(3) would call them another date. */
static const char *const missing_days[] = {
    "Mon, 31 Nov 1994 00:00:00 GMT",   "Wed, 30 Feb 2000 00:00:00 GMT",
    "Tue, 29 Feb 2023 00:00:00 GMT",   "Mon, 29 Feb 2100 00:00:00 GMT",
    "Tuesday, 31-Jun-94 00:00:00 GMT", "Sun Apr 31 00:00:00 1994",
};

START_TEST(a_day_that_its_month_has_not_is_refused)
{
    time_t when;
    ck_assert_msg(!parse(missing_days[_i], EXAMPLE, &when), "\"%s\" is no date", missing_days[_i]);
}
END_TEST

START_TEST(a_date_is_read_no_further_than_its_length)
{
    time_t when;
    static const char text[] = "Sun, 06 Nov 1994 08:49:37 GMT";
    for (size_t length = 0; length < sizeof text - 1; length++)
        ck_assert(!http_date_parse(text, length, EXAMPLE, &when));
}
END_TEST

Suite *http_date_suite(void)
{
    Suite *suite = suite_create("http_date");
    TCase *format = unit_add_case(suite, "date_format");
    tcase_add_test(format, the_examples_of_the_rfc);
    tcase_add_test(format, dates_are_written_as_libc_writes_them);
    tcase_add_test(format, years_of_four_digits_are_all_there_is);
    TCase *parsing = unit_add_case(suite, "date_parse");
    tcase_add_loop_test(parsing, dates_are_read_as_libc_wrote_them, 0, ROWS(formats));
    tcase_add_loop_test(parsing, a_day_is_read_as_timegm_counts_it, 0, ROWS(days));
    tcase_add_loop_test(parsing, a_year_of_two_digits_is_near, 0, ROWS(short_years));
    tcase_add_test(parsing, fifty_years_are_counted_to_the_second);
    tcase_add_test(parsing, a_leap_second_is_a_date);
    TCase *wrong = unit_add_case(suite, "date_wrong");
    tcase_add_loop_test(wrong, a_wrong_date_is_refused, 0, ROWS(wrong_dates));
    tcase_add_loop_test(wrong, a_day_that_its_month_has_not_is_refused, 0, ROWS(missing_days));
    tcase_add_test(wrong, a_date_is_read_no_further_than_its_length);
    return suite;
}
