/*
 * The access log. Its lines are read back by the rules of the common log format:
 *     host ident authuser [date] "request" status bytes
 */
#include "core/log.h"
#include "unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct tree tree;
static struct log access_log;

static void make_tree(void)
{
    tree_make(&tree);
}

static void remove_tree(void)
{
    tree_remove(&tree);
}

static void open_log(void)
{
    ck_assert(log_open(&access_log, tree_path(&tree, "log")));
}

static void close_log(void)
{
    log_close(&access_log);
    unlink(tree_path(&tree, "log"));
}

static void add_line(const char *peer, const char *line)
{
    log_request(&access_log, peer, line, strlen(line), 200, 4711);
}

/* What the file holds after all has been written. */
static const char *written(void)
{
    static char text[16384];
    log_flush(&access_log);
    tree_read(&tree, "log", text, sizeof text);
    return text;
}

/* strptime(3) and mktime(3) read the date back: it lies within the test. */
static void assert_date(const char *text, time_t before)
{
    struct tm tm = {.tm_isdst = -1};
    const char *end = strptime(text, "%d/%b/%Y:%H:%M:%S %z", &tm);
    ck_assert_ptr_nonnull(end);
    ck_assert_int_eq(*end, ']');
    tm.tm_isdst = -1;
    time_t when = mktime(&tm);
    ck_assert_int_ge(when, before);
    ck_assert_int_le(when, time(NULL));
}

START_TEST(a_line_is_in_the_common_log_format)
{
    time_t before = time(NULL);
    static const char begin[] = "127.0.0.1 - - [";
    static const char end[] = "] \"GET /index.html HTTP/1.1\" 200 4711\n";
    add_line("127.0.0.1:50000", "GET /index.html HTTP/1.1");
    const char *text = written();
    ck_assert_mem_eq(text, begin, sizeof begin - 1);
    assert_date(text + sizeof begin - 1, before);
    ck_assert_str_eq(strchr(text, ']'), end);
}
END_TEST

static const struct {
    const char *peer, *host;
} peers[] = {
    {"127.0.0.1:80", "127.0.0.1 - -"},
    {"[::1]:80", "::1 - -"},
    {"[fe80::1%eth0]:65535", "fe80::1%eth0 - -"},
    {"unknown", "unknown - -"},
};

START_TEST(a_peer_is_logged_without_its_port)
{
    add_line(peers[_i].peer, "GET / HTTP/1.1");
    ck_assert_mem_eq(written(), peers[_i].host, strlen(peers[_i].host));
}
END_TEST

/* Nothing that a client sends can end the quoted part, or the line. */
static const struct {
    struct bytes line;
    const char *logged;
} escapes[] = {
    {BYTES("GET /\"x\" HTTP/1.1"), "\"GET /\\x22x\\x22 HTTP/1.1\""},
    {BYTES("a\\b"), "\"a\\x5cb\""},
    {BYTES("a\r\nb"), "\"a\\x0d\\x0ab\""},
    {BYTES("a\0b"), "\"a\\x00b\""},
    {BYTES("\x1b[2J\x7f\t"), "\"\\x1b[2J\\x7f\\x09\""},
    {BYTES("\xc3\xa4\xff"), "\"\\xc3\\xa4\\xff\""},
    {BYTES("a'b<>%41~ "), "\"a'b<>%41~ \""},
    {BYTES(""), "\"\""},
};

START_TEST(a_request_line_is_escaped)
{
    char expected[128];
    log_request(&access_log, "a:1", escapes[_i].line.at, escapes[_i].line.length, 404, 0);
    snprintf(expected, sizeof expected, "] %s 404 0\n", escapes[_i].logged);
    ck_assert_str_eq(strstr(written(), "] "), expected);
}
END_TEST

static const char fillings[] = {'a', '"', '\0', '\n', '\xff'};

