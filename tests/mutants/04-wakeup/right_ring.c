/*
 * A right solution, written otherwise: the notes are in a ring in memory, which the handler fills
 * and drain() empties; the pipe has one byte for each, only to end the wait.
 */
#include "core/signals.h"
#include "core/wakeup.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

enum { ROOM = 1024 }; /* a power of 2 */

static int reading = -1, writing = -1;
static struct wakeup_note ring[ROOM];
static volatile sig_atomic_t put, taken; /* counters of notes, within twice the room */
static volatile sig_atomic_t interrupted, terminated, asked;

static int waiting(void)
{
    return (put - taken + 2 * ROOM) % (2 * ROOM);
}

static void note_down(int signal, siginfo_t *info, void *context)
{
    const int before = errno;
    (void)context;
    if (waiting() < ROOM) {
        ring[put % ROOM] = (struct wakeup_note){signal, info->si_code, info->si_value.sival_int};
        put = (put + 1) % (2 * ROOM);
    } else {
        interrupted |= signal == SIGINT;
        terminated |= signal == SIGTERM;
        asked |= signal == SIGUSR1;
    }
    if (write(writing, "", 1) < 0)
        errno = before; /* it is full, and so readable */
    errno = before;
}

static int ring_open(void)
{
    int ends[2];
    const sigset_t set = signals_of_the_server();
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_RESTART, .sa_mask = set};
    action.sa_sigaction = note_down;
    if (pipe(ends) == -1)
        return -1;
    reading = ends[0];
    writing = ends[1];
    fcntl(reading, F_SETFD, FD_CLOEXEC);
    fcntl(writing, F_SETFD, FD_CLOEXEC);
    fcntl(reading, F_SETFL, O_NONBLOCK);
    fcntl(writing, F_SETFL, O_NONBLOCK);
    for (int signal = 1; signal <= SIGRTMAX; signal++)
        if (sigismember(&set, signal) == 1)
            sigaction(signal, &action, NULL);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    return reading;
}

static bool take_flag(volatile sig_atomic_t *flag, int signal, struct wakeup_note *note)
{
    if (!*flag)
        return false;
    *flag = 0;
    *note = (struct wakeup_note){.signal = signal};
    return true;
}

static size_t ring_drain(struct wakeup_note notes[WAKEUP_BATCH])
{
    char bytes[512];
    size_t count = 0;
    while (read(reading, bytes, sizeof bytes) > 0)
        continue;
    count += take_flag(&interrupted, SIGINT, &notes[count]);
    count += take_flag(&terminated, SIGTERM, &notes[count]);
    count += take_flag(&asked, SIGUSR1, &notes[count]);
    while (count < WAKEUP_BATCH && waiting() > 0) {
        notes[count++] = ring[taken % ROOM];
        taken = (taken + 1) % (2 * ROOM);
    }
    return count; /* a full batch: then it is called again, and finds the rest */
}

static void ring_close(void)
{
    sigset_t set = signals_of_the_server();
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    close(writing);
    close(reading);
}

const struct wakeup wakeup_selfpipe = {
    .choice = {"selfpipe", "a ring, and a pipe to end the wait"},
    .open = ring_open,
    .drain = ring_drain,
    .close = ring_close,
};
