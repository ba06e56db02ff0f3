/*
 * Lab 04: from a signal to an event. The self-pipe.
 *
 * Signals are sent from outside, and what the server makes of them is told by the table that it
 * prints: each SIGUSR1 prints one, and its third last line counts the signals of the disk ("told").
 * The tests send the disk's signal themselves, with the mark that the system gives it (SI_ASYNCIO):
 * so they know exactly how many there were (and the disk is one that sends none). In most tests
 * nothing else happens to the server, so that nothing but the pipe can have woken it.
 */
#include "grader/lab.h"
#include "support/deadline.h"
#include "support/server_process.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    TEXT_ROOM = 400,
    SMALL_BYTES = 500,
    ROUNDS = 3,
    MANY = 100, /* less than any pipe holds */
    BATCH = 32, /* WAKEUP_BATCH: what drain() takes at a time */
    AFTERWARDS = 10,
    SMALL_PIPE_BYTES = 4096, /* the smallest there is: a few hundred notes */
    FLOOD = 2000,            /* more than it holds, even if a note were 2 bytes */
    BURNT_MS = 50,
    REST_MS = 300,
    PIPES = 8,
};

/* So long that nobody is sent away because time is over; but the end waits for nobody. */
#define PATIENT "--read-timeout 10m --idle-timeout 10m --grace-time 0"

/* --- the server's messages ------------------------------------------------------------------ */

#define HEADING "Request table (event"

static unsigned count_in(const char *text, const char *word)
{
    unsigned count = 0;
    for (const char *at = text; (at = strstr(at, word)) != NULL; at += strlen(word))
        count++;
    return count;
}

static unsigned count_tables(void)
{
    return count_in(slow_messages(&lab_server), HEADING);
}

static void demand_tables(unsigned count, const char *sent)
{
    char got[TEXT_ROOM];
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    while (count_tables() < count && deadline_retry(deadline))
        continue;
    snprintf(got, sizeof got, "the table was printed %u times", count_tables());
    demand(count_tables() >= count, sent, got, "%u times, though nothing else happens", count);
}

/* Sends SIGUSR1, and waits for the table. */
static void look_at_table(const char *when)
{
    unsigned before = count_tables();
    kill(lab_server.program.pid, SIGUSR1);
    demand_tables(before + 1, when);
}

static unsigned told_by_last_table(void)
{
    unsigned count = 0;
    for (const char *at = slow_messages(&lab_server); (at = strstr(at, " failed; ")) != NULL;)
        sscanf(at += strlen(" failed; "), "%u told by", &count);
    return count;
}

/*
 * How many signals of the disk the server was told of. SIGUSR1 may overtake signals that were sent
 * before it, since its number is smaller; but when one has been answered, the next finds all of
 * them taken.
 */
static unsigned told(void)
{
    for (unsigned i = 0; i < ROUNDS; i++)
        look_at_table("SIGUSR1");
    return told_by_last_table();
}

static void demand_told(unsigned count, const char *sent)
{
    char got[TEXT_ROOM];
    unsigned now = told();
    snprintf(got, sizeof got, "\"%u told\", by the table", now);
    demand(now == count, sent, got, "\"%u told\": one note for each signal, with its si_code",
           count);
}

/* --- signals -------------------------------------------------------------------------------- */

/* The disk's signal, as the system sends it: with the code SI_ASYNCIO, and a token. */
static bool send_disk_signal(int code, int token)
{
    siginfo_t info = {0};
    info.si_signo = SIGRTMIN;
    info.si_code = code;
    info.si_value.sival_int = token;
    return syscall(SYS_rt_sigqueueinfo, lab_server.program.pid, SIGRTMIN, &info) == 0;
}

/* Returns how many the kernel took: its queue of signals has an end. */
static unsigned send_disk_signals(unsigned count)
{
    unsigned sent = 0;
    while (sent < count && send_disk_signal(SI_ASYNCIO, (int)sent))
        sent++;
    return sent;
}

static void freeze(void)
{
    kill(lab_server.program.pid, SIGSTOP);
}

static void thaw(void)
{
    kill(lab_server.program.pid, SIGCONT);
}

