/*
 * Requests without end on one connection. Answers that cannot be sent are not made: memory stays
 * as it is, and the socket is not read any more (back-pressure).
 */
#include "faults/faults.h"
#include "integration/differences.h"
#include "support/deadline.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { PIPELINED = 10000, NEVER_READ = 100000, BOUND_KIB = 1024 };

#define FOUND   GET("/small.txt", "")
#define MISSING GET("/none.txt", "") /* as long, so that one can count by division */

/* `count` requests, of which every second one is for a file that is not there. */
static char *make_requests(size_t count)
{
    const size_t length = strlen(FOUND);
    char *text = malloc(count * length + 1);
    ck_assert(text != NULL && strlen(MISSING) + 1 == length);
    char *at = text;
    for (size_t i = 0; i < count; i++)
        at = stpcpy(at, i % 2 == 0 ? FOUND : MISSING);
    return text;
}

/* Sends until there is no room for more, and reads nothing. Returns how much was taken. */
static size_t send_without_reading(struct http_connection *talk, const char *text)
{
    size_t length = strlen(text), sent = 0;
    ssize_t count = 0;
    while (sent < length && count >= 0) {
        count = send(talk->fd, text + sent, length - sent, MSG_NOSIGNAL);
        sent += count > 0 ? (size_t)count : 0;
    }
    return sent;
}

/* What a server has touched once it keeps; so it has done everything once before it is weighed. */
static int64_t weigh(const struct server *server)
{
    http_close(http_ask(server->port, FOUND MISSING FOUND));
    demand_all_files(server);
    return resident_kib(server);
}

/* S07: sent without reading, then read. In between, somebody else is served. */
START_TEST(ten_thousand_requests_get_ten_thousand_answers)
{
    struct server *server = serve_with("--wakeup %s", wakeup_names[_i]);
    int64_t before = weigh(server);
    struct http_connection *talk = http_open(server->port);
    char *requests = make_requests(PIPELINED);
    size_t sent = send_without_reading(talk, requests);
    demand_file(server, "/small.txt", SMALL_TEXT, strlen(SMALL_TEXT));
    http_send_text(talk, requests + sent);
    free(requests);
    http_read_answers(talk, PIPELINED);
    ck_assert_uint_eq(talk->count, PIPELINED);
    for (unsigned i = 0; i < PIPELINED; i++)
        ck_assert_int_eq(talk->answers[i].status, i % 2 == 0 ? 200 : 404);
    demand_no_growth(server, before, BOUND_KIB + kept_memory_kib());
    demand_good_end(server);
}
END_TEST

/* S08: never read. The answers that fit into the sockets are made, no more; then time is up. */
START_TEST(client_that_never_reads_is_cut_and_costs_nothing)
{
    struct server *server = serve_with("--write-timeout 500ms --wakeup %s", wakeup_names[_i]);
    unsigned replies;
    int64_t before = weigh(server);
    struct http_connection *talk = http_open(server->port);
    char *requests = make_requests(NEVER_READ);
    int64_t deadline = deadline_in(DEADLINE_USUAL_MS);
    for (size_t sent = 0; deadline_wait(talk->fd, POLLHUP, deadline_in(20)) == 0;) {
        ck_assert_int_gt(deadline_left_ms(deadline), 0);
        sent += send_without_reading(talk, requests + sent);
    }
    free(requests);
    demand_no_growth(server, before, BOUND_KIB + kept_memory_kib());
    const char *table = await_table(server, NOBODY_IS_SERVED ".* 1 timeouts,");
    ck_assert_int_eq(sscanf(strstr(table, "seat others), "), "seat others), %u", &replies), 1);
    ck_assert_uint_lt(replies, NEVER_READ);
    demand_all_files(server);
    demand_good_end(server);
}
END_TEST

TCase *pipelining_faults_case(void)
{
    TCase *tcase = create_event_case("pipelining_faults");
    if (!connections_are_kept())
        return tcase;
    tcase_add_loop_test(tcase, ten_thousand_requests_get_ten_thousand_answers, 0, WAKEUPS);
    tcase_add_loop_test(tcase, client_that_never_reads_is_cut_and_costs_nothing, 0, WAKEUPS);
    return tcase;
}
