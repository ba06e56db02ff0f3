/*
 * A dispatcher and its workers: the bounded queue, and when a worker leaves its client.
 */
#include "faults/faults.h"
#include "integration/models.h"
#include "support/deadline.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

enum {
    SOON_MS = 5000,
    NEWCOMERS = 5,
    ROUNDS = 6,
    CREW = 4,
    TABLES = 3,
    FEW_DESCRIPTORS = 24,
    TOO_MANY = 60,
};

static struct server *serve_threads(unsigned threads, unsigned queue)
{
    return serve_with("--model threads --threads %u --queue %u --idle-timeout 60s "
                      "--read-timeout 60s",
                      threads, queue);
}

static struct http_connection *open_idle(const struct server *server)
{
    struct http_connection *idle = http_open(server->port);
    ask_again(idle, GET("/small.txt", ""));
    return idle;
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

/* --- who gives way -------------------------------------------------------------------------- */

START_TEST(one_idle_client_gives_way_to_one_who_waits)
{
    struct server *server = serve_threads(2, 8);
    struct http_connection *idle[] = {open_idle(server), open_idle(server)};
    int64_t begun = milliseconds_now();
    struct http_connection *third = open_idle(server);
    demand_soon(begun);
    await_table(server, "\\(1 closed to seat others\\), 3 replies");
    http_receive(idle[0]);
    http_receive(idle[1]);
    ck_assert_int_eq(idle[0]->closed + idle[1]->closed, 1);
    ask_again(idle[idle[0]->closed ? 1 : 0], GET("/small.txt", "")); /* the other one stays */
    ask_again(third, GET("/small.txt", ""));
    demand_good_end(server);
}
END_TEST

/* Each of those who wait must be heard of, also if two come before the first has been let in. */
START_TEST(client_behind_silent_ones_is_served)
{
    struct server *server = serve_threads(2, 8);
    struct http_connection *idle[] = {open_idle(server), open_idle(server)};
    freeze(server);
    struct http_connection *silent[] = {http_open(server->port), http_open(server->port)};
    struct http_connection *last = open_and_send(server, GET("/small.txt", ""));
    int64_t begun = milliseconds_now();
    thaw(server);
    demand_small(last);
    demand_soon(begun);
    for (unsigned i = 0; i < 2; i++) {
        http_close(idle[i]);
        http_close(silent[i]);
    }
    demand_good_end(server);
}
END_TEST

/* Round after round all workers are idle, and more come than there are. No note may get lost. */
START_TEST(idle_clients_give_way_again_and_again)
{
    struct http_connection *idle[CREW], *fresh[NEWCOMERS];
    struct server *server = serve_threads(CREW, 16);
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < CREW; i++)
            idle[i] = open_idle(server);
        for (unsigned i = 0; i < NEWCOMERS; i++)
            fresh[i] = open_and_send(server, GET("/small.txt", CLOSE));
        for (unsigned i = 0; i < NEWCOMERS; i++)
            demand_small(fresh[i]);
        close_all(fresh, NEWCOMERS);
        close_all(idle, CREW);
    }
    demand_good_end(server);
}
END_TEST

/* Who is in mid-request, or is being answered, is left alone: only idle clients give way. */
START_TEST(busy_client_does_not_give_way)
{
    struct server *server = serve_threads(1, 8);
    struct http_connection *half = open_half(server);
    struct http_connection *other = open_and_send(server, GET("/small.txt", ""));
    await_table(server, "\n  2 connections \\(0 closed");
    deadline_wait(half->fd, 0, deadline_in(2 * 500)); /* twice as long as an idle one may stay */
    http_receive(other);
    ck_assert_uint_eq(other->count, 0);
    http_send_text(half, OTHER_HALF);
    demand_small(half);
    ck_assert_str_eq(demand_field(&half->answers[0], "Connection"), "close"); /* somebody waits */
    demand_small(other);
    ck_assert_ptr_null(http_field(&other->answers[0], "Connection")); /* nobody does */
    demand_good_end(server);
}
END_TEST

/* --- the queue ------------------------------------------------------------------------------ */

/* One client has the worker, one is in the queue, one in the dispatcher's hand; no more come in. */
START_TEST(full_queue_stops_accepting)
{
    struct server *server = serve_threads(1, 1);
    struct http_connection *half = open_half(server), *others[NEWCOMERS];
    for (unsigned i = 0; i < NEWCOMERS; i++)
        others[i] = open_and_send(server, GET("/small.txt", CLOSE));
    for (unsigned i = 0; i < TABLES; i++)
        await_table(server, "\n  3 connections ");
    http_send_text(half, OTHER_HALF);
    demand_small(half);
    for (unsigned i = 0; i < NEWCOMERS; i++) {
        demand_small(others[i]);
        http_close(others[i]);
    }
    await_table(server, "\n  6 connections ");
    demand_good_end(server);
}
END_TEST