/* However long and however odd: one request is one whole line. */
START_TEST(a_long_request_line_stays_one_line)
{
    static char line[10000];
    memset(line, fillings[_i], sizeof line);
    log_request(&access_log, "[fe80::1111:2222:3333:4444%interface]:65535", line, sizeof line, 414,
                UINT64_MAX);
    const char *text = written(), *end = "\" 414 18446744073709551615\n";
    ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
    ck_assert_str_eq(text + strlen(text) - strlen(end), end);
}
END_TEST

START_TEST(lines_are_collected)
{
    char text[64];
    add_line("a:1", "GET / HTTP/1.1");
    tree_read(&tree, "log", text, sizeof text);
    ck_assert_str_eq(text, "");
    log_flush(&access_log);
    tree_read(&tree, "log", text, sizeof text);
    ck_assert_str_ne(text, "");
}
END_TEST

/* Far more than can be collected: every line is there, once and in order. */
START_TEST(no_line_is_lost)
{
    enum { LINES = 5000 };
    char *line = NULL, request[32], expected[64];
    size_t room = 0;
    for (int i = 0; i < LINES; i++) {
        snprintf(request, sizeof request, "GET /%d HTTP/1.1", i);
        add_line("127.0.0.1:1", request);
    }
    log_flush(&access_log);
    FILE *file = fopen(tree_path(&tree, "log"), "r");
    for (int i = 0; i < LINES; i++) {
        snprintf(expected, sizeof expected, "\"GET /%d HTTP/1.1\"", i);
        ck_assert_int_gt(getline(&line, &room, file), 0);
        ck_assert_ptr_nonnull(strstr(line, expected));
    }
    ck_assert_int_lt(getline(&line, &room, file), 0);
    free(line);
    fclose(file);
}
END_TEST

START_TEST(a_log_is_appended_to)
{
    add_line("a:1", "GET /first HTTP/1.1");
    log_close(&access_log);
    ck_assert(log_open(&access_log, tree_path(&tree, "log")));
    add_line("a:1", "GET /second HTTP/1.1");
    const char *text = written(), *first = strstr(text, "/first"),
               *second = strstr(text, "/second");
    ck_assert_ptr_nonnull(first);
    ck_assert_ptr_nonnull(second);
    ck_assert(first < second);
}
END_TEST

START_TEST(without_a_log_nothing_happens)
{
    static struct log none;
    ck_assert(log_open(&none, NULL));
    log_request(&none, "a:1", "GET / HTTP/1.1", 14, 200, 0);
    log_flush(&none);
    log_close(&none);
    log_close(&none);
    ck_assert_int_lt(none.descriptor, 0);
    ck_assert_uint_eq(none.length, 0);
}
END_TEST

START_TEST(a_log_that_cannot_be_written_is_refused)
{
    static struct log none;
    ck_assert(!log_open(&none, tree_path(&tree, "nothing/log")));
    ck_assert_int_eq(errno, ENOENT);
    ck_assert(!log_open(&none, tree.path));
    ck_assert_int_eq(errno, EISDIR);
}
END_TEST

Suite *log_suite(void)
{
    Suite *suite = suite_create("log");
    TCase *tcase = unit_add_case(suite, "log");
    tcase_add_unchecked_fixture(tcase, make_tree, remove_tree);
    tcase_add_checked_fixture(tcase, open_log, close_log);
    tcase_add_test(tcase, a_line_is_in_the_common_log_format);
    tcase_add_loop_test(tcase, a_peer_is_logged_without_its_port, 0, ROWS(peers));
    tcase_add_loop_test(tcase, a_request_line_is_escaped, 0, ROWS(escapes));
    tcase_add_loop_test(tcase, a_long_request_line_stays_one_line, 0, ROWS(fillings));
    tcase_add_test(tcase, lines_are_collected);
    tcase_add_test(tcase, no_line_is_lost);
    tcase_add_test(tcase, a_log_is_appended_to);
    tcase_add_test(tcase, without_a_log_nothing_happens);
    tcase_add_test(tcase, a_log_that_cannot_be_written_is_refused);
    return suite;
}
