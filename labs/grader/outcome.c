#include "grader/outcome.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_ROOM = 30, WORDS_ROOM = 100, LINE_BYTES = 300 };

unsigned grading_points_of(const struct graded_test *test)
{
    return test->has_run && test->outcome.verdict == PASSED ? test->points : 0;
}

unsigned grading_score(const struct grading *grading)
{
    unsigned score = 0;
    for (size_t i = 0; i < grading->count; i++)
        score += grading_points_of(&grading->tests[i]);
    return score;
}

unsigned grading_most(const struct grading *grading)
{
    unsigned most = 0;
    for (size_t i = 0; i < grading->count; i++)
        most += grading->tests[i].has_run ? grading->tests[i].points : 0;
    return most;
}

const char *outcome_signal_name(int signal)
{
    static char words[NAME_ROOM];
    const char *name = sigabbrev_np(signal);
    if (name != NULL)
        snprintf(words, sizeof words, "SIG%s", name);
    else
        snprintf(words, sizeof words, "signal %d", signal);
    return words;
}

const char *outcome_in_words(const struct outcome *outcome)
{
    static char words[WORDS_ROOM];
    switch (outcome->verdict) {
    case PASSED: return "OK";
    case FAILED: return "FAIL";
    case TIMED_OUT: return "FAIL, timed out";
    case CRASHED: break;
    }
    snprintf(words, sizeof words, "FAIL, %s ended the server",
             outcome_signal_name(outcome->signal));
    return words;
}

/* Each of the lines, with something before it; what is too long to be read is cut off. */
static void print_lines(FILE *out, const char *lines, const char *before)
{
    while (*lines != '\0') {
        size_t length = strcspn(lines, "\n");
        bool is_long = length > LINE_BYTES;
        fprintf(out, "%s%.*s%s\n", before, is_long ? LINE_BYTES : (int)length, lines,
                is_long ? " ..." : "");
        lines += length + (lines[length] == '\n');
    }
}

char *grading_explain(const struct grading *grading, const struct graded_test *test)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    print_lines(out, test->outcome.message, "");
    fprintf(out, "repeat:   %s TEST=%s\n", grading->again, test->name);
    if (test->outcome.verdict == CRASHED)
        fprintf(out, "debug:    %s (then type: run)\n", grading->debug);
    if (test->outcome.said[0] != '\0') {
        fputs("the server's last lines:\n", out);
        print_lines(out, test->outcome.said, "  | ");
    }
    fclose(out);
    return text;
}
