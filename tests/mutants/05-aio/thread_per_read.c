/*
 * A thread for each read, which then sends the disk's signal. Nobody waits for the disk; but this
 * is the threaded server again, by the back door.
 *
 * Fails: aio_makes_the_read_and_no_thread_of_yours
 * Says: by nothing else
 */
#define _GNU_SOURCE
#include "core/signals.h"
#include "event/disk.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

static struct flight {
    struct disk_read *read;
    int error;
    size_t bytes;
    atomic_bool ended;
} flights[DISK_PLACES_MAX];

static bool aio_open(unsigned places)
{
    return places <= DISK_PLACES_MAX;
}

static void *read_and_tell(void *argument)
{
    struct flight *flight = argument;
    const struct disk_read *read = flight->read;
    ssize_t bytes = pread(read->file, read->into + read->done, read->length - read->done,
                          (off_t)(read->offset + read->done));
    flight->error = bytes < 0 ? errno : 0;
    flight->bytes = bytes > 0 ? (size_t)bytes : 0;
    flight->ended = true;
    kill(getpid(), SIGNAL_DISK);
    return NULL;
}

static enum disk_start aio_start(struct disk_read *read)
{
    struct flight *flight = &flights[read->number];
    pthread_t thread;
    flight->read = read;
    flight->ended = false;
    if (pthread_create(&thread, NULL, read_and_tell, flight) != 0)
        return DISK_NO_ROOM;
    pthread_detach(thread);
    return DISK_STARTED;
}

static bool aio_check(struct disk_read *read)
{
    const struct flight *flight = &flights[read->number];
    if (!flight->ended)
        return false;
    read->error = flight->error;
    read->bytes = flight->bytes;
    return true;
}

static void aio_close(void)
{
}

const struct disk_backend disk_aio = {
    .choice = {"aio", "a thread for each read"},
    .open = aio_open,
    .start = aio_start,
    .check = aio_check,
    .close = aio_close,
};
