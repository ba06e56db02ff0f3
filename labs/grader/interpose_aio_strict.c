/*
 * AIO as strict as a system may be: so many requests at a time and no more (AIO_SLOTS, or 16, as
 * on macOS), and each is taken until aio_return(). SIGEV_THREAD is refused, as macOS does.
 *
 * What POSIX calls undefined ends the server, with a line that says why: a control block started
 * anew while it is in use, a result that is fetched too early, twice, or of what never was
 * started. A block that was returned is filled with garbage, for a careless next use to trip over.
 */
#include <aio.h>
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS_USUAL = 16, SLOTS_MAX = 1024, GARBAGE = 0xA5 };

static int (*real_read)(struct aiocb *);
static int (*real_error)(const struct aiocb *);
static ssize_t (*real_return)(struct aiocb *);
static const struct aiocb *slots[SLOTS_MAX];
static size_t slot_count = SLOTS_USUAL;

__attribute__((constructor)) static void begin(void)
{
    const char *value = getenv("AIO_SLOTS");
    void *read = dlsym(RTLD_NEXT, "aio_read64"), *error = dlsym(RTLD_NEXT, "aio_error64"),
         *result = dlsym(RTLD_NEXT, "aio_return64");
    memcpy(&real_read, &read, sizeof read);
    memcpy(&real_error, &error, sizeof error);
    memcpy(&real_return, &result, sizeof result);
    if (value != NULL && strtoul(value, NULL, 10) < SLOTS_MAX)
        slot_count = strtoul(value, NULL, 10);
}

static void demand(int is_met, const char *what)
{
    if (is_met)
        return;
    fprintf(stderr, "strict AIO: %s\n", what);
    abort();
}

/* The slot that a request holds; for NULL, one that is free. */
static const struct aiocb **slot_of(const struct aiocb *block)
{
    for (size_t i = 0; i < slot_count; i++)
        if (slots[i] == block)
            return &slots[i];
    return NULL;
}

int aio_read(struct aiocb *block)
{
    const struct aiocb **slot = slot_of(NULL);
    demand(slot_of(block) == NULL, "aio_read() with a control block that is still in use: each "
                                   "read in flight needs its own, until aio_return()");
    if (block->aio_sigevent.sigev_notify == SIGEV_THREAD) {
        fprintf(stderr, "strict AIO: SIGEV_THREAD is refused: the function would run in another "
                        "thread of yours\n");
        errno = EINVAL;
        return -1;
    }
    if (slot == NULL) {
        errno = EAGAIN;
        return -1;
    }
    int result = real_read(block);
    if (result == 0)
        *slot = block;
    return result;
}

ssize_t aio_return(struct aiocb *block)
{
    const struct aiocb **slot = slot_of(block);
    demand(slot != NULL, "aio_return() for what is not in flight: twice for one read?");
    demand(real_error(block) != EINPROGRESS, "aio_return() before the read has ended: "
                                             "aio_error() said EINPROGRESS");
    ssize_t bytes = real_return(block);
    memset(block, GARBAGE, sizeof *block);
    *slot = NULL;
    return bytes;
}
