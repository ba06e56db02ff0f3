/*
 * Replies: what their heads say, and how they leave through a socket that takes little.
 */
#include "core/http_reply.h"
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A file as old as the example of RFC 9110, section 8.8.2. */
#define MODIFIED_LINE "Last-Modified: Tue, 15 Nov 1994 12:45:26 GMT\r\n"
#define TYPE_LINE     "Content-Type: text/plain; charset=utf-8\r\n"
enum { MODIFIED = 784903526, NOW = 1000000000 };

static const struct http_reply_manner stays = {.keeps_alive = true};
static const struct http_reply_manner closes = {.keeps_alive = false};
static const struct http_reply_manner head_only = {.head_only = true, .keeps_alive = true};
static const struct http_range whole = {.kind = HTTP_RANGE_WHOLE};

static char memory[HTTP_REPLY_HEAD_BYTES];

static struct http_reply reply_to_content(struct http_reply_manner manner, uint64_t length_bytes,
                                          struct http_range range)
{
    struct file_facts facts = {.size_bytes = length_bytes, .modified.tv_sec = MODIFIED};
    struct http_reply reply = {.head = memory};
    struct representation file;
    representation_of_file(&file, "a.txt", &facts, NOW);
    http_reply_with_content(&reply, manner, &file, range);
    return reply;
}

static struct http_reply reply_of_status(struct http_reply_manner manner, unsigned status)
{
    struct http_reply reply = {.head = memory};
    http_reply_with_status(&reply, manner, status);
    return reply;
}

/* --- looking into a head -------------------------------------------------------------------- */

/* How many lines of the head begin with this text. */
static int count_lines(const struct http_reply *reply, const char *text)
{
    int count = 0;
    const char *line = reply->head, *end = reply->head + reply->head_length;
    while (line < end) {
        size_t left = (size_t)(end - line);
        count += left >= strlen(text) && memcmp(line, text, strlen(text)) == 0;
        line = memchr(line, '\n', left);
        ck_assert_ptr_nonnull(line++);
        ck_assert_int_eq(line[-2], '\r');
    }
    return count;
}

static void assert_line(const struct http_reply *reply, const char *line)
{
    ck_assert_msg(count_lines(reply, line) == 1, "one \"%s\" in:\n%.*s", line,
                  (int)reply->head_length, reply->head);
}

static void assert_no_line(const struct http_reply *reply, const char *line)
{
    ck_assert_msg(count_lines(reply, line) == 0, "no \"%s\" in:\n%.*s", line,
                  (int)reply->head_length, reply->head);
}

/* RFC 9112, section 2.1 and RFC 9110, section 6.6.1: what every head has. */
static void assert_head(const struct http_reply *reply, const char *status_line)
{
    ck_assert_mem_eq(reply->head, status_line, strlen(status_line));
    ck_assert(memcmp(reply->head + reply->head_length - 4, "\r\n\r\n", 4) == 0);
    assert_line(reply, "\r\n");
    assert_line(reply, "Date: ");
    assert_line(reply, "Server: ");
}

/* --- composing ------------------------------------------------------------------------------ */

START_TEST(a_whole_file_is_200)
{
    struct http_reply reply = reply_to_content(stays, 1000, whole);
    assert_head(&reply, "HTTP/1.1 200 OK\r\n");
    assert_line(&reply, "Content-Length: 1000\r\n");
    assert_line(&reply, "ETag: \"");
    assert_line(&reply, MODIFIED_LINE);
    assert_line(&reply, TYPE_LINE);
    assert_line(&reply, "Accept-Ranges: bytes\r\n");
    assert_no_line(&reply, "Connection:");
    assert_no_line(&reply, "Content-Range:");
    ck_assert_uint_eq(reply.to_come, 1000);
    ck_assert_uint_eq(reply.total_bytes, 1000);
}
END_TEST

