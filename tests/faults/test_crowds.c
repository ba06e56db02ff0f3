/*
 * More clients than select() can count (S04, trap 14). A descriptor beyond FD_SETSIZE must not
 * come near a set; but whoever cannot be seated now is served when somebody has left.
 */
#include "faults/faults.h"
#include "integration/differences.h"
#include "support/deadline.h"

#include <string.h>
#include <sys/resource.h>

enum { CLIENTS = 1100, SERVERS_LIMIT = 4096, OUR_OWN = 64, LAST = 100 };

static struct http_connection *crowd[CLIENTS];

/* The test needs a descriptor per client itself. */
static bool have_descriptors(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < CLIENTS + OUR_OWN && limit.rlim_max >= CLIENTS + OUR_OWN) {
        limit.rlim_cur = CLIENTS + OUR_OWN;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    bool enough = limit.rlim_cur >= CLIENTS + OUR_OWN && limit.rlim_max >= SERVERS_LIMIT;
    if (!enough)
        fprintf(stderr, "skipped, needs ulimit -Hn %d\n", SERVERS_LIMIT);
    return enough;
}

/* The longest idle ones make room; nobody is turned away without an answer. */
START_TEST(eleven_hundred_idle_clients_are_served)
{
    if (!have_descriptors())
        return;
    struct server *server = serve_within(RLIMIT_NOFILE, SERVERS_LIMIT, "%s", "");
    for (unsigned i = 0; i < CLIENTS; i++) {
        crowd[i] = http_open(server->port);
        ask_again(crowd[i], GET("/small.txt", ""));
    }
    for (unsigned i = CLIENTS - LAST; i < CLIENTS; i++)
        ask_again(crowd[i], GET("/small.txt", ""));
    demand_all_files(server);
    demand_good_end(server);
}
END_TEST

/* All are in mid-request, so nobody makes room: those without a seat wait until others are done. */
START_TEST(eleven_hundred_busy_clients_are_served)
{
    if (!have_descriptors())
        return;
    struct server *server =
        serve_within(RLIMIT_NOFILE, SERVERS_LIMIT, "%s", "--read-timeout 60s --wakeup signalfd");
    for (unsigned i = 0; i < CLIENTS; i++)
        crowd[i] = open_and_send(server, "GET /small.txt HTTP/1.1\r\n" HOST);
    for (unsigned i = 0; i < CLIENTS; i++) {
        http_send_text(crowd[i], CLOSE "\r\n");
        http_read_to_end(crowd[i]);
        demand_statuses(crowd[i], "200");
        http_close(crowd[i]);
    }
    demand_all_files(server);
    await_emptiness(server);
    demand_good_end(server);
}
END_TEST

TCase *crowds_case(void)
{
    TCase *tcase = create_event_case("crowds");
    if (clients_cost_no_thread())
        tcase_add_test(tcase, eleven_hundred_idle_clients_are_served);
    if (connections_are_kept()) /* else even the kernel's queue is too short for all */
        tcase_add_test(tcase, eleven_hundred_busy_clients_are_served);
    return tcase;
}

Suite *client_faults_suite(void)
{
    Suite *suite = suite_create("client_faults");
    suite_add_tcase(suite, crowds_case());
    suite_add_tcase(suite, pipelining_faults_case());
    suite_add_tcase(suite, vanishing_clients_case());
    suite_add_tcase(suite, slow_clients_case());
    return suite;
}
