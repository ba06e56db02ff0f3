#include "grader/attempt.h"

#include "grader/ending.h"
#include "grader/orphans.h"
#include "support/deadline.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    WALK_DESCRIPTORS = 16,
    PATH_ROOM = 200,
    WAITS_OF_A_TEST = 5, /* so many deadlines can pass in one test before it is cut off */
    LONGEST_WAIT_MS = 30000,
};

static pid_t grader;                  /* this process, and not one of a test */
static char room[PATH_ROOM];          /* the directory */
static volatile sig_atomic_t ends_by; /* the signal that asks us to end; 0: none */

/* --- the room, and the end of it all -------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info, (void)kind;
    return where->level == 0 ? 0 : remove(path);
}

static void empty_room(void)
{
    nftw(room, remove_one, WALK_DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
}

/* At exit: not of a test, which has all this from us. */
static void remove_room(void)
{
    if (getpid() != grader)
        return;
    empty_room();
    rmdir(room);
}

static void note_signal(int number)
{
    ends_by = number;
}

/* Whoever started us must see that a signal has ended us. */
static void end_if_asked(void)
{
    if (ends_by == 0)
        return;
    orphans_end_all();
    remove_room();
    signal(ends_by, SIG_DFL);
    raise(ends_by);
}

static void take_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    struct sigaction action = {.sa_handler = note_signal}; /* without SA_RESTART: poll() ends */
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sigaction(numbers[i], &action, NULL);
}

bool attempts_begin(void)
{
    const char *parent = getenv("TMPDIR");
    snprintf(room, sizeof room, "%s/threeways-grade-XXXXXX", parent != NULL ? parent : "/tmp");
    /* The server may be nobody, and must come to its files. */
    if (!orphans_adopt() || mkdtemp(room) == NULL || chmod(room, 0755) != 0)
        return false;
    grader = getpid();
    atexit(remove_room);
    setenv("TMPDIR", room, 1); /* the tests' trees are made there */
    take_signals();
    return true;
}

/* --- in the test's process ------------------------------------------------------------------ */

/* Check's own runner, in this process: a failed test comes back to us, and we can look around. */
static void run_with_check(const TTest *test, struct outcome *outcome)
{
    Suite *suite = suite_create("attempt");
    TCase *tcase = tcase_create("attempt");
    tcase_add_test(tcase, test);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run(runner, "attempt", "attempt", CK_SILENT);
    if (srunner_ntests_failed(runner) == 0) {
        outcome->verdict = PASSED;
        return;
    }
    TestResult **results = srunner_failures(runner);
    outcome->verdict = FAILED;
    snprintf(outcome->message, sizeof outcome->message, "%s", tr_msg(results[0]));
    ending_judge(outcome);
}

static void write_whole(int to, const void *bytes, size_t length)
{
    for (const char *at = bytes; length > 0;) {
        ssize_t count = write(to, at, length);
        if (count <= 0)
            return;
        at += count;
        length -= (size_t)count;
    }
}

static _Noreturn void be_the_test(const TTest *test, void (*prepare)(void), int result)
{
    static struct outcome outcome;
    setpgid(0, 0); /* a Ctrl-C is for the grader, which then ends us */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != grader)
        _exit(EXIT_FAILURE);
    if (prepare != NULL)
        prepare();
    run_with_check(test, &outcome);
    write_whole(result, &outcome, sizeof outcome);
    _exit(EXIT_SUCCESS);
}

/* --- in the grader's process ---------------------------------------------------------------- */

/* By its own clock: a deadline that was made shorter makes this shorter, too. */
static int64_t limit_of_a_test(void)
{
    int64_t now = deadline_in(0);
    return now + WAITS_OF_A_TEST * (deadline_in(LONGEST_WAIT_MS) - now);
}

/* Reads the outcome, which comes when the test has ended. Returns false if it does not. */
static bool await_outcome(int result, struct outcome *outcome)
{
    int64_t limit = limit_of_a_test();
    char *at = (char *)outcome;
    size_t left = sizeof *outcome;
    while (left > 0) {
        struct pollfd watched = {.fd = result, .events = POLLIN};
        int ready = poll(&watched, 1, deadline_left_ms(limit));
        end_if_asked();
        if (ready == 0)
            return false;
        ssize_t count = ready > 0 ? read(result, at, left) : -1;
        if (count == 0)
            break;
        at += count > 0 ? count : 0;
        left -= count > 0 ? (size_t)count : 0;
    }
    if (left > 0) {
        outcome->verdict = FAILED;
        snprintf(outcome->message, sizeof outcome->message,
                 "the test's own process has ended before it came to an end");
    }
    return true;
}

static double seconds_since(const struct timespec *begin)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - begin->tv_sec) + (double)(now.tv_nsec - begin->tv_nsec) / 1e9;
}

static void note_cut_off(struct outcome *outcome)
{
    outcome->verdict = TIMED_OUT;
    snprintf(outcome->message, sizeof outcome->message,
             "the test has not come to an end, and was cut off");
}

void attempt(const TTest *test, void (*prepare)(void), struct outcome *outcome)
{
    struct timespec begin;
    int result[2];
    memset(outcome, 0, sizeof *outcome);
    clock_gettime(CLOCK_MONOTONIC, &begin);
    fflush(NULL); /* else the test's process would have a copy of what is not yet written */
    end_if_asked();
    pid_t pid = -1;
    if (pipe2(result, O_CLOEXEC) == 0 && (pid = fork()) == 0)
        be_the_test(test, prepare, result[1]);
    if (pid < 0) {
        outcome->verdict = FAILED;
        snprintf(outcome->message, sizeof outcome->message, "fork: %s", strerror(errno));
        return;
    }
    close(result[1]);
    if (!await_outcome(result[0], outcome))
        note_cut_off(outcome);
    close(result[0]);
    orphans_end_all();
    empty_room();
    outcome->seconds = seconds_since(&begin);
}
