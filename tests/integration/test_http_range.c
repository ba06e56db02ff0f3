/*
 * Ranges (RFC 9110, section 14), of a small file that a server keeps in its cache and of a large
 * one that it reads in pieces.
 */
#include "integration/asking.h"

#include <stdlib.h>
#include <string.h>

/* The large file must be larger than the option says, and end in the middle of a piece. */
enum { LARGE_BYTES = 300001, NOISE_SEED = 20240102, RANGE_ROOM = 100 };
static const char *const options[] = {"--cache-file-max", "64K", NULL};

static struct site site;
static char noise[LARGE_BYTES];

static void open_site(void)
{
    site_open(&site, options);
    docroot_make_noise(noise, LARGE_BYTES, NOISE_SEED);
    docroot_write(&site.docroot, "large.bin", noise, LARGE_BYTES);
}

static void close_site(void)
{
    site_close(&site);
}

/* ---- the ranges; a negative number counts from the end of the file ---- */

static const struct {
    const char *format; /* of the field's value, from first and last */
    int first, last;
} ranges[] = {
    {"bytes=%d-%d", 0, 0},         {"bytes=%d-%d", 1, 1},  {"bytes=%d-%d", 0, -1},
    {"bytes=%d-%d", -1, -1},       {"bytes=%d-%d", 1, -2}, {"bytes=%d-%d", 100, 899},
    {"bytes=%d-", 0, -1},          {"bytes=%d-", 500, -1}, {"bytes=%d-", -1, -1},
    {"bytes=%d-99999999", 10, -1}, {"bytes=%d-%d ", 3, 5}, {"bytes=%d-99999999999999999999", 7, -1},
    {"Bytes=%d-%d", 0, 9},
};

/* Those that only the large file has: around the edges of 64 KiB and 128 KiB. */
static const struct {
    int first, last;
} inner_ranges[] = {
    {65535, 65536},   {65536, 65536}, {65530, 131080},
    {131071, 131072}, {1, 299999},    {200000, 300000},
};

struct served {
    const char *path, *bytes;
    int length;
};

static struct served small_file(void)
{
    return (struct served){"/file.txt", docroot_file_text(), DOCROOT_FILE_BYTES};
}

static struct served large_file(void)
{
    return (struct served){"/large.bin", noise, LARGE_BYTES};
}

static int position_in(const struct served *file, int position)
{
    return position < 0 ? file->length + position : position;
}

static void demand_range(const struct served *file, const char *range, int first, int last)
{
    char expected[RANGE_ROOM];
    const struct http_answer *answer =
        ask_for_status(site.server->port, 206, GET("%s", "Range: %s\r\n"), file->path, range);
    snprintf(expected, sizeof expected, "bytes %d-%d/%d", first, last, file->length);
    ck_assert_str_eq(demand_field(answer, "Content-Range"), expected);
    demand_body(answer, file->bytes + first, (size_t)last - (size_t)first + 1);
}

static void demand_listed_range(const struct served *file, int number)
{
    char range[RANGE_ROOM];
    int first = position_in(file, ranges[number].first);
    int last = position_in(file, ranges[number].last);
    snprintf(range, sizeof range, ranges[number].format, first, last);
    demand_range(file, range, first, last);
}

START_TEST(range_of_small_file)
{
    struct served file = small_file();
    demand_listed_range(&file, _i);
}
END_TEST

START_TEST(range_of_large_file)
{
    struct served file = large_file();
    demand_listed_range(&file, _i);
}
END_TEST

START_TEST(range_across_the_pieces_of_a_large_file)
{
    struct served file = large_file();
    char range[RANGE_ROOM];
    snprintf(range, sizeof range, "bytes=%d-%d", inner_ranges[_i].first, inner_ranges[_i].last);
    demand_range(&file, range, inner_ranges[_i].first, inner_ranges[_i].last);
}
END_TEST

static const int suffixes[] = {1, 10, 999, 1000};

START_TEST(suffix_of_either_file)
{
    const struct served files[] = {small_file(), large_file()};
    char range[RANGE_ROOM];
    snprintf(range, sizeof range, "bytes=-%d", suffixes[_i]);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        demand_range(&files[i], range, files[i].length - suffixes[_i], files[i].length - 1);
}
END_TEST

/* ---- the rest ---- */

static void demand_refusal(const struct served *file, const char *range)
{
    char expected[RANGE_ROOM];
    const struct http_answer *answer =
        ask_for_status(site.server->port, 416, GET("%s", "Range: %s\r\n"), file->path, range);
    snprintf(expected, sizeof expected, "bytes */%d", file->length);
    ck_assert_str_eq(demand_field(answer, "Content-Range"), expected);
}

static const char *const refused[] = {"bytes=300001-", "bytes=300001-300002", "bytes=9999999999-",
                                      "bytes=-0"};

START_TEST(range_beyond_the_end_is_416)
{
    const struct served files[] = {small_file(), large_file()};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        demand_refusal(&files[i], refused[_i]);
}
END_TEST

static const char *const ignored[] = {"bytes=9-0", "bytes=",      "bytes=-",
                                      "bytes=a-b", "bytes 0-1",   "bytes=0-1x",
                                      "0-1",       "seconds=0-1", "bytes=0-1,5-6"};

START_TEST(range_that_is_none_gets_the_whole_file)
{
    const struct served files[] = {small_file(), large_file()};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const struct http_answer *answer = ask_for_status(
            site.server->port, 200, GET("%s", "Range: %s\r\n"), files[i].path, ignored[_i]);
        ck_assert_ptr_null(http_field(answer, "Content-Range"));
        demand_body(answer, files[i].bytes, (size_t)files[i].length);
    }
}
END_TEST

START_TEST(whole_large_file_arrives)
{
    const struct http_answer *answer =
        ask_for_status(site.server->port, 200, GET("/large.bin", ""));
    demand_body(answer, noise, LARGE_BYTES);
}
END_TEST

#define COUNT_OF(array) ((int)(sizeof(array) / sizeof *(array)))

TCase *http_range_case(void)
{
    TCase *tcase = create_site_case("ranges", open_site, close_site);
    tcase_add_loop_test(tcase, range_of_small_file, 0, COUNT_OF(ranges));
    tcase_add_loop_test(tcase, range_of_large_file, 0, COUNT_OF(ranges));
    tcase_add_loop_test(tcase, range_across_the_pieces_of_a_large_file, 0, COUNT_OF(inner_ranges));
    tcase_add_loop_test(tcase, suffix_of_either_file, 0, COUNT_OF(suffixes));
    tcase_add_loop_test(tcase, range_beyond_the_end_is_416, 0, COUNT_OF(refused));
    tcase_add_loop_test(tcase, range_that_is_none_gets_the_whole_file, 0, COUNT_OF(ignored));
    tcase_add_test(tcase, whole_large_file_arrives);
    return tcase;
}
