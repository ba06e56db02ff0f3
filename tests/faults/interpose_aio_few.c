/*
 * AIO as macOS has it: at most 16 requests at a time, and one holds its slot until aio_return()
 * (trap 22). A request that is returned twice, or was never started, ends the server at once:
 * that would free what somebody else holds. What is left in a request that was returned is
 * garbage, for the next one to trip over (trap 20).
 */
#include <aio.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 16, GARBAGE = 0xA5 };

static int (*real_read)(struct aiocb *);
static ssize_t (*real_return)(struct aiocb *);
static const struct aiocb *slots[SLOTS];

__attribute__((constructor)) static void begin(void)
{
    void *read = dlsym(RTLD_NEXT, "aio_read64"), *result = dlsym(RTLD_NEXT, "aio_return64");
    memcpy(&real_read, &read, sizeof read);
    memcpy(&real_return, &result, sizeof result);
}

/* The slot that a request holds; for NULL, one that is free. */
static const struct aiocb **slot_of(const struct aiocb *block)
{
    for (int i = 0; i < SLOTS; i++)
        if (slots[i] == block)
            return &slots[i];
    return NULL;
}

int aio_read(struct aiocb *block)
{
    const struct aiocb **slot = slot_of(NULL);
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
    if (slot == NULL)
        abort();
    ssize_t bytes = real_return(block);
    memset(block, GARBAGE, sizeof *block);
    *slot = NULL;
    return bytes;
}
