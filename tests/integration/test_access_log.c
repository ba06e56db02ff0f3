/*
 * The access log: one line per request in the common log format.
 *
 * The server may keep lines back while it runs; so each test starts one, asks it, ends it, reads.
 */
#include "integration/asking.h"
#include "integration/differences.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOG_ROOM = 4096, NAME_ROOM = 32 };

#define TIME_PATTERN                                                                               \
    "\\[[0-3][0-9]/(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/[0-9]{4}"                     \
    ":[0-2][0-9]:[0-5][0-9]:[0-6][0-9] [+-][0-9]{4}\\]"
#define LINE_PATTERN(request, status, bytes)                                                       \
    "(^|\n)127\\.0\\.0\\.1 - - " TIME_PATTERN " \"" request "\" " status " " bytes "(\n|$)"

static struct site site;
static char log_path[DOCROOT_PATH_ROOM + NAME_ROOM];

static void make_tree(void)
{
    docroot_make(&site.docroot);
}

static void remove_tree(void)
{
    docroot_remove(&site.docroot);
}

/* The server may be nobody, so the file must be there and be everybody's. */
static void start_server(void)
{
    static const char *options[] = {"--log", log_path, NULL};
    char name[NAME_ROOM];
    snprintf(name, sizeof name, "../%d.log", (int)getpid());
    docroot_write(&site.docroot, name, "", 0);
    snprintf(log_path, sizeof log_path, "%s/%s", site.docroot.root, name);
    if (chmod(log_path, 0666) == -1)
        ck_abort_msg("%s: %s", log_path, strerror(errno));
    struct server_setup setup = {.root = site.docroot.root, .options = options};
    site.server = server_start(&setup);
}

/* Ends the server and returns what it has logged. */
static const char *read_log(void)
{
    static char text[LOG_ROOM];
    ck_assert_int_eq(server_stop(site.server), 0);
    FILE *file = fopen(log_path, "r");
    ck_assert_ptr_nonnull(file);
    size_t length = fread(text, 1, sizeof text - 1, file);
    text[length] = '\0';
    fclose(file);
    return text;
}

static const struct {
    const char *request, *pattern;
} lines[] = {
    {GET("/file.txt?x=1", ""), LINE_PATTERN("GET /file\\.txt\\?x=1 HTTP/1\\.1", "200", "1000")},
    {"GET /a+b.txt HTTP/1.0\r\n\r\n", LINE_PATTERN("GET /a\\+b\\.txt HTTP/1\\.0", "200", "4")},
    {HEAD("/file.txt", ""), LINE_PATTERN("HEAD /file\\.txt HTTP/1\\.1", "200", "(0|-)")},
    {GET("/file.txt", "Range: bytes=0-9\r\n"),
     LINE_PATTERN("GET /file\\.txt HTTP/1\\.1", "206", "10")},
    {GET("/nosuch", ""), LINE_PATTERN("GET /nosuch HTTP/1\\.1", "404", "[0-9]+")},
    {GET("/file.txt", "If-None-Match: *\r\n"),
     LINE_PATTERN("GET /file\\.txt HTTP/1\\.1", "304", "(0|-)")},
    {ASK("DELETE /file.txt", ""), LINE_PATTERN("DELETE /file\\.txt HTTP/1\\.1", "405", "[0-9]+")},
};

START_TEST(request_is_logged_in_common_format)
{
    http_ask(site.server->port, "%s", lines[_i].request);
    const char *text = read_log();
    ck_assert_msg(text_matches(text, lines[_i].pattern), "no such line in the log:\n%s", text);
}
END_TEST

static bool has_control_byte(const char *text)
{
    for (const char *next = text; *next != '\0'; next++)
        if ((unsigned char)*next < ' ' && *next != '\n')
            return true;
    return false;
}

/* Whoever reads the log in a terminal must not be at the mercy of whoever asked. */
START_TEST(log_has_no_control_bytes)
{
    ask_for_status(site.server->port, 400, GET("/\x1b[31m\x07", ""));
    http_ask(site.server->port, GET("/%%1b[31m", "Referer: \t\"\r\n"));
    const char *text = read_log();
    ck_assert_msg(!has_control_byte(text), "control bytes in the log:\n%s", text);
}
END_TEST

START_TEST(every_request_of_a_connection_is_logged)
{
    http_ask(site.server->port, GET("/file.txt", "") GET("/nosuch", "") GET("/a+b.txt", ""));
    const char *text = read_log();
    ck_assert_ptr_nonnull(strstr(text, "GET /file.txt HTTP/1.1\" 200 1000"));
    ck_assert_ptr_nonnull(strstr(text, "GET /nosuch HTTP/1.1\" 404"));
    ck_assert_ptr_nonnull(strstr(text, "GET /a+b.txt HTTP/1.1\" 200 4"));
}
END_TEST

TCase *access_log_case(void)
{
    TCase *tcase = tcase_create("access_log");
    tcase_set_timeout(tcase, test_time_limit());
    tcase_add_unchecked_fixture(tcase, make_tree, remove_tree);
    tcase_add_checked_fixture(tcase, start_server, NULL);
    tcase_add_loop_test(tcase, request_is_logged_in_common_format, 0, sizeof lines / sizeof *lines);
    tcase_add_test(tcase, log_has_no_control_bytes);
    if (connections_are_kept())
        tcase_add_test(tcase, every_request_of_a_connection_is_logged);
    return tcase;
}
