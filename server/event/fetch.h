/*
 * How a request gets a file's bytes: a place at the disk, a read, and what its end brings.
 */
#ifndef EVENT_FETCH_H
#define EVENT_FETCH_H

#include "event/request_table.h"

/*
 * The file is found, and must be read. MISS: the request has its place (and buffer), and a file
 * for the cache is listed as loading, for others to join. BUSY: there is no place; nothing is
 * held. HIT: there is no memory, and the reply says so.
 */
enum event fetch_reserve(struct request *request, bool needs_buffer);

/* Starts the next read: a whole file into its cache entry, or a piece of one into the buffer. */
enum event fetch_start(struct request *request);

/*
 * The read has ended, well or not. Those who joined it are told, what was read is put where the
 * reply takes it from, and the place is given back.
 */
void fetch_end(struct request *request, bool failed);

#endif
