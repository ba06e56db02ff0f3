/*
 * Connections that carry more than one request (RFC 9112, section 9): keep-alive, pipelining,
 * request bodies that must be read past, and the times after which the server gives up.
 */
#include "integration/asking.h"
#include "integration/differences.h"
#include "support/deadline.h"

#include <stdlib.h>
#include <string.h>

enum {
    MIXED_REQUESTS = 50,
    MANY_REQUESTS = 10000,
    MANY_MS = 50000, /* allowed for many requests */
    BODY_BYTES = 100000,
    TOO_MANY_BODY_BYTES = 3 * 1024 * 1024 / 2, /* the server reads past 1 MiB */
    CHUNK_BYTES = 0x4000,
};

static struct site site;

static void open_site(void)
{
    site_open(&site, NULL);
}

static void open_impatient_site(void)
{
    static const char *const options[] = {"--read-timeout", "200ms", "--idle-timeout", "300ms",
                                          NULL};
    site_open(&site, options);
}

static void close_site(void)
{
    site_close(&site);
}

/* Sends a text, lets the server close by itself, and demands these statuses. */
static struct http_connection *demand_conversation(const char *text, const char *statuses)
{
    struct http_connection *talk = http_open(site.server->port);
    http_send_text(talk, text);
    http_read_to_end(talk);
    demand_statuses(talk, statuses);
    return talk;
}

/* ---- keep-alive ---- */

START_TEST(connection_stays_for_the_next_request)
{
    struct http_connection *talk = http_open(site.server->port);
    for (size_t i = 1; i <= 3; i++) {
        http_send_text(talk, GET("/file.txt", ""));
        http_read_answers(talk, i);
        ck_assert_uint_eq(talk->count, i);
        demand_body(&talk->answers[i - 1], docroot_file_text(), DOCROOT_FILE_BYTES);
    }
    ck_assert(!talk->closed);
}
END_TEST

START_TEST(connection_close_is_obeyed_and_said)
{
    struct http_connection *talk = demand_conversation(LAST_GET GET("/file.txt", ""), "200");
    ck_assert_str_eq(demand_field(&talk->answers[0], "Connection"), "close");
}
END_TEST

START_TEST(http_1_0_is_closed_unless_asked_otherwise)
{
    demand_conversation("GET /file.txt HTTP/1.0\r\n\r\n" GET("/file.txt", ""), "200");
}
END_TEST

START_TEST(http_1_0_keep_alive_is_granted_aloud)
{
    struct http_connection *talk = demand_conversation(
        "GET /file.txt HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n" LAST_GET, "200,200");
    ck_assert(strcasecmp(demand_field(&talk->answers[0], "Connection"), "keep-alive") == 0);
}
END_TEST

static const struct {
    const char *request;
    int status;
} survivable[] = {
    {GET("/nosuch", ""), 404},
    {GET("/sub", ""), 301},
    {GET("/noindex/", ""), 403},
    {GET("/file.txt", "If-None-Match: *\r\n"), 304},
    {GET("/file.txt", "If-Match: \"one\"\r\n"), 412},
    {GET("/file.txt", "Range: bytes=5000-\r\n"), 416},
};

/* An answer that finds no fault with the request's form must not end the connection. */
START_TEST(connection_survives_a_plain_no)
{
    struct http_connection *talk = http_open(site.server->port);
    http_send_text(talk, survivable[_i].request);
    http_read_answers(talk, 1);
    http_send_text(talk, LAST_GET);
    http_read_to_end(talk);
    ck_assert_msg(talk->count == 2 && http_is_tidy(talk), "got %s", http_describe(talk));
    ck_assert_int_eq(talk->answers[0].status, survivable[_i].status);
    ck_assert_int_eq(talk->answers[1].status, 200);
}
END_TEST

/* Where a connection is not kept: what was sent ahead is read, and the reply arrives all the same.
 */
START_TEST(connection_ends_after_its_one_request)
{
    struct http_connection *talk = http_open(site.server->port);
    http_send_text(talk, GET("/file.txt", "Connection: keep-alive\r\n") GET("/a+b.txt", ""));
    http_read_to_end(talk);
    demand_statuses(talk, "200,200");
    demand_body(&talk->answers[0], docroot_file_text(), DOCROOT_FILE_BYTES);
}
END_TEST

/* ---- pipelining ---- */

