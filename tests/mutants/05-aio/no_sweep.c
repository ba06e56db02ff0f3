/*
 * A signal of one's own, with a handler that notes down which read has ended; a read whose signal
 * has not come is not asked about. One signal that is lost, and its client waits for ever.
 *
 * Fails: full_queue_of_signals_loses_no_read
 * Says: check\(\) tells what aio_error\(\) says
 */
#define _GNU_SOURCE
#include "core/signals.h"
#include "event/aio_helpers.h"
#include "event/disk.h"

#include <aio.h>
#include <errno.h>
#include <stddef.h>

static struct aiocb blocks[DISK_PLACES_MAX];
static volatile sig_atomic_t told[DISK_PLACES_MAX];

static void take_signal(int signal, siginfo_t *info, void *context)
{
    unsigned place = (unsigned)info->si_value.sival_int;
    (void)signal;
    (void)context;
    if (place < DISK_PLACES_MAX)
        told[place] = 1;
}

static bool aio_open(unsigned places)
{
    struct sigaction action = {.sa_sigaction = take_signal, .sa_flags = SA_SIGINFO};
    aio_helpers_set(places);
    return sigaction(SIGRTMIN + 1, &action, NULL) == 0 && places <= DISK_PLACES_MAX;
}

static enum disk_start aio_start(struct disk_read *read)
{
    told[read->number] = 0;
    struct aiocb *block = &blocks[read->number];
    *block = (struct aiocb){
        .aio_fildes = read->file,
        .aio_buf = read->into + read->done,
        .aio_nbytes = read->length - read->done,
        .aio_offset = (off_t)(read->offset + read->done),
    };
    block->aio_sigevent.sigev_notify = read->quiet ? SIGEV_NONE : SIGEV_SIGNAL;
    block->aio_sigevent.sigev_signo = SIGRTMIN + 1;
    block->aio_sigevent.sigev_value.sival_int = (int)read->number;
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
    if (!told[read->number])
        return false;
    int error = aio_error(block);
    ssize_t bytes = aio_return(block);
    read->error = error;
    read->bytes = bytes > 0 ? (size_t)bytes : 0;
    return true;
}

static void aio_close(void)
{
}

const struct disk_backend disk_aio = {
    .choice = {"aio", "POSIX AIO, and a handler that is believed"},
    .open = aio_open,
    .start = aio_start,
    .check = aio_check,
    .close = aio_close,
};
