/*
 * The clock on the wall is set, by a day. It is for headers; nobody waits by it.
 */
#include "faults/faults.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HALF_A_DAY_SECONDS = 12 * 60 * 60, TURNS = 20 };

/* Starts a server whose clock will jump while hold() holds. NULL: it cannot be done. */
static struct server *serve_with_jumping_clock(const char *seconds, const char *options)
{
    setenv("CLOCK_JUMPS_BY", seconds, 1);
    return interpose("clock") ? serve_with("%s", options) : NULL;
}

/* How far the date of an answer is from ours: the server does see the jump. */
static time_t seconds_ahead(struct http_connection *talk)
{
    struct tm date = {0};
    const struct http_answer *answer = ask_again(talk, GET("/small.txt", ""));
    const char *end = strptime(demand_field(answer, "Date"), "%a, %d %b %Y %H:%M:%S GMT", &date);
    ck_assert(end != NULL && *end == '\0');
    return timegm(&date) - time(NULL);
}

/* A day later by the clock, but not a second has passed: whoever has patience keeps it. */
START_TEST(clock_set_forward_cuts_nobody)
{
    struct server *server = serve_with_jumping_clock("86400", "");
    if (server == NULL)
        return;
    struct http_connection *idle = http_open(server->port), *other = http_open(server->port);
    ask_again(idle, GET("/small.txt", ""));
    struct http_connection *half = open_and_send(server, "GET /small.txt HTTP/1.1\r\n");
    await_table(server, " READING ");
    hold();
    for (unsigned i = 0; i < TURNS; i++)
        ck_assert_int_gt(seconds_ahead(other), HALF_A_DAY_SECONDS);
    http_send_text(half, HOST "\r\n");
    http_read_answers(half, 1);
    demand_statuses(half, "200");
    ask_again(idle, GET("/small.txt", ""));
    release();
    await_table(server, " 0 timeouts,");
    demand_good_end(server);
}
END_TEST

/* By the clock, a patience of 300 ms now ends tomorrow. */
START_TEST(clock_set_back_holds_nobody)
{
    struct server *server = serve_with_jumping_clock("-86400", "--idle-timeout 300ms");
    if (server == NULL)
        return;
    struct http_connection *idle = http_open(server->port);
    ask_again(idle, GET("/small.txt", ""));
    hold();
    ck_assert_int_lt(seconds_ahead(http_open(server->port)), -HALF_A_DAY_SECONDS);
    demand_closed(idle);
    release();
    demand_good_end(server);
}
END_TEST

TCase *clock_case(void)
{
    TCase *tcase = create_event_case("clock");
    tcase_add_test(tcase, clock_set_forward_cuts_nobody);
    tcase_add_test(tcase, clock_set_back_holds_nobody);
    return tcase;
}
