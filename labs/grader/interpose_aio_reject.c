/*
 * AIO that rejects: while the file HOLD_WHILE is there, no read even begins: aio_read() fails with
 * EINVAL. That is not EAGAIN, and to wait will not help.
 */
#include <aio.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int (*real_read)(struct aiocb *);

__attribute__((constructor)) static void begin(void)
{
    void *found = dlsym(RTLD_NEXT, "aio_read64");
    memcpy(&real_read, &found, sizeof found);
}

static int is_rejecting(void)
{
    const char *file = getenv("HOLD_WHILE");
    return file != NULL && access(file, F_OK) == 0;
}

int aio_read(struct aiocb *block)
{
    if (!is_rejecting())
        return real_read(block);
    errno = EINVAL;
    return -1;
}
