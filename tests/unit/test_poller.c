/*
 * The pollers, all of them by the same tests: each is run for every poller that is linked.
 */
#include "event/poller.h"
#include "support/deadline.h"
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    DESCRIPTORS = 16,
    MOST = 8,
    SHORT_MS = 50,
    LONG_MS = 10000,
    A_TOKEN = 4711,
    B_TOKEN = 12,
    HIGH_NUMBERS = 16, /* room above a poller's limit */
};

static const struct poller *poller;
static int a[2], b[2]; /* two connections: [0] is watched, [1] is the other side */

static void set_up(void)
{
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, a), 0);
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, b), 0);
}

static void take_poller(int number)
{
    poller = pollers[number];
    ck_assert(poller->open(DESCRIPTORS));
}

static void tear_down(void)
{
    poller->close();
    for (int end = 0; end < 2; end++) {
        close(a[end]);
        close(b[end]);
    }
}

static void send_byte(int from)
{
    ck_assert_int_eq(write(from, "x", 1), 1);
}

static void receive_byte(int to)
{
    char byte;
    ck_assert_int_eq(read(to, &byte, 1), 1);
}

/* Asks without waiting; what is ready for `token` (0: nothing). */
static unsigned ready_now(uint32_t token)
{
    struct poller_event events[MOST];
    size_t count = poller->wait(0, events, MOST);
    unsigned ready = 0;
    for (size_t i = 0; i < count; i++)
        if (events[i].token == token)
            ready |= events[i].ready;
    return ready;
}

static size_t count_now(void)
{
    struct poller_event events[MOST];
    return poller->wait(0, events, MOST);
}

START_TEST(input_is_told_while_there_is_some)
{
    take_poller(_i);
    ck_assert(poller->watch(a[0], POLLER_INPUT, A_TOKEN));
    ck_assert_uint_eq(count_now(), 0);
    send_byte(a[1]);
    ck_assert_uint_eq(ready_now(A_TOKEN), POLLER_INPUT);
    ck_assert_uint_eq(ready_now(A_TOKEN), POLLER_INPUT); /* until it is read */
    receive_byte(a[0]);
    ck_assert_uint_eq(count_now(), 0);
}
END_TEST

static void fill(int socket)
{
    static const char bytes[4096];
    while (write(socket, bytes, sizeof bytes) > 0)
        continue;
    ck_assert_int_eq(errno, EAGAIN);
}

START_TEST(output_is_told_while_there_is_room)
{
    take_poller(_i);
    ck_assert(poller->watch(a[0], POLLER_OUTPUT, A_TOKEN));
    ck_assert_uint_eq(ready_now(A_TOKEN), POLLER_OUTPUT);
    fill(a[0]);
    ck_assert_uint_eq(count_now(), 0);
}
END_TEST

START_TEST(input_and_output_are_told_together)
{
    take_poller(_i);
    ck_assert(poller->watch(a[0], POLLER_INPUT | POLLER_OUTPUT, A_TOKEN));
    send_byte(a[1]);
    ck_assert_uint_eq(ready_now(A_TOKEN), POLLER_INPUT | POLLER_OUTPUT);
    ck_assert_uint_eq(count_now(), 1);
}
END_TEST

START_TEST(two_descriptors_are_told_apart)
{
    take_poller(_i);
    ck_assert(poller->watch(a[0], POLLER_INPUT, A_TOKEN));
    ck_assert(poller->watch(b[0], POLLER_OUTPUT, B_TOKEN));
    send_byte(a[1]);
    send_byte(b[1]);
    ck_assert_uint_eq(ready_now(A_TOKEN), POLLER_INPUT);
    ck_assert_uint_eq(ready_now(B_TOKEN), POLLER_OUTPUT);
}
END_TEST

START_TEST(end_of_stream_is_input)
{
    take_poller(_i);
    ck_assert(poller->watch(a[0], POLLER_INPUT, A_TOKEN));
    ck_assert_int_eq(shutdown(a[1], SHUT_WR), 0);
    ck_assert(ready_now(A_TOKEN) & (POLLER_INPUT | POLLER_HUNG_UP));
}
END_TEST

START_TEST(interest_and_token_can_change)
{
    take_poller(_i);
    send_byte(a[1]);
    ck_assert(poller->watch(a[0], POLLER_INPUT, A_TOKEN));
    ck_assert(poller->watch(a[0], POLLER_OUTPUT, B_TOKEN));
    ck_assert_uint_eq(ready_now(A_TOKEN), 0);
    ck_assert_uint_eq(ready_now(B_TOKEN), POLLER_OUTPUT);
    ck_assert(poller->watch(a[0], 0, B_TOKEN));
    ck_assert_uint_eq(count_now(), 0);
    ck_assert(poller->watch(a[0], POLLER_INPUT, A_TOKEN));
    ck_assert_uint_eq(ready_now(A_TOKEN), POLLER_INPUT);
}
END_TEST

