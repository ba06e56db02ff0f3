/*
 * Conditional requests (RFC 9110, section 13) and validators (section 8.8).
 */
#include "integration/asking.h"
#include "support/deadline.h"

#include <stdlib.h>
#include <string.h>

enum { FIELD_ROOM = 200, PATIENCE_MS = 10000 };

static struct site site;

static void open_site(void)
{
    site_open(&site, NULL);
}

static void close_site(void)
{
    site_close(&site);
}

/* ---- entity tags ---- */

static const char *fetch_etag(const char *path)
{
    return demand_field(ask_for_status(site.server->port, 200, HEAD("%s", ""), path), "ETag");
}

START_TEST(etag_is_strong_and_stays)
{
    const char *etag = fetch_etag("/file.txt");
    ck_assert_msg(text_matches(etag, "^\"[^\"]+\"$"), "not a strong entity tag: %s", etag);
    ck_assert_str_eq(etag, fetch_etag("/file.txt"));
    ck_assert_str_ne(etag, fetch_etag("/a+b.txt"));
}
END_TEST

/* A server may look at a cached file once in a while only; so the test asks again and again. */
static const struct http_answer *ask_until_changed(const char *path, const char *old_etag)
{
    int64_t deadline = deadline_in(PATIENCE_MS);
    do {
        const struct http_answer *answer =
            ask_for_status(site.server->port, 200, GET("%s", ""), path);
        if (strcmp(demand_field(answer, "ETag"), old_etag) != 0)
            return answer;
    } while (deadline_retry(deadline));
    ck_abort_msg("%s was changed, its entity tag was not", path);
    return NULL;
}

/* The second change leaves the length as it was. */
static const struct {
    const char *before, *after;
} changes[] = {
    {"old text", "a new and longer text"},
    {"old text", "new text"},
};

START_TEST(etag_changes_with_the_file)
{
    const char *after = changes[_i].after;
    docroot_write(&site.docroot, "changing.txt", changes[_i].before, strlen(changes[_i].before));
    docroot_set_mtime(&site.docroot, "changing.txt", DOCROOT_FILE_MTIME + _i);
    ask_for_status(site.server->port, 200, GET("/changing.txt", "")); /* now it may be cached */
    const char *etag = fetch_etag("/changing.txt");
    docroot_write(&site.docroot, "changing.txt", after, strlen(after));
    demand_body(ask_until_changed("/changing.txt", etag), after, strlen(after));
}
END_TEST

START_TEST(removed_file_is_gone)
{
    int64_t deadline = deadline_in(PATIENCE_MS);
    char path[DOCROOT_PATH_ROOM + FIELD_ROOM];
    int status;
    docroot_write(&site.docroot, "passing.txt", "x", 1);
    ask_for_status(site.server->port, 200, GET("/passing.txt", ""));
    snprintf(path, sizeof path, "%s/passing.txt", site.docroot.root);
    ck_assert_int_eq(remove(path), 0);
    do {
        struct http_connection *talk = http_ask(site.server->port, GET("/passing.txt", ""));
        status = talk->answers[0].status;
        http_close(talk);
    } while (status == 200 && deadline_retry(deadline));
    ck_assert_int_eq(status, 404);
}
END_TEST

/* ---- conditions ---- */

