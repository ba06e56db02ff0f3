/*
 * What came of a lab's tests: one model, which several writers (report.h) tell in their formats.
 */
#ifndef GRADER_OUTCOME_H
#define GRADER_OUTCOME_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    OUTCOME_MESSAGE_BYTES = 8192, /* Check's own limit */
    OUTCOME_SAID_BYTES = 1500,
    GRADING_TESTS_MAX = 64,
    FULL_MARKS = 100,
};

/* All but PASSED score 0. */
enum verdict {
    PASSED,
    FAILED,
    TIMED_OUT, /* something did not come within its deadline */
    CRASHED,   /* a signal ended the server */
};

struct outcome {
    enum verdict verdict;
    int signal; /* of a crash */
    double seconds;
    char
        message[OUTCOME_MESSAGE_BYTES]; /* what a failed test says: what was sent, came, expected */
    char said[OUTCOME_SAID_BYTES];      /* the last lines of the server's standard error */
};

struct graded_test {
    const TTest *test;
    const char *name;
    unsigned points;
    bool has_run;
    struct outcome outcome;
};

struct grading {
    const char *lab;   /* "05-aio" */
    const char *again; /* the command that grades it: "make grade LAB=05" */
    const char *debug; /* the command that starts a debugger */
    const char *only;  /* the tests that were asked for, or NULL */
    struct graded_test tests[GRADING_TESTS_MAX];
    size_t count;
};

/* What a test has earned: all of its points or none. */
unsigned grading_points_of(const struct graded_test *test);

/* The sum of what was earned, and of what the tests that have run are worth. */
unsigned grading_score(const struct grading *grading);
unsigned grading_most(const struct grading *grading);

/* "SIGSEGV" for 11; "signal 40" where there is no such name. In memory that is used again. */
const char *outcome_signal_name(int signal);

/* "OK", "FAIL", "FAIL, timed out", "FAIL, SIGSEGV ended the server". The same. */
const char *outcome_in_words(const struct outcome *outcome);

/*
 * Why a test has failed, as a text of several lines: its message, how to run it once more, how to
 * start gdb if the server has crashed, and the server's last lines. The caller may free() it.
 */
char *grading_explain(const struct grading *grading, const struct graded_test *test);

#endif