/* Which signals wait for the process, as bits. */
static unsigned long long pending_signals(void)
{
    char path[TEXT_ROOM], line[TEXT_ROOM];
    unsigned long long own = 0, shared = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)lab_server.program.pid);
    FILE *file = fopen(path, "re");
    ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
    while (fgets(line, sizeof line, file) != NULL) {
        sscanf(line, "SigPnd: %llx", &own);
        sscanf(line, "ShdPnd: %llx", &shared);
    }
    fclose(file);
    return own | shared;
}

static void await_handlers(void)
{
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    while (pending_signals() != 0 && deadline_retry(deadline))
        continue;
    demand(pending_signals() == 0, "signals, while the server computes", "they wait in the kernel",
           "that the handler takes them: unblock them when the handler is there");
}

static bool has_ended(void)
{
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    do {
        if (kill(lab_server.program.pid, 0) == -1 && errno == ESRCH)
            return true;
    } while (deadline_retry(deadline));
    return false;
}

/* --- the pipe, from outside ----------------------------------------------------------------- */

/* Writes the two descriptors of the pipe that has both its ends in the server. */
static bool find_self_pipe(int pipe[2])
{
    char pattern[TEXT_ROOM], names[PIPES][TEXT_ROOM];
    int numbers[PIPES];
    unsigned count = 0;
    bool found = false;
    glob_t all;
    snprintf(pattern, sizeof pattern, "/proc/%d/fd/*", (int)lab_server.program.pid);
    if (glob(pattern, 0, NULL, &all) != 0)
        return false;
    for (size_t i = 0; i < all.gl_pathc && count < PIPES && !found; i++) {
        ssize_t length = readlink(all.gl_pathv[i], names[count], TEXT_ROOM - 1);
        if (length < 0)
            continue;
        names[count][length] = '\0';
        numbers[count] = (int)strtol(strrchr(all.gl_pathv[i], '/') + 1, NULL, 10);
        for (unsigned other = 0; other < count && !found; other++) {
            found = strcmp(names[other], names[count]) == 0;
            pipe[0] = numbers[other];
            pipe[1] = numbers[count];
        }
        count += strncmp(names[count], "pipe:", strlen("pipe:")) == 0;
    }
    globfree(&all);
    return found;
}

/* Makes the server's pipe as small as can be, so that a flood fills it. */
static void shrink_pipe(void)
{
    char path[TEXT_ROOM];
    int pipe[2];
    look_at_table("SIGUSR1"); /* when that has come, the wake-up is open */
    demand(find_self_pipe(pipe), "a look at the server's descriptors", "no pipe with both its ends",
           "the self-pipe");
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)lab_server.program.pid, pipe[0]);
    int end = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    ck_assert_msg(end >= 0 && fcntl(end, F_SETPIPE_SZ, SMALL_PIPE_BYTES) >= 0, "%s: %s", path,
                  strerror(errno));
    close(end);
}

/* The flags of an open descriptor, as fcntl(2) has them (proc(5), fdinfo). */
static unsigned flags_of(int descriptor)
{
    char path[TEXT_ROOM], line[TEXT_ROOM];
    unsigned flags = 0;
    snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", (int)lab_server.program.pid, descriptor);
    FILE *file = fopen(path, "re");
    ck_assert_msg(file != NULL, "%s: %s", path, strerror(errno));
    while (fgets(line, sizeof line, file) != NULL)
        sscanf(line, "flags: %o", &flags);
    fclose(file);
    return flags;
}

/* --- what stands between the server and libc ------------------------------------------------ */

/* The servers that are started from now on get this shared object before libc. */
static void interpose(const char *name)
{
    char object[TEXT_ROOM];
    const char *directory = getenv("INTERPOSE");
    char *absolute = realpath(directory != NULL ? directory : "build/interpose", NULL);
    snprintf(object, sizeof object, "%s/%s.so", absolute != NULL ? absolute : "", name);
    free(absolute);
    ck_assert_msg(access(object, R_OK) == 0, "the shared object %s is missing: %s", object,
                  strerror(errno));
    setenv("LD_PRELOAD", object, 1);
}

/* --- clients -------------------------------------------------------------------------------- */

