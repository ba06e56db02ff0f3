/*
 * More than we have places. Should the system have less to give at some moment, aio_read() says
 * EAGAIN, and the read waits for another to end.
 */
#include "event/aio_limit.h"
#include "event/disk.h"

unsigned aio_limit(void)
{
    return DISK_PLACES_MAX;
}