START_TEST(the_largest_length_is_written)
{
    struct http_reply reply = reply_to_content(stays, UINT64_MAX, whole);
    assert_line(&reply, "Content-Length: 18446744073709551615\r\n");
    reply = reply_to_content(stays, 0, whole);
    assert_line(&reply, "Content-Length: 0\r\n");
}
END_TEST

START_TEST(a_part_is_206)
{
    struct http_range range = {HTTP_RANGE_PART, 500, 999};
    struct http_reply reply = reply_to_content(stays, 10000, range);
    assert_head(&reply, "HTTP/1.1 206 Partial Content\r\n");
    assert_line(&reply, "Content-Range: bytes 500-999/10000\r\n");
    assert_line(&reply, "Content-Length: 500\r\n");
    assert_line(&reply, "ETag: \""); /* RFC 9110, section 15.3.7 */
    ck_assert_uint_eq(reply.to_come, 500);
}
END_TEST

START_TEST(a_part_that_is_not_there_is_416)
{
    struct http_range range = {.kind = HTTP_RANGE_UNSATISFIABLE};
    struct http_reply reply = reply_to_content(stays, 10000, range);
    assert_head(&reply, "HTTP/1.1 416 Range Not Satisfiable\r\n");
    assert_line(&reply, "Content-Range: bytes */10000\r\n"); /* section 15.5.17 */
    ck_assert_uint_eq(reply.to_come, 0);
    ck_assert_uint_eq(reply.body_length, reply.total_bytes);
}
END_TEST

START_TEST(not_modified_has_validators_and_nothing_else)
{
    static const struct file_facts facts = {.size_bytes = 1000, .modified.tv_sec = MODIFIED};
    struct http_reply reply = {.head = memory};
    struct representation file;
    representation_of_file(&file, "a.txt", &facts, NOW);
    http_reply_not_modified(&reply, stays, &file);
    assert_head(&reply, "HTTP/1.1 304 Not Modified\r\n");
    assert_line(&reply, "ETag: \""); /* section 15.4.5 */
    assert_no_line(&reply, "Content-Type:");
    assert_no_line(&reply, "Content-Length:"); /* 0 would be wrong, section 8.6 */
    ck_assert_uint_eq(reply.to_come + reply.body_length + reply.total_bytes, 0);
}
END_TEST

/* Section 9.3.2: the same head as for GET, and no body. */
START_TEST(a_head_request_gets_the_same_head)
{
    struct http_reply reply = reply_to_content(head_only, 1000, whole);
    assert_head(&reply, "HTTP/1.1 200 OK\r\n");
    assert_line(&reply, "Content-Length: 1000\r\n");
    ck_assert_uint_eq(reply.to_come + reply.body_length + reply.total_bytes, 0);
    reply = reply_of_status(head_only, 404);
    assert_no_line(&reply, "Content-Length: 0\r\n");
    assert_line(&reply, "Content-Length: ");
    ck_assert_uint_eq(reply.to_come + reply.body_length + reply.total_bytes, 0);
}
END_TEST

START_TEST(a_page_has_no_ranges)
{
    struct http_reply reply = {.head = memory};
    struct representation page;
    representation_of_page(&page, "text/html", 10);
    http_reply_with_content(&reply, stays, &page, whole);
    assert_head(&reply, "HTTP/1.1 200 OK\r\n");
    assert_line(&reply, "Content-Type: text/html\r\n");
    assert_no_line(&reply, "Accept-Ranges:");
    assert_no_line(&reply, "ETag:");
    assert_no_line(&reply, "Last-Modified:");
}
END_TEST

static const unsigned error_statuses[] = {400, 403, 404, 405, 408, 412, 413,
                                          414, 417, 431, 500, 501, 503, 505};

