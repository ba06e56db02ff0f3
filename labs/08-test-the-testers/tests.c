/*
 * Lab 08: which wrong servers do the student's tests catch?
 *
 * They have been tried already (see the script `try`), since a server that hangs takes its time and
 * several can hang together. Here each wrong server is one graded test. The file VERDICTS says what
 * came of it, a line for each try: "wrong one_worker failed: == Test ...", and failing is right.
 *
 * Nothing is caught unless every right server has passed every time.
 */
#include "grader/lab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SERVERS_MAX = 40, NAME_ROOM = 80, LINE_ROOM = 1000, FULL_MARKS = 100 };

static struct verdict {
    char name[NAME_ROOM];
    bool is_caught;
} wrong[SERVERS_MAX];
static unsigned count;
static char complaint[LINE_ROOM]; /* of a right server; empty if there is none */

/* --- what was tried ------------------------------------------------------------------------- */

static const char *path_in(const char *variable)
{
    const char *path = getenv(variable);
    return path != NULL && *path != '\0' ? path : "/dev/null";
}

static void note_wrong(const char *name, bool is_caught)
{
    for (unsigned i = 0; i < count; i++)
        if (strcmp(wrong[i].name, name) == 0)
            wrong[i].is_caught = is_caught;
}

static void read_verdicts(void)
{
    char line[LINE_ROOM], kind[NAME_ROOM], name[NAME_ROOM], word[NAME_ROOM];
    FILE *file = fopen(path_in("VERDICTS"), "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "%79s %79s %79s", kind, name, word) != 3)
            continue;
        if (strcmp(kind, "wrong") == 0)
            note_wrong(name, strcmp(word, "failed:") == 0);
        else if (strcmp(word, "passed") != 0 && *complaint == '\0')
            memcpy(complaint, line, sizeof complaint);
    }
    if (file != NULL)
        fclose(file);
}

/* The names of all wrong servers, tried or not. */
static void read_servers(void)
{
    char line[LINE_ROOM];
    FILE *file = fopen(path_in("SERVERS"), "r");
    while (file != NULL && count < SERVERS_MAX && fgets(line, sizeof line, file) != NULL)
        count += sscanf(line, "wrong %79s", wrong[count].name) == 1;
    if (file != NULL)
        fclose(file);
}

/* --- one test for each ---------------------------------------------------------------------- */

static void demand_caught(unsigned number)
{
    demand(*complaint == '\0', "your tests, to a right server", complaint,
           "right servers pass every time; until they do, nothing counts");
    demand(wrong[number].is_caught, "your tests, to a wrong server", "all passed",
           "one of them fails, because this server breaks the contract");
}

/* clang-format off */
#define WRONG_SERVERS(X) \
    X(0)  X(1)  X(2)  X(3)  X(4)  X(5)  X(6)  X(7)  X(8)  X(9)  \
    X(10) X(11) X(12) X(13) X(14) X(15) X(16) X(17) X(18) X(19) \
    X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) \
    X(30) X(31) X(32) X(33) X(34) X(35) X(36) X(37) X(38) X(39)
/* clang-format on */

/* Catches: a test that says too little. (Check wants a function for each.) */
#define X(number)                                                                                  \
    START_TEST(catches_##number)                                                                   \
    {                                                                                              \
        demand_caught(number);                                                                     \
    }                                                                                              \
    END_TEST
WRONG_SERVERS(X)
#undef X

/* A server's name would tell what is wrong with it, so its test is called by a number. */
static void add(unsigned number, const TTest *test)
{
    static char names[SERVERS_MAX][NAME_ROOM];
    if (number >= count)
        return;
    snprintf(names[number], sizeof names[number], "wrong_server_%u_is_caught", number + 1);
    lab_add_test(test, names[number], FULL_MARKS / count + (number < FULL_MARKS % count));
}

static void add_tests(void)
{
    read_servers();
    read_verdicts();
#define X(number) add(number, catches_##number);
    WRONG_SERVERS(X)
#undef X
}

const struct lab lab = {"08-test-the-testers", "", add_tests};
