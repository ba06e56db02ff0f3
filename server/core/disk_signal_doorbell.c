/*
 * No real-time signals (macOS): a standard one. Several reads may have ended when it comes, and
 * nothing in it says whose, nor who has sent it (XNU calls psignal(), bsd/kern/kern_aio.c).
 *
 * SIGUSR1 is taken: it prints the request table.
 */
#include "core/disk_signal.h"

#include <signal.h>

int disk_signal(void)
{
    return SIGUSR2;
}

bool disk_signal_tells(const struct wakeup_note *note)
{
    return note->signal == SIGUSR2;
}
