/*
 * Makes a lab of the student's tests, so that the grader's own runner runs them: once for each
 * server that they are tried on.
 */
#include "tester.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    TESTS_MAX = 100,
    FULL_MARKS = 100,
    SEGMENT_BYTES = 536,
    SLOW_BYTES = 8 << 10,
    PATTERN_ROOM = 300
};

static struct {
    const TTest *test;
    const char *name;
} listed[TESTS_MAX];
static unsigned count;

void tester_add(const TTest *test, const char *name)
{
    if (count == TESTS_MAX)
        return;
    listed[count].test = test;
    listed[count++].name = name;
}

/* Points mean nothing here; but a lab's must make 100. */
static void add_tests(void)
{
    add_my_tests();
    for (unsigned i = 0; i < count; i++)
        lab_add_test(listed[i].test, listed[i].name, FULL_MARKS / count + (i < FULL_MARKS % count));
}

const struct lab lab = {"08-test-the-testers", "", add_tests};

/* --- what a test may need ------------------------------------------------------------------- */

void tester_reset(struct http_connection *talk)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(talk->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    http_close(talk);
}

void tester_say(struct http_connection *talk, const char *text)
{
    http_send_text(talk, text);
}

struct http_connection *tester_open_slow(void)
{
    struct http_connection *talk = http_open(lab_server.program.port);
    struct sockaddr_in server;
    socklen_t length = sizeof server;
    const int segment = SEGMENT_BYTES, room = SLOW_BYTES;
    int line = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert(getpeername(talk->fd, (struct sockaddr *)&server, &length) == 0);
    ck_assert(setsockopt(line, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment) == 0);
    ck_assert(setsockopt(line, SOL_SOCKET, SO_RCVBUF, &room, sizeof room) == 0);
    ck_assert(connect(line, (struct sockaddr *)&server, length) == 0);
    ck_assert(fcntl(line, F_SETFL, O_NONBLOCK) == 0);
    ck_assert(dup2(line, talk->fd) == talk->fd); /* which hangs the first connection up */
    close(line);
    talk->deadline = deadline_in(LAB_DEADLINE_MS);
    return talk;
}

unsigned tester_count_held(const char *file)
{
    char pattern[PATTERN_ROOM];
    snprintf(pattern, sizeof pattern, " s  held +[a-z0-9]+ of %s by ", *file != '\0' ? file : ".*");
    return slow_count(&lab_server, pattern);
}
