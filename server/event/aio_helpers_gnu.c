/*
 * glibc: aio_init(). Unasked, it has at most 20 helpers, and each ends after a second of idleness
 * and must be made anew.
 */
#define _GNU_SOURCE
#include "event/aio_helpers.h"

#include <aio.h>

enum { IDLE_SECONDS = 60 };

void aio_helpers_set(unsigned places)
{
    struct aioinit init = {
        .aio_threads = (int)places, .aio_num = (int)places, .aio_idle_time = IDLE_SECONDS};
    aio_init(&init);
}
