/*
 * Lab 07: is the sheet complete, and were the predictions made first?
 *
 * That is all a program can see. Whether a reason is a good one is judged by a person (rubric.md),
 * and 100 of 100 here only means that there is something to judge. None of these tests looks at a
 * figure: figures belong to a machine and not to a student.
 *
 * The sheet is in the directory that WORK names.
 */
#include "grader/lab.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PATH_ROOM = 500,
    PREDICTION_WORDS = 8, /* the same in seal */
    EXPLANATION_WORDS = 20,
    CLAIM_WORDS = 12,
};

/* --- files ---------------------------------------------------------------------------------- */

static const char *path_of(const char *name)
{
    static char path[PATH_ROOM];
    const char *work = getenv("WORK");
    snprintf(path, sizeof path, "%s/%s",
             work != NULL && *work != '\0' ? work : "labs/07-compare/work", name);
    return path;
}

/* The whole text of a file of the student's, or NULL. */
static char *read_file(const char *name)
{
    FILE *file = fopen(path_of(name), "r");
    char *text = NULL;
    size_t size = 0;
    if (file == NULL)
        return NULL;
    if (getdelim(&text, &size, '\0', file) < 0) { /* empty */
        free(text);
        text = strdup("");
    }
    fclose(file);
    return text;
}

static char *demand_text(const char *name, const char *mend)
{
    char *text = read_file(name);
    demand(text != NULL, name, "no such file in the directory of your work", "%s", mend);
    return text;
}

static char *demand_sheet(void)
{
    return demand_text("answers.md", "your sheet; make lab LAB=07 makes it");
}

/* --- the sheet ------------------------------------------------------------------------------ */

static unsigned count_words(const char *line, const char *end)
{
    unsigned words = 0;
    bool inside = false;
    for (const char *at = line; at < end; at++) {
        bool is_blank = isspace((unsigned char)*at) != 0;
        words += !is_blank && !inside;
        inside = !is_blank;
    }
    return words;
}

/* How many words are behind the ">" of one question, whose heading begins with "### A1 ". */
static unsigned words_of(const char *sheet, const char *question)
{
    char heading[PATH_ROOM];
    unsigned words = 0;
    snprintf(heading, sizeof heading, "### %s ", question);
    const char *line = strstr(sheet, heading);
    line = line != NULL ? strchr(line, '\n') : NULL;
    while (line != NULL && line[1] != '#') {
        const char *end = strchrnul(line + 1, '\n');
        if (line[1] == '>')
            words += count_words(line + 2, end);
        line = *end == '\n' ? end : NULL;
    }
    return words;
}

static void demand_words(char part, unsigned questions, unsigned needed)
{
    char question[] = "A1", *sheet = demand_sheet();
    for (unsigned i = 1; i <= questions; i++) {
        question[0] = part;
        question[1] = (char)('0' + i);
        unsigned words = words_of(sheet, question);
        char got[PATH_ROOM];
        snprintf(got, sizeof got, "%u words", words);
        demand(words >= needed, question, got, "an answer behind the \">\", of %u words or more",
               needed);
    }
    free(sheet);
}

/* Cuts part A out: what stands between the headings of A and of B. */
static char *part_a(char *sheet)
{
    char *begin = strstr(sheet, "## A."), *end = strstr(sheet, "## B.");
    demand(begin != NULL && end != NULL && begin < end, "answers.md", "no parts A and B in it",
           "the headings as they were: \"## A.\" and \"## B.\"");
    *end = '\0';
    return begin;
}

/* --- tests ---------------------------------------------------------------------------------- */

/* Catches: measuring first and thinking later. */
START_TEST(predictions_are_filled_in)
{
    demand_words('A', 8, PREDICTION_WORDS);
}
END_TEST

/* Catches: predictions that are made to fit afterwards. */
START_TEST(predictions_are_those_that_were_sealed)
{
    char *sheet = demand_sheet();
    char *sealed = demand_text("sealed.md", "the copy of your predictions; make lab LAB=07 makes "
                                            "it when they are filled in");
    demand(strcmp(part_a(sheet), sealed) == 0, "part A of answers.md and sealed.md", "they differ",
           "part A as it was sealed; what you think now belongs into part B");
    free(sheet);
    free(sealed);
}
END_TEST

/* Catches: the same, the other way round. */
START_TEST(results_came_after_the_predictions)
{
    char *diary = demand_text("diary", "the times of sealing and measuring; make lab LAB=07 "
                                       "writes them");
    char *results = demand_text("results.json", "the figures; make lab LAB=07 measures them, or "
                                                "takes your instructor's (RESULTS=...)");
    const char *sealed = strstr(diary, " sealed "), *measured = strstr(diary, " results ");
    demand(sealed != NULL && measured != NULL && sealed < measured, "diary", diary,
           "first a line that says \"sealed\", then one that says \"results\"");
    demand(strstr(results, "\"measurements\"") != NULL, "results.json", "no measurements in it",
           "what make compare writes");
    free(diary);
    free(results);
}
END_TEST

/* Catches: figures without an explanation. */
START_TEST(explanations_are_filled_in)
{
    demand_words('B', 8, EXPLANATION_WORDS);
}
END_TEST

/* Catches: believing the textbook, or not believing it, without a figure. */
START_TEST(claims_are_checked)
{
    demand_words('C', 7, CLAIM_WORDS);
}
END_TEST

static void add_tests(void)
{
    GRADE(predictions_are_filled_in, 20);
    GRADE(predictions_are_those_that_were_sealed, 20);
    GRADE(results_came_after_the_predictions, 10);
    GRADE(explanations_are_filled_in, 30);
    GRADE(claims_are_checked, 20);
}

const struct lab lab = {"07-compare", "", add_tests};
