/*
 * Asking whether the kernel has a file's bytes in memory, and taking them if so.
 *
 * POSIX AIO costs some ten times a pread() when nothing has to be fetched. Flash (USENIX 1999)
 * asked with mincore() first; Linux can answer and deliver in one call.
 */
#ifndef EVENT_NOWAIT_H
#define EVENT_NOWAIT_H

#include "event/disk.h"

/* Whether this system can be asked at all. */
extern const bool disk_can_nowait;

/*
 * Reads what can be had without waiting for the disk, into the beginning of what `read` wants.
 * Returns how many bytes: 0 if none, or if the file system does not answer.
 */
size_t disk_read_nowait(const struct disk_read *read);

#endif
