/*
 * The terminal: "== Test name == name: OK (0.3s)"; under a test that has failed, why; and the
 * score.
 */
#include "grader/report.h"

#include <stdlib.h>
#include <string.h>

void report_test_in_terminal(const struct grading *grading, const struct graded_test *test)
{
    printf("== Test %s == %s: %s (%.1fs)\n", test->name, test->name,
           outcome_in_words(&test->outcome), test->outcome.seconds);
    if (test->outcome.verdict == PASSED)
        return;
    char *why = grading_explain(grading, test), *rest = NULL;
    for (char *line = strtok_r(why, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        printf("    %s\n", line);
    free(why);
}

void report_score_in_terminal(const struct grading *grading)
{
    if (grading->only != NULL)
        printf("Of this: %u of %u points\n", grading_score(grading), grading_most(grading));
    else
        printf("Score: %u/%u\n", grading_score(grading), grading_most(grading));
}
