/*
 * Lab 01: one request, carried out to completion in straight-line code.
 *
 * The clients here speak in pieces, read slowly, say nothing or go away; the disk is held, brings
 * little at a time, or fails. SIGUSR1 shows where the thread has come to, so that nothing is said
 * before the server waits for it.
 */
#include "grader/lab.h"
#include "support/deadline.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    TEXT_ROOM = 400,
    TEXTS = 4,
    SMALL_BYTES = 5000,
    PIECES_BYTES = 600 * 1024,     /* three pieces, with PIECE_BY_PIECE */
    LARGE_BYTES = 8 * 1024 * 1024, /* more than the kernel keeps for a client */
    NARROW_BYTES = 4096,
    UNREAD_BYTES = 200 * 1024, /* more than a head may have */
    SHORT_BYTES = 1000,
    MORE_THAN_A_HEAD = 4096,
    READS_MAX = 100,
    REST_MS = 300,
    ROUNDS = 5,
};

#define PIECE_BY_PIECE "--cache-file-max 256K"
#define NEVER          "--read-timeout 10m --idle-timeout 10m --write-timeout 10m "

/* --- words for the messages ----------------------------------------------------------------- */

static const char *words(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* By printf's rules, in memory that a later call overwrites: the fourth from here. */
static const char *words(const char *format, ...)
{
    static char texts[TEXTS][TEXT_ROOM];
    static unsigned next;
    char *text = texts[next++ % TEXTS];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, TEXT_ROOM, format, arguments);
    va_end(arguments);
    return text;
}

/* --- asking --------------------------------------------------------------------------------- */

static struct http_connection *open_with(int receive_bytes)
{
    int port = lab_server.program.port;
    struct http_connection *talk =
        receive_bytes > 0 ? http_open_narrow(port, receive_bytes) : http_open(port);
    talk->deadline = deadline_in(LAB_DEADLINE_MS);
    return talk;
}

static struct http_connection *say(const char *text)
{
    struct http_connection *talk = open_with(0);
    http_send_text(talk, text);
    return talk;
}

static const char *get(const char *file)
{
    return words("GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n", file);
}

/* A client that asks, and does not read. */
static struct http_connection *ask_narrowly(const char *file)
{
    struct http_connection *talk = open_with(NARROW_BYTES);
    http_send_text(talk, get(file));
    return talk;
}

static void get_whole(const char *file)
{
    struct http_connection *talk = lab_ask(file);
    demand_file(talk, file);
    http_close(talk);
}

/* Waits for the end of the connection, whatever it brings. */
static void read_to_end(struct http_connection *talk, const char *sent, const char *expected)
{
    http_read_to_end(talk);
    demand(!talk->timed_out, sent, http_describe(talk), "%s", expected);
}

static void receive_what_is_there(struct http_connection *talk)
{
    size_t before;
    do {
        before = talk->input_length;
        http_receive(talk);
    } while (talk->input_length > before && !talk->closed);
}

/* Whether the answer's body is what the file holds. */
static bool has_whole_file(const struct http_connection *talk, const char *name)
{
    char buffer[SMALL_BYTES];
    size_t done = 0, part;
    FILE *file = fopen(words("%s/%s", lab_root(), name), "re");
    bool same = file != NULL && talk->count == 1 && talk->answers[0].status == 200;
    while (same && (part = fread(buffer, 1, sizeof buffer, file)) > 0) {
        same = done + part <= talk->answers[0].body_length &&
               memcmp(talk->answers[0].body + done, buffer, part) == 0;
        done += part;
    }
    if (file != NULL)
        fclose(file);
    return same && done == talk->answers[0].body_length;
}

/* --- looking -------------------------------------------------------------------------------- */

/*
 * Asks for the table (SIGUSR1) until a line of it matches. So the thread has come to that place,
 * and not only will.
 */
static void await_table(const char *pattern, const char *sent, const char *expected)
{
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    do {
        unsigned before = slow_count(&lab_server, pattern);
        kill(lab_server.program.pid, SIGUSR1);
        int64_t answer = deadline_in(REST_MS);
        do {
            if (slow_count(&lab_server, pattern) > before)
                return;
        } while (deadline_retry(answer));
    } while (deadline_left_ms(deadline) > 0);
    demand(false, sent, "a table (kill -USR1) without this, all the time", "%s", expected);
}

static struct http_connection *say_half(void)
{
    struct http_connection *talk = say("GET /hot.txt HTTP/1.1\r\nHos");
    await_table("^ +0 .* READING ", "half a request",
                "a table that says READING: wait for the rest (step 1: get_request)");
    return talk;
}

/* --- 1: the request comes in ---------------------------------------------------------------- */