START_TEST(full_queue_is_served_at_the_end)
{
    struct server *server = serve_threads(1, 1);
    struct http_connection *half = open_half(server), *others[NEWCOMERS];
    for (unsigned i = 0; i < NEWCOMERS; i++)
        others[i] = open_and_send(server, GET("/small.txt", ""));
    await_table(server, "\n  3 connections ");
    send_signal(server, SIGTERM);
    http_send_text(half, OTHER_HALF);
    demand_closed(half);
    demand_small(half);
    http_close(half);
    for (unsigned i = 0; i < NEWCOMERS; i++) {
        demand_closed(others[i]);
        demand_small(others[i]);
        http_close(others[i]);
    }
    ck_assert_int_eq(await_end(server), 0);
    demand_good_end(server);
}
END_TEST

/* The dispatcher sleeps until there is room in the queue, and there never is any. */
START_TEST(full_queue_does_not_outlast_the_grace_time)
{
    struct server *server = serve_with("--model threads --threads 1 --queue 1 --grace-time 300ms "
                                       "--read-timeout 60s");
    struct http_connection *half = open_half(server), *others[NEWCOMERS];
    for (unsigned i = 0; i < NEWCOMERS; i++)
        others[i] = open_and_send(server, GET("/small.txt", ""));
    await_table(server, "\n  3 connections ");
    int64_t begun = milliseconds_now();
    send_signal(server, SIGTERM);
    ck_assert_int_eq(await_end(server), 0);
    demand_soon(begun);
    close_all(others, NEWCOMERS);
    http_close(half);
    demand_good_end(server);
}
END_TEST

START_TEST(second_signal_wakes_the_dispatcher)
{
    struct server *server = serve_with("--model threads --threads 1 --queue 1 --grace-time 60s "
                                       "--read-timeout 60s");
    struct http_connection *half = open_half(server), *others[NEWCOMERS];
    for (unsigned i = 0; i < NEWCOMERS; i++)
        others[i] = open_and_send(server, GET("/small.txt", ""));
    await_table(server, "\n  3 connections ");
    send_signal(server, SIGTERM);
    int64_t begun = milliseconds_now();
    ck_assert_int_eq(kill(server->pid, SIGTERM), 0);
    ck_assert_int_eq(await_end(server), 0);
    demand_soon(begun);
    close_all(others, NEWCOMERS);
    http_close(half);
    demand_good_end(server);
}
END_TEST

/* --- scarcity ------------------------------------------------------------------------------- */

/* Who cannot be accepted now is accepted later; a file that cannot be opened now gets a 503. */
START_TEST(clients_are_served_with_few_descriptors)
{
    struct http_connection *crowd[TOO_MANY];
    struct server *server =
        serve_within(RLIMIT_NOFILE, FEW_DESCRIPTORS, "%s", "--model threads --queue 8");
    demand_small(open_and_send(server, GET("/small.txt", CLOSE)));
    for (unsigned i = 0; i < TOO_MANY; i++)
        crowd[i] = open_and_send(server, GET("/small.txt", CLOSE));
    for (unsigned i = 0; i < TOO_MANY; i++) {
        http_read_answers(crowd[i], 1);
        ck_assert_msg(crowd[i]->count == 1 && (crowd[i]->answers[0].status == 200 ||
                                               crowd[i]->answers[0].status == 503),
                      "got %s", http_describe(crowd[i]));
        http_close(crowd[i]);
    }
    demand_good_end(server);
}
END_TEST

/* --- the suite ------------------------------------------------------------------------------ */

Suite *model_threads_suite(void)
{
    Suite *suite = suite_create("model_threads");
    TCase *tcase = create_event_case("model_threads");
    tcase_add_test(tcase, one_idle_client_gives_way_to_one_who_waits);
    tcase_add_test(tcase, client_behind_silent_ones_is_served);
    tcase_add_test(tcase, idle_clients_give_way_again_and_again);
    tcase_add_test(tcase, busy_client_does_not_give_way);
    tcase_add_test(tcase, full_queue_stops_accepting);
    tcase_add_test(tcase, full_queue_is_served_at_the_end);
    tcase_add_test(tcase, full_queue_does_not_outlast_the_grace_time);
    tcase_add_test(tcase, second_signal_wakes_the_dispatcher);
    tcase_add_test(tcase, clients_are_served_with_few_descriptors);
    suite_add_tcase(suite, tcase);
    return suite;
}
