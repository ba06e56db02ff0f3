/*
 * openat2(2) with RESOLVE_BENEATH: the kernel itself refuses to leave the root, without a gap
 * between check and use. Linux 5.6 and later; some containers forbid it.
 */
#define _GNU_SOURCE
#include "core/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* From <linux/openat2.h>, which not every C library brings with it. */
struct open_how_v0 {
    uint64_t flags, mode, resolve;
};
enum { NO_MAGICLINKS = 0x02, BENEATH = 0x08 };

static int openat2_open(int root, const char *path, int flags)
{
    struct open_how_v0 how = {.flags = (uint64_t)(unsigned)flags,
                              .resolve = BENEATH | NO_MAGICLINKS};
    return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

static bool openat2_works(void)
{
    int descriptor = openat2_open(AT_FDCWD, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return errno != ENOSYS && errno != EPERM;
    close(descriptor);
    return true;
}

const struct beneath beneath_openat2 = {
    .name = "openat2",
    .works = openat2_works,
    .open = openat2_open,
};