/* Catches: one recv() is one request. */
START_TEST(request_in_pieces_is_put_together)
{
    lab_hold(NEVER);
    struct http_connection *talk = say_half();
    demand_no_answer(talk);
    http_send_text(talk, "t: localhost\r\n\r");
    http_send_text(talk, "\n");
    demand_status(talk, 200);
    http_close(talk);
    lab_end();
}
END_TEST

/* Catches: errors are for others; the connection is closed without a word. */
START_TEST(errors_are_answered)
{
    static const struct {
        const char *request;
        int status;
    } cases[] = {
        {"GET /nothing.here HTTP/1.1\r\nHost: a\r\n\r\n", 404},
        {"GET /../secret HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"nonsense\r\n\r\n", 400},
        {"DELETE /hot.txt HTTP/1.1\r\nHost: a\r\n\r\n", 405},
        {"POST /hot.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", 405},
        {"BREW /hot.txt HTTP/1.1\r\nHost: a\r\n\r\n", 501},
    };
    lab_start(NEVER);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *request = cases[i].request;
        struct http_connection *talk = say(request);
        http_read_answers(talk, 1);
        demand(talk->count == 1 && talk->answers[0].status == cases[i].status,
               words("%.*s", (int)strcspn(request, "\r"), request), http_describe(talk),
               "an answer with status %d (steps 1 and 2)", cases[i].status);
        http_close(talk);
    }
    lab_end();
}
END_TEST

/* Catches: a wait for the client without an end. */
START_TEST(silent_client_is_sent_away)
{
    lab_start("--read-timeout 10m --idle-timeout 300ms");
    struct http_connection *talk = open_with(0);
    read_to_end(talk, "a connection, and nothing on it, with --idle-timeout 300ms",
                "the end of the connection when the time is over (step 5)");
    demand(talk->count == 0 && talk->input_length == 0, "a connection, and nothing on it",
           http_describe(talk), "no answer: nothing was asked");
    get_whole(lab_new_file(SMALL_BYTES));
    lab_end();
}
END_TEST

/* Catches: a request that never becomes whole keeps everybody out; or its client is not told. */
START_TEST(half_a_request_is_answered_408)
{
    lab_start("--read-timeout 500ms --idle-timeout 10m");
    struct http_connection *talk = say("GET /hot.txt HTTP/1.1\r\nHos");
    http_read_answers(talk, 1);
    demand(talk->count == 1 && talk->answers[0].status == 408,
           "half a request, with --read-timeout 500ms", http_describe(talk),
           "an answer with status 408 (step 5: TIME_OVER)");
    http_close(talk);
    get_whole(lab_new_file(SMALL_BYTES));
    lab_end();
}
END_TEST

/* --- 2 and 3: the cache, and the disk ------------------------------------------------------- */

/* Catches: bytes lost, doubled, or taken for text. */
START_TEST(files_come_byte_for_byte)
{
    static const size_t sizes[] = {1, SMALL_BYTES, 64 * 1024, PIECES_BYTES};
    lab_start(NEVER);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        get_whole(lab_new_file(sizes[i]));
    lab_end();
}
END_TEST

/* Catches: the disk is read for each request. */
START_TEST(second_time_it_comes_from_the_cache)
{
    lab_hold(NEVER);
    const char *file = lab_new_file(SMALL_BYTES);
    struct http_connection *talk = lab_ask_cold(file);
    lab_release(file);
    demand_file(talk, file);
    http_close(talk);
    unsigned reads = slow_count_held(&lab_server);
    talk = lab_ask(file);
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    while (talk->count == 0 && slow_count_held(&lab_server) == reads && deadline_retry(deadline))
        http_receive(talk);
    demand(slow_count_held(&lab_server) == reads, words("GET /%s, for the second time", file),
           "one more read of the disk", "the answer from the page cache (step 3: LOOKUP_CACHED)");
    demand_file(talk, file);
    http_close(talk);
    lab_end();
}
END_TEST

/* Catches: pread() brings all that it was asked for, and is never interrupted. */
START_TEST(short_reads_are_put_together)
{
    const char *directory = getenv("INTERPOSE");
    char *absolute = realpath(directory != NULL ? directory : "build/interpose", NULL);
    setenv("LD_PRELOAD", words("%s/pread_short.so", absolute != NULL ? absolute : ""), 1);
    setenv("PREAD_SHORT_BYTES", words("%d", SHORT_BYTES), 1);
    free(absolute);
    lab_start(NEVER PIECE_BY_PIECE);
    const char *files[] = {lab_new_file(SMALL_BYTES), lab_new_file(PIECES_BYTES)};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct http_connection *talk = lab_ask(files[i]);
        http_read_to_end(talk);
        demand(has_whole_file(talk, files[i]),
               words("GET /%s, on a disk that brings %d bytes at a time", files[i], SHORT_BYTES),
               http_describe(talk),
               "all of the file: pread() again until nothing is missing (step 3)");
        http_close(talk);
    }
    lab_end();
}
END_TEST