static void demand_closed(struct http_connection *talk, const char *sent)
{
    http_read_to_end(talk);
    if (!talk->closed || talk->timed_out)
        demand(false, sent, http_describe(talk), "that the idle connection is closed");
}

static struct http_connection *begin_idle(void)
{
    struct http_connection *idle = lab_ask("hot.txt");
    demand_status(idle, 200);
    return idle;
}

/* --- a signal, and nothing else ------------------------------------------------------------- */

/*
 * Catches: the signals are not unblocked; the handler sets a flag, and nobody looks at it before
 * the wait is over; the descriptor is not the pipe's.
 */
START_TEST(a_signal_wakes_the_loop)
{
    lab_start(PATIENT);
    for (unsigned i = 0; i < ROUNDS; i++)
        look_at_table("SIGUSR1, to a server that sleeps in select()");
    lab_end();
}
END_TEST

/* Catches: SIGTERM or SIGINT has no handler, or is lost between two others. */
START_TEST(the_end_comes_through_the_pipe)
{
    static const struct {
        int signal;
        const char *name;
    } ends[] = {{SIGTERM, "SIGTERM"}, {SIGINT, "SIGINT"}};
    for (unsigned i = 0; i < 2; i++) {
        lab_start(PATIENT);
        struct http_connection *idle = begin_idle();
        kill(lab_server.program.pid, ends[i].signal);
        demand_closed(idle, ends[i].name);
        demand(has_ended(), ends[i].name, "it is still there", "that the process ends");
        lab_end();
    }
}
END_TEST

/* --- many signals --------------------------------------------------------------------------- */

/*
 * Catches: signals are counted by a flag, so that many become one; a note is read in pieces, or
 * not in full; what the signal says (si_code) is lost, or is not the signal's own.
 */
START_TEST(every_signal_becomes_a_note)
{
    lab_start(PATIENT);
    unsigned before = told();
    ck_assert_uint_eq(send_disk_signals(1), 1);
    demand_told(before + 1, "one signal of the disk");
    ck_assert_uint_eq(send_disk_signals(MANY), MANY);
    demand_told(before + 1 + MANY, "100 more signals of the disk, one after the other");
    freeze();
    ck_assert_uint_eq(send_disk_signals(MANY), MANY);
    thaw();
    demand_told(before + 1 + 2 * MANY, "100 more signals of the disk at once");
    for (unsigned i = 0; i < MANY; i++)
        send_disk_signal(SI_QUEUE, (int)i);
    demand_told(before + 1 + 2 * MANY, "100 signals with the code SI_QUEUE, which are not the "
                                       "disk's");
    lab_end();
}
END_TEST

/*
 * Catches: drain() waits when there is nothing left to read. That is when there was exactly one
 * batch: drain() is called again, for it might not have been all.
 */
START_TEST(drain_never_waits)
{
    lab_start(PATIENT);
    unsigned before = told();
    freeze();
    ck_assert_uint_eq(send_disk_signals(BATCH), BATCH);
    thaw();
    demand_hot(2);
    demand_told(before + BATCH, "exactly one batch of signals: 32");
    lab_end();
}
END_TEST

/* Catches: the pipe is not read, or not emptied: it stays readable, and the wait returns at once.
 */
START_TEST(an_empty_pipe_lets_the_loop_sleep)
{
    lab_start(PATIENT);
    unsigned before = told();
    send_disk_signals(MANY);
    demand_told(before + MANY, "100 signals of the disk");
    demand_rest(REST_MS);
    lab_end();
}
END_TEST

/* --- bad luck ------------------------------------------------------------------------------- */

/*
 * Catches: "there is something in the pipe already" is remembered in a flag, which is cleared
 * after the pipe is read: a signal in between is never told of.
 */
START_TEST(a_signal_in_the_middle_of_a_drain)
{
    interpose("signal_in_drain");
    lab_start(PATIENT);
    send_disk_signals(1);
    demand_tables(1, "one signal of the disk, and a SIGUSR1 when the note of it has been read");
    lab_end();
}
END_TEST