/* "%s" in a field stands for the entity tag of file.txt. */
static const struct {
    int status;
    const char *fields;
} conditions[] = {
    /* If-None-Match compares weakly */
    {304, "If-None-Match: %s\r\n"},
    {304, "If-None-Match: W/%s\r\n"},
    {304, "If-None-Match: \"one\", %s, \"two\"\r\n"},
    {304, "If-None-Match: \"one\",W/\"two\",%s\r\n"},
    {304, "If-None-Match: \"a, b\", %s\r\n"},
    {304, "If-None-Match: *\r\n"},
    {200, "If-None-Match: \"one\", \"two\"\r\n"},
    {200, "If-None-Match: \"\"\r\n"},
    {304, "If-None-Match: \"one\"\r\nIf-None-Match: %s\r\n"}, /* two lines are one list */

    /* If-Modified-Since in all three formats; what is no date is ignored */
    {304, "If-Modified-Since: " DOCROOT_FILE_DATE "\r\n"},
    {304, "If-Modified-Since: Tuesday, 02-Jan-24 03:04:05 GMT\r\n"},
    {304, "If-Modified-Since: Tue Jan  2 03:04:05 2024\r\n"},
    {304, "If-Modified-Since: Wed, 03 Jan 2024 00:00:00 GMT\r\n"},
    {200, "If-Modified-Since: Tue, 02 Jan 2024 03:04:04 GMT\r\n"},
    {200, "If-Modified-Since: Tuesday, 02-Jan-24 03:04:04 GMT\r\n"},
    {200, "If-Modified-Since: Tue Jan  2 03:04:04 2024\r\n"},
    {200, "If-Modified-Since: yesterday\r\n"},
    {200, "If-Modified-Since: \r\n"},
    {200, "If-Modified-Since: 1893456000\r\n"},
    {200, "If-Modified-Since: Tue, 32 Jan 2029 03:04:05 GMT\r\n"},
    {200, "If-Modified-Since: Tue, 02 Jan 2029 25:04:05 GMT\r\n"},
    {200, "If-Modified-Since: Tue, 02 Foo 2029 03:04:05 GMT\r\n"},
    {200, "If-Modified-Since: Tue, 02 Jan 2029 03:04:05 GMT and more\r\n"},
    {200, "If-None-Match: \"one\"\r\nIf-Modified-Since: " DOCROOT_FILE_DATE "\r\n"},
    {304, "If-None-Match: %s\r\nIf-Modified-Since: Mon, 01 Jan 2001 00:00:00 GMT\r\n"},

    /* If-Match compares strongly */
    {200, "If-Match: %s\r\n"},
    {200, "If-Match: *\r\n"},
    {200, "If-Match: \"one\", %s\r\n"},
    {200, "If-Match: \"one\"\r\nIf-Match: %s\r\n"},
    {412, "If-Match: \"one\"\r\n"},
    {412, "If-Match: W/%s\r\n"},

    /* If-Unmodified-Since */
    {200, "If-Unmodified-Since: " DOCROOT_FILE_DATE "\r\n"},
    {200, "If-Unmodified-Since: Wed, 03 Jan 2024 00:00:00 GMT\r\n"},
    {412, "If-Unmodified-Since: Tue, 02 Jan 2024 03:04:04 GMT\r\n"},
    {200, "If-Unmodified-Since: yesterday\r\n"},

    /* the order of section 13.2.2 */
    {200, "If-Match: %s\r\nIf-Unmodified-Since: Mon, 01 Jan 2001 00:00:00 GMT\r\n"},
    {412, "If-Match: \"one\"\r\nIf-None-Match: *\r\n"},
    {304, "If-Match: *\r\nIf-None-Match: *\r\n"},
    {412, "If-Match: \"one\"\r\nRange: bytes=0-9\r\n"},
    {304, "If-None-Match: *\r\nRange: bytes=0-9\r\n"},

    /* If-Range: an entity tag compared strongly, or the very date */
    {206, "Range: bytes=0-9\r\nIf-Range: %s\r\n"},
    {200, "Range: bytes=0-9\r\nIf-Range: W/%s\r\n"},
    {200, "Range: bytes=0-9\r\nIf-Range: \"one\"\r\n"},
    {206, "Range: bytes=0-9\r\nIf-Range: " DOCROOT_FILE_DATE "\r\n"},
    {200, "Range: bytes=0-9\r\nIf-Range: Wed, 03 Jan 2024 00:00:00 GMT\r\n"},
    {200, "Range: bytes=0-9\r\nIf-Range: yesterday\r\n"},
    {200, "Range: bytes=5000-\r\nIf-Range: \"one\"\r\n"},
    {200, "If-Range: %s\r\n"},
};

static const struct http_answer *ask_condition(int number)
{
    char *fields = NULL;
    int length = asprintf(&fields, conditions[number].fields, fetch_etag("/file.txt"));
    ck_assert_int_gt(length, 0);
    const struct http_answer *answer = ask_for_status(site.server->port, conditions[number].status,
                                                      GET("/file.txt", "%s"), fields);
    free(fields);
    return answer;
}

START_TEST(condition_is_judged_rightly)
{
    const struct http_answer *answer = ask_condition(_i);
    if (answer->status == 200)
        demand_body(answer, docroot_file_text(), DOCROOT_FILE_BYTES);
    if (answer->status == 206)
        demand_body(answer, docroot_file_text(), 10);
    if (answer->status == 304) {
        ck_assert_str_eq(demand_field(answer, "ETag"), fetch_etag("/file.txt"));
        demand_field(answer, "Date");
    }
}
END_TEST

START_TEST(condition_on_a_missing_file_is_404)
{
    ask_for_status(site.server->port, 404, GET("/nosuch", "If-None-Match: *\r\n"));
}
END_TEST

START_TEST(condition_holds_for_head)
{
    ask_for_status(site.server->port, 304, HEAD("/file.txt", "If-None-Match: *\r\n"));
}
END_TEST

TCase *http_conditional_case(void)
{
    TCase *tcase = create_site_case("conditional", open_site, close_site);
    tcase_add_test(tcase, etag_is_strong_and_stays);
    tcase_add_loop_test(tcase, etag_changes_with_the_file, 0, sizeof changes / sizeof *changes);
    tcase_add_test(tcase, removed_file_is_gone);
    tcase_add_loop_test(tcase, condition_is_judged_rightly, 0,
                        sizeof conditions / sizeof *conditions);
    tcase_add_test(tcase, condition_on_a_missing_file_is_404);
    tcase_add_test(tcase, condition_holds_for_head);
    return tcase;
}
