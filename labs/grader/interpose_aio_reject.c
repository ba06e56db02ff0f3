/*
 * AIO that rejects: a read that begins at AIO_REJECTS_FROM bytes into its file, or later, does not
 * even begin: aio_read() fails, with EINVAL. That is not EAGAIN, and to wait will not help.
 */
#include <aio.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int (*real_read)(struct aiocb *);
static off_t reject_from;

__attribute__((constructor)) static void begin(void)
{
    const char *value = getenv("AIO_REJECTS_FROM");
    void *found = dlsym(RTLD_NEXT, "aio_read64");
    memcpy(&real_read, &found, sizeof found);
    if (value != NULL)
        reject_from = (off_t)strtoll(value, NULL, 10);
}

int aio_read(struct aiocb *block)
{
    if (block->aio_offset < reject_from)
        return real_read(block);
    errno = EINVAL;
    return -1;
}