static const struct {
    const char *request, *status, *body; /* body NULL: any */
    char method;
} mixture[] = {
    {GET("/a+b.txt", ""), "200", "plus", 'G'},
    {HEAD("/file.txt", ""), "200", "", 'H'},
    {GET("/nosuch", ""), "404", NULL, 'G'},
    {GET("/a%20b.txt", ""), "200", "space", 'G'},
    {GET("/sub", ""), "301", NULL, 'G'},
    {GET("/file.txt", "Range: bytes=5-9\r\n"), "206", "56789", 'G'},
    {GET("/a+b.txt", "If-None-Match: *\r\n"), "304", "", 'G'},
    {GET("/empty.txt", ""), "200", "", 'G'},
    {GET("/h%23x.txt", "Content-Length: 5\r\n") "hello", "200", "hash", 'G'},
    {HEAD("/nosuch", ""), "404", "", 'H'},
};
enum { MIXTURE_COUNT = sizeof mixture / sizeof *mixture };

static void demand_mixed_answer(const struct http_answer *answer, size_t number)
{
    const char *body = mixture[number % MIXTURE_COUNT].body;
    ck_assert_int_eq(answer->status, atoi(mixture[number % MIXTURE_COUNT].status));
    if (body != NULL)
        demand_body(answer, body, strlen(body));
}

START_TEST(mixed_requests_are_answered_in_order)
{
    struct http_connection *talk = http_open(site.server->port);
    char methods[MIXED_REQUESTS + 1] = "";
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(out);
    for (size_t i = 0; i < MIXED_REQUESTS; i++) {
        fputs(mixture[i % MIXTURE_COUNT].request, out);
        methods[i] = mixture[i % MIXTURE_COUNT].method;
    }
    fclose(out);
    talk->methods = methods;
    http_send(talk, text, size);
    free(text);
    http_finish_sending(talk);
    http_read_to_end(talk);
    ck_assert_msg(talk->count == MIXED_REQUESTS && http_is_tidy(talk), "%s", http_describe(talk));
    for (size_t i = 0; i < MIXED_REQUESTS; i++)
        demand_mixed_answer(&talk->answers[i], i);
}
END_TEST

static const struct {
    const char *request;
    size_t body_length;
} turns[] = {
    {GET("/empty.txt", ""), 0},
    {GET("/file.txt", ""), DOCROOT_FILE_BYTES},
    {GET("/a+b.txt", ""), sizeof "plus" - 1},
};
enum { TURN_COUNT = sizeof turns / sizeof *turns };

static char *build_many_requests(size_t *size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, size);
    ck_assert_ptr_nonnull(out);
    for (size_t i = 0; i < MANY_REQUESTS; i++)
        fputs(turns[i % TURN_COUNT].request, out);
    fclose(out);
    return text;
}

START_TEST(ten_thousand_requests_are_answered_in_order)
{
    struct http_connection *talk = http_open(site.server->port);
    size_t size;
    char *text = build_many_requests(&size);
    talk->deadline = deadline_in(MANY_MS);
    http_send(talk, text, size);
    free(text);
    http_finish_sending(talk);
    http_read_to_end(talk);
    ck_assert(http_is_tidy(talk));
    ck_assert_uint_eq(talk->count, MANY_REQUESTS);
    for (size_t i = 0; i < MANY_REQUESTS; i++) {
        ck_assert_int_eq(talk->answers[i].status, 200);
        ck_assert_uint_eq(talk->answers[i].body_length, turns[i % TURN_COUNT].body_length);
    }
}
END_TEST

/* ---- bodies ---- */

#define CHUNKED "Transfer-Encoding: chunked\r\n"

static const char *const readable_bodies[] = {
    GET("/file.txt", "Content-Length: 5\r\n") "hello",
    GET("/file.txt", "Content-Length: 0\r\n"),
    GET("/file.txt", "Content-Length: 5\r\n") "hello\r\n", /* old browsers added an empty line */
    GET("/file.txt", "Content-Length: 41\r\n") "GET /sub/index.html HTTP/1.1\r\nHost: a\r\n\r\n",
    GET("/file.txt", CHUNKED) "5\r\nhello\r\n0\r\n\r\n",
    GET("/file.txt", CHUNKED) "0\r\n\r\n",
    GET("/file.txt", CHUNKED) "000A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n",
    GET("/file.txt", CHUNKED) "5;name=value\r\nhello\r\n0\r\n\r\n",
    GET("/file.txt", CHUNKED) "5;name=\"a;b\"\r\nhello\r\n0;last\r\n\r\n",
    GET("/file.txt", CHUNKED) "5\r\nhello\r\n0\r\nTrailer: value\r\nOther: value\r\n\r\n",
    GET("/file.txt", CHUNKED) "7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n",
    GET("/file.txt", "transfer-encoding:   Chunked\r\n") "1\r\nx\r\n0\r\n\r\n",
};