START_TEST(a_status_comes_with_a_page)
{
    char number[8], length[64];
    struct http_reply reply = reply_of_status(stays, error_statuses[_i]);
    snprintf(number, sizeof number, "%u", error_statuses[_i]);
    snprintf(length, sizeof length, "Content-Length: %zu\r\n", reply.body_length);
    ck_assert_mem_eq(reply.head + strlen("HTTP/1.1 "), number, 3);
    assert_line(&reply, length);
    assert_line(&reply, "Content-Type: text/html");
    ck_assert_ptr_nonnull(memmem(reply.body, reply.body_length, number, 3));
    ck_assert_uint_eq(reply.to_come, 0);
    /* sections 15.5.6 and 10.2.1 */
    ck_assert_int_eq(count_lines(&reply, "Allow: GET, HEAD\r\n"), error_statuses[_i] == 405);
    ck_assert_int_eq(count_lines(&reply, "Retry-After: "), error_statuses[_i] == 503);
}
END_TEST

START_TEST(a_connection_is_closed_or_kept)
{
    struct http_reply_manner old = {.keeps_alive = true, .says_keep_alive = true};
    struct http_reply reply = reply_of_status(closes, 400);
    assert_line(&reply, "Connection: close\r\n"); /* RFC 9112, section 9.6 */
    ck_assert(reply.closes);
    reply = reply_to_content(old, 1, whole);
    assert_line(&reply, "Connection: keep-alive\r\n"); /* RFC 9112, section 9.3 */
    ck_assert(!reply.closes);
    reply = reply_to_content(stays, 1, whole);
    assert_no_line(&reply, "Connection:");
    ck_assert(!reply.closes);
}
END_TEST

START_TEST(a_redirect_has_a_location)
{
    struct http_reply reply = {.head = memory};
    http_reply_redirect(&reply, stays, "/sub/?q(not this)", strlen("/sub/?q"));
    assert_head(&reply, "HTTP/1.1 301 Moved Permanently\r\n");
    assert_line(&reply, "Location: /sub/?q\r\n");
    ck_assert_uint_gt(reply.body_length, 0);
}
END_TEST

/* Whatever its length: the head stays within its memory, and is a 301 or a 414. */
START_TEST(a_long_location_is_refused)
{
    static char location[2 * HTTP_REPLY_HEAD_BYTES];
    unsigned before = 301;
    memset(location, 'a', sizeof location);
    for (size_t length = 1; length < sizeof location; length += 17) {
        struct http_reply reply = {.head = memory};
        http_reply_redirect(&reply, closes, location, length);
        ck_assert(reply.status == before || (before == 301 && reply.status == 414));
        ck_assert_uint_le(reply.head_length + reply.body_length, HTTP_REPLY_HEAD_BYTES);
        ck_assert_uint_eq(reply.to_come, 0);
        ck_assert_int_eq(count_lines(&reply, "Location: a"), reply.status == 301);
        assert_line(&reply, "\r\n");
        before = reply.status;
    }
    ck_assert_uint_eq(before, 414);
}
END_TEST

/* --- sending -------------------------------------------------------------------------------- */

/* Two ends of a connection, as the server has it: nonblocking, and here with little room. */
static void connect_ends(int ends[2])
{
    static const int little = 1;
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &little, sizeof little);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(fcntl(ends[i], F_SETFL, O_NONBLOCK), 0);
}

/* Takes what has come, behind what came before. */
static void take(int end, char *all, size_t size, size_t *length)
{
    ssize_t count;
    while ((count = recv(end, all + *length, size - *length, 0)) > 0)
        *length += (size_t)count;
}

enum { BODY_BYTES = 100000, ALL_BYTES = BODY_BYTES + HTTP_REPLY_HEAD_BYTES };
static char body[BODY_BYTES], came[ALL_BYTES + 1];

static void fill_body(void)
{
    for (size_t i = 0; i < BODY_BYTES; i++)
        body[i] = (char)('a' + i % 23);
}

