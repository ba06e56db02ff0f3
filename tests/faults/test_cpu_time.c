/*
 * Waiting costs nothing, and a wake-up is never missed.
 */
#include "faults/faults.h"
#include "support/deadline.h"

#include <poll.h>
#include <string.h>

enum {
    IDLE_CLIENTS = 300,
    STOPPED_CLIENTS = 40, /* more than there are buffers */
    HELD_CLIENTS = 10,
    READS_IN_A_ROW = 1000,
    MISSED_WAKEUP_MS = 100, /* the sweep finds the read so late, at worst */
    FAST_MS = 3200,         /* 64 MiB at 20 MB/s */
};

/* S01: many clients without a request. */
START_TEST(idle_crowd_burns_no_cpu)
{
    struct server *server = serve_with("--wakeup %s", wakeup_names[_i]);
    struct http_connection *last = NULL;
    for (unsigned i = 0; i < IDLE_CLIENTS; i++) {
        last = http_open(server->port);
        ask_again(last, GET("/small.txt", ""));
    }
    demand_idleness(server, last);
    demand_good_end(server);
}
END_TEST

/* S02: clients that do not read. Those with a buffer can send nothing, the others have none. */
START_TEST(crowd_that_does_not_read_burns_no_cpu)
{
    struct server *server = serve_with("--grace-time 0");
    struct http_connection *last = NULL;
    for (unsigned i = 0; i < STOPPED_CLIENTS; i++)
        last = open_and_send(server, GET("/huge.bin", ""));
    await_table(server, "( SENDING .*){32}( WAITING .*){8} 0 of [0-9]+ places taken, 0 buffers");
    demand_idleness(server, last);
    demand_good_end(server);
}
END_TEST

/* S02: reads in flight are looked at ten times a second, no more. */
START_TEST(reads_in_flight_burn_no_cpu)
{
    struct http_connection *crowd[HELD_CLIENTS];
    if (!interpose("aio_late"))
        return;
    hold();
    struct server *server = serve();
    for (unsigned i = 0; i < HELD_CLIENTS; i++)
        crowd[i] = open_for_piece(server, i);
    await_table(server, "( LOADING .*){10} 10 of 64 places taken");
    demand_idleness(server, crowd[0]);
    release();
    for (unsigned i = 0; i < HELD_CLIENTS; i++)
        demand_piece(crowd[i], i);
    demand_good_end(server);
}
END_TEST

/* Reads to the end, and keeps nothing. Returns how much it was. */
static size_t read_and_forget(struct http_connection *talk)
{
    size_t length = 0;
    while (!talk->closed && deadline_wait(talk->fd, POLLIN, talk->deadline) != 0) {
        http_receive(talk);
        length += talk->input_length;
        http_drop_input(talk, talk->input_length);
    }
    return length;
}

/* S16: each chunk's end must wake the loop by itself; the sweep would take 25 s for this file. */
START_TEST(one_client_alone_is_fast)
{
    struct server *server = serve_with("--wakeup %s", wakeup_names[_i]);
    int64_t begun = milliseconds_now();
    struct http_connection *talk = http_open(server->port);
    talk->unparsed = true;
    http_send_text(talk, GET("/huge.bin", CLOSE));
    size_t length = read_and_forget(talk);
    int64_t taken = milliseconds_now() - begun;
    ck_assert_uint_gt(length, HUGE_BYTES); /* by its head */
    http_close(talk);
    ck_assert_msg(taken < FAST_MS * (int64_t)deadline_scale(), "64 MiB took %d ms", (int)taken);
    demand_good_end(server);
}
END_TEST

/* Trap 4: who sweeps before the signals are drained sleeps now and then on a read that ended. */
START_TEST(no_wakeup_is_missed_in_a_row_of_reads)
{
    const int64_t bound = READS_IN_A_ROW * MISSED_WAKEUP_MS / 10;
    struct server *server = serve_with("--cache-size 0 --wakeup %s", wakeup_names[_i]);
    struct http_connection *talk = http_open(server->port);
    int64_t begun = milliseconds_now();
    for (unsigned i = 0; i < READS_IN_A_ROW; i++)
        ask_again(talk, GET("/small.txt", ""));
    int64_t taken = milliseconds_now() - begun;
    ck_assert_msg(taken < bound * (int64_t)deadline_scale(), "1,000 reads took %d ms", (int)taken);
    await_table(server, "; 1000 reads .*; 1000 told by a signal, 0 found by the sweep alone\n");
    demand_good_end(server);
}
END_TEST

TCase *cpu_time_case(void)
{
    TCase *tcase = create_event_case("cpu_time");
    tcase_add_loop_test(tcase, idle_crowd_burns_no_cpu, 0, WAKEUPS);
    tcase_add_test(tcase, crowd_that_does_not_read_burns_no_cpu);
    tcase_add_test(tcase, reads_in_flight_burn_no_cpu);
    tcase_add_loop_test(tcase, one_client_alone_is_fast, 0, WAKEUPS);
    tcase_add_loop_test(tcase, no_wakeup_is_missed_in_a_row_of_reads, 0, WAKEUPS);
    return tcase;
}

Suite *loop_faults_suite(void)
{
    Suite *suite = suite_create("loop_faults");
    suite_add_tcase(suite, cpu_time_case());
    suite_add_tcase(suite, door_case());
    suite_add_tcase(suite, clock_case());
    suite_add_tcase(suite, memory_case());
    suite_add_tcase(suite, listings_case());
    return suite;
}