START_TEST(forgotten_descriptor_is_silent_and_its_number_can_be_used_again)
{
    take_poller(_i);
    send_byte(a[1]);
    ck_assert(poller->watch(a[0], POLLER_INPUT | POLLER_OUTPUT, A_TOKEN));
    poller->forget(a[0]);
    ck_assert_uint_eq(count_now(), 0);
    ck_assert_int_eq(dup2(b[0], a[0]), a[0]);
    ck_assert(poller->watch(a[0], POLLER_OUTPUT, B_TOKEN));
    ck_assert_uint_eq(ready_now(B_TOKEN), POLLER_OUTPUT);
    ck_assert_uint_eq(ready_now(A_TOKEN), 0);
}
END_TEST

/* The highest number leaves first, then the others: select() must not lose sight of those. */
START_TEST(others_are_told_after_one_is_forgotten)
{
    take_poller(_i);
    ck_assert(poller->watch(a[0], POLLER_OUTPUT, A_TOKEN));
    ck_assert(poller->watch(b[0], POLLER_OUTPUT, B_TOKEN));
    poller->forget(b[0]);
    ck_assert_uint_eq(ready_now(A_TOKEN), POLLER_OUTPUT);
    ck_assert(poller->watch(b[0], POLLER_OUTPUT, B_TOKEN));
    poller->forget(a[0]);
    ck_assert_uint_eq(ready_now(B_TOKEN), POLLER_OUTPUT);
    poller->forget(b[0]);
    ck_assert_uint_eq(count_now(), 0);
}
END_TEST

START_TEST(no_more_events_than_asked_for)
{
    struct poller_event events[2] = {{0, 0}, {B_TOKEN + 1, 0}};
    take_poller(_i);
    ck_assert(poller->watch(a[0], POLLER_OUTPUT, A_TOKEN));
    ck_assert(poller->watch(b[0], POLLER_OUTPUT, B_TOKEN));
    ck_assert_uint_eq(poller->wait(0, events, 1), 1);
    ck_assert_uint_eq(events[1].token, B_TOKEN + 1);
}
END_TEST

/* --- waiting ------------------------------------------------------------------------------ */

static int64_t waited_ms(int timeout_ms)
{
    struct poller_event events[MOST];
    int64_t deadline = deadline_in(LONG_MS);
    int before = deadline_left_ms(deadline);
    ck_assert_uint_eq(poller->wait(timeout_ms, events, MOST), 0);
    return before - deadline_left_ms(deadline);
}

START_TEST(wait_ends_when_its_time_is_over)
{
    take_poller(_i);
    ck_assert(poller->watch(a[0], POLLER_INPUT, A_TOKEN));
    int64_t waited = waited_ms(SHORT_MS);
    ck_assert_int_ge(waited, SHORT_MS - 1); /* the clock is read in whole milliseconds */
    ck_assert_int_lt(waited, LONG_MS);
}
END_TEST

static volatile sig_atomic_t rings;

static void ring(int signal)
{
    (void)signal;
    rings++;
}

static void ring_every_20_ms(void)
{
    struct itimerval every = {{0, 20000}, {0, 20000}};
    struct sigaction action = {.sa_handler = ring, .sa_flags = SA_RESTART};
    ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
    ck_assert_int_eq(setitimer(ITIMER_REAL, &every, NULL), 0);
}

static void stop_ringing(void)
{
    struct itimerval never = {{0, 0}, {0, 0}};
    ck_assert_int_eq(setitimer(ITIMER_REAL, &never, NULL), 0);
}

/* select() leaves its sets undefined then: nothing must be told, and nothing forgotten. */
START_TEST(signal_ends_the_wait_and_nothing_is_told)
{
    take_poller(_i);
    ck_assert(poller->watch(a[0], POLLER_INPUT, A_TOKEN));
    ring_every_20_ms();
    int64_t waited = waited_ms(LONG_MS);
    stop_ringing();
    ck_assert_int_gt(rings, 0);
    ck_assert_msg(waited < LONG_MS, "the signal did not end the wait");
    send_byte(a[1]);
    ck_assert_uint_eq(ready_now(A_TOKEN), POLLER_INPUT);
}
END_TEST

START_TEST(wait_for_ever_ends_with_an_event)
{
    struct poller_event event;
    take_poller(_i);
    ck_assert(poller->watch(a[0], POLLER_OUTPUT, A_TOKEN));
    ck_assert_uint_eq(poller->wait(-1, &event, 1), 1);
    ck_assert_uint_eq(event.token, A_TOKEN);
}
END_TEST

