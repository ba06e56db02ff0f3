/*
 * Tells what came of a lab's tests, each in one format. A format is a file, report_NAME.c.
 */
#ifndef GRADER_REPORT_H
#define GRADER_REPORT_H

#include "grader/outcome.h"

#include <stdio.h>

/* For people: one test, as soon as it has run; and the score, in the last line. */
void report_test_in_terminal(const struct grading *grading, const struct graded_test *test);
void report_score_in_terminal(const struct grading *grading);

/* For machines: the whole, when all has run. */
void report_gradescope(FILE *out, const struct grading *grading);
void report_junit(FILE *out, const struct grading *grading);
void report_classroom50(FILE *out, const struct grading *grading);
void report_autolab(FILE *out, const struct grading *grading);

#endif
