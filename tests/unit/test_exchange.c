/*
 * Exchanges over a pair of sockets: the steps that every model takes, taken here one by one. The
 * test is the client at one end and the model at the other; the disk is pread(2).
 */
#include "core/exchange.h"
#include "unit/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

extern const struct beneath beneath_walk;

enum { SMALL_BYTES = 1000, LARGE_BYTES = 50000, PIECE_BYTES = 16384, NOW_MS = 5000 };

static struct tree tree;
static struct server server;
static struct exchange exchange;
static struct exchange_area area;
static struct request_status row = {.peer = "127.0.0.1:1"};
static int client;
static char text[LARGE_BYTES + 1], reply[2 * LARGE_BYTES];

/* --- the world ------------------------------------------------------------------------------ */

static void write_digits(const char *name, size_t length)
{
    for (size_t i = 0; i < length; i++)
        text[i] = (char)('0' + i % 10);
    text[length] = '\0';
    tree_write(&tree, name, text);
}

static void make_tree(void)
{
    tree_make(&tree);
    write_digits("small", SMALL_BYTES);
    write_digits("large", LARGE_BYTES);
    tree_write(&tree, "empty", "");
    tree_add_directory(&tree, "sub");
    tree_write(&tree, "sub/file", "in sub");
}

static void remove_tree(void)
{
    tree_remove(&tree);
}

static void connect_client(void)
{
    int ends[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(fcntl(ends[i], F_SETFL, O_NONBLOCK), 0);
    /* Room for more unread requests than the input buffer holds. */
    static const int room = 1 << 20;
    ck_assert_int_eq(setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof room), 0);
    client = ends[1];
    exchange_open(&exchange, ends[0]);
    exchange_lend_area(&exchange, &area);
}

static void open_server(void)
{
    server = (struct server){.options.cache_file_max_bytes = 4096};
    ck_assert(docroot_open(&server.docroot, tree.path, &beneath_walk));
    ck_assert(log_open(&server.log, NULL));
    ck_assert_ptr_nonnull(server.cache = cache_create(1 << 20));
    connect_client();
}

static void close_server(void)
{
    exchange_close(&server, &exchange);
    close(client);
    cache_destroy(server.cache);
    docroot_close(&server.docroot);
}

/* --- the client's part ---------------------------------------------------------------------- */

static void say(const char *words)
{
    ck_assert_int_eq(send(client, words, strlen(words), 0), (ssize_t)strlen(words));
}

/* Adds what has come to `reply`. */
static void listen_to_server(void)
{
    size_t length = strlen(reply);
    ssize_t count;
    while ((count = recv(client, reply + length, sizeof reply - 1 - length, 0)) > 0)
        length += (size_t)count;
    reply[length] = '\0';
}

/* --- the model's part ----------------------------------------------------------------------- */

static enum http_parse receive_request(void)
{
    while (exchange_receive(&exchange) == INPUT_CAME)
        ;
    return exchange_parse(&exchange, &row);
}

static void read_into_entry(void)
{
    size_t wanted = exchange_wanted_bytes(&exchange, PIECE_BYTES);
    ck_assert(exchange_is_loading(&exchange));
    ck_assert_int_eq(pread(exchange.file, exchange.entry->data, wanted, 0), (ssize_t)wanted);
}

/* Sends until nothing is at hand. */
static enum http_send send_what_is_there(void)
{
    enum http_send result = HTTP_SEND_BLOCKED;
    while (result == HTTP_SEND_BLOCKED) {
        size_t share = SIZE_MAX;
        result = exchange_send(&exchange, &share);
        listen_to_server();
    }
    return result;
}

static void stream_file(void)
{
    char piece[PIECE_BYTES];
    enum http_send result = HTTP_SEND_EMPTY;
    while (result == HTTP_SEND_EMPTY) {
        size_t wanted = exchange_wanted_bytes(&exchange, sizeof piece);
        ssize_t got = pread(exchange.file, piece, wanted, (off_t)exchange.next_offset);
        ck_assert_int_eq(got, (ssize_t)wanted);
        exchange_piece_read(&exchange, piece, wanted);
        result = send_what_is_there();
    }
    ck_assert_int_eq(result, HTTP_SEND_DONE);
    ck_assert_int_eq(exchange.file, EXCHANGE_NO_FILE);
}