/* --- numbers too high --------------------------------------------------------------------- */

static bool raise_descriptor_limit(unsigned wanted)
{
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_cur >= wanted)
        return true;
    limit.rlim_cur = wanted;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

/* FD_SET on a number beyond FD_SETSIZE writes behind the set: the sanitizers watch here. */
START_TEST(descriptor_beyond_the_limit_is_turned_down)
{
    take_poller(_i);
    unsigned limit = poller->descriptor_limit;
    if (limit > INT32_MAX - HIGH_NUMBERS || !raise_descriptor_limit(limit + HIGH_NUMBERS))
        return; /* no descriptor can be that high */
    int lowest_too_high = fcntl(a[0], F_DUPFD, limit);
    ck_assert_int_ge(lowest_too_high, (int)limit);
    ck_assert(poller->watch(b[0], POLLER_INPUT, B_TOKEN));
    ck_assert(!poller->watch(lowest_too_high, POLLER_INPUT | POLLER_OUTPUT, A_TOKEN));
    ck_assert_uint_eq(count_now(), 0);
    send_byte(b[1]);
    ck_assert_uint_eq(ready_now(B_TOKEN), POLLER_INPUT);
    ck_assert_uint_eq(count_now(), 1);
    close(lowest_too_high);
}
END_TEST

START_TEST(highest_number_that_is_allowed_can_be_watched)
{
    take_poller(_i);
    unsigned limit = poller->descriptor_limit;
    if (limit > INT32_MAX - HIGH_NUMBERS || !raise_descriptor_limit(limit))
        return;
    int highest = fcntl(a[0], F_DUPFD, limit - 1);
    ck_assert_int_eq(highest, (int)limit - 1);
    ck_assert(poller->watch(highest, POLLER_INPUT, A_TOKEN));
    send_byte(a[1]);
    ck_assert_uint_eq(ready_now(A_TOKEN), POLLER_INPUT);
    poller->forget(highest);
    ck_assert_uint_eq(count_now(), 0);
    close(highest);
}
END_TEST

START_TEST(negative_descriptor_is_turned_down)
{
    take_poller(_i);
    ck_assert(!poller->watch(-1, POLLER_INPUT, A_TOKEN));
    ck_assert_uint_eq(count_now(), 0);
}
END_TEST

static int poller_count(void)
{
    int count = 0;
    while (pollers[count] != NULL)
        count++;
    return count;
}

static TCase *create_case(const char *name)
{
    TCase *tcase = tcase_create(name);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_set_timeout(tcase, 3.0 * LONG_MS / 1000 * deadline_scale());
    return tcase;
}

static TCase *watching_case(void)
{
    TCase *tcase = create_case("poller_watch");
    int count = poller_count();
    tcase_add_loop_test(tcase, input_is_told_while_there_is_some, 0, count);
    tcase_add_loop_test(tcase, output_is_told_while_there_is_room, 0, count);
    tcase_add_loop_test(tcase, input_and_output_are_told_together, 0, count);
    tcase_add_loop_test(tcase, two_descriptors_are_told_apart, 0, count);
    tcase_add_loop_test(tcase, end_of_stream_is_input, 0, count);
    tcase_add_loop_test(tcase, interest_and_token_can_change, 0, count);
    tcase_add_loop_test(tcase, forgotten_descriptor_is_silent_and_its_number_can_be_used_again, 0,
                        count);
    tcase_add_loop_test(tcase, others_are_told_after_one_is_forgotten, 0, count);
    tcase_add_loop_test(tcase, no_more_events_than_asked_for, 0, count);
    tcase_add_loop_test(tcase, descriptor_beyond_the_limit_is_turned_down, 0, count);
    tcase_add_loop_test(tcase, highest_number_that_is_allowed_can_be_watched, 0, count);
    tcase_add_loop_test(tcase, negative_descriptor_is_turned_down, 0, count);
    return tcase;
}

static TCase *waiting_case(void)
{
    TCase *tcase = create_case("poller_wait");
    int count = poller_count();
    tcase_add_loop_test(tcase, wait_ends_when_its_time_is_over, 0, count);
    tcase_add_loop_test(tcase, signal_ends_the_wait_and_nothing_is_told, 0, count);
    tcase_add_loop_test(tcase, wait_for_ever_ends_with_an_event, 0, count);
    return tcase;
}

Suite *poller_suite(void)
{
    Suite *suite = suite_create("poller");
    suite_add_tcase(suite, watching_case());
    suite_add_tcase(suite, waiting_case());
    return suite;
}
