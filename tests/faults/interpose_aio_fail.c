/*
 * A disk with bad blocks: reads that begin at AIO_FAILS_FROM bytes into their file, or later, end
 * with EIO (S14). They are carried out all the same, so that their signals come.
 */
#include <aio.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int (*real_error)(const struct aiocb *);
static ssize_t (*real_return)(struct aiocb *);
static off_t bad_from;

__attribute__((constructor)) static void begin(void)
{
    const char *value = getenv("AIO_FAILS_FROM");
    void *error = dlsym(RTLD_NEXT, "aio_error64"), *result = dlsym(RTLD_NEXT, "aio_return64");
    memcpy(&real_error, &error, sizeof error);
    memcpy(&real_return, &result, sizeof result);
    if (value != NULL)
        bad_from = (off_t)strtoll(value, NULL, 10);
}

int aio_error(const struct aiocb *block)
{
    int error = real_error(block);
    return error != EINPROGRESS && block->aio_offset >= bad_from ? EIO : error;
}

ssize_t aio_return(struct aiocb *block)
{
    ssize_t bytes = real_return(block);
    return block->aio_offset >= bad_from ? -1 : bytes;
}
