/*
 * Lab 02: a dispatcher, its workers, and a bounded queue between them.
 *
 * slowdisk holds the reads, and so decides which worker is busy; its log names the thread of each
 * read. Faults that show once in a million times are made to show every time: a shared object
 * (labs/grader/interpose_condition.c) wakes who was not signalled, lets who was woken come late, or
 * holds a worker between its look at the queue and its wait. POSIX allows all of that.
 *
 * Every test begins with one read that a worker must have made. So a server that does everything
 * in its first thread passes none of them.
 */
#include "grader/lab.h"
#include "support/deadline.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
    PATH_ROOM = 400,
    TEXT_ROOM = 400,
    TEXTS = 4,
    COLD_BYTES = 5000,
    WORKERS = 4,
    OTHER_THREADS = 2, /* the dispatcher, and the thread that answers signals */
    QUEUE = 2,
    CROWD = 8,
    HOT_REQUESTS = 20,
    REST_MS = 300,
    TABLE_MS = 300,
    SETTLED_TABLES = 4, /* in a row with the same number: nobody comes in any more */
    SLOW_MS = 200,
};

/* Nobody is answered, or sent away, because time is over. */
#define PATIENT "--idle-timeout 10m --read-timeout 10m --load-timeout 10m --grace-time 10m "

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

static char switch_file[PATH_ROOM]; /* while it is there, conditions are trying */

