/*
 * How many helpers the C library keeps for POSIX AIO.
 */
#ifndef EVENT_AIO_HELPERS_H
#define EVENT_AIO_HELPERS_H

/*
 * Asks for as many helper threads as there are places, and to keep them for a while when there
 * is nothing to do. Before the first read. A C library that cannot be asked does as it likes.
 */
void aio_helpers_set(unsigned places);

#endif