/* Brings what was found to the client. */
static void answer(enum exchange_lookup found)
{
    if (found == LOOKUP_LOAD) {
        ck_assert_int_eq(exchange_begin_load(&server, &exchange, NOW_MS), LOOKUP_LOAD);
        read_into_entry();
        exchange_loaded(&server, &exchange);
    }
    if (found == LOOKUP_LOAD || found == LOOKUP_CACHED)
        exchange_reply_from_cache(&server, &exchange);
    if (found == LOOKUP_STREAM)
        stream_file();
    else
        ck_assert_int_eq(send_what_is_there(), HTTP_SEND_DONE);
    exchange_finish(&server, &exchange, &row, true);
}

/* A whole exchange; tells how the file was found, and the reply is in `reply`. */
static enum exchange_lookup serve(const char *request)
{
    reply[0] = '\0';
    say(request);
    ck_assert_int_eq(receive_request(), HTTP_COMPLETE);
    enum exchange_lookup found = exchange_look_up(&server, &exchange, NOW_MS);
    answer(found);
    return found;
}

static void assert_status(const char *status)
{
    ck_assert_msg(strncmp(reply + strlen("HTTP/1.1 "), status, 3) == 0, "%s: %.*s", status, 200,
                  reply);
}

static const char *body_of_reply(void)
{
    char *end = strstr(reply, "\r\n\r\n");
    ck_assert_ptr_nonnull(end);
    return end + 4;
}

static void assert_digits(const char *body, size_t first, size_t count)
{
    ck_assert_uint_eq(strlen(body), count);
    for (size_t i = 0; i < count; i++)
        ck_assert_int_eq(body[i], (char)('0' + (first + i) % 10));
}

/* --- one request ---------------------------------------------------------------------------- */

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

START_TEST(a_file_is_loaded_once_and_then_cached)
{
    ck_assert_int_eq(serve(GET("/small")), LOOKUP_LOAD);
    assert_status("200");
    assert_digits(body_of_reply(), 0, SMALL_BYTES);
    ck_assert_int_eq(exchange.file, EXCHANGE_NO_FILE);
    exchange_next(&server, &exchange);
    ck_assert_int_eq(serve(GET("/small")), LOOKUP_CACHED);
    assert_digits(body_of_reply(), 0, SMALL_BYTES);
    ck_assert_uint_eq(server.stats.replies, 2);
    ck_assert_uint_eq(server.stats.bytes_sent, 2 * SMALL_BYTES);
    ck_assert_str_eq(row.title, "GET /small");
}
END_TEST

START_TEST(a_large_file_is_streamed)
{
    ck_assert_int_eq(serve(GET("/large")), LOOKUP_STREAM);
    assert_status("200");
    assert_digits(body_of_reply(), 0, LARGE_BYTES);
    ck_assert_uint_eq(cache_counts(server.cache).entries, 0);
}
END_TEST

/* The same part of a file that is streamed, loaded, or in the cache already. */
static const struct {
    const char *request;
    enum exchange_lookup found;
} parts[] = {
    {"GET /large HTTP/1.1\r\nHost: a\r\nRange: bytes=123-456\r\n\r\n", LOOKUP_STREAM},
    {"GET /small HTTP/1.1\r\nHost: a\r\nRange: bytes=123-456\r\n\r\n", LOOKUP_LOAD},
    {"GET /small HTTP/1.1\r\nHost: a\r\nRange: bytes=123-456\r\n\r\n", LOOKUP_CACHED},
};

START_TEST(a_part_is_served_from_everywhere)
{
    if (parts[_i].found == LOOKUP_CACHED) {
        serve(GET("/small"));
        exchange_next(&server, &exchange);
    }
    ck_assert_int_eq(serve(parts[_i].request), parts[_i].found);
    assert_status("206");
    assert_digits(body_of_reply(), 123, 456 - 123 + 1);
}
END_TEST

