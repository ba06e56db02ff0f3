/*
 * Which signals the server takes, and how they are kept away from everything else.
 *
 * A signal interrupts whatever runs. So all of ours are blocked first thing in main, before any
 * thread exists (threads inherit the mask; AIO's helpers are threads), and only a wake-up takes
 * them, as events, at a moment of its own choosing.
 */
#ifndef CORE_SIGNALS_H
#define CORE_SIGNALS_H

#include <signal.h>

/*
 * The disk's signal. A real-time signal, because standard signals coalesce (one signal for five
 * thousand completions) and carry no value (signal(7)). SIGRTMIN is not a constant: libc keeps
 * the first few for itself, glibc and musl a different number.
 */
#define SIGNAL_DISK SIGRTMIN

/*
 * Blocks the signals that wake the server (SIGINT, SIGTERM, SIGUSR1 and the disk's) in the
 * calling thread, and ignores SIGPIPE: a client that has gone is an ordinary error of send().
 * To be called first thing in main.
 */
void signals_block(void);

/* The set that signals_block() blocks. */
sigset_t signals_of_the_server(void);

#endif
