/*
 * One thread: whoever is served has it to himself, so much depends on who must leave, and when.
 */
#include "integration/differences.h"
#include "integration/models.h"
#include "support/deadline.h"

#include <poll.h>
#include <string.h>

enum {
    ONE_BY_ONE = 1100,
    IN_A_ROW = 5,
    SILENT = 3,
    SOON_MS = 5000,
    SETTLED_MS = 500,
    PAUSE_MS = 200
};

static struct server *serve_single(int wakeup, const char *options)
{
    return serve_with("--model single --wakeup %s %s", wakeup_names[wakeup], options);
}

static void demand_small(struct http_connection *talk)
{
    http_read_answers(talk, 1);
    demand_statuses(talk, "200");
    demand_body(&talk->answers[0], SMALL_TEXT, strlen(SMALL_TEXT));
}

static void demand_soon(int64_t begun)
{
    ck_assert_int_lt(milliseconds_now() - begun, SOON_MS * (int64_t)deadline_scale());
}

/* A browser opens a connection ahead, and says nothing on it. */
START_TEST(silent_client_gives_way)
{
    struct server *server = serve_single(_i, "--idle-timeout 60s");
    struct http_connection *silent[SILENT];
    for (unsigned i = 0; i < SILENT; i++)
        silent[i] = http_open(server->port);
    await_table(server, " IDLE ");
    int64_t begun = milliseconds_now();
    struct http_connection *other = open_and_send(server, GET("/small.txt", ""));
    demand_small(other);
    http_close(other);
    demand_soon(begun);
    for (unsigned i = 0; i < SILENT; i++) {
        demand_closed(silent[i]);
        ck_assert_uint_eq(silent[i]->count, 0);
    }
    await_table(server, "\\(3 closed to seat others\\), 1 replies, 0 broken off, 0 timeouts,");
    demand_good_end(server);
}
END_TEST

/* Nobody waits: then it may stay, and speak at last. */
START_TEST(silent_client_may_stay_while_nobody_waits)
{
    struct server *server = serve_single(_i, "--idle-timeout 60s");
    struct http_connection *talk = http_open(server->port);
    await_table(server, " IDLE ");
    deadline_wait(talk->fd, POLLIN, deadline_in(2 * SETTLED_MS)); /* which does not come */
    ck_assert(!talk->closed);
    http_send_text(talk, GET("/small.txt", ""));
    demand_small(talk);
    http_close(talk);
    demand_good_end(server);
}
END_TEST

/* Who has its reply and does not leave keeps the others waiting for a moment, not for seconds. */
START_TEST(client_that_stays_behind_gives_way)
{
    struct server *server = serve_single(_i, "");
    struct http_connection *talks[IN_A_ROW];
    int64_t begun = milliseconds_now();
    for (unsigned i = 0; i < IN_A_ROW; i++)
        talks[i] = open_and_send(server, GET("/small.txt", ""));
    for (unsigned i = 0; i < IN_A_ROW; i++)
        demand_small(talks[i]);
    demand_soon(begun);
    for (unsigned i = 0; i < IN_A_ROW; i++)
        http_close(talks[i]);
    demand_good_end(server);
}
END_TEST

/* They wait in the kernel's queue, and leave it in order. */
START_TEST(clients_are_served_one_after_another)
{
    struct server *server = serve_single(_i, "--read-timeout 60s");
    struct http_connection *first = open_half(server), *others[IN_A_ROW];
    for (unsigned i = 0; i < IN_A_ROW; i++)
        others[i] = open_and_send(server, GET("/small.txt", ""));
    deadline_wait(others[0]->fd, POLLIN, deadline_in(PAUSE_MS)); /* which does not come */
    for (unsigned i = 0; i < IN_A_ROW; i++) {
        http_receive(others[i]);
        ck_assert_uint_eq(others[i]->count, 0);
    }
    await_table(server, "\n  1 connections ");
    http_send_text(first, OTHER_HALF);
    demand_small(first);
    http_close(first);
    for (unsigned i = 0; i < IN_A_ROW; i++) {
        demand_small(others[i]);
        for (unsigned later = i + 2; later < IN_A_ROW; later++) { /* the next may be through */
            http_receive(others[later]);
            ck_assert_uint_eq(others[later]->count, 0);
        }
        http_close(others[i]);
    }
    demand_good_end(server);
}
END_TEST

/* A head that comes byte by byte has its time as a whole; then the others have theirs. */
START_TEST(slow_client_is_given_up_for_the_others)
{
    struct server *server = serve_single(_i, "--read-timeout 300ms");
    struct http_connection *slow = open_and_send(server, "GET /small.txt HTTP/1.1\r\nX: ");
    await_table(server, " READING ");
    struct http_connection *other = open_and_send(server, GET("/small.txt", ""));
    int64_t deadline = deadline_in(SOON_MS);
    while (slow->count == 0 && deadline_retry(deadline))
        http_send_text(slow, "x");
    ck_assert_uint_eq(slow->count, 1);
    ck_assert_int_eq(slow->answers[0].status, 408);
    http_close(slow);
    demand_small(other);
    http_close(other);
    demand_good_end(server);
}
END_TEST

START_TEST(eleven_hundred_clients_are_served_one_by_one)
{
    struct server *server = serve_single(_i, "");
    http_close(http_ask(server->port, GET("/small.txt", "")));
    await_table(server, NOBODY_IS_SERVED);
    unsigned descriptors = count_descriptors(server);
    for (unsigned i = 1; i < ONE_BY_ONE; i++) {
        struct http_connection *talk = open_and_send(server, GET("/small.txt", ""));
        demand_small(talk);
        http_close(talk);
    }
    await_table(server, "\n  1100 connections \\(0 closed to seat others\\), 1100 replies, "
                        "0 broken off, 0 timeouts,");
    await_table(server, NOBODY_IS_SERVED);
    ck_assert_uint_eq(count_descriptors(server), descriptors);
    demand_good_end(server);
}
END_TEST

START_TEST(connection_has_one_request)
{
    struct server *server = serve_single(_i, "");
    struct http_connection *talk =
        open_and_send(server, GET("/small.txt", "") GET("/cold.bin", ""));
    demand_closed(talk);
    demand_small(talk);
    ck_assert_uint_eq(talk->count, 1);
    ck_assert_str_eq(demand_field(&talk->answers[0], "Connection"), "close");
    http_close(talk);
    demand_good_end(server);
}
END_TEST

Suite *model_single_suite(void)
{
    Suite *suite = suite_create("model_single");
    TCase *tcase = create_event_case("model_single");
    tcase_add_loop_test(tcase, silent_client_gives_way, 0, WAKEUPS);
    tcase_add_loop_test(tcase, silent_client_may_stay_while_nobody_waits, 0, WAKEUPS);
    tcase_add_loop_test(tcase, client_that_stays_behind_gives_way, 0, WAKEUPS);
    tcase_add_loop_test(tcase, clients_are_served_one_after_another, 0, WAKEUPS);
    tcase_add_loop_test(tcase, slow_client_is_given_up_for_the_others, 0, WAKEUPS);
    tcase_add_loop_test(tcase, eleven_hundred_clients_are_served_one_by_one, 0, WAKEUPS);
    tcase_add_loop_test(tcase, connection_has_one_request, 0, WAKEUPS);
    suite_add_tcase(suite, tcase);
    return suite;
}
