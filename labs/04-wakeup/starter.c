/*
 * Lab 04: the self-pipe. A handler writes one record into a pipe whose other end the loop waits
 * for.
 *
 * Five steps; each is a TODO below. Take a call of todo() away when you have done what it says.
 */
#include "core/signals.h"
#include "core/wakeup.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

enum { READ_END, WRITE_END };
enum { TODOS_MAX = 20 }; /* so many are printed: a pipe that is never drained says it for ever */

static int ends[2] = {-1, -1};

/*
 * Says that something is still to be written. Not with printf(): that may hold a lock when a
 * handler interrupts it, and then a second printf() in the handler waits for ever. write(2) is on
 * the list of functions that a handler may call (signal-safety(7)).
 */
static void todo(const char *what)
{
    static volatile sig_atomic_t said;
    if (said >= TODOS_MAX)
        return;
    said++;
    ssize_t written = write(STDERR_FILENO, what, strlen(what));
    (void)written;
}

/*
 * Step 2. Write one note (core/wakeup.h) into the pipe, in a single write(2): its number, and from
 * `info` its si_code and its si_value.sival_int.
 * Step 4. What if there is no room? The disk's signal may be lost then: the sweep finds the read.
 * No sweep finds a SIGTERM, a SIGINT or a SIGUSR1.
 * Step 5. Leave errno as you found it.
 */
static void handler(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)info, (void)context;
    todo("TODO step 2: handler(): a signal has come; write a note of it into the pipe\n");
}

/*
 * Step 1. Make the pipe; neither end may block, and no other program may inherit it (fcntl(2)).
 * Step 2. Then install the handler for every signal of signals_of_the_server(), with SA_SIGINFO,
 * SA_RESTART and all of these signals in sa_mask; and unblock them, last of all
 * (pthread_sigmask(3)). So far there is a handler for SIGUSR1 only, so that you can see it at work.
 */
static int selfpipe_open(void)
{
    sigset_t usr1;
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    if (ends[READ_END] < 0) {
        todo("TODO step 1: selfpipe_open(): make the pipe, and return its reading end\n");
        errno = ENOSYS;
        return -1;
    }
    sigaction(SIGUSR1, &action, NULL);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    pthread_sigmask(SIG_UNBLOCK, &usr1, NULL);
    return ends[READ_END];
}

/*
 * Step 3. Read as many notes as there are, but at most WAKEUP_BATCH, in a single read(2), and
 * return how many.
 * Step 4. Then add the signals that found no room in the pipe.
 */
static size_t selfpipe_drain(struct wakeup_note notes[WAKEUP_BATCH])
{
    (void)notes;
    todo("TODO step 3: selfpipe_drain(): read the notes, or the pipe stays readable for ever\n");
    return 0;
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