/* Sends with this share each time until it ends, reading at the other end whenever that helps. */
static size_t send_all(struct http_reply *reply, size_t share_bytes)
{
    int ends[2];
    size_t length = 0;
    enum http_send result;
    connect_ends(ends);
    do {
        size_t share = share_bytes;
        uint64_t before = reply->sent_bytes;
        result = http_reply_send(reply, ends[0], &share);
        ck_assert_uint_eq(share_bytes - share, reply->sent_bytes - before);
        take(ends[1], came, sizeof came, &length);
    } while (result == HTTP_SEND_BLOCKED);
    ck_assert_int_eq(result, HTTP_SEND_DONE);
    close(ends[0]);
    close(ends[1]);
    return length;
}

static const size_t shares[] = {1, 100, 2048, 4096, 65536, 1 << 20};
static const size_t sizes[] = {1, 2047, 2048, 2049, 4000, 5000, 100000};

/* The share of 1 byte would make a hundred thousand calls of the largest body. */
static size_t size_for(size_t share, size_t size)
{
    return share == 1 && size > 5000 ? 5000 : size;
}

START_TEST(what_is_sent_is_what_was_composed)
{
    fill_body();
    for (int i = 0; i < ROWS(sizes); i++) {
        size_t size = size_for(shares[_i], sizes[i]);
        struct http_reply reply = reply_to_content(stays, size, whole);
        http_reply_add_body(&reply, body, size);
        size_t length = send_all(&reply, shares[_i]);
        ck_assert_uint_eq(length, reply.head_length + size);
        ck_assert_mem_eq(came, memory, reply.head_length);
        ck_assert_mem_eq(came + reply.head_length, body, size);
        ck_assert_uint_eq(reply.sent_bytes, size);
    }
}
END_TEST

START_TEST(a_head_without_a_body_is_sent)
{
    struct http_reply reply = reply_to_content(head_only, 1000, whole);
    ck_assert(!http_reply_has_begun(&reply));
    ck_assert_uint_eq(send_all(&reply, 4096), reply.head_length);
    ck_assert(http_reply_has_begun(&reply));
    ck_assert_uint_eq(reply.sent_bytes, 0);
}
END_TEST

START_TEST(a_body_may_come_in_pieces)
{
    enum { PIECE = 3000, PIECES = 5 };
    int ends[2];
    size_t length = 0, share = SIZE_MAX;
    struct http_reply reply = reply_to_content(stays, PIECE * PIECES, whole);
    fill_body();
    connect_ends(ends);
    for (int i = 0; i < PIECES; i++) {
        enum http_send result = HTTP_SEND_BLOCKED;
        http_reply_add_body(&reply, body + i * PIECE, PIECE);
        while (result == HTTP_SEND_BLOCKED) {
            result = http_reply_send(&reply, ends[0], &share);
            take(ends[1], came, sizeof came, &length);
        }
        ck_assert_int_eq(result, i + 1 < PIECES ? HTTP_SEND_EMPTY : HTTP_SEND_DONE);
    }
    ck_assert_uint_eq(length, reply.head_length + PIECE * PIECES);
    ck_assert_mem_eq(came + reply.head_length, body, PIECE * PIECES);
}
END_TEST

START_TEST(the_head_goes_ahead_of_a_body_that_is_not_at_hand)
{
    int ends[2];
    size_t length = 0, share = 10;
    struct http_reply reply = reply_to_content(stays, 1000, whole);
    connect_ends(ends);
    ck_assert_int_eq(http_reply_send(&reply, ends[0], &share), HTTP_SEND_EMPTY);
    take(ends[1], came, sizeof came, &length);
    ck_assert_uint_eq(length, reply.head_length);
    ck_assert_uint_eq(share, 10);
}
END_TEST

