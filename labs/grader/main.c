/*
 * Grades one lab: runs its tests, each in a process of its own, and tells the score.
 *
 *     grader [OPTION]...        options: see `usage`
 *
 * The environment names the programs (THREEWAYS, SLOWDISK, CAGE, CANARY, INTERPOSE), and says how
 * they are run (THREEWAYS_OPTIONS, SCALE and others: tests/README.md).
 */
#include "grader/attempt.h"
#include "grader/canary_check.h"
#include "grader/lab.h"
#include "grader/report.h"
#include "grader/tools_check.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    EXIT_FULL_MARKS = 0,
    EXIT_BELOW_FULL_MARKS = 1,
    EXIT_CANNOT_GRADE = 2,
    EXIT_TOO_SLOW = 3,
};

static const char usage[] =
    "usage: grader [OPTION]...\n"
    "  --test NAMES        run these tests only\n"
    "  --first-failure     end with the first test that fails\n"
    "  --list              name the tests and their points, and end\n"
    "  --options           print what the lab's server is started with, and end\n"
    "  --again COMMAND     the command that is shown for a repetition\n"
    "  --debug COMMAND     the command that is shown for a debugger\n"
    "  --gradescope FILE   write results.json, as Gradescope takes it\n"
    "  --junit FILE        write JUnit's XML\n"
    "  --classroom50 FILE  write result.json, as Classroom 50 takes it\n"
    "  --autolab           print the line that Autolab takes, behind everything else\n"
    "exit status: 0 full marks, 1 less, 2 cannot grade here, 3 the machine is too slow\n";

static struct grading grading = {.again = "make grade", .debug = "make gdb"};

static const char *gradescope_path, *junit_path, *classroom50_path;
static bool wants_autolab, wants_first_failure;

/* --- the lab's tests ------------------------------------------------------------------------ */

static _Noreturn void give_up(const char *why, const char *what)
{
    fprintf(stderr, "Not graded: %s%s\n", why, what);
    exit(EXIT_CANNOT_GRADE);
}

void lab_add_test(const TTest *test, const char *name, unsigned points)
{
    if (grading.count == GRADING_TESTS_MAX)
        give_up("too many tests; this one has no place: ", name);
    grading.tests[grading.count++] =
        (struct graded_test){.test = test, .name = name, .points = points};
}

static void list_tests(void)
{
    for (size_t i = 0; i < grading.count; i++)
        printf("%3u %s\n", grading.tests[i].points, grading.tests[i].name);
}

static void collect_tests(void)
{
    unsigned points = 0;
    grading.lab = lab.name;
    lab.add_tests();
    for (size_t i = 0; i < grading.count; i++)
        points += grading.tests[i].points;
    if (points != FULL_MARKS)
        give_up("the points of its tests do not add up to 100: ", lab.name);
}

/* --- running them --------------------------------------------------------------------------- */

static void demand_canary(void)
{
    if (canary_answers())
        return;
    puts("Machine too slow, not graded: a server that is known to be good did not answer in time.\n"
         "Try again, when less is going on here; SCALE=4 makes all deadlines four times as long.");
    exit(EXIT_TOO_SLOW);
}

static void run(struct graded_test *test)
{
    demand_canary();
    attempt(test->test, NULL, &test->outcome);
    test->has_run = true;
    if (test->outcome.verdict == TIMED_OUT)
        demand_canary();
    report_test_in_terminal(&grading, test);
    fflush(stdout);
}

/* The names that were asked for are words, with blanks or commas between them. */
static bool is_chosen(const struct graded_test *test)
{
    static const char between[] = ", ";
    size_t length = 0;
    for (const char *name = grading.only; name != NULL && *name != '\0'; name += length) {
        name += strspn(name, between);
        length = strcspn(name, between);
        if (length == strlen(test->name) && strncmp(name, test->name, length) == 0)
            return true;
    }
    return grading.only == NULL;
}

static void run_all(void)
{
    bool has_run = false, is_over = false;
    for (size_t i = 0; i < grading.count && !is_over; i++)
        if (is_chosen(&grading.tests[i])) {
            run(&grading.tests[i]);
            has_run = true;
            is_over = wants_first_failure && grading.tests[i].outcome.verdict != PASSED;
        }
    if (!has_run)
        give_up("this lab has no test of that name: ", grading.only);
}

/* --- telling -------------------------------------------------------------------------------- */

static void write_report(const char *path, void (*report)(FILE *, const struct grading *))
{
    if (path == NULL)
        return;
    FILE *out = fopen(path, "we");
    if (out != NULL)
        report(out, &grading);
    if (out == NULL || fclose(out) != 0)
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
}

static void report_all(void)
{
    write_report(gradescope_path, report_gradescope);
    write_report(junit_path, report_junit);
    write_report(classroom50_path, report_classroom50);
    report_score_in_terminal(&grading);
    if (wants_autolab)
        report_autolab(stdout, &grading);
}

/* --- the command line ----------------------------------------------------------------------- */

static void take_option(int option, const char *value)
{
    switch (option) {
    case 't': grading.only = value; break;
    case 'n': grading.again = value; break;
    case 'd': grading.debug = value; break;
    case 'g': gradescope_path = value; break;
    case 'j': junit_path = value; break;
    case 'c': classroom50_path = value; break;
    case 'a': wants_autolab = true; break;
    case 'f': wants_first_failure = true; break;
    case 'l': list_tests(); exit(EXIT_SUCCESS);
    case 'o': puts(lab.options); exit(EXIT_SUCCESS);
    case 'h': fputs(usage, stdout); exit(EXIT_SUCCESS);
    default: fputs(usage, stderr); exit(EXIT_CANNOT_GRADE);
    }
}

static void parse(int argument_count, char **arguments)
{
    static const struct option options[] = {{"test", required_argument, NULL, 't'},
                                            {"again", required_argument, NULL, 'n'},
                                            {"debug", required_argument, NULL, 'd'},
                                            {"list", no_argument, NULL, 'l'},
                                            {"gradescope", required_argument, NULL, 'g'},
                                            {"junit", required_argument, NULL, 'j'},
                                            {"autolab", no_argument, NULL, 'a'},
                                            {"options", no_argument, NULL, 'o'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"classroom50", required_argument, NULL, 'c'},
                                            {"first-failure", no_argument, NULL, 'f'},
                                            {0}};
    int option;
    while ((option = getopt_long(argument_count, arguments, "", options, NULL)) != -1)
        take_option(option, optarg);
    if (optind < argument_count)
        take_option('?', NULL);
}

int main(int argument_count, char **arguments)
{
    collect_tests();
    parse(argument_count, arguments);
    if (!tools_are_here())
        return EXIT_CANNOT_GRADE;
    if (!attempts_begin())
        give_up("no directory for the tests' files: ", strerror(errno));
    run_all();
    report_all();
    return grading_score(&grading) == grading_most(&grading) ? EXIT_FULL_MARKS
                                                             : EXIT_BELOW_FULL_MARKS;
}
