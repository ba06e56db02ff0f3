/*
 * Preconditions and ranges, for a file whose tag, date and length the tests choose. The fields come
 * out of a request that the parser has read, as they do in the server.
 */
#include "core/http_conditions.h"
#include "unit/unit.h"

#include <string.h>

/* The examples of RFC 9110: section 8.8.3 for the tag, 8.8.2 for the date (a Tuesday). */
#define TAG    "\"xyzzy\""
#define DATE   "Tue, 15 Nov 1994 12:45:26 GMT"
#define BEFORE "Tue, 15 Nov 1994 12:45:25 GMT"
#define AFTER  "Tue, 15 Nov 1994 12:45:27 GMT"
enum { MODIFIED = 784903526, NOW = 1000000000 }; /* date -d DATE +%s */

static const struct representation file = {
    .length_bytes = 1000,
    .has_modified = true,
    .modified = MODIFIED,
    .etag = TAG,
    .etag_length = sizeof TAG - 1,
};

struct asked {
    char head[2048];
    struct http_request request;
};

static void ask(struct asked *asked, const char *method, const char *fields)
{
    int length = snprintf(asked->head, sizeof asked->head, "%s / HTTP/1.1\r\nHost: a\r\n%s\r\n",
                          method, fields);
    http_request_begin(&asked->request);
    ck_assert_int_eq(http_request_parse(&asked->request, asked->head, (size_t)length),
                     HTTP_COMPLETE);
}

static unsigned check(const char *fields, const struct representation *content)
{
    struct asked asked;
    ask(&asked, "GET", fields);
    return http_conditions_check(&asked.request, asked.head, content, NOW);
}

/* --- preconditions (RFC 9110, section 13) --------------------------------------------------- */

static const struct {
    const char *fields;
    unsigned status;
} preconditions[] = {
    {"", 0},
    /* 13.1.1: If-Match compares strongly */
    {"If-Match: " TAG "\r\n", 0},
    {"If-Match: *\r\n", 0},
    {"If-Match: \"other\"\r\n", 412},
    {"If-Match: W/" TAG "\r\n", 412},
    {"If-Match: \"a\", \"b\", " TAG "\r\n", 0},
    {"If-Match: ,, \"a\" ,\t" TAG ",\r\n", 0},
    {"If-Match: \"a, " TAG "\r\n", 412}, /* the tag "a, " and then no tag */
    {"If-Match: \"a\"\r\nIf-Match: " TAG "\r\n", 0},
    {"If-Match: \"a\"\r\nIf-Match: \"b\"\r\n", 412},
    {"If-Match: xyzzy\r\n", 412},
    {"If-Match: \"XYZZY\"\r\n", 412},
    {"If-Match: \"xyzzy\r\n", 412},
    /* 13.1.2: If-None-Match compares weakly */
    {"If-None-Match: " TAG "\r\n", 304},
    {"If-None-Match: W/" TAG "\r\n", 304},
    {"If-None-Match: *\r\n", 304},
    {"If-None-Match: \"other\"\r\n", 0},
    {"If-None-Match: \"a\", W/\"b\", " TAG "\r\n", 304},
    {"If-None-Match: \"a,b\", " TAG "\r\n", 304}, /* a comma within a tag */
    {"If-None-Match: \"a\"\r\nIf-None-Match: W/" TAG "\r\n", 304},
    {"If-None-Match: w/" TAG "\r\n", 0}, /* the W is case-sensitive, 8.8.3 */
    {"If-None-Match: \"xyzz\"\r\n", 0},
    {"If-None-Match: \"xyzzyy\"\r\n", 0},
    {"If-None-Match: \"\"\r\n", 0},
    /* 13.1.3 */
    {"If-Modified-Since: " DATE "\r\n", 304},
    {"If-Modified-Since: " AFTER "\r\n", 304},
    {"If-Modified-Since: " BEFORE "\r\n", 0},
    {"If-Modified-Since: Tuesday, 15-Nov-94 12:45:26 GMT\r\n", 304},
    {"If-Modified-Since: Tue Nov 15 12:45:26 1994\r\n", 304},
    {"If-Modified-Since: yesterday\r\n", 0},
    {"If-Modified-Since: 784903526\r\n", 0},
    {"If-Modified-Since: Tue, 15 Nov 1994 12:45:26 CET\r\n", 0},
    /* 13.1.4 */
    {"If-Unmodified-Since: " DATE "\r\n", 0},
    {"If-Unmodified-Since: " AFTER "\r\n", 0},
    {"If-Unmodified-Since: " BEFORE "\r\n", 412},
    {"If-Unmodified-Since: never\r\n", 0},
    /* 13.2.2: the order, and which of them make others be ignored */
    {"If-Match: " TAG "\r\nIf-Unmodified-Since: " BEFORE "\r\n", 0},
    {"If-Match: \"a\"\r\nIf-Unmodified-Since: " AFTER "\r\n", 412},
    {"If-Match: \"a\"\r\nIf-None-Match: " TAG "\r\n", 412},
    {"If-None-Match: " TAG "\r\nIf-Match: \"a\"\r\n", 412},
    {"If-Match: " TAG "\r\nIf-None-Match: " TAG "\r\n", 304},
    {"If-Unmodified-Since: " BEFORE "\r\nIf-None-Match: " TAG "\r\n", 412},
    {"If-None-Match: \"a\"\r\nIf-Modified-Since: " AFTER "\r\n", 0},
    {"If-None-Match: " TAG "\r\nIf-Modified-Since: " BEFORE "\r\n", 304},
    {"If-Unmodified-Since: " AFTER "\r\nIf-Modified-Since: " AFTER "\r\n", 304},
};