/* Catches: a read that fails is no answer, or a wrong one, or the end of the server. */
START_TEST(failed_read_is_answered_500)
{
    lab_hold(NEVER);
    const char *file = lab_new_file(SMALL_BYTES);
    struct http_connection *talk = lab_ask_cold(file);
    demand(truncate(words("%s/%s", lab_root(), file), 0) == 0, "truncate", strerror(errno), "0");
    lab_let_go();
    demand_status(talk, 500);
    http_close(talk);
    demand_hot(1);
    lab_end();
}
END_TEST

/* Catches: the thread that waits for the disk is another one (this is the single model). */
START_TEST(one_thread_does_it_all)
{
    lab_hold(NEVER);
    const char *file = lab_new_file(SMALL_BYTES);
    struct http_connection *cold = lab_ask_cold(file), *hot = lab_ask("hot.txt");
    demand(lab_count_threads() == 1, words("GET /%s, and its read is held", file),
           words("%u threads", lab_count_threads()), "one thread: the one that waits");
    demand(lab_count_reads_by_others() == 0, words("GET /%s", file), "a read by another thread",
           "reads by the first thread alone");
    demand_no_answer(hot);
    lab_let_go();
    demand_file(cold, file);
    http_close(cold);
    demand_status(hot, 200);
    http_close(hot);
    lab_end();
}
END_TEST

/* --- 4: the reply goes out ------------------------------------------------------------------ */

/* Catches: HEAD is GET. */
START_TEST(head_has_no_body)
{
    lab_start(NEVER);
    const char *file = lab_new_file(SMALL_BYTES);
    for (int round = 0; round < 2; round++) { /* from the disk; then from the cache */
        struct http_connection *talk = open_with(0);
        talk->methods = "H";
        http_send_text(talk, words("HEAD /%s HTTP/1.1\r\nHost: a\r\n\r\n", file));
        demand_status(talk, 200);
        const char *length = http_field(&talk->answers[0], "Content-Length");
        demand(length != NULL && strcmp(length, words("%d", SMALL_BYTES)) == 0,
               words("HEAD /%s", file), http_describe(talk), "Content-Length: %d", SMALL_BYTES);
        read_to_end(talk, words("HEAD /%s", file), "the end of the connection");
        demand(talk->count == 1 && talk->input_length == 0, words("HEAD /%s", file),
               http_describe(talk), "a head, and no body");
        http_close(talk);
        get_whole(file);
    }
    lab_end();
}
END_TEST

/* Waits until one read more is held than `reads`, or the answer is there. */
static void await_read(struct http_connection *talk, unsigned reads)
{
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    while (slow_count_held(&lab_server) == reads && talk->count == 0 && !talk->closed &&
           deadline_retry(deadline))
        receive_what_is_there(talk);
    receive_what_is_there(talk);
}

/* Catches: all of a large file is read before any of it is sent. */
START_TEST(large_file_is_sent_piece_by_piece)
{
    lab_hold(NEVER PIECE_BY_PIECE);
    const char *file = lab_new_file(PIECES_BYTES);
    unsigned reads = slow_count_held(&lab_server), released = 0;
    struct http_connection *talk = lab_ask(file);
    await_read(talk, reads);
    while (talk->count == 0 && !talk->closed && talk->input_length <= MORE_THAN_A_HEAD &&
           released++ < READS_MAX) {
        reads = slow_count_held(&lab_server);
        lab_release(file);
        await_read(talk, reads);
    }
    demand(talk->count == 0 && talk->input_length > MORE_THAN_A_HEAD,
           words("GET /%s; of its reads %u are done, the next is held", file, released),
           talk->count > 0 ? "nothing before the last read, and then all" : http_describe(talk),
           "the first piece, sent before the second is read (step 4: HTTP_SEND_EMPTY)");
    lab_let_go();
    demand_file(talk, file);
    http_close(talk);
    lab_end();
}
END_TEST

/* Catches: what send() did not take is lost; or asked again and again, in a loop that never rests.
 */
START_TEST(slow_reader_gets_every_byte)
{
    lab_start(NEVER);
    const char *file = lab_new_file(LARGE_BYTES);
    struct http_connection *talk = ask_narrowly(file);
    deadline_wait(talk->fd, POLLIN, talk->deadline); /* the reply has begun */
    demand_rest(REST_MS);
    demand_file(talk, file);
    http_close(talk);
    lab_end();
}
END_TEST

