/*
 * The disk's signal: which one it is, and how it is told from one that anybody could send.
 *
 * A real-time signal, where there are any: standard signals coalesce (one signal for five thousand
 * reads) and carry no value (signal(7)). Elsewhere it is a doorbell, a standard signal that only
 * says: look. The sweep looks at every read in any case, so a doorbell loses no read; it is only
 * less to count by.
 */
#ifndef CORE_DISK_SIGNAL_H
#define CORE_DISK_SIGNAL_H

#include "core/wakeup.h"

#include <stdbool.h>

/* Its number. */
int disk_signal(void);

/* Whether this note says that a read has ended. */
bool disk_signal_tells(const struct wakeup_note *note);

#endif
