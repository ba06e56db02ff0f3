/* Where the kernel cannot be asked: nothing can be had at once. */
#include "event/nowait.h"

const bool disk_can_nowait = false;

size_t disk_read_nowait(const struct disk_read *read)
{
    (void)read;
    return 0;
}
