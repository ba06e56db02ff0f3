/*
 * No signal from AIO, but one from a timer: every millisecond, as long as a read is in flight, the
 * loop is woken to ask.
 *
 * Fails: server_rests_while_a_read_is_held
 * Says: woke up
 */
#define _GNU_SOURCE
#include "core/signals.h"
#include "event/aio_helpers.h"
#include "event/disk.h"

#include <aio.h>
#include <errno.h>
#include <time.h>

enum { EVERY_NS = 1000000 };

static struct aiocb blocks[DISK_PLACES_MAX];
static timer_t timer;
static unsigned in_flight;

static bool aio_open(unsigned places)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGNAL_DISK};
    aio_helpers_set(places);
    return timer_create(CLOCK_MONOTONIC, &event, &timer) == 0 && places <= DISK_PLACES_MAX;
}

static void set_timer(void)
{
    struct itimerspec when = {.it_value.tv_nsec = in_flight > 0 ? EVERY_NS : 0,
                              .it_interval.tv_nsec = EVERY_NS};
    timer_settime(timer, 0, &when, NULL);
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
    block->aio_sigevent.sigev_notify = SIGEV_NONE;
    if (aio_read(block) == 0) {
        in_flight++;
        set_timer();
        return DISK_STARTED;
    }
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
    in_flight--;
    set_timer();
    ssize_t bytes = aio_return(block);
    read->error = error;
    read->bytes = bytes > 0 ? (size_t)bytes : 0;
    return true;
}

static void aio_close(void)
{
}

const struct disk_backend disk_aio = {
    .choice = {"aio", "POSIX AIO, and a timer to ask by"},
    .open = aio_open,
    .start = aio_start,
    .check = aio_check,
    .close = aio_close,
};
