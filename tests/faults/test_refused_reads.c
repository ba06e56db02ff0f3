/*
 * The disk has no room for one more read: then it waits for another to end; and where there is no
 * other, it is read plainly. Slow is allowed, lost is not.
 */
#include "faults/faults.h"

#include <stdlib.h>
#include <string.h>

enum { NUMBER_ROOM = 16 };

#define NO_READ_FAILED " 0 failed; "
#define ALL_WERE_PLAIN " 0 failed; 0 told by a signal, 0 found by the sweep alone\n"

static struct server *serve_refusing(const char *every, const char *wakeup)
{
    setenv("AIO_REFUSES_EVERY", every, 1);
    return interpose("aio_refuse") ? serve_with("--cache-size 0 --wakeup %s", wakeup) : NULL;
}

/* S13: EAGAIN while others are in flight. */
START_TEST(every_third_read_is_refused)
{
    struct server *server = serve_refusing("3", wakeup_names[_i]);
    if (server == NULL)
        return;
    demand_all_files(server);
    demand_all_files(server);
    await_table(server, NO_READ_FAILED "[1-9][0-9]* told by a signal");
    demand_good_end(server);
}
END_TEST

/* S13, trap 21: EAGAIN and nothing in flight. Who waits for a signal now waits for ever. */
START_TEST(every_read_is_refused)
{
    struct server *server = serve_refusing("1", wakeup_names[_i]);
    if (server == NULL)
        return;
    demand_all_files(server);
    await_table(server, ALL_WERE_PLAIN);
    demand_good_end(server);
}
END_TEST

/* Trap 21: the real thing. The limit does not bind root, who may have kept its user. */
START_TEST(no_thread_can_be_made)
{
    if (!server_is_plain()) {
        fprintf(stderr, "skipped, the server needs threads of its own to look for leaks\n");
        return;
    }
    struct server *server =
        serve_within(RLIMIT_NPROC, 1, "--cache-size 0 --wakeup %s", wakeup_names[_i]);
    demand_all_files(server);
    await_table(server, server->unprivileged ? ALL_WERE_PLAIN : NO_READ_FAILED);
    demand_good_end(server);
}
END_TEST

/*
 * Trap 22: sixteen at a time, each held until aio_return(); and aio_return() exactly once. Trap 20:
 * there are more reads than places, and what a read leaves behind must not matter to the next.
 */
START_TEST(sixteen_reads_fit)
{
    if (!interpose("aio_few"))
        return;
    struct server *server = serve_with("--cache-size 0 --wakeup %s", wakeup_names[_i]);
    demand_all_files(server);
    demand_all_files(server);
    await_table(server, "; 74 reads .*" NO_READ_FAILED "74 told by a signal, 0 found");
    demand_good_end(server);
}
END_TEST

TCase *refused_reads_case(void)
{
    TCase *tcase = create_event_case("refused_reads");
    tcase_add_loop_test(tcase, every_third_read_is_refused, 0, WAKEUPS);
    tcase_add_loop_test(tcase, every_read_is_refused, 0, WAKEUPS);
    tcase_add_loop_test(tcase, no_thread_can_be_made, 0, WAKEUPS);
    tcase_add_loop_test(tcase, sixteen_reads_fit, 0, WAKEUPS);
    return tcase;
}

Suite *aio_faults_suite(void)
{
    Suite *suite = suite_create("aio_faults");
    suite_add_tcase(suite, refused_reads_case());
    suite_add_tcase(suite, failing_reads_case());
    suite_add_tcase(suite, late_reads_case());
    return suite;
}
