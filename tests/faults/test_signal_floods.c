/*
 * More signals than anybody asked for: junk that looks like the disk's, and a table every
 * millisecond.
 */
#include "faults/faults.h"
#include "support/deadline.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RESETS = 1000, DOWNLOADS = 50, PATIENCE_MS = 500, BOUND_MS = 5000 };

static const struct flood junk = {.at_once = 50, .pause_ms = 1};
static const struct flood tables = {.signal = SIGUSR1, .at_once = 1, .pause_ms = 1};

/* SIGRTMIN is no constant. */
static pid_t start_junk(const struct server *server)
{
    struct flood flood = junk;
    flood.signal = SIGRTMIN;
    return flood_start(server, &flood);
}

/* Trap 5: the values name requests that have gone, that wait for another read, or nobody. */
START_TEST(junk_completes_nothing)
{
    struct server *server = serve_with("--cache-size 0 --wakeup %s", wakeup_names[_i]);
    pid_t flood = start_junk(server);
    for (unsigned round = 0; round < 5; round++)
        demand_all_files(server);
    flood_stop(flood);
    await_table(server, "\n  disk: 0 of .+ places taken, 32 buffers left; [^;]* 0 failed;");
    demand_good_end(server);
}
END_TEST

/* A read that is held by the disk does not end because a signal says so. */
START_TEST(junk_does_not_end_a_read_in_flight)
{
    if (!interpose("aio_late"))
        return;
    hold();
    struct server *server = serve_with("--wakeup %s", wakeup_names[_i]);
    struct http_connection *talk = open_for_piece(server, 0);
    await_table(server, " LOADING ");
    send_junk(server, 1000);
    await_table(server, " LOADING .* 1 of 64 places taken");
    ck_assert_uint_eq(talk->count + talk->input_length, 0);
    release();
    demand_piece(talk, 0);
    demand_good_end(server);
}
END_TEST

/* Trap 17: each signal ends the wait; the rest of a client's patience must not begin anew. */
START_TEST(interrupted_waits_keep_their_deadlines)
{
    struct server *server = serve_with("--idle-timeout 500ms --wakeup %s", wakeup_names[_i]);
    pid_t flood = start_junk(server);
    int64_t begun = milliseconds_now();
    struct http_connection *idle = http_open(server->port);
    demand_closed(idle);
    int64_t taken = milliseconds_now() - begun;
    ck_assert_msg(taken >= PATIENCE_MS - 1 && taken < BOUND_MS * (int64_t)deadline_scale(),
                  "a patience of 500 ms took %d ms", (int)taken);
    flood_stop(flood);
    demand_good_end(server);
}
END_TEST

/* S31, trap 17: accept() and select() are interrupted, and clients vanish at the door. */
START_TEST(resets_at_the_door_amid_signals_harm_nobody)
{
    struct server *server = serve_with("--wakeup %s", wakeup_names[_i]);
    demand_file(server, "/small.txt", SMALL_TEXT, strlen(SMALL_TEXT));
    await_table(server, "\n  0 of [0-9]+ slots in use\n");
    unsigned before = count_descriptors(server);
    pid_t flood = flood_start(server, &tables);
    for (unsigned i = 0; i < RESETS; i++)
        reset(http_open(server->port));
    demand_file(server, "/small.txt", SMALL_TEXT, strlen(SMALL_TEXT));
    flood_stop(flood);
    await_descriptors(server, before);
    demand_good_end(server);
}
END_TEST

/* Trap 6: to the last, no signal may find the server without someone to take it. */
START_TEST(end_amid_signals_is_a_good_end)
{
    struct server *server = serve_with("--wakeup %s", wakeup_names[_i]);
    pid_t disk = start_junk(server), usr1 = flood_start(server, &tables);
    demand_all_files(server);
    ck_assert_int_eq(kill(server->pid, SIGTERM), 0);
    ck_assert_int_eq(await_end(server), 0);
    flood_stop(disk);
    flood_stop(usr1);
    demand_good_end(server);
}
END_TEST

/* --- S32 -------------------------------------------------------------------------------------- */

static bool port_is_free(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    bool is_free = bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return is_free;
}

static const unsigned buffers[] = {4, 64}; /* most of the downloads wait for one; none does */

/* S32: the signal comes when the first bytes have come. Each was accepted, so each is served. */
START_TEST(downloads_complete_after_the_signal)
{
    struct server *server = serve_with("--buffers %u --grace-time 60s", buffers[_i]);
    struct http_connection *crowd[DOWNLOADS];
    for (unsigned i = 0; i < DOWNLOADS; i++)
        crowd[i] = open_and_send(server, GET("/large.bin", ""));
    read_some(crowd[0], KIB);
    ck_assert_int_eq(kill(server->pid, SIGTERM), 0);
    read_all_to_end(crowd, DOWNLOADS);
    for (unsigned i = 0; i < DOWNLOADS; i++) {
        demand_statuses(crowd[i], "200");
        demand_body(&crowd[i]->answers[0], large_bytes(), LARGE_BYTES);
    }
    close_all(crowd, DOWNLOADS);
    ck_assert_int_eq(await_end(server), 0);
    ck_assert_msg(port_is_free(server->port), "port %d is still taken", server->port);
    demand_good_end(server);
}
END_TEST

TCase *signal_floods_case(void)
{
    TCase *tcase = create_event_case("signal_floods");
    tcase_add_loop_test(tcase, junk_completes_nothing, 0, WAKEUPS);
    tcase_add_loop_test(tcase, junk_does_not_end_a_read_in_flight, 0, WAKEUPS);
    tcase_add_loop_test(tcase, interrupted_waits_keep_their_deadlines, 0, WAKEUPS);
    tcase_add_loop_test(tcase, resets_at_the_door_amid_signals_harm_nobody, 0, WAKEUPS);
    tcase_add_loop_test(tcase, end_amid_signals_is_a_good_end, 0, WAKEUPS);
    tcase_add_loop_test(tcase, downloads_complete_after_the_signal, 0,
                        sizeof buffers / sizeof *buffers);
    return tcase;
}
