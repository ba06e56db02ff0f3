/*
 * What a lab's tests.c is written with. One lab, one list of graded tests.
 *
 * The student's file is only ever inside the server, a process of its own. What is judged is what
 * that process does: what it answers, when, and which of its threads reads the disk. Nothing that
 * it prints counts, and no score comes from it.
 *
 * A test is an ordinary test of Check. The comment above it names the misconception it catches.
 * When it fails, its message must let a student repeat it: use demand_..., below, which say what
 * was sent, what came, and what was expected.
 *
 *     // Catches: one read at a time; the second waits until the first has ended.
 *     START_TEST(two_reads_are_under_way_at_once)
 *     {
 *         lab_hold("");
 *         struct http_connection *a = lab_ask_cold(lab_new_file(5000));
 *         struct http_connection *b = lab_ask_cold(lab_new_file(5000));
 *         ...
 *         lab_end();
 *     }
 *     END_TEST
 *
 *     static void add_tests(void)
 *     {
 *         GRADE(two_reads_are_under_way_at_once, 20);
 *     }
 *
 *     const struct lab lab = {"05-aio", "--model event --disk aio", add_tests};
 */
#ifndef GRADER_LAB_H
#define GRADER_LAB_H

#include "support/http_client.h"
#include "support/slow_disk.h"

#include <check.h>
#include <stdbool.h>
#include <stddef.h>

/* Deadlines are long: a right server answers in milliseconds, and never meets one. Times SCALE. */
enum { LAB_DEADLINE_MS = 30000 };

struct lab {
    const char *name;    /* of its directory: "05-aio" */
    const char *options; /* what its server is always started with: "--model event --disk aio" */
    void (*add_tests)(void);
};

/* Each tests.c defines its own. */
extern const struct lab lab;

/* Adds a test worth so many points; all of a lab's points make 100. */
#define GRADE(test, points) lab_add_test(test, #test, points)
void lab_add_test(const TTest *test, const char *name, unsigned points);

/* --- the files that are asked for ---------------------------------------------------------- */

/*
 * Makes a file of `bytes` random bytes, while the server runs, with a name that never was, so that
 * nobody can have loaded it before. Returns the name, "cold17.bin", which stays valid; its content
 * is remembered for the demands below.
 */
const char *lab_new_file(size_t bytes);

/* The path of the directory that is served. */
const char *lab_root(void);

/* --- the server ----------------------------------------------------------------------------- */

/* Starts the lab's server, with more options made by printf's rules, on an ordinary disk. */
void lab_start(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * The same with a disk that is held: each read of a file stands still until lab_release...().
 * "hot.txt" has been asked for once, and is in the page cache.
 */
void lab_hold(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The server that lab_start() or lab_hold() started, for slow_count() and the like. */
extern struct slow_disk lab_server;

/*
 * Ends the server by SIGTERM. The test fails if it crashed, did not end in time, left with another
 * status than 0, or if a sanitizer had something to say.
 */
void lab_end(void);

/* --- asking --------------------------------------------------------------------------------- */

/* Sends a GET for the file on a connection of its own, and says nothing more. */
struct http_connection *lab_ask(const char *file);

/* The same, and waits until a read of this file is held. */
struct http_connection *lab_ask_cold(const char *file);

/* Releases the reads of one file that are held; of all files; the one that is held longest. */
void lab_release(const char *file);
void lab_release_all(void);
void lab_release_one(void);

/* From now on nothing is held any more. */
void lab_let_go(void);

/* Demands a 200 with exactly the content of this file, within the deadline. */
void demand_file(struct http_connection *talk, const char *file);

/* Demands `count` answers with hot.txt, one after the other, each on a connection of its own. */
void demand_hot(unsigned count);

/* Demands that this request has had no answer so far. */
void demand_no_answer(struct http_connection *talk);

/* Demands this status as the one answer. */
void demand_status(struct http_connection *talk, int status);

/*
 * Fails the test unless `is_met`: what was sent (or done), what came, what was expected, the last
 * made by printf's rules. To be used where the demands above do not say it.
 */
void demand(bool is_met, const char *sent, const char *got, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* --- looking at the process, from outside --------------------------------------------------- */

/* Threads of the server now (/proc/PID/task). */
unsigned lab_count_threads(void);

/* How many reads were held so far in the first thread, and in the others: slowdisk's log tells. */
unsigned lab_count_reads_by_first_thread(void);
unsigned lab_count_reads_by_others(void);

/* CPU time that the server has used so far, of all threads, in milliseconds. */
unsigned lab_cpu_ms(void);

/* Open descriptors of the server now (/proc/PID/fd). */
unsigned lab_count_descriptors(void);

/*
 * Watches the server for `ms` milliseconds (times SCALE) while nothing happens to it, and demands
 * that it uses next to no CPU time.
 */
void demand_rest(unsigned ms);

#endif
