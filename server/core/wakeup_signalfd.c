/*
 * signalfd(2): the kernel's own way to read signals from a descriptor. Linux only.
 */
#include "core/signals.h"
#include "core/wakeup.h"

#include <sys/signalfd.h>
#include <unistd.h>

static int descriptor = -1;

static int signalfd_open(void)
{
    sigset_t set = signals_of_the_server();
    descriptor = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return descriptor;
}

static size_t signalfd_drain(struct wakeup_note notes[WAKEUP_BATCH])
{
    struct signalfd_siginfo records[WAKEUP_BATCH];
    ssize_t got = read(descriptor, records, sizeof records);
    size_t count = got > 0 ? (size_t)got / sizeof *records : 0;
    for (size_t i = 0; i < count; i++)
        notes[i] = (struct wakeup_note){.signal = (int)records[i].ssi_signo,
                                        .code = records[i].ssi_code,
                                        .token = records[i].ssi_int};
    return count;
}

static void signalfd_close(void)
{
    close(descriptor);
    descriptor = -1;
}

const struct wakeup wakeup_signalfd = {
    .choice = {"signalfd", "the kernel's descriptor for signals (Linux)"},
    .open = signalfd_open,
    .drain = signalfd_drain,
    .close = signalfd_close,
};
