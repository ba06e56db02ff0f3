/*
 * The wake-up: what turns a signal into a readable descriptor.
 *
 * A signal may come at any moment, also between the moment when the loop decides to wait and the
 * moment when it waits: a flag set by a handler there is seen one whole wait too late. A
 * descriptor has no such gap, because select() looks at it in the kernel: whatever was written
 * before makes it return at once (D. J. Bernstein's self-pipe; signalfd(2)).
 *
 * A signal is a hint and the request table is the truth: the kernel's queue of real-time signals
 * can be full (RLIMIT_SIGPENDING), and so can a pipe. What a note says is never dereferenced.
 */
#ifndef CORE_WAKEUP_H
#define CORE_WAKEUP_H

#include "core/choice.h"

#include <stddef.h>

/* One signal that has come. Three ints, so that a record in a pipe has no padding. */
struct wakeup_note {
    int signal;
    int code;  /* si_code: SI_ASYNCIO where the system sent it for a finished read */
    int token; /* sigev_value.sival_int of a finished read */
};

enum { WAKEUP_BATCH = 32 }; /* notes taken at a time: one system call for all of them */

struct wakeup {
    struct choice choice;

    /*
     * Starts taking the signals of signals_of_the_server(), which must be blocked. Returns a
     * descriptor that is readable while notes wait, or -1 with errno set. One at a time in a
     * process: signal handlers belong to the process.
     */
    int (*open)(void);

    /*
     * Takes notes that have come, without waiting; returns how many. Fewer than WAKEUP_BATCH
     * means that all were taken. Drain first, then look for what has finished: the other way
     * round a completion in between would be slept on.
     */
    size_t (*drain)(struct wakeup_note notes[WAKEUP_BATCH]);

    /* Stops; the signals stay blocked. */
    void (*close)(void);
};

/*
 * The list to choose from, made by the build from the files that it links; NULL ends it, and the
 * first is the default. `wakeup_choices` is the same list seen as names and summaries.
 */
extern const struct wakeup *const wakeups[];
extern const struct choice *const wakeup_choices[];

#endif
