/*
 * The self-pipe: a handler writes one record into a pipe whose other end the loop waits for.
 * Works on every POSIX system.
 *
 * The handler does the least that can be done: it saves errno, writes one record of fixed size,
 * and restores errno (write(2) is async-signal-safe, signal-safety(7)). The pipe does not block:
 * when it is full, the handler must not wait for the very thread that it has interrupted. A
 * disk's note that finds no room is let go: a full pipe wakes the loop anyway, and the sweep
 * finds the read. A SIGTERM has no sweep, so for the others a flag remembers.
 */
#include "core/signals.h"
#include "core/wakeup.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

enum { READ_END, WRITE_END };

static int ends[2] = {-1, -1};

/* The signals that must not be lost, and a flag for each that found the pipe full. */
static const int precious[] = {SIGINT, SIGTERM, SIGUSR1};
enum { PRECIOUS = sizeof precious / sizeof *precious };
static volatile sig_atomic_t overflowed[PRECIOUS];

static void remember(int signal)
{
    for (size_t i = 0; i < PRECIOUS; i++)
        if (precious[i] == signal)
            overflowed[i] = 1;
}

static void handler(int signal, siginfo_t *info, void *context)
{
    (void)context;
    int saved_errno = errno;
    struct wakeup_note note = {
        .signal = signal, .code = info->si_code, .token = info->si_value.sival_int};
    if (write(ends[WRITE_END], &note, sizeof note) != (ssize_t)sizeof note)
        remember(signal);
    errno = saved_errno;
}

static int make_nonblocking_pipe(void)
{
    if (pipe(ends) != 0)
        return -1;
    for (int end = READ_END; end <= WRITE_END; end++) {
        fcntl(ends[end], F_SETFL, O_NONBLOCK);
        fcntl(ends[end], F_SETFD, FD_CLOEXEC);
    }
    return 0;
}

static int selfpipe_open(void)
{
    if (make_nonblocking_pipe() != 0)
        return -1;
    sigset_t set = signals_of_the_server();
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART};
    action.sa_mask = set; /* one handler at a time: the records stay whole and in order */
    for (size_t i = 0; i < PRECIOUS; i++)
        sigaction(precious[i], &action, NULL);
    sigaction(SIGNAL_DISK, &action, NULL);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    return ends[READ_END];
}

/* The notes that did not fit into the pipe. They are taken last: the pipe has room again. */
static size_t drain_overflowed(struct wakeup_note *notes, size_t room)
{
    size_t count = 0;
    for (size_t i = 0; i < PRECIOUS && count < room; i++) {
        if (!overflowed[i])
            continue;
        overflowed[i] = 0;
        notes[count++] = (struct wakeup_note){.signal = precious[i]};
    }
    return count;
}

static size_t selfpipe_drain(struct wakeup_note notes[WAKEUP_BATCH])
{
    ssize_t got = read(ends[READ_END], notes, WAKEUP_BATCH * sizeof *notes);
    size_t count = got > 0 ? (size_t)got / sizeof *notes : 0;
    return count + drain_overflowed(notes + count, WAKEUP_BATCH - count);
}

static void selfpipe_close(void)
{
    sigset_t set = signals_of_the_server();
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    close(ends[READ_END]);
    close(ends[WRITE_END]);
}

const struct wakeup wakeup_selfpipe = {
    .choice = {"selfpipe", "a signal handler that writes into a pipe (any POSIX system)"},
    .open = selfpipe_open,
    .drain = selfpipe_drain,
    .close = selfpipe_close,
};
