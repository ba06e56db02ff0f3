/*
 * Lab 05: POSIX AIO. aio_read(3) starts a read and returns at once; when the read has ended, a
 * signal comes. This is the textbook's nonblocking disk read whose reply is a signal.
 *
 * Your work: aio_start() and aio_check(), and the helpers in aio_open(). What each of them must do
 * says event/disk.h, in "struct disk_backend"; in which order, the handout (README.md).
 *
 * As it is, every read fails on the spot, and every client gets a 500.
 */
#include "core/signals.h"
#include "event/aio_helpers.h"
#include "event/aio_limit.h"
#include "event/disk.h"

#include <aio.h>
#include <errno.h>
#include <stdio.h>

/* Says on standard error, once, what is to be done next. Delete it with its last call. */
static void todo(const char *step)
{
    static const char *said;
    if (step != said)
        fprintf(stderr, "TODO, lab 05, %s\n", step);
    said = step;
}

/* Prepares for `places` reads in flight. */
static bool aio_open(unsigned places)
{
    /* Step 4: without asking, glibc has 20 helpers. See event/aio_helpers.h. */
    return places <= DISK_PLACES_MAX;
}

/* Starts to read the rest of what `read` wants: from `offset + done` into `into + done`. */
static enum disk_start aio_start(struct disk_read *read)
{
    /*
     * Step 1: fill in a control block (struct aiocb) and call aio_read(). Which of the three
     * answers of enum disk_start is it then?
     */
    todo("step 1: fill in a struct aiocb and call aio_read() in aio_start()");
    read->bytes = 0;
    read->error = ENOSYS;
    return DISK_FINISHED;
}

/* Looks, without waiting, whether the read has ended. True once, with `bytes` and `error` set. */
static bool aio_check(struct disk_read *read)
{
    /* Step 2: aio_error(), and when it has ended, aio_return(), exactly once. */
    todo("step 2: ask aio_error() whether the read has ended, in aio_check()");
    (void)read;
    return false;
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
