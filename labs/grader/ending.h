/*
 * How the server ended under a test that has failed: often that says more than the test.
 */
#ifndef GRADER_ENDING_H
#define GRADER_ENDING_H

#include "grader/outcome.h"

/* Completes the outcome of a test that has failed: a time-out, a crash, the server's last lines. */
void ending_judge(struct outcome *outcome);

#endif
