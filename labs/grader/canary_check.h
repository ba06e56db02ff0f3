/*
 * Is this machine able to grade? The canary is asked in the same way as a student's server.
 */
#ifndef GRADER_CANARY_CHECK_H
#define GRADER_CANARY_CHECK_H

#include <stdbool.h>

/*
 * Whether the canary answers in time: by the deadline of the tests, or by that of the environment
 * variable CANARY_DEADLINE_MS.
 */
bool canary_answers(void);

#endif
