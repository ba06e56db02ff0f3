/*
 * Signals that get lost: reads end, but nobody tells (trap 2). This is what musl does when the
 * signal finds no room in the kernel's queue.
 */
#include <aio.h>
#include <dlfcn.h>
#include <signal.h>
#include <string.h>

static int (*real_read)(struct aiocb *);

__attribute__((constructor)) static void begin(void)
{
    void *found = dlsym(RTLD_NEXT, "aio_read64");
    memcpy(&real_read, &found, sizeof found);
}

int aio_read(struct aiocb *block)
{
    block->aio_sigevent.sigev_notify = SIGEV_NONE;
    return real_read(block);
}
