/*
 * Lab 09: five bugs in a working event server, one test for each.
 *
 * A bug comes in several variants, and a test looks for all of them, so it does the same for every
 * student. The five are told apart: a test passes as soon as its own bug is mended, whatever the
 * other four still do. So no read has a place at the disk that another has had before, but in the
 * test of stale tokens; nobody half-closes, but in the test of busy loops; and so on.
 */
#include "grader/lab.h"
#include "support/deadline.h"
#include "support/server_process.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    TEXT_ROOM = 300,
    COLD_BYTES = 5000,
    STREAMED_BYTES = 300000, /* more than --cache-file-max, where that is set */
    LARGE_BYTES = 2 << 20,
    PIPELINED = 200, /* far beyond a connection's share of a turn */
    JOINED = 4,
    GONE = 3,
    HOT_REQUESTS = 20, /* so many turns of the loop, at least */
    FLOOD_BYTES = 64 << 10,
    REST_MS = 400,
    NS_PER_MS = 1000000,
    SLOTS = 32,
    GENERATIONS = 4,
    TOKEN_SLOT_BITS = 20,
    SLOW_CLIENTS = 3,
    SEGMENT_BYTES = 536,
    NARROW_BYTES = 8 << 10,
};

/* So long that nobody is answered because time is over. */
#define PATIENT "--load-timeout 10m"

/* --- clients -------------------------------------------------------------------------------- */

static void send_get(struct http_connection *talk, const char *file)
{
    char request[TEXT_ROOM];
    snprintf(request, sizeof request, "GET /%s HTTP/1.1\r\nHost: test\r\n\r\n", file);
    http_send_text(talk, request);
}

/*
 * A client on a line so narrow that the server's kernel, too, takes little ahead: on a machine's
 * own network it would take megabytes, and every send() would be complete.
 */
