/*
 * The read is done on the spot, and the one thread waits for it; so does everybody else.
 *
 * This is what happens when somebody blocks an event loop. Flash (USENIX 1999) calls such a server
 * SPED, "single-process event-driven", and it was how they were built: for want of a nonblocking
 * disk read. O_NONBLOCK on the file would change nothing: a regular file is always "ready".
 */
#include "event/disk.h"

#include <errno.h>
#include <unistd.h>

static bool blocking_open(unsigned places)
{
    return places <= DISK_PLACES_MAX;
}

static enum disk_start blocking_start(struct disk_read *read)
{
    ssize_t bytes = pread(read->file, read->into + read->done, read->length - read->done,
                          (off_t)(read->offset + read->done));
    read->error = bytes < 0 ? errno : 0;
    read->bytes = bytes > 0 ? (size_t)bytes : 0;
    return DISK_FINISHED;
}

/* No read is ever left in flight. */
static bool blocking_check(struct disk_read *read)
{
    (void)read;
    return false;
}

static void blocking_close(void)
{
    /* There is nothing to give back. */
}

const struct disk_backend disk_blocking = {
    .choice = {"blocking", "read on the spot: everybody waits (SPED)"},
    .open = blocking_open,
    .start = blocking_start,
    .check = blocking_check,
    .close = blocking_close,
};
