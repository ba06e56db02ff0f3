/*
 * What one model may do otherwise than another. Here, and nowhere else, the suites that every
 * model must pass learn of it; whatever is not named here is the same for all.
 *
 *  - single: a connection brings one request; its reply says "Connection: close".
 *  - single and threads: a client has a whole thread while it is served, so that slow ones can
 *    take all of them, and no more clients are in the server than it has threads. A thread has its
 *    memory for itself, with a piece of a large file.
 *  - single, and event with blocking reads: one read of the disk at a time, and the server is deaf
 *    meanwhile. So it is, too, with --nowait while slowdisk holds the very question whether the
 *    kernel has the bytes.
 *
 * Which model it is, the environment variable THREEWAYS_OPTIONS tells (see server_process.h).
 */
#ifndef INTEGRATION_DIFFERENCES_H
#define INTEGRATION_DIFFERENCES_H

#include "support/http_client.h"

#include <stdbool.h>

/* Whether a client may send another request on its connection. */
bool connections_are_kept(void);

/* Whether many clients can be in mid-request, and nobody else waits for them. */
bool clients_cost_no_thread(void);

/* Whether a read of the disk can be held, and the server goes on. */
bool reads_hold_nobody_up(void);

/* What a server's threads may have, and keep, that the memory of a new one does not yet show. */
int64_t kept_memory_kib(void);

enum { STATUSES_BYTES = 400 };

/*
 * Writes the statuses, of "404,200" or "405|501,200", that are to be expected from the server at
 * hand: where a connection is not kept, the first of each alternative. Returns `text`.
 */
const char *statuses_to_expect(const char *statuses, char text[STATUSES_BYTES]);

/* What is wrong if a connection that is not kept goes on, or an answer does not say so; or NULL. */
const char *fault_of_ending(const struct http_connection *talk);

/* A pattern of SIGUSR1's report: nobody is being served. */
#define NOBODY_IS_SERVED "\n  0 of [0-9]+ (slots in use|threads serve a client)\n"

#endif