/* What can be answered without reading the file, or without there being one. */
static const struct {
    const char *request, *status, *line; /* a line of the head, or NULL */
} answers[] = {
    {"HEAD /small HTTP/1.1\r\nHost: a\r\n\r\n", "200", "\r\nContent-Length: 1000\r\n"},
    {"HEAD /large HTTP/1.1\r\nHost: a\r\n\r\n", "200", "\r\nContent-Length: 50000\r\n"},
    {GET("/empty"), "200", "\r\nContent-Length: 0\r\n"},
    {GET("/nothing"), "404", NULL},
    {GET("/.hidden"), "404", NULL},
    {GET("/.."), "400", NULL},
    {GET("/sub/"), "403", NULL}, /* no index, and --list was not given */
    {GET("/sub"), "301", "\r\nLocation: /sub/\r\n"},
    {GET("/sub?k=v&%41"), "301", "\r\nLocation: /sub/?k=v&%41\r\n"},
    {GET("//sub"), "301", "\r\nLocation: /sub/\r\n"}, /* never "//", which would be a host */
    {GET("http://a/sub?"), "301", "\r\nLocation: /sub/?\r\n"},
    {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "405", "\r\nAllow: GET, HEAD\r\n"},
    {"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", "501", NULL},
    {"GET /small HTTP/1.1\r\nHost: a\r\nIf-None-Match: *\r\n\r\n", "304", NULL},
    {"GET /small HTTP/1.1\r\nHost: a\r\nIf-Match: \"x\"\r\n\r\n", "412", NULL},
    {"GET /small HTTP/1.1\r\nHost: a\r\nRange: bytes=1000-\r\n\r\n", "416",
     "\r\nContent-Range: bytes */1000\r\n"},
};

START_TEST(some_answers_need_no_reading)
{
    ck_assert_int_eq(serve(answers[_i].request), LOOKUP_REPLY);
    assert_status(answers[_i].status);
    if (answers[_i].line != NULL)
        ck_assert_msg(strstr(reply, answers[_i].line) != NULL, "%s", reply);
    ck_assert_int_eq(exchange.file, EXCHANGE_NO_FILE);
    ck_assert(!exchange.reply.closes);
}
END_TEST

START_TEST(a_directory_is_listed_if_asked_for)
{
    server.options.list = true;
    ck_assert_int_eq(serve(GET("/sub/")), LOOKUP_CACHED);
    assert_status("200");
    ck_assert_ptr_nonnull(strstr(body_of_reply(), "<a href=\"./file\">file</a>"));
    exchange_next(&server, &exchange);
    ck_assert_uint_eq(cache_counts(server.cache).used_bytes, 0);
}
END_TEST

/* Makes a page of its query for "made", refuses "refused", and leaves the rest to the files. */
static bool make_page(void *context, const char *path, size_t path_length, const char *query,
                      size_t query_length, struct generated_page *page)
{
    (*(unsigned *)context)++;
    if (path_length == strlen("refused") && memcmp(path, "refused", path_length) == 0) {
        page->status = 403;
        return true;
    }
    if (path_length != strlen("made") || memcmp(path, "made", path_length) != 0)
        return false;
    *page = (struct generated_page){200, "text/plain", malloc(query_length), query_length};
    memcpy(page->text, query, query_length);
    return true;
}

START_TEST(a_generator_is_asked_first)
{
    unsigned asked = 0;
    const struct generator generator = {make_page, &asked};
    server.generator = &generator;
    ck_assert_int_eq(serve(GET("/made?a=1&b=%20")), LOOKUP_CACHED);
    ck_assert_ptr_nonnull(strstr(reply, "Content-Type: text/plain\r\n"));
    ck_assert_str_eq(body_of_reply(), "a=1&b=%20");
    exchange_next(&server, &exchange);
    ck_assert_int_eq(serve(GET("/made?other")), LOOKUP_CACHED); /* it is not kept */
    ck_assert_str_eq(body_of_reply(), "other");
    exchange_next(&server, &exchange);
    ck_assert_int_eq(serve(GET("/refused")), LOOKUP_REPLY);
    assert_status("403");
    exchange_next(&server, &exchange);
    ck_assert_int_eq(serve(GET("/small")), LOOKUP_LOAD);
    assert_digits(body_of_reply(), 0, SMALL_BYTES);
    ck_assert_uint_eq(asked, 4);
}
END_TEST

START_TEST(a_stopping_server_closes)
{
    server.stopping = true;
    serve(GET("/small"));
    ck_assert_ptr_nonnull(strstr(reply, "\r\nConnection: close\r\n"));
    ck_assert(exchange.reply.closes);
}
END_TEST

/* --- one after another ---------------------------------------------------------------------- */