static void begin_trying(void)
{
    int file = open(switch_file, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    ck_assert_msg(file >= 0, "%s: %s", switch_file, strerror(errno));
    close(file);
}

static void stop_trying(void)
{
    unlink(switch_file);
}

/* In servers that are started from now on, conditions can be made to behave so. */
static void prepare_conditions(const char *how, unsigned value)
{
    const char *directory = getenv("INTERPOSE");
    char *absolute = realpath(directory != NULL ? directory : "build/interpose", NULL);
    const char *object = words("%s/condition.so", absolute != NULL ? absolute : "");
    free(absolute);
    ck_assert_msg(access(object, R_OK) == 0, "the shared object %s is missing", object);
    snprintf(switch_file, sizeof switch_file, "%s/.switch", lab_root());
    stop_trying(); /* a test that failed may have left it */
    setenv("HOLD_WHILE", switch_file, 1);
    setenv(how, words("%u", value), 1);
    setenv("LD_PRELOAD", object, 1);
}

/* --- the server, and its table -------------------------------------------------------------- */

static void begin(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A server with its disk held, in which a worker has made the one read so far. */
static void begin(const char *format, ...)
{
    char options[TEXT_ROOM];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(options, sizeof options, format, arguments);
    va_end(arguments);
    lab_hold(PATIENT "%s", options);
    demand(lab_count_reads_by_first_thread() == 0, "GET /hot.txt",
           "a read by the first thread: the dispatcher carries the request out itself",
           "a read by a worker, while the dispatcher waits for the next client (steps 1 to 3)");
}

/* Waits for one more of the lines that the table ends with; returns the number in it. */
static unsigned ask_for_connections(void)
{
    static const char pattern[] = "^  [0-9]+ connections ";
    unsigned before = slow_count(&lab_server, pattern), connections = 0;
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    kill(lab_server.program.pid, SIGUSR1);
    while (slow_count(&lab_server, pattern) == before)
        demand(deadline_retry(deadline) != 0, "SIGUSR1", "nothing", "the table of the workers");
    for (const char *at = slow_messages(&lab_server); (at = strstr(at, "\n  ")) != NULL; at++)
        if (strstr(at, " connections ") != NULL)
            sscanf(at, "%u connections ", &connections);
    return connections;
}

/* Connections that the dispatcher has accepted, once it accepts no more. */
static unsigned await_settled(void)
{
    unsigned connections = ask_for_connections();
    for (unsigned same = 0; same < SETTLED_TABLES; same++) {
        unsigned now = ask_for_connections();
        if (now != connections)
            same = 0;
        connections = now;
    }
    return connections;
}

static void await_connections(unsigned least, const char *sent, const char *expected)
{
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    unsigned now;
    while ((now = ask_for_connections()) < least && deadline_left_ms(deadline) > 0)
        continue;
    demand(now >= least, sent, words("%u connections accepted", now), "%s", expected);
}

static void await_table(const char *pattern, const char *sent, const char *expected)
{
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    do {
        unsigned before = slow_count(&lab_server, pattern);
        kill(lab_server.program.pid, SIGUSR1);
        int64_t answer = deadline_in(TABLE_MS);
        do {
            if (slow_count(&lab_server, pattern) > before)
                return;
        } while (deadline_retry(answer));
    } while (deadline_left_ms(deadline) > 0);
    demand(false, sent, "a table (kill -USR1) without this, all the time", "%s", expected);
}

/* --- asking --------------------------------------------------------------------------------- */

/* Asks for a file, and wants the connection to end after it: then the worker is free. */
static struct http_connection *ask_once(const char *file)
{
    struct http_connection *talk = http_open(lab_server.program.port);
    talk->deadline = deadline_in(LAB_DEADLINE_MS);
    http_send_text(talk,
                   words("GET /%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", file));
    return talk;
}

/*
 * Waits until all that was sent has arrived with the server's kernel (tcp(7), SIOCOUTQ): on a busy
 * machine a client can be connected before the server's side knows of it.
 */
static void await_arrival(struct http_connection **crowd, unsigned count)
{
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    for (unsigned i = 0; i < count; i++) {
        int on_the_way = 0;
        while (ioctl(crowd[i]->fd, SIOCOUTQ, &on_the_way) == 0 && on_the_way > 0 &&
               deadline_retry(deadline))
            continue;
    }
}

static void ask_crowd(struct http_connection **crowd, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        crowd[i] = ask_once("hot.txt");
    await_arrival(crowd, count);
}

/* Demands an answer, or says what is wrong; and closes, for a worker waits for that. */
static void demand_answered(struct http_connection *talk, const char *sent, const char *expected)
{
    http_read_answers(talk, 1);
    demand(talk->count == 1 && talk->answers[0].status == 200, sent, http_describe(talk), "%s",
           expected);
    http_close(talk);
}

static void demand_crowd(struct http_connection **crowd, unsigned count, const char *sent,
                         const char *expected)
{
    for (unsigned i = 0; i < count; i++)
        demand_answered(crowd[i], words("%s; this is client %u of %u", sent, i + 1, count),
                        expected);
}

static void await_held(const char *file, const char *sent, const char *expected)
{
    char pattern[PATH_ROOM];
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    snprintf(pattern, sizeof pattern, " s  held +[a-z0-9]+ of %s by ", file);
    while (slow_count(&lab_server, pattern) == 0 && deadline_retry(deadline))
        continue;
    demand(slow_count(&lab_server, pattern) > 0, sent, words("no read of %s", file), "%s",
           expected);
}

static void ask_cold_files(struct http_connection **talks, const char **files, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        files[i] = lab_new_file(COLD_BYTES);
        talks[i] = ask_once(files[i]);
        await_held(files[i], words("%u cold files at a time, with so many workers or more", i + 1),
                   "a read by each worker, while the others are held (step 3)");
    }
}

static void demand_files(struct http_connection **talks, const char **files, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        demand_file(talks[i], files[i]);
        http_close(talks[i]);
    }
}

/* --- workers -------------------------------------------------------------------------------- */

