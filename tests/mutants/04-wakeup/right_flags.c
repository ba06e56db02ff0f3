/*
 * A right solution, written otherwise: orders (SIGINT, SIGTERM, SIGUSR1) are flags, always; the
 * disk's signals are records in the pipe, read one by one. An order, too, writes a record, only to
 * end the wait; the flags are looked at after all records have been read.
 */
#include "core/signals.h"
#include "core/wakeup.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

enum { INTERRUPT, TERMINATE, REPORT, ORDERS };

static const int orders[ORDERS] = {[INTERRUPT] = SIGINT, [TERMINATE] = SIGTERM, [REPORT] = SIGUSR1};
static volatile sig_atomic_t given[ORDERS];
static int from_handler, to_loop;

static void put(const struct wakeup_note *note)
{
    ssize_t length = write(to_loop, note, sizeof *note);
    (void)length; /* a full pipe ends the wait as well */
}

static void on_order(int signal)
{
    int error = errno;
    for (int order = 0; order < ORDERS; order++)
        given[order] |= orders[order] == signal;
    put(&(struct wakeup_note){0});
    errno = error;
}

static void on_disk(int signal, siginfo_t *info, void *context)
{
    int error = errno;
    (void)context;
    put(&(struct wakeup_note){signal, info->si_code, info->si_value.sival_int});
    errno = error;
}

static void make_private(int end)
{
    fcntl(end, F_SETFD, fcntl(end, F_GETFD) | FD_CLOEXEC);
    fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK);
}

static int open_both(void)
{
    int ends[2];
    if (pipe(ends) < 0)
        return -1;
    from_handler = ends[0];
    to_loop = ends[1];
    make_private(from_handler);
    make_private(to_loop);
    sigset_t mask = signals_of_the_server();
    struct sigaction order = {.sa_handler = on_order, .sa_mask = mask, .sa_flags = SA_RESTART};
    struct sigaction disk = {.sa_mask = mask, .sa_flags = SA_RESTART | SA_SIGINFO};
    disk.sa_sigaction = on_disk;
    for (int i = 0; i < ORDERS; i++)
        sigaction(orders[i], &order, NULL);
    sigaction(SIGNAL_DISK, &disk, NULL);
    pthread_sigmask(SIG_UNBLOCK, &mask, NULL);
    return from_handler;
}

static size_t take(struct wakeup_note notes[WAKEUP_BATCH])
{
    struct wakeup_note record;
    size_t count = 0;
    while (count < WAKEUP_BATCH &&
           read(from_handler, &record, sizeof record) == (ssize_t)sizeof record)
        if (record.signal != 0)
            notes[count++] = record;
    for (int i = 0; i < ORDERS && count < WAKEUP_BATCH; i++) {
        if (!given[i])
            continue;
        given[i] = 0;
        notes[count++] = (struct wakeup_note){.signal = orders[i]};
    }
    return count;
}

static void close_both(void)
{
    sigset_t mask = signals_of_the_server();
    pthread_sigmask(SIG_BLOCK, &mask, NULL);
    close(from_handler);
    close(to_loop);
}

const struct wakeup wakeup_selfpipe = {
    .choice = {"selfpipe", "flags for orders, records for the disk"},
    .open = open_both,
    .drain = take,
    .close = close_both,
};
