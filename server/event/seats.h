/*
 * How many clients there can be at a time.
 */
#ifndef EVENT_SEATS_H
#define EVENT_SEATS_H

#include "core/options.h"
#include "event/disk.h"
#include "event/poller.h"

/*
 * Divides the descriptors that there are: what is open now stays, one for each place and each
 * buffer is kept back for an open file, the rest are seats. Then no socket's number can reach the
 * poller's limit, and opening a file never fails for want of a descriptor. Writes the places and
 * buffers into `plan` (fewer than asked for, if descriptors are scarce or its backend has a limit)
 * and returns the seats; 0 if there are none.
 */
unsigned seats_plan(const struct options *options, const struct poller *poller,
                    struct disk_plan *plan);

#endif