START_TEST(preconditions_are_evaluated)
{
    ck_assert_uint_eq(check(preconditions[_i].fields, &file), preconditions[_i].status);
}
END_TEST

/* A file without a date of its own, 13.1.3 and 13.1.4: conditions on the date are ignored. */
static const char *const dates[] = {
    "If-Modified-Since: " AFTER "\r\n",
    "If-Unmodified-Since: " BEFORE "\r\n",
};

START_TEST(without_a_date_conditions_on_it_are_ignored)
{
    struct representation undated = file;
    undated.has_modified = false;
    ck_assert_uint_eq(check(dates[_i], &undated), 0);
}
END_TEST

/* A page that is made for one reply has neither tag nor date. */
START_TEST(without_a_tag_no_tag_matches)
{
    static const struct representation page = {.length_bytes = 10};
    ck_assert_uint_eq(check("If-None-Match: \"\"\r\n", &page), 0);
    ck_assert_uint_eq(check("If-Match: \"\"\r\n", &page), 412);
    ck_assert_uint_eq(check("If-Match: *\r\n", &page), 0);
}
END_TEST

/* --- ranges (RFC 9110, section 14) ---------------------------------------------------------- */

static struct http_range range_of(const char *method, const char *fields, uint64_t size)
{
    struct asked asked;
    struct representation content = file;
    content.length_bytes = size;
    ask(&asked, method, fields);
    return http_conditions_range(&asked.request, asked.head, &content, NOW);
}

#define WHOLE                                                                                      \
    {                                                                                              \
        HTTP_RANGE_WHOLE, 0, 0                                                                     \
    }
#define NOTHING                                                                                    \
    {                                                                                              \
        HTTP_RANGE_UNSATISFIABLE, 0, 0                                                             \
    }
#define PART(first, last)                                                                          \
    {                                                                                              \
        HTTP_RANGE_PART, first, last                                                               \
    }
#define HUGE_NUMBER "18446744073709551616" /* 2^64 */

/* clang-format off */
static const struct {
    const char *value;
    uint64_t size;
    struct http_range range;
} ranges[] = {
    /* 14.1.2, with its examples of a file of 10000 bytes */
    {"bytes=0-499",      10000, PART(0, 499)},
    {"bytes=500-999",    10000, PART(500, 999)},
    {"bytes=-500",       10000, PART(9500, 9999)},
    {"bytes=9500-",      10000, PART(9500, 9999)},
    {"bytes=0-0",        10000, PART(0, 0)},
    {"bytes=9999-9999",  10000, PART(9999, 9999)},
    {"bytes=0-",         10000, PART(0, 9999)},
    {"bytes=-1",         10000, PART(9999, 9999)},
    {"bytes=-10000",     10000, PART(0, 9999)},
    {"bytes=-10001",     10000, PART(0, 9999)}, /* longer than the file: all of it */
    {"bytes=9000-20000", 10000, PART(9000, 9999)},
    {"BYTES=0-0",        10000, PART(0, 0)},    /* range units are case-insensitive, 14.1 */
    {"bytes=007-0010",   10000, PART(7, 10)},
    /* 15.5.17: nothing of it is there */
    {"bytes=10000-",      10000, NOTHING},
    {"bytes=10000-10000", 10000, NOTHING},
    {"bytes=-0",          10000, NOTHING},
    {"bytes=0-",          0,     NOTHING},
    {"bytes=0-0",         0,     NOTHING},
    {"bytes=-0",          0,     NOTHING},
    /* numbers that 64 bits do not hold */
    {"bytes=0-" HUGE_NUMBER,               10000, PART(0, 9999)},
    {"bytes=-" HUGE_NUMBER,                10000, PART(0, 9999)},
    {"bytes=" HUGE_NUMBER "-",             10000, NOTHING},
    {"bytes=" HUGE_NUMBER "-" HUGE_NUMBER, 10000, NOTHING},
    {"bytes=18446744073709551615-",        10000, NOTHING},
    {"bytes=0-18446744073709551615",       10000, PART(0, 9999)},
    {"bytes=1-99999999999999999999999999", 10000, PART(1, 9999)},
    {"bytes=" HUGE_NUMBER "-1",            10000, WHOLE},
    {"bytes=-1",                           UINT64_MAX, PART(UINT64_MAX - 1, UINT64_MAX - 1)},
    /* 14.2: a range that is invalid, or not understood, is ignored */
    {"bytes=5-4",       10000, WHOLE},
    {"bytes=",          10000, WHOLE},
    {"bytes=-",         10000, WHOLE},
    {"bytes=a-b",       10000, WHOLE},
    {"bytes=5",         10000, WHOLE},
    {"bytes=1-2x",      10000, WHOLE},
    {"bytes=1-x",       10000, WHOLE},
    {"bytes=-5x",       10000, WHOLE},
    {"bytes=--5",       10000, WHOLE},
    {"bytes=+1-2",      10000, WHOLE},
    {"bytes=0x0-1",     10000, WHOLE},
    {"bytes 0-1",       10000, WHOLE},
    {"bytes",           10000, WHOLE},
    {"byte=0-1",        10000, WHOLE},
    {"lines=0-1",       10000, WHOLE},
    {"0-1",             10000, WHOLE},
    {"bytes=0-1,3-4",   10000, WHOLE}, /* several: allowed to be ignored */
    {"bytes=0-1, -1",   10000, WHOLE},
    {"bytes=-5",        0,     WHOLE},
};
/* clang-format on */

