/*
 * Patience ends: each with a server that has little of it, and a bound that is generous.
 */
#include "integration/event_model.h"
#include "support/deadline.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

enum {
    PATIENCE_MS = 200,
    BOUND_MS = 5000,
    SECOND_MS = 1000,
    LINGERING_MS = 2000,
    SLACK_MS = 50, /* the server may have begun to count before we did */
    BUSY_TICKS = 10,
};

#define PATIENCE "200ms"

static void demand_time_taken(int64_t begun)
{
    int64_t taken = milliseconds_now() - begun;
    /* The server counts from the beginning of its turn, which may be well before our count. */
    ck_assert_msg(taken >= PATIENCE_MS / 2 && taken < BOUND_MS * (int64_t)deadline_scale(),
                  "a patience of " PATIENCE " took %d ms", (int)taken);
}

START_TEST(half_a_head_gets_408)
{
    struct server *server = serve_with("--read-timeout " PATIENCE);
    int64_t begun = milliseconds_now();
    struct http_connection *talk = open_and_send(server, "GET /small.txt HTTP/1.1\r\n");
    demand_closed(talk);
    demand_time_taken(begun);
    demand_statuses(talk, "408");
    await_table(server, " 1 timeouts,");
    demand_good_end(server);
}
END_TEST

/* One byte at a time must not buy time: the head has to be there as a whole. */
START_TEST(dribbled_head_gets_408)
{
    struct server *server = serve_with("--read-timeout " PATIENCE " --idle-timeout 60s");
    int64_t begun = milliseconds_now(), deadline = deadline_in(BOUND_MS);
    struct http_connection *talk = open_and_send(server, "GET /small.txt HTTP/1.1\r\nX: ");
    while (talk->count == 0 && !talk->closed && deadline_retry(deadline))
        http_send_text(talk, "x");
    demand_time_taken(begun);
    ck_assert_uint_eq(talk->count, 1);
    ck_assert_int_eq(talk->answers[0].status, 408);
    demand_good_end(server);
}
END_TEST

START_TEST(unfinished_body_gets_408)
{
    struct server *server = serve_with("--read-timeout " PATIENCE);
    int64_t begun = milliseconds_now();
    struct http_connection *talk =
        open_and_send(server, ASK("POST /small.txt", "Content-Length: 10\r\n") "half");
    demand_closed(talk);
    demand_time_taken(begun);
    demand_statuses(talk, "408");
    demand_good_end(server);
}
END_TEST

/* The rest of the connection's time counts anew from the second request's first byte. */
START_TEST(half_a_second_head_gets_408)
{
    struct server *server = serve_with("--read-timeout " PATIENCE " --idle-timeout 60s");
    struct http_connection *talk = http_open(server->port);
    ask_again(talk, GET("/small.txt", ""));
    int64_t begun = milliseconds_now();
    http_send_text(talk, "GET /sm");
    demand_closed(talk);
    demand_time_taken(begun);
    demand_statuses(talk, "200,408");
    demand_good_end(server);
}
END_TEST

START_TEST(idle_connection_is_closed_in_silence)
{
    struct server *server = serve_with("--idle-timeout " PATIENCE);
    struct http_connection *talk = http_open(server->port);
    ask_again(talk, GET("/small.txt", ""));
    int64_t begun = milliseconds_now();
    demand_closed(talk);
    demand_time_taken(begun);
    demand_statuses(talk, "200");
    demand_good_end(server);
}
END_TEST

START_TEST(connection_without_a_request_is_closed_in_silence)
{
    struct server *server = serve_with("--idle-timeout " PATIENCE);
    int64_t begun = milliseconds_now();
    struct http_connection *talk = http_open(server->port);
    demand_closed(talk);
    demand_time_taken(begun);
    ck_assert_uint_eq(talk->count + talk->input_length, 0);
    demand_good_end(server);
}
END_TEST

START_TEST(client_that_stops_reading_is_cut)
{
    struct server *server = serve_with("--write-timeout " PATIENCE);
    struct http_connection *talk = open_and_send(server, GET("/huge.bin", ""));
    int64_t begun = milliseconds_now();
    await_table(server, " 1 broken off, 1 timeouts,");
    demand_time_taken(begun);
    await_table(server, "\n  0 of [0-9]+ slots in use\n");
    http_read_to_end(talk);
    ck_assert_uint_eq(talk->count, 0);
    ck_assert_uint_lt(talk->input_length, HUGE_BYTES);
    demand_good_end(server);
}
END_TEST

/* Slow is not stopped: as long as something is taken now and then, the time counts anew. */
START_TEST(client_that_reads_slowly_is_not_cut)
{
    struct server *server = serve_with("--write-timeout 1s");
    struct http_connection *talk = open_and_send(server, GET("/huge.bin", ""));
    int64_t begun = milliseconds_now();
    for (size_t part = 1; milliseconds_now() - begun < 2 * SECOND_MS; part++) {
        read_some(talk, part * MIB / 2);
        poll(NULL, 0, 20); /* what makes it slow */
    }
    http_read_answers(talk, 1);
    demand_statuses(talk, "200");
    ck_assert_uint_eq(talk->answers[0].body_length, HUGE_BYTES);
    demand_good_end(server);
}
END_TEST

