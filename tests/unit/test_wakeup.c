/*
 * The wake-ups, both by the same tests: signals become notes behind a readable descriptor, and
 * none that matters is lost.
 *
 * Signals belong to the process, so each test needs one of its own; Check forks it.
 */
#include "core/signals.h"
#include "core/wakeup.h"
#include "support/deadline.h"
#include "unit/unit.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

enum { VALUE = 4711, MANY = 3 * WAKEUP_BATCH + 4, FLOOD = 50000, SOME_ERRNO = ENOTTY, KINDS = 32 };

static const struct wakeup *wakeup;
static int descriptor;

static void open_wakeup(int number)
{
    signals_block();
    wakeup = wakeups[number];
    descriptor = wakeup->open();
    ck_assert_int_ge(descriptor, 0);
}

static bool is_readable(void)
{
    struct pollfd watched = {.fd = descriptor, .events = POLLIN};
    return poll(&watched, 1, 0) == 1 && watched.revents & POLLIN;
}

static bool is_readable_in_time(void)
{
    return deadline_wait(descriptor, POLLIN, deadline_in(DEADLINE_USUAL_MS)) & POLLIN;
}

static void queue(int value)
{
    ck_assert_int_eq(sigqueue(getpid(), SIGNAL_DISK, (union sigval){.sival_int = value}), 0);
}

static void demand_nothing_waits(void)
{
    struct wakeup_note notes[WAKEUP_BATCH];
    ck_assert(!is_readable());
    ck_assert_uint_eq(wakeup->drain(notes), 0);
}

/* Takes the one note that waits. */
static struct wakeup_note take_note(void)
{
    struct wakeup_note notes[WAKEUP_BATCH];
    ck_assert_msg(is_readable_in_time(), "the descriptor did not become readable");
    ck_assert_uint_eq(wakeup->drain(notes), 1);
    return notes[0];
}

/* --- one signal ----------------------------------------------------------------------------- */

START_TEST(nothing_waits_at_first)
{
    open_wakeup(_i);
    demand_nothing_waits();
}
END_TEST

static void demand_note_of(int signal)
{
    ck_assert_int_eq(kill(getpid(), signal), 0);
    ck_assert_int_eq(take_note().signal, signal);
    demand_nothing_waits();
}

START_TEST(standard_signals_arrive_as_notes)
{
    open_wakeup(_i);
    demand_note_of(SIGUSR1);
    demand_note_of(SIGTERM);
    demand_note_of(SIGINT);
}
END_TEST

START_TEST(disk_signal_arrives_with_its_value)
{
    open_wakeup(_i);
    queue(VALUE);
    struct wakeup_note note = take_note();
    ck_assert_int_eq(note.signal, SIGNAL_DISK);
    ck_assert_int_eq(note.token, VALUE);
    ck_assert_int_eq(note.code, SI_QUEUE); /* not the system's: nobody mistakes it for a read */
    demand_nothing_waits();
}
END_TEST

/* What was sent between signals_block() and open() waits for the one who opens. */
START_TEST(signal_from_before_is_not_lost)
{
    signals_block();
    ck_assert_int_eq(kill(getpid(), SIGTERM), 0);
    open_wakeup(_i);
    ck_assert_int_eq(take_note().signal, SIGTERM);
}
END_TEST

START_TEST(wakeup_can_be_opened_again)
{
    open_wakeup(_i);
    demand_note_of(SIGUSR1);
    wakeup->close();
    open_wakeup(_i);
    demand_nothing_waits();
    demand_note_of(SIGTERM);
}
END_TEST

/* --- many signals --------------------------------------------------------------------------- */

START_TEST(many_signals_arrive_in_batches_and_in_order)
{
    struct wakeup_note notes[WAKEUP_BATCH];
    size_t count, taken = 0;
    open_wakeup(_i);
    for (int i = 0; i < MANY; i++)
        queue(i);
    do {
        ck_assert(is_readable());
        count = wakeup->drain(notes);
        ck_assert_uint_eq(count, MANY - taken < WAKEUP_BATCH ? MANY - taken : WAKEUP_BATCH);
        for (size_t i = 0; i < count; i++)
            ck_assert_int_eq(notes[i].token, (int)taken++);
    } while (count == WAKEUP_BATCH);
    ck_assert_uint_eq(taken, MANY);
    demand_nothing_waits();
}
END_TEST

/* More than a pipe holds, and perhaps more than the kernel will queue: then it says EAGAIN. */
static void flood(void)
{
    for (int i = 0; i < FLOOD; i++)
        if (sigqueue(getpid(), SIGNAL_DISK, (union sigval){.sival_int = i}) != 0)
            ck_assert_int_eq(errno, EAGAIN);
}

