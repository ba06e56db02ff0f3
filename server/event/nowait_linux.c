/* preadv2(2) with RWF_NOWAIT: EAGAIN instead of waiting; EOPNOTSUPP on some file systems. */
#define _GNU_SOURCE
#include "event/nowait.h"

#include <sys/uio.h>

const bool disk_can_nowait = true;

size_t disk_read_nowait(const struct disk_read *read)
{
    struct iovec place = {.iov_base = read->into, .iov_len = read->length};
    ssize_t bytes = preadv2(read->file, &place, 1, (off_t)read->offset, RWF_NOWAIT);
    return bytes > 0 ? (size_t)bytes : 0;
}
