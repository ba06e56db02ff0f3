/*
 * Lab 05: the nonblocking disk read. Three checkpoints: one read and its signal; many reads, the
 * sweep and back-pressure; short reads and errors.
 *
 * Who reads, and how, is judged from outside. slowdisk holds the reads and names the thread of
 * each. Where that is not enough, shared objects stand between the server and libc: aio_burst does
 * no read before it may, and then all at once; signal_only lets no wait end by time; aio_strict
 * gives few requests and forgives nothing; aio_short brings little at a time; aio_fail and
 * aio_reject bring errors.
 */
#include "grader/lab.h"
#include "support/deadline.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    PATH_ROOM = 400,
    TEXT_ROOM = 400,
    TEXTS = 4,
    COLD_BYTES = 5000,
    LARGE_BYTES = 600 * 1024, /* more than one piece, with PIECE_BY_PIECE */
    HOT_REQUESTS = 20,        /* so many turns of the loop, at least */
    READS = 20,
    PLACES = 64,
    CLIENTS_GONE = 10,
    STRICT_READS = 40, /* more than aio_strict's 16 */
    REST_MS = 1000,
    SLEEP_MS = 250, /* longer than the loop waits, without a signal, while a read is in flight */
    SLEEP_WITHIN_MS = 3000,
    WAKES_PER_SECOND = 40, /* the loop itself looks ten times, should a signal be lost */
    SHORT_BYTES = 1000,    /* aio_short's */
    SHRUNK_BYTES = 1000,
};

/* So long that nobody is answered because time is over. */
#define PATIENT        "--load-timeout 10m"
#define PIECE_BY_PIECE "--cache-file-max 256K"

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

/* --- what stands between the server and libc ------------------------------------------------ */

/* While this file is there, AIO holds, or rejects, or time stands still. */
static char switch_file[PATH_ROOM];

/* The servers that are started from now on get this shared object before libc. */
static void interpose(const char *name)
{
    const char *directory = getenv("INTERPOSE");
    char *absolute = realpath(directory != NULL ? directory : "build/interpose", NULL);
    const char *object = words("%s/%s.so", absolute != NULL ? absolute : "", name);
    free(absolute);
    ck_assert_msg(access(object, R_OK) == 0, "the shared object %s is missing: %s", name,
                  strerror(errno));
    snprintf(switch_file, sizeof switch_file, "%s/.switch", lab_root());
    setenv("HOLD_WHILE", switch_file, 1);
    setenv("LD_PRELOAD", object, 1);
}

static void switch_on(void)
{
    int file = open(switch_file, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    ck_assert_msg(file >= 0, "%s: %s", switch_file, strerror(errno));
    close(file);
}

static void switch_off(void)
{
    unlink(switch_file);
}

/* --- the process, from outside -------------------------------------------------------------- */

static unsigned long sleeps_in(const char *path)
{
    unsigned long sleeps = 0;
    char line[TEXT_ROOM];
    FILE *file = fopen(path, "re");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "voluntary_ctxt_switches: %lu", &sleeps) == 1)
            break;
    if (file != NULL)
        fclose(file);
    return sleeps;
}