static void assert_range(struct http_range range, struct http_range expected)
{
    ck_assert_int_eq(range.kind, expected.kind);
    if (expected.kind != HTTP_RANGE_PART)
        return;
    ck_assert_uint_eq(range.first, expected.first);
    ck_assert_uint_eq(range.last, expected.last);
}

START_TEST(a_range_is_understood)
{
    char fields[128];
    snprintf(fields, sizeof fields, "Range: %s\r\n", ranges[_i].value);
    assert_range(range_of("GET", fields, ranges[_i].size), ranges[_i].range);
}
END_TEST

START_TEST(only_get_has_ranges)
{
    static const char *const methods[] = {"HEAD", "POST", "BREW"};
    for (int i = 0; i < ROWS(methods); i++)
        ck_assert_int_eq(range_of(methods[i], "Range: bytes=0-1\r\n", 10).kind, HTTP_RANGE_WHOLE);
    ck_assert_int_eq(range_of("GET", "", 10).kind, HTTP_RANGE_WHOLE);
}
END_TEST

/* 13.1.5: a strong tag, or the very date. */
static const struct {
    const char *condition;
    bool applies;
} if_ranges[] = {
    {TAG, true},
    {"\"other\"", false},
    {"W/" TAG, false},
    {"xyzzy", false},
    {DATE, true},
    {BEFORE, false},
    {AFTER, false},
    {"Tuesday, 15-Nov-94 12:45:26 GMT", true},
    {"Tue Nov 15 12:45:26 1994", true},
    {"tomorrow", false},
    {"*", false},
};

START_TEST(if_range_decides_whether_a_range_applies)
{
    char fields[128];
    snprintf(fields, sizeof fields, "Range: bytes=5-9\r\nIf-Range: %s\r\n",
             if_ranges[_i].condition);
    ck_assert_int_eq(range_of("GET", fields, 1000).kind,
                     if_ranges[_i].applies ? HTTP_RANGE_PART : HTTP_RANGE_WHOLE);
}
END_TEST

/* A week of dates: each of them is the file's own, whatever its day is called. */
START_TEST(if_range_takes_a_date_of_any_day)
{
    char date[64], fields[128];
    struct asked asked;
    struct representation content = file;
    content.modified = MODIFIED + _i * 86400;
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime(&content.modified));
    snprintf(fields, sizeof fields, "Range: bytes=5-9\r\nIf-Range: %s\r\n", date);
    ask(&asked, "GET", fields);
    ck_assert_int_eq(http_conditions_range(&asked.request, asked.head, &content, NOW).kind,
                     HTTP_RANGE_PART);
}
END_TEST

START_TEST(if_range_with_a_date_needs_a_date)
{
    struct asked asked;
    struct representation undated = file;
    undated.has_modified = false;
    ask(&asked, "GET", "Range: bytes=5-9\r\nIf-Range: " DATE "\r\n");
    ck_assert_int_eq(http_conditions_range(&asked.request, asked.head, &undated, NOW).kind,
                     HTTP_RANGE_WHOLE);
}
END_TEST

Suite *http_conditions_suite(void)
{
    Suite *suite = suite_create("http_conditions");
    TCase *before = unit_add_case(suite, "preconditions");
    tcase_add_loop_test(before, preconditions_are_evaluated, 0, ROWS(preconditions));
    tcase_add_loop_test(before, without_a_date_conditions_on_it_are_ignored, 0, ROWS(dates));
    tcase_add_test(before, without_a_tag_no_tag_matches);
    TCase *range = unit_add_case(suite, "ranges");
    tcase_add_loop_test(range, a_range_is_understood, 0, ROWS(ranges));
    tcase_add_test(range, only_get_has_ranges);
    tcase_add_loop_test(range, if_range_decides_whether_a_range_applies, 0, ROWS(if_ranges));
    tcase_add_loop_test(range, if_range_takes_a_date_of_any_day, 0, 7);
    tcase_add_test(range, if_range_with_a_date_needs_a_date);
    return suite;
}