static struct http_connection *open_narrow_line(void)
{
    struct http_connection *talk = http_open(lab_server.program.port);
    struct sockaddr_in server;
    socklen_t length = sizeof server;
    const int segment = SEGMENT_BYTES, room = NARROW_BYTES;
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

/* Hangs up as a crashed client does: by a reset, which the server notices while the disk reads. */
static void reset_connection(struct http_connection *talk)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(talk->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    http_close(talk);
}

/* Waits for `count` answers in all; `sent` says what was done, should they not come. */
static void demand_answers(struct http_connection *talk, size_t count, const char *sent)
{
    http_read_answers(talk, count);
    if (talk->count < count)
        demand(false, sent, http_describe(talk), "%zu answers, and %zu came", count, talk->count);
}

static bool is_read(const char *file)
{
    char pattern[TEXT_ROOM];
    snprintf(pattern, sizeof pattern, " s  held +[a-z0-9]+ of %s by ", file);
    return slow_count(&lab_server, pattern) > 0;
}

/* --- 1. a lost wake-up ---------------------------------------------------------------------- */

static void demand_pipelined_answers(void)
{
    lab_start(PATIENT);
    const char *file = lab_new_file(10);
    struct http_connection *talk = lab_ask(file);
    demand_file(talk, file);
    char request[TEXT_ROOM];
    snprintf(request, sizeof request, "GET /%s HTTP/1.1\r\nHost: test\r\n\r\n", file);
    char *all = calloc(PIPELINED, strlen(request) + 1);
    for (int i = 0; i < PIPELINED; i++)
        memcpy(all + (size_t)i * strlen(request), request, strlen(request));
    http_send_text(talk, all);
    free(all);
    demand_answers(talk, 1 + PIPELINED,
                   "one request, and then 200 pipelined requests at once, for a file that is in "
                   "the page cache");
    lab_end();
}

static void demand_answers_to_all_who_joined(void)
{
    struct http_connection *talks[JOINED];
    lab_hold(PATIENT);
    const char *file = lab_new_file(COLD_BYTES);
    talks[0] = lab_ask_cold(file);
    for (int i = 1; i < JOINED; i++)
        talks[i] = lab_ask(file);
    demand_hot(HOT_REQUESTS); /* by now they have joined */
    lab_release(file);
    for (int i = 0; i < JOINED; i++)
        demand_answers(talks[i], 1,
                       "four clients asked for one file, three of them joined the "
                       "first one's read; then the read ended");
    lab_end();
}

static void demand_answer_without_signal(void)
{
    setenv("THREEWAYS_WRAPPER", "prlimit --sigpending=0", 1);
    lab_start(PATIENT);
    unsetenv("THREEWAYS_WRAPPER");
    const char *file = lab_new_file(COLD_BYTES);
    demand_answers(lab_ask(file), 1,
                   "a cold file, from a server that has no room in its queue for signals "
                   "(prlimit --sigpending=0): no signal can tell that the read has ended");
    lab_end();
}

/* The third is only seen to begin: what comes after that is not this bug's business. */
static void demand_that_a_place_is_handed_on(void)
{
    lab_hold(PATIENT " --places 2 --grace-time 200ms");
    const char *first = lab_new_file(COLD_BYTES), *third = lab_new_file(COLD_BYTES);
    struct http_connection *talk = lab_ask_cold(first);
    lab_ask_cold(lab_new_file(COLD_BYTES));
    lab_ask(third);
    demand_hot(HOT_REQUESTS); /* by now it waits */
    lab_release(first);
    demand_file(talk, first);
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    while (!is_read(third) && deadline_retry(deadline))
        continue;
    demand(is_read(third), "three cold files, with two places (--places 2); the first read ended",
           "no read for the third", "the place at the disk goes to the third, which waits for it");
    lab_end();
}

/*
 * Catches: work that nobody takes up, because who should be woken sleeps on (posted for the next
 * turn, but the wait is not zero; one is told where all must be; the signal was lost, and nobody
 * looks; a place is given back, and not handed on).
 */
START_TEST(nobody_is_forgotten)
{
    demand_pipelined_answers();
    demand_answers_to_all_who_joined();
    demand_answer_without_signal();
    demand_that_a_place_is_handed_on();
}
END_TEST

/* --- 2. memory freed in flight -------------------------------------------------------------- */

/*
 * The only buffer belongs to a read that is still held: nobody else's read may begin. That another
 * read, asked for later, is held already, tells that the server has had its chance.
 */
static void demand_that_buffer_is_kept(const char *sent)
{
    const char *other = lab_new_file(STREAMED_BYTES);
    lab_ask(other);
    lab_ask_cold(lab_new_file(COLD_BYTES));
    demand_hot(HOT_REQUESTS);
    demand(!is_read(other), sent, "a read of the second file has begun, into the same memory",
           "the buffer stays with the first read until that has ended");
}

static void demand_buffer_is_kept_when_client_goes(void)
{
    lab_hold(PATIENT " --buffers 1 --cache-file-max 64K");
    reset_connection(lab_ask_cold(lab_new_file(STREAMED_BYTES)));
    demand_that_buffer_is_kept("a large file, and a reset while it was read; then another large "
                               "file, with one buffer (--buffers 1)");
    lab_end();
}

static void demand_buffer_is_kept_when_time_is_over(void)
{
    lab_hold("--load-timeout 300ms --buffers 1 --cache-file-max 64K");
    demand_status(lab_ask_cold(lab_new_file(STREAMED_BYTES)), 503);
    demand_that_buffer_is_kept("a large file, which the disk did not bring in time (503); then "
                               "another large file, with one buffer (--buffers 1)");
    lab_end();
}

/* As many bytes as the others, name included: so that it gets the same memory, if that is free. */
static const char *new_file_as_long_as(const char *name)
{
    static size_t shorter;
    const char *file = lab_new_file(COLD_BYTES - shorter);
    size_t longer = strlen(file) - strlen(name);
    if (longer == shorter)
        return file;
    shorter = longer; /* cold9.bin, and now cold10.bin */
    return lab_new_file(COLD_BYTES - shorter);
}

static void demand_cache_entry_is_kept(void)
{
    const char *gone[GONE], *files[GONE];
    lab_hold(PATIENT);
    gone[0] = lab_new_file(COLD_BYTES);
    for (int i = 1; i < GONE; i++)
        gone[i] = new_file_as_long_as(gone[0]);
    for (int i = 0; i < GONE; i++)
        reset_connection(lab_ask_cold(gone[i]));
    demand_hot(HOT_REQUESTS); /* by now they are let go */
    for (int i = 0; i < GONE; i++) {
        files[i] = new_file_as_long_as(gone[0]);
        struct http_connection *talk = lab_ask_cold(files[i]);
        lab_release(files[i]);
        demand_file(talk, files[i]);
    }
    lab_let_go(); /* now the reads end that nobody waits for */
    slow_await(&lab_server, 1 + 2 * GONE, " s  done ");
    for (int i = 0; i < GONE; i++)
        demand_file(lab_ask(files[i]), files[i]); /* from the page cache */
    lab_end();
}

/*
 * Catches: memory that is given back while a read is in flight, which then writes into what has
 * become somebody else's (when the client goes, when the disk takes too long).
 */
START_TEST(a_read_keeps_its_memory)
{
    demand_buffer_is_kept_when_client_goes();
    demand_buffer_is_kept_when_time_is_over();
    demand_cache_entry_is_kept();
}
END_TEST

/* --- 3. a busy loop ------------------------------------------------------------------------- */

/* demand_rest(), and the message says what the server had to wait for. */
static void demand_rest_while(const char *what)
{
    struct timespec pause = {.tv_nsec = REST_MS * NS_PER_MS};
    char got[TEXT_ROOM];
    unsigned before = lab_cpu_ms();
    nanosleep(&pause, NULL);
    unsigned used = lab_cpu_ms() - before;
    snprintf(got, sizeof got, "%u ms of processor time in %d ms", used, REST_MS);
    demand(used <= REST_MS / 10, what, got, "next to none: nothing can be done, so the loop waits");
}

static void demand_rest_beside_half_closed_client(void)
{
    lab_hold(PATIENT);
    http_finish_sending(lab_ask_cold(lab_new_file(COLD_BYTES)));
    demand_hot(HOT_REQUESTS);
    demand_rest_while("a client that has half-closed, while its read is held");
    lab_end();
}

static void demand_rest_beside_client_that_sends_on(void)
{
    static char flood[FLOOD_BYTES];
    lab_hold(PATIENT);
    struct http_connection *talk = lab_ask_cold(lab_new_file(COLD_BYTES));
    memset(flood, 'x', sizeof flood);
    http_send(talk, flood, sizeof flood);
    demand_hot(HOT_REQUESTS);
    demand_rest_while("a client that sends on and on, while its read is held");
    http_close(talk); /* or the server would listen to it until the end, politely */
    lab_end();
}

static void demand_rest_with_somebody_at_the_door(void)
{
    lab_hold(PATIENT " --max-connections 2");
    lab_ask_cold(lab_new_file(COLD_BYTES));
    lab_ask_cold(lab_new_file(COLD_BYTES));
    lab_ask("hot.txt");
    demand_rest_while("a client at the door, while all seats are taken (--max-connections 2)");
    lab_end();
}

/*
 * Catches: watching for what can be had and is not taken, so that no wait ever waits (the end of
 * the input, input without room for it, a client at the door without a seat).
 */
START_TEST(waiting_costs_nothing)
{
    demand_rest_beside_half_closed_client();
    demand_rest_beside_client_that_sends_on();
    demand_rest_with_somebody_at_the_door();
}
END_TEST

/* --- 4. a stale token ----------------------------------------------------------------------- */

/* What the kernel could still have queued for reads that have ended: a signal for each token. */
static void send_late_signals(void)
{
    siginfo_t info = {.si_signo = SIGRTMIN, .si_code = SI_ASYNCIO};
    for (int generation = 0; generation < GENERATIONS; generation++)
        for (int slot = 0; slot < SLOTS; slot++) {
            info.si_value.sival_int = generation << TOKEN_SLOT_BITS | slot;
            syscall(SYS_rt_sigqueueinfo, lab_server.program.pid, SIGRTMIN, &info);
        }
}

static void demand_that_late_signals_do_no_harm(void)
{
    lab_hold(PATIENT);
    const char *file = lab_new_file(COLD_BYTES);
    struct http_connection *talk = lab_ask_cold(file);
    send_late_signals();
    demand_hot(HOT_REQUESTS);
    http_receive(talk);
    demand(talk->count == 0 && talk->input_length == 0 && !talk->closed,
           "a cold file; while its read is held, a late signal with the same token came",
           http_describe(talk), "no answer before the read has ended");
    lab_release(file);
    demand_file(talk, file);
    lab_end();
}

static void demand_answers_over_one_place(void)
{
    lab_hold(PATIENT " --places 1 --grace-time 200ms");
    for (int i = 0; i < 3; i++) {
        const char *file = lab_new_file(COLD_BYTES);
        struct http_connection *talk = lab_ask_cold(file);
        lab_release(file);
        demand_answers(talk, 1,
                       "one cold file after the other, each by another client, with one "
                       "place at the disk (--places 1)");
        demand_file(talk, file);
    }
    lab_end();
}

/*
 * Catches: the disk's answer delivered to whoever has the name now, or had it before (a signal is
 * believed, and comes late; a place keeps the owner that it had).
 */
START_TEST(the_disk_answers_the_right_request)
{
    demand_that_late_signals_do_no_harm();
    demand_answers_over_one_place();
}
END_TEST

/* --- 5. a forgotten partial write ----------------------------------------------------------- */

/*
 * Catches: send() may take a part only. Who forgets that leaves bytes out, sends some twice, or
 * takes a reply for sent that is not.
 */
START_TEST(a_slow_client_gets_every_byte)
{
    struct http_connection *slow[SLOW_CLIENTS];
    lab_start(PATIENT " --cache-size 64M --cache-file-max 16M");
    const char *large = lab_new_file(LARGE_BYTES), *small = lab_new_file(COLD_BYTES);
    demand_file(lab_ask(large), large); /* from now on it is in the page cache */
    for (int i = 0; i < SLOW_CLIENTS; i++) {
        slow[i] = open_narrow_line();
        send_get(slow[i], large);
    }
    for (int i = 0; i < HOT_REQUESTS; i++) /* meanwhile the slow ones do not read */
        demand_file(lab_ask(small), small);
    for (int i = 0; i < SLOW_CLIENTS; i++)
        demand_file(slow[i], large);
    lab_end();
}
END_TEST

/* -------------------------------------------------------------------------------------------- */

static void add_tests(void)
{
    GRADE(nobody_is_forgotten, 20);
    GRADE(a_read_keeps_its_memory, 20);
    GRADE(waiting_costs_nothing, 20);
    GRADE(the_disk_answers_the_right_request, 20);
    GRADE(a_slow_client_gets_every_byte, 20);
}

const struct lab lab = {"09-bug-hunt", "--model event --disk aio", add_tests};
