/*
 * Right, and written differently: a table indexed by what the signal says, the request's slot, and
 * not by its place at the disk. A flight remembers whether it is under way.
 */
#include "core/signals.h"
#include "event/aio_helpers.h"
#include "event/aio_limit.h"
#include "event/disk.h"
#include "event/request_table.h"

#include <aio.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>

enum { SLOT_MASK = (1 << TOKEN_SLOT_BITS) - 1 };

struct flight {
    struct aiocb block;
    bool is_under_way;
};

static struct flight *flights; /* one for each slot of the request table */

static bool table_open(unsigned places)
{
    aio_helpers_set(places);
    flights = calloc(FD_SETSIZE, sizeof *flights);
    return flights != NULL;
}

static struct flight *flight_of(const struct disk_read *read)
{
    return &flights[read->token & SLOT_MASK];
}

static void describe(const struct disk_read *read, struct aiocb *block)
{
    struct sigevent *event = &block->aio_sigevent;
    memset(block, 0, sizeof *block);
    block->aio_fildes = read->file;
    block->aio_offset = (off_t)read->offset + (off_t)read->done;
    block->aio_buf = &read->into[read->done];
    block->aio_nbytes = read->length - read->done;
    event->sigev_notify = SIGEV_NONE;
    if (read->quiet)
        return;
    event->sigev_notify = SIGEV_SIGNAL;
    event->sigev_signo = SIGNAL_DISK;
    event->sigev_value.sival_int = read->token;
}

static enum disk_start table_start(struct disk_read *read)
{
    struct flight *flight = flight_of(read);
    describe(read, &flight->block);
    flight->is_under_way = aio_read(&flight->block) == 0;
    if (flight->is_under_way)
        return DISK_STARTED;
    if (errno == EAGAIN)
        return DISK_NO_ROOM;
    read->error = errno;
    read->bytes = 0;
    return DISK_FINISHED;
}

static bool table_check(struct disk_read *read)
{
    struct flight *flight = flight_of(read);
    if (!flight->is_under_way)
        return false;
    int error = aio_error(&flight->block);
    if (error == EINPROGRESS)
        return false;
    ssize_t result = aio_return(&flight->block);
    flight->is_under_way = false;
    read->error = error;
    read->bytes = error == 0 ? (size_t)result : 0;
    return true;
}

static void table_close(void)
{
    free(flights);
    flights = NULL;
}

const struct disk_backend disk_aio = {
    .choice = {"aio", "POSIX AIO, a table by slot"},
    .open = table_open,
    .start = table_start,
    .check = table_check,
    .close = table_close,
    .places_max = aio_limit,
};