/* Catches: a thread per connection; or one worker, whatever was asked for. */
START_TEST(there_are_as_many_workers_as_asked_for)
{
    struct http_connection *crowd[CROWD];
    begin("--threads %d", WORKERS);
    for (unsigned round = 0; round < 2; round++) {
        demand(lab_count_threads() == WORKERS + OTHER_THREADS, words("--threads %d", WORKERS),
               words("%u threads", lab_count_threads()),
               "%d: the workers, the dispatcher, the watchman (step 3)", WORKERS + OTHER_THREADS);
        for (unsigned i = 0; i < CROWD; i++)
            crowd[i] = lab_ask("hot.txt"); /* and they stay */
        await_connections((round + 1) * CROWD, "clients that stay", "all of them accepted");
        for (unsigned i = 0; i < CROWD; i++)
            http_close(crowd[i]);
    }
    lab_end();
}
END_TEST

/* Catches: the dispatcher serves; a worker holds a lock while it serves. */
START_TEST(others_answer_while_reads_are_held)
{
    struct http_connection *cold[WORKERS - 1];
    const char *files[WORKERS - 1];
    begin("--threads %d", WORKERS);
    ask_cold_files(cold, files, WORKERS - 1);
    demand_hot(HOT_REQUESTS);
    for (unsigned i = 0; i < WORKERS - 1; i++)
        demand_no_answer(cold[i]);
    demand(lab_count_reads_by_first_thread() == 0, "cold files", "a read by the first thread",
           "reads by workers alone");
    lab_let_go();
    demand_files(cold, files, WORKERS - 1);
    lab_end();
}
END_TEST

/* Catches: more threads are made when all are busy. A worker that is busy is busy. */
START_TEST(fifth_waits_for_one_of_four)
{
    struct http_connection *cold[WORKERS];
    const char *files[WORKERS];
    begin("--threads %d", WORKERS);
    ask_cold_files(cold, files, WORKERS);
    struct http_connection *hot = ask_once("hot.txt");
    await_connections(1 + WORKERS + 1, "a fifth client, while four reads are held",
                      "the dispatcher accepts it, and puts it into the queue");
    demand(lab_count_threads() == WORKERS + OTHER_THREADS, "a fifth client",
           words("%u threads", lab_count_threads()), "%d, as before", WORKERS + OTHER_THREADS);
    demand_no_answer(hot);
    lab_release(files[0]);
    demand_file(cold[0], files[0]);
    http_close(cold[0]);
    demand_answered(hot, "one of four held reads is released",
                    "its worker takes the client that waits in the queue (step 2)");
    for (unsigned i = 1; i < WORKERS; i++)
        demand_no_answer(cold[i]);
    lab_let_go();
    demand_files(cold + 1, files + 1, WORKERS - 1);
    lab_end();
}
END_TEST

/* --- the queue ------------------------------------------------------------------------------ */

/* Catches: a queue without an end; a dispatcher that drops, or overwrites, when it is full. */
START_TEST(full_queue_stops_accepting_and_drops_nobody)
{
    struct http_connection *cold, *crowd[CROWD];
    const char *file, *sent = "--threads 1 --queue 2; the worker is held, eight more clients come";
    begin("--threads 1 --queue %d", QUEUE);
    unsigned before = ask_for_connections();
    ask_cold_files(&cold, &file, 1);
    ask_crowd(crowd, CROWD);
    await_connections(before + 1 + QUEUE, sent, "one with the worker, and two in the queue");
    unsigned now = await_settled() - before;
    demand(now <= 1 + QUEUE + 1, sent, words("%u connections accepted", now),
           "at most 4: with the worker, in the queue, in the dispatcher's hand (step 4)");
    lab_let_go();
    demand_files(&cold, &file, 1);
    demand_crowd(crowd, CROWD, sent, "an answer for everybody in the end, nobody dropped (step 4)");
    lab_end();
}
END_TEST

