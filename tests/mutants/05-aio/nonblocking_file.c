/*
 * O_NONBLOCK is set on the file, and the file is read when poll() says that it is ready. It is
 * always ready, and then read() waits for the disk, O_NONBLOCK or not.
 *
 * Fails: hot_requests_are_answered_while_a_read_is_held
 * Says: in the first thread
 */
#include "event/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

static bool aio_open(unsigned places)
{
    return places <= DISK_PLACES_MAX;
}

static enum disk_start aio_start(struct disk_read *read)
{
    int flags = fcntl(read->file, F_GETFL);
    if (flags != -1 && fcntl(read->file, F_SETFL, flags | O_NONBLOCK) != -1)
        return DISK_STARTED;
    read->bytes = 0;
    read->error = errno;
    return DISK_FINISHED;
}

static bool aio_check(struct disk_read *read)
{
    struct pollfd watched = {.fd = read->file, .events = POLLIN};
    if (poll(&watched, 1, 0) == 0)
        return false;
    ssize_t bytes = pread(read->file, read->into + read->done, read->length - read->done,
                          (off_t)(read->offset + read->done));
    if (bytes == -1 && errno == EAGAIN)
        return false;
    read->error = bytes < 0 ? errno : 0;
    read->bytes = bytes > 0 ? (size_t)bytes : 0;
    return true;
}

static void aio_close(void)
{
}

const struct disk_backend disk_aio = {
    .choice = {"aio", "files that do not block"},
    .open = aio_open,
    .start = aio_start,
    .check = aio_check,
    .close = aio_close,
};