/*
 * Refused in the middle of its body, the client hears the refusal, not a reset; then it has two
 * seconds to leave. What it says meanwhile buys no time.
 */
START_TEST(refused_client_that_stays_is_let_go)
{
    struct server *server = serve();
    int64_t begun = milliseconds_now(), deadline = deadline_in(BOUND_MS);
    struct http_connection *talk =
        open_and_send(server, ASK("POST /small.txt", "Content-Length: 99999999\r\n"));
    http_read_to_end(talk); /* the server ends its side at once */
    demand_statuses(talk, "413");
    await_table(server, " LINGERING ");
    while (send(talk->fd, "x", 1, MSG_NOSIGNAL) == 1)
        ck_assert_msg(deadline_retry(deadline), "it is listened to for ever");
    int64_t taken = milliseconds_now() - begun;
    ck_assert_int_ge(taken, LINGERING_MS - SLACK_MS);
    await_table(server, "\n  0 of [0-9]+ slots in use\n.* 1 timeouts,");
    demand_good_end(server);
}
END_TEST

/* --- nothing to do costs nothing ------------------------------------------------------------ */

static const struct {
    const char *what, *text, *state;
    bool ends; /* the client sends no more */
} waiting[] = {
    {"fresh", "", "IDLE", false},
    {"half a head", "GET /small.txt HTTP/1.1\r\n", "READING", false},
    {"half a second head", GET("/small.txt", "") "GET", "READING", false},
    {"half a body", ASK("POST /small.txt", "Content-Length: 10\r\n") "half", "DISCARDING", false},
    {"half a chunk", ASK("POST /small.txt", "Transfer-Encoding: chunked\r\n") "5\r\nab",
     "DISCARDING", false},
    {"an answer that is not read", GET("/huge.bin", ""), "SENDING", false},
    {"the same, half-closed", GET("/huge.bin", ""), "SENDING", true},
    {"more requests than are answered", GET("/huge.bin", "") GET("/huge.bin", ""), "SENDING",
     false},
};

static void demand_no_work(const struct server *server, const struct http_connection *talk,
                           const char *what)
{
    unsigned before = cpu_ticks(server);
    deadline_wait(talk->fd, POLLHUP, deadline_in(SECOND_MS)); /* which does not come */
    unsigned ticks = cpu_ticks(server) - before;
    ck_assert_msg(ticks < BUSY_TICKS, "%s: %u ticks of CPU in a second of waiting", what, ticks);
}

START_TEST(waiting_burns_no_cpu)
{
    struct server *server = serve();
    struct http_connection *talk = open_and_send(server, waiting[_i].text);
    if (waiting[_i].ends)
        http_finish_sending(talk);
    await_table(server, waiting[_i].state);
    demand_no_work(server, talk, waiting[_i].what);
    http_close(talk);
    demand_good_end(server);
}
END_TEST

START_TEST(idle_connection_burns_no_cpu)
{
    struct server *server = serve();
    struct http_connection *talk = http_open(server->port);
    ask_again(talk, GET("/small.txt", ""));
    await_table(server, " IDLE ");
    demand_no_work(server, talk, "between two requests");
    demand_good_end(server);
}
END_TEST

/* The listener stays ready all the time: it must be left out of the wait. */
START_TEST(client_without_a_seat_burns_no_cpu)
{
    struct server *server = serve_with("--max-connections 1");
    struct http_connection *seated = open_and_send(server, "GET /small.txt HTTP/1.1\r\n");
    await_table(server, " READING ");
    struct http_connection *outside = open_and_send(server, GET("/small.txt", ""));
    demand_no_work(server, outside, "no seat");
    ck_assert_uint_eq(outside->count, 0);
    http_close(seated);
    http_read_answers(outside, 1);
    demand_statuses(outside, "200");
    demand_good_end(server);
}
END_TEST

TCase *event_timeouts_case(void)
{
    TCase *tcase = create_event_case("event_timeouts");
    tcase_add_test(tcase, half_a_head_gets_408);
    tcase_add_test(tcase, dribbled_head_gets_408);
    tcase_add_test(tcase, unfinished_body_gets_408);
    tcase_add_test(tcase, half_a_second_head_gets_408);
    tcase_add_test(tcase, idle_connection_is_closed_in_silence);
    tcase_add_test(tcase, connection_without_a_request_is_closed_in_silence);
    tcase_add_test(tcase, client_that_stops_reading_is_cut);
    tcase_add_test(tcase, client_that_reads_slowly_is_not_cut);
    tcase_add_test(tcase, refused_client_that_stays_is_let_go);
    tcase_add_loop_test(tcase, waiting_burns_no_cpu, 0, sizeof waiting / sizeof *waiting);
    tcase_add_test(tcase, idle_connection_burns_no_cpu);
    tcase_add_test(tcase, client_without_a_seat_burns_no_cpu);
    return tcase;
}
