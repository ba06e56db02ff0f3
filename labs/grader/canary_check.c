#include "grader/canary_check.h"

#include "grader/attempt.h"
#include "grader/lab.h"

#include <stdio.h>
#include <stdlib.h>

enum { FILE_BYTES = 5000 };

START_TEST(canary_is_held_and_then_answers)
{
    lab_hold("");
    const char *file = lab_new_file(FILE_BYTES);
    struct http_connection *talk = lab_ask_cold(file);
    demand_no_answer(talk);
    lab_release(file);
    demand_file(talk, file);
    lab_end();
}
END_TEST

/* In the test's own process: there the canary is the server, with nothing between it and libc. */
static void put_the_canary_in_place(void)
{
    const char *canary = getenv("CANARY"), *deadline = getenv("CANARY_DEADLINE_MS");
    setenv("THREEWAYS", canary != NULL ? canary : "build/canary", 1);
    unsetenv("THREEWAYS_WRAPPER");
    if (deadline != NULL)
        setenv("DEADLINE_MOST_MS", deadline, 1);
}

bool canary_answers(void)
{
    static struct outcome outcome;
    attempt(canary_is_held_and_then_answers, put_the_canary_in_place, &outcome);
    if (outcome.verdict != PASSED)
        fprintf(stderr, "canary: %s\n%s", outcome.message, outcome.said);
    return outcome.verdict == PASSED;
}
