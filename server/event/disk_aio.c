/*
 * POSIX AIO: aio_read(3) starts a read and returns at once; when the read has ended, a signal
 * comes (SIGEV_SIGNAL). This is the textbook's nonblocking disk read whose reply is a signal.
 *
 * To be honest: glibc and musl have threads of their own carry the reads out, so "one thread"
 * means one application thread. And a request on a descriptor waits for the one before it on the
 * same descriptor, so each read has a file that was opened for it alone.
 */
#include "core/signals.h"
#include "event/aio_helpers.h"
#include "event/aio_limit.h"
#include "event/disk.h"

#include <aio.h>
#include <errno.h>

static struct aiocb blocks[DISK_PLACES_MAX]; /* one for each place */

static bool aio_open(unsigned places)
{
    aio_helpers_set(places);
    return places <= DISK_PLACES_MAX;
}

static enum disk_start aio_start(struct disk_read *read)
{
    struct aiocb *block = &blocks[read->number];
    *block = (struct aiocb){
        .aio_fildes = read->file,
        .aio_buf = read->into + read->done,
        .aio_nbytes = read->length - read->done,
        .aio_offset = (off_t)(read->offset + read->done),
    };
    block->aio_sigevent.sigev_notify = read->quiet ? SIGEV_NONE : SIGEV_SIGNAL;
    block->aio_sigevent.sigev_signo = SIGNAL_DISK;
    block->aio_sigevent.sigev_value.sival_int = read->token;
    if (aio_read(block) == 0)
        return DISK_STARTED;
    if (errno == EAGAIN || errno == EOPNOTSUPP) /* FreeBSD, for files of a network (aio(4)) */
        return DISK_NO_ROOM;
    read->bytes = 0;
    read->error = errno;
    return DISK_FINISHED;
}

/* aio_error() alone decides; aio_return() is called exactly once, and frees what AIO holds. */
static bool aio_check(struct disk_read *read)
{
    struct aiocb *block = &blocks[read->number];
    int error = aio_error(block);
    if (error == EINPROGRESS)
        return false;
    ssize_t bytes = aio_return(block);
    read->error = error;
    read->bytes = bytes > 0 ? (size_t)bytes : 0;
    return true;
}

static void aio_close(void)
{
    /* Nothing is in flight any more; the helpers end by themselves. */
}

const struct disk_backend disk_aio = {
    .choice = {"aio", "POSIX AIO; a signal tells that a read has ended"},
    .open = aio_open,
    .start = aio_start,
    .check = aio_check,
    .close = aio_close,
    .places_max = aio_limit,
};
