/*
 * One attempt at a test: in a process of its own, with all that this process starts, and with a
 * limit in time. Whatever becomes of it, this process learns the outcome and goes on, and nothing
 * is left of the attempt: no process, and no file.
 */
#ifndef GRADER_ATTEMPT_H
#define GRADER_ATTEMPT_H

#include "grader/outcome.h"

/*
 * To be called once, before the first attempt: makes the directory for what the tests write. It is
 * removed when this process ends, by exit() or since it is asked to (SIGINT, SIGTERM, SIGHUP, or a
 * pipe that nobody reads any more). Returns false, with errno set, if the system refuses.
 */
bool attempts_begin(void);

/* Runs the test, with `prepare` called first in its process; NULL for nothing. */
void attempt(const TTest *test, void (*prepare)(void), struct outcome *outcome);

#endif