/* Catches: a client that stops reading keeps everybody out for ever. */
START_TEST(client_that_stops_reading_is_given_up)
{
    lab_start("--write-timeout 500ms");
    struct http_connection *talk = ask_narrowly(lab_new_file(LARGE_BYTES));
    deadline_wait(talk->fd, POLLIN, talk->deadline); /* the reply has begun */
    get_whole(lab_new_file(SMALL_BYTES));
    http_close(talk);
    lab_end();
}
END_TEST

/* Catches: closed while input is unread, which is a reset, and takes the reply along. */
START_TEST(refusal_survives_unread_input)
{
    char *field = calloc(1, UNREAD_BYTES + 1);
    ck_assert_ptr_nonnull(field);
    memset(field, 'x', UNREAD_BYTES);
    lab_start(NEVER);
    struct http_connection *talk = say("GET / HTTP/1.1\r\nHost: a\r\nX: ");
    http_send(talk, field, UNREAD_BYTES);
    http_read_to_end(talk);
    demand(talk->count == 1 && talk->answers[0].status == 431 && !talk->reset,
           words("a head with a field of %d bytes", UNREAD_BYTES), http_describe(talk),
           "431, and a gentle end: shut the output, and drain what comes (step 6: linger)");
    free(field);
    http_close(talk);
    lab_end();
}
END_TEST

/* --- 5: nothing is left over ---------------------------------------------------------------- */

static void come_and_go(const char *small, const char *large)
{
    struct linger at_once = {.l_onoff = 1};
    get_whole(small);
    struct http_connection *missing = lab_ask("nothing.here");
    demand_status(missing, 404);
    http_close(missing);
    http_close(open_with(0));
    struct http_connection *gone = ask_narrowly(large);
    setsockopt(gone->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once); /* a reset */
    http_close(gone);
}

static void await_descriptors(unsigned count)
{
    int64_t deadline = deadline_in(REST_MS);
    while (lab_count_descriptors() > count && deadline_retry(deadline))
        continue;
}

/* Catches: a way out that does not close the connection, or the file. */
START_TEST(no_descriptor_is_left_open)
{
    lab_start(NEVER PIECE_BY_PIECE);
    const char *small = lab_new_file(SMALL_BYTES), *large = lab_new_file(LARGE_BYTES);
    come_and_go(small, large);
    get_whole(small);
    await_table("^  0 of 1 threads serve ", "requests, one after another",
                "a table that says: 0 of 1 threads serve a client");
    unsigned before = lab_count_descriptors();
    for (unsigned i = 0; i < ROUNDS; i++)
        come_and_go(small, large);
    get_whole(small);
    await_table("^  0 of 1 threads serve ", "requests, one after another",
                "a table that says: 0 of 1 threads serve a client");
    await_descriptors(before);
    demand(lab_count_descriptors() <= before,
           words("%d times: a GET, a 404, a silent client, one that resets", ROUNDS),
           words("%u open descriptors", lab_count_descriptors()), "%u, as before", before);
    lab_end();
}
END_TEST

/* Catches: a request in progress is dropped by SIGTERM, or a client holds up the end. */
START_TEST(end_is_clean)
{
    lab_hold(NEVER "--grace-time 10m");
    struct http_connection *talk = say_half();
    kill(lab_server.program.pid, SIGTERM);
    http_send_text(talk, "t: localhost\r\n\r\n");
    demand_status(talk, 200);
    http_close(talk);
    lab_end();

    lab_start(NEVER "--grace-time 300ms");
    talk = say_half();
    kill(lab_server.program.pid, SIGTERM);
    read_to_end(talk, "half a request, SIGTERM, and --grace-time 300ms",
                "the end of the connection with the grace time (step 5: MUST_LEAVE)");
    lab_end();
}
END_TEST

/* --- the list ------------------------------------------------------------------------------- */

static void add_tests(void)
{
    GRADE(files_come_byte_for_byte, 10);
    GRADE(request_in_pieces_is_put_together, 7);
    GRADE(errors_are_answered, 8);
    GRADE(second_time_it_comes_from_the_cache, 8);
    GRADE(short_reads_are_put_together, 8);
    GRADE(failed_read_is_answered_500, 6);
    GRADE(head_has_no_body, 4);
    GRADE(large_file_is_sent_piece_by_piece, 10);
    GRADE(slow_reader_gets_every_byte, 10);
    GRADE(silent_client_is_sent_away, 6);
    GRADE(half_a_request_is_answered_408, 6);
    GRADE(client_that_stops_reading_is_given_up, 4);
    GRADE(refusal_survives_unread_input, 4);
    GRADE(no_descriptor_is_left_open, 4);
    GRADE(end_is_clean, 3);
    GRADE(one_thread_does_it_all, 2);
}

const struct lab lab = {"01-single", "--model single", add_tests};
