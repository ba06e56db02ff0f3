/*
 * What RFC 9110 and RFC 9112 ask of every answer: methods, fields, errors, limits, redirects,
 * listings. Conditions, ranges, connections, large files and the log have files of their own.
 */
#include "integration/asking.h"
#include "support/deadline.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    CLOCK_TOLERANCE_SECONDS = 5,
    ONE_DAY_SECONDS = 24 * 60 * 60,
    LINE_LIMIT = 8 * 1024,  /* bytes of a request line that the server takes */
    HEAD_LIMIT = 16 * 1024, /* bytes of a whole head */
    FIELD_LIMIT = 100,      /* fields in a head */
    REQUEST_ROOM = 64 * 1024,
};

#define FIXDATE_PATTERN                                                                            \
    "^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} "                                                    \
    "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT$"

static struct site site;

static void open_site(void)
{
    site_open(&site, NULL);
    docroot_write(&site.docroot, "page.html", "<p>", 3);
    docroot_write(&site.docroot, "style.css", "p{}", 3);
    docroot_write(&site.docroot, "script.js", "1;\n", 3);
    docroot_write(&site.docroot, "picture.svg", "<a/>", 4);
    docroot_write(&site.docroot, "picture.png", "png", 3);
}

static void open_site_with_listings(void)
{
    static const char *const options[] = {"--list", NULL};
    site_open(&site, options);
    docroot_make_directory(&site.docroot, "<b>dir");
    docroot_write(&site.docroot, "<b>dir/\"&'.txt", "x", 1);
    docroot_make_directory(&site.docroot, "special");
    docroot_make_pipe(&site.docroot, "special/pipe");
    docroot_write(&site.docroot, "special/.hidden", "x", 1);
}

static void close_site(void)
{
    site_close(&site);
}

/* ---- methods ---- */

static const char *const head_paths[] = {"/file.txt", "/", "/empty.txt", "/sub", "/nosuch"};

static bool is_date_line(const char *line)
{
    return strncasecmp(line, "Date:", strlen("Date:")) == 0;
}

/* Line by line the same, but for the value of Date. */
static bool heads_are_equal(const struct http_answer *one, const struct http_answer *other)
{
    const char *left = one->fields;
    const char *right = other->fields;
    while (*left != '\0' &&
           (strcmp(left, right) == 0 || (is_date_line(left) && is_date_line(right)))) {
        left += strlen(left) + sizeof "\n";
        right += strlen(right) + sizeof "\n";
    }
    return *left == *right;
}

START_TEST(head_has_the_fields_of_get)
{
    const char *path = head_paths[_i];
    struct http_connection *get = http_ask(site.server->port, GET("%s", ""), path);
    struct http_connection *head = http_ask(site.server->port, HEAD("%s", ""), path);
    ck_assert_uint_eq(head->count, 1);
    ck_assert_uint_eq(head->answers[0].body_length, 0);
    if (!heads_are_equal(&get->answers[0], &head->answers[0]))
        ck_abort_msg("GET of %s:\n%s\nHEAD:\n%s", path, get->answers[0].head,
                     head->answers[0].head);
}
END_TEST

