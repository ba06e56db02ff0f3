/*
 * glibc: aio_init(). Unasked, it has at most 20 helpers.
 *
 * They should not stay for long when there is nothing to read: in a process with several threads
 * the kernel counts the users of a descriptor in every call that names one, and select() names
 * many. A server that only has page-cache hits to serve is a little faster without them.
 */
#define _GNU_SOURCE
#include "event/aio_helpers.h"

#include <aio.h>

enum { IDLE_SECONDS = 1 };

void aio_helpers_set(unsigned places)
{
    struct aioinit init = {
        .aio_threads = (int)places, .aio_num = (int)places, .aio_idle_time = IDLE_SECONDS};
    aio_init(&init);
}
