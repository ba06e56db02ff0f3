/*
 * SIGUSR1 shows the request table; SIGTERM ends the server when its requests are done.
 */
#include "integration/event_model.h"
#include "support/deadline.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { PATTERN_ROOM = 300, SOON_MS = 5000 };

#define HALF_A_HEAD "GET /small.txt HTTP/1.1\r\nHos"
#define OTHER_HALF  "t: localhost\r\n\r\n"
#define ONE_READING "\n +[0-9]+ +127[^\n]* READING "

static unsigned port_of(const struct http_connection *talk)
{
    struct sockaddr_in address = {0};
    socklen_t length = sizeof address;
    ck_assert_int_eq(getsockname(talk->fd, (struct sockaddr *)&address, &length), 0);
    return ntohs(address.sin_port);
}

/* A client in mid-request, and the server knows it. */
static struct http_connection *open_half(const struct server *server)
{
    struct http_connection *half = open_and_send(server, HALF_A_HEAD);
    await_table(server, ONE_READING);
    return half;
}

static struct http_connection *open_idle(const struct server *server)
{
    struct http_connection *idle = http_open(server->port);
    ask_again(idle, GET("/small.txt", ""));
    return idle;
}

/* Ends the server by this signal; the idle connection's end tells that it has understood. */
static void begin_to_stop(const struct server *server, int signal, struct http_connection *idle)
{
    ck_assert_int_eq(kill(server->pid, signal), 0);
    demand_closed(idle);
}

START_TEST(usr1_shows_who_is_where)
{
    char pattern[PATTERN_ROOM];
    struct server *server = serve_with("--wakeup %s", wakeup_names[_i]);
    struct http_connection *half = open_half(server);
    snprintf(pattern, sizeof pattern,
             "\nRequest table \\(event, [a-z]+, [a-z]+, %s\\)\n  slot  client [^\n]*\n"
             " +0  127\\.0\\.0\\.1:%u +READING +[^\n]*waits for the rest of the request\n"
             "  1 of [0-9]+ slots in use\n",
             wakeup_names[_i], port_of(half));
    await_table(server, pattern);
    http_close(half);
    await_table(server, "\n  0 of [0-9]+ slots in use\n");
    demand_good_end(server);
}
END_TEST

START_TEST(usr1_shows_totals)
{
    struct server *server = serve_with("--wakeup %s", wakeup_names[_i]);
    struct http_connection *talk = open_idle(server);
    ask_again(talk, GET("/small.txt", ""));
    await_table(server,
                "\n  disk: 0 of [0-9]+ places taken, [0-9]+ buffers left; 1 reads \\(13 B\\),"
                " 0 failed; ");
    await_table(server, "\n  page cache: 1 files, [^;]* of [^;]*; 1 hits, 1 misses, 0 joined\n");
    await_table(server, "\n  1 connections \\(0 closed to seat others\\), 2 replies, 0 broken off, "
                        "0 timeouts, 26 B sent\n");
    demand_good_end(server);
}
END_TEST

START_TEST(idle_connections_are_closed_at_the_end)
{
    struct server *server = serve_with("--wakeup %s", wakeup_names[_i]);
    struct http_connection *used = open_idle(server), *fresh = http_open(server->port);
    await_table(server, "\n  2 of [0-9]+ slots in use\n");
    begin_to_stop(server, SIGTERM, used);
    demand_closed(fresh);
    ck_assert_int_eq(await_end(server), 0);
    demand_good_end(server);
}
END_TEST

START_TEST(request_in_progress_is_answered_at_the_end)
{
    struct server *server = serve_with("--wakeup %s", wakeup_names[_i]);
    struct http_connection *idle = open_idle(server), *half = open_half(server);
    begin_to_stop(server, SIGTERM, idle);
    http_send_text(half, OTHER_HALF);
    demand_closed(half);
    demand_statuses(half, "200");
    demand_body(&half->answers[0], SMALL_TEXT, strlen(SMALL_TEXT));
    ck_assert_str_eq(demand_field(&half->answers[0], "Connection"), "close");
    ck_assert_int_eq(await_end(server), 0);
    demand_good_end(server);
}
END_TEST

START_TEST(interrupt_ends_the_server_too)
{
    struct server *server = serve_with("--wakeup %s", wakeup_names[_i]);
    begin_to_stop(server, SIGINT, open_idle(server));
    ck_assert_int_eq(await_end(server), 0);
    demand_good_end(server);
}
END_TEST