/* Catches: a handler that changes errno under the program's feet, as write() does. */
START_TEST(errno_is_left_alone)
{
    interpose("errno");
    lab_start(PATIENT);
    demand_hot(ROUNDS);
    unsigned changed = slow_count(&lab_server, "after its handler: .*another");
    unsigned kept = slow_count(&lab_server, "after its handler: .*the same");
    demand(changed == 0 && kept > 0, "a signal between a call that failed and the look at errno",
           slow_messages(&lab_server), "that the handler leaves errno as it was");
    lab_end();
}
END_TEST

/* --- a full pipe ---------------------------------------------------------------------------- */

/*
 * Catches: a pipe that blocks. When it is full, the handler waits for somebody to read; but who
 * would read is the thread that it has interrupted.
 */
START_TEST(a_full_pipe_stops_nobody)
{
    lab_start(PATIENT);
    unsigned at_first = told();
    shrink_pipe();
    freeze();
    unsigned sent = send_disk_signals(FLOOD);
    thaw();
    demand_hot(1);
    unsigned before = told();
    demand(before > at_first && before <= at_first + sent,
           "more signals at once than the pipe has room for",
           before > at_first ? "more told than were sent" : "none told",
           "those that had room; the sweep finds the others' reads");
    send_disk_signals(AFTERWARDS);
    demand_told(before + AFTERWARDS, "10 signals, when the pipe is empty again");
    lab_end();
}
END_TEST

/* The server computes; meanwhile its pipe is filled, and nobody reads it. */
static struct http_connection *fill_pipe_of_a_busy_server(void)
{
    unsigned before = lab_cpu_ms();
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    shrink_pipe();
    struct http_connection *talk = lab_ask("hot.txt");
    while (lab_cpu_ms() < before + BURNT_MS && deadline_retry(deadline))
        continue;
    send_disk_signals(FLOOD);
    await_handlers();
    return talk;
}

/*
 * Catches: SIGTERM or SIGUSR1 finds the pipe full, and is lost. There is no sweep that finds them;
 * a flag must remember.
 */
START_TEST(a_full_pipe_forgets_no_order)
{
    lab_start(PATIENT " --work 400ms");
    struct http_connection *idle = http_open(lab_server.program.port);
    struct http_connection *busy = fill_pipe_of_a_busy_server();
    unsigned before = count_tables();
    kill(lab_server.program.pid, SIGUSR1);
    kill(lab_server.program.pid, SIGTERM);
    demand_status(busy, 200);
    http_close(busy); /* the server lingers until then */
    demand_tables(before + 1, "SIGUSR1, when the pipe was full");
    demand_closed(idle, "SIGTERM, when the pipe was full");
    demand(has_ended(), "SIGTERM, when the pipe was full", "it is still there",
           "that the process ends");
    lab_end();
}
END_TEST

/* --- manners -------------------------------------------------------------------------------- */

/* Catches: a program that the server starts would inherit its pipe, and could wake it. */
START_TEST(the_pipe_is_private)
{
    char got[TEXT_ROOM];
    int pipe[2];
    lab_start(PATIENT);
    look_at_table("SIGUSR1"); /* when that has come, the wake-up is open */
    demand(find_self_pipe(pipe), "a look at the server's descriptors", "no pipe with both its ends",
           "the self-pipe");
    for (unsigned end = 0; end < 2; end++) {
        snprintf(got, sizeof got, "descriptor %d has the flags 0%o", pipe[end],
                 flags_of(pipe[end]));
        demand(flags_of(pipe[end]) & O_CLOEXEC, "a look at the pipe's descriptors", got,
               "close-on-exec for both ends: FD_CLOEXEC");
    }
    lab_end();
}
END_TEST

static void add_tests(void)
{
    GRADE(a_signal_wakes_the_loop, 15);
    GRADE(the_end_comes_through_the_pipe, 10);
    GRADE(every_signal_becomes_a_note, 15);
    GRADE(drain_never_waits, 10);
    GRADE(an_empty_pipe_lets_the_loop_sleep, 5);
    GRADE(a_signal_in_the_middle_of_a_drain, 5);
    GRADE(errno_is_left_alone, 10);
    GRADE(a_full_pipe_stops_nobody, 15);
    GRADE(a_full_pipe_forgets_no_order, 10);
    GRADE(the_pipe_is_private, 5);
}

const struct lab lab = {"04-wakeup", "--model event --disk blocking --wakeup selfpipe", add_tests};