START_TEST(pipelined_requests_are_answered_in_order)
{
    say(GET("/sub/file") GET("/nothing") "HEAD /small HTTP/1.1\r\nHost: a\r\n\r\nGET /em");
    static const char *const titles[] = {"GET /sub/file", "GET /nothing", "HEAD /small"};
    for (int i = 0; i < ROWS(titles); i++) {
        ck_assert_int_eq(receive_request(), HTTP_COMPLETE);
        ck_assert_str_eq(row.title, titles[i]);
        answer(exchange_look_up(&server, &exchange, NOW_MS));
        exchange_next(&server, &exchange);
        ck_assert(exchange_has_input(&exchange));
    }
    ck_assert_int_eq(receive_request(), HTTP_PARTIAL);
    say("pty HTTP/1.1\r\nHost: a\r\n\r\n");
    ck_assert_int_eq(receive_request(), HTTP_COMPLETE);
    exchange_next(&server, &exchange);
    ck_assert(!exchange_has_input(&exchange));
}
END_TEST

/* The input buffer is far smaller than what goes through it; no byte may be lost at its end. */
START_TEST(requests_go_on_beyond_the_end_of_the_buffer)
{
    enum { REQUESTS = 2000, AHEAD = 290, MOST_PARTIALS = 10 };
    int answered = 0, said = 0, in_vain = 0;
    while (answered < REQUESTS) {
        for (; said < REQUESTS && said < answered + AHEAD; said++) {
            say(GET("/nothing/but/a/name/that/is/a/little/longer"));
            exchange_receive(&exchange);
        }
        exchange_receive(&exchange);
        enum http_parse parsed = exchange_parse(&exchange, &row);
        ck_assert_int_ne(parsed, HTTP_REFUSED);
        in_vain = parsed == HTTP_PARTIAL ? in_vain + 1 : 0;
        ck_assert_int_lt(in_vain, MOST_PARTIALS);
        if (parsed == HTTP_PARTIAL)
            continue;
        ck_assert_str_eq(row.title, "GET /nothing/but/a/name/that/is/a/little/longer");
        exchange_next(&server, &exchange);
        answered++;
    }
    ck_assert(!exchange_has_input(&exchange));
}
END_TEST

static const char *const with_body[] = {
    "POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "GET /small HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
};

/* The body comes byte by byte, and the next request right behind it. */
START_TEST(a_body_is_thrown_away)
{
    const char *body = strstr(with_body[_i], "\r\n\r\n") + 4;
    char head[256] = "", one[2] = "";
    say(strncat(head, with_body[_i], (size_t)(body - with_body[_i])));
    ck_assert_int_eq(receive_request(), HTTP_COMPLETE);
    ck_assert(exchange_must_discard(&exchange));
    for (; *body != '\0'; body++) {
        ck_assert_int_eq(exchange_discard(&exchange), HTTP_PARTIAL);
        one[0] = *body;
        say(one);
        ck_assert_int_eq(exchange_receive(&exchange), INPUT_CAME);
    }
    say(GET("/nothing"));
    ck_assert_int_eq(exchange_receive(&exchange), INPUT_CAME);
    ck_assert_int_eq(exchange_discard(&exchange), HTTP_COMPLETE);
    exchange_next(&server, &exchange);
    ck_assert_int_eq(receive_request(), HTTP_COMPLETE);
    ck_assert_str_eq(row.title, "GET /nothing");
}
END_TEST

START_TEST(a_wrong_body_is_refused)
{
    say("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n");
    ck_assert_int_eq(receive_request(), HTTP_COMPLETE);
    ck_assert_int_eq(exchange_discard(&exchange), HTTP_REFUSED);
    ck_assert_uint_eq(exchange.request.refusal, 400);
}
END_TEST

