/*
 * What is said about a file: its tag, its date, its type.
 */
#include "core/representation.h"
#include "unit/unit.h"

#include <string.h>

/* 1994-11-15 12:45:26, the example of RFC 9110, section 8.8.2. */
enum { MODIFIED = 784903526, NOW = 1000000000 };

static const struct file_facts facts = {
    .inode = 4711, .size_bytes = 1000, .modified = {.tv_sec = MODIFIED, .tv_nsec = 5}};

static bool has_field(const struct representation *content, const char *line)
{
    return memmem(content->fields, content->fields_length, line, strlen(line)) != NULL;
}

static void assert_tag(const struct representation *content)
{
    ck_assert_uint_ge(content->etag_length, 2);
    ck_assert_int_eq(content->etag[0], '"');
    ck_assert_int_eq(content->etag[content->etag_length - 1], '"');
    for (size_t i = 1; i + 1 < content->etag_length; i++) /* etagc, section 8.8.3 */
        ck_assert(content->etag[i] == 0x21 ||
                  (content->etag[i] >= 0x23 && content->etag[i] < 0x7f));
}

START_TEST(a_file_has_tag_date_and_type)
{
    struct representation content;
    char tag_line[128];
    representation_of_file(&content, "sub/a.html", &facts, NOW);
    assert_tag(&content);
    snprintf(tag_line, sizeof tag_line, "ETag: %.*s\r\n", (int)content.etag_length, content.etag);
    ck_assert(has_field(&content, tag_line));
    ck_assert(has_field(&content, "Last-Modified: Tue, 15 Nov 1994 12:45:26 GMT\r\n"));
    ck_assert(has_field(&content, "Content-Type: text/html; charset=utf-8\r\n"));
    ck_assert(has_field(&content, "Accept-Ranges: bytes\r\n"));
    ck_assert_uint_eq(content.length_bytes, 1000);
    ck_assert(content.has_modified);
    ck_assert_int_eq(content.modified, MODIFIED);
}
END_TEST

/* RFC 9110, section 15.4.5: of these a 304 has the tag, and need not have the type. */
START_TEST(validators_come_first)
{
    struct representation content;
    representation_of_file(&content, "a.html", &facts, NOW);
    content.fields_length = content.validators_length;
    ck_assert(has_field(&content, "ETag: "));
    ck_assert(has_field(&content, "Last-Modified: "));
    ck_assert(!has_field(&content, "Content-Type: "));
    ck_assert_int_eq(content.fields[content.validators_length - 1], '\n');
}
END_TEST

/* A part has a length of its own; all else is said of it, too (section 15.3.7). */
START_TEST(the_length_comes_last)
{
    struct representation content;
    representation_of_file(&content, "a.html", &facts, NOW);
    ck_assert(has_field(&content, "Content-Length: 1000\r\n"));
    content.fields_length = content.part_length;
    ck_assert(!has_field(&content, "Content-Length: "));
    ck_assert(has_field(&content, "Content-Type: "));
    ck_assert(has_field(&content, "Accept-Ranges: bytes\r\n"));
}
END_TEST

/* Each fact alone makes another tag: that is what strong means (section 8.8.1). */
START_TEST(a_changed_file_has_another_tag)
{
    struct representation before, after;
    struct file_facts changed = facts;
    switch (_i) {
    case 0: changed.inode++; break;
    case 1: changed.size_bytes++; break;
    case 2: changed.modified.tv_sec++; break;
    case 3: changed.modified.tv_nsec++; break;
    }
    representation_of_file(&before, "a", &facts, NOW);
    representation_of_file(&after, "a", &changed, NOW);
    ck_assert(before.etag_length != after.etag_length ||
              memcmp(before.etag, after.etag, before.etag_length) != 0);
}
END_TEST

START_TEST(an_unchanged_file_has_the_same_tag)
{
    struct representation before, after;
    representation_of_file(&before, "a", &facts, NOW);
    representation_of_file(&after, "a", &facts, NOW + 1);
    ck_assert_uint_eq(before.etag_length, after.etag_length);
    ck_assert_mem_eq(before.etag, after.etag, before.etag_length);
}
END_TEST

/* Section 8.8.2.1: no date later than now; and no year of five digits. */
static const struct {
    time_t modified, now;
    bool has_modified;
} dates[] = {
    {NOW, NOW, true},
    {NOW + 1, NOW, false},
    {0, NOW, true},
    {-86400, NOW, true},                 /* 1969 */
    {253402300799, 253402300800, true},  /* the last second of 9999 */
    {253402300800, 253402300800, false}, /* the first of 10000 */
    {-62167219200, NOW, true},           /* the first of the year 0 */
    {-62167219201, NOW, false},
};

START_TEST(a_date_may_be_left_out)
{
    struct representation content;
    struct file_facts dated = facts;
    dated.modified.tv_sec = dates[_i].modified;
    representation_of_file(&content, "a", &dated, dates[_i].now);
    ck_assert_int_eq(content.has_modified, dates[_i].has_modified);
    ck_assert_int_eq(has_field(&content, "Last-Modified: "), dates[_i].has_modified);
    assert_tag(&content);
}
END_TEST

/* The longest values that there are leave room: the last line is whole. */
START_TEST(the_longest_fields_fit)
{
    struct representation content;
    struct file_facts large = {.inode = (ino_t)-1, .size_bytes = UINT64_MAX};
    large.modified = (struct timespec){.tv_sec = -1, .tv_nsec = 999999999};
    representation_of_file(&content, "a.md", &large, NOW);
    ck_assert(content.has_modified);
    ck_assert_uint_lt(content.fields_length, sizeof content.fields);
    ck_assert(has_field(&content, "Content-Type: text/markdown; charset=utf-8\r\n"));
    ck_assert(has_field(&content, "Content-Length: 18446744073709551615\r\n"));
    ck_assert_mem_eq(content.fields + content.fields_length - 2, "\r\n", 2);
}
END_TEST

START_TEST(a_page_has_a_type_and_a_length)
{
    struct representation content;
    representation_of_page(&content, "text/html", 42);
    ck_assert_uint_eq(content.length_bytes, 42);
    ck_assert_uint_eq(content.etag_length, 0);
    ck_assert_uint_eq(content.validators_length, 0);
    ck_assert(!content.has_modified);
    ck_assert(has_field(&content, "Content-Type: text/html\r\n"));
    ck_assert(has_field(&content, "Content-Length: 42\r\n"));
    ck_assert(!has_field(&content, "Accept-Ranges: "));
}
END_TEST

Suite *representation_suite(void)
{
    Suite *suite = suite_create("representation");
    TCase *tcase = unit_add_case(suite, "representation");
    tcase_add_test(tcase, a_file_has_tag_date_and_type);
    tcase_add_test(tcase, validators_come_first);
    tcase_add_test(tcase, the_length_comes_last);
    tcase_add_loop_test(tcase, a_changed_file_has_another_tag, 0, 4);
    tcase_add_test(tcase, an_unchanged_file_has_the_same_tag);
    tcase_add_loop_test(tcase, a_date_may_be_left_out, 0, ROWS(dates));
    tcase_add_test(tcase, the_longest_fields_fit);
    tcase_add_test(tcase, a_page_has_a_type_and_a_length);
    return suite;
}
