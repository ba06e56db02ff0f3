/*
 * Which signals are blocked, and which one is ignored.
 */
#include "core/signals.h"
#include "unit/unit.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

static sigset_t mask_before;

static void remember_mask(void)
{
    sigprocmask(SIG_SETMASK, NULL, &mask_before);
}

static void restore_mask(void)
{
    sigprocmask(SIG_SETMASK, &mask_before, NULL);
    signal(SIGPIPE, SIG_DFL);
}

static bool is_ours(int number)
{
    return number == SIGINT || number == SIGTERM || number == SIGUSR1 || number == SIGRTMIN;
}

START_TEST(the_set_has_four_signals)
{
    sigset_t set = signals_of_the_server();
    for (int number = 1; number <= SIGRTMAX; number++)
        if (number < 32 || number >= SIGRTMIN) /* those between are libc's own */
            ck_assert_msg(sigismember(&set, number) == is_ours(number), "signal %d", number);
}
END_TEST

/* signal(7): a signal raised while it is blocked stays pending, and does not end the process. */
START_TEST(they_are_blocked)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGUSR1};
    sigset_t pending, set = signals_of_the_server();
    static const struct timespec at_once;
    signals_block();
    for (int i = 0; i < ROWS(numbers); i++)
        raise(numbers[i]);
    raise(SIGNAL_DISK);
    sigpending(&pending);
    for (int i = 0; i < ROWS(numbers); i++)
        ck_assert_int_eq(sigismember(&pending, numbers[i]), 1);
    ck_assert_int_eq(sigismember(&pending, SIGNAL_DISK), 1);
    for (int i = 0; i < ROWS(numbers) + 1; i++)
        ck_assert_int_gt(sigtimedwait(&set, NULL, &at_once), 0);
    ck_assert_int_lt(sigtimedwait(&set, NULL, &at_once), 0);
}
END_TEST

/* Others keep their mask: what was blocked stays so, what was not is not. */
START_TEST(others_are_left_as_they_were)
{
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR2);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    signals_block();
    sigprocmask(SIG_SETMASK, NULL, &mask);
    ck_assert_int_eq(sigismember(&mask, SIGUSR2), 1);
    ck_assert_int_eq(sigismember(&mask, SIGHUP), 0);
    ck_assert_int_eq(sigismember(&mask, SIGSEGV), 0);
}
END_TEST

static void *read_mask(void *mask)
{
    pthread_sigmask(SIG_SETMASK, NULL, mask);
    return NULL;
}

START_TEST(threads_inherit_the_mask)
{
    pthread_t thread;
    sigset_t mask;
    signals_block();
    ck_assert_int_eq(pthread_create(&thread, NULL, read_mask, &mask), 0);
    pthread_join(thread, NULL);
    for (int number = 1; number < 32; number++)
        if (is_ours(number))
            ck_assert_int_eq(sigismember(&mask, number), 1);
    ck_assert_int_eq(sigismember(&mask, SIGNAL_DISK), 1);
}
END_TEST

START_TEST(a_broken_pipe_is_an_error_and_no_signal)
{
    int ends[2];
    signals_block();
    ck_assert_int_eq(pipe(ends), 0);
    close(ends[0]);
    ck_assert_int_eq(write(ends[1], "x", 1), -1);
    ck_assert_int_eq(errno, EPIPE);
    close(ends[1]);
}
END_TEST

Suite *signals_suite(void)
{
    Suite *suite = suite_create("signals");
    TCase *tcase = unit_add_case(suite, "signals");
    tcase_add_checked_fixture(tcase, remember_mask, restore_mask);
    tcase_add_test(tcase, the_set_has_four_signals);
    tcase_add_test(tcase, they_are_blocked);
    tcase_add_test(tcase, others_are_left_as_they_were);
    tcase_add_test(tcase, threads_inherit_the_mask);
    tcase_add_test(tcase, a_broken_pipe_is_an_error_and_no_signal);
    return suite;
}
