/*
 * Autolab's autoresult (docs.autolabproject.com, "Guide for Lab Authors"): one line of JSON, the
 * last on standard output. The assessment has one problem for each test, and it has its name.
 */
#include "grader/report.h"
#include "grader/texts.h"

void report_autolab(FILE *out, const struct grading *grading)
{
    const char *before = "";
    fputs("{\"scores\": {", out);
    for (size_t i = 0; i < grading->count; i++) {
        if (!grading->tests[i].has_run)
            continue;
        fputs(before, out);
        print_json(out, grading->tests[i].name);
        fprintf(out, ": %u", grading_points_of(&grading->tests[i]));
        before = ", ";
    }
    fputs("}}\n", out);
}
