#include "grader/ending.h"

#include "grader/lab_inside.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { EXIT_SIGNALLED = 128 };

/* How the demands, and the support library, say that a deadline has passed. */
static bool tells_of_a_deadline(const char *message)
{
    static const char *const words[] = {"deadline passed", "by the deadline"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(message, words[i]) != NULL)
            return true;
    return false;
}

static void add_to_message(struct outcome *outcome, const char *words, int status)
{
    size_t length = strlen(outcome->message);
    snprintf(outcome->message + length, sizeof outcome->message - length, words, status);
}

/* The support library says it in the words of its own business. */
static void say_that_it_did_not_start(struct outcome *outcome)
{
    static const char no_line[] = "no line LISTENING";
    if (strncmp(outcome->message, no_line, sizeof no_line - 1) == 0)
        snprintf(outcome->message, sizeof outcome->message,
                 "the server did not come so far as to listen");
}

void ending_judge(struct outcome *outcome)
{
    int status = lab_ending();
    lab_copy_last_lines(outcome->said, sizeof outcome->said);
    say_that_it_did_not_start(outcome);
    if (status > EXIT_SIGNALLED) {
        outcome->verdict = CRASHED;
        outcome->signal = status - EXIT_SIGNALLED;
        return;
    }
    if (status >= 0 && !lab_was_asked_to_end())
        add_to_message(outcome, "\nthe server ended by itself, with status %d", status);
    if (tells_of_a_deadline(outcome->message))
        outcome->verdict = TIMED_OUT;
}
