/*
 * JUnit's XML, as Jenkins and GitLab read it: a failure is a demand that was not met, an error is
 * a crash or a time-out.
 */
#include "grader/report.h"
#include "grader/texts.h"

#include <stdlib.h>

static bool is_error(const struct graded_test *test)
{
    return test->outcome.verdict == TIMED_OUT || test->outcome.verdict == CRASHED;
}

static void report_test(FILE *out, const struct grading *grading, const struct graded_test *test)
{
    fputs("    <testcase classname=\"", out);
    print_xml(out, grading->lab);
    fputs("\" name=\"", out);
    print_xml(out, test->name);
    fprintf(out, "\" time=\"%.3f\"", test->outcome.seconds);
    if (test->outcome.verdict == PASSED) {
        fputs("/>\n", out);
        return;
    }
    const char *element = is_error(test) ? "error" : "failure";
    char *why = grading_explain(grading, test);
    fprintf(out, ">\n      <%s message=\"", element);
    print_xml(out, outcome_in_words(&test->outcome));
    fputs("\">", out);
    print_xml(out, why);
    fprintf(out, "</%s>\n    </testcase>\n", element);
    free(why);
}

void report_junit(FILE *out, const struct grading *grading)
{
    unsigned tests = 0, failures = 0, errors = 0;
    double seconds = 0;
    for (size_t i = 0; i < grading->count; i++) {
        const struct graded_test *test = &grading->tests[i];
        tests += test->has_run;
        errors += test->has_run && is_error(test);
        failures += test->has_run && test->outcome.verdict == FAILED;
        seconds += test->outcome.seconds;
    }
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"", out);
    print_xml(out, grading->lab);
    fprintf(out, "\" tests=\"%u\" failures=\"%u\" errors=\"%u\" time=\"%.3f\">\n", tests, failures,
            errors, seconds);
    for (size_t i = 0; i < grading->count; i++)
        if (grading->tests[i].has_run)
            report_test(out, grading, &grading->tests[i]);
    fputs("  </testsuite>\n</testsuites>\n", out);
}