/* Catches: a stack. */
START_TEST(first_come_first_served)
{
    struct http_connection *cold, *talks[3];
    const char *file, *files[3];
    begin("--threads 1 --queue 8");
    ask_cold_files(&cold, &file, 1);
    for (unsigned i = 0; i < 3; i++)
        talks[i] = ask_once(files[i] = lab_new_file(COLD_BYTES));
    await_connections(1 + 1 + 3, "three more clients", "three more connections");
    for (unsigned i = 0; i < 3; i++) {
        unsigned reads = slow_count_held(&lab_server);
        lab_release_all();
        slow_await(&lab_server, reads + 1, " s  held ");
        demand(slow_count(&lab_server, words(" s  held .* of %s by ", files[i])) == 1,
               words("1: %s, 2: %s, 3: %s, in this order", files[0], files[1], files[2]),
               "a read for another client", "a read of %s next: the queue is a ring (step 2)",
               files[i]);
    }
    lab_let_go();
    demand_files(&cold, &file, 1);
    demand_files(talks, files, 3);
    lab_end();
}
END_TEST

/* Catches: waiting by asking again and again. */
START_TEST(waiting_costs_nothing)
{
    struct http_connection *cold, *crowd[CROWD];
    const char *file;
    begin("--threads 1 --queue 1");
    demand_rest(REST_MS); /* a worker waits for a client */
    ask_cold_files(&cold, &file, 1);
    ask_crowd(crowd, CROWD);
    await_settled();
    demand_rest(REST_MS); /* the dispatcher waits for room */
    lab_let_go();
    demand_files(&cold, &file, 1);
    demand_crowd(crowd, CROWD, "--threads 1 --queue 1, and eight clients", "an answer for each");
    lab_end();
}
END_TEST

/* --- conditions ----------------------------------------------------------------------------- */

/* Catches: `if` for `while` around a worker's wait. In each round one worker more has waited. */
START_TEST(spurious_wakeups_do_a_worker_no_harm)
{
    const char *sent = "workers that were woken without a signal (a spurious wake-up)";
    prepare_conditions("CONDITION_SPURIOUS", 1);
    begin("--threads %d", WORKERS);
    begin_trying();
    for (unsigned round = 0; round < WORKERS + 1; round++) {
        demand_answered(
            ask_once("hot.txt"), sent,
            "an answer: who wakes looks again, in a loop, at what it waits for (step 5)");
        await_table("^  0 of 4 threads serve ", sent, "four workers without a client");
        await_settled(); /* meanwhile it waits, and is woken */
    }
    stop_trying();
    demand(lab_count_threads() == WORKERS + OTHER_THREADS, sent,
           words("%u threads", lab_count_threads()), "all %d workers still there (step 5)",
           WORKERS);
    lab_end();
}
END_TEST

/* Catches: the same with the dispatcher, which waits for room. */
START_TEST(spurious_wakeups_do_the_dispatcher_no_harm)
{
    struct http_connection *cold, *crowd[CROWD];
    const char *file;
    prepare_conditions("CONDITION_SPURIOUS", 1);
    begin("--threads 1 --queue 1");
    ask_cold_files(&cold, &file, 1);
    begin_trying();
    ask_crowd(crowd, CROWD);
    await_settled();
    stop_trying();
    lab_let_go();
    demand_files(&cold, &file, 1);
    demand_crowd(crowd, CROWD, "a full queue, and a dispatcher that was woken without a signal",
                 "an answer: it looks again, in a loop, whether there is room (step 5)");
    lab_end();
}
END_TEST

/* Catches: a signal only when the queue was empty. Two clients, one signal: one worker sleeps on.
 */
START_TEST(each_client_wakes_a_worker)
{
    struct http_connection *talks[2];
    const char *files[2] = {lab_new_file(COLD_BYTES), lab_new_file(COLD_BYTES)};
    prepare_conditions("CONDITION_SLOW_MS", SLOW_MS);
    begin("--threads %d", WORKERS);
    begin_trying();
    for (unsigned i = 0; i < 2; i++)
        talks[i] = ask_once(files[i]);
    for (unsigned i = 0; i < 2; i++)
        await_held(files[i], "two clients at once, workers that are slow to wake, reads held",
                   "a worker for each: one signal for each client put in (step 5)");
    stop_trying();
    lab_let_go();
    demand_files(talks, files, 2);
    lab_end();
}
END_TEST

