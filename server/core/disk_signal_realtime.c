/*
 * The first real-time signal. SIGRTMIN is not a constant: libc keeps the first few for itself,
 * glibc and musl a different number, and on FreeBSD it is 65.
 */
#include "core/disk_signal.h"

#include <signal.h>

int disk_signal(void)
{
    return SIGRTMIN;
}

/* Anybody may send the signal with kill(1); SI_ASYNCIO comes with a read that has ended. */
bool disk_signal_tells(const struct wakeup_note *note)
{
    return note->signal == SIGRTMIN && note->code == SI_ASYNCIO;
}
