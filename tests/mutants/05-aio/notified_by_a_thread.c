/*
 * SIGEV_THREAD: AIO calls a function of ours in a thread that it makes for that, and the function
 * sends the signal. So there is application code in a second thread.
 *
 * Fails: signal_ends_the_wait
 * Says: SIGEV_THREAD is refused
 */
#define _GNU_SOURCE
#include "core/signals.h"
#include "event/aio_helpers.h"
#include "event/disk.h"

#include <aio.h>
#include <errno.h>
#include <unistd.h>

static struct aiocb blocks[DISK_PLACES_MAX];

static bool aio_open(unsigned places)
{
    aio_helpers_set(places);
    return places <= DISK_PLACES_MAX;
}

static void tell(union sigval value)
{
    sigqueue(getpid(), SIGNAL_DISK, value);
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
    block->aio_sigevent.sigev_notify = read->quiet ? SIGEV_NONE : SIGEV_THREAD;
    block->aio_sigevent.sigev_notify_function = tell;
    block->aio_sigevent.sigev_value.sival_int = read->token;
    if (aio_read(block) == 0)
        return DISK_STARTED;
    if (errno == EAGAIN)
        return DISK_NO_ROOM;
    read->bytes = 0;
    read->error = errno;
    return DISK_FINISHED;
}

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
}

const struct disk_backend disk_aio = {
    .choice = {"aio", "POSIX AIO, and a thread that tells"},
    .open = aio_open,
    .start = aio_start,
    .check = aio_check,
    .close = aio_close,
};