/*
 * Catches: look, then lock, then wait. The worker is held where it has looked and not locked; a
 * client is put in, and the signal finds nobody. (Who looks under the lock is held before it
 * looks.)
 */
START_TEST(looking_and_waiting_are_one_step)
{
    struct http_connection *cold;
    const char *file;
    prepare_conditions("CONDITION_HOLD", 1);
    begin("--threads 1");
    ask_cold_files(&cold, &file, 1);
    unsigned before = ask_for_connections();
    begin_trying();
    lab_let_go();
    demand_file(cold, file);
    http_read_to_end(cold); /* so the worker comes back to the queue */
    http_close(cold);
    await_table("^  0 of 1 threads serve ", "a client that has left", "a worker without a client");
    struct http_connection *hot = ask_once("hot.txt");
    await_connections(before + 1, "a client", "one more connection");
    stop_trying();
    demand_answered(hot, "a client that comes just before its worker begins to wait",
                    "an answer: the worker looks at the queue under the lock, and waits (step 5)");
    lab_end();
}
END_TEST

/* Catches: the signal first, and then the change that it tells of. */
START_TEST(change_comes_before_the_signal)
{
    prepare_conditions("CONDITION_SIGNAL_MS", SLOW_MS);
    begin("--threads 1");
    begin_trying();
    for (unsigned i = 0; i < 3; i++) {
        struct http_connection *hot = ask_once("hot.txt");
        demand_answered(hot, "a client for a worker that is quick to wake",
                        "an answer: change the queue, then signal, under one lock (step 5)");
    }
    stop_trying();
    lab_end();
}
END_TEST

/* Catches: one condition for two things: the signal for the dispatcher wakes another worker. */
START_TEST(room_in_the_queue_wakes_the_dispatcher)
{
    struct http_connection *crowd[CROWD];
    prepare_conditions("CONDITION_SLOW_MS", SLOW_MS / 4);
    begin("--threads %d --queue 1", WORKERS);
    begin_trying();
    for (unsigned round = 0; round < 2; round++) {
        ask_crowd(crowd, CROWD);
        demand_crowd(crowd, CROWD,
                     "--queue 1, workers that are slow to wake, eight clients at once",
                     "an answer: when a worker has made room, the dispatcher is woken (step 5)");
    }
    stop_trying();
    lab_end();
}
END_TEST

/* --- in company ----------------------------------------------------------------------------- */

/* Catches: one request per connection; idle clients keep all the workers to themselves. */
START_TEST(idle_client_stays_until_somebody_waits)
{
    struct http_connection *idle[2];
    begin("--threads 2");
    for (unsigned i = 0; i < 2; i++) {
        idle[i] = lab_ask("hot.txt");
        demand_status(idle[i], 200);
    }
    await_table("^  2 of 2 threads serve ", "two clients that have an answer, and stay",
                "two workers that stay with them");
    demand_answered(ask_once("hot.txt"), "a third client, while two are idle and --threads is 2",
                    "an answer: say hall_set_crowded() after each change of the queue (step 6)");
    http_receive(idle[0]);
    http_receive(idle[1]);
    demand(!idle[0]->closed || !idle[1]->closed, "a third client", "both of the others closed",
           "one that stays");
    lab_end();
}
END_TEST

/* Catches: each worker for itself. */
START_TEST(one_read_of_a_file_is_for_all)
{
    struct http_connection *cold, *others[WORKERS - 1];
    const char *file;
    begin("--threads %d", WORKERS);
    ask_cold_files(&cold, &file, 1);
    for (unsigned i = 0; i < WORKERS - 1; i++)
        others[i] = ask_once(file);
    await_table("^  4 of 4 threads serve ", "four clients for the same cold file",
                "four busy workers");
    await_table("^ .* JOINED ", "four clients for the same cold file", "JOINED for three of them");
    lab_let_go();
    demand_files(&cold, &file, 1);
    for (unsigned i = 0; i < WORKERS - 1; i++) {
        demand_file(others[i], file);
        http_close(others[i]);
    }
    demand(slow_count(&lab_server, words(" s  held .* of %s by ", file)) == 1,
           "four clients for the same cold file", "more than one read of it", "one");
    lab_end();
}
END_TEST

