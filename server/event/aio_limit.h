/*
 * How many reads POSIX AIO takes from one process at a time.
 */
#ifndef EVENT_AIO_LIMIT_H
#define EVENT_AIO_LIMIT_H

unsigned aio_limit(void);

#endif
