/*
 * Clients that take their time, many at once. Others do not notice; and in the end the slow ones
 * who get on are served, and the ones who do not are let go.
 */
#include "faults/faults.h"
#include "integration/differences.h"
#include "support/deadline.h"

#include <poll.h>
#include <string.h>

enum {
    DRIBBLERS = 200,
    STOPPED = 40, /* more than there are buffers */
    SLOW = 2,
    SECOND_MS = 1000,
    BOUND_MS = 8000,
};

#define HALF_A_HEAD "GET /small.txt HTTP/1.1\r\nX-Slow: "

/* Each says one more byte. Returns how many are still being listened to. */
static unsigned dribble(struct http_connection *const *crowd)
{
    unsigned waiting = 0;
    for (unsigned i = 0; i < DRIBBLERS; i++) {
        if (crowd[i]->count > 0 || crowd[i]->closed)
            continue;
        http_send_text(crowd[i], "x");
        waiting++;
    }
    return waiting;
}

/* S25: single bytes buy no time; the head is due as a whole. */
START_TEST(slow_heads_do_not_stop_the_others)
{
    struct server *server = serve_with("--read-timeout 1s");
    struct http_connection *crowd[DRIBBLERS], *other = http_open(server->port);
    for (unsigned i = 0; i < DRIBBLERS; i++)
        crowd[i] = open_and_send(server, HALF_A_HEAD);
    int64_t begun = milliseconds_now(), deadline = deadline_in(BOUND_MS);
    while (dribble(crowd) > 0) {
        ck_assert_msg(deadline_retry(deadline), "some have bought time, byte by byte");
        int64_t asked = milliseconds_now();
        ask_again(other, GET("/small.txt", ""));
        ck_assert_int_lt(milliseconds_now() - asked, SECOND_MS * (int64_t)deadline_scale());
    }
    ck_assert_int_ge(milliseconds_now() - begun, SECOND_MS / 2);
    for (unsigned i = 0; i < DRIBBLERS; i++)
        ck_assert_int_eq(crowd[i]->answers[0].status, 408);
    close_all(crowd, DRIBBLERS);
    await_table(server, " 200 timeouts,");
    demand_good_end(server);
}
END_TEST

/* Reads a little; there must be some every time, since it comes from the kernel's own buffers. */
static void read_slowly(struct http_connection *const *slow, size_t length)
{
    for (unsigned i = 0; i < SLOW; i++)
        read_some(slow[i], length);
}

/*
 * S28, S29: most clients stop reading and are cut; a few read on, slowly, for twice as long
 * as a client may make no progress. What the others held is given back: more come than there are
 * buffers.
 */
START_TEST(stopped_readers_are_cut_and_slow_ones_are_not)
{
    struct server *server = serve_with("--write-timeout 1s --load-timeout 60s");
    struct http_connection *slow[SLOW];
    int64_t begun = milliseconds_now();
    for (unsigned i = 0; i < SLOW; i++) {
        slow[i] = http_open_narrow(server->port, MIB / 4);
        http_send_text(slow[i], GET("/steady.bin", CLOSE));
    }
    for (unsigned i = 0; i < STOPPED; i++)
        open_and_send(server, GET("/huge.bin", ""));
    for (size_t part = 1; milliseconds_now() - begun < 2 * SECOND_MS; part++) {
        read_slowly(slow, part * MIB / 8);
        poll(NULL, 0, 20); /* what makes them slow */
    }
    read_all_to_end(slow, SLOW);
    for (unsigned i = 0; i < SLOW; i++) {
        demand_statuses(slow[i], "200");
        ck_assert_uint_eq(slow[i]->answers[0].body_length, STEADY_BYTES);
    }
    close_all(slow, SLOW);
    /* The slow ones, too, may run out of time: for saying good-bye. */
    await_table(server, "\n  0 of [0-9]+ slots in use\n  disk: 0 of .+ places taken, 32 buffers"
                        ".* 40 broken off, 4[0-2] timeouts,");
    demand_good_end(server);
}
END_TEST

TCase *slow_clients_case(void)
{
    TCase *tcase = create_event_case("slow_clients");
    if (!clients_cost_no_thread()) /* slow ones would take all threads, and that is how it is */
        return tcase;
    tcase_add_test(tcase, slow_heads_do_not_stop_the_others);
    tcase_add_test(tcase, stopped_readers_are_cut_and_slow_ones_are_not);
    return tcase;
}
