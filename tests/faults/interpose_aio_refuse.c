/*
 * AIO that refuses: every AIO_REFUSES_EVERY-th aio_read() fails with EAGAIN, as it does where the
 * system lacks a thread or a slot (S13). With 1, no read is ever started.
 *
 * Compiled with the server's own flags, so that aio_read is the same symbol (aio_read64) here.
 */
#include <aio.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int (*real_read)(struct aiocb *);
static unsigned long every = 1, calls;

__attribute__((constructor)) static void begin(void)
{
    const char *value = getenv("AIO_REFUSES_EVERY");
    void *found = dlsym(RTLD_NEXT, "aio_read64");
    memcpy(&real_read, &found, sizeof found);
    if (value != NULL)
        every = strtoul(value, NULL, 10);
}

int aio_read(struct aiocb *block)
{
    if (++calls % every != 0)
        return real_read(block);
    errno = EAGAIN;
    return -1;
}