/* How often a thread of the server has gone to sleep so far. Each wait of the loop is one time. */
static unsigned long count_sleeps(void)
{
    unsigned long sleeps = 0;
    glob_t found;
    if (glob(words("/proc/%d/task/*/status", (int)lab_server.program.pid), 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            sleeps += sleeps_in(found.gl_pathv[i]);
    globfree(&found);
    return sleeps;
}

static void pause_ms(long ms)
{
    struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

/* Waits until the server sleeps and nothing wakes it. One that never does is let be. */
static void await_sleep(void)
{
    int64_t deadline = deadline_in(SLEEP_WITHIN_MS);
    unsigned long before;
    do {
        before = count_sleeps();
        pause_ms(SLEEP_MS);
    } while (count_sleeps() != before && deadline_left_ms(deadline) > 0);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A server with a read in flight sleeps, but for a look now and then. */
static void demand_few_wakes(void)
{
    int64_t begin_ms = now_ms();
    unsigned long before = count_sleeps();
    demand_rest(REST_MS);
    unsigned long wakes = count_sleeps() - before;
    unsigned long most = (unsigned long)(now_ms() - begin_ms) * WAKES_PER_SECOND / 1000;
    demand(wakes <= most + 1, "nothing, while the read of one cold file is held",
           words("the server woke up %lu times", wakes),
           "it sleeps until the signal comes (but for ten looks a second), and does not poll");
}

/* --- asking --------------------------------------------------------------------------------- */

static void demand_reads_by_others(void)
{
    unsigned mine = lab_count_reads_by_first_thread();
    demand(mine == 0, "GET of a file that is not in the page cache",
           words("%u reads of files in the first thread, which then waits for the disk", mine),
           "no read in the first thread: aio_read(3) starts it, and returns at once");
}

/* Asks for a cold file, which must be read by another thread than the server's own. */
static struct http_connection *ask_cold_elsewhere(const char *file)
{
    struct http_connection *talk = lab_ask_cold(file);
    demand_reads_by_others();
    return talk;
}

static bool is_answered(struct http_connection *talk)
{
    http_receive(talk);
    return talk->input_length > 0 || talk->count > 0 || talk->closed;
}

/* Waits for the answer; `sent` says what was done, and `expected` why it must come. */
static void demand_answer(struct http_connection *talk, const char *sent, const char *expected)
{
    talk->deadline = deadline_in(LAB_DEADLINE_MS);
    http_read_answers(talk, 1);
    demand(talk->count > 0, sent, http_describe(talk), "%s", expected);
}

/* Whether this is a 200 with what the file holds. */
static bool is_file(const struct http_answer *answer, const char *name)
{
    FILE *file = fopen(words("%s/%s", lab_root(), name), "re");
    ck_assert_msg(file != NULL, "%s: %s", name, strerror(errno));
    char *bytes = malloc(answer->body_length + 1);
    ck_assert_ptr_nonnull(bytes);
    size_t length = fread(bytes, 1, answer->body_length + 1, file);
    fclose(file);
    bool is_same =
        length == answer->body_length && memcmp(bytes, answer->body, answer->body_length) == 0;
    free(bytes);
    return answer->status == 200 && is_same;
}

/* demand_file(), for where there is more to be said of what may be wrong. */
static void demand_own_bytes(struct http_connection *talk, const char *file, const char *sent,
                             const char *expected)
{
    demand_answer(talk, sent, expected);
    bool is_right = is_file(&talk->answers[0], file);
    const char *got = talk->answers[0].status == 200 ? "200, but not with this file's bytes"
                                                     : http_describe(talk);
    demand(is_right, sent, got, "%s", expected);
}

/* A GET, the file, and good-bye. */
static void demand_fetched(const char *file)
{
    struct http_connection *talk = lab_ask(file);
    demand_file(talk, file);
    http_close(talk);
}

static bool is_read(const char *file)
{
    return slow_count(&lab_server, words(" s  held +[a-z0-9]+ of %s by ", file)) > 0;
}

/* --- 1. one read and its signal ------------------------------------------------------------- */

/*
 * Catches: a blocking read in the loop; also of a file with O_NONBLOCK, which changes nothing; and
 * to wait for AIO on the spot (aio_suspend, a loop over aio_error).
 */
START_TEST(hot_requests_are_answered_while_a_read_is_held)
{
    lab_hold(PATIENT);
    const char *file = lab_new_file(COLD_BYTES);
    struct http_connection *talk = ask_cold_elsewhere(file);
    demand_hot(HOT_REQUESTS);
    demand_no_answer(talk);
    lab_release(file);
    demand_file(talk, file);
    demand_reads_by_others();
    lab_end();
}
END_TEST

/*
 * AIO holds the read here, and has no helper threads: who has the bytes all the same, or is there
 * beside the one thread, is not AIO. Tests that hold no read begin with this: there is nothing to
 * be had in them for reads that are made in another way, or waited for on the spot.
 */
static void demand_aio_and_nothing_else(void)
{
    interpose("aio_burst");
    lab_start(PATIENT);
    demand_hot(1);
    switch_on();
    const char *file = lab_new_file(COLD_BYTES);
    struct http_connection *talk = lab_ask(file);
    demand_hot(HOT_REQUESTS);
    unsigned threads = lab_count_threads();
    demand(threads == 1, "GET of a cold file, with an AIO that needs no helper threads",
           words("%u threads", threads),
           "one thread, the application's: no pool, and no thread for a read");
    demand(!is_answered(talk), "GET of a cold file, while AIO holds every read",
           http_describe(talk), "no answer: the bytes come by aio_read(3), and by nothing else");
    switch_off();
    demand_file(talk, file);
    lab_end();
}

/*
 * Catches: threads of one's own (one for each read, a pool), or another way to the bytes, in the
 * place of AIO.
 */
START_TEST(aio_makes_the_read_and_no_thread_of_yours)
{
    demand_aio_and_nothing_else();
}
END_TEST

/*
 * Catches: a read that tells nobody when it has ended (SIGEV_NONE, a signal that nobody takes) and
 * is found late, by luck; or that tells by a thread (SIGEV_THREAD).
 */
START_TEST(signal_ends_the_wait)
{
    interpose("signal_only");
    lab_hold(PATIENT);
    const char *file = lab_new_file(COLD_BYTES);
    struct http_connection *talk = ask_cold_elsewhere(file);
    demand_hot(1);
    demand_no_answer(talk);
    switch_on();
    await_sleep();
    lab_release(file);
    demand_answer(talk, "GET of a cold file; its read was held, and has been released",
                  "an answer, because a signal (SIGEV_SIGNAL) tells that the read has ended; here "
                  "no wait of select() ends by time");
    switch_off();
    demand_file(talk, file);
    lab_end();
}
END_TEST

/* Catches: polling (by a timer, by signals to oneself): it finds the end, but wakes for nothing. */
START_TEST(server_rests_while_a_read_is_held)
{
    lab_hold(PATIENT);
    const char *file = lab_new_file(COLD_BYTES);
    struct http_connection *talk = ask_cold_elsewhere(file);
    demand_hot(1);
    demand_few_wakes();
    lab_release(file);
    demand_file(talk, file);
    lab_end();
}
END_TEST

/* --- 2. many reads, the sweep, back-pressure ------------------------------------------------ */

/*
 * Catches: one read at a time; one control block, or one buffer, for all; bytes that go to the
 * wrong client when the disk's replies come in another order than the requests.
 */
START_TEST(twenty_reads_end_in_any_order)
{
    struct http_connection *talks[READS];
    const char *files[READS];
    lab_hold(PATIENT);
    for (unsigned i = 0; i < READS; i++) {
        files[i] = lab_new_file(COLD_BYTES + i);
        talks[i] = ask_cold_elsewhere(files[i]);
    }
    demand_hot(HOT_REQUESTS);
    for (unsigned step = 0; step < READS; step++) {
        unsigned i = (step * 7 + 13) % READS; /* each once, in no order */
        demand(!is_answered(talks[i]), "GETs of 20 cold files, whose reads are released one by one",
               http_describe(talks[i]), "no answer as long as this client's own read is held");
        lab_release(files[i]);
        demand_own_bytes(talks[i], files[i],
                         "GETs of 20 cold files, whose reads are released one "
                         "by one, in another order",
                         "each client gets its own file, when that read has ended");
    }
    lab_end();
}
END_TEST

static unsigned await_reads(unsigned count)
{
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    while (lab_count_reads_by_others() < count && deadline_retry(deadline))
        continue;
    return lab_count_reads_by_others();
}

/* Catches: glibc's twenty helpers, which are all there are if nobody asks for more. */
START_TEST(each_place_has_a_read_under_way)
{
    struct http_connection *talks[PLACES];
    const char *files[PLACES];
    lab_hold(PATIENT " --places %d", PLACES);
    unsigned before = lab_count_reads_by_others();
    for (unsigned i = 0; i < PLACES; i++) {
        files[i] = lab_new_file(COLD_BYTES);
        talks[i] = lab_ask(files[i]);
    }
    unsigned held = await_reads(before + PLACES) - before;
    demand(held == PLACES, "64 GETs of 64 cold files, with 64 places at the disk",
           words("%u reads at the disk at the same time", held),
           "64: ask for as many helpers as there are places (aio_helpers_set)");
    demand_hot(HOT_REQUESTS);
    demand_reads_by_others();
    lab_let_go();
    for (unsigned i = 0; i < PLACES; i++)
        demand_file(talks[i], files[i]);
    lab_end();
}
END_TEST

/* Starts a server for whose signals the kernel's queue has no room: it inherits our limit. */
static void start_without_room_for_signals(void)
{
    struct rlimit limit, none;
    ck_assert_int_eq(getrlimit(RLIMIT_SIGPENDING, &limit), 0);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = limit.rlim_max};
    ck_assert_int_eq(setrlimit(RLIMIT_SIGPENDING, &none), 0);
    lab_start(PATIENT);
    ck_assert_int_eq(setrlimit(RLIMIT_SIGPENDING, &limit), 0);
}

/*
 * Catches: trust in signals. None finds room in the queue, and glibc even puts EAGAIN in the place
 * of the result. Who only listens, takes this for a failure, or asks for a signal again although
 * `quiet` says not to, loses the read.
 */
START_TEST(full_queue_of_signals_loses_no_read)
{
    struct http_connection *talks[READS];
    const char *files[READS];
    demand_aio_and_nothing_else();
    unsetenv("LD_PRELOAD");
    start_without_room_for_signals();
    for (unsigned i = 0; i < READS; i++) {
        files[i] = lab_new_file(COLD_BYTES + i);
        talks[i] = lab_ask(files[i]);
    }
    for (unsigned i = 0; i < READS; i++) {
        demand_own_bytes(talks[i], files[i],
                         "GET of a cold file, where no signal finds room in the queue (prlimit "
                         "--sigpending=0)",
                         "200: check() tells what aio_error() says, EAGAIN too, which is no "
                         "failure; a read that is quiet is started with SIGEV_NONE");
    }
    demand_reads_by_others();
    unsigned others = lab_count_reads_by_others();
    demand(others >= READS, "GETs of 20 cold files", words("%u reads by another thread", others),
           "20 or more: each file is read from the disk, and not by the first thread");
    lab_end();
}
END_TEST

static void await_read(const char *file, struct http_connection *talk)
{
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    while (!is_read(file) && !is_answered(talk) && deadline_retry(deadline))
        continue;
    demand(is_read(file), "GET of a third cold file, which had to wait; another read has ended",
           http_describe(talk), "now the third file is read");
}

/* Demands an answer with hot.txt, unless the thread that would answer now waits for the disk. */
static void demand_hot_or_a_reason(void)
{
    struct http_connection *talk = lab_ask("hot.txt");
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    while (!is_answered(talk) && lab_count_reads_by_first_thread() == 0 && deadline_retry(deadline))
        continue;
    demand_reads_by_others();
    demand(is_answered(talk), "GET hot.txt; two reads are in flight, a third finds no room",
           http_describe(talk),
           "200: only the third file's client waits (DISK_NO_ROOM), and the "
           "thread asks AIO for nothing until a read has ended");
    http_close(talk);
}

/* Two requests are all that AIO gives; the third must wait, and nobody else. */
static void demand_that_the_third_waits(void)
{
    lab_hold(PATIENT);
    const char *files[] = {lab_new_file(COLD_BYTES), lab_new_file(COLD_BYTES),
                           lab_new_file(COLD_BYTES)};
    struct http_connection *one = ask_cold_elsewhere(files[0]);
    struct http_connection *two = ask_cold_elsewhere(files[1]);
    struct http_connection *three = lab_ask(files[2]);
    demand_hot_or_a_reason();
    demand_hot(HOT_REQUESTS);
    demand(!is_answered(three) && !is_read(files[2]),
           "GET of a third cold file; two reads are in flight, and aio_read() says EAGAIN",
           http_describe(three), "it waits until one of the two has ended (DISK_NO_ROOM)");
    lab_release(files[0]);
    demand_file(one, files[0]);
    await_read(files[2], three);
    demand_reads_by_others();
    lab_let_go();
    demand_file(three, files[2]);
    demand_file(two, files[1]);
    lab_end();
}

/*
 * Catches: EAGAIN from aio_read() taken for a failure, asked again in a loop, or answered by a read
 * on the spot. And where AIO has no room at all, the server may be slow, but must not fail.
 */
START_TEST(read_without_room_waits_for_another_to_end)
{
    interpose("aio_strict");
    setenv("AIO_SLOTS", "2", 1);
    demand_that_the_third_waits();
    setenv("AIO_SLOTS", "0", 1);
    lab_start(PATIENT);
    for (unsigned i = 0; i < READS; i++)
        demand_fetched(lab_new_file(COLD_BYTES));
    lab_end();
}
END_TEST

static void demand_late_file(struct http_connection *talk, const char *file)
{
    demand_own_bytes(talk, file, "GETs of cold files; the disk reads late",
                     "200 with this file: buffer, control block and descriptor are the read's own "
                     "until aio_error() says that it has ended");
}

/*
 * Catches: a descriptor closed, a buffer or a control block given away or shared, while the read
 * is in flight. aio_burst reads long after aio_read() has returned, all at once, with what it was
 * given then.
 */
START_TEST(read_keeps_what_it_was_given_until_it_ends)
{
    struct http_connection *talks[READS];
    const char *files[READS];
    interpose("aio_burst");
    lab_start(PATIENT);
    demand_late_file(lab_ask("hot.txt"), "hot.txt");
    switch_on();
    for (unsigned i = 0; i < READS; i++) {
        files[i] = lab_new_file(COLD_BYTES + i);
        talks[i] = lab_ask(files[i]);
        demand_hot(1);
    }
    for (unsigned i = 0; i < READS; i++)
        demand(!is_answered(talks[i]), "GETs of cold files, while AIO holds every read",
               http_describe(talks[i]), "no answer: the bytes come by aio_read(3)");
    switch_off();
    for (unsigned i = 0; i < READS; i++)
        demand_late_file(talks[i], files[i]);
    lab_end();
}
END_TEST

/* --- 3. short reads and errors -------------------------------------------------------------- */

/*
 * Catches: the length that was asked for taken for the bytes that came (only aio_return() knows);
 * the rest read from, or to, the place of the beginning.
 */
START_TEST(short_read_goes_on_where_it_stopped)
{
    static const size_t sizes[] = {SHORT_BYTES - 1, SHORT_BYTES, SHORT_BYTES + 1, COLD_BYTES,
                                   LARGE_BYTES};
    demand_aio_and_nothing_else();
    interpose("aio_short");
    setenv("AIO_SHORT_BYTES", words("%d", SHORT_BYTES), 1);
    lab_start(PATIENT " " PIECE_BY_PIECE);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const char *file = lab_new_file(sizes[i]);
        demand_own_bytes(
            lab_ask(file), file,
            words("GET of a file of %zu bytes; no read brings more than %d", sizes[i], SHORT_BYTES),
            "the whole file: tell as many bytes as aio_return() says, and read the "
            "rest from offset + done, to into + done");
    }
    lab_end();
}
END_TEST

static void demand_500(const char *sent, const char *expected)
{
    struct http_connection *talk = lab_ask(lab_new_file(COLD_BYTES));
    demand_answer(talk, sent, expected);
    demand(talk->answers[0].status == 500, sent, http_describe(talk), "%s", expected);
    http_close(talk);
}

/* Catches: errors that get lost, or are looked for in errno, which aio_error() does not set. */
START_TEST(failed_read_gets_500_and_harms_nobody)
{
    demand_aio_and_nothing_else();
    interpose("aio_fail");
    setenv("AIO_FAILS_FROM", "0", 1);
    lab_start(PATIENT);
    for (unsigned i = 0; i < 3; i++)
        demand_500("GET of a cold file; the disk fails (EIO)",
                   "500: the error is what aio_error() returns");
    lab_end();
    setenv("AIO_FAILS_FROM", "1", 1);
    lab_start(PATIENT " " PIECE_BY_PIECE);
    struct http_connection *talk = lab_ask(lab_new_file(LARGE_BYTES)); /* the second piece fails */
    http_read_to_end(talk);
    demand(talk->closed && !talk->timed_out && talk->count == 0,
           "GET of a large file, of which the disk can read only the beginning",
           http_describe(talk), "the connection ends before the reply is whole");
    demand_fetched(lab_new_file(COLD_BYTES));
    lab_end();
}
END_TEST

/* Catches: failures of aio_read() itself that go unseen: the server waits for what never began. */
START_TEST(read_that_cannot_begin_gets_500)
{
    demand_aio_and_nothing_else();
    interpose("aio_reject");
    lab_start(PATIENT);
    demand_fetched(lab_new_file(COLD_BYTES));
    switch_on();
    demand_500("GET of a cold file; aio_read() fails with EINVAL",
               "500: the read has ended on the spot (DISK_FINISHED), and errno says why");
    switch_off();
    demand_fetched(lab_new_file(COLD_BYTES));
    lab_end();
}
END_TEST

static void demand_what_is_left(const char *file)
{
    static const char sent[] = "GET of the file that has shrunk, once more";
    struct http_connection *talk = lab_ask(file);
    demand_answer(talk, sent, "200 with what is left");
    demand(talk->answers[0].status == 200 && talk->answers[0].body_length == SHRUNK_BYTES, sent,
           http_describe(talk), "200 with the %d bytes that are left", SHRUNK_BYTES);
}

/* Catches: 0 bytes, the end of the file, taken for success or for "try again". */
START_TEST(file_that_shrinks_is_not_made_up)
{
    static const char sent[] = "GET of a cold file of 5000 bytes; while its read is held, the file "
                               "shrinks to 1000",
                      expected[] = "500: the rest of the read brings 0 bytes, and that is told";
    lab_hold(PATIENT);
    const char *file = lab_new_file(COLD_BYTES);
    struct http_connection *talk = ask_cold_elsewhere(file);
    demand_hot(1);
    const char *path = words("%s/%s", lab_root(), file);
    ck_assert_msg(truncate(path, SHRUNK_BYTES) == 0, "%s: %s", path, strerror(errno));
    lab_let_go();
    demand_answer(talk, sent, expected);
    demand(talk->answers[0].status == 500, sent, http_describe(talk), "%s", expected);
    demand_what_is_left(file);
    lab_end();
}
END_TEST

/* Requests that are never given back run out, and then disk.c reads plainly, in the one thread. */
static void demand_no_lack_of_requests(void)
{
    lab_hold(PATIENT);
    lab_let_go();
    for (unsigned i = 0; i < STRICT_READS; i++)
        demand_fetched(lab_new_file(COLD_BYTES));
    unsigned plain = slow_count(&lab_server, " by first thread");
    demand(plain == 0, "40 cold files, where AIO gives 16 requests, each taken until aio_return()",
           words("%u reads in the first thread, because AIO had no request left", plain),
           "aio_return() exactly once for each read, as soon as it has ended");
    lab_end();
}

/*
 * Catches: a result that is never fetched (the system's request is then taken for good), fetched
 * twice, or early; a control block that is not cleared before it is used again.
 */
START_TEST(result_is_fetched_exactly_once)
{
    static const char sent[] = "GETs of cold files, where AIO gives 16 requests, each taken until "
                               "aio_return(), and forgives nothing",
                      expected[] = "200 for all: aio_return() exactly once for each read, when it "
                                   "has ended; a control block cleared before each use";
    demand_aio_and_nothing_else();
    interpose("aio_strict");
    lab_start(PATIENT " --places 4 " PIECE_BY_PIECE);
    for (unsigned i = 0; i < STRICT_READS; i++) {
        const char *file = lab_new_file(i % 10 == 0 ? LARGE_BYTES : COLD_BYTES);
        demand_own_bytes(lab_ask(file), file, sent, expected);
    }
    lab_end();
    demand_no_lack_of_requests();
}
END_TEST

/* A client goes as one that has crashed: by a reset, which is seen while the disk reads. */
static void reset_connection(struct http_connection *talk)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(talk->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    http_close(talk);
}

/* Clients leave while their reads are held; then the reads end. */
static void leave_in_flight(void)
{
    struct http_connection *talks[CLIENTS_GONE];
    const char *files[CLIENTS_GONE];
    for (unsigned i = 0; i < CLIENTS_GONE; i++) {
        files[i] = lab_new_file(COLD_BYTES);
        talks[i] = ask_cold_elsewhere(files[i]);
    }
    for (unsigned i = 0; i < CLIENTS_GONE; i++)
        reset_connection(talks[i]);
    demand_hot(HOT_REQUESTS);
    for (unsigned i = 0; i < CLIENTS_GONE; i++)
        lab_release(files[i]);
    for (unsigned i = 0; i < CLIENTS_GONE; i++)
        demand_fetched(files[i]); /* the read was not in vain: now the page cache has it */
}

static void demand_descriptors(unsigned most)
{
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    while (lab_count_descriptors() > most && deadline_retry(deadline))
        continue;
    unsigned open = lab_count_descriptors();
    demand(open <= most, "GETs of cold files; the clients leave before they come",
           words("%u open descriptors, when all have gone", open), "%u, as many as before", most);
}

/* Catches: descriptors that leak; traces of a client that went while its read was held. */
START_TEST(client_that_leaves_takes_nothing_along)
{
    lab_hold(PATIENT);
    leave_in_flight();
    await_sleep();
    unsigned descriptors = lab_count_descriptors();
    leave_in_flight();
    leave_in_flight();
    demand_descriptors(descriptors);
    lab_end();
}
END_TEST

/* --- the list ------------------------------------------------------------------------------- */

static void add_tests(void)
{
    GRADE(hot_requests_are_answered_while_a_read_is_held, 10);
    GRADE(aio_makes_the_read_and_no_thread_of_yours, 8);
    GRADE(signal_ends_the_wait, 10);
    GRADE(server_rests_while_a_read_is_held, 8);

    GRADE(twenty_reads_end_in_any_order, 8);
    GRADE(each_place_has_a_read_under_way, 6);
    GRADE(full_queue_of_signals_loses_no_read, 8);
    GRADE(read_without_room_waits_for_another_to_end, 6);
    GRADE(read_keeps_what_it_was_given_until_it_ends, 6);

    GRADE(short_read_goes_on_where_it_stopped, 7);
    GRADE(failed_read_gets_500_and_harms_nobody, 5);
    GRADE(read_that_cannot_begin_gets_500, 3);
    GRADE(file_that_shrinks_is_not_made_up, 5);
    GRADE(result_is_fetched_exactly_once, 6);
    GRADE(client_that_leaves_takes_nothing_along, 4);
}

const struct lab lab = {"05-aio", "--model event --disk aio", add_tests};
