/*
 * Which signals the server takes, and how they are kept away from everything else.
 *
 * A signal interrupts whatever runs. So all of ours are blocked first thing in main, before any
 * thread exists (threads inherit the mask; AIO's helpers are threads), and only a wake-up takes
 * them, as events, at a moment of its own choosing.
 */
#ifndef CORE_SIGNALS_H
#define CORE_SIGNALS_H

#include "core/disk_signal.h"

#include <signal.h>

/* The disk's signal. It is not a constant, as SIGRTMIN is none. */
#define SIGNAL_DISK disk_signal()

/*
 * Blocks the signals that wake the server (SIGINT, SIGTERM, SIGUSR1 and the disk's) in the
 * calling thread, and ignores SIGPIPE: a client that has gone is an ordinary error of send().
 * To be called first thing in main.
 */
void signals_block(void);

/* The set that signals_block() blocks. */
sigset_t signals_of_the_server(void);

#endif