static void demand_body_is_read_past(const char *request, size_t segment)
{
    struct http_connection *talk = http_open(site.server->port);
    talk->segment = segment;
    http_send_text(talk, request);
    http_send_text(talk, LAST_GET);
    http_read_to_end(talk);
    demand_statuses(talk, "200,200");
    for (size_t i = 0; i < talk->count; i++)
        demand_body(&talk->answers[i], docroot_file_text(), DOCROOT_FILE_BYTES);
}

START_TEST(body_is_read_past)
{
    demand_body_is_read_past(readable_bodies[_i], SIZE_MAX);
}
END_TEST

START_TEST(body_in_single_bytes_is_read_past)
{
    demand_body_is_read_past(readable_bodies[_i], 1);
}
END_TEST

START_TEST(long_body_is_read_past)
{
    char *request = NULL;
    int length = asprintf(&request, GET("/file.txt", "Content-Length: %d\r\n") "%0*d", BODY_BYTES,
                          BODY_BYTES, 0);
    ck_assert_int_gt(length, BODY_BYTES);
    demand_body_is_read_past(request, SIZE_MAX);
    free(request);
}
END_TEST

/* Where the body's end is not known, nothing that follows may be taken for a request. */
static const char *const unreadable_bodies[] = {
    GET("/file.txt", CHUNKED) "zz\r\nhello\r\n0\r\n\r\n" LAST_GET,
    GET("/file.txt", CHUNKED) "\r\nhello\r\n0\r\n\r\n" LAST_GET,
    GET("/file.txt", CHUNKED) "-5\r\nhello\r\n0\r\n\r\n" LAST_GET,
    GET("/file.txt", CHUNKED) "0x5\r\nhello\r\n0\r\n\r\n" LAST_GET,
    GET("/file.txt", CHUNKED) "5\nhello\r\n0\r\n\r\n" LAST_GET,
    GET("/file.txt", CHUNKED) "5\r\nhelloworld\r\n0\r\n\r\n" LAST_GET,
    GET("/file.txt", "Content-Length: 5\r\nContent-Length: 6\r\n") "hello" LAST_GET,
    GET("/file.txt", "Content-Length: +5\r\n") "hello" LAST_GET,
    GET("/file.txt", "Content-Length: 0x5\r\n") "hello" LAST_GET,
    GET("/file.txt", "Transfer-Encoding: chunked, chunked\r\n") "0\r\n\r\n" LAST_GET,
    "GET /file.txt HTTP/1.0\r\n" CHUNKED "\r\n0\r\n\r\n" LAST_GET,
};

START_TEST(body_without_a_known_end_ends_the_connection)
{
    struct http_connection *talk = http_open(site.server->port);
    http_send_text(talk, unreadable_bodies[_i]);
    http_read_to_end(talk);
    ck_assert_msg(talk->count == 1 && http_is_tidy(talk) &&
                      (talk->answers[0].status == 400 || talk->answers[0].status == 501),
                  "expected 400 or 501 and the end\nsent %s\ngot %s", unreadable_bodies[_i],
                  http_describe(talk));
}
END_TEST

static const char *const huge_numbers[] = {
    GET("/file.txt", "Content-Length: 1500000\r\n"),
    GET("/file.txt", "Content-Length: 9223372036854775807\r\n"),
    GET("/file.txt", "Content-Length: 18446744073709551615\r\n"),
    GET("/file.txt", CHUNKED) "7fffffffffffffff\r\n",
    GET("/file.txt", CHUNKED) "ffffffffffffffff\r\n",
    GET("/file.txt", CHUNKED) "fffffffffffffffffffff\r\n",
};

/* The announced size is enough: the server need not wait for the body. */
START_TEST(body_announced_too_large_is_refused_at_once)
{
    struct http_connection *talk = http_open(site.server->port);
    http_send_text(talk, huge_numbers[_i]);
    http_read_to_end(talk);
    ck_assert_msg(talk->count == 1 && http_is_tidy(talk) &&
                      (talk->answers[0].status == 413 || talk->answers[0].status == 400),
                  "expected 413 (or 400) and the end\nsent %s\ngot %s", huge_numbers[_i],
                  http_describe(talk));
}
END_TEST

START_TEST(body_over_1_mib_is_413)
{
    struct http_connection *talk = http_open(site.server->port);
    http_send_text(talk, huge_numbers[0]);
    http_read_to_end(talk);
    demand_statuses(talk, "413");
}
END_TEST

/* Every chunk is small; the client goes on sending until it hears the no. */
START_TEST(body_that_grows_too_large_is_413)
{
    struct http_connection *talk = http_open(site.server->port);
    static char chunk[CHUNK_BYTES + sizeof "4000\r\n\r\n"];
    snprintf(chunk, sizeof chunk, "%x\r\n%0*d\r\n", CHUNK_BYTES, CHUNK_BYTES, 0);
    http_send_text(talk, GET("/file.txt", CHUNKED));
    for (size_t sent = 0; sent < TOO_MANY_BODY_BYTES && talk->count == 0; sent += CHUNK_BYTES)
        http_send_text(talk, chunk);
    http_read_to_end(talk);
    demand_statuses(talk, "413");
}
END_TEST