START_TEST(a_share_is_honoured)
{
    int ends[2];
    size_t length = 0, share = 300;
    struct http_reply reply = reply_to_content(stays, 1000, whole);
    fill_body();
    http_reply_add_body(&reply, body, 1000);
    connect_ends(ends);
    ck_assert_int_eq(http_reply_send(&reply, ends[0], &share), HTTP_SEND_BLOCKED);
    ck_assert_uint_eq(share, 0);
    ck_assert_int_eq(http_reply_send(&reply, ends[0], &share), HTTP_SEND_BLOCKED);
    take(ends[1], came, sizeof came, &length);
    ck_assert_uint_eq(length, reply.head_length + 300);
}
END_TEST

START_TEST(a_full_socket_blocks)
{
    int ends[2];
    size_t share = SIZE_MAX;
    enum http_send result = HTTP_SEND_DONE;
    struct http_reply reply = reply_to_content(stays, BODY_BYTES, whole);
    http_reply_add_body(&reply, body, BODY_BYTES);
    connect_ends(ends);
    uint64_t before = UINT64_MAX;
    while (before != reply.sent_bytes) { /* nobody reads: progress must come to an end */
        before = reply.sent_bytes;
        result = http_reply_send(&reply, ends[0], &share);
    }
    ck_assert_int_eq(result, HTTP_SEND_BLOCKED);
    ck_assert_uint_lt(reply.sent_bytes, BODY_BYTES);
}
END_TEST

/* The other end is gone: the signal would end this process, and the test would fail. */
static void send_to_nobody(void)
{
    int ends[2];
    size_t share = SIZE_MAX;
    struct http_reply reply = reply_to_content(stays, BODY_BYTES, whole);
    http_reply_add_body(&reply, body, BODY_BYTES);
    connect_ends(ends);
    close(ends[1]);
    ck_assert_int_eq(http_reply_send(&reply, ends[0], &share), HTTP_SEND_BROKEN);
    ck_assert_int_eq(errno, EPIPE);
    ck_assert_uint_eq(reply.sent_bytes, 0);
    ck_assert(!http_reply_has_begun(&reply));
}

START_TEST(a_client_that_has_gone_is_no_signal)
{
    struct sigaction action = {.sa_handler = _i == 0 ? SIG_IGN : SIG_DFL};
    ck_assert_int_eq(sigaction(SIGPIPE, &action, NULL), 0);
    send_to_nobody();
}
END_TEST

static void add_composing(TCase *tcase)
{
    tcase_add_test(tcase, a_whole_file_is_200);
    tcase_add_test(tcase, the_largest_length_is_written);
    tcase_add_test(tcase, a_part_is_206);
    tcase_add_test(tcase, a_part_that_is_not_there_is_416);
    tcase_add_test(tcase, not_modified_has_validators_and_nothing_else);
    tcase_add_test(tcase, a_head_request_gets_the_same_head);
    tcase_add_test(tcase, a_page_has_no_ranges);
    tcase_add_loop_test(tcase, a_status_comes_with_a_page, 0, ROWS(error_statuses));
    tcase_add_test(tcase, a_connection_is_closed_or_kept);
    tcase_add_test(tcase, a_redirect_has_a_location);
    tcase_add_test(tcase, a_long_location_is_refused);
}

static void add_sending(TCase *tcase)
{
    tcase_add_loop_test(tcase, what_is_sent_is_what_was_composed, 0, ROWS(shares));
    tcase_add_test(tcase, a_head_without_a_body_is_sent);
    tcase_add_test(tcase, a_body_may_come_in_pieces);
    tcase_add_test(tcase, the_head_goes_ahead_of_a_body_that_is_not_at_hand);
    tcase_add_test(tcase, a_share_is_honoured);
    tcase_add_test(tcase, a_full_socket_blocks);
    tcase_add_loop_test(tcase, a_client_that_has_gone_is_no_signal, 0, 2);
}

Suite *http_reply_suite(void)
{
    Suite *suite = suite_create("http_reply");
    add_composing(unit_add_case(suite, "reply_composed"));
    add_sending(unit_add_case(suite, "reply_sent"));
    return suite;
}