START_TEST(large_file_under_way_is_sent_whole_at_the_end)
{
    struct server *server = serve_with("--wakeup %s --grace-time 120s", wakeup_names[_i]);
    struct http_connection *idle = open_idle(server);
    struct http_connection *talk = open_and_send(server, GET("/huge.bin", ""));
    read_some(talk, KIB);
    begin_to_stop(server, SIGTERM, idle);
    demand_closed(talk);
    demand_statuses(talk, "200");
    ck_assert_uint_eq(talk->answers[0].body_length, HUGE_BYTES);
    ck_assert_int_eq(await_end(server), 0);
    demand_good_end(server);
}
END_TEST

static int connect_error(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int error = connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ? 0 : errno;
    close(fd);
    return error;
}

START_TEST(nobody_new_comes_in_at_the_end)
{
    struct server *server = serve_with("--wakeup %s", wakeup_names[_i]);
    struct http_connection *idle = open_idle(server), *half = open_half(server);
    begin_to_stop(server, SIGTERM, idle);
    ck_assert_int_eq(connect_error(server->port), ECONNREFUSED);
    http_close(half);
    ck_assert_int_eq(await_end(server), 0);
    demand_good_end(server);
}
END_TEST

START_TEST(second_signal_ends_the_server_at_once)
{
    struct server *server =
        serve_with("--wakeup %s --grace-time 60s --read-timeout 60s", wakeup_names[_i]);
    struct http_connection *idle = open_idle(server), *half = open_half(server);
    begin_to_stop(server, SIGTERM, idle);
    int64_t begun = milliseconds_now();
    ck_assert_int_eq(kill(server->pid, SIGTERM), 0);
    ck_assert_int_eq(await_end(server), 0);
    ck_assert_int_lt(milliseconds_now() - begun, SOON_MS * (int64_t)deadline_scale());
    demand_closed(half);
    ck_assert_uint_eq(half->count, 0);
    demand_good_end(server);
}
END_TEST

/* They come out of the wake-up together: no turn of the loop lies between the two. */
START_TEST(two_signals_at_once_end_the_server_at_once)
{
    struct server *server =
        serve_with("--wakeup %s --grace-time 60s --read-timeout 60s", wakeup_names[_i]);
    struct http_connection *half = open_half(server);
    ck_assert_int_eq(kill(server->pid, SIGSTOP), 0);
    ck_assert_int_eq(kill(server->pid, SIGINT), 0);
    ck_assert_int_eq(kill(server->pid, SIGTERM), 0);
    int64_t begun = milliseconds_now();
    ck_assert_int_eq(kill(server->pid, SIGCONT), 0);
    ck_assert_int_eq(await_end(server), 0);
    ck_assert_int_lt(milliseconds_now() - begun, SOON_MS * (int64_t)deadline_scale());
    demand_closed(half);
    demand_good_end(server);
}
END_TEST

START_TEST(grace_time_ends)
{
    struct server *server = serve_with("--wakeup %s --grace-time 200ms", wakeup_names[_i]);
    struct http_connection *idle = open_idle(server), *half = open_half(server);
    int64_t begun = milliseconds_now();
    begin_to_stop(server, SIGTERM, idle);
    ck_assert_int_eq(await_end(server), 0);
    int64_t taken = milliseconds_now() - begun;
    ck_assert_msg(taken >= 200 && taken < SOON_MS * (int64_t)deadline_scale(),
                  "the grace time of 200 ms took %d ms", (int)taken);
    demand_closed(half);
    demand_good_end(server);
}
END_TEST

TCase *event_signals_case(void)
{
    TCase *tcase = create_event_case("event_signals");
    tcase_add_loop_test(tcase, usr1_shows_who_is_where, 0, WAKEUPS);
    tcase_add_loop_test(tcase, usr1_shows_totals, 0, WAKEUPS);
    tcase_add_loop_test(tcase, idle_connections_are_closed_at_the_end, 0, WAKEUPS);
    tcase_add_loop_test(tcase, request_in_progress_is_answered_at_the_end, 0, WAKEUPS);
    tcase_add_loop_test(tcase, interrupt_ends_the_server_too, 0, WAKEUPS);
    tcase_add_loop_test(tcase, large_file_under_way_is_sent_whole_at_the_end, 0, WAKEUPS);
    tcase_add_loop_test(tcase, nobody_new_comes_in_at_the_end, 0, WAKEUPS);
    tcase_add_loop_test(tcase, second_signal_ends_the_server_at_once, 0, WAKEUPS);
    tcase_add_loop_test(tcase, two_signals_at_once_end_the_server_at_once, 0, WAKEUPS);
    tcase_add_loop_test(tcase, grace_time_ends, 0, WAKEUPS);
    return tcase;
}