START_TEST(post_with_a_body_leaves_no_rest_behind)
{
    struct http_connection *talk = http_open(site.server->port);
    http_send_text(talk, ASK("POST /file.txt", "Content-Length: 5\r\n") "hello" LAST_GET);
    http_read_to_end(talk);
    ck_assert_msg(http_is_tidy(talk) && talk->count >= 1 && talk->answers[0].status == 405,
                  "got %s", http_describe(talk));
    if (talk->count > 1)
        demand_statuses(talk, "405,200");
}
END_TEST

/* ---- patience ---- */

START_TEST(idle_connection_is_closed_in_silence)
{
    struct http_connection *talk = http_open(site.server->port);
    http_send_text(talk, GET("/file.txt", ""));
    http_read_to_end(talk);
    demand_statuses(talk, "200");
}
END_TEST

START_TEST(silent_connection_is_closed)
{
    struct http_connection *talk = http_open(site.server->port);
    http_read_to_end(talk);
    ck_assert_msg(http_is_tidy(talk) && talk->count <= 1, "got %s", http_describe(talk));
}
END_TEST

START_TEST(unfinished_head_is_given_up_with_408)
{
    demand_conversation("GET /file.txt HTTP/1.1\r\n" HOST, "408");
}
END_TEST

START_TEST(unfinished_body_is_given_up_with_408)
{
    demand_conversation(GET("/file.txt", "Content-Length: 5\r\n") "hel", "408");
}
END_TEST

/* A field now and then must not renew the time for the head as a whole. */
START_TEST(slow_head_is_given_up_as_a_whole)
{
    struct http_connection *talk = http_open(site.server->port);
    http_send_text(talk, "GET /file.txt HTTP/1.1\r\n" HOST);
    while (!talk->closed && !talk->timed_out && deadline_retry(talk->deadline))
        http_send_text(talk, "X: y\r\n");
    demand_statuses(talk, "408");
}
END_TEST

/* ---- the test cases ---- */

#define COUNT_OF(array) ((int)(sizeof(array) / sizeof *(array)))

TCase *http_pipelining_case(void)
{
    TCase *tcase = create_site_case("pipelining", open_site, close_site);
    tcase_add_test(tcase, connection_close_is_obeyed_and_said);
    tcase_add_test(tcase, http_1_0_is_closed_unless_asked_otherwise);
    if (!connections_are_kept()) {
        tcase_add_test(tcase, connection_ends_after_its_one_request);
        return tcase;
    }
    tcase_add_test(tcase, connection_stays_for_the_next_request);
    tcase_add_test(tcase, http_1_0_keep_alive_is_granted_aloud);
    tcase_add_loop_test(tcase, connection_survives_a_plain_no, 0, COUNT_OF(survivable));
    tcase_add_test(tcase, mixed_requests_are_answered_in_order);
    tcase_add_test(tcase, ten_thousand_requests_are_answered_in_order);
    return tcase;
}

TCase *http_bodies_case(void)
{
    TCase *tcase = create_site_case("bodies", open_site, close_site);
    tcase_add_loop_test(tcase, body_is_read_past, 0, COUNT_OF(readable_bodies));
    tcase_add_loop_test(tcase, body_in_single_bytes_is_read_past, 0, COUNT_OF(readable_bodies));
    tcase_add_test(tcase, long_body_is_read_past);
    tcase_add_loop_test(tcase, body_without_a_known_end_ends_the_connection, 0,
                        COUNT_OF(unreadable_bodies));
    tcase_add_loop_test(tcase, body_announced_too_large_is_refused_at_once, 0,
                        COUNT_OF(huge_numbers));
    tcase_add_test(tcase, body_over_1_mib_is_413);
    tcase_add_test(tcase, body_that_grows_too_large_is_413);
    tcase_add_test(tcase, post_with_a_body_leaves_no_rest_behind);
    return tcase;
}

TCase *http_timeouts_case(void)
{
    TCase *tcase = create_site_case("timeouts", open_impatient_site, close_site);
    tcase_add_test(tcase, idle_connection_is_closed_in_silence);
    tcase_add_test(tcase, silent_connection_is_closed);
    tcase_add_test(tcase, unfinished_head_is_given_up_with_408);
    tcase_add_test(tcase, unfinished_body_is_given_up_with_408);
    tcase_add_test(tcase, slow_head_is_given_up_as_a_whole);
    return tcase;
}
