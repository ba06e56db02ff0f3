/*
 * Deadlines: how long a test waits for what ought to happen.
 *
 * Nothing in these tests sleeps and hopes. Every wait is for an event (bytes, a closed connection,
 * a process that ends) and has a deadline; a deadline that passes is a failure that says so.
 *
 * The environment variable SCALE stretches every deadline (SCALE=10 under valgrind). No deadline is
 * longer than DEADLINE_MOST_MS milliseconds, if that is set: for a server that is known to be
 * wrong.
 */
#ifndef SUPPORT_DEADLINE_H
#define SUPPORT_DEADLINE_H

#include <stdint.h>

enum { DEADLINE_USUAL_MS = 10000 };

/* The moment `ms` milliseconds from now, or what those variables make of it. */
int64_t deadline_in(int64_t ms);

/* Milliseconds left until `deadline`, 0 if it has passed: what poll(2) wants to know. */
int deadline_left_ms(int64_t deadline);

/* The value of SCALE, 1 if it is not set; never less than 1. */
double deadline_scale(void);

/*
 * Waits until `fd` is ready for one of `events` (see poll(2)), or has failed, or the deadline has
 * passed. Returns poll's answer for `fd`; 0 means that the deadline has passed.
 */
int deadline_wait(int fd, int events, int64_t deadline);

/*
 * The pause between two tries of something that can only be asked for again and again. Returns 0
 * when the deadline has passed: a loop of tries is a do ... while (deadline_retry(deadline)).
 */
int deadline_retry(int64_t deadline);

#endif
