/*
 * Right, and written differently: a list of reads that are pending. A control block is allocated
 * with each, and freed when the result has been fetched.
 */
#include "core/list.h"
#include "core/signals.h"
#include "event/aio_helpers.h"
#include "event/disk.h"

#include <aio.h>
#include <errno.h>
#include <stdlib.h>

struct pending {
    struct link link;
    const struct disk_read *read;
    struct aiocb block;
};

static struct link pending;

static bool list_open(unsigned places)
{
    list_init(&pending);
    aio_helpers_set(places);
    return true;
}

static struct pending *find(const struct disk_read *read)
{
    for (struct link *link = list_first(&pending); link != NULL; link = list_next(&pending, link)) {
        struct pending *one = list_member(link, struct pending, link);
        if (one->read == read)
            return one;
    }
    return NULL;
}

/* aio_read() has failed, or there is no memory, which is as good as no room. */
static enum disk_start give_up(struct disk_read *read, struct pending *one, int error)
{
    free(one);
    if (error == EAGAIN || error == ENOMEM)
        return DISK_NO_ROOM;
    read->bytes = 0;
    read->error = error;
    return DISK_FINISHED;
}

static enum disk_start list_start(struct disk_read *read)
{
    struct pending *one = calloc(1, sizeof *one);
    if (one == NULL)
        return give_up(read, one, ENOMEM);
    one->read = read;
    one->block.aio_fildes = read->file;
    one->block.aio_buf = read->into + read->done;
    one->block.aio_nbytes = read->length - read->done;
    one->block.aio_offset = (off_t)(read->offset + read->done);
    one->block.aio_sigevent.sigev_notify = read->quiet ? SIGEV_NONE : SIGEV_SIGNAL;
    one->block.aio_sigevent.sigev_signo = SIGNAL_DISK;
    one->block.aio_sigevent.sigev_value.sival_int = read->token;
    if (aio_read(&one->block) == -1)
        return give_up(read, one, errno);
    list_append(&pending, &one->link);
    return DISK_STARTED;
}

static bool list_check(struct disk_read *read)
{
    struct pending *one = find(read);
    if (one == NULL || aio_error(&one->block) == EINPROGRESS)
        return false;
    read->error = aio_error(&one->block);
    ssize_t bytes = aio_return(&one->block);
    read->bytes = bytes < 0 ? 0 : (size_t)bytes;
    list_remove(&one->link);
    free(one);
    return true;
}

/* What is still in flight at the end stays the reads' own. */
static void list_close(void)
{
}

const struct disk_backend disk_aio = {
    .choice = {"aio", "POSIX AIO, a list of what is pending"},
    .open = list_open,
    .start = list_start,
    .check = list_check,
    .close = list_close,
};