/* Takes all notes that wait, and counts them by their signal; the disk's are [0]. */
static void count_notes(unsigned counts[KINDS])
{
    struct wakeup_note notes[WAKEUP_BATCH];
    size_t count;
    do {
        count = wakeup->drain(notes);
        for (size_t i = 0; i < count; i++)
            counts[notes[i].signal < KINDS ? notes[i].signal : 0]++;
    } while (count == WAKEUP_BATCH);
}

START_TEST(standard_signals_are_not_lost_in_a_flood)
{
    unsigned counts[KINDS] = {0};
    open_wakeup(_i);
    flood();
    ck_assert_int_eq(kill(getpid(), SIGTERM), 0);
    ck_assert_int_eq(kill(getpid(), SIGINT), 0);
    ck_assert_int_eq(kill(getpid(), SIGUSR1), 0);
    ck_assert(is_readable());
    count_notes(counts);
    ck_assert_uint_gt(counts[0], WAKEUP_BATCH);
    ck_assert_uint_eq(counts[SIGTERM], 1);
    ck_assert_uint_eq(counts[SIGINT], 1);
    ck_assert_uint_eq(counts[SIGUSR1], 1);
    demand_nothing_waits();
}
END_TEST

/* A flood once over, notes come as before. */
START_TEST(wakeup_works_after_a_flood)
{
    unsigned counts[KINDS] = {0};
    open_wakeup(_i);
    flood();
    count_notes(counts);
    demand_note_of(SIGTERM);
    queue(VALUE);
    ck_assert_int_eq(take_note().token, VALUE);
}
END_TEST

/* --- manners -------------------------------------------------------------------------------- */

START_TEST(errno_is_left_alone)
{
    open_wakeup(_i);
    errno = SOME_ERRNO;
    raise(SIGUSR1);
    ck_assert_int_eq(errno, SOME_ERRNO);
    flood(); /* now write() fails in the handler, and sets errno */
    errno = SOME_ERRNO;
    raise(SIGTERM);
    ck_assert_int_eq(errno, SOME_ERRNO);
}
END_TEST

START_TEST(signals_stay_blocked_after_close)
{
    sigset_t blocked, server_signals = signals_of_the_server();
    open_wakeup(_i);
    wakeup->close();
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    for (int signal = 1; signal <= SIGRTMAX; signal++)
        if (sigismember(&server_signals, signal) == 1)
            ck_assert_msg(sigismember(&blocked, signal) == 1, "signal %d is not blocked", signal);
    ck_assert_int_eq(kill(getpid(), SIGTERM), 0); /* nothing happens, but that it waits */
    ck_assert_int_eq(sigwaitinfo(&server_signals, NULL), SIGTERM);
}
END_TEST

START_TEST(descriptor_is_closed_by_close)
{
    open_wakeup(_i);
    wakeup->close();
    ck_assert_int_eq(close(descriptor), -1);
    ck_assert_int_eq(errno, EBADF);
}
END_TEST

START_TEST(drain_never_waits)
{
    struct wakeup_note notes[WAKEUP_BATCH];
    open_wakeup(_i);
    for (int i = 0; i < MANY; i++)
        ck_assert_uint_eq(wakeup->drain(notes), 0);
}
END_TEST

Suite *wakeup_suite(void)
{
    int count = 0;
    Suite *suite = suite_create("wakeup");
    TCase *tcase = tcase_create("wakeup");
    while (wakeups[count] != NULL)
        count++;
    tcase_set_timeout(tcase, 2.0 * DEADLINE_USUAL_MS / 1000 * deadline_scale());
    tcase_add_loop_test(tcase, nothing_waits_at_first, 0, count);
    tcase_add_loop_test(tcase, standard_signals_arrive_as_notes, 0, count);
    tcase_add_loop_test(tcase, disk_signal_arrives_with_its_value, 0, count);
    tcase_add_loop_test(tcase, signal_from_before_is_not_lost, 0, count);
    tcase_add_loop_test(tcase, wakeup_can_be_opened_again, 0, count);
    tcase_add_loop_test(tcase, many_signals_arrive_in_batches_and_in_order, 0, count);
    tcase_add_loop_test(tcase, standard_signals_are_not_lost_in_a_flood, 0, count);
    tcase_add_loop_test(tcase, wakeup_works_after_a_flood, 0, count);
    tcase_add_loop_test(tcase, errno_is_left_alone, 0, count);
    tcase_add_loop_test(tcase, signals_stay_blocked_after_close, 0, count);
    tcase_add_loop_test(tcase, descriptor_is_closed_by_close, 0, count);
    tcase_add_loop_test(tcase, drain_never_waits, 0, count);
    suite_add_tcase(suite, tcase);
    return suite;
}