/* --- the end -------------------------------------------------------------------------------- */

static void await_end(const char *sent, const char *expected)
{
    int64_t deadline = deadline_in(LAB_DEADLINE_MS);
    while (lab_count_threads() > 1 && deadline_retry(deadline))
        continue;
    demand(lab_count_threads() <= 1, sent,
           words("%u threads that have not ended", lab_count_threads()), "%s", expected);
}

/* Catches: signal where broadcast is needed; workers that nobody tells. */
START_TEST(end_wakes_every_worker)
{
    begin("--threads %d", WORKERS);
    kill(lab_server.program.pid, SIGTERM);
    await_end("SIGTERM, while all workers wait for clients",
              "the end: tell every worker that nobody will come any more (step 7)");
    lab_end();
}
END_TEST

/* Catches: SIGTERM drops who is in the queue, or who waits for the disk. */
START_TEST(end_serves_who_is_here)
{
    struct http_connection *cold[2], *crowd[CROWD];
    const char *files[2];
    begin("--threads 2 --queue 2");
    ask_cold_files(cold, files, 2);
    ask_crowd(crowd, CROWD);
    await_connections(1 + 2 + QUEUE, "a full queue", "two in the queue");
    kill(lab_server.program.pid, SIGTERM);
    lab_let_go();
    demand_files(cold, files, 2);
    demand_crowd(crowd, CROWD, "SIGTERM with a full queue and busy workers; then the disk goes on",
                 "an answer for everybody who was here before (step 7)");
    await_end("SIGTERM, and everybody has been served", "the end");
    lab_end();
}
END_TEST

/* Catches: the dispatcher sleeps until there is room, and there never is any. */
START_TEST(end_does_not_wait_for_ever)
{
    struct http_connection *cold, *crowd[CROWD];
    const char *file;
    setenv("LSAN_OPTIONS", "detect_leaks=0", 1); /* a thread is still inside its read */
    begin("--threads 1 --queue 1 --grace-time 300ms");
    ask_cold_files(&cold, &file, 1);
    ask_crowd(crowd, CROWD);
    await_settled();
    kill(lab_server.program.pid, SIGTERM);
    await_end("SIGTERM, --grace-time 300ms, a held read, a full queue",
              "the end: the dispatcher is woken, and waits no more (step 7: wake_dispatcher)");
    lab_end();
}
END_TEST

/* --- the list ------------------------------------------------------------------------------- */

static void add_tests(void)
{
    GRADE(there_are_as_many_workers_as_asked_for, 8);
    GRADE(others_answer_while_reads_are_held, 14);
    GRADE(fifth_waits_for_one_of_four, 12);
    GRADE(full_queue_stops_accepting_and_drops_nobody, 12);
    GRADE(first_come_first_served, 4);
    GRADE(waiting_costs_nothing, 4);
    GRADE(spurious_wakeups_do_a_worker_no_harm, 8);
    GRADE(spurious_wakeups_do_the_dispatcher_no_harm, 6);
    GRADE(each_client_wakes_a_worker, 6);
    GRADE(looking_and_waiting_are_one_step, 6);
    GRADE(change_comes_before_the_signal, 4);
    GRADE(room_in_the_queue_wakes_the_dispatcher, 4);
    GRADE(idle_client_stays_until_somebody_waits, 4);
    GRADE(one_read_of_a_file_is_for_all, 2);
    GRADE(end_wakes_every_worker, 3);
    GRADE(end_serves_who_is_here, 2);
    GRADE(end_does_not_wait_for_ever, 1);
}

const struct lab lab = {"02-threads", "--model threads", add_tests};
