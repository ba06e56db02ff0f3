/*
 * Gradescope's results.json (gradescope-autograders.readthedocs.io, "Autograder Specifications").
 * The score is not told twice: without "score" Gradescope adds up those of the tests.
 */
#include "grader/report.h"
#include "grader/texts.h"

#include <stdlib.h>

static void report_test(FILE *out, const struct grading *grading, const struct graded_test *test)
{
    bool has_passed = test->outcome.verdict == PASSED;
    char *why = has_passed ? NULL : grading_explain(grading, test);
    fputs("    {\n      \"name\": ", out);
    print_json(out, test->name);
    fprintf(out, ",\n      \"score\": %u,\n      \"max_score\": %u,\n", grading_points_of(test),
            test->points);
    fprintf(out, "      \"status\": \"%s\",\n", has_passed ? "passed" : "failed");
    fputs("      \"output_format\": \"text\",\n      \"output\": ", out);
    print_json(out, has_passed ? "OK" : why);
    fputs("\n    }", out);
    free(why);
}

void report_gradescope(FILE *out, const struct grading *grading)
{
    const char *before = "\n";
    double seconds = 0;
    for (size_t i = 0; i < grading->count; i++)
        seconds += grading->tests[i].outcome.seconds;
    fprintf(out, "{\n  \"execution_time\": %.1f,\n  \"tests\": [", seconds);
    for (size_t i = 0; i < grading->count; i++) {
        if (!grading->tests[i].has_run)
            continue;
        fputs(before, out);
        report_test(out, grading, &grading->tests[i]);
        before = ",\n";
    }
    fputs("\n  ]\n}\n", out);
}
