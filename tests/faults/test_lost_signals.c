/*
 * A signal is a hint, and hints get lost. What has ended is found all the same, by the sweep.
 */
#include "faults/faults.h"
#include "support/deadline.h"

#include <signal.h>
#include <string.h>

enum {
    FEW_SIGNALS = 16,
    DOWNLOADS = 200,
    PATH_ROOM = 64,
    LINE_ROOM = 256,
    JUNK = 50000, /* ten times what fits into a pipe */
};

/* S17: the queue of signals has 16 places, and 200 downloads want it. */
START_TEST(crowd_is_served_with_few_signals)
{
    struct server *server = serve_within(RLIMIT_SIGPENDING, FEW_SIGNALS,
                                         "--cache-size 0 --wakeup %s", wakeup_names[_i]);
    struct http_connection *crowd[DOWNLOADS];
    freeze(server); /* so that they are all there at once */
    for (unsigned i = 0; i < DOWNLOADS; i++)
        crowd[i] = open_for_piece(server, i % PIECES);
    thaw(server);
    demand_file(server, "/large.bin", large_bytes(), LARGE_BYTES);
    for (unsigned i = 0; i < DOWNLOADS; i++)
        demand_piece(crowd[i], i % PIECES);
    await_table(server, "disk: 0 of .+ places taken, 32 buffers left; 212 reads [^;]* 0 failed;");
    demand_good_end(server);
}
END_TEST

/* Trap 2: every signal is lost in silence. */
START_TEST(all_files_come_without_any_signal)
{
    if (!interpose("aio_silent"))
        return;
    struct server *server = serve_with("--wakeup %s", wakeup_names[_i]);
    demand_all_files(server);
    await_table(server, " 0 failed; 0 told by a signal, [1-9][0-9]* found by the sweep alone\n");
    demand_good_end(server);
}
END_TEST

/* Signals that are queued for the server's user: SigQ in proc(5). */
static unsigned count_queued(const struct server *server)
{
    char path[PATH_ROOM], line[LINE_ROOM];
    unsigned count = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)server->pid);
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file) != NULL && sscanf(line, "SigQ: %u/", &count) != 1)
        continue;
    fclose(file);
    return count;
}

/*
 * Fills the self-pipe, and sends a signal while it is full: when a part of the junk has been taken
 * and the handler is still busy with the rest. (At the same time would be too early, because the
 * kernel delivers the lower number first.)
 */
static void send_amid_junk(const struct server *server, int signal)
{
    int64_t deadline = deadline_in(DEADLINE_USUAL_MS);
    freeze(server);
    send_junk(server, JUNK);
    thaw(server);
    while (count_queued(server) > 3 * (JUNK / 4) && deadline_left_ms(deadline) > 0)
        continue;
    ck_assert_int_eq(kill(server->pid, signal), 0);
}

/*
 * Trap 16: while the server is stopped, more signals come than fit into a pipe, in the middle of
 * a download. The handler must not wait for room; and what has no sweep must not be lost: the
 * table that was asked for comes, and so does the end.
 */
START_TEST(pipe_that_overflows_loses_nothing)
{
    struct server *server = serve_with("--wakeup %s", wakeup_names[_i]);
    struct http_connection *talk = open_and_send(server, GET("/large.bin", ""));
    read_some(talk, KIB);
    send_amid_junk(server, SIGUSR1);
    http_read_answers(talk, 1);
    demand_statuses(talk, "200");
    demand_body(&talk->answers[0], large_bytes(), LARGE_BYTES);
    int64_t deadline = deadline_in(DEADLINE_USUAL_MS);
    while (strstr(messages_of(server), "Request table") == NULL && deadline_retry(deadline))
        continue;
    ck_assert_ptr_nonnull(strstr(messages_of(server), "Request table"));
    send_amid_junk(server, SIGTERM);
    ck_assert_int_eq(await_end(server), 0);
    demand_good_end(server);
}
END_TEST

TCase *lost_signals_case(void)
{
    TCase *tcase = create_event_case("lost_signals");
    tcase_add_loop_test(tcase, crowd_is_served_with_few_signals, 0, WAKEUPS);
    tcase_add_loop_test(tcase, all_files_come_without_any_signal, 0, WAKEUPS);
    tcase_add_loop_test(tcase, pipe_that_overflows_loses_nothing, 0, WAKEUPS);
    return tcase;
}

Suite *signal_faults_suite(void)
{
    Suite *suite = suite_create("signal_faults");
    suite_add_tcase(suite, lost_signals_case());
    suite_add_tcase(suite, signal_floods_case());
    return suite;
}