/* RFC 9110, section 10.1.1: a final answer instead of 100, and then the connection must end. */
START_TEST(who_waits_for_our_word_gets_the_answer)
{
    serve("POST /small HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    ck_assert(!exchange_must_discard(&exchange));
    assert_status("405");
    ck_assert(exchange.reply.closes);
}
END_TEST

START_TEST(a_refused_request_can_be_answered)
{
    say("NONSENSE\r\n\r\n");
    ck_assert_int_eq(receive_request(), HTTP_REFUSED);
    ck_assert(exchange_reply_with_status(&server, &exchange, exchange.request.refusal, true));
    reply[0] = '\0';
    ck_assert_int_eq(send_what_is_there(), HTTP_SEND_DONE);
    assert_status("400");
    ck_assert(exchange.reply.closes);
    ck_assert_str_eq(row.title, "NONSENSE");
}
END_TEST

/* --- what can go wrong ---------------------------------------------------------------------- */

START_TEST(a_reply_that_has_begun_cannot_be_changed)
{
    size_t share = 1;
    say(GET("/large"));
    ck_assert_int_eq(receive_request(), HTTP_COMPLETE);
    ck_assert_int_eq(exchange_look_up(&server, &exchange, NOW_MS), LOOKUP_STREAM);
    ck_assert(exchange_reply_with_status(&server, &exchange, 503, true));
    exchange_send(&exchange, &share);
    ck_assert(!exchange_reply_with_status(&server, &exchange, 500, true));
    ck_assert_uint_eq(exchange.reply.status, 503);
}
END_TEST

START_TEST(a_failed_load_leaves_nothing)
{
    say(GET("/small"));
    ck_assert_int_eq(receive_request(), HTTP_COMPLETE);
    ck_assert_int_eq(exchange_look_up(&server, &exchange, NOW_MS), LOOKUP_LOAD);
    ck_assert_int_eq(exchange_begin_load(&server, &exchange, NOW_MS), LOOKUP_LOAD);
    exchange_load_failed(&server, &exchange);
    ck_assert(!exchange_is_loading(&exchange));
    ck_assert_int_eq(exchange.file, EXCHANGE_NO_FILE);
    ck_assert_ptr_null(exchange.entry);
    ck_assert_uint_eq(cache_counts(server.cache).used_bytes, 0);
}
END_TEST

/* A second look while the first loads: shared, then ready; the file is read once. */
START_TEST(a_file_being_loaded_is_shared)
{
    struct exchange other;
    say(GET("/small"));
    ck_assert_int_eq(receive_request(), HTTP_COMPLETE);
    other = exchange;
    ck_assert_int_eq(exchange_look_up(&server, &exchange, NOW_MS), LOOKUP_LOAD);
    ck_assert_int_eq(exchange_begin_load(&server, &exchange, NOW_MS), LOOKUP_LOAD);
    ck_assert_int_eq(exchange_look_up(&server, &other, NOW_MS), LOOKUP_SHARED);
    ck_assert_ptr_eq(other.entry, exchange.entry);
    ck_assert(!exchange_is_loading(&other));
    exchange_load_failed(&server, &exchange); /* the one that waits keeps its pin */
    ck_assert_uint_gt(cache_counts(server.cache).used_bytes, SMALL_BYTES);
    exchange_forget(&server, &other);
    ck_assert_uint_eq(cache_counts(server.cache).used_bytes, 0);
}
END_TEST

START_TEST(a_file_that_changes_while_it_is_read_is_not_listed)
{
    write_digits("changing", SMALL_BYTES);
    say(GET("/changing"));
    ck_assert_int_eq(receive_request(), HTTP_COMPLETE);
    ck_assert_int_eq(exchange_look_up(&server, &exchange, NOW_MS), LOOKUP_LOAD);
    ck_assert_int_eq(exchange_begin_load(&server, &exchange, NOW_MS), LOOKUP_LOAD);
    read_into_entry();
    write_digits("changing", SMALL_BYTES + 1);
    exchange_loaded(&server, &exchange);
    exchange_reply_from_cache(&server, &exchange);
    reply[0] = '\0';
    ck_assert_int_eq(send_what_is_there(), HTTP_SEND_DONE);
    assert_digits(body_of_reply(), 0, SMALL_BYTES);
    ck_assert_uint_eq(cache_counts(server.cache).entries, 0);
}
END_TEST

START_TEST(a_file_too_large_for_the_cache_is_streamed)
{
    cache_destroy(server.cache);
    server.cache = cache_create(0);
    ck_assert_int_eq(serve(GET("/small")), LOOKUP_STREAM);
    assert_digits(body_of_reply(), 0, SMALL_BYTES);
}
END_TEST

START_TEST(the_end_of_input_is_no_hang_up)
{
    ck_assert_int_eq(exchange_receive(&exchange), INPUT_NONE);
    say(GET("/sub/file"));
    shutdown(client, SHUT_WR);
    ck_assert_int_eq(receive_request(), HTTP_COMPLETE);
    ck_assert(exchange.ended);
    reply[0] = '\0';
    answer(exchange_look_up(&server, &exchange, NOW_MS));
    ck_assert_str_eq(body_of_reply(), "in sub");
}
END_TEST

START_TEST(a_full_buffer_has_no_room)
{
    static char noise[EXCHANGE_INPUT_BYTES + 100];
    memset(noise, 'a', sizeof noise - 1);
    ck_assert(exchange_has_room(&exchange));
    say(noise);
    while (exchange_receive(&exchange) == INPUT_CAME)
        ;
    ck_assert(!exchange_has_room(&exchange));
    ck_assert_uint_eq(exchange.end, EXCHANGE_INPUT_BYTES);
    ck_assert_int_eq(exchange_drain(&exchange), INPUT_CAME);
    ck_assert_int_eq(exchange_drain(&exchange), INPUT_NONE);
}
END_TEST

START_TEST(output_is_shut_and_the_rest_drained)
{
    char byte;
    exchange_shut_output(&exchange);
    ck_assert_int_eq(recv(client, &byte, 1, 0), 0);
    say("late");
    ck_assert_int_eq(exchange_drain(&exchange), INPUT_CAME);
    close(client);
    ck_assert_int_eq(exchange_drain(&exchange), INPUT_ENDED);
    exchange_hang_up(&exchange);
    exchange_hang_up(&exchange);
    ck_assert_int_eq(exchange.socket, EXCHANGE_NO_SOCKET);
    client = dup(server.docroot.directory); /* for the teardown to close */
}
END_TEST

START_TEST(a_client_that_leaves_is_counted)
{
    size_t share = SIZE_MAX;
    say(GET("/nothing"));
    ck_assert_int_eq(receive_request(), HTTP_COMPLETE);
    ck_assert_int_eq(exchange_look_up(&server, &exchange, NOW_MS), LOOKUP_REPLY);
    shutdown(client, SHUT_RD);
    ck_assert_int_eq(exchange_send(&exchange, &share), HTTP_SEND_BROKEN);
    exchange_finish(&server, &exchange, &row, false);
    ck_assert_uint_eq(server.stats.broken, 1);
    ck_assert_uint_eq(server.stats.replies + server.stats.bytes_sent, 0);
}
END_TEST

static TCase *add_case(Suite *suite, const char *name)
{
    TCase *tcase = unit_add_case(suite, name);
    tcase_add_unchecked_fixture(tcase, make_tree, remove_tree);
    tcase_add_checked_fixture(tcase, open_server, close_server);
    return tcase;
}

static void add_failures(TCase *tcase)
{
    tcase_add_test(tcase, a_reply_that_has_begun_cannot_be_changed);
    tcase_add_test(tcase, a_failed_load_leaves_nothing);
    tcase_add_test(tcase, a_file_being_loaded_is_shared);
    tcase_add_test(tcase, a_file_that_changes_while_it_is_read_is_not_listed);
    tcase_add_test(tcase, a_file_too_large_for_the_cache_is_streamed);
    tcase_add_test(tcase, the_end_of_input_is_no_hang_up);
    tcase_add_test(tcase, a_full_buffer_has_no_room);
    tcase_add_test(tcase, output_is_shut_and_the_rest_drained);
    tcase_add_test(tcase, a_client_that_leaves_is_counted);
}

Suite *exchange_suite(void)
{
    Suite *suite = suite_create("exchange");
    TCase *single = add_case(suite, "exchange_one");
    tcase_add_test(single, a_file_is_loaded_once_and_then_cached);
    tcase_add_test(single, a_large_file_is_streamed);
    tcase_add_loop_test(single, a_part_is_served_from_everywhere, 0, ROWS(parts));
    tcase_add_loop_test(single, some_answers_need_no_reading, 0, ROWS(answers));
    tcase_add_test(single, a_directory_is_listed_if_asked_for);
    tcase_add_test(single, a_generator_is_asked_first);
    tcase_add_test(single, a_stopping_server_closes);
    TCase *several = add_case(suite, "exchange_several");
    tcase_add_test(several, pipelined_requests_are_answered_in_order);
    tcase_add_test(several, requests_go_on_beyond_the_end_of_the_buffer);
    tcase_add_loop_test(several, a_body_is_thrown_away, 0, ROWS(with_body));
    tcase_add_test(several, a_wrong_body_is_refused);
    tcase_add_test(several, who_waits_for_our_word_gets_the_answer);
    tcase_add_test(several, a_refused_request_can_be_answered);
    add_failures(add_case(suite, "exchange_wrong"));
    return suite;
}
