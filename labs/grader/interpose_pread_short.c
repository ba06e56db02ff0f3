/*
 * A disk that answers in small portions: pread() brings at most PREAD_SHORT_BYTES, and every third
 * call is interrupted (EINTR) before it has begun. Both are a read's right.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INTERRUPTED_EVERY = 3 };

static ssize_t (*real_pread)(int, void *, size_t, off_t);
static size_t most_bytes = 1;

__attribute__((constructor)) static void begin(void)
{
    const char *value = getenv("PREAD_SHORT_BYTES");
    void *found = dlsym(RTLD_NEXT, "pread64");
    memcpy(&real_pread, &found, sizeof found);
    if (value != NULL)
        most_bytes = strtoul(value, NULL, 10);
}

ssize_t pread(int file, void *bytes, size_t length, off_t offset)
{
    static _Atomic unsigned calls;
    if (++calls % INTERRUPTED_EVERY == 0) {
        errno = EINTR;
        return -1;
    }
    return real_pread(file, bytes, length < most_bytes ? length : most_bytes, offset);
}