static const char *const known_methods[] = {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"};

START_TEST(known_method_is_405_and_allow_names_the_others)
{
    const struct http_answer *answer = ask_for_status(
        site.server->port, 405, ASK("%s /file.txt", "Content-Length: 0\r\n"), known_methods[_i]);
    ck_assert_str_eq(demand_field(answer, "Allow"), "GET, HEAD");
}
END_TEST

static const char *const unknown_methods[] = {"BREW", "get", "GETX", "G", "M-SEARCH"};

START_TEST(unknown_method_is_501)
{
    ask_for_status(site.server->port, 501, ASK("%s /file.txt", ""), unknown_methods[_i]);
}
END_TEST

/* ---- fields of every answer ---- */

/* One request for each status that a server of files gives. */
static const struct {
    int status;
    const char *request;
} answers[] = {
    {200, GET("/file.txt", "")},
    {206, GET("/file.txt", "Range: bytes=0-9\r\n")},
    {301, GET("/sub", "")},
    {304, GET("/file.txt", "If-None-Match: *\r\n")},
    {400, "GET /file.txt HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
    {403, GET("/noindex/", "")},
    {404, GET("/nosuch", "")},
    {405, ASK("DELETE /file.txt", "")},
    {412, GET("/file.txt", "If-Match: \"other\"\r\n")},
    {416, GET("/file.txt", "Range: bytes=1000-\r\n")},
    {417, GET("/file.txt", "Expect: wonders\r\n")},
    {501, ASK("BREW /file.txt", "")},
};
enum { ANSWER_COUNT = sizeof answers / sizeof *answers, FIRST_ERROR = 4 };

static time_t parse_fixdate(const char *text)
{
    struct tm fields = {0};
    ck_assert_msg(text_matches(text, FIXDATE_PATTERN), "not an IMF-fixdate: %s", text);
    const char *rest = strptime(text, "%a, %d %b %Y %H:%M:%S GMT", &fields);
    ck_assert_ptr_nonnull(rest);
    return timegm(&fields);
}

START_TEST(date_is_valid_and_near_now)
{
    const struct http_answer *answer =
        ask_for_status(site.server->port, answers[_i].status, "%s", answers[_i].request);
    time_t date = parse_fixdate(demand_field(answer, "Date"));
    double tolerance = CLOCK_TOLERANCE_SECONDS * deadline_scale();
    ck_assert_double_le(difftime(time(NULL), date), tolerance);
    ck_assert_double_ge(difftime(time(NULL), date), -1.0);
}
END_TEST

START_TEST(error_has_a_page_of_the_length_it_says)
{
    char status[sizeof "404"];
    const struct http_answer *answer =
        ask_for_status(site.server->port, answers[_i].status, "%s", answers[_i].request);
    snprintf(status, sizeof status, "%d", answer->status);
    ck_assert_uint_eq(strtoul(demand_field(answer, "Content-Length"), NULL, 10),
                      answer->body_length);
    ck_assert_msg(text_matches(demand_field(answer, "Content-Type"), "^text/html"),
                  "an error's page is not text/html:\n%s", answer->head);
    ck_assert_msg(strstr(answer->body, status) != NULL && strchr(answer->body, '<') != NULL,
                  "not a page about %s: %s", status, answer->body);
}
END_TEST

static const struct {
    const char *path, *type; /* the type is a regular expression */
} types[] = {
    {"/page.html", "^text/html *; *charset=utf-8$"},
    {"/style.css", "^text/css"},
    {"/script.js", "^(text|application)/javascript"},
    {"/picture.svg", "^image/svg\\+xml"},
    {"/picture.png", "^image/png$"},
    {"/file.txt", "^text/plain *; *charset=utf-8$"},
    {"/sub/", "^text/html"},
    {"/README", "^(text/plain|application/octet-stream)"},
};

START_TEST(content_type_follows_the_ending)
{
    const struct http_answer *answer =
        ask_for_status(site.server->port, 200, GET("%s", ""), types[_i].path);
    const char *type = demand_field(answer, "Content-Type");
    ck_assert_msg(text_matches(type, types[_i].type), "%s has type %s", types[_i].path, type);
}
END_TEST

START_TEST(last_modified_is_the_time_of_the_file)
{
    const struct http_answer *answer = ask_for_status(site.server->port, 200, GET("/file.txt", ""));
    ck_assert_str_eq(demand_field(answer, "Last-Modified"), DOCROOT_FILE_DATE);
}
END_TEST

/* RFC 9110, section 8.8.2.1: no origin server tells of changes that are yet to come. */
START_TEST(last_modified_is_not_later_than_date)
{
    docroot_write(&site.docroot, "future.txt", "x", 1);
    docroot_set_mtime(&site.docroot, "future.txt", time(NULL) + ONE_DAY_SECONDS);
    const struct http_answer *answer =
        ask_for_status(site.server->port, 200, GET("/future.txt", ""));
    const char *modified = http_field(answer, "Last-Modified");
    time_t date = parse_fixdate(demand_field(answer, "Date"));
    if (modified != NULL)
        ck_assert_int_le(parse_fixdate(modified), date);
}
END_TEST

/* ---- paths ---- */

static const struct {
    const char *path, *body;
} names[] = {
    {"/a%20b.txt", "space"},     {"/q%3Fx.txt", "question"}, {"/h%23x.txt", "hash"},
    {"/%61+b.txt", "plus"},      {"/a+b.txt?c", "plus"},     {"/./a+b.txt", "plus"},
    {"/sub/../a+b.txt", "plus"}, {"/sub/", "sub\n"},         {"/y1969.txt", "y"},
    {"/y10k.txt", "y"},
};

START_TEST(name_is_decoded_and_found)
{
    const struct http_answer *answer =
        ask_for_status(site.server->port, 200, GET("%s", ""), names[_i].path);
    demand_body(answer, names[_i].body, strlen(names[_i].body));
}
END_TEST

START_TEST(link_to_a_file_inside_is_followed)
{
    const struct http_answer *answer = ask_for_status(site.server->port, 200, GET("/link-in", ""));
    demand_body(answer, docroot_file_text(), DOCROOT_FILE_BYTES);
}
END_TEST

START_TEST(file_without_permission_is_not_shown)
{
    if (!site.server->unprivileged) {
        fprintf(stderr, "not tested: the server runs as root, and root may read everything\n");
        return;
    }
    struct http_connection *talk = http_ask(site.server->port, GET("/noperm.txt", ""));
    int status = talk->answers[0].status;
    ck_assert_msg(status == 403 || status == 404, "got %s", http_describe(talk));
}
END_TEST

START_TEST(pipe_that_nobody_writes_delays_nobody)
{
    struct http_connection *slow = http_open(site.server->port);
    http_send_text(slow, GET("/fifo", ""));
    ask_for_status(site.server->port, 200, GET("/file.txt", ""));
    http_finish_sending(slow);
    http_read_to_end(slow);
    demand_statuses(slow, "403");
}
END_TEST

/* ---- what a request must have ---- */

START_TEST(http_1_1_without_host_is_400)
{
    ask_for_status(site.server->port, 400, "GET /file.txt HTTP/1.1\r\n\r\n");
}
END_TEST

START_TEST(empty_line_before_the_request_is_overlooked)
{
    ask_for_status(site.server->port, 200, "\r\n" GET("/file.txt", ""));
}
END_TEST

START_TEST(unfinished_head_gets_no_answer_when_the_client_leaves)
{
    struct http_connection *talk = http_open(site.server->port);
    http_send_text(talk, "GET /file.txt HTTP/1.1\r\n" HOST);
    http_finish_sending(talk);
    http_read_to_end(talk);
    demand_statuses(talk, "none");
}
END_TEST

START_TEST(unknown_expectation_is_417)
{
    ask_for_status(site.server->port, 417, GET("/file.txt", "Expect: something-else\r\n"));
}
END_TEST

/* The client holds its body back; so the final answer must not wait for the body. */
START_TEST(post_that_expects_100_gets_a_final_status)
{
    struct http_connection *talk = http_open(site.server->port);
    http_send_text(talk, ASK("POST /file.txt", "Expect: 100-continue\r\nContent-Length: 5\r\n"));
    http_read_answers(talk, 1);
    demand_statuses(talk, "405");
}
END_TEST

/* ---- limits ---- */

/* A request for file.txt whose first line and whose number and size of fields are given. */
static char *build_request(size_t query_length, size_t field_count, size_t value_length)
{
    char *request = malloc(REQUEST_ROOM);
    ck_assert_ptr_nonnull(request);
    char *end = stpcpy(request, "GET /file.txt?");
    end = (char *)memset(end, 'q', query_length) + query_length;
    end = stpcpy(end, " HTTP/1.1\r\n" HOST);
    for (size_t i = 1; i < field_count; i++) {
        end = stpcpy(end, "X-Filler: ");
        end = (char *)memset(end, 'x', value_length) + value_length;
        end = stpcpy(end, "\r\n");
    }
    strcpy(end, "\r\n");
    return request;
}

static const struct {
    int status;
    size_t query_length, field_count, value_length;
} limits[] = {
    {200, LINE_LIMIT - 100, 1, 0}, /* a little less than the longest line */
    {414, LINE_LIMIT, 1, 0},
    {200, 0, 16, HEAD_LIMIT / 16 - 100}, /* a little less than the longest head */
    {431, 0, 17, HEAD_LIMIT / 16},
    {200, 0, FIELD_LIMIT, 1},
    {431, 0, FIELD_LIMIT + 1, 1},
};

START_TEST(size_of_a_head_is_limited)
{
    char *request =
        build_request(limits[_i].query_length, limits[_i].field_count, limits[_i].value_length);
    ask_for_status(site.server->port, limits[_i].status, "%s", request);
    free(request);
}
END_TEST

START_TEST(endless_head_is_refused_before_it_ends)
{
    struct http_connection *talk = http_open(site.server->port);
    char *request = build_request(0, 40, HEAD_LIMIT / 16);
    http_send(talk, request, strlen(request) - strlen("\r\n"));
    http_read_to_end(talk);
    demand_statuses(talk, "431");
    free(request);
}
END_TEST

/* ---- redirects ---- */

static const char *const redirect_targets[] = {
    "/sub",
    "//sub",
    "///sub",
    "/%2fsub",
    "/%2f%2fsub",
    "/.//sub",
    "/sub/..//sub",
    "/./%2fsub",
    "//evil.example",
    "//evil.example/",
    "//evil.example/..",
    "//evil.example/%2e%2e/sub",
    "//evil.example/../sub",
    "/%2fevil.example/%2e%2e/sub",
    "/\\evil.example/..",
    "/%5cevil.example/%2e%2e/sub",
    "/%5csub",
    "http://evil.example/sub",
    "http://evil.example//sub",
    "/sub?next=//evil.example",
    "/sub?%0d%0aX-Evil:1",
    "/sub%0d%0aX-Evil:1",
    "/dir%20sp",
};

START_TEST(redirect_cannot_be_pointed_elsewhere)
{
    struct http_connection *talk = http_ask(site.server->port, GET("%s", ""), redirect_targets[_i]);
    const struct http_answer *answer = &talk->answers[0];
    const char *location = http_field(answer, "Location");
    ck_assert_msg(http_field(answer, "X-Evil") == NULL, "smuggled: %s", answer->head);
    ck_assert_msg(answer->status / 100 != 3 || location != NULL, "a redirect to nowhere");
    if (location != NULL)
        ck_assert_msg(text_matches(location, "^/([^/\\]|$)") && strpbrk(location, " \r\n") == NULL,
                      "%s leads to %s", redirect_targets[_i], location);
}
END_TEST

START_TEST(directory_without_slash_is_redirected)
{
    const struct http_answer *answer = ask_for_status(site.server->port, 301, GET("/sub", ""));
    ck_assert_str_eq(demand_field(answer, "Location"), "/sub/");
    demand_field(answer, "Content-Length");
}
END_TEST

/* ---- listings ---- */

START_TEST(directory_without_index_is_403)
{
    ask_for_status(site.server->port, 403, GET("/noindex/", ""));
}
END_TEST

START_TEST(listing_escapes_every_name)
{
    static const char *const wrong[] = {"<b>dir", "\"&'.txt", "\"&amp;'.txt"};
    const struct http_answer *answer =
        ask_for_status(site.server->port, 200, GET("/%%3Cb%%3Edir/", ""));
    ck_assert_msg(text_matches(demand_field(answer, "Content-Type"), "^text/html"), "not HTML");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(strstr(answer->body, wrong[i]) == NULL, "%s stands unescaped in %s", wrong[i],
                      answer->body);
    ck_assert_msg(strstr(answer->body, "%22%26") != NULL, "no link to the file: %s", answer->body);
}
END_TEST

START_TEST(listing_names_special_files_and_hides_hidden_ones)
{
    const struct http_answer *answer = ask_for_status(site.server->port, 200, GET("/special/", ""));
    ck_assert_ptr_nonnull(strstr(answer->body, "pipe"));
    ck_assert_ptr_null(strstr(answer->body, ".hidden"));
}
END_TEST

START_TEST(listing_to_head_has_no_body)
{
    const struct http_answer *answer =
        ask_for_status(site.server->port, 200, HEAD("/noindex/", ""));
    ck_assert_uint_eq(answer->body_length, 0);
}
END_TEST

START_TEST(index_goes_before_listing)
{
    const struct http_answer *answer = ask_for_status(site.server->port, 200, GET("/", ""));
    demand_body(answer, DOCROOT_INDEX_TEXT, strlen(DOCROOT_INDEX_TEXT));
}
END_TEST

/* ---- the suite ---- */

#define COUNT_OF(array) ((int)(sizeof(array) / sizeof *(array)))

static TCase *methods_case(void)
{
    TCase *tcase = create_site_case("methods", open_site, close_site);
    tcase_add_loop_test(tcase, head_has_the_fields_of_get, 0, COUNT_OF(head_paths));
    tcase_add_loop_test(tcase, known_method_is_405_and_allow_names_the_others, 0,
                        COUNT_OF(known_methods));
    tcase_add_loop_test(tcase, unknown_method_is_501, 0, COUNT_OF(unknown_methods));
    return tcase;
}

static TCase *fields_case(void)
{
    TCase *tcase = create_site_case("fields", open_site, close_site);
    tcase_add_loop_test(tcase, date_is_valid_and_near_now, 0, ANSWER_COUNT);
    tcase_add_loop_test(tcase, error_has_a_page_of_the_length_it_says, FIRST_ERROR, ANSWER_COUNT);
    tcase_add_loop_test(tcase, content_type_follows_the_ending, 0, COUNT_OF(types));
    tcase_add_test(tcase, last_modified_is_the_time_of_the_file);
    tcase_add_test(tcase, last_modified_is_not_later_than_date);
    return tcase;
}

static TCase *paths_case(void)
{
    TCase *tcase = create_site_case("paths", open_site, close_site);
    tcase_add_loop_test(tcase, name_is_decoded_and_found, 0, COUNT_OF(names));
    tcase_add_test(tcase, link_to_a_file_inside_is_followed);
    tcase_add_test(tcase, file_without_permission_is_not_shown);
    tcase_add_test(tcase, pipe_that_nobody_writes_delays_nobody);
    tcase_add_loop_test(tcase, redirect_cannot_be_pointed_elsewhere, 0, COUNT_OF(redirect_targets));
    tcase_add_test(tcase, directory_without_slash_is_redirected);
    tcase_add_test(tcase, directory_without_index_is_403);
    return tcase;
}

static TCase *requests_case(void)
{
    TCase *tcase = create_site_case("requests", open_site, close_site);
    tcase_add_test(tcase, http_1_1_without_host_is_400);
    tcase_add_test(tcase, empty_line_before_the_request_is_overlooked);
    tcase_add_test(tcase, unfinished_head_gets_no_answer_when_the_client_leaves);
    tcase_add_test(tcase, unknown_expectation_is_417);
    tcase_add_test(tcase, post_that_expects_100_gets_a_final_status);
    tcase_add_loop_test(tcase, size_of_a_head_is_limited, 0, COUNT_OF(limits));
    tcase_add_test(tcase, endless_head_is_refused_before_it_ends);
    return tcase;
}

static TCase *listings_case(void)
{
    TCase *tcase = create_site_case("listings", open_site_with_listings, close_site);
    tcase_add_test(tcase, listing_escapes_every_name);
    tcase_add_test(tcase, listing_names_special_files_and_hides_hidden_ones);
    tcase_add_test(tcase, listing_to_head_has_no_body);
    tcase_add_test(tcase, index_goes_before_listing);
    return tcase;
}

Suite *http_semantics_suite(void)
{
    Suite *suite = suite_create("http_semantics");
    suite_add_tcase(suite, methods_case());
    suite_add_tcase(suite, fields_case());
    suite_add_tcase(suite, paths_case());
    suite_add_tcase(suite, requests_case());
    suite_add_tcase(suite, listings_case());
    suite_add_tcase(suite, http_conditional_case());
    suite_add_tcase(suite, http_range_case());
    suite_add_tcase(suite, http_pipelining_case());
    suite_add_tcase(suite, http_bodies_case());
    suite_add_tcase(suite, http_timeouts_case());
    suite_add_tcase(suite, http_large_files_case());
    suite_add_tcase(suite, access_log_case());
    return suite;
}
