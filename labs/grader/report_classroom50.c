/*
 * Classroom 50's result.json (its wiki, "Advanced Autograding": classroom50/result/v1). Who has
 * handed in what, its runner says in the environment. A test may have fields of ours: "output".
 */
#include "grader/report.h"
#include "grader/texts.h"

#include <stdlib.h>
#include <time.h>

enum { TIME_ROOM = 32 };

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value != NULL ? value : "";
}

static void print_member(FILE *out, const char *name, const char *value)
{
    fprintf(out, "  \"%s\": ", name);
    print_json(out, value);
    fputs(",\n", out);
}

static void print_whose(FILE *out)
{
    char now[TIME_ROOM];
    time_t seconds = time(NULL);
    const char *commit = environment("COMMIT_URL"), *review = environment("REVIEW_URL");
    strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%SZ", gmtime(&seconds));
    print_member(out, "schema", "classroom50/result/v1");
    print_member(out, "classroom", environment("CLASSROOM"));
    print_member(out, "assignment", environment("ASSIGNMENT"));
    print_member(out, "submission", environment("SUBMISSION_TAG"));
    print_member(out, "commit", commit);
    print_member(out, "release", environment("RELEASE_URL"));
    print_member(out, "review", *review != '\0' ? review : commit);
    print_member(out, "datetime", now);
}

static void report_test(FILE *out, const struct grading *grading, const struct graded_test *test)
{
    bool has_passed = test->outcome.verdict == PASSED;
    char *why = has_passed ? NULL : grading_explain(grading, test);
    fputs("    {\"test-name\": ", out);
    print_json(out, test->name);
    fprintf(out, ", \"passed\": %s, \"score\": %u, \"max-score\": %u, \"output\": ",
            has_passed ? "true" : "false", grading_points_of(test), test->points);
    print_json(out, has_passed ? "OK" : why);
    fputs("}", out);
    free(why);
}

void report_classroom50(FILE *out, const struct grading *grading)
{
    const char *before = "\n";
    fputs("{\n", out);
    print_whose(out);
    fprintf(out, "  \"score\": %u,\n  \"max-score\": %u,\n  \"tests\": [", grading_score(grading),
            grading_most(grading));
    for (size_t i = 0; i < grading->count; i++) {
        if (!grading->tests[i].has_run)
            continue;
        fputs(before, out);
        report_test(out, grading, &grading->tests[i]);
        before = ",\n";
    }
    fputs("\n  ]\n}\n", out);
}
