/*
 * A lab whose tests end in every way that a test can, for the test of the grader (./check). Its
 * server is the reference; what goes wrong is done to it.
 */
#include "grader/lab.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FILE_BYTES = 5000, LONG_BYTES = 100000 };

START_TEST(passes)
{
    lab_hold("");
    const char *file = lab_new_file(FILE_BYTES);
    struct http_connection *talk = lab_ask_cold(file);
    demand_hot(1);
    demand_no_answer(talk);
    lab_release(file);
    demand_file(talk, file);
    lab_end();
}
END_TEST

/* More than Check takes for a message. */
START_TEST(fails_at_length)
{
    char *got = malloc(LONG_BYTES + 1);
    memset(got, 'x', LONG_BYTES);
    got[LONG_BYTES] = '\0';
    demand(false, got, got, "%.100s", got);
    free(got);
}
END_TEST

/* With all that JSON and XML have trouble with; the last two bytes are no UTF-8. */
START_TEST(fails)
{
    demand(false, "\"quoted\" \\ <tag> & 'so'", "a\x01\x1b\x7f\ttab ]]> \xc3\xbc \xff\xc3", "%d",
           1);
}
END_TEST

START_TEST(times_out)
{
    lab_hold("");
    const char *file = lab_new_file(FILE_BYTES);
    demand_file(lab_ask_cold(file), file);
}
END_TEST

START_TEST(server_crashes)
{
    lab_start(" ");
    struct http_connection *talk = lab_ask("hot.txt");
    demand_file(talk, "hot.txt");
    kill(lab_server.program.pid, SIGSEGV);
    http_read_to_end(talk);
    demand_hot(1);
}
END_TEST

START_TEST(server_crashes_at_its_end)
{
    lab_start(" ");
    demand_hot(1);
    kill(lab_server.program.pid, SIGABRT);
    lab_end();
}
END_TEST

START_TEST(server_does_not_start)
{
    lab_start("--no-such-option");
}
END_TEST

/* As if the grader had a fault of its own. */
START_TEST(test_crashes)
{
    raise(SIGSEGV);
}
END_TEST

START_TEST(test_exits)
{
    exit(EXIT_SUCCESS);
}
END_TEST

START_TEST(test_never_ends)
{
    lab_start(" ");
    for (;;)
        pause();
}
END_TEST

static void add_tests(void)
{
    GRADE(passes, 20);
    GRADE(fails, 5);
    GRADE(fails_at_length, 5);
    GRADE(times_out, 10);
    GRADE(server_crashes, 10);
    GRADE(server_crashes_at_its_end, 10);
    GRADE(server_does_not_start, 10);
    GRADE(test_crashes, 10);
    GRADE(test_exits, 10);
    GRADE(test_never_ends, getenv("POINTS_MISSING") != NULL ? 9 : 10);
}

const struct lab lab = {"00-verdicts", "--model event --disk aio", add_tests};
